//! The organization tree.
//!
//! Source: `reference/doors.md` §4.4.

use access::{Change, Permit, Reader};
use model::event::Event;
use model::text::{Description, UnitName};
use model::total::Total;
use model::unit::{ListedUnit, Unit};
use model::{Handle, Id, Number};
use store::search::Like;
use store::units::{self as rows, Filter};
use store::{directories, users as people};

use crate::error::{Argument, Error, Unique};
use crate::named::{self, Named, Thing};
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
}

/// Makes a unit, at most `deepest` below the root.
///
/// # Errors
/// `Missing` the parent, `TooDeep`, `Taken`.
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
    let unit = Unit {
        id: change.new_id(permit),
        parent: Some(parent),
        name: new.name.clone(),
        description: new.description.clone(),
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
