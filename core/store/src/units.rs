//! Units: the nodes of a directory's one organization tree, and who is in them.

use std::collections::HashMap;

use model::membership::{MemberRole, Membership};
use model::text::{Description, ExternalId, Label, Line, UnitName};
use model::total::Total;
use model::unit::{ListedUnit, Unit, UnitRef};
use model::user::User;
use model::{DirectoryKey, Folded, Id, Millis, Number};

use crate::error::Error;
use crate::memberships;
use crate::row::{Row, id};
use crate::search::Like;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::totals;
use crate::value::params;

const COLUMNS: &str =
    "select n.id, n.parent, n.name, n.description, n.external_id, n.created, n.updated, n.creator, n.label";

/// The unit with this number.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Unit>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from units n where n.directory = ").bind(directory.number);
    sql.push(" and n.number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, unit).await
}

/// The ids of the units with these numbers.
pub async fn ids(reader: &mut Reader, directory: DirectoryKey, numbers: &[Number]) -> Result<Vec<Id>, Error> {
    let mut sql = Sql::new("select id from units where directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(numbers);
    reader.query(&sql.text, &sql.params, |row| row.id(0)).await
}

fn unit(row: &Row<'_>) -> Result<Unit, Error> {
    Ok(Unit {
        id: row.id(0)?,
        parent: row.opt_int(1)?.map(Number),
        name: UnitName::new(row.str(2)?).map_err(Error::corrupt)?,
        description: Description::new(row.str(3)?).map_err(Error::corrupt)?,
        external_id: row.opt_line(4)?,
        created: row.millis(5)?,
        updated: row.millis(6)?,
        creator: row.text(7)?,
        label: Label::new(row.str(8)?).map_err(Error::corrupt)?,
    })
}

/// The number of the unit that another system calls so.
pub async fn called(
    reader: &mut Reader,
    directory: DirectoryKey,
    external_id: &ExternalId,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from units where directory = $1 and external_id = $2",
            &params![directory.number, external_id.as_str()],
            |row| row.number(0),
        )
        .await
}

/// Conditions on units; all of them hold.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Only the children of this unit.
    pub parent: Option<Number>,
    /// Only what lies below this unit.
    pub below: Option<Number>,
    /// Only these.
    pub only: Option<&'a [Number]>,
    /// Only units whose name matches.
    pub name: Option<&'a Like>,
    /// Only units of this name.
    pub named: Option<&'a Folded>,
    /// Only units whose name begins so.
    pub begins: Option<&'a Folded>,
    /// Only units of this label.
    pub label: Option<&'a Label>,
    /// No root.
    pub without_root: bool,
}

/// Up to `limit` units in the order of their numbers, after `after`.
pub async fn page(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'_>,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<ListedUnit>, Error> {
    bound(reader, filter);
    let mut sql = Sql::new(COLUMNS);
    sql.push(
        ", p.id, cast(case when p.parent is null then 1 else 0 end as bigint),
         (select string_agg(a.name, '/' order by c.distance desc)
          from unit_closure c join units a on a.directory = c.directory and a.number = c.ancestor
          where c.directory = n.directory and c.descendant = n.number),
         cast(case when exists (select 1 from units c where c.directory = n.directory and c.parent = n.number)
             then 0 else 1 end as bigint)
         from units n left join units p on p.directory = n.directory and p.number = n.parent",
    );
    within(&mut sql, directory, filter);
    if let Some(after) = after {
        sql.push(" and n.number > ").bind(after);
    }
    sql.push(" order by n.number limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    reader
        .query(&sql.text, &sql.params, |row| {
            let parent = match row.opt_str(9)? {
                Some(digits) => Some(UnitRef { id: id(digits)?, is_root: row.truth(10)? }),
                None => None,
            };
            Ok(ListedUnit { unit: unit(row)?, parent, path: row.text(11)?, is_leaf: row.truth(12)? })
        })
        .await
}

/// The numbers of up to `limit` units behind the first `skip`, in their order.
pub async fn numbers(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'_>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Number>, Error> {
    bound(reader, filter);
    let mut sql = Sql::new("select n.number from units n");
    within(&mut sql, directory, filter);
    sql.push(" order by n.number limit ").bind(limit).push(" offset ").bind(skip);
    reader.query(&sql.text, &sql.params, |row| row.number(0)).await
}

/// How many units meet the conditions.
pub async fn count(reader: &mut Reader, directory: DirectoryKey, filter: &Filter<'_>) -> Result<i64, Error> {
    bound(reader, filter);
    let mut sql = Sql::new("select count(*) from units n");
    within(&mut sql, directory, filter);
    reader.count_rows(&sql.text, &sql.params).await
}

/// A name may be looked for in vain, unless it is a child's; and so may a label.
fn bound(reader: &mut Reader, filter: &Filter<'_>) {
    let is_looked_for = filter.parent.is_none() && (filter.named.is_some() || filter.begins.is_some());
    if filter.name.is_some() || filter.label.is_some() || is_looked_for {
        reader.bound();
    }
}

/// Adds the conditions on `n`.
fn within<'a>(sql: &mut Sql<'a>, directory: DirectoryKey, filter: &Filter<'a>) {
    sql.push(" where n.directory = ").bind(directory.number);
    if filter.without_root {
        sql.push(" and n.parent is not null");
    }
    if let Some(parent) = filter.parent {
        sql.push(" and n.parent = ").bind(parent);
    }
    if let Some(above) = filter.below {
        sql.push(" and n.number in (select c.descendant from unit_closure c where c.directory = ");
        sql.bind(directory.number).push(" and c.ancestor = ").bind(above).push(" and c.distance > 0)");
    }
    if let Some(only) = filter.only {
        sql.push(" and n.number in ").bind_list(only);
    }
    if let Some(name) = filter.name {
        sql.push(" and n.name_key like ").bind(name.operand()).push(" escape '\\'");
    }
    if let Some(name) = filter.named {
        sql.push(" and n.name_key = ").bind(name);
    }
    if let Some(prefix) = filter.begins {
        sql.begins("n.name_key", prefix);
    }
    if let Some(label) = filter.label {
        sql.push(" and n.label = ").bind(label.as_str());
    }
}

/// The units above this one, from the root down, each with the one above it.
pub async fn above(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Number,
) -> Result<Vec<(Id, Option<Id>)>, Error> {
    reader
        .query(
            "select a.id, p.id from unit_closure c
             join units a on a.directory = c.directory and a.number = c.ancestor
             left join units p on p.directory = a.directory and p.number = a.parent
             where c.directory = $1 and c.descendant = $2 and c.distance > 0 order by c.distance desc",
            &params![directory.number, unit],
            |row| Ok((row.id(0)?, row.opt_str(1)?.map(id).transpose()?)),
        )
        .await
}

/// Everything below this unit, the lowest first, which nobody comes into until this change is over.
pub async fn lock_below(tx: &mut Tx, directory: DirectoryKey, above: Number) -> Result<Vec<Unit>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from unit_closure c join units n on n.directory = c.directory and n.number = c.descendant");
    sql.push(" where c.directory = ").bind(directory.number).push(" and c.ancestor = ").bind(above);
    sql.push(" and c.distance > 0 order by c.distance desc, c.descendant").push(tx.for_update());
    tx.query(&sql.text, &sql.params, unit).await
}

/// Who is in this unit or below it, primary or further, each once and by number; system users among them.
pub async fn members_within(
    reader: &mut Reader,
    directory: DirectoryKey,
    above: Number,
) -> Result<Vec<Number>, Error> {
    reader
        .query(
            "select distinct m.user_number from unit_closure c
             join unit_members m on m.directory = c.directory and m.unit = c.descendant
             where c.directory = $1 and c.ancestor = $2 order by m.user_number",
            &params![directory.number, above],
            |row| row.number(0),
        )
        .await
}

/// Takes users out of their further units that are this one or lie below it: which user left which unit.
pub async fn leave_within(
    tx: &mut Tx,
    directory: DirectoryKey,
    users: &[Number],
    above: Number,
) -> Result<Vec<(Number, Number)>, Error> {
    let mut sql = Sql::new("delete from unit_members where place = 1 and directory = ");
    sql.bind(directory.number).push(" and user_number in ").bind_list(users);
    sql.push(" and unit in (select c.descendant from unit_closure c where c.directory = ");
    sql.bind(directory.number).push(" and c.ancestor = ").bind(above).push(") returning user_number, unit");
    tx.write_returning(&sql.text, &sql.params, |row| Ok((row.number(0)?, row.number(1)?))).await
}

/// How many units lie on the way from the root to this one: 0 for the root.
pub async fn depth(reader: &mut Reader, directory: DirectoryKey, unit: Number) -> Result<i64, Error> {
    distance(
        reader,
        directory,
        "select max(distance) from unit_closure where directory = $1 and descendant = $2",
        unit,
    )
    .await
}

/// How many units the longest way down from this one has: 0 for one without children.
pub async fn height(reader: &mut Reader, directory: DirectoryKey, unit: Number) -> Result<i64, Error> {
    distance(
        reader,
        directory,
        "select max(distance) from unit_closure where directory = $1 and ancestor = $2",
        unit,
    )
    .await
}

async fn distance(
    reader: &mut Reader,
    directory: DirectoryKey,
    question: &str,
    unit: Number,
) -> Result<i64, Error> {
    let found = reader.query_one(question, &params![directory.number, unit], |row| row.opt_int(0)).await?;
    Ok(found.flatten().unwrap_or_default())
}

/// Whether `unit` is `above` or lies below it.
pub async fn is_within(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Number,
    above: Number,
) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from unit_closure where directory = $1 and descendant = $2 and ancestor = $3",
            &params![directory.number, unit, above],
        )
        .await
}

/// The child of `parent` with this name.
pub async fn child(
    reader: &mut Reader,
    directory: DirectoryKey,
    parent: Number,
    name: &Folded,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from units where directory = $1 and parent = $2 and name_key = $3",
            &params![directory.number, parent, name],
            |row| row.number(0),
        )
        .await
}

/// Whether the unit has children.
pub async fn has_children(reader: &mut Reader, directory: DirectoryKey, unit: Number) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from units where directory = $1 and parent = $2 limit 1",
            &params![directory.number, unit],
        )
        .await
}

/// Whether a unit below this one has another label.
pub async fn has_others_below(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Number,
    label: &Label,
) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from unit_closure c join units n on n.directory = c.directory and n.number = c.descendant
             where c.directory = $1 and c.ancestor = $2 and n.label <> $3 and c.distance > 0 limit 1",
            &params![directory.number, unit, label.as_str()],
        )
        .await
}

/// Whether the unit has people in it.
pub async fn has_people(reader: &mut Reader, directory: DirectoryKey, unit: Number) -> Result<bool, Error> {
    reader.exists("select 1 from unit_members m join users u on u.directory = m.directory and u.number = m.user_number
             where m.directory = $1 and m.unit = $2 and u.is_system = 0 limit 1", &params![directory.number, unit]).await
}

/// Up to `limit` children of a unit, in the order of their numbers, after `after`.
pub async fn children(
    reader: &mut Reader,
    directory: DirectoryKey,
    parent: Number,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<Unit>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from units n where n.directory = ").bind(directory.number);
    sql.push(" and n.parent = ").bind(parent);
    if let Some(after) = after {
        sql.push(" and n.number > ").bind(after);
    }
    sql.push(" order by n.number limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    reader.query(&sql.text, &sql.params, unit).await
}

/// The numbers of a unit's first members, system users among them.
pub async fn members(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Number,
    limit: i64,
) -> Result<Vec<Number>, Error> {
    reader
        .query(
            "select user_number from unit_members where directory = $1 and unit = $2 order by user_number limit $3",
            &params![directory.number, unit, limit],
            |row| row.number(0),
        )
        .await
}

/// Holds a unit, which nobody comes into until this change is over; false where it is not there.
pub async fn lock(tx: &mut Tx, directory: DirectoryKey, unit: Number) -> Result<bool, Error> {
    let mut sql = Sql::new("select 1 from units where directory = ");
    sql.bind(directory.number).push(" and number = ").bind(unit).push(tx.for_update());
    tx.exists(&sql.text, &sql.params).await
}

/// Puts a new unit under its parent, whose place in the tree must not change meanwhile.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, unit: &Unit) -> Result<(), Error> {
    let number = unit.id.number();
    tx.write(
        "insert into units (directory, number, id, parent, name, name_key, description, external_id, created, updated,
             creator, label)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &params![
            directory.number,
            number,
            unit.id,
            unit.parent,
            unit.name.as_str(),
            &unit.name.folded(),
            unit.description.as_str(),
            unit.external_id.as_ref().map(Line::as_str),
            unit.created,
            unit.updated,
            unit.creator.as_str(),
            unit.label.as_str(),
        ],
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

/// Writes a unit's name, description and parent. Where the parent is another one, the closure follows by [`relocate`].
pub async fn update(tx: &mut Tx, directory: DirectoryKey, unit: &Unit) -> Result<(), Error> {
    tx.write(
        "update units set parent = $3, name = $4, name_key = $5, description = $6, updated = $7
         where directory = $1 and number = $2",
        &params![
            directory.number,
            unit.id.number(),
            unit.parent,
            unit.name.as_str(),
            &unit.name.folded(),
            unit.description.as_str(),
            unit.updated,
        ],
    )
    .await
}

/// Takes a unit with all that lies below it from where it hangs and hangs it under `parent`, which is not among
/// them. Nobody else may change the tree meanwhile.
pub async fn relocate(
    tx: &mut Tx,
    directory: DirectoryKey,
    unit: Number,
    parent: Number,
) -> Result<(), Error> {
    tx.write(
        "delete from unit_closure where directory = $1
         and descendant in (select descendant from unit_closure where directory = $1 and ancestor = $2)
         and ancestor in (select ancestor from unit_closure
             where directory = $1 and descendant = $2 and distance > 0)",
        &params![directory.number, unit],
    )
    .await?;
    tx.write(
        "insert into unit_closure (directory, descendant, ancestor, distance)
         select s.directory, s.descendant, a.ancestor, s.distance + a.distance + 1
         from unit_closure s join unit_closure a on a.directory = s.directory
         where s.directory = $1 and s.ancestor = $2 and a.descendant = $3",
        &params![directory.number, unit, parent],
    )
    .await
}

/// Removes a unit that has neither children nor members nor drives, and that nobody administers any more.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, unit: Number) -> Result<(), Error> {
    tx.write("delete from assignments where directory = $1 and unit = $2", &params![directory.number, unit])
        .await?;
    tx.write(
        "delete from unit_closure where directory = $1 and descendant = $2",
        &params![directory.number, unit],
    )
    .await?;
    tx.write("delete from units where directory = $1 and number = $2", &params![directory.number, unit])
        .await?;
    totals::forget(tx, directory, Total::Unit(unit)).await
}

/// The units below the root that these users are in, with the user of each: the primary one first, then by joining.
pub async fn all_of_users(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<Vec<(Number, Unit)>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(", m.user_number from unit_members m cross join units n where m.directory = ");
    sql.bind(directory.number).push(" and m.user_number in ").bind_list(users);
    sql.push(" and n.directory = m.directory and n.number = m.unit and n.parent is not null");
    sql.push(" order by m.user_number, m.place, m.joined, m.unit");
    reader.query(&sql.text, &sql.params, |row| Ok((row.number(9)?, unit(row)?))).await
}

/// The units of these users, the primary one first, then by joining.
pub async fn of_users(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<HashMap<Number, Vec<Number>>, Error> {
    let mut sql = Sql::new("select user_number, unit from unit_members where directory = ");
    sql.bind(directory.number).push(" and user_number in ").bind_list(users);
    sql.push(" order by user_number, place, joined, unit");
    let mut units: HashMap<Number, Vec<Number>> = HashMap::new();
    for (user, unit) in
        reader.query(&sql.text, &sql.params, |row| Ok((row.number(0)?, row.number(1)?))).await?
    {
        units.entry(user).or_default().push(unit);
    }
    Ok(units)
}

/// The units of one user, likewise.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Vec<Number>, Error> {
    Ok(of_users(reader, directory, &[user]).await?.remove(&user).unwrap_or_default())
}

/// Puts a user into a unit, the primary one or a further one, as a member without a remark; `creator` did it.
pub async fn join(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    unit: Number,
    is_primary: bool,
    (creator, at): (&str, Millis),
) -> Result<(), Error> {
    let membership = Membership {
        user: user.id.number(),
        unit,
        role: MemberRole::default(),
        note: Description::default(),
        creator: creator.to_owned(),
        joined: at,
        updated: at,
    };
    memberships::insert(tx, directory, user, &membership, is_primary).await
}

/// Takes a user out of a unit.
pub async fn leave(tx: &mut Tx, directory: DirectoryKey, user: Number, unit: Number) -> Result<(), Error> {
    tx.write(
        "delete from unit_members where directory = $1 and user_number = $2 and unit = $3",
        &params![directory.number, user, unit],
    )
    .await
}

/// Makes a further unit of a user the primary one.
pub async fn promote(tx: &mut Tx, directory: DirectoryKey, user: Number, unit: Number) -> Result<(), Error> {
    tx.write(
        "update unit_members set place = 0 where directory = $1 and user_number = $2 and unit = $3",
        &params![directory.number, user, unit],
    )
    .await
}
