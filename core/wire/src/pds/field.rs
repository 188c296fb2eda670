//! How a field is read or written that travels in more than one way.

use std::str::FromStr;

use model::Millis;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// For `deserialize_with`, beside `default`: an empty text is an absent field.
///
/// # Errors
/// It is something else that is no `T`.
pub fn blank<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        value => T::deserialize(value).map(Some).map_err(D::Error::custom),
    }
}

/// For `deserialize_with`, beside `default`: a number, or its digits as text; an empty text is an absent field.
///
/// # Errors
/// It is neither, or out of the bounds of `T`.
///
/// Source: `reference/pds.md` §2.5, `limit`.
pub fn number<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(D::Error::custom("not a number")),
    };
    text.parse().map(Some).map_err(|_| D::Error::custom("not a number"))
}

/// The time of a drive or a domain, `2019-08-20T06:51:27.292Z`.
///
/// Source: `reference/pds.md` §2.4.
pub fn iso(at: Millis) -> String {
    at.to_string()
}

/// The time when a token expires, `2021-08-12T05:04:28Z`: one client takes no other shape.
///
/// Source: `reference/pds.md` §2.4.
pub fn iso_seconds(at: Millis) -> String {
    let text = iso(at);
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}
