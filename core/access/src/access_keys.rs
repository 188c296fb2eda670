//! AccessKeys: made, switched, found, with their secrets sealed at rest and open in memory only.

use model::event::Event;
use model::{AccountUid, Millis, Number, Secret};
use rand::{CryptoRng, Rng, RngExt};
use store::access_keys::{self as rows, Stored};

use crate::change::{Change, Failure, Tools};
use crate::keyring::{Keyring, KeyringError, Place, SealError};
use crate::permit::Permit;
use crate::temporary;

/// Keys that one transaction seals anew.
const RESEALED: i64 = 500;

/// Letters of ids and secrets.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What an operator sees of a key: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The AccessKeyId.
    pub id: String,
    /// The RAM user that it is of; `None` for the account's root.
    pub user: Option<Number>,
    /// Whether it is accepted.
    pub is_active: bool,
    /// When it was made.
    pub created: Millis,
    /// When a call last came with it, to about a minute, and through which door.
    pub used: Option<(Millis, String)>,
}

/// A new AccessKey; this is the only time that its secret is shown.
#[derive(Debug)]
pub struct NewKey {
    /// The AccessKeyId.
    pub id: String,
    /// The secret.
    pub secret: Secret,
}

/// Why a key could not be found or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key has this id.
    #[error("there is no AccessKey {0}")]
    Missing(String),
    /// The secret was sealed under a key that the installation does not hold, or was tampered with.
    #[error("the secret of AccessKey {id} cannot be opened: {source}")]
    Sealed {
        /// The AccessKeyId.
        id: String,
        /// Why.
        source: SealError,
    },
    /// A policy of whom a key stands for is not understood, so what it allows is not known.
    #[error("the policy {name} cannot be understood: {reason}")]
    Policy {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The installation's keys could not be read again.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The change was not committed.
    #[error(transparent)]
    Change(#[from] Failure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// Whether making the same change again may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Change(failure) => failure.is_transient(),
            Self::Store(error) => error.is_transient(),
            Self::Missing(_) | Self::Sealed { .. } | Self::Policy { .. } | Self::Keyring(_) => false,
        }
    }
}

impl NewKey {
    /// A key of the vendor's shape: `LTAI` and 20 letters, a secret of 30.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        Self { id: format!("LTAI{}", letters(rng, 20)), secret: Secret::new(letters(rng, 30)) }
    }
}

/// Whether a key may have this id at all; no other is looked up.
pub fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Whether a lasting AccessKey may have this id: one that begins like those of temporary ones would be taken for one.
pub fn is_lasting_id(text: &str) -> bool {
    is_id(text) && !temporary::is_id(text)
}

/// So many letters and digits by chance.
pub(crate) fn letters(mut rng: &mut dyn CryptoRng, count: usize) -> String {
    let rng: &mut dyn Rng = &mut rng;
    (0..count).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

/// Adds `key` to the account that `permit` reaches: of its root, or of the RAM user with this number.
///
/// # Errors
/// Of the store.
///
/// # Panics
/// Where the id is that of a temporary key, with which nobody would get in: whoever takes one from outside asks
/// [`is_lasting_id`].
pub async fn add(
    change: &mut Change,
    permit: &Permit,
    key: &NewKey,
    user: Option<Number>,
) -> Result<(), Error> {
    assert!(is_lasting_id(&key.id), "ids are made here, or checked where they come from");
    let sealed = {
        let tools = change.tools();
        tools.keys.now().seal(place(&key.id), key.secret.reveal(), (tools.chance)().as_mut())
    };
    let row = Stored {
        id: key.id.clone(),
        account: permit.account(),
        user,
        sealed,
        active: true,
        created: permit.at(),
        used: None,
    };
    rows::insert(change.tx(), &row).await?;
    change.raise_access(permit.account());
    change.record(Event::access_key("access-key.created", &key.id, user, None, Some(status(true))));
    Ok(())
}

/// Switches a key on or off. Every process knows within a second.
///
/// # Errors
/// `Missing` where the account has no such key.
pub async fn set_active(
    change: &mut Change,
    permit: &Permit,
    id: &str,
    is_active: bool,
) -> Result<(), Error> {
    let key = require(change, permit, id).await?;
    rows::set_active(change.tx(), id, is_active).await?;
    change.raise_access(permit.account());
    change.record(Event::access_key(
        "access-key.changed",
        id,
        key.user,
        Some(status(key.active)),
        Some(status(is_active)),
    ));
    Ok(())
}

/// Deletes a key. Every process knows within a second.
///
/// # Errors
/// `Missing` where the account has no such key.
pub async fn delete(change: &mut Change, permit: &Permit, id: &str) -> Result<(), Error> {
    let key = require(change, permit, id).await?;
    rows::delete(change.tx(), id).await?;
    change.raise_access(permit.account());
    change.record(Event::access_key("access-key.deleted", id, key.user, Some(status(key.active)), None));
    Ok(())
}

/// Keys of an account that are sealed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// How many they were.
    pub count: usize,
    /// The key behind which the others follow; `None` where there are none.
    pub last: Option<String>,
}

/// Seals the secrets of up to 500 keys of the account, those behind `after`, under the newest of the installation's keys.
///
/// # Errors
/// `Sealed` where one cannot be opened.
pub async fn reseal(change: &mut Change, permit: &Permit, after: &str) -> Result<Resealed, Error> {
    let keyring = change.tools().keys.now();
    // In the order in which others write down when keys were used.
    let keys = rows::page(change.tx(), permit.account(), after, RESEALED).await?;
    let mut count = 0;
    for key in &keys {
        if Keyring::sealed_under(&key.sealed) == Some(keyring.current()) {
            continue;
        }
        let secret = open(&keyring, key)?;
        let sealed = keyring.seal(place(&key.id), secret.reveal(), (change.tools().chance)().as_mut());
        rows::set_sealed(change.tx(), &key.id, &sealed).await?;
        change.raise_access(permit.account());
        change.record(Event::access_key("access-key.resealed", &key.id, key.user, None, None));
        count += 1;
    }
    Ok(Resealed { count, last: keys.last().map(|key| key.id.clone()) })
}

/// Whether the secrets of all keys of the account can be opened with these keys of the installation.
///
/// # Errors
/// `Sealed` for the first that cannot.
pub async fn openable(
    reader: &mut store::Reader,
    keyring: &Keyring,
    account: AccountUid,
) -> Result<(), Error> {
    rows::all(reader, account).await?.iter().try_for_each(|key| open(keyring, key).map(drop))
}

/// The keys of the account's root, or of the RAM user with this number, the oldest first.
///
/// # Errors
/// Of the store.
pub async fn list(
    reader: &mut store::Reader,
    account: AccountUid,
    user: Option<Number>,
) -> Result<Vec<Listed>, Error> {
    let keys = rows::of(reader, account, user).await?;
    Ok(keys
        .into_iter()
        .map(|key| Listed {
            id: key.id,
            user: key.user,
            is_active: key.active,
            created: key.created,
            used: key.used,
        })
        .collect())
}

async fn require(change: &mut Change, permit: &Permit, id: &str) -> Result<Stored, Error> {
    let key = rows::find(change.tx(), id).await?.filter(|key| key.account == permit.account());
    key.ok_or_else(|| Error::Missing(id.to_owned()))
}

fn open(keyring: &Keyring, key: &Stored) -> Result<Secret, Error> {
    keyring.unseal(place(&key.id), &key.sealed).map_err(|source| Error::Sealed { id: key.id.clone(), source })
}

fn place(id: &str) -> Place<'_> {
    Place { table: "access_keys", row: id, column: "sealed" }
}

const fn status(is_active: bool) -> &'static str {
    if is_active { "active" } else { "inactive" }
}

/// The secret of a key, also where another process has added the key since that it is sealed under.
pub(crate) fn openable_secret(tools: &Tools, stored: &Stored) -> Result<Secret, Error> {
    match open(&tools.keys.now(), stored) {
        // `roster keys rotate` ran beside this process.
        Err(Error::Sealed { source: SealError::UnknownKey(_), .. }) => {
            open(&*tools.keys.read_again()?, stored)
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_temporary_keys_are_no_others() {
        let long = "x".repeat(129);
        for (id, is_any, is_lasting) in [
            ("LTAI5tAbCdEf", true, true),
            ("a.b_c-1", true, true),
            ("sts.x", true, true),
            ("STS", true, true),
            ("STS.x", true, false),
            ("", false, false),
            ("a b", false, false),
            (long.as_str(), false, false),
        ] {
            assert_eq!((is_id(id), is_lasting_id(id)), (is_any, is_lasting), "{id:?}");
        }
    }
}
