//! The organization tree.
//!
//! Source: `reference/doors.md` §4.4.

use std::collections::HashSet;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::text::{Description, UnitName};
use model::total::Total;
use model::unit::{ListedUnit, Unit};
use model::user::User;
use model::{Folded, Handle, Id, Number};
use store::search::Like;
use store::units::{self as rows, Filter};
use store::{directories, totals, users as people};

use crate::error::{Argument, Error, Unique};
use crate::named::{self, Called, Named, Thing};
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
}

/// Makes a unit, at most `deepest` below the root.
///
/// # Errors
/// `Missing` the parent, `TooDeep`, `Taken` the name or the external id.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    new: &NewUnit,
    deepest: i64,
) -> Result<Unit, Error> {
    let directory = permit.directory();
    directories::guard(change.tx(), directory).await?;
    let parent = named::unit(change.tx(), permit, &new.parent, Argument::Parent).await?.id.number();
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
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), directory, &unit).await?;
    change.tx().count(directory, Total::Units, 1);
    change.record(Event::made("unit.created", &unit));
    Ok(unit)
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

/// Removes a unit without children and without people.
///
/// # Errors
/// `Missing` the unit, `RootUnit`, `NotEmpty`.
pub async fn remove(change: &mut Change, permit: &Permit, unit: &Named) -> Result<(), Error> {
    let directory = permit.directory();
    directories::guard(change.tx(), directory).await?;
    let before = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    if before.parent.is_none() {
        return Err(Error::RootUnit);
    }
    let number = before.id.number();
    if rows::has_children(change.tx(), directory, number).await?
        || rows::has_people(change.tx(), directory, number).await?
    {
        return Err(Error::NotEmpty(unit.text.clone()));
    }
    // What is left are system users, who are no obstacle; or people who came this moment.
    for member in rows::members(change.tx(), directory, number).await? {
        match people::lock_one(change.tx(), directory, member).await? {
            Some(user) if user.system => users::leave(change, permit, &user, number).await?,
            Some(_) => return Err(Error::NotEmpty(unit.text.clone())),
            None => {}
        }
    }
    rows::remove(change.tx(), directory, number).await?;
    change.tx().count(directory, Total::Units, -1);
    change.record(Event::removed("unit.removed", &before));
    Ok(())
}

/// Users who are locked and looked at together.
const TOGETHER: usize = 500;

/// Removes everything below a unit, which itself stays: all units, and everybody whose primary unit is it or one of
/// them. Who is only further in one of them leaves it. System users stay, in the next unit of theirs or in the root.
///
/// # Errors
/// `Missing` the unit; `LastSuperadmin`, and then nothing is removed.
pub async fn remove_below(change: &mut Change, permit: &Permit, unit: &Named) -> Result<(), Error> {
    let directory = permit.directory();
    // Nobody hangs another unit below this one meanwhile.
    directories::guard(change.tx(), directory).await?;
    let top = named::unit(change.tx(), permit, unit, Argument::Unit).await?.id.number();
    // Before the people: who comes into one of these waits for this change, or this change would collide with each.
    let below = rows::lock_below(change.tx(), directory, top).await?;
    let going: HashSet<Number> = below.iter().map(|unit| unit.id.number()).collect();
    let members = rows::members_within(change.tx(), directory, top).await?;
    for members in members.chunks(TOGETHER) {
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
    let mut filter =
        Filter { name: wanted.name.as_ref(), without_root: wanted.without_root, ..Filter::default() };
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
