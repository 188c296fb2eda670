//! Listing users, and reading one.

use std::collections::BTreeMap;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable, refuse};

use super::{GroupOfUser, OrgOfUser, PropertyOfUser, ResourcePolicy, ShownStatus};
use crate::Ranged;
use crate::eds::filled;

/// `DescribeUsers`: lists users, by exact and by fuzzy filters, all of which must hold.
///
/// Source: `reference/eds-user.md`, 8 and X.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeUsers {
    /// The page size, 200 if none is given.
    pub max_results: Option<Ranged<1, 500>>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
    /// In the username or the e-mail address; `*` stands for any characters, and then the ends count.
    pub filter: Option<String>,
    /// Only these usernames.
    pub end_user_ids: Option<List<String, 0, 500>>,
    /// None of these usernames.
    pub exclude_end_user_ids: Option<List<String, 0, 500>>,
    /// Only members of this organization.
    pub org_id: Option<String>,
    /// Whether members of the organizations below it count as well.
    pub is_query_all_sub_orgs: Option<bool>,
    /// Only members of this group.
    pub group_id: Option<String>,
    /// No members of this group.
    pub exclude_group_id: Option<String>,
    /// Only accounts in this state.
    pub status: Option<ShownStatus>,
    /// What else to show: `Group`, `Org`, `ResourcesCount`, `Properties`, each with `true`.
    pub show_extras: Option<BTreeMap<String, Value>>,
    /// Refused.
    pub filter_with_assigned_resources: Option<BTreeMap<String, Value>>,
    /// Refused.
    pub filter_with_assigned_resource: Option<BTreeMap<String, Value>>,
    /// Refused.
    pub filter_map: Option<BTreeMap<String, Value>>,
}

/// The answer of [`DescribeUsers`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeUsersReply {
    /// Where the next page begins; empty on the last one.
    pub next_token: String,
    /// How many users match in all; absent where that could not be counted in time.
    pub count: Option<i64>,
    /// The users, in the order of their ids.
    pub users: Vec<DescribedUser>,
}

/// A user as a list shows it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedUser {
    /// The number.
    pub id: i64,
    /// The username.
    pub end_user_id: String,
    /// 16 hexadecimal digits, unique everywhere.
    pub wy_id: String,
    /// Contact address.
    pub email: Option<String>,
    /// Contact number.
    pub phone: Option<String>,
    /// The state.
    pub status: ShownStatus,
    /// `Normal` or `CreateFromManager`.
    pub owner_type: String,
    /// The remark.
    pub remark: Option<String>,
    /// The display name.
    pub real_nick_name: Option<String>,
    /// The first of display name, remark and username that is there.
    pub nick_name: String,
    /// The picture, where it lies at an address.
    pub avatar: Option<String>,
    /// The primary organization.
    pub org_id: Option<String>,
    /// All organizations, the primary one first.
    pub orgs: Vec<OrgOfUser>,
    /// All groups.
    pub groups: Vec<GroupOfUser>,
    /// The properties, where asked for.
    pub properties: Option<Vec<PropertyOfUser>>,
    /// Counts of resources, where asked for.
    pub extras: Option<Extras>,
    /// Whether the user manages others.
    pub is_tenant_manager: bool,
    /// Whether the user is local administrator of their desktops.
    pub enable_admin_access: bool,
    /// Days after which the password must be changed.
    pub password_expire_days: Option<i64>,
    /// Days left until then.
    pub password_expire_rest_days: Option<i64>,
}

/// What other systems would know of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Extras {
    /// Resources by kind; there are none here.
    pub assigned_resource_count: BTreeMap<String, i64>,
    /// Policies; there are none here.
    pub resource_policy_list: Vec<ResourcePolicy>,
}

impl Action for DescribeUsers {
    const NAME: &'static str = "DescribeUsers";
    const RIGHT: Right = Right::list("ecd:DescribeUsers");
    type Reply = DescribeUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        let given = |map: &Option<BTreeMap<String, Value>>| map.as_ref().is_some_and(|map| !map.is_empty());
        refuse(given(&self.filter_map), "FilterMap")?;
        refuse(given(&self.filter_with_assigned_resource), "FilterWithAssignedResource")?;
        refuse(given(&self.filter_with_assigned_resources), "FilterWithAssignedResources")
    }
}

/// `DescribeUser`: reads one user.
///
/// Source: `reference/eds-user.md`, 39.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeUser {
    /// The username.
    pub end_user_id: String,
    /// What else to show: `Properties`, `OrgPaths`, `Extras`, `ExternalInfo`. Other names ask for nothing.
    /// No source bounds the list.
    pub require_extra_attributes: Option<List<String, 0, 100>>,
}

/// The answer of [`DescribeUser`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeUserReply {
    /// The user.
    pub user: UserAlone,
}

/// A user as read alone.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserAlone {
    /// The username.
    pub end_user_id: String,
    /// 16 hexadecimal digits, unique everywhere.
    pub wy_id: String,
    /// Contact address.
    pub email: Option<String>,
    /// Contact number.
    pub phone: Option<String>,
    /// The first of display name, remark and username that is there.
    pub nick_name: String,
    /// The remark.
    pub remark: Option<String>,
    /// The state.
    pub status: ShownStatus,
    /// When the user was made, in milliseconds since 1970.
    pub gmt_create: i64,
    /// The ids of all organizations, the primary one first.
    pub org_ids: Vec<String>,
    /// Their names from the root down, joined by `/`, where asked for.
    pub org_paths: Option<Vec<String>>,
    /// The properties, where asked for.
    pub properties: Option<Vec<PropertyOfUser>>,
    /// What other systems would know of the user, where asked for; there is nothing here.
    pub extras: Option<BTreeMap<String, String>>,
    /// What another system calls the user, where asked for and set.
    pub external_info: Option<ExternalInfo>,
}

/// What another system knows of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ExternalInfo {
    /// What it calls the user.
    pub external_id: String,
}

impl Action for DescribeUser {
    const NAME: &'static str = "DescribeUser";
    const RIGHT: Right = Right::get("ecd:DescribeUser");
    type Reply = DescribeUserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.end_user_id, "EndUserId")
    }
}
