pub mod openai_client; pub mod deep; pub mod prelude { pub use async_openai::{Client, config::*}; pub use crate::deep::Thing; }
