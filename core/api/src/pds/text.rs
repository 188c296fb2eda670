//! What the checks of requests say of texts, and the rules behind it. Lengths count Unicode scalar values.
//!
//! Source: `reference/pds.md` §7; `reference/doors.md` §0.4.

use model::text::{Line, Prose, Username};
use serde::de::value::StringDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use wire::pds::Unfit;

use crate::Password;

/// The most that a URL of an avatar may have, in bytes.
const MAX_URL_BYTES: usize = 4 << 10;
/// The most that an avatar in the request itself may have, in bytes as they travel.
const MAX_DATA_BYTES: usize = 300 << 10;

/// A text that must have characters: `Empty`, with its name, unless it has.
pub(super) fn filled(text: &str, name: &'static str) -> Result<(), Unfit> {
    if text.is_empty() { Err(Unfit::Empty(name.to_owned())) } else { Ok(()) }
}

/// Whether an optional text says anything; the empty one does not.
pub(super) fn given(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// A parameter that has to keep a form: `Invalid`, with its name, unless it `fits`.
pub(super) fn valid(fits: bool, name: &'static str) -> Result<(), Unfit> {
    if fits { Ok(()) } else { Err(Unfit::Invalid(name.to_owned())) }
}

/// One line of at most `MAX` characters, no control characters.
pub(super) fn line<const MAX: usize>(text: Option<&str>, name: &'static str) -> Result<(), Unfit> {
    valid(text.is_none_or(|text| Line::<MAX>::new(text).is_ok()), name)
}

/// The same, with at least one character.
pub(super) fn label<const MAX: usize>(text: Option<&str>, name: &'static str) -> Result<(), Unfit> {
    text.map_or(Ok(()), |text| filled(text, name))?;
    line::<MAX>(text, name)
}

/// At most `MAX` characters, of the control characters only tab and newline.
pub(super) fn prose<const MAX: usize>(text: Option<&str>, name: &'static str) -> Result<(), Unfit> {
    valid(text.is_none_or(|text| Prose::<MAX>::new(text).is_ok()), name)
}

/// The parameter `user_id`.
pub(super) fn user_id(text: Option<&str>) -> Result<(), Unfit> {
    valid(text.is_none_or(is_user_id), "user_id")
}

/// A user's id: 1 to 64 characters, neither `#` nor control characters.
///
/// Source: `reference/doors.md` §3.2.
pub(super) fn is_user_id(text: &str) -> bool {
    !text.is_empty() && !text.contains('#') && Line::<64>::new(text).is_ok()
}

/// The parameters `user_id` and `user_name` of a new user: without a name the id is the username.
///
/// Source: `reference/doors.md` §1 and §5.
pub(super) fn username(user_id: &str, user_name: Option<&str>) -> Result<(), Unfit> {
    let Some(name) = user_name.filter(|name| !name.is_empty()) else {
        return valid(Username::new(user_id).is_ok(), "user_id");
    };
    line::<128>(Some(name), "user_name")?;
    valid(Username::new(name).is_ok(), "user_name")
}

/// The parameter `avatar`.
pub(super) fn avatar(text: Option<&str>) -> Result<(), Unfit> {
    valid(text.is_none_or(is_avatar), "avatar")
}

/// A picture: nothing, a URL, or `data:` with base64, which may have slashes after the colon and a media type.
///
/// Source: `reference/pds.md` §7.4.
fn is_avatar(text: &str) -> bool {
    if let Some(data) = text.strip_prefix("data:") {
        let data = data.strip_prefix("//").unwrap_or(data);
        let data = data.split_once(";base64,").map_or(data, |(_, data)| data);
        return text.len() <= MAX_DATA_BYTES && is_base64(data);
    }
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    text.is_empty()
        || host.is_some_and(|host| !host.is_empty() && text.len() <= MAX_URL_BYTES && host.chars().all(plain))
}

/// Base64 of something, in either alphabet, padded or not.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let whole =
        if padding == 0 { digits.len() % 4 != 1 } else { padding < 3 && text.len().is_multiple_of(4) };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+/-_".contains(&b);
    !digits.is_empty() && whole && digits.bytes().all(allowed)
}

/// The parameter `phone_region`.
pub(super) fn phone_region(text: Option<&str>) -> Result<(), Unfit> {
    valid(text.is_none_or(|text| text.is_empty() || is_region(text)), "phone_region")
}

/// The region of a number: 1 to 6 digits, which `+` or `00` may precede.
///
/// Source: `reference/doors.md` §1 and §2.3.
pub(super) fn is_region(text: &str) -> bool {
    let digits = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).unwrap_or(text);
    (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The parameter `plain_password`: 1 to 256 characters; which ones a policy wants is not for here.
///
/// Source: `reference/doors.md` §1.2.
pub(super) fn plain_password(password: Option<&Password>) -> Result<(), Unfit> {
    let fits = |password: &Password| {
        password.secret().reveal_text().is_some_and(|text| (1..=256).contains(&text.chars().count()))
    };
    valid(password.is_none_or(fits), "plain_password")
}

/// Reads a word of a list, in any case; another one says nothing.
pub(super) fn known_word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let read = |text: String| {
        let word: StringDeserializer<D::Error> = text.to_lowercase().into_deserializer();
        T::deserialize(word).ok()
    };
    Ok(text.and_then(read))
}

/// Reads a truth, which travels as text in a query.
pub(super) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Plain(bool),
        Text(String),
    }
    match Option::<Truth>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Truth::Plain(truth)) => Ok(Some(truth)),
        Some(Truth::Text(text)) => match text.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(D::Error::invalid_value(Unexpected::Str(&text), &"a truth")),
        },
    }
}

/// A text that some callers send as a number: the region `86`.
///
/// Source: `reference/pds.md` §6.5.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Extra(String);

impl Extra {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Extra {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExtraVisitor)
    }
}

struct ExtraVisitor;

impl Visitor<'_> for ExtraVisitor {
    type Value = Extra;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a text or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Extra, E> {
        Ok(Extra(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Extra, E> {
        Ok(Extra(number.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rule: fn(&str) -> bool, fit: &[&str], unfit: &[&str]) {
        for text in fit {
            assert!(rule(text), "{text:?}");
        }
        for text in unfit {
            assert!(!rule(text), "{text:?}");
        }
    }

    #[test]
    fn user_ids() {
        let (longest, longer) = ("张".repeat(64), "张".repeat(65));
        table(
            is_user_id,
            &["u", "a b", "a@b.cn", "ou_o", "123", &longest],
            &["", "#", "a#b", "a\n", "\u{7f}", &longer],
        );
    }

    #[test]
    fn usernames() {
        let fits = |id: &str, name: Option<&str>| username(id, name);
        let invalid = |name: &str| Err(Unfit::Invalid(name.to_owned()));
        assert_eq!(fits("u", None), Ok(()));
        assert_eq!(fits("u", Some("")), Ok(()));
        assert_eq!(fits("  ", Some("张 三")), Ok(()));
        assert_eq!(fits("  ", Some("")), invalid("user_id"));
        assert_eq!(fits("a\u{200d}b", None), invalid("user_id"));
        assert_eq!(fits("u", Some(" ")), invalid("user_name"));
        assert_eq!(fits("u", Some(&"x".repeat(128))), Ok(()));
        assert_eq!(fits("u", Some(&"x".repeat(129))), invalid("user_name"));
    }

    #[test]
    fn avatars() {
        let url = |bytes: usize| format!("https://{}", "a".repeat(bytes - 8));
        let data = |bytes: usize| format!("data:{}", "A".repeat(bytes - 5));
        table(
            is_avatar,
            &[
                "",
                "http://a",
                "https://a.cn/b.png?c=d#e",
                "data:AAAA",
                "data://AA==",
                "data:AA",
                "data:image/png;base64,iVBORw0KGgo=",
                "data:a-_A",
                &url(4096),
                &data(307_197),
            ],
            &[
                "a",
                "AAAA",
                "http://",
                "https://",
                "ftp://a",
                "https://a b",
                "data:",
                "data://",
                "data:A",
                "data:A===",
                "data:AAA==",
                "data:A A=",
                "data:image/png,AAAA",
                "https://a\n",
                &url(4097),
                &data(307_205),
            ],
        );
    }

    #[test]
    fn regions() {
        table(
            is_region,
            &["86", "+86", "0086", "1", "123456"],
            &["", "+", "00", "8 6", "1234567", "+-1", "٨٦"],
        );
    }

    #[test]
    fn passwords() {
        let fits = |text: &str| plain_password(Some(&Password::new(text))).is_ok();
        for (text, expected) in
            [("1", true), ("", false), (&*"密".repeat(256), true), (&*"密".repeat(257), false)]
        {
            assert_eq!(fits(text), expected, "{} characters", text.chars().count());
        }
        assert_eq!(plain_password(None), Ok(()));
    }

    #[test]
    fn lines_labels_and_prose() {
        for (text, of_line, of_label, of_prose) in [
            ("", true, false, true),
            ("张三", true, true, true),
            ("张三丰", false, false, false),
            ("\n", false, false, true),
            ("\0", false, false, false),
        ] {
            assert_eq!(line::<2>(Some(text), "a").is_ok(), of_line, "{text:?}");
            assert_eq!(label::<2>(Some(text), "a").is_ok(), of_label, "{text:?}");
            assert_eq!(prose::<2>(Some(text), "a").is_ok(), of_prose, "{text:?}");
        }
        assert_eq!(label::<2>(Some(""), "a"), Err(Unfit::Empty("a".to_owned())));
        assert_eq!(label::<2>(None, "a"), Ok(()));
    }
}
