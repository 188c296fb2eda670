//! Groups: flat sets of users, and who is in them.

use model::group::Group;
use model::text::{ExternalId, GroupDescription, GroupName, Line};
use model::total::Total;
use model::{DirectoryKey, Folded, Id, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::search::Like;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;
use crate::{totals, users};

const COLUMNS: &str = "select g.id, g.name, g.description, g.external_id, g.created, g.updated";

/// The group with this number.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Group>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from groups g where g.directory = ").bind(directory.number);
    sql.push(" and g.number = ").bind(number).push(" and g.removed is null");
    reader.query_one(&sql.text, &sql.params, group).await
}

/// The groups with these numbers, which nobody else may change until this change is over.
pub async fn lock(tx: &mut Tx, directory: DirectoryKey, numbers: &[Number]) -> Result<Vec<Group>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from groups g where g.directory = ").bind(directory.number);
    sql.push(" and g.number in ").bind_list(numbers).push(" and g.removed is null order by g.number");
    sql.push(tx.for_update());
    tx.query(&sql.text, &sql.params, group).await
}

/// The ids of the groups with these numbers.
pub async fn ids(reader: &mut Reader, directory: DirectoryKey, numbers: &[Number]) -> Result<Vec<Id>, Error> {
    let mut sql = Sql::new("select id from groups where removed is null and directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(numbers);
    reader.query(&sql.text, &sql.params, |row| row.id(0)).await
}

fn group(row: &Row<'_>) -> Result<Group, Error> {
    Ok(Group {
        id: row.id(0)?,
        name: GroupName::new(row.str(1)?).map_err(Error::corrupt)?,
        description: GroupDescription::new(row.str(2)?).map_err(Error::corrupt)?,
        external_id: row.opt_line(3)?,
        created: row.millis(4)?,
        updated: row.millis(5)?,
    })
}

/// Whether a group other than `but` has this name.
pub async fn is_named(
    reader: &mut Reader,
    directory: DirectoryKey,
    name: &Folded,
    but: Option<Number>,
) -> Result<bool, Error> {
    reader.exists("select 1 from groups where directory = $1 and name_key = $2 and removed is null and number <> $3 limit 1", &params![directory.number, name, but.unwrap_or(Number(-1))]).await
}

/// The number of the group that another system calls so.
pub async fn called(
    reader: &mut Reader,
    directory: DirectoryKey,
    external_id: &ExternalId,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from groups where directory = $1 and external_id = $2 and removed is null",
            &params![directory.number, external_id.as_str()],
            |row| row.number(0),
        )
        .await
}

/// Conditions on groups; all of them hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only these.
    pub only: Option<&'a [Number]>,
    /// Only groups whose name matches.
    pub name: Option<&'a Like>,
    /// Only groups of this name.
    pub named: Option<&'a Folded>,
    /// Only groups whose name begins so.
    pub begins: Option<&'a Folded>,
}

impl Filter<'_> {
    /// Whether every group meets it.
    pub fn is_empty(&self) -> bool {
        self.only.is_none() && self.name.is_none() && self.named.is_none() && self.begins.is_none()
    }
}

/// Up to `limit` groups behind the first `skip`, the newest first, each with how many people are in it.
pub async fn page(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: Filter<'_>,
    skip: i64,
    limit: i64,
) -> Result<Vec<(Group, i64)>, Error> {
    bound(reader, filter);
    let mut sql = Sql::new(COLUMNS);
    sql.push(
        ", (select cast(coalesce(sum(t.n), 0) as bigint) from totals t where t.directory = g.directory and t.kind = ",
    );
    sql.bind(Total::Group(Number(0)).columns().0).push(" and t.thing = g.number)");
    from(&mut sql, directory, filter);
    sql.push(" order by g.number desc limit ").bind(limit).push(" offset ").bind(skip);
    reader.query(&sql.text, &sql.params, |row| Ok((group(row)?, row.int(6)?))).await
}

/// Up to `limit` groups behind the first `skip`, the oldest first.
pub async fn numbered(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: Filter<'_>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Group>, Error> {
    bound(reader, filter);
    let mut sql = Sql::new(COLUMNS);
    from(&mut sql, directory, filter);
    sql.push(" order by g.number limit ").bind(limit).push(" offset ").bind(skip);
    reader.query(&sql.text, &sql.params, group).await
}

/// How many groups meet the conditions.
pub async fn count(reader: &mut Reader, directory: DirectoryKey, filter: Filter<'_>) -> Result<i64, Error> {
    bound(reader, filter);
    let mut sql = Sql::new("select count(*)");
    from(&mut sql, directory, filter);
    reader.count_rows(&sql.text, &sql.params).await
}

/// A name may be looked for in vain, and many may begin alike.
fn bound(reader: &mut Reader, filter: Filter<'_>) {
    if filter.name.is_some() || filter.begins.is_some() {
        reader.bound();
    }
}

fn from<'a>(sql: &mut Sql<'a>, directory: DirectoryKey, filter: Filter<'a>) {
    sql.push(" from groups g where g.removed is null and g.directory = ").bind(directory.number);
    if let Some(only) = filter.only {
        sql.push(" and g.number in ").bind_list(only);
    }
    if let Some(name) = filter.name {
        sql.push(" and g.name_key like ").bind(name.operand()).push(" escape '\\'");
    }
    if let Some(name) = filter.named {
        sql.push(" and g.name_key = ").bind(name);
    }
    if let Some(prefix) = filter.begins {
        sql.begins("g.name_key", prefix);
    }
}

/// Users whom a page of a group's members leaves out, from which on it may take long to find its beginning.
const FAR: i64 = 10_000;

/// Up to `limit` people of a group behind the first `skip`, by joining and then by number; no system users.
pub async fn people(
    reader: &mut Reader,
    directory: DirectoryKey,
    group: Number,
    skip: i64,
    limit: i64,
) -> Result<Vec<Id>, Error> {
    if skip > FAR {
        reader.bound();
    }
    // Those who are left out are read from one index only.
    reader
        .query(
            "select u.id from (
                 select m.joined, m.user_number from group_members m
                 where m.directory = $1 and m.group_number = $2 and m.user_number not in (
                     select s.number from users s where s.directory = $1 and s.is_system = 1)
                 order by m.joined, m.user_number limit $3 offset $4) p
             join users u on u.directory = $1 and u.number = p.user_number
             order by p.joined, p.user_number",
            &params![directory.number, group, limit, skip],
            |row| row.id(0),
        )
        .await
}

/// Those of some users, system users among them, who are in a group, by joining and then by number.
pub async fn members_among(
    reader: &mut Reader,
    directory: DirectoryKey,
    group: Number,
    users: &[Number],
) -> Result<Vec<Id>, Error> {
    let mut sql = Sql::new("select u.id from group_members m");
    sql.push(" join users u on u.directory = m.directory and u.number = m.user_number");
    sql.push(" where m.directory = ").bind(directory.number).push(" and m.group_number = ").bind(group);
    sql.push(" and m.user_number in ").bind_list(users).push(" order by m.joined, m.user_number");
    reader.query(&sql.text, &sql.params, |row| row.id(0)).await
}

/// What joins a user's memberships with the groups that are there.
const OF_USER: &str = " from group_members m
    join groups g on g.directory = m.directory and g.number = m.group_number and g.removed is null
    where m.directory = $1 and m.user_number = $2";

/// Up to `limit` groups of a user behind the first `skip`, by joining and then by number.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    skip: i64,
    limit: i64,
) -> Result<Vec<Group>, Error> {
    let sql = format!("{COLUMNS}{OF_USER} order by m.joined, m.group_number limit $3 offset $4");
    reader.query(&sql, &params![directory.number, user, limit, skip], group).await
}

/// How many groups a user is in.
pub async fn count_of_user(reader: &mut Reader, directory: DirectoryKey, user: Number) -> Result<i64, Error> {
    reader.count_rows(&format!("select count(*){OF_USER}"), &params![directory.number, user]).await
}

/// Adds a group; where it claims its name, no other one may.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, group: &Group, claims: bool) -> Result<(), Error> {
    let key = group.name.folded();
    tx.write(
        "insert into groups (directory, number, id, name, name_key, claim, description, external_id, created,
             updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            directory.number,
            group.id.number(),
            group.id,
            group.name.as_str(),
            &key,
            claims.then_some(&key),
            group.description.as_str(),
            group.external_id.as_ref().map(Line::as_str),
            group.created,
            group.updated,
        ],
    )
    .await
}

/// Writes a group's name, description and external id. Where the name is a new one, `claims` tells whether no other group may have
/// it from now on.
pub async fn update(
    tx: &mut Tx,
    directory: DirectoryKey,
    group: &Group,
    claims: Option<bool>,
) -> Result<(), Error> {
    let key = group.name.folded();
    let mut sql = Sql::new("update groups set name = ");
    sql.bind(group.name.as_str()).push(", name_key = ").bind(&key);
    if let Some(claims) = claims {
        sql.push(", claim = ").bind(claims.then_some(&key));
    }
    sql.push(", description = ").bind(group.description.as_str());
    sql.push(", external_id = ").bind(group.external_id.as_ref().map(Line::as_str));
    sql.push(", updated = ").bind(group.updated);
    sql.push(" where directory = ").bind(directory.number).push(" and number = ").bind(group.id.number());
    tx.write(sql.text, &sql.params).await
}

/// Hides a group for good. Its members and its row go by [`clear`].
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, group: Number, at: Millis) -> Result<(), Error> {
    tx.write(
        "update groups set removed = $3, claim = null where directory = $1 and number = $2",
        &params![directory.number, group, at],
    )
    .await
}

/// A group that was removed and is still there.
pub async fn removed(reader: &mut Reader, directory: DirectoryKey) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from groups where directory = $1 and removed is not null limit 1",
            &params![directory.number],
            |row| row.number(0),
        )
        .await
}

/// Takes up to `limit` members out of a group that was removed, and its row where none is left.
pub async fn clear(tx: &mut Tx, directory: DirectoryKey, group: Number, limit: i64) -> Result<(), Error> {
    let left = tx
        .query(
            "delete from group_members where directory = $1 and group_number = $2 and user_number in (
                 select user_number from group_members where directory = $1 and group_number = $2
                 order by user_number limit $3)
             returning user_number",
            &params![directory.number, group, limit],
            |row| row.number(0),
        )
        .await?;
    let people = users::count_people(tx, directory, &left).await?;
    tx.count(directory, Total::Group(group), -people);
    // Another process may have taken those whom this one looked for.
    let more = "select 1 from group_members where directory = $1 and group_number = $2 limit 1";
    if !left.is_empty() || tx.exists(more, &params![directory.number, group]).await? {
        return Ok(());
    }
    tx.write_unseen(
        "delete from groups where directory = $1 and number = $2",
        &params![directory.number, group],
    )
    .await?;
    totals::forget(tx, directory, Total::Group(group)).await
}

/// Puts users into a group, and tells which of them were not in it.
pub async fn join(
    tx: &mut Tx,
    directory: DirectoryKey,
    users: &[Number],
    group: Number,
    at: Millis,
) -> Result<Vec<Number>, Error> {
    let mut sql =
        Sql::new("insert into group_members (directory, user_number, group_number, joined) select ");
    sql.push("u.directory, u.number, cast(").bind(group).push(" as bigint), cast(").bind(at);
    sql.push(" as bigint) from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.number in ").bind_list(users).push(" order by u.number");
    sql.push(" on conflict (directory, user_number, group_number) do nothing returning user_number");
    tx.write_returning(&sql.text, &sql.params, |row| row.number(0)).await
}

/// Puts a new user into a group.
pub async fn join_new(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    group: Number,
    at: Millis,
) -> Result<(), Error> {
    tx.write(
        "insert into group_members (directory, user_number, group_number, joined) values ($1, $2, $3, $4)",
        &params![directory.number, user, group, at],
    )
    .await
}

/// Takes users out of a group, and tells which of them were in it.
pub async fn leave(
    tx: &mut Tx,
    directory: DirectoryKey,
    users: &[Number],
    group: Number,
) -> Result<Vec<Number>, Error> {
    let mut sql = Sql::new("delete from group_members where directory = ");
    sql.bind(directory.number).push(" and group_number = ").bind(group);
    sql.push(" and user_number in ").bind_list(users).push(" returning user_number");
    tx.write_returning(&sql.text, &sql.params, |row| row.number(0)).await
}
