pub mod hub {
    pub use async_openai::Client;
    pub use async_openai::*;
    pub use self::deep::Inner as Renamed;
    pub mod deep {
        pub use async_openai::Client as Inner;
    }
}

pub mod glob {
    use super::hub::*;
    pub fn f() {
        Client::new();
        Renamed::new();
        deep::Inner::new();
        let _ = types::Role::default();
    }
}

pub mod sdk {
    use async_openai::*;
    pub fn f() { Client::with_config(config::OpenAIConfig::new()); }
}

pub mod private {
    use async_openai::Client;
    pub struct Other;
    pub fn f() { Client::new(); }
    #[cfg(test)]
    mod tests {
        use super::*;
        fn g() { Client::new(); }
    }
}

pub mod http {
    pub struct Client;
    impl Client { pub fn new() -> Self { Self } }
}

pub mod both {
    use super::private::*;
    use super::http::*;
    pub fn f(_: Other) { Client::new(); }
}

pub mod through_parent {
    use super::super::f_reexports::hub::{self, deep as d};
    pub fn f() { hub::Client::new(); d::Inner::new(); }
}
