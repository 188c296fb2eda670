//! Links that lead to a new password, hashed; each is good once.

use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Why somebody got a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To choose a first password.
    Invitation,
    /// An administrator wants another password.
    Reset,
    /// The person has forgotten the password.
    Forgotten,
}

/// One link as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The hash of what the link holds.
    pub hash: String,
    /// Whose password it is for.
    pub user: Number,
    /// Why it was made.
    pub purpose: Purpose,
    /// When it was made.
    pub created: Millis,
    /// When it ends.
    pub expires: Millis,
}

/// The link of a directory with this hash.
pub async fn find(reader: &mut Reader, directory: DirectoryKey, hash: &str) -> Result<Option<Stored>, Error> {
    reader
        .query_one(
            "select hash, user_number, purpose, created, expires from reset_links
             where hash = $1 and directory = $2",
            &params![hash, directory.number],
            stored,
        )
        .await
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    let purpose = match row.int(2)? {
        1 => Purpose::Invitation,
        2 => Purpose::Reset,
        3 => Purpose::Forgotten,
        other => return Err(Error::corrupt(format!("{other} is no purpose of a link"))),
    };
    Ok(Stored {
        hash: row.text(0)?,
        user: row.number(1)?,
        purpose,
        created: row.millis(3)?,
        expires: row.millis(4)?,
    })
}

/// Adds a link.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, link: &Stored) -> Result<(), Error> {
    let purpose = match link.purpose {
        Purpose::Invitation => 1,
        Purpose::Reset => 2,
        Purpose::Forgotten => 3,
    };
    tx.write(
        "insert into reset_links (hash, directory, user_number, purpose, created, expires)
         values ($1, $2, $3, $4, $5, $6)",
        &params![&link.hash, directory.number, link.user, i64::from(purpose), link.created, link.expires],
    )
    .await
}

/// Spends a link: whether nobody else has.
pub async fn spend(tx: &mut Tx, directory: DirectoryKey, hash: &str) -> Result<bool, Error> {
    let spent = tx
        .write_returning(
            "delete from reset_links where hash = $1 and directory = $2 returning hash",
            &params![hash, directory.number],
            |_| Ok(()),
        )
        .await?;
    Ok(!spent.is_empty())
}

/// Ends every link of a user.
pub async fn end_user(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from reset_links where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// Whether there are links that have expired.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from reset_links where expires <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` links that have expired.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from reset_links where hash in (select hash from reset_links where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
