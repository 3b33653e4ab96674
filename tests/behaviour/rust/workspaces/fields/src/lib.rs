pub mod openai_client;
pub mod state;
pub mod build;
pub mod imp;
