//! Kept totals: exact, read and not counted.

use std::collections::HashMap;

use model::total::Total;
use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// The value of `total`, as committed.
pub async fn read(reader: &mut Reader, directory: DirectoryKey, total: Total) -> Result<i64, Error> {
    let (kind, thing) = total.columns();
    reader.count_rows("select cast(coalesce(sum(n), 0) as bigint) from totals where directory = $1 and kind = $2 and thing = $3", &params![directory.number, kind, thing]).await
}

/// The values of `total` in several directories; it is 0 in those that are not here.
pub async fn of_directories(
    reader: &mut Reader,
    directories: &[Number],
    total: Total,
) -> Result<HashMap<Number, i64>, Error> {
    let (kind, thing) = total.columns();
    let mut sql = Sql::new("select directory, cast(sum(n) as bigint) from totals where kind = ");
    sql.bind(kind).push(" and thing = ").bind(thing);
    sql.push(" and directory in ").bind_list(directories).push(" group by directory");
    let found = reader.query(&sql.text, &sql.params, |row| Ok((row.number(0)?, row.int(1)?))).await?;
    Ok(found.into_iter().collect())
}

/// How many people have one of these values of properties, each value counted: at least as many as people.
pub async fn read_all(reader: &mut Reader, directory: DirectoryKey, items: &[Number]) -> Result<i64, Error> {
    let (kind, _) = Total::Item(Number(0)).columns();
    let mut sql = Sql::new("select cast(coalesce(sum(n), 0) as bigint) from totals where directory = ");
    sql.bind(directory.number).push(" and kind = ").bind(kind).push(" and thing in ").bind_list(items);
    reader.count_rows(&sql.text, &sql.params).await
}

/// The members of `unit` and of everything below it, each membership counted: at least as many as people.
pub async fn subtree(reader: &mut Reader, directory: DirectoryKey, unit: Number) -> Result<i64, Error> {
    let (kind, _) = Total::Unit(unit).columns();
    reader
        .count_rows(
            "select cast(coalesce(sum(t.n), 0) as bigint)
             from unit_closure c join totals t on t.directory = c.directory and t.kind = $3 and t.thing = c.descendant
             where c.directory = $1 and c.ancestor = $2",
            &params![directory.number, unit, kind],
        )
        .await
}

/// The same of several units, where what lies below more than one of them is counted more than once.
pub async fn subtrees(reader: &mut Reader, directory: DirectoryKey, units: &[Number]) -> Result<i64, Error> {
    let (kind, _) = Total::Unit(Number(0)).columns();
    let mut sql = Sql::new("select cast(coalesce(sum(t.n), 0) as bigint) from unit_closure c");
    sql.push(" join totals t on t.directory = c.directory and t.kind = ").bind(kind);
    sql.push(" and t.thing = c.descendant where c.directory = ").bind(directory.number);
    sql.push(" and c.ancestor in ").bind_list(units);
    reader.count_rows(&sql.text, &sql.params).await
}

/// Takes one superadmin off the total at once, unless it is the last: of two changes that each want the
/// last but one, the row lets only the first.
pub async fn take_superadmin(tx: &mut Tx, directory: DirectoryKey) -> Result<bool, Error> {
    let (kind, thing) = Total::Superadmins.columns();
    let taken = tx
        .write_returning(
            "update totals set n = n - 1 where directory = $1 and kind = $2 and thing = $3 and slot = $4 and n > 1
             returning n",
            &params![directory.number, kind, thing, ONE_ROW],
            |_| Ok(()),
        )
        .await?;
    Ok(!taken.is_empty())
}

/// The slot of a total that must lie in one row.
const ONE_ROW: i64 = 0;

/// Adds `by`. A total lies in several rows on PostgreSQL, so that changes at the same time do not wait for one another.
pub(crate) async fn add(tx: &mut Tx, directory: DirectoryKey, total: Total, by: i64) -> Result<(), Error> {
    if by == 0 {
        return Ok(());
    }
    let (kind, thing) = total.columns();
    let slot = if total == Total::Superadmins { ONE_ROW } else { tx.slot() };
    tx.write_unseen(
        "insert into totals (directory, kind, thing, slot, n) values ($1, $2, $3, $4, $5)
         on conflict (directory, kind, thing, slot) do update set n = totals.n + excluded.n",
        &params![directory.number, kind, thing, slot, by],
    )
    .await
}

/// Forgets the total of a thing that is gone, with what this change has counted onto it.
pub(crate) async fn forget(tx: &mut Tx, directory: DirectoryKey, total: Total) -> Result<(), Error> {
    tx.drop_count(directory, total);
    let (kind, thing) = total.columns();
    tx.write_unseen(
        "delete from totals where directory = $1 and kind = $2 and thing = $3",
        &params![directory.number, kind, thing],
    )
    .await
}
