//! A change, made in up to three attempts and committed.

use std::marker::PhantomData;

use access::client_tokens::{self, Before, Marked};
use access::{Change, Circumstances, Failure, Permit};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{Action, Fault};

use crate::handler::{Changes, Opens, Pages};
use crate::pages::{PageAnswer, PageRequest};
use crate::way::{Refusal, Way, busy, told, whole};

/// How often a change is made in all, where it collides with others.
const ATTEMPTS: usize = 3;

/// A handler with what it is called with, ready to be run again.
pub(crate) trait Attempt: Sync {
    /// What it answers.
    type Reply: Send;
    /// Why it does not.
    type Refused: Refusal;

    /// Runs it. With its reply comes the permit under which the change is committed; without one nothing is.
    fn make(
        &self,
        change: &mut Change,
    ) -> impl Future<Output = Result<(Self::Reply, Option<Permit>), Self::Refused>> + Send;

    /// Whether the call meant what the permit that its handler has found is for.
    fn check(&self, _permit: &Permit) -> Result<(), Fault> {
        Ok(())
    }
}

/// An attempt under a permit that was given before.
pub(crate) struct Permitted<'x, S, A, R, E, F> {
    handler: &'x F,
    state: &'x S,
    permit: &'x Permit,
    request: &'x A,
    answers: PhantomData<fn() -> (R, E)>,
}

impl<'x, S, A, R, E, F> Permitted<'x, S, A, R, E, F> {
    pub(crate) fn new(handler: &'x F, state: &'x S, permit: &'x Permit, request: &'x A) -> Self {
        Self { handler, state, permit, request, answers: PhantomData }
    }
}

impl<S, A, R, E, F> Attempt for Permitted<'_, S, A, R, E, F>
where
    S: Send + Sync + 'static,
    A: Send + Sync + 'static,
    R: Send,
    E: Refusal,
    F: for<'a> Changes<'a, S, A, R, E>,
{
    type Reply = R;
    type Refused = E;

    async fn make(&self, change: &mut Change) -> Result<(R, Option<Permit>), E> {
        let reply = (self.handler)(self.state, change, self.permit, self.request).await?;
        Ok((reply, Some(self.permit.clone())))
    }
}

/// An attempt of a handler that finds its permit itself; `check` looks whether it is for what the call meant.
pub(crate) struct Opened<'x, S, A, R, E, F, C> {
    handler: &'x F,
    state: &'x S,
    circumstances: &'x Circumstances,
    request: &'x A,
    check: C,
    answers: PhantomData<fn() -> (R, E)>,
}

impl<'x, S, A, R, E, F, C> Opened<'x, S, A, R, E, F, C> {
    pub(crate) fn new(
        handler: &'x F,
        state: &'x S,
        circumstances: &'x Circumstances,
        request: &'x A,
        check: C,
    ) -> Self {
        Self { handler, state, circumstances, request, check, answers: PhantomData }
    }
}

impl<S, A, R, E, F, C> Attempt for Opened<'_, S, A, R, E, F, C>
where
    S: Send + Sync + 'static,
    A: Send + Sync + 'static,
    R: Send,
    E: Refusal,
    F: for<'a> Opens<'a, S, A, R, E>,
    C: Fn(&Permit) -> Result<(), Fault> + Sync,
{
    type Reply = R;
    type Refused = E;

    async fn make(&self, change: &mut Change) -> Result<(R, Option<Permit>), E> {
        let (reply, permit) = (self.handler)(self.state, change, self.circumstances, self.request).await?;
        Ok((reply, Some(permit)))
    }

    fn check(&self, permit: &Permit) -> Result<(), Fault> {
        (self.check)(permit)
    }
}

/// An attempt to show a page.
pub(crate) struct Paged<'x, S, E, F> {
    handler: &'x F,
    state: &'x S,
    circumstances: &'x Circumstances,
    request: &'x PageRequest,
    refuses: PhantomData<fn() -> E>,
}

impl<'x, S, E, F> Paged<'x, S, E, F> {
    pub(crate) fn new(
        handler: &'x F,
        state: &'x S,
        circumstances: &'x Circumstances,
        request: &'x PageRequest,
    ) -> Self {
        Self { handler, state, circumstances, request, refuses: PhantomData }
    }
}

impl<S, E, F> Attempt for Paged<'_, S, E, F>
where
    S: Send + Sync + 'static,
    E: Refusal,
    F: for<'a> Pages<'a, S, E>,
{
    type Reply = PageAnswer;
    type Refused = E;

    async fn make(&self, change: &mut Change) -> Result<(PageAnswer, Option<Permit>), E> {
        (self.handler)(self.state, change, self.circumstances, self.request).await
    }
}

/// A call that its caller has marked, and how its answer is kept.
pub(crate) struct Mark<'a, R> {
    marked: Marked,
    permit: &'a Permit,
    write: fn(&R) -> String,
    read: fn(&str) -> serde_json::Result<R>,
}

impl<'a, R: Serialize + DeserializeOwned> Mark<'a, R> {
    /// The mark of a call, where it has one.
    pub(crate) fn of<A: Action<Reply = R>>(permit: &'a Permit, request: &A) -> Option<Self> {
        let said = || serde_json::to_vec(request).expect("an action is a plain struct with text keys");
        Some(Self {
            marked: Marked::new(permit, A::NAME, request.client_token()?, said()),
            permit,
            write: |reply| serde_json::to_string(reply).expect("a reply is a plain struct with text keys"),
            read: |text| serde_json::from_str(text),
        })
    }
}

/// Makes a change and commits it; again, where it collided with another one. A call that its caller has marked is made
/// once: where the same one was answered before, it is answered so again.
pub(crate) async fn change<T: Attempt>(
    attempt: &T,
    way: &Way<'_>,
    mark: Option<Mark<'_, T::Reply>>,
) -> Result<T::Reply, Fault> {
    let mut change = way.entrance.change(way.replay.clone());
    if let Some(mark) = &mark {
        // Beside the change: it must not be open while passwords are hashed.
        let before = mark.marked.before(&mut change.beside()).await.map_err(|error| unknown(&error, way))?;
        if let Some(answered) = again(before, &mut change, mark, way).await {
            return answered;
        }
    }
    for number in 1..=ATTEMPTS {
        let running = whole(attempt.make(&mut change)).await?;
        let refused = match running {
            Ok((reply, permit)) => {
                permit.as_ref().map_or(Ok(()), |permit| attempt.check(permit))?;
                let answer = mark.as_ref().map(|mark| (&mark.marked, (mark.write)(&reply)));
                match commit(&mut change, permit.as_ref(), answer).await {
                    Ok(()) => return Ok(reply),
                    Err(failure) if failure.is_replay() => return Err((way.replayed)()),
                    Err(failure) => {
                        let request_id = &way.circumstances.request;
                        tracing::warn!(request_id, %failure, attempt = number, "a change was not committed");
                        (!failure.is_transient()).then(|| uncommitted(&failure))
                    }
                }
            }
            Err(refusal) => (!refusal.is_transient()).then(|| told(refusal, way)),
        };
        change.abandon();
        // What was in the way may be the same call, which was made meanwhile. The change itself is asked, because it
        // also sees what is still to be committed, and is then committed behind that.
        if let Some(mark) = &mark {
            let before = mark.marked.before_within(&mut change).await.unwrap_or(Before::Nothing);
            if let Some(answered) = again(before, &mut change, mark, way).await {
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

/// Commits a change, and with it what a marked call is answered.
async fn commit(
    change: &mut Change,
    permit: Option<&Permit>,
    answer: Option<(&Marked, String)>,
) -> Result<(), Failure> {
    let Some(permit) = permit else {
        change.abandon();
        return Ok(());
    };
    if let Some((marked, reply)) = answer {
        marked.remember(change, reply).await?;
    }
    change.commit(permit).await
}

/// What a marked call is answered where one with its mark was answered before; `None` where none was. Nothing is
/// changed by it, but it is remembered as accepted.
async fn again<R>(
    before: Before,
    change: &mut Change,
    mark: &Mark<'_, R>,
    way: &Way<'_>,
) -> Option<Result<R, Fault>> {
    let request_id = &way.circumstances.request;
    let reply = match before {
        Before::Nothing => return None,
        Before::Other => return Some(Err(mismatched())),
        Before::Answered(reply) => reply,
    };
    Some(match change.commit(mark.permit).await {
        Ok(()) => (mark.read)(&reply).map_err(|error| {
            tracing::error!(%error, request_id, "a remembered answer cannot be read");
            Fault::internal()
        }),
        Err(failure) if failure.is_replay() => Err((way.replayed)()),
        Err(failure) => {
            tracing::warn!(request_id, %failure, "a call was not remembered");
            Err(if failure.is_transient() { busy() } else { uncommitted(&failure) })
        }
    })
}

/// What the caller is told where it cannot be known whether the call was answered before.
fn unknown(error: &client_tokens::Error, way: &Way<'_>) -> Fault {
    tracing::error!(%error, request_id = way.circumstances.request, "a marked call could not be looked up");
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
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use access::access_keys::{self, NewKey};
    use access::{Caller, Circumstances, Entrance, Replay, Scope};
    use futures_util::future::join_all;
    use model::{Millis, Resource, Right, Secret};
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use store::client_tokens;

    use super::*;
    use crate::authenticate::replayed;
    use crate::testing::{ACCOUNT, AT, Furnished};

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
        furnished: Furnished,
        entrance: Entrance,
        runs: AtomicUsize,
        nonce: AtomicI64,
    }

    impl Home {
        async fn new() -> Self {
            let furnished = Furnished::new().await;
            let entrance = Entrance::new(&furnished.store, &furnished.tools);
            let (runs, nonce) = (AtomicUsize::new(0), AtomicI64::new(0));
            Self { furnished, entrance, runs, nonce }
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
            let permit = Permit::by_policy(&caller, Make::RIGHT, &[], scope, circumstances.clone());
            let way = Way {
                entrance: &self.entrance,
                circumstances,
                replay: Some(Replay { access_key: "key".into(), minute: 0, hash: nonce }),
                replayed,
            };
            let request = Make { id: id.into(), client_token: Some(token.into()) };
            let permit = permit.expect("it is the account's own");
            let attempt = Permitted::new(&make, &self.runs, &permit, &request);
            let answer = change(&attempt, &way, Mark::of(&permit, &request)).await;
            answer.map_err(|fault| format!("{} {}", fault.status, fault.code))
        }

        async fn keys(&self) -> usize {
            let keys = access_keys::list(&mut self.furnished.store.reader(), ACCOUNT).await;
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
}
