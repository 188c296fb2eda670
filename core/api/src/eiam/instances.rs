//! The actions on instances: an account's directories.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use super::text::{client_token, id, line, prose};
use super::{Done, PageNumber, PageSize, Status};

/// `CreateInstance`: makes an instance with its root unit and its policies. An empty text says as much as
/// none.
///
/// Source: `reference/eiam.md`, 11.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateInstance {
    /// At most 128 characters.
    pub description: Option<String>,
    /// At most 64 characters of ASCII: the same call with the same token makes the instance once.
    pub client_token: Option<String>,
}

/// The answer of [`CreateInstance`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateInstanceReply {
    /// The new instance.
    pub instance_id: String,
}

impl Action for CreateInstance {
    const NAME: &'static str = "CreateInstance";
    const RIGHT: Right = Right::create("eiam:CreateInstance");
    type Reply = CreateInstanceReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", "instance/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn client_token(&self) -> Option<&str> {
        self.client_token.as_deref().filter(|token| !token.is_empty())
    }

    fn check(&self) -> Result<(), Undecodable> {
        prose::<128>(self.description.as_deref(), "Description")?;
        client_token(self.client_token.as_deref())
    }
}

/// `GetInstance`: shows one instance.
///
/// Source: `reference/eiam.md`, 11.2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstance {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetInstance`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceReply {
    /// The instance.
    pub instance: Instance,
}

/// An instance. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 11.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    /// Its id.
    pub instance_id: String,
    /// Its description.
    pub description: Option<String>,
    /// Its state: `running`.
    pub status: InstanceStatus,
    /// When it was made.
    pub create_time: i64,
    /// Whether another service manages it; none does.
    pub service_managed: bool,
    /// Whether it is kept in a second region as well; it is not.
    pub cross_region_replication: Status,
}

/// The state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstanceStatus {
    /// It is being made, which none is for long enough to be seen.
    Creating,
    /// It is in use.
    Running,
}

impl Action for GetInstance {
    const NAME: &'static str = "GetInstance";
    const RIGHT: Right = Right::get("eiam:GetInstance");
    type Reply = GetInstanceReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")
    }
}

/// `ListInstances`: lists the instances of the account, by filters all of which must hold. An empty filter is
/// none.
///
/// Source: `reference/eiam.md`, 11.3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListInstances {
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<PageNumber>,
    /// The page size, 20 if none is given.
    pub page_size: Option<PageSize>,
    /// Only these; unknown ones match nothing.
    pub instance_ids: Option<List<String, 0, 100>>,
    /// Only instances in this state.
    pub status: Option<InstanceStatus>,
    /// Only instances of this edition; all are of the same.
    pub edition: Option<Edition>,
    /// Only instances that are kept in a second region as well, or only others; none is.
    pub cross_region_replication: Option<Status>,
    /// Only instances that another service manages, or only others; none is.
    pub service_managed: Option<bool>,
    /// Only instances that this service manages; none is.
    pub managed_service_code: Option<String>,
}

/// The answer of [`ListInstances`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListInstancesReply {
    /// How many instances match, on all pages.
    pub total_count: i64,
    /// The instances, in the order in which they were made.
    pub instances: Vec<Instance>,
}

/// What was bought.
///
/// Source: `reference/eiam.md`, 11.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// Less of everything, for nothing.
    Free,
    /// Everything, for some time.
    Trial,
    /// By the number of users.
    Scalability,
    /// The usual.
    Standard,
    /// Everything, which each instance is.
    Enterprise,
}

impl Action for ListInstances {
    const NAME: &'static str = "ListInstances";
    const RIGHT: Right = Right::list("eiam:ListInstances");
    type Reply = ListInstancesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", "instance/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        line::<64>(self.managed_service_code.as_deref(), "ManagedServiceCode")
    }
}

/// `ListEiamInstances`: lists the instances of the account in an older shape, by filters both of which must
/// hold.
///
/// Source: `reference/eiam.md`, 11.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEiamInstances {
    /// Only these; unknown ones match nothing.
    pub instance_ids: Option<List<String, 0, 100>>,
    /// Only instances of this region, at most 32 characters. Empty is none.
    pub instance_region_id: Option<String>,
}

/// The answer of [`ListEiamInstances`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListEiamInstancesReply {
    /// The instances, in the order in which they were made.
    pub instances: Vec<EiamInstance>,
}

/// An instance in the older shape.
///
/// Source: `reference/eiam.md`, 11.4.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EiamInstance {
    /// Its id.
    pub instance_id: String,
    /// Its description.
    pub description: Option<String>,
    /// Its state.
    pub instance_status: EiamInstanceStatus,
    /// Which product it is of.
    pub instance_version: EiamInstanceVersion,
    /// The host at which this API answers.
    #[serde(rename = "OpenAPIPublicDomain")]
    pub open_api_public_domain: String,
    /// When it was made, in milliseconds since 1970.
    pub start_time: i64,
}

/// The state of an instance in the older shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EiamInstanceStatus {
    /// It is in use.
    Running,
}

/// Which product an instance is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EiamInstanceVersion {
    /// The product before this one; no instance is.
    #[serde(rename = "EIAM 1.0")]
    First,
    /// This one.
    #[serde(rename = "EIAM 2.0")]
    Second,
}

impl Action for ListEiamInstances {
    const NAME: &'static str = "ListEiamInstances";
    const RIGHT: Right = Right::list("eiam:ListEiamInstances");
    type Reply = ListEiamInstancesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        line::<32>(self.instance_region_id.as_deref(), "InstanceRegionId")
    }
}

/// `UpdateInstanceDescription`: changes an instance's description.
///
/// Source: `reference/eiam.md`, 11.5.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateInstanceDescription {
    /// The instance.
    pub instance_id: String,
    /// The description from now on: see [`UpdateInstanceDescription::check_changed`]. Absent or empty clears
    /// it.
    pub description: Option<String>,
}

impl UpdateInstanceDescription {
    /// What must hold of a description other than the stored one: at most 128 characters. The stored one,
    /// which another API may have given, is taken as it is.
    ///
    /// # Errors
    /// `Invalid`, with `Description`.
    ///
    /// Source: `reference/doors.md` §0.2.
    pub fn check_changed(&self) -> Result<(), Undecodable> {
        prose::<128>(self.description.as_deref(), "Description")
    }
}

impl Action for UpdateInstanceDescription {
    const NAME: &'static str = "UpdateInstanceDescription";
    const RIGHT: Right = Right::update("eiam:UpdateInstanceDescription");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        prose::<1024>(self.description.as_deref(), "Description")
    }
}

/// `DeleteInstance`: removes an instance with all that is in it, unless [`CheckInstanceForDelete`] says
/// otherwise.
///
/// Source: `reference/eiam.md`, 11.5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteInstance {
    /// The instance.
    pub instance_id: String,
}

impl Action for DeleteInstance {
    const NAME: &'static str = "DeleteInstance";
    const RIGHT: Right = Right::delete("eiam:DeleteInstance");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")
    }
}

/// `CheckInstanceForDelete`: says whether an instance can be removed, and if not, why.
///
/// Source: `reference/eiam.md`, 11.5; `reference/doors.md` §4.5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckInstanceForDelete {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`CheckInstanceForDelete`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckInstanceForDeleteReply {
    /// Whether it can be removed.
    pub check_instance_result: CheckInstanceResult,
}

/// Whether an instance can be removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckInstanceResult {
    /// Whether nothing stands against it.
    pub deletable: bool,
    /// What stands against it.
    pub restrict_scenarios: Vec<RestrictScenario>,
}

/// What stands against removing an instance.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RestrictScenario {
    /// What it is.
    pub restrict_reason: RestrictReason,
    /// The thing in the way, where it is one.
    pub resource_id: Option<String>,
}

/// Why an instance cannot be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestrictReason {
    /// It is the account's default directory, in which other APIs live.
    CloudProductDependency,
    /// It holds drives.
    DriveExists,
}

impl Action for CheckInstanceForDelete {
    const NAME: &'static str = "CheckInstanceForDelete";
    const RIGHT: Right = Right::get("eiam:CheckInstanceForDelete");
    type Reply = CheckInstanceForDeleteReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")
    }
}
