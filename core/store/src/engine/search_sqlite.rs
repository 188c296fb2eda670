//! Full text on SQLite: FTS5 without content, its row ids in the order of numbers.

use model::{DirectoryKey, Number};

use crate::search::{Entry, Pattern};
use crate::sql::Sql;

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
