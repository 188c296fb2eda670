//! The passwords that users had before the present one, hashed.

use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Former passwords that are kept of each user: as many as a policy may ask for.
pub const MOST: i64 = 24;

/// Keeps a user's present password as a former one; nothing happens without one. `number` is larger than that of the
/// password before.
pub async fn keep(tx: &mut Tx, directory: DirectoryKey, user: Number, number: Number) -> Result<(), Error> {
    tx.write(
        "insert into password_history (directory, user_number, number, hash)
         select directory, user_number, cast($3 as bigint), hash from passwords
         where directory = $1 and user_number = $2
         on conflict (directory, user_number, number) do nothing",
        &params![directory.number, user, number],
    )
    .await?;
    tx.write(
        "delete from password_history where directory = $1 and user_number = $2 and number <= (
             select number from password_history where directory = $1 and user_number = $2
             order by number desc limit 1 offset $3)",
        &params![directory.number, user, MOST],
    )
    .await
}

/// The hashes of up to `limit` former passwords, the newest first.
pub async fn newest(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    limit: i64,
) -> Result<Vec<String>, Error> {
    reader
        .query(
            "select hash from password_history where directory = $1 and user_number = $2
             order by number desc limit $3",
            &params![directory.number, user, limit],
            |row| row.text(0),
        )
        .await
}
