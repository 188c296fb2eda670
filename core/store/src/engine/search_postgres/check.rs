//! The index compared with the rows, for an operator who wants to know.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::DirectoryKey;

use super::array;
use super::places::Places;
use super::segments::sealed;
use super::tend::{Texts, between};
use crate::engine::postgres::PostgresSession;
use crate::error::Error;
use crate::value::params;

/// Numbers of users that one line shows.
const SHOWN: usize = 10;

/// The users of each sealed segment of whom it lacks a gram, in a line for a person.
pub(crate) async fn differences(
    session: &mut PostgresSession,
    directory: DirectoryKey,
) -> Result<Vec<String>, Error> {
    let directory = directory.number.0;
    let rows = session
        .query(
            "select last from search_segment where directory = $1 and starts is not null order by last",
            &params![directory],
        )
        .await?;
    let mut differences = Vec::new();
    let mut before = -1;
    for row in rows {
        let last = row.try_get(0)?;
        let lacking = lacking(session, directory, before, last).await?;
        if !lacking.is_empty() {
            let shown: Vec<String> = lacking.iter().take(SHOWN).map(i64::to_string).collect();
            let more = if lacking.len() > SHOWN { ", …" } else { "" };
            differences.push(format!(
                "the search segment up to {last} lacks grams of {} users: {}{more}",
                lacking.len(),
                shown.join(", ")
            ));
        }
        before = last;
    }
    Ok(differences)
}

/// The users of one segment who have a gram that is not kept of them and who do not stand in the queue.
async fn lacking(
    session: &mut PostgresSession,
    directory: i64,
    before: i64,
    last: i64,
) -> Result<Vec<i64>, Error> {
    // In this order what leaves the queue meanwhile is not taken for a lack.
    let users = between(session, directory, before, last).await?;
    let queued = session
        .query(
            "select number from search_queue where directory = $1 and number > $2 and number <= $3",
            &params![directory, before, last],
        )
        .await?;
    let queued: HashSet<i64> = queued.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_, Error>>()?;
    let kept = kept(session, directory, last, &users).await?;
    let segments = sealed(session, directory, &[last]).await?;
    let [segment] = segments.as_slice() else { return Ok(Vec::new()) };
    let lacks = |user: &Texts| {
        let place = segment.place(user.number);
        let mut lacks = false;
        user.each_gram(|gram| lacks |= !kept.get(&gram).is_some_and(|places| places.contains(place)));
        lacks
    };
    let lacking = users.iter().filter(|user| !queued.contains(&user.number) && lacks(user));
    Ok(lacking.map(|user| user.number).collect())
}

/// What one segment keeps of all the grams of `users`.
async fn kept(
    session: &mut PostgresSession,
    directory: i64,
    segment: i64,
    users: &[Texts],
) -> Result<HashMap<i64, Places>, Error> {
    let mut grams = BTreeSet::new();
    for user in users {
        user.each_gram(|gram| {
            grams.insert(gram);
        });
    }
    let rows = session
        .query(
            "select w.gram, g.places from unnest(cast(cast($2 as text) as bigint[])) w (gram)
             cross join lateral (select places from search_gram g
                 where g.directory = $1 and g.gram = w.gram and g.segment = $3 limit 1) g",
            &params![directory, array(grams), segment],
        )
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, Places::from_bytes(row.try_get(1)?)?))).collect()
}
