//! Listing users by their properties.

use std::collections::BTreeMap;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable, refuse};

use super::{GroupOfUser, OrgOfUser, ResourcePolicy, ShownStatus};
use crate::Ranged;
use crate::eds::PropertyValue;

/// `FilterUsers`: lists users, also by their properties, in an order of choice. All filters must hold.
///
/// Source: `reference/eds-user.md`, 9 and X.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FilterUsers {
    /// The page size, 100 if none is given; more than 100 are 100.
    pub max_results: Option<Ranged<1, 200>>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
    /// In the username or the e-mail address; `*` stands for any characters, and then the ends count.
    pub filter: Option<String>,
    /// Only users with these properties, by id.
    pub property_filter_param: Option<List<PropertyFilter, 0, 100>>,
    /// Only users with these properties, by name.
    pub property_key_value_filter_param: Option<List<PropertyKeyValueFilter, 0, 100>>,
    /// Only members of this organization.
    pub org_id: Option<String>,
    /// Whether members of the organizations below it count as well.
    pub is_query_all_sub_orgs: Option<bool>,
    /// Only users who are activated this way.
    pub owner_type: Option<OwnerTypeFilter>,
    /// Only accounts in this state.
    pub status: Option<ShownStatus>,
    /// None of these usernames.
    pub exclude_end_user_ids: Option<List<String, 0, 2000>>,
    /// Only these usernames. No source bounds the list.
    pub include_end_user_ids: Option<List<String, 0, 2000>>,
    /// Whether to show `DesktopCount`.
    pub include_desktop_count: Option<bool>,
    /// Whether to show `DesktopGroupCount`.
    pub include_desktop_group_count: Option<bool>,
    /// Whether to show `OrgList`.
    pub include_org_info: Option<bool>,
    /// Whether to show `SupportLoginIdps`.
    pub include_support_idps: Option<bool>,
    /// The order of the list.
    #[serde(default)]
    pub order_param: OrderParam,
    /// What else to show. Without effect.
    pub show_extras: Option<BTreeMap<String, String>>,
    /// Refused.
    pub filter_map: Option<BTreeMap<String, Value>>,
}

/// A property that users must have, by id. Several values are alternatives.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PropertyFilter {
    /// The property.
    pub property_id: Option<i64>,
    /// Its values' ids, with commas between them.
    pub property_value_ids: Option<String>,
}

/// A property that users must have, by name. Several values are alternatives.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PropertyKeyValueFilter {
    /// The property.
    pub property_key: Option<String>,
    /// Its values, with commas between them.
    pub property_values: Option<String>,
}

/// Who activates a user's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OwnerTypeFilter {
    /// The user.
    Normal,
    /// The administrator.
    CreateFromManager,
}

/// The order of a list of users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "PascalCase")]
pub struct OrderParam {
    /// By what.
    pub order_field: OrderField,
    /// Which way.
    pub order_type: OrderType,
}

/// By what a list of users is ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OrderField {
    /// The username.
    EndUserId,
    /// The number, which is what is meant where nothing is said.
    #[default]
    #[serde(rename = "id")]
    Id,
    /// When the user was made, which orders as the number does.
    #[serde(rename = "gmt_created")]
    GmtCreated,
}

/// Which way a list is ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OrderType {
    /// The least first.
    #[serde(rename = "ASC")]
    Ascending,
    /// The greatest first, which is what is meant where nothing is said.
    #[default]
    #[serde(rename = "DESC")]
    Descending,
}

/// The answer of [`FilterUsers`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FilterUsersReply {
    /// Where the next page begins; empty on the last one.
    pub next_token: String,
    /// The users.
    pub users: Vec<FilteredUser>,
}

/// A user as [`FilterUsers`] shows it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FilteredUser {
    /// The number.
    pub id: i64,
    /// The username.
    pub end_user_id: String,
    /// Contact address.
    pub email: Option<String>,
    /// Contact number.
    pub phone: Option<String>,
    /// The remark.
    pub remark: Option<String>,
    /// The display name.
    pub real_nick_name: Option<String>,
    /// `Normal` or `CreateFromManager`.
    pub owner_type: String,
    /// The state.
    pub status: ShownStatus,
    /// Whether the user manages others.
    pub is_tenant_manager: bool,
    /// Whether the user is local administrator of their desktops.
    pub enable_admin_access: bool,
    /// When the account locks itself, as it was given.
    pub auto_lock_time: Option<String>,
    /// Days after which the password must be changed.
    pub password_expire_days: Option<i64>,
    /// Days left until then.
    pub password_expire_rest_days: Option<i64>,
    /// Desktops, where asked for; there are none here.
    pub desktop_count: Option<i64>,
    /// Shared desktops, where asked for; there are none here.
    pub desktop_group_count: Option<i64>,
    /// The properties.
    pub user_set_properties_models: Vec<UserSetProperties>,
    /// All organizations, the primary one first, where asked for.
    pub org_list: Option<Vec<OrgOfUser>>,
    /// All groups.
    pub groups: Vec<GroupOfUser>,
    /// Where else the user may sign in, where asked for; nowhere from here.
    pub support_login_idps: Option<Vec<SupportLoginIdp>>,
    /// Policies; there are none here.
    pub resource_policy_list: Vec<ResourcePolicy>,
}

/// A property of a user, with all its values.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserSetProperties {
    /// The user's number.
    pub user_id: i64,
    /// The username.
    pub user_name: String,
    /// The property.
    pub property_id: i64,
    /// Its name.
    pub property_key: String,
    /// 1: built in; 2: made by an administrator, as all are here.
    pub property_type: i64,
    /// Its values.
    pub property_values: Vec<PropertyValue>,
}

/// Another system that vouches for users.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SupportLoginIdp {
    /// Its id.
    pub idp_id: String,
    /// Its name.
    pub idp_name: String,
}

impl Action for FilterUsers {
    const NAME: &'static str = "FilterUsers";
    const RIGHT: Right = Right::get("ecd:FilterUsers");
    type Reply = FilterUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        refuse(self.filter_map.as_ref().is_some_and(|map| !map.is_empty()), "FilterMap")
    }
}
