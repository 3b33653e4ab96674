use async_openai::{config::{Config, OpenAIConfig}, Client};
pub fn client() -> Client<OpenAIConfig> { #[allow(deprecated)] Client::new() }
pub fn client_with_config<C: Config>(config: C) -> Client<C> { #[allow(deprecated)] Client::with_config(config) }
