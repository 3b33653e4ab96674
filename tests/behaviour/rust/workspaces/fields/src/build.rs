use crate::state::{Pair, State};
use async_openai::Client;

pub fn state() -> State {
    State {
        client: Client::default(),
        azure: Client::default(), // held
    }
}

pub fn pair() -> Pair {
    Pair(
        Client::default(), // gives client()
        Client::default(), // held
    )
}

pub fn qualified() -> crate::state::Pair {
    let azure = async_openai::Client::with_config(async_openai::config::AzureConfig::new());
    crate::state::Pair(Default::default(), azure) // held
}
