//! Texts with bounds. Lengths count Unicode scalar values.
//!
//! Source: `reference/doors.md` §0.4 and §1.

use std::fmt;

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use serde::{Serialize, Serializer};

use crate::fold::Folded;

/// Why a text is none of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// It has fewer or more characters than allowed.
    #[error("too short or too long")]
    Length,
    /// It holds a character that is not allowed.
    #[error("holds a character that is not allowed")]
    Character,
}

/// What a user signs in with: 1 to 256 characters, no control or format characters, unique without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    text: String,
    key: Folded,
}

impl Username {
    /// Checks `text`.
    ///
    /// # Errors
    /// `Length` where it is empty (also once folded) or longer than 256, `Character` for control and format characters.
    pub fn new(text: impl Into<String>) -> Result<Self, NotText> {
        let text = text.into();
        let key = Folded::of(&text);
        if key.is_empty() || text.chars().count() > 256 {
            return Err(NotText::Length);
        }
        if text.chars().any(|c| c.is_control() || is_format(c)) {
            return Err(NotText::Character);
        }
        Ok(Self { text, key })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As it is compared.
    pub fn key(&self) -> &Folded {
        &self.key
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

fn is_format(c: char) -> bool {
    !c.is_ascii() && CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::Format
}

/// A name as it stands within other text: without what breaks the line, or turns round what follows.
pub fn within(name: &str) -> String {
    let joins = ['\u{200c}', '\u{200d}'];
    let category = CodePointMapData::<GeneralCategory>::new();
    let breaks = |c: char| {
        let category = category.get(c);
        [GeneralCategory::LineSeparator, GeneralCategory::ParagraphSeparator].contains(&category)
            || (category == GeneralCategory::Format && !joins.contains(&c))
    };
    name.chars().filter(|c| !breaks(*c)).collect()
}

/// One line of text, at most `MAX` characters, no control characters; empty means unset.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// Checks `text`.
    ///
    /// # Errors
    /// `Length` over `MAX` characters, `Character` for control characters.
    pub fn new(text: impl Into<String>) -> Result<Self, NotText> {
        checked(text.into(), MAX, |_| false).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, or `None` where it is unset.
    pub fn given(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }

    /// As it is compared and searched.
    pub fn folded(&self) -> Folded {
        Folded::of(&self.0)
    }
}

/// Text of several lines, at most `MAX` characters: of the control characters only tab and newline.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// Checks `text`.
    ///
    /// # Errors
    /// `Length` over `MAX` characters, `Character` for control characters other than tab and newline.
    pub fn new(text: impl Into<String>) -> Result<Self, NotText> {
        checked(text.into(), MAX, |c| c == '\t' || c == '\n').map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, or `None` where it is unset.
    pub fn given(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

fn checked(text: String, max: usize, allowed: fn(char) -> bool) -> Result<String, NotText> {
    if text.len() > max && text.chars().count() > max {
        return Err(NotText::Length);
    }
    if text.chars().any(|c| c.is_control() && !allowed(c)) {
        return Err(NotText::Character);
    }
    Ok(text)
}

/// A display name.
pub type DisplayName = Line<256>;
/// A description.
pub type Description = Prose<1024>;
/// An e-mail address as contact data; each door checks its own shape.
pub type Email = Line<128>;
/// A unit's name.
pub type UnitName = Line<128>;
/// The name of a group or a resource group.
pub type GroupName = Line<64>;
/// A group's description.
pub type GroupDescription = Prose<256>;
/// The name of a property.
pub type PropertyName = Line<64>;
/// A value of a property that users choose.
pub type PropertyValue = Line<64>;
/// A value of a property that is typed in, and any value as it is given.
pub type PropertyText = Line<1024>;
/// A description of a property.
pub type PropertyDescription = Prose<512>;
/// What another system calls a thing.
pub type ExternalId = Line<128>;

/// A directory's name.
pub type DirectoryName = Line<128>;
/// A drive's name.
pub type DriveName = Line<128>;
/// The name of a part of a directory.
pub type Label = Line<64>;

/// What the maker of a user chose to call the user by for good: 1 to 64 characters, neither `#` nor control characters;
/// compared as it is.
///
/// Source: `reference/doors.md` §3.2.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ChosenId(String);

impl ChosenId {
    /// Checks `text`.
    ///
    /// # Errors
    /// `Length` where it is empty or longer than 64, `Character` for `#` and control characters.
    pub fn new(text: impl Into<String>) -> Result<Self, NotText> {
        let text = checked(text.into(), 64, |_| false)?;
        if text.is_empty() {
            return Err(NotText::Length);
        }
        if text.contains('#') {
            return Err(NotText::Character);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What programs keep with a user: JSON of an object, which is written in at most 1,024 characters, or of a text of as
/// many.
///
/// Source: `reference/pds.md` §7.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UserData(String);

impl UserData {
    /// Checks `json`, which is written JSON.
    ///
    /// # Errors
    /// `Length` over 1,024 characters, `Character` where it is no JSON of an object or a text.
    pub fn new(json: impl Into<String>) -> Result<Self, NotText> {
        let json = json.into();
        // A text of 1,024 characters is longer as JSON, each of them taking up to six.
        if json.len() > 16 << 10 {
            return Err(NotText::Length);
        }
        let length = match serde_json::from_str(&json) {
            Ok(serde_json::Value::Object(_)) => json.chars().count(),
            Ok(serde_json::Value::String(text)) => text.chars().count(),
            Ok(_) | Err(_) => return Err(NotText::Character),
        };
        if length > 1024 { Err(NotText::Length) } else { Ok(Self(json)) }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for UserData {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

/// A telephone number: region of 1 to 6 digits without `+`, and the number's own text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// `86`.
    pub region: Line<6>,
    /// `13800000000`.
    pub number: Line<128>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_turns_nothing_round_that_stands_behind_it() {
        for (name, expected) in [
            ("alice", "alice"),
            ("\u{202e}evil\u{2028}line", "evilline"),
            ("a\u{2067}b\u{feff}c\u{ad}", "abc"),
            ("می\u{200c}خواهم 李雷 👩\u{200d}🚀", "می\u{200c}خواهم 李雷 👩\u{200d}🚀"),
        ] {
            assert_eq!(within(name), expected, "{name:?}");
        }
    }

    #[test]
    fn usernames_are_wide_but_bounded() {
        let long = "é".repeat(256);
        let cases = [
            ("alice", Ok(())),
            ("李雷 Li", Ok(())),
            (long.as_str(), Ok(())),
            ("", Err(NotText::Length)),
            ("   ", Err(NotText::Length)),
            ("a\u{200d}b", Err(NotText::Character)),
            ("a\nb", Err(NotText::Character)),
            ("a\u{85}b", Err(NotText::Character)),
        ];
        for (text, expected) in cases {
            assert_eq!(Username::new(text).map(|_| ()), expected, "{text:?}");
        }
        assert_eq!(Username::new("a".repeat(257)), Err(NotText::Length));
    }

    #[test]
    fn chosen_ids_are_any_text_but_a_mark() {
        let long = "é".repeat(64);
        for (text, expected) in [
            ("alice", Ok(())),
            ("李雷 +1/?&", Ok(())),
            (long.as_str(), Ok(())),
            ("", Err(NotText::Length)),
            ("a#b", Err(NotText::Character)),
            ("a\nb", Err(NotText::Character)),
        ] {
            assert_eq!(ChosenId::new(text).map(|_| ()), expected, "{text:?}");
        }
        assert_eq!(ChosenId::new("a".repeat(65)), Err(NotText::Length));
    }

    #[test]
    fn user_data_is_an_object_or_a_text() {
        for (json, expected) in [
            ("{}", Ok(())),
            (r#"{"a": [1, null]}"#, Ok(())),
            (r#""md""#, Ok(())),
            ("[]", Err(NotText::Character)),
            ("1", Err(NotText::Character)),
            ("{", Err(NotText::Character)),
        ] {
            assert_eq!(UserData::new(json).map(|_| ()), expected, "{json}");
        }
        let long = |n: usize| UserData::new(format!("\"{}\"", "字".repeat(n))).map(|_| ());
        assert_eq!((long(1024), long(1025)), (Ok(()), Err(NotText::Length)));
    }

    #[test]
    fn lines_hold_no_newline_and_prose_does() {
        assert_eq!(Line::<10>::new("a\nb"), Err(NotText::Character));
        assert_eq!(Prose::<10>::new("a\nb\t").map(|p| p.as_str().to_owned()), Ok("a\nb\t".to_owned()));
        assert_eq!(Prose::<10>::new("a\0"), Err(NotText::Character));
        assert_eq!(Line::<2>::new("张三").map(|l| l.as_str().to_owned()), Ok("张三".to_owned()));
        assert_eq!(Line::<2>::new("张三丰"), Err(NotText::Length));
    }
}
