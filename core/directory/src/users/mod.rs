//! Users: made, found, changed, removed.

mod contact;
mod create;
mod list;
mod locks;
mod passwords;
mod remove;
mod units;

pub use contact::{Contact, set_contact, set_local_admin};
pub(crate) use create::insert;
pub use create::{NewUser, create};
pub use list::{Counted, Counts, Listing, Page, Wanted, WantedValues, count, find, list};
pub(crate) use locks::note_shut;
pub use locks::{lock, unlock};
pub use passwords::{Reset, request_reset, set_password};
pub use remove::remove;
pub use store::outbox::Way;
pub use store::users::{By, Key, Order};
pub(crate) use units::leave;
pub use units::move_to;

use std::collections::{HashMap, HashSet};

use access::{Change, Permit};
use model::Folded;
use model::event::Event;
use model::total::Total;
use model::user::{OwnerType, User};
use store::{totals, users as rows};

use crate::error::{Argument, Error};

/// The kept totals of the directory that a user counts in.
fn totals_of(user: &User) -> Vec<Total> {
    let mut totals = Vec::new();
    if !user.system {
        totals.push(Total::People);
        totals.extend(user.shut.then_some(Total::Shut));
        totals.extend((user.owner_type == OwnerType::CreateFromManager).then_some(Total::Managed));
    }
    totals.extend(user.is_acting_superadmin().then_some(Total::Superadmins));
    totals
}

/// The users with these names, whom nobody else may change until this change is over, in the order of the names.
///
/// # Errors
/// Of the whole call only the store's. Of a name: `Missing` a user.
async fn locked(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
) -> Result<Vec<Result<User, Error>>, Error> {
    let keys: Vec<Folded> = names.iter().map(|name| Folded::of(name)).collect();
    let found = rows::lock(change.tx(), permit.directory(), &keys.iter().collect::<Vec<_>>()).await?;
    let mut found: HashMap<Folded, User> =
        found.into_iter().map(|user| (user.username.key().clone(), user)).collect();
    let missing = |name: &String| Error::Missing(Argument::User, name.clone());
    Ok(names.iter().zip(keys).map(|(name, key)| found.remove(&key).ok_or_else(|| missing(name))).collect())
}

/// The user with this name, whom nobody else may change until this change is over.
///
/// # Errors
/// `Missing` a user.
pub async fn locked_one(change: &mut Change, permit: &Permit, name: &str) -> Result<User, Error> {
    let users = locked(change, permit, &[name.to_owned()]).await?;
    users.into_iter().next().unwrap_or_else(|| Err(Error::Missing(Argument::User, name.to_owned())))
}

/// The users with these names, each once, whom nobody else may change until this change is over.
///
/// # Errors
/// `Missing` the first user who is not there.
pub(crate) async fn locked_all(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
) -> Result<Vec<User>, Error> {
    let mut met = HashSet::new();
    let names: Vec<String> = names.iter().filter(|name| met.insert(Folded::of(name))).cloned().collect();
    locked(change, permit, &names).await?.into_iter().collect()
}

/// Writes a user as it shall be, counts it anew, and records `what` happened. Nothing happens where nothing differs.
///
/// # Errors
/// `LastSuperadmin`, where the directory would be left without one who can act.
pub(crate) async fn write(
    change: &mut Change,
    permit: &Permit,
    what: &'static str,
    before: &User,
    mut after: User,
) -> Result<User, Error> {
    let directory = permit.directory();
    if after == *before {
        return Ok(after);
    }
    after.shut = after.is_shut_for_good(permit.at());
    after.updated = permit.at();
    if before.is_acting_superadmin()
        && !after.is_acting_superadmin()
        && !totals::take_superadmin(change.tx(), directory).await?
    {
        return Err(Error::LastSuperadmin(before.username.to_string()));
    }
    rows::update(change.tx(), directory, before, &after).await?;
    for (totals, by) in [(totals_of(before), -1), (totals_of(&after), 1)] {
        for total in totals {
            // One who can act no more is off already.
            if total != Total::Superadmins || (by > 0 && !before.is_acting_superadmin()) {
                change.tx().count(directory, total, by);
            }
        }
    }
    change.record(Event::changed(what, before, &after));
    Ok(after)
}
