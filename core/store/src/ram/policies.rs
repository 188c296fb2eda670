//! Policies of accounts. Those of the system are in the program.

use model::AccountUid;
use model::ram::{CustomPolicy, RamPolicyName};
use model::text::Prose;

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

const COLUMNS: &str = "select name, description, document, version, created, updated from ram_policies";

/// The account's policy of this folded name.
pub async fn find(
    reader: &mut Reader,
    account: AccountUid,
    key: &str,
) -> Result<Option<CustomPolicy>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and name_key = $2");
    reader.query_one(&sql, &params![account, key], policy).await
}

/// Up to `limit` policies of the account whose folded names follow `after`, in their order.
pub async fn page(
    reader: &mut Reader,
    account: AccountUid,
    after: &str,
    limit: i64,
) -> Result<Vec<CustomPolicy>, Error> {
    let sql = format!("{COLUMNS} where account = $1 and name_key > $2 order by name_key limit $3");
    reader.query(&sql, &params![account, after, limit], policy).await
}

/// How many policies the account has made.
pub async fn count(reader: &mut Reader, account: AccountUid) -> Result<i64, Error> {
    reader.count_rows("select count(*) from ram_policies where account = $1", &params![account]).await
}

fn policy(row: &Row<'_>) -> Result<CustomPolicy, Error> {
    Ok(CustomPolicy {
        name: RamPolicyName::new(row.str(0)?).map_err(Error::corrupt)?,
        description: Prose::new(row.str(1)?).map_err(Error::corrupt)?,
        document: row.text(2)?,
        version: row.int(3)?,
        created: row.millis(4)?,
        updated: row.millis(5)?,
    })
}

/// Adds a policy.
pub async fn insert(tx: &mut Tx, account: AccountUid, policy: &CustomPolicy) -> Result<(), Error> {
    tx.write(
        "insert into ram_policies (account, name_key, name, description, document, version, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            account,
            policy.name.key(),
            policy.name.as_str(),
            policy.description.as_str(),
            &policy.document,
            policy.version,
            policy.created,
            policy.updated,
        ],
    )
    .await
}

/// Writes what may change of a policy.
pub async fn update(tx: &mut Tx, account: AccountUid, policy: &CustomPolicy) -> Result<(), Error> {
    tx.write(
        "update ram_policies set description = $3, document = $4, version = $5, updated = $6
         where account = $1 and name_key = $2",
        &params![
            account,
            policy.name.key(),
            policy.description.as_str(),
            &policy.document,
            policy.version,
            policy.updated,
        ],
    )
    .await
}

/// Deletes a policy.
pub async fn delete(tx: &mut Tx, account: AccountUid, key: &str) -> Result<(), Error> {
    tx.write("delete from ram_policies where account = $1 and name_key = $2", &params![account, key]).await
}
