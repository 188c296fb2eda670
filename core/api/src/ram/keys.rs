//! The actions on AccessKeys. Without a name they are about the caller's own.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable};

use super::{Done, filled, user, valid};
use crate::Password;

/// Whether an AccessKey is accepted.
///
/// Source: `reference/ram.md` 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum KeyStatus {
    /// It is.
    Active,
    /// It is not.
    Inactive,
}

/// `CreateAccessKey`: makes an AccessKey; its secret is in this answer and in no other.
///
/// Source: `reference/ram.md` 3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAccessKey {
    /// Whose it is to be; the caller's own if it is absent or empty.
    pub user_name: Option<String>,
}

/// The answer of [`CreateAccessKey`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAccessKeyReply {
    /// The key.
    pub access_key: NewAccessKey,
}

/// An AccessKey that was made just now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewAccessKey {
    /// Its id.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: Password,
    /// Whether it is accepted: at once.
    pub status: KeyStatus,
    /// When it was made, UTC in whole seconds.
    pub create_date: String,
}

impl Action for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    const RIGHT: Right = Right::create("ram:CreateAccessKey");
    type Reply = CreateAccessKeyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![user(self.user_name.as_deref())]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

/// `ListAccessKeys`: lists the AccessKeys of a user, the oldest first, without their secrets.
///
/// Source: `reference/ram.md` 3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAccessKeys {
    /// Whose; the caller's own if it is absent or empty.
    pub user_name: Option<String>,
}

/// The answer of [`ListAccessKeys`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListAccessKeysReply {
    /// The keys.
    pub access_keys: AccessKeys,
}

/// A list of AccessKeys.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKeys {
    /// The keys.
    pub access_key: Vec<AccessKey>,
}

/// An AccessKey as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKey {
    /// Its id.
    pub access_key_id: String,
    /// Whether it is accepted.
    pub status: KeyStatus,
    /// When it was made, UTC in whole seconds.
    pub create_date: String,
}

impl Action for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    const RIGHT: Right = Right::list("ram:ListAccessKeys");
    type Reply = ListAccessKeysReply;

    fn resources(&self) -> Vec<Resource> {
        vec![user(self.user_name.as_deref())]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

/// The longest AccessKeyId that is looked for.
const LONGEST_ID: usize = 128;

/// An AccessKeyId that there may be.
fn key_id(id: &str) -> Result<(), Undecodable> {
    filled(id, "UserAccessKeyId")?;
    valid(id.len() <= LONGEST_ID, "UserAccessKeyId")
}

/// `UpdateAccessKey`: switches an AccessKey on or off.
///
/// Source: `reference/ram.md` 3.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateAccessKey {
    /// Whose it is; the caller's own if it is absent or empty.
    pub user_name: Option<String>,
    /// The key.
    pub user_access_key_id: String,
    /// Whether it is accepted from now on.
    pub status: KeyStatus,
}

impl Action for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    const RIGHT: Right = Right::update("ram:UpdateAccessKey");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![user(self.user_name.as_deref())]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        key_id(&self.user_access_key_id)
    }
}

/// `DeleteAccessKey`: deletes an AccessKey, which is refused from then on.
///
/// Source: `reference/ram.md` 3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteAccessKey {
    /// Whose it is; the caller's own if it is absent or empty.
    pub user_name: Option<String>,
    /// The key.
    pub user_access_key_id: String,
}

impl Action for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    const RIGHT: Right = Right::delete("ram:DeleteAccessKey");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![user(self.user_name.as_deref())]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        key_id(&self.user_access_key_id)
    }
}

/// `GetAccessKeyLastUsed`: says when a call last came with an AccessKey, to about a minute.
///
/// Source: `reference/ram.md` 3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyLastUsed {
    /// Whose it is; the caller's own if it is absent or empty.
    pub user_name: Option<String>,
    /// The key.
    pub user_access_key_id: String,
}

/// The answer of [`GetAccessKeyLastUsed`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyLastUsedReply {
    /// Its last use.
    pub access_key_last_used: LastUsed,
}

/// When an AccessKey was last used.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LastUsed {
    /// UTC in whole seconds; absent where it never was.
    pub last_used_date: Option<String>,
    /// Through which API, as this server calls it: `eds-user`. Our own; absent where the key was never used.
    pub service_name: Option<String>,
}

impl Action for GetAccessKeyLastUsed {
    const NAME: &'static str = "GetAccessKeyLastUsed";
    const RIGHT: Right = Right::get("ram:GetAccessKeyLastUsed");
    type Reply = GetAccessKeyLastUsedReply;

    fn resources(&self) -> Vec<Resource> {
        vec![user(self.user_name.as_deref())]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        key_id(&self.user_access_key_id)
    }
}
