#![allow(unused)]
pub mod openai_client;
use async_openai::{config::{Config, OpenAIConfig}, Client};
pub trait Maker { type Out; fn make(&self) -> Self::Out; }
impl Maker for OpenAIConfig { type Out = Client<OpenAIConfig>; fn make(&self) -> Self::Out { Client::with_config(self.clone()) } }
pub struct Wrapper<C: Config = OpenAIConfig>(Client<C>);
impl Wrapper { pub fn new() -> Self { Self(Client::new()) } pub fn again() -> Self { Wrapper(Client::new()) } }
impl<C: Config> Wrapper<C> { pub fn with(c: C) -> Self { Wrapper(Client::with_config(c)) } }
impl<C: Config> std::ops::Deref for Wrapper<C> { type Target = Client<C>; fn deref(&self) -> &Client<C> { &self.0 } }
pub fn new() -> Wrapper { Wrapper::new() }
pub struct Client2; impl Client2 { pub fn new() -> Self { Client2 } }
pub fn f() { Client2::new(); crate::new(); }
pub type Make = fn() -> Client<OpenAIConfig>;
pub static TABLE: &[(&str, Make)] = &[("a", Client::new), ("b", || Client::new())];
pub fn pick(b: bool) -> Make { if b { Client::new } else { || Client::new() } }
pub fn map() -> std::collections::HashMap<&'static str, Make> { [("x", Client::new as Make)].into_iter().collect() }
pub fn opt(c: Option<OpenAIConfig>) -> Client<OpenAIConfig> { c.map_or_else(Client::new, Client::with_config) }
pub fn opt2(c: Option<OpenAIConfig>) -> Client<OpenAIConfig> { c.map(Client::with_config).unwrap_or_else(|| Client::new()) }
pub fn res(c: Result<OpenAIConfig, ()>) -> Client<OpenAIConfig> { match c { Ok(c) => Client::with_config(c), Err(()) => Client::new() } }
pub fn iter(c: Vec<OpenAIConfig>) -> impl Iterator<Item = Client<OpenAIConfig>> { c.into_iter().map(Client::with_config).chain(std::iter::once_with(Client::new)) }
pub fn thread() { std::thread::spawn(|| Client::new()).join().ok(); std::thread::spawn(Client::new).join().ok(); }
pub const fn unit() {}
pub fn with_attr() { #[rustfmt::skip] let _c = Client::new(); #[allow(clippy::all)] { Client::new(); } }
pub fn loopy() { let c = loop { break Client::new(); }; let d = 'l: { break 'l Client::new(); }; }
pub fn ret() -> Client<OpenAIConfig> { return Client::new(); }
pub fn nested() { fn inner() -> Client<OpenAIConfig> { Client::new() } inner(); { use async_openai::Client as X; X::new(); } }
pub fn shadow() { let Client = |n: u8| n; Client(1); let c = async_openai::Client::new(); }
const FAR: &str = "https://api.groq.com/openai/v1";
const NEAR: &str = "https://api.openai.com/v1";
pub fn far(fast: bool) { let base = if fast { FAR } else { NEAR }; let _ = Client::with_config(OpenAIConfig::new().with_api_base(base)); } // held
pub fn near() { let mut base = ""; base = NEAR; let _ = Client::with_config(OpenAIConfig::new().with_api_base(base)); }
pub fn later() { let mut base = NEAR; base = FAR; let _ = Client::with_config(OpenAIConfig::new().with_api_base(base)); } // held
