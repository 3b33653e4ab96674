use async_openai::{Client, config::{Config, OpenAIConfig}};

const LOCAL: &str = "http://localhost:1234/v1";
const OWN: &str = "https://api.openai.com/v1";

#[derive(Clone, Default)]
pub struct Groq;
impl Config for Groq {}

pub fn f(base: &str, fast: bool) {
    Client::with_config(OpenAIConfig::new().with_api_base("https://api.groq.com/openai/v1"));
    Client::with_config(OpenAIConfig::new().with_api_base(LOCAL));
    Client::with_config(OpenAIConfig::new().with_api_base(OWN));
    Client::with_config(OpenAIConfig::new().with_api_base(base));
    let mut config = OpenAIConfig::new();
    if fast {
        config = config.with_api_base("https://openrouter.ai/api/v1");
    }
    Client::with_config(config.clone());
    Client::with_config(Groq);
    let groq = Groq::default();
    Client::with_config(groq);
    Client::with_config(Groq {});
}

pub fn open<C: Config>(config: C) -> Client<C> {
    Client::with_config(config)
}
