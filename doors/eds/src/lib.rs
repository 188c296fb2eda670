//! The eds-user door (2021-03-08): cloud-desktop users.
//!
//! Source: `reference/eds-user.md`, and `reference/doors.md` where it says otherwise.

#![deny(clippy::wildcard_enum_match_arm)]

mod contact;
mod ids;
mod items;
mod time;
mod users;
mod words;

use gate::Door;
use jiff::tz::Offset;

/// What an installation may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of times that are written without one.
    pub zone: Offset,
    /// Whether usernames may hold a hyphen, as the vendor's seem to.
    pub hyphens: bool,
}

/// The door.
pub fn door(settings: Settings) -> Door {
    Door::build("eds-user", api::eds::VERSION, words::WORDS, settings)
        .changes(users::create)
        .reads(users::describe)
        .changes(users::remove)
        .done()
}
