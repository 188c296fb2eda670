//! Password hashes, apart from the users they open.

use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Sets a user's hash, in PHC text form.
pub async fn set(tx: &mut Tx, directory: DirectoryKey, user: Number, hash: &str) -> Result<(), Error> {
    tx.write(
        "insert into passwords (directory, user_number, hash) values ($1, $2, $3)
         on conflict (directory, user_number) do update set hash = excluded.hash",
        &params![directory.number, user, hash],
    )
    .await
}

/// Takes a user's password away.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from passwords where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// A user's hash, in PHC text form; `None` without a password.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Option<String>, Error> {
    reader
        .query_one(
            "select hash from passwords where directory = $1 and user_number = $2",
            &params![directory.number, user],
            |row| row.text(0),
        )
        .await
}
