//! Resource groups of an account, and what lies in them.

use model::group::{ResourceGroup, ResourceName};
use model::text::{GroupName, Line};
use model::{AccountUid, Folded, Id, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::search::Like;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::{Value, params};

const COLUMNS: &str = "select g.id, g.name, g.classification, g.agent_type, g.created";

fn group(row: &Row<'_>) -> Result<ResourceGroup, Error> {
    Ok(ResourceGroup {
        id: row.id(0)?,
        name: GroupName::new(row.str(1)?).map_err(Error::corrupt)?,
        classification: Line::new(row.str(2)?).map_err(Error::corrupt)?,
        agent_type: Line::new(row.str(3)?).map_err(Error::corrupt)?,
        created: row.millis(4)?,
    })
}

/// The resource groups with these numbers, which nobody else may change until this change is over.
pub async fn lock(tx: &mut Tx, account: AccountUid, numbers: &[Number]) -> Result<Vec<ResourceGroup>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from resource_groups g where g.account = ").bind(account);
    sql.push(" and g.number in ").bind_list(numbers).push(" and g.removed is null order by g.number");
    sql.push(tx.for_update());
    tx.query(&sql.text, &sql.params, group).await
}

/// The ids of the resource groups with these numbers.
pub async fn ids(reader: &mut Reader, account: AccountUid, numbers: &[Number]) -> Result<Vec<Id>, Error> {
    let mut sql = Sql::new("select id from resource_groups where removed is null and account = ");
    sql.bind(account).push(" and number in ").bind_list(numbers);
    reader.query(&sql.text, &sql.params, |row| row.id(0)).await
}

/// Whether a resource group has this name.
pub async fn is_named(reader: &mut Reader, account: AccountUid, name: &Folded) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from resource_groups where account = $1 and name_key = $2 and removed is null",
            &params![account, name],
        )
        .await
}

/// Conditions on resource groups; all of them hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only these.
    pub only: Option<&'a [Number]>,
    /// Only those whose name matches.
    pub name: Option<&'a Like>,
    /// Only those with this classification.
    pub classification: Option<&'a str>,
    /// Only those with this agent type.
    pub agent_type: Option<&'a str>,
}

/// Up to `limit` resource groups behind the first `skip`, the newest first, each with how much lies in it.
pub async fn page(
    reader: &mut Reader,
    account: AccountUid,
    filter: Filter<'_>,
    skip: i64,
    limit: i64,
) -> Result<Vec<(ResourceGroup, i64)>, Error> {
    if filter.name.is_some() {
        // A name may be looked for in vain.
        reader.bound();
    }
    let mut sql = Sql::new(COLUMNS);
    sql.push(
        ", (select count(*) from resources r where r.account = g.account and r.resource_group = g.number)",
    );
    from(&mut sql, account, filter);
    sql.push(" order by g.number desc limit ").bind(limit).push(" offset ").bind(skip);
    reader.query(&sql.text, &sql.params, |row| Ok((group(row)?, row.int(5)?))).await
}

/// How many resource groups meet the conditions.
pub async fn count(reader: &mut Reader, account: AccountUid, filter: Filter<'_>) -> Result<i64, Error> {
    if filter.name.is_some() {
        // A name may be looked for in vain.
        reader.bound();
    }
    let mut sql = Sql::new("select count(*)");
    from(&mut sql, account, filter);
    reader.count_rows(&sql.text, &sql.params).await
}

fn from<'a>(sql: &mut Sql<'a>, account: AccountUid, filter: Filter<'a>) {
    sql.push(" from resource_groups g where g.removed is null and g.account = ").bind(account);
    if let Some(only) = filter.only {
        sql.push(" and g.number in ").bind_list(only);
    }
    if let Some(name) = filter.name {
        sql.push(" and g.name_key like ").bind(name.operand()).push(" escape '\\'");
    }
    if let Some(classification) = filter.classification {
        sql.push(" and g.classification = ").bind(classification);
    }
    if let Some(agent_type) = filter.agent_type {
        sql.push(" and g.agent_type = ").bind(agent_type);
    }
}

/// Adds a resource group.
pub async fn insert(tx: &mut Tx, account: AccountUid, group: &ResourceGroup) -> Result<(), Error> {
    tx.write(
        "insert into resource_groups
         (account, number, id, name, name_key, classification, agent_type, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            account,
            group.id.number(),
            group.id,
            group.name.as_str(),
            &group.name.folded(),
            group.classification.as_str(),
            group.agent_type.as_str(),
            group.created,
        ],
    )
    .await
}

/// Hides a resource group for good. What lies in it becomes free, and its row goes, by [`clear`].
pub async fn remove(tx: &mut Tx, account: AccountUid, group: Number, at: Millis) -> Result<(), Error> {
    tx.write(
        "update resource_groups set removed = $3 where account = $1 and number = $2",
        &params![account, group, at],
    )
    .await
}

/// Puts a resource into a group, out of any other one: whether it was not there.
pub async fn put(
    tx: &mut Tx,
    account: AccountUid,
    resource: &ResourceName,
    group: Number,
) -> Result<bool, Error> {
    let put = tx
        .write_returning(
            "insert into resources (account, kind, region, id, resource_group) values ($1, $2, $3, $4, $5)
             on conflict (account, kind, region, id) do update set resource_group = excluded.resource_group
             where resources.resource_group <> excluded.resource_group returning id",
            &params![account, &resource.kind, &resource.region, &resource.id, group],
            |_| Ok(()),
        )
        .await?;
    Ok(!put.is_empty())
}

/// Takes a resource out of a group and puts it into another one, where that is given: whether it was there.
pub async fn take_out(
    tx: &mut Tx,
    account: AccountUid,
    resource: &ResourceName,
    group: Number,
    target: Option<Number>,
) -> Result<bool, Error> {
    let what = match target {
        Some(_) => "update resources set resource_group = $6",
        None => "delete from resources",
    };
    let mut sql = Sql::new(what);
    sql.push(
        " where account = $1 and kind = $2 and region = $3 and id = $4 and resource_group = $5 returning id",
    );
    sql.params = params![account, &resource.kind, &resource.region, &resource.id, group].to_vec();
    sql.params.extend(target.map(Value::from));
    let taken = tx.write_returning(&sql.text, &sql.params, |_| Ok(())).await?;
    Ok(!taken.is_empty())
}

/// A resource group that was removed and is still there.
pub async fn removed(reader: &mut Reader, account: AccountUid) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from resource_groups where account = $1 and removed is not null limit 1",
            &params![account],
            |row| row.number(0),
        )
        .await
}

/// Takes up to `limit` resources out of a group that was removed, and its row where none is left.
pub async fn clear(tx: &mut Tx, account: AccountUid, group: Number, limit: i64) -> Result<(), Error> {
    let left = tx
        .query(
            "delete from resources where account = $1 and resource_group = $2 and (kind, region, id) in (
                 select kind, region, id from resources where account = $1 and resource_group = $2 limit $3)
             returning id",
            &params![account, group, limit],
            |_| Ok(()),
        )
        .await?;
    if !left.is_empty() {
        return Ok(());
    }
    tx.write_unseen(
        "delete from resource_groups where account = $1 and number = $2",
        &params![account, group],
    )
    .await
}
