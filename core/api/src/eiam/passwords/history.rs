//! How many former passwords may not be used again.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable, require};

use crate::Ranged;
use crate::eiam::text::id;
use crate::eiam::{Done, Status};

/// `SetPasswordHistoryConfiguration`: says how many former passwords may not be used again. What is absent
/// returns to its default.
///
/// Source: `reference/eiam.md`, 12.3.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetPasswordHistoryConfiguration {
    /// The instance.
    pub instance_id: String,
    /// Whether any may not.
    pub password_history_status: Status,
    /// How many, the present one among them; has to be there if any may not.
    pub password_history_max_retention: Option<Ranged<1, 24>>,
}

impl Action for SetPasswordHistoryConfiguration {
    const NAME: &'static str = "SetPasswordHistoryConfiguration";
    const RIGHT: Right = Right::update("eiam:SetPasswordHistoryConfiguration");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        let keeps = self.password_history_status == Status::Enabled;
        require(!keeps || self.password_history_max_retention.is_some(), "PasswordHistoryMaxRetention")
    }
}

/// `GetPasswordHistoryConfiguration`: shows how many former passwords may not be used again.
///
/// Source: `reference/eiam.md`, 12.3.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordHistoryConfiguration {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetPasswordHistoryConfiguration`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordHistoryConfigurationReply {
    /// The policy.
    pub password_history_configuration: PasswordHistoryConfiguration,
}

/// The policy.
///
/// Source: `reference/eiam.md`, 12.3.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PasswordHistoryConfiguration {
    /// Whether any may not.
    pub password_history_status: Status,
    /// How many, the present one among them.
    pub password_history_max_retention: Option<i64>,
}

impl Action for GetPasswordHistoryConfiguration {
    const NAME: &'static str = "GetPasswordHistoryConfiguration";
    const RIGHT: Right = Right::get("eiam:GetPasswordHistoryConfiguration");
    type Reply = GetPasswordHistoryConfigurationReply;

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
