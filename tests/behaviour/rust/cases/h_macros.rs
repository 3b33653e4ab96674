use async_openai::{Client, config::OpenAIConfig};

thread_local! {
    static LOCAL: Client<OpenAIConfig> = Client::new();
}

macro_rules! own {
    ($e:expr) => { $e };
}

pub fn f() {
    let all = vec![Client::new(), Client::with_config(OpenAIConfig::new())];
    let same = vec![Client::new(); 2];
    assert!(!Client::new().chat().is_empty() || true, "{}", Client::new().chat());
    println!("{all:?} {same:?} {} {name:?}", Client::new().chat(), name = Client::new());
    let text = format!("{}", format!("{:?}", Client::new()));
    let made = own!(Client::new());
    let matched = matches!(Client::new().chat().as_str(), "a" | "b");
    assert_eq!(Client::new().chat(), made.chat(), "{text} {matched}");
    LOCAL.with(|client| client.chat());
    if let Some(client) = Some(Client::new()) { dbg!(client); }
}
