//! The actions on devices for one-time codes.

use api::eds::{
    DescribeMfaDevices, DescribeMfaDevicesReply, Done, LockMfaDevice, MfaDevice, MfaDeviceStatus,
    MfaDeviceType, RemoveMfaDevice, UnlockMfaDevice,
};
use directory::devices::{self, Listed, Wanted};
use gate::{Change, Permit, Reader};
use model::Number;

use crate::pages::List;
use crate::users::asked::{login, names};
use crate::words::Refused;
use crate::{Settings, ids, time};

/// The page size where none is given, and the largest one that is answered.
const PAGE: i64 = 100;

pub(crate) async fn describe(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeMfaDevices,
) -> Result<DescribeMfaDevicesReply, Refused> {
    let apart = DescribeMfaDevices { max_results: None, next_token: None, ..request.clone() };
    let list = List::of(permit, &apart);
    let number = |text: &str| text.parse().ok().map(Number);
    let place = list.place(reader, request.next_token.as_ref(), number)?;
    let limit = request.max_results.map_or(PAGE, |n| n.get().min(PAGE));
    let users = request.end_user_ids.as_ref().filter(|named| !named.is_empty());
    let serials = request.serial_numbers.as_ref().filter(|named| !named.is_empty());
    let wanted = Wanted {
        usernames: users.map(names),
        devices: serials.map(|serials| serials.iter().map(|serial| ids::named_device(serial)).collect()),
        text: login(request.filter.as_ref())?,
        after: place.map(|(after, _)| after),
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let page = devices::list(reader, permit, &wanted).await.map_err(Refused::Rule)?;
    Ok(DescribeMfaDevicesReply {
        next_token: list.token(reader, permit, page.next, None),
        mfa_devices: page.devices.iter().map(|listed| shown(listed, permit)).collect(),
    })
}

fn shown(listed: &Listed, permit: &Permit) -> MfaDevice {
    let device = &listed.device;
    let is_locked = device.is_locked_at(permit.at());
    MfaDevice {
        id: device.id.number().0,
        serial_number: ids::serial(device.id),
        end_user_id: listed.username.clone(),
        device_type: MfaDeviceType::TotpVirtual,
        status: if is_locked { MfaDeviceStatus::Locked } else { MfaDeviceStatus::Normal },
        consecutive_fails: device.failures,
        gmt_enabled: device.enabled_at.map(time::in_seconds).unwrap_or_default(),
        gmt_unlock: device.unlock_at.filter(|_| is_locked).map(time::in_seconds),
    }
}

pub(crate) async fn lock(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &LockMfaDevice,
) -> Result<Done, Refused> {
    devices::lock(change, permit, &ids::named_device(&request.serial_number)).await?;
    Ok(Done {})
}

pub(crate) async fn unlock(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UnlockMfaDevice,
) -> Result<Done, Refused> {
    devices::unlock(change, permit, &ids::named_device(&request.serial_number)).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveMfaDevice,
) -> Result<Done, Refused> {
    devices::remove_by_serial(change, permit, &ids::named_device(&request.serial_number)).await?;
    Ok(Done {})
}
