//! Users are found and counted.

use access::{Permit, Reader};
use model::property::Property;
use model::text::Label;
use model::total::Total;
use model::user::{Listed, OwnerType, Role, Status};
use model::{Folded, Handle, Number};
use store::search::{Begins, Field, Pattern};
use store::users::{self as rows, Begin, Filter, Key, Order, Span, Within};
use store::{properties, totals, units};

use crate::error::{Argument, Error};
use crate::named::{self, Named};
use crate::rights::{self, Reach};
use crate::users::{Viewed, views};

/// Which users are asked for; all conditions hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only users with one of these names.
    pub usernames: Option<Vec<Folded>>,
    /// Only users with one of these ids.
    pub users: Option<Vec<Named>>,
    /// No user with one of these names.
    pub not_usernames: Vec<Folded>,
    /// Only members of a unit.
    pub unit: Option<Named>,
    /// Whether members of the units below count as well.
    pub with_subtree: bool,
    /// Whether members who are in another unit as well do not count.
    pub only_unit: bool,
    /// Only members of one of these units or of what lies below one of them.
    pub subtrees: Option<Vec<Named>>,
    /// Whether system users are listed as well, who are else found by name or id alone.
    pub systems: bool,
    /// Only users with this role.
    pub role: Option<Role>,
    /// Only users with this label, which is not empty.
    pub label: Option<Label>,
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
    /// Only users whose username begins so.
    pub username_begins: Option<String>,
    /// Only users whose display name begins so.
    pub display_name_begins: Option<String>,
    /// Only users whose address begins so.
    pub email_begins: Option<String>,
    /// Only users whose number begins so, as it was given.
    pub phone_begins: Option<String>,
    /// Only users with this address.
    pub email: Option<String>,
    /// Only users with this number, of any region.
    pub phone_number: Option<String>,
    /// Only users with a number of this region.
    pub phone_region: Option<String>,
    /// Only the user whom another system calls so: the text, and whose own id it is, who has no other.
    pub external_id: Option<(String, Named)>,
    /// Only users of this status.
    pub status: Option<Status>,
    /// In which order.
    pub order: Listing,
    /// Only users behind this one.
    pub after: Option<Key>,
    /// Without these users at the beginning, in the order of numbers.
    pub skip: Option<i64>,
    /// How many at most.
    pub limit: usize,
    /// Whether it is asked how many match in all.
    pub counts: Option<Counted>,
    /// Whether a total that cannot be counted in time is an error.
    pub demands_total: bool,
    /// Whether a unit that is not there is an error.
    pub demands_unit: bool,
    /// Whether units and groups are not shown.
    pub leaves_out_places: bool,
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
/// The store's; `Deadline` among them, where a page of several conditions takes too long. `Missing` the unit, where
/// that is an error.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let nobody = || Page { total: wanted.counts.map(|_| 0), ..Page::default() };
    let Some(items) = items(reader, permit, wanted).await? else { return Ok(nobody()) };
    let Some(places) = places(reader, permit, wanted).await? else { return Ok(nobody()) };
    let Some(own) = own(reader, permit, wanted).await? else { return Ok(nobody()) };
    let filter = filter(permit, wanted, &items, &own, &places);
    let directory = permit.directory();
    let order = match (wanted.order, filter.group) {
        (Listing::By(order), _) => order,
        (Listing::ByJoining, Some(group)) => Order { by: rows::By::Joined(group), descending: false },
        (Listing::ByJoining, None) => return Ok(nobody()),
    };
    let after = wanted.after.as_ref();
    let skip = wanted.skip.filter(|skip| *skip > 0);
    let from = after.map_or(Begin::First, Begin::After);
    let span = Span { order, from, limit: wanted.limit, places: !wanted.leaves_out_places };
    let (found, counted) = match skip {
        Some(skip) => numbered(reader, permit, wanted, &filter, (skip, span)).await?,
        None => (rows::page(reader.rows(), directory, &filter, span).await?, None),
    };
    let mut page = Page { users: found.users, next: found.next, total: counted };
    if wanted.shows_values {
        show_values(reader, permit, &mut page.users).await?;
    }
    if let (Some(asked), None) = (wanted.counts, counted) {
        let is_everything = page.next.is_none() && after.is_none() && skip.is_none();
        page.total = if is_everything {
            Some(i64::try_from(page.users.len()).unwrap_or(i64::MAX))
        } else {
            total(reader, permit, &filter, asked, wanted.demands_total).await?
        };
    }
    Ok(page)
}

/// A page of users with what lies beside.
#[derive(Debug, Default)]
pub struct ViewedPage {
    /// The users.
    pub users: Vec<Viewed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Key>,
}

/// Lists those whom the caller manages, system users too.
///
/// # Errors
/// `Forbidden` the user, for who manages nobody. As [`list`].
pub async fn list_managed(reader: &mut Reader, permit: &Permit, wanted: Wanted) -> Result<ViewedPage, Error> {
    let label = match rights::reach(permit) {
        Reach::Everything => wanted.label.clone(),
        Reach::Label(own) if wanted.label.as_ref().is_none_or(|label| label == own) => Some(own.clone()),
        Reach::Label(_) => return Ok(ViewedPage::default()),
        Reach::Own => return Err(Error::Forbidden(Argument::User, String::new())),
    };
    viewed(reader, permit, Wanted { label, ..wanted }).await
}

/// Lists users, system users too, as much of each as the caller may see. Who does not manage everybody finds nobody who
/// is shut, and by neither address nor number nor role.
///
/// # Errors
/// As [`list`].
pub async fn list_any(reader: &mut Reader, permit: &Permit, wanted: Wanted) -> Result<ViewedPage, Error> {
    if rights::manages(permit) {
        return viewed(reader, permit, wanted).await;
    }
    if wanted.shut == Some(true) {
        return Ok(ViewedPage::default());
    }
    let (email_begins, phone_begins, role) = (None, None, None);
    viewed(reader, permit, Wanted { shut: Some(false), email_begins, phone_begins, role, ..wanted }).await
}

async fn viewed(reader: &mut Reader, permit: &Permit, wanted: Wanted) -> Result<ViewedPage, Error> {
    let wanted = Wanted { systems: true, leaves_out_places: true, ..wanted };
    let page = list(reader, permit, &wanted).await?;
    let users = page.users.into_iter().map(|listed| listed.user).collect();
    let viewed = views(reader.rows(), permit, users).await?;
    let users = viewed.into_iter().map(|viewed| viewed.seen_by(permit)).collect();
    Ok(ViewedPage { users, next: page.next })
}

/// How often a page by number is looked for from the end.
const ATTEMPTS: usize = 3;

/// A page by number, and how many match in all where that is asked.
async fn numbered(
    reader: &mut Reader,
    permit: &Permit,
    wanted: &Wanted,
    filter: &Filter<'_>,
    (skip, span): (i64, Span<'_>),
) -> Result<(rows::Page, Option<i64>), Error> {
    let directory = permit.directory();
    let people = async |reader: &mut Reader| totals::read(reader.rows(), directory, Total::People).await;
    let counted = async |reader: &mut Reader| match wanted.counts {
        Some(asked) => total(reader, permit, filter, asked, wanted.demands_total).await,
        None => Ok(None),
    };
    // How many there are tells from which end the page is nearer. Where people come or go between the count and the page,
    // counting from the end would show somebody twice, or never.
    for _ in 1..ATTEMPTS {
        let before = people(reader).await?;
        let total = counted(reader).await?;
        let span = Span { from: Begin::Skip(skip, total), ..span };
        let page = rows::page(reader.rows(), directory, filter, span).await?;
        if before == people(reader).await? {
            return Ok((page, total));
        }
    }
    let total = counted(reader).await?;
    let span = Span { from: Begin::Skip(skip, None), ..span };
    Ok((rows::page(reader.rows(), directory, filter, span).await?, total))
}

/// How many match; `None` where nobody could count them in time, which is no reason to show nobody.
async fn total(
    reader: &mut Reader,
    permit: &Permit,
    filter: &Filter<'_>,
    counted: Counted,
    demanded: bool,
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
        Err(store::Error::Deadline) if !demanded => Ok(None),
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

/// What is asked of users' own facts, as it is compared.
struct Own {
    numbers: Option<Vec<Number>>,
    begins: Vec<Begins>,
    email: Option<Folded>,
}

/// What is asked of users' own facts; `None` where nobody can match.
async fn own(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Option<Own>, Error> {
    let directory = permit.directory();
    let mut numbers = None;
    if let Some(users) = &wanted.users {
        let handles: Vec<Handle> = users.iter().filter_map(Named::handle).collect();
        let asked: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
        let mut found = rows::ids(reader.rows(), directory, &asked).await?;
        found.retain(|id| handles.iter().any(|handle| handle.means(*id)));
        numbers = Some(found.into_iter().map(|id| id.number()).collect::<Vec<_>>());
    }
    if let Some((text, own_id)) = &wanted.external_id {
        let called = match rows::called(reader.rows(), directory, text).await? {
            Some(called) => Some(called),
            None => own_named(reader, permit, own_id).await?,
        };
        let is_asked = |number: &Number| numbers.as_ref().is_none_or(|numbers| numbers.contains(number));
        let Some(called) = called.filter(is_asked) else { return Ok(None) };
        // Users who are found by what they are called are not named one by one: system users are not among them.
        let is_person = rows::count_people(reader.rows(), directory, &[called]).await? > 0;
        if !is_person && numbers.is_none() {
            return Ok(None);
        }
        numbers = Some(vec![called]);
    }
    if numbers.as_ref().is_some_and(Vec::is_empty) {
        return Ok(None);
    }
    let begins = [
        (Field::Username, &wanted.username_begins),
        (Field::DisplayName, &wanted.display_name_begins),
        (Field::Email, &wanted.email_begins),
        (Field::Phone, &wanted.phone_begins),
    ];
    let begins = begins.into_iter().filter_map(|(field, text)| {
        let text = text.as_deref()?;
        let text = if field == Field::Phone { Folded::stored(text) } else { Folded::of(text) };
        (!text.is_empty()).then_some(Begins { field, text })
    });
    let email = wanted.email.as_deref().map(Folded::of);
    if email.as_ref().is_some_and(Folded::is_empty) {
        // Nothing but blanks is nobody's address.
        return Ok(None);
    }
    Ok(Some(Own { numbers, begins: begins.collect(), email }))
}

/// The user whose own id is meant, and who is called by no other.
async fn own_named(reader: &mut Reader, permit: &Permit, named: &Named) -> Result<Option<Number>, Error> {
    let Some(handle) = named.handle() else { return Ok(None) };
    let user = rows::find(reader.rows(), permit.directory(), handle.number()).await?;
    Ok(user.filter(|user| handle.means(user.id) && user.external_id.is_none()).map(|user| user.id.number()))
}

/// The units and groups that are asked for, as they are there.
#[derive(Default)]
struct Places {
    unit: Option<Within>,
    subtrees: Option<Vec<Number>>,
    group: Option<Number>,
    not_group: Option<Number>,
}

/// The units and groups that are asked for; `None` where one that must be there is not.
async fn places(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Option<Places>, Error> {
    let mut places = Places::default();
    if let Some(named) = &wanted.unit {
        let number = match named.thing {
            Some(thing) => named::unit_number(reader.rows(), permit, thing).await?,
            None => None,
        };
        let number = match number {
            Some(number) => number,
            None if wanted.demands_unit => return Err(named.missing(Argument::Unit)),
            None => return Ok(None),
        };
        let is_everybody = wanted.with_subtree && number == permit.root_unit();
        let within = match (wanted.with_subtree, wanted.only_unit) {
            (true, _) => Within::Subtree(number),
            (false, true) => Within::Only(number),
            (false, false) => Within::Unit(number),
        };
        places.unit = (!is_everybody).then_some(within);
    }
    if let Some(asked) = &wanted.subtrees {
        let handles: Vec<Handle> = asked.iter().filter_map(Named::handle).collect();
        let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
        let mut found = units::ids(reader.rows(), permit.directory(), &numbers).await?;
        found.retain(|id| handles.iter().any(|handle| handle.means(*id)));
        if found.is_empty() {
            return Ok(None);
        }
        places.subtrees = Some(found.into_iter().map(|id| id.number()).collect());
    }
    if let Some(named) = &wanted.group {
        let Some(number) = named::group_number(reader.rows(), permit, named).await? else { return Ok(None) };
        places.group = Some(number);
    }
    if let Some(named) = &wanted.not_group {
        places.not_group = named::group_number(reader.rows(), permit, named).await?;
    }
    Ok(Some(places))
}

/// What the store is asked.
fn filter<'a>(
    permit: &Permit,
    wanted: &'a Wanted,
    items: &'a [Vec<Number>],
    own: &'a Own,
    places: &'a Places,
) -> Filter<'a> {
    Filter {
        usernames: wanted.usernames.as_deref(),
        numbers: own.numbers.as_deref(),
        not_usernames: &wanted.not_usernames,
        unit: places.unit,
        subtrees: places.subtrees.as_deref(),
        systems: wanted.systems,
        role: wanted.role,
        label: wanted.label.as_ref().map(Label::as_str),
        group: places.group,
        not_group: places.not_group,
        shut: wanted.shut,
        owner: wanted.owner,
        items,
        text: wanted.text.clone(),
        begins: &own.begins,
        email: own.email.as_ref(),
        phone: wanted.phone_number.as_deref(),
        region: wanted.phone_region.as_deref(),
        status: wanted.status,
        at: permit.at(),
    }
}

/// Fills in the values of properties.
pub(super) async fn show_values(
    reader: &mut Reader,
    permit: &Permit,
    users: &mut [Listed],
) -> Result<(), Error> {
    let numbers: Vec<Number> = users.iter().map(|listed| listed.user.id.number()).collect();
    let mut values = properties::of_users(reader.rows(), permit.directory(), &numbers).await?;
    for listed in users {
        listed.values = values.remove(&listed.user.id.number()).unwrap_or_default();
    }
    Ok(())
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
