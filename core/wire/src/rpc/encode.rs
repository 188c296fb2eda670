//! From a value to parameters, for clients and tests.

use std::fmt;

use serde::Serialize;
use serde::ser::{
    Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer,
};
use serde_json::Value;

use crate::percent;

/// Flattens a value into parameters, in the order of its fields.
///
/// None, empty lists and empty objects send nothing. Keys with a dot, or with `#` in front, are
/// counted (`#3#a.b`). A [`Value`] is flattened like anything else, so that its numbers and booleans
/// arrive as texts: a parameter that must keep them is sent as JSON text.
///
/// # Errors
/// The value is not an object, or holds what parameters have no form for: bytes, and enums whose
/// variants carry data.
///
/// Source: `reference/protocol.md` §1.3.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<(String, String)>, Unencodable> {
    let mut pairs = Vec::new();
    value.serialize(Flattener { name: "", pairs: &mut pairs })?;
    Ok(pairs)
}

/// Parameters as a query or a form.
pub fn form(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let (name, value) = (name.as_bytes(), value.as_bytes());
            format!("{}={}", percent::encode(name), percent::encode(value))
        })
        .collect();
    pairs.join("&")
}

/// Why a value cannot travel as parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not to be sent as parameters: {0}")]
pub struct Unencodable(String);

impl serde::ser::Error for Unencodable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

fn no_form_for(what: &str) -> Unencodable {
    Unencodable(what.to_owned())
}

/// Writes one value under its name; the outermost has none.
struct Flattener<'a> {
    name: &'a str,
    pairs: &'a mut Vec<(String, String)>,
}

impl<'a> Flattener<'a> {
    fn text(self, value: impl Into<String>) -> Result<(), Unencodable> {
        if self.name.is_empty() {
            return Err(no_form_for("a value without a name"));
        }
        self.pairs.push((self.name.to_owned(), value.into()));
        Ok(())
    }

    fn members(self) -> Members<'a> {
        Members {
            prefix: match self.name {
                "" => String::new(),
                name => format!("{name}."),
            },
            pairs: self.pairs,
            count: 0,
            key: String::new(),
        }
    }
}

/// Writes the members of a list, an object or a map.
struct Members<'a> {
    /// What stands before each key.
    prefix: String,
    pairs: &'a mut Vec<(String, String)>,
    /// The number of list members so far.
    count: usize,
    /// The key of the map's next value.
    key: String,
}

impl Members<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        if self.prefix.is_empty() {
            return Err(no_form_for("a list without a name"));
        }
        self.count += 1;
        let name = format!("{}{}", self.prefix, self.count);
        self.write(&name, value)
    }

    fn member<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unencodable> {
        let counted = !self.prefix.is_empty() && (key.contains('.') || key.starts_with('#'));
        let name = if counted {
            format!("{}#{}#{key}", self.prefix, key.chars().count())
        } else {
            format!("{}{key}", self.prefix)
        };
        self.write(&name, value)
    }

    fn write<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unencodable> {
        value.serialize(Flattener { name, pairs: self.pairs })
    }
}

/// Declares the methods that write a value as its own text.
macro_rules! texts {
    ($($method:ident($kind:ty);)*) => {
        $(fn $method(self, value: $kind) -> Result<(), Unencodable> {
            self.text(value.to_string())
        })*
    };
}

impl<'a> Serializer for Flattener<'a> {
    type Ok = ();
    type Error = Unencodable;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Impossible<(), Unencodable>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Impossible<(), Unencodable>;

    texts! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), Unencodable> {
        Err(no_form_for("bytes"))
    }

    fn serialize_none(self) -> Result<(), Unencodable> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unencodable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unencodable> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unencodable> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Unencodable> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Unencodable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _value: &T,
    ) -> Result<(), Unencodable> {
        Err(no_form_for(variant))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Members<'a>, Unencodable> {
        Ok(self.members())
    }

    fn serialize_tuple(self, _len: usize) -> Result<Members<'a>, Unencodable> {
        Ok(self.members())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Members<'a>, Unencodable> {
        Ok(self.members())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Unencodable>, Unencodable> {
        Err(no_form_for(variant))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Members<'a>, Unencodable> {
        Ok(self.members())
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Members<'a>, Unencodable> {
        Ok(self.members())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Unencodable>, Unencodable> {
        Err(no_form_for(variant))
    }
}

impl SerializeSeq for Members<'_> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        self.item(value)
    }

    fn end(self) -> Result<(), Unencodable> {
        Ok(())
    }
}

impl SerializeTuple for Members<'_> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        self.item(value)
    }

    fn end(self) -> Result<(), Unencodable> {
        Ok(())
    }
}

impl SerializeTupleStruct for Members<'_> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        self.item(value)
    }

    fn end(self) -> Result<(), Unencodable> {
        Ok(())
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unencodable> {
        self.key = match serde_json::to_value(key) {
            Ok(Value::String(key)) => key,
            Ok(key @ (Value::Bool(_) | Value::Number(_))) => key.to_string(),
            Ok(Value::Null | Value::Array(_) | Value::Object(_)) | Err(_) => {
                return Err(no_form_for("a key that is not text"));
            }
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        let key = std::mem::take(&mut self.key);
        self.member(&key, value)
    }

    fn end(self) -> Result<(), Unencodable> {
        Ok(())
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unencodable> {
        self.member(key, value)
    }

    fn end(self) -> Result<(), Unencodable> {
        Ok(())
    }
}
