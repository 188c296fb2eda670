//! What this process holds in memory of who may come in: AccessKeys with their secrets open, whom they stand for, and
//! what these may do. All of an account is forgotten at once where anything of it changes: here with the commit, and
//! within a second of one by another process. What one account's people do costs the others nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use model::{AccountUid, Millis, Number, Secret};
use sha2::{Digest as _, Sha256};

use crate::caller::Who;
use crate::ram::{Grants, Kind, Malformed, Policy};
use crate::temporary::Tokens;

/// How long a use of a key is not worth another note.
const NOTED_EVERY: i64 = 20_000;

/// Bytes, about, of what is held of all accounts together.
const MOST: usize = 256 << 20;
/// Bytes, about, of a key or a role, and of each policy that it has, which it shares with others.
const IDENTITY: usize = 1_024;
const GRANT: usize = 128;
/// How many times its text an understood policy takes: of a pattern of a few letters, a hundred bytes.
pub(crate) const UNDERSTOOD: usize = 16;

/// Turns at reading what is not held, and at changing an account.
const TURNS: usize = 64;
/// How long a change waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What subjects of accounts begin with.
const SUBJECT: &str = "access/";

/// The subject of an account's generation: raised with every change of its AccessKeys, RAM users, roles and policies.
pub(crate) fn subject(account: AccountUid) -> String {
    format!("{SUBJECT}{}", account.0)
}

/// The account of a subject; `None` where it is about something else.
pub(crate) fn account(subject: &str) -> Option<AccountUid> {
    subject.strip_prefix(SUBJECT)?.parse().ok().map(AccountUid)
}

/// Whom keys stand for, and what they may do, as of one generation.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Who.
    pub(crate) who: Who,
    /// The policies that they have.
    pub(crate) grants: Result<Arc<Grants>, NotUnderstood>,
    /// The account's generation.
    pub(crate) generation: i64,
}

/// A policy that is not understood.
#[derive(Debug, Clone)]
pub(crate) struct NotUnderstood {
    /// Its name.
    pub(crate) policy: String,
    /// Why.
    pub(crate) reason: String,
}

/// One lasting AccessKey, ready to check a signature with.
#[derive(Debug)]
pub(crate) struct AccessKey {
    /// The account that it acts for.
    pub(crate) account: AccountUid,
    /// What signatures are made with.
    pub(crate) secret: Secret,
    /// Whether it is accepted.
    pub(crate) is_active: bool,
    /// Whom it stands for.
    pub(crate) identity: Arc<Identity>,
    /// When a use of it was last noted.
    noted: AtomicI64,
}

/// The memory.
pub struct Held {
    known: RwLock<Known>,
    /// Bytes, about, that it may take.
    most: usize,
    pub(crate) tokens: Tokens,
    uses: Mutex<HashMap<String, Use>>,
    /// Of many calls that miss the same thing one reads it: a slow database would be asked the more, the slower it is.
    turns: [tokio::sync::Mutex<()>; TURNS],
    /// Whoever waits for others' changes of an account waits here, and holds no connection.
    changes: [Arc<tokio::sync::Mutex<()>>; TURNS],
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, Arc<AccessKey>>,
    rooms: HashMap<AccountUid, Room>,
    /// Bytes, about.
    weight: usize,
    /// How often an account, or everything, was forgotten.
    forgotten: u64,
    /// The number of the last time that everything was.
    all: u64,
}

/// What is held of one account.
#[derive(Default)]
struct Room {
    /// The number of the last time that it was forgotten: what was read before is not put in after.
    forgotten: u64,
    /// The generation of what is held. Nothing older is put in.
    generation: i64,
    keys: Vec<String>,
    roles: HashMap<Number, Arc<Identity>>,
    /// By the digests of their documents.
    policies: HashMap<[u8; 32], Arc<Policy>>,
    weight: usize,
}

/// What is no longer held, and is given back outside the lock.
type Gone = (Room, Vec<Arc<AccessKey>>);

/// When a key was last used, and through which door.
pub(crate) type Use = (Millis, &'static str);

/// What is about to be read of an account belongs to this state of the memory.
#[derive(Clone, Copy)]
pub(crate) struct Since {
    account: AccountUid,
    forgotten: u64,
}

impl AccessKey {
    pub(crate) fn new(account: AccountUid, secret: Secret, is_active: bool, identity: Arc<Identity>) -> Self {
        Self { account, secret, is_active, identity, noted: AtomicI64::new(0) }
    }
}

impl Identity {
    fn weight(&self) -> usize {
        IDENTITY + self.grants.as_ref().map_or(0, |grants| grants.0.len() * GRANT)
    }
}

impl Default for Held {
    fn default() -> Self {
        Self {
            known: RwLock::default(),
            most: MOST,
            tokens: Tokens::default(),
            uses: Mutex::default(),
            turns: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            changes: std::array::from_fn(|_| Arc::default()),
        }
    }
}

impl Held {
    /// Where what is read of an account from now on belongs.
    pub(crate) fn since(&self, account: AccountUid) -> Since {
        Since { account, forgotten: self.read(|known| known.forgotten(account)) }
    }

    pub(crate) fn key(&self, id: &str) -> Option<Arc<AccessKey>> {
        self.read(|known| known.keys.get(id).map(Arc::clone))
    }

    pub(crate) fn put_key(&self, since: Since, id: &str, key: &Arc<AccessKey>) {
        self.put(since, &key.identity, |known, room| match known.entry(id.to_owned()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                room.keys.push(id.to_owned());
                free.insert(Arc::clone(key));
                true
            }
        });
    }

    pub(crate) fn role(&self, account: AccountUid, role: Number) -> Option<Arc<Identity>> {
        self.read(|known| known.rooms.get(&account)?.roles.get(&role).map(Arc::clone))
    }

    pub(crate) fn put_role(&self, since: Since, role: Number, identity: &Arc<Identity>) {
        self.put(since, identity, |_, room| room.roles.insert(role, Arc::clone(identity)).is_none());
    }

    /// The policy of an account that a document says: one for all who have it.
    pub(crate) fn policy(&self, account: AccountUid, document: &str) -> Result<Arc<Policy>, Malformed> {
        let digest = Sha256::digest(document).into();
        let held = |known: &Known| known.rooms.get(&account)?.policies.get(&digest).map(Arc::clone);
        if let Some(policy) = self.read(held) {
            return Ok(policy);
        }
        let policy = Arc::new(Policy::parse(document, Kind::Identity)?);
        self.change(|known| {
            if known.room(account).policies.insert(digest, Arc::clone(&policy)).is_none() {
                known.weigh(account, document.len() * UNDERSTOOD);
            }
            known.shrink(self.most)
        });
        Ok(policy)
    }

    /// A turn at reading something that is not held, for which others wait who miss it too.
    pub(crate) async fn turn(&self, what: &impl Hash) -> tokio::sync::MutexGuard<'_, ()> {
        self.turns[turn(what)].lock().await
    }

    /// A turn at changing what is an account's own. Accounts may share one.
    ///
    /// # Errors
    /// `Unreachable` where it does not come in time.
    pub(crate) async fn change_turn(
        &self,
        account: AccountUid,
    ) -> Result<tokio::sync::OwnedMutexGuard<()>, store::Error> {
        let changes = Arc::clone(&self.changes[turn(&account.0)]);
        let late = |_| store::Error::Unreachable("others are still changing the account".to_owned());
        tokio::time::timeout(PATIENCE, changes.lock_owned()).await.map_err(late)
    }

    /// How many AccessKeys are known.
    pub(crate) fn count(&self) -> usize {
        self.read(|known| known.keys.len())
    }

    /// Forgets all that is known of an account, and what is being read of it: this process has changed it.
    pub(crate) fn forget(&self, account: AccountUid) {
        self.change(|known| {
            known.forgotten += 1;
            known.room(account).forgotten = known.forgotten;
            known.empty(account)
        });
    }

    /// Forgets everything, and what is being read.
    pub(crate) fn forget_all(&self) {
        self.change(|known| {
            let forgotten = known.forgotten + 1;
            std::mem::replace(known, Known { forgotten, all: forgotten, ..Known::default() })
        });
    }

    /// Takes the generations of accounts as they are now, and forgets what is held of them under an older one.
    pub(crate) fn compare(&self, now: &[(AccountUid, i64)]) {
        let is_newer = |known: &Known, (account, n): (AccountUid, i64)| {
            known.rooms.get(&account).is_none_or(|room| room.generation < n)
        };
        let newer: Vec<_> =
            self.read(|known| now.iter().copied().filter(|now| is_newer(known, *now)).collect());
        if !newer.is_empty() {
            self.change(|known| {
                newer.iter().map(|(account, n)| known.raise(*account, *n)).collect::<Vec<_>>()
            });
        }
    }

    /// Notes that a key was used.
    pub(crate) fn note(&self, id: &str, key: &AccessKey, at: Millis, door: &'static str) {
        if at.0 - key.noted.load(Ordering::Relaxed) < NOTED_EVERY {
            return;
        }
        key.noted.store(at.0, Ordering::Relaxed);
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), (at, door));
    }

    /// Takes what was noted, in the order of ids.
    pub(crate) fn take_uses(&self) -> Vec<(String, Use)> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        let mut uses: Vec<_> = uses.into_iter().collect();
        uses.sort_by(|(a, _), (b, _)| a.cmp(b));
        uses
    }

    /// Notes again what could not be written down, but for what was used since.
    pub(crate) fn put_back(&self, unwritten: &[(String, Use)]) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, used) in unwritten {
            uses.entry(id.clone()).or_insert(*used);
        }
    }

    fn read<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is held. What goes is given back once others may look again.
    fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) {
        let gone = change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
        drop(gone);
    }

    /// Puts in what was read of an account, unless it is out of date; `put` says whether it was not there.
    fn put(
        &self,
        since: Since,
        identity: &Identity,
        put: impl FnOnce(&mut HashMap<String, Arc<AccessKey>>, &mut Room) -> bool,
    ) {
        self.change(|known| {
            let Since { account, forgotten } = since;
            if known.forgotten(account) != forgotten || known.room(account).generation > identity.generation {
                return Vec::new();
            }
            let mut gone = vec![known.raise(account, identity.generation)];
            if put(&mut known.keys, known.rooms.entry(account).or_default()) {
                known.weigh(account, identity.weight());
            }
            gone.extend(known.shrink(self.most).into_iter().map(Some));
            gone
        });
    }
}

fn turn(what: &impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default()
}

impl Known {
    fn forgotten(&self, account: AccountUid) -> u64 {
        self.rooms.get(&account).map_or(0, |room| room.forgotten).max(self.all)
    }

    fn room(&mut self, account: AccountUid) -> &mut Room {
        self.rooms.entry(account).or_default()
    }

    fn weigh(&mut self, account: AccountUid, weight: usize) {
        self.room(account).weight += weight;
        self.weight += weight;
    }

    /// Takes all out that is held of an account.
    fn empty(&mut self, account: AccountUid) -> Gone {
        let room = self.room(account);
        let kept = Room { forgotten: room.forgotten, generation: room.generation, ..Room::default() };
        let gone = std::mem::replace(room, kept);
        self.weight -= gone.weight;
        let keys = gone.keys.iter().filter_map(|id| self.keys.remove(id)).collect();
        (gone, keys)
    }

    /// Takes all out that is held of an account under an older generation.
    fn raise(&mut self, account: AccountUid, generation: i64) -> Option<Gone> {
        if self.room(account).generation >= generation {
            return None;
        }
        self.room(account).generation = generation;
        Some(self.empty(account))
    }

    /// Where more is held than may be: forgets the accounts of which most is held, until half of it is free.
    fn shrink(&mut self, most: usize) -> Vec<Gone> {
        if self.weight <= most {
            return Vec::new();
        }
        let mut rooms: Vec<_> = self.rooms.iter().map(|(account, room)| (room.weight, *account)).collect();
        rooms.sort_unstable_by(|a, b| b.cmp(a));
        let mut gone = Vec::new();
        for (_, account) in rooms {
            if self.weight <= most / 2 {
                break;
            }
            gone.push(self.empty(account));
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: AccountUid = AccountUid(1);
    const OTHER: AccountUid = AccountUid(2);

    fn key_under(account: AccountUid, generation: i64) -> Arc<AccessKey> {
        let identity = Identity { who: Who::Root, grants: Ok(Arc::default()), generation };
        Arc::new(AccessKey::new(account, Secret::new("secret"), true, Arc::new(identity)))
    }

    fn key(account: AccountUid) -> Arc<AccessKey> {
        key_under(account, 0)
    }

    fn held() -> Held {
        let held = Held::default();
        held.put_key(held.since(ONE), "a", &key(ONE));
        held.put_key(held.since(OTHER), "b", &key(OTHER));
        held
    }

    fn policy(action: &str) -> String {
        format!(r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
    }

    #[test]
    fn an_account_is_forgotten_and_others_are_not() {
        let held = held();

        held.forget(ONE);

        assert!(held.key("a").is_none() && held.key("b").is_some());
        held.forget_all();
        assert_eq!(held.count(), 0);
    }

    #[test]
    fn what_was_read_before_is_not_put_in_after() {
        let held = held();
        let (since, other) = (held.since(ONE), held.since(OTHER));

        held.forget(ONE);
        held.put_key(since, "a", &key(ONE));
        held.put_key(other, "c", &key(OTHER));

        assert!(held.key("a").is_none() && held.key("c").is_some());
        held.forget_all();
        held.put_key(other, "c", &key(OTHER));
        assert!(held.key("c").is_none());
    }

    #[test]
    fn a_newer_generation_of_an_account_forgets_what_is_older_and_nothing_else() {
        let held = held();
        held.compare(&[(ONE, 1), (OTHER, 0)]);
        assert!(held.key("a").is_none() && held.key("b").is_some());

        // What was read meanwhile under the older one stays out, and what is of the newer one stays in.
        held.put_key(held.since(ONE), "a", &key_under(ONE, 0));
        assert!(held.key("a").is_none());
        held.put_key(held.since(ONE), "a", &key_under(ONE, 1));
        held.compare(&[(ONE, 1), (OTHER, 0)]);
        assert_eq!(held.count(), 2);
        held.put_key(held.since(ONE), "c", &key_under(ONE, 2));
        assert!(held.key("a").is_none() && held.key("c").is_some());
    }

    #[test]
    fn a_change_made_here_is_forgotten_once() {
        let held = held();
        held.forget(ONE);
        held.put_key(held.since(ONE), "a", &key_under(ONE, 1));

        held.compare(&[(ONE, 1)]);

        assert!(held.key("a").is_some());
    }

    #[test]
    fn who_have_one_policy_share_it() {
        let held = Held::default();
        let [one, again, other] = ["ecd:*", "ecd:*", "eiam:*"].map(policy);

        let first = held.policy(ONE, &one).expect("it is one");
        assert!(Arc::ptr_eq(&first, &held.policy(ONE, &again).expect("it is one")));
        assert!(!Arc::ptr_eq(&first, &held.policy(ONE, &other).expect("it is one")));
        assert!(!Arc::ptr_eq(&first, &held.policy(OTHER, &one).expect("it is one")));
        assert!(held.policy(ONE, "{}").is_err());
    }

    #[test]
    fn where_too_much_is_held_it_is_the_account_with_most_that_is_forgotten() {
        let held = Held { most: 10 * IDENTITY, ..Held::default() };
        held.put_key(held.since(OTHER), "b", &key(OTHER));
        for n in 0..9 {
            held.put_key(held.since(ONE), &n.to_string(), &key(ONE));
        }
        assert_eq!(held.count(), 10);
        // The same once more takes no more room.
        held.put_key(held.since(ONE), "0", &key(ONE));
        assert_eq!(held.count(), 10);

        held.put_role(held.since(ONE), Number(1), &key(ONE).identity);

        assert_eq!(held.count(), 1);
        assert!(held.key("b").is_some() && held.role(ONE, Number(1)).is_none());
        assert_eq!(held.read(|known| known.weight), IDENTITY);
    }

    #[test]
    fn uses_that_were_not_written_are_noted_again_behind_later_ones() {
        let held = Held::default();
        held.note("a", &key(ONE), Millis(100_000), "eiam");
        held.note("b", &key(ONE), Millis(100_000), "eiam");
        let unwritten = held.take_uses();
        held.note("a", &key(ONE), Millis(200_000), "pds");

        held.put_back(&unwritten);

        let expected =
            [("a".to_owned(), (Millis(200_000), "pds")), ("b".to_owned(), (Millis(100_000), "eiam"))];
        assert_eq!(held.take_uses(), expected);
    }

    #[test]
    fn uses_are_noted_now_and_then_and_taken_once() {
        let (held, key) = (Held::default(), key(ONE));
        for at in [100_000, 100_001, 119_999] {
            held.note("b", &key, Millis(at), "eds-user");
        }
        held.note("a", &key, Millis(120_000), "eiam");

        let uses = held.take_uses();

        let expected =
            [("a".to_owned(), (Millis(120_000), "eiam")), ("b".to_owned(), (Millis(100_000), "eds-user"))];
        assert_eq!(uses, expected);
        assert!(held.take_uses().is_empty());
    }
}
