//! Which policies users and roles have.

use model::ram::{Holder, PolicyKind};
use model::{AccountUid, Millis, Number};

use super::{holder as spelled, kind as of_kind};
use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::value::params;

/// A policy that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Whose the policy is.
    pub kind: PolicyKind,
    /// Its folded name.
    pub policy: String,
    /// Since when it is attached.
    pub attached: Millis,
}

/// A policy that somebody has, and what it says where it is one of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Whose the policy is.
    pub kind: PolicyKind,
    /// Its name; the folded one of a policy of the system.
    pub name: String,
    /// What the account's own policy says; `None` for one of the system, and for one that is gone.
    pub document: Option<String>,
}

/// What the holder has, policies of the system first, by name.
pub async fn of(reader: &mut Reader, account: AccountUid, holder: Holder) -> Result<Vec<Attachment>, Error> {
    reader
        .query(
            "select kind, policy, attached from ram_attachments
             where account = $1 and holder = $2 and number = $3 order by kind, policy",
            &params![account, spelled(holder), holder.number()],
            |row| Ok(Attachment { kind: kind(row, 0)?, policy: row.text(1)?, attached: row.millis(2)? }),
        )
        .await
}

/// What the holder has, with documents, in the same order.
pub async fn granted(
    reader: &mut Reader,
    account: AccountUid,
    holder: Holder,
) -> Result<Vec<Granted>, Error> {
    reader
        .query(
            "select a.kind, coalesce(p.name, a.policy), p.document from ram_attachments a
             left join ram_policies p on p.account = a.account and p.name_key = a.policy and a.kind = 1
             where a.account = $1 and a.holder = $2 and a.number = $3 order by a.kind, a.policy",
            &params![account, spelled(holder), holder.number()],
            |row| {
                Ok(Granted {
                    kind: kind(row, 0)?,
                    name: row.text(1)?,
                    document: row.opt_str(2)?.map(str::to_owned),
                })
            },
        )
        .await
}

/// How many users and roles have the policy.
pub async fn count(
    reader: &mut Reader,
    account: AccountUid,
    kind: PolicyKind,
    policy: &str,
) -> Result<i64, Error> {
    let sql = "select count(*) from ram_attachments where account = $1 and kind = $2 and policy = $3";
    reader.count_rows(sql, &params![account, of_kind(kind), policy]).await
}

/// One of those who have the policy, a user where any has.
pub async fn any_holder(
    reader: &mut Reader,
    account: AccountUid,
    kind: PolicyKind,
    policy: &str,
) -> Result<Option<Holder>, Error> {
    reader
        .query_one(
            "select holder, number from ram_attachments
             where account = $1 and kind = $2 and policy = $3 order by holder, number limit 1",
            &params![account, of_kind(kind), policy],
            |row| holder(row.int(0)?, row.number(1)?),
        )
        .await
}

/// How many have each policy of this kind that anybody has, by its folded name.
pub async fn counts(
    reader: &mut Reader,
    account: AccountUid,
    kind: PolicyKind,
) -> Result<Vec<(String, i64)>, Error> {
    reader
        .query(
            "select policy, count(*) from ram_attachments where account = $1 and kind = $2
             group by policy order by policy",
            &params![account, of_kind(kind)],
            |row| Ok((row.text(0)?, row.int(1)?)),
        )
        .await
}

/// Attaches a policy.
pub async fn insert(
    tx: &mut Tx,
    account: AccountUid,
    holder: Holder,
    attachment: &Attachment,
) -> Result<(), Error> {
    tx.write(
        "insert into ram_attachments (account, holder, number, kind, policy, attached)
         values ($1, $2, $3, $4, $5, $6)",
        &params![
            account,
            spelled(holder),
            holder.number(),
            of_kind(attachment.kind),
            &attachment.policy,
            attachment.attached,
        ],
    )
    .await
}

/// Detaches a policy.
pub async fn delete(
    tx: &mut Tx,
    account: AccountUid,
    holder: Holder,
    kind: PolicyKind,
    policy: &str,
) -> Result<(), Error> {
    tx.write(
        "delete from ram_attachments
         where account = $1 and holder = $2 and number = $3 and kind = $4 and policy = $5",
        &params![account, spelled(holder), holder.number(), of_kind(kind), policy],
    )
    .await
}

fn kind(row: &Row<'_>, column: usize) -> Result<PolicyKind, Error> {
    match row.int(column)? {
        0 => Ok(PolicyKind::System),
        1 => Ok(PolicyKind::Custom),
        other => Err(Error::corrupt(format!("{other} is no kind of policy"))),
    }
}

fn holder(spelled: i64, number: Number) -> Result<Holder, Error> {
    match spelled {
        0 => Ok(Holder::User(number)),
        1 => Ok(Holder::Role(number)),
        other => Err(Error::corrupt(format!("{other} is no kind of holder"))),
    }
}
