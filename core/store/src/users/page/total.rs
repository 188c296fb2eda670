//! How many users match: kept where that can be, else counted.

use model::total::Total;
use model::user::{OwnerType, Status};
use model::{DirectoryKey, Millis, Number};

use super::driver::{Driver, Lists, driver};
use super::{Filter, Order, Part, Within, begins};
use crate::engine::Store;
use crate::error::Error;
use crate::search::Search;
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;
use crate::value::params;

/// Users whose time to be shut has come since somebody last looked; the time follows.
pub(super) const DUE_BY_TIME: &str = "select number from users where shut = 0 and locks_at <= ";
/// Users who are kept out after failed sign-ins; the time follows.
pub(super) const DUE_BY_GUESSES: &str = "select number from users where shut = 0 and lock_until > ";

/// How many users match, where that is kept: with no condition, or with one stored one. `None` otherwise.
pub async fn total(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'_>,
) -> Result<Option<i64>, Error> {
    let people = Total::People;
    if filter.systems {
        // Kept totals are of people.
        return Ok(None);
    }
    if filter.is_only(Filter::default()) {
        return totals::read(reader, directory, people).await.map(Some);
    }
    if let Some(within) = filter.unit
        && filter.is_only(Filter { unit: filter.unit, ..Filter::default() })
    {
        return Ok(Some(match within {
            Within::Unit(unit) => totals::read(reader, directory, Total::Unit(unit)).await?,
            Within::Subtree(unit) => subtree(reader, directory, unit).await?,
            Within::Only(_) => return Ok(None),
        }));
    }
    if let Some(group) = filter.group
        && filter.is_only(Filter { group: filter.group, ..Filter::default() })
    {
        return totals::read(reader, directory, Total::Group(group)).await.map(Some);
    }
    if let Some(group) = filter.not_group
        && filter.is_only(Filter { not_group: filter.not_group, ..Filter::default() })
    {
        let members = totals::read(reader, directory, Total::Group(group)).await?;
        return totals::read(reader, directory, people).await.map(|people| Some(people - members));
    }
    if let Some(shut) = filter.shut
        && filter.is_only(Filter { shut: filter.shut, ..Filter::default() })
    {
        return shown(reader, directory, shut, filter.at).await.map(Some);
    }
    if let Some(owner) = filter.owner
        && filter.is_only(Filter { owner: filter.owner, ..Filter::default() })
    {
        let managed = totals::read(reader, directory, Total::Managed).await?;
        return Ok(Some(match owner {
            OwnerType::CreateFromManager => managed,
            OwnerType::Normal => totals::read(reader, directory, people).await? - managed,
        }));
    }
    if let [items] = filter.items
        && let [item] = items.as_slice()
        && filter.is_only(Filter { items: filter.items, ..Filter::default() })
    {
        return totals::read(reader, directory, Total::Item(*item)).await.map(Some);
    }
    if let Some(status) = filter.status
        && filter.is_only(Filter { status: filter.status, ..Filter::default() })
    {
        let disabled = totals::read(reader, directory, Total::Disabled).await?;
        return Ok(Some(match status {
            Status::Disabled => disabled,
            Status::Enabled => totals::read(reader, directory, people).await? - disabled,
        }));
    }
    if let Some(region) = filter.region
        && filter.is_only(Filter { region: filter.region, ..Filter::default() })
    {
        let Some(total) = Total::of_region(region) else { return Ok(None) };
        return totals::read(reader, directory, total).await.map(Some);
    }
    if filter.is_beginning_alone() {
        return begins::known(reader, directory, &filter.begins[0]).await;
    }
    Ok(None)
}

/// The people of a unit and of all below it: the members of each unit, less the further memberships of those who are
/// in another unit of the subtree as well, where one membership of each counts.
async fn subtree(reader: &mut Reader, directory: DirectoryKey, unit: Number) -> Result<i64, Error> {
    let memberships = totals::subtree(reader, directory, unit).await?;
    let counted_again = reader
        .count_rows(
            "select count(*) from unit_closure c cross join unit_members m
             where c.directory = $1 and c.ancestor = $2 and m.directory = c.directory
             and m.unit = c.descendant and m.place = 1
             and exists (select 1 from unit_members x
                 join unit_closure d on d.directory = x.directory and d.descendant = x.unit and d.ancestor = $2
                 where x.directory = m.directory and x.user_number = m.user_number
                 and (x.place = 0 or x.unit < m.unit))
             and m.user_number not in (select number from users where directory = $1 and is_system = 1)",
            &params![directory.number, unit],
        )
        .await?;
    Ok(memberships - counted_again)
}

/// The kept total of shut accounts, corrected by those whose time has come since somebody last looked. Both in one
/// statement, and so as of one moment: the sweep takes users from one to the other.
async fn shown(reader: &mut Reader, directory: DirectoryKey, shut: bool, at: Millis) -> Result<i64, Error> {
    let (kind, thing) = Total::Shut.columns();
    let number = directory.number;
    let mut all =
        Sql::new("select (select cast(coalesce(sum(n), 0) as bigint) from totals where directory = ");
    all.bind(number).push(" and kind = ").bind(kind).push(" and thing = ").bind(thing);
    all.push(") + (select count(*) from (")
        .push(DUE_BY_TIME)
        .bind(at)
        .push(" and is_system = 0 and directory = ");
    all.bind(number).push(" union ").push(DUE_BY_GUESSES).bind(at);
    all.push(" and is_system = 0 and directory = ").bind(number).push(") due)");
    let all_shut = reader.count_rows(&all.text, &all.params).await?;
    if shut { Ok(all_shut) } else { Ok(totals::read(reader, directory, Total::People).await? - all_shut) }
}

/// Counts the users who match, one by one: beside the threads that answer, two at once at most.
///
/// # Errors
/// `Deadline` where it takes longer than two seconds.
pub async fn count<'a>(store: &Store, directory: DirectoryKey, filter: &Filter<'a>) -> Result<i64, Error> {
    let mut reader = store.counter().await?;
    if filter.is_beginning_alone() {
        let sql = begins::people("select count(*)", directory, &filter.begins[0]);
        return reader.count_rows(&sql.text, &sql.params).await;
    }
    let mut total = 0;
    for &state in filter.states() {
        let part = Part { directory, filter, order: Order::default(), state, places: false };
        let driver = driver(&mut reader, &part).await?;
        if let Driver::Text(pattern) = &driver
            && let Some(begins) = filter.beginning(pattern)
        {
            let mut sql = Sql::new("select count(*) from users u where u.directory = ");
            sql.bind(directory.number).push(" and ");
            begins.within(&mut sql);
            part.conditions(&mut sql, &driver);
            total += reader.count_rows(&sql.text, &sql.params).await?;
            continue;
        }
        if let Driver::Text(pattern) = &driver {
            let conditions = |sql: &mut Sql<'a>| part.conditions(sql, &driver);
            let search = Search {
                directory,
                pattern,
                conditions: &conditions,
                alone: filter.is_text_alone(),
                descending: false,
            };
            total += reader.count_search(&search).await?;
            continue;
        }
        let mut sql = Sql::new("select count(*)");
        driver.list(part.order).from(&mut sql, directory);
        within(&mut sql, directory, &driver);
        part.conditions(&mut sql, &driver);
        total += reader.count_rows(&sql.text, &sql.params).await?;
    }
    Ok(total)
}

/// Only users whom the driver leads to, each once, where that is more than one list.
pub(super) fn within(sql: &mut Sql<'_>, directory: DirectoryKey, driver: &Driver<'_>) {
    let lists = match driver {
        Driver::Merged(lists) => lists,
        Driver::Among(numbers) => {
            sql.push(" and u.number in ").bind_list(numbers);
            return;
        }
        Driver::Names | Driver::One(_) | Driver::Text(_) => return,
    };
    match lists {
        Lists::Subtree(unit) => {
            sql.push(" and u.number in (select m.user_number from unit_closure c cross join unit_members m");
            sql.push(" where m.directory = c.directory and m.unit = c.descendant and c.directory = ");
            sql.bind(directory.number).push(" and c.ancestor = ").bind(*unit).push(")");
        }
        Lists::Subtrees(units) => {
            sql.push(" and u.number in (select m.user_number from unit_closure c cross join unit_members m");
            sql.push(" where m.directory = c.directory and m.unit = c.descendant and c.directory = ");
            sql.bind(directory.number).push(" and c.ancestor in ").bind_list(units).push(")");
        }
        Lists::Items(items) => {
            sql.push(" and u.number in (select m.user_number from user_values m where m.directory = ");
            sql.bind(directory.number).push(" and m.item in ").bind_list(items).push(")");
        }
        // Their conditions stand among the others.
        Lists::Few(_) => {}
    }
}
