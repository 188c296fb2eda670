//! The work in the background: segments are announced and sealed, and the queue is emptied.
//!
//! Any number of processes may do it; in each directory one at a time does. What one leaves unfinished the
//! next one finds.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_postgres::Row;

use super::places::Places;
use super::segments::{Segment, sealed};
use super::{CHANGES, SEGMENT, TENDING, array, gram};
use crate::engine::postgres::{Postgres, PostgresSession};
use crate::error::Error;
use crate::search::{Field, each_gram};
use crate::value::params;

/// Entries of the queue that are taken together.
const DRAINED: i64 = 512;

/// One round for all directories: in each at most one segment is sealed, and some of the queue is emptied.
/// True where work may remain.
pub(crate) async fn tend(engine: &Arc<Postgres>) -> Result<bool, Error> {
    let mut remains = false;
    let mut failure = None;
    for waiting in waiting(engine).await? {
        match directory(engine, &waiting).await {
            Ok(more) => remains |= more,
            // Changes in the same directory left no room: there will be another round.
            Err(Error::Collided(_)) => {}
            // The other directories do not wait for this one.
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(remains), Err)
}

/// What may be to do in a directory.
struct Waiting {
    directory: i64,
    /// Its newest user.
    newest: i64,
    is_announced: bool,
    is_queued: bool,
}

async fn waiting(engine: &Arc<Postgres>) -> Result<Vec<Waiting>, Error> {
    let rows = engine
        .reader()
        .query(
            "select d.number,
                 coalesce((select max(u.number) from users u where u.directory = d.number), -1),
                 exists (select 1 from search_segment s where s.directory = d.number and s.starts is null),
                 exists (select 1 from search_queue q where q.directory = d.number)
             from directories d where d.removed is null order by d.number",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                directory: row.try_get(0)?,
                newest: row.try_get(1)?,
                is_announced: row.try_get(2)?,
                is_queued: row.try_get(3)?,
            })
        })
        .collect()
}

async fn directory(engine: &Arc<Postgres>, waiting: &Waiting) -> Result<bool, Error> {
    let directory = waiting.directory;
    let mut remains = false;
    let is_announced = waiting.is_announced || announce(engine, directory, waiting.newest).await?;
    if is_announced {
        remains |= seal(engine, directory).await?;
    }
    if waiting.is_queued {
        remains |= drain(engine, directory).await?;
    }
    Ok(remains)
}

/// A transaction that alone tends the directory; `None` where another one does.
async fn begin(engine: &Arc<Postgres>, directory: i64) -> Result<Option<PostgresSession>, Error> {
    let mut session = engine.change();
    let locked = session.query("select pg_try_advisory_xact_lock($1)", &params![TENDING | directory]).await?;
    let [row] = locked.as_slice() else { return Ok(None) };
    Ok(row.try_get::<_, bool>(0)?.then_some(session))
}

/// Announces a segment of the next 4,096 users where more than these follow the last one.
async fn announce(engine: &Arc<Postgres>, directory: i64, newest: i64) -> Result<bool, Error> {
    const FOLLOWING: &str = "select number from users where directory = $1
        and number > coalesce((select max(last) from search_segment where directory = $1), -1)
        and not exists (select 1 from search_segment where directory = $1 and starts is null)
        order by number offset $2 limit 1";
    if engine.segments().is_quiet(directory, newest) {
        return Ok(false);
    }
    let Some(mut session) = begin(engine, directory).await? else { return Ok(false) };
    if session.query(FOLLOWING, &params![directory, SEGMENT as i64]).await?.is_empty() {
        engine.segments().set_quiet(directory, newest);
        session.commit().await?;
        return Ok(false);
    }
    // A change that holds the lock may wait for one that waits for this; so this waits for a short time only.
    session.defer("set local lock_timeout = '500ms'".into(), Vec::new());
    session.defer("select pg_advisory_xact_lock($1)".into(), params![CHANGES | directory].to_vec());
    let last = session.query(FOLLOWING, &params![directory, SEGMENT as i64 - 1]).await?;
    if let [row] = last.as_slice() {
        session.defer(
            "insert into search_segment (directory, last) values ($1, $2)".into(),
            params![directory, row.try_get::<_, i64>(0)?].to_vec(),
        );
    }
    session.commit().await?;
    Ok(!last.is_empty())
}

/// Seals the announced segment; true where that was done.
async fn seal(engine: &Arc<Postgres>, directory: i64) -> Result<bool, Error> {
    let Some(mut session) = begin(engine, directory).await? else { return Ok(false) };
    let announced = session
        .query(
            "select last, coalesce((select max(last) from search_segment
                 where directory = $1 and starts is not null), -1)
             from search_segment where directory = $1 and starts is null order by last limit 1",
            &params![directory],
        )
        .await?;
    let [row] = announced.as_slice() else { return Ok(false) };
    let (last, before): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let users = between(&mut session, directory, before, last).await?;
    let cut = tokio::task::spawn_blocking(move || {
        let numbers: Vec<i64> = users.iter().map(|user| user.number).collect();
        let segment = Segment::new(before + 1, last, &numbers);
        let postings = postings(&segment, &users);
        (segment, postings)
    });
    let Ok((segment, postings)) = cut.await else {
        return Err(Error::Unreachable("the grams of a segment were not cut".into()));
    };
    write(&mut session, directory, &postings);
    session.defer(
        "update search_segment set starts = $3 where directory = $1 and last = $2".into(),
        params![directory, last, segment.to_bytes()].to_vec(),
    );
    session.commit().await?;
    Ok(true)
}

/// Adds the grams of users from the queue; true where there may be more of them.
async fn drain(engine: &Arc<Postgres>, directory: i64) -> Result<bool, Error> {
    let Some(mut session) = begin(engine, directory).await? else { return Ok(false) };
    let queued = session
        .query(
            "select number, change from search_queue where directory = $1 and number <= (
                 select max(last) from search_segment where directory = $1 and starts is not null)
             order by number, change limit $2",
            &params![directory, DRAINED],
        )
        .await?;
    if queued.is_empty() {
        session.commit().await?;
        return Ok(false);
    }
    let queued: Vec<(i64, i64)> =
        queued.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, Error>>()?;
    let numbers = || array(queued.iter().map(|(number, _)| *number));
    // Later than the queue, so that each row is at least as new as its entry.
    let sql = format!("{TEXTS} and number = any(cast(cast($2 as text) as bigint[])) order by number");
    let users = texts(&session.query(&sql, &params![directory, numbers()]).await?)?;
    let new = new_postings(&mut session, directory, &users).await?;
    write(&mut session, directory, &new);
    session.defer(
        "delete from search_queue q
         using unnest(cast(cast($2 as text) as bigint[]), cast(cast($3 as text) as bigint[])) d (number, change)
         where q.directory = $1 and q.number = d.number and q.change = d.change"
            .into(),
        params![directory, numbers(), array(queued.iter().map(|(_, change)| *change))].to_vec(),
    );
    session.commit().await?;
    Ok(queued.len() as i64 == DRAINED)
}

/// The places of one gram in one segment.
struct Posting {
    gram: i64,
    segment: i64,
    places: Places,
}

/// What stands in the index of these users' grams, with the users added; only what that changes.
async fn new_postings(
    session: &mut PostgresSession,
    directory: i64,
    users: &[Texts],
) -> Result<Vec<Posting>, Error> {
    let mut by_segment: BTreeMap<i64, Vec<Texts>> = BTreeMap::new();
    let lasts = session
        .query(
            "select last from search_segment where directory = $1 and starts is not null order by last",
            &params![directory],
        )
        .await?;
    let lasts: Vec<i64> = lasts.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_, Error>>()?;
    for user in users {
        let last = lasts[lasts.partition_point(|last| *last < user.number)];
        by_segment.entry(last).or_default().push(user.clone());
    }
    let segments: Vec<i64> = by_segment.keys().copied().collect();
    let mut wanted: BTreeMap<(i64, i64), Places> = BTreeMap::new();
    for segment in sealed(session, directory, &segments).await? {
        for posting in postings(&segment, &by_segment[&segment.last]) {
            wanted.insert((posting.gram, posting.segment), posting.places);
        }
    }
    // `limit` keeps this a look-up for each gram: else the whole index might be read.
    let stored = session
        .query(
            "select w.gram, w.segment, g.places
             from unnest(cast(cast($2 as text) as bigint[]), cast(cast($3 as text) as bigint[])) w (gram, segment)
             cross join lateral (select places from search_gram g
                 where g.directory = $1 and g.gram = w.gram and g.segment = w.segment limit 1) g",
            &params![
                directory,
                array(wanted.keys().map(|(gram, _)| *gram)),
                array(wanted.keys().map(|(_, segment)| *segment)),
            ],
        )
        .await?;
    for row in stored {
        let key = (row.try_get(0)?, row.try_get(1)?);
        let mut places = Places::from_bytes(row.try_get(2)?)?;
        if let Some(added) = wanted.remove(&key)
            && places.extend(&added)
        {
            wanted.insert(key, places);
        }
    }
    Ok(wanted.into_iter().map(|((gram, segment), places)| Posting { gram, segment, places }).collect())
}

/// Writes postings over what stands there.
fn write(session: &mut PostgresSession, directory: i64, postings: &[Posting]) {
    let mut bytes = Vec::new();
    let mut places = Vec::with_capacity(postings.len());
    for posting in postings {
        let begin = bytes.len() as i64;
        bytes.extend(posting.places.to_bytes());
        places.push((begin + 1, bytes.len() as i64 - begin));
    }
    session.defer(
        "insert into search_gram (directory, gram, segment, places)
         select cast($1 as bigint), w.gram, w.segment,
             substring(cast($2 as bytea) from cast(w.begin as integer) for cast(w.size as integer))
         from unnest(cast(cast($3 as text) as bigint[]), cast(cast($4 as text) as bigint[]),
             cast(cast($5 as text) as bigint[]), cast(cast($6 as text) as bigint[])) w (gram, segment, begin, size)
         on conflict (directory, gram, segment) do update set places = excluded.places"
            .into(),
        params![
            directory,
            bytes,
            array(postings.iter().map(|posting| posting.gram)),
            array(postings.iter().map(|posting| posting.segment)),
            array(places.iter().map(|(begin, _)| *begin)),
            array(places.iter().map(|(_, size)| *size)),
        ]
        .to_vec(),
    );
}

/// The beginning of a query for the searched texts of people.
const TEXTS: &str = "select number, username_key, email_key, display_key from users
    where directory = $1 and is_system = 0";
const FIELDS: [Field; 3] = [Field::Login, Field::Login, Field::DisplayName];

/// A user's searched texts, folded.
#[derive(Clone)]
pub(super) struct Texts {
    pub(super) number: i64,
    texts: [String; 3],
}

impl Texts {
    /// Shows every gram, some of them more than once.
    pub(super) fn each_gram(&self, mut visit: impl FnMut(i64)) {
        for (field, text) in FIELDS.into_iter().zip(&self.texts) {
            each_gram(text, |characters| visit(gram(field, characters)));
        }
    }
}

/// The people after `before` up to `last`, in the order of numbers.
pub(super) async fn between(
    session: &mut PostgresSession,
    directory: i64,
    before: i64,
    last: i64,
) -> Result<Vec<Texts>, Error> {
    let sql = format!("{TEXTS} and number > $2 and number <= $3 order by number");
    texts(&session.query(&sql, &params![directory, before, last]).await?)
}

fn texts(rows: &[Row]) -> Result<Vec<Texts>, Error> {
    rows.iter()
        .map(|row| {
            Ok(Texts { number: row.try_get(0)?, texts: [row.try_get(1)?, row.try_get(2)?, row.try_get(3)?] })
        })
        .collect()
}

/// The grams of users of one segment, in the order of grams.
fn postings(segment: &Segment, users: &[Texts]) -> Vec<Posting> {
    let mut pairs: Vec<(i64, u16)> = Vec::new();
    for user in users {
        let place = segment.place(user.number);
        user.each_gram(|gram| pairs.push((gram, place)));
    }
    pairs.sort_unstable();
    pairs
        .chunk_by(|(one, _), (other, _)| one == other)
        .map(|pairs| {
            let mut places = Places::NONE;
            for (_, place) in pairs {
                places.insert(*place);
            }
            Posting { gram: pairs[0].0, segment: segment.last, places }
        })
        .collect()
}
