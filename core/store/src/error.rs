//! What can go wrong below the rules.

use std::sync::Arc;

/// A failure of the store. Its text is for the log, never for a caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another change won: the same change may be tried again.
    #[error("collided with another change: {0}")]
    Collided(String),
    /// What the change was decided by has changed: it is to be decided anew.
    #[error("what the change was decided by has changed")]
    Outdated,
    /// The directory was removed since the call began.
    #[error("the directory was removed meanwhile")]
    Gone,
    /// A unique key is taken.
    #[error("the key {0:?} is taken")]
    Taken(Key),
    /// A question took longer than it may.
    #[error("the deadline for a count has passed")]
    Deadline,
    /// The database was made by a program that this one cannot read.
    #[error("the database asks for a program of schema {needs} or newer, this one knows {knows}")]
    TooNew {
        /// The oldest schema that may work with the database.
        needs: i64,
        /// This program's.
        knows: i64,
    },
    /// The database was made by a program that was never released.
    #[error(
        "the database was made by a program before the first release, and is not brought up to date: begin a new one"
    )]
    Unreleased,
    /// What lies in a row is not what was put there.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// The database did not keep a row that was written: somebody has put a trigger or a rule into it.
    #[error("{SWALLOWED}")]
    Swallowed,
    /// SQLite.
    #[error("SQLite: {0}")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    /// PostgreSQL.
    #[error("PostgreSQL: {}", brief(.0))]
    Postgres(#[source] Arc<tokio_postgres::Error>),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
}

/// A unique key that a change ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A username of a directory.
    Username,
    /// The replay key of a call: the call was accepted before.
    Replay,
    /// Any other: a number or an id drawn twice, or a row that another change made first.
    Other,
}

impl Error {
    /// Whether running the same change again may succeed.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Collided(_) | Self::Outdated | Self::Taken(Key::Username | Key::Other))
    }

    /// Whether the store is too busy or away, so that the same call may succeed a little later.
    pub const fn is_overload(&self) -> bool {
        matches!(self, Self::Deadline | Self::Unreachable(_) | Self::Collided(_) | Self::Outdated)
    }

    pub(crate) fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ffi::ErrorCode;
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Self::Sqlite(Arc::new(error));
        };
        match (failure.code, message.as_deref()) {
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => {
                Self::Collided("the database is busy".into())
            }
            (ErrorCode::ConstraintViolation, Some(text)) if text.starts_with("UNIQUE") => {
                Self::Taken(sqlite_key(text))
            }
            (ErrorCode::OperationInterrupted, _) => Self::Deadline,
            _ => Self::Sqlite(Arc::new(error)),
        }
    }
}

/// What is said where a row was not kept; on PostgreSQL the database itself says so.
pub(crate) const SWALLOWED: &str =
    "the database did not keep a row of the audit trail: look for triggers and rules in it";

/// What the function `stands` says in PostgreSQL's migration.
const OUTDATED: &str = "RS001";

/// Code and message of what PostgreSQL answered, without its detail, which quotes rows.
fn brief(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(answer) => format!("{} {}", answer.code().code(), answer.message().escape_debug()),
        None => error.to_string(),
    }
}

/// The key that SQLite names by its columns: `UNIQUE constraint failed: users.directory, users.username_key`.
fn sqlite_key(text: &str) -> Key {
    if text.contains("users.username_key") {
        Key::Username
    } else if text.contains("replays.") {
        Key::Replay
    } else {
        Key::Other
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(answer) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>())
            {
                Self::Unreachable(error.to_string())
            } else {
                Self::Postgres(Arc::new(error))
            };
        };
        match answer.code() {
            code if code.code() == OUTDATED => Self::Outdated,
            &SqlState::INVALID_TEXT_REPRESENTATION if answer.message().contains(SWALLOWED) => Self::Swallowed,
            &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::T_R_DEADLOCK_DETECTED
            | &SqlState::LOCK_NOT_AVAILABLE => Self::Collided(answer.message().to_owned()),
            &SqlState::UNIQUE_VIOLATION => Self::Taken(match answer.constraint() {
                Some("users_username") => Key::Username,
                Some("replays_pkey") => Key::Replay,
                _ => Key::Other,
            }),
            // A row that another change removed between this one's look and its write.
            &SqlState::FOREIGN_KEY_VIOLATION => Self::Collided(answer.message().to_owned()),
            &SqlState::QUERY_CANCELED => Self::Deadline,
            &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW => {
                Self::Unreachable(answer.message().to_owned())
            }
            _ => Self::Postgres(Arc::new(error)),
        }
    }
}
