pub mod openai_client; pub mod a; pub fn used() { let _ = openai_client::client_with_config(async_openai::config::OpenAIConfig::new()); }
