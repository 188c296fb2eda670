//! How people prove who they are when they forgot their password.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use crate::eiam::text::id;
use crate::eiam::{Done, Status};

/// `SetForgetPasswordConfiguration`: says by which ways people prove who they are when they forgot their
/// password.
///
/// Source: `reference/eiam.md`, 12.5.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetForgetPasswordConfiguration {
    /// The instance.
    pub instance_id: String,
    /// Whether there are any.
    pub forget_password_status: Status,
    /// The ways; have to be there if there are any.
    pub authentication_channels: Option<List<AuthenticationChannel, 0, 100>>,
}

/// By which way a person proves who they are.
///
/// Source: `reference/eiam.md`, 12.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationChannel {
    /// By mail.
    Email,
    /// By text message.
    Sms,
    /// By a device for one-time passwords.
    Totp,
    /// By a passkey.
    WebAuthn,
}

impl Action for SetForgetPasswordConfiguration {
    const NAME: &'static str = "SetForgetPasswordConfiguration";
    const RIGHT: Right = Right::update("eiam:SetForgetPasswordConfiguration");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        let helps = self.forget_password_status == Status::Enabled;
        let channels = self.authentication_channels.as_deref().unwrap_or_default();
        require(!helps || !channels.is_empty(), "AuthenticationChannels")
    }
}

/// `GetForgetPasswordConfiguration`: shows by which ways people prove who they are when they forgot their
/// password.
///
/// Source: `reference/eiam.md`, 12.5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetForgetPasswordConfiguration {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetForgetPasswordConfiguration`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetForgetPasswordConfigurationReply {
    /// The policy.
    pub open_forget_password_configuration: OpenForgetPasswordConfiguration,
}

/// The policy.
///
/// Source: `reference/eiam.md`, 12.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OpenForgetPasswordConfiguration {
    /// Whether there are any ways.
    pub forget_password_status: Status,
    /// The ways.
    pub authentication_channels: Vec<AuthenticationChannel>,
    /// Whether there are any: the status, in an older shape.
    pub enable: bool,
    /// Whether a text message is one.
    pub enable_sms: bool,
    /// Whether a mail is one.
    pub enable_email: bool,
}

impl Action for GetForgetPasswordConfiguration {
    const NAME: &'static str = "GetForgetPasswordConfiguration";
    const RIGHT: Right = Right::get("eiam:GetForgetPasswordConfiguration");
    type Reply = GetForgetPasswordConfigurationReply;

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
