//! Stands in for the SDK: the same names, and a compiler's warning at each use of a constructor.

pub mod config {
    pub trait Config: Clone {
        fn base(&self) -> String {
            String::new()
        }
    }

    #[derive(Clone, Debug, Default)]
    pub struct OpenAIConfig {
        base: String,
    }

    impl OpenAIConfig {
        pub fn new() -> Self {
            Self::default()
        }
        pub fn with_api_base<S: Into<String>>(mut self, base: S) -> Self {
            self.base = base.into();
            self
        }
        pub fn with_api_key<S: Into<String>>(self, _: S) -> Self {
            self
        }
    }

    impl Config for OpenAIConfig {
        fn base(&self) -> String {
            self.base.clone()
        }
    }

    #[derive(Clone, Debug, Default)]
    pub struct AzureConfig;

    impl AzureConfig {
        pub fn new() -> Self {
            Self
        }
        pub fn with_api_base<S: Into<String>>(self, _: S) -> Self {
            self
        }
    }

    impl Config for AzureConfig {}
}

pub mod types {
    #[derive(Debug, Default)]
    pub struct Role;
    pub struct Image;
}

pub mod error {
    #[derive(Debug)]
    pub struct OpenAIError;
}

mod client {
    use crate::config::{Config, OpenAIConfig};

    #[derive(Clone, Debug)]
    pub struct Client<C: Config> {
        config: C,
    }

    impl Client<OpenAIConfig> {
        #[deprecated]
        pub fn new() -> Self {
            Self { config: OpenAIConfig::default() }
        }
    }

    impl<C: Config> Client<C> {
        #[deprecated]
        pub fn with_config(config: C) -> Self {
            Self { config }
        }
        #[deprecated]
        pub fn build(_: u8, config: C, _: u8) -> Self {
            Self { config }
        }
        pub fn with_backoff(self, _: u8) -> Self {
            self
        }
        pub fn chat(&self) -> String {
            self.config.base()
        }
    }

    impl<C: Config + Default> Default for Client<C> {
        fn default() -> Self {
            Self { config: C::default() }
        }
    }
}

pub use client::Client;
