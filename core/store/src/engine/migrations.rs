//! The schema and its steps: forward only, and each only adds.

use rusqlite::Connection;
use tokio_postgres::Client;

use crate::error::Error;

/// One step, in each engine's words.
struct Step {
    sqlite: &'static str,
    postgres: &'static str,
    /// The oldest schema that a program may know to work with the database after this step.
    oldest: i64,
}

const STEPS: &[Step] = &[Step {
    sqlite: include_str!("../migrations/0001.sqlite.sql"),
    postgres: include_str!("../migrations/0001.postgres.sql"),
    oldest: 6,
}];

/// The number of the first step. What lower numbers made was never released, and is not brought up to date.
const FIRST: i64 = 6;
/// The schema that this program knows: the number of its last step.
const KNOWN: i64 = FIRST - 1 + STEPS.len() as i64;

/// One row: the number of the last step that was taken, and the oldest program's schema that may still work here.
const TABLE: &str =
    "create table if not exists schema_version (steps bigint not null, oldest bigint not null)";
const READ: &str = "select steps, oldest from schema_version";

/// Brings a SQLite file up to date. Another process that starts at the same time waits and finds it done.
pub(super) fn sqlite(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch("begin immediate")?;
    let migrated = sqlite_steps(connection);
    connection.execute_batch(if migrated.is_ok() { "commit" } else { "rollback" })?;
    migrated
}

fn sqlite_steps(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(TABLE)?;
    let found = match connection.query_row(READ, [], |row| Ok((row.get(0)?, row.get(1)?))) {
        Err(rusqlite::Error::QueryReturnedNoRows) => None,
        found => Some(found?),
    };
    for step in missing(found)? {
        connection.execute_batch(step.sqlite)?;
        connection.execute_batch(&record(step))?;
    }
    Ok(())
}

/// Brings a PostgreSQL database up to date, one node at a time.
pub(super) async fn postgres(client: &mut Client) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    // Nodes that start together take turns; the number only has to be the same for all of them.
    transaction.batch_execute("select pg_advisory_xact_lock(5274573463472465778)").await?;
    transaction.batch_execute(TABLE).await?;
    let found = transaction.query_opt(READ, &[]).await?.map(|row| (row.get(0), row.get(1)));
    for step in missing(found)? {
        transaction.batch_execute(step.postgres).await?;
        transaction.batch_execute(&record(step)).await?;
    }
    Ok(transaction.commit().await?)
}

/// The steps that a database with `found` (steps taken, oldest program) still needs.
fn missing(found: Option<(i64, i64)>) -> Result<&'static [Step], Error> {
    let Some((taken, oldest)) = found else { return Ok(STEPS) };
    if oldest > KNOWN {
        return Err(Error::TooNew { needs: oldest, knows: KNOWN });
    }
    if taken < FIRST {
        return Err(Error::Unreleased);
    }
    // A newer program may have taken steps that this one does not know and can live with.
    Ok(&STEPS[usize::try_from(taken.min(KNOWN) - FIRST + 1).expect("not below the first")..])
}

fn record(step: &Step) -> String {
    let position = STEPS.iter().position(|other| std::ptr::eq(other, step));
    let number = FIRST + position.expect("the step is one of the list") as i64;
    format!(
        "delete from schema_version; insert into schema_version (steps, oldest) values ({number}, {})",
        step.oldest
    )
}
