//! What the tests of this crate begin with: an account in a store of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use access::keyring::Keyring;
use access::passwords::Hasher;
use access::signing_keys::SigningKeys;
use access::{Caller, Change, Keys, Permit, Scope, Task, Tools, Who};
use model::event::Event;
use model::{AccountUid, Ids, Millis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::{Place, Store, directories, generations};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
        directories::insert_account(change.tx(), ACCOUNT, "test", Millis(AT)).await.expect("it is written");
        change.record(Event::account_alias("test", "test"));
        change.commit(&permit()).await.expect("it is written");
        furnished
    }

    /// The account's root, as of now.
    pub(crate) async fn root(&self) -> Caller {
        let subject = format!("access/{}", ACCOUNT.0);
        let generation = generations::of(&mut self.store.reader(), &subject).await.expect("it is read");
        Caller {
            access_key: "key".to_owned(),
            account: ACCOUNT,
            who: Who::Root,
            grants: Arc::default(),
            session: None,
            expires: None,
            generation,
        }
    }

    pub(crate) fn change(&self) -> Change {
        Change::new(&self.store, &self.tools, None)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// The head, in small letters.
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// Sends a request to the server at `address`, and reads what comes back.
pub(crate) async fn send(
    address: &str,
    method: &str,
    target: &str,
    (headers, body): (&[(&str, String)], &[u8]),
) -> Answered {
    let mut request = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.push_str("host: localhost\r\n");
    }
    request.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(&[request.as_bytes(), body].concat()).await.expect("it is taken");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("it is answered");
    let answer = String::from_utf8(answer).expect("it is text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("it has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
    Answered { status, headers: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// A permit for the account.
pub(crate) fn permit() -> Permit {
    Permit::system(Task::FirstStart, Scope::Account(ACCOUNT), Millis(AT))
}

fn tools(folder: &TempDir) -> Tools {
    let file = folder.path().join("keys");
    let keyring = Keyring::create(&file, &mut StdRng::seed_from_u64(1)).expect("there is none");
    let (mut salt, drawn) = (0_u128, AtomicU64::new(2));
    let random = move || {
        salt += 1 << 76;
        salt
    };
    Tools {
        ids: Ids::new(Box::new(random)),
        hasher: Hasher::new(1, 10).expect("a thread starts"),
        // Two salts are never the same.
        chance: Box::new(move || Box::new(StdRng::seed_from_u64(drawn.fetch_add(1, Ordering::SeqCst)))),
        keys: Keys::new(file, keyring),
        signing: SigningKeys::default(),
        guesses: access::guesses::Guesses::default(),
        held: access::Held::default(),
    }
}
