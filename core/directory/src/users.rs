//! Users: made, found, removed.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use access::passwords::Hash;
use access::{Change, Permit, Reader};
use model::event::Event;
use model::text::{Description, DisplayName, Email, Phone, Username};
use model::total::Total;
use model::user::{Listed, Locks, LocksAt, OwnerType, PasswordFacts, Role, Status, User};
use model::{Folded, Handle, Number};
use store::search::Pattern;
use store::users::{self as rows, Filter, Within};
use store::{groups, passwords, totals, units};

use crate::error::{Argument, Error, Unique};

/// A user to be made.
#[derive(Debug)]
pub struct NewUser {
    /// Free in the directory, compared without case.
    pub username: Username,
    /// What people call the user.
    pub display_name: DisplayName,
    /// A free remark.
    pub description: Description,
    /// Contact data.
    pub email: Email,
    /// Contact data.
    pub phone: Option<Phone>,
    /// Who activates the user.
    pub owner_type: OwnerType,
    /// The primary unit; the root if none is given.
    pub unit: Option<Named>,
    /// The groups to join at once.
    pub groups: Vec<Named>,
    /// When the account locks itself.
    pub locks_at: Option<LocksAt>,
    /// Whether the user is local administrator.
    pub local_admin: bool,
    /// A password, hashed.
    pub password: Option<Hash>,
    /// Days after which the password must be changed.
    pub password_expires_after_days: Option<u16>,
    /// Whether the first sign-in forces a change of the password.
    pub must_change_password: bool,
}

/// A unit or a group as the caller named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it says, where it says anything.
    pub thing: Option<Thing>,
    /// The caller's own text, for errors.
    pub text: String,
}

/// A thing that an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// The root unit.
    Root,
    /// The thing with this id.
    Handle(Handle),
}

/// Makes users, each for itself: those that cannot be made say why, and nothing of them is kept.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Taken` (also by an earlier one of the same call), `Missing`
/// a unit or a group.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    wanted: &[NewUser],
) -> Result<Vec<Result<User, Error>>, Error> {
    let directory = permit.directory();
    let names: Vec<&Folded> = wanted.iter().map(|new| new.username.key()).collect();
    let mut taken: HashSet<Folded> = rows::taken(change.tx(), directory, &names).await?.into_keys().collect();
    let places = Places::of(change, permit, wanted).await?;

    // Ids in the order of the request, which lists keep; rows in the order of names, so that two calls that
    // make the same names in another order do not wait for each other.
    let mut in_turn: Vec<_> =
        wanted.iter().map(|new| new.made_by(change, permit)).zip(wanted).enumerate().collect();
    in_turn.sort_by(|(_, (a, _)), (_, (b, _))| a.username.key().cmp(b.username.key()));
    let mut results: Vec<_> = wanted.iter().map(|_| None).collect();
    for (at, (user, new)) in in_turn {
        if !taken.insert(user.username.key().clone()) {
            results[at] = Some(Err(Error::Taken(Unique::Username, user.username.to_string())));
            continue;
        }
        let item = change.item().await?;
        match create_one(change, permit, &places, &user, new).await {
            Ok(()) => {
                change.keep(item).await?;
                results[at] = Some(Ok(user));
            }
            Err(Error::Store(error)) => return Err(error.into()),
            Err(refused) => {
                change.undo(item).await?;
                taken.remove(user.username.key());
                results[at] = Some(Err(refused));
            }
        }
    }
    Ok(results.into_iter().flatten().collect())
}

async fn create_one(
    change: &mut Change,
    permit: &Permit,
    places: &Places,
    user: &User,
    new: &NewUser,
) -> Result<(), Error> {
    let directory = permit.directory();
    let unit = match &new.unit {
        None => permit.root_unit(),
        Some(unit) => places.unit(unit)?,
    };
    let mut joined = HashSet::new();
    for group in &new.groups {
        joined.insert(places.group(group)?);
    }
    insert(change, permit, user, unit).await?;
    if let Some(hash) = &new.password {
        passwords::set(change.tx(), directory, user.id.number(), hash.as_phc()).await?;
    }
    for group in joined {
        rows::join_group(change.tx(), directory, user, group).await?;
        change.tx().count(directory, Total::Group(group), 1);
    }
    Ok(())
}

/// Adds a user to a unit and to what is counted.
pub(crate) async fn insert(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
) -> Result<(), store::Error> {
    let directory = permit.directory();
    rows::insert(change.tx(), directory, user).await?;
    rows::join_unit(change.tx(), directory, user, unit, true).await?;
    for total in totals_of(user).into_iter().chain((!user.system).then_some(Total::Unit(unit))) {
        change.tx().count(directory, total, 1);
    }
    change.record(Event::user_created(user));
    Ok(())
}

/// The kept totals of the directory that a user counts in.
fn totals_of(user: &User) -> Vec<Total> {
    let mut totals = Vec::new();
    if !user.system {
        totals.push(Total::People);
        totals.extend(user.is_shut().then_some(Total::Shut));
    }
    totals.extend(is_acting_superadmin(user).then_some(Total::Superadmins));
    totals
}

fn is_acting_superadmin(user: &User) -> bool {
    user.role == Role::Superadmin && !user.is_shut() && user.locks.locks_at.is_none()
}

impl NewUser {
    fn made_by(&self, change: &Change, permit: &Permit) -> User {
        User {
            id: change.new_id(permit),
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            owner_type: self.owner_type,
            role: Role::User,
            status: Status::Enabled,
            locks: Locks { locks_at: self.locks_at.clone(), ..Locks::default() },
            local_admin: self.local_admin,
            system: false,
            password: PasswordFacts {
                set_at: self.password.as_ref().map(|_| permit.at()),
                expires_after_days: self.password_expires_after_days,
                must_change: self.must_change_password,
            },
            created: permit.at(),
            updated: permit.at(),
        }
    }
}

/// The units and groups that a call names, looked up once.
struct Places {
    units: HashMap<Handle, Option<Number>>,
    groups: HashMap<Handle, Option<Number>>,
    root: Number,
}

impl Places {
    async fn of(change: &mut Change, permit: &Permit, wanted: &[NewUser]) -> Result<Self, Error> {
        let mut places = Self { units: HashMap::new(), groups: HashMap::new(), root: permit.root_unit() };
        for handle in wanted.iter().filter_map(|new| new.unit.as_ref()?.handle()) {
            if let Entry::Vacant(place) = places.units.entry(handle) {
                place.insert(unit(change.tx(), permit, Thing::Handle(handle)).await?);
            }
        }
        for handle in wanted.iter().flat_map(|new| &new.groups).filter_map(Named::handle) {
            if let Entry::Vacant(place) = places.groups.entry(handle) {
                place.insert(group(change.tx(), permit, Thing::Handle(handle)).await?);
            }
        }
        Ok(places)
    }

    fn unit(&self, named: &Named) -> Result<Number, Error> {
        let found = match named.thing {
            Some(Thing::Root) => Some(self.root),
            Some(Thing::Handle(handle)) => self.units.get(&handle).copied().flatten(),
            None => None,
        };
        found.ok_or_else(|| Error::Missing(Argument::Unit, named.text.clone()))
    }

    fn group(&self, named: &Named) -> Result<Number, Error> {
        let found = named.handle().and_then(|handle| self.groups.get(&handle).copied().flatten());
        found.ok_or_else(|| Error::Missing(Argument::Group, named.text.clone()))
    }
}

impl Named {
    fn handle(&self) -> Option<Handle> {
        match self.thing? {
            Thing::Root => None,
            Thing::Handle(handle) => Some(handle),
        }
    }
}

/// The number of the unit that is meant; `None` where there is none.
async fn unit(reader: &mut store::Reader, permit: &Permit, thing: Thing) -> Result<Option<Number>, Error> {
    let Thing::Handle(handle) = thing else { return Ok(Some(permit.root_unit())) };
    let unit = units::find(reader, permit.directory(), handle.number()).await?;
    Ok(unit.filter(|unit| handle.means(unit.id)).map(|unit| unit.id.number()))
}

/// The number of the group that is meant; `None` where there is none.
async fn group(reader: &mut store::Reader, permit: &Permit, thing: Thing) -> Result<Option<Number>, Error> {
    let Thing::Handle(handle) = thing else { return Ok(None) };
    let group = groups::find(reader, permit.directory(), handle.number()).await?;
    Ok(group.filter(|id| handle.means(*id)).map(|id| id.number()))
}

/// Removes users with all that is theirs, each for itself; names count once.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Missing`, `LastSuperadmin`.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
) -> Result<Vec<Result<User, Error>>, Error> {
    let directory = permit.directory();
    let keys: Vec<Folded> = names.iter().map(|name| Folded::of(name)).collect();
    let found = rows::lock(change.tx(), directory, &keys.iter().collect::<Vec<_>>()).await?;
    let mut found: HashMap<Folded, User> =
        found.into_iter().map(|user| (user.username.key().clone(), user)).collect();

    let mut results = Vec::with_capacity(names.len());
    let mut gone = HashMap::new();
    for (name, key) in names.iter().zip(keys) {
        let Some(user) = found.remove(&key) else {
            results.push(Err(Error::Missing(Argument::User, name.clone())));
            continue;
        };
        if is_acting_superadmin(&user) && !totals::take_superadmin(change.tx(), directory).await? {
            results.push(Err(Error::LastSuperadmin(name.clone())));
            continue;
        }
        gone.insert(user.id.number(), !user.system);
        change.record(Event::user_removed(&user));
        results.push(Ok(user));
    }
    uncount(change, permit, &gone, results.iter().flatten()).await?;
    let numbers: Vec<Number> = gone.into_keys().collect();
    if !numbers.is_empty() {
        rows::remove(change.tx(), directory, &numbers).await?;
    }
    Ok(results)
}

/// Takes users who go off what is counted; superadmins are off already.
async fn uncount(
    change: &mut Change,
    permit: &Permit,
    gone: &HashMap<Number, bool>,
    users: impl Iterator<Item = &User>,
) -> Result<(), Error> {
    let directory = permit.directory();
    for user in users {
        for total in totals_of(user).into_iter().filter(|total| *total != Total::Superadmins) {
            change.tx().count(directory, total, -1);
        }
    }
    let people: Vec<Number> =
        gone.iter().filter(|(_, is_person)| **is_person).map(|(number, _)| *number).collect();
    if people.is_empty() {
        return Ok(());
    }
    let (units, groups) = rows::memberships(change.tx(), directory, &people).await?;
    for (_, unit) in units {
        change.tx().count(directory, Total::Unit(unit), -1);
    }
    for (_, group) in groups {
        change.tx().count(directory, Total::Group(group), -1);
    }
    Ok(())
}

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
    /// Only users whose text matches.
    pub text: Option<Pattern>,
    /// Only users behind this one.
    pub after: Option<Number>,
    /// The total as counted for the first page.
    pub total: Option<i64>,
    /// How many at most.
    pub limit: usize,
}

/// A page of users in the order of their numbers.
#[derive(Debug, Default)]
pub struct Page {
    /// The users.
    pub users: Vec<Listed>,
    /// Whether more follow.
    pub has_more: bool,
    /// How many match in all.
    pub total: i64,
}

/// Lists users. A unit or a group that is not there has no members.
///
/// # Errors
/// The store's; `Deadline` among them, where a total takes too long to count.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let Some(filter) = filter(reader, permit, wanted).await? else { return Ok(Page::default()) };
    let directory = permit.directory();
    let mut users = rows::page(reader.rows(), directory, &filter, wanted.after, wanted.limit + 1).await?;
    let has_more = users.len() > wanted.limit;
    users.truncate(wanted.limit);

    let is_everything = !has_more && wanted.after.is_none();
    let total = if is_everything {
        i64::try_from(users.len()).unwrap_or(i64::MAX)
    } else if let Some(kept) = rows::total(reader.rows(), directory, &filter).await? {
        kept
    } else if let Some(counted) = wanted.total {
        counted
    } else {
        // Whoever waits for a turn to count holds no connection meanwhile.
        reader.rows().let_go();
        rows::count(reader.store(), directory, &filter).await?
    };
    Ok(Page { users, has_more, total })
}

/// What the store is asked; `None` where nobody can match.
async fn filter<'a>(
    reader: &mut Reader,
    permit: &Permit,
    wanted: &'a Wanted,
) -> Result<Option<Filter<'a>>, Error> {
    let mut filter = Filter {
        usernames: wanted.usernames.as_deref(),
        not_usernames: &wanted.not_usernames,
        shut: wanted.shut,
        text: wanted.text.clone(),
        at: permit.at(),
        ..Filter::default()
    };
    if let Some(named) = &wanted.unit {
        let Some(thing) = named.thing else { return Ok(None) };
        let Some(number) = unit(reader.rows(), permit, thing).await? else { return Ok(None) };
        let is_everybody = wanted.with_subtree && number == permit.root_unit();
        let within = if wanted.with_subtree { Within::Subtree(number) } else { Within::Unit(number) };
        filter.unit = (!is_everybody).then_some(within);
    }
    if let Some(named) = &wanted.group {
        let Some(thing) = named.thing else { return Ok(None) };
        let Some(number) = group(reader.rows(), permit, thing).await? else { return Ok(None) };
        filter.group = Some(number);
    }
    if let Some(thing) = wanted.not_group.as_ref().and_then(|named| named.thing) {
        filter.not_group = group(reader.rows(), permit, thing).await?;
    }
    Ok(Some(filter))
}
