use async_openai::Client;
use async_openai::config::{AzureConfig, OpenAIConfig};

pub fn new() -> Client<OpenAIConfig> {
    Client::new()
}

pub fn with_config() {
    let client = Client::with_config(OpenAIConfig::new().with_api_key("k")).with_backoff(1);
    let other = Client::build(1, OpenAIConfig::default(), 2);
    let azure = Client::with_config(AzureConfig::new());
    println!("{} {} {}", client.chat(), other.chat(), azure.chat());
}

pub fn turbofish() {
    Client::<OpenAIConfig>::new();
    <Client<OpenAIConfig>>::new();
    Client::<OpenAIConfig>::with_config(OpenAIConfig::default());
    let _: Client<OpenAIConfig> = Client::default();
}
