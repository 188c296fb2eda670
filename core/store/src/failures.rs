//! Wrong passwords, and messages that were asked for: counted for names that users have and names that nobody has alike.
//!
//! They tell of nothing in the directory, so a change that writes only these needs no event.

use model::lockout::Failures;
use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong passwords.
    SignIn,
    /// Messages to who has forgotten a password.
    Forgotten,
}

impl Kind {
    /// The key of what is counted for a user.
    pub fn of_user(self, user: Number) -> String {
        format!("{}u:{user}", self.prefix())
    }

    /// The key of what is counted for a name that nobody has, by its digest.
    pub fn of_nobody(self, digest: &str) -> String {
        format!("{}n:{digest}", self.prefix())
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::SignIn => "",
            Self::Forgotten => "f",
        }
    }
}

/// What is known under a key at `at`, which nobody else may change until this change is over.
pub async fn lock(
    tx: &mut Tx,
    directory: DirectoryKey,
    key: &str,
    at: Millis,
) -> Result<Option<Failures>, Error> {
    let sql = format!(
        "select failures, first, locks, until from failures
         where directory = $1 and key = $2 and forgotten > $3{}",
        tx.for_update()
    );
    tx.query_one(&sql, &params![directory.number, key, at], |row| {
        Ok(Failures {
            count: row.int(0)?,
            first: row.millis(1)?,
            locks: row.int(2)?,
            until: row.opt_millis(3)?,
        })
    })
    .await
}

/// Writes what is known under a key. Where nothing was and somebody else was faster, both count.
pub async fn set(
    tx: &mut Tx,
    directory: DirectoryKey,
    key: &str,
    (before, after): (Option<Failures>, Failures),
    forgotten: Millis,
) -> Result<(), Error> {
    let sql = if before.is_some() {
        "insert into failures (directory, key, failures, first, locks, until, forgotten)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (directory, key) do update set failures = excluded.failures, first = excluded.first,
             locks = excluded.locks, until = excluded.until, forgotten = excluded.forgotten"
    } else {
        // A row that is there is of old, unless it came to be meanwhile.
        "insert into failures (directory, key, failures, first, locks, until, forgotten)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (directory, key) do update set
             failures = cast(case when failures.forgotten > $4 then failures.failures else 0 end as bigint)
                 + excluded.failures,
             first = excluded.first, locks = excluded.locks, until = excluded.until,
             forgotten = excluded.forgotten"
    };
    let params =
        params![directory.number, key, after.count, after.first, after.locks, after.until, forgotten];
    tx.write_unseen(sql, &params).await
}

/// Forgets what is known under a key.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, key: &str) -> Result<(), Error> {
    tx.write_unseen("delete from failures where directory = $1 and key = $2", &params![directory.number, key])
        .await
}

/// Whether there is anything for [`forget`].
pub async fn any_old(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from failures where forgotten <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` rows that count for nothing any more.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from failures where forgotten <= $1 and (directory, key) in (
             select directory, key from failures where forgotten <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
