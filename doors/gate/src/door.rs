//! A door: the actions of one API version, each with its handler.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use access::{Caller, Circumstances, Denied, Entrance, Permit, Replay, Scope};
use api::coverage::Declared;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::{Handle, Resource};
use wire::fault::NoPermission;
use wire::{AccessDenied, Action, Fault, Format, Parameters, Place, Undecodable, answer, rpc};

use crate::attempts::change;
use crate::handler::{Changes, Reads};

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
    /// How directories are spelled, in a door whose actions name one.
    pub directories: Option<Directories>,
}

/// How a door spells directories.
#[derive(Clone, Copy)]
pub struct Directories {
    /// The directory that is meant.
    pub read: fn(&str) -> Option<Handle>,
    /// The account has none that is spelled so.
    pub missing: fn(&str) -> Fault,
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
                let (request, permit) = admit::<A>(&words, &call).await?;
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
                let (request, permit) = admit::<A>(&words, &call).await?;
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
async fn admit<A: Action>(words: &Words, call: &Call<'_>) -> Result<(A, Permit), Fault> {
    let decoded = rpc::decode::<A>(call.parameters);
    let resources = decoded.as_ref().map_or_else(|_| vec![Resource::Any], Action::resources);
    let place = decoded.as_ref().map_or(Place::Default, Action::place);
    let scope = match place {
        Place::Default => Some(call.scope.clone()),
        Place::Account => Some(Scope::Account(call.caller.account)),
        Place::Directory(text) => named(call, (directories(words).read)(text)).await?,
    };
    let allowed = scope.clone().unwrap_or(Scope::Account(call.caller.account));
    let permit = Permit::by_policy(call.caller, A::RIGHT, &resources, allowed, call.circumstances.clone())
        .map_err(|denied| (words.denied)(&denied))?;
    if let (Place::Directory(text), None) = (place, scope) {
        return Err((directories(words).missing)(text));
    }
    let request = decoded.map_err(|undecodable| (words.undecodable)(&undecodable))?;
    Ok((request, permit))
}

fn directories(words: &Words) -> &Directories {
    words.directories.as_ref().expect("a door whose actions name directories says how it spells them")
}

/// The directory of the caller's account that is meant, if there is one.
async fn named(call: &Call<'_>, handle: Option<Handle>) -> Result<Option<Scope>, Fault> {
    let Some(handle) = handle else { return Ok(None) };
    let found = call.entrance.directory(call.caller.account, handle).await.map_err(|error| {
        tracing::error!(%error, request_id = call.circumstances.request, "a directory could not be looked up");
        busy()
    })?;
    Ok(found.map(Scope::Directory))
}

/// The fault for the caller; a cause that is not the caller's doing goes to the log, here and only here.
pub(crate) fn told(refusal: impl Refusal, call: &Call<'_>) -> Fault {
    if let Some(cause) = refusal.cause() {
        tracing::error!(request_id = call.circumstances.request, cause, "a call failed");
    }
    refusal.into_fault()
}

/// Waits for a handler; a panic in it ends its call and nothing else.
pub(crate) async fn whole<T>(answering: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(answering).catch_unwind().await.map_err(|_| Fault::internal())
}

pub(crate) fn replayed() -> Fault {
    Fault::new(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
}

/// Which right was wanting, for the fault of a call that the policy refuses.
pub fn access_denied(denied: &Denied) -> Box<AccessDenied> {
    Box::new(AccessDenied {
        auth_action: denied.action.to_owned(),
        auth_principal_type: None,
        auth_principal_owner_id: None,
        auth_principal_display_name: None,
        no_permission_type: NoPermission::ImplicitDeny,
        policy_type: None,
        encoded_diagnostic_message: None,
    })
}

/// The server cannot do it now; the same call may succeed a second later.
pub fn busy() -> Fault {
    let message = "The request has failed due to a temporary failure of the server.";
    Fault { retry_after_millis: Some(1_000), ..Fault::new(503, "ServiceUnavailable", message) }
}
