//! Pages: where a list goes on, as a marker that is good for the same list of the same account only.
//!
//! Source: `reference/ram.md` 1.

use api::ram::MaxItems;
use directory::ram::Page;
use gate::{Permit, Reader, page_token};

use crate::words::{Refused, given};

/// How many things a page has where nothing is said.
const USUAL: usize = 100;

/// A list under its conditions, and the part of it that is asked for.
pub(crate) struct List {
    name: &'static str,
    conditions: Vec<u8>,
    /// What the page follows; empty at first.
    pub(crate) after: String,
    /// How many things it has at most.
    pub(crate) limit: usize,
}

/// What an answer says of where the list goes on.
pub(crate) struct Next {
    /// Whether it does.
    pub(crate) is_truncated: bool,
    /// Where.
    pub(crate) marker: Option<String>,
}

impl List {
    /// The page of the list called `name`, narrowed down by `condition`, that the caller asks for.
    pub(crate) fn of(
        name: &'static str,
        condition: &str,
        reader: &Reader,
        permit: &Permit,
        marker: Option<&String>,
        max_items: Option<MaxItems>,
    ) -> Result<Self, Refused> {
        let conditions = format!("{}/{condition}", permit.account().0).into_bytes();
        let after = match given(marker) {
            None => String::new(),
            Some(marker) => page_token::read(&reader.keyring(), name, &conditions, marker)
                .map(|place| place.after)
                .ok_or_else(|| Refused::invalid("Marker"))?,
        };
        let limit = max_items.map(|items| usize::try_from(items.get()).expect("it is from 1 to 1,000"));
        Ok(Self { name, conditions, after, limit: limit.unwrap_or(USUAL) })
    }

    /// Where the list goes on behind `page`.
    pub(crate) fn next<T>(&self, page: &Page<T>, reader: &Reader, permit: &Permit) -> Next {
        let marker = page.next.clone().map(|after| {
            let place = page_token::Place { after, total: None, issued: permit.at() };
            page_token::issue(&reader.keyring(), self.name, &self.conditions, &place)
        });
        Next { is_truncated: marker.is_some(), marker }
    }
}
