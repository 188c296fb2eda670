//! AccessKeys of RAM users, and of the account's root where it looks after its own.

use access::access_keys::{self, Listed, NewKey};
use access::{Change, Permit, Reader};
use model::Number;
use model::ram::RamUser;

use super::{Entity, Error, Limit, take, users};

/// AccessKeys of one user. Source: `reference/protocol.md` §7.5.
const MOST: usize = 2;
/// AccessKeys of the root that are made by calls.
const MOST_OF_ROOT: usize = 5;

/// Makes an AccessKey of the user of this name; the caller's own where no user is named. Its secret is shown this once.
///
/// # Errors
/// `Missing` where there is no such user, or the caller is neither a user nor the root; `TooMany`.
pub async fn create(change: &mut Change, permit: &Permit, user: Option<&str>) -> Result<NewKey, Error> {
    let account = take(change, permit).await?;
    let user = number(&users::meant(change.tx(), permit, user).await?);
    let most = if user.is_some() { MOST } else { MOST_OF_ROOT };
    if access_keys::list(change.tx(), account, user).await?.len() >= most {
        return Err(Error::TooMany(Limit::Keys));
    }
    let key = NewKey::generate((change.tools().chance)().as_mut());
    access_keys::add(change, permit, &key, user).await?;
    Ok(key)
}

/// The AccessKeys of the user of this name, or the caller's own, the oldest first; each with its last use.
///
/// # Errors
/// As of [`create`].
pub async fn list(reader: &mut Reader, permit: &Permit, user: Option<&str>) -> Result<Vec<Listed>, Error> {
    let reader = reader.rows();
    let user = number(&users::meant(reader, permit, user).await?);
    Ok(access_keys::list(reader, permit.account(), user).await?)
}

/// One AccessKey of the user of this name, or of the caller.
///
/// # Errors
/// As of [`create`]; `Missing` where the user has no such key.
pub async fn get(
    reader: &mut Reader,
    permit: &Permit,
    user: Option<&str>,
    id: &str,
) -> Result<Listed, Error> {
    let keys = list(reader, permit, user).await?;
    keys.into_iter().find(|key| key.id == id).ok_or_else(|| Error::Missing(Entity::AccessKey, id.to_owned()))
}

/// Switches an AccessKey of the user of this name, or of the caller, on or off.
///
/// # Errors
/// As of [`get`].
pub async fn set_active(
    change: &mut Change,
    permit: &Permit,
    user: Option<&str>,
    id: &str,
    is_active: bool,
) -> Result<(), Error> {
    own(change, permit, user, id).await?;
    Ok(access_keys::set_active(change, permit, id, is_active).await?)
}

/// Deletes an AccessKey of the user of this name, or of the caller.
///
/// # Errors
/// As of [`get`].
pub async fn delete(change: &mut Change, permit: &Permit, user: Option<&str>, id: &str) -> Result<(), Error> {
    own(change, permit, user, id).await?;
    Ok(access_keys::delete(change, permit, id).await?)
}

/// Takes the account, and checks that the user has this key.
async fn own(change: &mut Change, permit: &Permit, user: Option<&str>, id: &str) -> Result<(), Error> {
    let account = take(change, permit).await?;
    let user = number(&users::meant(change.tx(), permit, user).await?);
    let keys = access_keys::list(change.tx(), account, user).await?;
    let missing = || Error::Missing(Entity::AccessKey, id.to_owned());
    keys.iter().any(|key| key.id == id).then_some(()).ok_or_else(missing)
}

fn number(user: &Option<RamUser>) -> Option<Number> {
    user.as_ref().map(|user| user.number)
}
