pub mod openai_client;
pub mod app;
