//! What a page is driven by: the list, the lists or the index that holds the fewest users.

use model::total::Total;
use model::user::{OwnerType, Role, Status};
use model::{DirectoryKey, Number};

use super::{By, Order, Part, State, Within};
use crate::error::Error;
use crate::search::{Begins, Field, Pattern};
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;
use crate::users::row::{owner_code, role_code, status_code};
use crate::value::Value;

/// A unit, group or other list up to this size is gone through whatever else is asked; as many of the search
/// index's users are put in another order.
const SMALL: i64 = 2_000;

/// As many users of a list are put in an order that it does not lie in.
const SORTED: i64 = 20_000;

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
    /// Everybody in the order of display names, `k` being the index, which tells by itself whose name is asked for.
    DisplayNames,
    State {
        shut: bool,
        owner: OwnerType,
    },
    Unit(Number),
    Group(Number),
    Item(Number),
    /// Of those who were given an id, in the order of it.
    Chosen,
    /// Of those who are known by the digits of their ids, in the order of these, which is that of numbers.
    Digits,
    /// These lie in the order of numbers only.
    Role(Role),
    Label(&'a str),
    Status(Status),
    Email(&'a str),
    Phone(&'a str),
    Region(&'a str),
}

/// A table whose rows say that users belong to something.
pub(super) struct Member<'a> {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    thing: Value<'a>,
}

impl<'a> Member<'a> {
    /// Adds the condition that it is this thing, `m` being the table.
    pub(super) fn of(self, sql: &mut Sql<'a>) {
        if self.column == "label" {
            // Only users who have one stand in the index.
            sql.push(" and m.label <> ''");
        }
        sql.push(" and m.").push(self.column).push(" = ").bind(self.thing);
    }
}

/// Lists that are merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lists<'a> {
    /// Of each unit of a subtree.
    Subtree(Number),
    /// Of each unit of several subtrees.
    Subtrees(&'a [Number]),
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

    pub(super) fn is_subtrees(&self, units: &[Number]) -> bool {
        matches!(self, Self::Merged(Lists::Subtrees(own)) if *own == units)
    }

    /// Whether lists by state and owner drive.
    pub(super) fn is_states(&self) -> bool {
        match self {
            Self::One(list) => matches!(list, List::State { .. }),
            Self::Merged(lists) => matches!(lists, Lists::Few(few) if few.iter().all(List::is_state)),
            Self::Names | Self::Text(_) | Self::Among(_) => false,
        }
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
            (_, By::Number | By::Name | By::PublicId | By::DisplayName | By::Updated) => List::Everybody,
        }
    }
}

impl<'a> List<'a> {
    fn is_state(&self) -> bool {
        matches!(self, Self::State { .. })
    }

    /// Adds the `from` and `where`, `u` being the users.
    pub(super) fn from(&self, sql: &mut Sql<'a>, directory: DirectoryKey) {
        if *self == Self::DisplayNames {
            sql.push(" from users k cross join users u where k.directory = ").bind(directory.number);
            sql.push(" and u.directory = k.directory and u.number = k.number");
            return;
        }
        let Some(member) = self.membership() else {
            sql.push(" from users u where u.directory = ").bind(directory.number);
            self.own_column(sql);
            return;
        };
        // SQLite takes a cross join in this order: the list leads to the users.
        sql.push(" from ").push(member.table).push(" m cross join users u where m.directory = ");
        sql.bind(directory.number);
        member.of(sql);
        sql.push(" and u.directory = m.directory and u.number = m.user_number");
    }

    /// Adds the condition of a list of users by a column of their own.
    fn own_column(&self, sql: &mut Sql<'a>) {
        match *self {
            Self::Everybody
            | Self::DisplayNames
            | Self::Unit(_)
            | Self::Group(_)
            | Self::Item(_)
            | Self::Label(_) => sql,
            Self::Chosen => sql.push(" and u.chosen_id is not null"),
            Self::Digits => sql.push(" and u.chosen_id is null"),
            Self::Role(role) => sql.push(" and u.role > 0 and u.role = ").bind(role_code(role)),
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
            Some(member) => {
                sql.push(" from ").push(member.table).push(" m where m.directory = ").bind(directory.number);
                member.of(sql);
            }
        }
        // They are few.
        sql.push(" and ").push(self.number()).push(" not in (select number from users where directory = ");
        sql.bind(directory.number).push(" and is_system = 1)");
    }

    /// Where its rows lie, where they are not the users' own.
    pub(super) fn membership(&self) -> Option<Member<'a>> {
        let (table, column, thing): (_, _, Value<'a>) = match *self {
            Self::Everybody
            | Self::DisplayNames
            | Self::State { .. }
            | Self::Chosen
            | Self::Digits
            | Self::Role(_)
            | Self::Status(_)
            | Self::Email(_)
            | Self::Phone(_)
            | Self::Region(_) => return None,
            Self::Unit(unit) => ("unit_members", "unit", unit.into()),
            Self::Group(group) => ("group_members", "group_number", group.into()),
            Self::Item(item) => ("user_values", "item", item.into()),
            Self::Label(label) => ("profiles", "label", label.into()),
        };
        Some(Member { table, column, thing })
    }

    /// The column that keeps the order of numbers.
    pub(super) fn number(&self) -> &'static str {
        if self.membership().is_some() { "m.user_number" } else { "u.number" }
    }

    /// The column that keeps the order of names, or of what programs of PDS call users.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Unit(_) | Self::Item(_) => "m.username_key",
            Self::Chosen => "u.chosen_id",
            Self::Digits => "u.id",
            Self::Everybody
            | Self::DisplayNames
            | Self::State { .. }
            | Self::Group(_)
            | Self::Role(_)
            | Self::Label(_)
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
    if lists.len() == 1 && filter.text.is_none() && filter.begins.is_empty() && part.order.lies_in_lists() {
        return Ok(lists.swap_remove(0));
    }
    let (size, list) = smallest(reader, part, lists).await?;
    let (size, list) = begun(reader, part, (size, list)).await?;
    let (size, list) = walked(part, (size, list));
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
    let is_many = |in_index: i64| in_index > 2 * SMALL || is_dense(in_index);
    if in_index.is_some_and(is_many) {
        // That is how many have the rarest gram: of several it says little.
        let counted = if pattern.is_one_gram() {
            None
        } else {
            reader.search_counted(part.directory, pattern, 2 * SMALL + 1).await?
        };
        if counted.is_none_or(is_many) {
            return Ok(list);
        }
    }
    // Few users, whom the index knows in another order.
    let text = Driver::Text(pattern.clone());
    let conditions = |sql: &mut Sql<'a>| part.conditions(sql, &text);
    let few = usize::try_from(SMALL).unwrap_or_default();
    let mut numbers = part
        .search(reader, "select u.number", pattern, &conditions, None, few + 1, |row| row.number(0))
        .await?;
    if numbers.len() > few {
        return Ok(list);
    }
    if filter.systems {
        // The search index does not know them.
        numbers.extend(system_users(reader, part.directory).await?);
    }
    Ok(Driver::Among(numbers))
}

async fn system_users(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<Number>, Error> {
    let mut sql = Sql::new("select number from users where is_system = 1 and directory = ");
    sql.bind(directory.number);
    reader.query(&sql.text, &sql.params, |row| row.number(0)).await
}

/// The list that lies in the order that is asked for, where the other lists do not and more users are in each of them
/// than are put in order.
fn walked<'a>(part: &Part<'_, 'a>, (size, list): (i64, Driver<'a>)) -> (i64, Driver<'a>) {
    let is_everybody = list == Driver::One(List::Everybody);
    if part.order.lies_in_lists() || (size <= SORTED && !is_everybody) || matches!(list, Driver::Among(_)) {
        return (size, list);
    }
    match part.order.by {
        By::PublicId => (size, Driver::Merged(Lists::Few(vec![List::Chosen, List::Digits]))),
        By::DisplayName if part.asks_display_names() => (size, Driver::One(List::DisplayNames)),
        By::DisplayName | By::Updated => (size, Driver::One(List::Everybody)),
        By::Number | By::Name | By::Joined(_) => (size, list),
    }
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
        // Mostly their index lies in another order: few are put in the one that is asked for, of many the search index
        // tells the first ones.
        if part.order.by == By::DisplayName && begins.field == Field::DisplayName {
            list = Driver::One(List::DisplayNames);
        } else if size <= SMALL {
            list = Driver::Among(begin_with(reader, part.directory, begins).await?);
        } else if part.order.by == By::Number && begins.is_indexed() {
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
    lists.extend(filter.subtrees.map(|units| Driver::Merged(Lists::Subtrees(units))));
    lists.extend(filter.unit.map(|within| match within {
        Within::Unit(unit) | Within::Only(unit) => Driver::One(List::Unit(unit)),
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
    if part.order.by != By::Name {
        let own = [
            filter.role.filter(|role| *role != Role::User).map(List::Role),
            filter.label.map(List::Label),
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
        Driver::Merged(Lists::Subtrees(units)) => totals::subtrees(reader, directory, units).await,
        Driver::One(List::State { .. }) | Driver::Merged(Lists::Few(_)) => in_state(reader, part).await,
        Driver::One(List::Status(Status::Disabled)) => totals::read(reader, directory, Total::Disabled).await,
        Driver::One(List::Region(region)) => match Total::of_region(region) {
            Some(total) => totals::read(reader, directory, total).await,
            None => totals::read(reader, directory, Total::People).await,
        },
        // Few, unless many have the same address or number.
        Driver::One(list @ (List::Email(_) | List::Phone(_))) => {
            counted(reader, directory, list, SMALL).await
        }
        Driver::One(list @ (List::Role(_) | List::Label(_))) => {
            let counted = counted(reader, directory, list, SORTED).await?;
            // It may be everybody: any list whose length is known is better.
            if counted < SORTED { Ok(counted) } else { totals::read(reader, directory, Total::People).await }
        }
        Driver::One(
            List::Status(Status::Enabled)
            | List::Everybody
            | List::DisplayNames
            | List::Chosen
            | List::Digits,
        )
        | Driver::Names
        | Driver::Text(_)
        | Driver::Among(_) => totals::read(reader, directory, Total::People).await,
    }
}

/// How many users there are in a list, of whom so many are counted at most.
async fn counted(
    reader: &mut Reader,
    directory: DirectoryKey,
    list: &List<'_>,
    most: i64,
) -> Result<i64, Error> {
    let mut sql = Sql::new("select count(*) from (select 1");
    list.from(&mut sql, directory);
    sql.push(" limit ").bind(most).push(") few");
    reader.count_rows(&sql.text, &sql.params).await
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
