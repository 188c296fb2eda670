//! The operations on groups: units below the root, as a tree.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, blank, refuse};
use wire::{Operation, Success};

use super::text::{filled, given, label, line, prose};
use super::{Limit, Page, Party, User};

/// A group. Times are milliseconds since 1970; what is unset is an empty text.
///
/// Source: `reference/pds.md` §6.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The domain.
    pub domain_id: String,
    /// Its id.
    pub group_id: String,
    /// Its name.
    pub group_name: String,
    /// Its description.
    pub description: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed itself; its members do not count.
    pub updated_at: i64,
    /// Who made it: a user's id, or nobody's.
    pub creator: String,
    /// The label of the part of the domain that it is in.
    pub subdomain_id: String,
    /// Always null.
    pub permission: (),
}

/// `group/create`: makes a group, below another one or as a root. An empty text in an optional parameter says as much
/// as none.
///
/// Source: `reference/pds.md` §9.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct CreateGroup {
    /// 1 to 128 characters; no sibling has the same.
    pub group_name: String,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// Whether it is a root, which goes without saying where no parent is named.
    pub is_root: Option<bool>,
    /// The group above.
    pub parent_group_id: Option<String>,
    /// The label of the part of the domain that it is in, at most 64 characters.
    pub subdomain_id: Option<String>,
}

impl Operation for CreateGroup {
    const PATH: &'static str = "/v2/group/create";
    const RIGHT: Right = Right::create("pds:CreateGroup");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::Created;
    type Reply = Group;

    fn check(&self) -> Result<(), Unfit> {
        label::<128>(Some(&self.group_name), "group_name")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")?;
        if self.is_root == Some(true) && given(self.parent_group_id.as_deref()) {
            return Err(Unfit::Unmatched("parent_group_id".to_owned()));
        }
        Ok(())
    }
}

/// `group/get`: shows one group.
///
/// Source: `reference/pds.md` §9.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetGroup {
    /// The group.
    pub group_id: String,
}

impl Operation for GetGroup {
    const PATH: &'static str = "/v2/group/get";
    const RIGHT: Right = Right::get("pds:GetGroup");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Group;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")
    }
}

/// `group/list`: lists all groups at any depth, by their ids.
///
/// Source: `reference/pds.md` §9.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListGroup {
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Only groups of this label.
    pub subdomain_id: Option<String>,
}

impl Operation for ListGroup {
    const PATH: &'static str = "/v2/group/list";
    const RIGHT: Right = Right::list("pds:ListGroup");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Group>;

    fn check(&self) -> Result<(), Unfit> {
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `group/search`: lists groups, by conditions all of which must hold. An empty text says as much as none.
///
/// Source: `reference/pds.md` §7.7 and §9.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SearchGroup {
    /// How the name begins, whatever its case.
    pub group_name: Option<String>,
    /// What the name holds, whatever its case.
    pub group_name_for_fuzzy: Option<String>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Only groups of this label.
    pub subdomain_id: Option<String>,
}

impl Operation for SearchGroup {
    const PATH: &'static str = "/v2/group/search";
    const RIGHT: Right = Right::list("pds:SearchGroup");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Group>;

    fn check(&self) -> Result<(), Unfit> {
        line::<128>(self.group_name.as_deref(), "group_name")?;
        line::<128>(self.group_name_for_fuzzy.as_deref(), "group_name_for_fuzzy")?;
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `group/update`: changes what is given; an empty description clears it.
///
/// Source: `reference/pds.md` §9.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct UpdateGroup {
    /// The group.
    pub group_id: String,
    /// 1 to 128 characters; no sibling has the same.
    pub group_name: Option<String>,
    /// At most 1,024 characters.
    pub description: Option<String>,
}

impl Operation for UpdateGroup {
    const PATH: &'static str = "/v2/group/update";
    const RIGHT: Right = Right::update("pds:UpdateGroup");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Group;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        label::<128>(self.group_name.as_deref(), "group_name")?;
        prose::<1024>(self.description.as_deref(), "description")
    }
}

/// `group/update_name`: renames a group, as `group/update` does.
///
/// Source: `reference/pds.md` §9.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GroupUpdateName {
    /// The group.
    pub group_id: String,
    /// 1 to 128 characters; no sibling has the same.
    pub name: String,
}

impl Operation for GroupUpdateName {
    const PATH: &'static str = "/v2/group/update_name";
    const RIGHT: Right = Right::update("pds:GroupUpdateName");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Group;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        label::<128>(Some(&self.name), "name")
    }
}

/// `group/delete`: removes a group, with all memberships in it; one with groups below it or with a drive is refused.
///
/// Source: `reference/pds.md` §9.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeleteGroup {
    /// The group.
    pub group_id: String,
}

impl Operation for DeleteGroup {
    const PATH: &'static str = "/v2/group/delete";
    const RIGHT: Right = Right::delete("pds:DeleteGroup");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")
    }
}

/// `group/add_member`: puts a user into a group.
///
/// Source: `reference/pds.md` §9.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AddGroupMember {
    /// The group.
    pub group_id: String,
    /// A user; groups are put below others when they are made.
    pub member_type: Party,
    /// The user.
    pub member_id: String,
}

impl Operation for AddGroupMember {
    const PATH: &'static str = "/v2/group/add_member";
    const RIGHT: Right = Right::create("pds:AddGroupMember");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        filled(&self.member_id, "member_id")?;
        refuse(self.member_type == Party::Group, "member_type")
    }
}

/// `group/remove_member`: takes a user out of a group.
///
/// Source: `reference/pds.md` §9.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RemoveGroupMember {
    /// The group.
    pub group_id: String,
    /// A user; a group stays where it is.
    pub member_type: Party,
    /// The user.
    pub member_id: String,
}

impl Operation for RemoveGroupMember {
    const PATH: &'static str = "/v2/group/remove_member";
    const RIGHT: Right = Right::delete("pds:RemoveGroupMember");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        filled(&self.member_id, "member_id")?;
        refuse(self.member_type == Party::Group, "member_type")
    }
}

/// `group/list_member`: lists what is directly in one group: groups first, then users.
///
/// Source: `reference/pds.md` §9.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListGroupMember {
    /// The group. Without one: the root groups, and the users who are in no group.
    pub group_id: Option<String>,
    /// Only members of this kind.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

/// The answer of [`ListGroupMember`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListGroupMemberReply {
    /// The groups.
    pub group_items: Vec<Group>,
    /// The users.
    pub user_items: Vec<User>,
    /// Where the next page begins; empty after the last one.
    pub next_marker: String,
}

impl Operation for ListGroupMember {
    const PATH: &'static str = "/v2/group/list_member";
    const RIGHT: Right = Right::list("pds:ListGroupMember");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = ListGroupMemberReply;
}
