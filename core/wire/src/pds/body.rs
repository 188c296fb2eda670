//! From a body to an operation.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use super::Unfit;
use crate::operation::Operation;
use crate::percent;

/// Values that a body may hold. Each takes many times as many bytes when it is read as when it travels.
const MOST_VALUES: usize = 50_000;

/// The members of a request's body; those that are null count as absent.
#[derive(Clone, PartialEq, Default)]
pub struct Body(Map<String, Value>);

impl Body {
    /// Reads a JSON body, whatever its content type says. No body at all, like null, is an object without members.
    ///
    /// # Errors
    /// `NotJson`: it is something else than an object, or holds more than 50,000 values.
    ///
    /// Source: `reference/pds.md` §2.1.
    pub fn json(bytes: &[u8]) -> Result<Self, Unfit> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        if holds_too_many(bytes) {
            return Err(Unfit::NotJson);
        }
        match serde_json::from_slice(bytes) {
            // Text that is the JSON of an object is taken in a batch alone.
            Ok(Value::String(_)) | Err(_) => Err(Unfit::NotJson),
            Ok(value) => Self::try_from(value),
        }
    }

    /// Reads a form, as token requests send it: all its values are texts.
    ///
    /// # Errors
    /// `NotJson`: it is not text. `Twice`: a name stands twice; which one is not said, since names are of any length.
    ///
    /// Source: `reference/pds.md` §2.1.
    pub fn form(bytes: &[u8]) -> Result<Self, Unfit> {
        let text = |part: Cow<'_, [u8]>| String::from_utf8(part.into_owned()).map_err(|_| Unfit::NotJson);
        let mut members = BTreeMap::new();
        for (name, value) in percent::pairs(bytes) {
            match members.entry(text(name)?) {
                Entry::Vacant(place) => place.insert(Value::String(text(value)?)),
                Entry::Occupied(_) => return Err(Unfit::Twice),
            };
        }
        Ok(Self(members.into_iter().collect()))
    }

    /// The text of a member, if there is one; of a form all are texts.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// How many items a list has; 1 where it is none.
    pub fn count(&self, name: &str) -> usize {
        self.0.get(name).and_then(Value::as_array).map_or(1, Vec::len)
    }

    /// The domain that the request names in its body, if any.
    ///
    /// # Errors
    /// `Invalid`: it is not a text.
    ///
    /// Source: `reference/doors.md` §3.3.
    pub fn domain(&self) -> Result<Option<&str>, Unfit> {
        match self.0.get("domain_id") {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(Unfit::Invalid("domain_id".to_owned())),
        }
    }
}

/// A request inside another one, as in a batch: an object, or text that is the JSON of one.
impl TryFrom<Value> for Body {
    type Error = Unfit;

    fn try_from(value: Value) -> Result<Self, Unfit> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(mut members) => {
                members.retain(|_, value| !value.is_null());
                Ok(Self(members))
            }
            Value::String(text) if text.is_empty() => Ok(Self::default()),
            Value::String(text) if holds_too_many(text.as_bytes()) => Err(Unfit::NotJson),
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(value @ Value::Object(_)) => Self::try_from(value),
                Ok(_) | Err(_) => Err(Unfit::NotJson),
            },
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err(Unfit::NotJson),
        }
    }
}

/// Whether JSON holds more values than a body may: there is one before each comma and one in each list and object, but
/// for those that are empty. Inside a text these signs say nothing.
fn holds_too_many(json: &[u8]) -> bool {
    let (mut values, mut is_text, mut is_escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => values += 1,
            _ => {}
        }
    }
    values > MOST_VALUES
}

/// Names only, since values hold passwords and tokens.
impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Reads a body into `O`.
///
/// - Unknown members are ignored: clients add their own.
/// - A member that is null is absent. In an object inside another one, that takes an `Option`.
/// - Types are taken at their word: `"5"` is no number and `1` is no text, save where a field is read by
///   [`number`](super::number) or [`blank`](super::blank).
///
/// # Errors
/// The outermost parameter to blame: `Missing`, where it is required and absent; `Empty`, where it is an empty text
/// that its type does not take; else `Invalid`. What [`Operation::check`] says comes last.
///
/// Source: `reference/pds.md` §2.1 and §7.1.
pub fn decode<O: Operation>(body: &Body) -> Result<O, Unfit> {
    let operation =
        O::deserialize(Members { entries: body.0.iter(), next: None }).map_err(|Failure(unfit)| unfit)?;
    operation.check()?;
    Ok(operation)
}

/// The members of a body, as serde asks for them.
struct Members<'a> {
    entries: map::Iter<'a>,
    next: Option<(&'a str, &'a Value)>,
}

impl<'de> Deserializer<'de> for Members<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let Some((name, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.next = Some((name, value));
        let name: StrDeserializer<'_, Failure> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let (name, value) = self.next.take().expect("serde asks for a value after its key");
        seed.deserialize(value).map_err(|_| {
            let is_empty = value.as_str().is_some_and(str::is_empty);
            Failure(if is_empty { Unfit::Empty(name.to_owned()) } else { Unfit::Invalid(name.to_owned()) })
        })
    }
}

/// What stops the reading of a body.
#[derive(Debug)]
struct Failure(Unfit);

impl serde::de::Error for Failure {
    /// A body as a whole does not fit only if a type refuses it as a whole: no operation's does.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(Unfit::NotJson)
    }

    fn missing_field(field: &'static str) -> Self {
        Self(Unfit::Missing(field.to_owned()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Failure {}
