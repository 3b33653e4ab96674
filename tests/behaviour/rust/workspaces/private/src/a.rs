use async_openai::Client;
pub fn f() { Client::new(); }
