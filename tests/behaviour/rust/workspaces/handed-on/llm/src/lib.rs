pub mod openai_client;

pub mod prelude {
    pub use async_openai::{config::OpenAIConfig, Client};
}

pub use async_openai::Client as Llm;
