//! The actions on users, and what their answers share.

mod create;
mod describe;
mod filter;
mod lock;
mod modify;
mod password;
mod remove;

pub use create::*;
pub use describe::*;
pub use filter::*;
pub use lock::*;
pub use modify::*;
pub use password::*;
pub use remove::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user for whom a call failed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FailedUser {
    /// As given.
    pub end_user_id: String,
    /// Why, for programs.
    pub error_code: String,
    /// Why, for people.
    pub error_message: String,
}

/// The state of an account, as eds-user shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i64", into = "i64")]
#[schemars(with = "i64")]
pub enum ShownStatus {
    /// 0: in use.
    Normal,
    /// 9: locked or disabled.
    Locked,
    /// 11: has left the company, which nobody here has.
    Left,
}

impl TryFrom<i64> for ShownStatus {
    type Error = String;

    fn try_from(code: i64) -> Result<Self, String> {
        match code {
            0 => Ok(Self::Normal),
            9 => Ok(Self::Locked),
            11 => Ok(Self::Left),
            _ => Err(format!("{code} is no status")),
        }
    }
}

impl From<ShownStatus> for i64 {
    fn from(status: ShownStatus) -> Self {
        match status {
            ShownStatus::Normal => 0,
            ShownStatus::Locked => 9,
            ShownStatus::Left => 11,
        }
    }
}

/// An organization of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct OrgOfUser {
    /// Its id.
    pub org_id: String,
    /// Its name.
    pub org_name: String,
    /// The names from the root down, joined by `/`.
    pub org_name_path: String,
}

/// A group of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GroupOfUser {
    /// Its id.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
}

/// A property of a user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PropertyOfUser {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A policy on resources.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ResourcePolicy {
    /// Its id.
    pub policy_id: String,
    /// Its name.
    pub policy_name: String,
}
