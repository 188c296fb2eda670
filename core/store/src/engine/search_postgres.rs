//! Full text on PostgreSQL.

use model::{DirectoryKey, Number};

use crate::search::{Entry, Pattern};
use crate::sql::Sql;
use crate::value::{Value, params};

impl Entry {
    /// The statements that put the entry into the index.
    pub(super) fn statements(self) -> Vec<(&'static str, Vec<Value<'static>>)> {
        let _ = params![self.number];
        Vec::new()
    }
}

/// `from` and the beginning of `where`.
pub(crate) fn found_by<'a>(
    sql: &mut Sql<'a>,
    directory: DirectoryKey,
    _pattern: &Pattern,
    after: Option<Number>,
) {
    sql.push(" from users u where u.directory = ").bind(directory.number);
    if let Some(after) = after {
        sql.push(" and u.number > ").bind(after);
    }
}

/// A query that counts the users found by grams alone.
pub(crate) fn count<'a>(directory: DirectoryKey, pattern: &Pattern) -> Sql<'a> {
    let mut sql = Sql::new("select count(*)");
    found_by(&mut sql, directory, pattern, None);
    sql
}
