//! What of a user only few have, or only programs of PDS ask for.
//!
//! Source: `reference/doors.md` §1; `reference/pds.md` §6.1.

use serde::Serialize;

use crate::text::{Label, UserData};
use crate::time::Millis;

/// Facts about a user beside the user's own row. A user of whom none of them is known has the default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Profile {
    /// What programs keep with the user.
    pub user_data: UserData,
    /// The chosen id, or the digits, of the user who made this one; `system`; or empty.
    pub creator: String,
    /// The part of the directory that the user is said to be in; empty for none.
    pub label: Label,
    /// Whether the user is kept from changing the own password.
    pub keeps_password: bool,
    /// When the user last signed in for a token.
    pub signed_in: Option<Millis>,
    /// When a token of the user was last made anew.
    pub refreshed: Option<Millis>,
    /// When the user last signed in on the pages.
    pub visited: Option<Millis>,
}

impl Profile {
    /// When the user last signed in, wherever.
    pub fn last_sign_in(&self) -> Option<Millis> {
        self.signed_in.max(self.visited)
    }
}
