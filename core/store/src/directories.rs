//! Accounts and their directories: what a call looks up before anything else.

use model::account::{Directory, ListedDirectory};
use model::text::{Description, DirectoryName};
use model::{AccountUid, DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::users;
use crate::value::params;

/// Slots that there are: eleven bits of a row id of the search index.
const SLOTS: u16 = 2_048;

const COLUMNS: &str =
    "select id, number, slot, account, root, cast(case when default_of is null then 0 else 1 end as bigint)";

/// The columns that lists have beside those.
const LISTED: &str =
    ", name, description, most_users, created, updated from directories where removed is null";

/// The columns of a directory that is joined as `d`.
pub(crate) const JOINED: &str = "d.id, d.number, d.slot, d.account, d.root, cast(case when d.default_of is null then 0 else 1 end as bigint)";

/// The account's default directory.
pub async fn default_of(reader: &mut Reader, account: AccountUid) -> Result<Option<Directory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from directories where default_of = ").bind(account);
    reader.query_one(&sql.text, &sql.params, directory).await
}

/// The oldest account.
pub async fn first_account(reader: &mut Reader) -> Result<Option<AccountUid>, Error> {
    reader
        .query_one("select uid from accounts order by created, uid limit 1", &[], |row| {
            row.int(0).map(AccountUid)
        })
        .await
}

/// Every directory that was not removed.
pub async fn all(reader: &mut Reader) -> Result<Vec<Directory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from directories where removed is null order by number");
    reader.query(&sql.text, &sql.params, directory).await
}

/// The account's directory with this number.
pub async fn find(
    reader: &mut Reader,
    account: AccountUid,
    number: Number,
) -> Result<Option<Directory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from directories where removed is null and number = ").bind(number);
    sql.push(" and account = ").bind(account);
    reader.query_one(&sql.text, &sql.params, directory).await
}

/// The directory with this number, whichever account's, unless it was removed.
pub async fn of_number(reader: &mut Reader, number: Number) -> Result<Option<Directory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from directories where removed is null and number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, directory).await
}

/// The account's directories, the oldest first.
pub async fn of_account(reader: &mut Reader, account: AccountUid) -> Result<Vec<ListedDirectory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(LISTED).push(" and account = ").bind(account);
    sql.push(" order by number");
    reader.query(&sql.text, &sql.params, listed).await
}

/// The directory as lists show it.
pub async fn described(
    reader: &mut Reader,
    directory: DirectoryKey,
) -> Result<Option<ListedDirectory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(LISTED).push(" and number = ").bind(directory.number);
    reader.query_one(&sql.text, &sql.params, listed).await
}

/// Every directory that was removed and is still there.
pub async fn removed(reader: &mut Reader) -> Result<Vec<Directory>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" from directories where removed is not null order by number");
    reader.query(&sql.text, &sql.params, directory).await
}

/// The smallest slot that no directory has; `None` where all are taken.
pub async fn free_slot(reader: &mut Reader) -> Result<Option<u16>, Error> {
    let taken = reader.query("select slot from directories order by slot", &[], |row| row.int(0)).await?;
    let gap = taken.iter().zip(0..).position(|(slot, expected)| *slot != expected);
    let free = gap.unwrap_or(taken.len());
    Ok(u16::try_from(free).ok().filter(|slot| *slot < SLOTS))
}

fn listed(row: &Row<'_>) -> Result<ListedDirectory, Error> {
    Ok(ListedDirectory {
        directory: directory(row)?,
        name: DirectoryName::new(row.str(6)?).map_err(Error::corrupt)?,
        description: Description::new(row.str(7)?).map_err(Error::corrupt)?,
        most_users: row.int(8)?,
        created: row.millis(9)?,
        updated: row.millis(10)?,
    })
}

pub(crate) fn directory(row: &Row<'_>) -> Result<Directory, Error> {
    directory_from(row, 0)
}

/// Reads a directory from the columns that begin at `first`.
pub(crate) fn directory_from(row: &Row<'_>, first: usize) -> Result<Directory, Error> {
    let slot = u16::try_from(row.int(first + 2)?).map_err(Error::corrupt)?;
    Ok(Directory {
        id: row.id(first)?,
        key: DirectoryKey { number: row.number(first + 1)?, slot },
        account: AccountUid(row.int(first + 3)?),
        root: row.number(first + 4)?,
        is_default: row.truth(first + 5)?,
    })
}

/// Adds an account.
pub async fn insert_account(tx: &mut Tx, account: AccountUid, name: &str, at: Millis) -> Result<(), Error> {
    tx.write("insert into accounts (uid, name, created) values ($1, $2, $3)", &params![account, name, at])
        .await
}

/// An account as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    /// Its uid.
    pub uid: AccountUid,
    /// What operators call it.
    pub name: String,
    /// What its people type into clients, where that was asked for.
    pub alias: Option<String>,
    /// When it was made.
    pub created: Millis,
}

/// Every account, the oldest first.
pub async fn accounts(reader: &mut Reader) -> Result<Vec<ListedAccount>, Error> {
    reader
        .query("select uid, name, alias, created from accounts order by created, uid", &[], |row| {
            Ok(ListedAccount {
                uid: AccountUid(row.int(0)?),
                name: row.text(1)?,
                alias: row.opt_str(2)?.map(str::to_owned),
                created: row.millis(3)?,
            })
        })
        .await
}

/// Adds a directory.
pub async fn insert(tx: &mut Tx, listed: &ListedDirectory) -> Result<(), Error> {
    let directory = &listed.directory;
    tx.write(
        "insert into directories (number, id, account, default_of, slot, root, name, name_key, description,
             most_users, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &params![
            directory.key.number,
            directory.id,
            directory.account,
            directory.is_default.then_some(directory.account),
            i64::from(directory.key.slot),
            directory.root,
            listed.name.as_str(),
            &listed.name.folded(),
            listed.description.as_str(),
            listed.most_users,
            listed.created,
            listed.updated,
        ],
    )
    .await
}

/// Writes a directory's name, description and bound of people.
pub async fn update(tx: &mut Tx, listed: &ListedDirectory) -> Result<(), Error> {
    tx.write(
        "update directories set name = $2, name_key = $3, description = $4, most_users = $5, updated = $6
         where number = $1",
        &params![
            listed.directory.key.number,
            listed.name.as_str(),
            &listed.name.folded(),
            listed.description.as_str(),
            listed.most_users,
            listed.updated,
        ],
    )
    .await
}

/// Hides a directory for good. What is in it goes by [`clear`].
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, at: Millis) -> Result<(), Error> {
    tx.write("update directories set removed = $2 where number = $1", &params![directory.number, at]).await
}

/// Keeps everybody else from changing the directory's tree and properties until this change is over.
///
/// # Errors
/// `Gone`.
pub async fn guard(tx: &mut Tx, directory: DirectoryKey) -> Result<(), Error> {
    let end = tx.for_update();
    lock(tx, directory, end).await
}

/// Keeps the directory from being removed until this change is over: for what else would be made in one that is gone.
///
/// # Errors
/// As of [`guard`].
pub async fn keep(tx: &mut Tx, directory: DirectoryKey) -> Result<(), Error> {
    let end = tx.for_keeping();
    lock(tx, directory, end).await
}

async fn lock(tx: &mut Tx, directory: DirectoryKey, end: &str) -> Result<(), Error> {
    let mut sql = Sql::new("select number from directories where removed is null and number = ");
    sql.bind(directory.number).push(end);
    if tx.exists(&sql.text, &sql.params).await? {
        return Ok(());
    }
    Err(Error::Gone)
}

/// Rows that each user and each unit has beside its own, about: so many fewer of them are cleared in one step.
const ROWS_OF_EACH: i64 = 5;

/// Clears away about `limit` rows of a directory that was removed, its own row last; true once nothing of it is left
/// but what the audit trail keeps.
///
/// Nothing new comes to be in it meanwhile: a user needs a unit of it, and whatever else is made holds [`guard`] or
/// [`keep`]. A change that began before the removal collides with this one, and the next step finds what it made.
pub async fn clear(tx: &mut Tx, directory: &Directory, limit: i64) -> Result<bool, Error> {
    let key = directory.key;
    let mut own = Sql::new("select number from directories where removed is not null and number = ");
    own.bind(key.number).push(tx.for_update());
    // Of several processes one at a time clears it.
    let is_there = tx.exists(&own.text, &own.params).await?;
    let remains = is_there
        && (clear_rows(tx, directory, &OWNED, limit).await?
            || clear_users(tx, key, limit / ROWS_OF_EACH).await?
            || clear_units(tx, key, limit / ROWS_OF_EACH).await?
            || clear_rows(tx, directory, &ROWS, limit).await?
            || tx.clear_search(key, limit).await?);
    if !remains {
        tx.write("delete from directories where removed is not null and number = $1", &params![key.number])
            .await?;
    }
    tx.overlook();
    Ok(!remains)
}

/// Users of whom one statement removes everything.
const TOGETHER: usize = 500;

/// Removes users with all that is theirs; true where there were any.
async fn clear_users(tx: &mut Tx, directory: DirectoryKey, limit: i64) -> Result<bool, Error> {
    let users = tx
        .query(
            "select number from users where directory = $1 order by number limit $2",
            &params![directory.number, limit],
            |row| row.number(0),
        )
        .await?;
    for users in users.chunks(TOGETHER) {
        users::remove(tx, directory, users).await?;
    }
    Ok(!users.is_empty())
}

/// Removes units that have none below them; true where there were any.
async fn clear_units(tx: &mut Tx, directory: DirectoryKey, limit: i64) -> Result<bool, Error> {
    let leaves = tx
        .query(
            "select u.number from units u where u.directory = $1 and not exists (
                 select 1 from units c where c.directory = u.directory and c.parent = u.number)
             order by u.number limit $2",
            &params![directory.number, limit],
            |row| row.number(0),
        )
        .await?;
    for leaves in leaves.chunks(TOGETHER) {
        for (table, column) in [("unit_closure", "descendant"), ("units", "number")] {
            let mut sql = Sql::new("delete from ");
            sql.push(table).push(" where directory = ").bind(directory.number);
            sql.push(" and ").push(column).push(" in ").bind_list(leaves);
            tx.write(sql.text, &sql.params).await?;
        }
    }
    Ok(!leaves.is_empty())
}

/// What keeps its owners from going, and what tells its rows apart.
const OWNED: [(&str, &str); 1] = [("drives", "number")];
/// What lies in a directory beside users with what is theirs and units, and what tells its rows apart. Totals are
/// behind what is counted in them.
const ROWS: [(&str, &str); 9] = [
    ("refresh_tokens", "hash"),
    ("groups", "number"),
    ("property_items", "number"),
    ("properties", "number"),
    ("configurations", "kind"),
    ("templates", "name, language, way"),
    ("failures", "key"),
    ("client_tokens", "action, token"),
    ("totals", "kind, thing, slot"),
];

/// Removes rows of these tables; true where there were any.
async fn clear_rows(
    tx: &mut Tx,
    directory: &Directory,
    tables: &[(&str, &str)],
    limit: i64,
) -> Result<bool, Error> {
    for (table, key) in tables {
        let mut within = Sql::new(" where directory = ");
        within.bind(directory.key.number);
        if *table == "client_tokens" {
            within.push(" and account = ").bind(directory.account);
        }
        let mut sql = Sql::new("delete from ");
        sql.push(table).push(&within.text).push(" and (").push(key).push(") in (select ").push(key);
        sql.push(" from ").push(table).push(&within.text).push(" limit ");
        sql.params = within.params;
        sql.bind(limit).push(") returning directory");
        if !tx.query(&sql.text, &sql.params, |_| Ok(())).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The account's login alias, if it has one.
pub async fn alias(reader: &mut Reader, account: AccountUid) -> Result<Option<String>, Error> {
    let found = reader
        .query_one("select alias from accounts where uid = $1", &params![account], |row| {
            Ok(row.opt_str(0)?.map(str::to_owned))
        })
        .await?;
    Ok(found.flatten())
}

/// Gives the account a login alias, unless it has one.
pub async fn set_alias(tx: &mut Tx, account: AccountUid, alias: &str) -> Result<(), Error> {
    tx.write("update accounts set alias = $2 where uid = $1 and alias is null", &params![account, alias])
        .await
}

/// Keeps everybody from taking the account, as [`lock_account`] does, until this change is over.
pub async fn keep_account(tx: &mut Tx, account: AccountUid) -> Result<(), Error> {
    let mut sql = Sql::new("select uid from accounts where uid = ");
    sql.bind(account).push(tx.for_keeping());
    tx.exists(&sql.text, &sql.params).await.map(drop)
}

/// Keeps everybody else from the account's own facts until this change is over.
pub async fn lock_account(tx: &mut Tx, account: AccountUid) -> Result<(), Error> {
    let mut sql = Sql::new("select uid from accounts where uid = ");
    sql.bind(account).push(tx.for_update());
    tx.exists(&sql.text, &sql.params).await.map(drop)
}
