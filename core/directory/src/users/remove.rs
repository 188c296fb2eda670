//! Users are removed.

use std::collections::{BTreeSet, HashMap, HashSet};

use access::{Change, Permit};
use model::Number;
use model::event::Event;
use model::total::Total;
use model::user::User;
use store::users::{self as rows, Left};
use store::{drives, totals};

use super::{locked, locked_ids, locked_managed, totals_of};
use crate::error::{Argument, Error};
use crate::named::Named;
use crate::rights;

/// Users whose rows are removed together.
const TOGETHER: usize = 500;

/// Removes users with all that is theirs, each for itself; names count once.
///
/// # Errors
/// Of the whole call only the store's. Of a user, in this order: `Missing`, `LastSuperadmin`, `OwnsDrive`.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
) -> Result<Vec<Result<User, Error>>, Error> {
    let mut results = Vec::with_capacity(names.len());
    let users = locked(change, permit, names).await?;
    let owners = owners(change, permit, users.iter().flatten()).await?;
    for user in users {
        let result = match user {
            Ok(user) => dismiss(change, permit, &user, &owners).await.map(|()| user),
            Err(missing) => Err(missing),
        };
        match result {
            Err(Error::Store(error)) => return Err(error.into()),
            result => results.push(result),
        }
    }
    let gone: Vec<&User> = results.iter().flatten().collect();
    clear(change, permit, &gone).await?;
    Ok(results)
}

/// Removes the users with these ids with all that is theirs, or none of them; ids count once.
///
/// # Errors
/// In this order: `Missing` a user; of each user `LastSuperadmin`, `OwnsDrive`.
pub async fn remove_all(change: &mut Change, permit: &Permit, users: &[Named]) -> Result<(), Error> {
    let users = locked_ids(change, permit, users).await?;
    remove_users(change, permit, &users).await
}

/// Removes users who are locked for this change with all that is theirs, or none of them.
///
/// # Errors
/// Of each user, in this order: `LastSuperadmin`, `OwnsDrive`.
pub async fn remove_users(change: &mut Change, permit: &Permit, users: &[User]) -> Result<(), Error> {
    let owners = owners(change, permit, users.iter()).await?;
    for user in users {
        dismiss(change, permit, user, &owners).await?;
    }
    for together in users.chunks(TOGETHER) {
        clear(change, permit, &together.iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Removes a user whom the caller manages and who is not the caller, with all that is the user's.
///
/// # Errors
/// `Missing` a user, `Forbidden` the user, `LastSuperadmin`, `OwnsDrive`.
pub async fn remove_managed(change: &mut Change, permit: &Permit, text: &str) -> Result<(), Error> {
    let user = locked_managed(change, permit, text).await?;
    rights::over_user(change.tx(), permit, &user, text).await?;
    if permit.own() == Some(user.id) {
        return Err(Error::Forbidden(Argument::User, text.to_owned()));
    }
    remove_users(change, permit, &[user]).await
}

/// Who of these, who are locked for this change so that no drive comes to them, owns one.
async fn owners(
    change: &mut Change,
    permit: &Permit,
    users: impl Iterator<Item = &User>,
) -> Result<HashSet<Number>, Error> {
    let numbers: Vec<Number> = users.map(|user| user.id.number()).collect();
    let owners = drives::owning_users(change.tx(), permit.directory(), &numbers).await?;
    Ok(owners.into_iter().collect())
}

/// Lets a user go, unless nobody could act for the directory any more, or a drive would be nobody's.
async fn dismiss(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    owners: &HashSet<Number>,
) -> Result<(), Error> {
    let is_owner = owners.contains(&user.id.number());
    if user.is_acting_superadmin() {
        let directory = permit.directory();
        // Who stays in the end, because of a drive, stays counted.
        let has_others = if is_owner {
            totals::read(change.tx(), directory, Total::Superadmins).await? > 1
        } else {
            totals::take_superadmin(change.tx(), directory).await?
        };
        if !has_others {
            return Err(Error::LastSuperadmin(user.username.to_string()));
        }
    }
    if is_owner {
        return Err(Error::OwnsDrive(user.username.to_string()));
    }
    change.record(Event::removed("user.removed", user));
    Ok(())
}

/// Removes the rows of users who were let go, and takes them off what is counted.
async fn clear(change: &mut Change, permit: &Permit, users: &[&User]) -> Result<(), Error> {
    let gone: HashMap<Number, bool> = users.iter().map(|user| (user.id.number(), !user.system)).collect();
    let numbers: Vec<Number> = gone.keys().copied().collect();
    if !numbers.is_empty() {
        let left = rows::remove(change.tx(), permit.directory(), &numbers).await?;
        uncount(change, permit, users, &gone, left);
    }
    Ok(())
}

/// Takes users who went, of whom `gone` tells whether they were people, off what is counted; superadmins are
/// off already.
fn uncount(change: &mut Change, permit: &Permit, users: &[&User], gone: &HashMap<Number, bool>, left: Left) {
    let is_person = |user: &Number| gone.get(user).copied().unwrap_or_default();
    let own = users.iter().flat_map(|user| totals_of(user)).filter(|total| *total != Total::Superadmins);
    let units = left.units.iter().filter(|(user, _)| is_person(user)).map(|(_, unit)| Total::Unit(*unit));
    let groups =
        left.groups.iter().filter(|(user, _)| is_person(user)).map(|(_, group)| Total::Group(*group));
    let items = left.values.iter().filter(|(user, ..)| is_person(user)).map(|(.., item)| Total::Item(*item));
    let properties: BTreeSet<(Number, Number)> = left
        .values
        .iter()
        .filter(|(user, ..)| is_person(user))
        .map(|(user, property, _)| (*user, *property))
        .chain(left.texts.iter().filter(|(user, _)| is_person(user)).copied())
        .collect();
    let properties = properties.into_iter().map(|(_, property)| Total::Property(property));
    for total in own.chain(units).chain(groups).chain(items).chain(properties) {
        change.tx().count(permit.directory(), total, -1);
    }
}
