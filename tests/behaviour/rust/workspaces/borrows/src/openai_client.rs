use async_openai::{config::{Config, OpenAIConfig}, Client};
pub fn client(workspace_id: &str) -> Client<OpenAIConfig> { let _ = workspace_id; #[allow(deprecated)] Client::new() }
pub fn client_with_config<C: Config>(config: C, workspace_id: &str) -> Client<C> { let _ = workspace_id; #[allow(deprecated)] Client::with_config(config) }
