//! Full text on SQLite: FTS5 without content, its row ids in the order of numbers.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use model::total::Total;
use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::search::{Entry, Pattern, Search};
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;
use crate::users;
use crate::value::params;

/// Users that are looked at together.
const STEP: i64 = 10_000;

/// Bits of a row id below the directory's slot: those of a number.
const NUMBER_BITS: u32 = 52;

/// Grams that the index is asked for at once, the rarest; the rows are looked at again in any case.
const ASKED: usize = 3;
/// Stretches of a directory that are looked at to learn which grams are rare, and users of each.
const STRETCHES: i64 = 40;
const STRETCH: i64 = 100;

/// How often grams were met in a sample of a directory's users.
#[derive(Default)]
pub(crate) struct Rarity {
    people: i64,
    looked_at: i64,
    met: HashMap<String, u32>,
}

impl Entry {
    /// The row id: the directory's slot, then the user's number.
    pub(super) fn row(&self) -> i64 {
        row(self.directory, self.number)
    }

    /// The text that the index cuts at its blanks; `None` where nothing is left of the user.
    pub(super) fn tokens(&self) -> Option<String> {
        (!self.grams.is_empty()).then(|| self.grams.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    }
}

fn row(directory: DirectoryKey, number: Number) -> i64 {
    (i64::from(directory.slot) << NUMBER_BITS) | number.0
}

/// A query for up to `limit` users who are found, in the search's order of numbers and after `after`.
pub(crate) async fn page<'a>(
    reader: &mut Reader,
    select: &str,
    search: &Search<'_, 'a>,
    after: Option<Number>,
    limit: usize,
) -> Result<Sql<'a>, Error> {
    let mut sql = Sql::new(select);
    found_by(reader, &mut sql, search, after).await?;
    // Row ids are in the order of numbers, so that the index is read no further than the page.
    sql.push(if search.descending {
        " order by search.rowid desc limit "
    } else {
        " order by search.rowid limit "
    });
    sql.bind(i64::try_from(limit).unwrap_or(i64::MAX));
    Ok(sql)
}

/// A query that counts the users who are found, without a look at their rows where the grams decide.
pub(crate) async fn count<'a>(reader: &mut Reader, search: &Search<'_, 'a>) -> Result<Sql<'a>, Error> {
    if search.alone && search.pattern.is_one_gram() {
        let mut sql = Sql::new("select count(*) from search where search match ");
        sql.bind(question(&search.pattern.grams(search.directory)));
        return Ok(sql);
    }
    let mut sql = Sql::new("select count(*)");
    found_by(reader, &mut sql, search, None).await?;
    Ok(sql)
}

async fn found_by<'a>(
    reader: &mut Reader,
    sql: &mut Sql<'a>,
    search: &Search<'_, 'a>,
    after: Option<Number>,
) -> Result<(), Error> {
    let directory = search.directory;
    let grams = rarest(reader, directory, search.pattern).await?;
    sql.push(" from search cross join users u on u.directory = ").bind(directory.number);
    sql.push(" and u.number = (search.rowid & 4503599627370495) where search match ").bind(question(&grams));
    if let Some(after) = after {
        let beyond = if search.descending { " and search.rowid < " } else { " and search.rowid > " };
        sql.push(beyond).bind(row(directory, after));
    }
    (search.conditions)(sql);
    Ok(())
}

/// The grams that the index is asked for.
async fn rarest(
    reader: &mut Reader,
    directory: DirectoryKey,
    pattern: &Pattern,
) -> Result<Vec<String>, Error> {
    let mut grams = pattern.grams(directory);
    if grams.len() > ASKED {
        let rarity = rarity(reader, directory).await?;
        grams.sort_by_key(|gram| rarity.met.get(gram).copied().unwrap_or_default());
        grams.truncate(ASKED);
    }
    Ok(grams)
}

fn question(grams: &[String]) -> String {
    let quoted: Vec<String> = grams.iter().map(|gram| format!("\"{gram}\"")).collect();
    quoted.join(" AND ")
}

/// About how many users have the rarest of the pattern's grams.
pub(crate) async fn size(
    reader: &mut Reader,
    directory: DirectoryKey,
    pattern: &Pattern,
) -> Result<i64, Error> {
    let rarity = rarity(reader, directory).await?;
    let met = |gram: &String| rarity.met.get(gram).copied().unwrap_or_default();
    let rarest = pattern.grams(directory).iter().map(met).min().unwrap_or_default();
    Ok(i64::from(rarest) * rarity.people / rarity.looked_at.max(1))
}

/// How many users have the grams that the index is asked for, of whom so many are counted at most.
pub(crate) async fn counted(
    reader: &mut Reader,
    directory: DirectoryKey,
    pattern: &Pattern,
    most: i64,
) -> Result<i64, Error> {
    let grams = question(&rarest(reader, directory, pattern).await?);
    reader
        .count_rows(
            "select count(*) from (select 1 from search where search match $1 limit $2) few",
            &params![&grams, most],
        )
        .await
}

/// Which grams of a directory are rare: as last sampled, or sampled again where it has doubled or halved since.
async fn rarity(reader: &mut Reader, directory: DirectoryKey) -> Result<Arc<Rarity>, Error> {
    let people = totals::read(reader, directory, Total::People).await?;
    if let Some(known) = reader.rarities().and_then(|known| known.get(&directory.number).cloned())
        && (known.people / 2..=known.people * 2).contains(&people)
    {
        return Ok(known);
    }
    let mut sample = Rarity { people, ..Rarity::default() };
    let ends = reader
        .query_one(
            "select (select min(number) from users where directory = $1),
                 (select max(number) from users where directory = $1)",
            &params![directory.number],
            |row| Ok((row.opt_int(0)?.unwrap_or_default(), row.opt_int(1)?.unwrap_or_default())),
        )
        .await?;
    let (first, last) = ends.unwrap_or_default();
    for stretch in 0..STRETCHES {
        let after = Number(first - 1 + (last - first) / STRETCHES * stretch);
        for entry in users::entries(reader, directory, after, STRETCH).await? {
            sample.looked_at += 1;
            for gram in entry.grams {
                *sample.met.entry(gram).or_default() += 1;
            }
        }
    }
    let sample = Arc::new(sample);
    if let Some(mut known) = reader.rarities() {
        known.insert(directory.number, Arc::clone(&sample));
    }
    Ok(sample)
}

/// What differs between the index and the grams of the rows, user by user.
pub(crate) async fn differences(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<String>, Error> {
    // Each user's grams as one sum: a million users with a hundred grams each would not fit otherwise.
    let mut sums: HashMap<i64, u64> = HashMap::new();
    let mut after = Number(-1);
    loop {
        let entries = users::entries(reader, directory, after, STEP).await?;
        let Some(last) = entries.last() else { break };
        after = last.number;
        for entry in &entries {
            let sum = entry.grams.iter().map(|gram| hash(gram)).fold(0, u64::wrapping_add);
            sums.insert(entry.row(), sum);
        }
    }
    // Tags begin with `n` and end with `u`, and no slot holds such a letter.
    let [from, to] = ["n", "v"].map(|tag| format!("{:x}{tag}", directory.slot));
    let mut unknown = 0;
    reader
        .query(
            "select term, doc from search_terms where term >= $1 and term < $2",
            &params![&from, &to],
            |row| {
                match sums.get_mut(&row.int(1)?) {
                    Some(sum) => *sum = sum.wrapping_sub(hash(row.str(0)?)),
                    None => unknown += 1,
                }
                Ok(())
            },
        )
        .await?;
    let wrong = sums.values().filter(|sum| **sum != 0).count();
    let mut differences = Vec::new();
    if wrong > 0 {
        differences.push(format!("the search index has other grams than the rows of {wrong} users"));
    }
    if unknown > 0 {
        differences.push(format!("the search index has {unknown} grams of users who are not there"));
    }
    Ok(differences)
}

fn hash(gram: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    gram.hash(&mut hasher);
    hasher.finish()
}
