//! The actions on the account as a whole.

use api::eds::{
    AliasInfo, AliasSourceType, GetAdUsersCount, GetAdUsersCountReply, GetManagerInfoByAuthCode,
    GetManagerInfoByAuthCodeReply, GetUsersCount, GetUsersCountReply, InitTenantAlias, InitTenantAliasReply,
};
use directory::{accounts, auth_codes, directories, users};
use gate::{Change, Permit, Reader};
use model::unit::{Unit, UnitRef};

use crate::words::Refused;
use crate::{Settings, contact, ids};

/// What is shown where nothing limits the users.
const NO_LIMIT: i64 = 2_147_483_647;

pub(crate) async fn alias(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    _: &InitTenantAlias,
) -> Result<InitTenantAliasReply, Refused> {
    let data = accounts::alias(change, permit).await?;
    let alias_info = AliasInfo { alias_source_type: AliasSourceType::Generated, alias_editable: true };
    Ok(InitTenantAliasReply { data, alias_info })
}

pub(crate) async fn manager_by_code(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &GetManagerInfoByAuthCode,
) -> Result<GetManagerInfoByAuthCodeReply, Refused> {
    let manager = auth_codes::spend(change, permit, request.auth_code.secret()).await?;
    let org = |unit: &Unit| ids::org(UnitRef { id: unit.id, is_root: unit.parent.is_none() });
    Ok(GetManagerInfoByAuthCodeReply {
        wa_id: manager.account.0,
        org_id: manager.unit.as_ref().map(org),
        user_name: manager.user.username.to_string(),
        phone: manager.user.phone.as_ref().map(contact::shown),
        team_name: manager.root.map(|root| root.name.as_str().to_owned()),
    })
}

pub(crate) async fn count_users(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetUsersCount,
) -> Result<GetUsersCountReply, Refused> {
    let counts = users::count(reader, permit).await?;
    let most_users = directories::find(reader, permit).await?.most_users;
    Ok(GetUsersCountReply {
        user_count: counts.users,
        group_count: counts.groups,
        org_count: counts.units,
        max_user_number: if most_users == 0 { NO_LIMIT } else { most_users },
    })
}

/// Nobody comes from an office network's own directory.
pub(crate) async fn count_ad_users(
    _: &Settings,
    _: &mut Reader,
    _: &Permit,
    _: &GetAdUsersCount,
) -> Result<GetAdUsersCountReply, Refused> {
    Ok(GetAdUsersCountReply { ad_user_count: 0 })
}
