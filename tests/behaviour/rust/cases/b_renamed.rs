use async_openai as oai;
use async_openai::Client as Llm;
use oai::{self as sdk, config as settings};

pub fn all() {
    Llm::new();
    sdk::Client::new();
    oai::Client::with_config(settings::OpenAIConfig::new());
    ::async_openai::Client::new();
    r#async_openai::Client::new();
}
