use crate::prelude::*;

pub fn make() -> String {
    Client::new().chat()
}
