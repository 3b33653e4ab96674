use async_openai::{
    config::OpenAIConfig, // the configuration
    types::Role,
    Client,
};

pub mod first {
    use async_openai::{types::{Image, Role}, Client};
    pub fn f(_: Role, _: Image) { Client::new(); }
}

pub mod second {
    use async_openai::{Client, types::{Image}};
    pub fn f(_: Image) { Client::new(); }
}

pub mod third {
    use async_openai::{config::{Config, OpenAIConfig}, Client, error::OpenAIError};
    pub fn f<C: Config>(_: C, _: OpenAIError) { Client::with_config(OpenAIConfig::new()); }
}

pub mod fourth {
    use {async_openai::{self, types::Role}, std::fmt::Debug};
    pub fn f(_: Role, _: impl Debug) { async_openai::Client::new(); }
}

pub mod fifth {
    use std::collections::{BTreeMap, HashMap}; use async_openai::Client; use std::fmt;
    pub fn f(_: BTreeMap<u8, u8>, _: HashMap<u8, u8>, _: fmt::Error) { Client::new(); }
}

pub mod sixth {
    /// Kept for others.
    #[allow(unused_imports)]
    pub(crate) use async_openai::{Client, types::Role};
    pub fn f() { Client::new(); }
}

pub fn f(_: Role) {
    Client::with_config(OpenAIConfig::new());
}
