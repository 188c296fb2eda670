//! Answers as they travel: a reply or an error, always JSON.

use serde::Serialize;

use crate::fault::Fault;
use crate::operation::{Operation, Success};

/// The type of every body: clients read an error only where its type begins so.
///
/// Source: `reference/pds.md` §2.2.
pub const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// The header that every answer carries the request's id in.
///
/// Source: `reference/pds.md` §2.2.
pub const REQUEST_ID: &str = "x-ca-request-id";

/// An answer: its status and its body, where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, of the type [`CONTENT_TYPE`]; `None` with 204 alone.
    pub body: Option<Vec<u8>>,
}

/// The answer of a success.
///
/// # Panics
/// If `reply` cannot be written as JSON: no operation declares such a one.
///
/// Source: `reference/pds.md` §2.3.
pub fn success<O: Operation>(reply: &O::Reply) -> Answer {
    let body = match O::SUCCESS {
        Success::Ok | Success::Created => Some(serde_json::to_vec(reply).expect("a reply is JSON")),
        Success::NoContent => None,
    };
    Answer { status: O::SUCCESS.status(), body }
}

/// The answer of a failure: an object of `code` and `message`, in small letters.
///
/// Source: `reference/pds.md` §3.1.
pub fn error(fault: &Fault) -> Answer {
    let envelope = Envelope { code: &fault.code, message: &fault.message };
    Answer { status: fault.status, body: Some(serde_json::to_vec(&envelope).expect("texts are JSON")) }
}

#[derive(Serialize)]
struct Envelope<'a> {
    code: &'a str,
    message: &'a str,
}
