//! Devices for one-time codes: enrolled, asked for a code, locked and removed. A user has at most one.
//!
//! Whoever changes a device holds its user's row, so that of two changes at once the second sees what the first did.
//! Source: `reference/doors.md` §1; `reference/eds-user.md` 42 to 45.

mod check;
mod enrol;
mod list;
mod locks;

pub use check::check;
pub use enrol::{Enrolment, begin, begun, confirm, recovery_codes, renew_recovery_codes};
pub use list::{Page, Wanted, list};
pub use locks::{lock, remove_by_serial, unlock};
pub use model::device::{Device, DeviceStatus};
pub use store::devices::Listed;

use access::keyring::Place;
use access::{Change, Permit, Tools};
use model::event::Event;
use model::user::User;
use model::{DirectoryKey, Id, Number, Secret};
use store::devices::{self as rows, Stored};
use store::{recovery_codes as codes, users};

use crate::error::{Argument, Error};
use crate::sessions;

/// A user's device, also one that the user has not shown a code of yet: see [`Device::is_enabled`].
///
/// # Errors
/// The store's.
pub async fn of_user(
    reader: &mut store::Reader,
    permit: &Permit,
    user: Number,
) -> Result<Option<Device>, store::Error> {
    Ok(rows::find(reader, permit.directory(), user).await?.map(|stored| stored.device))
}

/// Takes a user's device away, with the codes that stand for it: sign-ins ask for none any more. Whether there was one,
/// be it one that the user had not shown a code of.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is for another one.
pub async fn remove(change: &mut Change, permit: &Permit, user: Number) -> Result<bool, Error> {
    let user = own(change, permit, user).await?;
    let stored = rows::find(change.tx(), permit.directory(), user.id.number()).await?;
    match stored {
        Some(stored) => drop_device(change, permit, &user, &stored.device).await.map(|()| true),
        None => Ok(false),
    }
}

/// Removes the device of a user who is locked for this change. Sign-ins that wait for a code of it begin anew.
async fn drop_device(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    device: &Device,
) -> Result<(), Error> {
    let (directory, number) = (permit.directory(), user.id.number());
    rows::remove(change.tx(), directory, number).await?;
    codes::remove(change.tx(), directory, number).await?;
    sessions::end_incomplete(change, permit, user).await?;
    change.record(Event::device("device.removed", user, Some(device), None));
    Ok(())
}

/// The user, whom nobody else may change until this change is over, and whom the permit reaches.
async fn own(change: &mut Change, permit: &Permit, user: Number) -> Result<User, Error> {
    let found = users::lock_one(change.tx(), permit.directory(), user).await?;
    let user = found.ok_or_else(|| Error::Missing(Argument::User, user.to_string()))?;
    if permit.covers(user.id) {
        Ok(user)
    } else {
        Err(Error::Forbidden(Argument::User, user.username.to_string()))
    }
}

/// Whose secret it is that is sealed: one that is moved to another user or device does not open.
struct Owner {
    directory: DirectoryKey,
    user: Number,
    device: Id,
}

impl Owner {
    fn of(directory: DirectoryKey, device: &Device) -> Self {
        Self { directory, user: device.user, device: device.id }
    }

    fn seal(&self, tools: &Tools, secret: &Secret) -> String {
        let row = self.row();
        tools.keys.now().seal(place(&row), secret.reveal(), (tools.chance)().as_mut())
    }

    fn open(&self, tools: &Tools, stored: &Stored) -> Result<Secret, Error> {
        let row = self.row();
        let opened = tools.keys.open(place(&row), &stored.sealed);
        opened.map_err(|closed| {
            store::Error::Corrupt(format!("the sealed secret of device {row}: {closed}")).into()
        })
    }

    fn row(&self) -> String {
        format!("{}/{}/{}", self.directory.number.0, self.user.0, self.device)
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "devices", row, column: "secret" }
}
