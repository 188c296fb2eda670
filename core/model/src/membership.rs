//! A user in a unit, and who administers units.
//!
//! Source: `reference/pds.md` §6.4, §6.6; `reference/doors.md` §4.3.

use serde::Serialize;

use crate::id::Number;
use crate::text::Description;
use crate::time::Millis;

/// A user in a unit, primary or further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// Who.
    pub user: Number,
    /// Where.
    pub unit: Number,
    /// What the user is called there; it gives no rights.
    pub role: MemberRole,
    /// A free remark.
    pub note: Description,
    /// As of a profile.
    pub creator: String,
    /// Since when.
    pub joined: Millis,
    /// When role or remark last changed, or since when the user is there.
    pub updated: Millis,
}

/// What a member of a unit is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// A member.
    #[default]
    Member,
    /// An administrator, by name alone.
    Admin,
}

/// A user administers a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assignment {
    /// Over what.
    pub unit: Number,
    /// Who.
    pub user: Number,
    /// Whether the units below are left out.
    pub only_unit: bool,
    /// As of a profile.
    pub creator: String,
    /// When it was given.
    pub created: Millis,
    /// When it last changed.
    pub updated: Millis,
}
