//! What this door accepts of names, addresses, numbers and passwords.
//!
//! Source: `reference/eds-user.md` 2 and its notes; phones: `reference/doors.md` §2.3.

use model::text::{Email, Line, Phone, Username};

/// Lengths of a password, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 10..=256;
/// Classes of characters that a password must have at least.
const CLASSES: usize = 3;

/// An `EndUserId`: 3 to 24 of `a-z`, `0-9`, `_`, and `-` where the installation allows it.
pub(crate) fn username(text: &str, hyphens: bool) -> Option<Username> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || (hyphens && b == b'-');
    let fits = (3..=24).contains(&text.len()) && text.bytes().all(allowed);
    fits.then(|| Username::new(text).ok()).flatten()
}

/// `local@domain.tld`: the top level has two letters or more and is not `local`.
pub(crate) fn email(text: &str) -> Option<Email> {
    let (local, domain) = text.rsplit_once('@')?;
    let (rest, top) = domain.rsplit_once('.')?;
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let local_fits = !local.is_empty() && !local.contains(|c: char| c.is_whitespace() || c == '@');
    let is_encoded = top.to_ascii_lowercase().starts_with("xn--") && label(top);
    let top_fits = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) || is_encoded;
    let fits = local_fits && rest.split('.').all(label) && top_fits && !top.eq_ignore_ascii_case("local");
    fits.then(|| Email::new(text).ok()).flatten()
}

/// A mobile number of region 86, with or without its prefix, blanks and hyphens.
pub(crate) fn phone(text: &str) -> Option<Phone> {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let number = bare.strip_prefix("+86").or_else(|| bare.strip_prefix("0086")).unwrap_or(&bare);
    let fits = number.len() == 11 && number.starts_with('1') && number.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Some(Phone { region: Line::new("86").ok()?, number: Line::new(number).ok()? })).flatten()
}

/// As this door shows a number: of region 86 bare, of others with their region.
pub(crate) fn shown(phone: &Phone) -> String {
    match phone.region.as_str() {
        "86" => phone.number.as_str().to_owned(),
        region => format!("+{region}{}", phone.number.as_str()),
    }
}

/// 10 to 256 characters, at least three of: upper case, lower case, digits, others; a blank is of no class.
pub(crate) fn is_password(text: &str) -> bool {
    let classes: [fn(char) -> bool; 4] = [
        |c| c.is_ascii_uppercase(),
        |c| c.is_ascii_lowercase(),
        |c| c.is_ascii_digit(),
        |c| !c.is_ascii_alphanumeric() && !c.is_whitespace() && !c.is_control(),
    ];
    let there = classes.iter().filter(|class| text.chars().any(class)).count();
    PASSWORD.contains(&text.chars().count()) && there >= CLASSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames() {
        let cases = [
            ("abc", true),
            ("a_9", true),
            (&"a".repeat(24), true),
            ("ab", false),
            (&"a".repeat(25), false),
            ("Abc", false),
            ("a-b", false),
            ("a b", false),
            ("张三丰", false),
            ("", false),
        ];
        for (text, fits) in cases {
            assert_eq!(username(text, false).is_some(), fits, "{text:?}");
        }
        assert!(username("obx-0123", true).is_some());
    }

    #[test]
    fn emails() {
        let cases = [
            ("a@example.com", true),
            ("a.b+c@mail.example.co", true),
            ("张三@例子.中国", true),
            ("a@b.xn--fiqs8s", true),
            ("a@example.local", false),
            ("a@example.LOCAL", false),
            ("a@localhost", false),
            ("a@example.c", false),
            ("a@example.c0m", false),
            ("a@-example.com", false),
            ("a@exa mple.com", false),
            ("a@.com", false),
            ("@example.com", false),
            ("a@b@example.com", false),
            ("a\n@example.com", false),
            ("a\u{7}@example.com", false),
            ("", false),
            (&format!("{}@example.com", "a".repeat(117)), false),
            (&format!("{}@example.com", "a".repeat(116)), true),
        ];
        for (text, fits) in cases {
            assert_eq!(email(text).is_some(), fits, "{text:?}");
        }
    }

    #[test]
    fn phones_are_kept_without_decoration() {
        for text in ["13800000000", "+8613800000000", "008613800000000", "+86 138-0000-0000"] {
            assert_eq!(phone(text).map(|phone| shown(&phone)).as_deref(), Some("13800000000"), "{text}");
        }
        for text in
            ["", "1380000000", "138000000000", "23800000000", "1381111****", "+113800000000", "１3800000000"]
        {
            assert_eq!(phone(text), None, "{text}");
        }
        let abroad = Phone { region: Line::new("44").unwrap(), number: Line::new("7700900000").unwrap() };
        assert_eq!(shown(&abroad), "+447700900000");
    }

    #[test]
    fn passwords_need_ten_characters_of_three_classes() {
        let cases = [
            ("Abcdefgh12", true),
            ("abcdefgh1!", true),
            ("密码密码密码密码Aa", true),
            ("ABC def 123", true),
            ("abcdefgh12", false),
            ("abcdefgh 1", false),
            ("Abcdefg12", false),
            ("", false),
        ];
        for (text, fits) in cases {
            assert_eq!(is_password(text), fits, "{text:?}");
        }
        assert!(is_password(&"Aa1".repeat(85)));
        assert!(!is_password(&"Aa1!".repeat(65)));
    }
}
