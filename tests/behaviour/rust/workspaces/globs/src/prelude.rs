pub use async_openai::Client;
pub struct Thing;
pub fn helper() {}
