pub fn included() { let _ = async_openai::Client::new(); } // held
