//! What every document is made of: elements and texts, each of which knows where it stands.
//!
//! Source: `reference/protocol.md` §7.1.

use std::collections::BTreeMap;
use std::fmt;

use super::json::{self, Node, quoted};

/// Why a document is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It has more characters than it may have.
    #[error("longer than {most} characters")]
    TooLong {
        /// How many it may have.
        most: usize,
    },
    /// It is no JSON, or not what the grammar says.
    #[error("{reason}")]
    Grammar {
        /// Where it is wrong and how: `Statement 2, Condition: unknown operator "StringFoo"`. On one line; of the
        /// document's own text it holds short pieces.
        reason: String,
    },
}

/// The statements of a document of at most `most` characters.
pub(super) fn statements(text: &str, most: usize) -> Result<Vec<Members>, Malformed> {
    if text.chars().nth(most).is_some() {
        return Err(Malformed::TooLong { most });
    }
    let node = json::read(text).map_err(|e| Malformed::Grammar { reason: e.to_string() })?;
    let mut document = Members::of(Place(String::new()), node)?;
    let (place, version) = document.required("Version")?;
    if !matches!(&version, Node::Text(text) if text == "1") {
        return Err(place.wrong("it must be the text \"1\""));
    }
    let (place, list) = document.required("Statement")?;
    let Node::List(list) = list else {
        return Err(place.wrong(format_args!("it must be an array and is {}", list.told())));
    };
    document.finish()?;
    (1..).zip(list).map(|(number, node)| Members::of(place.item(number), node)).collect()
}

/// The texts of an element that is one of them or an array of them, each with its place.
///
/// # Errors
/// `Grammar` where it is something else, or an array of nothing.
pub(super) fn texts(place: &Place, node: Node) -> Result<Vec<(Place, String)>, Malformed> {
    let not_text = |place: &Place, node: &Node| {
        place.wrong(format_args!("it must be text in quotes and is {}", node.told()))
    };
    match node {
        Node::Text(text) => Ok(vec![(place.clone(), text)]),
        Node::List(list) if list.is_empty() => Err(place.wrong("the array is empty")),
        Node::List(list) => (1..)
            .zip(list)
            .map(|(number, node)| match node {
                Node::Text(text) => Ok((place.item(number), text)),
                Node::List(_) | Node::Object(_) | Node::Other(_) => Err(not_text(&place.item(number), &node)),
            })
            .collect(),
        Node::Object(_) | Node::Other(_) => Err(not_text(place, &node)),
    }
}

/// Reads each of these texts.
///
/// # Errors
/// `Grammar`: one cannot be read, and so is not `what`.
pub(super) fn each<T>(
    texts: Vec<(Place, String)>,
    what: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Malformed> {
    let one = |(place, text): (Place, String)| {
        read(&text).ok_or_else(|| place.wrong(format_args!("{} is not {what}", quoted(&text))))
    };
    texts.into_iter().map(one).collect()
}

/// Where in a document something stands, in words: `Statement 2, Condition, IpAddress`. The document itself has none.
#[derive(Debug, Clone)]
pub(super) struct Place(String);

impl Place {
    /// The element of this name in it.
    pub(super) fn within(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self(format!("{}, {name}", self.0)) }
    }

    /// The item of this number, from 1.
    fn item(&self, number: usize) -> Self {
        Self(format!("{} {number}", self.0))
    }

    /// The error that says what is wrong there.
    pub(super) fn wrong(&self, what: impl fmt::Display) -> Malformed {
        let reason = if self.0.is_empty() { what.to_string() } else { format!("{}: {what}", self.0) };
        Malformed::Grammar { reason }
    }
}

/// The elements of one object, which are taken out by name; what is left in the end is unknown.
pub(super) struct Members {
    place: Place,
    members: BTreeMap<String, Node>,
}

impl Members {
    /// The elements of what must be an object.
    pub(super) fn of(place: Place, node: Node) -> Result<Self, Malformed> {
        match node {
            Node::Object(members) => Ok(Self { place, members }),
            Node::Text(_) | Node::List(_) | Node::Other(_) => {
                Err(place.wrong(format_args!("it must be an object and is {}", node.told())))
            }
        }
    }

    /// All elements that are left.
    pub(super) fn rest(self) -> BTreeMap<String, Node> {
        self.members
    }

    /// The error that says what is wrong with the object.
    pub(super) fn wrong(&self, what: impl fmt::Display) -> Malformed {
        self.place.wrong(what)
    }

    /// Takes an element out, with its place.
    pub(super) fn take(&mut self, name: &str) -> Option<(Place, Node)> {
        self.members.remove(name).map(|node| (self.place.within(name), node))
    }

    /// Takes out an element that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<(Place, Node), Malformed> {
        self.take(name).ok_or_else(|| self.place.wrong(format_args!("{name} is missing")))
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), Malformed> {
        match self.members.first_key_value() {
            Some((name, _)) => Err(self.place.wrong(format_args!("unknown element {}", quoted(name)))),
            None => Ok(()),
        }
    }
}
