use async_openai::{config::{AzureConfig, OpenAIConfig}, Client};

pub struct State {
    pub client: Client<OpenAIConfig>,
    pub azure: Client<AzureConfig>,
}

pub struct Pair(pub Client<OpenAIConfig>, pub Client<AzureConfig>);
