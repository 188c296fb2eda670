//! What a page is driven by: the list, the lists or the index that holds the fewest users.

use model::total::Total;
use model::user::{OwnerType, Status};
use model::{DirectoryKey, Number};

use super::{By, Order, Part, State, Within};
use crate::error::Error;
use crate::search::{Begins, Pattern};
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;
use crate::users::row::{owner_code, status_code};

/// A unit, group or other list up to this size is gone through whatever else is asked; as many of the search
/// index's users are put in another order.
const SMALL: i64 = 2_000;

/// About as many users as a page has.
const PAGE: i64 = 100;

/// Where the rows of a page come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Driver<'a> {
    /// The names or the numbers that are given, or the few users who are due.
    Names,
    /// A list that lies in the order that is asked for.
    One(List<'a>),
    /// Lists that do so, each for itself.
    Merged(Lists<'a>),
    /// The search index, which lies in the order of numbers.
    Text(Pattern),
    /// These users, whom an index found in another order.
    Among(Vec<Number>),
}

/// A list of users that lies in each order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List<'a> {
    Everybody,
    State {
        shut: bool,
        owner: OwnerType,
    },
    Unit(Number),
    Group(Number),
    Item(Number),
    /// These lie in the order of numbers only.
    Status(Status),
    Email(&'a str),
    Phone(&'a str),
    Region(&'a str),
}

/// Lists that are merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lists<'a> {
    /// Of each unit of a subtree.
    Subtree(Number),
    /// Of each of these values.
    Items(Vec<Number>),
    /// These few.
    Few(Vec<List<'a>>),
}

impl<'a> Driver<'a> {
    /// Whether this list and no other one drives.
    pub(super) fn is(&self, list: &List<'_>) -> bool {
        matches!(self, Self::One(own) if own == list)
    }

    pub(super) fn is_subtree(&self, unit: Number) -> bool {
        *self == Self::Merged(Lists::Subtree(unit))
    }

    pub(super) fn is_items(&self, items: &[Number]) -> bool {
        match self {
            Self::One(List::Item(item)) => items == [*item],
            Self::Merged(Lists::Items(own)) => own == items,
            Self::Names | Self::One(_) | Self::Merged(_) | Self::Text(_) | Self::Among(_) => false,
        }
    }

    /// The list that rows are read from, where it is one.
    pub(super) fn list(&self, order: Order) -> List<'a> {
        match (self, order.by) {
            (Self::One(list), _) => *list,
            (_, By::Joined(group)) => List::Group(group),
            (_, By::Number | By::Name) => List::Everybody,
        }
    }
}

impl<'a> List<'a> {
    /// Adds the `from` and `where`, `u` being the users.
    pub(super) fn from(&self, sql: &mut Sql<'a>, directory: DirectoryKey) {
        let Some((table, column, thing)) = self.membership() else {
            sql.push(" from users u where u.directory = ").bind(directory.number);
            self.own_column(sql);
            return;
        };
        // SQLite takes a cross join in this order: the list leads to the users.
        sql.push(" from ").push(table).push(" m cross join users u where m.directory = ");
        sql.bind(directory.number).push(" and m.").push(column).push(" = ").bind(thing);
        sql.push(" and u.directory = m.directory and u.number = m.user_number");
    }

    /// Adds the condition of a list of users by a column of their own.
    fn own_column(&self, sql: &mut Sql<'a>) {
        match *self {
            Self::Everybody | Self::Unit(_) | Self::Group(_) | Self::Item(_) => sql,
            Self::State { shut, owner } => {
                sql.push(" and u.shut = ").bind(shut).push(" and u.owner_type = ").bind(owner_code(owner))
            }
            Self::Status(status) => sql.push(" and u.status = ").bind(status_code(status)),
            // Only users who have one stand in the index, which is asked about nothing but its own columns.
            Self::Email(email) => sql.push(" and u.email_key <> '' and u.email_key = ").bind(email),
            Self::Phone(number) => sql.push(" and u.phone <> '' and u.phone = ").bind(number),
            Self::Region(region) => sql.push(" and u.phone_region <> '' and u.phone_region = ").bind(region),
        };
    }

    /// Adds the `from` and `where` of its people's numbers, as far as its index alone can tell them.
    pub(super) fn within_index(&self, sql: &mut Sql<'a>, directory: DirectoryKey) {
        match self.membership() {
            None => self.from(sql, directory),
            Some((table, column, thing)) => {
                sql.push(" from ").push(table).push(" m where m.directory = ").bind(directory.number);
                sql.push(" and m.").push(column).push(" = ").bind(thing);
            }
        }
        // They are few.
        sql.push(" and ").push(self.number()).push(" not in (select number from users where directory = ");
        sql.bind(directory.number).push(" and is_system = 1)");
    }

    /// Table, column and number, where it is a list of members.
    pub(super) fn membership(&self) -> Option<(&'static str, &'static str, Number)> {
        match self {
            Self::Everybody
            | Self::State { .. }
            | Self::Status(_)
            | Self::Email(_)
            | Self::Phone(_)
            | Self::Region(_) => None,
            Self::Unit(unit) => Some(("unit_members", "unit", *unit)),
            Self::Group(group) => Some(("group_members", "group_number", *group)),
            Self::Item(item) => Some(("user_values", "item", *item)),
        }
    }

    /// The column that keeps the order of numbers.
    pub(super) fn number(&self) -> &'static str {
        if self.membership().is_some() { "m.user_number" } else { "u.number" }
    }

    /// The column that keeps the order of names.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Unit(_) | Self::Item(_) => "m.username_key",
            Self::Everybody
            | Self::State { .. }
            | Self::Group(_)
            | Self::Status(_)
            | Self::Email(_)
            | Self::Phone(_)
            | Self::Region(_) => "u.username_key",
        }
    }
}

/// Chooses what drives a page.
pub(super) async fn driver<'a>(reader: &mut Reader, part: &Part<'_, 'a>) -> Result<Driver<'a>, Error> {
    let filter = part.filter;
    if filter.is_named() || part.state == State::Due {
        return Ok(Driver::Names);
    }
    let mut lists = lists(part);
    if lists.len() == 1 && filter.text.is_none() && filter.begins.is_empty() {
        return Ok(lists.swap_remove(0));
    }
    let (size, list) = smallest(reader, part, lists).await?;
    let (size, list) = begun(reader, part, (size, list)).await?;
    let Some(pattern) = &filter.text else { return Ok(list) };
    // PostgreSQL does not tell how many users the index leads to.
    let in_index = reader.search_size(part.directory, pattern).await?;
    if in_index.is_some_and(|in_index| in_index > size) || (in_index.is_none() && size <= SMALL) {
        return Ok(list);
    }
    if part.order.by == By::Number {
        return Ok(Driver::Text(pattern.clone()));
    }
    // Too many to be put in another order; or so many that a walk through the list meets a page of them sooner.
    let is_dense = |in_index: i64| in_index.saturating_mul(in_index) > size.saturating_mul(PAGE);
    if in_index.is_some_and(|in_index| in_index > 2 * SMALL || is_dense(in_index)) {
        return Ok(list);
    }
    // Few users, whom the index knows in another order.
    let text = Driver::Text(pattern.clone());
    let conditions = |sql: &mut Sql<'a>| part.conditions(sql, &text);
    let few = usize::try_from(SMALL).unwrap_or_default();
    let numbers = part
        .search(reader, "select u.number", pattern, &conditions, None, few + 1, |row| row.number(0))
        .await?;
    Ok(if numbers.len() > few { list } else { Driver::Among(numbers) })
}

/// Users who begin with one of the texts that are asked for, where they are fewer than the list that is known.
async fn begun<'a>(
    reader: &mut Reader,
    part: &Part<'_, 'a>,
    (mut size, mut list): (i64, Driver<'a>),
) -> Result<(i64, Driver<'a>), Error> {
    let mut fewest = None;
    for begins in part.filter.begins {
        let beginning = super::begins::size(reader, part.directory, begins).await?;
        if beginning <= size {
            (size, fewest) = (beginning, Some(begins));
        }
    }
    if let Some(begins) = fewest {
        // Their index lies in another order: few are put in the one that is asked for, of many the search index
        // tells the first ones.
        if size <= SMALL {
            list = Driver::Among(begin_with(reader, part.directory, begins).await?);
        } else if part.order.by == By::Number {
            list = Driver::Text(begins.pattern());
        }
    }
    Ok((size, list))
}

/// The numbers of all who begin with a text, system users among them.
async fn begin_with(
    reader: &mut Reader,
    directory: DirectoryKey,
    begins: &Begins,
) -> Result<Vec<Number>, Error> {
    let mut sql = Sql::new("select number from users where directory = ");
    sql.bind(directory.number).push(" and ");
    begins.within(&mut sql);
    reader.query(&sql.text, &sql.params, |row| row.number(0)).await
}

/// The lists each of which holds all users who match; that of everybody where nothing narrower is asked.
fn lists<'a>(part: &Part<'_, 'a>) -> Vec<Driver<'a>> {
    let filter = part.filter;
    let mut lists = Vec::new();
    lists.extend(filter.unit.map(|within| match within {
        Within::Unit(unit) => Driver::One(List::Unit(unit)),
        Within::Subtree(unit) => Driver::Merged(Lists::Subtree(unit)),
    }));
    // Members of a group lie in no order of names.
    lists.extend(
        filter.group.filter(|_| part.order.by != By::Name).map(|group| Driver::One(List::Group(group))),
    );
    lists.extend(filter.items.iter().map(|items| match items.as_slice() {
        [item] => Driver::One(List::Item(*item)),
        _ => Driver::Merged(Lists::Items(items.clone())),
    }));
    lists.extend(states(part));
    if part.order.by == By::Number {
        let own = [
            filter.email.map(|email| List::Email(email.as_str())),
            filter.phone.map(List::Phone),
            filter.region.map(List::Region),
            filter.status.map(List::Status),
        ];
        lists.extend(own.into_iter().flatten().map(Driver::One));
    }
    if let By::Joined(group) = part.order.by {
        lists.retain(|list| *list == Driver::One(List::Group(group)));
    }
    if lists.is_empty() {
        lists.push(Driver::One(List::Everybody));
    }
    lists
}

/// The lists by state and owner, where these are asked for.
fn states<'a>(part: &Part<'_, 'a>) -> Option<Driver<'a>> {
    let shut = match part.state {
        State::Any | State::Due => None,
        State::Open => Some(false),
        State::Shut => Some(true),
    };
    let owner = part.filter.owner;
    if shut.is_none() && owner.is_none() {
        return None;
    }
    let shuts = shut.map_or(vec![false, true], |shut| vec![shut]);
    let owners = owner.map_or(vec![OwnerType::Normal, OwnerType::CreateFromManager], |owner| vec![owner]);
    let all = |shut| owners.iter().map(move |&owner| List::State { shut, owner });
    let lists: Vec<List<'a>> = shuts.into_iter().flat_map(all).collect();
    Some(if let [list] = lists[..] { Driver::One(list) } else { Driver::Merged(Lists::Few(lists)) })
}

/// The one with the fewest users, and about how many these are.
async fn smallest<'a>(
    reader: &mut Reader,
    part: &Part<'_, 'a>,
    lists: Vec<Driver<'a>>,
) -> Result<(i64, Driver<'a>), Error> {
    let mut sizes = Vec::with_capacity(lists.len());
    for list in lists {
        sizes.push((size(reader, part, &list).await?, list));
    }
    let smallest = sizes.into_iter().min_by_key(|(size, _)| *size);
    Ok(smallest.unwrap_or((i64::MAX, Driver::One(List::Everybody))))
}

async fn size<'a>(reader: &mut Reader, part: &Part<'_, 'a>, driver: &Driver<'a>) -> Result<i64, Error> {
    let directory = part.directory;
    match driver {
        Driver::One(List::Unit(unit)) => totals::read(reader, directory, Total::Unit(*unit)).await,
        Driver::One(List::Group(group)) => totals::read(reader, directory, Total::Group(*group)).await,
        Driver::One(List::Item(item)) => totals::read(reader, directory, Total::Item(*item)).await,
        Driver::Merged(Lists::Items(items)) => totals::read_all(reader, directory, items).await,
        Driver::Merged(Lists::Subtree(unit)) => totals::subtree(reader, directory, *unit).await,
        Driver::One(List::State { .. }) | Driver::Merged(Lists::Few(_)) => in_state(reader, part).await,
        Driver::One(List::Status(Status::Disabled)) => totals::read(reader, directory, Total::Disabled).await,
        Driver::One(List::Region(region)) => match Total::of_region(region) {
            Some(total) => totals::read(reader, directory, total).await,
            None => totals::read(reader, directory, Total::People).await,
        },
        // Few, unless many have the same address or number.
        Driver::One(list @ (List::Email(_) | List::Phone(_))) => {
            let mut sql = Sql::new("select count(*) from (select 1");
            list.from(&mut sql, directory);
            sql.push(" limit ").bind(SMALL).push(") few");
            reader.count_rows(&sql.text, &sql.params).await
        }
        Driver::One(List::Status(Status::Enabled))
        | Driver::One(List::Everybody)
        | Driver::Names
        | Driver::Text(_)
        | Driver::Among(_) => totals::read(reader, directory, Total::People).await,
    }
}

/// At least as many as there are in the state and of the owner that are asked for.
async fn in_state(reader: &mut Reader, part: &Part<'_, '_>) -> Result<i64, Error> {
    let directory = part.directory;
    let people = totals::read(reader, directory, Total::People).await?;
    let shut = totals::read(reader, directory, Total::Shut).await?;
    let managed = totals::read(reader, directory, Total::Managed).await?;
    let of_state = match part.state {
        State::Any | State::Due => people,
        State::Open => people - shut,
        State::Shut => shut,
    };
    let of_owner = match part.filter.owner {
        None => people,
        Some(OwnerType::CreateFromManager) => managed,
        Some(OwnerType::Normal) => people - managed,
    };
    Ok(of_state.min(of_owner))
}
