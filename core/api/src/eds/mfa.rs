//! The actions on devices for one-time codes.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable};

use super::{Done, filled};
use crate::Ranged;

/// `DescribeMfaDevices`: lists the devices that users have bound, by filters all of which must hold.
///
/// Source: `reference/eds-user.md`, 42.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMfaDevices {
    /// The page size, 100 if none is given; more than 100 are never shown.
    pub max_results: Option<Ranged<1, 500>>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
    /// Only those of users with these names.
    pub end_user_ids: Option<List<String, 0, 100>>,
    /// Only those with these serial numbers.
    pub serial_numbers: Option<List<String, 0, 100>>,
    /// In the username or the e-mail address of the user; `*` stands for any characters, and then the ends count.
    pub filter: Option<String>,
}

/// The answer of [`DescribeMfaDevices`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeMfaDevicesReply {
    /// Where the next page begins; empty on the last one.
    pub next_token: String,
    /// The devices, in the order of their ids.
    pub mfa_devices: Vec<MfaDevice>,
}

/// A device for one-time codes.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct MfaDevice {
    /// The number.
    pub id: i64,
    /// A UUID in lower case.
    pub serial_number: String,
    /// The user's name.
    pub end_user_id: String,
    /// Which kind of device it is.
    pub device_type: MfaDeviceType,
    /// Whether its codes are taken.
    pub status: MfaDeviceStatus,
    /// Wrong codes in a row.
    pub consecutive_fails: i64,
    /// When it was bound: `yyyy-MM-ddTHH:mm:ssZ`.
    pub gmt_enabled: String,
    /// When one that is locked opens by itself, likewise; absent where it does not.
    pub gmt_unlock: Option<String>,
}

/// Which kinds of devices there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MfaDeviceType {
    /// One that makes codes from the time.
    #[serde(rename = "TOTP_VIRTUAL")]
    TotpVirtual,
}

/// Whether a device's codes are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MfaDeviceStatus {
    /// They are.
    Normal,
    /// They are not.
    Locked,
}

impl Action for DescribeMfaDevices {
    const NAME: &'static str = "DescribeMfaDevices";
    const RIGHT: Right = Right::get("ecd:DescribeMfaDevices");
    type Reply = DescribeMfaDevicesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `LockMfaDevice`: locks a device, whose user cannot sign in until somebody unlocks it.
///
/// Source: `reference/eds-user.md`, 43.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct LockMfaDevice {
    /// The device.
    pub serial_number: String,
}

impl Action for LockMfaDevice {
    const NAME: &'static str = "LockMfaDevice";
    const RIGHT: Right = Right::update("ecd:LockMfaDevice");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.serial_number, "SerialNumber")
    }
}

/// `UnlockMfaDevice`: unlocks a device.
///
/// Source: `reference/eds-user.md`, 44.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnlockMfaDevice {
    /// The device.
    pub serial_number: String,
}

impl Action for UnlockMfaDevice {
    const NAME: &'static str = "UnlockMfaDevice";
    const RIGHT: Right = Right::update("ecd:UnlockMfaDevice");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.serial_number, "SerialNumber")
    }
}

/// `RemoveMfaDevice`: takes a device away from its user, who can bind another one.
///
/// Source: `reference/eds-user.md`, 45.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveMfaDevice {
    /// The device.
    pub serial_number: String,
}

impl Action for RemoveMfaDevice {
    const NAME: &'static str = "RemoveMfaDevice";
    const RIGHT: Right = Right::delete("ecd:RemoveMfaDevice");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.serial_number, "SerialNumber")
    }
}
