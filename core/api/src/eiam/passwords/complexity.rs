//! What passwords must look like.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use crate::Ranged;
use crate::eiam::text::id;
use crate::eiam::{Done, Word};

/// `SetPasswordComplexityConfiguration`: says what passwords must look like that are set from now on. What is
/// absent returns to its default.
///
/// Source: `reference/eiam.md`, 12.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetPasswordComplexityConfiguration {
    /// The instance.
    pub instance_id: String,
    /// How many characters at least.
    pub password_min_length: Ranged<1, 64>,
    /// What else; what repeats counts once.
    pub password_complexity_rules: Option<List<GivenComplexityRule, 0, 100>>,
    /// Whether nobody signs in with a password that is easy to guess; not, if nothing is given.
    pub disabled_weak_password_login: Option<bool>,
}

/// A rule for passwords, as a request has it. Its word is blamed by its own name.
///
/// Source: `reference/eiam.md`, 12.1.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GivenComplexityRule {
    /// The rule; has to be there.
    pub password_check_type: Option<Word<PasswordCheckType>>,
}

/// What a password must or must not hold.
///
/// Source: `reference/eiam.md`, 12.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PasswordCheckType {
    /// At least one upper-case letter.
    InclusionUpperCase,
    /// At least one lower-case letter.
    InclusionLowerCase,
    /// At least one digit.
    InclusionNumber,
    /// At least one special character.
    InclusionSpecialCase,
    /// Not the username.
    ExclusionUsername,
    /// Not what stands before the `@` of the address.
    ExclusionEmail,
    /// Not the number.
    ExclusionPhoneNumber,
    /// Not the display name.
    ExclusionDisplayName,
}

impl Action for SetPasswordComplexityConfiguration {
    const NAME: &'static str = "SetPasswordComplexityConfiguration";
    const RIGHT: Right = Right::update("eiam:SetPasswordComplexityConfiguration");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        for rule in self.password_complexity_rules.iter().flatten() {
            let word = rule.password_check_type.as_ref();
            word.map_or_else(
                || require(false, "PasswordCheckType"),
                |word| word.is_given("PasswordCheckType"),
            )?;
        }
        Ok(())
    }
}

/// `GetPasswordComplexityConfiguration`: shows what passwords must look like.
///
/// Source: `reference/eiam.md`, 12.1.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordComplexityConfiguration {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetPasswordComplexityConfiguration`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPasswordComplexityConfigurationReply {
    /// The policy.
    pub password_complexity_configuration: PasswordComplexityConfiguration,
}

/// The policy.
///
/// Source: `reference/eiam.md`, 12.1.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PasswordComplexityConfiguration {
    /// How many characters at least.
    pub password_min_length: i64,
    /// What else.
    pub password_complexity_rules: Vec<ComplexityRule>,
    /// Whether nobody signs in with a password that is easy to guess.
    pub disabled_weak_password_login: bool,
    /// Since when, in milliseconds since 1970; absent if everybody may.
    pub disabled_weak_password_login_started_at: Option<i64>,
}

impl Action for GetPasswordComplexityConfiguration {
    const NAME: &'static str = "GetPasswordComplexityConfiguration";
    const RIGHT: Right = Right::get("eiam:GetPasswordComplexityConfiguration");
    type Reply = GetPasswordComplexityConfigurationReply;

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

/// A rule for passwords.
///
/// Source: `reference/eiam.md`, 12.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ComplexityRule {
    /// The rule.
    pub password_check_type: PasswordCheckType,
}
