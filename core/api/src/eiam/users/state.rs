//! Shutting and opening accounts.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, Place, Undecodable};

use crate::eiam::Done;
use crate::eiam::text::id;

/// `EnableUser`: opens an account that was disabled; what else shuts it stays.
///
/// Source: `reference/eiam.md`, 6.7.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EnableUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
}

impl Action for EnableUser {
    const NAME: &'static str = "EnableUser";
    const RIGHT: Right = Right::update("eiam:EnableUser");
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

/// `DisableUser`: shuts an account until it is enabled.
///
/// Source: `reference/eiam.md`, 6.7.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DisableUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
}

impl Action for DisableUser {
    const NAME: &'static str = "DisableUser";
    const RIGHT: Right = Right::update("eiam:DisableUser");
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

/// `UnlockUser`: takes the locks off an account; one that is disabled stays so.
///
/// Source: `reference/eiam.md`, 6.7.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnlockUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
}

impl Action for UnlockUser {
    const NAME: &'static str = "UnlockUser";
    const RIGHT: Right = Right::update("eiam:UnlockUser");
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
