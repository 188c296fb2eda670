//! A group with 500 groups below it, and a tenth of all people in them.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use api::pds::{CreateGroup, CreateMembership, GeneralSearchUser, SearchGroup};
use wire::List;

use super::app::{Callers, index};
use super::pages::walk;
use crate::Trouble;
use crate::client::{Connection, each, posted};

/// What the group is called; those below have a number besides.
const NAME: &str = "pds section";
/// Groups below it, and how many of them are right below it; the others are below these.
const BELOW: usize = 500;
const RIGHT_BELOW: usize = 20;
/// One in so many people is in one of them.
const ONE_IN: usize = 10;

/// The section as it is searched.
pub(crate) struct Section {
    /// The markers of all pages but the first.
    pub(crate) markers: Vec<String>,
    /// Everybody in the group and below it.
    pub(crate) everybody: GeneralSearchUser,
}

impl Section {
    /// The section, which is made where it is missing. People are in it besides where they are; half of them are in
    /// the order in which they came, as an import is, the others mixed.
    pub(crate) async fn of(
        (address, server): (SocketAddr, &str),
        callers: &Arc<Callers>,
        ids: &Arc<[String]>,
    ) -> Result<Self, Trouble> {
        let mut connection = Connection::open(address).await?;
        let groups = groups(&mut connection, callers).await?;
        let above = groups.first().ok_or("no groups")?.clone();
        let everybody = GeneralSearchUser {
            parent_group_id_list: Some(List::try_from(vec![above])?),
            ..GeneralSearchUser::default()
        };
        let (mut markers, mut there) = people(&mut connection, callers, &everybody).await?;
        if there < ids.len() / ONE_IN {
            let started = Instant::now();
            join(address, callers, groups, ids).await?;
            println!("{NAME}{server}: people joined in {:.1} s", started.elapsed().as_secs_f64());
            connection = Connection::open(address).await?;
            (markers, there) = people(&mut connection, callers, &everybody).await?;
        }
        println!("{NAME}{server}: {there} people in {BELOW} groups");
        Ok(Self { markers, everybody })
    }
}

fn name(n: usize) -> String {
    if n == 0 { NAME.to_owned() } else { format!("{NAME} {n}") }
}

/// The ids of the section and of those below, which are made where they are missing.
async fn groups(connection: &mut Connection, callers: &Callers) -> Result<Vec<String>, Trouble> {
    let mut known = HashMap::new();
    let search = SearchGroup { group_name: Some(NAME.to_owned()), ..SearchGroup::default() };
    walk(connection, callers, &search, |page| {
        known.extend(page.items.into_iter().map(|group| (group.group_name, group.group_id)));
    })
    .await?;
    let mut groups: Vec<String> = Vec::new();
    for n in 0..=BELOW {
        let id = match known.remove(&name(n)) {
            Some(id) => id,
            None => {
                let above = match n {
                    0 => None,
                    1..=RIGHT_BELOW => groups.first(),
                    _ => groups.get(1 + n % RIGHT_BELOW),
                };
                let new = CreateGroup {
                    group_name: name(n),
                    parent_group_id: above.cloned(),
                    ..CreateGroup::default()
                };
                connection.post(&callers.manager(), &new).await?.group_id
            }
        };
        groups.push(id);
    }
    Ok(groups)
}

/// The markers of a list, and how many people are in it, each of whom must be there once.
async fn people(
    connection: &mut Connection,
    callers: &Callers,
    everybody: &GeneralSearchUser,
) -> Result<(Vec<String>, usize), Trouble> {
    let (mut there, mut shown) = (HashSet::new(), 0);
    let markers = walk(connection, callers, everybody, |page| {
        shown += page.items.len();
        there.extend(page.items.into_iter().map(|item| item.user.user_id));
    })
    .await?;
    if shown != there.len() {
        return Err(format!("{NAME}: {shown} shown, of whom {} differ", there.len()).into());
    }
    Ok((markers, shown))
}

async fn join(
    address: SocketAddr,
    callers: &Arc<Callers>,
    groups: Vec<String>,
    ids: &Arc<[String]>,
) -> Result<(), Trouble> {
    let (callers, ids) = (Arc::clone(callers), Arc::clone(ids));
    let count = ids.len() / ONE_IN;
    let half = count / 2;
    each(
        address,
        count,
        Arc::new(move |n| {
            let at = usize::try_from(n).unwrap_or(usize::MAX);
            // The first half of the groups belongs to the first half of the people.
            let (person, group) = if at < half {
                (at, at * (BELOW / 2) / half)
            } else {
                (half + (at - half) * (ids.len() - half) / (count - half), BELOW / 2 + index(n, BELOW / 2))
            };
            let new = CreateMembership {
                group_id: groups[1 + group].clone(),
                user_id: Some(ids[person].clone()),
                ..CreateMembership::default()
            };
            posted(&callers.manager(), &new)
        }),
    )
    .await
}
