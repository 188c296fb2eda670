//! A door: the actions of one API version, each with its handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::ram::{Layer, Refusal as Refused};
use access::{Asked, Caller, Denied, Permit, Principal, Scope, Who};
use api::coverage::Declared;
use futures_util::future::BoxFuture;
use model::Handle;
use wire::fault::NoPermission;
use wire::{AccessDenied, Action, Fault, Format, Parameters, Place, Undecodable, answer, rpc};

use crate::attempts::{Decided, Mark, decided};
use crate::authenticate::shut;
use crate::handler::{Changes, Reads};
use crate::way::{Refusal, Way, answered, note_refusal, renewed, unseen};

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
    /// Where what the actions touch lies, as ARNs name it.
    pub(crate) region: String,
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
    pub(crate) region: &'a str,
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
        let door =
            Self { name, version, region: "*".to_owned(), actions: BTreeMap::new(), declared: Vec::new() };
        Builder { state: Arc::new(state), words, door }
    }

    /// The declarations of all actions that are served, in the order of their registration.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }
}

impl<S: Send + Sync + 'static> Builder<S> {
    /// Says in which region all lies that the actions touch; nothing says so of it without this.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.door.region);
        self
    }

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
                let deciding = Deciding { words: &words, call: &call, renewed: None };
                let reply = decided(deciding, &*handler, &*state).await?;
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
                let (request, permit) = admit::<A>(&words, &call, call.caller).await?;
                let mut reader = call.way.entrance.reader();
                let answering = handler(&state, &mut reader, &permit, &request);
                let reply = answered(answering, &call.way, &permit).await?;
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

/// A call that changes something.
struct Deciding<'x, 'a> {
    words: &'x Words,
    call: &'x Call<'a>,
    /// The caller, where the call was decided before.
    renewed: Option<Caller>,
}

impl Deciding<'_, '_> {
    fn caller(&self) -> &Caller {
        self.renewed.as_ref().unwrap_or(self.call.caller)
    }
}

impl<A: Action> Decided<A, A::Reply> for Deciding<'_, '_> {
    fn way(&self) -> &Way<'_> {
        &self.call.way
    }

    async fn admit(&self) -> Result<(A, Permit), Fault> {
        admit::<A>(self.words, self.call, self.caller()).await
    }

    fn mark<'p>(&self, permit: &'p Permit, request: &A) -> Option<Mark<'p, A::Reply>> {
        Mark::of(permit, request)
    }

    async fn renew(&mut self) -> Result<(), Fault> {
        self.renewed = Some(renewed(&self.call.way, self.caller(), shut).await?);
        Ok(())
    }
}

/// Decodes the call and asks for its permit. Who may not use the action at all learns nothing of its parameters.
async fn admit<A: Action>(words: &Words, call: &Call<'_>, caller: &Caller) -> Result<(A, Permit), Fault> {
    let circumstances = &call.way.circumstances;
    let request = match rpc::decode::<A>(call.parameters) {
        Ok(request) => request,
        Err(undecodable) => {
            let may = Permit::somewhere(caller, A::RIGHT, circumstances);
            return Err(match may {
                Ok(()) => (words.undecodable)(&undecodable),
                Err(denied) => refuse(words, call, caller, &denied).await,
            });
        }
    };
    let place = request.place();
    let scope = match place {
        Place::Default => Some(call.scope.clone()),
        Place::Account => Some(Scope::Account(caller.account)),
        Place::Directory(text) => named(call, (directories(words).read)(text)).await?,
    };
    let allowed = scope.clone().unwrap_or(Scope::Account(caller.account));
    // No policy is asked of the root, so what it touches does not matter.
    let resources = if caller.who == Who::Root { Vec::new() } else { request.resources() };
    let asked = Asked { right: A::RIGHT, resources: &resources, region: call.region };
    let permit = match Permit::by_policy(caller, &asked, allowed, circumstances.clone()) {
        Ok(permit) => permit,
        Err(denied) => return Err(refuse(words, call, caller, &denied).await),
    };
    if let (Place::Directory(text), None) = (place, scope) {
        return Err((directories(words).missing)(text));
    }
    Ok((request, permit))
}

/// What a caller is told whom the policy refuses, once that is noted.
async fn refuse(words: &Words, call: &Call<'_>, caller: &Caller, denied: &Denied) -> Fault {
    note_refusal(&call.way, caller.account, denied).await;
    (words.denied)(denied)
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
    refused(&denied.principal, denied.action, denied.refusal.as_deref())
}

/// What `AccessDeniedDetail` says of a refusal: who was refused what, and by which kind of policy. Which statement it
/// was is for the account's own people to find out.
///
/// Source: `reference/protocol.md` §6.2.
pub fn refused(principal: &Principal, action: &str, refusal: Option<&Refused>) -> Box<AccessDenied> {
    let (kind, account, name) = match principal {
        Principal::RamUser { account, id, .. } => (Some("SubUser"), Some(account), Some(id.clone())),
        Principal::RamRole { account, name, session, .. } => {
            (Some("AssumedRoleUser"), Some(account), Some(format!("{name}:{session}")))
        }
        Principal::Root(_)
        | Principal::Person(_)
        | Principal::Service(_)
        | Principal::Operator(_)
        | Principal::System(_)
        | Principal::Nobody => (None, None, None),
    };
    let is_explicit = refusal.is_some_and(|refusal| refusal.by.is_some());
    Box::new(AccessDenied {
        auth_action: action.to_owned(),
        auth_principal_type: kind.map(Into::into),
        auth_principal_owner_id: account.map(|account| account.0.to_string()),
        auth_principal_display_name: name,
        no_permission_type: if is_explicit { NoPermission::ExplicitDeny } else { NoPermission::ImplicitDeny },
        policy_type: refusal.map(|refusal| layer(refusal.layer).into()),
        encoded_diagnostic_message: None,
    })
}

const fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "AccountLevelIdentityBasedPolicy",
        Layer::Session => "SessionPolicy",
        Layer::Trust => "AssumeRolePolicy",
    }
}
