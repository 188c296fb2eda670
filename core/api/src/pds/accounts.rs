//! The operations on accounts: what a user signs in with.

use model::Right;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::Unfit;
use wire::{Operation, Success};

use super::text::{Extra, label, user_id};
use super::users::extra;
use super::{AuthenticationType, TokenReply};

/// An account. Times are milliseconds since 1970.
///
/// Source: `reference/pds.md` §6.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountLink {
    /// How the user signs in.
    pub authentication_type: AuthenticationType,
    /// The number, the address or the name to sign in with.
    pub identity: String,
    /// The number's region; empty for other types, unless something was said.
    pub extra: String,
    /// Whose it is.
    pub user_id: String,
    /// The domain.
    pub domain_id: String,
    /// How it is shown: the identity unless something else was given.
    pub display_name: String,
    /// When it was linked.
    pub created_at: i64,
    /// When it last served to sign in; 0 is never.
    pub last_login_time: i64,
    /// Its state: `normal`.
    pub status: AccountStatus,
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It can be used, as any can.
    Normal,
}

/// `account/link`: gives a user an account, and answers with a token of that user.
///
/// Source: `reference/pds.md` §12.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LinkAccount {
    /// The user.
    pub user_id: String,
    /// How the user signs in.
    #[serde(rename = "type")]
    pub kind: AuthenticationType,
    /// The number, the address or the name to sign in with: 1 to 128 characters, which nobody has.
    pub identity: String,
    /// The number's region, 86 if none is given; for other types at most 128 characters.
    pub extra: Option<Extra>,
}

impl Operation for LinkAccount {
    const PATH: &'static str = "/v2/account/link";
    const RIGHT: Right = Right::create("pds:LinkAccount");
    type Reply = TokenReply;

    fn check(&self) -> Result<(), Unfit> {
        user_id(Some(&self.user_id))?;
        label::<128>(Some(&self.identity), "identity")?;
        extra(self.kind, self.extra.as_ref())
    }
}

/// `account/unlink`: takes an account away from a user.
///
/// Source: `reference/pds.md` §12.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UnLinkAccount {
    /// The user.
    pub user_id: String,
    /// How the user signs in.
    #[serde(rename = "type")]
    pub kind: AuthenticationType,
    /// The number, the address or the name to sign in with.
    pub identity: String,
    /// The number's region, 86 if none is given.
    pub extra: Option<Extra>,
}

impl Operation for UnLinkAccount {
    const PATH: &'static str = "/v2/account/unlink";
    const RIGHT: Right = Right::delete("pds:UnLinkAccount");
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        user_id(Some(&self.user_id))?;
        label::<128>(Some(&self.identity), "identity")?;
        extra(self.kind, self.extra.as_ref())
    }
}

/// `account/get_link_info`: shows an account, and with it whose it is.
///
/// Source: `reference/pds.md` §12.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetLinkInfo {
    /// How the user signs in.
    #[serde(rename = "type")]
    pub kind: AuthenticationType,
    /// The number, the address or the name to sign in with.
    pub identity: String,
    /// The number's region, 86 if none is given.
    pub extra: Option<Extra>,
}

impl Operation for GetLinkInfo {
    const PATH: &'static str = "/v2/account/get_link_info";
    const RIGHT: Right = Right::get("pds:GetLinkInfo");
    type Reply = AccountLink;

    fn check(&self) -> Result<(), Unfit> {
        label::<128>(Some(&self.identity), "identity")?;
        extra(self.kind, self.extra.as_ref())
    }
}

/// `account/get_link_info_by_user_id`: lists the accounts of a user; an unknown one has none.
///
/// Source: `reference/pds.md` §12.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetLinkInfoByUserId {
    /// The user.
    pub user_id: String,
}

/// The answer of [`GetLinkInfoByUserId`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetLinkInfoByUserIdReply {
    /// The accounts, all of them.
    pub items: Vec<AccountLink>,
}

impl Operation for GetLinkInfoByUserId {
    const PATH: &'static str = "/v2/account/get_link_info_by_user_id";
    const RIGHT: Right = Right::list("pds:GetLinkInfoByUserId");
    type Reply = GetLinkInfoByUserIdReply;

    fn check(&self) -> Result<(), Unfit> {
        user_id(Some(&self.user_id))
    }
}
