#![allow(unused, clippy::all, unexpected_cfgs)]
use async_openai::{config::OpenAIConfig, Client};
use std::sync::Arc;
macro_rules! make { ($t:ident) => { $t::new() }; ($t:ident, $e:expr) => { $t::with_config($e) }; }
macro_rules! build_one { (azure) => { Client::with_config(async_openai::config::AzureConfig::new()) }; (openai) => { Client::new() }; }
macro_rules! wrap { ($($body:tt)*) => { { $($body)* } }; }
macro_rules! id { ($e:expr) => { $e }; }
macro_rules! statements { ($($s:stmt;)*) => { $($s;)* }; }
macro_rules! structs { ($name:ident { $($field:ident : $value:expr),* }) => { pub fn $name() { $(let $field = $value;)* } }; }
pub struct Other; impl Other { pub fn new() -> Self { Other } }
pub fn f() {
    let _ = make!(Client);
    let _ = make!(Other);
    let _ = make!(Client, OpenAIConfig::new());
    let _ = build_one!(openai);
    let _ = build_one!(azure);
    let _ = wrap! { let c = Client::new(); c.chat() };
    let _ = id!(Client::new());
    let _ = id!({ let c = Client::new(); c });
    statements! { let a = Client::new(); let b = a.chat(); }
    let _ = id!(id!(id!(Client::new())));
    let _ = id!(|| Client::new())();
    let _ = id!(if true { Client::new() } else { Client::with_config(OpenAIConfig::new()) });
    let _ = id!(match 1 { 1 => Client::new(), _ => Client::new() });
    let _ = id!(Arc::new(Client::new()).clone());
    let _ = vec![Client::new(); 1];
    let _ = [id!(Client::new()), Client::new()];
    println!("{0} {0:?} {name}", Client::new().chat(), name = Client::new().chat());
    eprintln!("{}", { let c = Client::new(); c.chat() });
    assert_ne!(Client::new().chat(), "x", "{}", Client::new().chat());
    let _ = concat!("Client::new()", 1);
    let _ = stringify!(Client::new());
}
structs!(made { one: Client::new(), two: Client::with_config(OpenAIConfig::new()) });
structs!(other { one: Other::new() });
