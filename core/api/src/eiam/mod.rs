//! EIAM 2021-12-01: the people of an instance, its units, groups, custom fields and policies.
//!
//! Every action with an `InstanceId` acts in that instance, each other one on the account. Ids are texts
//! here; whether they are well formed is for the door, to which a malformed one is unknown.
//!
//! What can be told from the request alone is refused here: first what is not of its type (a number, a truth,
//! a word of a list, the length of a list), then a parameter that is missing, then a text out of form, the
//! latter two in the order of the reference's tables. Where an empty text may stand for none, or clears, the
//! field stays an `Option<String>` that holds it, and its comment says which of the two it does.
//!
//! Source: `reference/eiam.md`.

mod authn;
mod custom_fields;
mod elsewhere;
mod globalization;
mod groups;
mod instances;
mod memberships;
mod passwords;
mod quotas;
mod regions;
mod text;
mod units;
mod users;
mod word;

#[cfg(test)]
mod tests;

pub use authn::*;
pub use custom_fields::*;
pub use globalization::*;
pub use groups::*;
pub use instances::*;
pub use memberships::*;
pub use passwords::*;
pub use quotas::*;
pub use regions::*;
pub use units::*;
pub use users::*;
pub use word::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Ranged;
use crate::coverage::{Excuse, Product};

/// The version that callers name.
pub const VERSION: &str = "2021-12-01";

/// Which page, counted from 1. Times the page size it stays an `i64`.
///
/// Source: `reference/eiam.md`, 3 and 14.2.
pub type PageNumber = Ranged<1, 9_007_199_254_740_991>;

/// How many members a page has.
///
/// Source: `reference/eiam.md`, 3 and 14.2.
pub type PageSize = Ranged<1, 100>;

/// An answer that says no more than that the call is done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Done {}

const NOT_REPLICATED: &str = "no instance is kept in a second region";
const NOT_MANAGED: &str = "no other service manages an instance";
const NO_DOMAIN: &str = "no instance has a domain of its own";
const NOT_BOUGHT: &str = "nothing is bought";
const NO_PASSKEYS: &str = "the second factor is TOTP; there are no passkeys yet";
const NO_PUZZLES: &str = "guessing is slowed and locked out, without puzzles";
const ONE_WAY: &str = "passwords are the one way to sign in yet";

/// What is said of the parameters and response fields that no declaration holds.
pub const PRODUCT: Product = Product {
    name: "eiam",
    version: VERSION,
    surface: include_str!("../../../../reference/surface/eiam.json"),
    accepted: &[],
    refused: &[],
    absent: &[
        Excuse { action: "GetUser", name: "User.PreferredLanguage", why: "no API sets it" },
        Excuse { action: "GetInstance", name: "Instance.DefaultEndpoint", why: NO_DOMAIN },
        Excuse { action: "GetInstance", name: "Instance.DomainConfig", why: NO_DOMAIN },
        Excuse {
            action: "GetInstance",
            name: "Instance.EgressAddresses",
            why: "the server does not know from which addresses its network lets it out",
        },
        Excuse { action: "GetInstance", name: "Instance.ManagedServiceCode", why: NOT_MANAGED },
        Excuse { action: "GetInstance", name: "Instance.CrossRegionReplicationRole", why: NOT_REPLICATED },
        Excuse { action: "GetInstance", name: "Instance.InstanceFailoverStatus", why: NOT_REPLICATED },
        Excuse { action: "GetInstance", name: "Instance.ReplicationConfiguration", why: NOT_REPLICATED },
        Excuse { action: "ListInstances", name: "Instances.DefaultEndpoint", why: NO_DOMAIN },
        Excuse { action: "ListInstances", name: "Instances.ManagedServiceCode", why: NOT_MANAGED },
        Excuse { action: "ListInstances", name: "Instances.CrossRegionReplicationRole", why: NOT_REPLICATED },
        Excuse { action: "ListInstances", name: "Instances.InstanceFailoverStatus", why: NOT_REPLICATED },
        Excuse { action: "ListInstances", name: "Instances.ReplicationConfiguration", why: NOT_REPLICATED },
        Excuse { action: "ListEiamInstances", name: "Instances.SSODomain", why: NO_DOMAIN },
        Excuse {
            action: "ListEiamInstances",
            name: "Instances.OpenAPIPrivateDomain",
            why: "there is one network",
        },
        Excuse {
            action: "ListEiamInstances",
            name: "Instances.DeveloperAPIPublicDomain",
            why: "belongs to another system",
        },
        Excuse {
            action: "ListEiamInstances",
            name: "Instances.DeveloperAPIPrivateDomain",
            why: "belongs to another system",
        },
        Excuse {
            action: "CheckInstanceForDelete",
            name: "CheckInstanceResult.RestrictScenarios.HelpfulConsoleUrl",
            why: "no console shows what stands against it",
        },
        Excuse { action: "GetInstanceLicense", name: "License.EndTime", why: "it does not end" },
        Excuse { action: "GetInstanceLicense", name: "License.LicenseChargeType", why: NOT_BOUGHT },
        Excuse { action: "GetInstanceLicense", name: "License.PurchaseChannel", why: NOT_BOUGHT },
        Excuse { action: "GetInstanceLicense", name: "License.PurchaseInstanceId", why: NOT_BOUGHT },
        Excuse { action: "GetInstanceLicense", name: "License.LicenseConfigJson", why: "undocumented" },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.PrepaidActiveUserNumber",
            why: NOT_BOUGHT,
        },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.ConditionalAccessPolicyLicenseStatus",
            why: "belongs to another system",
        },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.M2mApplicationLicenseStatus",
            why: "belongs to another system",
        },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.M2mApplicationQuota",
            why: "belongs to another system",
        },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.MimApplicationLicenseStatus",
            why: "belongs to another system",
        },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.NetworkAccessEndpointQuota",
            why: "belongs to another system",
        },
        Excuse {
            action: "GetInstanceLicense",
            name: "License.InstanceLicenseDetail.PamLicenseStatus",
            why: "belongs to another system",
        },
        Excuse {
            action: "ListUserAuthnSourceMappings",
            name: "UserAuthnSourceMappings.AuthnSourceType",
            why: "sources belong to another system, and binding does not say their type",
        },
        Excuse {
            action: "ListUserAuthnSourceMappings",
            name: "UserAuthnSourceMappings.ExternalData",
            why: "sources belong to another system, and binding does not say it",
        },
    ],
    elsewhere: elsewhere::ELSEWHERE,
    not_found: "`InvalidAction.NotFound`",
    later: &[
        Excuse { action: "DeleteWebAuthnAuthenticator", name: "", why: NO_PASSKEYS },
        Excuse { action: "GenerateWebAuthnAuthenticatorRegistrationUrl", name: "", why: NO_PASSKEYS },
        Excuse { action: "SetWebAuthnConfiguration", name: "", why: NO_PASSKEYS },
        Excuse { action: "GetInstanceControlConfiguration", name: "", why: NO_PUZZLES },
        Excuse { action: "SetInstanceControlConfiguration", name: "", why: NO_PUZZLES },
        Excuse { action: "EnableInternalAuthenticationSource", name: "", why: ONE_WAY },
        Excuse { action: "DisableInternalAuthenticationSource", name: "", why: ONE_WAY },
        Excuse { action: "EnableInitDomainAutoRedirect", name: "", why: NO_DOMAIN },
        Excuse { action: "DisableInitDomainAutoRedirect", name: "", why: NO_DOMAIN },
        Excuse { action: "GetInstanceModuleInfo", name: "", why: NOT_BOUGHT },
        Excuse { action: "CheckInstanceModuleStatus", name: "", why: NOT_BOUGHT },
        Excuse { action: "GetInstanceTrialStatus", name: "", why: NOT_BOUGHT },
        Excuse { action: "CreateInstanceTrialLicense", name: "", why: NOT_BOUGHT },
        Excuse { action: "RenewFreeLicenseEndTime", name: "", why: NOT_BOUGHT },
        Excuse { action: "ExecuteInstanceFailover", name: "", why: NOT_REPLICATED },
    ],
};
