#![allow(unused_variables, unused_assignments, unused_mut, clippy::all)]

use async_openai::{self as sdk, config::{self as settings, OpenAIConfig as r#Config}, Client as r#try};
use {async_openai::{Client as Inner, error as failures}, std::sync::{Arc, Mutex}};
use async_openai::Client as _;

macro_rules! twice { ($e:expr) => { ($e, $e) }; }
macro_rules! own { () => { ::async_openai::Client::new() }; }

#[derive(Clone)]
pub struct Fields { pub inner: Inner<r#Config>, pub workspace_id: String }

pub enum Either { Left(Inner<Config>), Right { client: sdk::Client<settings::OpenAIConfig> } }

pub const fn constant() -> u8 { 1 }

impl Fields {
    const NAME: &'static str = "Client::new()";

    pub fn new(workspace_id: String) -> Self {
        Fields { workspace_id, inner: Inner::new() }
    }

    pub async fn later(&self) -> sdk::Client<settings::OpenAIConfig> {
        async { sdk::Client::new() }.await
    }

    pub fn chained(&self) -> String {
        Inner::new().with_backoff(1).chat() + &r#try::new().chat() + &sdk::Client::<Config>::new().chat()
    }

    pub fn nested(self: Box<Self>) -> impl Fn() -> Inner<Config> {
        move || { let f = || Inner::new(); f() }
    }
}

pub fn r#fn(r#type: u8) -> Either {
    match r#type {
        0 => Either::Left(Inner::new()),
        1 if Inner::new().chat().is_empty() => Either::Right { client: sdk::Client::new() },
        _ => Either::Right { client: { Inner::new() } },
    }
}

pub fn macros() {
    let _ = twice!(Inner::new());
    let _ = twice!(twice!((Inner::new(), 1)));
    let _: Inner<Config> = own!();
    let all = vec![vec![Inner::new()], vec![Inner::new(), r#try::new()]];
    println!("{} {}", format!("{}", Inner::new().chat()), format_args!("{}", Inner::new().chat()));
    assert!(matches!(Some(Inner::new()), Some(_)), "{:?}", Inner::new());
    let _ = dbg!(Inner::new());
    if let Some(c) = Some(Inner::new()) { drop(c) }
    let Some(client) = Some(Inner::new()) else { let _ = Inner::new(); return };
    while let Some(_) = None::<Inner<Config>>.or_else(|| Some(Inner::new())) { break }
    let [a, b] = [Inner::new(), Inner::new()];
    let _ = std::iter::repeat_with(Inner::new).take(2).collect::<Vec<_>>();
    let _ = (0..2).map(|_| Inner::new()).count();
    let _ = Arc::new(Mutex::new(Inner::new()));
    let _ = Box::new(Inner::new()) as Box<dyn std::fmt::Debug>;
    let _ = &Inner::new();
    let _ = { use async_openai::Client; Client::new() };
    let _ = (|| -> Result<Inner<Config>, failures::OpenAIError> { Ok(Inner::new()) })();
    let x = 'outer: loop { break 'outer Inner::new(); };
    let y = unsafe { Inner::new() };
    let z = if true { Inner::new() } else { return };
    let _ = Inner
        ::new();
    let _ = (Inner::new)();
    let f: fn() -> Inner<Config> = Inner::new;
    let _ = f();
    let _ = Inner::with_config(Config::new().with_api_base({ "https://api.openai.com/v1" }));
}

#[cfg(test)]
mod tests {
    use super::r#try as Again;
    use super::*;
    #[test]
    fn runs() { let _ = Again::new(); let _ = Inner::new(); }
}

pub mod shadowed {
    #[allow(non_snake_case)]
    pub fn Inner() -> u8 { 1 }
    pub struct Client;
    impl Client { pub fn new() -> Self { Self } }
    pub fn f() {
        Client::new();
        super::Inner::new();
        { use async_openai::*; Client::new(); }
        struct Inner;
        impl Inner { fn new() -> Self { Inner } }
        Inner::new();
    }
}

pub mod globs {
    pub use super::sdk::*;
    pub mod below {
        use super::*;
        pub fn f<Client: Default>() -> Client { Client::default() }
        pub fn g() { Client::new(); self::inner::Client::new(); super::Client::new(); }
        mod inner { pub(super) struct Client; impl Client { pub(super) fn new() {} } }
    }
}

pub trait Make { type Client; fn make() -> Self::Client; fn again() -> super::n_nasty::sdk::Client<Config> { super::n_nasty::sdk::Client::new() } }
impl Make for Fields { type Client = Inner<Config>; fn make() -> Self::Client { Inner::new() } }

thread_local! { static LOCAL: Inner<Config> = Inner::new(); static CELL: std::cell::RefCell<Option<Inner<Config>>> = const { std::cell::RefCell::new(None) }; }
