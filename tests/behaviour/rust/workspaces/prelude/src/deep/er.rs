use crate::prelude::*; pub fn f() { let _ = Client::with_config(OpenAIConfig::new()); }
pub mod inner { use super::*; pub fn g() { let _ = Client::new(); } }
pub mod outer { pub use super::super::super::prelude as p; pub fn g() { let _ = p::Client::new(); } }
