//! Groups: flat sets of users.

use model::{DirectoryKey, Id, Number};

use crate::error::Error;
use crate::session::Reader;
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
