//! Pages: by their number, or by tokens that are good for the same list, the same filters and one day.
//!
//! Source: `reference/eiam.md` 14.2; `reference/doors.md` §6.

use api::eiam::{PageNumber, PageSize};
use gate::{Permit, Reader, page_token};
use model::time::DAY;
use serde::Serialize;
use wire::Action;

use crate::words::{Refused, given};

/// The page size where none is given.
pub(crate) const PAGE: i64 = 20;

/// The part of a list that a page by number shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// How many stand before it.
    pub(crate) skip: i64,
    /// How many it has at most.
    pub(crate) limit: i64,
}

impl Window {
    /// The page of this number and size.
    pub(crate) fn of(number: Option<PageNumber>, size: Option<PageSize>) -> Self {
        let limit = size.map_or(PAGE, PageSize::get);
        let before = number.map_or(0, |number| number.get() - 1);
        Self { skip: before.saturating_mul(limit), limit }
    }
}

/// Where a token leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the page behind.
    Next,
    /// To the page before.
    Previous,
}

impl Way {
    /// The parameter that takes the token, and how the token begins.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Next => ("NextToken", "NT"),
            Self::Previous => ("PreviousToken", "PT"),
        }
    }
}

/// A list under its filters.
pub(crate) struct List<'a> {
    name: &'static str,
    filters: Vec<u8>,
    permit: &'a Permit,
}

impl<'a> List<'a> {
    /// The list of an action in the permit's directory; `filters` is the request without what concerns the page alone.
    pub(crate) fn of<A: Action>(permit: &'a Permit, filters: &A) -> Self {
        let filters = serde_json::to_vec(&Filters { directory: permit.directory().number.0, filters });
        Self { name: A::NAME, filters: filters.expect("a request is plain texts and numbers"), permit }
    }

    /// Where the caller wants to go on, read by `key`, and the total as of the first page.
    pub(crate) fn place<K>(
        &self,
        reader: &Reader,
        way: Way,
        token: Option<&String>,
        key: impl FnOnce(&str) -> Option<K>,
    ) -> Result<Option<(K, Option<i64>)>, Refused> {
        let Some(token) = given(token) else { return Ok(None) };
        let (parameter, prefix) = way.words();
        let place = token
            .strip_prefix(prefix)
            .and_then(|token| page_token::read(&reader.keyring(), self.name, &self.conditions(way), token))
            .filter(|place| self.permit.at().since(place.issued) <= DAY)
            .and_then(|place| Some((key(&place.after)?, place.total)));
        place.map(Some).ok_or_else(|| Refused::invalid(parameter))
    }

    /// The token that leads behind or before `from`; none where nothing lies there.
    pub(crate) fn token(
        &self,
        reader: &Reader,
        way: Way,
        from: Option<impl ToString>,
        total: Option<i64>,
    ) -> Option<String> {
        let (_, prefix) = way.words();
        let place = page_token::Place { after: from?.to_string(), total, issued: self.permit.at() };
        let token = page_token::issue(&reader.keyring(), self.name, &self.conditions(way), &place);
        Some(format!("{prefix}{token}"))
    }

    /// What a token is good for: one way through the list under these filters.
    fn conditions(&self, way: Way) -> Vec<u8> {
        [way.words().1.as_bytes(), &self.filters].concat()
    }
}

#[derive(Serialize)]
struct Filters<'a, A> {
    directory: i64,
    filters: &'a A,
}
