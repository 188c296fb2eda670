//! Devices are locked, opened and taken away by their numbers.
//!
//! Source: `reference/eds-user.md` 43 to 45.

use access::{Change, Permit};
use model::device::{Device, DeviceStatus};
use model::event::Event;
use model::user::User;
use store::devices::{self as rows, Stored};
use store::users;

use super::drop_device;
use crate::error::{Argument, Error};
use crate::named::Named;

/// Locks a device until somebody opens it: its user cannot sign in. One that is locked for a time is locked for good.
///
/// # Errors
/// `Missing` the device.
pub async fn lock(change: &mut Change, permit: &Permit, device: &Named) -> Result<(), Error> {
    edit(change, permit, device, "device.locked", |device| Device {
        status: DeviceStatus::Locked,
        unlock_at: None,
        ..device
    })
    .await
}

/// Opens a device, and forgets which codes were wrong.
///
/// # Errors
/// `Missing` the device.
pub async fn unlock(change: &mut Change, permit: &Permit, device: &Named) -> Result<(), Error> {
    edit(change, permit, device, "device.unlocked", Device::opened).await
}

/// Takes a device away from its user, with the codes that stand for it: sign-ins ask for none any more.
///
/// # Errors
/// `Missing` the device.
pub async fn remove_by_serial(change: &mut Change, permit: &Permit, device: &Named) -> Result<(), Error> {
    let (user, stored) = held(change, permit, device).await?;
    drop_device(change, permit, &user, &stored.device).await
}

/// Writes a device as it shall be. Nothing happens where nothing differs.
async fn edit(
    change: &mut Change,
    permit: &Permit,
    device: &Named,
    what: &'static str,
    edit: impl FnOnce(Device) -> Device,
) -> Result<(), Error> {
    let (user, stored) = held(change, permit, device).await?;
    let after = Stored { device: edit(stored.device.clone()), ..stored.clone() };
    if after == stored {
        return Ok(());
    }
    rows::put(change.tx(), permit.directory(), &after).await?;
    change.record(Event::device(what, &user, Some(&stored.device), Some(&after.device)));
    Ok(())
}

/// A device that sign-ins ask for, and its user, whom nobody else may change until this change is over.
async fn held(change: &mut Change, permit: &Permit, device: &Named) -> Result<(User, Stored), Error> {
    let directory = permit.directory();
    let missing = || device.missing(Argument::Device);
    let handle = device.handle().ok_or_else(missing)?;
    let holders = rows::holders(change.tx(), directory, &[handle.number()]).await?;
    let holder = *holders.first().ok_or_else(missing)?;
    let user = users::lock_one(change.tx(), directory, holder).await?.ok_or_else(missing)?;
    // Until the user was locked, another device may have taken its place.
    let stored = rows::find(change.tx(), directory, holder).await?;
    let stored = stored.filter(|stored| handle.means(stored.device.id) && stored.device.is_enabled());
    Ok((user, stored.ok_or_else(missing)?))
}
