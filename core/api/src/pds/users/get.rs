//! The operations that show one user.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::Operation;
use wire::pds::Unfit;

use super::{ReturnInfo, User, UserWithExtras, return_info};
use crate::pds::text::user_id;

/// `user/get`: shows one user.
///
/// Source: `reference/pds.md` §8.3.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetUser {
    /// The user: the caller if nobody is named.
    pub user_id: Option<String>,
}

impl Operation for GetUser {
    const PATH: &'static str = "/v2/user/get";
    const RIGHT: Right = Right::get("pds:GetUser");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = User;

    fn check(&self) -> Result<(), Unfit> {
        user_id(self.user_id.as_deref())
    }
}

/// `user/general_get`: shows one user to anybody, and to administrators what else they ask for.
///
/// Source: `reference/pds.md` §8.4.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GeneralGetUser {
    /// The user: the caller if nobody is named.
    pub user_id: Option<String>,
    /// What to show besides.
    #[serde(default, deserialize_with = "return_info")]
    pub extra_return_info: Option<Vec<ReturnInfo>>,
}

impl Operation for GeneralGetUser {
    const PATH: &'static str = "/v2/user/general_get";
    const RIGHT: Right = Right::get("pds:GeneralGetUser");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = UserWithExtras;

    fn check(&self) -> Result<(), Unfit> {
        user_id(self.user_id.as_deref())
    }
}
