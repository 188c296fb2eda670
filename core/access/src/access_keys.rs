//! AccessKeys: made, switched, found, with their secrets sealed at rest and open in memory only.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use model::event::Event;
use model::{AccountUid, Millis, Secret};
use rand::{CryptoRng, Rng, RngExt};
use store::Store;
use store::access_keys::{self as rows, Stored};
use store::generations;

use crate::change::{Change, Failure, Tools};
use crate::keyring::{Keyring, KeyringError, Place, SealError};
use crate::permit::Permit;

/// Letters of ids and secrets.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// One AccessKey, ready to check a signature with.
#[derive(Debug)]
pub struct AccessKey {
    /// The account whose root it acts for.
    pub account: AccountUid,
    /// What signatures are made with.
    pub secret: Secret,
    /// Whether it is accepted.
    pub is_active: bool,
}

/// What an operator sees of a key: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The AccessKeyId.
    pub id: String,
    /// Whether it is accepted.
    pub is_active: bool,
    /// When it was made.
    pub created: Millis,
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

fn letters(mut rng: &mut dyn CryptoRng, count: usize) -> String {
    let rng: &mut dyn Rng = &mut rng;
    (0..count).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

/// Adds `key` to the account that `permit` reaches.
///
/// # Errors
/// Of the store.
pub async fn add(change: &mut Change, permit: &Permit, key: &NewKey) -> Result<(), Error> {
    let sealed = {
        let tools = change.tools();
        tools.keys.now().seal(place(&key.id), key.secret.reveal(), (tools.chance)().as_mut())
    };
    let row =
        Stored { id: key.id.clone(), account: permit.account(), sealed, active: true, created: permit.at() };
    rows::insert(change.tx(), &row).await?;
    generations::raise(change.tx(), &subject(permit.account())).await?;
    change.record(Event::access_key("access-key.created", &key.id, None, Some(status(true))));
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
    generations::raise(change.tx(), &subject(permit.account())).await?;
    change.record(Event::access_key(
        "access-key.changed",
        id,
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
    generations::raise(change.tx(), &subject(permit.account())).await?;
    change.record(Event::access_key("access-key.deleted", id, Some(status(key.active)), None));
    Ok(())
}

/// Seals the secrets of all keys of the account under the newest of the installation's keys; how many there were.
///
/// # Errors
/// `Sealed` where one cannot be opened.
pub async fn reseal(change: &mut Change, permit: &Permit) -> Result<usize, Error> {
    let keyring = change.tools().keys.now();
    let mut resealed = 0;
    for key in rows::all(change.tx(), permit.account()).await? {
        if Keyring::sealed_under(&key.sealed) == Some(keyring.current()) {
            continue;
        }
        let secret = open(&keyring, &key)?;
        let sealed = keyring.seal(place(&key.id), secret.reveal(), (change.tools().chance)().as_mut());
        rows::set_sealed(change.tx(), &key.id, &sealed).await?;
        generations::raise(change.tx(), &subject(permit.account())).await?;
        change.record(Event::access_key("access-key.resealed", &key.id, None, None));
        resealed += 1;
    }
    Ok(resealed)
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

/// The account's keys, the oldest first.
///
/// # Errors
/// Of the store.
pub async fn list(reader: &mut store::Reader, account: AccountUid) -> Result<Vec<Listed>, Error> {
    let keys = rows::all(reader, account).await?;
    Ok(keys
        .into_iter()
        .map(|key| Listed { id: key.id, is_active: key.active, created: key.created })
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

fn subject(account: AccountUid) -> String {
    format!("access-keys/{}", account.0)
}

/// The keys that this process has met, with their secrets open.
pub struct Known {
    store: Store,
    tools: Arc<Tools>,
    found: RwLock<HashMap<String, Arc<AccessKey>>>,
    generations: RwLock<HashMap<String, i64>>,
    /// Raised when `found` is emptied, so that what was read before is not put in after.
    emptied: AtomicU64,
}

impl Known {
    /// Knows no key yet.
    pub fn new(store: &Store, tools: &Arc<Tools>) -> Self {
        Self {
            store: store.clone(),
            tools: Arc::clone(tools),
            found: RwLock::default(),
            generations: RwLock::default(),
            emptied: AtomicU64::new(0),
        }
    }

    /// The key with this id.
    ///
    /// # Errors
    /// `Sealed` where its secret cannot be opened, or the store's.
    pub async fn find(&self, id: &str) -> Result<Option<Arc<AccessKey>>, Error> {
        if let Some(key) = self.found.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Ok(Some(Arc::clone(key)));
        }
        let emptied = self.emptied.load(Ordering::Acquire);
        let Some(stored) = rows::find(&mut self.store.reader(), id).await? else { return Ok(None) };
        let key = Arc::new(AccessKey {
            account: stored.account,
            secret: self.open(&stored)?,
            is_active: stored.active,
        });
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        if self.emptied.load(Ordering::Acquire) == emptied {
            found.insert(id.to_owned(), Arc::clone(&key));
        }
        Ok(Some(key))
    }

    /// How many keys are known.
    pub fn count(&self) -> usize {
        self.found.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Forgets the keys where another process has changed one. To be called more than once a second.
    ///
    /// # Errors
    /// Of the store.
    pub async fn watch(&self) -> Result<(), Error> {
        let now: HashMap<String, i64> =
            generations::all(&mut self.store.reader()).await?.into_iter().collect();
        if *self.generations.read().unwrap_or_else(PoisonError::into_inner) == now {
            return Ok(());
        }
        self.forget();
        *self.generations.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Forgets every key; each is looked up again when it is next used.
    pub fn forget(&self) {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        self.emptied.fetch_add(1, Ordering::Release);
        found.clear();
    }

    fn open(&self, stored: &Stored) -> Result<Secret, Error> {
        match open(&self.tools.keys.now(), stored) {
            // `roster keys rotate` ran beside this process.
            Err(Error::Sealed { source: SealError::UnknownKey(_), .. }) => {
                open(&*self.tools.keys.read_again()?, stored)
            }
            opened => opened,
        }
    }
}
