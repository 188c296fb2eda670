//! Devices are enrolled: a secret is shown once, and asked for as soon as the user has shown a code that it makes.

use access::{Change, Permit, Reader, recovery_codes, totp};
use model::device::{Device, DeviceStatus};
use model::event::Event;
use model::user::User;
use model::{DirectoryKey, Id, Number, Secret};
use store::devices::{self as rows, Stored};
use store::{directories, recovery_codes as codes};

use super::{Owner, own};
use crate::error::{Argument, Error, Unique};
use crate::sessions;

/// How many codes stand for a device that is lost.
const RECOVERY_CODES: usize = 10;
/// Who issues codes, as devices show it, where neither the server nor the directory has a name of its own.
const ISSUER: &str = "Roster";
/// What a directory is called before anybody names it.
const UNNAMED: &str = "default";

/// What a device has to know. It is shown until the device is confirmed.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The device that is begun.
    pub device: Id,
    /// The secret in base 32, to be typed in.
    pub secret_base32: Secret,
    /// The same with the user's name and the issuer's, for a picture: `otpauth://totp/…`.
    pub uri: Secret,
}

/// Begins to enrol a device: in place of one that was begun before, if there is one. Sign-ins do not ask for it until
/// it is confirmed. Apps call the issuer by the `site`'s name; without one by the directory's.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is for another one; `Taken` the device, where sign-ins
/// ask for one already.
pub async fn begin(
    change: &mut Change,
    (permit, site): (&Permit, Option<&str>),
    user: &User,
) -> Result<Enrolment, Error> {
    let directory = permit.directory();
    let user = own(change, permit, user.id.number()).await?;
    let before = rows::find(change.tx(), directory, user.id.number()).await?.map(|stored| stored.device);
    if before.as_ref().is_some_and(Device::is_enabled) {
        return Err(Error::Taken(Unique::Device, user.username.to_string()));
    }
    let device = Device {
        id: change.new_id(permit),
        user: user.id.number(),
        status: DeviceStatus::Normal,
        failures: 0,
        unlock_at: None,
        enabled_at: None,
    };
    let tools = change.tools();
    let secret = totp::new_secret((tools.chance)().as_mut());
    let sealed = Owner::of(directory, &device).seal(tools, &secret);
    let stored = Stored { device, sealed, last_step: None };
    rows::put(change.tx(), directory, &stored).await?;
    change.record(Event::device("device.begun", &user, before.as_ref(), Some(&stored.device)));
    let issuer = issuer(change.tx(), directory, site).await?;
    Ok(shown((&user, stored.device.id), &issuer, &secret))
}

/// What the device has to know that a user has begun to enrol, once more; `None` where it is confirmed or gone, or
/// another one was begun since.
///
/// # Errors
/// The store's; also where the secret cannot be opened.
pub async fn begun(
    reader: &mut Reader,
    (permit, site): (&Permit, Option<&str>),
    (user, device): (&User, Id),
) -> Result<Option<Enrolment>, Error> {
    let directory = permit.directory();
    let stored = rows::find(reader.rows(), directory, user.id.number()).await?;
    let Some(stored) = stored.filter(|stored| stored.device.id == device && !stored.device.is_enabled())
    else {
        return Ok(None);
    };
    let secret = Owner::of(directory, &stored.device).open(reader.tools(), &stored)?;
    let issuer = issuer(reader.rows(), directory, site).await?;
    Ok(Some(shown((user, device), &issuer, &secret)))
}

fn shown((user, device): (&User, Id), issuer: &str, secret: &Secret) -> Enrolment {
    let uri = totp::uri(issuer, user.username.as_str(), secret);
    Enrolment { device, secret_base32: totp::base32(secret), uri }
}

/// Who issues the codes of a directory, as devices show it: what people know the server as, where it has a name.
async fn issuer(
    reader: &mut store::Reader,
    directory: DirectoryKey,
    site: Option<&str>,
) -> Result<String, Error> {
    if let Some(site) = site {
        return Ok(site.to_owned());
    }
    let named = directories::described(reader, directory).await?;
    let name = named.map(|listed| listed.name.as_str().to_owned());
    Ok(name.filter(|name| !name.is_empty() && name != UNNAMED).unwrap_or_else(|| ISSUER.to_owned()))
}

/// Ends the enrolment by a code of the device: sign-ins ask for one from now on. Out come the codes that stand for the
/// device where it is lost, each good once; they are shown this time only. The code that was given is spent.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is for another one; `Missing` the device, where this one is
/// not the one that was begun last; `Taken` the device, where it is confirmed already; `Code`.
pub async fn confirm(
    change: &mut Change,
    permit: &Permit,
    (user, device): (&User, Id),
    code: &str,
) -> Result<Vec<Secret>, Error> {
    let directory = permit.directory();
    let user = own(change, permit, user.id.number()).await?;
    let stored = rows::find(change.tx(), directory, user.id.number()).await?;
    let stored = stored.filter(|stored| stored.device.id == device);
    let stored = stored.ok_or_else(|| Error::Missing(Argument::Device, device.to_string()))?;
    if stored.device.is_enabled() {
        return Err(Error::Taken(Unique::Device, user.username.to_string()));
    }
    let secret = Owner::of(directory, &stored.device).open(change.tools(), &stored)?;
    let step = totp::step_of(&secret, &super::check::folded(code), permit.at()).ok_or(Error::Code)?;
    // A sign-in that was asked for no code would end without one.
    sessions::end_incomplete(change, permit, &user).await?;
    let device = Device { enabled_at: Some(permit.at()), ..stored.device.clone() };
    let after = Stored { device, last_step: Some(step), ..stored.clone() };
    rows::put(change.tx(), directory, &after).await?;
    change.record(Event::device("device.enabled", &user, Some(&stored.device), Some(&after.device)));
    make_codes(change, directory, user.id.number()).await
}

/// Gives a user other codes that stand for the device, in place of those that are left. They are shown this time only.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is for another one; `Missing` the device, where sign-ins
/// ask for none.
pub async fn renew_recovery_codes(
    change: &mut Change,
    permit: &Permit,
    user: &User,
) -> Result<Vec<Secret>, Error> {
    let user = own(change, permit, user.id.number()).await?;
    let device = super::of_user(change.tx(), permit, user.id.number()).await?.filter(Device::is_enabled);
    let device = device.ok_or_else(|| Error::Missing(Argument::Device, String::new()))?;
    change.record(Event::device("device.recovery_codes_renewed", &user, Some(&device), Some(&device)));
    make_codes(change, permit.directory(), user.id.number()).await
}

/// How many of the codes that stand for a user's device are left.
///
/// # Errors
/// The store's.
pub async fn recovery_codes(
    reader: &mut store::Reader,
    permit: &Permit,
    user: Number,
) -> Result<i64, store::Error> {
    codes::count(reader, permit.directory(), user).await
}

/// Codes that stand for a device, in place of those that are there.
async fn make_codes(
    change: &mut Change,
    directory: DirectoryKey,
    user: Number,
) -> Result<Vec<Secret>, Error> {
    codes::remove(change.tx(), directory, user).await?;
    let tools = change.tools();
    let made: Vec<Secret> = {
        let mut chance = (tools.chance)();
        (0..RECOVERY_CODES).map(|_| recovery_codes::new_code(chance.as_mut())).collect()
    };
    let keyring = tools.keys.now();
    for code in &made {
        let letters = code.reveal_text().and_then(recovery_codes::read).expect("it was just made");
        codes::insert(
            change.tx(),
            directory,
            user,
            &recovery_codes::hash(&keyring, directory, user, &letters),
        )
        .await?;
    }
    Ok(made)
}
