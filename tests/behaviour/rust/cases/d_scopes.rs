use async_openai::Client;

pub fn hoisted() {
    Local::new();
    use async_openai::Client as Local;
}

pub fn shadowed() {
    struct Client;
    impl Client {
        fn new() -> Self { Self }
    }
    Client::new();
}

pub fn generic<Client: Default>() -> Client {
    Client::default()
}

pub mod separate {
    pub struct Client;
    impl Client {
        pub fn new() -> Self { Client }
        pub fn with_config(_: u8) -> Self { Self::new() }
    }
    pub fn f() {
        Client::new();
        Client::with_config(1);
        super::Client::new();
        crate::d_scopes::Client::new();
        self::Client::new();
    }
}

pub fn value() {
    let client = 1;
    println!("{}", client);
    Client::new();
}

pub fn inner() {
    fn deep() {
        fn deeper() {
            Client::new();
        }
        deeper();
    }
    deep();
    let closure = || { Client::new() };
    closure();
    mod own {
        pub fn f() { super::super::d_scopes::Client::new(); }
    }
    own::f();
}

pub trait Make {
    fn make() -> async_openai::Client<async_openai::config::OpenAIConfig> { Client::new() }
}
