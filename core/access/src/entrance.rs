//! What a door needs to let a call in: keys, the memory of calls, the caller's directory, a change or a reader.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use model::account::Directory;
use model::{AccountUid, Handle, Ids, Millis, Number};
use store::outbox::{self, Queue, Way};
use store::replays::Replay;
use store::{Figures, Store, directories};

use crate::access_keys;
use crate::bearer::{Bearers, Holder, TokenFault};
use crate::caller::Caller;
use crate::change::{Change, Reader, Tools};
use crate::known::{self, Claimant, KeyFault};
use crate::replay::Seen;

/// Bytes of the memory of calls. What is never touched takes no memory.
const SEEN_BYTES: usize = 64 << 20;

/// How long the database may take for what the server asks on its own behalf.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it may take for what is held in memory to be compared: with as long between two looks, changes of other
/// processes act within a second.
const GLANCE: Duration = Duration::from_millis(500);

/// The way in: shared by all doors of a process.
pub struct Entrance {
    store: Store,
    tools: Arc<Tools>,
    bearers: Bearers,
    seen: Seen,
    /// A directory's key never changes, so what was found once is good for ever.
    defaults: RwLock<HashMap<AccountUid, Directory>>,
}

/// What an operator may want to know of the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Of the store.
    pub store: Figures,
    /// Passwords that wait to be hashed.
    pub passwords_queued: usize,
    /// Threads that hash one.
    pub hashers_busy: usize,
    /// AccessKeys held in memory.
    pub access_keys_known: usize,
}

impl Entrance {
    /// Opens the way in.
    pub fn new(store: &Store, tools: &Arc<Tools>) -> Self {
        let [high, low] = [tools.ids.salt(), tools.ids.salt()].map(|salt| (salt as u64).to_be_bytes());
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&high);
        seed[8..].copy_from_slice(&low);
        Self {
            store: store.clone(),
            tools: Arc::clone(tools),
            bearers: Bearers::new(store, tools),
            seen: Seen::new(SEEN_BYTES, seed),
            defaults: RwLock::default(),
        }
    }

    /// Whom the AccessKey with this id is said to stand for; `token` is what temporary ones come with. It proves nothing:
    /// the signature is to be checked with [`Claimant::secret`].
    ///
    /// # Errors
    /// Of the store, or where the key's secret or a policy cannot be read.
    pub async fn claimant(
        &self,
        id: &str,
        token: Option<&str>,
        now: Millis,
    ) -> Result<Result<Claimant, KeyFault>, access_keys::Error> {
        known::find(&self.store, &self.tools, id, token, now).await
    }

    /// The same caller as of now, where a change did not commit because what it was decided by has changed.
    ///
    /// # Errors
    /// As of [`Entrance::claimant`].
    pub async fn renew(&self, caller: &Caller) -> Result<Result<Caller, KeyFault>, access_keys::Error> {
        known::renew(&self.store, &self.tools, caller).await
    }

    /// The same caller as of now, for a call that takes long and changes nothing. It is served from memory.
    ///
    /// # Errors
    /// As of [`Entrance::claimant`].
    pub async fn still(
        &self,
        caller: &Caller,
        now: Millis,
    ) -> Result<Result<Caller, KeyFault>, access_keys::Error> {
        known::still(&self.store, &self.tools, caller, now).await
    }

    /// Notes that whoever it is has called through a door, once the signature has shown it.
    pub fn note(&self, claimant: &Claimant, at: Millis, door: &'static str) {
        claimant.note(&self.tools, at, door);
    }

    /// Whom a token stands for, and the directory that it is for. Whether it is still good is asked each time.
    ///
    /// # Errors
    /// Of the store.
    pub async fn bearer(&self, token: &str, now: Millis) -> Result<Result<Holder, TokenFault>, store::Error> {
        self.bearers.find(token, now).await
    }

    /// Remembers a call whose signature is right, by its nonce or, without one, by its signature; `None` where it
    /// was accepted before.
    pub fn first(&self, access_key: &str, nonce: &str, signed_at: Millis, now: Millis) -> Option<Replay> {
        let hash = self.tools.keys.now().replay_hash(access_key, nonce);
        self.seen.first(access_key, signed_at, hash.cast_unsigned(), now).then(|| Replay {
            access_key: access_key.to_owned(),
            minute: signed_at.minute(),
            hash,
        })
    }

    /// The default directory of an account.
    ///
    /// # Errors
    /// Of the store; an account without one is a fault of the data.
    pub async fn default_directory(&self, account: AccountUid) -> Result<Directory, store::Error> {
        if let Some(directory) = self.defaults.read().unwrap_or_else(PoisonError::into_inner).get(&account) {
            return Ok(directory.clone());
        }
        let found = directories::default_of(&mut self.store.reader(), account).await?;
        let directory =
            found.ok_or_else(|| store::Error::Corrupt("an account has no default directory".into()))?;
        let mut defaults = self.defaults.write().unwrap_or_else(PoisonError::into_inner);
        Ok(defaults.entry(account).or_insert(directory).clone())
    }

    /// The directory of an account that is meant, if there is one.
    ///
    /// # Errors
    /// Of the store.
    pub async fn directory(
        &self,
        account: AccountUid,
        handle: Handle,
    ) -> Result<Option<Directory>, store::Error> {
        let found = self.directory_numbered(account, handle.number()).await?;
        Ok(found.filter(|directory| handle.means(directory.id)))
    }

    /// The directory of an account that has this number, if there is one.
    ///
    /// # Errors
    /// Of the store.
    pub async fn directory_numbered(
        &self,
        account: AccountUid,
        number: Number,
    ) -> Result<Option<Directory>, store::Error> {
        // The default one is never removed; whether another one is still there is asked each time.
        let default = self.default_directory(account).await?;
        if default.key.number == number {
            return Ok(Some(default));
        }
        directories::find(&mut self.store.reader(), account, number).await
    }

    /// A change that remembers the call with it, where the call has something to be remembered by.
    pub fn change(&self, replay: Option<Replay>) -> Change {
        Change::new(&self.store, &self.tools, replay)
    }

    /// A reader.
    pub fn reader(&self) -> Reader {
        Reader::new(&self.store, &self.tools)
    }

    /// New ids and random bits.
    pub fn ids(&self) -> &Ids {
        &self.tools.ids
    }

    /// Looks for what other processes changed of who may come in, and what they may do. To be called every half second:
    /// where the look takes longer than that, nothing that is held in memory is relied on.
    ///
    /// # Errors
    /// Of the store.
    pub async fn watch(&self) -> Result<(), access_keys::Error> {
        let silent = || store::Error::Unreachable("the database does not answer in time".to_owned());
        let looked = tokio::time::timeout(GLANCE, known::watch(&self.store, &self.tools)).await;
        let looked = looked.map_err(|_| silent().into()).flatten();
        if looked.is_err() {
            self.tools.held.forget_all();
        }
        looked
    }

    /// Looks which keys there are that tokens are signed with. They stay what they are, and whether a token is still good
    /// is asked each time.
    ///
    /// # Errors
    /// Of the store.
    pub async fn watch_tokens(&self) -> Result<(), store::Error> {
        let silent = || store::Error::Unreachable("the database does not answer".to_owned());
        tokio::time::timeout(PATIENCE, self.bearers.watch()).await.map_err(|_| silent())?
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// Of the store.
    pub async fn ping(&self) -> Result<(), store::Error> {
        let silent = || store::Error::Unreachable("the database does not answer".to_owned());
        tokio::time::timeout(PATIENCE, self.store.ping()).await.map_err(|_| silent())?
    }

    /// What lies in the outbox, by the word of the way.
    ///
    /// # Errors
    /// Of the store.
    pub async fn queues(&self) -> Result<[(&'static str, Queue); 2], store::Error> {
        let silent = || store::Error::Unreachable("the database does not answer".to_owned());
        let mut reader = self.store.reader();
        let looked = async {
            let mail = outbox::queue(&mut reader, Way::Mail).await?;
            Ok([("mail", mail), ("text", outbox::queue(&mut reader, Way::Text).await?)])
        };
        tokio::time::timeout(PATIENCE, looked).await.map_err(|_| silent())?
    }

    /// How busy everything is.
    pub fn load(&self) -> Load {
        Load {
            store: self.store.figures(),
            passwords_queued: self.tools.hasher.queued(),
            hashers_busy: self.tools.hasher.busy_threads(),
            access_keys_known: self.tools.held.count(),
        }
    }
}
