//! The keys that access tokens are signed with; the private ones sealed.

use model::Millis;

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// One key as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What tokens name it by.
    pub id: String,
    /// The private key, PKCS#8, sealed.
    pub sealed: String,
    /// The public key, DER in base64.
    pub public_key: String,
    /// When it was made.
    pub created: Millis,
}

/// Every key, the oldest first.
pub async fn all(reader: &mut Reader) -> Result<Vec<Stored>, Error> {
    reader
        .query("select id, sealed, public_key, created from signing_keys order by created, id", &[], stored)
        .await
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored { id: row.text(0)?, sealed: row.text(1)?, public_key: row.text(2)?, created: row.millis(3)? })
}

/// Adds a key.
pub async fn insert(tx: &mut Tx, key: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into signing_keys (id, sealed, public_key, created) values ($1, $2, $3, $4)",
        &params![&key.id, &key.sealed, &key.public_key, key.created],
    )
    .await
}

/// Seals a private key anew.
pub async fn set_sealed(tx: &mut Tx, id: &str, sealed: &str) -> Result<(), Error> {
    tx.write("update signing_keys set sealed = $2 where id = $1", &params![id, sealed]).await
}

/// Forgets a key: what it has signed is good no more.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.write("delete from signing_keys where id = $1", &params![id]).await
}
