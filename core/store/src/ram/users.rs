//! RAM users.

use model::ram::{PolicyKind, RamUser, RamUserName};
use model::text::Line;
use model::{AccountUid, Millis, Number};

use super::kind as of_kind;
use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

const COLUMNS: &str =
    "select number, id, name, display_name, comments, email, mobile, created, updated from ram_users";

/// The account's user of this folded name.
pub async fn find(reader: &mut Reader, account: AccountUid, key: &str) -> Result<Option<RamUser>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and name_key = $2");
    reader.query_one(&sql, &params![account, key], user).await
}

/// The account's user with this number.
pub async fn numbered(
    reader: &mut Reader,
    account: AccountUid,
    number: Number,
) -> Result<Option<RamUser>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and number = $2");
    reader.query_one(&sql, &params![account, number], user).await
}

/// Up to `limit` users of the account whose folded names follow `after`, in their order.
pub async fn page(
    reader: &mut Reader,
    account: AccountUid,
    after: &str,
    limit: i64,
) -> Result<Vec<RamUser>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and name_key > $2 order by name_key limit $3");
    reader.query(&sql, &params![account, after, limit], user).await
}

/// The account's users who have a policy, in the order of their numbers; since when.
pub async fn with_policy(
    reader: &mut Reader,
    account: AccountUid,
    kind: PolicyKind,
    policy: &str,
) -> Result<Vec<(RamUser, Millis)>, Error> {
    reader
        .query(
            "select u.number, u.id, u.name, u.display_name, u.comments, u.email, u.mobile, u.created, u.updated,
                 a.attached
             from ram_attachments a join ram_users u on u.account = a.account and u.number = a.number
             where a.account = $1 and a.kind = $2 and a.policy = $3 and a.holder = 0 order by a.number",
            &params![account, of_kind(kind), policy],
            |row| Ok((user(row)?, row.millis(9)?)),
        )
        .await
}

/// How many users the account has.
pub async fn count(reader: &mut Reader, account: AccountUid) -> Result<i64, Error> {
    reader.count_rows("select count(*) from ram_users where account = $1", &params![account]).await
}

fn user(row: &Row<'_>) -> Result<RamUser, Error> {
    Ok(RamUser {
        number: row.number(0)?,
        id: row.text(1)?,
        name: RamUserName::new(row.str(2)?).map_err(Error::corrupt)?,
        display_name: Line::new(row.str(3)?).map_err(Error::corrupt)?,
        comments: Line::new(row.str(4)?).map_err(Error::corrupt)?,
        email: Line::new(row.str(5)?).map_err(Error::corrupt)?,
        mobile: Line::new(row.str(6)?).map_err(Error::corrupt)?,
        created: row.millis(7)?,
        updated: row.millis(8)?,
    })
}

/// Adds a user.
pub async fn insert(tx: &mut Tx, account: AccountUid, user: &RamUser) -> Result<(), Error> {
    tx.write(
        "insert into ram_users
         (account, number, id, name, name_key, display_name, comments, email, mobile, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &params![
            account,
            user.number,
            &user.id,
            user.name.as_str(),
            user.name.key(),
            user.display_name.as_str(),
            user.comments.as_str(),
            user.email.as_str(),
            user.mobile.as_str(),
            user.created,
            user.updated,
        ],
    )
    .await
}

/// Writes what may change of a user.
pub async fn update(tx: &mut Tx, account: AccountUid, user: &RamUser) -> Result<(), Error> {
    tx.write(
        "update ram_users set name = $3, name_key = $4, display_name = $5, comments = $6, email = $7,
             mobile = $8, updated = $9
         where account = $1 and number = $2",
        &params![
            account,
            user.number,
            user.name.as_str(),
            user.name.key(),
            user.display_name.as_str(),
            user.comments.as_str(),
            user.email.as_str(),
            user.mobile.as_str(),
            user.updated,
        ],
    )
    .await
}

/// Deletes a user.
pub async fn delete(tx: &mut Tx, account: AccountUid, number: Number) -> Result<(), Error> {
    tx.write("delete from ram_users where account = $1 and number = $2", &params![account, number]).await
}
