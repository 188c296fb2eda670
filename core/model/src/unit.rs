//! A unit: a node of a directory's one organization tree.
//!
//! Source: `reference/doors.md` §4.4.

use serde::Serialize;

use crate::id::{Id, Number};
use crate::text::{Description, ExternalId, Label, UnitName};
use crate::time::Millis;

/// A node of the organization tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// The stored id.
    pub id: Id,
    /// `None` for the root.
    pub parent: Option<Number>,
    /// Its name, unique among its siblings.
    pub name: UnitName,
    /// A free remark.
    pub description: Description,
    /// What another system calls it, where that is not its own id; unique in the directory.
    pub external_id: Option<ExternalId>,
    /// As of a profile.
    pub creator: String,
    /// The part of the directory that it is said to be in; empty for none.
    pub label: Label,
    /// When it was made.
    pub created: Millis,
    /// When it last changed itself; its place in the tree counts, its members do not.
    pub updated: Millis,
}

/// A unit as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUnit {
    /// The unit.
    pub unit: Unit,
    /// The id of the unit above it, and whether that is the root; `None` for the root.
    pub parent: Option<UnitRef>,
    /// The names from the root down, joined by `/`.
    pub path: String,
    /// Whether no unit lies below it.
    pub is_leaf: bool,
}

/// A unit's id, where the root may be spelled otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitRef {
    /// The stored id.
    pub id: Id,
    /// Whether it is the root unit.
    pub is_root: bool,
}

/// A unit as the record of one user shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitText {
    /// The stored id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// A unit as a user's record in lists shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitOf {
    /// Which one.
    pub unit: UnitRef,
    /// Its name.
    pub name: String,
    /// The names from the root down, joined by `/`.
    pub path: String,
}
