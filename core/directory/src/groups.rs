//! Groups: flat sets of users.
//!
//! Source: `reference/doors.md` §2.1, §4.1, §4.4.

use std::collections::HashMap;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::group::Group;
use model::text::{GroupDescription, GroupName};
use model::total::Total;
use model::user::User;
use model::{Handle, Number};
use store::groups::{self as rows, Filter};
use store::search::Like;
use store::totals;

use crate::error::{Argument, Error, Unique};
use crate::named::{self, Named};
use crate::users::locked_all;

/// Whether a group may bear a name that another one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// It may not, and nobody else who asks for this may take the name from now on.
    Unique,
    /// It may.
    Repeatable,
}

/// Makes a group.
///
/// # Errors
/// `Taken`, where names are unique.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    name: &GroupName,
    description: &GroupDescription,
    names: Names,
) -> Result<Group, Error> {
    check_name(change, permit, name, None, names).await?;
    let group = Group {
        id: change.new_id(permit),
        name: name.clone(),
        description: description.clone(),
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), permit.directory(), &group, names == Names::Unique).await?;
    change.tx().count(permit.directory(), Total::Groups, 1);
    change.record(Event::made("group.created", &group));
    Ok(group)
}

/// Gives a group another name, and another description where one is given.
///
/// # Errors
/// `Missing` the group; `Taken`, where names are unique.
pub async fn modify(
    change: &mut Change,
    permit: &Permit,
    group: &Named,
    name: &GroupName,
    description: Option<&GroupDescription>,
    names: Names,
) -> Result<Group, Error> {
    let before = locked(change, permit, std::slice::from_ref(group)).await?.remove(0);
    // The name that it has is none that it takes, whoever else has it.
    let takes_name = *name != before.name;
    if takes_name {
        check_name(change, permit, name, Some(before.id.number()), names).await?;
    }
    let mut after = Group { name: name.clone(), ..before.clone() };
    if let Some(description) = description {
        after.description = description.clone();
    }
    if after != before {
        after.updated = permit.at();
        let claim = takes_name.then_some(names == Names::Unique);
        rows::update(change.tx(), permit.directory(), &after, claim).await?;
        change.record(Event::changed("group.changed", &before, &after));
    }
    Ok(after)
}

/// Removes groups. They are gone at once; who is in them stays, and the memberships go in the background.
///
/// # Errors
/// `Missing` a group; then none is removed.
pub async fn remove(change: &mut Change, permit: &Permit, groups: &[Named]) -> Result<(), Error> {
    for group in locked(change, permit, groups).await? {
        rows::remove(change.tx(), permit.directory(), group.id.number(), permit.at()).await?;
        change.tx().count(permit.directory(), Total::Groups, -1);
        change.record(Event::removed("group.removed", &group));
    }
    Ok(())
}

/// Puts users into a group. Who is in it already stays as of the first time.
///
/// # Errors
/// `Missing` the group or a user; then nobody joins.
pub async fn join(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    group: &Named,
) -> Result<(), Error> {
    let group = named::group(change.tx(), permit, group).await?;
    let users = locked_all(change, permit, names).await?;
    let (numbers, at) = (numbers(&users), permit.at());
    let joined = rows::join(change.tx(), permit.directory(), &numbers, group.id.number(), at).await?;
    record(change, permit, &group, &users, &joined, Turn::Joined);
    Ok(())
}

/// Takes users out of a group; who is not in it stays out.
///
/// # Errors
/// `Missing` the group or a user; then nobody leaves.
pub async fn leave(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    group: &Named,
) -> Result<(), Error> {
    let group = named::group(change.tx(), permit, group).await?;
    let users = locked_all(change, permit, names).await?;
    let left = rows::leave(change.tx(), permit.directory(), &numbers(&users), group.id.number()).await?;
    record(change, permit, &group, &users, &left, Turn::Left);
    Ok(())
}

fn numbers(users: &[User]) -> Vec<Number> {
    users.iter().map(|user| user.id.number()).collect()
}

/// What users of one call did with a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Joined,
    Left,
}

/// Counts those who changed, and records that the group's members did: one event, since no user's own fields changed.
fn record(
    change: &mut Change,
    permit: &Permit,
    group: &Group,
    users: &[User],
    changed: &[Number],
    turn: Turn,
) {
    let changed: Vec<&User> = users.iter().filter(|user| changed.contains(&user.id.number())).collect();
    if changed.is_empty() {
        return;
    }
    let people = changed.iter().filter(|user| !user.system).count();
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    let ids: Vec<String> = changed.iter().map(|user| user.id.digits()).collect();
    let facts = [("users", ids.join(" "))];
    let total = Total::Group(group.id.number());
    match turn {
        Turn::Joined => {
            change.tx().count(permit.directory(), total, people);
            change.record(Event::joined("group.users_joined", group, None, Some(&facts)));
        }
        Turn::Left => {
            change.tx().count(permit.directory(), total, -people);
            change.record(Event::joined("group.users_left", group, Some(&facts), None));
        }
    }
}

/// The groups that are meant, each once and in the order asked for, which nobody else may change until this change
/// is over.
async fn locked(change: &mut Change, permit: &Permit, groups: &[Named]) -> Result<Vec<Group>, Error> {
    let handles: Vec<Handle> = groups.iter().filter_map(Named::handle).collect();
    let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
    let found = rows::lock(change.tx(), permit.directory(), &numbers).await?;
    let mut found: HashMap<Number, Group> =
        found.into_iter().map(|group| (group.id.number(), group)).collect();
    let mut locked: Vec<Group> = Vec::with_capacity(groups.len());
    for named in groups {
        let handle = named.handle().ok_or_else(|| named.missing(Argument::Group))?;
        if locked.iter().any(|group| handle.means(group.id)) {
            continue;
        }
        let group = found.remove(&handle.number()).filter(|group| handle.means(group.id));
        locked.push(group.ok_or_else(|| named.missing(Argument::Group))?);
    }
    Ok(locked)
}

async fn check_name(
    change: &mut Change,
    permit: &Permit,
    name: &GroupName,
    own: Option<Number>,
    names: Names,
) -> Result<(), Error> {
    if names == Names::Unique && rows::is_named(change.tx(), permit.directory(), &name.folded(), own).await? {
        return Err(Error::Taken(Unique::GroupName, name.as_str().to_owned()));
    }
    Ok(())
}

/// Which groups are asked for; all conditions hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only this one.
    pub only: Option<Named>,
    /// Only those whose name matches.
    pub name: Option<Like>,
    /// How many to leave out at the beginning.
    pub skip: i64,
    /// How many at most.
    pub limit: i64,
}

/// A page of groups, the newest first.
#[derive(Debug, Default)]
pub struct Page {
    /// The groups, each with how many people are in it.
    pub groups: Vec<(Group, i64)>,
    /// How many match in all.
    pub total: i64,
}

/// Lists groups.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let directory = permit.directory();
    let mut filter = Filter { name: wanted.name.as_ref(), ..Filter::default() };
    if let Some(named) = &wanted.only {
        let Some(number) = named::group_number(reader.rows(), permit, named).await? else {
            return Ok(Page::default());
        };
        filter.only = Some(number);
    }
    let groups = rows::page(reader.rows(), directory, filter, wanted.skip, wanted.limit).await?;
    let total = if filter.only.is_none() && filter.name.is_none() {
        totals::read(reader.rows(), directory, Total::Groups).await?
    } else {
        rows::count(reader.rows(), directory, filter).await?
    };
    Ok(Page { groups, total })
}

/// The group that is meant.
///
/// # Errors
/// `Missing` the group.
pub async fn find(reader: &mut Reader, permit: &Permit, group: &Named) -> Result<Group, Error> {
    named::group(reader.rows(), permit, group).await
}
