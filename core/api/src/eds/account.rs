//! The actions on the account as a whole.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable, require};

use crate::Password;

/// `InitTenantAlias`: says the account's sign-in alias, which the first call makes.
///
/// Source: `reference/eds-user.md`, 1.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct InitTenantAlias {}

/// The answer of [`InitTenantAlias`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct InitTenantAliasReply {
    /// The alias.
    pub data: String,
    /// What is to be said of it.
    pub alias_info: AliasInfo,
}

/// What is to be said of an alias.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AliasInfo {
    /// Who made it.
    pub alias_source_type: AliasSourceType,
    /// Whether the administrator may change it.
    pub alias_editable: bool,
}

/// Who made an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AliasSourceType {
    /// The server.
    Generated,
    /// The administrator, which no action does.
    Customized,
}

impl Action for InitTenantAlias {
    const NAME: &'static str = "InitTenantAlias";
    const RIGHT: Right = Right::update("ecd:InitTenantAlias");
    type Reply = InitTenantAliasReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

/// `GetManagerInfoByAuthCode`: says which administrator a one-time code stands for, and spends the code.
///
/// Source: `reference/eds-user.md`, 10.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetManagerInfoByAuthCode {
    /// The code, to be seen as little as a password.
    pub auth_code: Password,
}

/// The answer of [`GetManagerInfoByAuthCode`]: the administrator.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetManagerInfoByAuthCodeReply {
    /// The account's number.
    pub wa_id: i64,
    /// The primary organization.
    pub org_id: Option<String>,
    /// The name.
    pub user_name: String,
    /// Contact number.
    pub phone: Option<String>,
    /// What the team is called.
    pub team_name: Option<String>,
}

impl Action for GetManagerInfoByAuthCode {
    const NAME: &'static str = "GetManagerInfoByAuthCode";
    const RIGHT: Right = Right::update("ecd:GetManagerInfoByAuthCode");
    type Reply = GetManagerInfoByAuthCodeReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        require(!self.auth_code.is_empty(), "AuthCode")
    }
}

/// `GetUsersCount`: counts what the directory holds.
///
/// Source: `reference/eds-user.md`, 40.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetUsersCount {}

/// The answer of [`GetUsersCount`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetUsersCountReply {
    /// Users.
    pub user_count: i64,
    /// Groups.
    pub group_count: i64,
    /// Organizations, without the root.
    pub org_count: i64,
    /// How many users there may be.
    pub max_user_number: i64,
}

impl Action for GetUsersCount {
    const NAME: &'static str = "GetUsersCount";
    const RIGHT: Right = Right::get("ecd:GetUsersCount");
    type Reply = GetUsersCountReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `GetAdUsersCount`: counts users of Active Directory; there are none here.
///
/// Source: `reference/eds-user.md`, 41.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetAdUsersCount {}

/// The answer of [`GetAdUsersCount`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetAdUsersCountReply {
    /// 0.
    pub ad_user_count: i64,
}

impl Action for GetAdUsersCount {
    const NAME: &'static str = "GetAdUsersCount";
    const RIGHT: Right = Right::get("ecd:GetAdUsersCount");
    type Reply = GetAdUsersCountReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}
