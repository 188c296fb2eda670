//! Groups: flat sets of users.
//!
//! Source: `reference/doors.md` §2.1, §4.1, §4.4.

use std::collections::HashMap;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::group::Group;
use model::text::{ExternalId, GroupDescription, GroupName};
use model::total::Total;
use model::user::User;
use model::{Folded, Handle, Id, Number};
use store::groups::{self as rows, Filter};
use store::search::Like;
use store::{directories, totals};

use crate::error::{Argument, Error, Unique};
use crate::named::{self, Called, Named};
use crate::users::{by_id, known_ids, locked_all, locked_ids};

/// Whether a group may bear a name that another one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// It may not, and nobody else who asks for this may take the name from now on.
    Unique,
    /// It may.
    Repeatable,
}

/// A group to be made.
#[derive(Debug)]
pub struct NewGroup {
    /// Its name.
    pub name: GroupName,
    /// A free remark.
    pub description: GroupDescription,
    /// What another system calls it, where that is not its own id.
    pub external_id: Option<Called>,
}

/// Makes a group.
///
/// # Errors
/// `Taken` the external id, or the name where names are unique.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    new: &NewGroup,
    names: Names,
) -> Result<Group, Error> {
    directories::keep(change.tx(), permit.directory()).await?;
    check_name(change, permit, &new.name, None, names).await?;
    if let Some(called) = &new.external_id {
        check_external_id(change, permit, called, None).await?;
    }
    let group = Group {
        id: change.new_id(permit),
        name: new.name.clone(),
        description: new.description.clone(),
        external_id: new.external_id.as_ref().map(|called| called.text.clone()),
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
    let edit = Edit { name: Some(name), description, external_id: None };
    write(change, permit, group, edit, names).await
}

/// Gives a group another name and another external id, where they are given.
///
/// # Errors
/// `Missing` the group; `Taken` the external id, or the name where names are unique.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    group: &Named,
    name: Option<&GroupName>,
    external_id: Option<&Called>,
    names: Names,
) -> Result<Group, Error> {
    write(change, permit, group, Edit { name, description: None, external_id }, names).await
}

/// Gives a group another description.
///
/// # Errors
/// `Missing` the group.
pub async fn describe(
    change: &mut Change,
    permit: &Permit,
    group: &Named,
    description: &GroupDescription,
) -> Result<Group, Error> {
    let edit = Edit { name: None, description: Some(description), external_id: None };
    write(change, permit, group, edit, Names::Repeatable).await
}

/// What of a group shall be another one.
#[derive(Clone, Copy)]
struct Edit<'a> {
    name: Option<&'a GroupName>,
    description: Option<&'a GroupDescription>,
    external_id: Option<&'a Called>,
}

async fn write(
    change: &mut Change,
    permit: &Permit,
    group: &Named,
    edit: Edit<'_>,
    names: Names,
) -> Result<Group, Error> {
    let before = locked(change, permit, std::slice::from_ref(group)).await?.remove(0);
    let mut after = before.clone();
    // The name that it has is none that it takes, whoever else has it.
    let new_name = edit.name.filter(|name| **name != before.name);
    if let Some(name) = new_name {
        check_name(change, permit, name, Some(before.id.number()), names).await?;
        after.name = name.clone();
    }
    let new_external_id = edit.external_id.filter(|called| Some(&called.text) != before.external_id.as_ref());
    if let Some(called) = new_external_id {
        check_external_id(change, permit, called, Some(before.id)).await?;
        after.external_id = Some(called.text.clone());
    }
    if let Some(description) = edit.description {
        after.description = description.clone();
    }
    if after != before {
        after.updated = permit.at();
        let claim = new_name.map(|_| names == Names::Unique);
        rows::update(change.tx(), permit.directory(), &after, claim).await?;
        change.record(Event::changed("group.changed", &before, &after));
    }
    Ok(after)
}

/// No other group is called so. It is a unique key: of two calls at once one runs again and finds the other's.
async fn check_external_id(
    change: &mut Change,
    permit: &Permit,
    called: &Called,
    own: Option<Id>,
) -> Result<(), Error> {
    let directory = permit.directory();
    let holder = rows::called(change.tx(), directory, &called.text).await?;
    let ids = rows::ids(change.tx(), directory, &called.numbers()).await?;
    if called.is_taken(own, holder, &ids) {
        return Err(Error::Taken(Unique::GroupExternalId, called.text.as_str().to_owned()));
    }
    Ok(())
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
    enter(change, permit, &group, &users).await
}

/// Puts users, named by their ids, into a group: as [`join`].
///
/// # Errors
/// `Missing` the group or a user; then nobody joins.
pub async fn join_ids(
    change: &mut Change,
    permit: &Permit,
    users: &[Named],
    group: &Named,
) -> Result<(), Error> {
    let group = named::group(change.tx(), permit, group).await?;
    let users = locked_ids(change, permit, users).await?;
    enter(change, permit, &group, &users).await
}

async fn enter(change: &mut Change, permit: &Permit, group: &Group, users: &[User]) -> Result<(), Error> {
    let (numbers, at) = (numbers(users), permit.at());
    let joined = rows::join(change.tx(), permit.directory(), &numbers, group.id.number(), at).await?;
    record(change, permit, group, users, &joined, Turn::Joined);
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
    part(change, permit, &group, &users).await
}

/// Takes users, named by their ids, out of a group. Who is not in it stays out, and who is not there is left out.
///
/// # Errors
/// `Missing` the group.
pub async fn leave_ids(
    change: &mut Change,
    permit: &Permit,
    users: &[Named],
    group: &Named,
) -> Result<(), Error> {
    let group = named::group(change.tx(), permit, group).await?;
    let users = known_ids(change, permit, users).await?;
    part(change, permit, &group, &users).await
}

async fn part(change: &mut Change, permit: &Permit, group: &Group, users: &[User]) -> Result<(), Error> {
    let left = rows::leave(change.tx(), permit.directory(), &numbers(users), group.id.number()).await?;
    record(change, permit, group, users, &left, Turn::Left);
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
    let only = match &wanted.only {
        Some(named) => Some(existing(reader, permit, std::slice::from_ref(named)).await?),
        None => None,
    };
    let filter = Filter { only: only.as_deref(), name: wanted.name.as_ref(), ..Filter::default() };
    let groups = rows::page(reader.rows(), directory, filter, wanted.skip, wanted.limit).await?;
    Ok(Page { groups, total: total(reader, permit, filter).await? })
}

async fn total(reader: &mut Reader, permit: &Permit, filter: Filter<'_>) -> Result<i64, Error> {
    let directory = permit.directory();
    Ok(if filter.is_empty() {
        totals::read(reader.rows(), directory, Total::Groups).await?
    } else {
        rows::count(reader.rows(), directory, filter).await?
    })
}

/// The numbers of those that are there.
async fn existing(reader: &mut Reader, permit: &Permit, named: &[Named]) -> Result<Vec<Number>, Error> {
    let handles: Vec<Handle> = named.iter().filter_map(Named::handle).collect();
    let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
    let ids = rows::ids(reader.rows(), permit.directory(), &numbers).await?;
    let is_meant = |id: &Id| handles.iter().any(|handle| handle.means(*id));
    Ok(ids.into_iter().filter(is_meant).map(|id| id.number()).collect())
}

/// Which groups are asked for, by page numbers and the oldest first; all conditions hold.
#[derive(Debug, Default)]
pub struct Numbered {
    /// Only these.
    pub only: Option<Vec<Named>>,
    /// Only those of this name, compared without case.
    pub name: Option<String>,
    /// Only those whose name begins so, compared without case.
    pub name_begins: Option<String>,
    /// Only the one with this external id: the text, and the group without an external id that it means as the
    /// group's own.
    pub external_id: Option<(String, Named)>,
    /// How many to leave out at the beginning.
    pub skip: i64,
    /// How many at most.
    pub limit: i64,
}

/// Lists groups in the order of their numbers, and tells how many match in all. A group that is not there matches
/// nothing.
///
/// # Errors
/// The store's; `Deadline` among them, where a name is looked for too long.
pub async fn numbered(
    reader: &mut Reader,
    permit: &Permit,
    wanted: &Numbered,
) -> Result<(Vec<Group>, i64), Error> {
    let [name, begins] = [&wanted.name, &wanted.name_begins].map(|text| text.as_deref().map(Folded::of));
    let mut only = match &wanted.only {
        Some(only) => Some(existing(reader, permit, only).await?),
        None => None,
    };
    if let Some((text, own)) = &wanted.external_id {
        let called = called(reader, permit, text, own).await?;
        only = Some(match only {
            Some(only) => only.into_iter().filter(|number| called.contains(number)).collect(),
            None => called,
        });
    }
    let filter =
        Filter { only: only.as_deref(), named: name.as_ref(), begins: begins.as_ref(), ..Filter::default() };
    let directory = permit.directory();
    let groups = rows::numbered(reader.rows(), directory, filter, wanted.skip, wanted.limit).await?;
    Ok((groups, total(reader, permit, filter).await?))
}

/// The groups with this external id: given, or the own id where none was.
async fn called(reader: &mut Reader, permit: &Permit, text: &str, own: &Named) -> Result<Vec<Number>, Error> {
    // A text that is none finds nothing.
    let Ok(external_id) = ExternalId::new(text) else { return Ok(Vec::new()) };
    let given = rows::called(reader.rows(), permit.directory(), &external_id).await?;
    let own = match own.handle() {
        Some(handle) => rows::find(reader.rows(), permit.directory(), handle.number())
            .await?
            .filter(|group| handle.means(group.id) && group.external_id.is_none()),
        None => None,
    };
    Ok(given.into_iter().chain(own.map(|group| group.id.number())).collect())
}

/// Lists who is in a group, by joining and then by number, and tells how many in all. System users are shown only
/// where `only` names them; who is not there or not in the group is left out.
///
/// # Errors
/// `Missing` the group.
pub async fn members(
    reader: &mut Reader,
    permit: &Permit,
    group: &Named,
    only: Option<&[Named]>,
    skip: i64,
    limit: i64,
) -> Result<(Vec<Id>, i64), Error> {
    let directory = permit.directory();
    let group = named::group(reader.rows(), permit, group).await?.id.number();
    let Some(only) = only else {
        let people = rows::people(reader.rows(), directory, group, skip, limit).await?;
        return Ok((people, totals::read(reader.rows(), directory, Total::Group(group)).await?));
    };
    let handles: Vec<Handle> = only.iter().filter_map(Named::handle).collect();
    let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
    let mut found = rows::members_among(reader.rows(), directory, group, &numbers).await?;
    found.retain(|id| handles.iter().any(|handle| handle.means(*id)));
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let [skip, limit] = [skip, limit].map(|n| usize::try_from(n).unwrap_or_default());
    Ok((found.into_iter().skip(skip).take(limit).collect(), total))
}

/// Lists the groups of a user, by joining and then by number, and tells how many in all.
///
/// # Errors
/// `Missing` the user.
pub async fn of_user(
    reader: &mut Reader,
    permit: &Permit,
    user: &Named,
    skip: i64,
    limit: i64,
) -> Result<(Vec<Group>, i64), Error> {
    let user = by_id(reader, permit, user).await?.id.number();
    let groups = rows::of_user(reader.rows(), permit.directory(), user, skip, limit).await?;
    Ok((groups, rows::count_of_user(reader.rows(), permit.directory(), user).await?))
}

/// The group that is meant.
///
/// # Errors
/// `Missing` the group.
pub async fn find(reader: &mut Reader, permit: &Permit, group: &Named) -> Result<Group, Error> {
    named::group(reader.rows(), permit, group).await
}
