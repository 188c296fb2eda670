//! Changes in a store of their own: made once, made again, decided anew.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use access::access_keys::{self, NewKey};
use access::audit::{Filter, newest};
use access::ram::{Grants, Kind, Named, Policy, PolicyName};
use access::{Asked, Caller, Circumstances, Denied, Entrance, Replay, Scope, Who};
use futures_util::future::join_all;
use model::event::Event;
use model::{Millis, Number, Resource, Right, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{client_tokens, directories};

use super::*;
use crate::authenticate::{replayed, shut};
use crate::testing::{ACCOUNT, AT, Furnished, permit};
use crate::way::renewed;

const DAY: i64 = 86_400_000;
const EVERYTHING: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Makes an AccessKey, whose id is free.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Make {
    id: String,
    client_token: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
struct Made {
    run: usize,
}

impl Action for Make {
    const NAME: &'static str = "Make";
    const RIGHT: Right = Right::create("test:Make");
    type Reply = Made;

    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    fn client_token(&self) -> Option<&str> {
        self.client_token.as_deref().filter(|token| !token.is_empty())
    }
}

#[derive(Debug)]
enum Taken {
    Already,
    Meanwhile,
}

impl Refusal for Taken {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Meanwhile)
    }

    fn cause(&self) -> Option<String> {
        None
    }

    fn denied(&self, permit: &Permit) -> Option<Denied> {
        permit.denied(None)
    }

    fn into_fault(self) -> Fault {
        Fault::new(403, "Taken", "It is taken.")
    }
}

/// Counts how often it runs.
async fn make_key(
    runs: &AtomicUsize,
    change: &mut Change,
    permit: &Permit,
    request: &Make,
) -> Result<Made, Taken> {
    let run = runs.fetch_add(1, Ordering::SeqCst);
    change.take_access(permit).await.map_err(|_| Taken::Meanwhile)?;
    let keys = access_keys::list(change.tx(), ACCOUNT, None).await.expect("they are read");
    if keys.iter().any(|key| key.id == request.id) {
        return Err(Taken::Already);
    }
    let key = NewKey { id: request.id.clone(), secret: Secret::new("secret") };
    access_keys::add(change, permit, &key, None).await.expect("it is written");
    Ok(Made { run })
}

struct Home {
    furnished: Furnished,
    entrance: Entrance,
    runs: AtomicUsize,
    nonce: AtomicI64,
}

/// A call of the root, whose key is `key`.
struct Sent<'a> {
    way: Way<'a>,
    caller: Caller,
    request: Make,
    decisions: &'a AtomicUsize,
}

impl Decided<Make, Made> for Sent<'_> {
    fn way(&self) -> &Way<'_> {
        &self.way
    }

    async fn admit(&self) -> Result<(Make, Permit), Fault> {
        self.decisions.fetch_add(1, Ordering::SeqCst);
        Ok((self.request.clone(), permitted(&self.caller, self.way.circumstances.clone())))
    }

    fn mark<'p>(&self, permit: &'p Permit, request: &Make) -> Option<Mark<'p, Made>> {
        Mark::of(permit, request)
    }

    async fn renew(&mut self) -> Result<(), Fault> {
        self.caller = renewed(&self.way, &self.caller, shut).await?;
        Ok(())
    }
}

fn permitted(caller: &Caller, circumstances: Circumstances) -> Permit {
    let asked = Asked { right: Make::RIGHT, resources: &[], region: "*" };
    Permit::by_policy(caller, &asked, Scope::Account(ACCOUNT), circumstances).expect("it is its own account")
}

fn circumstances(at: i64) -> Circumstances {
    Circumstances { door: "test", ..Circumstances::inside(Millis(at)) }
}

impl Home {
    async fn new() -> Self {
        let furnished = Furnished::new().await;
        let entrance = Entrance::new(&furnished.store, &furnished.tools);
        let (runs, nonce) = (AtomicUsize::new(0), AtomicI64::new(0));
        let home = Self { furnished, entrance, runs, nonce };
        home.raise("key").await;
        home
    }

    /// Gives the root another key: what was decided before was decided by what is no longer so.
    async fn raise(&self, id: &str) {
        let mut change = self.furnished.change();
        let key = NewKey { id: id.to_owned(), secret: Secret::new("secret") };
        access_keys::add(&mut change, &permit(), &key, None).await.expect("it is free");
        change.commit(&permit()).await.expect("it is written");
    }

    fn way(&self, nonce: i64, at: i64) -> Way<'_> {
        let replay = Some(Replay { access_key: "key".into(), minute: 0, hash: nonce });
        Way { entrance: &self.entrance, circumstances: circumstances(at), replay, replayed }
    }

    /// Sends a call with a nonce of its own.
    async fn send(&self, id: &str, token: &str, at: i64) -> Result<Made, String> {
        self.send_as(self.nonce.fetch_add(1, Ordering::SeqCst), id, token, at).await
    }

    async fn send_as(&self, nonce: i64, id: &str, token: &str, at: i64) -> Result<Made, String> {
        let decisions = AtomicUsize::new(0);
        let caller = self.furnished.root().await;
        let request = Make { id: id.into(), client_token: Some(token.into()) };
        let sent = Sent { way: self.way(nonce, at), caller, request, decisions: &decisions };
        let made = decided(sent, &make_key, &self.runs).await;
        assert_eq!(decisions.into_inner(), 1, "it is never decided otherwise");
        made.map_err(|fault| format!("{} {}", fault.status, fault.code))
    }

    /// How many keys the root has beside its first one.
    async fn keys(&self) -> usize {
        let keys = access_keys::list(&mut self.furnished.store.reader(), ACCOUNT, None).await;
        keys.expect("they are read").len() - 1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_call_is_made_once_and_answered_again_for_a_day() {
    let home = Home::new().await;
    let first = home.send("a", "token", AT).await;
    assert_eq!(first, Ok(Made { run: 0 }));

    assert_eq!(home.send("a", "token", AT + DAY - 1).await, first);
    let mismatched = home.send("b", "token", AT + DAY - 1).await;
    assert_eq!(mismatched, Err("400 IdempotentParameterMismatch".to_owned()));
    let taken = Err("403 Taken".to_owned());
    for token in ["Token", ""] {
        assert_eq!(home.send("a", token, AT).await, taken, "{token}");
    }
    assert_eq!(home.send("a", "token", AT + DAY).await, taken);
    assert_eq!(home.send("b", "token", AT + DAY).await, Ok(Made { run: 4 }));
    assert_eq!(home.keys().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_before_a_key_was_made_does_not_commit_after() {
    let home = Home::new().await;
    let caller = home.furnished.root().await;
    home.send("a", "", AT).await.expect("it is free");

    let mut change = home.entrance.change(None);
    let permit = permitted(&caller, circumstances(AT));
    let alias = directories::set_alias(change.tx(), ACCOUNT, "alias").await;
    alias.expect("it is written");
    change.record(Event::account_alias("test", "alias"));
    let failure = change.commit(&permit).await.expect_err("the root may have another key by now");

    assert!(failure.is_outdated() && failure.is_transient());
    assert_eq!(
        directories::alias(&mut home.furnished.store.reader(), ACCOUNT).await.expect("it is read"),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_of_keys_at_once_are_all_made_and_each_once() {
    let home = Home::new().await;
    let caller = home.furnished.root().await;
    let decisions = AtomicUsize::new(0);

    let calls = (0..10).map(|n| {
        let request = Make { id: format!("a{n}"), client_token: None };
        let sent = Sent { way: home.way(n, AT), caller: caller.clone(), request, decisions: &decisions };
        decided(sent, &make_key, &home.runs)
    });
    let answers = join_all(calls).await;

    let made: BTreeSet<usize> =
        answers.into_iter().map(|made| made.expect("none is in another's way").run).collect();
    assert_eq!(made, (0..10).collect());
    assert_eq!((home.keys().await, decisions.into_inner()), (10, 10));
}

/// A change of something else that hashes a password, beside which the root gets keys; and the hashes of its runs.
struct Slow {
    home: Home,
    hashes: Mutex<Vec<String>>,
}

async fn set_alias(slow: &Slow, change: &mut Change, _: &Permit, _: &Make) -> Result<Made, Taken> {
    let hashes = change.hashed(vec![Secret::new("password")]).await.expect("there is room");
    let run = {
        let mut kept = slow.hashes.lock().expect("nobody panics");
        kept.push(hashes[0].as_phc().to_owned());
        kept.len()
    };
    slow.home.raise(&format!("b{run}")).await;
    let alias = directories::set_alias(change.tx(), ACCOUNT, "alias").await;
    alias.expect("it is written");
    change.record(Event::account_alias("test", "alias"));
    Ok(Made { run })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_change_beside_changes_of_keys_is_made_and_hashes_once() {
    let root = Home::new().await.furnished.root().await;
    // Decided otherwise than it would be now: the key was once another's.
    let other = Who::User { number: Number(7), id: "20".to_owned(), name: "alice".to_owned() };
    let policy = Policy::parse(EVERYTHING, Kind::Identity).expect("it is one");
    let grants = Arc::new(Grants(vec![Named { name: PolicyName::System("all"), policy: Arc::new(policy) }]));
    let alice = Caller { who: other, grants, ..root.clone() };
    for (caller, expected) in [(root, (2, 1)), (alice, (2, 2))] {
        let slow = Slow { home: Home::new().await, hashes: Mutex::default() };
        let decisions = AtomicUsize::new(0);
        let request = Make { id: String::new(), client_token: None };
        let sent = Sent { way: slow.home.way(1, AT), caller, request, decisions: &decisions };

        let made = decided(sent, &set_alias, &slow).await.expect("keys are not in its way");

        let hashes = slow.hashes.into_inner().expect("nobody panics");
        assert_eq!((made.run, decisions.into_inner()), expected);
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    }
}

/// Finds out that the caller may do what the state says.
async fn open(permit: &Permit, _: &mut Change, _: &Circumstances, _: &()) -> Result<((), Permit), Taken> {
    Ok(((), permit.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proves_something_to_an_open_handler_is_named() {
    let home = Home::new().await;
    let known = crate::testing::permit();
    let circumstances = circumstances(AT);
    let nobody = Permit::nobody(Scope::Account(ACCOUNT), circumstances.clone());

    for (permit, name) in [(known, "system:first-start"), (nobody, "")] {
        let circumstances = circumstances.clone();
        let way = Way { entrance: &home.entrance, circumstances, replay: None, replayed };
        let attempt = Opened::new(&open, &permit, &way.circumstances, &(), |_: &Permit| Ok(()));
        let Ok(((), caller)) = change(&attempt, &way).await else { panic!("it is open") };
        assert_eq!(caller, name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_not_remembered() {
    let home = Home::new().await;
    home.send("a", "", AT).await.expect("it is free");

    assert_eq!(home.send("a", "token", AT).await, Err("403 Taken".to_owned()));
    home.send("b", "token", AT).await.expect("the token is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_given_again_uses_up_its_call() {
    let home = Home::new().await;
    home.send_as(1, "a", "token", AT).await.expect("it is free");

    home.send_as(2, "a", "token", AT).await.expect("it is answered again");
    for nonce in [1, 2] {
        let again = home.send_as(nonce, "a", "token", AT).await;
        assert_eq!(again, Err("400 SignatureNonceUsed".to_owned()), "{nonce}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_calls_at_once_one_is_made_and_all_are_answered() {
    let home = Home::new().await;
    for round in 0..20 {
        let (id, token) = (format!("a{round}"), format!("token{round}"));
        let answers = join_all((0..8).map(|_| home.send(&id, &token, AT))).await;
        let first = answers[0].clone().expect("all are answered");
        assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&first)), "{answers:?}");
        assert_eq!(home.keys().await, round + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_other_calls_with_one_token_at_once_one_is_made() {
    let home = Home::new().await;
    for round in 0..20 {
        let token = format!("token{round}");
        let calls = (0..8).map(|n| {
            let (home, id, token) = (&home, format!("a{round}-{n}"), &token);
            async move { home.send(&id, token, AT).await }
        });
        let answers = join_all(calls).await;
        let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
        assert!(refused.clone().all(|fault| fault == "400 IdempotentParameterMismatch"), "{answers:?}");
        assert_eq!((refused.count(), home.keys().await), (7, round + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_forgotten() {
    let home = Home::new().await;
    home.send("a", "token", AT).await.expect("it is free");
    let is_any = async |at| {
        let mut reader = home.furnished.store.reader();
        client_tokens::any_expired(&mut reader, Millis(at)).await.expect("it is read")
    };
    assert!(!is_any(AT + DAY - 1).await);
    assert!(is_any(AT + DAY).await);

    let mut tx = home.furnished.store.change();
    client_tokens::forget(&mut tx, Millis(AT + DAY), 10).await.expect("it is written");
    tx.commit().await.expect("it is written");

    assert!(!is_any(AT + DAY).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_handler_denies_is_recorded_as_what_the_gate_does() {
    let home = Home::new().await;
    home.send("a", "", AT).await.expect("its id is free");

    assert_eq!(home.send("a", "", AT).await, Err("403 Taken".to_owned()));

    let filter = Filter { what: Some("access.refused".to_owned()), ..Filter::default() };
    let found = newest(&mut home.furnished.store.reader(), &filter, None).await.expect("they are read");
    let facts: Vec<_> = found.events.iter().map(|(entry, _)| (entry.account, entry.facts.clone())).collect();
    let [(ACCOUNT, Some(facts))] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(facts.after.as_deref(), Some("{\"action\":\"test:Make\"}"));
}
