//! Groups: flat sets of users, and resource groups: flat sets of what other systems own.
//!
//! Source: `reference/doors.md` §4.4; `reference/eds-user.md`, 34 and 46.

use serde::Serialize;

use crate::id::Id;
use crate::text::{ExternalId, GroupDescription, GroupName, Line};
use crate::time::Millis;

/// A flat set of users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The stored id.
    pub id: Id,
    /// Its name; not every door keeps it unique.
    pub name: GroupName,
    /// A free remark.
    pub description: GroupDescription,
    /// What another system calls it, where that is not its own id; unique in the directory.
    pub external_id: Option<ExternalId>,
    /// When it was made.
    pub created: Millis,
    /// When it last changed itself; its members do not count.
    pub updated: Millis,
}

/// A group as the record of one user shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupText {
    /// The stored id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The remark on it.
    pub description: String,
}

/// A group as a user's record in lists shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOf {
    /// The stored id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// A named set of resources, belonging to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceGroup {
    /// The stored id.
    pub id: Id,
    /// Its name, unique in the account.
    pub name: GroupName,
    /// What kind of resources it is for, as its maker says.
    pub classification: Line<64>,
    /// What runs on the resources, as its maker says.
    pub agent_type: Line<64>,
    /// When it was made.
    pub created: Millis,
}

/// Something that another system owns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ResourceName {
    /// `DESKTOP`.
    pub kind: String,
    /// `cn-shanghai`.
    pub region: String,
    /// `ecd-…`.
    pub id: String,
}
