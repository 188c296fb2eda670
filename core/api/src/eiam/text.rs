//! What the checks of requests say of texts, and the rules behind it. Lengths count Unicode scalar values.
//!
//! Source: `reference/eiam.md`, 3; `reference/doors.md` §0.4.

use model::text::{Line, Prose};
use wire::{Undecodable, require};

use crate::Password;

/// A required text, for which the empty one is as good as none.
pub(super) fn filled(text: &str, name: &'static str) -> Result<(), Undecodable> {
    require(!text.is_empty(), name)
}

/// Characters that an id has at most; ours have fewer.
const LONGEST_ID: usize = 64;

/// An id of something, which must be said. A text that is too long to be one is refused before anything is made of it.
pub(super) fn id(text: &str, name: &'static str) -> Result<(), Undecodable> {
    filled(text, name)?;
    if text.len() > LONGEST_ID { Err(Undecodable::Invalid(name.to_owned())) } else { Ok(()) }
}

/// Whether an optional text says anything; the empty one does not.
pub(super) fn given(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

/// A parameter that has to keep a form: `Invalid`, with its name, unless it `fits`.
pub(super) fn valid(fits: bool, name: &'static str) -> Result<(), Undecodable> {
    if fits { Ok(()) } else { Err(Undecodable::Invalid(name.to_owned())) }
}

/// One line of at most `MAX` characters, no control characters.
pub(super) fn line<const MAX: usize>(text: Option<&str>, name: &'static str) -> Result<(), Undecodable> {
    valid(text.is_none_or(|text| Line::<MAX>::new(text).is_ok()), name)
}

/// At most `MAX` characters, of the control characters only tab and newline.
pub(super) fn prose<const MAX: usize>(text: Option<&str>, name: &'static str) -> Result<(), Undecodable> {
    valid(text.is_none_or(|text| Prose::<MAX>::new(text).is_ok()), name)
}

/// A username that EIAM gives: 1 to 256 of letters, digits, `_`, `.`, `@`, `-`.
pub(super) fn is_username(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.@-".contains(&b);
    (1..=256).contains(&text.len()) && text.bytes().all(allowed)
}

/// The region of a number: 1 to 6 digits, without the prefix `00`.
pub(super) fn is_phone_region(text: &str) -> bool {
    (1..=6).contains(&text.len()) && digits(text) && !text.starts_with("00")
}

/// A telephone number: 6 to 15 digits.
pub(super) fn is_phone_number(text: &str) -> bool {
    (6..=15).contains(&text.len()) && digits(text)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// An address of at most 128 characters: before the `@` letters, digits, `.`, `_`, `-`; after it a domain of
/// two labels or more, which may hold letters of any script.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let fits = !local.is_empty() && local.bytes().all(allowed);
    fits && domain.contains('.') && domain.split('.').all(label) && text.chars().count() <= 128
}

/// 1 to 64 characters, neither blanks nor control characters; which ones a policy wants is not for here.
pub(super) fn is_password(password: &Password) -> bool {
    let fits = |c: char| !c.is_whitespace() && !c.is_control();
    password
        .secret()
        .reveal_text()
        .is_some_and(|text| (1..=64).contains(&text.chars().count()) && text.chars().all(fits))
}

/// A `ClientToken`: at most 64 characters of ASCII.
pub(super) fn client_token(token: Option<&str>) -> Result<(), Undecodable> {
    line::<64>(token, "ClientToken")?;
    valid(token.is_none_or(str::is_ascii), "ClientToken")
}

/// The address and the number that `CreateUser` and `UpdateUser` take, and what has to come with them.
///
/// Source: `reference/eiam.md`, 3, "Conditional requirements".
pub(super) struct Contact<'a> {
    pub(super) phone_region: Option<&'a str>,
    pub(super) phone_number: Option<&'a str>,
    pub(super) phone_number_verified: Option<bool>,
    pub(super) email: Option<&'a str>,
    pub(super) email_verified: Option<bool>,
}

impl Contact<'_> {
    /// That a number comes with its region and both kinds with their flag.
    pub(super) fn is_whole(&self) -> Result<(), Undecodable> {
        let calls = given(self.phone_number);
        require(!calls || given(self.phone_region), "PhoneRegion")?;
        require(!calls || self.phone_number_verified.is_some(), "PhoneNumberVerified")?;
        require(!given(self.email) || self.email_verified.is_some(), "EmailVerified")
    }

    /// That what is given has its form.
    pub(super) fn is_well_formed(&self) -> Result<(), Undecodable> {
        let fits = |text: Option<&str>, rule: fn(&str) -> bool| !given(text) || text.is_some_and(rule);
        valid(fits(self.phone_region, is_phone_region), "PhoneRegion")?;
        valid(fits(self.phone_number, is_phone_number), "PhoneNumber")?;
        valid(fits(self.email, is_email), "Email")
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
    fn usernames() {
        let (longest, longer) = ("a".repeat(256), "a".repeat(257));
        table(
            is_username,
            &["a", "user_001", "A.b@c-d", "-", "@", &longest],
            &["", "a b", "a+b", "张三", "a\n", "a\0", "é", &longer],
        );
    }

    #[test]
    fn phones() {
        table(is_phone_region, &["1", "86", "123456", "0"], &["", "+86", "0086", "1234567", "8 6", "٨٦"]);
        table(
            is_phone_number,
            &["123456", "12345678901", "123456789012345"],
            &["", "12345", "1234567890123456", "+8612345", "138 0000", "123-456"],
        );
    }

    #[test]
    fn emails() {
        let longest = format!("{}@b.cn", "a".repeat(123));
        let longer = format!("a{longest}");
        table(
            is_email,
            &["example@example.com", "A.b_c-9@x-y.co.uk", "a@例子.中国", "a@1.2", &longest],
            &[
                "", "a", "@b.cn", "a@", "a@b", "a@b.", "a@.cn", "a@-b.cn", "a@b-.cn", "a+b@c.cn", "a b@c.cn",
                "张@b.cn", "a@b@c.cn", "a@b c.cn", "a@b.cn\n", "a@b..cn", &longer,
            ],
        );
    }

    #[test]
    fn passwords() {
        let (longest, longer) = ("密".repeat(64), "密".repeat(65));
        table(
            |text| is_password(&Password::new(text)),
            &["1", "Secret-123", "pässwörd", &longest],
            &["", "a b", "a\tb", "a\n", "a\0", "a\u{3000}b", "a\u{85}", &longer],
        );
    }

    #[test]
    fn client_tokens() {
        let (longest, longer) = ("~".repeat(64), "~".repeat(65));
        table(
            |text| client_token(Some(text)).is_ok(),
            &["", "client-token-example", "a b", &longest],
            &["é", "a\n", "a\u{7f}", &longer],
        );
    }

    #[test]
    fn lines_and_prose_count_characters() {
        let fits = |text: &str| line::<2>(Some(text), "A").is_ok();
        table(|text| prose::<2>(Some(text), "A").is_ok(), &["", "张三", "\t\n"], &["张三丰", "\0", "\r"]);
        for (text, expected) in [("", true), ("张三", true), ("张三丰", false), ("\n", false), ("\t", false)]
        {
            assert_eq!(fits(text), expected, "{text:?}");
        }
        assert_eq!(line::<2>(None, "A"), Ok(()));
        assert_eq!(line::<2>(Some("abc"), "A"), Err(Undecodable::Invalid("A".to_owned())));
    }
}
