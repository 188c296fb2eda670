//! Setting a user's password.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use crate::Password;
use crate::eiam::text::{id, is_password, valid};
use crate::eiam::{Channel, Done, Status};

/// `UpdateUserPassword`: sets a user's password.
///
/// Source: `reference/eiam.md`, 6.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateUserPassword {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// 1 to 64 characters, neither blanks nor control characters; the instance's policy may want more.
    pub password: Password,
    /// Whether the next sign-in forces a change; not, if nothing is given.
    pub password_forced_update_status: Option<Status>,
    /// By which ways the user is told; by none, if nothing is given.
    pub user_notification_channels: Option<List<Channel, 0, 100>>,
}

impl Action for UpdateUserPassword {
    const NAME: &'static str = "UpdateUserPassword";
    const RIGHT: Right = Right::update("eiam:UpdateUserPassword");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        require(!self.password.is_empty(), "Password")?;
        valid(is_password(&self.password), "Password")
    }
}
