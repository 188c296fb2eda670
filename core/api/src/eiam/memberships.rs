//! Who belongs to which units and groups.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::text::id;
use super::{Done, PageNumber, PageSize, SourceType};

/// `SetUserPrimaryOrganizationalUnit`: makes a unit the primary one of a user, who leaves the one before.
///
/// Source: `reference/eiam.md`, 7.1.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetUserPrimaryOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The unit.
    pub organizational_unit_id: String,
}

impl Action for SetUserPrimaryOrganizationalUnit {
    const NAME: &'static str = "SetUserPrimaryOrganizationalUnit";
    const RIGHT: Right = Right::update("eiam:SetUserPrimaryOrganizationalUnit");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")
    }
}

/// `AddUserToOrganizationalUnits`: makes a user a member of 1 to 100 further units, all or none. A member
/// stays one.
///
/// Source: `reference/eiam.md`, 7.2.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddUserToOrganizationalUnits {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The units.
    pub organizational_unit_ids: List<String, 1, 100>,
}

impl Action for AddUserToOrganizationalUnits {
    const NAME: &'static str = "AddUserToOrganizationalUnits";
    const RIGHT: Right = Right::create("eiam:AddUserToOrganizationalUnits");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")
    }
}

/// `RemoveUserFromOrganizationalUnits`: takes a user out of 1 to 100 further units, all or none. Where the
/// user is no member nothing happens; the primary unit is refused.
///
/// Source: `reference/eiam.md`, 7.3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUserFromOrganizationalUnits {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The units.
    pub organizational_unit_ids: List<String, 1, 100>,
}

impl Action for RemoveUserFromOrganizationalUnits {
    const NAME: &'static str = "RemoveUserFromOrganizationalUnits";
    const RIGHT: Right = Right::delete("eiam:RemoveUserFromOrganizationalUnits");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")
    }
}

/// `AddUsersToGroup`: puts 1 to 100 users into a group, all or none. A member stays one.
///
/// Source: `reference/eiam.md`, 8.5.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AddUsersToGroup {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
    /// The users.
    pub user_ids: List<String, 1, 100>,
}

impl Action for AddUsersToGroup {
    const NAME: &'static str = "AddUsersToGroup";
    const RIGHT: Right = Right::create("eiam:AddUsersToGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/{}", self.instance_id, self.group_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.group_id, "GroupId")
    }
}

/// `RemoveUsersFromGroup`: takes 1 to 100 users out of a group; who is no member is passed over.
///
/// Source: `reference/eiam.md`, 8.5.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveUsersFromGroup {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
    /// The users.
    pub user_ids: List<String, 1, 100>,
}

impl Action for RemoveUsersFromGroup {
    const NAME: &'static str = "RemoveUsersFromGroup";
    const RIGHT: Right = Right::delete("eiam:RemoveUsersFromGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/{}", self.instance_id, self.group_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.group_id, "GroupId")
    }
}

/// `ListUsersForGroup`: lists the members of a group.
///
/// Source: `reference/eiam.md`, 8.6.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersForGroup {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<PageNumber>,
    /// The page size, 20 if none is given.
    pub page_size: Option<PageSize>,
    /// Only these; unknown ones match nobody.
    pub user_ids: Option<List<String, 0, 100>>,
}

/// The answer of [`ListUsersForGroup`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersForGroupReply {
    /// How many there are, on all pages.
    pub total_count: i64,
    /// The members, in the order of joining.
    pub users: Vec<UserOfGroup>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserOfGroup {
    /// The user.
    pub user_id: String,
    /// What kind of source the membership comes from.
    pub group_member_relation_source_type: SourceType,
    /// Which source: the instance.
    pub group_member_relation_source_id: String,
}

impl Action for ListUsersForGroup {
    const NAME: &'static str = "ListUsersForGroup";
    const RIGHT: Right = Right::list("eiam:ListUsersForGroup");
    type Reply = ListUsersForGroupReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/{}", self.instance_id, self.group_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.group_id, "GroupId")
    }
}

/// `ListGroupsForUser`: lists the groups of a user.
///
/// Source: `reference/eiam.md`, 8.7.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListGroupsForUser {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<PageNumber>,
    /// The page size, 20 if none is given.
    pub page_size: Option<PageSize>,
}

/// The answer of [`ListGroupsForUser`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListGroupsForUserReply {
    /// How many there are, on all pages.
    pub total_count: i64,
    /// The groups, in the order of joining.
    pub groups: Vec<MembershipOfUser>,
}

/// That a user is in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MembershipOfUser {
    /// The group.
    pub group_id: String,
    /// What kind of source the membership comes from.
    pub group_member_relation_source_type: SourceType,
    /// Which source: the instance.
    pub group_member_relation_source_id: String,
}

impl Action for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    const RIGHT: Right = Right::list("eiam:ListGroupsForUser");
    type Reply = ListGroupsForUserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")
    }
}
