pub fn make() {
    let _ = ai::Client::new(); // gives acme_llm::openai_client::client()
    let _ = bot::Llm::new(); // gives acme_llm::openai_client::client()
    {
        use ai::Client as Other;
        let _ = Other::new(); // gives acme_llm::openai_client::client()
    }
}
