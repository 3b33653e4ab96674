use async_openai::Client;

mod deep;

fn main() {
    let _ = Client::new();
    deep::make();
}
