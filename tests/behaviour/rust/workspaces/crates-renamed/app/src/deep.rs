pub fn make() {
    let _ = async_openai::Client::new();
}
