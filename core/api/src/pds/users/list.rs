//! The operations that list users.

use std::borrow::Cow;

use model::{Audience, Right};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, blank, refuse};
use wire::{List, Operation};

use super::{ReturnInfo, User, UserWithExtras, return_info};
use crate::pds::text::{given, known_word, line};
use crate::pds::{Group, Limit, OrderBy, OrderDirection, Page, Party, Role, Status};

/// `user/list`: lists all users, by their ids. An empty text says as much as none.
///
/// Source: `reference/pds.md` §8.2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListUser {
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Only users of this status.
    #[serde(default, deserialize_with = "blank")]
    pub status: Option<Status>,
    /// Only users of this label.
    pub subdomain_id: Option<String>,
}

impl Operation for ListUser {
    const PATH: &'static str = "/v2/user/list";
    const RIGHT: Right = Right::list("pds:ListUser");
    type Reply = Page<User>;

    fn check(&self) -> Result<(), Unfit> {
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `user/search`: lists users, by conditions all of which must hold. An empty text says as much as none.
///
/// Source: `reference/pds.md` §7.7 and §8.7.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SearchUser {
    /// How the display name begins, whatever its case.
    pub nick_name: Option<String>,
    /// What the display name holds, whatever its case.
    pub nick_name_for_fuzzy: Option<String>,
    /// How the username begins, whatever its case.
    pub user_name: Option<String>,
    /// How the address begins, whatever its case.
    pub email: Option<String>,
    /// How the number begins.
    pub phone: Option<String>,
    /// Only users of this role.
    #[serde(default, deserialize_with = "blank")]
    pub role: Option<Role>,
    /// Only users of this status.
    #[serde(default, deserialize_with = "blank")]
    pub status: Option<Status>,
    /// Only users of this label.
    pub subdomain_id: Option<String>,
    /// The order: that in which they were made if nothing is said, or something else.
    #[serde(default, deserialize_with = "known_word")]
    pub order_by: Option<OrderBy>,
    /// The least first if nothing is said, or something else.
    #[serde(default, deserialize_with = "known_word")]
    pub order_direction: Option<OrderDirection>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Not served.
    pub drive_status: Option<String>,
    /// Not served.
    pub expired_at_range: Option<Value>,
}

impl Operation for SearchUser {
    const PATH: &'static str = "/v2/user/search";
    const RIGHT: Right = Right::list("pds:SearchUser");
    type Reply = Page<User>;

    fn check(&self) -> Result<(), Unfit> {
        line::<128>(self.nick_name.as_deref(), "nick_name")?;
        line::<128>(self.nick_name_for_fuzzy.as_deref(), "nick_name_for_fuzzy")?;
        line::<128>(self.user_name.as_deref(), "user_name")?;
        line::<128>(self.email.as_deref(), "email")?;
        line::<128>(self.phone.as_deref(), "phone")?;
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")?;
        refuse(given(self.drive_status.as_deref()), "drive_status")?;
        refuse(self.expired_at_range.as_ref().is_some_and(says_something), "expired_at_range")
    }
}

/// Whether a value is more than an empty one.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(members) => !members.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// `user/general_search`: lists users to anybody, by conditions all of which must hold, and shows administrators what
/// else they ask for. An empty text says as much as none. What others than administrators see and may ask for is less.
///
/// Source: `reference/pds.md` §8.8.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GeneralSearchUser {
    /// How the display name begins, whatever its case.
    pub nick_name: Option<String>,
    /// What the display name holds, whatever its case.
    pub nick_name_for_fuzzy: Option<String>,
    /// How the number begins.
    pub phone: Option<String>,
    /// How the address begins, whatever its case.
    pub email: Option<String>,
    /// Only users of this status.
    #[serde(default, deserialize_with = "blank")]
    pub status: Option<Status>,
    /// Only users of this role.
    #[serde(default, deserialize_with = "blank")]
    pub role: Option<Role>,
    /// Only members of these groups and of those below them; unknown ones have none.
    pub parent_group_id_list: Option<List<String, 0, 100>>,
    /// Only direct members of this group; an unknown one has none.
    pub direct_parent_group_id: Option<String>,
    /// What to show besides.
    #[serde(default, deserialize_with = "return_info")]
    pub extra_return_info: Option<Vec<ReturnInfo>>,
    /// The order: that in which they were made if nothing is said, or something else.
    #[serde(default, deserialize_with = "known_word")]
    pub order_by: Option<OrderBy>,
    /// The least first if nothing is said, or something else.
    #[serde(default, deserialize_with = "known_word")]
    pub order_direction: Option<OrderDirection>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

impl Operation for GeneralSearchUser {
    const PATH: &'static str = "/v2/user/general_search";
    const RIGHT: Right = Right::list("pds:GeneralSearchUser");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<UserWithExtras>;

    fn check(&self) -> Result<(), Unfit> {
        line::<128>(self.nick_name.as_deref(), "nick_name")?;
        line::<128>(self.nick_name_for_fuzzy.as_deref(), "nick_name_for_fuzzy")?;
        line::<128>(self.phone.as_deref(), "phone")?;
        line::<128>(self.email.as_deref(), "email")
    }
}

/// `user/list_group_user`: lists what is directly in one group: groups first, then users.
///
/// Source: `reference/pds.md` §8.9.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListGroupUser {
    /// The group. Without one: the root groups, and the users who are in no group.
    pub group_id: Option<String>,
    /// Only members of this kind.
    #[serde(default, deserialize_with = "blank")]
    pub member_type: Option<Party>,
    /// What to show besides.
    #[serde(default, deserialize_with = "return_info")]
    pub extra_return_info: Option<Vec<ReturnInfo>>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

/// The answer of [`ListGroupUser`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListGroupUserReply {
    /// The groups.
    pub group_items: Vec<Group>,
    /// The users.
    pub user_items: Vec<UserWithExtras>,
    /// Where the next page begins; empty after the last one.
    pub next_marker: String,
}

/// The answer as it travels: with all members once more in one list. Pictures make users large, so that nothing is
/// copied for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListGroupUserReply")]
struct Written<'a> {
    /// The groups.
    group_items: &'a [Group],
    /// The users.
    user_items: &'a [UserWithExtras],
    /// The groups, and then the users.
    items: Vec<GroupOrUser<'a>>,
    /// Where the next page begins; empty after the last one.
    next_marker: &'a str,
}

/// A member of a group.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum GroupOrUser<'a> {
    /// A group.
    Group(&'a Group),
    /// A user.
    User(&'a UserWithExtras),
}

impl Serialize for ListGroupUserReply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of_groups = self.group_items.iter().map(GroupOrUser::Group);
        let of_users = self.user_items.iter().map(GroupOrUser::User);
        let written = Written {
            group_items: &self.group_items,
            user_items: &self.user_items,
            items: of_groups.chain(of_users).collect(),
            next_marker: &self.next_marker,
        };
        written.serialize(serializer)
    }
}

impl JsonSchema for ListGroupUserReply {
    fn schema_name() -> Cow<'static, str> {
        Written::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl Operation for ListGroupUser {
    const PATH: &'static str = "/v2/user/list_group_user";
    const RIGHT: Right = Right::list("pds:ListGroupUser");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = ListGroupUserReply;
}
