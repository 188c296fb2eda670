//! Pictures of users, apart from what is read with every user.

use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// The picture of a user; empty for none.
pub async fn get(reader: &mut Reader, directory: DirectoryKey, user: Number) -> Result<String, Error> {
    let found = reader
        .query_one(
            "select avatar from avatars where directory = $1 and user_number = $2",
            &params![directory.number, user],
            |row| row.text(0),
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Sets the picture of a user; an empty text is none.
pub async fn set(tx: &mut Tx, directory: DirectoryKey, user: Number, avatar: &str) -> Result<(), Error> {
    if avatar.is_empty() {
        return tx
            .write(
                "delete from avatars where directory = $1 and user_number = $2",
                &params![directory.number, user],
            )
            .await;
    }
    tx.write(
        "insert into avatars (directory, user_number, is_address, avatar) values ($1, $2, $3, $4)
         on conflict (directory, user_number)
         do update set is_address = excluded.is_address, avatar = excluded.avatar",
        &params![directory.number, user, avatar.starts_with("http"), avatar],
    )
    .await
}
