//! Accounts are shut and opened.

use access::{Change, Permit};
use model::Millis;
use model::event::Event;
use model::total::Total;
use model::user::{Locks, LocksAt, Status, User};
use store::users as rows;

use super::{locked, write};
use crate::error::Error;

/// Locks accounts, each for itself. One that is shut already is locked as well. What users began before, such as tokens,
/// runs out, or ends at once where they are signed out as well.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Missing`, `LastSuperadmin`.
pub async fn lock(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    signs_out: bool,
) -> Result<Vec<Result<User, Error>>, Error> {
    let now = permit.at();
    each(change, permit, names, "user.locked", |user| {
        user.locks.locked = true;
        if signs_out {
            user.signed_out = Some(user.begins_at(now));
        }
        Ok(())
    })
    .await
}

/// Opens accounts, each for itself, and sets when they lock themselves again where `locks_at` is given. Without
/// it a time that has come is forgotten, and one that lies ahead stays.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Missing`, `Disabled`, `LastSuperadmin`.
pub async fn unlock(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    locks_at: Option<&LocksAt>,
) -> Result<Vec<Result<User, Error>>, Error> {
    let now = permit.at();
    each(change, permit, names, "user.unlocked", |user| {
        if user.status == Status::Disabled {
            return Err(Error::Disabled(user.username.to_string()));
        }
        user.locks = opened(user, now);
        user.locks.locks_at = locks_at.cloned().or(user.locks.locks_at.take());
        Ok(())
    })
    .await
}

/// The locks of a user who is unlocked: a time that lies ahead stays.
pub(super) fn opened(user: &User, now: Millis) -> Locks {
    let locks_at = user.locks.locks_at.clone().filter(|own| own.at > now);
    Locks { locked: false, lock_until: None, locks_at }
}

/// Notes that the time of a user has come at which the account is shut. Nothing of the user's own changes.
pub(crate) async fn note_shut(change: &mut Change, permit: &Permit, user: &User) -> Result<(), Error> {
    let after = User { shut: true, ..user.clone() };
    rows::update(change.tx(), permit.directory(), user, &after).await?;
    if !user.system {
        change.tx().count(permit.directory(), Total::Shut, 1);
    }
    change.record(Event::changed("user.time_came", user, &after));
    Ok(())
}

async fn each(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    what: &'static str,
    edit: impl Fn(&mut User) -> Result<(), Error>,
) -> Result<Vec<Result<User, Error>>, Error> {
    let mut results = Vec::with_capacity(names.len());
    for user in locked(change, permit, names).await? {
        let result = match user {
            Ok(before) => {
                let mut after = before.clone();
                match edit(&mut after) {
                    Ok(()) => write(change, permit, what, &before, after).await,
                    Err(refused) => Err(refused),
                }
            }
            Err(missing) => Err(missing),
        };
        match result {
            Err(Error::Store(error)) => return Err(error.into()),
            result => results.push(result),
        }
    }
    Ok(results)
}
