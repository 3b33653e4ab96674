#![allow(dead_code, unused_variables)]
pub mod openai_client;
pub mod svc;
#[path = "odd/place.rs"]
pub mod placed;
mod inline {
    pub mod leaf;
    include!("included.rs");
}
