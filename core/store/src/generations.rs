//! Generations: a number for each subject that processes hold in memory, raised with every change to it.

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Every subject with its generation.
pub async fn all(reader: &mut Reader) -> Result<Vec<(String, i64)>, Error> {
    reader.query("select subject, n from generations", &[], |row| Ok((row.text(0)?, row.int(1)?))).await
}

/// Raises the generation of `subject`.
pub async fn raise(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.write(
        "insert into generations (subject, n) values ($1, 1)
         on conflict (subject) do update set n = generations.n + 1",
        &params![subject],
    )
    .await
}
