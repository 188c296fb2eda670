//! The end of a directory's index.

use model::DirectoryKey;

use super::TENDING;
use crate::engine::postgres::PostgresSession;
use crate::error::Error;
use crate::value::params;

/// Clears up to `limit` rows of the index of a directory that has no users any more; true where some may remain.
pub(crate) async fn clear(
    session: &mut PostgresSession,
    directory: DirectoryKey,
    limit: i64,
) -> Result<bool, Error> {
    let number = directory.number.0;
    // Whoever tends the index comes before or after this transaction, and finds nothing to write after it.
    let locked = session.query("select pg_try_advisory_xact_lock($1)", &params![TENDING | number]).await?;
    if !locked.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(false) {
        return Ok(true);
    }
    for (table, key) in
        [("search_queue", "number, change"), ("search_gram", "gram, segment"), ("search_segment", "last")]
    {
        let sql = format!(
            "delete from {table} where directory = $1 and ({key}) in (
                 select {key} from {table} where directory = $1 limit $2) returning 1"
        );
        if !session.query(&sql, &params![number, limit]).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
