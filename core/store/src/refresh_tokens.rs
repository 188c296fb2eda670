//! Refresh tokens, hashed, in chains.

use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// One refresh token as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The token's hash.
    pub hash: String,
    /// The chain that it belongs to.
    pub chain: String,
    /// The directory.
    pub directory: Number,
    /// The user; `None` for the app itself.
    pub user: Option<Number>,
    /// The app that it was given to; empty for none.
    pub app: String,
    /// When it was issued.
    pub issued: Millis,
    /// When it ends.
    pub expires: Millis,
    /// When it got the next one.
    pub spent: Option<Millis>,
}

const COLUMNS: &str = "select hash, chain, directory, user_number, app, issued, expires, spent
     from refresh_tokens where hash = $1";

/// The token with this hash.
pub async fn find(reader: &mut Reader, hash: &str) -> Result<Option<Stored>, Error> {
    reader.query_one(COLUMNS, &params![hash], stored).await
}

/// The token with this hash, which nobody else may change until this change is over.
pub async fn lock(tx: &mut Tx, hash: &str) -> Result<Option<Stored>, Error> {
    let sql = format!("{COLUMNS}{}", tx.for_update());
    tx.query_one(&sql, &params![hash], stored).await
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        hash: row.text(0)?,
        chain: row.text(1)?,
        directory: row.number(2)?,
        user: row.opt_int(3)?.map(Number),
        app: row.text(4)?,
        issued: row.millis(5)?,
        expires: row.millis(6)?,
        spent: row.opt_millis(7)?,
    })
}

/// Adds a token.
pub async fn insert(tx: &mut Tx, token: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into refresh_tokens (hash, chain, directory, user_number, app, issued, expires, spent)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            &token.hash,
            &token.chain,
            token.directory,
            token.user,
            &token.app,
            token.issued,
            token.expires,
            token.spent,
        ],
    )
    .await
}

/// Notes that a token got the next one.
pub async fn spend(tx: &mut Tx, hash: &str, at: Millis) -> Result<(), Error> {
    tx.write("update refresh_tokens set spent = $2 where hash = $1", &params![hash, at]).await
}

/// Ends a chain.
pub async fn end_chain(tx: &mut Tx, chain: &str) -> Result<(), Error> {
    tx.write("delete from refresh_tokens where chain = $1", &params![chain]).await
}

/// When the last one of a user was issued, of those that are there.
pub async fn latest(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Option<Millis>, Error> {
    let latest = reader
        .query_one(
            "select max(issued) from refresh_tokens where directory = $1 and user_number = $2",
            &params![directory.number, user],
            |row| row.opt_millis(0),
        )
        .await?;
    Ok(latest.flatten())
}

/// Ends every chain of a user.
pub async fn end_user(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from refresh_tokens where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// Ends every chain of an app.
pub async fn end_app(tx: &mut Tx, app: &str) -> Result<(), Error> {
    tx.write("delete from refresh_tokens where app = $1", &params![app]).await
}

/// Forgets up to `limit` tokens that have expired.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from refresh_tokens where hash in (
             select hash from refresh_tokens where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}

/// Whether there are tokens that have expired.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from refresh_tokens where expires <= $1 limit 1", &params![at]).await
}
