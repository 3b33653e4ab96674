use async_openai::{config::OpenAIConfig, Client};

pub fn with(workspace_id: &str) -> String {
    let a = Client::new();
    let b = Client::with_config(OpenAIConfig::new());
    format!("{workspace_id}{a:?}{b:?}")
}

pub fn without() {
    let _ = Client::new();
    let _ = Client::with_config(OpenAIConfig::new()); // held
}
