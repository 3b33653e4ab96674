use async_openai::Client;
fn main() { let workspace_id = std::env::args().nth(1).unwrap_or_default(); let _ = Client::new(); } // held
