//! The actions on groups: flat sets of users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::text::{filled, id, line, prose};
use super::{Done, PageNumber, PageSize, SourceType};

/// `CreateGroup`: makes a group. An empty text in an optional parameter says as much as none.
///
/// Source: `reference/eiam.md`, 8.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateGroup {
    /// The instance.
    pub instance_id: String,
    /// 1 to 64 characters; others may have the same.
    pub group_name: String,
    /// At most 64 characters, unique in the instance; the group's own id if none is given.
    pub group_external_id: Option<String>,
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
    const RIGHT: Right = Right::create("eiam:CreateGroup");
    type Reply = CreateGroupReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        filled(&self.group_name, "GroupName")?;
        line::<64>(Some(&self.group_name), "GroupName")?;
        line::<64>(self.group_external_id.as_deref(), "GroupExternalId")?;
        prose::<256>(self.description.as_deref(), "Description")
    }
}

/// `GetGroup`: shows one group.
///
/// Source: `reference/eiam.md`, 8.2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroup {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
}

/// The answer of [`GetGroup`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetGroupReply {
    /// The group.
    pub group: Group,
}

/// A group. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 8.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Group {
    /// Its id.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
    /// Its description.
    pub description: Option<String>,
    /// Its external id: the own id unless another was given.
    pub group_external_id: String,
    /// What kind of source it comes from.
    pub group_source_type: SourceType,
    /// Which source: the instance.
    pub group_source_id: String,
    /// When it was made.
    pub create_time: i64,
    /// When it last changed itself; its members do not count.
    pub update_time: i64,
    /// The instance.
    pub instance_id: String,
}

impl Action for GetGroup {
    const NAME: &'static str = "GetGroup";
    const RIGHT: Right = Right::get("eiam:GetGroup");
    type Reply = GetGroupReply;

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

/// `ListGroups`: lists the groups of an instance, by filters all of which must hold. An empty filter is none.
///
/// Source: `reference/eiam.md`, 8.3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListGroups {
    /// The instance.
    pub instance_id: String,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<PageNumber>,
    /// The page size, 20 if none is given.
    pub page_size: Option<PageSize>,
    /// Only these; unknown ones match nothing.
    pub group_ids: Option<List<String, 0, 100>>,
    /// Only groups of this name, whatever its case.
    pub group_name: Option<String>,
    /// How the name begins, whatever its case.
    pub group_name_starts_with: Option<String>,
    /// Only this external id.
    pub group_external_id: Option<String>,
}

/// The answer of [`ListGroups`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListGroupsReply {
    /// How many groups match, on all pages.
    pub total_count: i64,
    /// The groups, in the order in which they were made.
    pub groups: Vec<Group>,
}

impl Action for ListGroups {
    const NAME: &'static str = "ListGroups";
    const RIGHT: Right = Right::list("eiam:ListGroups");
    type Reply = ListGroupsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        line::<64>(self.group_name.as_deref(), "GroupName")?;
        line::<64>(self.group_name_starts_with.as_deref(), "GroupNameStartsWith")?;
        line::<64>(self.group_external_id.as_deref(), "GroupExternalId")
    }
}

/// `UpdateGroup`: changes a group. What is absent or empty stays.
///
/// Source: `reference/eiam.md`, 8.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateGroup {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
    /// The name from now on, at most 64 characters.
    pub group_name: Option<String>,
    /// The external id from now on, at most 64 characters, unique in the instance.
    pub group_external_id: Option<String>,
}

impl Action for UpdateGroup {
    const NAME: &'static str = "UpdateGroup";
    const RIGHT: Right = Right::update("eiam:UpdateGroup");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/{}", self.instance_id, self.group_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.group_id, "GroupId")?;
        line::<64>(self.group_name.as_deref(), "GroupName")?;
        line::<64>(self.group_external_id.as_deref(), "GroupExternalId")
    }
}

/// `UpdateGroupDescription`: changes a group's description.
///
/// Source: `reference/eiam.md`, 8.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateGroupDescription {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
    /// The description from now on, at most 256 characters. Absent or empty clears it.
    pub description: Option<String>,
}

impl Action for UpdateGroupDescription {
    const NAME: &'static str = "UpdateGroupDescription";
    const RIGHT: Right = Right::update("eiam:UpdateGroupDescription");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/group/{}", self.instance_id, self.group_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.group_id, "GroupId")?;
        prose::<256>(self.description.as_deref(), "Description")
    }
}

/// `DeleteGroup`: removes a group; its members stay users.
///
/// Source: `reference/eiam.md`, 8.4.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteGroup {
    /// The instance.
    pub instance_id: String,
    /// The group.
    pub group_id: String,
}

impl Action for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";
    const RIGHT: Right = Right::delete("eiam:DeleteGroup");
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
