//! Full text on SQLite: FTS5 without content, its row ids in the order of numbers.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::search::{Entry, Pattern};
use crate::session::Reader;
use crate::sql::Sql;
use crate::users;
use crate::value::params;

/// Users that are looked at together.
const STEP: i64 = 10_000;

/// Bits of a row id that hold the directory's slot.
const SLOT_BITS: u32 = 11;

impl Entry {
    /// The row id: the user's number, then the directory's slot.
    pub(super) fn row(&self) -> i64 {
        row(self.directory, self.number)
    }

    /// The text that the index cuts at its blanks; `None` where nothing is left of the user.
    pub(super) fn tokens(&self) -> Option<String> {
        (!self.grams.is_empty()).then(|| self.grams.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    }
}

fn row(directory: DirectoryKey, number: Number) -> i64 {
    (number.0 << SLOT_BITS) | i64::from(directory.slot)
}

/// `from` and the beginning of `where` of a query whose users are found by `pattern`, in the order of
/// numbers and after `after`.
pub(crate) fn found_by<'a>(
    sql: &mut Sql<'a>,
    directory: DirectoryKey,
    pattern: &Pattern,
    after: Option<Number>,
) {
    sql.push(" from search cross join users u on u.directory = ").bind(directory.number);
    sql.push(" and u.number = (search.rowid >> 11) where search match ").bind(question(directory, pattern));
    if let Some(after) = after {
        sql.push(" and search.rowid > ").bind(row(directory, after));
    }
}

/// A query that counts the users found by grams alone.
pub(crate) fn count<'a>(directory: DirectoryKey, pattern: &Pattern) -> Sql<'a> {
    let mut sql = Sql::new("select count(*) from search where search match ");
    sql.bind(question(directory, pattern));
    sql
}

fn question(directory: DirectoryKey, pattern: &Pattern) -> String {
    let quoted: Vec<String> = pattern.grams(directory).iter().map(|gram| format!("\"{gram}\"")).collect();
    quoted.join(" AND ")
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
