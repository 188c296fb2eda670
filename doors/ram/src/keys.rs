//! The actions on AccessKeys.

use api::Password;
use api::ram::{
    AccessKey, AccessKeys, CreateAccessKey, CreateAccessKeyReply, DeleteAccessKey, Done,
    GetAccessKeyLastUsed, GetAccessKeyLastUsedReply, KeyStatus, LastUsed, ListAccessKeys,
    ListAccessKeysReply, NewAccessKey, UpdateAccessKey,
};
use directory::ram::keys;
use gate::{Change, Permit, Reader};
use model::ram::RamUserName;

use crate::texts;
use crate::words::Refused;

pub(crate) async fn create(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &CreateAccessKey,
) -> Result<CreateAccessKeyReply, Refused> {
    let user = texts::some_user(request.user_name.as_ref())?;
    let key = keys::create(change, permit, name(user.as_ref())).await?;
    let access_key = NewAccessKey {
        access_key_id: key.id,
        access_key_secret: Password::new(key.secret.reveal_text().expect("it was made of letters")),
        status: KeyStatus::Active,
        create_date: permit.at().utc_seconds(),
    };
    Ok(CreateAccessKeyReply { access_key })
}

fn name(user: Option<&RamUserName>) -> Option<&str> {
    user.map(RamUserName::as_str)
}

pub(crate) async fn list(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListAccessKeys,
) -> Result<ListAccessKeysReply, Refused> {
    let user = texts::some_user(request.user_name.as_ref())?;
    let keys = keys::list(reader, permit, name(user.as_ref())).await?;
    let shown = keys.into_iter().map(|key| AccessKey {
        access_key_id: key.id,
        status: if key.is_active { KeyStatus::Active } else { KeyStatus::Inactive },
        create_date: key.created.utc_seconds(),
    });
    Ok(ListAccessKeysReply { access_keys: AccessKeys { access_key: shown.collect() } })
}

pub(crate) async fn update(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &UpdateAccessKey,
) -> Result<Done, Refused> {
    let user = texts::some_user(request.user_name.as_ref())?;
    let is_active = match request.status {
        KeyStatus::Active => true,
        KeyStatus::Inactive => false,
    };
    keys::set_active(change, permit, name(user.as_ref()), &request.user_access_key_id, is_active).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &DeleteAccessKey,
) -> Result<Done, Refused> {
    let user = texts::some_user(request.user_name.as_ref())?;
    keys::delete(change, permit, name(user.as_ref()), &request.user_access_key_id).await?;
    Ok(Done {})
}

pub(crate) async fn last_used(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &GetAccessKeyLastUsed,
) -> Result<GetAccessKeyLastUsedReply, Refused> {
    let user = texts::some_user(request.user_name.as_ref())?;
    let key = keys::get(reader, permit, name(user.as_ref()), &request.user_access_key_id).await?;
    let (at, door) = key.used.unzip();
    let last = LastUsed { last_used_date: at.map(|at| at.utc_seconds()), service_name: door };
    Ok(GetAccessKeyLastUsedReply { access_key_last_used: last })
}
