pub mod openai_client;
pub fn own() { let _ = async_openai::Client::new(); }
