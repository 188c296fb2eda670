//! A change: one call's transaction, with its replay key and one event for each thing changed. And a reader.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::event::Event;
use model::{AccountUid, Id, Ids, Millis, Secret};
use rand::CryptoRng;
use store::replays::{self, Replay};
use store::{Store, Tx, directories, generations};
use tokio::sync::OwnedMutexGuard;

use crate::audit;
use crate::basis::Basis;
use crate::guesses::Guesses;
use crate::held::{Held, subject};
use crate::keyring::Keyring;
use crate::keys::Keys;
use crate::passwords::{Busy, Hash, Hasher, Whose};
use crate::permit::Permit;
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
    /// What is held in memory of who may come in.
    pub held: Held,
}

/// One call's change. It opens at its first statement; dropped without a commit it rolls back.
pub struct Change {
    store: Store,
    tools: Arc<Tools>,
    replay: Option<Replay>,
    tx: Tx,
    events: Vec<Recorded>,
    /// At changing an account.
    turn: Option<OwnedMutexGuard<()>>,
    /// The accounts of which it changes who may come in, or what they may do.
    raised: BTreeSet<AccountUid>,
    /// The generation that the call was decided again under, where that had to be before the change wrote anything.
    decided: Option<i64>,
    /// Milliseconds that new ids are later than the call.
    later: i64,
    /// Hashes outlive an attempt that collided: making them is what takes long.
    hashes: Option<Vec<Hash>>,
}

/// An event of a change.
struct Recorded {
    /// The permit that it is of, where that is another one than the change's own.
    own: Option<Permit>,
    /// Its id, where that was drawn before.
    id: Option<Id>,
    event: Event,
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

    /// Whether what the change was decided by has changed.
    pub fn is_outdated(&self) -> bool {
        matches!(self, Self::Store(store::Error::Outdated))
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
            turn: None,
            raised: BTreeSet::new(),
            decided: None,
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
        Self { later: self.later, ..Self::new(&self.store, &self.tools, None) }
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
        self.events.push(Recorded { own: None, id: None, event });
    }

    /// Records that one thing changed, under an id that was drawn before, since the change writes it elsewhere too.
    pub(crate) fn record_as(&mut self, id: Id, event: Event) {
        self.events.push(Recorded { own: None, id: Some(id), event });
    }

    /// Records that one thing changed which is not the change's own: another directory's, or another person's.
    pub fn record_under(&mut self, permit: Permit, event: Event) {
        self.events.push(Recorded { own: Some(permit), id: None, event });
    }

    /// Says that the change is about the AccessKeys, RAM users, roles or policies of an account: what was decided by them
    /// before does not commit after it, and no process goes by them for longer than a second.
    pub fn raise_access(&mut self, account: AccountUid) {
        generations::raise(&mut self.tx, &subject(account));
        self.raised.insert(account);
    }

    /// Keeps everybody else from an account's own facts until this change is over. It comes before the change opens: whoever
    /// waits for a turn holds no connection, so that the changes of one account never hold all of them.
    ///
    /// # Errors
    /// Of the store.
    pub async fn take_account(&mut self, account: AccountUid) -> Result<(), store::Error> {
        if self.turn.is_none() {
            self.turn = Some(self.tools.held.change_turn(account).await?);
        }
        directories::lock_account(&mut self.tx, account).await
    }

    /// Takes the permit's account for a change of its AccessKeys, RAM users, roles or policies: no other changes them until
    /// this one is over. What the call was decided by may have changed meanwhile; then it is decided again, as things were
    /// before this change.
    ///
    /// # Errors
    /// `Outdated` where it would be decided otherwise now; of the store.
    pub async fn take_access(&mut self, permit: &Permit) -> Result<AccountUid, store::Error> {
        let account = permit.account();
        self.take_account(account).await?;
        if let (Some(basis), None) = (permit.basis(), self.decided) {
            let generation = generations::of(&mut self.tx, &subject(account)).await?;
            if !basis.stands(&mut self.tx, permit.circumstances(), generation).await? {
                return Err(store::Error::Outdated);
            }
            self.decided = Some(generation);
        }
        self.raise_access(account);
        Ok(account)
    }

    /// Says that the change goes by what an account's roles say now: it commits only where that is still so. The account
    /// may be another one than the permit's.
    ///
    /// # Errors
    /// Of the store.
    pub async fn go_by(&mut self, account: AccountUid) -> Result<(), store::Error> {
        let subject = subject(account);
        // The second time nobody gets in between.
        if self.is_made_again() {
            directories::keep_account(&mut self.tx, account).await?;
        }
        let generation = generations::of(&mut self.tx, &subject).await?;
        generations::demand(&mut self.tx, &subject, generation);
        Ok(())
    }

    /// Whether the call would be decided now as it was for its permit, as far as this change sees: also by changes that are
    /// still to be committed, behind which it would be.
    ///
    /// # Errors
    /// Of the store.
    pub async fn stands(&mut self, permit: &Permit) -> Result<bool, store::Error> {
        let Some(basis) = permit.basis() else { return Ok(true) };
        let generation = generations::of(&mut self.tx, &subject(permit.account())).await?;
        basis.stands(&mut self.tx, permit.circumstances(), generation).await
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
    /// `Outdated` where what the call was decided by has changed; where the change is made again, only where the call
    /// would be decided otherwise now.
    pub async fn commit(&mut self, permit: &Permit) -> Result<(), Failure> {
        // Until it is over.
        let _turn = self.turn.take();
        let raised = std::mem::take(&mut self.raised);
        // What the change itself has done to who may do what does not speak against it.
        let decides = self.is_made_again() && !raised.contains(&permit.account());
        let committed = self.commit_under(permit, decides).await;
        // Also where it failed: a commit whose answer was lost may have happened.
        for account in raised {
            self.tools.held.forget(account);
        }
        committed
    }

    async fn commit_under(&mut self, permit: &Permit, decides: bool) -> Result<(), Failure> {
        let decided = self.decided;
        let mut tx = self.restart();
        let events = std::mem::take(&mut self.events);
        if tx.wrote() && events.is_empty() {
            return Err(Failure::Unrecorded);
        }
        let (mut ids, keyring) = (Vec::with_capacity(events.len()), self.tools.keys.now());
        for Recorded { own, id, event } in &events {
            let permit = own.as_ref().unwrap_or(permit);
            let id = id.unwrap_or_else(|| self.tools.ids.next(permit.at()));
            audit::keep(&mut tx, (&self.tools, &keyring), permit, (id, event)).await?;
            ids.push(id);
        }
        audit::queue(&mut tx, &ids).await?;
        if let Some(replay) = &self.replay {
            replays::insert(&mut tx, replay).await?;
        }
        if let Some(basis) = permit.basis() {
            let subject = subject(permit.account());
            let generation = match decided {
                Some(generation) => generation,
                None if decides => decide_last(&mut tx, permit, basis, &subject).await?,
                None => basis.generation(),
            };
            generations::demand(&mut tx, &subject, generation);
        }
        Ok(tx.commit().await?)
    }

    /// Gives up what was done and stands where it stood before its first statement.
    pub fn abandon(&mut self) {
        drop(self.restart());
        self.events.clear();
        self.raised.clear();
    }

    fn restart(&mut self) -> Tx {
        self.later += 1 + (self.tools.ids.salt() % 64) as i64;
        self.decided = None;
        self.turn = None;
        std::mem::replace(&mut self.tx, self.store.change())
    }
}

/// Decides a call again when nothing is left but to commit its change: whoever changes what it is decided by waits for
/// that. Another change of the account cannot be in its way once more, then.
async fn decide_last(
    tx: &mut Tx,
    permit: &Permit,
    basis: &Basis,
    subject: &str,
) -> Result<i64, store::Error> {
    let generation = generations::settled(tx, subject).await?;
    let stands = basis.stands(tx, permit.circumstances(), generation).await?;
    stands.then_some(generation).ok_or(store::Error::Outdated)
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
