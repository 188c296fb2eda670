//! The actions on users.

use std::collections::BTreeMap;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable, refuse};

use crate::{Password, Ranged};

/// `CreateUsers`: makes 1 to 100 users, each for itself.
///
/// Source: `reference/eds-user.md`, 2.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUsers {
    /// The users.
    pub users: List<NewUser, 1, 100>,
    /// The password of those who have none of their own.
    pub password: Option<Password>,
    /// When the accounts lock themselves: `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`.
    pub auto_lock_time: Option<String>,
    /// Whether they are local administrators of their desktops.
    pub is_local_admin: Option<bool>,
    /// Days after which passwords must be changed.
    pub password_expire_days: Option<Ranged<30, 365>>,
}

/// One user to be made. What is wrong with it fails this user alone.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewUser {
    /// 3 to 24 of `a-z`, `0-9`, `_`.
    pub end_user_id: String,
    /// Contact address; it or a phone is needed unless the administrator activates the user.
    pub email: Option<String>,
    /// A mobile number.
    pub phone: Option<String>,
    /// At least 10 characters, three of four classes.
    pub password: Option<Password>,
    /// `Normal` or `CreateFromManager`.
    pub owner_type: Option<String>,
    /// The organization; the root if none is given.
    pub org_id: Option<String>,
    /// A free remark.
    pub remark: Option<String>,
    /// The display name.
    pub real_nick_name: Option<String>,
    /// The groups to join.
    pub group_id_list: Option<List<String, 0, 100>>,
}

/// The answer of [`CreateUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUsersReply {
    /// Whether nothing failed.
    pub all_succeed: bool,
    /// Who was made and who was not.
    pub create_result: CreateResult,
}

/// Who was made and who was not, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateResult {
    /// Those who were made.
    pub created_users: Vec<CreatedUser>,
    /// Those who were not.
    pub failed_users: Vec<FailedNewUser>,
}

/// A user who was made.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedUser {
    /// The username.
    pub end_user_id: String,
    /// As given.
    pub email: Option<String>,
    /// As given.
    pub phone: Option<String>,
    /// As given.
    pub remark: Option<String>,
    /// As given.
    pub real_nick_name: Option<String>,
}

/// A user who was not made.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FailedNewUser {
    /// As given.
    pub end_user_id: String,
    /// As given.
    pub email: Option<String>,
    /// As given.
    pub phone: Option<String>,
    /// Why, for programs.
    pub error_code: String,
    /// Why, for people.
    pub error_message: String,
}

impl Action for CreateUsers {
    const NAME: &'static str = "CreateUsers";
    const RIGHT: Right = Right::create("ecd:CreateUsers");
    type Reply = CreateUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `RemoveUsers`: removes 1 to 500 users, each for itself.
///
/// Source: `reference/eds-user.md`, 3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsers {
    /// Usernames.
    pub users: List<String, 1, 500>,
}

/// The answer of [`RemoveUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsersReply {
    /// Who is gone and who is not.
    pub remove_users_result: RemoveUsersResult,
}

/// Who is gone and who is not, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsersResult {
    /// Those who are gone.
    pub removed_users: Vec<String>,
    /// Those who are not.
    pub failed_users: Vec<FailedUser>,
}

/// A user for whom a call failed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FailedUser {
    /// As given.
    pub end_user_id: String,
    /// Why, for programs.
    pub error_code: String,
    /// Why, for people.
    pub error_message: String,
}

impl Action for RemoveUsers {
    const NAME: &'static str = "RemoveUsers";
    const RIGHT: Right = Right::delete("ecd:RemoveUsers");
    type Reply = RemoveUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

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

/// The state of an account, as eds-user shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schemars(with = "i64")]
pub enum ShownStatus {
    /// 0: in use.
    Normal,
    /// 9: locked or disabled.
    Locked,
    /// 11: has left the company, which nobody here has.
    Left,
}

impl TryFrom<i64> for ShownStatus {
    type Error = String;

    fn try_from(code: i64) -> Result<Self, String> {
        match code {
            0 => Ok(Self::Normal),
            9 => Ok(Self::Locked),
            11 => Ok(Self::Left),
            _ => Err(format!("{code} is no status")),
        }
    }
}

impl From<ShownStatus> for i64 {
    fn from(status: ShownStatus) -> Self {
        match status {
            ShownStatus::Normal => 0,
            ShownStatus::Locked => 9,
            ShownStatus::Left => 11,
        }
    }
}

/// The answer of [`DescribeUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeUsersReply {
    /// Where the next page begins; empty on the last one.
    pub next_token: String,
    /// How many users match in all.
    pub count: i64,
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

/// An organization of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OrgOfUser {
    /// Its id.
    pub org_id: String,
    /// Its name.
    pub org_name: String,
    /// The names from the root down, joined by `/`.
    pub org_name_path: String,
}

/// A group of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupOfUser {
    /// Its id.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
}

/// A property of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PropertyOfUser {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
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

/// A policy on resources.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResourcePolicy {
    /// Its id.
    pub policy_id: String,
    /// Its name.
    pub policy_name: String,
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
