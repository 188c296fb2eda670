//! Pages: where a list goes on, as a token that is good for the same list and the same conditions only.
//!
//! Source: `reference/eds-user.md` X.5; `reference/doors.md` §6.

use gate::{Permit, Reader, page_token};
use serde::Serialize;
use wire::Action;

use crate::words::{Refused, given};

/// A list under its conditions.
pub(crate) struct List {
    name: &'static str,
    conditions: Vec<u8>,
}

impl List {
    /// The list of an action in the permit's directory; `conditions` is the request without what concerns the page alone.
    pub(crate) fn of<A: Action + Serialize>(permit: &Permit, conditions: &A) -> Self {
        let directory = permit.directory().number.0;
        let conditions = serde_json::to_vec(&(directory, conditions));
        Self { name: A::NAME, conditions: conditions.expect("a request is plain texts and numbers") }
    }

    /// Where the caller wants to go on, read by `key`, and the total as of the first page.
    pub(crate) fn place<K>(
        &self,
        reader: &Reader,
        token: Option<&String>,
        key: impl FnOnce(&str) -> Option<K>,
    ) -> Result<Option<(K, Option<i64>)>, Refused> {
        let Some(token) = given(token) else { return Ok(None) };
        let place = page_token::read(&reader.keyring(), self.name, &self.conditions, token);
        let place = place.and_then(|place| Some((key(&place.after)?, place.total)));
        place.map(Some).ok_or_else(|| Refused::invalid("NextToken"))
    }

    /// The token that leads behind `next`; empty where no more follow.
    pub(crate) fn token(
        &self,
        reader: &Reader,
        permit: &Permit,
        next: Option<impl ToString>,
        total: Option<i64>,
    ) -> String {
        let Some(next) = next else { return String::new() };
        let place = page_token::Place { after: next.to_string(), total, issued: permit.at() };
        page_token::issue(&reader.keyring(), self.name, &self.conditions, &place)
    }
}

/// How many rows stand before a page that is asked for by its number.
pub(crate) fn before(page_number: i64, page_size: i64) -> i64 {
    (page_number - 1).saturating_mul(page_size)
}
