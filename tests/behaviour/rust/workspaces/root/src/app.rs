use async_openai::{config::OpenAIConfig, Client};

pub fn make() -> Client<OpenAIConfig> {
    let _ = Client::with_config(OpenAIConfig::new());
    Client::new()
}

pub mod inner {
    pub fn make() {
        let _ = async_openai::Client::new();
    }
}
