//! What a rule refuses, in the directory's own words. Each door has its own for each of them.

use access::passwords::Busy;

/// Why a rule did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that must be unique belongs to another already; its text.
    #[error("{0:?} {1:?} is taken")]
    Taken(Unique, String),
    /// What an argument names is not there; its text.
    #[error("there is no {0:?} {1:?}")]
    Missing(Argument, String),
    /// The directory keeps at least one superadmin who can act.
    #[error("{0:?} is the last superadmin")]
    LastSuperadmin(String),
    /// Too many passwords wait to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The store failed, or asks to try again.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// A username, compared without case.
    Username,
}

/// What a rule was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A user.
    User,
    /// A unit.
    Unit,
    /// A group.
    Group,
}

impl Error {
    /// Whether making the same change again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}
