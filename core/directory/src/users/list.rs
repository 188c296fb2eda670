//! Users are found and counted.

use access::{Permit, Reader};
use model::property::Property;
use model::total::Total;
use model::user::{Listed, OwnerType};
use model::{Folded, Number};
use store::search::Pattern;
use store::users::{self as rows, Filter, Key, Order, Within};
use store::{properties, totals};

use crate::error::{Argument, Error};
use crate::named::{self, Named};

/// Which users are asked for; all conditions hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only users with one of these names.
    pub usernames: Option<Vec<Folded>>,
    /// No user with one of these names.
    pub not_usernames: Vec<Folded>,
    /// Only members of a unit.
    pub unit: Option<Named>,
    /// Whether members of the units below count as well.
    pub with_subtree: bool,
    /// Only members of a group.
    pub group: Option<Named>,
    /// No member of this group.
    pub not_group: Option<Named>,
    /// Only accounts that are shown as shut, or only others.
    pub shut: Option<bool>,
    /// Only accounts that this one activates.
    pub owner: Option<OwnerType>,
    /// Only users who have one of these values, of each property that is named.
    pub values: Vec<WantedValues>,
    /// Only users whose text matches.
    pub text: Option<Pattern>,
    /// In which order.
    pub order: Listing,
    /// Only users behind this one.
    pub after: Option<Key>,
    /// How many at most.
    pub limit: usize,
    /// Whether it is asked how many match in all.
    pub counts: Option<Counted>,
    /// Whether the values of properties are shown.
    pub shows_values: bool,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// In this one.
    By(Order),
    /// Of the members of the group that is asked for: in the order in which they joined.
    ByJoining,
}

impl Default for Listing {
    fn default() -> Self {
        Self::By(Order::default())
    }
}

/// The question for a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// As counted for the first page.
    pub before: Option<i64>,
    /// Whether this is a further page, for which nobody counts again.
    pub is_later_page: bool,
}

/// Values of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedValues {
    /// Of the property and the values with these numbers; of any value where none is named.
    Numbers {
        /// The property's number.
        property: i64,
        /// The values' numbers.
        values: Vec<i64>,
    },
    /// Of the property with this name and the values of this text; of any value where none is named.
    Texts {
        /// The property's name.
        property: String,
        /// The values.
        values: Vec<String>,
    },
}

/// A page of users.
#[derive(Debug, Default)]
pub struct Page {
    /// The users.
    pub users: Vec<Listed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Key>,
    /// How many match in all, where that is asked and could be counted in time.
    pub total: Option<i64>,
}

/// Lists users. A unit, a group, a property or a value that is not there has nobody.
///
/// # Errors
/// The store's; `Deadline` among them, where a page of several conditions takes too long.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let nobody = || Page { total: wanted.counts.map(|_| 0), ..Page::default() };
    let Some(items) = items(reader, permit, wanted).await? else { return Ok(nobody()) };
    let Some(filter) = filter(reader, permit, wanted, &items).await? else { return Ok(nobody()) };
    let directory = permit.directory();
    let order = match (wanted.order, filter.group) {
        (Listing::By(order), _) => order,
        (Listing::ByJoining, Some(group)) => Order { by: rows::By::Joined(group), descending: false },
        (Listing::ByJoining, None) => return Ok(nobody()),
    };
    let after = wanted.after.as_ref();
    let found = rows::page(reader.rows(), directory, &filter, order, after, wanted.limit).await?;
    let mut page = Page { users: found.users, next: found.next, total: None };
    if wanted.shows_values {
        show_values(reader, permit, &mut page.users).await?;
    }
    if let Some(counted) = wanted.counts {
        let is_everything = page.next.is_none() && after.is_none();
        page.total = if is_everything {
            Some(i64::try_from(page.users.len()).unwrap_or(i64::MAX))
        } else {
            total(reader, permit, &filter, counted).await?
        };
    }
    Ok(page)
}

/// How many match; `None` where nobody could count them in time, which is no reason to show nobody.
async fn total(
    reader: &mut Reader,
    permit: &Permit,
    filter: &Filter<'_>,
    counted: Counted,
) -> Result<Option<i64>, Error> {
    let directory = permit.directory();
    // A subtree's total is kept in pieces: it is not put together again for each page.
    if let Some(before) = counted.before.filter(|_| matches!(filter.unit, Some(Within::Subtree(_)))) {
        return Ok(Some(before));
    }
    if let Some(kept) = rows::total(reader.rows(), directory, filter).await? {
        return Ok(Some(kept));
    }
    if counted.before.is_some() || counted.is_later_page {
        return Ok(counted.before);
    }
    // Whoever waits for a turn to count holds no connection meanwhile.
    reader.rows().let_go();
    match rows::count(reader.store(), directory, filter).await {
        Ok(counted) => Ok(Some(counted)),
        Err(store::Error::Deadline) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The values that are asked for, by property; `None` where nobody can have them.
async fn items(
    reader: &mut Reader,
    permit: &Permit,
    wanted: &Wanted,
) -> Result<Option<Vec<Vec<Number>>>, Error> {
    if wanted.values.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let known = properties::all(reader.rows(), permit.directory()).await?;
    let mut sets: Vec<(Number, Vec<Number>)> = Vec::new();
    for asked in &wanted.values {
        let Some((property, items)) = asked.among(&known) else { return Ok(None) };
        match sets.iter_mut().find(|(other, _)| *other == property) {
            Some((_, set)) => set.extend(items),
            None => sets.push((property, items)),
        }
    }
    for (_, items) in &mut sets {
        items.sort_unstable();
        items.dedup();
    }
    let is_possible = sets.iter().all(|(_, items)| !items.is_empty());
    Ok(is_possible.then(|| sets.into_iter().map(|(_, items)| items).collect()))
}

impl WantedValues {
    /// The property and those of its values that are meant; `None` where there is no such property.
    fn among(&self, known: &[Property]) -> Option<(Number, Vec<Number>)> {
        let property = known.iter().filter(|property| property.is_plain()).find(|known| match self {
            Self::Numbers { property, .. } => known.id.number() == Number(*property),
            Self::Texts { property, .. } => known.name.folded() == Folded::of(property),
        })?;
        let is_meant = |number: Number, value: &str| match self {
            Self::Numbers { values, .. } => values.is_empty() || values.contains(&number.0),
            Self::Texts { values, .. } => values.is_empty() || values.iter().any(|text| text == value),
        };
        let items = property.items.iter().filter(|item| is_meant(item.number, item.value.as_str()));
        Some((property.id.number(), items.map(|item| item.number).collect()))
    }
}

/// What the store is asked; `None` where nobody can match.
async fn filter<'a>(
    reader: &mut Reader,
    permit: &Permit,
    wanted: &'a Wanted,
    items: &'a [Vec<Number>],
) -> Result<Option<Filter<'a>>, Error> {
    let mut filter = Filter {
        usernames: wanted.usernames.as_deref(),
        not_usernames: &wanted.not_usernames,
        shut: wanted.shut,
        owner: wanted.owner,
        items,
        text: wanted.text.clone(),
        at: permit.at(),
        ..Filter::default()
    };
    if let Some(named) = &wanted.unit {
        let Some(thing) = named.thing else { return Ok(None) };
        let Some(number) = named::unit_number(reader.rows(), permit, thing).await? else { return Ok(None) };
        let is_everybody = wanted.with_subtree && number == permit.root_unit();
        let within = if wanted.with_subtree { Within::Subtree(number) } else { Within::Unit(number) };
        filter.unit = (!is_everybody).then_some(within);
    }
    if let Some(named) = &wanted.group {
        let Some(number) = named::group_number(reader.rows(), permit, named).await? else { return Ok(None) };
        filter.group = Some(number);
    }
    if let Some(named) = &wanted.not_group {
        filter.not_group = named::group_number(reader.rows(), permit, named).await?;
    }
    Ok(Some(filter))
}

/// Fills in the values of properties.
async fn show_values(reader: &mut Reader, permit: &Permit, users: &mut [Listed]) -> Result<(), Error> {
    let numbers: Vec<Number> = users.iter().map(|listed| listed.user.id.number()).collect();
    let mut values = properties::of_users(reader.rows(), permit.directory(), &numbers).await?;
    for listed in users {
        listed.values = values.remove(&listed.user.id.number()).unwrap_or_default();
    }
    Ok(())
}

/// The user with this name, with the values of properties where these are shown.
///
/// # Errors
/// `Missing` a user.
pub async fn find(
    reader: &mut Reader,
    permit: &Permit,
    name: &str,
    shows_values: bool,
) -> Result<Listed, Error> {
    let key = Folded::of(name);
    let mut users = rows::named(reader.rows(), permit.directory(), &[&key]).await?;
    if shows_values {
        show_values(reader, permit, &mut users).await?;
    }
    users.pop().ok_or_else(|| Error::Missing(Argument::User, name.to_owned()))
}

/// How many of each there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// People.
    pub users: i64,
    /// Groups.
    pub groups: i64,
    /// Units below the root.
    pub units: i64,
}

/// Counts what the directory holds.
///
/// # Errors
/// The store's.
pub async fn count(reader: &mut Reader, permit: &Permit) -> Result<Counts, Error> {
    let directory = permit.directory();
    let rows = reader.rows();
    Ok(Counts {
        users: totals::read(rows, directory, Total::People).await?,
        groups: totals::read(rows, directory, Total::Groups).await?,
        units: totals::read(rows, directory, Total::Units).await?,
    })
}
