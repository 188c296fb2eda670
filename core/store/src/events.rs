//! The audit trail's rows: each event, and apart from it what it was about.

use std::fmt::Write as _;

use model::{AccountUid, Id, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// One event as it is written.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Its own id, in the order of time.
    pub id: Id,
    /// The account it belongs to; 0 for what belongs to the installation.
    pub account: AccountUid,
    /// The directory, where it is about one.
    pub directory: Option<Number>,
    /// When.
    pub at: Millis,
    /// Through which door.
    pub door: &'a str,
    /// Who.
    pub principal: &'a str,
    /// By which AccessKey; empty where it was none.
    pub access_key: &'a str,
    /// From which address.
    pub source: &'a str,
    /// In which request.
    pub request: &'a str,
    /// What happened.
    pub what: &'a str,
    /// On what.
    pub subject: &'a str,
    /// What people call that.
    pub name: &'a str,
    /// The thing before, as JSON.
    pub before: Option<&'a str>,
    /// The thing after, as JSON.
    pub after: Option<&'a str>,
    /// A digest of the salt and of what it was about.
    pub digest: &'a str,
    /// The salt.
    pub salt: &'a str,
    /// A code over all of the above.
    pub mac: &'a str,
}

/// One event as it is read. Ids are texts: whoever can write into the database may have put anything there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its own id.
    pub id: String,
    /// The account it belongs to; 0 for what belongs to the installation.
    pub account: AccountUid,
    /// The directory, where it is about one.
    pub directory: Option<Number>,
    /// When.
    pub at: Millis,
    /// What happened, `user.created`.
    pub what: String,
    /// On what.
    pub subject: String,
    /// Through which door.
    pub door: String,
    /// Who.
    pub principal: String,
    /// By which AccessKey; empty where it was none.
    pub access_key: String,
    /// From which address.
    pub source: String,
    /// In which request.
    pub request: String,
    /// The digest of its facts.
    pub digest: String,
    /// The code over it.
    pub mac: String,
    /// What it was about; `None` where there is not even a trace that it was erased.
    pub facts: Option<Facts>,
}

/// What an event was about. All but the last is gone where it was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What the digest was salted with.
    pub salt: Option<String>,
    /// What people called the thing.
    pub name: Option<String>,
    /// The thing before, as JSON.
    pub before: Option<String>,
    /// The thing after, as JSON.
    pub after: Option<String>,
    /// The event that has erased the rest.
    pub erased: Option<String>,
}

/// The columns of [`Entry`], of an event `e` and its facts `f`.
pub(crate) const COLUMNS: &str =
    "e.id, e.account, e.directory, e.at, e.what, e.subject, e.door, e.principal, e.access_key,
    e.source, e.request, e.digest, e.mac, f.event, f.salt, f.name, f.before, f.after, f.erased";
/// How many columns these are.
pub(crate) const WIDTH: usize = 19;

/// Rows that one statement puts in.
const TOGETHER: [usize; 3] = [100, 10, 1];

/// Adds an event, and apart from it what it was about. It is to be queued for its seal as well, see [`queue`].
pub async fn insert(tx: &mut Tx, record: &Record<'_>) -> Result<(), Error> {
    tx.write_all(
        "insert into events
         (id, account, directory, at, what, subject, door, principal, access_key, source, request, digest, mac)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &params![
            record.id,
            record.account,
            record.directory,
            record.at,
            record.what,
            record.subject,
            record.door,
            record.principal,
            record.access_key,
            record.source,
            record.request,
            record.digest,
            record.mac,
        ],
        1,
    )
    .await?;
    tx.write_all(
        "insert into event_facts (event, salt, name, before, after) values ($1, $2, $3, $4, $5)",
        &params![record.id, record.salt, record.name, record.before, record.after],
        1,
    )
    .await
}

/// Lets events wait for their seal.
pub async fn queue(tx: &mut Tx, events: &[Id]) -> Result<(), Error> {
    let mut rest = events;
    for size in TOGETHER {
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            let values: Vec<_> = now.iter().map(|id| crate::value::Value::from(*id)).collect();
            let sql = format!("insert into unsealed (event) values {}", places(size, 1));
            tx.write_all(&sql, &values, size).await?;
            rest = later;
        }
    }
    Ok(())
}

/// `($1, $2), ($3, $4)`: places for so many rows of so many columns.
pub(crate) fn places(rows: usize, columns: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            let comma = if column == 1 { "" } else { ", " };
            let _ = write!(text, "{comma}${}", row * columns + column);
        }
        text.push(')');
    }
    text
}

/// One event, with its number in the chain where it is sealed.
pub async fn find(reader: &mut Reader, id: Id) -> Result<Option<(Entry, Option<i64>)>, Error> {
    let sql = format!("{} where e.id = $1", select());
    reader.query_one(&sql, &params![id], sealed).await
}

/// Up to `limit` events before `before` by their ids, the newest first, each with its number in the chain where it is
/// sealed; of one subject where one is named.
pub async fn newest(
    reader: &mut Reader,
    subject: Option<&str>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<(Entry, Option<i64>)>, Error> {
    let mut sql = Sql::new(&select());
    sql.push(" where ");
    match subject {
        Some(subject) => sql.push("e.subject = ").bind(subject),
        None => sql.push("1 = 1"),
    };
    if let Some(before) = before {
        sql.push(" and e.id < ").bind(before);
    }
    sql.push(" order by e.id desc limit ").bind(limit);
    reader.query(&sql.text, &sql.params, sealed).await
}

fn select() -> String {
    format!(
        "select {COLUMNS}, s.n from events e left join event_facts f on f.event = e.id
         left join seals s on s.event = e.id"
    )
}

fn sealed(row: &Row<'_>) -> Result<(Entry, Option<i64>), Error> {
    Ok((entry(row, 0)?, row.opt_int(WIDTH)?))
}

/// Reads the columns, beginning with this one.
pub(crate) fn entry(row: &Row<'_>, first: usize) -> Result<Entry, Error> {
    let text = |column: usize| row.text(first + column);
    let opt_text = |column: usize| Ok::<_, Error>(row.opt_str(first + column)?.map(str::to_owned));
    let facts = match row.opt_str(first + 13)? {
        None => None,
        Some(_) => Some(Facts {
            salt: opt_text(14)?,
            name: opt_text(15)?,
            before: opt_text(16)?,
            after: opt_text(17)?,
            erased: opt_text(18)?,
        }),
    };
    Ok(Entry {
        id: text(0)?,
        account: AccountUid(row.int(first + 1)?),
        directory: row.opt_int(first + 2)?.map(Number),
        at: row.millis(first + 3)?,
        what: text(4)?,
        subject: text(5)?,
        door: text(6)?,
        principal: text(7)?,
        access_key: text(8)?,
        source: text(9)?,
        request: text(10)?,
        digest: text(11)?,
        mac: text(12)?,
        facts,
    })
}

/// The accounts that have events about a subject.
pub async fn accounts_of(reader: &mut Reader, subject: &str) -> Result<Vec<AccountUid>, Error> {
    let sql = "select distinct account from events where subject = $1 order by account";
    reader.query(sql, &params![subject], |row| Ok(AccountUid(row.int(0)?))).await
}

/// Up to `limit` events about a subject before the event `by`, whose facts are still there. Those of the trail itself, such
/// as earlier erasures, hold nothing of it.
pub async fn erasable(
    tx: &mut Tx,
    (account, subject): (AccountUid, &str),
    by: Id,
    limit: i64,
) -> Result<Vec<String>, Error> {
    tx.query(
        "select e.id from events e join event_facts f on f.event = e.id
         where e.subject = $1 and e.account = $2 and e.id < $3 and e.what not like 'audit.%' and f.erased is null
         order by e.id limit $4",
        &params![subject, account, by, limit],
        |row| row.text(0),
    )
    .await
}

/// Up to `limit` events behind `after` whose facts are there, each with whether a text is in these.
pub async fn mentions(
    reader: &mut Reader,
    text: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, bool)>, Error> {
    reader
        .query(
            "select f.event, cast(case when coalesce(f.before, '') like $2 or coalesce(f.after, '') like $2
                 then 1 else 0 end as bigint)
             from event_facts f where f.event > $1 and f.erased is null order by f.event limit $3",
            &params![after, format!("%{text}%"), limit],
            |row| Ok((row.text(0)?, row.int(1)? != 0)),
        )
        .await
}

/// Erases what events were about; `by` is the event that says so.
pub async fn erase(tx: &mut Tx, events: &[String], by: Id) -> Result<(), Error> {
    let mut sql =
        Sql::new("update event_facts set salt = null, name = null, before = null, after = null, erased = ");
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    sql.bind(by).push(" where event in ").bind_list(&events);
    tx.write_unseen(sql.text, &sql.params).await
}
