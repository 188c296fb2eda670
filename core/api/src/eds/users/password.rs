//! Setting passwords, and having them set.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, List, Undecodable, require};

use super::FailedUser;
use crate::Password;
use crate::eds::{Done, filled};

/// `ResetUserPassword`: sends 1 to 100 users a message with which to set a password, each for itself.
///
/// Source: `reference/eds-user.md`, 5.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResetUserPassword {
    /// Usernames.
    pub users: List<String, 1, 100>,
    /// How the message goes out.
    #[serde(default)]
    pub notify_type: NotifyType,
}

/// How a message goes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schemars(with = "i64")]
pub enum NotifyType {
    /// 1: by mail, which is what is meant where nothing is said.
    #[default]
    Mail,
    /// 2: by text message.
    TextMessage,
    /// 3: both ways.
    Both,
}

impl TryFrom<i64> for NotifyType {
    type Error = String;

    fn try_from(code: i64) -> Result<Self, String> {
        match code {
            1 => Ok(Self::Mail),
            2 => Ok(Self::TextMessage),
            3 => Ok(Self::Both),
            _ => Err(format!("{code} is no way to send a message")),
        }
    }
}

impl From<NotifyType> for i64 {
    fn from(way: NotifyType) -> Self {
        match way {
            NotifyType::Mail => 1,
            NotifyType::TextMessage => 2,
            NotifyType::Both => 3,
        }
    }
}

/// The answer of [`ResetUserPassword`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResetUserPasswordReply {
    /// To whom a message goes out and to whom none.
    pub reset_users_result: ResetUsersResult,
}

/// To whom a message goes out and to whom none, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResetUsersResult {
    /// Those for whom a message goes out.
    pub reset_users: Vec<String>,
    /// Those for whom none does.
    pub failed_users: Vec<FailedUser>,
}

impl Action for ResetUserPassword {
    const NAME: &'static str = "ResetUserPassword";
    const RIGHT: Right = Right::update("ecd:ResetUserPassword");
    type Reply = ResetUserPasswordReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `ChangeUserPassword`: sets the password of a user whom the administrator activated.
///
/// Source: `reference/eds-user.md`, 38.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeUserPassword {
    /// The username.
    pub end_user_id: String,
    /// At least 10 characters, three of four classes.
    pub new_password: Password,
}

impl Action for ChangeUserPassword {
    const NAME: &'static str = "ChangeUserPassword";
    const RIGHT: Right = Right::update("ecd:ChangeUserPassword");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.end_user_id, "EndUserId")?;
        require(!self.new_password.is_empty(), "NewPassword")
    }
}
