//! The parameters of a request, wherever in it they travelled.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::percent;

/// More parameters than this make a request unreadable.
const MAX_PARAMETERS: usize = 10_000;

/// The parameters of an RPC request, merged: the query, then the body; the body wins.
///
/// All texts lie in one string, ordered by name byte by byte, as signature V1 wants them.
///
/// Source: `reference/protocol.md` §1.1.
#[derive(Clone, Default)]
pub struct Parameters {
    text: String,
    pairs: Vec<Pair>,
}

/// Where in the text a name begins, where its value begins and where that ends.
#[derive(Clone, Copy)]
struct Pair {
    name: usize,
    value: usize,
    end: usize,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Body,
}

/// The body of a request, as far as it carries parameters.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// None, or one that carries no parameters.
    None,
    /// `application/x-www-form-urlencoded`.
    Form(&'a [u8]),
    /// `application/json`. Only a signature that covers the body makes these parameters: see
    /// [`crate::signature::Scheme::signs_body`].
    Json(&'a [u8]),
}

/// Why a request has no parameters that could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More than 10,000 parameters.
    #[error("more than {MAX_PARAMETERS} parameters")]
    TooMany,
    /// This name stands twice in the query, or twice in the body.
    #[error("the parameter {} is given twice", .0.escape_debug().take(64).collect::<String>())]
    Repeated(String),
    /// The `query` or the `body` is not UTF-8, as sent or once decoded.
    #[error("the {0} is not UTF-8 text")]
    NotText(&'static str),
    /// The body is not a JSON object.
    #[error("the body is not a JSON object")]
    NotJson,
}

impl Parameters {
    /// Reads the raw query (without `?`) and the body.
    ///
    /// Members of a JSON body count as parameters: texts, numbers and booleans as text, lists and
    /// objects as their JSON text, null as absent.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub fn read(query: &str, body: Body<'_>) -> Result<Self, Unreadable> {
        let mut parameters = Self { text: String::with_capacity(query.len()), pairs: Vec::with_capacity(16) };
        parameters.read_form(query.as_bytes(), Place::Query)?;
        match body {
            Body::None => {}
            Body::Form(form) => parameters.read_form(form, Place::Body)?,
            Body::Json(json) => parameters.read_json(json)?,
        }
        parameters.order();
        if let Some(name) = parameters.repeated() {
            return Err(Unreadable::Repeated(name.to_owned()));
        }
        parameters.merge();
        Ok(parameters)
    }

    /// Takes decoded pairs; where a name repeats, the last one counts.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let mut parameters = Self::default();
        for (name, value) in &pairs {
            parameters.push(name, value, Place::Query);
        }
        parameters.order();
        parameters.merge();
        parameters
    }

    /// The value of the parameter `name`, whose case matters.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.binary_search_by(|pair| self.name(pair).cmp(name)).ok()?;
        Some(self.value(&self.pairs[found]))
    }

    /// All names and values, each name once, ordered by name byte by byte.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (self.name(pair), self.value(pair)))
    }

    fn read_form(&mut self, form: &[u8], place: Place) -> Result<(), Unreadable> {
        for (name, value) in percent::pairs(form) {
            let name = str::from_utf8(&name).map_err(|_| not_text(place))?;
            let value = str::from_utf8(&value).map_err(|_| not_text(place))?;
            self.push_another(name, value, place)?;
        }
        Ok(())
    }

    fn read_json(&mut self, json: &[u8]) -> Result<(), Unreadable> {
        let json = str::from_utf8(json).map_err(|_| not_text(Place::Body))?;
        if json.is_empty() {
            return Ok(());
        }
        let Members(members) = serde_json::from_str(json).map_err(|_| Unreadable::NotJson)?;
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::String(text) => self.push_another(&name, &text, Place::Body)?,
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    self.push_another(&name, &value.to_string(), Place::Body)?;
                }
            }
        }
        Ok(())
    }

    fn push_another(&mut self, name: &str, value: &str, place: Place) -> Result<(), Unreadable> {
        if self.pairs.len() == MAX_PARAMETERS {
            return Err(Unreadable::TooMany);
        }
        self.push(name, value, place);
        Ok(())
    }

    fn push(&mut self, name: &str, value: &str, place: Place) {
        let start = self.text.len();
        self.text.push_str(name);
        self.text.push_str(value);
        self.pairs.push(Pair { name: start, value: start + name.len(), end: self.text.len(), place });
    }

    /// Orders by name; what repeats stays in the order it came.
    fn order(&mut self) {
        let text = &self.text;
        self.pairs.sort_by(|a, b| text[a.name..a.value].cmp(&text[b.name..b.value]));
    }

    fn repeated(&self) -> Option<&str> {
        self.pairs
            .windows(2)
            .find(|two| two[0].place == two[1].place && self.name(&two[0]) == self.name(&two[1]))
            .map(|two| self.name(&two[0]))
    }

    /// Leaves the last of each name.
    fn merge(&mut self) {
        let text = &self.text;
        self.pairs.dedup_by(|later, kept| {
            let same = text[later.name..later.value] == text[kept.name..kept.value];
            if same {
                *kept = *later;
            }
            same
        });
    }

    fn name(&self, pair: &Pair) -> &str {
        &self.text[pair.name..pair.value]
    }

    fn value(&self, pair: &Pair) -> &str {
        &self.text[pair.value..pair.end]
    }
}

/// Names only, since values hold passwords.
impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

fn not_text(place: Place) -> Unreadable {
    Unreadable::NotText(match place {
        Place::Query => "query",
        Place::Body => "body",
    })
}

/// The members of a JSON object, repeats included.
struct Members(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, body: Body<'_>) -> Result<Vec<(String, String)>, Unreadable> {
        let parameters = Parameters::read(query, body)?;
        Ok(parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn pairs(expected: &[(&str, &str)]) -> Result<Vec<(String, String)>, Unreadable> {
        Ok(expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_body_wins_over_the_query() {
        let found = read("b=query&a=1", Body::Form(b"c=3&b=body"));

        assert_eq!(found, pairs(&[("a", "1"), ("b", "body"), ("c", "3")]));
    }

    #[test]
    fn a_name_is_found_by_its_case() {
        let parameters = Parameters::read("Users.2=b&Users=x&Users.1=", Body::None).unwrap();

        assert_eq!(parameters.get("Users.1"), Some(""));
        assert_eq!(parameters.get("Users"), Some("x"));
        assert_eq!(parameters.get("users"), None);
    }

    #[test]
    fn what_repeats_in_one_place_is_refused() {
        let repeated = Err(Unreadable::Repeated("a".to_owned()));

        assert_eq!(read("a=1&b=2&%61=3", Body::None), repeated);
        assert_eq!(read("", Body::Form(b"a=1&a=1")), repeated);
        assert_eq!(read("", Body::Json(br#"{"a":1,"a":2}"#)), repeated);
    }

    #[test]
    fn what_is_not_text_is_refused() {
        for query in ["a=%FF", "%E5=a", "a=%E5%BC"] {
            assert_eq!(read(query, Body::None), Err(Unreadable::NotText("query")));
        }
        // Two halves of one character are not text, even where they lie side by side.
        let halves = Body::Form(b"%E5%BC=%A0");
        assert_eq!(read("", halves), Err(Unreadable::NotText("body")));
        let raw = Body::Form(b"a=\xFF");
        assert_eq!(read("", raw), Err(Unreadable::NotText("body")));
        let json = Body::Json(b"{\"a\":\"\xFF\"}");
        assert_eq!(read("", json), Err(Unreadable::NotText("body")));
    }

    #[test]
    fn ten_thousand_parameters_are_the_limit() {
        let query: String = (0..MAX_PARAMETERS).map(|n| format!("n{n}=&")).collect();

        assert!(read(&query, Body::None).is_ok());
        assert_eq!(read(&query, Body::Form(b"x=")), Err(Unreadable::TooMany));
    }

    #[test]
    fn members_of_a_json_body_are_parameters() {
        let body = br#"{"T":"x y","N":12,"B":true,"Z":null,"L":[1,"\u5f20"],"O":{"k":null}}"#;
        let expected = [("B", "true"), ("L", "[1,\"张\"]"), ("N", "12"), ("O", "{\"k\":null}"), ("T", "x y")];

        assert_eq!(read("", Body::Json(body)), pairs(&expected));
        assert_eq!(read("", Body::Json(b"")), pairs(&[]));
    }

    #[test]
    fn a_json_body_is_one_object() {
        for body in ["[1]", "{", "1", "{} {}", "nonsense", " "] {
            let found = read("", Body::Json(body.as_bytes()));
            assert_eq!(found, Err(Unreadable::NotJson), "{body}");
        }
    }

    #[test]
    fn the_last_of_decoded_pairs_counts() {
        let twice = [("a", "1"), ("b", "2"), ("a", "3")];
        let parameters =
            Parameters::from_pairs(twice.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());

        assert_eq!(parameters.get("a"), Some("3"));
        assert_eq!(parameters.iter().count(), 2);
    }
}
