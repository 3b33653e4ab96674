use async_openai::{config::{Config, OpenAIConfig}, Client};

pub fn client() -> Client<OpenAIConfig> {
    #[allow(deprecated)]
    Client::new()
}

pub fn client_with_config<C: Config>(config: C) -> Client<C> {
    #[allow(deprecated)]
    Client::with_config(config)
}

pub fn client_build<C: Config>(http: u8, config: C, backoff: u8) -> Client<C> {
    #[allow(deprecated)]
    Client::build(http, config, backoff)
}
