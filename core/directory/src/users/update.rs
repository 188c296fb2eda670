//! A user's own facts change.
//!
//! Source: `reference/doors.md` §1 and §2.2.

use access::{Change, Permit};
use model::event::Event;
use model::text::{Description, DisplayName, Email, Phone, Username};
use model::user::{Status, User};
use store::users as rows;

use super::contact::Claims;
use super::locks::opened;
use super::{Beside, write, write_with};
use crate::error::{Error, Unique};
use crate::properties::{self, GivenText};

/// What becomes of a user's facts; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Another username, free in the directory.
    pub username: Option<Username>,
    /// Another display name.
    pub display_name: Option<DisplayName>,
    /// An address, which is claimed for this user alone.
    pub email: Option<Email>,
    /// Whether the address is known to be the user's.
    pub email_verified: Option<bool>,
    /// A number, which is claimed for this user alone.
    pub phone: Option<Phone>,
    /// Whether the number is known to be the user's.
    pub phone_verified: Option<bool>,
    /// Values of properties.
    pub values: Vec<GivenText>,
}

/// Changes a user, who comes from [`locked_id`](super::locked_id).
///
/// # Errors
/// In this order: `Taken` the username, the address, the number; of the values `Missing` a property, `Unfit`,
/// `Required`, `Taken`. Then nothing changes.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    update: &Update,
) -> Result<User, Error> {
    let after = update.applied_to(user);
    if after.username.key() != user.username.key() {
        let taken = rows::taken(change.tx(), permit.directory(), &[after.username.key()]).await?;
        if !taken.is_empty() {
            return Err(Error::Taken(Unique::Username, after.username.to_string()));
        }
    }
    // Verified is said of the one person whose it is.
    let claims = Claims {
        email: update.email.is_some() || update.email_verified == Some(true),
        phone: update.phone.is_some() || update.phone_verified == Some(true),
    };
    claims.check(change, permit, &after).await?;
    let plan = properties::Plan::of_change(change, permit, user, &update.values).await?;
    let claimed = claims.carry_out(change, permit, Some(user), &after).await?;
    let differs = properties::carry_out(change, permit, &after, &plan).await?;
    let beside = differs.then(|| Beside { before: plan.facts_before(), after: plan.facts() });
    if claimed && beside.is_none() && after == *user {
        // What the user is reached by opens the account from now on; nothing of the user's own changes.
        change.record(Event::joined("user.contact_claimed", user, None, Some(&[])));
    }
    write_with(change, permit, "user.updated", user, after, beside).await
}

impl Update {
    fn applied_to(&self, user: &User) -> User {
        let mut after = user.clone();
        if let Some(username) = &self.username {
            after.username = username.clone();
        }
        if let Some(display_name) = &self.display_name {
            after.display_name = display_name.clone();
        }
        if let Some(email) = &self.email {
            after.email = email.clone();
            after.email_verified = false;
        }
        if let Some(phone) = &self.phone {
            after.phone = Some(phone.clone());
            after.phone_verified = false;
        }
        // Of nothing nothing is known.
        if let Some(verified) = self.email_verified {
            after.email_verified = verified && after.email.given().is_some();
        }
        if let Some(verified) = self.phone_verified {
            after.phone_verified = verified && after.phone.is_some();
        }
        after
    }
}

/// Gives a user, who is locked for this change, another description; an empty one is none.
///
/// # Errors
/// The store's.
pub async fn describe(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    description: &Description,
) -> Result<User, Error> {
    let after = User { description: description.clone(), ..user.clone() };
    write(change, permit, "user.described", user, after).await
}

/// Enables the account of a user who is locked for this change; locks stay.
///
/// # Errors
/// The store's.
pub async fn enable(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    let after = User { status: Status::Enabled, ..user.clone() };
    write(change, permit, "user.enabled", user, after).await
}

/// Disables the account of a user who is locked for this change.
///
/// # Errors
/// `LastSuperadmin`.
pub async fn disable(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    let after = User { status: Status::Disabled, ..user.clone() };
    write(change, permit, "user.disabled", user, after).await
}

/// Takes the locks from the account of a user who is locked for this change; a disabled one stays disabled.
///
/// # Errors
/// The store's.
pub async fn open(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    let after = User { locks: opened(user, permit.at()), ..user.clone() };
    write(change, permit, "user.unlocked", user, after).await
}
