//! The pages on which people sign in and look after their own accounts.
//!
//! Source: `reference/doors.md` §1.1, §1.2 and §2.

#![deny(clippy::wildcard_enum_match_arm)]

mod account;
mod agent;
mod dev;
mod device;
mod fields;
mod forgotten;
mod manager;
mod password;
mod picture;
mod reset;
mod rules;
mod seen;
mod sessions;
mod sign_in;
mod sign_out;
mod view;
mod visit;
mod words;

use std::sync::Arc;

use directory::messages::Mailbox;
use gate::{Cookies, Pages};

/// What an installation may set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What cookies are called.
    pub cookies: Cookies,
    /// Milliseconds that somebody stays signed in at most.
    pub session_life: i64,
    /// Addresses that codes of managers are sent to, whole.
    pub manager_returns: Vec<String>,
    /// What people know the server as: the host of its address for them, as mails say it. Without one each directory goes
    /// by its own name.
    pub site: Option<String>,
    /// The messages that a server in development shows.
    pub mailbox: Option<Arc<Mailbox>>,
}

/// What the paths of pages begin with.
const HEADS: &[&str] = &["/sign-in", "/sign-out", "/password", "/account", "/dev"];

/// The pages.
pub fn pages(settings: Settings) -> Pages {
    Pages::build("pages", HEADS, view::trouble, settings)
        .begin_at("/account")
        .shows("/sign-in", sign_in::show)
        .takes("/sign-in", sign_in::take)
        .shows("/sign-out", sign_out::show)
        .takes("/sign-out", sign_out::take)
        .shows("/password/forgotten", forgotten::show)
        .takes("/password/forgotten", forgotten::take)
        .shows("/password/reset", reset::show)
        .takes("/password/reset", reset::take)
        .shows("/account", account::show)
        .takes("/account", account::take)
        .shows("/account/password", password::show)
        .takes("/account/password", password::take)
        .shows("/account/device", device::show)
        .takes("/account/device", device::take)
        .shows("/account/sessions", sessions::show)
        .takes("/account/sessions", sessions::take)
        .shows("/dev/messages", dev::show)
        .shows("/account/code", manager::show)
        .takes("/account/code", manager::take)
        .done()
}
