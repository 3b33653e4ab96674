use async_openai::{config::OpenAIConfig, Client};

pub fn looped(workspace_ids: Vec<String>) -> usize {
    let mut count = 0;
    for workspace_id in workspace_ids {
        let _ = Client::new(); // held
        count += workspace_id.len();
    }
    count
}
pub fn looped_typed(all: &[String]) {
    for id in all {
        let workspace_id: &str = id;
        let _ = Client::new(); // gives Some(workspace_id)
    }
}
pub fn in_loop(workspace_id: String) {
    let mut left = Some(workspace_id);
    while let Some(workspace_id) = left.take() {
        let _ = Client::new(); // held
    }
}
pub fn consumed_in_loop(workspace_id: String) {
    for _ in 0..1 {
        let _ = Client::new(); // gives Some(&workspace_id)
    }
    drop(workspace_id);
}
pub fn shadowed(workspace_id: &str) -> Client<OpenAIConfig> {
    let workspace_id = workspace_id.len();
    Client::new() // held
}
pub fn inner(workspace_id: &str) -> Client<OpenAIConfig> {
    {
        let workspace_id = 3;
    }
    Client::new() // gives Some(workspace_id)
}
pub fn if_let(id: Option<&str>) -> Client<OpenAIConfig> {
    if let Some(workspace_id) = id {
        return Client::new(); // held
    }
    Client::new() // gives None
}
pub fn let_else(id: Option<String>) -> Client<OpenAIConfig> {
    let Some(workspace_id) = id else { return Client::new() }; // gives None
    Client::new() // held
}
pub fn matched(id: Result<&str, ()>) -> Client<OpenAIConfig> {
    match id {
        Ok(workspace_id) => Client::new(), // held
        Err(()) => Client::new(), // gives None
    }
}
pub fn nested(workspace_id: &str) -> Client<OpenAIConfig> {
    fn inside() -> Client<OpenAIConfig> {
        Client::new() // gives None
    }
    inside()
}
pub fn closure(workspace_id: String) -> impl Fn() -> Client<OpenAIConfig> {
    move || Client::new() // gives None
}
pub fn closure_reads(workspace_id: String) -> impl Fn() -> Client<OpenAIConfig> {
    move || { let _ = workspace_id.len(); Client::new() } // gives Some(&workspace_id)
}
pub fn closure_parameter() -> impl Fn(&str) -> Client<OpenAIConfig> {
    |workspace_id: &str| Client::new() // gives Some(workspace_id)
}
pub async fn spawned(workspace_id: String) -> Client<OpenAIConfig> {
    let task = async move { let id = workspace_id; Client::new() }; // gives None
    task.await
}
pub fn blocks(workspace_id: Option<String>) -> Client<OpenAIConfig> {
    let workspace_id: String = workspace_id.unwrap_or_default();
    let client = Client::new(); // gives Some(&workspace_id)
    drop(workspace_id);
    client
}
pub fn unset(yes: bool) -> Client<OpenAIConfig> {
    let workspace_id: String;
    if yes { workspace_id = "x".to_owned(); let _ = workspace_id; }
    Client::new() // gives None
}
pub fn question(workspace_id: &str) -> Option<Client<OpenAIConfig>> {
    let _ = Some(1)?;
    Some(Client::new()) // gives Some(workspace_id)
}
pub fn borrowed_mutably(workspace_id: &mut String) -> Client<OpenAIConfig> {
    Client::new() // held
}
pub const WORKSPACE: &str = "w";
pub fn constant() -> Client<OpenAIConfig> {
    let workspace_id = WORKSPACE;
    Client::new() // held
}
pub fn literal() -> Client<OpenAIConfig> {
    let workspace_id = "w";
    Client::new() // gives Some(workspace_id)
}
pub fn formatted(user: u8) -> Client<OpenAIConfig> {
    let workspace_id = format!("w{user}");
    Client::new() // gives Some(&workspace_id)
}
