//! Fills a directory through the rules, a thousand people to a change.

use std::time::Instant;

use access::{Change, Permit, Scope};
use model::account::Directory;
use model::text::{Line, UnitName};
use model::user::Unit;
use model::{Id, Millis};
use roster::house::{self, Open};
use roster::settings::House;
use store::{groups, totals, units};

use crate::people::person;
use crate::{Trouble, server};

const BATCH: u64 = 1_000;
const UNITS: usize = 100;
const GROUPS: usize = 50;

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
        let started = Instant::now();
        let (units, groups) = places(&open, &directory).await?;
        let first = there;
        while there < users {
            let until = (there + BATCH).min(users);
            let people: Vec<_> = (there..until).map(|n| person(n, &units, &groups)).collect();
            let permit = operator(&directory);
            let mut change = Change::new(&open.store, &open.tools, None);
            for created in directory::users::create(&mut change, &permit, &people).await? {
                created?;
            }
            change.commit(&permit).await?;
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
    let (units, groups) = places(&open, &directory).await?;
    let (started, mut n) = (Instant::now(), from);
    while started.elapsed().as_secs_f64() < seconds {
        let people: Vec<_> = (n..n + 32).map(|n| person(n, &units, &groups)).collect();
        let permit = operator(&directory);
        let mut change = Change::new(&open.store, &open.tools, None);
        for created in directory::users::create(&mut change, &permit, &people).await? {
            created?;
        }
        change.commit(&permit).await?;
        n += 32;
    }
    let rate = (n - from) as f64 / started.elapsed().as_secs_f64();
    open.store.close().await;
    Ok(rate)
}

async fn count(open: &Open, directory: &Directory) -> Result<u64, Trouble> {
    let people = totals::read(&mut open.store.reader(), directory.key, model::total::Total::People).await?;
    Ok(u64::try_from(people)?)
}

/// The units and groups of the synthetic people: the same ids each time, made where they are missing.
async fn places(open: &Open, directory: &Directory) -> Result<(Vec<Id>, Vec<Id>), Trouble> {
    let id = |kind: u128, n: usize| Id::from_bits(((kind << 40) + n as u128 + 1) << 76);
    let unit_ids: Vec<Id> = (0..UNITS).map(|n| id(1, n)).collect();
    let group_ids: Vec<Id> = (0..GROUPS).map(|n| id(2, n)).collect();
    if units::find(&mut open.store.reader(), directory.key, unit_ids[0].number()).await?.is_some() {
        return Ok((unit_ids, group_ids));
    }
    let mut change = Change::new(&open.store, &open.tools, None);
    let permit = operator(directory);
    for (n, &id) in unit_ids.iter().enumerate() {
        // Ten departments, each with nine teams.
        let parent = if n < 10 { directory.root } else { unit_ids[n % 10].number() };
        let unit = Unit {
            id,
            parent: Some(parent),
            name: UnitName::new(format!("部门 {n}"))?,
            created: permit.at(),
        };
        units::insert(change.tx(), directory.key, &unit).await?;
    }
    for (n, &id) in group_ids.iter().enumerate() {
        groups::insert(change.tx(), directory.key, id, &Line::new(format!("group {n}"))?, permit.at())
            .await?;
    }
    change.record(model::event::Event::directory_created(directory.id));
    change.commit(&permit).await?;
    Ok((unit_ids, group_ids))
}

fn operator(directory: &Directory) -> Permit {
    Permit::operator("load", Scope::Directory(directory.clone()), now())
}

/// The time of day.
pub(crate) fn now() -> Millis {
    (server::surroundings().clock)()
}
