//! The actions on groups: flat sets of users.

use std::collections::BTreeMap;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable, refuse, require};

use super::{Done, either, filled};
use crate::Ranged;

/// `CreateGroup`: makes a group.
///
/// Source: `reference/eds-user.md`, 27.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGroup {
    /// 1 to 64 characters, unique.
    pub group_name: String,
    /// At most 256 characters.
    pub description: Option<String>,
}

/// The answer of [`CreateGroup`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGroupReply {
    /// The new group.
    pub group_id: String,
}

impl Action for CreateGroup {
    const NAME: &'static str = "CreateGroup";
    const RIGHT: Right = Right::create("ecd:CreateGroup");
    type Reply = CreateGroupReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.group_name, "GroupName")
    }
}

/// `DescribeGroups`: lists groups, by filters all of which must hold.
///
/// Source: `reference/eds-user.md`, 28.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeGroups {
    /// Only this group.
    pub group_id: Option<String>,
    /// In the name; `*` stands for any characters, and then the ends count.
    pub group_name: Option<String>,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<Ranged<1, 2_147_483_647>>,
    /// The page size, 10 if none is given; more than 100 are 100.
    pub page_size: Option<Ranged<1, 200>>,
    /// Only groups whose file transfers need approval, or only others; no group's do.
    pub transfer_file_need_approval: Option<bool>,
    /// Whether to leave out groups with a sign-in policy. Without effect.
    pub exclude_attached_login_policy_groups: Option<bool>,
    /// Refused.
    pub login_policy_id: Option<String>,
    /// Refused.
    pub idp_id: Option<String>,
}

/// The answer of [`DescribeGroups`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeGroupsReply {
    /// How many groups match in all.
    pub count: i64,
    /// The groups, the newest first.
    pub groups: Vec<DescribedGroup>,
}

/// A group as a list shows it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedGroup {
    /// Its id.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
    /// Its description.
    pub description: Option<String>,
    /// When it was made: `yyyy-MM-ddTHH:mm:ss+08:00`.
    pub create_time: String,
    /// How many users it has.
    pub user_count: i64,
    /// Whether file transfers need approval; they do not.
    pub transfer_file_need_approval: bool,
    /// Whether uploads need approval; they do not.
    pub upload_need_approval: bool,
    /// Whether downloads need approval; they do not.
    pub download_need_approval: bool,
    /// Resources by kind; there are none here.
    pub authed_resources: BTreeMap<String, String>,
    /// The sign-in policy; there is none here, which empty texts say.
    pub attached_login_policy: AttachedLoginPolicy,
}

/// A sign-in policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AttachedLoginPolicy {
    /// Its id.
    pub policy_id: String,
    /// Its name.
    pub name: String,
}

impl Action for DescribeGroups {
    const NAME: &'static str = "DescribeGroups";
    const RIGHT: Right = Right::get("ecd:DescribeGroups");
    type Reply = DescribeGroupsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        refuse(given(&self.login_policy_id), "LoginPolicyId")?;
        refuse(given(&self.idp_id), "IdpId")
    }
}

/// `UserBatchQuitGroup`: takes 1 to 100 users out of a group, all or none.
///
/// Source: `reference/eds-user.md`, 29.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserBatchQuitGroup {
    /// The group.
    pub group_id: String,
    /// Usernames.
    pub end_user_ids: List<String, 1, 100>,
}

impl Action for UserBatchQuitGroup {
    const NAME: &'static str = "UserBatchQuitGroup";
    const RIGHT: Right = Right::update("ecd:UserBatchQuitGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.group_id, "GroupId")
    }
}

/// `UserBatchJoinGroup`: puts 1 to 100 users into a group, all or none.
///
/// Source: `reference/eds-user.md`, 30.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserBatchJoinGroup {
    /// The group.
    pub group_id: String,
    /// Usernames.
    pub end_user_ids: List<String, 1, 100>,
}

impl Action for UserBatchJoinGroup {
    const NAME: &'static str = "UserBatchJoinGroup";
    const RIGHT: Right = Right::update("ecd:UserBatchJoinGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.group_id, "GroupId")
    }
}

/// `RemoveGroup`: removes groups, all or none. One of the two parameters has to be there; both count.
///
/// Source: `reference/eds-user.md`, 31.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveGroup {
    /// A group.
    pub group_id: Option<String>,
    /// Groups. No source bounds the list.
    pub group_ids: Option<List<String, 0, 100>>,
}

impl RemoveGroup {
    /// All groups that are given, either way.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        either(self.group_id.as_deref(), self.group_ids.as_deref())
    }
}

impl Action for RemoveGroup {
    const NAME: &'static str = "RemoveGroup";
    const RIGHT: Right = Right::delete("ecd:RemoveGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        require(self.all().next().is_some(), "GroupId")
    }
}

/// `ModifyGroup`: renames a group and changes its description.
///
/// Source: `reference/eds-user.md`, 32.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyGroup {
    /// The group.
    pub group_id: String,
    /// Its name from now on: 1 to 64 characters, unique.
    pub new_group_name: String,
    /// Its description from now on, at most 256 characters. Where none is given it stays, an empty text clears.
    pub description: Option<String>,
}

impl Action for ModifyGroup {
    const NAME: &'static str = "ModifyGroup";
    const RIGHT: Right = Right::update("ecd:ModifyGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.group_id, "GroupId")?;
        filled(&self.new_group_name, "NewGroupName")
    }
}

/// `DescribeGroupUser`: lists the users of a group.
///
/// Source: `reference/eds-user.md`, 33 and X.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeGroupUser {
    /// The group.
    pub group_id: String,
    /// In the username or the e-mail address; `*` stands for any characters, and then the ends count.
    pub filter: Option<String>,
    /// The page size, 100 if none is given.
    pub max_results: Option<Ranged<1, 100>>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
}

/// The answer of [`DescribeGroupUser`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeGroupUserReply {
    /// Where the next page begins; empty on the last one.
    pub next_token: String,
    /// The users, in the order in which they joined.
    pub users: Vec<GroupUser>,
}

/// A user of a group.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupUser {
    /// The username.
    pub end_user_id: String,
    /// Contact address.
    pub email: Option<String>,
    /// Contact number.
    pub phone: Option<String>,
    /// The first of display name, remark and username that is there.
    pub nick_name: String,
    /// The picture, where it lies at an address.
    pub avatar: Option<String>,
    /// The remark.
    pub remark: Option<String>,
    /// When the user was made: `yyyy-MM-ddTHH:mm:ss.SSS+00:00`.
    pub gmt_created: String,
    /// When the user joined, in the same form.
    pub gmt_join_group: String,
}

impl Action for DescribeGroupUser {
    const NAME: &'static str = "DescribeGroupUser";
    const RIGHT: Right = Right::get("ecd:DescribeGroupUser");
    type Reply = DescribeGroupUserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.group_id, "GroupId")
    }
}
