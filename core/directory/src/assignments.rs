//! Who administers which unit beside those who manage the directory.
//!
//! Source: `reference/pds.md` §5 and §11; `reference/doors.md` §4.3, §7.

use access::{Change, Permit, Reader};
use model::Number;
use model::event::Event;
use model::membership::Assignment;
use model::unit::Unit;
use model::user::User;
use store::assignments as rows;
pub use store::assignments::Listed;
use store::{directories, units};

use crate::error::{Argument, Error};
use crate::named::{self, Named};
use crate::rights::{self, Reach};
use crate::users::{self, Viewed};

/// Whether the caller administers a unit: who manages the directory, or the part of it that the unit is said to be in;
/// and who has an assignment to the unit, or to one above it that reaches down to it.
///
/// # Errors
/// The store's.
pub async fn administers(reader: &mut store::Reader, permit: &Permit, unit: Number) -> Result<bool, Error> {
    let is_managed = match rights::reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => {
            let found = units::find(reader, permit.directory(), unit).await?;
            found.is_some_and(|unit| unit.label == *own)
        }
        Reach::Own => false,
    };
    Ok(is_managed || is_assigned(reader, permit, unit).await?)
}

/// Whether the caller's own user has an assignment that reaches a unit.
pub(crate) async fn is_assigned(
    reader: &mut store::Reader,
    permit: &Permit,
    unit: Number,
) -> Result<bool, Error> {
    match permit.own() {
        Some(own) => Ok(rows::reaches(reader, permit.directory(), own.number(), unit).await?),
        None => Ok(false),
    }
}

/// That the caller administers a unit, which `text` names.
///
/// # Errors
/// `Forbidden` the unit.
pub(crate) async fn require(
    reader: &mut store::Reader,
    permit: &Permit,
    unit: &Unit,
    text: &str,
) -> Result<(), Error> {
    if administers(reader, permit, unit.id.number()).await? {
        Ok(())
    } else {
        Err(Error::Forbidden(Argument::Unit, text.to_owned()))
    }
}

/// That the caller manages a unit without an assignment, which gives nobody the right to give more of them.
fn require_managed(permit: &Permit, unit: &Unit, text: &str) -> Result<(), Error> {
    let is_managed = match rights::reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => unit.label == *own,
        Reach::Own => false,
    };
    if is_managed { Ok(()) } else { Err(Error::Forbidden(Argument::Assignment, text.to_owned())) }
}

/// That the caller may let this user administer all that lies below a unit. Who manages one part of the directory may
/// where all of it is in that part, and never for himself: what comes there later may be in another one.
async fn require_below(
    reader: &mut store::Reader,
    permit: &Permit,
    unit: &Unit,
    user: &User,
    text: &str,
) -> Result<(), Error> {
    let is_within = match rights::reach(permit) {
        Reach::Everything => true,
        Reach::Label(_) if permit.own() == Some(user.id) => false,
        Reach::Label(own) => {
            !units::has_others_below(reader, permit.directory(), unit.id.number(), own).await?
        }
        Reach::Own => false,
    };
    if is_within { Ok(()) } else { Err(Error::Forbidden(Argument::Assignment, text.to_owned())) }
}

/// Makes a user an administrator of a unit, and of those below it unless `only_unit`. One who is stays one, and keeps
/// how far that reaches where nothing is said of it.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the assignment, `Missing` the user; `Forbidden` the assignment, where it reaches
/// further than the caller.
pub async fn assign(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    user: &str,
    only_unit: Option<bool>,
) -> Result<(), Error> {
    let directory = permit.directory();
    let (found, user) = parties(change, permit, unit, user).await?;
    let (number, holder) = (found.id.number(), user.id.number());
    let before = rows::find(change.tx(), directory, number, holder).await?;
    let was_only_unit = before.as_ref().map(|before| before.only_unit);
    let only_unit = only_unit.or(was_only_unit).unwrap_or_default();
    if was_only_unit == Some(only_unit) {
        return Ok(());
    }
    if !only_unit {
        require_below(change.tx(), permit, &found, &user, &unit.text).await?;
    }
    let Some(before) = before else {
        let new = Assignment {
            unit: number,
            user: holder,
            only_unit,
            creator: permit.creator().to_owned(),
            created: permit.at(),
            updated: permit.at(),
        };
        rows::insert(change.tx(), directory, &new).await?;
        change.record(Event::joined("assignment.made", &user, None, Some(&facts(&new))));
        return Ok(());
    };
    let after = Assignment { only_unit, updated: permit.at(), ..before.clone() };
    rows::update(change.tx(), directory, &after).await?;
    let event = Event::joined("assignment.changed", &user, Some(&facts(&before)), Some(&facts(&after)));
    change.record(event);
    Ok(())
}

/// Makes a user no administrator of a unit any more.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the assignment, `Missing` the user, `Missing` the assignment.
pub async fn cancel(change: &mut Change, permit: &Permit, unit: &Named, user: &str) -> Result<(), Error> {
    let directory = permit.directory();
    let (found, user) = parties(change, permit, unit, user).await?;
    let (number, holder) = (found.id.number(), user.id.number());
    let before = rows::find(change.tx(), directory, number, holder).await?;
    let before = before.ok_or_else(|| unit.missing(Argument::Assignment))?;
    rows::remove(change.tx(), directory, number, holder).await?;
    change.record(Event::joined("assignment.removed", &user, Some(&facts(&before)), None));
    Ok(())
}

/// The unit and the user, whom nobody else may change until this change is over.
async fn parties(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    user: &str,
) -> Result<(Unit, User), Error> {
    let found = named::unit(change.tx(), permit, unit, Argument::Unit).await?;
    require_managed(permit, &found, &unit.text)?;
    // Before the user: who removes a unit holds the directory while its members are released.
    directories::keep(change.tx(), permit.directory()).await?;
    let user = users::locked_by_public_id(change, permit, user).await?;
    Ok((found, user))
}

/// What the audit trail keeps of an assignment.
fn facts(assignment: &Assignment) -> [(&'static str, String); 2] {
    [("unit", assignment.unit.to_string()), ("only_unit", assignment.only_unit.to_string())]
}

/// A page of assignments, by the numbers of units and then of users.
#[derive(Debug)]
pub struct Page {
    /// The assignments.
    pub assignments: Vec<Listed>,
    /// Where the next page begins, if there is one: behind this unit and this user.
    pub next: Option<(Number, Number)>,
}

/// Lists up to `limit` assignments behind `after`: of one unit, or of all that the caller manages.
///
/// # Errors
/// `Missing` the unit; `Forbidden` the assignment, where the caller manages no units, or not that one.
pub async fn list(
    reader: &mut Reader,
    permit: &Permit,
    unit: Option<&Named>,
    after: Option<(Number, Number)>,
    limit: usize,
) -> Result<Page, Error> {
    let number = match unit {
        Some(named) => {
            let unit = named::unit(reader.rows(), permit, named, Argument::Unit).await?;
            require_managed(permit, &unit, &named.text)?;
            Some(unit.id.number())
        }
        None => None,
    };
    let label = match rights::reach(permit) {
        Reach::Everything => None,
        Reach::Label(own) => Some(own),
        Reach::Own => return Err(Error::Forbidden(Argument::Assignment, String::new())),
    };
    let mut assignments =
        rows::page(reader.rows(), permit.directory(), number, label, after, limit.saturating_add(1)).await?;
    let next = (assignments.len() > limit).then(|| {
        let last = &assignments[limit - 1].assignment;
        (last.unit, last.user)
    });
    assignments.truncate(limit);
    Ok(Page { assignments, next })
}

/// What a user administers.
#[derive(Debug)]
pub struct Held {
    /// The user.
    pub user: Viewed,
    /// The assignments, by the numbers of units.
    pub assignments: Vec<Listed>,
}

/// What the user who is known so administers: for who manages the user, and for the user.
///
/// # Errors
/// `Forbidden` the assignment, also where there is nobody, for who manages nobody else; `Missing` the user.
pub async fn of_user(reader: &mut Reader, permit: &Permit, user: &str) -> Result<Held, Error> {
    let user = users::view_managed(reader.rows(), permit, user).await.map_err(|error| match error {
        Error::Forbidden(_, text) => Error::Forbidden(Argument::Assignment, text),
        other => other,
    })?;
    let assignments = rows::of_user(reader.rows(), permit.directory(), user.user.id.number()).await?;
    Ok(Held { user, assignments })
}
