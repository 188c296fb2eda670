//! Making users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List};

use crate::{Password, Ranged};

/// `CreateUsers`: makes 1 to 100 users, each for itself.
///
/// Source: `reference/eds-user.md`, 2.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUsers {
    /// The users.
    pub users: List<NewUser, 1, 100>,
    /// The password of those who have none of their own.
    pub password: Option<Password>,
    /// When the accounts lock themselves: `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`.
    pub auto_lock_time: Option<String>,
    /// Whether they are local administrators of their desktops.
    pub is_local_admin: Option<bool>,
    /// Days after which passwords must be changed.
    pub password_expire_days: Option<Ranged<30, 365>>,
}

/// One user to be made. What is wrong with it fails this user alone.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewUser {
    /// 3 to 24 of `a-z`, `0-9`, `_`.
    pub end_user_id: String,
    /// Contact address; it or a phone is needed unless the administrator activates the user.
    pub email: Option<String>,
    /// A mobile number.
    pub phone: Option<String>,
    /// At least 10 characters, three of four classes.
    pub password: Option<Password>,
    /// `Normal` or `CreateFromManager`.
    pub owner_type: Option<String>,
    /// The organization; the root if none is given.
    pub org_id: Option<String>,
    /// A free remark.
    pub remark: Option<String>,
    /// The display name.
    pub real_nick_name: Option<String>,
    /// The groups to join.
    pub group_id_list: Option<List<String, 0, 100>>,
}

/// The answer of [`CreateUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUsersReply {
    /// Whether nothing failed.
    pub all_succeed: bool,
    /// Who was made and who was not.
    pub create_result: CreateResult,
}

/// Who was made and who was not, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateResult {
    /// Those who were made.
    pub created_users: Vec<CreatedUser>,
    /// Those who were not.
    pub failed_users: Vec<FailedNewUser>,
}

/// A user who was made.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedUser {
    /// The username.
    pub end_user_id: String,
    /// As given.
    pub email: Option<String>,
    /// As given.
    pub phone: Option<String>,
    /// As given.
    pub remark: Option<String>,
    /// As given.
    pub real_nick_name: Option<String>,
}

/// A user who was not made.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FailedNewUser {
    /// As given.
    pub end_user_id: String,
    /// As given.
    pub email: Option<String>,
    /// As given.
    pub phone: Option<String>,
    /// Why, for programs.
    pub error_code: String,
    /// Why, for people.
    pub error_message: String,
}

impl Action for CreateUsers {
    const NAME: &'static str = "CreateUsers";
    const RIGHT: Right = Right::create("ecd:CreateUsers");
    type Reply = CreateUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}
