//! Apps that may ask for tokens.

use model::{AccountUid, Millis};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// One app as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The client id.
    pub id: String,
    /// The account whose directories it may ask for.
    pub account: AccountUid,
    /// What people call it.
    pub name: String,
    /// The key that its assertions are signed with, as PEM.
    pub public_key: String,
    /// Where people are sent back to; empty for an app that signs nobody in.
    pub redirect_uri: String,
    /// Keyed digest of its secret; empty for an app without one.
    pub secret: String,
    /// When it was made.
    pub created: Millis,
}

const COLUMNS: &str = "select id, account, name, public_key, redirect_uri, secret, created from apps";

/// The app with this client id.
pub async fn find(reader: &mut Reader, id: &str) -> Result<Option<Stored>, Error> {
    reader.query_one(&format!("{COLUMNS} where id = $1"), &params![id], stored).await
}

/// Keeps everybody else from changing the app, and from taking this lock, until this change is over; whether it is
/// there.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<bool, Error> {
    let sql = format!("select 1 from apps where id = $1{}", tx.for_update());
    tx.exists(&sql, &params![id]).await
}

/// Every app of the account, the oldest first.
pub async fn all(reader: &mut Reader, account: AccountUid) -> Result<Vec<Stored>, Error> {
    reader
        .query(&format!("{COLUMNS} where account = $1 order by created, id"), &params![account], stored)
        .await
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        id: row.text(0)?,
        account: AccountUid(row.int(1)?),
        name: row.text(2)?,
        public_key: row.text(3)?,
        redirect_uri: row.text(4)?,
        secret: row.text(5)?,
        created: row.millis(6)?,
    })
}

/// Adds an app.
pub async fn insert(tx: &mut Tx, app: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into apps (id, account, name, public_key, redirect_uri, secret, created)
         values ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            &app.id,
            app.account,
            &app.name,
            &app.public_key,
            &app.redirect_uri,
            &app.secret,
            app.created
        ],
    )
    .await
}

/// Deletes an app.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.write("delete from apps where id = $1", &params![id]).await
}
