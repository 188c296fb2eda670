//! Drives: whose they are and how large, without what is in them.
//!
//! Source: `reference/pds.md` §14; `reference/doors.md` §4.2.

use std::collections::HashMap;

use model::drive::{Drive, Owner};
use model::text::{Description, DriveName, Label};
use model::user::Status;
use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::row::Row;
use crate::search::Like;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

const COLUMNS: &str = "select d.id, d.name, d.description, d.user_number, d.unit, d.is_default, d.status,
     d.total_size, d.used_size, d.label, d.creator, d.created, d.updated from drives d where d.directory = ";

/// The drive with this number.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Drive>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(directory.number).push(" and d.number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, drive).await
}

/// The drive with this number, which nobody else may change until this change is over.
pub async fn lock(tx: &mut Tx, directory: DirectoryKey, number: Number) -> Result<Option<Drive>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(directory.number).push(" and d.number = ").bind(number).push(tx.for_update());
    tx.query_one(&sql.text, &sql.params, drive).await
}

/// The default drive of each of these users who has one.
pub async fn defaults(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<HashMap<Number, Drive>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(directory.number).push(" and d.is_default = 1 and d.user_number in ").bind_list(users);
    let found = reader.query(&sql.text, &sql.params, drive).await?;
    let of_owner = |drive: Drive| match drive.owner {
        Owner::User(user) => Some((user, drive)),
        Owner::Unit(_) => None,
    };
    Ok(found.into_iter().filter_map(of_owner).collect())
}

/// Whether the directory holds any drive.
pub async fn any(reader: &mut Reader, directory: DirectoryKey) -> Result<bool, Error> {
    let question = "select 1 from drives where directory = $1 limit 1";
    reader.exists(question, &params![directory.number]).await
}

/// Whether this user or unit owns a drive.
pub async fn owns(reader: &mut Reader, directory: DirectoryKey, owner: Owner) -> Result<bool, Error> {
    let mut sql = Sql::new("select 1 from drives d where d.directory = ");
    sql.bind(directory.number);
    of_owner(&mut sql, owner);
    sql.push(" limit 1");
    reader.exists(&sql.text, &sql.params).await
}

/// Owners who are asked about together.
const TOGETHER: usize = 500;

/// Which of these users own a drive.
pub async fn owning_users(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<Vec<Number>, Error> {
    owning(reader, directory, "user_number", users).await
}

/// Which of these units own a drive.
pub async fn owning_units(
    reader: &mut Reader,
    directory: DirectoryKey,
    units: &[Number],
) -> Result<Vec<Number>, Error> {
    owning(reader, directory, "unit", units).await
}

async fn owning(
    reader: &mut Reader,
    directory: DirectoryKey,
    column: &str,
    owners: &[Number],
) -> Result<Vec<Number>, Error> {
    let mut owning = Vec::new();
    for owners in owners.chunks(TOGETHER) {
        let mut sql = Sql::new("select distinct ");
        sql.push(column).push(" from drives where directory = ").bind(directory.number);
        // Said twice, so that SQLite takes the index of those that have an owner of this kind.
        sql.push(" and ").push(column).push(" is not null and ").push(column).push(" in ").bind_list(owners);
        owning.extend(reader.query(&sql.text, &sql.params, |row| row.number(0)).await?);
    }
    Ok(owning)
}

/// The units that a user is in, and all above them but the root.
pub async fn units_of(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    root: Number,
) -> Result<Vec<Number>, Error> {
    reader
        .query(
            "select distinct c.ancestor from unit_members m
             join unit_closure c on c.directory = m.directory and c.descendant = m.unit
             where m.directory = $1 and m.user_number = $2 and c.ancestor <> $3",
            &params![directory.number, user, root],
            |row| row.number(0),
        )
        .await
}

/// Conditions on drives; all of them hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only what this user or unit owns.
    pub owner: Option<Owner>,
    /// Only what users own, or only what units own.
    pub kind: Option<Kind>,
    /// Only what these units own.
    pub units: Option<&'a [Number]>,
    /// Only drives whose name looks so.
    pub name: Option<&'a Like>,
    /// Only drives of this label.
    pub label: Option<&'a Label>,
}

/// A kind of owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Users.
    User,
    /// Units.
    Unit,
}

/// Up to `limit` drives in the order of their numbers, after `after`.
///
/// # Errors
/// `Deadline`, where a name is looked for too long.
pub async fn page(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'_>,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<Drive>, Error> {
    // No index holds what names contain, or labels.
    if filter.name.is_some() || filter.label.is_some() {
        reader.bound();
    }
    let mut sql = Sql::new(COLUMNS);
    sql.bind(directory.number);
    if let Some(owner) = filter.owner {
        of_owner(&mut sql, owner);
    }
    match filter.kind {
        Some(Kind::User) => drop(sql.push(" and d.user_number is not null")),
        Some(Kind::Unit) => drop(sql.push(" and d.unit is not null")),
        None => {}
    }
    if let Some(units) = filter.units {
        sql.push(" and d.unit is not null and d.unit in ").bind_list(units);
    }
    if let Some(name) = filter.name {
        sql.push(" and d.name_key like ").bind(name.operand()).push(" escape '\\'");
    }
    if let Some(label) = filter.label {
        sql.push(" and d.label = ").bind(label.as_str());
    }
    if let Some(after) = after {
        sql.push(" and d.number > ").bind(after);
    }
    sql.push(" order by d.number limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    reader.query(&sql.text, &sql.params, drive).await
}

fn of_owner(sql: &mut Sql<'_>, owner: Owner) {
    let (column, number) = columns(owner);
    sql.push(" and d.").push(column).push(" = ").bind(number);
}

const fn columns(owner: Owner) -> (&'static str, Number) {
    match owner {
        Owner::User(user) => ("user_number", user),
        Owner::Unit(unit) => ("unit", unit),
    }
}

/// Adds a drive.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, drive: &Drive) -> Result<(), Error> {
    let (user, unit) = numbers(drive.owner);
    tx.write(
        "insert into drives (directory, number, id, name, name_key, description, user_number, unit, is_default,
             status, total_size, used_size, label, creator, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &params![
            directory.number,
            drive.id.number(),
            drive.id,
            drive.name.as_str(),
            &drive.name.folded(),
            drive.description.as_str(),
            user,
            unit,
            drive.is_default,
            code(drive.status),
            drive.total_size,
            drive.used_size,
            drive.label.as_str(),
            &drive.creator,
            drive.created,
            drive.updated,
        ],
    )
    .await
}

/// Writes a drive as it shall be: anything but its id, its maker and its label.
pub async fn update(tx: &mut Tx, directory: DirectoryKey, drive: &Drive) -> Result<(), Error> {
    let (user, unit) = numbers(drive.owner);
    tx.write(
        "update drives set name = $3, name_key = $4, description = $5, user_number = $6, unit = $7,
             is_default = $8, status = $9, total_size = $10, used_size = $11, updated = $12
         where directory = $1 and number = $2",
        &params![
            directory.number,
            drive.id.number(),
            drive.name.as_str(),
            &drive.name.folded(),
            drive.description.as_str(),
            user,
            unit,
            drive.is_default,
            code(drive.status),
            drive.total_size,
            drive.used_size,
            drive.updated,
        ],
    )
    .await
}

/// Removes a drive.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, drive: Number) -> Result<(), Error> {
    tx.write("delete from drives where directory = $1 and number = $2", &params![directory.number, drive])
        .await
}

fn numbers(owner: Owner) -> (Option<Number>, Option<Number>) {
    match owner {
        Owner::User(user) => (Some(user), None),
        Owner::Unit(unit) => (None, Some(unit)),
    }
}

fn drive(row: &Row<'_>) -> Result<Drive, Error> {
    let owner = match (row.opt_int(3)?, row.opt_int(4)?) {
        (Some(user), None) => Owner::User(Number(user)),
        (None, Some(unit)) => Owner::Unit(Number(unit)),
        (Some(_), Some(_)) | (None, None) => return Err(Error::corrupt("a drive has not one owner")),
    };
    Ok(Drive {
        id: row.id(0)?,
        name: DriveName::new(row.str(1)?).map_err(Error::corrupt)?,
        description: Description::new(row.str(2)?).map_err(Error::corrupt)?,
        owner,
        is_default: row.truth(5)?,
        status: if row.truth(6)? { Status::Disabled } else { Status::Enabled },
        total_size: row.int(7)?,
        used_size: row.int(8)?,
        label: Label::new(row.str(9)?).map_err(Error::corrupt)?,
        creator: row.text(10)?,
        created: row.millis(11)?,
        updated: row.millis(12)?,
    })
}

/// As users' statuses lie in their rows.
const fn code(status: Status) -> i64 {
    match status {
        Status::Enabled => 0,
        Status::Disabled => 1,
    }
}
