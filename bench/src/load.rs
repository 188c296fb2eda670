//! Fills a directory through the rules, in changes that share their commits.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use access::{Change, Permit, Scope};
use directory::properties::{Limits, NewItem, NewProperty};
use directory::users::NewUser;
use model::account::Directory;
use model::group::Group;
use model::property::{Kind, Property};
use model::text::{Description, GroupDescription, GroupName, Label, PropertyName, UnitName};
use model::total::Total;
use model::user::User;
use model::{Id, Millis};
use roster::house::{self, Open};
use roster::settings::House;
use store::{groups, properties, totals, units};

use crate::company::{self, Company, Unit};
use crate::people::person;
use crate::{Trouble, server};

/// People of a change.
const BATCH: u64 = 32;
/// Changes at the same time; they share a commit.
const CHANGES: u64 = 16;

/// The units and groups of the synthetic people: the same ids each time.
pub(crate) struct Places {
    /// Each unit under its number among all units.
    pub(crate) units: Vec<Id>,
    /// The groups.
    pub(crate) groups: Vec<Id>,
}

/// Opens a house with `users` people in it; those who are missing are made.
pub(crate) async fn filled(place: &House, users: u64) -> Result<(), Trouble> {
    if let Some(folder) = &place.folder {
        house::make_folder(folder)?;
    }
    let open = house::open(place, true).await?;
    open.first_start(&server::surroundings(), None).await?;
    let directory = open.default_directory().await?;
    let mut there = count(&open, &directory).await?;
    if there < users {
        let (started, first) = (Instant::now(), there);
        let plan = Arc::new(Plan {
            company: Company::of(users),
            places: places(&open, &directory).await?,
            properties: properties::all(&mut open.store.reader(), directory.key).await?,
            directory,
        });
        while there < users {
            let until = (there + CHANGES * BATCH).min(users);
            let mut changes = tokio::task::JoinSet::new();
            for from in (there..until).step_by(usize::try_from(BATCH)?) {
                let change = Change::new(&open.store, &open.tools, None);
                let people = from..(from + BATCH).min(until);
                changes.spawn(Arc::clone(&plan).make(change, people));
            }
            while let Some(made) = changes.join_next().await {
                made??;
            }
            there = until;
        }
        while open.store.tend_search().await? {}
        let rate = (users - first) as f64 / started.elapsed().as_secs_f64();
        println!("loaded {} people, {rate:.0} a second", users - first);
    }
    open.store.close().await;
    Ok(())
}

/// People made in changes of 32, one after the other: what durable creations are compared with. How many a second.
pub(crate) async fn in_batches_of_32(place: &House, from: u64, seconds: f64) -> Result<f64, Trouble> {
    let open = house::open(place, false).await?;
    let directory = open.default_directory().await?;
    let places = places(&open, &directory).await?;
    let company = Company::of(from);
    let (started, mut n) = (Instant::now(), from);
    while started.elapsed().as_secs_f64() < seconds {
        let people: Vec<_> = (n..n + 32).map(|n| plain(person(n, company, &places))).collect();
        let permit = operator(&directory);
        let mut change = Change::new(&open.store, &open.tools, None);
        make(&mut change, &permit, &people).await?;
        change.commit(&permit).await?;
        n += 32;
    }
    let rate = (n - from) as f64 / started.elapsed().as_secs_f64();
    open.store.close().await;
    Ok(rate)
}

/// Without what calls do not say that make the same people.
fn plain(new: NewUser) -> NewUser {
    NewUser { claims_contact: false, external_id: None, ..new }
}

async fn count(open: &Open, directory: &Directory) -> Result<u64, Trouble> {
    let people = totals::read(&mut open.store.reader(), directory.key, Total::People).await?;
    Ok(u64::try_from(people)?)
}

/// What people are made after.
struct Plan {
    company: Company,
    places: Places,
    properties: Vec<Property>,
    directory: Directory,
}

impl Plan {
    /// Makes these people with all that they are in and have.
    async fn make(self: Arc<Self>, mut change: Change, people: Range<u64>) -> Result<(), Trouble> {
        let new: Vec<_> = people.clone().map(|n| person(n, self.company, &self.places)).collect();
        let permit = operator(&self.directory);
        let made = make(&mut change, &permit, &new).await?;
        for (n, user) in people.clone().zip(&made) {
            let further = self.company.further_unit(n).map(|unit| self.places.units[unit.index()]);
            settle(&mut change, &permit, user, further).await?;
            give_values(&mut change, &permit, user, n, &self.properties).await?;
        }
        disable(&mut change, &permit, people.start, &made).await?;
        lock(&mut change, &permit, people.start, &made).await?;
        Ok(change.commit(&permit).await?)
    }
}

async fn make(change: &mut Change, permit: &Permit, people: &[NewUser]) -> Result<Vec<User>, Trouble> {
    let made = directory::users::create(change, permit, people).await?;
    Ok(made.into_iter().collect::<Result<_, _>>()?)
}

/// Puts a user into a further unit, for which there is no rule yet.
async fn settle(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    further: Option<Id>,
) -> Result<(), Trouble> {
    if let Some(unit) = further.map(Id::number) {
        units::join(change.tx(), permit.directory(), user, unit, false, (permit.creator(), permit.at()))
            .await?;
        change.tx().count(permit.directory(), Total::Unit(unit), 1);
    }
    Ok(())
}

/// Gives a new user, whom nobody else knows, their values.
async fn give_values(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    n: u64,
    known: &[Property],
) -> Result<(), Trouble> {
    for (property, value) in company::values(n) {
        let (name, _) = company::PROPERTIES[property];
        let property = known.iter().find(|known| known.name.as_str() == name).ok_or("no property")?;
        let (number, item) = (property.id.number(), property.items[value].number);
        properties::bind(change.tx(), permit.directory(), user, number, item).await?;
    }
    Ok(())
}

/// Disables those of these users, the first of whom is person `first`, whose accounts are disabled.
async fn disable(change: &mut Change, permit: &Permit, first: u64, users: &[User]) -> Result<(), Trouble> {
    for (_, user) in (first..).zip(users).filter(|(n, _)| company::is_disabled(*n)) {
        directory::users::disable(change, permit, user).await?;
    }
    Ok(())
}

/// Locks those of these users, the first of whom is person `first`, whose accounts are locked.
async fn lock(change: &mut Change, permit: &Permit, first: u64, users: &[User]) -> Result<(), Trouble> {
    let locked = (first..).zip(users).filter(|(n, _)| company::is_locked(*n));
    let names: Vec<String> = locked.map(|(_, user)| user.username.to_string()).collect();
    for locked in directory::users::lock(change, permit, &names, false).await? {
        locked?;
    }
    Ok(())
}

/// The units and groups, which are made with the properties where they are missing.
async fn places(open: &Open, directory: &Directory) -> Result<Places, Trouble> {
    let id = |kind: u128, n: usize| Id::from_bits(((kind << 40) + n as u128 + 1) << 76);
    let places = Places {
        units: (0..company::UNITS).map(|n| id(1, n)).collect(),
        groups: (0..company::GROUPS).map(|n| id(2, n)).collect(),
    };
    if units::find(&mut open.store.reader(), directory.key, places.units[0].number()).await?.is_some() {
        return Ok(places);
    }
    let mut change = Change::new(&open.store, &open.tools, None);
    let permit = operator(directory);
    for unit in Unit::all() {
        let unit = model::unit::Unit {
            id: places.units[unit.index()],
            parent: Some(unit.parent().map_or(directory.root, |above| places.units[above.index()].number())),
            name: UnitName::new(unit.name())?,
            description: Description::default(),
            external_id: None,
            creator: String::new(),
            label: Label::default(),
            created: permit.at(),
            updated: permit.at(),
        };
        units::insert(change.tx(), directory.key, &unit).await?;
        change.tx().count(directory.key, Total::Units, 1);
    }
    for (n, &id) in places.groups.iter().enumerate() {
        let group = Group {
            id,
            name: GroupName::new(format!("group {n}"))?,
            description: GroupDescription::default(),
            external_id: None,
            created: permit.at(),
            updated: permit.at(),
        };
        groups::insert(change.tx(), directory.key, &group, false).await?;
        change.tx().count(directory.key, Total::Groups, 1);
    }
    make_properties(&mut change, &permit).await?;
    change.record(model::event::Event::directory_created(directory.id));
    change.commit(&permit).await?;
    Ok(places)
}

/// The properties as eds-user makes them.
async fn make_properties(change: &mut Change, permit: &Permit) -> Result<(), Trouble> {
    for (name, _) in company::PROPERTIES {
        let new = NewProperty {
            items: (0..company::VALUES).map(|value| NewItem::of(format!("{name} {value}"))).collect(),
            ..NewProperty::named(PropertyName::new(name)?, Kind::Checkbox)
        };
        let limits = Limits { properties: company::PROPERTIES.len(), values: company::VALUES, reserved: &[] };
        directory::properties::create(change, permit, &new, limits).await?;
    }
    Ok(())
}

fn operator(directory: &Directory) -> Permit {
    Permit::operator("load", Scope::Directory(directory.clone()), now())
}

/// The time of day.
pub(crate) fn now() -> Millis {
    (server::surroundings().clock)()
}
