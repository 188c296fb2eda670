//! The deserializer: a value as parameters hold it, flattened or in JSON text.

use std::any::type_name;
use std::borrow::Cow;

use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::failure::{Failure, Place};
use super::flat::Flat;
use super::{MAX_DEPTH, Undecodable};

/// A list's members are numbered up to here.
const MAX_INDEX: usize = 10_000;

/// A value to be read, and the places known to hold nothing.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    shape: Shape<'a>,
    voids: &'a [Place],
}

#[derive(Clone, Copy)]
enum Shape<'a> {
    Flat(Flat<'a>),
    Json(&'a Value),
}

impl<'a> Node<'a> {
    pub(super) fn flat(flat: Flat<'a>, voids: &'a [Place]) -> Self {
        Self { shape: Shape::Flat(flat), voids }
    }

    fn json(value: &'a Value, voids: &'a [Place]) -> Self {
        Self { shape: Shape::Json(value), voids }
    }

    /// The value as text; a JSON number or boolean as it is written.
    fn text(self) -> Result<Cow<'a, str>, Failure> {
        match self.shape {
            Shape::Flat(flat) => flat.text.map(Cow::Borrowed).ok_or(Failure::Invalid),
            Shape::Json(Value::String(text)) => Ok(Cow::Borrowed(text)),
            Shape::Json(value @ (Value::Bool(_) | Value::Number(_))) => Ok(Cow::Owned(value.to_string())),
            Shape::Json(Value::Null) => Err(Failure::Empty),
            Shape::Json(Value::Array(_) | Value::Object(_)) => Err(Failure::Invalid),
        }
    }

    /// The text of something for which the empty text is no value.
    fn filled(self) -> Result<Cow<'a, str>, Failure> {
        let text = self.text()?;
        if text.is_empty() {
            return Err(Failure::Empty);
        }
        Ok(text)
    }

    fn parse<T: std::str::FromStr>(self) -> Result<T, Failure> {
        self.filled()?.parse().map_err(|_| Failure::Invalid)
    }

    /// Hands on a list, an object or a map: the node itself, or what its JSON text says.
    fn opened<R>(self, read: impl FnOnce(Node<'_>) -> Result<R, Failure>) -> Result<R, Failure> {
        let text = match self.shape {
            Shape::Flat(flat) if flat.is_too_deep() => return Err(Failure::Invalid),
            Shape::Flat(flat) if flat.is_leaf() => flat.text,
            Shape::Json(Value::String(text)) => Some(text.as_str()),
            Shape::Flat(_) | Shape::Json(_) => None,
        };
        match text {
            Some(text) => read(Node::json(&json(text)?, self.voids)),
            None => read(self),
        }
    }

    /// Whether the node is to be passed over; `place` says where it stands.
    fn is_absent(self, place: impl Fn() -> Place) -> bool {
        if matches!(self.shape, Shape::Json(Value::Null)) {
            return true;
        }
        !self.voids.is_empty() && self.void(place).is_some_and(|void| self.voids.contains(&void))
    }

    /// By what the node is known, should it turn out to hold nothing.
    fn void(self, place: impl FnOnce() -> Place) -> Option<Place> {
        match self.shape {
            Shape::Flat(flat) if flat.is_leaf() && flat.text == Some("") => Some(place()),
            Shape::Flat(flat) => Some(Place::Named(flat.name.to_owned())),
            Shape::Json(Value::String(text)) if text.is_empty() => Some(place()),
            Shape::Json(_) => None,
        }
    }

    /// The failure of a member, as its owner passes it on.
    fn of_member(self, failure: Failure, place: impl FnOnce() -> Place) -> Failure {
        match failure {
            Failure::Empty => self.void(place).map_or(Failure::Invalid, Failure::Void),
            Failure::Missing(_) | Failure::Invalid | Failure::Void(_) | Failure::Known(_) => failure,
        }
    }

    /// The members of a list, in order.
    fn items(self, place: impl Fn() -> Place) -> Result<Vec<Self>, Failure> {
        let mut items = match self.shape {
            Shape::Flat(flat) => {
                numbered(flat)?.into_iter().map(|(_, child)| Node::flat(child, self.voids)).collect()
            }
            Shape::Json(Value::Array(values)) => {
                values.iter().map(|value| Node::json(value, self.voids)).collect::<Vec<_>>()
            }
            Shape::Json(_) => return Err(Failure::Invalid),
        };
        items.retain(|item| !item.is_absent(&place));
        Ok(items)
    }

    /// Shows the members of an object or a map to `visitor`.
    fn members<'de, V: Visitor<'de>>(self, keyed: bool, visitor: V) -> Result<V::Value, Failure> {
        let owner = type_name::<V>();
        self.opened(|node| match node.shape {
            Shape::Flat(flat) => visitor.visit_map(Members {
                entries: flat.children().map(|(key, child)| (key, Node::flat(child, node.voids))),
                next: None,
                owner,
                keyed,
                outermost: flat.depth == 0,
            }),
            Shape::Json(Value::Object(members)) => visitor.visit_map(Members {
                entries: members.iter().map(|(key, value)| (key.as_str(), Node::json(value, node.voids))),
                next: None,
                owner,
                keyed,
                outermost: false,
            }),
            Shape::Json(_) => Err(Failure::Invalid),
        })
    }
}

/// JSON in a parameter; null holds nothing.
fn json(text: &str) -> Result<Value, Failure> {
    if text.is_empty() {
        return Err(Failure::Empty);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| Failure::Invalid)?;
    match value {
        Value::Null => Err(Failure::Empty),
        value if nests_deeper(&value, MAX_DEPTH) => Err(Failure::Invalid),
        value => Ok(value),
    }
}

fn nests_deeper(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth == 0 || items.iter().any(|item| nests_deeper(item, depth - 1)),
        Value::Object(members) => {
            depth == 0 || members.values().any(|member| nests_deeper(member, depth - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The members of a flattened list, ordered by their number.
fn numbered(flat: Flat<'_>) -> Result<Vec<(usize, Flat<'_>)>, Failure> {
    let mut members = Vec::new();
    for (key, child) in flat.children() {
        let index = index(key).ok_or(Failure::Invalid)?;
        if index > 0 {
            members.push((index, child));
        }
    }
    members.sort_unstable_by_key(|(index, _)| *index);
    Ok(members)
}

/// A member's number: decimal, without sign or leading zeros.
fn index(key: &str) -> Option<usize> {
    let canonical = key.bytes().all(|byte| byte.is_ascii_digit()) && (key == "0" || !key.starts_with('0'));
    let index = key.parse().ok()?;
    (canonical && index <= MAX_INDEX).then_some(index)
}

/// The members of an object or a map, as serde asks for them.
struct Members<'a, I> {
    entries: I,
    next: Option<(&'a str, Node<'a>)>,
    owner: &'static str,
    /// Whether each key has a type of its own, as in a struct.
    keyed: bool,
    /// Whether the keys are the parameters themselves.
    outermost: bool,
}

impl<'a, 'de, I: Iterator<Item = (&'a str, Node<'a>)>> MapAccess<'de> for Members<'a, I> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        for (key, node) in self.entries.by_ref() {
            let place = || Place::of(self.keyed, self.owner, key);
            if !node.is_absent(place) {
                self.next = Some((key, node));
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let (key, node) = self.next.take().ok_or(Failure::Invalid)?;
        seed.deserialize(node).map_err(|failure| {
            match node.of_member(failure, || Place::of(self.keyed, self.owner, key)) {
                Failure::Missing(_) if self.outermost => Failure::Known(Undecodable::Missing(key.to_owned())),
                Failure::Invalid if self.outermost => Failure::Known(Undecodable::Invalid(key.to_owned())),
                failure => failure,
            }
        })
    }
}

/// The members of a list, as serde asks for them.
struct Items<'a> {
    items: std::vec::IntoIter<Node<'a>>,
    owner: &'static str,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let place = || Place::Members(self.owner);
        seed.deserialize(node).map(Some).map_err(|failure| node.of_member(failure, place))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// Declares the methods that read numbers, each by way of the widest type of its kind.
macro_rules! numbers {
    ($($method:ident reads $wide:ty, $visit:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            visitor.$visit(self.parse::<$wide>()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Failure;

    numbers! {
        deserialize_i8 reads i64, visit_i64;
        deserialize_i16 reads i64, visit_i64;
        deserialize_i32 reads i64, visit_i64;
        deserialize_i64 reads i64, visit_i64;
        deserialize_u8 reads u64, visit_u64;
        deserialize_u16 reads u64, visit_u64;
        deserialize_u32 reads u64, visit_u64;
        deserialize_u64 reads u64, visit_u64;
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let number: f64 = self.parse()?;
        if !number.is_finite() {
            return Err(Failure::Invalid);
        }
        visitor.visit_f64(number)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let text = self.filled()?;
        if text.eq_ignore_ascii_case("true") {
            visitor.visit_bool(true)
        } else if text.eq_ignore_ascii_case("false") {
            visitor.visit_bool(false)
        } else {
            Err(Failure::Invalid)
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(&self.filled()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let text: CowStrDeserializer<'_, Failure> = self.filled()?.into_deserializer();
        visitor.visit_enum(text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let owner = type_name::<V>();
        let is_parameter = matches!(self.shape, Shape::Flat(_));
        self.opened(|node| {
            let items = node.items(|| Place::Members(owner))?;
            // SDKs send nothing for an empty list; a parameter that says it is one says no more.
            if items.is_empty() && is_parameter {
                return Err(Failure::Empty);
            }
            visitor.visit_seq(Items { items: items.into_iter(), owner })
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.members(false, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.members(true, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    /// A value of any type: a whole parameter is JSON text; what is flattened is a list if all its
    /// keys are numbers, else an object, and its members are texts, for nothing says otherwise.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.shape {
            Shape::Flat(flat) if !flat.is_leaf() => {
                if flat.children().all(|(key, _)| index(key).is_some()) {
                    self.deserialize_seq(visitor)
                } else {
                    self.deserialize_map(visitor)
                }
            }
            Shape::Flat(flat) if flat.depth > 1 => self.deserialize_str(visitor),
            Shape::Flat(flat) => any(json(flat.text.unwrap_or_default())?, visitor),
            Shape::Json(value) => any(value.clone(), visitor),
        }
    }

    forward_to_deserialize_any! { i128 u128 bytes byte_buf unit unit_struct identifier }
}

fn any<'de, V: Visitor<'de>>(value: Value, visitor: V) -> Result<V::Value, Failure> {
    value.deserialize_any(visitor).map_err(|_| Failure::Invalid)
}
