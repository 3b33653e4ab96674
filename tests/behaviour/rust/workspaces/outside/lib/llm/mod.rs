pub mod openai_client;
