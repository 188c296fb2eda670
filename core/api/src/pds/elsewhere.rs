//! What PDS has besides: operations that belong to other systems, and those that a domain is without.

use crate::coverage::Excuse;

/// The operations that belong to other systems; no path leads to them.
pub(super) const ELSEWHERE: &[Excuse] = &[
    Excuse { action: "CreateIdentityToBenefitPkgMapping", name: "", why: NOTHING_BOUGHT },
    Excuse { action: "CreateOrder", name: "", why: NOTHING_BOUGHT },
    Excuse { action: "GetIdentityToBenefitPkgMapping", name: "", why: NOTHING_BOUGHT },
    Excuse { action: "ListIdentityToBenefitPkgMapping", name: "", why: NOTHING_BOUGHT },
    Excuse { action: "QueryOrderPrice", name: "", why: NOTHING_BOUGHT },
    Excuse { action: "UpdateIdentityToBenefitPkgMapping", name: "", why: NOTHING_BOUGHT },
];

const NOTHING_BOUGHT: &str = "nothing is bought";

/// The paths of operations that are known and refused, since a subdomain is no more than a label.
///
/// Source: `reference/pds.md` §17; `reference/doors.md` §8.12.
pub const OPERATIONS_NOT_SUPPORTED: &[&str] = &[
    "/v2/subdomain/create",
    "/v2/subdomain/delete",
    "/v2/subdomain/get",
    "/v2/subdomain/list",
    "/v2/subdomain/update",
    "/v2/user/add_user_to_subdomain",
    "/v2/user/migrate_to_subdomain",
    "/v2/user/remove_user_from_subdomain",
    "/v2/user/rollback_from_subdomain",
];
