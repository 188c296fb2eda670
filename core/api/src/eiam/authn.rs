//! How users prove who they are beside their password.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, Place, Undecodable};

use super::Done;
use super::text::{filled, id, line};
use crate::Ranged;

/// `UnbindTotpAuthenticator`: takes a user's device for one-time passwords away. Without one nothing happens.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnbindTotpAuthenticator {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
}

impl Action for UnbindTotpAuthenticator {
    const NAME: &'static str = "UnbindTotpAuthenticator";
    const RIGHT: Right = Right::update("eiam:UnbindTotpAuthenticator");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")
    }
}

/// `BindUserAuthnSourceMapping`: says that an account of another source is this user's. The same once more
/// changes nothing.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BindUserAuthnSourceMapping {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The source, `idp_…`.
    pub identity_provider_id: String,
    /// What the source calls the user, at most 128 characters.
    pub user_external_id: String,
}

impl Action for BindUserAuthnSourceMapping {
    const NAME: &'static str = "BindUserAuthnSourceMapping";
    const RIGHT: Right = Right::create("eiam:BindUserAuthnSourceMapping");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        filled(&self.identity_provider_id, "IdentityProviderId")?;
        filled(&self.user_external_id, "UserExternalId")?;
        line::<128>(Some(&self.user_external_id), "UserExternalId")
    }
}

/// `UnbindUserAuthnSourceMapping`: takes back that an account of another source is this user's.
///
/// Source: `reference/eiam.md`, 13.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UnbindUserAuthnSourceMapping {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// The source, `idp_…`.
    pub identity_provider_id: String,
    /// What the source calls the user, at most 128 characters.
    pub user_external_id: String,
}

impl Action for UnbindUserAuthnSourceMapping {
    const NAME: &'static str = "UnbindUserAuthnSourceMapping";
    const RIGHT: Right = Right::delete("eiam:UnbindUserAuthnSourceMapping");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        filled(&self.identity_provider_id, "IdentityProviderId")?;
        filled(&self.user_external_id, "UserExternalId")?;
        line::<128>(Some(&self.user_external_id), "UserExternalId")
    }
}

/// `ListUserAuthnSourceMappings`: lists the accounts of other sources that are a user's, by filters both of
/// which must hold. An empty filter is none.
///
/// Source: `reference/eiam.md`, 13.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUserAuthnSourceMappings {
    /// The instance.
    pub instance_id: String,
    /// The user.
    pub user_id: String,
    /// Only accounts of this source.
    pub identity_provider_id: Option<String>,
    /// Only accounts that their source calls so, at most 128 characters.
    pub user_external_id: Option<String>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
    /// Where the page ends: the last answer's, to go back.
    pub previous_token: Option<String>,
    /// The page size; 20 if none or 0 is given.
    pub max_results: Option<Ranged<0, 100>>,
}

/// The answer of [`ListUserAuthnSourceMappings`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUserAuthnSourceMappingsReply {
    /// How many accounts match, on all pages.
    pub total_count: i64,
    /// Where the next page begins; absent on the last one.
    pub next_token: Option<String>,
    /// Where the page before ends; absent on the first one.
    pub previous_token: Option<String>,
    /// The page size.
    pub max_results: i64,
    /// The accounts.
    pub user_authn_source_mappings: Vec<UserAuthnSourceMapping>,
}

/// An account of another source that is a user's. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UserAuthnSourceMapping {
    /// The user.
    pub user_id: String,
    /// The source.
    pub identity_provider_id: String,
    /// What the source calls the user.
    pub user_external_id: String,
    /// The instance.
    pub instance_id: String,
    /// When it was bound.
    pub create_time: i64,
    /// When it was bound; it does not change.
    pub update_time: i64,
}

impl Action for ListUserAuthnSourceMappings {
    const NAME: &'static str = "ListUserAuthnSourceMappings";
    const RIGHT: Right = Right::list("eiam:ListUserAuthnSourceMappings");
    type Reply = ListUserAuthnSourceMappingsReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/{}", self.instance_id, self.user_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.user_id, "UserId")?;
        line::<128>(self.user_external_id.as_deref(), "UserExternalId")
    }
}
