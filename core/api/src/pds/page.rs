//! Pages: how much of a list is asked for, and what is answered.
//!
//! Source: `reference/pds.md` §2.5.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

/// How many a page has at most, and has where nothing is said.
pub const PAGE_SIZE: usize = 100;

/// How many a page of `domain/list` has where nothing is said.
pub const DOMAINS_PAGE_SIZE: usize = 50;

/// How many users a page has at most where each is shown with the groups above.
///
/// Source: `reference/pds.md` §7.6.
pub const PAGE_SIZE_WITH_GROUPS: usize = 30;

/// A page size, 1 to 100; 0 and the empty text say nothing. It may come as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Limit(u8);

impl Limit {
    /// The size, if one is said.
    pub fn get(self) -> Option<usize> {
        (self.0 > 0).then_some(usize::from(self.0))
    }
}

/// The size of a page: what the request says, or `default`.
pub fn page_size(limit: Option<Limit>, default: usize) -> usize {
    limit.and_then(Limit::get).unwrap_or(default)
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number from 0 to 100")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Limit, E> {
        let size = u8::try_from(number).ok().filter(|size| usize::from(*size) <= PAGE_SIZE);
        size.map(Limit).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
        if text.is_empty() {
            return Ok(Limit::default());
        }
        let is_number = text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(number) if is_number => self.visit_u64(number),
            Ok(_) | Err(_) => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

impl JsonSchema for Limit {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string"], "minimum": 0, "maximum": PAGE_SIZE })
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; empty after the last one.
    pub next_marker: String,
}
