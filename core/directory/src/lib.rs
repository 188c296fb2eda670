//! The rules: one function for each thing a person would ask a directory for.
//!
//! A rule takes a permit and an open change (or a reader), knows no door and no wire name, and looks at no
//! clock: the permit's instant is the only one.

pub mod accounts;
pub mod assignments;
pub mod auth_codes;
mod client_tokens;
pub mod devices;
pub mod directories;
pub mod domains;
pub mod drives;
mod error;
pub mod first_start;
pub mod groups;
pub mod links;
pub mod mappings;
pub mod memberships;
pub mod messages;
mod named;
pub mod oauth;
pub mod passwords;
pub mod policies;
pub mod properties;
pub mod ram;
pub mod replays;
pub mod resource_groups;
pub mod rights;
pub mod schedule;
pub mod sessions;
pub mod sign_in;
pub mod sweep;
pub mod units;
pub mod users;

pub use error::{Argument, Error, Limit, Unique};
pub use named::{Called, Named, Thing};
pub use store::search::{Field, Like, Pattern};
