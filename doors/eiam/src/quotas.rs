//! How much there may be: of users any number, of trials none, because nothing is bought here.
//!
//! Source: `reference/eiam.md` 11.7 and 13; `reference/doors.md` §4.5.

use api::eiam::{
    Edition, GetInstanceLicense, GetInstanceLicenseReply, GetInstanceQuota, GetInstanceQuotaReply,
    GetServiceQuota, GetServiceQuotaReply, InstanceLicenseDetail, License, LicenseStatus, Quota,
    ServiceQuota,
};
use directory::directories;
use gate::{Permit, Reader};

use crate::words::Refused;
use crate::{Settings, ids};

/// What is shown where nothing limits the users.
const NO_LIMIT: i64 = 2_147_483_647;

pub(crate) async fn of_account(
    _: &Settings,
    _: &mut Reader,
    _: &Permit,
    request: &GetServiceQuota,
) -> Result<GetServiceQuotaReply, Refused> {
    Ok(GetServiceQuotaReply {
        service_quota: ServiceQuota { quota_type: request.quota_type, quota_value: 0, used_quota_value: 0 },
    })
}

pub(crate) async fn of_instance(
    _: &Settings,
    _: &mut Reader,
    _: &Permit,
    request: &GetInstanceQuota,
) -> Result<GetInstanceQuotaReply, Refused> {
    Ok(GetInstanceQuotaReply { quota: Quota { quota_key: request.quota_key, quota_value: NO_LIMIT } })
}

pub(crate) async fn license(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetInstanceLicense,
) -> Result<GetInstanceLicenseReply, Refused> {
    let found = directories::find(reader, permit).await?;
    Ok(GetInstanceLicenseReply {
        license: License {
            license_id: ids::spell(ids::LICENSE, found.directory.id),
            edition: Edition::Enterprise,
            license_status: LicenseStatus::Valid,
            start_time: found.created.0,
            license_create_time: found.created.0,
            user_quota: NO_LIMIT,
            instance_license_detail: InstanceLicenseDetail { user_quota: NO_LIMIT },
        },
    })
}
