//! STS 2015-04-01: temporary keys, and who somebody is.
//!
//! Source: `reference/protocol.md` §5.2; `reference/ram.md` 7.

#[cfg(test)]
mod tests;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable, require};

use crate::Password;
use crate::coverage::{Excuse, Product};

/// The version that callers name.
pub const VERSION: &str = "2015-04-01";

/// The longest ARN of a role, in bytes: a name has 64, an account's id 20.
const LONGEST_ARN: usize = 128;
/// The longest external id and source identity, in characters.
const LONGEST_EXTERNAL_ID: usize = 1_224;
const LONGEST_SOURCE_IDENTITY: usize = 64;

/// `AssumeRole`: makes a temporary key of a role that trusts the caller.
///
/// Source: `reference/protocol.md` §5.2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRole {
    /// `acs:ram::<account>:role/<name>`, of another account too.
    pub role_arn: String,
    /// What the caller calls the session: 2 to 64 letters, digits, `.`, `@`, `-` and `_`.
    pub role_session_name: String,
    /// How long it is to last, in seconds: 900 to what the role allows; an hour if it is not said.
    pub duration_seconds: Option<i64>,
    /// A session policy of at most 2,048 characters, which narrows down what the role may; an empty text is none.
    pub policy: Option<String>,
    /// 2 to 1,224 letters, digits and `_+=,.@:/-`, for trust policies that ask for `sts:ExternalId`; an empty text is
    /// none.
    pub external_id: Option<String>,
    /// Who is behind the caller: 2 to 64 letters, digits and `_=,.@-`; an empty text is nobody.
    pub source_identity: Option<String>,
}

/// The answer of [`AssumeRole`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleReply {
    /// The temporary key.
    pub credentials: Credentials,
    /// Who has it.
    pub assumed_role_user: AssumedRoleUser,
    /// Who is behind the caller, as it was given.
    pub source_identity: Option<String>,
}

/// A temporary key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// Its id, which begins with `STS.`.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: Password,
    /// What has to come with each of its calls.
    pub security_token: Password,
    /// When it ends, UTC in whole seconds.
    pub expiration: String,
}

/// Who has assumed a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AssumedRoleUser {
    /// `acs:ram::<account>:role/<name>/<session>`.
    pub arn: String,
    /// `<id of the role>:<session>`.
    pub assumed_role_id: String,
}

impl Action for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const RIGHT: Right = Right::create("sts:AssumeRole");
    type Reply = AssumeRoleReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Arn(self.role_arn.clone())]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        require(!self.role_arn.is_empty(), "RoleArn")?;
        require(!self.role_session_name.is_empty(), "RoleSessionName")?;
        valid(self.role_arn.len() <= LONGEST_ARN, "RoleArn")?;
        fits(&self.external_id, LONGEST_EXTERNAL_ID, b"_+=,.@:/-", "ExternalId")?;
        fits(&self.source_identity, LONGEST_SOURCE_IDENTITY, b"_=,.@-", "SourceIdentity")
    }
}

/// Two to `most` letters, digits and `others`, where anything is given.
fn fits(text: &Option<String>, most: usize, others: &[u8], name: &'static str) -> Result<(), Undecodable> {
    let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { return Ok(()) };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    valid((2..=most).contains(&text.len()) && text.bytes().all(allowed), name)
}

fn valid(fits: bool, name: &'static str) -> Result<(), Undecodable> {
    if fits { Ok(()) } else { Err(Undecodable::Invalid(name.to_owned())) }
}

/// `GetCallerIdentity`: says whose key signs the call. Every key may ask.
///
/// Source: `reference/protocol.md` §5.2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetCallerIdentity {}

/// What kind of caller somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum IdentityType {
    /// The account's root.
    Account,
    /// A RAM user.
    RAMUser,
    /// Somebody who has assumed a role.
    AssumedRoleUser,
}

/// The answer of [`GetCallerIdentity`].
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetCallerIdentityReply {
    /// What kind of caller it is.
    pub identity_type: IdentityType,
    /// The account.
    pub account_id: String,
    /// The account's id of the root, the user's of a user, `<id of the role>:<session>` of an assumed role.
    pub principal_id: String,
    /// The account's id of the root, the user's of a user; absent for an assumed role.
    pub user_id: Option<String>,
    /// The role's id; absent but for an assumed role.
    pub role_id: Option<String>,
    /// `acs:ram::<account>:root`, `…:user/<name>`, `…:assumed-role/<role>/<session>`.
    pub arn: String,
}

impl Action for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    const RIGHT: Right = Right::unasked("sts:GetCallerIdentity");
    type Reply = GetCallerIdentityReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

const NO_PROVIDERS: &str = "there are no identity providers whose proof a role trusts";

/// What is said of the parameters and response fields that no declaration holds.
pub const PRODUCT: Product = Product {
    name: "sts",
    version: VERSION,
    surface: include_str!("../../../../reference/surface/sts.json"),
    accepted: &[],
    refused: &[],
    absent: &[],
    elsewhere: &[
        Excuse { action: "AssumeRoleWithOIDC", name: "", why: NO_PROVIDERS },
        Excuse { action: "AssumeRoleWithSAML", name: "", why: NO_PROVIDERS },
    ],
    not_found: "`InvalidAction.NotFound`",
    later: &[],
};
