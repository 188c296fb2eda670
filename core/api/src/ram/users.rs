//! The actions on RAM users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable};

use super::{Done, MaxItems, filled, user};

/// `CreateUser`: makes a user, who may do nothing yet and has no AccessKey.
///
/// Source: `reference/ram.md` 2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUser {
    /// 1 to 64 letters, digits, `.`, `-` and `_`, unique in the account without case.
    pub user_name: String,
    /// What people call it, at most 128 characters; its name where nothing is given.
    pub display_name: Option<String>,
    /// A mobile phone, `86-13800000000`.
    pub mobile_phone: Option<String>,
    /// An e-mail address; nothing is sent there.
    pub email: Option<String>,
    /// A remark, at most 128 characters.
    pub comments: Option<String>,
}

/// The answer of [`CreateUser`], [`GetUser`] and [`UpdateUser`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserReply {
    /// The user.
    pub user: User,
}

/// A RAM user. Times are UTC in whole seconds.
///
/// Source: `reference/ram.md` 2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    /// 18 digits.
    pub user_id: String,
    /// Its name.
    pub user_name: String,
    /// What people call it.
    pub display_name: String,
    /// A mobile phone.
    pub mobile_phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A remark.
    pub comments: Option<String>,
    /// When it was made.
    pub create_date: String,
    /// When what is said here last changed.
    pub update_date: String,
}

impl Action for CreateUser {
    const NAME: &'static str = "CreateUser";
    const RIGHT: Right = Right::create("ram:CreateUser");
    type Reply = UserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "user/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.user_name, "UserName")
    }
}

/// `GetUser`: shows one user.
///
/// Source: `reference/ram.md` 2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetUser {
    /// The user.
    pub user_name: String,
}

impl Action for GetUser {
    const NAME: &'static str = "GetUser";
    const RIGHT: Right = Right::get("ram:GetUser");
    type Reply = UserReply;

    fn resources(&self) -> Vec<Resource> {
        vec![user(Some(&self.user_name))]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.user_name, "UserName")
    }
}

/// `UpdateUser`: changes what is said of a user. What is absent stays; an empty text clears, where there may be none.
///
/// Source: `reference/ram.md` 2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateUser {
    /// The user.
    pub user_name: String,
    /// The name from now on. Policies and roles that speak of the user by its old name do not follow.
    pub new_user_name: Option<String>,
    /// As of [`CreateUser`]; never empty.
    pub new_display_name: Option<String>,
    /// As of [`CreateUser`].
    pub new_mobile_phone: Option<String>,
    /// As of [`CreateUser`].
    pub new_email: Option<String>,
    /// As of [`CreateUser`].
    pub new_comments: Option<String>,
}

impl Action for UpdateUser {
    const NAME: &'static str = "UpdateUser";
    const RIGHT: Right = Right::update("ram:UpdateUser");
    type Reply = UserReply;

    fn resources(&self) -> Vec<Resource> {
        // By another name it is another one for policies and trust policies.
        let names = [Some(&self.user_name), self.new_user_name.as_ref().filter(|name| !name.is_empty())];
        names.into_iter().flatten().map(|name| user(Some(name))).collect()
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.user_name, "UserName")
    }
}

/// `DeleteUser`: deletes a user who has neither AccessKeys nor policies.
///
/// Source: `reference/ram.md` 2.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteUser {
    /// The user.
    pub user_name: String,
}

impl Action for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    const RIGHT: Right = Right::delete("ram:DeleteUser");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![user(Some(&self.user_name))]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.user_name, "UserName")
    }
}

/// `ListUsers`: lists the account's users, page by page, in the order of their names.
///
/// Source: `reference/ram.md` 2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsers {
    /// Where the list goes on, as the page before says; the beginning if it is absent or empty.
    pub marker: Option<String>,
    /// How many a page has, 100 if it is not said.
    pub max_items: Option<MaxItems>,
}

/// The answer of [`ListUsers`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersReply {
    /// Whether more follow.
    pub is_truncated: bool,
    /// Where they begin; absent on the last page.
    pub marker: Option<String>,
    /// The users.
    pub users: Users,
}

/// A list of users.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Users {
    /// The users.
    pub user: Vec<User>,
}

impl Action for ListUsers {
    const NAME: &'static str = "ListUsers";
    const RIGHT: Right = Right::list("ram:ListUsers");
    type Reply = ListUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("ram", "user/*")]
    }

    fn place(&self) -> Place<'_> {
        Place::Account
    }
}
