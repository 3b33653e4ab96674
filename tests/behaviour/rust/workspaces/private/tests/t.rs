use async_openai::Client;
#[test] fn f() { Client::new(); } // held
