//! Drives, without what is in them.
//!
//! Source: `reference/pds.md` §6.7 and §14.

use serde::Serialize;

use crate::id::{Id, Number};
use crate::text::{Description, DriveName, Label};
use crate::time::Millis;
use crate::user::Status;

/// A drive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drive {
    /// The stored id; programs know it by its number.
    pub id: Id,
    /// Its name; others may have the same.
    pub name: DriveName,
    /// A free remark.
    pub description: Description,
    /// Whose it is.
    pub owner: Owner,
    /// Whether it is its user's default one.
    pub is_default: bool,
    /// Whether it is in use.
    pub status: Status,
    /// How many bytes it holds; -1 for no end.
    pub total_size: i64,
    /// How many of them are taken.
    pub used_size: i64,
    /// The part of the directory that it is said to be in; empty for none.
    pub label: Label,
    /// As of a profile.
    pub creator: String,
    /// When it was made.
    pub created: Millis,
    /// When it last changed.
    pub updated: Millis,
}

/// Whose a drive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A user's.
    User(Number),
    /// A unit's.
    Unit(Number),
}
