//! A change, made in up to three attempts and committed.

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

use access::client_tokens::{self, Before, Marked};
use access::{Change, Circumstances, Failure, Permit, Principal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::{Action, Fault};

use crate::handler::{Changes, Opens, Pages};
use crate::pages::{PageAnswer, PageRequest};
use crate::way::{Refusal, Way, busy, note_refusal, told, unseen, whole};

/// How often a change is made in all, where it collides with others.
const ATTEMPTS: usize = 3;

/// How often a call is decided in all, where it would be decided otherwise before its change commits.
const DECISIONS: usize = 3;

/// Why a change was not made.
enum Unmade {
    /// It would be decided otherwise now: the call is to be decided anew.
    Outdated,
    /// What the caller is told.
    Told(Fault),
}

impl From<Fault> for Unmade {
    fn from(fault: Fault) -> Self {
        Self::Told(fault)
    }
}

impl Unmade {
    /// What a caller is told who comes without an AccessKey, whose calls no policy decides.
    fn into_fault(self) -> Fault {
        match self {
            Self::Outdated => busy(),
            Self::Told(fault) => fault,
        }
    }
}

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

    /// The permit that was given before; `None` where the handler finds one itself.
    fn permit(&self) -> Option<&Permit> {
        None
    }

    /// Whether the call meant what the permit that its handler has found is for.
    fn check(&self, _permit: &Permit) -> Result<(), Fault> {
        Ok(())
    }
}

/// An attempt under a permit that was given before.
struct Permitted<'x, S, A, R, E, F> {
    handler: &'x F,
    state: &'x S,
    permit: &'x Permit,
    request: &'x A,
    answers: PhantomData<fn() -> (R, E)>,
}

impl<'x, S, A, R, E, F> Permitted<'x, S, A, R, E, F> {
    fn new(handler: &'x F, state: &'x S, permit: &'x Permit, request: &'x A) -> Self {
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

    fn permit(&self) -> Option<&Permit> {
        Some(self.permit)
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
    /// With what is answered, who has proved to be who; empty for nobody.
    type Reply = (R, String);
    type Refused = E;

    async fn make(&self, change: &mut Change) -> Result<((R, String), Option<Permit>), E> {
        let (reply, permit) = (self.handler)(self.state, change, self.circumstances, self.request).await?;
        let caller = match permit.principal() {
            Principal::Nobody => String::new(),
            principal => principal.to_string(),
        };
        Ok(((reply, caller), Some(permit)))
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

/// A call whose caller is known, which is decided, and anew where that is out of date.
pub(crate) trait Decided<A, R>: Send {
    /// What the call is made with.
    fn way(&self) -> &Way<'_>;

    /// Decodes the call and asks for its permit.
    fn admit(&self) -> impl Future<Output = Result<(A, Permit), Fault>> + Send;

    /// The call's mark, where it has one.
    fn mark<'p>(&self, permit: &'p Permit, request: &A) -> Option<Mark<'p, R>>;

    /// Takes the caller as of now.
    fn renew(&mut self) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Decides a call and makes its change; again, where it would be decided otherwise by then. The passwords that it hashes
/// are hashed once.
pub(crate) async fn decided<S, A, R, E, F>(
    mut call: impl Decided<A, R>,
    handler: &F,
    state: &S,
) -> Result<R, Fault>
where
    S: Send + Sync + 'static,
    A: Send + Sync + 'static,
    R: Send,
    E: Refusal,
    F: for<'a> Changes<'a, S, A, R, E>,
{
    let mut change = call.way().entrance.change(call.way().replay.clone());
    for _ in 0..DECISIONS {
        let (request, permit) = call.admit().await?;
        let attempt = Permitted::new(handler, state, &permit, &request);
        match make(&attempt, call.way(), call.mark(&permit, &request), &mut change).await {
            Ok(reply) => return Ok(reply),
            Err(Unmade::Told(fault)) => return Err(fault),
            Err(Unmade::Outdated) => call.renew().await?,
        }
    }
    Err(busy())
}

/// Makes the change of a call that no policy decides.
pub(crate) async fn change<T: Attempt>(attempt: &T, way: &Way<'_>) -> Result<T::Reply, Fault> {
    let mut change = way.entrance.change(way.replay.clone());
    make(attempt, way, None, &mut change).await.map_err(Unmade::into_fault)
}

/// Makes a change and commits it; again, where it collided with another one. A call that its caller has marked is made
/// once: where the same one was answered before, it is answered so again.
async fn make<T: Attempt>(
    attempt: &T,
    way: &Way<'_>,
    mark: Option<Mark<'_, T::Reply>>,
    change: &mut Change,
) -> Result<T::Reply, Unmade> {
    if let Some(mark) = &mark {
        // Beside the change: it must not be open while passwords are hashed.
        let before = mark.marked.before(&mut change.beside()).await.map_err(|error| unknown(&error, way))?;
        if let Some(answered) = again(before, change, mark, way).await {
            return answered;
        }
    }
    for number in 1..=ATTEMPTS {
        let running = whole(attempt.make(change)).await?;
        let mut denied = None;
        let refused = match running {
            Ok((reply, permit)) => {
                permit.as_ref().map_or(Ok(()), |permit| attempt.check(permit))?;
                let answer = mark.as_ref().map(|mark| (&mark.marked, (mark.write)(&reply)));
                match commit(change, permit.as_ref(), answer).await {
                    Ok(()) => return Ok(reply),
                    Err(failure) if failure.is_replay() => return Err((way.replayed)().into()),
                    Err(failure) => {
                        let request_id = &way.circumstances.request;
                        tracing::warn!(request_id, %failure, attempt = number, "a change was not committed");
                        (!failure.is_transient()).then(|| uncommitted(&failure))
                    }
                }
            }
            Err(refusal) => {
                denied =
                    attempt.permit().and_then(|permit| Some((permit.account(), refusal.denied(permit)?)));
                (!refusal.is_transient()).then(|| told(refusal, way))
            }
        };
        change.abandon();
        if refused.is_none() && is_outdated(change, attempt.permit(), way).await? {
            return Err(Unmade::Outdated);
        }
        // What was in the way may be the same call, which was made meanwhile. The change itself is asked, because it
        // also sees what is still to be committed, and is then committed behind that.
        if let Some(mark) = &mark {
            let before = mark.marked.before_within(change).await.unwrap_or(Before::Nothing);
            if let Some(answered) = again(before, change, mark, way).await {
                return answered;
            }
            change.abandon();
        }
        if let Some(fault) = refused {
            // Once this change is over: it is a change of its own.
            if let Some((account, denied)) = &denied {
                note_refusal(way, *account, denied).await;
            }
            return Err(fault.into());
        }
    }
    Err(busy().into())
}

/// Whether the call would be decided otherwise now, also by what is still to be committed. Beside the commit itself,
/// parts of a change that are committed before it may have found that out.
async fn is_outdated(change: &mut Change, permit: Option<&Permit>, way: &Way<'_>) -> Result<bool, Fault> {
    let Some(permit) = permit else { return Ok(false) };
    let stands = change.stands(permit).await;
    change.abandon();
    stands.map(|stands| !stands).map_err(|error| unseen(&error, &way.circumstances.request))
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
) -> Option<Result<R, Unmade>> {
    let request_id = &way.circumstances.request;
    let reply = match before {
        Before::Nothing => return None,
        Before::Other => return Some(Err(mismatched().into())),
        Before::Answered(reply) => reply,
    };
    Some(match change.commit(mark.permit).await {
        Ok(()) => (mark.read)(&reply).map_err(|error| {
            tracing::error!(%error, request_id, "a remembered answer cannot be read");
            Fault::internal().into()
        }),
        Err(failure) if failure.is_replay() => Err((way.replayed)().into()),
        Err(failure) if failure.is_outdated() => Err(Unmade::Outdated),
        Err(failure) => {
            tracing::warn!(request_id, %failure, "a call was not remembered");
            Err(if failure.is_transient() { busy().into() } else { uncommitted(&failure).into() })
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
