//! Drives are looked up, and shown.

use std::collections::HashMap;

use access::{Permit, Reader};
use model::drive::{Drive, Owner};
use model::{Id, Number};
use store::drives as rows;
use store::units;

use super::{NamedDrive, manages, own};
use crate::error::{Argument, Error};
use crate::rights::{Reach, reach};
use crate::users;

/// The drive that is meant, if the caller may see it: whoever manages it, its own user, and members of its unit or of
/// one below.
///
/// # Errors
/// `Missing` the drive; `Forbidden`, also to who manages nothing and names none that is there.
pub async fn find(reader: &mut Reader, permit: &Permit, named: &NamedDrive) -> Result<Drive, Error> {
    let found = match named.number {
        Some(number) => rows::find(reader.rows(), permit.directory(), number).await?,
        None => None,
    };
    match (found, reach(permit)) {
        (Some(drive), _) if may_see(reader, permit, &drive).await? => Ok(drive),
        (None, Reach::Everything | Reach::Label(_)) => Err(named.missing()),
        (Some(_) | None, _) => Err(named.forbidden()),
    }
}

async fn may_see(reader: &mut Reader, permit: &Permit, drive: &Drive) -> Result<bool, Error> {
    if manages(reader.rows(), permit, drive.owner, &drive.label).await? {
        return Ok(true);
    }
    let Some(own) = permit.own().map(Id::number) else { return Ok(false) };
    match drive.owner {
        Owner::User(user) => Ok(user == own),
        Owner::Unit(unit) => {
            let (directory, root) = (permit.directory(), permit.root_unit());
            Ok(rows::units_of(reader.rows(), directory, own, root).await?.contains(&unit))
        }
    }
}

/// The default drive of the user who is called so, or of the caller; `None` where nobody is called anything, and the
/// caller has no user.
///
/// # Errors
/// `Forbidden` of another user than oneself; `Missing` the user; `Missing` the drive, where the user has none.
pub async fn default_of(
    reader: &mut Reader,
    permit: &Permit,
    user: Option<&str>,
) -> Result<Option<Drive>, Error> {
    let is_own = user.is_none_or(|user| permit.own().is_some() && permit.creator() == user);
    let number = match user {
        _ if is_own => own(permit)?,
        Some(user) if reach(permit) == Reach::Own => {
            return Err(Error::Forbidden(Argument::Drive, user.to_owned()));
        }
        Some(user) => Some(users::by_public_id(reader.rows(), permit, user).await?.id.number()),
        None => None,
    };
    let Some(number) = number else { return Ok(None) };
    let mut found = rows::defaults(reader.rows(), permit.directory(), &[number]).await?;
    let whose = user.unwrap_or_else(|| permit.creator());
    let missing = || Error::Missing(Argument::Drive, format!("{whose} has no default drive"));
    let drive = found.remove(&number).ok_or_else(missing)?;
    if is_own || manages(reader.rows(), permit, drive.owner, &drive.label).await? {
        return Ok(Some(drive));
    }
    Err(Error::Forbidden(Argument::Drive, whose.to_owned()))
}

/// A drive with its owner as programs know it.
#[derive(Debug)]
pub struct Shown {
    /// The drive.
    pub drive: Drive,
    /// Whose it is.
    pub owner: ShownOwner,
}

/// An owner as programs know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownOwner {
    /// A user, by what programs of PDS call one.
    User(String),
    /// A unit.
    Unit(Id),
}

/// The drives with their owners, in their order.
///
/// # Errors
/// The store's.
pub async fn shown(
    reader: &mut store::Reader,
    permit: &Permit,
    drives: Vec<Drive>,
) -> Result<Vec<Shown>, Error> {
    let owners = |of: fn(Owner) -> Option<Number>| -> Vec<Number> {
        drives.iter().filter_map(|drive| of(drive.owner)).collect()
    };
    let owning = owners(|owner| match owner {
        Owner::User(user) => Some(user),
        Owner::Unit(_) => None,
    });
    let of_units = owners(|owner| match owner {
        Owner::Unit(unit) => Some(unit),
        Owner::User(_) => None,
    });
    let names = users::public_ids(reader, permit, &owning).await?;
    let mut ids = HashMap::new();
    if !of_units.is_empty() {
        let found = units::ids(reader, permit.directory(), &of_units).await?;
        ids.extend(found.into_iter().map(|id| (id.number(), id)));
    }
    let show = |drive: Drive| {
        let owner = match drive.owner {
            Owner::User(user) => ShownOwner::User(names.get(&user)?.clone()),
            Owner::Unit(unit) => ShownOwner::Unit(*ids.get(&unit)?),
        };
        Some(Shown { drive, owner })
    };
    // An owner who went between the two looks took the drive along.
    Ok(drives.into_iter().filter_map(show).collect())
}

/// The default drives of these users.
///
/// # Errors
/// The store's.
pub async fn defaults(
    reader: &mut store::Reader,
    permit: &Permit,
    users: &[Number],
) -> Result<HashMap<Number, Drive>, Error> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(rows::defaults(reader, permit.directory(), users).await?)
}
