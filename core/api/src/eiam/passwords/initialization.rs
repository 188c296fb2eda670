//! How passwords come to be where none is given.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use crate::eiam::text::id;
use crate::eiam::{Channel, Done, PasswordInitializationType, Status};

/// `SetPasswordInitializationConfiguration`: says how passwords come to be where none is given. What is
/// absent returns to its default.
///
/// Source: `reference/eiam.md`, 12.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetPasswordInitializationConfiguration {
    /// The instance.
    pub instance_id: String,
    /// Whether they come to be at all.
    pub password_initialization_status: Status,
    /// How; has to be there if they do.
    pub password_initialization_type: Option<PasswordInitializationType>,
    /// Whether the next sign-in forces a change; not, if nothing is given.
    pub password_forced_update_status: Option<Status>,
    /// By which ways users are told; by none, if nothing is given.
    pub password_initialization_notification_channels: Option<List<Channel, 0, 100>>,
}

impl Action for SetPasswordInitializationConfiguration {
    const NAME: &'static str = "SetPasswordInitializationConfiguration";
    const RIGHT: Right = Right::update("eiam:SetPasswordInitializationConfiguration");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        let makes = self.password_initialization_status == Status::Enabled;
        require(!makes || self.password_initialization_type.is_some(), "PasswordInitializationType")
    }
}

/// `GetPasswordInitializationConfiguration`: shows how passwords come to be where none is given.
///
/// Source: `reference/eiam.md`, 12.4.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordInitializationConfiguration {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetPasswordInitializationConfiguration`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordInitializationConfigurationReply {
    /// The policy.
    pub password_initialization_configuration: PasswordInitializationConfiguration,
}

/// The policy.
///
/// Source: `reference/eiam.md`, 12.4.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PasswordInitializationConfiguration {
    /// Whether passwords come to be where none is given.
    pub password_initialization_status: Status,
    /// How.
    pub password_initialization_type: Option<PasswordInitializationType>,
    /// Whether the next sign-in forces a change.
    pub password_forced_update_status: Status,
    /// By which ways users are told.
    pub password_initialization_notification_channels: Vec<Channel>,
}

impl Action for GetPasswordInitializationConfiguration {
    const NAME: &'static str = "GetPasswordInitializationConfiguration";
    const RIGHT: Right = Right::get("eiam:GetPasswordInitializationConfiguration");
    type Reply = GetPasswordInitializationConfigurationReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")
    }
}
