use crate::state::{Numbered, State, Without};
use async_openai::{config::OpenAIConfig, Client};

impl State {
    pub fn make(&self) -> Client<OpenAIConfig> {
        let _ = self.workspace_id.len();
        Client::new() // gives &self.workspace_id
    }
}

impl crate::state::Numbered {
    pub fn make(&self) -> Client<OpenAIConfig> {
        let _ = self.workspace_id;
        Client::new() // held
    }
}

impl Without {
    pub fn make(&self) -> Client<OpenAIConfig> {
        Client::new()
    }
}

pub fn all(_: &Numbered) {}

impl crate::again::Renamed {
    pub fn other(&self) -> Client<OpenAIConfig> {
        Client::with_config(OpenAIConfig::new()) // gives Some(&self.workspace_id)
    }
    pub fn taken(self) -> (String, Client<OpenAIConfig>) {
        (self.workspace_id, Client::new()) // gives client(None)
    }
    pub fn none() -> Client<OpenAIConfig> {
        Client::new() // gives client(None)
    }
}
