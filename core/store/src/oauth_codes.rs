//! Codes that people bring back to apps, hashed; each is good for one token.

use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// One code as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The code's hash.
    pub hash: String,
    /// The directory.
    pub directory: Number,
    /// Whom it is good for.
    pub user: Number,
    /// The app that may bring it.
    pub app: String,
    /// Where it was sent to.
    pub redirect_uri: String,
    /// When it ends.
    pub expires: Millis,
}

/// The code with this hash.
pub async fn find(reader: &mut Reader, hash: &str) -> Result<Option<Stored>, Error> {
    reader
        .query_one(
            "select hash, directory, user_number, app, redirect_uri, expires from oauth_codes where hash = $1",
            &params![hash],
            stored,
        )
        .await
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        hash: row.text(0)?,
        directory: row.number(1)?,
        user: row.number(2)?,
        app: row.text(3)?,
        redirect_uri: row.text(4)?,
        expires: row.millis(5)?,
    })
}

/// Adds a code.
pub async fn insert(tx: &mut Tx, code: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into oauth_codes (hash, directory, user_number, app, redirect_uri, expires)
         values ($1, $2, $3, $4, $5, $6)",
        &params![&code.hash, code.directory, code.user, &code.app, &code.redirect_uri, code.expires],
    )
    .await
}

/// Spends a code: whether nobody else has.
pub async fn spend(tx: &mut Tx, hash: &str) -> Result<bool, Error> {
    let spent = tx
        .write_returning("delete from oauth_codes where hash = $1 returning hash", &params![hash], |_| Ok(()))
        .await?;
    Ok(!spent.is_empty())
}

/// Forgets every code of a user.
pub async fn end_user(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from oauth_codes where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// Forgets every code of an app.
pub async fn end_app(tx: &mut Tx, app: &str) -> Result<(), Error> {
    tx.write("delete from oauth_codes where app = $1", &params![app]).await
}

/// Whether there are codes that have expired.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from oauth_codes where expires <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` codes that have expired.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from oauth_codes where hash in (select hash from oauth_codes where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
