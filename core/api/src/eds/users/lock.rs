//! Locking and unlocking users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List};

use super::FailedUser;

/// `LockUsers`: locks 1 to 500 users, each for itself.
///
/// Source: `reference/eds-user.md`, 6.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LockUsers {
    /// Usernames.
    pub users: List<String, 1, 500>,
    /// Whether to end their sessions and tokens at once as well.
    pub logout_session: Option<bool>,
}

/// The answer of [`LockUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LockUsersReply {
    /// Who is locked and who is not.
    pub lock_users_result: LockUsersResult,
}

/// Who is locked and who is not, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LockUsersResult {
    /// Those who are locked, also those who were.
    pub locked_users: Vec<String>,
    /// Those who are not.
    pub failed_users: Vec<FailedUser>,
}

impl Action for LockUsers {
    const NAME: &'static str = "LockUsers";
    const RIGHT: Right = Right::update("ecd:LockUsers");
    type Reply = LockUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `UnlockUsers`: unlocks 1 to 500 users, each for itself.
///
/// Source: `reference/eds-user.md`, 7.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnlockUsers {
    /// Usernames.
    pub users: List<String, 1, 500>,
    /// When the accounts lock themselves next: `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`.
    pub auto_lock_time: Option<String>,
}

/// The answer of [`UnlockUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnlockUsersReply {
    /// Who is unlocked and who is not.
    pub unlock_users_result: UnlockUsersResult,
}

/// Who is unlocked and who is not, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnlockUsersResult {
    /// Those who are unlocked, also those who were.
    pub unlocked_users: Vec<String>,
    /// Those who are not.
    pub failed_users: Vec<FailedUser>,
}

impl Action for UnlockUsers {
    const NAME: &'static str = "UnlockUsers";
    const RIGHT: Right = Right::update("ecd:UnlockUsers");
    type Reply = UnlockUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}
