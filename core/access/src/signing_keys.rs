//! The keys that access tokens are signed with: RSA, made anew each month, their private parts sealed at rest.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Millis;
use model::event::Event;
use model::time::{DAY, MINUTE};
use store::signing_keys::{self as rows, Stored};
use store::{Store, directories};
use tokio::sync::Mutex;

use crate::change::{Change, Failure, Tools};
use crate::jwt::{self, Checker, Unproved};
use crate::keyring::{Keyring, Place};
use crate::keys::Keys;
use crate::permit::{Permit, Scope, Task};

/// How long a key signs.
const MONTH: i64 = 30 * DAY;
/// How long a key is kept after another one has taken its place: longer than any token that it has signed.
const AFTERLIFE: i64 = crate::tokens::LIFE + 10 * MINUTE;
/// How often a token of an unknown key makes this process look for keys of others, in milliseconds.
const LOOK_EVERY: i64 = 1_000;

/// The keys that this process knows.
#[derive(Default)]
pub struct SigningKeys {
    /// The oldest first.
    held: RwLock<Vec<Arc<SigningKey>>>,
    /// When a token of an unknown key last made this process look.
    looked: AtomicI64,
    /// Held while the rows are read, so that no older list takes the place of a newer one: the rows that hold no key, each
    /// of which was said once.
    reading: Mutex<HashSet<String>>,
    /// Held while a key is made, so that of many who need one a single one makes it.
    making: Mutex<()>,
}

/// One key.
pub(crate) struct SigningKey {
    id: String,
    created: Millis,
    /// `None` where the private part cannot be opened; what it has signed is still good.
    pair: Option<KeyPair>,
    checker: Checker,
}

/// Why a key could not be made, read or sealed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What lies in a row is no key.
    #[error("the signing key {0} cannot be read")]
    Corrupt(String),
    /// No key could be made.
    #[error("no signing key could be made")]
    Unmade,
    /// The change was not committed.
    #[error(transparent)]
    Change(#[from] Failure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// Whether trying again may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Change(failure) => failure.is_transient(),
            Self::Store(error) => error.is_transient(),
            Self::Corrupt(_) | Self::Unmade => false,
        }
    }
}

impl SigningKeys {
    /// Reads which keys there are. To be called more than once a second. A row that holds no key is passed over: the
    /// others are as good without it.
    ///
    /// # Errors
    /// Of the store.
    pub async fn read(&self, store: &Store, keys: &Keys) -> Result<(), Error> {
        let mut broken = self.reading.lock().await;
        let stored = rows::all(&mut store.reader()).await?;
        let known = self.now();
        let mut held = Vec::with_capacity(stored.len());
        for row in &stored {
            let met = known.iter().find(|key| key.id == row.id);
            if let Some(key) = met.filter(|key| key.pair.is_some()) {
                held.push(Arc::clone(key));
                continue;
            }
            match SigningKey::open(row, keys, met.is_none()) {
                Ok(key) => held.push(Arc::new(key)),
                Err(error) => {
                    if broken.insert(row.id.clone()) {
                        tracing::error!(%error, "what it has signed is refused");
                    }
                }
            }
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held;
        Ok(())
    }

    /// The claims of a token that one of the keys has signed; `None` where none has.
    ///
    /// # Errors
    /// Of the store, which is asked for a key that is not known here, once a second at most.
    pub(crate) async fn claims<T: serde::de::DeserializeOwned>(
        &self,
        store: &Store,
        keys: &Keys,
        token: &str,
        now: Millis,
    ) -> Result<Option<T>, Error> {
        let Some(unproved) = Unproved::read(token) else { return Ok(None) };
        let Some(id) = unproved.key.as_deref() else { return Ok(None) };
        let mut key = self.called(id);
        if key.is_none() && self.may_look(now) {
            self.read(store, keys).await?;
            key = self.called(id);
        }
        Ok(key.and_then(|key| unproved.proved(&key.checker)?.claims()))
    }

    /// Signs claims with the newest key; `None` while there is none.
    pub(crate) fn sign(&self, claims: &impl serde::Serialize) -> Option<String> {
        let keys = self.now();
        let (key, pair) = keys.iter().rev().find_map(|key| Some((key, key.pair.as_ref()?)))?;
        Some(jwt::sign(pair, &key.id, claims))
    }

    fn now(&self) -> Vec<Arc<SigningKey>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn called(&self, id: &str) -> Option<Arc<SigningKey>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.iter().find(|key| key.id == id).cloned()
    }

    fn may_look(&self, now: Millis) -> bool {
        let looked = self.looked.load(Ordering::Relaxed);
        let is_due = !(0..LOOK_EVERY).contains(&now.since(Millis(looked)));
        is_due && self.looked.compare_exchange(looked, now.0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether a new key is due, and which keys are not needed any more.
    fn due(&self, at: Millis) -> (bool, Vec<String>) {
        let keys = self.now();
        let newest = keys.iter().rfind(|key| key.pair.is_some());
        let is_due = newest.is_none_or(|key| at.since(key.created) >= MONTH);
        let over = keys.iter().zip(keys.iter().skip(1));
        let over = over.filter(|(_, next)| at.since(next.created) >= AFTERLIFE);
        (is_due, over.map(|(key, _)| key.id.clone()).collect())
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys of ")?;
        f.debug_list().entries(self.now().iter().map(|key| &key.id)).finish()
    }
}

impl SigningKey {
    /// Reads a key from its row; that it cannot be opened is said where it is met for the first time.
    fn open(row: &Stored, keys: &Keys, is_new: bool) -> Result<Self, Error> {
        let corrupt = || Error::Corrupt(row.id.clone());
        let der = STANDARD.decode(&row.public_key).map_err(|_| corrupt())?;
        let checker = Checker::from_der(&der).ok_or_else(corrupt)?;
        let pair = match keys.open(place(&row.id), &row.sealed) {
            Ok(pkcs8) => Some(KeyPair::from_pkcs8(pkcs8.reveal()).map_err(|_| corrupt())?),
            Err(error) => {
                if is_new {
                    tracing::error!(key = row.id, %error, "a signing key cannot be opened; what it has signed is good");
                }
                None
            }
        };
        Ok(Self { id: row.id.clone(), created: row.created, pair, checker })
    }
}

/// As [`keep`], but where nobody has asked for a token yet no key is made.
///
/// # Errors
/// As of [`keep`].
pub async fn renew(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Error> {
    if tools.signing.now().is_empty() { Ok(()) } else { keep(store, tools, at).await }
}

/// Sees to it that there is a key to sign with, not older than a month, and forgets those whose tokens have all run out.
/// Any number of processes may do so.
///
/// # Errors
/// Of the store; `Unmade`.
pub async fn keep(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Error> {
    let is_idle = |(is_due, over): &(bool, Vec<String>)| !is_due && over.is_empty();
    if is_idle(&tools.signing.due(at)) {
        return Ok(());
    }
    let _making = tools.signing.making.lock().await;
    let due = tools.signing.due(at);
    if is_idle(&due) {
        return Ok(());
    }
    let (is_due, over) = due;
    let mut reader = store.reader();
    let Some(account) = directories::first_account(&mut reader).await? else { return Ok(()) };
    let permit = Permit::system(Task::Sweep, Scope::Account(account), at);
    let mut change = Change::new(store, tools, None);
    if is_due {
        // Half a second of work, now and then more, which would hold up a thread that answers calls.
        let made = tokio::task::spawn_blocking(|| KeyPair::generate(KeySize::Rsa2048));
        let pair = made.await.map_err(|_| Error::Unmade)?.map_err(|_| Error::Unmade)?;
        add(&mut change, &permit, &pair).await?;
    }
    for id in &over {
        rows::delete(change.tx(), id).await?;
        change.record(Event::signing_key("signing_key.removed", id));
    }
    change.commit(&permit).await?;
    tools.signing.read(store, &tools.keys).await
}

async fn add(change: &mut Change, permit: &Permit, pair: &KeyPair) -> Result<(), Error> {
    let id = format!("{:032x}", change.tools().ids.salt());
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Error::Unmade)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| Error::Unmade)?;
    let tools = change.tools();
    let sealed = tools.keys.now().seal(place(&id), private.as_ref(), (tools.chance)().as_mut());
    let public_key = STANDARD.encode(public.as_ref());
    let row = Stored { id, sealed, public_key, created: permit.at() };
    rows::insert(change.tx(), &row).await?;
    change.record(Event::signing_key("signing_key.created", &row.id));
    Ok(())
}

/// Seals every signing key under the newest of the installation's keys; how many there were. One that cannot be opened
/// stays as it is: it signs nothing more, and what it has signed stays good.
///
/// # Errors
/// Of the store.
pub async fn reseal(change: &mut Change) -> Result<usize, Error> {
    let keyring = change.tools().keys.now();
    let mut resealed = 0;
    for row in rows::all(change.tx()).await? {
        if Keyring::sealed_under(&row.sealed) == Some(keyring.current()) {
            continue;
        }
        let private = match keyring.unseal(place(&row.id), &row.sealed) {
            Ok(private) => private,
            Err(error) => {
                tracing::error!(key = row.id, %error, "a signing key cannot be opened, and is not sealed anew");
                continue;
            }
        };
        let sealed = keyring.seal(place(&row.id), private.reveal(), (change.tools().chance)().as_mut());
        rows::set_sealed(change.tx(), &row.id, &sealed).await?;
        change.record(Event::signing_key("signing_key.resealed", &row.id));
        resealed += 1;
    }
    Ok(resealed)
}

fn place(id: &str) -> Place<'_> {
    Place { table: "signing_keys", row: id, column: "sealed" }
}
