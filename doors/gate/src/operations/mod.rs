//! The operations of the PDS API: each one stands under its own path, and is called by whoever has an AccessKey or a
//! token.

mod admit;
mod authenticate;
mod domain;
mod faults;
mod relay;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use access::{Denied, Permit, Scope};
use api::coverage::Declared;
use futures_util::future::BoxFuture;
use http::Method;
use model::{Audience, Number};
use wire::pds::{self, Answer, Body, Unfit};
use wire::{Fault, Operation};

use crate::attempts::{Decided, Mark, Opened, change, decided};
use crate::handler::{Changes, Opens, Pages, Reads, Relays};
use crate::pages::{Paging, paging};
use crate::way::{Refusal, Way, answered};

use admit::admit;
pub(crate) use authenticate::{Proven, authenticate};
use domain::Said;
pub(crate) use faults::NO_API;
pub use relay::Relay;
pub(crate) use walk::PREFIX;

/// The API's words for what the gate itself refuses, and for domains.
#[derive(Clone, Copy)]
pub struct OperationsWords {
    /// A parameter is missing, wrong or not served.
    pub unfit: fn(&Unfit) -> Fault,
    /// The caller may not use the operation with this path.
    pub denied: fn(&Denied, &'static str) -> Fault,
    /// How domains are spelled.
    pub domains: Domains,
}

/// How domains are spelled.
#[derive(Clone, Copy)]
pub struct Domains {
    /// Whether the first label of a host is meant to name a domain.
    pub is_meant: fn(&str) -> bool,
    /// The number of the domain that is spelled so.
    pub read: fn(&str) -> Option<Number>,
    /// There is none that is spelled so.
    pub missing: fn(&str) -> Fault,
}

/// The operations of the API, each with its handler.
pub struct Operations {
    name: &'static str,
    words: OperationsWords,
    /// By path: one for each method.
    served: HashMap<&'static str, Vec<Served>>,
    declared: Vec<Declared>,
}

/// One operation, ready to be called.
struct Served {
    path: &'static str,
    method: Method,
    /// How many bytes its body may have.
    longest: usize,
    run: Run,
}

/// How an operation is called.
enum Run {
    /// By who is known.
    Known(Box<Known>),
    /// By anybody.
    Open(Box<Open>),
    /// By anybody, who gets a page.
    Page(Box<Paging>),
}

type Answering<'a> = BoxFuture<'a, Result<Answer, Fault>>;
/// With the answer comes who has proved to be who, as the log names callers; empty for nobody.
type Opening<'a> = BoxFuture<'a, Result<(Answer, String), Fault>>;
type Known = dyn for<'a> Fn(Call<'a>) -> Answering<'a> + Send + Sync;
type Open = dyn for<'a> Fn(Way<'a>, Said, Result<Body, Unfit>) -> Opening<'a> + Send + Sync;

/// A call whose caller is known, and which is not yet decoded.
struct Call<'a> {
    operations: &'a Operations,
    way: Way<'a>,
    caller: Proven,
    /// What the request says of its domain beside its body.
    said: Said,
    body: Result<Body, Unfit>,
}

impl<O: Operation> Decided<O, O::Reply> for Call<'_> {
    fn way(&self) -> &Way<'_> {
        &self.way
    }

    async fn admit(&self) -> Result<(O, Permit), Fault> {
        admit::<O>(self).await
    }

    fn mark<'p>(&self, _: &'p Permit, _: &O) -> Option<Mark<'p, O::Reply>> {
        None
    }

    async fn renew(&mut self) -> Result<(), Fault> {
        self.caller.renew(&self.way).await
    }
}

/// Operations whose handlers are still being hung in.
pub struct OperationsBuilder<S> {
    state: Arc<S>,
    operations: Operations,
}

/// Bytes of a body.
const LONGEST: usize = crate::request::LONGEST;
/// Bytes of a body that holds those of other calls, of a caller who is known. Source: `reference/doors.md` §8.25.
const LONGEST_OF_MANY: usize = 10 << 20;

impl Operations {
    /// Operations behind a door called `name`, whose handlers share `state`.
    pub fn build<S: Send + Sync + 'static>(
        name: &'static str,
        words: OperationsWords,
        state: S,
    ) -> OperationsBuilder<S> {
        let operations = Self { name, words, served: HashMap::new(), declared: Vec::new() };
        OperationsBuilder { state: Arc::new(state), operations }
    }

    /// The declarations of all operations that are served, in the order of their registration.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The door's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    fn find(&self, path: &str, method: &Method) -> Option<&Served> {
        self.served.get(path)?.iter().find(|served| served.method == method)
    }
}

impl<S: Send + Sync + 'static> OperationsBuilder<S> {
    /// Hangs in a handler that changes something.
    ///
    /// # Panics
    /// Where the operation's right is only to read, it is open to anybody, or it has a handler already: a fault of the
    /// program.
    #[must_use]
    pub fn changes<O, E, F>(self, handler: F) -> Self
    where
        O: Operation,
        E: Refusal,
        F: for<'a> Changes<'a, S, O, O::Reply, E>,
    {
        assert!(O::RIGHT.writes(), "{} declares a right to read", O::PATH);
        let (state, handler) = (Arc::clone(&self.state), Arc::new(handler));
        self.known::<O>(
            LONGEST,
            Box::new(move |call| {
                let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
                Box::pin(async move {
                    let reply = decided::<_, O, _, _, _>(call, &*handler, &*state).await?;
                    Ok(pds::success::<O>(&reply))
                })
            }),
        )
    }

    /// Hangs in a handler that only reads.
    ///
    /// # Panics
    /// Where the operation's right is to write, it is open to anybody, or it has a handler already: a fault of the
    /// program.
    #[must_use]
    pub fn reads<O, E, F>(self, handler: F) -> Self
    where
        O: Operation,
        E: Refusal,
        F: for<'a> Reads<'a, S, O, O::Reply, E>,
    {
        assert!(!O::RIGHT.writes(), "{} declares a right to write", O::PATH);
        let (state, handler) = (Arc::clone(&self.state), Arc::new(handler));
        self.known::<O>(
            LONGEST,
            Box::new(move |call| {
                let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
                Box::pin(async move {
                    let (request, permit) = admit::<O>(&call).await?;
                    let mut reader = call.way.entrance.reader();
                    let answering = handler(&state, &mut reader, &permit, &request);
                    let reply = answered(answering, &call.way, &permit).await?;
                    Ok(pds::success::<O>(&reply))
                })
            }),
        )
    }

    /// Hangs in a handler that makes other calls, whose bodies its own holds.
    ///
    /// # Panics
    /// As [`OperationsBuilder::reads`].
    #[must_use]
    pub fn relays<O, E, F>(self, handler: F) -> Self
    where
        O: Operation,
        E: Refusal,
        F: for<'a> Relays<'a, S, O, O::Reply, E>,
    {
        assert!(!O::RIGHT.writes(), "{} declares a right to write", O::PATH);
        let (state, handler) = (Arc::clone(&self.state), Arc::new(handler));
        self.known::<O>(
            LONGEST_OF_MANY,
            Box::new(move |call| {
                let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
                Box::pin(async move {
                    let (request, permit) = admit::<O>(&call).await?;
                    let relay = Relay::new(&call, &permit);
                    let answering = handler(&state, &relay, &request);
                    let reply = answered(answering, &call.way, &permit).await?;
                    Ok(pds::success::<O>(&reply))
                })
            }),
        )
    }

    /// Hangs in a handler that anybody may call, and that finds out itself what the caller may do.
    ///
    /// # Panics
    /// Where the operation is not open to anybody, or has a handler already: a fault of the program.
    #[must_use]
    pub fn opens<O, E, F>(mut self, handler: F) -> Self
    where
        O: Operation,
        E: Refusal,
        F: for<'a> Opens<'a, S, O, O::Reply, E>,
    {
        let (state, words) = (Arc::clone(&self.state), self.operations.words);
        let handler = Arc::new(handler);
        assert_eq!(O::AUDIENCE, Audience::Anybody, "{} is not open to anybody", O::PATH);
        let run = Run::Open(Box::new(move |way, said, body| {
            let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
            Box::pin(async move {
                let unfit = |unfit| (words.unfit)(&unfit);
                let body = body.map_err(unfit)?;
                let domain = body.domain().map_err(unfit)?;
                let request = pds::decode::<O>(&body).map_err(unfit)?;
                let check = |permit: &Permit| match permit.scope() {
                    Scope::Directory(directory) => said.check(&words.domains, domain, directory),
                    Scope::Account(_) => Ok(()),
                };
                let attempt = Opened::new(&*handler, &*state, &way.circumstances, &request, check);
                let (reply, caller) = change(&attempt, &way).await?;
                Ok((pds::success::<O>(&reply), caller))
            })
        }));
        self.operations.declared.push(Declared::of_operation::<O>());
        self.add(O::PATH, Method::POST, LONGEST, run);
        self
    }

    /// Hangs in a handler that shows a page to a person.
    ///
    /// # Panics
    /// Where the path and method have a handler already: a fault of the program.
    #[must_use]
    pub fn page<E, F>(mut self, method: Method, path: &'static str, handler: F) -> Self
    where
        E: Refusal,
        F: for<'a> Pages<'a, S, E>,
    {
        let run = Run::Page(paging(&self.state, handler));
        self.add(path, method, LONGEST, run);
        self
    }

    /// Says that an operation is served by a page.
    #[must_use]
    pub fn declares<O: Operation>(mut self) -> Self {
        self.operations.declared.push(Declared::of_operation::<O>());
        self
    }

    /// Refuses operations that the API has and that are not served, to who is known.
    ///
    /// # Panics
    /// Where one has a handler: a fault of the program.
    #[must_use]
    pub fn refuses(mut self, paths: &[&'static str]) -> Self {
        for path in paths {
            let run = Run::Known(Box::new(|_| Box::pin(async { Err(faults::not_supported()) })));
            self.add(path, Method::POST, LONGEST, run);
        }
        self
    }

    /// The operations.
    pub fn done(self) -> Operations {
        self.operations
    }

    fn known<O: Operation>(mut self, longest: usize, run: Box<Known>) -> Self {
        assert_ne!(O::AUDIENCE, Audience::Anybody, "{} is open to anybody", O::PATH);
        self.operations.declared.push(Declared::of_operation::<O>());
        self.add(O::PATH, Method::POST, longest, Run::Known(run));
        self
    }

    fn add(&mut self, path: &'static str, method: Method, longest: usize, run: Run) {
        assert!(self.operations.find(path, &method).is_none(), "{method} {path} has two handlers");
        let served = Served { path, method, longest, run };
        self.operations.served.entry(path).or_default().push(served);
    }
}
