use super::*;
pub fn f() { Client::new(); crate::f_reexports::hub::Client::new(); }
