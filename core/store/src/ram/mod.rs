//! Who acts for an account beside its root, and what they may.

pub mod attachments;
pub mod policies;
pub mod roles;
pub mod users;

use model::ram::{Holder, PolicyKind};

/// As rows say whether a user or a role has something.
const fn holder(holder: Holder) -> i64 {
    match holder {
        Holder::User(_) => 0,
        Holder::Role(_) => 1,
    }
}

/// As rows say whose a policy is.
const fn kind(kind: PolicyKind) -> i64 {
    match kind {
        PolicyKind::System => 0,
        PolicyKind::Custom => 1,
    }
}
