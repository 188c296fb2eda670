//! Assertions of apps that were taken, hashed, for as long as they would be good.

use model::Millis;

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Takes an assertion with this mark; false where one was taken that is still good. Of two changes at once the second one
/// waits for the first.
pub async fn take(tx: &mut Tx, app: &str, mark: &str, expires: Millis, at: Millis) -> Result<bool, Error> {
    let taken = tx
        .write_returning(
            "insert into assertions (app, mark, expires) values ($1, $2, $3)
             on conflict (app, mark) do update set expires = excluded.expires where assertions.expires <= $4
             returning mark",
            &params![app, mark, expires, at],
            |_| Ok(()),
        )
        .await?;
    Ok(!taken.is_empty())
}

/// Whether there are some that would be good no more.
pub async fn any_expired(reader: &mut Reader, at: Millis) -> Result<bool, Error> {
    reader.exists("select 1 from assertions where expires <= $1 limit 1", &params![at]).await
}

/// Forgets up to `limit` of them.
pub async fn forget(tx: &mut Tx, at: Millis, limit: i64) -> Result<(), Error> {
    tx.write_unseen(
        "delete from assertions where (app, mark) in (
             select app, mark from assertions where expires <= $1 limit $2)",
        &params![at, limit],
    )
    .await
}
