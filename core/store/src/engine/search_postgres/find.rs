//! Pages and counts: the ranges of numbers in which users may match, and a look at their rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use model::Number;
use tokio_postgres::Row;

use super::places::Places;
use super::segments::sealed;
use super::{SEGMENT, array, gram};
use crate::engine::postgres::PostgresSession;
use crate::error::Error;
use crate::search::Search;
use crate::sql::Sql;
use crate::value::params;

/// Segments whose grams are read first, with all grams of the pattern.
const FIRST_SEGMENTS: usize = 8;
/// Segments whose grams are read together afterwards, with the rarest grams of the first ones.
const SEGMENTS: usize = 256;
const RAREST: usize = 6;
/// Users of the queue who are read; behind the last of them all rows are looked at.
const QUEUED: usize = 4_096;
/// Ranges whose rows are looked at first for a page; each further time it is four times as many.
const FIRST_RANGES: usize = 128;
/// Ranges that are counted together.
const COUNTED: usize = 16_384;

/// Up to `limit` users who are found, in the search's order of numbers and after `after`.
pub(crate) async fn page(
    session: &mut PostgresSession,
    select: &str,
    search: &Search<'_, '_>,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<Row>, Error> {
    let mut walk = Walk::begin(session, search, after).await?;
    let mut found = Vec::new();
    let mut together = FIRST_RANGES;
    while let Some(ranges) = walk.next(session).await? {
        let mut ranges = ranges.as_slice();
        while !ranges.is_empty() {
            let now = ranges.split_off(..together.min(ranges.len())).expect("not longer than the rest");
            let sql = rows(select, search, now, limit - found.len());
            found.extend(session.query(&sql.text, &sql.params).await?);
            if found.len() >= limit {
                return Ok(found);
            }
            together *= 4;
        }
    }
    Ok(found)
}

/// How many users are found.
pub(crate) async fn count(session: &mut PostgresSession, search: &Search<'_, '_>) -> Result<i64, Error> {
    let mut walk = Walk::begin(session, search, None).await?;
    // One user in twenty: from there on a look at every row in turn is quicker.
    let many = walk.segments.len() * SEGMENT / 20;
    let mut ranges = Vec::new();
    while let Some(more) = walk.next(session).await? {
        ranges.extend(more);
        if walk.candidates > many {
            let mut sql = Sql::new("select count(*) from users u where u.directory = ");
            sql.bind(search.directory.number);
            (search.conditions)(&mut sql);
            return number(&session.query(&sql.text, &sql.params).await?);
        }
    }
    let mut total = 0;
    for ranges in ranges.chunks(COUNTED) {
        // An aggregate of its own for each range: else all rows would be read and joined to the ranges.
        let mut sql = Sql::new("select cast(coalesce(sum(f.n), 0) as bigint) from ");
        within(&mut sql, "count(*) as n", search, ranges);
        sql.push(") f");
        total += number(&session.query(&sql.text, &sql.params).await?)?;
    }
    Ok(total)
}

fn number(rows: &[Row]) -> Result<i64, Error> {
    rows.first().map_or(Ok(0), |row| Ok(row.try_get(0)?))
}

/// A query for the first users who match in `ranges`. The rows of the ranges are read one after another, so
/// that nothing is read behind the last user of the page.
fn rows<'a>(select: &str, search: &Search<'_, 'a>, ranges: &[Range<i64>], limit: usize) -> Sql<'a> {
    let mut sql = Sql::new(select);
    sql.push(" from users u where u.directory = ").bind(search.directory.number);
    sql.push(" and u.number = any(array(select f.number from ");
    within(&mut sql, "u.number", search, ranges);
    let order = if search.descending { " order by u.number desc" } else { " order by u.number" };
    sql.push(order).push(") f limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    sql.push("))").push(order);
    sql
}

/// Adds the ranges, joined to what is selected of the matching rows of each; the bracket stays open.
fn within<'a>(sql: &mut Sql<'a>, select: &str, search: &Search<'_, 'a>, ranges: &[Range<i64>]) {
    sql.push("unnest(cast(cast(").bind(array(ranges.iter().map(|range| range.start)));
    sql.push(" as text) as bigint[]), cast(cast(").bind(array(ranges.iter().map(|range| range.end)));
    sql.push(" as text) as bigint[])) r (low, high) cross join lateral (select ").push(select);
    sql.push(" from users u where u.directory = ").bind(search.directory.number);
    sql.push(" and u.number >= r.low and u.number < r.high");
    (search.conditions)(sql);
}

/// A walk through a directory, from range to range in which users may match.
struct Walk {
    directory: i64,
    descending: bool,
    /// The numbers that are asked for.
    bounds: Range<i64>,
    grams: BTreeSet<i64>,
    /// The sealed segments that are still to be looked at, by their last numbers, ascending.
    segments: Vec<i64>,
    /// The users of these segments who stand in the queue, ascending.
    queue: Vec<i64>,
    /// The tail, until it is handed out.
    tail: Option<Range<i64>>,
    /// Rows of the first segments' grams, read with the beginning.
    first: Option<Vec<Row>>,
    /// Users handed out so far, without the tail.
    candidates: usize,
}

impl Walk {
    async fn begin(
        session: &mut PostgresSession,
        search: &Search<'_, '_>,
        after: Option<Number>,
    ) -> Result<Self, Error> {
        let descending = search.descending;
        let bounds = match after {
            Some(Number(before)) if descending => 0..before,
            Some(Number(after)) => after + 1..i64::MAX,
            None => 0..i64::MAX,
        };
        let directory = search.directory.number.0;
        let field = search.pattern.field;
        let grams: BTreeSet<i64> =
            search.pattern.cut().iter().map(|characters| gram(field, characters)).collect();
        let questions = if descending {
            descending_questions(directory, &grams, bounds.end)
        } else {
            ascending_questions(directory, &grams, bounds.start)
        };
        let answers: [Vec<Row>; 3] = session.ask(&questions).await?.try_into().expect("an answer to each");
        let [segments, queue, first] = answers;
        let mut segments = numbers(&segments)?;
        let mut queue = numbers(&queue)?;
        if queue.len() == QUEUED {
            // Whoever lies beyond the last one of the queue that was read is looked at row by row.
            let last = queue[QUEUED - 1];
            segments.retain(|segment| !descending && *segment <= last);
        }
        let behind = segments.last().map_or(bounds.start, |last| bounds.start.max(last + 1));
        queue.retain(|number| *number < behind);
        queue.sort_unstable();
        Ok(Self {
            directory,
            descending,
            grams,
            segments,
            queue,
            tail: (behind < bounds.end).then_some(behind..bounds.end),
            bounds,
            first: Some(first),
            candidates: 0,
        })
    }

    /// The next ranges, in the walk's direction; the tail is the highest of all. `None` behind the last one.
    async fn next(&mut self, session: &mut PostgresSession) -> Result<Option<Vec<Range<i64>>>, Error> {
        while self.tail.is_some() || !self.segments.is_empty() {
            let (segments, queued) = self.take_segments();
            let mut ranges = Vec::new();
            if !segments.is_empty() {
                ranges = self.candidates(session, &segments).await?;
                self.candidates += queued.len();
                ranges = merged(ranges, &queued);
            }
            if self.descending {
                ranges.reverse();
                ranges.splice(..0, self.tail.take());
            } else if self.segments.is_empty() {
                ranges.extend(self.tail.take());
            }
            if !ranges.is_empty() {
                return Ok(Some(ranges));
            }
        }
        Ok(None)
    }

    /// The segments that are looked at together next, ascending, with those of their users who stand in the queue.
    fn take_segments(&mut self) -> (Vec<i64>, Vec<i64>) {
        let step = if self.first.is_some() { FIRST_SEGMENTS } else { SEGMENTS }.min(self.segments.len());
        if self.descending {
            let segments = self.segments.split_off(self.segments.len() - step);
            let below = self.segments.last().copied().unwrap_or(-1);
            let queued = self.queue.split_off(self.queue.partition_point(|number| *number <= below));
            return (segments, queued);
        }
        let segments: Vec<i64> = self.segments.drain(..step).collect();
        let last = segments.last().copied().unwrap_or(-1);
        let queued = self.queue.drain(..self.queue.partition_point(|number| *number <= last)).collect();
        (segments, queued)
    }

    /// The ranges of these segments whose users have all the grams.
    async fn candidates(
        &mut self,
        session: &mut PostgresSession,
        segments: &[i64],
    ) -> Result<Vec<Range<i64>>, Error> {
        let [Some(from), Some(to)] = [segments.first(), segments.last()] else { return Ok(Vec::new()) };
        let is_first = self.first.is_some();
        let rows = match self.first.take() {
            Some(rows) => rows,
            None => {
                let grams = array(self.grams.iter().copied());
                session
                    .query(
                        "select segment, gram, places from search_gram
                         where directory = $1 and gram = any(cast(cast($2 as text) as bigint[]))
                         and segment >= $3 and segment <= $4",
                        &params![self.directory, grams, *from, *to],
                    )
                    .await?
            }
        };
        let mut having: BTreeMap<i64, (usize, Places)> = BTreeMap::new();
        let mut users: HashMap<i64, usize> = HashMap::new();
        for row in rows {
            let (segment, gram): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let places = Places::from_bytes(row.try_get(2)?)?;
            *users.entry(gram).or_default() += places.len();
            if segments.binary_search(&segment).is_ok() {
                having
                    .entry(segment)
                    .and_modify(|(grams, all)| {
                        *grams += 1;
                        all.retain(&places);
                    })
                    .or_insert((1, places));
            }
        }
        having.retain(|_, (grams, places)| *grams == self.grams.len() && *places != Places::NONE);
        if is_first {
            self.ask_rarest(&users);
        }
        let lasts: Vec<i64> = having.keys().copied().collect();
        let mut ranges = Vec::new();
        for (segment, (_, places)) in
            sealed(session, self.directory, &lasts).await?.iter().zip(having.values())
        {
            self.candidates += places.len();
            segment.ranges(places, &mut ranges);
        }
        ranges.retain_mut(|range| {
            range.start = range.start.max(self.bounds.start);
            range.end = range.end.min(self.bounds.end);
            range.start < range.end
        });
        Ok(ranges)
    }

    /// Goes on with the grams that the first segments have least: more of them are rarely worth their reading.
    fn ask_rarest(&mut self, users: &HashMap<i64, usize>) {
        let mut grams: Vec<i64> = self.grams.iter().copied().collect();
        grams.sort_by_key(|gram| users.get(gram).copied().unwrap_or_default());
        grams.truncate(RAREST);
        self.grams = grams.into_iter().collect();
    }
}

/// The segments, the queue and the first segments' grams, from `start` up. In this order, see the module.
fn ascending_questions<'a>(directory: i64, grams: &BTreeSet<i64>, start: i64) -> [Sql<'a>; 3] {
    [
        Sql {
            text: "select last from search_segment
                   where directory = $1 and last >= $2 and starts is not null order by last"
                .into(),
            params: params![directory, start].to_vec(),
        },
        Sql {
            text: "select distinct number from search_queue
                   where directory = $1 and number >= $2 order by number limit $3"
                .into(),
            params: params![directory, start, QUEUED as i64].to_vec(),
        },
        Sql {
            text: "select segment, gram, places from search_gram
                   where directory = $1 and gram = any(cast(cast($2 as text) as bigint[])) and segment >= $3
                   and segment <= coalesce((select last from search_segment
                       where directory = $1 and last >= $3 order by last offset $4 limit 1), $5)"
                .into(),
            params: params![
                directory,
                array(grams.iter().copied()),
                start,
                FIRST_SEGMENTS as i64 - 1,
                i64::MAX
            ]
            .to_vec(),
        },
    ]
}

/// The same from below `end` down. The highest segment is the one in which the number below `end` lies.
fn descending_questions<'a>(directory: i64, grams: &BTreeSet<i64>, end: i64) -> [Sql<'a>; 3] {
    let below = end - 1;
    [
        Sql {
            text: "select last from search_segment where directory = $1 and starts is not null
                   and last <= coalesce((select min(last) from search_segment
                       where directory = $1 and last >= $2), $3) order by last"
                .into(),
            params: params![directory, below, i64::MAX].to_vec(),
        },
        Sql {
            text: "select distinct number from search_queue
                   where directory = $1 and number <= $2 order by number desc limit $3"
                .into(),
            params: params![directory, below, QUEUED as i64].to_vec(),
        },
        Sql {
            text: "select segment, gram, places from search_gram
                   where directory = $1 and gram = any(cast(cast($2 as text) as bigint[]))
                   and segment <= coalesce((select min(last) from search_segment
                       where directory = $1 and last >= $3), $5)
                   and segment >= coalesce((select last from search_segment where directory = $1
                       and starts is not null and last <= coalesce((select min(last) from search_segment
                           where directory = $1 and last >= $3), $5)
                       order by last desc offset $4 limit 1), 0)"
                .into(),
            params: params![
                directory,
                array(grams.iter().copied()),
                below,
                FIRST_SEGMENTS as i64 - 1,
                i64::MAX
            ]
            .to_vec(),
        },
    ]
}

fn numbers(rows: &[Row]) -> Result<Vec<i64>, Error> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The ranges and between them the numbers that lie in none of them.
fn merged(ranges: Vec<Range<i64>>, numbers: &[i64]) -> Vec<Range<i64>> {
    let mut all = Vec::with_capacity(ranges.len() + numbers.len());
    let mut numbers = numbers.iter().copied().peekable();
    for range in ranges {
        while let Some(number) = numbers.next_if(|number| *number < range.end) {
            if number < range.start {
                all.push(number..number + 1);
            }
        }
        all.push(range);
    }
    all.extend(numbers.map(|number| number..number + 1));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_numbers_come_between_the_ranges_and_none_twice() {
        let ranges = vec![10..20, 20..30, 40..41];
        let cases = [
            (vec![], vec![10..20, 20..30, 40..41]),
            (vec![5, 10, 19, 29, 30, 40], vec![5..6, 10..20, 20..30, 30..31, 40..41]),
            (vec![41, 99], vec![10..20, 20..30, 40..41, 41..42, 99..100]),
        ];
        for (numbers, all) in cases {
            assert_eq!(merged(ranges.clone(), &numbers), all);
        }
    }
}
