//! One-time codes, each good for one manager's data. Only their hashes lie here.

use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Adds a code.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    hash: &str,
    user: Number,
    expires: Millis,
) -> Result<(), Error> {
    tx.write(
        "insert into auth_codes (hash, directory, user_number, expires) values ($1, $2, $3, $4)",
        &params![hash, directory.number, user, expires],
    )
    .await
}

/// Whom a code of this directory is good for, if it has not expired.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    hash: &str,
    at: Millis,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select user_number from auth_codes where hash = $1 and directory = $2 and expires > $3",
            &params![hash, directory.number, at],
            |row| row.number(0),
        )
        .await
}

/// Spends a code: whether nobody else has.
pub async fn spend(tx: &mut Tx, hash: &str) -> Result<bool, Error> {
    let spent = tx
        .write_returning("delete from auth_codes where hash = $1 returning hash", &params![hash], |_| Ok(()))
        .await?;
    Ok(!spent.is_empty())
}

/// Ends the codes of a user.
pub async fn end_user(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from auth_codes where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// Whether there are codes that have expired.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from auth_codes where expires <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` codes that have expired.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from auth_codes where hash in (select hash from auth_codes where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
