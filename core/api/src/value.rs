//! Types that several declarations share.

use std::borrow::Cow;

use model::Secret;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

/// An integer from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Ranged<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Ranged<MIN, MAX> {
    /// The integer.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<const MIN: i64, const MAX: i64> TryFrom<i64> for Ranged<MIN, MAX> {
    type Error = String;

    fn try_from(n: i64) -> Result<Self, String> {
        if (MIN..=MAX).contains(&n) { Ok(Self(n)) } else { Err(format!("{n} is not from {MIN} to {MAX}")) }
    }
}

impl<const MIN: i64, const MAX: i64> From<Ranged<MIN, MAX>> for i64 {
    fn from(ranged: Ranged<MIN, MAX>) -> Self {
        ranged.0
    }
}

impl<const MIN: i64, const MAX: i64> JsonSchema for Ranged<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Integer_{MIN}_{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// A password, or a code that is worth one, as it travels from a client to the server, and nowhere else.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Password(Secret);

impl Password {
    /// Takes a password.
    pub fn new(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.0.reveal().is_empty()
    }

    /// The secret.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

impl Serialize for Password {
    /// For clients, which have to send it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.reveal_text().unwrap_or_default())
    }
}

impl JsonSchema for Password {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Password".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password" })
    }
}
