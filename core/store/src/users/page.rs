//! Lists of users: conditions, pages in the order of numbers, totals.
//!
//! A page is driven by what holds the fewest users: names, a small unit or group, few shut accounts, or the
//! search index; the other conditions are looked at row by row.

use model::total::Total;
use model::user::Listed;
use model::{DirectoryKey, Folded, Millis, Number};

use super::row::{LISTED, listed};
use crate::engine::Store;
use crate::error::Error;
use crate::search::{Pattern, Search};
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;

/// A unit, group or set of shut accounts up to this size is gone through whatever else is asked.
const SMALL: i64 = 2_000;

/// Conditions on users; all of them hold. System users are only found by `usernames`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter<'a> {
    /// Only users with one of these names.
    pub usernames: Option<&'a [Folded]>,
    /// No user with one of these names.
    pub not_usernames: &'a [Folded],
    /// Only members of a unit.
    pub unit: Option<Within>,
    /// Only members of this group.
    pub group: Option<Number>,
    /// No member of this group.
    pub not_group: Option<Number>,
    /// Only accounts that are shown as shut, or only those that are not.
    pub shut: Option<bool>,
    /// Only users whose text matches.
    pub text: Option<Pattern>,
    /// The instant for which shut accounts are asked.
    pub at: Millis,
}

/// Membership in a unit, primary or further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Of the unit itself.
    Unit(Number),
    /// Of the unit or of any below it; each person once.
    Subtree(Number),
}

/// Where the rows of a list come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    Names,
    Unit(Number),
    Subtree(Number),
    Group(Number),
    Shut,
    Text,
    Numbers,
}

/// Which accounts of those that are asked for: what is shown as shut is shut by what is stored, or due by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Any,
    Open,
    Shut,
    Due,
}

impl Filter<'_> {
    /// The states whose accounts, which no two have in common, are asked for.
    fn states(&self) -> &'static [State] {
        match self.shut {
            None => &[State::Any],
            Some(false) => &[State::Open],
            Some(true) => &[State::Shut, State::Due],
        }
    }

    /// Whether there is no condition, or one that a driver meets by itself.
    fn is_alone(&self) -> bool {
        let plain = Filter { at: self.at, ..Filter::default() };
        *self == Filter { unit: self.unit, ..plain.clone() } || *self == Filter { group: self.group, ..plain }
    }

    /// Whether nothing but a text is asked.
    fn is_text_alone(&self) -> bool {
        *self == Filter { text: self.text.clone(), at: self.at, ..Filter::default() }
    }
}

/// Up to `limit` users in the order of their numbers, after `after`.
pub async fn page<'a>(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'a>,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<Listed>, Error> {
    let driver = driver(reader, directory, filter).await?;
    if driver != Driver::Names && !filter.is_text_alone() && !filter.is_alone() {
        // How many rows are looked at for a page of those that meet several conditions is anybody's guess.
        reader.bound();
    }
    let mut found = Vec::new();
    for &state in filter.states() {
        if let (Driver::Text, Some(pattern)) = (driver, &filter.text) {
            let conditions = |sql: &mut Sql<'a>| conditions(sql, directory, filter, state, driver);
            let search =
                Search { directory, pattern, conditions: &conditions, alone: filter.is_text_alone() };
            found.extend(reader.search(LISTED, &search, after, limit, listed).await?);
            continue;
        }
        let mut sql = Sql::new(LISTED);
        from(&mut sql, directory, filter, state, driver, after);
        sql.push(" order by ")
            .push(order(driver))
            .push(" limit ")
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        found.extend(reader.query(&sql.text, &sql.params, listed).await?);
    }
    if filter.states().len() > 1 {
        found.sort_by_key(|listed| listed.user.id.number());
        found.truncate(limit);
    }
    Ok(found)
}

/// How many users match, where that is kept: with no condition, or with one stored one. `None` otherwise.
pub async fn total(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'_>,
) -> Result<Option<i64>, Error> {
    let only = |kept: Filter<'_>| *filter == Filter { at: filter.at, ..kept };
    if only(Filter::default()) {
        return totals::read(reader, directory, Total::People).await.map(Some);
    }
    if let Some(Within::Unit(unit)) = filter.unit
        && only(Filter { unit: filter.unit, ..Filter::default() })
    {
        return totals::read(reader, directory, Total::Unit(unit)).await.map(Some);
    }
    if let Some(group) = filter.group
        && only(Filter { group: filter.group, ..Filter::default() })
    {
        return totals::read(reader, directory, Total::Group(group)).await.map(Some);
    }
    if let Some(group) = filter.not_group
        && only(Filter { not_group: filter.not_group, ..Filter::default() })
    {
        let members = totals::read(reader, directory, Total::Group(group)).await?;
        return totals::read(reader, directory, Total::People).await.map(|people| Some(people - members));
    }
    if let Some(shut) = filter.shut
        && only(Filter { shut: filter.shut, ..Filter::default() })
    {
        return shown(reader, directory, shut, filter.at).await.map(Some);
    }
    Ok(None)
}

/// The kept total of shut accounts, corrected by those whose time has come.
async fn shown(reader: &mut Reader, directory: DirectoryKey, shut: bool, at: Millis) -> Result<i64, Error> {
    let mut due = Sql::new("select count(*) from (select number from users where directory = ");
    due.bind(directory.number).push(" and shut = 0 and is_system = 0 and locks_at <= ").bind(at);
    due.push(" union select number from users where directory = ").bind(directory.number);
    due.push(" and shut = 0 and is_system = 0 and lock_until > ").bind(at).push(") due");
    let due = reader.query_one(&due.text, &due.params, |row| row.int(0)).await?.unwrap_or_default();
    let all_shut = totals::read(reader, directory, Total::Shut).await? + due;
    if shut { Ok(all_shut) } else { Ok(totals::read(reader, directory, Total::People).await? - all_shut) }
}

/// Counts the users who match, one by one: beside the threads that answer, two at once at most.
///
/// # Errors
/// `Deadline` where it takes longer than two seconds.
pub async fn count<'a>(store: &Store, directory: DirectoryKey, filter: &Filter<'a>) -> Result<i64, Error> {
    let mut reader = store.counter().await?;
    let driver = driver(&mut reader, directory, filter).await?;
    let mut total = 0;
    for &state in filter.states() {
        if let (Driver::Text, Some(pattern)) = (driver, &filter.text) {
            let conditions = |sql: &mut Sql<'a>| conditions(sql, directory, filter, state, driver);
            let search =
                Search { directory, pattern, conditions: &conditions, alone: filter.is_text_alone() };
            total += reader.count_search(&search).await?;
            continue;
        }
        let mut sql = Sql::new("select count(*)");
        from(&mut sql, directory, filter, state, driver, None);
        total += reader.query_one(&sql.text, &sql.params, |row| row.int(0)).await?.unwrap_or_default();
    }
    Ok(total)
}

async fn driver(reader: &mut Reader, directory: DirectoryKey, filter: &Filter<'_>) -> Result<Driver, Error> {
    if filter.usernames.is_some() {
        return Ok(Driver::Names);
    }
    let mut sizes = Vec::new();
    match filter.unit {
        Some(Within::Unit(unit)) => {
            sizes.push((totals::read(reader, directory, Total::Unit(unit)).await?, Driver::Unit(unit)));
        }
        Some(Within::Subtree(unit)) => {
            let members = totals::subtree(reader, directory, unit).await?;
            let people = totals::read(reader, directory, Total::People).await?;
            // Going through everybody finds a page after 100 × people / members rows; gathering takes them all.
            if members.saturating_mul(members) <= people.saturating_mul(100) {
                sizes.push((members, Driver::Subtree(unit)));
            }
        }
        None => {}
    }
    if let Some(group) = filter.group {
        sizes.push((totals::read(reader, directory, Total::Group(group)).await?, Driver::Group(group)));
    }
    if filter.shut == Some(true) {
        sizes.push((totals::read(reader, directory, Total::Shut).await?, Driver::Shut));
    }
    if let Some(pattern) = &filter.text
        && !sizes.is_empty()
        && let Some(size) = reader.search_size(directory, pattern).await?
    {
        sizes.push((size, Driver::Text));
    }
    let smallest = sizes.into_iter().min_by_key(|(size, _)| *size);
    Ok(match (smallest, &filter.text) {
        (Some((_, Driver::Text)), _) => Driver::Text,
        (Some((size, driver)), _) if size <= SMALL => driver,
        (_, Some(_)) => Driver::Text,
        (Some((_, driver)), None) => driver,
        (None, None) => Driver::Numbers,
    })
}

/// The `from` and `where` of the users who match, `u` being their rows.
fn from<'a>(
    sql: &mut Sql<'a>,
    directory: DirectoryKey,
    filter: &Filter<'a>,
    state: State,
    driver: Driver,
    after: Option<Number>,
) {
    let member = |sql: &mut Sql<'a>, table: &str, column: &str, thing: Number| {
        sql.push(" from ")
            .push(table)
            .push(" m cross join users u where m.directory = ")
            .bind(directory.number);
        sql.push(" and m.").push(column).push(" = ").bind(thing);
        sql.push(" and u.directory = m.directory and u.number = m.user_number");
        if let Some(after) = after {
            sql.push(" and m.user_number > ").bind(after);
        }
    };
    match driver {
        Driver::Unit(unit) => member(sql, "unit_members", "unit", unit),
        Driver::Group(group) => member(sql, "group_members", "group_number", group),
        Driver::Names | Driver::Subtree(_) | Driver::Shut | Driver::Text | Driver::Numbers => {
            sql.push(" from users u where u.directory = ").bind(directory.number);
            if let Some(after) = after {
                sql.push(" and u.number > ").bind(after);
            }
        }
    }
    if let Driver::Subtree(unit) = driver {
        sql.push(" and u.number in (select m.user_number from unit_closure c join unit_members m");
        sql.push(" on m.directory = c.directory and m.unit = c.descendant where c.directory = ");
        sql.bind(directory.number).push(" and c.ancestor = ").bind(unit).push(")");
    }
    conditions(sql, directory, filter, state, driver);
}

/// The column that keeps the driver's own order, which is the order of numbers.
fn order(driver: Driver) -> &'static str {
    match driver {
        Driver::Unit(_) | Driver::Group(_) => "m.user_number",
        Driver::Names | Driver::Subtree(_) | Driver::Shut | Driver::Text | Driver::Numbers => "u.number",
    }
}

/// Every condition that the driver does not meet by itself.
fn conditions<'a>(
    sql: &mut Sql<'a>,
    directory: DirectoryKey,
    filter: &Filter<'a>,
    state: State,
    driver: Driver,
) {
    if let Some(names) = filter.usernames {
        sql.push(" and u.username_key in ").bind_list(&names.iter().collect::<Vec<_>>());
    } else {
        sql.push(" and u.is_system = 0");
    }
    if !filter.not_usernames.is_empty() {
        sql.push(" and u.username_key not in ").bind_list(&filter.not_usernames.iter().collect::<Vec<_>>());
    }
    let member = |sql: &mut Sql<'a>, table: &str, column: &str, thing: Number| {
        sql.push("exists (select 1 from ").push(table).push(" x where x.directory = ").bind(directory.number);
        sql.push(" and x.user_number = u.number and x.").push(column).push(" = ").bind(thing).push(")");
    };
    match filter.unit {
        Some(Within::Unit(unit)) if driver != Driver::Unit(unit) => {
            sql.push(" and ");
            member(sql, "unit_members", "unit", unit);
        }
        Some(Within::Subtree(unit)) if driver != Driver::Subtree(unit) => {
            sql.push(
                " and exists (select 1 from unit_members x join unit_closure c on c.directory = x.directory",
            );
            sql.push(" and c.descendant = x.unit where x.directory = ").bind(directory.number);
            sql.push(" and x.user_number = u.number and c.ancestor = ").bind(unit).push(")");
        }
        Some(_) | None => {}
    }
    if let Some(group) = filter.group
        && driver != Driver::Group(group)
    {
        sql.push(" and ");
        member(sql, "group_members", "group_number", group);
    }
    if let Some(group) = filter.not_group {
        sql.push(" and not ");
        member(sql, "group_members", "group_number", group);
    }
    match state {
        State::Any => {}
        State::Open => {
            sql.push(" and u.shut = 0 and (u.locks_at is null or u.locks_at > ").bind(filter.at);
            sql.push(") and (u.lock_until is null or u.lock_until <= ").bind(filter.at).push(")");
        }
        State::Shut => {
            sql.push(" and u.shut = 1");
        }
        State::Due => {
            sql.push(" and u.shut = 0 and u.number in (select number from users where directory = ");
            sql.bind(directory.number).push(" and locks_at <= ").bind(filter.at);
            sql.push(" union select number from users where directory = ").bind(directory.number);
            sql.push(" and lock_until > ").bind(filter.at).push(")");
        }
    }
    if let Some(pattern) = &filter.text {
        let columns = pattern.field().columns();
        for (index, column) in columns.iter().enumerate() {
            sql.push(if index == 0 { " and (u." } else { " or u." }).push(column).push(" like ");
            sql.bind(pattern.like_operand()).push(" escape '\\'");
        }
        sql.push(")");
    }
}
