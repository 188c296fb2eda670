//! Who acts for an account beside its root, and the policies that say what they may.
//!
//! Source: `reference/protocol.md` §7.5, §7.6.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::account::AccountUid;
use crate::id::Number;
use crate::text::{Line, NotText, Prose};
use crate::time::Millis;

/// Of what letters the names of one kind are made, and of how many.
struct Letters {
    least: usize,
    most: usize,
    /// Beside letters and digits.
    others: &'static [u8],
}

/// A name of ASCII letters, digits and a few signs, which is one thing's alone whatever its case.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $least:literal, $most:literal, $others:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $name(String);

            impl $name {
                /// Checks `text`.
                ///
                /// # Errors
                /// `Length` where it is too short or too long, `Character` for any other sign.
                pub fn new(text: impl Into<String>) -> Result<Self, NotText> {
                    checked(text.into(), &Letters { least: $least, most: $most, others: $others }).map(Self)
                }

                /// As it was given.
                pub fn as_str(&self) -> &str {
                    &self.0
                }

                /// As it is compared: in lower case.
                pub fn key(&self) -> String {
                    self.0.to_ascii_lowercase()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str(&self.0)
                }
            }
        )*
    };
}

names! {
    /// The name of a RAM user: 1 to 64 letters, digits, `.`, `-` and `_`.
    RamUserName: 1, 64, b".-_";
    /// The name of a role: 1 to 64 letters, digits, `.`, `-` and `_`.
    RoleName: 1, 64, b".-_";
    /// The name of a policy: 1 to 128 letters, digits and `-`.
    RamPolicyName: 1, 128, b"-";
    /// What whoever assumes a role calls the session: 2 to 64 letters, digits, `.`, `@`, `-` and `_`.
    SessionName: 2, 64, b".@-_";
}

fn checked(text: String, letters: &Letters) -> Result<String, NotText> {
    if !(letters.least..=letters.most).contains(&text.len()) {
        return Err(NotText::Length);
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || letters.others.contains(&byte);
    if text.bytes().all(fits) { Ok(text) } else { Err(NotText::Character) }
}

/// A RAM user: somebody, or a program, that acts for an account with AccessKeys of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RamUser {
    /// What rows call it.
    #[serde(skip)]
    pub number: Number,
    /// 18 digits.
    pub id: String,
    /// Its name, one user's alone in its account.
    pub name: RamUserName,
    /// What people call it.
    pub display_name: Line<128>,
    /// A free remark.
    pub comments: Line<128>,
    /// An e-mail address; nothing is sent there.
    pub email: Line<128>,
    /// A mobile phone, `86-13800000000`.
    pub mobile: Line<64>,
    /// When it was made.
    #[serde(skip)]
    pub created: Millis,
    /// When what is said here last changed.
    #[serde(skip)]
    pub updated: Millis,
}

/// A role: what others may act as for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    /// What rows call it.
    #[serde(skip)]
    pub number: Number,
    /// 18 digits.
    pub id: String,
    /// Its name, one role's alone in its account.
    pub name: RoleName,
    /// A free remark.
    pub description: Prose<1024>,
    /// The document that says who may assume it.
    pub trust: String,
    /// How long a session may last at most, in seconds: 3,600 to 43,200.
    pub longest: i64,
    /// When it was made.
    #[serde(skip)]
    pub created: Millis,
    /// When what is said here last changed.
    #[serde(skip)]
    pub updated: Millis,
}

/// A policy of the account's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomPolicy {
    /// Its name, one policy's alone in its account.
    pub name: RamPolicyName,
    /// A free remark.
    pub description: Prose<1024>,
    /// The document.
    pub document: String,
    /// Which document it is, counted from 1.
    pub version: i64,
    /// When it was made.
    #[serde(skip)]
    pub created: Millis,
    /// When its document last changed.
    #[serde(skip)]
    pub updated: Millis,
}

/// Whose a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Every account has it, and nobody changes it.
    System,
    /// The account has made it.
    Custom,
}

/// Who has policies: a RAM user or a role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The user with this number.
    User(Number),
    /// The role with this number.
    Role(Number),
}

impl PolicyKind {
    /// As requests and answers spell it: `System`, `Custom`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Custom => "Custom",
        }
    }
}

impl Holder {
    /// The number of the user or the role.
    pub const fn number(self) -> Number {
        match self {
            Self::User(number) | Self::Role(number) => number,
        }
    }
}

/// The ARN of something that belongs to an account and to RAM: `relative` is `root`, `user/<name>`, `role/<name>`.
pub fn arn(account: AccountUid, relative: &str) -> String {
    format!("acs:ram::{}:{relative}", account.0)
}

/// The account and the rest of an ARN of RAM; `None` where it is none, or is written otherwise than [`arn`] writes it:
/// one thing has one ARN, or a policy that names it would not bind who spells it otherwise.
pub fn read_arn(text: &str) -> Option<(AccountUid, &str)> {
    let (account, relative) = text.strip_prefix("acs:ram::")?.split_once(':')?;
    let uid = AccountUid(account.parse().ok()?);
    (arn(uid, relative) == text).then_some((uid, relative))
}

/// The 18 digits that users are known by outside, from their number.
pub fn user_id(number: Number) -> String {
    format!("20{:016}", number.0)
}

/// The 18 digits that roles are known by outside, from their number.
pub fn role_id(number: Number) -> String {
    format!("30{:016}", number.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_few_signs_and_compared_without_case() {
        let long = "a".repeat(65);
        for (text, expected) in [
            ("alice.li-1_x", Ok(())),
            ("", Err(NotText::Length)),
            (long.as_str(), Err(NotText::Length)),
            ("a b", Err(NotText::Character)),
            ("李雷", Err(NotText::Character)),
            ("a/b", Err(NotText::Character)),
        ] {
            assert_eq!(RamUserName::new(text).map(drop), expected, "{text}");
        }
        assert_eq!(RamUserName::new("Alice").expect("letters").key(), "alice");
        assert_eq!(RamPolicyName::new("a.b"), Err(NotText::Character));
        assert_eq!(SessionName::new("a"), Err(NotText::Length));
        assert!(SessionName::new("a@").is_ok());
    }

    #[test]
    fn arns_are_read_as_they_are_written() {
        let account = AccountUid(1_000_000_000_000_001);
        let text = arn(account, "role/reader");

        assert_eq!(text, "acs:ram::1000000000000001:role/reader");
        assert_eq!(read_arn(&text), Some((account, "role/reader")));
        let foreign =
            ["", "acs:ram:*:1:root", "acs:ram::x:root", "acs:ram:::root", "acs:ecd::1:root", "acs:ram::1"];
        let respelt = [
            "acs:ram::01:root",
            "acs:ram::+1:root",
            "acs:ram::-0:root",
            "acs:ram:: 1:root",
            "ACS:ram::1:root",
        ];
        for wrong in foreign.into_iter().chain(respelt) {
            assert_eq!(read_arn(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ids_have_18_digits() {
        assert_eq!(user_id(Number(445_412_966_400_677)), "200445412966400677");
        assert_eq!(role_id(Number(1)).len(), 18);
    }
}
