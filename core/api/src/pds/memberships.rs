//! The operations on memberships: that a user, or a group, is directly in a group.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, blank, refuse};
use wire::{Operation, Success};

use super::text::{filled, prose, user_id};
use super::{Limit, MemberRole, Page, Party};

/// A membership. Times are milliseconds since 1970.
///
/// Source: `reference/pds.md` §6.4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    /// The domain.
    pub domain_id: String,
    /// The group.
    pub group_id: String,
    /// The user; empty where the member is a group.
    pub user_id: String,
    /// The group that is the member; empty where it is a user.
    pub sub_group_id: String,
    /// Which of the two the member is.
    pub member_type: Party,
    /// What the member is called.
    pub member_role: MemberRole,
    /// The description.
    pub description: String,
    /// When it began.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Who made it: a user's id, or nobody's.
    pub creator: String,
    /// Whether another directory made it; none does.
    pub is_sync: bool,
}

/// Who is a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member<'a> {
    /// A user.
    User(&'a str),
    /// A group.
    Group(&'a str),
}

impl<'a> Member<'a> {
    /// The member that a request speaks of; where it says no kind, the one whose id it holds.
    ///
    /// Source: `reference/pds.md` §10.
    fn read(kind: Option<Party>, user: Option<&'a str>, group: Option<&'a str>) -> Result<Self, Unfit> {
        let group = group.filter(|group| !group.is_empty());
        let kind = match (kind, user.filter(|user| !user.is_empty()), group) {
            (Some(kind), ..) => kind,
            (None, Some(_), Some(_)) => return Err(Unfit::Missing("member_type".to_owned())),
            (None, None, Some(_)) => Party::Group,
            (None, _, None) => Party::User,
        };
        match kind {
            Party::User => {
                user_id(user)?;
                user.map(Self::User).ok_or_else(|| Unfit::Missing("user_id".to_owned()))
            }
            Party::Group => group.map(Self::Group).ok_or_else(|| Unfit::Missing("sub_group_id".to_owned())),
        }
    }

    /// The member of a request that has been checked.
    fn checked(read: Result<Self, Unfit>) -> Self {
        read.expect("a request's member is checked when it is read")
    }
}

/// `membership/create`: puts a user into a group. Groups are put below others when they are made, so that each one has
/// its place already.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct CreateMembership {
    /// The group.
    pub group_id: String,
    /// What the member is; goes without saying where one id is given.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The user.
    pub user_id: Option<String>,
    /// The group to be put below.
    pub sub_group_id: Option<String>,
    /// What the member is called, a member if nothing is said.
    #[serde(default, deserialize_with = "blank")]
    pub member_role: Option<MemberRole>,
    /// At most 1,024 characters.
    pub description: Option<String>,
}

impl CreateMembership {
    /// The member.
    pub fn member(&self) -> Member<'_> {
        Member::checked(self.read())
    }

    fn read(&self) -> Result<Member<'_>, Unfit> {
        Member::read(self.member_type, self.user_id.as_deref(), self.sub_group_id.as_deref())
    }
}

impl Operation for CreateMembership {
    const PATH: &'static str = "/v2/membership/create";
    const RIGHT: Right = Right::create("pds:CreateMembership");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::Created;
    type Reply = Membership;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        self.read()?;
        prose::<1024>(self.description.as_deref(), "description")
    }
}

/// `membership/get`: shows one membership.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetMembership {
    /// The group.
    pub group_id: String,
    /// What the member is; goes without saying where one id is given.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The user.
    pub user_id: Option<String>,
    /// The group below.
    pub sub_group_id: Option<String>,
}

impl GetMembership {
    /// The member.
    pub fn member(&self) -> Member<'_> {
        Member::checked(self.read())
    }

    fn read(&self) -> Result<Member<'_>, Unfit> {
        Member::read(self.member_type, self.user_id.as_deref(), self.sub_group_id.as_deref())
    }
}

impl Operation for GetMembership {
    const PATH: &'static str = "/v2/membership/get";
    const RIGHT: Right = Right::get("pds:GetMembership");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Membership;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        self.read().map(drop)
    }
}

/// `membership/update`: changes what is given; an empty description clears it.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct UpdateMembership {
    /// The group.
    pub group_id: String,
    /// What the member is; goes without saying where one id is given.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The user.
    pub user_id: Option<String>,
    /// The group below.
    pub sub_group_id: Option<String>,
    /// What the member is called.
    #[serde(default, deserialize_with = "blank")]
    pub member_role: Option<MemberRole>,
    /// At most 1,024 characters.
    pub description: Option<String>,
}

impl UpdateMembership {
    /// The member.
    pub fn member(&self) -> Member<'_> {
        Member::checked(self.read())
    }

    fn read(&self) -> Result<Member<'_>, Unfit> {
        Member::read(self.member_type, self.user_id.as_deref(), self.sub_group_id.as_deref())
    }
}

impl Operation for UpdateMembership {
    const PATH: &'static str = "/v2/membership/update";
    const RIGHT: Right = Right::update("pds:UpdateMembership");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Membership;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        self.read()?;
        prose::<1024>(self.description.as_deref(), "description")
    }
}

/// `membership/delete`: takes a user out of a group. A group stays where it is: without its place it would have none.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeleteMembership {
    /// The group.
    pub group_id: String,
    /// What the member is; goes without saying where one id is given.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The user.
    pub user_id: Option<String>,
    /// Not served.
    pub sub_group_id: Option<String>,
}

impl DeleteMembership {
    /// The user.
    pub fn user(&self) -> &str {
        self.user_id.as_deref().expect("a request's member is checked when it is read")
    }
}

impl Operation for DeleteMembership {
    const PATH: &'static str = "/v2/membership/delete";
    const RIGHT: Right = Right::delete("pds:DeleteMembership");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        let member = Member::read(self.member_type, self.user_id.as_deref(), self.sub_group_id.as_deref())?;
        refuse(matches!(member, Member::Group(_)), "member_type")
    }
}

/// `membership/has_member`: whether a user or a group is in a group or anywhere below it.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct HasMember {
    /// The group.
    pub group_id: String,
    /// What the member is; goes without saying where one id is given.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The user.
    pub user_id: Option<String>,
    /// The group below.
    pub sub_group_id: Option<String>,
}

/// The answer of [`HasMember`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HasMemberReply {
    /// Whether it is so.
    pub result: bool,
}

impl HasMember {
    /// The member.
    pub fn member(&self) -> Member<'_> {
        Member::checked(self.read())
    }

    fn read(&self) -> Result<Member<'_>, Unfit> {
        Member::read(self.member_type, self.user_id.as_deref(), self.sub_group_id.as_deref())
    }
}

impl Operation for HasMember {
    const PATH: &'static str = "/v2/membership/has_member";
    const RIGHT: Right = Right::get("pds:HasMember");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = HasMemberReply;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")?;
        self.read().map(drop)
    }
}

/// `membership/list_direct_child_memberships`: lists the members directly in a group: groups first, then users.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDirectChildMemberships {
    /// The group.
    pub group_id: String,
    /// Only members of this kind.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

impl Operation for ListDirectChildMemberships {
    const PATH: &'static str = "/v2/membership/list_direct_child_memberships";
    const RIGHT: Right = Right::list("pds:ListDirectChildMemberships");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Membership>;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.group_id, "group_id")
    }
}

/// `membership/list_direct_parent_memberships`: lists the groups that a user or a group is directly in.
///
/// Source: `reference/pds.md` §10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDirectParentMemberships {
    /// What the member is; goes without saying where one id is given.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// The user: the caller if nobody is named.
    pub user_id: Option<String>,
    /// The group below.
    pub sub_group_id: Option<String>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

impl ListDirectParentMemberships {
    /// The member; `None` is the caller.
    pub fn member(&self) -> Option<Member<'_>> {
        self.read().expect("a request's member is checked when it is read")
    }

    fn read(&self) -> Result<Option<Member<'_>>, Unfit> {
        let group = self.sub_group_id.as_deref().filter(|group| !group.is_empty());
        if self.member_type != Some(Party::Group) && self.user_id.is_none() && group.is_none() {
            return Ok(None);
        }
        Member::read(self.member_type, self.user_id.as_deref(), group).map(Some)
    }
}

impl Operation for ListDirectParentMemberships {
    const PATH: &'static str = "/v2/membership/list_direct_parent_memberships";
    const RIGHT: Right = Right::list("pds:ListDirectParentMemberships");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Membership>;

    fn check(&self) -> Result<(), Unfit> {
        self.read().map(drop)
    }
}
