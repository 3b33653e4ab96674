//! `async_openai::Client::new()` in words only.

/// ```ignore
/// async_openai::Client::new();
/// ```
pub struct Client;

impl Client {
    pub fn new() -> Self { Client }
    pub fn build() -> Self { Self::new() }
}

pub fn f() -> &'static str {
    Client::new();
    Client::build();
    // async_openai::Client::new()
    "async_openai::Client::new()"
}

pub fn uses(client: &async_openai::Client<async_openai::config::OpenAIConfig>) {
    client.chat();
    async_openai::Client::chat(client);
    let _ = async_openai::Client::with_backoff(client.clone(), 1);
}
