//! Groups: flat sets of users.

use model::text::Line;
use model::{DirectoryKey, Id, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// The id of the group with this number.
pub async fn find(reader: &mut Reader, directory: DirectoryKey, number: Number) -> Result<Option<Id>, Error> {
    reader
        .query_one(
            "select id from groups where directory = $1 and number = $2",
            &params![directory.number, number],
            |row| row.id(0),
        )
        .await
}

/// Adds a group.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    id: Id,
    name: &Line<64>,
    at: Millis,
) -> Result<(), Error> {
    tx.write(
        "insert into groups (directory, number, id, name, name_key, description, created, updated)
         values ($1, $2, $3, $4, $5, '', $6, $6)",
        &params![directory.number, id.number(), id, name.as_str(), &name.folded(), at],
    )
    .await
}
