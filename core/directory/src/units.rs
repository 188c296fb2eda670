//! The organization tree.
//!
//! Source: `reference/doors.md` §4.4.

use std::collections::HashSet;

use access::{Change, Failure, Permit, Reader};
use model::drive::Owner;
use model::event::Event;
use model::text::{Description, Label, UnitName};
use model::total::Total;
use model::unit::{ListedUnit, Unit};
use model::user::User;
use model::{Folded, Handle, Id, Number};
use store::search::Like;
use store::units::{self as rows, Filter};
use store::{directories, drives, totals, users as people};

use crate::assignments;
use crate::error::{Argument, Error, Unique};
use crate::named::{self, Called, Named, Thing};
use crate::rights::{self, Reach};
use crate::users;

/// Units below the root, on any way down, that no door goes beyond.
pub const DEEPEST: i64 = 20;

/// A unit to be made.
#[derive(Debug)]
pub struct NewUnit {
    /// Free among the parent's children, compared without case.
    pub name: UnitName,
    /// A free remark.
    pub description: Description,
    /// The unit above it.
    pub parent: Named,
    /// What another system calls it, where that is not its own id.
    pub external_id: Option<Called>,
    /// The part of the directory that it is said to be in; empty for none.
    pub label: Label,
}

/// Makes a unit, at most `deepest` below the root.
///
/// # Errors
/// In this order: `Missing` the parent; `Forbidden` the parent, where the caller administers no unit there; `TooDeep`;
/// `Taken` the name or the external id.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    new: &NewUnit,
    deepest: i64,
) -> Result<Unit, Error> {
    let directory = permit.directory();
    directories::guard(change.tx(), directory).await?;
    let parent = named::unit(change.tx(), permit, &new.parent, Argument::Parent).await?;
    if !may_make(change, permit, &parent, &new.label).await? {
        return Err(Error::Forbidden(Argument::Parent, new.parent.text.clone()));
    }
    let parent = parent.id.number();
    if rows::depth(change.tx(), directory, parent).await? + 1 > deepest {
        return Err(Error::TooDeep(Argument::Parent, new.parent.text.clone()));
    }
    check_name(change, permit, parent, &new.name, None).await?;
    if let Some(called) = &new.external_id {
        let holder = rows::called(change.tx(), directory, &called.text).await?;
        let ids = rows::ids(change.tx(), directory, &called.numbers()).await?;
        if called.is_taken(None, holder, &ids) {
            return Err(Error::Taken(Unique::UnitExternalId, called.text.as_str().to_owned()));
        }
    }
    let unit = Unit {
        id: change.new_id(permit),
        parent: Some(parent),
        name: new.name.clone(),
        description: new.description.clone(),
        external_id: new.external_id.as_ref().map(|called| called.text.clone()),
        creator: permit.creator().to_owned(),
        label: new.label.clone(),
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), directory, &unit).await?;
    change.tx().count(directory, Total::Units, 1);
    change.record(Event::made("unit.created", &unit));
    Ok(unit)
}

/// Whether the caller may make a unit with this label under another one. Directly under the root nobody does who only
/// administers units; below, such a one gives the label of the unit above, or none.
async fn may_make(change: &mut Change, permit: &Permit, parent: &Unit, label: &Label) -> Result<bool, Error> {
    let is_managed = match rights::reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => label == own && (parent.parent.is_none() || parent.label == *own),
        Reach::Own => false,
    };
    // Another label would hand the unit to those who manage another part.
    let is_alike = label.as_str().is_empty() || *label == parent.label;
    let is_below = parent.parent.is_some() && is_alike;
    Ok(is_managed || (is_below && assignments::is_assigned(change.tx(), permit, parent.id.number()).await?))
}

/// Gives a unit that the caller administers another name, another description, or both; what is not said stays.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the unit, `Taken` the name.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    name: Option<&UnitName>,
    description: Option<&Description>,
) -> Result<Unit, Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let before = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    assignments::require(change.tx(), permit, &before, &unit.text).await?;
    let after = Unit {
        name: name.unwrap_or(&before.name).clone(),
        description: description.unwrap_or(&before.description).clone(),
        ..before.clone()
    };
    if let Some(parent) = before.parent.filter(|_| after.name != before.name) {
        check_name(change, permit, parent, &after.name, Some(before.id.number())).await?;
    }
    write(change, permit, "unit.changed", &before, after).await
}

/// Gives a unit another name, of at most `longest` characters.
///
/// # Errors
/// `Missing` the unit, `Unfit` or `Taken` the name.
pub async fn rename(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    name: &UnitName,
    longest: usize,
) -> Result<Unit, Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let before = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    if *name == before.name {
        return Ok(before);
    }
    if name.as_str().chars().count() > longest {
        return Err(Error::Unfit(Argument::UnitName, name.as_str().to_owned()));
    }
    if let Some(parent) = before.parent {
        check_name(change, permit, parent, name, Some(before.id.number())).await?;
    }
    let after = Unit { name: name.clone(), ..before.clone() };
    write(change, permit, "unit.renamed", &before, after).await
}

/// Gives a unit another description.
///
/// # Errors
/// `Missing` the unit.
pub async fn describe(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    description: &Description,
) -> Result<Unit, Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let before = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    let after = Unit { description: description.clone(), ..before.clone() };
    write(change, permit, "unit.described", &before, after).await
}

/// Hangs a unit with all that lies below it under another one, at most `deepest` below the root.
///
/// # Errors
/// In this order: `Missing` the unit, `RootUnit`, `Missing` the new parent, `Cycle`, `Taken`, `TooDeep`.
pub async fn move_to(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    parent: &Named,
    deepest: i64,
) -> Result<Unit, Error> {
    let directory = permit.directory();
    // Of two moves at once each might be right by itself and both together a cycle.
    directories::guard(change.tx(), directory).await?;
    let before = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    let Some(old_parent) = before.parent else { return Err(Error::RootUnit) };
    let number = before.id.number();
    let target = named::unit(change.tx(), permit, parent, Argument::NewParent).await?.id.number();
    if rows::is_within(change.tx(), directory, target, number).await? {
        return Err(Error::Cycle(parent.text.clone()));
    }
    if target == old_parent {
        return Ok(before);
    }
    check_name(change, permit, target, &before.name, Some(number)).await?;
    let depth = rows::depth(change.tx(), directory, target).await?;
    let height = rows::height(change.tx(), directory, number).await?;
    if depth + 1 + height > deepest {
        return Err(Error::TooDeep(Argument::NewParent, parent.text.clone()));
    }
    rows::relocate(change.tx(), directory, number, target).await?;
    let after = Unit { parent: Some(target), ..before.clone() };
    write(change, permit, "unit.moved", &before, after).await
}

/// What becomes of the people of a unit that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// They keep it from being removed.
    Refuse,
    /// They leave it: who has it for the primary unit gets another one.
    Release,
}

/// Removes a unit without children and without drives, together with the assignments to it. System users, who are no
/// people, leave it in any case.
///
/// # Errors
/// In this order: `Missing` the unit, `RootUnit`, `Forbidden` the unit, `NotEmpty`.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    members: Members,
) -> Result<(), Error> {
    if members == Members::Release {
        release_many(change, permit, unit).await?;
    }
    let directory = permit.directory();
    directories::guard(change.tx(), directory).await?;
    let before = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    check_removable(change.tx(), permit, &before, &unit.text).await?;
    let number = before.id.number();
    match members {
        Members::Refuse => dismiss_systems(change, permit, number, &unit.text).await?,
        Members::Release => {
            // Who comes into it waits for this change, and then finds it gone.
            rows::lock(change.tx(), directory, number).await?;
            while users::release(change, permit, number, TOGETHER).await? > 0 {}
        }
    }
    rows::remove(change.tx(), directory, number).await?;
    change.tx().count(directory, Total::Units, -1);
    change.record(Event::removed("unit.removed", &before));
    Ok(())
}

/// That nothing but its members keeps a unit from being removed.
async fn check_removable(
    reader: &mut store::Reader,
    permit: &Permit,
    unit: &Unit,
    text: &str,
) -> Result<(), Error> {
    let (directory, number) = (permit.directory(), unit.id.number());
    if unit.parent.is_none() {
        return Err(Error::RootUnit);
    }
    assignments::require(reader, permit, unit, text).await?;
    // No drive comes to it meanwhile: who makes one keeps the directory.
    if rows::has_children(reader, directory, number).await?
        || drives::owns(reader, directory, Owner::Unit(number)).await?
    {
        return Err(Error::NotEmpty(text.to_owned()));
    }
    Ok(())
}

/// Takes the system users, who are no obstacle, out of a unit that has nobody else.
async fn dismiss_systems(
    change: &mut Change,
    permit: &Permit,
    unit: Number,
    text: &str,
) -> Result<(), Error> {
    let directory = permit.directory();
    if rows::has_people(change.tx(), directory, unit).await? {
        return Err(Error::NotEmpty(text.to_owned()));
    }
    // What is left are system users; or people who came this moment.
    for member in rows::members(change.tx(), directory, unit, TOGETHER).await? {
        match people::lock_one(change.tx(), directory, member).await? {
            Some(user) if user.system => users::leave(change, permit, &user, unit).await?,
            Some(_) => return Err(Error::NotEmpty(text.to_owned())),
            None => {}
        }
    }
    Ok(())
}

/// Members whom a unit lets go in the change that removes it.
const AT_ONCE: i64 = 2_000;

/// Lets the members of a unit that has very many leave it before it is removed, some in each transaction, so that nobody
/// waits for all of them. Where the call ends early they have left, and the next one goes on. A unit that cannot be
/// removed is left by nobody.
async fn release_many(change: &mut Change, permit: &Permit, unit: &Named) -> Result<(), Error> {
    let number = {
        let mut beside = change.beside();
        let found = named::unit(beside.rows(), permit, unit, Argument::Unit).await?;
        check_removable(beside.rows(), permit, &found, &unit.text).await?;
        let people = totals::read(beside.rows(), permit.directory(), Total::Unit(found.id.number())).await?;
        if people <= AT_ONCE {
            return Ok(());
        }
        found.id.number()
    };
    loop {
        let mut part = change.apart();
        let looked_at = users::release(&mut part, permit, number, TOGETHER).await?;
        part.commit(permit).await.map_err(|failure| match failure {
            Failure::Store(error) => Error::from(error),
            Failure::Unrecorded => unreachable!("whoever leaves a unit is recorded"),
        })?;
        if looked_at < TOGETHER as usize {
            return Ok(());
        }
    }
}

/// Users who are locked and looked at together.
const TOGETHER: i64 = 500;

/// Removes everything below a unit, which itself stays: all units, and everybody whose primary unit is it or one of
/// them. Who is only further in one of them leaves it. System users stay, in the next unit of theirs or in the root.
///
/// # Errors
/// `Missing` the unit; `NotEmpty`, where a unit below owns a drive; of somebody who would go `LastSuperadmin`,
/// `OwnsDrive`. Then nothing is removed.
pub async fn remove_below(change: &mut Change, permit: &Permit, unit: &Named) -> Result<(), Error> {
    let directory = permit.directory();
    // Nobody hangs another unit below this one meanwhile.
    directories::guard(change.tx(), directory).await?;
    let top = named::unit(change.tx(), permit, unit, Argument::Unit).await?.id.number();
    // Before the people: who comes into one of these waits for this change, or this change would collide with each.
    let below = rows::lock_below(change.tx(), directory, top).await?;
    let going: HashSet<Number> = below.iter().map(|unit| unit.id.number()).collect();
    let numbers: Vec<Number> = going.iter().copied().collect();
    if !drives::owning_units(change.tx(), directory, &numbers).await?.is_empty() {
        return Err(Error::NotEmpty(unit.text.clone()));
    }
    let members = rows::members_within(change.tx(), directory, top).await?;
    for members in members.chunks(TOGETHER as usize) {
        let users = people::lock_all(change.tx(), directory, members).await?;
        // Where they are now, since nobody else moves them any more.
        let places = rows::of_users(change.tx(), directory, members).await?;
        let is_home = |unit: &Number| *unit == top || going.contains(unit);
        let (system, people): (Vec<User>, Vec<User>) = users.into_iter().partition(|user| user.system);
        let (leaving, staying): (Vec<User>, Vec<User>) = people.into_iter().partition(|user| {
            places.get(&user.id.number()).and_then(|units| units.first()).is_some_and(is_home)
        });
        users::leave_within(change, permit, &staying, top).await?;
        for user in system {
            let units = places.get(&user.id.number()).map(Vec::as_slice).unwrap_or_default();
            // The primary one last, so that it is none of the others that takes its place.
            for unit in units.iter().rev().filter(|unit| going.contains(unit)) {
                users::leave(change, permit, &user, *unit).await?;
            }
        }
        users::remove_users(change, permit, &leaving).await?;
    }
    for unit in &below {
        rows::remove(change.tx(), directory, unit.id.number()).await?;
        change.tx().count(directory, Total::Units, -1);
        change.record(Event::removed("unit.removed", unit));
    }
    Ok(())
}

async fn check_name(
    change: &mut Change,
    permit: &Permit,
    parent: Number,
    name: &UnitName,
    own: Option<Number>,
) -> Result<(), Error> {
    let holder = rows::child(change.tx(), permit.directory(), parent, &name.folded()).await?;
    if holder.is_some() && holder != own {
        return Err(Error::Taken(Unique::UnitName, name.as_str().to_owned()));
    }
    Ok(())
}

async fn write(
    change: &mut Change,
    permit: &Permit,
    what: &'static str,
    before: &Unit,
    mut after: Unit,
) -> Result<Unit, Error> {
    if after == *before {
        return Ok(after);
    }
    after.updated = permit.at();
    rows::update(change.tx(), permit.directory(), &after).await?;
    change.record(Event::changed(what, before, &after));
    Ok(after)
}

/// Which units are asked for; all conditions hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only those under this one.
    pub parent: Option<Named>,
    /// Whether all that lies below counts, and not the children alone.
    pub with_subtree: bool,
    /// Only these.
    pub only: Option<Vec<Named>>,
    /// Only those whose name matches.
    pub name: Option<Like>,
    /// Only those whose name begins so, compared without case.
    pub name_begins: Option<String>,
    /// Only those of this label.
    pub label: Option<Label>,
    /// No root, whatever its name.
    pub without_root: bool,
    /// Only units behind this one.
    pub after: Option<Number>,
    /// How many at most.
    pub limit: usize,
}

/// A page of units in the order of their numbers, the root first.
#[derive(Debug, Default)]
pub struct Page {
    /// The units.
    pub units: Vec<ListedUnit>,
    /// Where the next page begins, if there is one.
    pub next: Option<Number>,
}

/// Lists units. A unit that is not there has none below it.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let begins = wanted.name_begins.as_deref().map(Folded::of);
    let mut filter = Filter {
        name: wanted.name.as_ref(),
        begins: begins.as_ref(),
        label: wanted.label.as_ref(),
        without_root: wanted.without_root,
        ..Filter::default()
    };
    if let Some(parent) = &wanted.parent {
        let Some(thing) = parent.thing else { return Ok(Page::default()) };
        let Some(number) = named::unit_number(reader.rows(), permit, thing).await? else {
            return Ok(Page::default());
        };
        if wanted.with_subtree { filter.below = Some(number) } else { filter.parent = Some(number) }
    }
    let only = match &wanted.only {
        Some(only) => Some(existing(reader, permit, only).await?),
        None => None,
    };
    filter.only = only.as_deref();
    let limit = wanted.limit.saturating_add(1);
    let mut units = rows::page(reader.rows(), permit.directory(), &filter, wanted.after, limit).await?;
    let next = (units.len() > wanted.limit).then(|| units[wanted.limit - 1].unit.id.number());
    units.truncate(wanted.limit);
    Ok(Page { units, next })
}

/// The numbers of those that are there.
async fn existing(reader: &mut Reader, permit: &Permit, named: &[Named]) -> Result<Vec<Number>, Error> {
    let handles: Vec<Handle> = named.iter().filter_map(Named::handle).collect();
    let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
    let ids = rows::ids(reader.rows(), permit.directory(), &numbers).await?;
    let is_meant = |id: &Id| handles.iter().any(|handle| handle.means(*id));
    let root = named.iter().any(|named| named.thing == Some(Thing::Root)).then(|| permit.root_unit());
    Ok(ids.into_iter().filter(is_meant).map(|id| id.number()).chain(root).collect())
}

/// The unit that is meant, as lists show it.
///
/// # Errors
/// `Missing` the unit.
pub async fn find(reader: &mut Reader, permit: &Permit, unit: &Named) -> Result<ListedUnit, Error> {
    let number = named::unit(reader.rows(), permit, unit, Argument::Unit).await?.id.number();
    let found = of_numbers(reader, permit, &[number]).await?;
    found.into_iter().next().ok_or_else(|| unit.missing(Argument::Unit))
}

/// The unit above all others.
///
/// # Errors
/// The store's.
pub async fn root(reader: &mut Reader, permit: &Permit) -> Result<Unit, Error> {
    let found = rows::find(reader.rows(), permit.directory(), permit.root_unit()).await?;
    Ok(found.ok_or_else(|| store::Error::Corrupt("a directory has no root unit".to_owned()))?)
}

/// Which units are asked for, by page numbers; all conditions hold.
#[derive(Debug, Default)]
pub struct Numbered {
    /// Only these.
    pub only: Option<Vec<Named>>,
    /// Only those of this name, compared without case.
    pub name: Option<String>,
    /// Only those whose name begins so, compared without case.
    pub name_begins: Option<String>,
    /// Only those directly under this one.
    pub parent: Option<Named>,
    /// How many to leave out at the beginning.
    pub skip: i64,
    /// How many at most.
    pub limit: i64,
}

/// Lists units in the order of their numbers, the root among them, and tells how many match in all. Those that are not
/// there match nothing.
///
/// # Errors
/// `Missing` the parent. The store's; `Deadline` among them, where a name is looked for too long.
pub async fn numbered(
    reader: &mut Reader,
    permit: &Permit,
    wanted: &Numbered,
) -> Result<(Vec<ListedUnit>, i64), Error> {
    let directory = permit.directory();
    let [name, begins] = [&wanted.name, &wanted.name_begins].map(|text| text.as_deref().map(Folded::of));
    let only = match &wanted.only {
        Some(only) => Some(existing(reader, permit, only).await?),
        None => None,
    };
    let parent = match &wanted.parent {
        Some(Named { thing: Some(thing), .. }) => named::unit_number(reader.rows(), permit, *thing).await?,
        Some(Named { thing: None, .. }) | None => None,
    };
    if let (Some(named), None) = (&wanted.parent, parent) {
        return Err(named.missing(Argument::Parent));
    }
    let filter = Filter {
        parent,
        only: only.as_deref(),
        named: name.as_ref(),
        begins: begins.as_ref(),
        ..Filter::default()
    };
    let numbers = rows::numbers(reader.rows(), directory, &filter, wanted.skip, wanted.limit).await?;
    let units = of_numbers(reader, permit, &numbers).await?;
    let is_every_unit = parent.is_none() && only.is_none() && name.is_none() && begins.is_none();
    let total = if is_every_unit {
        // The root is no unit that is counted.
        totals::read(reader.rows(), directory, Total::Units).await? + 1
    } else {
        rows::count(reader.rows(), directory, &filter).await?
    };
    Ok((units, total))
}

async fn of_numbers(
    reader: &mut Reader,
    permit: &Permit,
    numbers: &[Number],
) -> Result<Vec<ListedUnit>, Error> {
    let filter = Filter { only: Some(numbers), ..Filter::default() };
    Ok(rows::page(reader.rows(), permit.directory(), &filter, None, numbers.len()).await?)
}

/// The ids of the units above this one, from the root down, each with that of the one above it; none for the root.
///
/// # Errors
/// `Missing` the unit.
pub async fn above(
    reader: &mut Reader,
    permit: &Permit,
    unit: &Named,
) -> Result<Vec<(Id, Option<Id>)>, Error> {
    let number = named::unit(reader.rows(), permit, unit, Argument::Unit).await?.id.number();
    Ok(rows::above(reader.rows(), permit.directory(), number).await?)
}
