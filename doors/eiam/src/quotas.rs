//! How much there may be: of users as many as the directory's bound says, of trials none, because nothing is bought here.
//!
//! Source: `reference/eiam.md` 11.7 and 13; `reference/doors.md` §4.5.

use api::eiam::{
    Edition, GetInstanceLicense, GetInstanceLicenseReply, GetInstanceQuota, GetInstanceQuotaReply,
    GetServiceQuota, GetServiceQuotaReply, InstanceLicenseDetail, License, LicenseStatus, Quota, QuotaKey,
    ServiceQuota,
};
use directory::directories;
use gate::{Permit, Reader};

use crate::words::Refused;
use crate::{Settings, ids};

/// What is shown where nothing limits the users.
const NO_LIMIT: i64 = 2_147_483_647;

/// How many users there may be, as it is shown.
fn shown(most_users: i64) -> i64 {
    if most_users == 0 { NO_LIMIT } else { most_users }
}

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
    reader: &mut Reader,
    permit: &Permit,
    request: &GetInstanceQuota,
) -> Result<GetInstanceQuotaReply, Refused> {
    let QuotaKey::UserMaxNumber = request.quota_key;
    let quota_value = shown(directories::find(reader, permit).await?.most_users);
    Ok(GetInstanceQuotaReply { quota: Quota { quota_key: request.quota_key, quota_value } })
}

pub(crate) async fn license(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetInstanceLicense,
) -> Result<GetInstanceLicenseReply, Refused> {
    let found = directories::find(reader, permit).await?;
    let user_quota = shown(found.most_users);
    Ok(GetInstanceLicenseReply {
        license: License {
            license_id: ids::spell(ids::LICENSE, found.directory.id),
            edition: Edition::Enterprise,
            license_status: LicenseStatus::Valid,
            start_time: found.created.0,
            license_create_time: found.created.0,
            user_quota,
            instance_license_detail: InstanceLicenseDetail { user_quota },
        },
    })
}
