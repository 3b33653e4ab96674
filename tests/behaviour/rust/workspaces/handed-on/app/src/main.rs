mod deep;

use chat::prelude::*;

fn main() {
    let _ = Client::with_config(OpenAIConfig::new()); // gives chat::openai_client::client_with_config(OpenAIConfig::new())
    deep::make();
}
