//! Passwords are set, and people are told how to set them.

use std::collections::HashMap;

use access::passwords::Hash;
use access::{Change, Permit};
use model::event::Event;
use model::user::{OwnerType, PasswordFacts, Role, User};
use store::outbox::Way;

use super::{locked, locked_one, write};
use crate::error::Error;
use crate::messages::{self, Facts, Template, tell};
use crate::passwords;

/// Sets the password of an account that the administrator activates, chosen for good. Locks stay.
///
/// # Errors
/// `Missing` a user, `ActivatedByUser`.
pub async fn set_password(
    change: &mut Change,
    permit: &Permit,
    name: &str,
    hash: &Hash,
) -> Result<User, Error> {
    let user = locked_one(change, permit, name).await?;
    if user.owner_type == OwnerType::Normal {
        return Err(Error::ActivatedByUser(user.username.to_string()));
    }
    let password = PasswordChange { hash, must_change: false, tells: &[] };
    set_password_of(change, permit, &user, password).await
}

/// Another password of a user.
#[derive(Debug, Clone, Copy)]
pub struct PasswordChange<'a> {
    /// The password, hashed.
    pub hash: &'a Hash,
    /// Whether the next sign-in forces a change.
    pub must_change: bool,
    /// By which ways the user is told; one that does not reach the user is left out.
    pub tells: &'a [Way],
}

/// Sets the password of a user who is locked for this change, whoever activates the account. Locks stay.
///
/// # Errors
/// The store's.
pub async fn set_password_of(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    password: PasswordChange<'_>,
) -> Result<User, Error> {
    passwords::replace(change, permit, user.id.number(), password.hash).await?;
    for way in password.tells.iter().filter(|way| messages::reaches(user, **way)) {
        tell(change, permit, Template::PasswordChanged, user, *way, &Facts::default()).await?;
    }
    let facts =
        PasswordFacts { set_at: Some(permit.at()), must_change: password.must_change, ..user.password };
    // Also one of the same instant, of which nothing else tells, ends what was begun before.
    let signed_out = Some(user.begins_at(permit.at()));
    let after = User { password: facts, signed_out, ..user.clone() };
    write(change, permit, "user.password_set", user, after).await
}

/// How people are told to choose a new password.
#[derive(Debug, Clone, Copy)]
pub struct Reset<'a> {
    /// By which ways; one that reaches the person is enough.
    pub ways: &'a [Way],
    /// Whether the old password ends now and not when the new one is chosen.
    pub ends_password: bool,
}

/// Asks people to choose new passwords, each for itself: a message waits in the outbox. For an account that
/// the administrator activates it is for those who manage the account; if none of them can be reached, for the person.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Missing`, `Unreachable`.
pub async fn request_reset(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    reset: Reset<'_>,
) -> Result<Vec<Result<User, Error>>, Error> {
    let mut results = Vec::with_capacity(names.len());
    let mut managers = Managers::default();
    for user in locked(change, permit, names).await? {
        let result = match user {
            Ok(user) => request_one(change, permit, user, reset, &mut managers).await,
            Err(missing) => Err(missing),
        };
        match result {
            Err(Error::Store(error)) => return Err(error.into()),
            result => results.push(result),
        }
    }
    Ok(results)
}

async fn request_one(
    change: &mut Change,
    permit: &Permit,
    user: User,
    reset: Reset<'_>,
    managers: &mut Managers,
) -> Result<User, Error> {
    let mut ways = Vec::new();
    for way in reset.ways {
        if finds_somebody(change, permit, &user, *way, managers).await? {
            ways.push(*way);
        }
    }
    if ways.is_empty() {
        return Err(Error::Unreachable(user.username.to_string()));
    }
    for way in ways {
        tell(change, permit, Template::PasswordReset, &user, way, &Facts::default()).await?;
    }
    change.record(Event::joined("user.password_reset_requested", &user, None, Some(&[])));
    if !reset.ends_password {
        return Ok(user);
    }
    passwords::end(change, permit, user.id.number()).await?;
    let password = PasswordFacts { set_at: None, ..user.password };
    let after = User { password, ..user.clone() };
    write(change, permit, "user.password_ended", &user, after).await
}

/// Whether those who manage accounts can be reached, as far as it is known: those of role `user`, and all, by way.
#[derive(Default)]
struct Managers(HashMap<(bool, Way), bool>);

/// Whether a request for another password of the user finds somebody by this way.
async fn finds_somebody(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    way: Way,
    managers: &mut Managers,
) -> Result<bool, Error> {
    let own = messages::reaches(user, way);
    if own || user.owner_type == OwnerType::Normal {
        return Ok(own);
    }
    let key = (user.role == Role::User, way);
    if let Some(known) = managers.0.get(&key) {
        return Ok(*known);
    }
    let found = !messages::managers(change.tx(), permit, user, way, 1).await?.is_empty();
    managers.0.insert(key, found);
    Ok(found)
}

/// Tells a new user of a password that was made by chance, by these ways.
pub(super) async fn tell_initial(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    ways: &[Way],
) -> Result<(), Error> {
    for way in ways.iter().filter(|way| messages::reaches(user, **way)) {
        tell(change, permit, Template::InitialPassword, user, *way, &Facts::default()).await?;
    }
    Ok(())
}

/// Invites a new user who has no password to choose one, by the first way there is.
pub(super) async fn invite(change: &mut Change, permit: &Permit, user: &User) -> Result<(), Error> {
    let Some(way) = Way::ALL.into_iter().find(|way| messages::reaches(user, *way)) else { return Ok(()) };
    tell(change, permit, Template::Invitation, user, way, &Facts::default()).await
}
