//! The actions that give users and roles policies, take them away, and list who has which.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable};

use super::{Done, PolicyType, filled, no_resource_group, policy, role, user};

/// `AttachPolicyToUser`: gives a user a policy.
///
/// Source: `reference/ram.md` 6.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachPolicyToUser {
    /// Whose the policy is.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_name: String,
    /// The user.
    pub user_name: String,
    /// Refused: policies hold in the whole account.
    pub resource_group_id: Option<String>,
}

impl Action for AttachPolicyToUser {
    const NAME: &'static str = "AttachPolicyToUser";
    const RIGHT: Right = Right::update("ram:AttachPolicyToUser");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![user(Some(&self.user_name)), policy(self.policy_type, &self.policy_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")?;
        filled(&self.user_name, "UserName")?;
        no_resource_group(self.resource_group_id.as_deref())
    }
}

/// `DetachPolicyFromUser`: takes a policy from a user.
///
/// Source: `reference/ram.md` 6.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DetachPolicyFromUser {
    /// Whose the policy is.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_name: String,
    /// The user.
    pub user_name: String,
    /// Refused: policies hold in the whole account.
    pub resource_group_id: Option<String>,
}

impl Action for DetachPolicyFromUser {
    const NAME: &'static str = "DetachPolicyFromUser";
    const RIGHT: Right = Right::update("ram:DetachPolicyFromUser");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![user(Some(&self.user_name)), policy(self.policy_type, &self.policy_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")?;
        filled(&self.user_name, "UserName")?;
        no_resource_group(self.resource_group_id.as_deref())
    }
}

/// `AttachPolicyToRole`: gives a role a policy.
///
/// Source: `reference/ram.md` 6.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachPolicyToRole {
    /// Whose the policy is.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_name: String,
    /// The role.
    pub role_name: String,
    /// Refused: policies hold in the whole account.
    pub resource_group_id: Option<String>,
}

impl Action for AttachPolicyToRole {
    const NAME: &'static str = "AttachPolicyToRole";
    const RIGHT: Right = Right::update("ram:AttachPolicyToRole");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![role(&self.role_name), policy(self.policy_type, &self.policy_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")?;
        filled(&self.role_name, "RoleName")?;
        no_resource_group(self.resource_group_id.as_deref())
    }
}

/// `DetachPolicyFromRole`: takes a policy from a role.
///
/// Source: `reference/ram.md` 6.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DetachPolicyFromRole {
    /// Whose the policy is.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_name: String,
    /// The role.
    pub role_name: String,
    /// Refused: policies hold in the whole account.
    pub resource_group_id: Option<String>,
}

impl Action for DetachPolicyFromRole {
    const NAME: &'static str = "DetachPolicyFromRole";
    const RIGHT: Right = Right::update("ram:DetachPolicyFromRole");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![role(&self.role_name), policy(self.policy_type, &self.policy_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.policy_name, "PolicyName")?;
        filled(&self.role_name, "RoleName")?;
        no_resource_group(self.resource_group_id.as_deref())
    }
}

/// `ListPoliciesForUser`: lists the policies that a user has, those of the system first.
///
/// Source: `reference/ram.md` 6.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesForUser {
    /// The user.
    pub user_name: String,
}

/// `ListPoliciesForRole`: lists the policies that a role has, those of the system first.
///
/// Source: `reference/ram.md` 6.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPoliciesForRole {
    /// The role.
    pub role_name: String,
}

/// The answer of [`ListPoliciesForUser`] and [`ListPoliciesForRole`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPoliciesReply {
    /// The policies.
    pub policies: AttachedPolicies,
}

/// A list of policies that somebody has.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicies {
    /// The policies.
    pub policy: Vec<AttachedPolicy>,
}

/// A policy that somebody has.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedPolicy {
    /// Its name.
    pub policy_name: String,
    /// Whose it is.
    pub policy_type: PolicyType,
    /// A remark.
    pub description: Option<String>,
    /// Which document it is: `v1`, and one more with each change.
    pub default_version: String,
    /// Since when, UTC in whole seconds.
    pub attach_date: String,
}

impl Action for ListPoliciesForUser {
    const NAME: &'static str = "ListPoliciesForUser";
    const RIGHT: Right = Right::list("ram:ListPoliciesForUser");
    type Reply = AttachedPoliciesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![user(Some(&self.user_name))]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.user_name, "UserName")
    }
}

impl Action for ListPoliciesForRole {
    const NAME: &'static str = "ListPoliciesForRole";
    const RIGHT: Right = Right::list("ram:ListPoliciesForRole");
    type Reply = AttachedPoliciesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![role(&self.role_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.role_name, "RoleName")
    }
}

/// `ListEntitiesForPolicy`: lists who has a policy.
///
/// Source: `reference/ram.md` 6.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEntitiesForPolicy {
    /// Whose the policy is.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_name: String,
}

/// The answer of [`ListEntitiesForPolicy`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEntitiesForPolicyReply {
    /// Users who have it.
    pub users: EntityUsers,
    /// Groups that have it: there are none.
    pub groups: EntityGroups,
    /// Roles that have it.
    pub roles: EntityRoles,
}

/// Users who have a policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EntityUsers {
    /// The users.
    pub user: Vec<EntityUser>,
}

/// Groups that have a policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EntityGroups {
    /// The groups' names; always empty.
    pub group: Vec<String>,
}

/// Roles that have a policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EntityRoles {
    /// The roles.
    pub role: Vec<EntityRole>,
}

/// A user who has a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EntityUser {
    /// 18 digits.
    pub user_id: String,
    /// Its name.
    pub user_name: String,
    /// What people call it.
    pub display_name: String,
    /// Since when, UTC in whole seconds.
    pub attach_date: String,
}

/// A role that has a policy.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EntityRole {
    /// 18 digits.
    pub role_id: String,
    /// Its name.
    pub role_name: String,
    /// `acs:ram::<account>:role/<name>`.
    pub arn: String,
    /// A remark.
    pub description: Option<String>,
    /// Since when, UTC in whole seconds.
    pub attach_date: String,
}

impl Action for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    const RIGHT: Right = Right::list("ram:ListEntitiesForPolicy");
    type Reply = ListEntitiesForPolicyReply;

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
