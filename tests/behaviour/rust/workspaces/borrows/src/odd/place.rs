use async_openai::{config::OpenAIConfig, Client};
pub struct Item { client: Option<Client<OpenAIConfig>> }
pub struct Many { workspace_id: String, items: Vec<Item>, one: Item }
impl Many {
    fn all_mut(&mut self) -> std::slice::IterMut<'_, Item> { self.items.iter_mut() }
    fn one_mut(&mut self) -> &mut Item { &mut self.one }
    pub fn a(&mut self) { for item in self.items.iter_mut() { item.client = Some(Client::new()); } }
    pub fn b(&mut self) { for item in self.all_mut() { item.client = Some(Client::new()); } } // held
    pub fn c(&mut self) { for item in &mut self.items { item.client = Some(Client::new()); } }
    pub fn d(&mut self) { let one = self.one_mut(); one.client = Some(Client::new()); } // held
    pub fn e(&mut self) { let one = &mut self.one; one.client = Some(Client::new()); }
    pub fn f(&mut self) { self.one_mut().client = Some(Client::new()); }
    pub fn g(&mut self) { self.one_mut().client.replace(Client::new()); } // held
    pub fn h(&mut self) { if let Some(item) = self.all_mut().next() { item.client = Some(Client::new()); } } // held
    pub fn i(&mut self) { self.items.push(Item { client: Some(Client::new()) }); }
    pub fn j(&mut self) { self.set(Client::new()); }
    fn set(&mut self, _: Client<OpenAIConfig>) {}
    pub fn k(&mut self) { let me = self; let _ = Client::new(); drop(me); } // held
    pub fn l(&mut self) { let me = &mut *self; let _ = Client::new(); me.items.clear(); } // held
    pub fn m(&mut self) { while let Some(item) = self.all_mut().next() { item.client = Some(Client::new()); break; } } // held
    pub fn n(&mut self) { match self.one_mut() { one => { one.client = Some(Client::new()); } } } // held
    pub fn o(&mut self) -> &mut Item { let one = self.one_mut(); let c = Client::new(); one.client = Some(c); one } // held
    pub fn p(&mut self) { let it = self.all_mut(); let c = Client::new(); it.for_each(|i| i.client = Some(c.clone())); } // held
    pub fn q(&mut self) { let Self { items, .. } = self; let c = Client::new(); items.push(Item { client: Some(c) }); } // held
    pub fn r(&mut self) { let Self { items, workspace_id, .. } = self; let c = Client::new(); items.push(Item { client: Some(c) }); workspace_id.clear(); } // held
    pub fn s(&mut self) { let w = std::mem::take(&mut self.workspace_id); let _ = Client::new(); drop(w); } // held
    pub fn t(&mut self) { self.workspace_id.clear(); let _ = Client::new(); }
    pub fn u(self: &mut Self) { let _ = Client::new(); }
    pub fn v(mut self) -> Self { self.one.client = Some(Client::new()); self }
    pub fn w(self: std::sync::Arc<Self>) -> Client<OpenAIConfig> { Client::new() }
    pub fn x(self: std::pin::Pin<&mut Self>) -> Client<OpenAIConfig> { Client::new() }
}
pub fn y(items: &mut Vec<Item>, workspace_id: &mut String) { for i in items.iter_mut() { i.client = Some(Client::new()); } workspace_id.clear(); } // held
pub fn z(mut workspace_id: String) { takes(&mut workspace_id); let _ = Client::new(); }
pub fn za(mut workspace_id: String) { let r = takes(&mut workspace_id); let _ = Client::new(); drop(r.len()); } // held
fn takes(s: &mut String) -> &mut String { s }
pub fn zb(mut workspace_id: String) { for c in workspace_id.drain(..) { let _ = Client::new(); drop(c); } } // held
pub fn zc(mut workspace_id: String) { let d = workspace_id.drain(..); let _ = Client::new(); drop(d); } // held
pub fn zd(mut workspace_id: String) { if let Some(x) = workspace_id.get_mut(0..1) { let _ = Client::new(); x.make_ascii_lowercase(); } } // held
