//! The actions on policies: what may be done, as documents say it.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable};

use super::{Done, MaxItems, Tag, filled, no_tags, policy};

/// Whose a policy is.
///
/// Source: `reference/ram.md` 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PolicyType {
    /// Every account has it, and nobody changes it.
    System,
    /// The account has made it.
    Custom,
}

/// `CreatePolicy`: makes a policy of the account's own, which nobody has yet.
///
/// Source: `reference/ram.md` 4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicy {
    /// 1 to 128 letters, digits and `-`, unique in the account without case; none that the system has.
    pub policy_name: String,
    /// A remark, at most 1,024 characters.
    pub description: Option<String>,
    /// The document, at most 6,144 characters.
    pub policy_document: String,
    /// Refused: nothing has tags.
    pub tag: Option<Vec<Tag>>,
}

/// The answer of [`CreatePolicy`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePolicyReply {
    /// The policy.
    pub policy: Policy,
}

/// A policy. Times are UTC in whole seconds.
///
/// Source: `reference/ram.md` 4.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    /// Its name.
    pub policy_name: String,
    /// Whose it is.
    pub policy_type: PolicyType,
    /// A remark.
    pub description: Option<String>,
    /// Which document it is: `v1`, and one more with each change.
    pub default_version: String,
    /// The document, where one policy is asked for.
    pub policy_document: Option<String>,
    /// How many users and roles have it.
    pub attachment_count: i64,
    /// When it was made.
    pub create_date: String,
    /// When its document last changed.
    pub update_date: String,
}

impl Action for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    const RIGHT: Right = Right::create("ram:CreatePolicy");
    type Reply = CreatePolicyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "policy/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")?;
        filled(&self.policy_document, "PolicyDocument")?;
        no_tags(self.tag.as_deref())
    }
}

/// `GetPolicy`: shows one policy with its document.
///
/// Source: `reference/ram.md` 4.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicy {
    /// Whose it is.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_name: String,
}

/// The answer of [`GetPolicy`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetPolicyReply {
    /// The policy.
    pub policy: Policy,
    /// Its document.
    pub default_policy_version: PolicyVersion,
}

/// A policy's document.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyVersion {
    /// Which one it is: `v1`, and one more with each change.
    pub version_id: String,
    /// Whether it is in force: the one that is kept is.
    pub is_default_version: bool,
    /// The text.
    pub policy_document: String,
    /// Since when, UTC in whole seconds.
    pub create_date: String,
}

impl Action for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const RIGHT: Right = Right::get("ram:GetPolicy");
    type Reply = GetPolicyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![policy(self.policy_type, &self.policy_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")
    }
}

/// `DeletePolicy`: deletes a policy of the account that nobody has.
///
/// Source: `reference/ram.md` 4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletePolicy {
    /// The policy.
    pub policy_name: String,
    /// Without effect: a policy has one version.
    pub cascading_delete: Option<bool>,
}

impl Action for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    const RIGHT: Right = Right::delete("ram:DeletePolicy");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![policy(PolicyType::Custom, &self.policy_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")
    }
}

/// `ListPolicies`: lists policies, those of the system first, each in the order of names, page by page.
///
/// Source: `reference/ram.md` 4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPolicies {
    /// Whose; everybody's if it is absent.
    pub policy_type: Option<PolicyType>,
    /// Where the list goes on, as the page before says; the beginning if it is absent or empty.
    pub marker: Option<String>,
    /// How many a page has, 100 if it is not said.
    pub max_items: Option<MaxItems>,
    /// Refused: nothing has tags.
    pub tag: Option<Vec<Tag>>,
}

/// The answer of [`ListPolicies`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesReply {
    /// Whether more follow.
    pub is_truncated: bool,
    /// Where they begin; absent on the last page.
    pub marker: Option<String>,
    /// The policies.
    pub policies: Policies,
}

/// A list of policies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Policies {
    /// The policies.
    pub policy: Vec<Policy>,
}

impl Action for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    const RIGHT: Right = Right::list("ram:ListPolicies");
    type Reply = ListPoliciesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "policy/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        no_tags(self.tag.as_deref())
    }
}
