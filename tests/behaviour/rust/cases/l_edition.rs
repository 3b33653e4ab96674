extern crate async_openai as oa;
use oa::Client;
use self::oa::config::OpenAIConfig;
pub fn f() { Client::new(); oa::Client::with_config(OpenAIConfig::new()); }
pub mod m { pub fn f() { crate::l_edition::oa::Client::new(); super::oa::Client::new(); } }
pub mod cfg {
    #[cfg(unix)]
    use async_openai::Client as C;
    #[cfg(not(unix))]
    use async_openai::Client as C;
    pub fn f() { C::new(); }
}
