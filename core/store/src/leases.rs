//! Work that one process does at a time.

use model::Millis;

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// A lease that lies further ahead than this, in milliseconds, was taken by a clock that goes ahead, and does not count.
const FAR: i64 = 60_000;

/// Whether somebody else than `holder` has the work at `at`; for short leases, which are renewed.
pub async fn is_others(reader: &mut Reader, name: &str, holder: &str, at: Millis) -> Result<bool, Error> {
    let sql = "select 1 from leases where name = $1 and holder <> $2 and until > $3 and until < $4";
    reader.exists(sql, &params![name, holder, at, at.plus(FAR)]).await
}

/// Takes the work, or keeps it, until `until`, unless somebody else has it at `at`; whether it did. Whoever asks at the
/// same time waits until this change is over.
pub async fn hold(tx: &mut Tx, name: &str, holder: &str, at: Millis, until: Millis) -> Result<bool, Error> {
    let held = tx
        .query(
            "insert into leases (name, until, holder) values ($1, $4, $2)
             on conflict (name) do update set until = excluded.until, holder = excluded.holder
                 where leases.until <= $3 or leases.until >= $5 or leases.holder = $2
             returning name",
            &params![name, holder, at, until, at.plus(FAR)],
            |_| Ok(()),
        )
        .await?;
    Ok(!held.is_empty())
}

/// Waits until whoever has the work is between two steps of it, and keeps everybody from the next one until this change
/// is over.
pub async fn interrupt(tx: &mut Tx, name: &str) -> Result<(), Error> {
    let sql = "insert into leases (name, until, holder) values ($1, 0, '')
        on conflict (name) do update set name = excluded.name returning name";
    tx.query(sql, &params![name], |_| Ok(())).await.map(drop)
}

/// Gives the work back.
pub async fn release(tx: &mut Tx, name: &str, holder: &str) -> Result<(), Error> {
    tx.write_unseen("delete from leases where name = $1 and holder = $2", &params![name, holder]).await
}

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
