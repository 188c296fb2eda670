//! Pages by number: behind so many users.

use model::Number;
use model::total::Total;
use model::user::{Listed, Status};

use super::driver::{Driver, List, driver};
use super::total::within;
use super::{Filter, Key, Page, Part, begins};
use crate::error::Error;
use crate::row::Row;
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;
use crate::users::row::listed;

/// Up to so many users before a page are looked at one by one, with their rows.
const NEAR: i64 = 1_000;
/// Behind more users a page is read beside the answering threads, and ends after two seconds.
const FAR: i64 = 10_000;

/// Up to `limit` users behind the first `skip` of those who match, of `total` where that is known.
pub(super) async fn page<'a>(
    reader: &mut Reader,
    part: &Part<'_, 'a>,
    skip: i64,
    total: Option<i64>,
    limit: usize,
) -> Result<Page, Error> {
    let driver = driver(reader, part).await?;
    if !part.is_bounded(&driver) || skip > FAR {
        reader.bound();
    }
    let size = i64::try_from(limit).unwrap_or(i64::MAX);
    // One user more tells whether another page follows.
    let mut numbers = match &driver {
        Driver::One(list) if part.filter.is_alone() || part.filter.is_only(Filter::default()) => {
            in_list(reader, part, list, skip, size + 1).await?
        }
        Driver::One(_) | Driver::Merged(_) | Driver::Names | Driver::Among(_) => {
            by_rows(reader, part, &driver, skip, total, size + 1).await?
        }
        // Far from either end it is quicker to put all who begin so in order than to look at each user before the page.
        Driver::Text(_) if part.filter.is_beginning_alone() && nearer(skip, total, size + 1).0 > NEAR => {
            by_beginning(reader, part, skip, total, size + 1).await?
        }
        Driver::Text(_) => by_text(reader, part, &driver, skip, total, size + 1).await?,
    };
    let has_more = numbers.len() > limit;
    numbers.truncate(limit);
    let users = rows(reader, part, &numbers).await?;
    let next = users.last().filter(|_| has_more).map(|last| Key::Number(last.user.id.number()));
    Ok(Page { users, next })
}

/// The people of one list and no other condition, from its index alone; past the middle from the end on.
async fn in_list<'a>(
    reader: &mut Reader,
    part: &Part<'_, 'a>,
    list: &List<'a>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Number>, Error> {
    let mut sql = Sql::new("");
    let mut skip = skip;
    let mut from = None;
    if *list == List::Everybody {
        let people = totals::read(reader, part.directory, Total::People).await?;
        if let Some(place) = reader.rank_at(part.directory, people, skip) {
            let Some((number, rest)) = place else { return Ok(Vec::new()) };
            (from, skip) = (Some(number), rest);
        }
    }
    let backwards = match total_of(list) {
        Some(totals) if from.is_none() => {
            let mut all = 0;
            for (total, sign) in &totals {
                all += sign * totals::read(reader, part.directory, *total).await?;
            }
            (skip > all / 2).then_some(totals)
        }
        Some(_) | None => None,
    };
    let read = |row: &Row<'_>| row.number(0);
    let Some(totals) = backwards else {
        sql.push("select ").push(list.number());
        list.within_index(&mut sql, part.directory);
        if let Some(from) = from {
            sql.push(" and ").push(list.number()).push(" >= ").bind(from);
        }
        sql.push(" order by ").push(list.number()).push(" limit ").bind(limit).push(" offset ").bind(skip);
        return reader.query(&sql.text, &sql.params, read).await;
    };
    // How many there are is asked in the same statement, and so is as of the same moment as the list.
    sql.push("with n (of_all) as (select cast(0 as bigint)");
    for (total, sign) in totals {
        let (kind, thing) = total.columns();
        sql.push(if sign > 0 { " + " } else { " - " });
        sql.push("(select cast(coalesce(sum(n), 0) as bigint) from totals where directory = ");
        sql.bind(part.directory.number).push(" and kind = ").bind(kind).push(" and thing = ").bind(thing);
        sql.push(")");
    }
    sql.push(") select ").push(list.number());
    list.within_index(&mut sql, part.directory);
    sql.push(" order by ").push(list.number()).push(" desc limit (select case when of_all <= ").bind(skip);
    sql.push(" then 0 when of_all - ").bind(skip).push(" < ").bind(limit).push(" then of_all - ").bind(skip);
    sql.push(" else ").bind(limit).push(" end from n) offset (select case when of_all - ").bind(skip);
    sql.push(" > ").bind(limit).push(" then of_all - ").bind(skip).push(" - ").bind(limit);
    sql.push(" else 0 end from n)");
    let mut numbers = reader.query(&sql.text, &sql.params, read).await?;
    numbers.reverse();
    Ok(numbers)
}

/// The kept totals that a list's length is made of, each added or taken off.
fn total_of(list: &List<'_>) -> Option<Vec<(Total, i64)>> {
    match list {
        List::Everybody => Some(vec![(Total::People, 1)]),
        List::Unit(unit) => Some(vec![(Total::Unit(*unit), 1)]),
        List::Group(group) => Some(vec![(Total::Group(*group), 1)]),
        List::Item(item) => Some(vec![(Total::Item(*item), 1)]),
        List::Status(Status::Disabled) => Some(vec![(Total::Disabled, 1)]),
        List::Status(Status::Enabled) => Some(vec![(Total::People, 1), (Total::Disabled, -1)]),
        List::Region(region) => Total::of_region(region).map(|total| vec![(total, 1)]),
        List::DisplayNames
        | List::State { .. }
        | List::Email(_)
        | List::Phone(_)
        | List::Chosen
        | List::Digits
        | List::Role(_)
        | List::Label(_) => None,
    }
}

/// Where to begin and how many to read, from the nearer end; whether that is the last one.
fn nearer(skip: i64, total: Option<i64>, limit: i64) -> (i64, i64, bool) {
    match total {
        Some(total) if skip > total / 2 => {
            let left = (total - skip).max(0);
            ((left - limit).max(0), left.min(limit), true)
        }
        Some(_) | None => (skip, limit, false),
    }
}

/// Users who are looked at row by row.
async fn by_rows<'a>(
    reader: &mut Reader,
    part: &Part<'_, 'a>,
    driver: &Driver<'a>,
    skip: i64,
    total: Option<i64>,
    limit: i64,
) -> Result<Vec<Number>, Error> {
    let (offset, limit, is_backwards) = nearer(skip, total, limit);
    let list = driver.list(part.order);
    let mut sql = Sql::new("select u.number");
    list.from(&mut sql, part.directory);
    within(&mut sql, part.directory, driver);
    part.conditions(&mut sql, driver);
    sql.push(" order by ").push(list.number()).push(if is_backwards { " desc limit " } else { " limit " });
    sql.bind(limit).push(" offset ").bind(offset);
    let mut numbers = reader.query(&sql.text, &sql.params, |row| row.number(0)).await?;
    if is_backwards {
        numbers.reverse();
    }
    Ok(numbers)
}

/// People who begin with the one text that is asked for, from its index alone.
async fn by_beginning(
    reader: &mut Reader,
    part: &Part<'_, '_>,
    skip: i64,
    total: Option<i64>,
    limit: i64,
) -> Result<Vec<Number>, Error> {
    let (offset, limit, is_backwards) = nearer(skip, total, limit);
    let mut sql = begins::people("select number", part.directory, &part.filter.begins[0]);
    sql.push(if is_backwards { " order by number desc limit " } else { " order by number limit " });
    sql.bind(limit).push(" offset ").bind(offset);
    let mut numbers = reader.query(&sql.text, &sql.params, |row| row.number(0)).await?;
    if is_backwards {
        numbers.reverse();
    }
    Ok(numbers)
}

/// Users whom the search index leads to.
async fn by_text<'a>(
    reader: &mut Reader,
    part: &Part<'_, 'a>,
    driver: &Driver<'a>,
    skip: i64,
    total: Option<i64>,
    limit: i64,
) -> Result<Vec<Number>, Error> {
    let Driver::Text(pattern) = driver else { unreachable!("only a text leads to the search index") };
    let (offset, limit, is_backwards) = nearer(skip, total, limit);
    let mut order = part.order;
    order.descending = is_backwards;
    let part = Part { order, ..*part };
    let conditions = |sql: &mut Sql<'a>| part.conditions(sql, driver);
    let all = usize::try_from(offset.saturating_add(limit)).unwrap_or(usize::MAX);
    let mut numbers =
        part.search(reader, "select u.number", pattern, &conditions, None, all, |row| row.number(0)).await?;
    let mut numbers = numbers.split_off(usize::try_from(offset).unwrap_or(usize::MAX).min(numbers.len()));
    if is_backwards {
        numbers.reverse();
    }
    Ok(numbers)
}

/// The rows of these users, in the order of numbers.
async fn rows(reader: &mut Reader, part: &Part<'_, '_>, numbers: &[Number]) -> Result<Vec<Listed>, Error> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(part.columns());
    sql.push(" from users u where u.directory = ").bind(part.directory.number);
    sql.push(" and u.number in ").bind_list(numbers).push(" order by u.number");
    reader.query(&sql.text, &sql.params, listed).await
}
