//! SQL on two engines: rows in, rows out, and one transaction for one change.
//!
//! A function here says what happened, never whether that was right. The same SQL text runs on SQLite and
//! on PostgreSQL; what cannot stands side by side in `engine`.

pub mod access_keys;
pub mod apps;
pub mod assertions;
pub mod assignments;
pub mod auth_codes;
pub mod avatars;
pub mod bearers;
pub mod client_tokens;
pub mod configurations;
pub mod devices;
pub mod directories;
pub mod drives;
mod engine;
mod error;
pub mod events;
pub mod failures;
pub mod generations;
pub mod groups;
pub mod identities;
pub mod leases;
pub mod links;
pub mod mappings;
pub mod memberships;
pub mod oauth_codes;
pub mod outbox;
pub mod password_history;
pub mod passwords;
pub mod profiles;
pub mod properties;
pub mod ram;
pub mod recovery_codes;
pub mod refresh_tokens;
pub mod reminders;
pub mod replays;
pub mod reset_links;
pub mod resource_groups;
mod row;
pub mod seals;
pub mod search;
mod session;
pub mod sessions;
pub mod signing_keys;
mod sql;
pub mod templates;
pub mod totals;
pub mod units;
pub mod users;
mod value;
pub mod verify;

pub use engine::{Figures, Place, Store};
pub use error::{Error, Key};
pub use session::{Reader, Tx};
