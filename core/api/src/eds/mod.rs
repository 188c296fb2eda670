//! eds-user 2021-03-08: users of cloud desktops.
//!
//! Source: `reference/eds-user.md`.

mod users;

pub use users::*;

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
    ],
    absent: &[
        Excuse {
            action: "DescribeUsers",
            name: "Users.Avatar",
            why: "set through PDS, which is not served yet",
        },
        Excuse { action: "DescribeUsers", name: "Users.Address", why: "belongs to another system" },
        Excuse { action: "DescribeUsers", name: "Users.JobNumber", why: "belongs to another system" },
        Excuse { action: "DescribeUsers", name: "Users.ExternalName", why: "belongs to another system" },
    ],
    elsewhere: &[
        Excuse { action: "SyncAllEduInfo", name: "", why: "belongs to another system" },
        Excuse { action: "QuerySyncStatusByAliUid", name: "", why: "belongs to another system" },
    ],
};
