//! The chain over the audit trail: its segments, the seal of each event, and the events that have none yet.

use model::{AccountUid, Id, Millis};

use crate::error::Error;
use crate::events::{self, COLUMNS, Entry, WIDTH};
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::{Value, params};

/// A part of the chain that was sealed with one key, within one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number, from 1 on.
    pub number: i64,
    /// The key that its links are made with.
    pub key: i64,
    /// The number of its first event.
    pub first: i64,
    /// The number of its last event so far.
    pub last: i64,
    /// The link that it begins from; empty for the first one.
    pub previous: String,
    /// The link of its last event.
    pub link: String,
    /// When it was begun.
    pub begun: Millis,
    /// When it was closed; `None` for the one that grows.
    pub closed: Option<Millis>,
    /// When its events were cut off.
    pub cut: Option<Millis>,
    /// A code over all of the above.
    pub mac: String,
}

/// An event that waits for its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsealed {
    /// The event.
    pub event: String,
    /// Its account.
    pub account: AccountUid,
    /// The code over it.
    pub mac: String,
}

/// An event's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its number, from 1 on.
    pub n: i64,
    /// Its account.
    pub account: AccountUid,
    /// The event.
    pub event: String,
    /// A code over it and all before it.
    pub link: String,
}

/// A seal, and the event that it names, where that is there.
pub type Sealed = (Seal, Option<Entry>);

/// Seals that one statement puts in.
const TOGETHER: [usize; 3] = [50, 10, 1];

const SEGMENT: &str = "number, key_number, first, last, previous, link, begun, closed, cut, mac";

fn segment(row: &Row<'_>) -> Result<Segment, Error> {
    Ok(Segment {
        number: row.int(0)?,
        key: row.int(1)?,
        first: row.int(2)?,
        last: row.int(3)?,
        previous: row.text(4)?,
        link: row.text(5)?,
        begun: row.millis(6)?,
        closed: row.opt_millis(7)?,
        cut: row.opt_millis(8)?,
        mac: row.text(9)?,
    })
}

/// Up to `limit` events from the id `from` on that wait for their seal, in the order of their ids. An entry whose event
/// is not there, or has a seal, is left to whoever verifies: it keeps no other one waiting.
pub async fn waiting(reader: &mut Reader, from: Id, limit: i64) -> Result<Vec<Unsealed>, Error> {
    let sql = "select u.event, e.account, e.mac from unsealed u join events e on e.id = u.event
        where u.event >= $1 and not exists (select 1 from seals s where s.event = u.event)
        order by u.event limit $2";
    let read = |row: &Row<'_>| {
        Ok(Unsealed { event: row.text(0)?, account: AccountUid(row.int(1)?), mac: row.text(2)? })
    };
    reader.query(sql, &params![from, limit], read).await
}

/// The last segment.
pub async fn newest(reader: &mut Reader) -> Result<Option<Segment>, Error> {
    let sql = format!("select {SEGMENT} from seal_segments order by number desc limit 1");
    reader.query_one(&sql, &[], segment).await
}

/// The number of the last seal that is there; 0 where there is none.
pub async fn end(reader: &mut Reader) -> Result<i64, Error> {
    reader.count_rows("select coalesce(max(n), 0) from seals", &[]).await
}

/// The first segment whose events are there.
pub async fn oldest(reader: &mut Reader) -> Result<Option<Segment>, Error> {
    let sql = format!("select {SEGMENT} from seal_segments where cut is null order by number limit 1");
    reader.query_one(&sql, &[], segment).await
}

/// The segments whose events are there, in order.
pub async fn uncut(reader: &mut Reader) -> Result<Vec<Segment>, Error> {
    let sql = format!("select {SEGMENT} from seal_segments where cut is null order by number");
    reader.query(&sql, &[], segment).await
}

/// The segment that the event with this number is, or was, in.
pub async fn segment_of(reader: &mut Reader, n: i64) -> Result<Option<Segment>, Error> {
    let sql = format!(
        "select {SEGMENT} from seal_segments where first <= $1 and last >= $1 order by number desc limit 1"
    );
    reader.query_one(&sql, &params![n], segment).await
}

/// The number of the first event whose segment was not closed before `at`.
pub async fn first_since(reader: &mut Reader, at: Millis) -> Result<Option<i64>, Error> {
    let sql = "select first from seal_segments where closed is null or closed >= $1 order by number limit 1";
    reader.query_one(sql, &params![at], |row| row.int(0)).await
}

/// Every segment in order.
pub async fn segments(reader: &mut Reader) -> Result<Vec<Segment>, Error> {
    let sql = format!("select {SEGMENT} from seal_segments order by number");
    reader.query(&sql, &[], segment).await
}

/// Writes a segment down, a new one or one that has changed.
pub async fn put(tx: &mut Tx, segment: &Segment) -> Result<(), Error> {
    tx.write_unseen(
        "insert into seal_segments (number, key_number, first, last, previous, link, begun, closed, cut, mac)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (number) do update set last = excluded.last, link = excluded.link, closed = excluded.closed,
             cut = excluded.cut, mac = excluded.mac",
        &params![
            segment.number,
            segment.key,
            segment.first,
            segment.last,
            &segment.previous,
            &segment.link,
            segment.begun,
            segment.closed,
            segment.cut,
            &segment.mac,
        ],
    )
    .await
}

/// Adds seals; their events wait no longer.
pub async fn insert(tx: &mut Tx, seals: &[Seal]) -> Result<(), Error> {
    let mut rest = seals;
    for size in TOGETHER {
        while rest.len() >= size {
            let (now, later) = rest.split_at(size);
            let values: Vec<Value<'_>> = now.iter().flat_map(columns).collect();
            let sql =
                format!("insert into seals (n, account, event, link) values {}", events::places(size, 4));
            tx.write_unseen(sql, &values).await?;
            let ids: Vec<&str> = now.iter().map(|seal| seal.event.as_str()).collect();
            let mut sql = Sql::new("delete from unsealed where event in ");
            sql.bind_list(&ids);
            tx.write_unseen(sql.text, &sql.params).await?;
            rest = later;
        }
    }
    Ok(())
}

fn columns(seal: &Seal) -> [Value<'_>; 4] {
    [seal.n.into(), seal.account.into(), seal.event.as_str().into(), seal.link.as_str().into()]
}

/// The link of the event with this number.
pub async fn link(reader: &mut Reader, n: i64) -> Result<Option<String>, Error> {
    reader.query_one("select link from seals where n = $1", &params![n], |row| row.text(0)).await
}

/// Up to `limit` seals after `after` with their events, in the order of the chain; of one account where one is named.
pub async fn page(
    reader: &mut Reader,
    account: Option<AccountUid>,
    after: i64,
    limit: i64,
) -> Result<Vec<Sealed>, Error> {
    let mut sql = Sql::new(&format!(
        "select {COLUMNS}, s.n, s.account, s.event, s.link from seals s left join events e on e.id = s.event
         left join event_facts f on f.event = e.id where s.n > "
    ));
    sql.bind(after);
    if let Some(account) = account {
        sql.push(" and s.account = ").bind(account);
    }
    sql.push(" order by s.n limit ").bind(limit);
    reader.query(&sql.text, &sql.params, sealed).await
}

fn sealed(row: &Row<'_>) -> Result<Sealed, Error> {
    let seal = Seal {
        n: row.int(WIDTH)?,
        account: AccountUid(row.int(WIDTH + 1)?),
        event: row.text(WIDTH + 2)?,
        link: row.text(WIDTH + 3)?,
    };
    let entry = match row.opt_str(0)? {
        Some(_) => Some(events::entry(row, 0)?),
        None => None,
    };
    Ok((seal, entry))
}

/// Up to `limit` events behind `after` that wait for their seal.
pub async fn waiting_page(reader: &mut Reader, after: &str, limit: i64) -> Result<Vec<Entry>, Error> {
    let sql = format!(
        "select {COLUMNS} from unsealed u join events e on e.id = u.event left join event_facts f on f.event = e.id
         where u.event > $1 order by u.event limit $2"
    );
    reader.query(&sql, &params![after, limit], |row| events::entry(row, 0)).await
}

/// Clears away up to `limit` of the events whose segments were cut; true where some may remain. The cut itself is what
/// was recorded.
pub async fn clear(tx: &mut Tx, limit: i64) -> Result<bool, Error> {
    let sql = "select n, event from seals
        where n <= (select coalesce(max(last), 0) from seal_segments where cut is not null) order by n limit $1";
    let gone = tx.query(sql, &params![limit], |row| Ok((row.int(0)?, row.text(1)?))).await?;
    let (Some((first, _)), Some((last, _))) = (gone.first(), gone.last()) else { return Ok(false) };
    let ids: Vec<&str> = gone.iter().map(|(_, event)| event.as_str()).collect();
    for (table, column) in [("event_facts", "event"), ("events", "id")] {
        let mut sql = Sql::new(&format!("delete from {table} where {column} in "));
        sql.bind_list(&ids);
        tx.write_unseen(sql.text, &sql.params).await?;
    }
    tx.write_unseen("delete from seals where n >= $1 and n <= $2", &params![*first, *last]).await?;
    Ok(true)
}

/// Whether anything is left to clear away.
pub async fn any_to_clear(reader: &mut Reader) -> Result<bool, Error> {
    let sql = "select 1 from seals
        where n <= (select coalesce(max(last), 0) from seal_segments where cut is not null) limit 1";
    reader.exists(sql, &[]).await
}

/// What does not belong together, each question with how many rows it finds.
pub async fn stray(reader: &mut Reader) -> Result<Vec<(&'static str, i64)>, Error> {
    let questions = [
        (
            "events have no seal and do not wait for one",
            "select count(*) from events e where not exists (select 1 from seals s where s.event = e.id)
             and not exists (select 1 from unsealed u where u.event = e.id)",
        ),
        (
            "events have a seal and wait for another one",
            "select count(*) from unsealed u where exists (select 1 from seals s where s.event = u.event)",
        ),
        (
            "events were removed before they had a seal",
            "select count(*) from unsealed u where not exists (select 1 from events e where e.id = u.event)",
        ),
        (
            "facts belong to no event",
            "select count(*) from event_facts f where not exists (select 1 from events e where e.id = f.event)",
        ),
    ];
    let mut found = Vec::new();
    for (what, question) in questions {
        let count = reader.count_rows(question, &[]).await?;
        if count > 0 {
            found.push((what, count));
        }
    }
    Ok(found)
}
