//! PDS 2022-03-01: the users of a domain, their groups, accounts, roles, drives and tokens.
//!
//! Every operation acts in one domain: the token's, the host's, the one that query or body name, or the default one;
//! those on domains by AccessKey name theirs. Ids are texts here; whether they are well formed is for the door, to which
//! a malformed one is unknown. A `user_id` alone has a form.
//!
//! What can be told from the request alone is refused here: first what is not of its type (a number, a truth, a word of
//! a list, the length of a list) and what is missing, then a text that is empty or out of form. A word in what is
//! written may not be empty; an empty filter is none, and so is an empty kind of member or owner.
//!
//! Source: `reference/pds.md`.

mod accounts;
mod batch;
mod domains;
mod drives;
mod elsewhere;
mod groups;
mod memberships;
mod oauth;
mod page;
pub mod roles;
mod text;
mod users;
mod word;

#[cfg(test)]
mod tests;

pub use accounts::*;
pub use batch::*;
pub use domains::*;
pub use drives::*;
pub use elsewhere::OPERATIONS_NOT_SUPPORTED;
pub use groups::*;
pub use memberships::*;
pub use oauth::*;
pub use page::*;
pub use roles::{
    AssignRole, Assignment, CancelAssignRole, Identity, ListAssignment, ListAssignmentReply,
    ListIdentityRole, ListIdentityRoleReply, NamedIdentity,
};
pub use text::Extra;
pub use users::*;
pub use word::*;

use crate::Ranged;
use crate::coverage::{Excuse, Product};

/// The version that callers name.
pub const VERSION: &str = "2022-03-01";

/// How many bytes something holds; -1 is without end.
///
/// Source: `reference/pds.md` §2.4.
pub type Size = Ranged<-1, { i64::MAX }>;

const NO_FILES: &str = "files belong to another system";

/// What is said of the parameters and response fields that no declaration holds.
pub const PRODUCT: Product = Product {
    name: "pds",
    version: VERSION,
    surface: include_str!("../../../../reference/surface/pds.json"),
    accepted: &[
        Excuse { action: "CreateDomain", name: "store_redundancy_type", why: NO_FILES },
        Excuse { action: "GetDomain", name: "fields", why: "all of a domain is always shown" },
        Excuse { action: "Authorize", name: "hide_consent", why: "nobody is asked to agree" },
        Excuse { action: "Authorize", name: "scope", why: "a token is good for what its user may do" },
    ],
    refused: &[
        Excuse { action: "CreateDomain", name: "parent_domain_id", why: "no domain is above another one" },
        Excuse { action: "ListDomains", name: "parent_domain_id", why: "no domain is above another one" },
        Excuse { action: "ListDomains", name: "service_code", why: "no other service has domains here" },
    ],
    absent: &[
        Excuse { action: "CreateDomain", name: "data_hash_name", why: NO_FILES },
        Excuse { action: "CreateDomain", name: "sharable", why: NO_FILES },
        Excuse { action: "CreateDomain", name: "store_redundancy_type", why: NO_FILES },
        Excuse { action: "GetDomain", name: "data_hash_name", why: NO_FILES },
        Excuse { action: "GetDomain", name: "sharable", why: NO_FILES },
        Excuse { action: "GetDomain", name: "store_redundancy_type", why: NO_FILES },
        Excuse { action: "UpdateDomain", name: "data_hash_name", why: NO_FILES },
        Excuse { action: "UpdateDomain", name: "sharable", why: NO_FILES },
        Excuse { action: "UpdateDomain", name: "store_redundancy_type", why: NO_FILES },
        Excuse { action: "ListDomains", name: "items.data_hash_name", why: NO_FILES },
        Excuse { action: "ListDomains", name: "items.sharable", why: NO_FILES },
        Excuse { action: "ListDomains", name: "items.store_redundancy_type", why: NO_FILES },
        Excuse { action: "SearchDomains", name: "items.data_hash_name", why: NO_FILES },
        Excuse { action: "SearchDomains", name: "items.sharable", why: NO_FILES },
        Excuse { action: "SearchDomains", name: "items.store_redundancy_type", why: NO_FILES },
        Excuse {
            action: "ListIdentityRole",
            name: "assignment_list.associated_role_tag_id",
            why: "roles have no tags",
        },
    ],
    elsewhere: elsewhere::ELSEWHERE,
    not_found: "404 `I404NF`",
    later: &[],
};
