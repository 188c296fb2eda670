//! A code is looked at: of a device, or one that stands for it.

use access::{Change, Permit, recovery_codes, totp};
use model::device::Device;
use model::event::Event;
use model::user::User;
use model::{Folded, Number, Secret};
use store::devices::{self as rows, Stored};
use store::{recovery_codes as codes, users};

use super::Owner;
use crate::error::Error;
use crate::messages::tell_of_lock;
use crate::sign_in::Verdict;

/// Longer texts are no codes.
const LONGEST: usize = 256;

/// Whether somebody has shown a code of the user's device, or one that stands for it, which is spent by that. No code of
/// the device is good twice, and none that is older than one that was taken. Wrong codes are counted and lock the
/// device, as [`Device::failed`] says, of which its user is told by mail; a locked one takes none, not even a right one.
/// Without a device that sign-ins ask for every code is wrong.
///
/// The change is to be committed whatever comes of it.
///
/// # Errors
/// The store's; also where what codes are made from cannot be opened.
pub async fn check(change: &mut Change, permit: &Permit, user: Number, code: &str) -> Result<Verdict, Error> {
    let directory = permit.directory();
    let Some(user) = users::lock_one(change.tx(), directory, user).await? else { return Ok(Verdict::Wrong) };
    let stored = rows::find(change.tx(), directory, user.id.number()).await?;
    let Some(stored) = stored.filter(|stored| stored.device.is_enabled()) else { return Ok(Verdict::Wrong) };
    if stored.device.is_locked_at(permit.at()) {
        return Ok(Verdict::Locked);
    }
    let code = folded(code);
    match recovery_codes::read(&code) {
        Some(letters) => by_recovery_code(change, permit, (&user, stored), &letters).await,
        None => by_device(change, permit, (&user, stored), &code).await,
    }
}

/// A code as people type it, without the blanks in it.
pub(super) fn folded(code: &str) -> String {
    let code = if code.len() > LONGEST { "" } else { code };
    Folded::of(code).as_str().split_whitespace().collect()
}

async fn by_device(
    change: &mut Change,
    permit: &Permit,
    (user, stored): (&User, Stored),
    code: &str,
) -> Result<Verdict, Error> {
    let secret = Owner::of(permit.directory(), &stored.device).open(change.tools(), &stored)?;
    let step = totp::step_of(&secret, code, permit.at());
    match step.filter(|step| stored.last_step.is_none_or(|last| *step > last)) {
        Some(step) => {
            let device = stored.device.clone().opened();
            let after = Stored { device, last_step: Some(step), ..stored.clone() };
            write(change, permit, "device.code_taken", user, &stored.device, &after).await?;
            Ok(Verdict::Right)
        }
        None => refuse(change, permit, user, stored).await,
    }
}

async fn by_recovery_code(
    change: &mut Change,
    permit: &Permit,
    (user, stored): (&User, Stored),
    letters: &Secret,
) -> Result<Verdict, Error> {
    let (directory, number) = (permit.directory(), user.id.number());
    let hash = recovery_codes::hash(&change.tools().keys.now(), directory, number, letters);
    if !codes::spend(change.tx(), directory, number, &hash).await? {
        return refuse(change, permit, user, stored).await;
    }
    let after = Stored { device: stored.device.clone().opened(), ..stored.clone() };
    write(change, permit, "device.recovery_code_spent", user, &stored.device, &after).await?;
    Ok(Verdict::Right)
}

/// Counts a wrong code. One that locks the device says so: no other is taken after it.
async fn refuse(change: &mut Change, permit: &Permit, user: &User, stored: Stored) -> Result<Verdict, Error> {
    let after = Stored { device: stored.device.clone().failed(permit.at()), ..stored.clone() };
    write(change, permit, "device.code_refused", user, &stored.device, &after).await?;
    // Who guesses codes knows the password.
    if let Some(until) = after.device.unlock_at {
        tell_of_lock(change, permit, user, until).await?;
        return Ok(Verdict::Locked);
    }
    Ok(Verdict::Wrong)
}

async fn write(
    change: &mut Change,
    permit: &Permit,
    what: &'static str,
    user: &User,
    before: &Device,
    after: &Stored,
) -> Result<(), Error> {
    rows::put(change.tx(), permit.directory(), after).await?;
    change.record(Event::device(what, user, Some(before), Some(&after.device)));
    Ok(())
}
