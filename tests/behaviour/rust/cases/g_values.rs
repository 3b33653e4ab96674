use async_openai::{Client, config::OpenAIConfig};
use std::sync::{Arc, LazyLock, OnceLock};

static LAZY: LazyLock<Client<OpenAIConfig>> = LazyLock::new(Client::new);
static LATER: LazyLock<Client<OpenAIConfig>> = LazyLock::new(|| Client::new());

pub fn shared() -> &'static Client<OpenAIConfig> {
    static CELL: OnceLock<Client<OpenAIConfig>> = OnceLock::new();
    LAZY.chat();
    LATER.chat();
    CELL.get_or_init(Client::new)
}

pub fn values(given: Option<Client<OpenAIConfig>>, configs: Vec<OpenAIConfig>) {
    let make: fn() -> Client<OpenAIConfig> = Client::new;
    let table: [(&str, fn() -> Client<OpenAIConfig>); 1] = [("new", Client::new)];
    given.unwrap_or_else(Client::new);
    let all: Vec<_> = configs.into_iter().map(Client::with_config).map(Arc::new).collect();
    (table[0].1)();
    make();
    (Client::new)();
    drop(all);
}
