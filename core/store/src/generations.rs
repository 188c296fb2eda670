//! Generations: a number for each subject that processes hold in memory, raised with every change to it.

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Every subject with its generation.
pub async fn all(reader: &mut Reader) -> Result<Vec<(String, i64)>, Error> {
    reader.query("select subject, n from generations", &[], |row| Ok((row.text(0)?, row.int(1)?))).await
}

/// The generation of `subject`; 0 where nothing of it has changed yet.
pub async fn of(reader: &mut Reader, subject: &str) -> Result<i64, Error> {
    reader.count_rows("select n from generations where subject = $1", &params![subject]).await
}

/// Raises the generation of `subject` as the change commits.
pub fn raise(tx: &mut Tx, subject: &str) {
    tx.raise(subject.to_owned());
}

/// The generation of `subject`, which from now on nobody raises until this change is over. It is asked last, when nothing
/// is left but the commit: who raises it meanwhile waits for that, and nothing that is waited for may come behind it.
///
/// # Errors
/// Of the store, also where what was to be written before does not succeed.
pub async fn settled(tx: &mut Tx, subject: &str) -> Result<i64, Error> {
    tx.settle(subject).await?;
    of(tx, subject).await
}

/// Lets the change commit only where the generation of `subject` is still `n`: else it fails with `Outdated`. Whoever
/// raises it meanwhile commits behind this change.
pub fn demand(tx: &mut Tx, subject: &str, n: i64) {
    tx.demand(subject.to_owned(), n);
}
