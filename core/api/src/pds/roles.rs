//! The operations on assignments: who administers which group.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, refuse, require};
use wire::{Operation, Success};

use super::Limit;
use super::text::filled;

/// The kind of identity that can hold an assignment: a user.
pub const USER: &str = "IT_User";
/// The role that can be assigned: administrator of a group.
pub const GROUP_ADMIN: &str = "SystemGroupAdmin";
/// The kind of thing that there is a role for: a group.
pub const GROUP: &str = "RT_Group";

/// Whose an assignment is.
///
/// Source: `reference/pds.md` §6.6 and §11.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Identity {
    /// What it is: [`USER`].
    pub identity_type: String,
    /// The user.
    pub identity_id: String,
}

impl Identity {
    /// The user of this id.
    pub fn user(id: impl Into<String>) -> Self {
        Self { identity_type: USER.to_owned(), identity_id: id.into() }
    }

    fn check(&self) -> Result<(), Unfit> {
        require(!self.identity_type.is_empty(), "identity_type")?;
        require(!self.identity_id.is_empty(), "identity_id")?;
        refuse(self.identity_type != USER, "identity_type")
    }
}

/// An assignment. Times are milliseconds since 1970.
///
/// Source: `reference/pds.md` §6.6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The domain.
    pub domain_id: String,
    /// Whose it is.
    pub identity: Identity,
    /// The role: [`GROUP_ADMIN`].
    pub role_id: String,
    /// What it is for: [`GROUP`].
    pub manage_resource_type: String,
    /// The group.
    pub manage_resource_id: String,
    /// Whether it ends with the group and leaves those below it alone.
    pub disinherit_sub_group: bool,
    /// Who gave it: a user's id, or nobody's.
    pub creator: String,
    /// When it was given.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// `role/assign`: makes a user an administrator of a group. One who is stays one.
///
/// Source: `reference/pds.md` §11.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct AssignRole {
    /// Who: a user.
    pub identity: Identity,
    /// As what: [`GROUP_ADMIN`].
    pub role_id: String,
    /// Over what: [`GROUP`].
    pub manage_resource_type: String,
    /// The group.
    pub manage_resource_id: String,
    /// Whether the groups below are left out; they are not if nothing is said.
    pub disinherit_sub_group: Option<bool>,
}

impl Operation for AssignRole {
    const PATH: &'static str = "/v2/role/assign";
    const RIGHT: Right = Right::create("pds:AssignRole");
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        self.identity.check()?;
        assignable(&self.role_id, &self.manage_resource_type, &self.manage_resource_id)
    }
}

/// `role/cancel_assign`: makes a user no administrator of a group any more.
///
/// Source: `reference/pds.md` §11.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct CancelAssignRole {
    /// Who: a user.
    pub identity: Identity,
    /// As what: [`GROUP_ADMIN`].
    pub role_id: String,
    /// Over what: [`GROUP`].
    pub manage_resource_type: String,
    /// The group.
    pub manage_resource_id: String,
}

impl Operation for CancelAssignRole {
    const PATH: &'static str = "/v2/role/cancel_assign";
    const RIGHT: Right = Right::delete("pds:CancelAssignRole");
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        self.identity.check()?;
        assignable(&self.role_id, &self.manage_resource_type, &self.manage_resource_id)
    }
}

/// The one role that there is.
fn assignable(role: &str, kind: &str, group: &str) -> Result<(), Unfit> {
    filled(role, "role_id")?;
    filled(kind, "manage_resource_type")?;
    filled(group, "manage_resource_id")?;
    refuse(role != GROUP_ADMIN, "role_id")?;
    refuse(kind != GROUP, "manage_resource_type")
}

/// `role/list_assignment`: lists assignments, of one group or of all. An empty text says as much as none.
///
/// Source: `reference/pds.md` §11.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListAssignment {
    /// Over what: [`GROUP`].
    pub manage_resource_type: Option<String>,
    /// The group: all if none is named.
    pub manage_resource_id: Option<String>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

/// The answer of [`ListAssignment`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListAssignmentReply {
    /// The assignments.
    pub assignment_list: Vec<Assignment>,
    /// Where the next page begins; empty after the last one.
    pub next_marker: String,
}

impl Operation for ListAssignment {
    const PATH: &'static str = "/v2/role/list_assignment";
    const RIGHT: Right = Right::list("pds:ListAssignment");
    type Reply = ListAssignmentReply;

    fn check(&self) -> Result<(), Unfit> {
        let kind = self.manage_resource_type.as_deref().unwrap_or_default();
        refuse(!kind.is_empty() && kind != GROUP, "manage_resource_type")
    }
}

/// `role/list_identity_role`: lists the assignments of a user.
///
/// Source: `reference/pds.md` §11.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListIdentityRole {
    /// Who: a user.
    pub identity: Identity,
    /// Whether those of the groups that the user is in are listed as well. Only users hold assignments ([`USER`]), so
    /// these are none.
    pub include_group_role: Option<bool>,
}

/// The answer of [`ListIdentityRole`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListIdentityRoleReply {
    /// The domain.
    pub domain_id: String,
    /// The user.
    pub identity: NamedIdentity,
    /// The user's display name.
    pub identity_name: String,
    /// Whether the user administers the domain.
    pub is_admin: bool,
    /// The assignments.
    pub assignment_list: Vec<Assignment>,
    /// When the user was made.
    pub created_at: i64,
    /// Who made the user: an id, `system`, or nobody's.
    pub creator: String,
    /// The label of the part of the domain that the user is in.
    pub subdomain_id: String,
}

/// Whose the assignments are, with a name.
///
/// Source: `reference/pds.md` §11.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamedIdentity {
    /// What it is: [`USER`].
    pub identity_type: String,
    /// The user.
    pub identity_id: String,
    /// The user's display name.
    pub identity_name: String,
}

impl Operation for ListIdentityRole {
    const PATH: &'static str = "/v2/role/list_identity_role";
    const RIGHT: Right = Right::list("pds:ListIdentityRole");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = ListIdentityRoleReply;

    fn check(&self) -> Result<(), Unfit> {
        self.identity.check()
    }
}
