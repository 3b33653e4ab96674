#![allow(dead_code, unused_variables, clippy::all)]
pub mod openai_client;
pub mod app;
pub mod structs;
pub mod flow;
pub mod odd;
