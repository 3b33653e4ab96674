pub mod again;
pub mod openai_client;
pub mod state;
pub mod imp;
