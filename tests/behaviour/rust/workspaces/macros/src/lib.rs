pub mod openai_client;
pub mod makers;
