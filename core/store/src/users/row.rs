//! A user as it lies in its row.

use model::group::{GroupOf, GroupText};
use model::text::{ChosenId, Description, DisplayName, Email, Line, Phone, Username};
use model::unit::{UnitOf, UnitRef, UnitText};
use model::user::{Listed, Locks, LocksAt, OwnerType, PasswordFacts, Role, Status, User};

use model::Folded;

use super::{Shown, Viewed};
use crate::error::Error;
use crate::profiles::{beside, beside_columns, beside_from};
use crate::row::{Row, id};
use crate::value::Value;

/// The columns of a user, `u` being its row.
macro_rules! columns {
    () => {
        "u.id, u.username, u.display_name, u.description, u.email, u.phone_region, u.phone, u.owner_type, u.role, u.status,
         u.locked, u.locks_at, u.locks_at_text, u.lock_until, u.local_admin, u.is_system, u.password_set_at,
         u.password_days, u.password_must_change, u.created, u.updated, u.shut, u.email_verified,
         u.phone_verified, u.external_id, u.chosen_id, u.signed_out"
    };
}

/// A user by itself.
pub(crate) const PLAIN: &str = concat!("select ", columns!());

/// How many columns a user has: where those behind them begin.
pub(crate) const WIDTH: usize = 27;
const UNITS: usize = WIDTH;

/// Separates the members of a list, and their parts. No stored text holds a control character.
const LIST: char = '\u{1e}';
const PART: char = '\u{1f}';

/// A user with what lies beside it.
pub(super) const VIEWED: &str = concat!("select ", columns!(), ", ", beside_columns!(), beside_from!());

/// A user with neither units nor groups nor a picture, where others have columns for them.
pub(super) const BARE: &str = concat!(
    "select ",
    columns!(),
    ", cast(null as text) as units, cast(null as text) as groups,
     cast(null as text) as avatar"
);

/// A user with its units and groups and, where it lies at an address, the picture, in one statement and one row.
pub(super) const LISTED: &str = concat!(
    "select ",
    columns!(),
    ",
     (select string_agg(
         n.id || '\u{1f}' || case when n.parent is null then 'r' else '' end || '\u{1f}' || n.name || '\u{1f}' || (
             select string_agg(a.name, '/' order by c.distance desc)
             from unit_closure c join units a on a.directory = c.directory and a.number = c.ancestor
             where c.directory = m.directory and c.descendant = m.unit),
         '\u{1e}' order by m.place, m.joined, m.unit)
      from unit_members m join units n on n.directory = m.directory and n.number = m.unit
      where m.directory = u.directory and m.user_number = u.number),
     (select string_agg(g.id || '\u{1f}' || g.name, '\u{1e}' order by g.number)
      from group_members m join groups g on g.directory = m.directory and g.number = m.group_number
          and g.removed is null
      where m.directory = u.directory and m.user_number = u.number),
     (select a.avatar from avatars a where a.directory = u.directory and a.user_number = u.number
      and a.is_address = 1)"
);

/// A user with the names of units, the texts of groups by joining, and whether it has values of properties.
pub(super) const SHOWN: &str = concat!(
    "select ",
    columns!(),
    ",
     (select string_agg(n.id || '\u{1f}' || n.name, '\u{1e}' order by m.place, m.joined, m.unit)
      from unit_members m join units n on n.directory = m.directory and n.number = m.unit
      where m.directory = u.directory and m.user_number = u.number),
     (select string_agg(g.id || '\u{1f}' || g.name || '\u{1f}' || g.description, '\u{1e}'
         order by m.joined, g.number)
      from group_members m join groups g on g.directory = m.directory and g.number = m.group_number
          and g.removed is null
      where m.directory = u.directory and m.user_number = u.number),
     cast(case
         when exists (select 1 from user_values v where v.directory = u.directory and v.user_number = u.number)
             or exists (select 1 from user_texts t where t.directory = u.directory and t.user_number = u.number)
         then 1 else 0 end as bigint)"
);

pub(crate) fn user(row: &Row<'_>) -> Result<User, Error> {
    let number = row.str(6)?;
    let phone = (!number.is_empty()).then(|| -> Result<Phone, Error> {
        Ok(Phone {
            region: Line::new(row.str(5)?).map_err(Error::corrupt)?,
            number: Line::new(number).map_err(Error::corrupt)?,
        })
    });
    let locks_at =
        row.opt_millis(11)?.map(|at| -> Result<LocksAt, Error> { Ok(LocksAt { at, text: row.text(12)? }) });
    let days = row.opt_int(17)?.map(u16::try_from).transpose().map_err(Error::corrupt)?;
    Ok(User {
        id: row.id(0)?,
        username: Username::new(row.str(1)?).map_err(Error::corrupt)?,
        display_name: DisplayName::new(row.str(2)?).map_err(Error::corrupt)?,
        description: Description::new(row.str(3)?).map_err(Error::corrupt)?,
        email: Email::new(row.str(4)?).map_err(Error::corrupt)?,
        phone: phone.transpose()?,
        owner_type: owner_type(row.int(7)?)?,
        role: role(row.int(8)?)?,
        status: status(row.int(9)?)?,
        locks: Locks {
            locked: row.truth(10)?,
            locks_at: locks_at.transpose()?,
            lock_until: row.opt_millis(13)?,
        },
        local_admin: row.truth(14)?,
        system: row.truth(15)?,
        password: PasswordFacts {
            set_at: row.opt_millis(16)?,
            expires_after_days: days,
            must_change: row.truth(18)?,
        },
        created: row.millis(19)?,
        updated: row.millis(20)?,
        shut: row.truth(21)?,
        email_verified: row.truth(22)?,
        phone_verified: row.truth(23)?,
        external_id: row.opt_line(24)?,
        chosen_id: row.opt_str(25)?.map(ChosenId::new).transpose().map_err(Error::corrupt)?,
        signed_out: row.opt_millis(26)?,
    })
}

/// The members of a list in one column.
fn list<'r>(row: &'r Row<'_>, column: usize) -> Result<impl Iterator<Item = &'r str>, Error> {
    Ok(row.opt_str(column)?.into_iter().flat_map(|list| list.split(LIST)))
}

pub(super) fn viewed(row: &Row<'_>) -> Result<Viewed, Error> {
    Ok(Viewed { user: user(row)?, beside: beside(row, WIDTH)? })
}

pub(super) fn shown(row: &Row<'_>) -> Result<Shown, Error> {
    let units = list(row, UNITS)?.map(|unit| match unit.split_once(PART) {
        Some((digits, name)) => Ok(UnitText { id: id(digits)?, name: name.to_owned() }),
        None => Err(Error::corrupt("a unit has not two parts")),
    });
    let groups = list(row, UNITS + 1)?.map(|group| match group.split(PART).collect::<Vec<_>>()[..] {
        [digits, name, description] => {
            Ok(GroupText { id: id(digits)?, name: name.to_owned(), description: description.to_owned() })
        }
        _ => Err(Error::corrupt("a group has not three parts")),
    });
    Ok(Shown {
        user: user(row)?,
        units: units.collect::<Result<_, _>>()?,
        groups: groups.collect::<Result<_, _>>()?,
        has_values: row.truth(UNITS + 2)?,
    })
}

pub(super) fn listed(row: &Row<'_>) -> Result<Listed, Error> {
    let units = list(row, UNITS)?.map(|unit| match unit.split(PART).collect::<Vec<_>>()[..] {
        [digits, root, name, path] => Ok(UnitOf {
            unit: UnitRef { id: id(digits)?, is_root: !root.is_empty() },
            name: name.to_owned(),
            path: path.to_owned(),
        }),
        _ => Err(Error::corrupt("a unit has not four parts")),
    });
    let groups = list(row, UNITS + 1)?.map(|group| match group.split_once(PART) {
        Some((digits, name)) => Ok(GroupOf { id: id(digits)?, name: name.to_owned() }),
        None => Err(Error::corrupt("a group has not two parts")),
    });
    Ok(Listed {
        user: user(row)?,
        units: units.collect::<Result<_, _>>()?,
        groups: groups.collect::<Result<_, _>>()?,
        values: Vec::new(),
        avatar: row.opt_str(UNITS + 2)?.map(str::to_owned),
        joined: None,
    })
}

/// A user of a list in the order of joining, whose last column is the time of it.
pub(super) fn listed_joined(row: &Row<'_>) -> Result<Listed, Error> {
    Ok(Listed { joined: Some(row.millis(UNITS + 3)?), ..listed(row)? })
}

/// What of a user lies folded beside it.
pub(super) struct Keys {
    pub(super) display: Folded,
    pub(super) email: Folded,
}

impl Keys {
    pub(super) fn of(user: &User) -> Self {
        Self { display: user.display_name.folded(), email: user.email.folded() }
    }
}

/// What of a user may change, column by column.
pub(super) fn changing<'a>(user: &'a User, keys: &'a Keys) -> [(&'static str, Value<'a>); 26] {
    let phone = user.phone.as_ref();
    let locks_at = user.locks.locks_at.as_ref();
    [
        ("username", user.username.as_str().into()),
        ("username_key", user.username.key().into()),
        ("external_id", user.external_id.as_ref().map(Line::as_str).into()),
        ("email_verified", user.email_verified.into()),
        ("phone_verified", user.phone_verified.into()),
        ("display_name", user.display_name.as_str().into()),
        ("display_key", (&keys.display).into()),
        ("description", user.description.as_str().into()),
        ("email", user.email.as_str().into()),
        ("email_key", (&keys.email).into()),
        ("phone_region", phone.map_or("", |phone| phone.region.as_str()).into()),
        ("phone", phone.map_or("", |phone| phone.number.as_str()).into()),
        ("owner_type", owner_code(user.owner_type).into()),
        ("role", role_code(user.role).into()),
        ("status", status_code(user.status).into()),
        ("locked", user.locks.locked.into()),
        ("shut", user.shut.into()),
        ("locks_at", locks_at.map(|locks| locks.at).into()),
        ("locks_at_text", locks_at.map_or("", |locks| locks.text.as_str()).into()),
        ("lock_until", user.locks.lock_until.into()),
        ("local_admin", user.local_admin.into()),
        ("password_set_at", user.password.set_at.into()),
        ("password_days", user.password.expires_after_days.map(i64::from).into()),
        ("password_must_change", user.password.must_change.into()),
        ("signed_out", user.signed_out.into()),
        ("updated", user.updated.into()),
    ]
}

pub(super) const fn owner_code(owner: OwnerType) -> i64 {
    match owner {
        OwnerType::Normal => 0,
        OwnerType::CreateFromManager => 1,
    }
}

fn owner_type(code: i64) -> Result<OwnerType, Error> {
    match code {
        0 => Ok(OwnerType::Normal),
        1 => Ok(OwnerType::CreateFromManager),
        _ => Err(Error::corrupt(format!("{code} is no owner type"))),
    }
}

pub(super) const fn role_code(role: Role) -> i64 {
    match role {
        Role::User => 0,
        Role::Admin => 1,
        Role::Superadmin => 2,
        Role::Subdomain => 3,
        Role::SubdomainAdmin => 4,
        Role::SubdomainSuperadmin => 5,
    }
}

pub(crate) fn role(code: i64) -> Result<Role, Error> {
    match code {
        0 => Ok(Role::User),
        1 => Ok(Role::Admin),
        2 => Ok(Role::Superadmin),
        3 => Ok(Role::Subdomain),
        4 => Ok(Role::SubdomainAdmin),
        5 => Ok(Role::SubdomainSuperadmin),
        _ => Err(Error::corrupt(format!("{code} is no role"))),
    }
}

pub(super) const fn status_code(status: Status) -> i64 {
    match status {
        Status::Enabled => 0,
        Status::Disabled => 1,
    }
}

pub(crate) fn status(code: i64) -> Result<Status, Error> {
    match code {
        0 => Ok(Status::Enabled),
        1 => Ok(Status::Disabled),
        _ => Err(Error::corrupt(format!("{code} is no status"))),
    }
}
