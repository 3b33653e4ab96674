use async_openai as sdk;
use async_openai::{Client as LlmClient, config};

pub fn raw() -> sdk::Client<config::OpenAIConfig> {
    r#sdk::r#Client::r#new()
}
pub fn turbofish() -> sdk::Client<config::OpenAIConfig> {
    sdk::Client::<config::OpenAIConfig>::new()
}
pub fn qualified() -> sdk::Client<config::OpenAIConfig> {
    <sdk::Client<config::OpenAIConfig>>::new()
}
pub fn chain() -> String {
    LlmClient::new().with_backoff(1).chat()
}
pub fn let_chain(text: &str) -> bool {
    if let client = LlmClient::new() && client.chat().is_empty() && text.is_empty() { true } else { false }
}
pub fn array() -> [LlmClient<config::OpenAIConfig>; 2] {
    [(); 2].map(|()| LlmClient::new())
}
pub fn tuple() -> (LlmClient<config::OpenAIConfig>, u8) {
    (LlmClient::new(), 1)
}
pub fn dynamic() -> Box<dyn std::any::Any> {
    Box::new(LlmClient::new())
}
pub fn pointer() -> fn() -> LlmClient<config::OpenAIConfig> {
    LlmClient::new // held
}
pub fn mapped() -> Vec<LlmClient<config::OpenAIConfig>> {
    vec![config::OpenAIConfig::new()].into_iter().map(LlmClient::with_config).collect() // held
}
pub fn unwrapped(given: Option<LlmClient<config::OpenAIConfig>>) -> LlmClient<config::OpenAIConfig> {
    given.unwrap_or_else(LlmClient::new) // held
}
pub fn or_default(given: Option<LlmClient<config::OpenAIConfig>>) -> LlmClient<config::OpenAIConfig> {
    given.unwrap_or_else(|| LlmClient::default())
}
pub fn struct_update() -> Settings {
    Settings { client: LlmClient::new(), ..Settings::base() }
}
pub struct Settings { client: LlmClient<config::OpenAIConfig>, name: u8 }
impl Settings {
    fn base() -> Self { Self { client: LlmClient::new(), name: 1 } }
}
pub mod inner {
    pub use super::sdk::Client;
    pub fn make() { let _ = Client::new(); let _ = self::Client::new(); let _ = super::inner::Client::new(); }
}
pub fn local_use() {
    use inner::*;
    let _ = Client::new();
}
pub fn local_module() {
    mod deep { pub fn make() { let _ = async_openai::Client::new(); } }
    deep::make();
}
pub fn matching() -> u8 {
    match LlmClient::new() { _client => 1 }
}
pub fn returning() -> Result<LlmClient<config::OpenAIConfig>, ()> {
    return Ok(LlmClient::new());
}
pub fn asserted() {
    debug_assert!(LlmClient::new().chat().is_empty(), "{:?}", LlmClient::new());
    let _ = std::iter::once_with(|| LlmClient::new()).next();
}
/// `Client::new()` and `async_openai::Client::new()`
#[doc = "Client::new()"]
#[deprecated(note = "Client::new()")]
pub fn documented() -> &'static str {
    // Client::new()
    /* async_openai::Client::new() */
    r#"async_openai::Client::new()"#
}
pub trait Make { fn make() -> LlmClient<config::OpenAIConfig> { LlmClient::new() } }
pub enum Lazy { Ready(LlmClient<config::OpenAIConfig>), Not }
impl Lazy { pub fn get(self) -> LlmClient<config::OpenAIConfig> { match self { Self::Ready(client) => client, Self::Not => LlmClient::new() } } }
pub const fn constant() -> usize { 1 }
pub fn generic_const<const N: usize>() -> [Option<LlmClient<config::OpenAIConfig>>; N] { std::array::from_fn(|_| Some(LlmClient::new())) }
pub fn labelled() -> LlmClient<config::OpenAIConfig> { 'a: { if constant() > 0 { break 'a LlmClient::new(); } LlmClient::new() } }
