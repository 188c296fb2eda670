//! The actions on units: the nodes of the one organization tree of an instance.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::text::{filled, id, line, prose};
use super::{Done, PageNumber, PageSize, SourceType};

/// `CreateOrganizationalUnit`: makes a unit below another. An empty text in an optional parameter says as
/// much as none.
///
/// Source: `reference/eiam.md`, 9.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
    /// 1 to 128 characters, unique among its siblings.
    pub organizational_unit_name: String,
    /// The unit above it.
    pub parent_id: String,
    /// At most 128 characters, unique in the instance; the unit's own id if none is given.
    pub organizational_unit_external_id: Option<String>,
    /// At most 256 characters.
    pub description: Option<String>,
}

/// The answer of [`CreateOrganizationalUnit`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateOrganizationalUnitReply {
    /// The new unit.
    pub organizational_unit_id: String,
}

impl Action for CreateOrganizationalUnit {
    const NAME: &'static str = "CreateOrganizationalUnit";
    const RIGHT: Right = Right::create("eiam:CreateOrganizationalUnit");
    type Reply = CreateOrganizationalUnitReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/organizationalunit/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        filled(&self.organizational_unit_name, "OrganizationalUnitName")?;
        filled(&self.parent_id, "ParentId")?;
        line::<128>(Some(&self.organizational_unit_name), "OrganizationalUnitName")?;
        line::<128>(self.organizational_unit_external_id.as_deref(), "OrganizationalUnitExternalId")?;
        prose::<256>(self.description.as_deref(), "Description")
    }
}

/// `GetOrganizationalUnit`: shows one unit.
///
/// Source: `reference/eiam.md`, 9.2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
}

/// The answer of [`GetOrganizationalUnit`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetOrganizationalUnitReply {
    /// The unit.
    pub organizational_unit: OrganizationalUnit,
}

/// A unit. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 9.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationalUnit {
    /// Its id.
    pub organizational_unit_id: String,
    /// Its name.
    pub organizational_unit_name: String,
    /// Its description.
    pub description: Option<String>,
    /// The instance.
    pub instance_id: String,
    /// The unit above it; the root has none.
    pub parent_id: Option<String>,
    /// Its external id: the own id unless another was given.
    pub organizational_unit_external_id: String,
    /// What kind of source it comes from.
    pub organizational_unit_source_type: SourceType,
    /// Which source: the instance.
    pub organizational_unit_source_id: String,
    /// Whether no unit lies below it; users do not count.
    pub leaf: bool,
    /// When it was made.
    pub create_time: i64,
    /// When it last changed itself; its members do not count.
    pub update_time: i64,
}

impl Action for GetOrganizationalUnit {
    const NAME: &'static str = "GetOrganizationalUnit";
    const RIGHT: Right = Right::get("eiam:GetOrganizationalUnit");
    type Reply = GetOrganizationalUnitReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")
    }
}

/// `GetRootOrganizationalUnit`: shows the unit above all others.
///
/// Source: `reference/eiam.md`, 9.3.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRootOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetRootOrganizationalUnit`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRootOrganizationalUnitReply {
    /// The root.
    pub organizational_unit: RootOrganizationalUnit,
}

/// The root, with fewer fields than other units. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 9.3.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RootOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
    /// Its id.
    pub organizational_unit_id: String,
    /// Its name.
    pub organizational_unit_name: String,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub create_time: i64,
    /// When it last changed itself; its members do not count.
    pub update_time: i64,
}

impl Action for GetRootOrganizationalUnit {
    const NAME: &'static str = "GetRootOrganizationalUnit";
    const RIGHT: Right = Right::get("eiam:GetRootOrganizationalUnit");
    type Reply = GetRootOrganizationalUnitReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/organizationalunit/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")
    }
}

/// `ListOrganizationalUnits`: lists the units of an instance, the root among them, by filters all of which
/// must hold. An empty filter is none.
///
/// Source: `reference/eiam.md`, 9.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListOrganizationalUnits {
    /// The instance.
    pub instance_id: String,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<PageNumber>,
    /// The page size, 20 if none is given.
    pub page_size: Option<PageSize>,
    /// Only these; unknown ones match nothing.
    pub organizational_unit_ids: Option<List<String, 0, 100>>,
    /// Only units of this name, whatever its case.
    pub organizational_unit_name: Option<String>,
    /// How the name begins, whatever its case.
    pub organizational_unit_name_starts_with: Option<String>,
    /// Only units directly below this one.
    pub parent_id: Option<String>,
}

/// The answer of [`ListOrganizationalUnits`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListOrganizationalUnitsReply {
    /// How many units match, on all pages.
    pub total_count: i64,
    /// The units, in the order in which they were made.
    pub organizational_units: Vec<OrganizationalUnit>,
}

impl Action for ListOrganizationalUnits {
    const NAME: &'static str = "ListOrganizationalUnits";
    const RIGHT: Right = Right::list("eiam:ListOrganizationalUnits");
    type Reply = ListOrganizationalUnitsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/organizationalunit/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        line::<128>(self.organizational_unit_name.as_deref(), "OrganizationalUnitName")?;
        line::<128>(self.organizational_unit_name_starts_with.as_deref(), "OrganizationalUnitNameStartsWith")
    }
}

/// `ListOrganizationalUnitParents`: lists all units above a unit, the root first.
///
/// Source: `reference/eiam.md`, 9.5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListOrganizationalUnitParents {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
}

/// The answer of [`ListOrganizationalUnitParents`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListOrganizationalUnitParentsReply {
    /// The units, from the root down; none for the root.
    pub parents: Vec<ParentUnit>,
}

/// A unit above another one.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ParentUnit {
    /// Its id.
    pub organizational_unit_id: String,
    /// The unit above it; the root has none.
    pub parent_id: Option<String>,
}

impl Action for ListOrganizationalUnitParents {
    const NAME: &'static str = "ListOrganizationalUnitParents";
    const RIGHT: Right = Right::list("eiam:ListOrganizationalUnitParents");
    type Reply = ListOrganizationalUnitParentsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")
    }
}

/// `UpdateOrganizationalUnit`: renames a unit. A name that is absent or empty stays.
///
/// Source: `reference/eiam.md`, 9.6.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
    /// The name from now on, at most 128 characters, unique among its siblings.
    pub organizational_unit_name: Option<String>,
}

impl Action for UpdateOrganizationalUnit {
    const NAME: &'static str = "UpdateOrganizationalUnit";
    const RIGHT: Right = Right::update("eiam:UpdateOrganizationalUnit");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")?;
        line::<128>(self.organizational_unit_name.as_deref(), "OrganizationalUnitName")
    }
}

/// `UpdateOrganizationalUnitDescription`: changes a unit's description.
///
/// Source: `reference/eiam.md`, 9.6.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateOrganizationalUnitDescription {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
    /// The description from now on: see [`UpdateOrganizationalUnitDescription::check_changed`]. Absent or
    /// empty clears it.
    pub description: Option<String>,
}

impl UpdateOrganizationalUnitDescription {
    /// What must hold of a description other than the stored one: at most 256 characters. The stored one,
    /// which another API may have given, is taken as it is.
    ///
    /// # Errors
    /// `Invalid`, with `Description`.
    ///
    /// Source: `reference/doors.md` §0.2.
    pub fn check_changed(&self) -> Result<(), Undecodable> {
        prose::<256>(self.description.as_deref(), "Description")
    }
}

impl Action for UpdateOrganizationalUnitDescription {
    const NAME: &'static str = "UpdateOrganizationalUnitDescription";
    const RIGHT: Right = Right::update("eiam:UpdateOrganizationalUnitDescription");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")?;
        prose::<1024>(self.description.as_deref(), "Description")
    }
}

/// `UpdateOrganizationalUnitParentId`: moves a unit, with all that lies below it, under another one.
///
/// Source: `reference/eiam.md`, 9.7.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateOrganizationalUnitParentId {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
    /// The unit above it from now on.
    pub parent_id: String,
}

impl Action for UpdateOrganizationalUnitParentId {
    const NAME: &'static str = "UpdateOrganizationalUnitParentId";
    const RIGHT: Right = Right::update("eiam:UpdateOrganizationalUnitParentId");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")?;
        filled(&self.parent_id, "ParentId")
    }
}

/// `DeleteOrganizationalUnit`: removes a unit that has neither members nor units below it.
///
/// Source: `reference/eiam.md`, 9.8.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteOrganizationalUnit {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
}

impl Action for DeleteOrganizationalUnit {
    const NAME: &'static str = "DeleteOrganizationalUnit";
    const RIGHT: Right = Right::delete("eiam:DeleteOrganizationalUnit");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")
    }
}

/// `DeleteOrganizationalUnitChildren`: removes all units below a unit, and all users whose primary unit is
/// the unit or one of them. The unit itself stays.
///
/// Source: `reference/eiam.md`, 9.9.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteOrganizationalUnitChildren {
    /// The instance.
    pub instance_id: String,
    /// The unit.
    pub organizational_unit_id: String,
}

impl Action for DeleteOrganizationalUnitChildren {
    const NAME: &'static str = "DeleteOrganizationalUnitChildren";
    const RIGHT: Right = Right::delete("eiam:DeleteOrganizationalUnitChildren");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new(
            "eiam",
            format!("instance/{}/organizationalunit/{}", self.instance_id, self.organizational_unit_id),
        )]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.organizational_unit_id, "OrganizationalUnitId")
    }
}
