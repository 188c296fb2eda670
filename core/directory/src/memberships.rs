//! Who is in which unit, one by one; and which unit lies in which.
//!
//! Source: `reference/doors.md` §4.1, §4.3; `reference/pds.md` §9 and §10.

use access::{Change, Permit, Reader};
use model::Number;
use model::event::Event;
use model::membership::{MemberRole, Membership};
use model::text::Description;
use model::unit::Unit;
use model::user::User;
use store::memberships::{self as rows, Who};
use store::units;
use store::users::{self as people, Begin, Filter, Order, Span};

pub use store::memberships::Listed;

use crate::assignments;
use crate::error::{Argument, Error, Unique};
use crate::named::{self, Named};
use crate::users::{self, Viewed};

/// A user to be put into a unit.
#[derive(Debug)]
pub struct NewMember<'a> {
    /// The unit.
    pub unit: &'a Named,
    /// What programs of PDS call the user.
    pub user: &'a str,
    /// What the user shall be called there.
    pub role: MemberRole,
    /// A free remark.
    pub note: Description,
}

/// Puts a user into a unit: as the primary one of who is in the root and nowhere else, else as a further one.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the unit, `Missing` the user, `Taken` the membership.
pub async fn join(change: &mut Change, permit: &Permit, new: &NewMember<'_>) -> Result<Listed, Error> {
    let unit = administered(change, permit, new.unit).await?;
    let user = users::locked_by_public_id(change, permit, new.user).await?;
    let own = units::of_user(change.tx(), permit.directory(), user.id.number()).await?;
    if own.contains(&unit.id.number()) {
        return Err(Error::Taken(Unique::Membership, new.user.to_owned()));
    }
    let membership = Membership {
        role: new.role,
        note: new.note.clone(),
        ..users::membership_of(permit, &user, unit.id.number())
    };
    users::place(change, permit, &user, &own, &membership).await?;
    Ok(Listed { membership, unit: unit.id, user: user.public_id() })
}

/// Takes a user out of a unit. Who leaves the primary one gets the oldest further one for it, the root last, or the
/// root where there is none.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the unit, `Missing` the user, `Missing` the membership.
pub async fn leave(change: &mut Change, permit: &Permit, unit: &Named, user: &str) -> Result<(), Error> {
    let unit = administered(change, permit, unit).await?.id.number();
    let found = users::locked_by_public_id(change, permit, user).await?;
    let own = units::of_user(change.tx(), permit.directory(), found.id.number()).await?;
    if !own.contains(&unit) {
        return Err(not_a_member(user));
    }
    users::leave_one_of(change, permit, &found, unit, &own).await
}

/// Gives a membership another role or another remark; what is not said stays.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the unit, `Missing` the user, `Missing` the membership.
pub async fn set(
    change: &mut Change,
    permit: &Permit,
    (unit, user): (&Named, &str),
    role: Option<MemberRole>,
    note: Option<&Description>,
) -> Result<Listed, Error> {
    let unit = administered(change, permit, unit).await?.id.number();
    let found = users::locked_by_public_id(change, permit, user).await?;
    set_of(change, permit, &found, unit, (role, note)).await?.ok_or_else(|| not_a_member(user))
}

/// The same of a user whom nobody else may change, whatever the caller's rights are; `None` where the user is not in
/// the unit.
async fn set_of(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
    (role, note): (Option<MemberRole>, Option<&Description>),
) -> Result<Option<Listed>, Error> {
    let directory = permit.directory();
    let Some(found) = rows::find(change.tx(), directory, user.id.number(), unit).await? else {
        return Ok(None);
    };
    let before = &found.membership;
    let after = Membership {
        role: role.unwrap_or(before.role),
        note: note.unwrap_or(&before.note).clone(),
        updated: permit.at(),
        ..before.clone()
    };
    if after.role == before.role && after.note == before.note {
        return Ok(Some(found));
    }
    rows::update(change.tx(), directory, &after).await?;
    let [old, new] = [before, &after].map(users::facts_of);
    change.record(Event::joined("user.membership_changed", user, Some(&old), Some(&new)));
    Ok(Some(Listed { membership: after, ..found }))
}

/// The unit that is meant, which the caller administers.
async fn administered(change: &mut Change, permit: &Permit, named: &Named) -> Result<Unit, Error> {
    let unit = named::unit(change.tx(), permit, named, Argument::Unit).await?;
    assignments::require(change.tx(), permit, &unit, &named.text).await?;
    Ok(unit)
}

fn not_a_member(text: &str) -> Error {
    Error::Missing(Argument::Membership, text.to_owned())
}

/// A unit that a user shall be in, and as what, where that is said.
#[derive(Debug, Clone)]
pub struct Place {
    /// The unit.
    pub unit: Named,
    /// What the user shall be called there.
    pub role: Option<MemberRole>,
}

/// Makes these units the ones, beside the root, that a user is in, whom nobody else may change: leaves the others and
/// comes to the new ones in their order. What stays keeps role, remark and time. The caller administers each unit that
/// is left, entered or given another role in; of the user nothing is asked here.
///
/// # Errors
/// `Missing` a unit, `Forbidden` the user; then nothing changes.
pub async fn replace(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    wanted: &[Place],
) -> Result<(), Error> {
    let (directory, number) = (permit.directory(), user.id.number());
    let named: Vec<&Named> = wanted.iter().map(|place| &place.unit).collect();
    let targets = users::targets(change.tx(), permit, &named).await?;
    let mut own = units::of_user(change.tx(), directory, number).await?;
    let root = permit.root_unit();
    // The primary one last, so that only one that stays takes its place.
    let gone: Vec<Number> =
        own.iter().rev().filter(|unit| **unit != root && !targets.contains(unit)).copied().collect();
    for unit in gone {
        may_place(change, permit, user, unit).await?;
        users::leave_one_of(change, permit, user, unit, &own).await?;
        own = units::of_user(change.tx(), directory, number).await?;
    }
    for (unit, place) in targets.iter().zip(wanted) {
        if own.contains(unit) {
            if let Some(role) = place.role {
                give_role(change, permit, user, *unit, role).await?;
            }
            continue;
        }
        may_place(change, permit, user, *unit).await?;
        let membership =
            Membership { role: place.role.unwrap_or_default(), ..users::membership_of(permit, user, *unit) };
        users::place(change, permit, user, &own, &membership).await?;
        own = units::of_user(change.tx(), directory, number).await?;
    }
    Ok(())
}

/// Gives a user another role in a unit; the one that the user has is anybody's to say.
async fn give_role(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
    role: MemberRole,
) -> Result<(), Error> {
    let found = rows::find(change.tx(), permit.directory(), user.id.number(), unit).await?;
    if found.is_some_and(|found| found.membership.role != role) {
        may_place(change, permit, user, unit).await?;
        set_of(change, permit, user, unit, (Some(role), None)).await?;
    }
    Ok(())
}

/// That the caller administers the unit that this user comes to, leaves or gets another role in.
///
/// # Errors
/// `Forbidden` the user.
async fn may_place(change: &mut Change, permit: &Permit, user: &User, unit: Number) -> Result<(), Error> {
    if assignments::administers(change.tx(), permit, unit).await? {
        Ok(())
    } else {
        Err(Error::Forbidden(Argument::User, user.public_id()))
    }
}

/// Gives roles to a user who was just made, in the units where one is said.
///
/// # Errors
/// `Missing` a unit.
pub async fn set_roles(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    wanted: &[Place],
) -> Result<(), Error> {
    let named: Vec<&Named> = wanted.iter().map(|place| &place.unit).collect();
    let targets = users::targets(change.tx(), permit, &named).await?;
    for (unit, place) in targets.iter().zip(wanted).filter(|(_, place)| place.role.is_some()) {
        set_of(change, permit, user, *unit, (place.role, None)).await?;
    }
    Ok(())
}

/// The units of a new user: the first one is the primary one, the others are further ones.
pub fn places_of_new(wanted: &[Place]) -> (Option<Named>, Vec<Named>) {
    let mut units = wanted.iter().map(|place| place.unit.clone());
    (units.next(), units.collect())
}

/// A user's membership in a unit.
///
/// # Errors
/// `Missing` the unit, the user, the membership.
pub async fn get(reader: &mut Reader, permit: &Permit, unit: &Named, user: &str) -> Result<Listed, Error> {
    let unit = named::unit(reader.rows(), permit, unit, Argument::Unit).await?.id.number();
    let found = users::by_public_id(reader.rows(), permit, user).await?.id.number();
    let found = rows::find(reader.rows(), permit.directory(), found, unit).await?;
    found.ok_or_else(|| not_a_member(user))
}

/// A unit that lies directly in another one.
#[derive(Debug)]
pub struct Child {
    /// The unit.
    pub unit: Unit,
    /// The one above it.
    pub parent: Unit,
}

/// The unit `child`, which lies directly in `unit`.
///
/// # Errors
/// `Missing` the unit, the child, the membership.
pub async fn child(
    reader: &mut store::Reader,
    permit: &Permit,
    unit: &Named,
    child: &Named,
) -> Result<Child, Error> {
    let parent = named::unit(reader, permit, unit, Argument::Unit).await?;
    let unit = named::unit(reader, permit, child, Argument::Unit).await?;
    if unit.parent != Some(parent.id.number()) {
        return Err(not_a_member(&child.text));
    }
    Ok(Child { unit, parent })
}

/// The same, for who administers the unit.
///
/// # Errors
/// As [`child`], and `Forbidden` the unit.
pub async fn administered_child(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    named: &Named,
) -> Result<Child, Error> {
    administered(change, permit, unit).await?;
    child(change.tx(), permit, unit, named).await
}

/// Whether a unit, which the caller would put into another one that the caller administers, lies directly in the root:
/// no unit comes to lie in another one so.
///
/// # Errors
/// `Missing` the unit, `Forbidden` the unit, `Missing` the child.
pub async fn is_at_top(
    change: &mut Change,
    permit: &Permit,
    unit: &Named,
    child: &Named,
) -> Result<bool, Error> {
    administered(change, permit, unit).await?;
    let child = named::unit(change.tx(), permit, child, Argument::Unit).await?;
    Ok(child.parent == Some(permit.root_unit()))
}

/// Who may be in a unit.
#[derive(Debug, Clone, Copy)]
pub enum Member<'a> {
    /// A user, as programs of PDS call the user.
    User(&'a str),
    /// A unit.
    Unit(&'a Named),
}

/// Whether somebody is in a unit or anywhere below it; who is not there is nowhere.
///
/// # Errors
/// `Missing` the unit.
pub async fn has(
    reader: &mut Reader,
    permit: &Permit,
    unit: &Named,
    member: Member<'_>,
) -> Result<bool, Error> {
    let directory = permit.directory();
    let above = named::unit(reader.rows(), permit, unit, Argument::Unit).await?.id.number();
    match member {
        Member::User(text) => match users::by_public_id(reader.rows(), permit, text).await {
            Ok(user) => Ok(rows::is_within(reader.rows(), directory, user.id.number(), above).await?),
            Err(Error::Missing(..)) => Ok(false),
            Err(error) => Err(error),
        },
        Member::Unit(Named { thing: Some(thing), .. }) => {
            match named::unit_number(reader.rows(), permit, *thing).await? {
                Some(unit) if unit != above => {
                    Ok(units::is_within(reader.rows(), directory, unit, above).await?)
                }
                Some(_) | None => Ok(false),
            }
        }
        Member::Unit(Named { thing: None, .. }) => Ok(false),
    }
}

/// Which members are asked for: units first, then users, each by number.
#[derive(Debug)]
pub struct Wanted {
    /// In which unit. `None`: the units in the root, and the users who are in no other unit.
    pub unit: Option<Named>,
    /// Whether units are asked for.
    pub units: bool,
    /// Whether users are asked for.
    pub users: bool,
    /// Only members behind this one.
    pub after: Option<Behind>,
    /// How many at most.
    pub limit: usize,
}

/// Where a page of members begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Behind this unit.
    Unit(Number),
    /// Behind all units.
    Units,
    /// Behind this user.
    User(Number),
}

/// A page of members.
#[derive(Debug, Default)]
pub struct Page {
    /// The unit in which they are; `None` for the root.
    pub unit: Option<Unit>,
    /// The units.
    pub units: Vec<Unit>,
    /// The users' memberships.
    pub users: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Behind>,
}

/// Lists who and what is directly in a unit; system users too.
///
/// # Errors
/// `Missing` the unit.
pub async fn of_unit(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let directory = permit.directory();
    let mut page = Page::default();
    if let Some(named) = &wanted.unit {
        page.unit = Some(named::unit(reader.rows(), permit, named, Argument::Unit).await?);
    }
    let (unit, who) = match &page.unit {
        Some(unit) => (unit.id.number(), Who::Everybody),
        None => (permit.root_unit(), Who::NowhereElse),
    };
    let (units_after, users_after) = match wanted.after {
        None => (Some(None), None),
        Some(Behind::Unit(number)) => (Some(Some(number)), None),
        Some(Behind::Units) => (None, None),
        Some(Behind::User(number)) => (None, Some(number)),
    };
    if let Some(after) = units_after.filter(|_| wanted.units) {
        let limit = wanted.limit.saturating_add(1);
        page.units = units::children(reader.rows(), directory, unit, after, limit).await?;
        if page.units.len() > wanted.limit {
            page.units.truncate(wanted.limit);
            page.next = page.units.last().map(|last| Behind::Unit(last.id.number()));
            return Ok(page);
        }
    }
    if wanted.users {
        let room = wanted.limit - page.units.len();
        page.users =
            rows::of_unit(reader.rows(), directory, unit, who, users_after, room.saturating_add(1)).await?;
        if page.users.len() > room {
            page.users.truncate(room);
            let last = page.users.last().map(|last| Behind::User(last.membership.user));
            page.next = last.or(Some(Behind::Units));
        }
    }
    Ok(page)
}

/// The users of a page, as much of them as the caller may see.
///
/// # Errors
/// The store's.
pub async fn viewed(reader: &mut Reader, permit: &Permit, page: &Page) -> Result<Vec<Viewed>, Error> {
    let numbers: Vec<Number> = page.users.iter().map(|listed| listed.membership.user).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { numbers: Some(&numbers), at: permit.at(), ..Filter::default() };
    let span = Span { order: Order::default(), from: Begin::First, limit: numbers.len(), places: false };
    let found = people::page(reader.rows(), permit.directory(), &filter, span).await?;
    let found = found.users.into_iter().map(|listed| listed.user).collect();
    let viewed = users::views(reader.rows(), permit, found).await?;
    Ok(viewed.into_iter().map(|viewed| viewed.seen_by(permit)).collect())
}

/// The memberships of one user.
#[derive(Debug)]
pub struct OfUser {
    /// The memberships, by the numbers of units.
    pub memberships: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Number>,
}

/// Lists up to `limit` memberships of a user behind the unit `after`; the one in the root is none of them.
///
/// # Errors
/// `Missing` the user.
pub async fn of_user(
    reader: &mut Reader,
    permit: &Permit,
    user: &str,
    after: Option<Number>,
    limit: usize,
) -> Result<OfUser, Error> {
    let user = users::by_public_id(reader.rows(), permit, user).await?.id.number();
    let (directory, root) = (permit.directory(), permit.root_unit());
    let mut memberships =
        rows::of_user(reader.rows(), directory, user, root, after, limit.saturating_add(1)).await?;
    let next = (memberships.len() > limit).then(|| memberships[limit - 1].membership.unit);
    memberships.truncate(limit);
    Ok(OfUser { memberships, next })
}

/// The unit with the one that it lies in; `None` where that is the root.
///
/// # Errors
/// `Missing` the unit.
pub async fn of_child(reader: &mut Reader, permit: &Permit, named: &Named) -> Result<Option<Child>, Error> {
    let unit = named::unit(reader.rows(), permit, named, Argument::Unit).await?;
    let above = unit.parent.filter(|parent| *parent != permit.root_unit());
    let Some(above) = above else { return Ok(None) };
    let parent = units::find(reader.rows(), permit.directory(), above).await?;
    Ok(parent.map(|parent| Child { unit, parent }))
}
