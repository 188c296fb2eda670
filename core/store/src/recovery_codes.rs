//! Codes that stand for a device that is lost, digested. Each is good once.

use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Adds a user's code.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, user: Number, hash: &str) -> Result<(), Error> {
    tx.write(
        "insert into recovery_codes (directory, user_number, hash) values ($1, $2, $3)",
        &params![directory.number, user, hash],
    )
    .await
}

/// Spends a user's code: whether it was there.
pub async fn spend(tx: &mut Tx, directory: DirectoryKey, user: Number, hash: &str) -> Result<bool, Error> {
    let spent = tx
        .write_returning(
            "delete from recovery_codes where directory = $1 and user_number = $2 and hash = $3
             returning user_number",
            &params![directory.number, user, hash],
            |_| Ok(()),
        )
        .await?;
    Ok(!spent.is_empty())
}

/// Removes all codes of a user.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from recovery_codes where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// How many codes a user has left.
pub async fn count(reader: &mut Reader, directory: DirectoryKey, user: Number) -> Result<i64, Error> {
    reader
        .count_rows(
            "select count(*) from recovery_codes where directory = $1 and user_number = $2",
            &params![directory.number, user],
        )
        .await
}
