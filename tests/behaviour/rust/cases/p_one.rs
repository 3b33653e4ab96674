#![allow(unused, clippy::all)]
use async_openai::{config::{AzureConfig, Config, OpenAIConfig}, Client};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, LazyLock};

type Pool = HashMap<String, Client<OpenAIConfig>>;

pub fn entry(pool: &mut Pool) -> &mut Client<OpenAIConfig> {
    pool.entry("a".into()).or_insert_with(Client::new)
}
pub fn entry_closure(pool: &mut Pool) -> &mut Client<OpenAIConfig> {
    pool.entry("a".into()).or_insert_with(|| Client::new())
}
pub fn map_config(all: Vec<OpenAIConfig>) -> Vec<Client<OpenAIConfig>> {
    all.into_iter().map(Client::with_config).collect()
}
pub fn map_generic<C: Config>(all: Vec<C>) -> Vec<Client<C>> {
    all.into_iter().map(Client::<C>::with_config).collect()
}
pub fn option(c: Option<Client<OpenAIConfig>>) -> Client<OpenAIConfig> {
    c.unwrap_or_else(Client::new)
}
pub fn option_or(c: Option<Client<OpenAIConfig>>) -> Client<OpenAIConfig> {
    c.unwrap_or(Client::new())
}
pub fn builder() -> String {
    let cfg = OpenAIConfig::new()
        .with_api_key("k")
        .with_api_base("https://api.openai.com/v1");
    Client::with_config(cfg).with_backoff(3).chat()
}
pub fn boxed() -> Box<dyn Fn() -> Client<OpenAIConfig>> { Box::new(|| Client::new()) }
pub fn boxed_fn() -> Box<dyn Fn() -> Client<OpenAIConfig>> { Box::new(Client::new) }
pub static A: OnceLock<Arc<Client<OpenAIConfig>>> = OnceLock::new();
pub fn shared() -> Arc<Client<OpenAIConfig>> { A.get_or_init(|| Arc::new(Client::new())).clone() }
pub static L: LazyLock<Arc<Client<OpenAIConfig>>> = LazyLock::new(|| Arc::new(Client::new()));
pub fn pointer() { let f: fn(OpenAIConfig) -> Client<OpenAIConfig> = Client::with_config; f(OpenAIConfig::new()); }
pub fn cast() { let f = Client::new as fn() -> Client<OpenAIConfig>; f(); }
pub fn array() -> [Client<OpenAIConfig>; 2] { [Client::new(), Client::new()] }
pub fn ranged() { for i in 0..2 { let _c = if i == 0 { Client::new() } else { Client::with_config(OpenAIConfig::new()) }; } }
pub fn labeled() -> Client<OpenAIConfig> { 'a: { if true { break 'a Client::new(); } Client::new() } }
pub fn question() -> Option<Client<OpenAIConfig>> { let c = Some(Client::new())?; Some(c) }
pub async fn awaited() -> Client<OpenAIConfig> { async move { Client::new() }.await }
pub fn matched(x: u8) -> Client<OpenAIConfig> { match x { 0 => Client::new(), n if n > 3 => { Client::with_config(OpenAIConfig::new()) } _ => unreachable!("{}", Client::new().chat()) } }
pub struct Holder<'a> { c: &'a Client<OpenAIConfig>, f: fn() -> Client<OpenAIConfig> }
pub fn holder() { let c = Client::new(); let h = Holder { c: &c, f: Client::new }; let _ = (h.f)(); }
pub fn update() { #[derive(Clone)] struct S { c: Client<OpenAIConfig>, n: u8 } let s = S { c: Client::new(), n: 1 }; let _ = S { c: Client::new(), ..s }; }
pub fn index() { let v = vec![Client::new(); 2]; let _ = v[0].chat(); }
pub fn repeat() { let v = vec![Client::new(), Client::with_config(OpenAIConfig::new()),]; drop(v); }
pub fn nested_macro() { assert_eq!(format!("{}", Client::new().chat()), format!("{x}", x = Client::new().chat())); }
pub fn write_macro() -> String { use std::fmt::Write; let mut s = String::new(); let _ = write!(s, "{}", Client::new().chat()); s }
pub fn matches_macro() -> bool { matches!(Some(Client::new()).as_ref().map(|c| c.chat()), Some(s) if s.is_empty()) }
pub fn todo_macro(b: bool) { if b { panic!("{:?}", Client::new()) } }
pub fn cfg_macro() { if cfg!(test) { Client::new(); } }
pub fn debug_assert_macro() { debug_assert!(Client::new().chat().is_empty(), "no {}", 1); }
pub fn generic<C: Config + Default>(c: C) -> Client<C> { Client::with_config(c) }
pub fn impl_trait() -> impl std::fmt::Debug { Client::new() }
pub fn dyn_trait() -> Box<dyn std::fmt::Debug> { Box::new(Client::new()) }
pub const MAKE: fn() -> Client<OpenAIConfig> = Client::new;
pub fn shadow_fn() { fn new() -> u8 { 1 } let _ = new(); Client::new(); }
pub fn shadow_mod() { mod inner { pub struct Client; impl Client { pub fn new() -> Self { Client } } } use inner::Client; Client::new(); }
pub fn shadow_type() { type Client = Vec<u8>; let _ = Client::new(); }
pub fn shadow_generic<Client: Default>() -> Client { Client::default() }
pub fn shadow_struct_later() { let _ = Client::new(); struct Client; impl Client { fn new() -> u8 { 1 } } }
pub fn shadow_use_in_block() { { use std::vec::Vec as Client; let _: Client<u8> = Client::new(); } Client::new(); }
pub fn variable_named() { let client = Client::new(); let Client = 3; }
pub mod inner_glob { use super::*; pub fn f() -> Client<OpenAIConfig> { Client::new() } }
pub mod inner_super { pub fn f() { super::Client::new(); self::deeper::g(); } pub mod deeper { pub fn g() { super::super::Client::new(); } } }
pub mod inner_none { pub struct Client; impl Client { pub fn new() -> Self { Client } } pub fn f() { Client::new(); } }
pub mod inner_glob_shadow { use super::*; pub struct Client; impl Client { pub fn new() -> Self { Client } } pub fn f() { Client::new(); super::Client::new(); } }
pub trait HasClient { fn client() -> Client<OpenAIConfig> { Client::new() } const F: fn() -> Client<OpenAIConfig> = Client::new; }
impl HasClient for () {}
pub union U { a: u8 }
pub enum E { A(Client<OpenAIConfig>), B { c: Client<OpenAIConfig> } }
impl Default for E { fn default() -> Self { Self::B { c: Client::new() } } }
impl From<OpenAIConfig> for E { fn from(c: OpenAIConfig) -> Self { E::A(Client::with_config(c)) } }
/// ```
/// let c = async_openai::Client::new();
/// ```
#[doc = "Client::new()"]
pub fn docs() -> &'static str { r#"Client::new()"# }
pub fn raw_ident() -> Client<OpenAIConfig> { let r#client = Client::new(); r#client }
pub fn spaced() -> Client<OpenAIConfig> { Client :: new ( ) }
pub fn turbo() { Client::<OpenAIConfig>::new(); Client::<AzureConfig>::with_config(AzureConfig::new()); <Client<OpenAIConfig>>::new(); <Client<_>>::with_config(OpenAIConfig::new()); }
pub fn full() { async_openai::Client::new(); ::async_openai::Client::new(); async_openai::Client::<OpenAIConfig>::new(); }
pub fn as_cfg() -> Client<impl Config> { Client::with_config(OpenAIConfig::new()) }
pub fn unit_closure() { let f = |_: ()| Client::new(); f(()); let g = |c: OpenAIConfig| -> Client<OpenAIConfig> { Client::with_config(c) }; g(OpenAIConfig::new()); }
pub fn let_else() { let Some(c) = Some(Client::new()) else { return }; drop(c); }
pub fn if_let_chain() { if let Some(c) = Some(Client::new()) { drop(c) } else if let Ok(d) = Ok::<_, ()>(Client::new()) { drop(d) } }
pub fn unsafe_block() { unsafe { Client::new(); } }
pub fn const_block() { let _ = const { 1 }; Client::new(); }
pub fn reference() { let _ = &mut Client::new(); let _ = &Client::with_config(OpenAIConfig::new()); }
pub fn deref() { let _ = (*Box::new(Client::new())).chat(); }
pub fn method_arg() { let mut v = Vec::new(); v.push(Client::new()); v.extend([Client::new()]); }
pub fn tuple_struct() { struct T(Client<OpenAIConfig>); let T(c) = T(Client::new()); drop(c); }
pub fn static_in_fn() { static S: OnceLock<Client<OpenAIConfig>> = OnceLock::new(); S.get_or_init(Client::new); }
