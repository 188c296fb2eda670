//! The operations on users, and what their requests and answers share.

mod create;
mod get;
mod list;
mod update;

pub use create::*;
pub use get::*;
pub use list::*;
pub use update::*;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use wire::pds::blank;

use super::{AccountLink, Drive, Group, MemberRole, Role, Status};
use crate::Ranged;

/// When a user's account is shut, in milliseconds since 1970, up to the year 9999; 0 is never.
pub type ExpiredAt = Ranged<0, 253_402_300_799_999>;

/// A user. Times are milliseconds since 1970; what is unset is an empty text, an empty object or 0.
///
/// Source: `reference/pds.md` §6.1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The domain.
    pub domain_id: String,
    /// The id, which never changes.
    pub user_id: String,
    /// The username.
    pub user_name: String,
    /// The display name.
    pub nick_name: String,
    /// The description.
    pub description: String,
    /// The address, as contact data.
    pub email: String,
    /// The telephone number, as contact data.
    pub phone: String,
    /// The number's region.
    pub phone_region: String,
    /// The picture, as it was given.
    pub avatar: String,
    /// What the user may do.
    pub role: Role,
    /// Whether the user can sign in.
    pub status: Status,
    /// When the user was made.
    pub created_at: i64,
    /// When the user last changed.
    pub updated_at: i64,
    /// The drive that is taken where none is named.
    pub default_drive_id: String,
    /// What programs keep with the user.
    pub user_data: UserData,
    /// Who made the user: an id, `system`, or nobody's.
    pub creator: String,
    /// When the user last signed in.
    pub last_login_time: i64,
    /// When the user's token was last made anew.
    pub last_refresh_token_time: i64,
    /// When the account is shut.
    pub expired_at: i64,
    /// Whether the user is kept from changing the own password.
    pub deny_change_password_by_self: bool,
    /// Whether the password has to be changed at the next sign-in.
    pub need_change_password_next_login: bool,
    /// The label of the part of the domain that the user is in.
    pub subdomain_id: String,
    /// Always null.
    pub permission: (),
}

/// A user, and what was asked for besides.
///
/// Source: `reference/pds.md` §6.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserWithExtras {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The default drive, where it was asked for and there is one.
    pub default_drive: Option<Drive>,
    /// The groups that the user is a direct member of, where they were asked for.
    pub parent_group: Option<Vec<Group>>,
    /// The accounts, where they were asked for.
    pub account: Option<Vec<AccountLink>>,
}

impl From<User> for UserWithExtras {
    fn from(user: User) -> Self {
        Self { user, default_drive: None, parent_group: None, account: None }
    }
}

/// What programs keep with a user: an object, or a text, which has at most 1,024 characters as it is stored. A text that
/// holds an object is that object, the empty one is none.
///
/// Source: `reference/pds.md` §7.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UserData(Value);

impl UserData {
    /// The most characters that it has, written as JSON or, where it is a text, as it is.
    pub const MAX: usize = 1024;

    /// What is stored.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

impl Default for UserData {
    fn default() -> Self {
        Self(Value::Object(Map::new()))
    }
}

impl TryFrom<Value> for UserData {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let (value, written) = match value {
            Value::String(text) if text.is_empty() => return Ok(Self::default()),
            Value::String(text) => match serde_json::from_str::<Map<String, Value>>(&text) {
                Ok(object) => object_and_text(object),
                Err(_) => (Value::String(text.clone()), text),
            },
            Value::Object(object) => object_and_text(object),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err("neither an object nor a text");
            }
        };
        if written.chars().count() > Self::MAX { Err("too long") } else { Ok(Self(value)) }
    }
}

fn object_and_text(object: Map<String, Value>) -> (Value, String) {
    let value = Value::Object(object);
    let text = value.to_string();
    (value, text)
}

impl<'de> Deserialize<'de> for UserData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl JsonSchema for UserData {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "UserData".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["object", "string"] })
    }
}

/// A group that a user is to be a direct member of.
///
/// Source: `reference/pds.md` §8.1.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct GroupInfo {
    /// The group.
    pub group_id: String,
    /// What the user is called there, a member if nothing is said.
    #[serde(default, deserialize_with = "blank")]
    pub member_role: Option<MemberRole>,
}

/// What an answer is to show besides a user. It is for administrators; for others it says nothing.
///
/// Source: `reference/pds.md` §7.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnInfo {
    /// The default drive.
    Drive,
    /// The groups above.
    Group,
    /// The accounts.
    Account,
}

/// Reads the parameter `extra_return_info`; what is none of [`ReturnInfo`] says nothing.
fn return_info<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<ReturnInfo>>, D::Error> {
    let words = Option::<Vec<String>>::deserialize(deserializer)?;
    let known = |word: String| ReturnInfo::deserialize(Value::String(word)).ok();
    Ok(words.map(|words| words.into_iter().filter_map(known).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn user_data_is_an_object_or_a_text() {
        for (given, kept) in [
            (json!({}), json!({})),
            (json!({"a": [1, null]}), json!({"a": [1, null]})),
            (json!(""), json!({})),
            (json!("md"), json!("md")),
            (json!("[1]"), json!("[1]")),
            (json!(r#"{"a":{"b":1}}"#), json!({"a": {"b": 1}})),
        ] {
            assert_eq!(
                UserData::try_from(given.clone()).map(|data| data.value().clone()),
                Ok(kept),
                "{given}"
            );
        }
        for given in [json!(null), json!(1), json!(true), json!(["a"])] {
            assert!(UserData::try_from(given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn user_data_has_1024_characters() {
        for (given, fits) in [
            (json!("张".repeat(1024)), true),
            (json!("张".repeat(1025)), false),
            (json!({"a": "张".repeat(1016)}), true),
            (json!({"a": "张".repeat(1017)}), false),
            (json!(format!("{{  \"a\": \"{}\" }}", "b".repeat(1016))), true),
        ] {
            assert_eq!(UserData::try_from(given).is_ok(), fits);
        }
    }
}
