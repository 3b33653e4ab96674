pub fn make() {
    let _ = chat::Llm::new(); // gives chat::openai_client::client()
}
