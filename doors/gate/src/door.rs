//! A door: the actions of one API version, each with its handler.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use access::{Caller, Circumstances, Denied, Entrance, Failure, Permit, Replay, Scope};
use api::coverage::Declared;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::Resource;
use wire::{Action, Fault, Format, Parameters, Place, Undecodable, answer, rpc};

use crate::handler::{Changes, Reads};

/// How often a change is made in all, where it collides with others.
const ATTEMPTS: usize = 3;

/// Why a handler did not answer.
pub trait Refusal: Send + 'static {
    /// Whether making the same change again may succeed.
    fn is_transient(&self) -> bool;

    /// What the log is told where it is not the caller's doing.
    fn cause(&self) -> Option<String>;

    /// What the caller is told, in the door's words.
    fn into_fault(self) -> Fault;
}

/// The door's words for what the gate itself refuses.
#[derive(Clone, Copy)]
pub struct Words {
    /// A parameter is missing, wrong or not served.
    pub undecodable: fn(&Undecodable) -> Fault,
    /// The policy says no.
    pub denied: fn(&Denied) -> Fault,
}

/// The actions of one API version.
pub struct Door {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) actions: BTreeMap<&'static str, Served>,
    declared: Vec<Declared>,
}

/// One action, ready to be called.
pub(crate) struct Served {
    pub(crate) name: &'static str,
    pub(crate) run: Box<Run>,
}

type Run = dyn for<'a> Fn(Call<'a>) -> BoxFuture<'a, Result<Vec<u8>, Fault>> + Send + Sync;

/// A call whose caller is known, and which is not yet decoded.
pub(crate) struct Call<'a> {
    pub(crate) entrance: &'a Entrance,
    pub(crate) parameters: &'a Parameters,
    pub(crate) caller: &'a Caller,
    pub(crate) scope: Scope,
    pub(crate) circumstances: Circumstances,
    pub(crate) replay: Replay,
    pub(crate) format: Format,
}

/// A door whose handlers are still being hung in.
pub struct Builder<S> {
    state: Arc<S>,
    words: Words,
    door: Door,
}

impl Door {
    /// A door called `name` for an API `version`, whose handlers share `state`.
    pub fn build<S: Send + Sync + 'static>(
        name: &'static str,
        version: &'static str,
        words: Words,
        state: S,
    ) -> Builder<S> {
        let door = Self { name, version, actions: BTreeMap::new(), declared: Vec::new() };
        Builder { state: Arc::new(state), words, door }
    }

    /// The declarations of all actions that are served, in the order of their registration.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }
}

impl<S: Send + Sync + 'static> Builder<S> {
    /// Hangs in a handler that changes something.
    ///
    /// # Panics
    /// Where the action's right is only to read, or the action has a handler already: a fault of the program.
    #[must_use]
    pub fn changes<A, E, F>(mut self, handler: F) -> Self
    where
        A: Action,
        E: Refusal,
        F: for<'a> Changes<'a, S, A, E>,
    {
        assert!(A::RIGHT.writes(), "{} declares a right to read", A::NAME);
        let (state, words, handler) = (Arc::clone(&self.state), self.words, Arc::new(handler));
        self.add::<A>(Box::new(move |call| {
            let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
            Box::pin(async move {
                let (request, permit) = admit::<A>(&words, &call)?;
                let reply = change(&*handler, &state, &call, &permit, &request).await?;
                Ok(answer::success(call.format, A::NAME, &call.circumstances.request, &reply))
            })
        }));
        self
    }

    /// Hangs in a handler that only reads.
    ///
    /// # Panics
    /// Where the action's right is to write, or the action has a handler already: a fault of the program.
    #[must_use]
    pub fn reads<A, E, F>(mut self, handler: F) -> Self
    where
        A: Action,
        E: Refusal,
        F: for<'a> Reads<'a, S, A, E>,
    {
        assert!(!A::RIGHT.writes(), "{} declares a right to write", A::NAME);
        let (state, words, handler) = (Arc::clone(&self.state), self.words, Arc::new(handler));
        self.add::<A>(Box::new(move |call| {
            let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
            Box::pin(async move {
                let (request, permit) = admit::<A>(&words, &call)?;
                let mut reader = call.entrance.reader();
                let answering = handler(&state, &mut reader, &permit, &request);
                let reply = whole(answering).await?.map_err(|refusal| told(refusal, &call))?;
                Ok(answer::success(call.format, A::NAME, &call.circumstances.request, &reply))
            })
        }));
        self
    }

    /// The door.
    pub fn done(self) -> Door {
        self.door
    }

    fn add<A: Action>(&mut self, run: Box<Run>) {
        let before = self.door.actions.insert(A::NAME, Served { name: A::NAME, run });
        assert!(before.is_none(), "{} has two handlers", A::NAME);
        self.door.declared.push(Declared::of::<A>());
    }
}

/// Decodes the call and asks for its permit. Who may not use the action at all learns nothing of its parameters.
fn admit<A: Action>(words: &Words, call: &Call<'_>) -> Result<(A, Permit), Fault> {
    let decoded = rpc::decode::<A>(call.parameters);
    let resources = decoded.as_ref().map_or_else(|_| vec![Resource::Any], Action::resources);
    let scope = match decoded.as_ref().map_or(Place::Default, Action::place) {
        Place::Default => call.scope.clone(),
        Place::Account => Scope::Account(call.caller.account),
    };
    let permit = Permit::by_policy(call.caller, A::RIGHT, &resources, scope, call.circumstances.clone())
        .map_err(|denied| (words.denied)(&denied))?;
    let request = decoded.map_err(|undecodable| (words.undecodable)(&undecodable))?;
    Ok((request, permit))
}

/// Runs a handler in its change and commits; again, where the change collided with another one.
async fn change<S, A, E, F>(
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
    let mut attempt = 1;
    loop {
        let answered = whole(handler(state, &mut change, permit, request)).await?;
        let failed = match answered {
            Ok(reply) => match change.commit(permit).await {
                Ok(()) => return Ok(reply),
                Err(failure) if failure.is_replay() => return Err(replayed()),
                Err(failure) => {
                    tracing::warn!(request_id = call.circumstances.request, %failure, attempt, "a change was not committed");
                    if failure.is_transient() { Ok(()) } else { Err(uncommitted(&failure)) }
                }
            },
            Err(refusal) => {
                change.abandon();
                if refusal.is_transient() { Ok(()) } else { Err(told(refusal, call)) }
            }
        };
        failed?;
        if attempt == ATTEMPTS {
            return Err(busy());
        }
        attempt += 1;
    }
}

/// What the caller is told of a change that was not committed for a reason of the server's.
fn uncommitted(failure: &Failure) -> Fault {
    if failure.is_overload() { busy() } else { Fault::internal() }
}

/// The fault for the caller; a cause that is not the caller's doing goes to the log, here and only here.
fn told(refusal: impl Refusal, call: &Call<'_>) -> Fault {
    if let Some(cause) = refusal.cause() {
        tracing::error!(request_id = call.circumstances.request, cause, "a call failed");
    }
    refusal.into_fault()
}

/// Waits for a handler; a panic in it ends its call and nothing else.
async fn whole<T>(answering: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(answering).catch_unwind().await.map_err(|_| Fault::internal())
}

pub(crate) fn replayed() -> Fault {
    Fault::new(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
}

/// The server cannot do it now; the same call may succeed a second later.
pub fn busy() -> Fault {
    let message = "The request has failed due to a temporary failure of the server.";
    Fault { retry_after_millis: Some(1_000), ..Fault::new(503, "ServiceUnavailable", message) }
}
