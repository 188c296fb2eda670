//! The actions on resource groups: flat sets of what other systems own.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use super::{Done, either, filled};
use crate::Ranged;

/// Whose resource groups they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Platform {
    /// The console's, the only ones there are.
    #[default]
    AliyunConsole,
}

/// `CreateResourceGroup`: makes a resource group.
///
/// Source: `reference/eds-user.md`, 34.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateResourceGroup {
    /// 1 to 64 characters, unique.
    pub resource_group_name: String,
    /// Whose it is.
    #[serde(default)]
    pub platform: Platform,
    /// What kind of resources it is for.
    pub resource_classification: Option<String>,
    /// What runs on the resources.
    pub agent_type: Option<String>,
}

/// The answer of [`CreateResourceGroup`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateResourceGroupReply {
    /// The new resource group.
    pub resource_group_id: String,
}

impl Action for CreateResourceGroup {
    const NAME: &'static str = "CreateResourceGroup";
    const RIGHT: Right = Right::create("ecd:CreateResourceGroup");
    type Reply = CreateResourceGroupReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.resource_group_name, "ResourceGroupName")
    }
}

/// `DeleteResourceGroup`: removes resource groups, all or none. One of the two parameters has to be there;
/// both count.
///
/// Source: `reference/eds-user.md`, 35.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteResourceGroup {
    /// A resource group.
    pub resource_group_id: Option<String>,
    /// Resource groups. No source bounds the list.
    pub resource_group_ids: Option<List<String, 0, 100>>,
}

impl DeleteResourceGroup {
    /// All resource groups that are given, either way.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        either(self.resource_group_id.as_deref(), self.resource_group_ids.as_deref())
    }
}

impl Action for DeleteResourceGroup {
    const NAME: &'static str = "DeleteResourceGroup";
    const RIGHT: Right = Right::delete("ecd:DeleteResourceGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        require(self.all().next().is_some(), "ResourceGroupId")
    }
}

/// `DescribeResourceGroups`: lists resource groups, by filters all of which must hold.
///
/// Source: `reference/eds-user.md`, 36.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeResourceGroups {
    /// In the name.
    pub resource_group_name: Option<String>,
    /// Only these resource groups. No source bounds the list.
    pub resource_group_ids: Option<List<String, 0, 100>>,
    /// Only those that these groups of the whole account stand for; no resource group has one. No source
    /// bounds the list.
    pub aliyun_resource_group_ids: Option<List<String, 0, 100>>,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<Ranged<1, 2_147_483_647>>,
    /// The page size, 20 if none is given.
    pub page_size: Option<Ranged<1, 100>>,
    /// Whose they are.
    #[serde(default)]
    pub platform: Platform,
    /// Only resource groups for this kind of resources.
    pub resource_classification: Option<String>,
    /// Only resource groups on whose resources this runs.
    pub agent_type: Option<String>,
}

/// The answer of [`DescribeResourceGroups`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeResourceGroupsReply {
    /// How many match in all, as text.
    pub total_count: String,
    /// The resource groups.
    pub resource_group: Vec<DescribedResourceGroup>,
}

/// A resource group as a list shows it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedResourceGroup {
    /// Its id.
    pub resource_group_id: String,
    /// Its name.
    pub resource_group_name: String,
    /// What runs on the resources.
    pub agent_type: Option<String>,
    /// How many resources are in it, as text.
    pub resource_count: String,
    /// How many administrators it has, as text; there are none here.
    pub auth_count: String,
    /// When it was made: `yyyy-MM-ddTHH:mm:ss.SSSSSSSSSZ`.
    pub create_time: String,
    /// Policies; there are none here.
    pub policies: Vec<ResourceGroupPolicy>,
    /// Timers; there are none here.
    pub timers: Vec<ResourceGroupTimer>,
    /// Rules on applications; there are none here.
    pub app_rules: Vec<ResourceGroupAppRule>,
}

/// A policy of a resource group.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceGroupPolicy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it holds where no other does.
    pub is_default: bool,
}

/// A timer of a resource group.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceGroupTimer {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub timer_status: String,
    /// The state of its tie to the resource group.
    pub bind_status: String,
    /// Its kind.
    #[serde(rename = "Type")]
    pub kind: String,
}

/// A rule on applications of a resource group.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceGroupAppRule {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    #[serde(rename = "Type")]
    pub kind: i64,
}

impl Action for DescribeResourceGroups {
    const NAME: &'static str = "DescribeResourceGroups";
    const RIGHT: Right = Right::list("ecd:DescribeResourceGroups");
    type Reply = DescribeResourceGroupsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

/// `TransferResourcesIntoGroup`: puts 1 to 100 resources into a resource group, all or none.
///
/// Source: `reference/eds-user.md`, 46.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TransferResourcesIntoGroup {
    /// The resource group.
    pub resource_group_id: String,
    /// Whose it is.
    #[serde(default)]
    pub platform: Platform,
    /// The resources.
    pub resources: List<TransferredResource, 1, 100>,
}

/// Something that another system owns.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TransferredResource {
    /// Its id, `ecd-…`.
    pub resource_id: String,
    /// Where it is, `cn-shanghai`.
    pub region_id: Option<String>,
    /// Its kind, `DESKTOP`.
    pub resource_type: Option<String>,
}

impl Action for TransferResourcesIntoGroup {
    const NAME: &'static str = "TransferResourcesIntoGroup";
    const RIGHT: Right = Right::update("ecd:TransferResourcesIntoGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.resource_group_id, "ResourceGroupId")?;
        named(&self.resources)
    }
}

/// `TransferResourcesOutofGroup`: takes 1 to 100 resources out of a resource group, all or none, and puts
/// them into another, if one is given.
///
/// Source: `reference/eds-user.md`, 47.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TransferResourcesOutofGroup {
    /// The resource group.
    pub resource_group_id: String,
    /// Whose it is.
    #[serde(default)]
    pub platform: Platform,
    /// The resources.
    pub resources: List<TransferredResource, 1, 100>,
    /// The resource group that they go into.
    pub target_resource_group_id: Option<String>,
}

impl Action for TransferResourcesOutofGroup {
    const NAME: &'static str = "TransferResourcesOutofGroup";
    const RIGHT: Right = Right::update("ecd:TransferResourcesOutofGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.resource_group_id, "ResourceGroupId")?;
        named(&self.resources)
    }
}

/// An empty id is as good as none.
fn named(resources: &[TransferredResource]) -> Result<(), Undecodable> {
    require(resources.iter().all(|resource| !resource.resource_id.is_empty()), "Resources")
}
