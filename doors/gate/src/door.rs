//! A door: the actions of one API version, each with its handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Caller, Denied, Permit, Scope};
use api::coverage::Declared;
use futures_util::future::BoxFuture;
use model::{Handle, Resource};
use wire::fault::NoPermission;
use wire::{AccessDenied, Action, Fault, Format, Parameters, Place, Undecodable, answer, rpc};

use crate::attempts::{Mark, Permitted, change};
use crate::handler::{Changes, Reads};
use crate::way::{Refusal, Way, told, unseen, whole};

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
    pub(crate) way: Way<'a>,
    pub(crate) parameters: &'a Parameters,
    pub(crate) caller: &'a Caller,
    pub(crate) scope: Scope,
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
        F: for<'a> Changes<'a, S, A, A::Reply, E>,
    {
        assert!(A::RIGHT.writes(), "{} declares a right to read", A::NAME);
        let (state, words, handler) = (Arc::clone(&self.state), self.words, Arc::new(handler));
        self.add::<A>(Box::new(move |call| {
            let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
            Box::pin(async move {
                let (request, permit) = admit::<A>(&words, &call).await?;
                let attempt = Permitted::new(&*handler, &*state, &permit, &request);
                let reply = change(&attempt, &call.way, Mark::of(&permit, &request)).await?;
                Ok(answer::success(call.format, A::NAME, &call.way.circumstances.request, &reply))
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
        F: for<'a> Reads<'a, S, A, A::Reply, E>,
    {
        assert!(!A::RIGHT.writes(), "{} declares a right to write", A::NAME);
        let (state, words, handler) = (Arc::clone(&self.state), self.words, Arc::new(handler));
        self.add::<A>(Box::new(move |call| {
            let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
            Box::pin(async move {
                let (request, permit) = admit::<A>(&words, &call).await?;
                let mut reader = call.way.entrance.reader();
                let answering = handler(&state, &mut reader, &permit, &request);
                let reply = whole(answering).await?.map_err(|refusal| told(refusal, &call.way))?;
                Ok(answer::success(call.format, A::NAME, &call.way.circumstances.request, &reply))
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
    let permit =
        Permit::by_policy(call.caller, A::RIGHT, &resources, allowed, call.way.circumstances.clone())
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
    let found = call.way.entrance.directory(call.caller.account, handle).await;
    let found = found.map_err(|error| unseen(&error, &call.way.circumstances.request))?;
    Ok(found.map(Scope::Directory))
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
