//! RAM 2015-05-01: who acts for an account beside its root, with which AccessKeys, and what they may.
//!
//! Every action acts on the caller's account. What can be told of the request alone and of one parameter (a word of a
//! list, a number's bounds, an absence) is refused here; whether names and texts are well formed is for the door, which
//! has two words for it.
//!
//! Source: `reference/ram.md`.

mod attachments;
mod elsewhere;
mod keys;
mod policies;
mod roles;
mod simulate;
#[cfg(test)]
mod tests;
mod users;

pub use attachments::*;
pub use keys::*;
pub use policies::*;
pub use roles::*;
pub use simulate::*;
pub use users::*;

use model::Resource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Undecodable, refuse, require};

use crate::Ranged;
use crate::coverage::{Excuse, Product};

/// The version that callers name.
pub const VERSION: &str = "2015-05-01";

/// How many things a page has.
///
/// Source: `reference/ram.md` 1.
pub type MaxItems = Ranged<1, 1_000>;

/// An answer that says no more than that the call is done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Done {}

/// A tag, which nothing has.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A required text, for which the empty one is as good as none.
pub(crate) fn filled(text: &str, name: &'static str) -> Result<(), Undecodable> {
    require(!text.is_empty(), name)
}

/// `Invalid`, with the parameter's name, unless it `fits`.
pub(crate) fn valid(fits: bool, name: &'static str) -> Result<(), Undecodable> {
    if fits { Ok(()) } else { Err(Undecodable::Invalid(name.to_owned())) }
}

/// Tags would change what is made or listed.
fn no_tags(tags: Option<&[Tag]>) -> Result<(), Undecodable> {
    refuse(tags.is_some_and(|tags| !tags.is_empty()), "Tag")
}

/// A policy that holds in a resource group alone would be another one.
fn no_resource_group(id: Option<&str>) -> Result<(), Undecodable> {
    refuse(id.is_some_and(|id| !id.is_empty()), "ResourceGroupId")
}

/// A user of the account as policies name it; the caller where no name is given.
fn user(name: Option<&str>) -> Resource {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Resource::new("ram", format!("user/{name}")),
        None => Resource::Own,
    }
}

/// A role of the account as policies name it.
fn role(name: &str) -> Resource {
    Resource::new("ram", format!("role/{name}"))
}

/// A policy as policies name it. Those of the system belong to no account.
fn policy(kind: PolicyType, name: &str) -> Resource {
    match kind {
        PolicyType::Custom => Resource::new("ram", format!("policy/{name}")),
        PolicyType::System => Resource::Arn(format!("acs:ram::system:policy/{name}")),
    }
}

const NO_TAGS: &str = "nothing has tags";
const NO_CONSOLE: &str = "there is no console that RAM users sign in to";
const NO_GROUPS: &str = "there are no groups of RAM users";
const NO_SERVICES: &str = "no service makes roles for itself";
const WHOLE_ACCOUNT: &str = "policies hold in the whole account";

/// What is said of the parameters and response fields that no declaration holds.
pub const PRODUCT: Product = Product {
    name: "ram",
    version: VERSION,
    surface: include_str!("../../../../reference/surface/ram.json"),
    accepted: &[Excuse {
        action: "DeletePolicy",
        name: "CascadingDelete",
        why: "a policy has one version, which goes with it",
    }],
    refused: &[
        Excuse { action: "*", name: "Tag", why: NO_TAGS },
        Excuse { action: "*", name: "ResourceGroupId", why: WHOLE_ACCOUNT },
        Excuse { action: "CreateRole", name: "AllowConsoleLogin", why: NO_CONSOLE },
        Excuse { action: "UpdateRole", name: "NewAllowConsoleLogin", why: NO_CONSOLE },
    ],
    absent: &[
        Excuse { action: "ListPolicies", name: "Policies.Policy.Tags", why: NO_TAGS },
        Excuse { action: "ListRoles", name: "Roles.Role.Tags", why: NO_TAGS },
        Excuse { action: "GetUser", name: "User.LastLoginDate", why: NO_CONSOLE },
        Excuse { action: "GetRole", name: "Role.LatestDeletionTask", why: NO_SERVICES },
        Excuse { action: "GetRole", name: "Role.RolePrincipalName", why: "roles have no address" },
        Excuse { action: "ListEntitiesForPolicy", name: "Groups.Group", why: NO_GROUPS },
    ],
    elsewhere: elsewhere::ELSEWHERE,
    not_found: "`InvalidAction.NotFound`",
    later: &[],
};
