//! How a handler's change is made: again where it collided with another one, and once where its caller has marked it.

use access::client_tokens::{self, Before, Marked};
use access::{Change, Failure, Permit};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{Action, Fault};

use crate::door::{Call, Refusal, busy, replayed, told, whole};
use crate::handler::Changes;

/// How often a change is made in all, where it collides with others.
const ATTEMPTS: usize = 3;

/// Runs a handler in its change and commits; again, where the change collided with another one. A call that its
/// caller has marked is made once: where the same one was answered before, it is answered so again.
pub(crate) async fn change<S, A, E, F>(
    handler: &F,
    state: &S,
    call: &Call<'_>,
    permit: &Permit,
    request: &A,
) -> Result<A::Reply, Fault>
where
    A: Action,
    E: Refusal,
    F: for<'a> Changes<'a, S, A, E>,
{
    let mut change = call.entrance.change(call.replay.clone());
    let marked = marked(permit, request);
    if let Some(marked) = &marked {
        // Beside the change: it must not be open while passwords are hashed.
        let before = marked.before(&mut change.beside()).await.map_err(|error| unknown(&error, call))?;
        if let Some(answered) = again(before, &mut change, permit, call).await {
            return answered;
        }
    }
    for attempt in 1..=ATTEMPTS {
        let running = whole(handler(state, &mut change, permit, request)).await?;
        let refused = match running {
            Ok(reply) => {
                let answer = marked.as_ref().map(|marked| (marked, written(&reply)));
                match commit(&mut change, permit, answer).await {
                    Ok(()) => return Ok(reply),
                    Err(failure) if failure.is_replay() => return Err(replayed()),
                    Err(failure) => {
                        tracing::warn!(request_id = call.circumstances.request, %failure, attempt, "a change was not committed");
                        (!failure.is_transient()).then(|| uncommitted(&failure))
                    }
                }
            }
            Err(refusal) => (!refusal.is_transient()).then(|| told(refusal, call)),
        };
        change.abandon();
        // What was in the way may be the same call, which was made meanwhile. The change itself is asked, because it
        // also sees what is still to be committed, and is then committed behind that.
        if let Some(marked) = &marked {
            let before = marked.before_within(&mut change).await.unwrap_or(Before::Nothing);
            if let Some(answered) = again(before, &mut change, permit, call).await {
                return answered;
            }
            change.abandon();
        }
        if let Some(fault) = refused {
            return Err(fault);
        }
    }
    Err(busy())
}

/// The call with its caller's mark, where it has one.
fn marked<A: Action>(permit: &Permit, request: &A) -> Option<Marked> {
    let said = || serde_json::to_vec(request).expect("an action is a plain struct with text keys");
    request.client_token().map(|token| Marked::new(permit, A::NAME, token, said()))
}

/// Commits a change, and with it what a marked call is answered.
async fn commit(
    change: &mut Change,
    permit: &Permit,
    answer: Option<(&Marked, String)>,
) -> Result<(), Failure> {
    if let Some((marked, reply)) = answer {
        marked.remember(change, reply).await?;
    }
    change.commit(permit).await
}

fn written(reply: &impl Serialize) -> String {
    serde_json::to_string(reply).expect("a reply is a plain struct with text keys")
}

/// What a marked call is answered where one with its mark was answered before; `None` where none was. Nothing is
/// changed by it, but it is remembered as accepted.
async fn again<R: DeserializeOwned>(
    before: Before,
    change: &mut Change,
    permit: &Permit,
    call: &Call<'_>,
) -> Option<Result<R, Fault>> {
    let reply = match before {
        Before::Nothing => return None,
        Before::Other => return Some(Err(mismatched())),
        Before::Answered(reply) => reply,
    };
    Some(match change.commit(permit).await {
        Ok(()) => serde_json::from_str(&reply).map_err(|error| {
            tracing::error!(%error, request_id = call.circumstances.request, "a remembered answer cannot be read");
            Fault::internal()
        }),
        Err(failure) if failure.is_replay() => Err(replayed()),
        Err(failure) => {
            tracing::warn!(request_id = call.circumstances.request, %failure, "a call was not remembered");
            Err(if failure.is_transient() { busy() } else { uncommitted(&failure) })
        }
    })
}

/// What the caller is told where it cannot be known whether the call was answered before.
fn unknown(error: &client_tokens::Error, call: &Call<'_>) -> Fault {
    tracing::error!(%error, request_id = call.circumstances.request, "a marked call could not be looked up");
    if error.is_overload() { busy() } else { Fault::internal() }
}

/// What the caller is told of a change that was not committed for a reason of the server's.
fn uncommitted(failure: &Failure) -> Fault {
    if failure.is_overload() { busy() } else { Fault::internal() }
}

/// The caller's token stands for another call.
///
/// Source: `reference/eiam.md`, 14.3.
fn mismatched() -> Fault {
    let message = "The request uses the same client token as a previous, but non-identical request.";
    Fault::new(400, "IdempotentParameterMismatch", message)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use access::access_keys::{self, NewKey};
    use access::keyring::Keyring;
    use access::passwords::Hasher;
    use access::{Caller, Circumstances, Entrance, Keys, Replay, Scope, Task, Tools};
    use futures_util::future::join_all;
    use model::event::Event;
    use model::{AccountUid, Ids, Millis, Resource, Right, Secret};
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use store::{Place, Store, client_tokens, directories};
    use tempfile::TempDir;
    use wire::{Format, Parameters};

    use super::*;

    const ACCOUNT: AccountUid = AccountUid(1_000_000_000_000_001);
    const AT: i64 = 1_768_465_800_000;
    const DAY: i64 = 86_400_000;

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

    struct Taken;

    impl Refusal for Taken {
        fn is_transient(&self) -> bool {
            false
        }

        fn cause(&self) -> Option<String> {
            None
        }

        fn into_fault(self) -> Fault {
            Fault::new(403, "Taken", "It is taken.")
        }
    }

    /// Counts how often it runs.
    async fn make(
        runs: &AtomicUsize,
        change: &mut Change,
        permit: &Permit,
        request: &Make,
    ) -> Result<Made, Taken> {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        let keys = access_keys::list(change.tx(), ACCOUNT).await.expect("they are read");
        if keys.iter().any(|key| key.id == request.id) {
            return Err(Taken);
        }
        let key = NewKey { id: request.id.clone(), secret: Secret::new("secret") };
        access_keys::add(change, permit, &key).await.expect("it is written");
        Ok(Made { run })
    }

    struct Home {
        store: Store,
        entrance: Entrance,
        runs: AtomicUsize,
        nonce: AtomicI64,
        _folder: TempDir,
    }

    impl Home {
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder can be made");
            let place = Place::File(folder.path().join("roster.db"));
            let store = Store::open(&place).await.expect("it opens");
            let file = folder.path().join("keys");
            let keyring = Keyring::create(&file, &mut StdRng::seed_from_u64(1)).expect("there is none");
            let mut salt = 0_u128;
            let random = move || {
                salt += 1 << 76;
                salt
            };
            let tools = Arc::new(Tools {
                ids: Ids::new(Box::new(random)),
                hasher: Hasher::new(1, 10).expect("a thread starts"),
                chance: Box::new(|| Box::new(StdRng::seed_from_u64(2))),
                keys: Keys::new(file, keyring),
            });
            let mut change = Change::new(&store, &tools, None);
            directories::insert_account(change.tx(), ACCOUNT, Millis(AT)).await.expect("it is written");
            change.record(Event::account_alias("test", "test"));
            let permit = Permit::system(Task::FirstStart, Scope::Account(ACCOUNT), Millis(AT));
            change.commit(&permit).await.expect("it is written");
            let entrance = Entrance::new(&store, &tools);
            let (runs, nonce) = (AtomicUsize::new(0), AtomicI64::new(0));
            Self { store, entrance, runs, nonce, _folder: folder }
        }

        /// Sends a call with a nonce of its own.
        async fn send(&self, id: &str, token: &str, at: i64) -> Result<Made, String> {
            self.send_as(self.nonce.fetch_add(1, Ordering::SeqCst), id, token, at).await
        }

        async fn send_as(&self, nonce: i64, id: &str, token: &str, at: i64) -> Result<Made, String> {
            let caller = Caller { access_key: "key".into(), account: ACCOUNT };
            let circumstances =
                Circumstances { at: Millis(at), door: "test", source: String::new(), request: String::new() };
            let scope = Scope::Account(ACCOUNT);
            let permit = Permit::by_policy(&caller, Make::RIGHT, &[], scope.clone(), circumstances.clone());
            let call = Call {
                entrance: &self.entrance,
                parameters: &Parameters::from_pairs(Vec::new()),
                caller: &caller,
                scope,
                circumstances,
                replay: Replay { access_key: "key".into(), minute: 0, hash: nonce },
                format: Format::Json,
            };
            let request = Make { id: id.into(), client_token: Some(token.into()) };
            let permit = permit.expect("it is the account's own");
            let answer = change(&make, &self.runs, &call, &permit, &request).await;
            answer.map_err(|fault| format!("{} {}", fault.status, fault.code))
        }

        async fn keys(&self) -> usize {
            let keys = access_keys::list(&mut self.store.reader(), ACCOUNT).await;
            keys.expect("they are read").len()
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
            let mut reader = home.store.reader();
            client_tokens::any_expired(&mut reader, Millis(at)).await.expect("it is read")
        };
        assert!(!is_any(AT + DAY - 1).await);
        assert!(is_any(AT + DAY).await);

        let mut tx = home.store.change();
        client_tokens::forget(&mut tx, Millis(AT + DAY), 10).await.expect("it is written");
        tx.commit().await.expect("it is written");

        assert!(!is_any(AT + DAY).await);
    }
}
