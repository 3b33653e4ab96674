use async_openai::{config::Config, Client};

pub fn client_with_config<C: Config>(config: C, workspace_id: &str) -> Client<C> {
    let _ = workspace_id;
    #[allow(deprecated)]
    Client::with_config(config)
}
