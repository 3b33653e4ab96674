use crate::prelude::*;

pub fn make() -> Thing {
    helper();
    let _ = Client::new();
    Thing
}
