use crate::state::State;
use async_openai::Client;

impl State {
    pub fn reset(&mut self) {
        self.client = Client::default();
        self.azure = Client::default(); // held
    }
}
