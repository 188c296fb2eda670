//! Drives are made.

use access::{Change, Permit};
use model::Number;
use model::drive::{Drive, Owner};
use model::event::Event;
use model::text::{Description, DriveName, Label};
use model::user::{Status, User};
use store::drives as rows;
use store::{directories, profiles, units, users as people};

use super::{NamedOwner, NewDrive, find_owner};
use crate::error::{Argument, Error, Unique};
use crate::rights::{Reach, reach};
use crate::{assignments, domains};

/// Whom a new drive with this label is for: an owner for whom the caller may make one. Who manages what has a label
/// makes drives of that label for users of that label. A unit gets drives of its own label or of none from those who
/// administer it and do not manage all of the directory.
///
/// # Errors
/// `Forbidden` the drive, `Missing` the user or the unit.
pub async fn owner(
    change: &mut Change,
    permit: &Permit,
    owner: &NamedOwner,
    label: &Label,
) -> Result<Owner, Error> {
    let forbidden = || Error::Forbidden(Argument::Drive, owner.text().to_owned());
    let found = match (find_owner(change.tx(), permit, owner).await, reach(permit)) {
        // Who manages nothing learns of nobody whether they are there.
        (Err(Error::Missing(..)), Reach::Own) => return Err(forbidden()),
        (found, _) => found?,
    };
    let is_within = match (reach(permit), found) {
        (Reach::Everything, _) => true,
        (Reach::Label(own), Owner::User(user)) => {
            label == own && profiles::get(change.tx(), permit.directory(), user).await?.label == *own
        }
        (Reach::Own, Owner::User(_)) => false,
        (Reach::Label(_) | Reach::Own, Owner::Unit(unit)) => {
            // Another label would hand the drive to those who manage another part.
            let of_unit = units::find(change.tx(), permit.directory(), unit).await?.map(|unit| unit.label);
            (label.as_str().is_empty() || of_unit.is_some_and(|of_unit| of_unit == *label))
                && assignments::administers(change.tx(), permit, unit).await?
        }
    };
    if is_within { Ok(found) } else { Err(forbidden()) }
}

/// Makes a drive for an owner who is known. Whether the caller may is not asked here: see [`owner`].
///
/// # Errors
/// `Missing` the owner, who went meanwhile; `Taken` by another default drive of the user.
pub async fn create(change: &mut Change, permit: &Permit, new: &NewDrive) -> Result<Drive, Error> {
    let directory = permit.directory();
    // Neither the directory nor the unit goes meanwhile, and of two default drives only one comes.
    directories::keep(change.tx(), directory).await?;
    let is_default = match new.owner {
        Owner::User(user) => {
            lock_owner(change, permit, user).await?;
            new.is_default
        }
        Owner::Unit(unit) => {
            let found = units::find(change.tx(), directory, unit).await?;
            found.ok_or_else(|| Error::Missing(Argument::Unit, unit.to_string()))?;
            false
        }
    };
    if let (true, Owner::User(user)) = (is_default, new.owner)
        && rows::defaults(change.tx(), directory, &[user]).await?.contains_key(&user)
    {
        return Err(Error::Taken(Unique::DefaultDrive, new.name.as_str().to_owned()));
    }
    let drive = Drive {
        id: change.new_id(permit),
        name: new.name.clone(),
        description: new.description.clone(),
        owner: new.owner,
        is_default,
        status: new.status,
        total_size: new.total_size,
        used_size: 0,
        label: new.label.clone(),
        creator: permit.creator().to_owned(),
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), directory, &drive).await?;
    change.record(Event::made("drive.created", &drive));
    Ok(drive)
}

/// Keeps a user from being removed until this change is over, so that no drive comes to nobody.
pub(super) async fn lock_owner(change: &mut Change, permit: &Permit, user: Number) -> Result<User, Error> {
    let found = people::lock_one(change.tx(), permit.directory(), user).await?;
    found.ok_or_else(|| Error::Missing(Argument::User, user.to_string()))
}

/// Keeps the directory for this change, where it gives a user who has no token yet a drive with the first. To be called
/// before the change opens and locks the user, as every change locks its directory before users.
///
/// # Errors
/// The store's, which says `Gone` where the directory went.
pub async fn prepare_first(change: &mut Change, permit: &Permit, user: Number) -> Result<(), Error> {
    let directory = permit.directory();
    let gives_drive = {
        let mut beside = change.beside();
        profiles::get(beside.rows(), directory, user).await?.signed_in.is_none()
            && domains::settings(beside.rows(), directory).await?.gives_drive
    };
    if gives_drive {
        directories::keep(change.tx(), directory).await?;
    }
    Ok(())
}

/// The drive that a user gets with the first token, who was prepared for it by [`prepare_first`], where the directory
/// gives one; `None` where it does not, or where the user owns a drive already.
///
/// # Errors
/// The store's; `Missing` a user who went meanwhile.
pub async fn first_drive(change: &mut Change, permit: &Permit, user: &User) -> Result<Option<Drive>, Error> {
    let settings = domains::settings(change.tx(), permit.directory()).await?;
    let Some(total_size) = settings.first_drive() else { return Ok(None) };
    let owner = Owner::User(user.id.number());
    lock_owner(change, permit, user.id.number()).await?;
    if rows::owns(change.tx(), permit.directory(), owner).await? {
        return Ok(None);
    }
    let new = NewDrive {
        name: DriveName::new("Default").expect("seven letters"),
        description: Description::default(),
        owner,
        is_default: true,
        status: Status::Enabled,
        total_size,
        label: Label::default(),
    };
    create(change, permit, &new).await.map(Some)
}
