//! The operations that change and remove users.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::Unfit;
use wire::{List, Operation, Success};

use super::{ExpiredAt, GroupInfo, User, UserData};
use crate::Password;
use crate::pds::text::{avatar, line, phone_region, plain_password, prose, user_id, valid};
use crate::pds::{Role, Status};

/// `user/update`: changes what is given; an empty text clears, the username stays. Everybody may change the own display
/// name, description and picture; the rest is for administrators.
///
/// Source: `reference/pds.md` §5 and §8.5.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct UpdateUser {
    /// The user.
    pub user_id: String,
    /// The display name, at most 128 characters.
    pub nick_name: Option<String>,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// The picture: a URL of at most 4 KB, or base64 after `data:` of at most 300 KB.
    pub avatar: Option<String>,
    /// Whether the user can sign in.
    pub status: Option<Status>,
    /// What the user may do: `user`, `admin` or `superadmin`, or what the user may do already.
    pub role: Option<Role>,
    /// The address, at most 128 characters.
    pub email: Option<String>,
    /// The telephone number, at most 128 characters.
    pub phone: Option<String>,
    /// The number's region.
    pub phone_region: Option<String>,
    /// What programs keep with the user, in place of all that they kept.
    pub user_data: Option<UserData>,
    /// The groups to be in, in place of all others.
    pub group_info_list: Option<List<GroupInfo, 0, 100>>,
    /// When the account is shut; 0 is never.
    pub expired_at: Option<ExpiredAt>,
    /// A password of 1 to 256 characters.
    pub plain_password: Option<Password>,
    /// Whether the user is kept from changing the own password.
    pub deny_change_password_by_self: Option<bool>,
    /// Whether the password has to be changed at the next sign-in.
    pub need_change_password_next_login: Option<bool>,
}

impl Operation for UpdateUser {
    const PATH: &'static str = "/v2/user/update";
    const RIGHT: Right = Right::update("pds:UpdateUser");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = User;

    fn check(&self) -> Result<(), Unfit> {
        user_id(Some(&self.user_id))?;
        // As much as other doors give: a name that is shown so is taken back.
        line::<256>(self.nick_name.as_deref(), "nick_name")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        avatar(self.avatar.as_deref())?;
        line::<128>(self.email.as_deref(), "email")?;
        line::<128>(self.phone.as_deref(), "phone")?;
        phone_region(self.phone_region.as_deref())?;
        plain_password(self.plain_password.as_ref())
    }
}

impl UpdateUser {
    /// What is asked of a display name that is another one than the user's.
    ///
    /// # Errors
    /// `Invalid` over 128 characters.
    pub fn check_changed_name(&self) -> Result<(), Unfit> {
        line::<128>(self.nick_name.as_deref(), "nick_name")
    }

    /// What is asked of a role that is another one than the user's.
    ///
    /// # Errors
    /// `Invalid` for a role that only new users get.
    pub fn check_changed_role(&self) -> Result<(), Unfit> {
        valid(self.role.is_none_or(Role::is_given_by_update), "role")
    }
}

/// `user/delete`: removes a user with the accounts; one who owns a drive is refused.
///
/// Source: `reference/pds.md` §8.6.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeleteUser {
    /// The user.
    pub user_id: String,
}

impl Operation for DeleteUser {
    const PATH: &'static str = "/v2/user/delete";
    const RIGHT: Right = Right::delete("pds:DeleteUser");
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        user_id(Some(&self.user_id))
    }
}
