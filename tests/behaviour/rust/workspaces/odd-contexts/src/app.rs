use async_openai::{config::{AzureConfig, OpenAIConfig}, Client};
use std::sync::{Arc, LazyLock, OnceLock};

pub fn by_ref(workspace_id: &str) -> Client<OpenAIConfig> {
    Client::new() // gives client(Some(workspace_id))
}
pub fn by_value(workspace_id: String) -> (Client<OpenAIConfig>, String) {
    (Client::new(), workspace_id) // gives client(Some(&workspace_id))
}
pub fn moved_before(workspace_id: String) -> Client<OpenAIConfig> {
    let other = workspace_id;
    Client::new() // gives client(None)
}
pub fn optional(workspace_id: Option<&str>) -> Client<OpenAIConfig> {
    Client::new()
}
pub fn optional_owned(workspace_id: Option<String>) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub fn number(workspace_id: u64) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub fn generic<S: AsRef<str>>(workspace_id: S) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub fn implied(workspace_id: impl Into<String>) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub fn arc(workspace_id: Arc<str>) -> Client<OpenAIConfig> {
    Client::new() // gives client(Some(&workspace_id))
}
pub fn boxed(workspace_id: Box<str>) -> Client<OpenAIConfig> {
    Client::new() // gives client(Some(&workspace_id))
}
pub fn lifetimes<'a>(workspace_id: &'a str) -> Client<OpenAIConfig> {
    Client::with_config(OpenAIConfig::new()) // gives client_with_config(OpenAIConfig::new(), Some(workspace_id))
}
pub fn mutable(mut workspace_id: String) -> Client<OpenAIConfig> {
    workspace_id.push('x');
    Client::new() // gives Some(&workspace_id)
}
pub fn slice(workspace_id: &String) -> Client<OpenAIConfig> {
    Client::new() // gives Some(workspace_id)
}
pub fn twice(workspace_id: &&str) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub fn bytes(workspace_id: &[u8]) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub static LAZY: LazyLock<Client<OpenAIConfig>> = LazyLock::new(|| Client::new()); // gives client(None)
pub static FUNCTION: LazyLock<Client<OpenAIConfig>> = LazyLock::new(Client::new); // held
pub static ONCE: OnceLock<Client<OpenAIConfig>> = OnceLock::new();
pub fn once() -> &'static Client<OpenAIConfig> {
    ONCE.get_or_init(|| Client::with_config(OpenAIConfig::default())) // gives None
}
pub fn azure(workspace_id: &str) -> Client<AzureConfig> {
    Client::with_config(AzureConfig::new()) // gives Some(workspace_id)
}
pub fn built(workspace_id: &str) -> Client<OpenAIConfig> {
    Client::build(1, OpenAIConfig::new(), 2) // held
}
pub fn lines(workspace_id: &str) -> Client<OpenAIConfig> {
    Client::with_config(
        OpenAIConfig::new() // the configuration
            .with_api_key("k"),
    )
    .with_backoff(1)
}
