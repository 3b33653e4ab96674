use async_openai::Client;
fn main() { Client::new(); } // held
