//! The eds-user door (2021-03-08): cloud-desktop users.
//!
//! Source: `reference/eds-user.md`, and `reference/doors.md` where it says otherwise.

#![deny(clippy::wildcard_enum_match_arm)]

mod account;
mod contact;
mod groups;
mod ids;
mod items;
mod mfa;
mod orgs;
mod pages;
mod properties;
mod resource_groups;
mod texts;
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
    /// How many organizations may lie below one another, the root not counted.
    pub deepest_org: i64,
    /// Whether ResetUserPassword ends the old password at once, and not when a new one is chosen.
    pub reset_ends_password: bool,
}

/// The door.
pub fn door(settings: Settings) -> Door {
    Door::build("eds-user", api::eds::VERSION, words::WORDS, settings)
        .changes(account::alias)
        .reads(account::count_ad_users)
        .reads(account::count_users)
        .changes(account::manager_by_code)
        .changes(groups::create)
        .reads(groups::describe)
        .reads(groups::describe_users)
        .changes(groups::join)
        .changes(groups::modify)
        .changes(groups::quit)
        .changes(groups::remove)
        .reads(mfa::describe)
        .changes(mfa::lock)
        .changes(mfa::remove)
        .changes(mfa::unlock)
        .changes(orgs::create)
        .reads(orgs::describe)
        .reads(orgs::describe_by_layer)
        .changes(orgs::modify)
        .changes(orgs::move_to)
        .changes(orgs::move_users)
        .changes(orgs::remove)
        .reads(properties::check_used)
        .reads(properties::check_used_value)
        .changes(properties::create)
        .changes(properties::delete_of_user)
        .reads(properties::list)
        .reads(properties::list_values)
        .changes(properties::remove)
        .changes(properties::set_of_user)
        .changes(properties::update)
        .changes(resource_groups::create)
        .changes(resource_groups::delete)
        .reads(resource_groups::describe)
        .changes(resource_groups::transfer_into)
        .changes(resource_groups::transfer_out)
        .changes(users::change)
        .changes(users::create)
        .reads(users::describe)
        .reads(users::filter)
        .reads(users::find)
        .changes(users::lock)
        .changes(users::modify)
        .changes(users::remove)
        .changes(users::reset)
        .changes(users::set_desktop_manager)
        .changes(users::unlock)
        .done()
}
