//! Words of fixed lists, as requests and answers hold them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a user may do.
///
/// Source: `reference/pds.md` §5; `reference/doors.md` §7 and §8.13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Himself and what everybody may see.
    User,
    /// Everybody but administrators.
    Admin,
    /// Everything in the domain.
    #[serde(rename = "superadmin")]
    SuperAdmin,
    /// As a user.
    Subdomain,
    /// As an administrator, over what has the same label.
    SubdomainAdmin,
    /// As the administrator of all, over what has the same label.
    SubdomainSuperAdmin,
}

impl Role {
    /// Whether an update gives it to somebody who has another one.
    ///
    /// Source: `reference/doors.md` §8.13.
    pub const fn is_given_by_update(self) -> bool {
        match self {
            Self::User | Self::Admin | Self::SuperAdmin => true,
            Self::Subdomain | Self::SubdomainAdmin | Self::SubdomainSuperAdmin => false,
        }
    }
}

/// Whether a user or a drive is in use.
///
/// Source: `reference/pds.md` §6.1 and §6.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

/// A kind of member, or of owner.
///
/// Source: `reference/pds.md` §6.4 and §6.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A user.
    User,
    /// A group.
    Group,
}

/// What a member is called in a group; it gives no rights.
///
/// Source: `reference/pds.md` §6.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// A member, which one is if nothing else is said.
    Member,
    /// An administrator.
    Admin,
}

/// A way of signing in.
///
/// Source: `reference/pds.md` §6.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationType {
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

/// By what a list of users is ordered.
///
/// Source: `reference/pds.md` §7.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderBy {
    /// By when they were made.
    CreatedAt,
    /// By when they last changed.
    UpdatedAt,
    /// By their display names.
    NickName,
    /// By their ids.
    UserId,
}

/// Which way a list is ordered.
///
/// Source: `reference/pds.md` §7.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderDirection {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_travel_as_one_word() {
        for (role, word) in [
            (Role::User, "\"user\""),
            (Role::Admin, "\"admin\""),
            (Role::SuperAdmin, "\"superadmin\""),
            (Role::Subdomain, "\"subdomain\""),
            (Role::SubdomainAdmin, "\"subdomain_admin\""),
            (Role::SubdomainSuperAdmin, "\"subdomain_super_admin\""),
        ] {
            assert_eq!(serde_json::to_string(&role).unwrap(), word);
        }
    }
}
