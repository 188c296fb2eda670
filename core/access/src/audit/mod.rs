//! The audit trail: events are written with the changes that they tell of, sealed into a chain behind them, read, and
//! verified.
//!
//! What a chain of codes proves, and against whom, is told in `ARCHITECTURE.md` §8.

mod chain;
mod erase;
mod record;
mod retention;
mod sealer;
#[cfg(test)]
mod tests;
mod trail;
mod verify;

pub use chain::{Head, NoHead};
pub use erase::{Erased, erase_event, erase_subject};
pub use record::refused;
pub(crate) use record::{keep, queue};
pub use retention::{Round, cut};
pub use sealer::{Error, Sealer, comes_by, head, longest_waiting};
pub use trail::{Filter, Line, Window, beginning, cursor, find, newest, place, sealed_after, shown};
pub use verify::{Findings, verify};

use model::AccountUid;

/// What events of the installation are filed under, which belong to no account.
pub const INSTALLATION: AccountUid = AccountUid(0);

/// The lease of whoever adds to the chain.
const LEASE: &str = "audit";
