use async_openai::{config::OpenAIConfig, Client};

pub fn make() -> Client<OpenAIConfig> {
    Client::new()
}
