use async_openai::{config::OpenAIConfig, Client};

pub struct Owned { pub workspace_id: String, client: Option<Client<OpenAIConfig>> }
impl Owned {
    pub fn new(workspace_id: String) -> Self {
        Self { client: Some(Client::new()), workspace_id } // gives Some(&workspace_id)
    }
    pub fn after(workspace_id: String) -> Self {
        Self { workspace_id, client: Some(Client::new()) } // gives client(None)
    }
    pub fn by_ref(&self) -> Client<OpenAIConfig> {
        Client::new() // gives Some(&self.workspace_id)
    }
    pub fn by_mut(&mut self) {
        self.client = Some(Client::new()); // gives Some(&self.workspace_id)
    }
    pub fn get(&mut self) -> &Client<OpenAIConfig> {
        self.client.get_or_insert_with(Client::new) // held
    }
    pub fn closure(&mut self) -> &Client<OpenAIConfig> {
        let id = self.workspace_id.clone();
        self.client.get_or_insert_with(|| Client::new()) // gives client(None)
    }
    pub fn into(self) -> (String, Client<OpenAIConfig>) {
        let id = self.workspace_id;
        (id, Client::new()) // gives client(None)
    }
    pub fn rebuilt(self) -> Self {
        Self { workspace_id: self.workspace_id, client: Some(Client::new()) } // gives client(None)
    }
    pub fn rebuilt_first(self) -> Self {
        Self { client: Some(Client::new()), workspace_id: self.workspace_id } // gives Some(&self.workspace_id)
    }
    pub fn given(self) -> Client<OpenAIConfig> {
        drop(self.workspace_id);
        Client::new() // gives client(None)
    }
    pub fn looked(self) -> Client<OpenAIConfig> {
        let _ = self.workspace_id.len();
        let _ = &self.workspace_id;
        Client::new() // gives Some(&self.workspace_id)
    }
    pub fn destructured(self) -> Client<OpenAIConfig> {
        let Self { workspace_id, .. } = self;
        Client::new() // held
    }
}
pub struct Borrowed<'a> { workspace_id: &'a str }
impl<'a> Borrowed<'a> {
    pub fn make(&self) -> Client<OpenAIConfig> {
        Client::new() // gives Some(self.workspace_id)
    }
    pub fn spawn(self) -> impl Fn() -> Client<OpenAIConfig> {
        move || Client::new() // gives client(None)
    }
}
pub struct Tuple(pub String);
impl Tuple {
    pub fn make(&self) -> Client<OpenAIConfig> {
        Client::new() // gives client(None)
    }
}
pub struct Generic<T> { workspace_id: T }
impl<T: AsRef<str>> Generic<T> {
    pub fn make(&self) -> Client<OpenAIConfig> {
        Client::new() // held
    }
}
impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let _ = Client::new(); // gives Some(self.workspace_id)
    }
}
type OpenAIConfigAlias = OpenAIConfig;
