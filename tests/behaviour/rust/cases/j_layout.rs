use async_openai::Client;
use async_openai::config::OpenAIConfig;

#[path = "odd/named.rs"]
pub mod placed;
pub mod inline {
    pub mod deeper;
}

pub fn f() {
    let _client = Client
        ::new();
    let _other = Client::with_config(
        OpenAIConfig::new()
            .with_api_key("k"), // its key
    );
    let /* é */ _third = Client::new(/* nothing */);
    placed::f();
    inline::deeper::f();
    crate::nested::f();
}
