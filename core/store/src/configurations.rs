//! What an administrator configured in a directory: one text of each kind, as JSON.

use std::collections::HashMap;

use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// The configuration of this kind; `None` while nobody has set it.
pub async fn get(reader: &mut Reader, directory: DirectoryKey, kind: &str) -> Result<Option<String>, Error> {
    reader
        .query_one(
            "select value from configurations where directory = $1 and kind = $2",
            &params![directory.number, kind],
            |row| row.text(0),
        )
        .await
}

/// The configurations of this kind of several directories; who has set none has none here.
pub async fn of_directories(
    reader: &mut Reader,
    directories: &[Number],
    kind: &str,
) -> Result<HashMap<Number, String>, Error> {
    let mut sql = Sql::new("select directory, value from configurations where kind = ");
    sql.bind(kind.to_owned()).push(" and directory in ").bind_list(directories);
    let found = reader.query(&sql.text, &sql.params, |row| Ok((row.number(0)?, row.text(1)?))).await?;
    Ok(found.into_iter().collect())
}

/// Sets the configuration of this kind.
pub async fn set(tx: &mut Tx, directory: DirectoryKey, kind: &str, value: &str) -> Result<(), Error> {
    tx.write(
        "insert into configurations (directory, kind, value) values ($1, $2, $3)
         on conflict (directory, kind) do update set value = excluded.value",
        &params![directory.number, kind, value],
    )
    .await
}
