//! The RAM door (2015-05-01): who acts for an account beside its root, with which AccessKeys, and what they may.
//!
//! Source: `reference/ram.md`.

#![deny(clippy::wildcard_enum_match_arm)]

mod attachments;
mod keys;
mod pages;
mod policies;
mod roles;
mod simulate;
mod texts;
mod users;
mod words;

use gate::Door;

/// The door.
pub fn door() -> Door {
    Door::build("ram", api::ram::VERSION, words::WORDS, ())
        // As principals are named: what a policy says of a user by its own ARN, and with any region, speaks of it.
        .in_region("")
        .changes(attachments::attach_to_role)
        .changes(attachments::attach_to_user)
        .changes(attachments::detach_from_role)
        .changes(attachments::detach_from_user)
        .reads(attachments::entities)
        .reads(attachments::of_role)
        .reads(attachments::of_user)
        .changes(keys::create)
        .reads(keys::last_used)
        .reads(keys::list)
        .changes(keys::remove)
        .changes(keys::update)
        .changes(policies::create)
        .reads(policies::get)
        .reads(policies::list)
        .changes(policies::remove)
        .changes(roles::create)
        .reads(roles::get)
        .reads(roles::list)
        .changes(roles::remove)
        .changes(roles::update)
        .reads(simulate::simulate)
        .changes(users::create)
        .reads(users::get)
        .reads(users::list)
        .changes(users::remove)
        .changes(users::update)
        .done()
}
