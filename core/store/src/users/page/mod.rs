//! Lists of users: conditions, orders, pages and totals.
//!
//! A page is driven by what holds the fewest users ([`mod@driver`]): names, one ordered list or several of them
//! that are merged, or the search index. The other conditions are looked at row by row.

mod begins;
mod driver;
mod merge;
mod order;
mod skip;
mod total;

pub use order::{By, Key, Order};
pub use total::{count, total};

use model::user::{Listed, OwnerType, Role, Status};
use model::{DirectoryKey, Folded, Millis, Number};

use super::row::{BARE, LISTED, listed, listed_joined, owner_code, role_code, status_code};
use crate::error::Error;
use crate::row::Row;
use crate::search::{Begins, Field, Pattern, Search};
use crate::session::Reader;
use crate::sql::Sql;
use driver::{Driver, List, Lists, driver};
use merge::Merge;

/// Users of merged lists whose rows are looked at for one page, and together.
const LOOKED_AT: usize = 100_000;
const LOOKED_AT_TOGETHER: usize = 2_000;

/// Conditions on users; all of them hold. System users are only found by `usernames` and `numbers`, unless `systems`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter<'a> {
    /// Only users with one of these names.
    pub usernames: Option<&'a [Folded]>,
    /// Only users with one of these numbers.
    pub numbers: Option<&'a [Number]>,
    /// No user with one of these names.
    pub not_usernames: &'a [Folded],
    /// Only members of a unit.
    pub unit: Option<Within>,
    /// Only members of one of these units or of what lies below one; there is one at least.
    pub subtrees: Option<&'a [Number]>,
    /// Whether system users are among those who are asked for.
    pub systems: bool,
    /// Only users with this role.
    pub role: Option<Role>,
    /// Only users with this label, which is not empty.
    pub label: Option<&'a str>,
    /// Only members of this group.
    pub group: Option<Number>,
    /// No member of this group.
    pub not_group: Option<Number>,
    /// Only accounts that are shown as shut, or only those that are not.
    pub shut: Option<bool>,
    /// Only users whom this one activates.
    pub owner: Option<OwnerType>,
    /// Only users who have a value out of each of these sets of properties' values.
    pub items: &'a [Vec<Number>],
    /// Only users whose text matches.
    pub text: Option<Pattern>,
    /// Only users who begin with each of these texts.
    pub begins: &'a [Begins],
    /// Only users with this address.
    pub email: Option<&'a Folded>,
    /// Only users with this number, of any region.
    pub phone: Option<&'a str>,
    /// Only users with a number of this region.
    pub region: Option<&'a str>,
    /// Only users of this status.
    pub status: Option<Status>,
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
    /// Of the unit itself and of no other one.
    Only(Number),
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
            // In this order: who is noted as shut between the two questions comes twice and is not missed.
            Some(true) => &[State::Due, State::Shut],
        }
    }

    /// Whether the users are named one by one.
    fn is_named(&self) -> bool {
        self.usernames.is_some() || self.numbers.is_some()
    }

    /// Whether nothing is asked but what this other filter asks.
    fn is_only(&self, kept: Filter<'_>) -> bool {
        *self == Filter { at: self.at, systems: self.systems, ..kept }
    }

    /// The beginning that this pattern asks for, where it is one.
    fn beginning(&self, pattern: &Pattern) -> Option<&Begins> {
        self.begins.iter().find(|begins| begins.pattern() == *pattern)
    }

    /// Whether nothing is asked but one beginning.
    fn is_beginning_alone(&self) -> bool {
        self.begins.len() == 1 && self.is_only(Filter { begins: self.begins, ..Filter::default() })
    }

    /// Whether nothing is asked but what one driver meets by itself.
    fn is_alone(&self) -> bool {
        let of_unit = self.unit.filter(|within| !matches!(within, Within::Only(_)));
        self.is_only(Filter { unit: of_unit, ..Filter::default() })
            || self.is_only(Filter { subtrees: self.subtrees, ..Filter::default() })
            || self.is_only(Filter { label: self.label, ..Filter::default() })
            || (self.role != Some(Role::User)
                && self.is_only(Filter { role: self.role, ..Filter::default() }))
            || self.is_only(Filter { group: self.group, ..Filter::default() })
            || self.is_only(Filter { shut: self.shut, owner: self.owner, ..Filter::default() })
            || self.is_only(Filter { status: self.status, ..Filter::default() })
            || self.is_only(Filter { email: self.email, ..Filter::default() })
            || self.is_only(Filter { phone: self.phone, ..Filter::default() })
            || self.is_only(Filter { region: self.region, ..Filter::default() })
            || (self.items.len() < 2 && self.is_only(Filter { items: self.items, ..Filter::default() }))
    }

    /// Whether nothing but a text is asked.
    fn is_text_alone(&self) -> bool {
        self.is_only(Filter { text: self.text.clone(), ..Filter::default() })
    }
}

/// A page of users.
#[derive(Debug, Default)]
pub struct Page {
    /// The users.
    pub users: Vec<Listed>,
    /// Where the next page begins; `None` behind the last user who matches. There may be fewer users than asked for,
    /// or none, and more to come: where very many had to be looked at in vain.
    pub next: Option<Key>,
}

/// Which users of a list a page shows.
#[derive(Debug, Clone, Copy)]
pub struct Span<'k> {
    /// In which order.
    pub order: Order,
    /// Where it begins.
    pub from: Begin<'k>,
    /// How many users it has at most.
    pub limit: usize,
    /// Whether their units and groups are read as well.
    pub places: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy)]
pub enum Begin<'k> {
    /// At the first user.
    First,
    /// Behind the user who stands here.
    After(&'k Key),
    /// Behind so many users, of so many who match where that is known.
    Skip(i64, Option<i64>),
}

/// A page of users. Pages that skip users are in the order of numbers, and not by state.
pub async fn page<'a>(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: &Filter<'a>,
    span: Span<'_>,
) -> Result<Page, Error> {
    let Span { order, limit, places, .. } = span;
    let after = match span.from {
        Begin::First => None,
        Begin::After(key) => Some(key),
        Begin::Skip(skip, total) => {
            debug_assert_eq!(filter.shut, None, "accounts by their state have no pages by number");
            debug_assert!(!filter.systems, "neither have system users");
            let part = Part { directory, filter, order: Order::default(), state: State::Any, places };
            return skip::page(reader, &part, skip, total, limit).await;
        }
    };
    let mut users = Vec::new();
    let mut end = None;
    for &state in filter.states() {
        let part = Part { directory, filter, order, state, places };
        let driver = driver(reader, &part).await?;
        if !part.is_bounded(&driver) {
            // How many rows are looked at for a page of those that meet several conditions is anybody's guess.
            reader.bound();
        }
        let (found, reached) = part.page(reader, &driver, after, limit + 1).await?;
        users.extend(found);
        end = order.first(end, reached);
    }
    if filter.states().len() > 1 {
        order.sort(&mut users);
        users.dedup_by_key(|listed| listed.user.id.number());
    }
    if let Some(end) = &end {
        users.retain(|listed| !order.is_behind(&order.key(listed), end));
    }
    if users.len() > limit {
        users.truncate(limit);
        end = users.last().map(|last| order.key(last));
    }
    Ok(Page { users, next: end })
}

/// One question to the rows: users in one of the states that are asked for.
struct Part<'q, 'a> {
    directory: DirectoryKey,
    filter: &'q Filter<'a>,
    order: Order,
    state: State,
    places: bool,
}

impl<'a> Part<'_, 'a> {
    /// Whether the driver leads to the page's users and to few others.
    fn is_bounded(&self, driver: &Driver<'_>) -> bool {
        match driver {
            Driver::Names | Driver::Among(_) => true,
            Driver::Text(pattern) => self.filter.is_text_alone() && pattern.is_one_gram(),
            Driver::One(list) => self.filter.is_alone() && self.order.lies_in(list),
            Driver::Merged(lists) => self.filter.is_alone() && self.merges(lists),
        }
    }

    /// Whether these lists lie in the order that is asked for.
    fn merges(&self, lists: &Lists<'_>) -> bool {
        match lists {
            Lists::Few(few) => few.iter().all(|list| self.order.lies_in(list)),
            Lists::Subtree(_) | Lists::Subtrees(_) | Lists::Items(_) => self.order.lies_in_lists(),
        }
    }

    /// Up to `limit` users after `after`; and where that stopped, if it did before the end.
    async fn page(
        &self,
        reader: &mut Reader,
        driver: &Driver<'a>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<(Vec<Listed>, Option<Key>), Error> {
        match driver {
            Driver::Text(pattern) => {
                let last = after.map(Key::number);
                let conditions = |sql: &mut Sql<'a>| self.conditions(sql, driver);
                let mut found =
                    self.search(reader, self.columns(), pattern, &conditions, last, limit, listed).await?;
                if self.filter.systems {
                    found.extend(self.systems(reader, driver, after).await?);
                    self.order.sort(&mut found);
                    found.truncate(limit);
                }
                Ok((found, None))
            }
            Driver::Merged(lists) if self.merges(lists) => {
                self.merged(reader, driver, lists, after, limit).await
            }
            Driver::Merged(_) => {
                Ok((self.sorted(reader, driver, &List::Everybody, after, limit).await?, None))
            }
            Driver::Names | Driver::Among(_) => {
                Ok((self.gathered(reader, driver, after, limit).await?, None))
            }
            Driver::One(list) if !self.order.lies_in(list) => {
                Ok((self.sorted(reader, driver, list, after, limit).await?, None))
            }
            Driver::One(list) => {
                let mut sql = self.select(list);
                if *list == List::DisplayNames {
                    self.display_names(&mut sql);
                }
                self.order.after(&mut sql, list, after);
                self.conditions(&mut sql, driver);
                self.order.order_by(&mut sql, list);
                sql.push(" limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
                Ok((reader.query(&sql.text, &sql.params, self.read()).await?, None))
            }
        }
    }

    /// System users, whom the search index does not know.
    async fn systems(
        &self,
        reader: &mut Reader,
        driver: &Driver<'a>,
        after: Option<&Key>,
    ) -> Result<Vec<Listed>, Error> {
        let mut sql = self.select(&List::Everybody);
        sql.push(" and u.is_system = 1");
        self.conditions(&mut sql, driver);
        let mut found = reader.query(&sql.text, &sql.params, listed).await?;
        found.retain(|listed| after.is_none_or(|after| self.order.is_behind(&self.order.key(listed), after)));
        Ok(found)
    }

    /// Users who lie in another order than the one that is asked for.
    async fn sorted(
        &self,
        reader: &mut Reader,
        driver: &Driver<'a>,
        list: &List<'a>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Listed>, Error> {
        let mut sql = self.select(list);
        total::within(&mut sql, self.directory, driver);
        self.order.sorted(&mut sql, after, |sql| self.conditions(sql, driver));
        sql.push(" limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        reader.query(&sql.text, &sql.params, listed).await
    }

    /// Users of several lists, each of which lies in order.
    async fn merged(
        &self,
        reader: &mut Reader,
        driver: &Driver<'a>,
        lists: &Lists<'a>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<(Vec<Listed>, Option<Key>), Error> {
        let mut merge = Merge::begin(reader, self, lists, after, limit).await?;
        let mut found = Vec::new();
        let mut looked_at = 0;
        while found.len() < limit {
            if looked_at >= LOOKED_AT {
                return Ok((found, merge.reached()));
            }
            // Where few of those who were looked at match, more are looked at together.
            let together = (looked_at + limit).min(LOOKED_AT_TOGETHER);
            let numbers = merge.next(reader, self, together).await?;
            if numbers.is_empty() {
                break;
            }
            looked_at += numbers.len();
            let mut sql = self.select(&List::Everybody);
            sql.push(" and u.number in ").bind_list(&numbers);
            self.conditions(&mut sql, driver);
            let mut rows = reader.query(&sql.text, &sql.params, listed).await?;
            self.order.sort(&mut rows);
            found.extend(rows);
        }
        found.truncate(limit);
        Ok((found, None))
    }

    /// Few users, put in order here: their keys first, where they are more than the page.
    async fn gathered(
        &self,
        reader: &mut Reader,
        driver: &Driver<'a>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Listed>, Error> {
        let list = driver.list(self.order);
        let is_behind = |key: &Key| after.is_none_or(|after| self.order.is_behind(key, after));
        let mut users = if self.filter.usernames.is_some_and(|names| names.len() <= limit)
            || self.filter.numbers.is_some_and(|numbers| numbers.len() <= limit)
        {
            let mut sql = self.select(&list);
            self.conditions(&mut sql, driver);
            reader.query(&sql.text, &sql.params, self.read()).await?
        } else {
            let mut sql = Sql::new("select u.number, ");
            sql.push(self.order.column());
            list.from(&mut sql, self.directory);
            if let Driver::Among(numbers) = driver {
                sql.push(" and u.number in ").bind_list(numbers);
            }
            self.conditions(&mut sql, driver);
            let mut keys = reader.query(&sql.text, &sql.params, |row| self.order.key_of_row(row)).await?;
            keys.retain(|(key, _)| is_behind(key));
            keys.sort_unstable();
            if self.order.descending {
                keys.reverse();
            }
            keys.truncate(limit);
            let numbers: Vec<Number> = keys.into_iter().map(|(_, number)| number).collect();
            let mut sql = self.select(&list);
            sql.push(" and u.number in ").bind_list(&numbers);
            reader.query(&sql.text, &sql.params, self.read()).await?
        };
        users.retain(|listed| is_behind(&self.order.key(listed)));
        self.order.sort(&mut users);
        users.truncate(limit);
        Ok(users)
    }

    /// Whether display names alone tell of many that they are not asked for.
    fn asks_display_names(&self) -> bool {
        let text = self.filter.text.as_ref().map(|pattern| pattern.field);
        let mut asked = text.into_iter().chain(self.filter.begins.iter().map(|begins| begins.field));
        asked.any(|field| field == Field::DisplayName)
    }

    /// Adds what their index `k` can tell by itself of the users who are asked for.
    fn display_names(&self, sql: &mut Sql<'a>) {
        let is_name = |field: Field| field == Field::DisplayName;
        for begins in self.filter.begins.iter().filter(|begins| is_name(begins.field)) {
            sql.begins("k.display_key", &begins.text);
        }
        if let Some(pattern) = self.filter.text.as_ref().filter(|pattern| is_name(pattern.field)) {
            sql.push(" and k.display_key like ").bind(pattern.like.operand()).push(" escape '\\'");
        }
    }

    /// Reads a row of [`Part::select`].
    fn read(&self) -> fn(&Row<'_>) -> Result<Listed, Error> {
        if matches!(self.order.by, By::Joined(_)) { listed_joined } else { listed }
    }

    /// What the search index finds under these conditions.
    #[expect(clippy::too_many_arguments, reason = "what is selected, how, and where the page lies")]
    async fn search<T: Send>(
        &self,
        reader: &mut Reader,
        select: &str,
        pattern: &Pattern,
        conditions: &(dyn Fn(&mut Sql<'a>) + Sync),
        after: Option<Number>,
        limit: usize,
        read: impl FnMut(&Row<'_>) -> Result<T, Error> + Send,
    ) -> Result<Vec<T>, Error> {
        let search = Search {
            directory: self.directory,
            pattern,
            conditions,
            alone: self.filter.is_text_alone(),
            descending: self.order.descending,
        };
        reader.search(select, &search, after, limit, read).await
    }

    /// The select and from of the rows of a list, `u` being the users and `m` their membership.
    fn select(&self, list: &List<'a>) -> Sql<'a> {
        let mut sql = Sql::new(self.columns());
        if matches!(self.order.by, By::Joined(_)) {
            sql.push(", m.joined");
        }
        list.from(&mut sql, self.directory);
        sql
    }

    /// What is selected of a user.
    fn columns(&self) -> &'static str {
        if self.places { LISTED } else { BARE }
    }

    /// Every condition that the driver does not meet by itself.
    fn conditions(&self, sql: &mut Sql<'a>, driver: &Driver<'_>) {
        let (directory, filter) = (self.directory.number, self.filter);
        if let Some(names) = filter.usernames {
            sql.push(" and u.username_key in ").bind_list(&names.iter().collect::<Vec<_>>());
        }
        if let Some(numbers) = filter.numbers {
            sql.push(" and u.number in ").bind_list(numbers);
        }
        if !filter.is_named() && !filter.systems {
            sql.push(" and u.is_system = 0");
        }
        if !filter.not_usernames.is_empty() {
            let names: Vec<_> = filter.not_usernames.iter().collect();
            sql.push(" and u.username_key not in ").bind_list(&names);
        }
        let member = |sql: &mut Sql<'a>, table: &str, column: &str| {
            sql.push("exists (select 1 from ").push(table).push(" x where x.directory = ").bind(directory);
            sql.push(" and x.user_number = u.number and x.").push(column);
        };
        match filter.unit {
            Some(Within::Unit(unit)) if !driver.is(&List::Unit(unit)) => {
                sql.push(" and ");
                member(sql, "unit_members", "unit = ");
                sql.bind(unit).push(")");
            }
            Some(Within::Subtree(unit)) if !driver.is_subtree(unit) => {
                sql.push(" and exists (select 1 from unit_members x join unit_closure c");
                sql.push(" on c.directory = x.directory and c.descendant = x.unit where x.directory = ");
                sql.bind(directory).push(" and x.user_number = u.number and c.ancestor = ").bind(unit);
                sql.push(")");
            }
            Some(Within::Only(unit)) => {
                if !driver.is(&List::Unit(unit)) {
                    sql.push(" and ");
                    member(sql, "unit_members", "unit = ");
                    sql.bind(unit).push(")");
                }
                sql.push(" and not ");
                member(sql, "unit_members", "unit <> ");
                sql.bind(unit).push(")");
            }
            Some(_) | None => {}
        }
        if let Some(units) = filter.subtrees.filter(|units| !driver.is_subtrees(units)) {
            sql.push(" and exists (select 1 from unit_members x join unit_closure c");
            sql.push(" on c.directory = x.directory and c.descendant = x.unit where x.directory = ");
            sql.bind(directory).push(" and x.user_number = u.number and c.ancestor in ").bind_list(units);
            sql.push(")");
        }
        if let Some(label) = filter.label.filter(|label| !driver.is(&List::Label(label))) {
            sql.push(" and ");
            member(sql, "profiles", "label = ");
            sql.bind(label).push(")");
        }
        if let Some(group) = filter.group
            && !driver.is(&List::Group(group))
        {
            sql.push(" and ");
            member(sql, "group_members", "group_number = ");
            sql.bind(group).push(")");
        }
        if let Some(group) = filter.not_group {
            sql.push(" and not ");
            member(sql, "group_members", "group_number = ");
            sql.bind(group).push(")");
        }
        for items in filter.items.iter().filter(|items| !driver.is_items(items)) {
            sql.push(" and ");
            member(sql, "user_values", "item in ");
            sql.bind_list(items).push(")");
        }
        if let Some(owner) = filter.owner {
            sql.push(if driver.is_states() { " and u.owner_type = " } else { " and u.owner_type + 0 = " });
            sql.bind(owner_code(owner));
        }
        // Columns with an index of their own are asked as a sum or a joined text, which no index holds: else SQLite takes
        // the list that its fixed figures like best, and not the one that is known to be the shortest.
        if let Some(status) = filter.status.filter(|status| !driver.is(&List::Status(*status))) {
            sql.push(" and u.status + 0 = ").bind(status_code(status));
        }
        if let Some(role) = filter.role.filter(|role| !driver.is(&List::Role(*role))) {
            sql.push(" and u.role + 0 = ").bind(role_code(role));
        }
        if let Some(email) = filter.email.filter(|email| !driver.is(&List::Email(email.as_str()))) {
            sql.push(" and u.email_key || '' = ").bind(email);
        }
        if let Some(phone) = filter.phone.filter(|phone| !driver.is(&List::Phone(phone))) {
            sql.push(" and u.phone || '' = ").bind(phone);
        }
        if let Some(region) = filter.region.filter(|region| !driver.is(&List::Region(region))) {
            sql.push(" and u.phone_region || '' = ").bind(region);
        }
        self.state_condition(sql, driver);
        if let Some(pattern) = &filter.text {
            pattern.of_row(sql);
        }
        for begins in filter.begins {
            begins.of_row(sql);
        }
    }

    fn state_condition(&self, sql: &mut Sql<'a>, driver: &Driver<'_>) {
        let column = if driver.is_states() { " and u.shut" } else { " and u.shut + 0" };
        let (directory, at) = (self.directory.number, self.filter.at);
        match self.state {
            State::Any => {}
            State::Open => {
                sql.push(column).push(" = 0 and (u.locks_at is null or u.locks_at > ").bind(at);
                sql.push(") and (u.lock_until is null or u.lock_until <= ").bind(at).push(")");
            }
            State::Shut => {
                sql.push(column).push(" = 1");
            }
            State::Due => {
                sql.push(" and u.number in (").push(total::DUE_BY_TIME).bind(at);
                sql.push(" and directory = ").bind(directory).push(" union ").push(total::DUE_BY_GUESSES);
                sql.bind(at).push(" and directory = ").bind(directory).push(")");
            }
        }
    }
}
