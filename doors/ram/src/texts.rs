//! Texts as this door takes them, and shows them.
//!
//! Source: `reference/ram.md` 2, 4, 5.

use model::ram::{RamPolicyName, RamUserName, RoleName};
use model::text::{Line, NotText, Prose};

use crate::words::{Refused, given};

/// A user's name.
pub(crate) fn user(text: &str, parameter: &'static str) -> Result<RamUserName, Refused> {
    RamUserName::new(text).map_err(|fault| Refused::Text(parameter, fault))
}

/// A user's name, where one is given.
pub(crate) fn some_user(text: Option<&String>) -> Result<Option<RamUserName>, Refused> {
    given(text).map(|name| user(name, "UserName")).transpose()
}

/// A role's name.
pub(crate) fn role(text: &str) -> Result<RoleName, Refused> {
    RoleName::new(text).map_err(|fault| Refused::Text("RoleName", fault))
}

/// A policy's name.
pub(crate) fn policy(text: &str) -> Result<RamPolicyName, Refused> {
    RamPolicyName::new(text).map_err(|fault| Refused::Text("PolicyName", fault))
}

/// One line; absent and empty are the same.
pub(crate) fn line<const MAX: usize>(
    text: Option<&String>,
    parameter: &'static str,
) -> Result<Line<MAX>, Refused> {
    let text = text.map(String::as_str).unwrap_or_default();
    Line::new(text).map_err(|fault| Refused::Text(parameter, fault))
}

/// One line that says something, where it is given.
pub(crate) fn some_line<const MAX: usize>(
    text: Option<&String>,
    parameter: &'static str,
) -> Result<Option<Line<MAX>>, Refused> {
    if text.is_some_and(String::is_empty) {
        return Err(Refused::Text(parameter, NotText::Length));
    }
    text.map(|_| line(text, parameter)).transpose()
}

/// Text of several lines; absent and empty are the same.
pub(crate) fn prose<const MAX: usize>(
    text: Option<&String>,
    parameter: &'static str,
) -> Result<Prose<MAX>, Refused> {
    let text = text.map(String::as_str).unwrap_or_default();
    Prose::new(text).map_err(|fault| Refused::Text(parameter, fault))
}

/// An e-mail address: something, `@`, and something else, without blanks; absent and empty are the same.
pub(crate) fn email(text: Option<&String>, parameter: &'static str) -> Result<Line<128>, Refused> {
    formed(text, parameter, |text| {
        let sides = text.split_once('@').filter(|(name, domain)| !name.is_empty() && !domain.is_empty());
        sides.is_some_and(|(_, domain)| !domain.contains('@')) && !text.contains(char::is_whitespace)
    })
}

/// A mobile phone: the digits of its country, `-`, and its own; absent and empty are the same.
pub(crate) fn mobile(text: Option<&String>, parameter: &'static str) -> Result<Line<64>, Refused> {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    formed(text, parameter, |text| {
        text.split_once('-').is_some_and(|(country, number)| digits(country, 6) && digits(number, 20))
    })
}

fn formed<const MAX: usize>(
    text: Option<&String>,
    parameter: &'static str,
    has_form: impl Fn(&str) -> bool,
) -> Result<Line<MAX>, Refused> {
    let line = Line::new(given(text).unwrap_or_default()).map_err(|_| Refused::Format(parameter))?;
    if line.given().is_none_or(has_form) { Ok(line) } else { Err(Refused::Format(parameter)) }
}

/// A text as answers show it: absent where it is empty.
pub(crate) fn shown(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_phones_have_a_form() {
        for (text, fits) in [
            ("a@b", true),
            ("李雷@例子.中国", true),
            ("", true),
            ("a", false),
            ("@b", false),
            ("a@", false),
            ("a@b@c", false),
            ("a b@c", false),
            ("a@b\n", false),
        ] {
            assert_eq!(email(Some(&text.to_owned()), "Email").is_ok(), fits, "{text:?}");
        }
        for (text, fits) in [
            ("86-13800000000", true),
            ("", true),
            ("13800000000", false),
            ("+86-138", false),
            ("86-", false),
            ("-138", false),
            ("86-138-1", false),
            ("٨٦-138", false),
        ] {
            assert_eq!(mobile(Some(&text.to_owned()), "MobilePhone").is_ok(), fits, "{text:?}");
        }
        assert!(email(None, "Email").is_ok() && mobile(None, "MobilePhone").is_ok());
        assert!(email(Some(&format!("a@{}", "b".repeat(127))), "Email").is_err());
    }
}
