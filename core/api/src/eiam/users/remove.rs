//! Removing users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, List, Place, Undecodable};

use crate::eiam::Done;
use crate::eiam::text::id;

/// `DeleteUser`: removes a user with all that belongs to the user.
///
/// Source: `reference/eiam.md`, 6.5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
}

impl Action for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    const RIGHT: Right = Right::delete("eiam:DeleteUser");
    type Reply = Done;

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

/// `DeleteUsers`: removes 1 to 100 users, all or none.
///
/// Source: `reference/eiam.md`, 6.6.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteUsers {
    /// The instance.
    pub instance_id: String,
    /// The users; what repeats counts once.
    pub user_ids: List<String, 1, 100>,
}

impl Action for DeleteUsers {
    const NAME: &'static str = "DeleteUsers";
    const RIGHT: Right = Right::delete("eiam:DeleteUsers");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        // Each of them, so that what is denied of one user is denied here as well.
        let one = |user: &String| Resource::new("eiam", format!("instance/{}/user/{user}", self.instance_id));
        self.user_ids.iter().map(one).collect()
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        self.user_ids.iter().try_for_each(|user| id(user, "UserIds"))
    }
}
