mod inner;
mod configured;

pub use configured::*;
pub use inner::client;
