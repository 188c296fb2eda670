//! Messages to people: what is told, what it says, and how it leaves the outbox.
//!
//! A change has a message wait (`tell`); a courier takes what is due ([`claim`]), has it written, with a link or a
//! password that is made for it then ([`compose()`]), carries it, and says what came of it ([`settle`]).
//!
//! Source: `reference/doors.md` §1.2.

mod compose;
mod dispatch;
mod letter;
mod mailbox;
pub mod outbox;
mod plan;
mod recipients;
mod render;
#[cfg(test)]
mod tests;
pub mod texts;

pub use compose::compose;
pub use dispatch::{CLAIM, Claimed, Outcome, Ways, any_due, claim, settle};
pub use letter::Letter;
pub use mailbox::{Mailbox, Shown};
pub(crate) use recipients::{managers, reaches};
pub use render::{Rendered, Values};

use access::{Change, Permit};
use model::Millis;
use model::user::User;
use serde::{Deserialize, Serialize};
pub use store::outbox::Way;
use store::outbox::{self as rows, Message};

use crate::error::Error;

/// Which text a message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// Leads a person to a first password.
    Invitation,
    /// Leads to a new password, because an administrator wants one.
    PasswordReset,
    /// Leads to a new password, because the person asked for one.
    PasswordForgotten,
    /// Says that somebody has set another password.
    PasswordChanged,
    /// Brings a first password, which is made as it is sent.
    InitialPassword,
    /// Says that the password ends soon.
    PasswordEnds,
    /// Says that sign-ins are refused for a time, after too many wrong passwords or codes.
    SignInLocked,
}

impl Template {
    /// Every template.
    pub const ALL: [Self; 7] = [
        Self::Invitation,
        Self::PasswordReset,
        Self::PasswordForgotten,
        Self::PasswordChanged,
        Self::InitialPassword,
        Self::PasswordEnds,
        Self::SignInLocked,
    ];

    /// The word that it is stored under, and that administrators know it by.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::PasswordForgotten => "password_forgotten",
            Self::PasswordChanged => "password_changed",
            Self::InitialPassword => "initial_password",
            Self::PasswordEnds => "password_ends",
            Self::SignInLocked => "sign_in_locked",
        }
    }

    /// The template that is known by this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.word() == word)
    }
}

/// What a message says beside whom it is about. It waits in the outbox in clear, so no secret is among it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// In how many days the password ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// Until when sign-ins are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// When the password was made that the last attempt to send the message brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minted: Option<Millis>,
}

impl Facts {
    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("facts are a plain struct")
    }
}

/// Has a message about a user wait in the outbox. Who gets it, where, and with which link is decided when it is sent.
///
/// # Errors
/// The store's.
pub(crate) async fn tell(
    change: &mut Change,
    permit: &Permit,
    template: Template,
    user: &User,
    way: Way,
    facts: &Facts,
) -> Result<(), Error> {
    let message = Message {
        id: change.new_id(permit),
        template: template.word(),
        user: user.id.number(),
        recipient: None,
        way,
        created: permit.at(),
        facts: facts.to_json(),
    };
    Ok(rows::insert(change.tx(), permit.directory(), &message).await?)
}

/// Has a user who has an address told that sign-ins are refused until then.
///
/// # Errors
/// The store's.
pub(crate) async fn tell_of_lock(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    until: Millis,
) -> Result<(), Error> {
    if user.email.given().is_none() {
        return Ok(());
    }
    let facts = Facts { until: Some(until), ..Facts::default() };
    tell(change, permit, Template::SignInLocked, user, Way::Mail, &facts).await
}
