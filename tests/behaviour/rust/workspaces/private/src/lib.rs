mod openai_client; pub mod a; pub fn used() { openai_client::client(); let _ = openai_client::client_with_config(async_openai::config::OpenAIConfig::new()); }
