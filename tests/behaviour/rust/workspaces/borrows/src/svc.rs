use async_openai::{config::OpenAIConfig, Client};
pub struct Svc { workspace_id: String, client: Option<Client<OpenAIConfig>> }
impl Svc {
    pub fn new(workspace_id: String) -> Self {
        let client = Some(Client::new());
        Self { workspace_id, client }
    }
    pub fn order(workspace_id: String) -> Self {
        Self { workspace_id, client: Some(Client::new()) } // held
    }
    pub fn order_ok(workspace_id: String) -> Self {
        Self { client: Some(Client::new()), workspace_id }
    }
    pub fn get(&self) -> Client<OpenAIConfig> { Client::new() }
    pub fn get_mut(&mut self) { self.client = Some(Client::new()); }
    pub fn into(self) -> Client<OpenAIConfig> { Client::with_config(OpenAIConfig::new()) }
    pub fn into_moved(self) -> Client<OpenAIConfig> { let w = self.workspace_id; drop(w); Client::new() } // held
    pub fn partial(self) -> Client<OpenAIConfig> { let c = self.client; drop(c); Client::new() }
    pub fn destructured(self) -> Client<OpenAIConfig> { let Svc { workspace_id, client } = self; drop(client); Client::new() } // held
    pub fn closure(&self) -> impl Fn() -> Client<OpenAIConfig> + '_ { move || Client::new() } // held
    pub fn thread(&self) { std::thread::spawn(|| { let _ = Client::new(); }); } // held
    pub fn thread_own(workspace_id: String) { std::thread::spawn(move || { let _ = Client::new(); }); } // held
    pub fn lazy(&mut self) -> &Client<OpenAIConfig> { self.client.get_or_insert_with(|| Client::new()) } // held
    pub fn lazy_fn(&mut self) -> &Client<OpenAIConfig> { self.client.get_or_insert_with(Client::new) } // held
    pub fn borrow_mut(&mut self) { let w = &mut self.workspace_id; let _ = Client::new(); w.push('x'); } // held
    pub fn associated() -> Client<OpenAIConfig> { Client::new() } // held
    pub async fn go(&self) -> Client<OpenAIConfig> { async { Client::new() }.await } // held
    pub async fn spawn(&self) { let task = async move { Client::new() }; drop(task.await); } // held
}
pub fn after_move(workspace_id: String) -> (String, Client<OpenAIConfig>) { (workspace_id, Client::new()) } // held
pub fn before_move(workspace_id: String) -> (Client<OpenAIConfig>, String) { (Client::new(), workspace_id) }
pub fn in_call(workspace_id: String) { pair(Client::new(), workspace_id) }
pub fn in_call_after(workspace_id: String) { pair_back(workspace_id, Client::new()) } // held
fn pair(_: Client<OpenAIConfig>, _: String) {}
fn pair_back(_: String, _: Client<OpenAIConfig>) {}
pub fn cloned(workspace_id: String) { pair_back(workspace_id.clone(), Client::new()) }
pub fn mutable_borrow(mut workspace_id: String) { let w = &mut workspace_id; let _ = Client::new(); w.push('x'); } // held
pub fn shared_borrow(workspace_id: String) { let w = &workspace_id; let _ = Client::new(); drop(w.clone()); }
pub fn cow(workspace_id: std::borrow::Cow<'_, str>) -> Client<OpenAIConfig> { Client::new() } // held
pub fn rc(workspace_id: std::rc::Rc<str>) -> Client<OpenAIConfig> { Client::new() } // held
pub fn arcstring(workspace_id: std::sync::Arc<String>) -> Client<OpenAIConfig> { Client::new() } // held
pub fn uuid(workspace_id: u128) -> Client<OpenAIConfig> { Client::new() } // held
pub fn tuple((workspace_id, n): (String, u8)) -> Client<OpenAIConfig> { Client::new() } // held
pub fn generic<'a, T: Into<String> + Clone>(workspace_id: &'a T) -> Client<OpenAIConfig> { Client::new() } // held
pub fn match_moved(workspace_id: Option<String>) -> Client<OpenAIConfig> { match workspace_id { Some(workspace_id) => Client::new(), None => Client::with_config(OpenAIConfig::new()) } } // held
pub fn loop_moved(workspace_id: String) { for i in 0..2 { if i == 1 { drop(workspace_id); break; } let _ = Client::new(); } } // held
pub fn early(workspace_id: String, b: bool) -> Client<OpenAIConfig> { if b { drop(workspace_id); return Client::with_config(OpenAIConfig::new()); } Client::new() } // held
pub fn param_shadow(workspace_id: &str, f: impl Fn(&str) -> usize) -> Client<OpenAIConfig> { let n = f(workspace_id); Client::new() }
pub fn nested_fn(workspace_id: &str) { fn inner(workspace_id: u8) -> Client<OpenAIConfig> { Client::new() } inner(1); } // held
pub fn static_str() -> Client<OpenAIConfig> { static WORKSPACE_ID: &str = "w"; Client::new() } // held
pub fn macro_ctx(workspace_id: &str) -> Vec<Client<OpenAIConfig>> { vec![Client::new(), Client::with_config(OpenAIConfig::new())] }
pub fn format_ctx(workspace_id: String) -> String { format!("{workspace_id}{:?}", Client::new()) }
pub fn let_underscore(_workspace_id: &str) -> Client<OpenAIConfig> { Client::new() } // held
pub fn ref_pattern(&ref workspace_id: &String) -> Client<OpenAIConfig> { Client::new() } // held
pub fn await_hold(workspace_id: &str) -> impl std::future::Future<Output = Client<OpenAIConfig>> + '_ { async move { Client::new() } } // held
pub fn no_lifetime(workspace_id: &str) -> impl Fn() -> Client<OpenAIConfig> { || Client::new() } // held
pub fn boxed(workspace_id: &str) -> Box<dyn Fn() -> Client<OpenAIConfig>> { Box::new(|| Client::new()) } // held
pub fn boxed_move(workspace_id: String) -> Box<dyn Fn() -> Client<OpenAIConfig>> { Box::new(move || Client::new()) } // held
