//! The operations that make users.

use model::Right;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, require};
use wire::{List, Operation, Success};

use super::{ExpiredAt, GroupInfo, User, UserData};
use crate::Password;
use crate::pds::text::{
    Extra, avatar, filled, is_region, line, phone_region, plain_password, prose, user_id, username, valid,
};
use crate::pds::{AuthenticationType, Role, Size, Status};

/// `user/create`: makes a user, who has no account yet, whatever address and number are given. An empty text says as
/// much as none.
///
/// Source: `reference/pds.md` §8.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct CreateUser {
    /// 1 to 64 characters, no `#`; nobody else has it.
    pub user_id: String,
    /// The username, at most 128 characters, which nobody else has; the id if none is given.
    pub user_name: Option<String>,
    /// The display name, at most 128 characters.
    pub nick_name: Option<String>,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// The address, at most 128 characters; others may have the same.
    pub email: Option<String>,
    /// The telephone number, at most 128 characters; others may have the same.
    pub phone: Option<String>,
    /// The number's region, 86 if none is given.
    pub phone_region: Option<String>,
    /// The picture: a URL of at most 4 KB, or base64 after `data:` of at most 300 KB.
    pub avatar: Option<String>,
    /// What the user may do: a user's rights if nothing is said.
    pub role: Option<Role>,
    /// Whether the user can sign in, which one can if nothing is said.
    pub status: Option<Status>,
    /// What programs keep with the user.
    pub user_data: Option<UserData>,
    /// The groups to be in; the first one is the primary unit.
    pub group_info_list: Option<List<GroupInfo, 0, 100>>,
    /// When the account is shut; never if nothing is said.
    pub expired_at: Option<ExpiredAt>,
    /// A password of 1 to 256 characters; none if none is given.
    pub plain_password: Option<Password>,
    /// Whether the user is kept from changing the own password.
    pub deny_change_password_by_self: Option<bool>,
    /// Whether the password has to be changed at the next sign-in.
    pub need_change_password_next_login: Option<bool>,
    /// The label of the part of the domain that the user is in, at most 64 characters.
    pub subdomain_id: Option<String>,
}

impl Operation for CreateUser {
    const PATH: &'static str = "/v2/user/create";
    const RIGHT: Right = Right::create("pds:CreateUser");
    const SUCCESS: Success = Success::Created;
    type Reply = User;

    fn check(&self) -> Result<(), Unfit> {
        user_id(Some(&self.user_id))?;
        username(&self.user_id, self.user_name.as_deref())?;
        line::<128>(self.nick_name.as_deref(), "nick_name")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        line::<128>(self.email.as_deref(), "email")?;
        line::<128>(self.phone.as_deref(), "phone")?;
        phone_region(self.phone_region.as_deref())?;
        avatar(self.avatar.as_deref())?;
        plain_password(self.plain_password.as_ref())?;
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `user/import`: makes a user with accounts and, where that is asked for, with a drive, all or nothing. The id is
/// drawn. An empty text says as much as none.
///
/// Source: `reference/pds.md` §8.10.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ImportUser {
    /// How the user signs in; may be absent where `authentication_list` says it.
    pub authentication_type: Option<AuthenticationType>,
    /// The number, the address or the name to sign in with, at most 128 characters, which nobody else has; goes with
    /// `authentication_type`.
    pub identity: Option<String>,
    /// The number's region, 86 if none is given; for other types at most 128 characters.
    pub extra: Option<Extra>,
    /// How the account is shown, at most 128 characters: the identity if nothing is said.
    pub authentication_display_name: Option<String>,
    /// Accounts, besides the one above.
    pub authentication_list: Option<List<Authentication, 0, 100>>,
    /// The display name, at most 128 characters: the first identity if none is given.
    pub nick_name: Option<String>,
    /// Whether the user gets a drive; none if nothing is said.
    pub auto_create_drive: Option<bool>,
    /// How much the drive holds: what the domain says if nothing is said.
    pub drive_total_size: Option<Size>,
    /// The group to be in.
    pub parent_group_id: Option<String>,
    /// The address, at most 128 characters; an account's if none is given.
    pub email: Option<String>,
    /// The telephone number, at most 128 characters; an account's if none is given.
    pub phone: Option<String>,
    /// The number's region.
    pub phone_region: Option<String>,
    /// When the account is shut; never if nothing is said.
    pub expired_at: Option<ExpiredAt>,
    /// A password of 1 to 256 characters; none if none is given.
    pub plain_password: Option<Password>,
    /// Whether the user is kept from changing the own password.
    pub deny_change_password_by_self: Option<bool>,
    /// Whether the password has to be changed at the next sign-in.
    pub need_change_password_next_login: Option<bool>,
}

/// An account of a user to be imported.
///
/// Source: `reference/pds.md` §8.10.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authentication {
    /// How the user signs in.
    pub authentication_type: AuthenticationType,
    /// The number, the address or the name to sign in with.
    pub identity: String,
    /// The number's region.
    pub extra: Option<Extra>,
    /// How the account is shown: the identity if nothing is said.
    pub authentication_display_name: Option<String>,
}

impl Authentication {
    fn fits(&self) -> bool {
        filled(&self.identity, "identity").is_ok()
            && line::<128>(Some(&self.identity), "identity").is_ok()
            && extra(self.authentication_type, self.extra.as_ref()).is_ok()
            && line::<128>(self.authentication_display_name.as_deref(), "authentication_display_name").is_ok()
    }
}

impl ImportUser {
    /// The accounts that the user is to have, the one outside the list first; there is one at least.
    pub fn accounts(&self) -> Vec<Authentication> {
        let first = self.authentication_type.map(|authentication_type| Authentication {
            authentication_type,
            identity: self.identity.clone().unwrap_or_default(),
            extra: self.extra.clone(),
            authentication_display_name: self.authentication_display_name.clone(),
        });
        first.into_iter().chain(self.authentication_list.iter().flatten().cloned()).collect()
    }

    fn is_listed(&self) -> bool {
        self.authentication_list.as_ref().is_some_and(|list| !list.is_empty())
    }
}

impl Operation for ImportUser {
    const PATH: &'static str = "/v2/user/import";
    const RIGHT: Right = Right::create("pds:ImportUser");
    type Reply = User;

    fn check(&self) -> Result<(), Unfit> {
        require(self.authentication_type.is_some() || self.is_listed(), "authentication_type")?;
        if let Some(kind) = self.authentication_type {
            require(self.identity.is_some(), "identity")?;
            filled(self.identity.as_deref().unwrap_or_default(), "identity")?;
            line::<128>(self.identity.as_deref(), "identity")?;
            extra(kind, self.extra.as_ref())?;
            line::<128>(self.authentication_display_name.as_deref(), "authentication_display_name")?;
        }
        let fit = self.authentication_list.iter().flatten().all(Authentication::fits);
        valid(fit, "authentication_list")?;
        line::<128>(self.nick_name.as_deref(), "nick_name")?;
        line::<128>(self.email.as_deref(), "email")?;
        line::<128>(self.phone.as_deref(), "phone")?;
        phone_region(self.phone_region.as_deref())?;
        plain_password(self.plain_password.as_ref())
    }
}

/// The parameter `extra` of an account: of a number its region, else one line.
///
/// Source: `reference/pds.md` §6.5; `reference/doors.md` §2.3.
pub(in crate::pds) fn extra(kind: AuthenticationType, extra: Option<&Extra>) -> Result<(), Unfit> {
    let extra = extra.map(Extra::as_str).filter(|extra| !extra.is_empty());
    line::<128>(extra, "extra")?;
    let is_number = kind == AuthenticationType::Mobile;
    valid(!is_number || extra.is_none_or(is_region), "extra")
}
