//! Work that one process does at a time.

use model::Millis;

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Whether nobody has the work at `at`.
pub async fn is_free(reader: &mut Reader, name: &str, at: Millis) -> Result<bool, Error> {
    let is_held =
        reader.exists("select 1 from leases where name = $1 and until > $2", &params![name, at]).await?;
    Ok(!is_held)
}

/// Takes the work until `until`, where nobody has it at `at`; whether nobody had.
pub async fn take(tx: &mut Tx, name: &str, holder: &str, at: Millis, until: Millis) -> Result<bool, Error> {
    let taken = tx
        .query(
            "insert into leases (name, until, holder) values ($1, $4, $2)
             on conflict (name) do update set until = excluded.until, holder = excluded.holder
                 where leases.until <= $3
             returning name",
            &params![name, holder, at, until],
            |_| Ok(()),
        )
        .await?;
    Ok(!taken.is_empty())
}
