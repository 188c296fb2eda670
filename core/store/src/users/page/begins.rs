//! How many users begin with a text: by posts in memory where these are known, else by the index.

use model::DirectoryKey;
use model::total::Total;

use crate::engine::ranks::{Between, Texts};
use crate::error::Error;
use crate::search::{Begins, Field, beyond};
use crate::session::Reader;
use crate::sql::Sql;
use crate::totals;

/// Users who are counted where nobody knows how many there are.
const COUNTED: i64 = 20_000;

/// How many people begin so; of more than [`COUNTED`] perhaps everybody.
pub(super) async fn size(
    reader: &mut Reader,
    directory: DirectoryKey,
    begins: &Begins,
) -> Result<i64, Error> {
    if let Some(known) = known(reader, directory, begins).await? {
        return Ok(known);
    }
    let mut sql = Sql::new("select count(*) from (select 1 from users where directory = ");
    sql.bind(directory.number).push(" and ");
    begins.within(&mut sql);
    sql.push(" limit ").bind(COUNTED).push(") few");
    let counted = reader.count_rows(&sql.text, &sql.params).await?;
    // It may be everybody: any list whose length is known is better.
    if counted < COUNTED { Ok(counted) } else { totals::read(reader, directory, Total::People).await }
}

/// How many people begin so, where that is known without a look at each.
pub(super) async fn known(
    reader: &mut Reader,
    directory: DirectoryKey,
    begins: &Begins,
) -> Result<Option<i64>, Error> {
    let texts = match begins.field {
        Field::Username | Field::Login => Texts::Usernames,
        Field::DisplayName => Texts::DisplayNames,
        // Of these no posts are kept.
        Field::Email | Field::Phone => return Ok(None),
    };
    let people = totals::read(reader, directory, Total::People).await?;
    let high = beyond(begins.text.as_str());
    let bounds = (begins.text.as_str(), high.as_deref());
    let Some(Between { counted, less, more }) = reader.between(directory, people, texts, bounds) else {
        return Ok(None);
    };
    let mut total = counted;
    for (edge, sign) in [(less, -1), (more, 1)] {
        let Some((from, to)) = edge else { continue };
        let column = begins.column();
        let mut sql = Sql::new("select count(*) from users where directory = ");
        sql.bind(directory.number).push(" and ").push(column).push(" <> '' and ").push(column).push(" >= ");
        sql.bind(from).push(" and ").push(column).push(" < ").bind(to);
        people_only(&mut sql, directory);
        total += sign * reader.count_rows(&sql.text, &sql.params).await?;
    }
    Ok(Some(total))
}

/// A query of the people who begin so, from the index of what they begin with alone.
pub(super) fn people<'a>(select: &str, directory: DirectoryKey, begins: &'a Begins) -> Sql<'a> {
    let mut sql = Sql::new(select);
    sql.push(" from users where directory = ").bind(directory.number).push(" and ");
    begins.within(&mut sql);
    people_only(&mut sql, directory);
    sql
}

/// Leaves system users out, of whom the index does not know.
fn people_only(sql: &mut Sql<'_>, directory: DirectoryKey) {
    sql.push(" and number not in (select number from users where directory = ").bind(directory.number);
    sql.push(" and is_system = 1)");
}
