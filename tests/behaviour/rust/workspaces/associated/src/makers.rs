use async_openai::{config::OpenAIConfig, Client};

pub trait Make {
    type Client;
    type Other;
    fn make() -> Self::Client;
    fn other() -> Self::Other;
}

pub struct Mine;

impl Make for Mine {
    type Client = Client<OpenAIConfig>;
    type Other = Vec<String>;
    fn make() -> Self::Client {
        Self::Client::new()
    }
    fn other() -> Self::Other {
        let _ = <Self as Make>::Client::with_config(OpenAIConfig::new()); // held
        let _ = <Self::Client>::new();
        Self::Other::new()
    }
}

pub struct Not;

impl Make for Not {
    type Client = Vec<u8>;
    type Other = String;
    fn make() -> Self::Client {
        Self::Client::new()
    }
    fn other() -> Self::Other {
        let _ = <Mine as Make>::Client::new(); // held
        <Self as Make>::Other::new()
    }
}
