pub use crate::state::State as Renamed;
