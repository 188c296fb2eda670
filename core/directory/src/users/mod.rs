//! Users: made, found, changed, removed.

mod contact;
mod create;
mod import;
mod list;
mod locks;
mod own;
mod passwords;
mod remove;
mod show;
mod units;
mod update;
mod view;

pub use access::passwords::Hash;
pub use contact::{Contact, set_contact, set_local_admin};
pub(crate) use contact::{IdentityKey, verify_contact};
pub(crate) use create::{Made, Place, insert};
pub use create::{NewUser, Verified, create, create_one};
pub use import::{FirstDrive, import};
pub use list::{
    Counted, Counts, Listing, Page, ViewedPage, Wanted, WantedValues, count, list, list_any, list_managed,
};
pub(crate) use locks::note_shut;
pub use locks::{lock, unlock};
pub use own::{OwnField, OwnRecord, OwnUpdate, locked_own, own_record, update_own};
pub use passwords::{PasswordChange, Reset, request_reset, set_password, set_password_of};
pub use remove::{remove, remove_all, remove_managed, remove_users};
pub use show::{Shown, by_id, find, show};
pub use store::outbox::Way;
pub use store::users::{By, Key, Order};
pub use units::{add_to_units, leave_units, move_to, set_primary_unit};
pub(crate) use units::{facts_of, leave, leave_one_of, leave_within, membership_of, place, release, targets};
pub use update::{Update, describe, disable, enable, open, update, update_in_units};
pub use view::{
    Viewed, by_public_id, locked_by_public_id, locked_managed, public_ids, units_of, view, view_any,
    view_managed, view_of, view_own, views,
};

use std::collections::{HashMap, HashSet};

use access::{Change, Permit};
use model::event::Event;
use model::total::Total;
use model::user::{OwnerType, Status, User};
use model::{Folded, Handle, Number};
use store::{auth_codes, oauth_codes, refresh_tokens, reset_links, sessions, totals, users as rows};

use crate::error::{Argument, Error};
use crate::named::Named;

/// The kept totals of the directory that a user counts in.
fn totals_of(user: &User) -> Vec<Total> {
    let mut totals = Vec::new();
    if !user.system {
        totals.push(Total::People);
        totals.extend(user.shut.then_some(Total::Shut));
        totals.extend((user.owner_type == OwnerType::CreateFromManager).then_some(Total::Managed));
        totals.extend((user.status == Status::Disabled).then_some(Total::Disabled));
        totals.extend(user.phone.as_ref().and_then(|phone| Total::of_region(phone.region.as_str())));
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

/// The user with this id, whom nobody else may change until this change is over.
///
/// # Errors
/// `Missing` a user.
pub async fn locked_id(change: &mut Change, permit: &Permit, user: &Named) -> Result<User, Error> {
    let users = locked_ids(change, permit, std::slice::from_ref(user)).await?;
    users.into_iter().next().ok_or_else(|| user.missing(Argument::User))
}

/// The users with these ids, each once and by number, whom nobody else may change until this change is over.
///
/// # Errors
/// `Missing` the first user who is not there.
pub async fn locked_ids(change: &mut Change, permit: &Permit, users: &[Named]) -> Result<Vec<User>, Error> {
    let found = known_ids(change, permit, users).await?;
    let is_there =
        |named: &&Named| named.handle().is_some_and(|handle| found.iter().any(|user| handle.means(user.id)));
    match users.iter().find(|named| !is_there(named)) {
        Some(named) => Err(named.missing(Argument::User)),
        None => Ok(found),
    }
}

/// Those of the users with these ids who are there, likewise.
///
/// # Errors
/// The store's.
pub async fn known_ids(change: &mut Change, permit: &Permit, users: &[Named]) -> Result<Vec<User>, Error> {
    let handles: Vec<Handle> = users.iter().filter_map(Named::handle).collect();
    if handles.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
    let mut found = rows::lock_all(change.tx(), permit.directory(), &numbers).await?;
    found.retain(|user| handles.iter().any(|handle| handle.means(user.id)));
    Ok(found)
}

/// What lies beside a user's row, by name, before and after a change.
#[derive(Debug, Default)]
struct Beside {
    before: Vec<(String, String)>,
    after: Vec<(String, String)>,
}

impl Beside {
    fn extend(&mut self, more: Self) {
        self.before.extend(more.before);
        self.after.extend(more.after);
    }
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
    after: User,
) -> Result<User, Error> {
    write_with(change, permit, what, before, after, None).await
}

/// Ends what a user, who is locked for this change, has begun: sessions, tokens, codes on their way to programs, links to
/// another password. Whoever begins one of them holds the same lock, so none is overlooked, whatever clocks say.
async fn sign_out(
    change: &mut Change,
    permit: &Permit,
    before: &User,
    after: &mut User,
) -> Result<(), Error> {
    let (directory, number) = (permit.directory(), before.id.number());
    // Tokens may have been issued later than this call came, and by a clock that is ahead; and what has ended stays ended.
    let issued = refresh_tokens::latest(change.tx(), directory, number).await?;
    after.signed_out = Some(before.begins_at(permit.at())).max(issued);
    sessions::end_user(change.tx(), directory, number).await?;
    refresh_tokens::end_user(change.tx(), directory, number).await?;
    oauth_codes::end_user(change.tx(), directory, number).await?;
    auth_codes::end_user(change.tx(), directory, number).await?;
    reset_links::end_user(change.tx(), directory, number).await?;
    Ok(())
}

/// The same, where something beside the user's row has changed as well: values of properties before and after, or what
/// is told to nobody.
async fn write_with(
    change: &mut Change,
    permit: &Permit,
    what: &'static str,
    before: &User,
    mut after: User,
    beside: Option<Beside>,
) -> Result<User, Error> {
    let directory = permit.directory();
    if after == *before && beside.is_none() {
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
    // The end of a password, and disabling, end what was begun before.
    let ends_password = after.password.set_at.is_none() && before.password.set_at.is_some();
    let is_disabled = after.status == Status::Disabled && before.status == Status::Enabled;
    if ends_password || is_disabled || after.signed_out != before.signed_out {
        sign_out(change, permit, before, &mut after).await?;
    }
    let is_reached_elsewhere = before.email != after.email || before.phone != after.phone;
    if is_reached_elsewhere {
        // Whoever reads what was sent to the former address may be somebody else.
        reset_links::end_user(change.tx(), directory, before.id.number()).await?;
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
    change.record(match beside {
        None => Event::changed(what, before, &after),
        Some(beside) => Event::changed_with(what, (before, &beside.before), (&after, &beside.after)),
    });
    Ok(after)
}
