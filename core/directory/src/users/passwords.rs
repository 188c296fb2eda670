//! Passwords are set, and people are told how to set them.

use std::collections::HashMap;

use access::passwords::Hash;
use access::{Change, Permit};
use model::event::Event;
use model::user::{OwnerType, PasswordFacts, Role, User};
use store::outbox::{self, Message, Way};
use store::{passwords, users as rows};

use super::{Beside, locked, locked_one, write, write_with};
use crate::error::Error;

/// The message that leads a person to a first password.
const INVITATION: &str = "invitation";
/// The message that leads to a new password.
const RESET: &str = "password_reset";
/// The message that says that somebody has set another password.
const CHANGED: &str = "password_changed";
/// The message that brings a first password, which is made as it is sent.
const INITIAL: &str = "initial_password";

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
    passwords::set(change.tx(), permit.directory(), user.id.number(), password.hash.as_phc()).await?;
    for way in password.tells.iter().filter(|way| own_way(user, **way)) {
        tell(change, permit, CHANGED, user, *way).await?;
    }
    let facts =
        PasswordFacts { set_at: Some(permit.at()), must_change: password.must_change, ..user.password };
    let after = User { password: facts, ..user.clone() };
    // Another password of the same instant: the facts are the same, what opens the account is not.
    write_with(change, permit, "user.password_set", user, after, Some(Beside::default())).await
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
        if reaches(change, permit, &user, *way, managers).await? {
            ways.push(*way);
        }
    }
    if ways.is_empty() {
        return Err(Error::Unreachable(user.username.to_string()));
    }
    for way in ways {
        tell(change, permit, RESET, &user, way).await?;
    }
    change.record(Event::joined("user.password_reset_requested", &user, None, Some(&[])));
    if !reset.ends_password {
        return Ok(user);
    }
    passwords::remove(change.tx(), permit.directory(), user.id.number()).await?;
    let password = PasswordFacts { set_at: None, ..user.password };
    let after = User { password, ..user.clone() };
    write(change, permit, "user.password_ended", &user, after).await
}

/// Whether those who manage accounts can be reached, as far as it is known: those of role `user`, and all, by way.
#[derive(Default)]
struct Managers(HashMap<(bool, Way), bool>);

/// Whether a message about the user finds somebody by this way.
async fn reaches(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    way: Way,
    managers: &mut Managers,
) -> Result<bool, Error> {
    let own = own_way(user, way);
    if own || user.owner_type == OwnerType::Normal {
        return Ok(own);
    }
    let is_plain = user.role == Role::User;
    if let Some(known) = managers.0.get(&(is_plain, way)) {
        return Ok(*known);
    }
    let roles: &[Role] = if is_plain { &[Role::Admin, Role::Superadmin] } else { &[Role::Superadmin] };
    let found = rows::reachable(change.tx(), permit.directory(), roles, way == Way::Text).await?;
    managers.0.insert((is_plain, way), found);
    Ok(found)
}

/// Whether a message by this way finds the user.
fn own_way(user: &User, way: Way) -> bool {
    match way {
        Way::Mail => user.email.given().is_some(),
        Way::Text => user.phone.is_some(),
    }
}

/// Tells a new user of a password that was made by chance, by these ways.
pub(super) async fn tell_initial(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    ways: &[Way],
) -> Result<(), Error> {
    for way in ways.iter().filter(|way| own_way(user, **way)) {
        tell(change, permit, INITIAL, user, *way).await?;
    }
    Ok(())
}

/// Invites a new user who has no password to choose one, by the first way there is.
pub(super) async fn invite(change: &mut Change, permit: &Permit, user: &User) -> Result<(), Error> {
    let way = match (user.email.given(), &user.phone) {
        (Some(_), _) => Way::Mail,
        (None, Some(_)) => Way::Text,
        (None, None) => return Ok(()),
    };
    tell(change, permit, INVITATION, user, way).await
}

async fn tell(
    change: &mut Change,
    permit: &Permit,
    template: &'static str,
    user: &User,
    way: Way,
) -> Result<(), Error> {
    let message =
        Message { id: change.new_id(permit), template, user: user.id.number(), way, created: permit.at() };
    Ok(outbox::insert(change.tx(), permit.directory(), &message).await?)
}
