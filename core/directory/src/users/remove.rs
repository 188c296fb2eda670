//! Users are removed.

use std::collections::{BTreeSet, HashMap};

use access::{Change, Permit};
use model::Number;
use model::event::Event;
use model::total::Total;
use model::user::User;
use store::totals;
use store::users::{self as rows, Left};

use super::{locked, totals_of};
use crate::error::Error;

/// Removes users with all that is theirs, each for itself; names count once.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Missing`, `LastSuperadmin`.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
) -> Result<Vec<Result<User, Error>>, Error> {
    let directory = permit.directory();
    let mut results = Vec::with_capacity(names.len());
    let mut gone = HashMap::new();
    for (name, user) in names.iter().zip(locked(change, permit, names).await?) {
        let user = match user {
            Ok(user) => user,
            Err(missing) => {
                results.push(Err(missing));
                continue;
            }
        };
        if user.is_acting_superadmin() && !totals::take_superadmin(change.tx(), directory).await? {
            results.push(Err(Error::LastSuperadmin(name.clone())));
            continue;
        }
        gone.insert(user.id.number(), !user.system);
        change.record(Event::removed("user.removed", &user));
        results.push(Ok(user));
    }
    let numbers: Vec<Number> = gone.keys().copied().collect();
    if !numbers.is_empty() {
        let left = rows::remove(change.tx(), directory, &numbers).await?;
        uncount(change, permit, results.iter().flatten(), &gone, left);
    }
    Ok(results)
}

/// Takes users who went, of whom `gone` tells whether they were people, off what is counted; superadmins are
/// off already.
fn uncount<'a>(
    change: &mut Change,
    permit: &Permit,
    users: impl Iterator<Item = &'a User>,
    gone: &HashMap<Number, bool>,
    left: Left,
) {
    let is_person = |user: &Number| gone.get(user).copied().unwrap_or_default();
    let own = users.flat_map(totals_of).filter(|total| *total != Total::Superadmins);
    let units = left.units.iter().filter(|(user, _)| is_person(user)).map(|(_, unit)| Total::Unit(*unit));
    let groups =
        left.groups.iter().filter(|(user, _)| is_person(user)).map(|(_, group)| Total::Group(*group));
    let items = left.values.iter().filter(|(user, ..)| is_person(user)).map(|(.., item)| Total::Item(*item));
    let properties: BTreeSet<(Number, Number)> = left
        .values
        .iter()
        .filter(|(user, ..)| is_person(user))
        .map(|(user, property, _)| (*user, *property))
        .collect();
    let properties = properties.into_iter().map(|(_, property)| Total::Property(property));
    for total in own.chain(units).chain(groups).chain(items).chain(properties) {
        change.tx().count(permit.directory(), total, -1);
    }
}
