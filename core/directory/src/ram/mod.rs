//! RAM: who acts for an account beside its root, with which AccessKeys, and what they may.
//!
//! Each change takes the account's row first, so that no two of one account meet, and raises the account's generation:
//! what was decided by what it changes is decided again before it commits.
//!
//! Source: `reference/protocol.md` §5, §7.

pub mod assume;
mod error;
pub mod keys;
pub mod policies;
pub mod roles;
pub mod simulate;
pub mod users;

use access::{Change, Permit};
use model::AccountUid;

pub use access::ram::{By, Layer, Malformed, PolicyName, Refusal, Verdict};
pub use error::{Conflict, Entity, Error, Limit, Wrong};

/// Up to so many things of a list, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The things.
    pub items: Vec<T>,
    /// What the next page follows; `None` behind the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Of one thing more than was asked for, which says that the list goes on.
    fn of(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let goes_on = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| goes_on).map(key);
        Self { items, next }
    }
}

/// What is asked of the store to know whether a list goes on behind `limit`.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1).saturating_add(1)
}

/// Takes the account for this change: no other changes its users, roles, policies or keys meanwhile.
async fn take(change: &mut Change, permit: &Permit) -> Result<AccountUid, Error> {
    Ok(change.take_access(permit).await?)
}
