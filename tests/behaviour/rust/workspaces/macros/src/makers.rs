use async_openai::{config::OpenAIConfig, Client};

macro_rules! by_type { ($t:ty) => { <$t>::new() }; } // held
macro_rules! by_path { ($t:path) => { <$t>::with_config(OpenAIConfig::new()) }; } // held
macro_rules! by_name { ($t:ident) => { $t::new() }; } // held
macro_rules! whole { () => { async_openai::Client::new() }; } // held
macro_rules! field { ($name:ident) => { pub struct $name { pub client: async_openai::Client<OpenAIConfig> } impl $name { pub fn make() -> Self { Self { client: async_openai::Client::new() } } } } } // held
field!(Holder);

pub fn f() {
    let _: Client<OpenAIConfig> = by_type!(Client<OpenAIConfig>);
    let _ = by_path!(Client<OpenAIConfig>);
    let _: Client<OpenAIConfig> = by_name!(Client);
    let _ = whole!();
    let _: Vec<String> = by_type!(Vec<String>);
    let _ = Holder::make();
}
