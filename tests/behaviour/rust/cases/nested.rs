pub mod inner;
use async_openai::Client;
pub fn f() { Client::new(); inner::f(); }
