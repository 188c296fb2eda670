//! What stops the reading of a value, before it is known which parameter to blame.

use std::fmt;

use super::Undecodable;

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum Failure {
    /// A struct lacks this field.
    Missing(&'static str),
    /// A value is not of its type.
    Invalid,
    /// There is no value, although there is a place for one.
    Empty,
    /// The place that turned out to hold nothing: reading starts over without it.
    Void(Place),
    /// The parameter to blame is found.
    Known(Undecodable),
}

/// A place that holds nothing.
///
/// Serde does not tell a deserializer whether an `Option` wants a text, for which the empty text is
/// a value, or a number, for which it is none. So the place where an empty text did not fit is
/// noted, and reading starts over, taking it for absent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Wherever an empty text is given for this field of this type.
    Field(&'static str, String),
    /// Wherever an empty text is given for a member of this type.
    Members(&'static str),
    /// One place, by its flattened name: a list of which no member counts.
    Named(String),
}

impl Place {
    /// The member `key` of the type `owner`; `keyed` if each of its keys has a type of its own.
    pub(super) fn of(keyed: bool, owner: &'static str, key: &str) -> Self {
        if keyed { Self::Field(owner, key.to_owned()) } else { Self::Members(owner) }
    }
}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Invalid
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the parameters do not fit")
    }
}

impl std::error::Error for Failure {}
