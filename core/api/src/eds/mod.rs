//! eds-user 2021-03-08: users of cloud desktops.
//!
//! Source: `reference/eds-user.md`.

mod account;
mod groups;
mod mfa;
mod orgs;
mod properties;
mod resource_groups;
mod users;

#[cfg(test)]
mod tests;

pub use account::*;
pub use groups::*;
pub use mfa::*;
pub use orgs::*;
pub use properties::*;
pub use resource_groups::*;
pub use users::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Undecodable, require};

use crate::coverage::{Excuse, Product};

/// The version that callers name.
pub const VERSION: &str = "2021-03-08";

/// What is said of the parameters and response fields that no declaration holds.
pub const PRODUCT: Product = Product {
    name: "eds-user",
    version: VERSION,
    surface: include_str!("../../../../reference/surface/eds-user.json"),
    accepted: &[
        Excuse { action: "*", name: "BusinessChannel", why: "selects a sales channel of the vendor" },
        Excuse { action: "*", name: "BizType", why: "internal to the vendor" },
        Excuse { action: "*", name: "SolutionId", why: "internal to the vendor" },
        Excuse { action: "CreateGroup", name: "ParentGroupId", why: "internal to the vendor" },
        Excuse {
            action: "CreateResourceGroup",
            name: "IsResourceGroupWithOfficeSite",
            why: "internal to the vendor",
        },
        Excuse { action: "CreateResourceGroup", name: "EnableAliyunResourceGroup", why: "undocumented" },
        Excuse {
            action: "DescribeResourceGroups",
            name: "NeedContainResourceGroupWithOfficeSite",
            why: "internal to the vendor",
        },
        Excuse {
            action: "DescribeOrgs",
            name: "ShowExtras",
            why: "its keys are undocumented, and it only adds fields",
        },
        Excuse {
            action: "FilterUsers",
            name: "ShowExtras",
            why: "its keys are undocumented, and it only adds fields",
        },
        Excuse {
            action: "DescribeGroups",
            name: "ExcludeAttachedLoginPolicyGroups",
            why: "no group has a sign-in policy",
        },
        Excuse { action: "*", name: "AdDomain", why: "Active Directory belongs to another system" },
    ],
    refused: &[
        Excuse { action: "*", name: "FilterMap", why: "undocumented, and would narrow the answer" },
        Excuse {
            action: "DescribeUsers",
            name: "FilterWithAssignedResource",
            why: "resources belong to another system, and it would narrow the answer",
        },
        Excuse {
            action: "DescribeUsers",
            name: "FilterWithAssignedResources",
            why: "resources belong to another system, and it would narrow the answer",
        },
        Excuse {
            action: "DescribeGroups",
            name: "LoginPolicyId",
            why: "sign-in policies belong to another system, and it would narrow the answer",
        },
        Excuse { action: "DescribeGroups", name: "IdpId", why: "undocumented, and would narrow the answer" },
    ],
    absent: &[
        Excuse { action: "DescribeUsers", name: "Users.Address", why: "belongs to another system" },
        Excuse { action: "DescribeUsers", name: "Users.JobNumber", why: "belongs to another system" },
        Excuse { action: "DescribeUsers", name: "Users.ExternalName", why: "belongs to another system" },
        Excuse { action: "FilterUsers", name: "Users.ExternalInfo", why: "belongs to another system" },
        Excuse {
            action: "DescribeUser",
            name: "User.ExternalInfo.ExternalName",
            why: "belongs to another system",
        },
        Excuse {
            action: "DescribeUser",
            name: "User.ExternalInfo.JobNumber",
            why: "belongs to another system",
        },
        Excuse {
            action: "DescribeUser",
            name: "User.ExternalInfo.SsoType",
            why: "belongs to another system",
        },
        Excuse { action: "DescribeGroupUser", name: "Users.Address", why: "belongs to another system" },
        Excuse { action: "DescribeGroupUser", name: "Users.JobNumber", why: "belongs to another system" },
        Excuse { action: "DescribeGroupUser", name: "Groups", why: "deprecated by the vendor" },
        Excuse {
            action: "InitTenantAlias",
            name: "AliasInfo.AliasEditDisabledReason",
            why: "never disabled",
        },
        Excuse { action: "InitTenantAlias", name: "AliasInfo.NextModifyTime", why: "never disabled" },
        Excuse {
            action: "DescribeResourceGroups",
            name: "ResourceGroup.AliyunResourceGroupId",
            why: "belongs to another system",
        },
        Excuse {
            action: "DescribeMfaDevices",
            name: "MfaDevices.AdUser",
            why: "Active Directory belongs to another system",
        },
        Excuse { action: "DescribeMfaDevices", name: "MfaDevices.Email", why: "unused by the vendor" },
    ],
    elsewhere: &[
        Excuse { action: "SyncAllEduInfo", name: "", why: "belongs to another system" },
        Excuse { action: "QuerySyncStatusByAliUid", name: "", why: "belongs to another system" },
    ],
    not_found: "`InvalidAction.NotFound`",
    later: &[],
};

/// An answer that says no more than that the call is done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Done {}

/// For checks: a required text, for which the empty one is as good as none.
///
/// Source: `reference/eds-user.md`, X.2.
fn filled(text: &str, name: &'static str) -> Result<(), Undecodable> {
    require(!text.is_empty(), name)
}

/// What two parameters give between them; the empty text in the first is as good as none.
fn either<'a>(one: Option<&'a str>, several: Option<&'a [String]>) -> impl Iterator<Item = &'a str> {
    let several = several.unwrap_or_default();
    one.filter(|one| !one.is_empty()).into_iter().chain(several.iter().map(String::as_str))
}
