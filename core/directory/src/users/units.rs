//! People move from unit to unit.
//!
//! Source: `reference/doors.md` §4.3.

use std::collections::BTreeSet;

use access::{Change, Permit};
use model::event::Event;
use model::membership::{MemberRole, Membership};
use model::text::Description;
use model::total::Total;
use model::user::User;
use model::{Id, Number};
use store::{memberships, units};

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
    let wanted: Vec<&Named> = wanted.iter().collect();
    let targets: BTreeSet<Number> = targets(change.tx(), permit, &wanted).await?.into_iter().collect();
    let own = units::of_user(change.tx(), directory, user.id.number()).await?;
    for unit in targets.into_iter().filter(|unit| !own.contains(unit)) {
        units::join(change.tx(), directory, user, unit, false, (permit.creator(), permit.at())).await?;
        count(change, permit, user, unit, 1);
        change.record(Event::joined("user.joined_unit", user, None, Some(&[("unit", unit.to_string())])));
    }
    Ok(())
}

/// The numbers of the units that are meant, one for each.
///
/// # Errors
/// `Missing` the first unit that is not there.
pub(crate) async fn targets(
    reader: &mut store::Reader,
    permit: &Permit,
    wanted: &[&Named],
) -> Result<Vec<Number>, Error> {
    let numbers: Vec<Number> = wanted.iter().filter_map(|unit| number_of(permit, unit)).collect();
    let there = units::ids(reader, permit.directory(), &numbers).await?;
    let number = |unit: &&Named| {
        let found = there.iter().find(|id| means(permit, unit, **id));
        found.map(|id| id.number()).ok_or_else(|| unit.missing(Argument::Unit))
    };
    wanted.iter().map(number).collect()
}

/// A user's new membership in a unit, as a member without a remark.
pub(crate) fn membership_of(permit: &Permit, user: &User, unit: Number) -> Membership {
    Membership {
        user: user.id.number(),
        unit,
        role: MemberRole::default(),
        note: Description::default(),
        creator: permit.creator().to_owned(),
        joined: permit.at(),
        updated: permit.at(),
    }
}

/// What the audit trail keeps of a membership.
pub(crate) fn facts_of(membership: &Membership) -> Vec<(&'static str, String)> {
    let mut facts = vec![("unit", membership.unit.to_string())];
    if membership.role == MemberRole::Admin {
        facts.push(("role", "admin".to_owned()));
    }
    if let Some(note) = membership.note.given() {
        facts.push(("note", note.to_owned()));
    }
    facts
}

/// Puts a user, whom nobody else may change and whose units are `own`, into a unit where the user is not: as the primary
/// one in place of the root, where the user is nowhere else, and as a further one otherwise.
pub(crate) async fn place(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    own: &[Number],
    new: &Membership,
) -> Result<(), Error> {
    let (directory, root) = (permit.directory(), permit.root_unit());
    let is_primary = own == [root];
    if is_primary {
        units::leave(change.tx(), directory, user.id.number(), root).await?;
        count(change, permit, user, root, -1);
    }
    memberships::insert(change.tx(), directory, user, new, is_primary).await?;
    count(change, permit, user, new.unit, 1);
    if is_primary {
        return moved(change, permit, user, Some(root), &facts_of(new)).await;
    }
    change.record(Event::joined("user.joined_unit", user, None, Some(&facts_of(new))));
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
        units::join(change.tx(), directory, user, unit, true, (permit.creator(), permit.at())).await?;
        count(change, permit, user, unit, 1);
    }
    moved(change, permit, user, own.first().copied(), &[("unit", unit.to_string())]).await
}

/// Takes a user, whom nobody else may change, out of a unit. Who leaves the primary one gets the oldest further one for
/// it, the root last, or the root where there is none.
pub(crate) async fn leave(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
) -> Result<(), Error> {
    let own = units::of_user(change.tx(), permit.directory(), user.id.number()).await?;
    leave_one_of(change, permit, user, unit, &own).await
}

/// The same of a user whose units are `own`.
pub(crate) async fn leave_one_of(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
    own: &[Number],
) -> Result<(), Error> {
    let (directory, number) = (permit.directory(), user.id.number());
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
            units::join(change.tx(), directory, user, root, true, (permit.creator(), permit.at())).await?;
            count(change, permit, user, root, 1);
        }
    }
    let next = next.copied().unwrap_or(root);
    moved(change, permit, user, Some(unit), &[("unit", next.to_string())]).await
}

/// Takes up to `limit` members, the first by number, out of a unit without units below it that nobody may come into, or
/// that is left in several steps: as by [`leave`]. Tells how many were looked at.
pub(crate) async fn release(
    change: &mut Change,
    permit: &Permit,
    unit: Number,
    limit: i64,
) -> Result<usize, Error> {
    let directory = permit.directory();
    let members = units::members(change.tx(), directory, unit, limit).await?;
    if members.is_empty() {
        return Ok(0);
    }
    let users = store::users::lock_all(change.tx(), directory, &members).await?;
    // Where they are now, since nobody else moves them any more.
    let places = units::of_users(change.tx(), directory, &members).await?;
    let own = |user: &User| places.get(&user.id.number()).map(Vec::as_slice).unwrap_or_default();
    let users = users.into_iter().filter(|user| own(user).contains(&unit));
    let (home, further): (Vec<User>, Vec<User>) = users.partition(|user| own(user).first() == Some(&unit));
    let numbers: Vec<Number> = further.iter().map(|user| user.id.number()).collect();
    if !numbers.is_empty() {
        memberships::leave(change.tx(), directory, &numbers, unit).await?;
    }
    for user in &further {
        left(change, permit, user, unit);
    }
    for user in &home {
        leave_one_of(change, permit, user, unit, own(user)).await?;
    }
    Ok(members.len())
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
    to: &[(&str, String)],
) -> Result<(), Error> {
    let after = User { updated: permit.at(), ..user.clone() };
    store::users::update(change.tx(), permit.directory(), user, &after).await?;
    let from = from.map(|unit| [("unit", unit.to_string())]);
    change.record(Event::joined("user.moved", user, from.as_ref().map(<[_; 1]>::as_slice), Some(to)));
    Ok(())
}
