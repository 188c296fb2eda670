//! The STS door (2015-04-01): temporary keys, and who somebody is.
//!
//! Source: `reference/protocol.md` §5.2; `reference/ram.md` 7.

#![deny(clippy::wildcard_enum_match_arm)]

mod assume;
mod identity;
mod words;

use gate::Door;

/// The door.
pub fn door() -> Door {
    Door::build("sts", api::sts::VERSION, words::WORDS, ())
        .changes(assume::assume)
        .reads(identity::identity)
        .done()
}
