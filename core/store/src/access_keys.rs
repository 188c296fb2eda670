//! AccessKeys, their secrets sealed.

use model::{AccountUid, Millis};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// One AccessKey as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The AccessKeyId.
    pub id: String,
    /// The account whose root it acts for.
    pub account: AccountUid,
    /// The sealed secret.
    pub sealed: String,
    /// Whether it is accepted.
    pub active: bool,
    /// When it was made.
    pub created: Millis,
}

const COLUMNS: &str = "select id, account, sealed, active, created from access_keys";

/// The key with this id.
pub async fn find(reader: &mut Reader, id: &str) -> Result<Option<Stored>, Error> {
    reader.query_one(&format!("{COLUMNS} where id = $1"), &params![id], stored).await
}

/// Every key of the account, the oldest first.
pub async fn all(reader: &mut Reader, account: AccountUid) -> Result<Vec<Stored>, Error> {
    reader
        .query(&format!("{COLUMNS} where account = $1 order by created, id"), &params![account], stored)
        .await
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        id: row.text(0)?,
        account: AccountUid(row.int(1)?),
        sealed: row.text(2)?,
        active: row.truth(3)?,
        created: row.millis(4)?,
    })
}

/// Adds a key.
pub async fn insert(tx: &mut Tx, key: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into access_keys (id, account, sealed, active, created) values ($1, $2, $3, $4, $5)",
        &params![&key.id, key.account, &key.sealed, key.active, key.created],
    )
    .await
}

/// Switches a key on or off.
pub async fn set_active(tx: &mut Tx, id: &str, active: bool) -> Result<(), Error> {
    tx.write("update access_keys set active = $2 where id = $1", &params![id, active]).await
}

/// Seals a key's secret anew.
pub async fn set_sealed(tx: &mut Tx, id: &str, sealed: &str) -> Result<(), Error> {
    tx.write("update access_keys set sealed = $2 where id = $1", &params![id, sealed]).await
}

/// Deletes a key.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.write("delete from access_keys where id = $1", &params![id]).await
}
