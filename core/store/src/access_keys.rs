//! AccessKeys, their secrets sealed.

use model::{AccountUid, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// One AccessKey as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The AccessKeyId.
    pub id: String,
    /// The account that it acts for.
    pub account: AccountUid,
    /// The RAM user that it is of; `None` for the account's root.
    pub user: Option<Number>,
    /// The sealed secret.
    pub sealed: String,
    /// Whether it is accepted.
    pub active: bool,
    /// When it was made.
    pub created: Millis,
    /// When a call last came with it, to about a minute, and through which door.
    pub used: Option<(Millis, String)>,
}

const COLUMNS: &str =
    "select id, account, user_number, sealed, active, created, used, used_door from access_keys";

/// The key with this id.
pub async fn find(reader: &mut Reader, id: &str) -> Result<Option<Stored>, Error> {
    reader.query_one(&format!("{COLUMNS} where id = $1"), &params![id], stored).await
}

/// Every key of the account, those of its root and its users, the oldest first.
pub async fn all(reader: &mut Reader, account: AccountUid) -> Result<Vec<Stored>, Error> {
    reader
        .query(&format!("{COLUMNS} where account = $1 order by created, id"), &params![account], stored)
        .await
}

/// Up to `limit` keys of the account whose ids follow `after`, in the order of ids, in which keys are locked.
pub async fn page(
    reader: &mut Reader,
    account: AccountUid,
    after: &str,
    limit: i64,
) -> Result<Vec<Stored>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and id > $2 order by id limit $3");
    reader.query(&sql, &params![account, after, limit], stored).await
}

/// The keys of the account's root, or of one of its users, the oldest first.
pub async fn of(
    reader: &mut Reader,
    account: AccountUid,
    user: Option<Number>,
) -> Result<Vec<Stored>, Error> {
    let holder = if user.is_some() { "user_number = $2" } else { "user_number is null" };
    let sql = format!("{COLUMNS} where account = $1 and {holder} order by created, id");
    match user {
        Some(user) => reader.query(&sql, &params![account, user], stored).await,
        None => reader.query(&sql, &params![account], stored).await,
    }
}

fn stored(row: &Row<'_>) -> Result<Stored, Error> {
    let door = row.text(7)?;
    Ok(Stored {
        id: row.text(0)?,
        account: AccountUid(row.int(1)?),
        user: row.opt_int(2)?.map(Number),
        sealed: row.text(3)?,
        active: row.truth(4)?,
        created: row.millis(5)?,
        used: row.opt_millis(6)?.map(|at| (at, door)),
    })
}

/// Adds a key that was never used.
pub async fn insert(tx: &mut Tx, key: &Stored) -> Result<(), Error> {
    tx.write(
        "insert into access_keys (id, account, user_number, sealed, active, created, used, used_door)
         values ($1, $2, $3, $4, $5, $6, null, '')",
        &params![&key.id, key.account, key.user, &key.sealed, key.active, key.created],
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

/// Notes when a key was last used, and through which door; an earlier use changes nothing. It is no change of an account.
pub async fn set_used(tx: &mut Tx, id: &str, at: Millis, door: &str) -> Result<(), Error> {
    tx.write_unseen(
        "update access_keys set used = $2, used_door = $3 where id = $1 and (used is null or used < $2)",
        &params![id, at, door],
    )
    .await
}

/// Deletes a key.
pub async fn delete(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.write("delete from access_keys where id = $1", &params![id]).await
}
