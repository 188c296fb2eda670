//! Units: the nodes of a directory's one organization tree.

use model::text::UnitName;
use model::user::Unit;
use model::{DirectoryKey, Folded, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// The unit with this number.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Unit>, Error> {
    reader
        .query_one(
            "select id, parent, name, created from units where directory = $1 and number = $2",
            &params![directory.number, number],
            |row| {
                Ok(Unit {
                    id: row.id(0)?,
                    parent: row.opt_int(1)?.map(Number),
                    name: UnitName::new(row.str(2)?).map_err(Error::corrupt)?,
                    created: row.millis(3)?,
                })
            },
        )
        .await
}

/// Puts a new unit under its parent, whose place in the tree must not change meanwhile.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, unit: &Unit) -> Result<(), Error> {
    let number = unit.id.number();
    let name_key = Folded::of(unit.name.as_str());
    tx.write(
        "insert into units (directory, number, id, parent, name, name_key, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        &params![directory.number, number, unit.id, unit.parent, unit.name.as_str(), &name_key, unit.created],
    )
    .await?;
    tx.write(
        "insert into unit_closure (directory, descendant, ancestor, distance) values ($1, $2, $2, 0)",
        &params![directory.number, number],
    )
    .await?;
    let Some(parent) = unit.parent else { return Ok(()) };
    tx.write(
        "insert into unit_closure (directory, descendant, ancestor, distance)
         select directory, cast($2 as bigint), ancestor, distance + 1 from unit_closure
         where directory = $1 and descendant = $3",
        &params![directory.number, number, parent],
    )
    .await
}
