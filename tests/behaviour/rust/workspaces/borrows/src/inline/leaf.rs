use async_openai::Client;
pub fn f() { let _ = Client::new(); } // held
