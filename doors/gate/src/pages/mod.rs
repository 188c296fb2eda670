//! The road of pages: what people see in a browser, each under its own path, open to anybody.
//!
//! A page finds out itself who asks, and returns the permit under which its change is committed.

mod cookies;
mod exchange;
mod forms;
mod language;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::Method;
use http::header::ACCEPT;
use http::request::Parts;
use wire::Fault;

pub use cookies::{Cookie, Cookies, SetCookie};
pub use exchange::{PageAnswer, PageRequest};
pub use forms::{FormOf, LONGEST_STATE, Onward, origin_of, with_code};

use crate::attempts::{Paged, change};
use crate::handler;
use crate::way::{Refusal, Way};

/// A page, ready to be asked for.
pub(crate) type Paging =
    dyn for<'a> Fn(Way<'a>, PageRequest) -> BoxFuture<'a, Result<PageAnswer, Fault>> + Send + Sync;

/// What stands in the place of a page that cannot be shown.
pub(crate) type Trouble = dyn Fn(&PageRequest, &Fault) -> String + Send + Sync;

/// The pages, each with its handlers.
pub struct Pages {
    name: &'static str,
    /// What the paths of all pages begin with: up to a slash, or whole.
    heads: &'static [&'static str],
    /// Where a browser goes that asks for the root of the host.
    home: Option<&'static str>,
    trouble: Box<Trouble>,
    served: HashMap<&'static str, Vec<(Method, Box<Paging>)>>,
}

/// Pages whose handlers are still being hung in.
pub struct PagesBuilder<S> {
    state: Arc<S>,
    pages: Pages,
}

impl Pages {
    /// Pages behind a door called `name`, whose handlers share `state`. Paths that are one of `heads`, or go on from one
    /// by a slash, are its own; what `trouble` makes is shown where something is in the way.
    pub fn build<S: Send + Sync + 'static>(
        name: &'static str,
        heads: &'static [&'static str],
        trouble: fn(&S, &PageRequest, &Fault) -> String,
        state: S,
    ) -> PagesBuilder<S> {
        let state = Arc::new(state);
        let told = Arc::clone(&state);
        let trouble: Box<Trouble> = Box::new(move |request, fault| trouble(&told, request, fault));
        PagesBuilder { state, pages: Self { name, heads, home: None, trouble, served: HashMap::new() } }
    }

    /// Whether a request for the root of the host comes from a browser, which a person has given the address alone:
    /// programs name an action, in the query or in a header, and ask for no page.
    pub(crate) fn are_wanted(&self, parts: &Parts) -> bool {
        let accepts = parts.headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let mut kinds = accepts.flat_map(|line| line.split(',')).filter_map(|kind| kind.split(';').next());
        self.home.is_some()
            && parts.uri.query().is_none_or(str::is_empty)
            && !parts.headers.contains_key("x-acs-action")
            && kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
    }

    /// The pages' paths, each with the methods that it has, in alphabetical order.
    pub(crate) fn served(&self) -> Vec<(Method, &'static str)> {
        let mut served: Vec<(Method, &'static str)> = self
            .served
            .iter()
            .flat_map(|(path, methods)| methods.iter().map(|(method, _)| (method.clone(), *path)))
            .collect();
        served.sort_by(|(one, path), (other, of)| (path, one.as_str()).cmp(&(of, other.as_str())));
        served
    }

    /// Whether a path is one of a page, served or not.
    pub(crate) fn is_meant(&self, path: &str) -> bool {
        let goes_on = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.heads.iter().any(|head| path.strip_prefix(head).is_some_and(goes_on))
    }
}

impl<S: Send + Sync + 'static> PagesBuilder<S> {
    /// Sends browsers to this path that ask for the root of the host, which is that of the actions.
    #[must_use]
    pub fn begin_at(mut self, path: &'static str) -> Self {
        self.pages.home = Some(path);
        self
    }

    /// Hangs in a handler that shows a page.
    ///
    /// # Panics
    /// Where the path has one already, or is none of this door: a fault of the program.
    #[must_use]
    pub fn shows<E, F>(self, path: &'static str, handler: F) -> Self
    where
        E: Refusal,
        F: for<'a> handler::Pages<'a, S, E>,
    {
        self.add(Method::GET, path, handler)
    }

    /// Hangs in a handler that takes a page's form.
    ///
    /// # Panics
    /// As [`PagesBuilder::shows`].
    #[must_use]
    pub fn takes<E, F>(self, path: &'static str, handler: F) -> Self
    where
        E: Refusal,
        F: for<'a> handler::Pages<'a, S, E>,
    {
        self.add(Method::POST, path, handler)
    }

    /// The pages.
    pub fn done(self) -> Pages {
        self.pages
    }

    fn add<E, F>(mut self, method: Method, path: &'static str, handler: F) -> Self
    where
        E: Refusal,
        F: for<'a> handler::Pages<'a, S, E>,
    {
        assert!(self.pages.is_meant(path), "{path} is no path of pages");
        let served = self.pages.served.entry(path).or_default();
        assert!(served.iter().all(|(other, _)| *other != method), "{method} {path} has two handlers");
        served.push((method, paging(&self.state, handler)));
        self
    }
}

/// A handler that shows a page, with what it is called with.
pub(crate) fn paging<S, E, F>(state: &Arc<S>, handler: F) -> Box<Paging>
where
    S: Send + Sync + 'static,
    E: Refusal,
    F: for<'a> handler::Pages<'a, S, E>,
{
    let (state, handler) = (Arc::clone(state), Arc::new(handler));
    Box::new(move |way, request| {
        let (state, handler) = (Arc::clone(&state), Arc::clone(&handler));
        Box::pin(async move {
            let attempt = Paged::new(&*handler, &*state, &way.circumstances, &request);
            change(&attempt, &way).await
        })
    })
}
