//! Accounts: what a user signs in with elsewhere and is known by.
//!
//! Source: `reference/pds.md` §6.5 and §12; `reference/doors.md` §2.2.

use serde::Serialize;

use crate::id::Number;
use crate::text::Line;
use crate::time::Millis;

/// How an account signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// By a telephone number.
    Mobile,
    /// By an address.
    Email,
    /// By DingTalk.
    Ding,
    /// As a user of RAM.
    Ram,
    /// By WeChat.
    Wechat,
    /// By the name in an LDAP directory.
    Ldap,
    /// By what an app calls the user.
    Custom,
    /// By a SAML identity provider.
    Saml,
}

impl LinkKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Mobile,
        Self::Email,
        Self::Ding,
        Self::Ram,
        Self::Wechat,
        Self::Ldap,
        Self::Custom,
        Self::Saml,
    ];

    /// The word that it is stored and travels under.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Email => "email",
            Self::Ding => "ding",
            Self::Ram => "ram",
            Self::Wechat => "wechat",
            Self::Ldap => "ldap",
            Self::Custom => "custom",
            Self::Saml => "saml",
        }
    }
}

/// A user's account: an identity that may be used to sign in, and is that user's alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// How it signs in.
    pub kind: LinkKind,
    /// The number, the address or the name, as it was given.
    pub identity: Line<128>,
    /// The region of a number; of others what was said, mostly nothing.
    pub extra: String,
    /// How it is shown; empty for as it was given.
    pub display_name: Line<128>,
    /// Whose it is.
    pub user: Number,
    /// Since when.
    pub created: Millis,
    /// When it last served to sign in.
    pub used: Option<Millis>,
}
