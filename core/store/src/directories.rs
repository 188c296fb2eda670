//! Accounts and their directories: what a call looks up before anything else.

use model::account::Directory;
use model::{AccountUid, DirectoryKey, Millis};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// The account's default directory.
pub async fn default_of(reader: &mut Reader, account: AccountUid) -> Result<Option<Directory>, Error> {
    reader
        .query_one(
            "select id, number, slot, account, root from directories where default_of = $1",
            &params![account],
            directory,
        )
        .await
}

/// The oldest account.
pub async fn first_account(reader: &mut Reader) -> Result<Option<AccountUid>, Error> {
    reader
        .query_one("select uid from accounts order by created, uid limit 1", &[], |row| {
            row.int(0).map(AccountUid)
        })
        .await
}

/// Every directory.
pub async fn all(reader: &mut Reader) -> Result<Vec<Directory>, Error> {
    reader
        .query("select id, number, slot, account, root from directories order by number", &[], directory)
        .await
}

fn directory(row: &Row<'_>) -> Result<Directory, Error> {
    let slot = u16::try_from(row.int(2)?).map_err(Error::corrupt)?;
    Ok(Directory {
        id: row.id(0)?,
        key: DirectoryKey { number: row.number(1)?, slot },
        account: AccountUid(row.int(3)?),
        root: row.number(4)?,
    })
}

/// Adds an account.
pub async fn insert_account(tx: &mut Tx, account: AccountUid, at: Millis) -> Result<(), Error> {
    tx.write("insert into accounts (uid, created) values ($1, $2)", &params![account, at]).await
}

/// Adds a directory, the default one of its account where `is_default`.
pub async fn insert(tx: &mut Tx, directory: &Directory, is_default: bool, at: Millis) -> Result<(), Error> {
    tx.write(
        "insert into directories (number, id, account, default_of, slot, root, created)
         values ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            directory.key.number,
            directory.id,
            directory.account,
            is_default.then_some(directory.account),
            i64::from(directory.key.slot),
            directory.root,
            at,
        ],
    )
    .await
}

/// Keeps everybody else from changing the directory's tree and properties until this change is over.
pub async fn guard(tx: &mut Tx, directory: DirectoryKey) -> Result<(), Error> {
    let mut sql = Sql::new("select number from directories where number = ");
    sql.bind(directory.number).push(tx.for_update());
    tx.exists(&sql.text, &sql.params).await.map(drop)
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

/// Keeps everybody else from the account's own facts until this change is over.
pub async fn lock_account(tx: &mut Tx, account: AccountUid) -> Result<(), Error> {
    let mut sql = Sql::new("select uid from accounts where uid = ");
    sql.bind(account).push(tx.for_update());
    tx.exists(&sql.text, &sql.params).await.map(drop)
}
