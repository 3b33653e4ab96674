use super::super::placed::Kept;
pub fn f() { Kept::new(); super::super::placed::Kept::new(); }
