#![allow(dead_code)]
// leading
#[allow(unused_imports)] // why
use async_openai::Client;
#[cfg(unix)]
#[rustfmt::skip]
use {async_openai::Client as Unix};
#[cfg(not(unix))]
use self::other::Client as Unix;
/* before */ use async_openai::Client as Before; /* after */
use async_openai::Client as First; use async_openai::config::OpenAIConfig; use async_openai::Client as Last;
use async_openai::{
    // the client
    Client as Commented,
    // the types
    types::Role, /* both */ types::Image,
};
use async_openai::{types::{self as kinds, Role as Part}, Client as Ended,};
use async_openai::{Client as Opened, types as more};
use async_openai::{{Client as Double}, {types::{Role as Deep}}};
use ::async_openai::{Client as Rooted};
use crate::{o_uses::other::{Client as Foreign, Sdk}, o_uses::deep::deeper::{self, Client as Deeper}};
pub(crate) use async_openai::Client as Crate;
pub(self) use async_openai::Client as Own;
pub(in crate::o_uses) use async_openai::Client as Within;

pub mod other {
    pub struct Client;
    impl Client { pub fn new() -> Self { Self } }
    pub use async_openai as Sdk;
}

pub mod deep {
    pub mod deeper {
        pub use async_openai::Client;
        pub fn hi() {}
    }
}

pub fn f(_: Role, _: Image, _: kinds::Role, _: Part, _: more::Role, _: Deep, _: OpenAIConfig) {
    Client::new();
    Unix::new();
    Before::new();
    First::new();
    Last::new();
    Commented::new();
    Ended::new();
    Opened::new();
    Double::new();
    Rooted::new();
    Foreign::new();
    Sdk::Client::new();
    deeper::Client::new();
    deeper::hi();
    Deeper::new();
    Crate::new();
    Own::new();
    Within::new();
    #[cfg(unix)]
    use async_openai::Client as Statement;
    #[cfg(unix)]
    Statement::new();
    #[cfg(unix)] { Statement::new(); }
    let _ = [#[cfg(unix)] Statement::new(), #[cfg(not(unix))] other::Client::new()];
    match () { #[cfg(unix)] () => { Client::new(); } #[cfg(not(unix))] () => {} }
}
