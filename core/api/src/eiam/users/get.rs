//! Showing one user.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable};

use super::CustomFieldValue;
use crate::eiam::text::id;
use crate::eiam::{SourceType, Status};

/// `GetUser`: shows one user.
///
/// Source: `reference/eiam.md`, 6.1.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
}

/// The answer of [`GetUser`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetUserReply {
    /// The user.
    pub user: ShownUser,
}

/// A user with all that is shown of one: what [`ListedUser`](super::ListedUser) has, and more.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ShownUser {
    /// The id.
    pub user_id: String,
    /// The username.
    pub username: String,
    /// The display name.
    pub display_name: Option<String>,
    /// Whether there is a password.
    pub password_set: bool,
    /// The number's region, digits alone.
    pub phone_region: Option<String>,
    /// The number.
    pub phone_number: Option<String>,
    /// Whether the number is known to be the user's; false without one.
    pub phone_number_verified: bool,
    /// The address.
    pub email: Option<String>,
    /// Whether the address is known to be the user's; false without one.
    pub email_verified: bool,
    /// The external id: the own id unless another was given.
    pub user_external_id: String,
    /// What kind of source the user comes from.
    pub user_source_type: SourceType,
    /// Which source: the instance.
    pub user_source_id: String,
    /// What an administrator chose.
    pub status: Status,
    /// When the account locks itself.
    pub account_expire_time: Option<i64>,
    /// When the password ends; absent if never.
    pub password_expire_time: Option<i64>,
    /// When the user was made.
    pub register_time: i64,
    /// Until when the account is locked; absent if it is not.
    pub lock_expire_time: Option<i64>,
    /// When the user was made.
    pub create_time: i64,
    /// When one of the user's own fields last changed.
    pub update_time: i64,
    /// The description.
    pub description: Option<String>,
    /// The instance.
    pub instance_id: String,
    /// The primary unit.
    pub primary_organizational_unit_id: String,
    /// All units, the primary one first, then in the order of joining.
    pub organizational_units: Vec<UnitOfUser>,
    /// All groups, in the order of joining.
    pub groups: Vec<GroupOfUser>,
    /// The values of all custom fields that are in use.
    pub custom_fields: Vec<CustomFieldValue>,
}

/// A unit of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnitOfUser {
    /// Its id.
    pub organizational_unit_id: String,
    /// Its name.
    pub organizational_unit_name: String,
    /// Whether it is the primary one.
    pub primary: bool,
}

/// A group of a user.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupOfUser {
    /// Its id.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
    /// Its description.
    pub description: Option<String>,
}

impl Action for GetUser {
    const NAME: &'static str = "GetUser";
    const RIGHT: Right = Right::get("eiam:GetUser");
    type Reply = GetUserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")
    }
}
