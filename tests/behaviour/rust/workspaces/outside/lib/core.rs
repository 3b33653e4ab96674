pub mod llm;
pub mod app;
