//! Users are removed.

use std::collections::{BTreeSet, HashMap};

use access::{Change, Permit};
use model::Number;
use model::event::Event;
use model::total::Total;
use model::user::User;
use store::totals;
use store::users::{self as rows, Left};

use super::{locked, locked_ids, totals_of};
use crate::error::Error;
use crate::named::Named;

/// Users whose rows are removed together.
const TOGETHER: usize = 500;

/// Removes users with all that is theirs, each for itself; names count once.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Missing`, `LastSuperadmin`.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
) -> Result<Vec<Result<User, Error>>, Error> {
    let mut results = Vec::with_capacity(names.len());
    for user in locked(change, permit, names).await? {
        let result = match user {
            Ok(user) => dismiss(change, permit, &user).await.map(|()| user),
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
/// `Missing` a user, `LastSuperadmin`.
pub async fn remove_all(change: &mut Change, permit: &Permit, users: &[Named]) -> Result<(), Error> {
    let users = locked_ids(change, permit, users).await?;
    remove_users(change, permit, &users).await
}

/// Removes users who are locked for this change with all that is theirs, or none of them.
///
/// # Errors
/// `LastSuperadmin`.
pub async fn remove_users(change: &mut Change, permit: &Permit, users: &[User]) -> Result<(), Error> {
    for user in users {
        dismiss(change, permit, user).await?;
    }
    for together in users.chunks(TOGETHER) {
        clear(change, permit, &together.iter().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Lets a user go, unless nobody could act for the directory any more.
async fn dismiss(change: &mut Change, permit: &Permit, user: &User) -> Result<(), Error> {
    if user.is_acting_superadmin() && !totals::take_superadmin(change.tx(), permit.directory()).await? {
        return Err(Error::LastSuperadmin(user.username.to_string()));
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
