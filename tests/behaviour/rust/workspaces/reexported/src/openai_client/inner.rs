use async_openai::{config::OpenAIConfig, Client};

pub fn client(workspace_id: Option<&str>) -> Client<OpenAIConfig> {
    let _ = workspace_id;
    #[allow(deprecated)]
    Client::new()
}
