//! People move from unit to unit.
//!
//! Source: `reference/doors.md` §4.3.

use std::collections::BTreeSet;

use access::{Change, Permit};
use model::event::Event;
use model::total::Total;
use model::user::User;
use model::{Id, Number};
use store::units;

use super::locked_all;
use crate::error::{Argument, Error};
use crate::named::{self, Named, Thing};

/// Makes a unit the primary one of all these users: they leave the old primary unit, and other further ones stay.
///
/// # Errors
/// `Missing` the unit or a user; then nobody moves.
pub async fn move_to(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    unit: &Named,
) -> Result<(), Error> {
    let target = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    let users = locked_all(change, permit, names).await?;
    let numbers: Vec<Number> = users.iter().map(|user| user.id.number()).collect();
    let mut units = units::of_users(change.tx(), permit.directory(), &numbers).await?;
    for user in users {
        let own = units.remove(&user.id.number()).unwrap_or_default();
        if own.first() != Some(&target.id.number()) {
            set_primary(change, permit, &user, &own, target.id).await?;
        }
    }
    Ok(())
}

/// Makes a unit the primary one of a user whom nobody else may change: as [`move_to`].
///
/// # Errors
/// `Missing` the unit.
pub async fn set_primary_unit(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: &Named,
) -> Result<(), Error> {
    let target = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    let own = units::of_user(change.tx(), permit.directory(), user.id.number()).await?;
    if own.first() != Some(&target.id.number()) {
        set_primary(change, permit, user, &own, target.id).await?;
    }
    Ok(())
}

/// Puts a user, whom nobody else may change, into further units. Where the user is already, nothing changes.
///
/// # Errors
/// `Missing` a unit; then the user comes into none.
pub async fn add_to_units(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    wanted: &[Named],
) -> Result<(), Error> {
    let directory = permit.directory();
    let numbers: Vec<Number> = wanted.iter().filter_map(|unit| number_of(permit, unit)).collect();
    let there = units::ids(change.tx(), directory, &numbers).await?;
    let mut targets = BTreeSet::new();
    for unit in wanted {
        let found = there.iter().find(|id| means(permit, unit, **id));
        targets.insert(found.ok_or_else(|| unit.missing(Argument::Unit))?.number());
    }
    let own = units::of_user(change.tx(), directory, user.id.number()).await?;
    for unit in targets.into_iter().filter(|unit| !own.contains(unit)) {
        units::join(change.tx(), directory, user, unit, false, permit.at()).await?;
        count(change, permit, user, unit, 1);
        change.record(Event::joined("user.joined_unit", user, None, Some(&[("unit", unit.to_string())])));
    }
    Ok(())
}

/// Takes a user, whom nobody else may change, out of further units. Units in which the user is not, or that are not
/// there, are left out.
///
/// # Errors
/// `PrimaryUnit`, where one of them is the user's primary one; then the user leaves none.
pub async fn leave_units(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    named: &[Named],
) -> Result<(), Error> {
    let directory = permit.directory();
    let own = units::of_user(change.tx(), directory, user.id.number()).await?;
    let ids = units::ids(change.tx(), directory, &own).await?;
    let mut leaving = BTreeSet::new();
    for unit in named {
        let Some(id) = ids.iter().find(|id| means(permit, unit, **id)) else { continue };
        if own.first() == Some(&id.number()) {
            return Err(Error::PrimaryUnit(unit.text.clone()));
        }
        leaving.insert(id.number());
    }
    for unit in leaving {
        units::leave(change.tx(), directory, user.id.number(), unit).await?;
        left(change, permit, user, unit);
    }
    Ok(())
}

fn number_of(permit: &Permit, unit: &Named) -> Option<Number> {
    match unit.thing? {
        Thing::Root => Some(permit.root_unit()),
        Thing::Handle(handle) => Some(handle.number()),
    }
}

fn means(permit: &Permit, unit: &Named, id: Id) -> bool {
    match unit.thing {
        Some(Thing::Root) => id.number() == permit.root_unit(),
        Some(Thing::Handle(handle)) => handle.means(id),
        None => false,
    }
}

/// Takes users, whom nobody else may change, out of their further units that are this one or lie below it.
pub(crate) async fn leave_within(
    change: &mut Change,
    permit: &Permit,
    users: &[User],
    above: Number,
) -> Result<(), Error> {
    let numbers: Vec<Number> = users.iter().map(|user| user.id.number()).collect();
    let gone = units::leave_within(change.tx(), permit.directory(), &numbers, above).await?;
    for (number, unit) in gone {
        if let Some(user) = users.iter().find(|user| user.id.number() == number) {
            left(change, permit, user, unit);
        }
    }
    Ok(())
}

/// Counts and records that a user is no further in a unit.
fn left(change: &mut Change, permit: &Permit, user: &User, unit: Number) {
    count(change, permit, user, unit, -1);
    change.record(Event::joined("user.left_unit", user, Some(&[("unit", unit.to_string())]), None));
}

async fn set_primary(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    own: &[Number],
    target: Id,
) -> Result<(), Error> {
    let (directory, number, unit) = (permit.directory(), user.id.number(), target.number());
    if let Some(old) = own.first() {
        units::leave(change.tx(), directory, number, *old).await?;
        count(change, permit, user, *old, -1);
    }
    if own.contains(&unit) {
        units::promote(change.tx(), directory, number, unit).await?;
    } else {
        units::join(change.tx(), directory, user, unit, true, permit.at()).await?;
        count(change, permit, user, unit, 1);
    }
    moved(change, permit, user, own.first().copied(), unit).await
}

/// Takes a user out of a unit. Who leaves the primary one gets the oldest further one for it, the root last, or
/// the root where there is none.
pub(crate) async fn leave(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
) -> Result<(), Error> {
    let (directory, number) = (permit.directory(), user.id.number());
    let own = units::of_user(change.tx(), directory, number).await?;
    units::leave(change.tx(), directory, number, unit).await?;
    if own.first() != Some(&unit) {
        left(change, permit, user, unit);
        return Ok(());
    }
    count(change, permit, user, unit, -1);
    let root = permit.root_unit();
    let further = own.iter().skip(1);
    let next = further.clone().find(|unit| **unit != root).or_else(|| further.clone().next());
    match next {
        Some(next) => units::promote(change.tx(), directory, number, *next).await?,
        None => {
            units::join(change.tx(), directory, user, root, true, permit.at()).await?;
            count(change, permit, user, root, 1);
        }
    }
    moved(change, permit, user, Some(unit), next.copied().unwrap_or(root)).await
}

fn count(change: &mut Change, permit: &Permit, user: &User, unit: Number, by: i64) {
    if !user.system {
        change.tx().count(permit.directory(), Total::Unit(unit), by);
    }
}

/// Records that a user has another primary unit, which is a change of the user's own.
async fn moved(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    from: Option<Number>,
    to: Number,
) -> Result<(), Error> {
    let after = User { updated: permit.at(), ..user.clone() };
    store::users::update(change.tx(), permit.directory(), user, &after).await?;
    let unit = |unit: Number| [("unit", unit.to_string())];
    let event =
        Event::joined("user.moved", user, from.map(unit).as_ref().map(<[_; 1]>::as_slice), Some(&unit(to)));
    change.record(event);
    Ok(())
}
