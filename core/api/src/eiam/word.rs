//! Words of fixed lists, as requests and answers hold them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{Error as NotListed, StringDeserializer};
use serde::de::{Deserializer, IntoDeserializer};
use serde::{Deserialize, Serialize};
use wire::{Undecodable, require};

use super::text::valid;

/// Whether something is in use: a user, a custom field, an item to choose, a policy.
///
/// Source: `reference/eiam.md`, 2.3, 10 and 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

/// A [`Status`] by which a list is narrowed; `enable` and `disable` mean the same.
///
/// Source: `reference/eiam.md`, 5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusFilter {
    /// Only what is in use.
    #[serde(alias = "enable")]
    Enabled,
    /// Only what is not.
    #[serde(alias = "disable")]
    Disabled,
}

/// Where a user, a unit, a group or a membership comes from.
///
/// Source: `reference/eiam.md`, 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    /// Made here, as everything is, whichever API made it.
    BuildIn,
    /// From DingTalk; nothing is.
    DingTalk,
    /// From Active Directory; nothing is.
    Ad,
    /// From an LDAP directory; nothing is.
    Ldap,
    /// From WeCom; nothing is.
    WeCom,
}

/// By which way a person is told something.
///
/// Source: `reference/eiam.md`, 4.1, 6.4 and 12.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By mail.
    Email,
    /// By text message.
    Sms,
}

/// How a password comes to be where none is given.
///
/// Source: `reference/eiam.md`, 4.1 and 12.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordInitializationType {
    /// By chance.
    Random,
}

/// A word that ought to be one of `T`'s.
///
/// Decoding blames what does not fit on the outermost parameter. Where the reference blames a word inside
/// another parameter by its own name, the field holds this, and [`wire::Action::check`] looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Word<T> {
    /// One of them.
    Known(T),
    /// Another one, which no request holds that has been checked; or the empty text, which says nothing.
    Other(String),
}

impl<T: Copy> Word<T> {
    /// The word, unless the text is empty.
    pub fn get(&self) -> Option<T> {
        match self {
            Self::Known(word) => Some(*word),
            Self::Other(_) => None,
        }
    }

    /// `Invalid`, with the name of the word's own parameter, where it is none of `T`'s.
    pub(super) fn is_listed(&self, name: &'static str) -> Result<(), Undecodable> {
        match self {
            Self::Known(_) => Ok(()),
            Self::Other(text) => valid(text.is_empty(), name),
        }
    }

    /// The same; `Missing` where the text is empty.
    pub(super) fn is_given(&self, name: &'static str) -> Result<(), Undecodable> {
        require(!matches!(self, Self::Other(text) if text.is_empty()), name)?;
        self.is_listed(name)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let word: StringDeserializer<NotListed> = text.clone().into_deserializer();
        Ok(T::deserialize(word).map_or(Self::Other(text), Self::Known))
    }
}

impl<T: JsonSchema> JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
