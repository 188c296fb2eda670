//! Pages of lists, one marker leading to the next.
//!
//! Source: `reference/pds.md` §2.5; `reference/doors.md` §6.

use gate::{Permit, Reader, page_token};
use serde::Serialize;
use wire::Operation;

use crate::words::Refused;

/// A list under its filters.
pub(crate) struct List<'a> {
    name: &'static str,
    filters: Vec<u8>,
    permit: &'a Permit,
}

impl<'a> List<'a> {
    /// The list of an operation in the permit's directory; `filters` is the request without page size and marker.
    pub(crate) fn of<O: Operation>(permit: &'a Permit, filters: &O) -> Self {
        let filters = serde_json::to_vec(&Filters { directory: permit.directory().number.0, filters });
        Self { name: O::PATH, filters: filters.expect("a request is plain texts and numbers"), permit }
    }

    /// Where the caller wants to go on, read by `key`.
    ///
    /// # Errors
    /// The marker was not given out for this list.
    pub(crate) fn place<K>(
        &self,
        reader: &Reader,
        marker: Option<&String>,
        key: impl FnOnce(&str) -> Option<K>,
    ) -> Result<Option<K>, Refused> {
        let Some(marker) = marker.filter(|marker| !marker.is_empty()) else { return Ok(None) };
        let place = page_token::read(&reader.keyring(), self.name, &self.filters, marker);
        let key = place.and_then(|place| key(&place.after));
        key.map(Some).ok_or_else(|| Refused::invalid("marker"))
    }

    /// The marker that leads behind `after`; empty where nothing lies there.
    pub(crate) fn marker(&self, reader: &Reader, after: Option<impl ToString>) -> String {
        let Some(after) = after else { return String::new() };
        let place = page_token::Place { after: after.to_string(), total: None, issued: self.permit.at() };
        page_token::issue(&reader.keyring(), self.name, &self.filters, &place)
    }
}

#[derive(Serialize)]
struct Filters<'a, O> {
    directory: i64,
    filters: &'a O,
}
