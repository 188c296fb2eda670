//! Who administers which unit.

use model::membership::Assignment;
use model::text::Label;
use model::{DirectoryKey, Id, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// An assignment as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The assignment.
    pub assignment: Assignment,
    /// The unit's stored id.
    pub unit: Id,
    /// What programs of PDS call the user.
    pub user: String,
}

/// `a` leads to the others: SQLite takes a cross join in this order.
const LISTED: &str =
    "select a.unit, a.user_number, a.only_unit, a.creator, a.created, a.updated, n.id, u.id, u.chosen_id
     from assignments a cross join units n cross join users u
     where n.directory = a.directory and n.number = a.unit
     and u.directory = a.directory and u.number = a.user_number and a.directory = ";

fn assignment(row: &Row<'_>) -> Result<Assignment, Error> {
    Ok(Assignment {
        unit: row.number(0)?,
        user: row.number(1)?,
        only_unit: row.truth(2)?,
        creator: row.text(3)?,
        created: row.millis(4)?,
        updated: row.millis(5)?,
    })
}

fn listed(row: &Row<'_>) -> Result<Listed, Error> {
    let user = match row.opt_str(8)? {
        Some(chosen) => chosen.to_owned(),
        None => row.id(7)?.digits(),
    };
    Ok(Listed { assignment: assignment(row)?, unit: row.id(6)?, user })
}

/// A user's assignment to a unit.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Number,
    user: Number,
) -> Result<Option<Assignment>, Error> {
    reader
        .query_one(
            "select unit, user_number, only_unit, creator, created, updated from assignments
             where directory = $1 and unit = $2 and user_number = $3",
            &params![directory.number, unit, user],
            assignment,
        )
        .await
}

/// Adds an assignment.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, new: &Assignment) -> Result<(), Error> {
    tx.write(
        "insert into assignments (directory, unit, user_number, only_unit, creator, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            directory.number,
            new.unit,
            new.user,
            new.only_unit,
            new.creator.as_str(),
            new.created,
            new.updated
        ],
    )
    .await
}

/// Writes how far an assignment reaches, and when that changed.
pub async fn update(tx: &mut Tx, directory: DirectoryKey, after: &Assignment) -> Result<(), Error> {
    tx.write(
        "update assignments set only_unit = $4, updated = $5
         where directory = $1 and unit = $2 and user_number = $3",
        &params![directory.number, after.unit, after.user, after.only_unit, after.updated],
    )
    .await
}

/// Removes an assignment.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, unit: Number, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from assignments where directory = $1 and unit = $2 and user_number = $3",
        &params![directory.number, unit, user],
    )
    .await
}

/// Up to `limit` assignments, of one unit or of all, by the numbers of units and then of users, after `after`; where a
/// label is given, of units of that label.
pub async fn page(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Option<Number>,
    label: Option<&Label>,
    after: Option<(Number, Number)>,
    limit: usize,
) -> Result<Vec<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.bind(directory.number);
    if let Some(unit) = unit {
        sql.push(" and a.unit = ").bind(unit);
    }
    if let Some(label) = label {
        reader.bound();
        sql.push(" and n.label = ").bind(label.as_str());
    }
    if let Some((unit, user)) = after {
        sql.push(" and (a.unit, a.user_number) > (").bind(unit).push(", ").bind(user).push(")");
    }
    sql.push(" order by a.unit, a.user_number limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    reader.query(&sql.text, &sql.params, listed).await
}

/// All assignments of a user, by the numbers of units.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Vec<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.bind(directory.number).push(" and a.user_number = ").bind(user).push(" order by a.unit");
    reader.query(&sql.text, &sql.params, listed).await
}

/// Whether a user has an assignment to a unit, or to one above it that reaches down to it.
pub async fn reaches(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    unit: Number,
) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from unit_closure c join assignments a on a.directory = c.directory and a.unit = c.ancestor
             where c.directory = $1 and c.descendant = $2 and a.user_number = $3
             and (a.only_unit = 0 or c.distance = 0) limit 1",
            &params![directory.number, unit, user],
        )
        .await
}
