pub use async_openai::Client as Kept;
pub fn f() { self::Kept::new(); }
