//! The actions on roles.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable, refuse};

use super::{Done, MaxItems, Tag, filled, no_tags, role};
use crate::Ranged;

/// How long a session of a role may last at most, in seconds.
///
/// Source: `reference/ram.md` 5.
pub type SessionDuration = Ranged<3_600, 43_200>;

/// `CreateRole`: makes a role, which may do nothing yet.
///
/// Source: `reference/ram.md` 5.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRole {
    /// 1 to 64 letters, digits, `.`, `-` and `_`, unique in the account without case.
    pub role_name: String,
    /// The trust policy: who may assume it. At most 6,144 characters.
    pub assume_role_policy_document: String,
    /// A remark, at most 1,024 characters.
    pub description: Option<String>,
    /// An hour if it is not said.
    pub max_session_duration: Option<SessionDuration>,
    /// Refused unless it is false: there is no console.
    pub allow_console_login: Option<bool>,
    /// Refused: nothing has tags.
    pub tag: Option<Vec<Tag>>,
}

/// The answer of [`CreateRole`], [`GetRole`] and [`UpdateRole`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RoleReply {
    /// The role.
    pub role: Role,
}

/// A role. Times are UTC in whole seconds.
///
/// Source: `reference/ram.md` 5.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// 18 digits.
    pub role_id: String,
    /// Its name.
    pub role_name: String,
    /// `acs:ram::<account>:role/<name>`.
    pub arn: String,
    /// A remark.
    pub description: Option<String>,
    /// Who may assume it; absent in lists.
    pub assume_role_policy_document: Option<String>,
    /// How long a session may last at most, in seconds.
    pub max_session_duration: i64,
    /// Whether it may enter the console: never.
    pub allow_console_login: bool,
    /// Whether a service has made it for itself: never.
    pub is_service_linked_role: bool,
    /// When it was made.
    pub create_date: String,
    /// When what is said here last changed.
    pub update_date: String,
}

impl Action for CreateRole {
    const NAME: &'static str = "CreateRole";
    const RIGHT: Right = Right::create("ram:CreateRole");
    type Reply = RoleReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "role/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.role_name, "RoleName")?;
        filled(&self.assume_role_policy_document, "AssumeRolePolicyDocument")?;
        refuse(self.allow_console_login == Some(true), "AllowConsoleLogin")?;
        no_tags(self.tag.as_deref())
    }
}

/// `GetRole`: shows one role.
///
/// Source: `reference/ram.md` 5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetRole {
    /// The role.
    pub role_name: String,
}

impl Action for GetRole {
    const NAME: &'static str = "GetRole";
    const RIGHT: Right = Right::get("ram:GetRole");
    type Reply = RoleReply;

    fn resources(&self) -> Vec<Resource> {
        vec![role(&self.role_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.role_name, "RoleName")
    }
}

/// `UpdateRole`: changes what is said of a role. What is absent stays; an empty description clears it.
///
/// Source: `reference/ram.md` 5.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateRole {
    /// The role.
    pub role_name: String,
    /// Who may assume it from now on; an empty text is none. Sessions that began before go on.
    pub new_assume_role_policy_document: Option<String>,
    /// As of [`CreateRole`].
    pub new_description: Option<String>,
    /// As of [`CreateRole`].
    pub new_max_session_duration: Option<SessionDuration>,
    /// Refused unless it is false: there is no console.
    pub new_allow_console_login: Option<bool>,
}

impl Action for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    const RIGHT: Right = Right::update("ram:UpdateRole");
    type Reply = RoleReply;

    fn resources(&self) -> Vec<Resource> {
        vec![role(&self.role_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.role_name, "RoleName")?;
        refuse(self.new_allow_console_login == Some(true), "NewAllowConsoleLogin")
    }
}

/// `DeleteRole`: deletes a role that has no policies. Its sessions end with it.
///
/// Source: `reference/ram.md` 5.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRole {
    /// The role.
    pub role_name: String,
}

impl Action for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    const RIGHT: Right = Right::delete("ram:DeleteRole");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![role(&self.role_name)]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.role_name, "RoleName")
    }
}

/// `ListRoles`: lists the account's roles, page by page, in the order of their names.
///
/// Source: `reference/ram.md` 5.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRoles {
    /// Where the list goes on, as the page before says; the beginning if it is absent or empty.
    pub marker: Option<String>,
    /// How many a page has, 100 if it is not said.
    pub max_items: Option<MaxItems>,
    /// Refused: nothing has tags.
    pub tag: Option<Vec<Tag>>,
}

/// The answer of [`ListRoles`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListRolesReply {
    /// Whether more follow.
    pub is_truncated: bool,
    /// Where they begin; absent on the last page.
    pub marker: Option<String>,
    /// The roles.
    pub roles: Roles,
}

/// A list of roles.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Roles {
    /// The roles.
    pub role: Vec<Role>,
}

impl Action for ListRoles {
    const NAME: &'static str = "ListRoles";
    const RIGHT: Right = Right::list("ram:ListRoles");
    type Reply = ListRolesReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "role/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        no_tags(self.tag.as_deref())
    }
}
