//! How much there may be.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, Place, Undecodable};

use super::Edition;
use super::text::id;

/// `GetServiceQuota`: shows how much of something the account may have.
///
/// Source: `reference/eiam.md`, 11.7.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetServiceQuota {
    /// Of what.
    pub quota_type: QuotaType,
}

/// Of what an account may have only so much.
///
/// Source: `reference/eiam.md`, 11.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum QuotaType {
    /// Instances on trial.
    InstanceTrialNumber,
    /// Beginnings of a trial.
    InstanceTrialTimes,
}

/// The answer of [`GetServiceQuota`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetServiceQuotaReply {
    /// The quota.
    pub service_quota: ServiceQuota,
}

/// How much of something the account may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ServiceQuota {
    /// Of what.
    pub quota_type: QuotaType,
    /// How much.
    pub quota_value: i64,
    /// How much of it is used.
    pub used_quota_value: i64,
}

impl Action for GetServiceQuota {
    const NAME: &'static str = "GetServiceQuota";
    const RIGHT: Right = Right::get("eiam:GetServiceQuota");
    type Reply = GetServiceQuotaReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}

/// `GetInstanceQuota`: shows how much of something an instance may hold.
///
/// Source: `reference/eiam.md`, 11.7.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceQuota {
    /// The instance.
    pub instance_id: String,
    /// Of what.
    pub quota_key: QuotaKey,
}

/// Of what an instance may hold only so much.
///
/// Source: `reference/eiam.md`, 11.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum QuotaKey {
    /// Users.
    UserMaxNumber,
}

/// The answer of [`GetInstanceQuota`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceQuotaReply {
    /// The quota.
    pub quota: Quota,
}

/// How much of something an instance may hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Quota {
    /// Of what.
    pub quota_key: QuotaKey,
    /// How much; 2147483647 where nothing bounds it.
    pub quota_value: i64,
}

impl Action for GetInstanceQuota {
    const NAME: &'static str = "GetInstanceQuota";
    const RIGHT: Right = Right::get("eiam:GetInstanceQuota");
    type Reply = GetInstanceQuotaReply;

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

/// `GetInstanceLicense`: shows what an instance may do. Nothing is bought here: all may do everything, for
/// ever.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceLicense {
    /// The instance.
    pub instance_id: String,
}

/// The answer of [`GetInstanceLicense`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetInstanceLicenseReply {
    /// The licence.
    pub license: License,
}

/// A licence. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 13; `reference/doors.md` §4.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct License {
    /// The instance's id, spelled `license_…`.
    pub license_id: String,
    /// `enterprise`.
    pub edition: Edition,
    /// `valid`.
    pub license_status: LicenseStatus,
    /// When the instance was made.
    pub start_time: i64,
    /// When the instance was made.
    pub license_create_time: i64,
    /// How many users there may be; 2147483647 where nothing bounds them.
    pub user_quota: i64,
    /// The same, once more.
    pub instance_license_detail: InstanceLicenseDetail,
}

/// Whether a licence holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicenseStatus {
    /// It does.
    Valid,
}

/// What a licence says of each part of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceLicenseDetail {
    /// How many users there may be; 2147483647 where nothing bounds them.
    pub user_quota: i64,
}

impl Action for GetInstanceLicense {
    const NAME: &'static str = "GetInstanceLicense";
    const RIGHT: Right = Right::get("eiam:GetInstanceLicense");
    type Reply = GetInstanceLicenseReply;

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
