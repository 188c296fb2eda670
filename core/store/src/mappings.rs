//! Mappings: what sources of sign-ins call users. They are identities of the source's kind, which begins with `idp_`.

use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// One name of a user in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its place among the user's.
    pub number: Number,
    /// The source, `idp_…`.
    pub source: String,
    /// What the source calls the user.
    pub name: String,
    /// When it was bound.
    pub created: Millis,
}

/// The user whom the source calls so.
pub async fn holder(
    reader: &mut Reader,
    directory: DirectoryKey,
    source: &str,
    name: &str,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select user_number from identities
             where directory = $1 and kind = $2 and identity = $3 and extra = ''",
            &params![directory.number, source, name],
            |row| row.number(0),
        )
        .await
}

/// Adds a mapping of a user. Where another user has it the key is taken.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    mapping: &Mapping,
) -> Result<(), Error> {
    tx.write(
        "insert into identities (directory, kind, identity, extra, number, user_number, contact, linked, given,
             display_name, created)
         values ($1, $2, $3, '', $4, $5, 0, 1, '', '', $6)",
        &params![directory.number, &mapping.source, &mapping.name, mapping.number, user, mapping.created],
    )
    .await
}

/// Takes a mapping from a user; false where the user has it not.
pub async fn remove(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    source: &str,
    name: &str,
) -> Result<bool, Error> {
    let removed = tx
        .write_returning(
            "delete from identities where directory = $1 and kind = $2 and identity = $3 and extra = ''
             and user_number = $4 returning number",
            &params![directory.number, source, name, user],
            |_| Ok(()),
        )
        .await?;
    Ok(!removed.is_empty())
}

/// Which mappings of a user are asked for; all conditions hold.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Whose.
    pub user: Number,
    /// Only those of this source.
    pub source: Option<&'a str>,
    /// Only those of this name.
    pub name: Option<&'a str>,
}

/// Where a page lies in the order of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// At the beginning.
    First,
    /// Behind this one.
    After(Number),
    /// Before this one, as near to it as can be.
    Before(Number),
}

/// Up to `limit` mappings, in the order of numbers.
pub async fn page(
    reader: &mut Reader,
    directory: DirectoryKey,
    filter: Filter<'_>,
    part: Part,
    limit: i64,
) -> Result<Vec<Mapping>, Error> {
    let mut sql = Sql::new("select number, kind, identity, created");
    from(&mut sql, directory, filter);
    let order = match part {
        Part::First => " order by number limit ",
        Part::After(number) => {
            sql.push(" and number > ").bind(number);
            " order by number limit "
        }
        Part::Before(number) => {
            sql.push(" and number < ").bind(number);
            " order by number desc limit "
        }
    };
    sql.push(order).bind(limit);
    let mut found = reader
        .query(&sql.text, &sql.params, |row| {
            Ok(Mapping {
                number: row.number(0)?,
                source: row.text(1)?,
                name: row.text(2)?,
                created: row.millis(3)?,
            })
        })
        .await?;
    if let Part::Before(_) = part {
        found.reverse();
    }
    Ok(found)
}

/// How many mappings meet the conditions.
pub async fn count(reader: &mut Reader, directory: DirectoryKey, filter: Filter<'_>) -> Result<i64, Error> {
    let mut sql = Sql::new("select count(*)");
    from(&mut sql, directory, filter);
    reader.count_rows(&sql.text, &sql.params).await
}

fn from<'a>(sql: &mut Sql<'a>, directory: DirectoryKey, filter: Filter<'a>) {
    sql.push(" from identities where directory = ").bind(directory.number);
    sql.push(" and user_number = ").bind(filter.user).push(" and substr(kind, 1, 4) = 'idp_'");
    if let Some(source) = filter.source {
        sql.push(" and kind = ").bind(source);
    }
    if let Some(name) = filter.name {
        sql.push(" and identity = ").bind(name);
    }
}
