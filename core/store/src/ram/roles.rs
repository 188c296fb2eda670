//! Roles.

use model::ram::{PolicyKind, Role, RoleName};
use model::text::Prose;
use model::{AccountUid, Millis, Number};

use super::kind as of_kind;
use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

const COLUMNS: &str = "select number, id, name, description, trust, longest, created, updated from ram_roles";

/// The account's role of this folded name.
pub async fn find(reader: &mut Reader, account: AccountUid, key: &str) -> Result<Option<Role>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and name_key = $2");
    reader.query_one(&sql, &params![account, key], role).await
}

/// The account's role with this number.
pub async fn numbered(
    reader: &mut Reader,
    account: AccountUid,
    number: Number,
) -> Result<Option<Role>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and number = $2");
    reader.query_one(&sql, &params![account, number], role).await
}

/// Up to `limit` roles of the account whose folded names follow `after`, in their order.
pub async fn page(
    reader: &mut Reader,
    account: AccountUid,
    after: &str,
    limit: i64,
) -> Result<Vec<Role>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and name_key > $2 order by name_key limit $3");
    reader.query(&sql, &params![account, after, limit], role).await
}

/// The account's roles that have a policy, in the order of their numbers; since when.
pub async fn with_policy(
    reader: &mut Reader,
    account: AccountUid,
    kind: PolicyKind,
    policy: &str,
) -> Result<Vec<(Role, Millis)>, Error> {
    reader
        .query(
            "select r.number, r.id, r.name, r.description, r.trust, r.longest, r.created, r.updated, a.attached
             from ram_attachments a join ram_roles r on r.account = a.account and r.number = a.number
             where a.account = $1 and a.kind = $2 and a.policy = $3 and a.holder = 1 order by a.number",
            &params![account, of_kind(kind), policy],
            |row| Ok((role(row)?, row.millis(8)?)),
        )
        .await
}

/// How many roles the account has.
pub async fn count(reader: &mut Reader, account: AccountUid) -> Result<i64, Error> {
    reader.count_rows("select count(*) from ram_roles where account = $1", &params![account]).await
}

fn role(row: &Row<'_>) -> Result<Role, Error> {
    Ok(Role {
        number: row.number(0)?,
        id: row.text(1)?,
        name: RoleName::new(row.str(2)?).map_err(Error::corrupt)?,
        description: Prose::new(row.str(3)?).map_err(Error::corrupt)?,
        trust: row.text(4)?,
        longest: row.int(5)?,
        created: row.millis(6)?,
        updated: row.millis(7)?,
    })
}

/// Adds a role.
pub async fn insert(tx: &mut Tx, account: AccountUid, role: &Role) -> Result<(), Error> {
    tx.write(
        "insert into ram_roles
         (account, number, id, name, name_key, description, trust, longest, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            account,
            role.number,
            &role.id,
            role.name.as_str(),
            role.name.key(),
            role.description.as_str(),
            &role.trust,
            role.longest,
            role.created,
            role.updated,
        ],
    )
    .await
}

/// Writes what may change of a role.
pub async fn update(tx: &mut Tx, account: AccountUid, role: &Role) -> Result<(), Error> {
    tx.write(
        "update ram_roles set description = $3, trust = $4, longest = $5, updated = $6
         where account = $1 and number = $2",
        &params![account, role.number, role.description.as_str(), &role.trust, role.longest, role.updated],
    )
    .await
}

/// Deletes a role.
pub async fn delete(tx: &mut Tx, account: AccountUid, number: Number) -> Result<(), Error> {
    tx.write("delete from ram_roles where account = $1 and number = $2", &params![account, number]).await
}
