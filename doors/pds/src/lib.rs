//! The PDS door (2022-03-01): the users of a domain, their groups, accounts, roles, drives and tokens.
//!
//! Source: `reference/pds.md`, and `reference/doors.md` where it says otherwise.

#![deny(clippy::wildcard_enum_match_arm)]

mod accounts;
mod batch;
mod domains;
mod drives;
mod group_users;
mod groups;
mod ids;
mod members;
mod memberships;
mod oauth;
mod pages;
mod roles;
mod users;
mod words;

use api::pds::{Authorize, OPERATIONS_NOT_SUPPORTED};
use gate::{Cookies, Operations};
use http::Method;
use wire::Operation;

/// What an installation may set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What cookies of the pages are called.
    pub cookies: Cookies,
}

/// The operations.
pub fn operations(settings: Settings) -> Operations {
    Operations::build("pds", words::WORDS, settings)
        .opens(oauth::account_token)
        .opens(oauth::token)
        .page(Method::GET, Authorize::PATH, oauth::authorize)
        .declares::<Authorize>()
        .relays(batch::batch)
        .reads(accounts::get)
        .changes(accounts::link)
        .reads(accounts::of_user)
        .changes(accounts::unlink)
        .changes(domains::create)
        .reads(domains::get)
        .reads(domains::get_quota)
        .reads(domains::list)
        .changes(domains::remove)
        .reads(domains::search)
        .changes(domains::update)
        .changes(drives::create)
        .reads(drives::get)
        .reads(drives::get_default)
        .reads(drives::list)
        .reads(drives::list_my)
        .reads(drives::list_my_group)
        .changes(drives::remove)
        .reads(drives::search)
        .changes(drives::update)
        .reads(group_users::list)
        .reads(group_users::list_members)
        .changes(groups::add_member)
        .changes(groups::create)
        .reads(groups::get)
        .reads(groups::list)
        .changes(groups::remove)
        .changes(groups::remove_member)
        .changes(groups::rename)
        .reads(groups::search)
        .changes(groups::update)
        .reads(memberships::children)
        .changes(memberships::create)
        .reads(memberships::get)
        .reads(memberships::has)
        .reads(memberships::parents)
        .changes(memberships::remove)
        .changes(memberships::update)
        .changes(roles::assign)
        .changes(roles::cancel)
        .reads(roles::list)
        .reads(roles::of_identity)
        .changes(users::create)
        .reads(users::general_get)
        .reads(users::general_search)
        .reads(users::get)
        .changes(users::import)
        .reads(users::list)
        .changes(users::remove)
        .reads(users::search)
        .changes(users::update)
        .refuses(OPERATIONS_NOT_SUPPORTED)
        .done()
}
