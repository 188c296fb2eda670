//! A change: one call's transaction, with its replay key and one event for each thing changed. And a reader.

use std::fmt::Write;
use std::sync::Arc;

use model::event::Event;
use model::{Id, Ids, Millis, Secret};
use rand::CryptoRng;
use sha2::{Digest, Sha256};
use store::replays::{self, Replay};
use store::{Store, Tx, events};

use crate::guesses::Guesses;
use crate::keyring::Keyring;
use crate::keys::Keys;
use crate::passwords::{Busy, Hash, Hasher, Whose};
use crate::permit::{Permit, Scope};
use crate::signing_keys::{self, SigningKeys};

/// What changes are made with: a source of ids, a source of chance, the password pool, the keys, a
/// memory of guesses.
pub struct Tools {
    /// New ids and salts.
    pub ids: Ids,
    /// Bounded password hashing.
    pub hasher: Hasher,
    /// Makes an rng for one use.
    pub chance: Box<dyn Fn() -> Box<dyn CryptoRng + Send> + Send + Sync>,
    /// The installation's keys.
    pub keys: Keys,
    /// The keys that access tokens are signed with.
    pub signing: SigningKeys,
    /// What is known of those who guess passwords.
    pub guesses: Guesses,
}

/// One call's change. It opens at its first statement; dropped without a commit it rolls back.
pub struct Change {
    store: Store,
    tools: Arc<Tools>,
    replay: Option<Replay>,
    tx: Tx,
    /// Each with the permit that it is of, where that is another one than the change's own.
    events: Vec<(Option<Permit>, Event)>,
    /// Milliseconds that new ids are later than the call.
    later: i64,
    /// Hashes outlive an attempt that collided: making them is what takes long.
    hashes: Option<Vec<Hash>>,
}

/// Why a change was not committed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A rule wrote and recorded no event: a fault of the program.
    #[error("a change wrote without recording an event")]
    Unrecorded,
}

impl Failure {
    /// Whether making the same change again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }

    /// Whether the store is too busy or away, so that the same call may succeed a little later.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_overload())
    }

    /// Whether the call was accepted before.
    pub fn is_replay(&self) -> bool {
        matches!(self, Self::Store(store::Error::Taken(store::Key::Replay)))
    }
}

impl Change {
    /// A change that has not begun. `replay` is remembered with it.
    pub fn new(store: &Store, tools: &Arc<Tools>, replay: Option<Replay>) -> Self {
        Self {
            store: store.clone(),
            tools: Arc::clone(tools),
            replay,
            tx: store.change(),
            events: Vec::new(),
            later: 0,
            hashes: None,
        }
    }

    /// The transaction.
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// A reader beside the change, which stays as it is: for what has to be known before passwords are hashed, since
    /// nothing but the database is awaited while a change is open. It sees nothing that is not committed.
    pub fn beside(&self) -> Reader {
        Reader::new(&self.store, &self.tools)
    }

    /// Another change, which is committed by itself: for parts of work that is too much for one, and that may stay undone.
    /// That the call was made is remembered with this change alone.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self::new(&self.store, &self.tools, None)
    }

    /// Sees to it, beside the change and before it opens, that there is a key to sign tokens with.
    ///
    /// # Errors
    /// Of the store.
    pub async fn keep_signing_key(&mut self, at: Millis) -> Result<(), signing_keys::Error> {
        signing_keys::keep(&self.store, &self.tools, at).await
    }

    /// A new id of the permit's instant; of one a little later where the change is made again, because another process
    /// that drew from the same millisecond may be what was in its way.
    pub fn new_id(&self, permit: &Permit) -> Id {
        self.tools.ids.next(permit.at().plus(self.later))
    }

    /// Whether the change is made again, because it collided with another one.
    pub fn is_made_again(&self) -> bool {
        self.later > 0
    }

    /// The tools that the change is made with.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Records that one thing changed.
    pub fn record(&mut self, event: Event) {
        self.events.push((None, event));
    }

    /// Records that one thing changed which is not the change's own: another directory's, or another person's.
    pub fn record_under(&mut self, permit: Permit, event: Event) {
        self.events.push((Some(permit), event));
    }

    /// Hashes all passwords of the call on the pool, before the change begins: nothing but the database is awaited
    /// while it is open. Another attempt at the same call gets the same hashes.
    ///
    /// # Errors
    /// `Busy` where the pool's queue is full.
    pub async fn hashed(&mut self, passwords: Vec<Secret>) -> Result<Vec<Hash>, Busy> {
        self.hashed_for(Whose::Known, passwords).await
    }

    /// The same, for somebody who may be in front of a page.
    ///
    /// # Errors
    /// As of [`Change::hashed`].
    pub async fn hashed_for(&mut self, whose: Whose, passwords: Vec<Secret>) -> Result<Vec<Hash>, Busy> {
        // Another attempt may come to ask for other passwords than the first one did: for none, or for one.
        if let Some(hashes) = self.hashes.as_ref().filter(|hashes| hashes.len() == passwords.len()) {
            return Ok(hashes.clone());
        }
        let hashing = self.tools.hasher.hash(whose, passwords, (self.tools.chance)().as_mut());
        let hashes = hashing.await?;
        Ok(self.hashes.insert(hashes).clone())
    }

    /// Commits the change with its events and its replay key. When this returns, it is on disk.
    ///
    /// # Errors
    /// Nothing is kept then, and the change can be made again: it stands where it stood before its first statement.
    pub async fn commit(&mut self, permit: &Permit) -> Result<(), Failure> {
        let mut tx = self.restart();
        let events = std::mem::take(&mut self.events);
        if tx.wrote() && events.is_empty() {
            return Err(Failure::Unrecorded);
        }
        for (own, event) in &events {
            keep(&mut tx, &self.tools, own.as_ref().unwrap_or(permit), event).await?;
        }
        if let Some(replay) = &self.replay {
            replays::insert(&mut tx, replay).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives up what was done and stands where it stood before its first statement.
    pub fn abandon(&mut self) {
        drop(self.restart());
        self.events.clear();
    }

    fn restart(&mut self) -> Tx {
        self.later += 1 + (self.tools.ids.salt() % 64) as i64;
        std::mem::replace(&mut self.tx, self.store.change())
    }
}

/// Adds an event to the audit trail.
async fn keep(tx: &mut Tx, tools: &Tools, permit: &Permit, event: &Event) -> Result<(), store::Error> {
    let salt = format!("{:032x}", tools.ids.salt());
    let circumstances = permit.circumstances();
    let record = events::Record {
        id: tools.ids.next(permit.at()),
        account: permit.account(),
        directory: match permit.scope() {
            Scope::Directory(directory) => Some(directory.key.number),
            Scope::Account(_) => None,
        },
        at: permit.at(),
        door: circumstances.door,
        principal: &permit.principal().to_string(),
        source: &circumstances.source,
        request: &circumstances.request,
        event,
        digest: &digest(&salt, event),
        salt: &salt,
    };
    events::insert(tx, &record).await
}

/// SHA-256 over the salt and what was before and after, each with its length, as hexadecimal digits.
fn digest(salt: &str, event: &Event) -> String {
    let mut hash = Sha256::new();
    for part in [Some(salt), event.before.as_deref(), event.after.as_deref()] {
        let part = part.unwrap_or_default().as_bytes();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// What a call that only reads gets. It cannot write.
pub struct Reader {
    store: Store,
    tools: Arc<Tools>,
    rows: store::Reader,
}

impl Reader {
    /// A reader of `store`.
    pub fn new(store: &Store, tools: &Arc<Tools>) -> Self {
        Self { store: store.clone(), tools: Arc::clone(tools), rows: store.reader() }
    }

    /// The connection.
    pub fn rows(&mut self) -> &mut store::Reader {
        &mut self.rows
    }

    /// The store, for questions whose work is not bounded.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The installation's keys, which page tokens are made with.
    pub fn keyring(&self) -> Arc<Keyring> {
        self.tools.keys.now()
    }

    /// The tools.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }
}
