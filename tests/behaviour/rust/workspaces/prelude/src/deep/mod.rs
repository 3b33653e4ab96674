pub mod er; pub struct Thing; use crate::prelude::*; pub fn f(_: Thing) -> Client<OpenAIConfig> { Client::new() }
