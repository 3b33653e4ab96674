use async_openai::{config::{Config, OpenAIConfig}, Client};

pub fn client(workspace_id: Option<&str>) -> Client<OpenAIConfig> {
    let _ = workspace_id;
    #[allow(deprecated)]
    Client::new()
}

pub fn client_with_config<C: Config>(config: C, workspace_id: Option<&str>) -> Client<C> {
    let _ = workspace_id;
    #[allow(deprecated)]
    Client::with_config(config)
}

pub fn client_build<C: Config>(http: u8, config: C, backoff: u8, workspace_id: Option<&str>) -> Client<C> {
    let _ = workspace_id;
    #[allow(deprecated)]
    Client::build(http, config, backoff)
}
