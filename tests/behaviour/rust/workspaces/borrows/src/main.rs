use async_openai::Client;
fn main() { let workspace_id = String::from("w"); let _ = Client::new(); let _ = borrows::openai_client::client("x"); }
