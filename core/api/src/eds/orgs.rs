//! The actions on organizations: the tree that every user has a place in.

use std::collections::BTreeMap;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable};

use super::{Done, ResourcePolicy, filled};
use crate::Ranged;

/// `CreateOrg`: makes an organization below another.
///
/// Source: `reference/eds-user.md`, 20.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateOrg {
    /// 1 to 64 characters, unique among its siblings.
    pub org_name: String,
    /// The organization that it lies in.
    pub parent_org_id: String,
}

/// The answer of [`CreateOrg`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateOrgReply {
    /// The new organization.
    pub org_id: String,
}

impl Action for CreateOrg {
    const NAME: &'static str = "CreateOrg";
    const RIGHT: Right = Right::create("ecd:CreateOrg");
    type Reply = CreateOrgReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.org_name, "OrgName")?;
        filled(&self.parent_org_id, "ParentOrgId")
    }
}

/// `DescribeOrgs`: lists organizations, by filters all of which must hold.
///
/// Source: `reference/eds-user.md`, 21.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeOrgs {
    /// The page size, 100 if none is given; more than 100 are 100.
    pub max_results: Option<Ranged<1, 500>>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
    /// In the name; `*` stands for any characters, and then the ends count.
    pub org_name: Option<String>,
    /// Only organizations that lie in this one.
    pub parent_org_id: Option<String>,
    /// Whether organizations further below count as well.
    pub is_query_all_sub_orgs: Option<bool>,
    /// Only these organizations. No source bounds the list.
    pub include_org_ids: Option<List<String, 0, 100>>,
    /// What else to show. Without effect.
    pub show_extras: Option<BTreeMap<String, Value>>,
}

/// The answer of [`DescribeOrgs`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeOrgsReply {
    /// Where the next page begins; empty on the last one.
    pub next_token: String,
    /// The organizations, the oldest first.
    pub orgs: Vec<DescribedOrg>,
}

/// An organization as a list shows it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedOrg {
    /// Its id.
    pub org_id: String,
    /// Its name.
    pub org_name: String,
    /// The organization that it lies in; the root lies in none.
    pub parent_org_id: Option<String>,
    /// The names from the root down, joined by `/`.
    pub org_name_path: String,
    /// What the caller may do with it.
    pub access_type: AccessType,
    /// Policies; there are none here.
    pub resource_policy_list: Vec<ResourcePolicy>,
}

/// What a caller may do with an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccessType {
    /// Manage it.
    Manageable,
    /// See that it lies on the way to another, which is nobody's case here.
    PathOnly,
}

impl Action for DescribeOrgs {
    const NAME: &'static str = "DescribeOrgs";
    const RIGHT: Right = Right::get("ecd:DescribeOrgs");
    type Reply = DescribeOrgsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `DescribeOrgByLayer`: lists all organizations that lie in one.
///
/// Source: `reference/eds-user.md`, 22.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeOrgByLayer {
    /// The organization that they lie in; the root if none is given.
    pub parent_org_id: Option<String>,
    /// In the name.
    pub org_name: Option<String>,
}

/// The answer of [`DescribeOrgByLayer`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeOrgByLayerReply {
    /// The organizations, the oldest first.
    pub orgs: Vec<OrgOfLayer>,
}

/// An organization that lies in another.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OrgOfLayer {
    /// Its id.
    pub org_id: String,
    /// Its name.
    pub org_name: String,
    /// The organization that it lies in.
    pub parent_org_id: String,
}

impl Action for DescribeOrgByLayer {
    const NAME: &'static str = "DescribeOrgByLayer";
    const RIGHT: Right = Right::list("ecd:DescribeOrgByLayer");
    type Reply = DescribeOrgByLayerReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `RemoveOrg`: removes an organization in which nothing lies.
///
/// Source: `reference/eds-user.md`, 23.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveOrg {
    /// The organization.
    pub org_id: String,
}

impl Action for RemoveOrg {
    const NAME: &'static str = "RemoveOrg";
    const RIGHT: Right = Right::delete("ecd:RemoveOrg");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.org_id, "OrgId")
    }
}

/// `MoveOrg`: moves an organization, with all that lies in it, below another.
///
/// Source: `reference/eds-user.md`, 24.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MoveOrg {
    /// The organization. White space around it does not count.
    pub org_id: String,
    /// Where it goes. White space around it does not count.
    pub new_parent_org_id: String,
}

impl Action for MoveOrg {
    const NAME: &'static str = "MoveOrg";
    const RIGHT: Right = Right::update("ecd:MoveOrg");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.org_id, "OrgId")?;
        filled(&self.new_parent_org_id, "NewParentOrgId")
    }
}

/// `ModifyOrg`: renames an organization.
///
/// Source: `reference/eds-user.md`, 25.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyOrg {
    /// The organization.
    pub org_id: String,
    /// Its name from now on: 1 to 64 characters, unique among its siblings.
    pub org_name: String,
}

impl Action for ModifyOrg {
    const NAME: &'static str = "ModifyOrg";
    const RIGHT: Right = Right::update("ecd:ModifyOrg");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.org_id, "OrgId")?;
        filled(&self.org_name, "OrgName")
    }
}

/// `MoveUserOrg`: makes an organization the primary one of 1 to 100 users, of all or none.
///
/// Source: `reference/eds-user.md`, 26.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MoveUserOrg {
    /// The organization.
    pub org_id: String,
    /// Usernames.
    pub end_user_ids: List<String, 1, 100>,
}

impl Action for MoveUserOrg {
    const NAME: &'static str = "MoveUserOrg";
    const RIGHT: Right = Right::update("ecd:MoveUserOrg");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.org_id, "OrgId")
    }
}
