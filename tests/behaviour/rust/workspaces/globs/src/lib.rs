pub mod openai_client;
pub mod prelude;
pub mod app;
pub mod more;
