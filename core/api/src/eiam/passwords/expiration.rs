//! How long passwords are good for.

use model::text::Line;
use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use crate::Ranged;
use crate::eiam::text::{id, valid};
use crate::eiam::{Done, Status};

/// `SetPasswordExpirationConfiguration`: says how long passwords are good for. What is absent returns to its
/// default.
///
/// Source: `reference/eiam.md`, 12.2.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetPasswordExpirationConfiguration {
    /// The instance.
    pub instance_id: String,
    /// Whether they end at all.
    pub password_expiration_status: Status,
    /// How many days they are good for; has to be there if they end.
    pub password_valid_max_day: Option<Ranged<1, 3650>>,
    /// What happens then; has to be there if they end.
    pub password_expiration_action: Option<PasswordExpirationAction>,
    /// Whether people are told before; not, if nothing is given.
    pub password_expiration_notification_status: Option<Status>,
    /// By which ways; has to be there if people are told.
    pub password_expiration_notification_channels: Option<List<ExpirationChannel, 0, 100>>,
    /// How many days before, fewer than they are good for; has to be there if people are told.
    pub password_expiration_notification_duration: Option<Ranged<0, 365>>,
    /// How many days before a change is forced, more than people are told before.
    pub password_forced_update_duration: Option<Ranged<0, 365>>,
    /// For which ways to sign in: `ia_all` alone, or any of `ia_password`, `ia_otp_sms`, `ia_webauthn` and
    /// `idp_…`; `ia_all` if none is given.
    pub effective_authentication_source_ids: Option<List<String, 0, 100>>,
}

/// What happens to who signs in with a password that has ended.
///
/// Source: `reference/eiam.md`, 12.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordExpirationAction {
    /// It does not open the account.
    ForbidLogin,
    /// It has to be changed.
    ForceUpdatePassword,
    /// A change is proposed.
    RemindUpdatePassword,
}

/// By which way a person is told that a password will end.
///
/// Source: `reference/eiam.md`, 12.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpirationChannel {
    /// When signing in.
    Login,
    /// By mail.
    Email,
    /// By text message.
    Sms,
}

/// Every way to sign in.
const ALL_SOURCES: &str = "ia_all";

/// Whether this is one way to sign in: a built-in one, or another source.
fn is_source(source: &str) -> bool {
    matches!(source, "ia_password" | "ia_otp_sms" | "ia_webauthn")
        || source.starts_with("idp_") && Line::<64>::new(source).is_ok()
}

impl Action for SetPasswordExpirationConfiguration {
    const NAME: &'static str = "SetPasswordExpirationConfiguration";
    const RIGHT: Right = Right::update("eiam:SetPasswordExpirationConfiguration");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        let ends = self.password_expiration_status == Status::Enabled;
        let tells = self.password_expiration_notification_status == Some(Status::Enabled);
        let told = self.password_expiration_notification_duration.map(Ranged::get);
        let channels = self.password_expiration_notification_channels.as_deref().unwrap_or_default();
        let sources = self.effective_authentication_source_ids.as_deref().unwrap_or_default();
        require(!ends || self.password_valid_max_day.is_some(), "PasswordValidMaxDay")?;
        require(!ends || self.password_expiration_action.is_some(), "PasswordExpirationAction")?;
        require(!tells || !channels.is_empty(), "PasswordExpirationNotificationChannels")?;
        require(!tells || told.is_some(), "PasswordExpirationNotificationDuration")?;

        let days = self.password_valid_max_day.map(Ranged::get);
        let forced = self.password_forced_update_duration.map(Ranged::get);
        let follows = |later: Option<i64>| later.zip(told).is_none_or(|(later, told)| later > told);
        valid(follows(days), "PasswordExpirationNotificationDuration")?;
        valid(follows(forced), "PasswordForcedUpdateDuration")?;
        let everywhere = sources.iter().any(|source| source == ALL_SOURCES);
        let fits = if everywhere {
            sources.iter().all(|source| source == ALL_SOURCES)
        } else {
            sources.iter().all(|source| is_source(source))
        };
        valid(fits, "EffectiveAuthenticationSourceIds")
    }
}

/// `GetPasswordExpirationConfiguration`: shows how long passwords are good for.
///
/// Source: `reference/eiam.md`, 12.2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordExpirationConfiguration {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetPasswordExpirationConfiguration`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordExpirationConfigurationReply {
    /// The policy.
    pub password_expiration_configuration: PasswordExpirationConfiguration,
}

/// The policy.
///
/// Source: `reference/eiam.md`, 12.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PasswordExpirationConfiguration {
    /// Whether passwords end at all.
    pub password_expiration_status: Status,
    /// How many days they are good for.
    pub password_valid_max_day: Option<i64>,
    /// What happens then.
    pub password_expiration_action: Option<PasswordExpirationAction>,
    /// Whether people are told before.
    pub password_expiration_notification_status: Status,
    /// By which ways.
    pub password_expiration_notification_channels: Vec<ExpirationChannel>,
    /// How many days before.
    pub password_expiration_notification_duration: Option<i64>,
    /// How many days before a change is forced.
    pub password_forced_update_duration: Option<i64>,
    /// For which ways to sign in.
    pub effective_authentication_source_ids: Vec<String>,
}

impl Action for GetPasswordExpirationConfiguration {
    const NAME: &'static str = "GetPasswordExpirationConfiguration";
    const RIGHT: Right = Right::get("eiam:GetPasswordExpirationConfiguration");
    type Reply = GetPasswordExpirationConfigurationReply;

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
