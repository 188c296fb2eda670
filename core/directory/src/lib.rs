//! The rules: one function for each thing a person would ask a directory for.
//!
//! A rule takes a permit and an open change (or a reader), knows no door and no wire name, and looks at no
//! clock: the permit's instant is the only one.

mod error;
pub mod first_start;
pub mod replays;
pub mod users;

pub use error::{Argument, Error, Unique};
pub use store::search::{Field, Pattern};
