//! What the tests of this crate begin with: an account in a store of its own.

use std::sync::Arc;

use access::keyring::Keyring;
use access::passwords::Hasher;
use access::signing_keys::SigningKeys;
use access::{Change, Keys, Permit, Scope, Task, Tools};
use model::event::Event;
use model::{AccountUid, Ids, Millis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::{Place, Store, directories};
use tempfile::TempDir;

pub(crate) const ACCOUNT: AccountUid = AccountUid(1_000_000_000_000_001);
/// 2026-01-15T08:30:00Z.
pub(crate) const AT: i64 = 1_768_465_800_000;

/// A store with an account in it.
pub(crate) struct Furnished {
    pub(crate) store: Store,
    pub(crate) tools: Arc<Tools>,
    pub(crate) folder: TempDir,
}

impl Furnished {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let store = Store::open(&Place::File(folder.path().join("roster.db"))).await.expect("it opens");
        let furnished = Self { store, tools: Arc::new(tools(&folder)), folder };
        let mut change = furnished.change();
        directories::insert_account(change.tx(), ACCOUNT, Millis(AT)).await.expect("it is written");
        change.record(Event::account_alias("test", "test"));
        change.commit(&permit()).await.expect("it is written");
        furnished
    }

    pub(crate) fn change(&self) -> Change {
        Change::new(&self.store, &self.tools, None)
    }
}

/// A permit for the account.
pub(crate) fn permit() -> Permit {
    Permit::system(Task::FirstStart, Scope::Account(ACCOUNT), Millis(AT))
}

fn tools(folder: &TempDir) -> Tools {
    let file = folder.path().join("keys");
    let keyring = Keyring::create(&file, &mut StdRng::seed_from_u64(1)).expect("there is none");
    let mut salt = 0_u128;
    let random = move || {
        salt += 1 << 76;
        salt
    };
    Tools {
        ids: Ids::new(Box::new(random)),
        hasher: Hasher::new(1, 10).expect("a thread starts"),
        chance: Box::new(|| Box::new(StdRng::seed_from_u64(2))),
        keys: Keys::new(file, keyring),
        signing: SigningKeys::default(),
    }
}
