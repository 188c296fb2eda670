//! People move from unit to unit.
//!
//! Source: `reference/doors.md` §4.3.

use access::{Change, Permit};
use model::event::Event;
use model::total::Total;
use model::user::User;
use model::{Id, Number};
use store::units;

use super::locked_all;
use crate::error::{Argument, Error};
use crate::named::{self, Named};

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
    count(change, permit, user, unit, -1);
    if own.first() != Some(&unit) {
        change.record(Event::joined("user.left_unit", user, Some(&[("unit", unit.to_string())]), None));
        return Ok(());
    }
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
