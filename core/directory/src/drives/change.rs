//! Drives are changed, and removed.

use access::{Change, Permit, Principal};
use model::drive::{Drive, Owner};
use model::event::Event;
use model::text::{Description, DriveName};
use model::total::Total;
use model::user::Status;
use store::drives as rows;

use super::create::lock_owner;
use super::{NamedDrive, manages};
use crate::error::Error;
use crate::rights::{Reach, reach};
use crate::users;

/// What becomes of a drive; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Another name.
    pub name: Option<DriveName>,
    /// Another remark.
    pub description: Option<Description>,
    /// Whether it is in use.
    pub status: Option<Status>,
    /// How many bytes it holds; fewer than are in it are allowed.
    pub total_size: Option<i64>,
    /// The user whose it is to be, by what programs of PDS call one: it is no default drive then.
    pub owner: Option<String>,
}

/// Changes a drive that the caller manages.
///
/// # Errors
/// `Missing` the drive; `Forbidden`, where the caller does not manage it, and of a new owner, where it is a unit's drive
/// or the caller has come with a token; `Missing` the new owner.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    named: &NamedDrive,
    update: &Update,
) -> Result<Drive, Error> {
    let before = managed(change, permit, named).await?;
    let mut after = before.clone();
    if let Some(owner) = &update.owner {
        let gives_away = matches!(
            permit.principal(),
            Principal::Root(_)
                | Principal::RamUser { .. }
                | Principal::RamRole { .. }
                | Principal::Operator(_)
        );
        let Owner::User(old) = before.owner else { return Err(named.forbidden()) };
        if !gives_away {
            return Err(named.forbidden());
        }
        let new = users::by_public_id(change.tx(), permit, owner).await?.id.number();
        if new != old {
            lock_owner(change, permit, new).await?;
            after = Drive { owner: Owner::User(new), is_default: false, ..after };
        }
    }
    if let Some(name) = &update.name {
        after.name = name.clone();
    }
    if let Some(description) = &update.description {
        after.description = description.clone();
    }
    after.status = update.status.unwrap_or(after.status);
    after.total_size = update.total_size.unwrap_or(after.total_size);
    write(change, permit, &before, after).await
}

/// The drive that is meant and that the caller manages, which nobody else may change until this change is over.
async fn managed(change: &mut Change, permit: &Permit, named: &NamedDrive) -> Result<Drive, Error> {
    let found = match named.number {
        Some(number) => rows::lock(change.tx(), permit.directory(), number).await?,
        None => None,
    };
    match (found, reach(permit)) {
        (Some(drive), _) if manages(change.tx(), permit, drive.owner, &drive.label).await? => Ok(drive),
        (None, Reach::Everything | Reach::Label(_)) => Err(named.missing()),
        (Some(_) | None, _) => Err(named.forbidden()),
    }
}

async fn write(
    change: &mut Change,
    permit: &Permit,
    before: &Drive,
    mut after: Drive,
) -> Result<Drive, Error> {
    if after == *before {
        return Ok(after);
    }
    after.updated = permit.at();
    rows::update(change.tx(), permit.directory(), &after).await?;
    change.tx().count(permit.directory(), Total::UsedBytes, after.used_size - before.used_size);
    change.record(Event::changed("drive.changed", before, &after));
    Ok(after)
}

/// Says how many bytes a drive holds, as the system that keeps its files has counted them.
///
/// # Errors
/// `Missing` the drive.
pub async fn set_used(
    change: &mut Change,
    permit: &Permit,
    named: &NamedDrive,
    bytes: i64,
) -> Result<Drive, Error> {
    let before = managed(change, permit, named).await?;
    let after = Drive { used_size: bytes, ..before.clone() };
    write(change, permit, &before, after).await
}

/// Removes a drive that the caller manages; `force` also one that holds something.
///
/// # Errors
/// `Missing` the drive, `Forbidden`, `NotEmptyDrive`.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    named: &NamedDrive,
    force: bool,
) -> Result<(), Error> {
    let before = managed(change, permit, named).await?;
    if before.used_size > 0 && !force {
        return Err(Error::NotEmptyDrive(named.text.clone()));
    }
    rows::remove(change.tx(), permit.directory(), before.id.number()).await?;
    change.tx().count(permit.directory(), Total::UsedBytes, -before.used_size);
    change.record(Event::removed("drive.removed", &before));
    Ok(())
}
