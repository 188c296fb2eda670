//! What is known of a person changes.

use access::{Change, Permit};
use model::text::{Email, Phone};
use model::user::{OwnerType, User};

use super::{locked_all, write};
use crate::error::Error;

/// How a person is reached from now on.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// The address; empty for none.
    pub email: Email,
    /// The phone.
    pub phone: Option<Phone>,
    /// Whether a user who activates the account may not be left without both.
    pub keeps_reachable: bool,
}

/// Sets how a user is reached, who comes from [`locked_one`](super::locked_one).
///
/// # Errors
/// `Unreachable`, where that is kept.
pub async fn set_contact(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    contact: &Contact,
) -> Result<User, Error> {
    let after = User { email: contact.email.clone(), phone: contact.phone.clone(), ..user.clone() };
    let is_reachable = after.email.given().is_some() || after.phone.is_some();
    if contact.keeps_reachable && !is_reachable && after != *user && after.owner_type == OwnerType::Normal {
        return Err(Error::Unreachable(user.username.to_string()));
    }
    write(change, permit, "user.contact_changed", user, after).await
}

/// Makes all of these users local administrators of their desktops, or none of them.
///
/// # Errors
/// `Missing` a user; then nobody changes.
pub async fn set_local_admin(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    local_admin: bool,
) -> Result<(), Error> {
    for user in locked_all(change, permit, names).await? {
        let after = User { local_admin, ..user.clone() };
        write(change, permit, "user.local_admin_changed", &user, after).await?;
    }
    Ok(())
}
