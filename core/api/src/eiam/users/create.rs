//! Making users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::{CustomFieldValue, custom_fields};
use crate::Password;
use crate::eiam::text::{Contact, client_token, filled, id, is_password, is_username, line, prose, valid};
use crate::eiam::{Channel, PasswordInitializationType, Status, Word};

/// `CreateUser`: makes one user in an instance. An empty text in an optional parameter says as much as none.
///
/// Source: `reference/eiam.md`, 4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUser {
    /// The instance.
    pub instance_id: String,
    /// 1 to 256 of letters, digits, `_`, `.`, `@`, `-`; unique in the instance, whatever its case.
    pub username: String,
    /// At most 128 characters.
    pub display_name: Option<String>,
    /// 1 to 64 characters, neither blanks nor control characters; the instance's policy may want more.
    pub password: Option<Password>,
    /// 1 to 6 digits, without `+` or `00`; has to be there with a number.
    pub phone_region: Option<String>,
    /// 6 to 15 digits.
    pub phone_number: Option<String>,
    /// Whether the number is known to be the user's; has to be there with a number.
    pub phone_number_verified: Option<bool>,
    /// At most 128 characters, before the `@` letters, digits, `.`, `_`, `-`.
    pub email: Option<String>,
    /// Whether the address is known to be the user's; has to be there with an address.
    pub email_verified: Option<bool>,
    /// At most 128 characters, unique in the instance; the user's own id if none is given.
    pub user_external_id: Option<String>,
    /// The unit that the user belongs to.
    pub primary_organizational_unit_id: String,
    /// Further units; what repeats counts once.
    pub organizational_unit_ids: Option<List<String, 0, 100>>,
    /// At most 256 characters.
    pub description: Option<String>,
    /// Values of custom fields, each field once. No source bounds the list.
    pub custom_fields: Option<List<CustomFieldValue, 0, 1000>>,
    /// How a password comes to be where none is given.
    pub password_initialization_config: Option<PasswordInitializationConfig>,
    /// At most 64 characters of ASCII: the same call with the same token makes the user once.
    pub client_token: Option<String>,
}

/// How a password comes to be for one user. Each of its words is blamed by its own name.
///
/// Source: `reference/eiam.md`, 4.1 and 4.3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PasswordInitializationConfig {
    /// Who decides; the instance if nobody is given.
    pub password_initialization_policy_priority: Option<Word<PolicyPriority>>,
    /// Whether the next sign-in forces a change; not, if nothing is given.
    pub password_forced_update_status: Option<Word<Status>>,
    /// By which ways the user is told.
    pub user_notification_channels: Option<List<Word<Channel>, 0, 100>>,
    /// How the password comes to be; none does if nothing is given.
    pub password_initialization_type: Option<Word<PasswordInitializationType>>,
}

/// Who decides how a password comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyPriority {
    /// The instance; what the request says beside it is ignored.
    Global,
    /// The request.
    Custom,
}

impl PasswordInitializationConfig {
    fn is_listed(&self) -> Result<(), Undecodable> {
        if let Some(word) = &self.password_initialization_policy_priority {
            word.is_listed("PasswordInitializationPolicyPriority")?;
        }
        if let Some(word) = &self.password_forced_update_status {
            word.is_listed("PasswordForcedUpdateStatus")?;
        }
        for word in self.user_notification_channels.iter().flatten() {
            word.is_listed("UserNotificationChannels")?;
        }
        if let Some(word) = &self.password_initialization_type {
            word.is_listed("PasswordInitializationType")?;
        }
        Ok(())
    }
}

/// The answer of [`CreateUser`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUserReply {
    /// The new user.
    pub user_id: String,
}

impl Action for CreateUser {
    const NAME: &'static str = "CreateUser";
    const RIGHT: Right = Right::create("eiam:CreateUser");
    type Reply = CreateUserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn client_token(&self) -> Option<&str> {
        self.client_token.as_deref().filter(|token| !token.is_empty())
    }

    fn check(&self) -> Result<(), Undecodable> {
        let contact = Contact {
            phone_region: self.phone_region.as_deref(),
            phone_number: self.phone_number.as_deref(),
            phone_number_verified: self.phone_number_verified,
            email: self.email.as_deref(),
            email_verified: self.email_verified,
        };
        id(&self.instance_id, "InstanceId")?;
        filled(&self.username, "Username")?;
        contact.is_whole()?;
        filled(&self.primary_organizational_unit_id, "PrimaryOrganizationalUnitId")?;

        valid(is_username(&self.username), "Username")?;
        line::<128>(self.display_name.as_deref(), "DisplayName")?;
        let password = self.password.as_ref().filter(|password| !password.is_empty());
        valid(password.is_none_or(is_password), "Password")?;
        contact.is_well_formed()?;
        line::<128>(self.user_external_id.as_deref(), "UserExternalId")?;
        prose::<256>(self.description.as_deref(), "Description")?;
        let fields = self.custom_fields.iter().flatten();
        custom_fields(fields.map(|field| (field.field_name.as_str(), field.field_value.as_deref())))?;
        if let Some(config) = &self.password_initialization_config {
            config.is_listed()?;
        }
        client_token(self.client_token.as_deref())
    }
}
