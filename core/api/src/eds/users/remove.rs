//! Removing users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, List};

use super::FailedUser;

/// `RemoveUsers`: removes 1 to 500 users, each for itself.
///
/// Source: `reference/eds-user.md`, 3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsers {
    /// Usernames.
    pub users: List<String, 1, 500>,
}

/// The answer of [`RemoveUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsersReply {
    /// Who is gone and who is not.
    pub remove_users_result: RemoveUsersResult,
}

/// Who is gone and who is not, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsersResult {
    /// Those who are gone.
    pub removed_users: Vec<String>,
    /// Those who are not.
    pub failed_users: Vec<FailedUser>,
}

impl Action for RemoveUsers {
    const NAME: &'static str = "RemoveUsers";
    const RIGHT: Right = Right::delete("ecd:RemoveUsers");
    type Reply = RemoveUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}
