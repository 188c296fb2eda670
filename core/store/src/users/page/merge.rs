//! Lists of users that lie in order, each for itself, read as one.
//!
//! Of each list a few users are read at a time, and more where the merge has come to their end: a page costs
//! about what it shows and one step into each list, however the users are spread over the lists.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use model::{Folded, Number};

use super::driver::{List, Lists, Member};
use super::{By, Key, LOOKED_AT_TOGETHER, Part};
use crate::error::Error;
use crate::row::Row;
use crate::session::Reader;
use crate::sql::Sql;

/// Separates the users of a list, and the parts of a user. No stored text holds a control character.
const LIST: char = '\u{1e}';
const PART: char = '\u{1f}';

/// Each further piece of a list has so many times more users.
const GROWTH: usize = 4;

/// A merge that has begun.
pub(super) struct Merge<'a> {
    lists: Vec<Piece<'a>>,
    heads: BinaryHeap<(Towards, usize)>,
    /// The last user who was given out.
    last: Option<(Number, Key)>,
    /// Users of one list that are read together at most.
    largest: usize,
}

/// What was read of one list.
struct Piece<'a> {
    list: List<'a>,
    users: VecDeque<(Key, Number)>,
    /// How many were asked for; `None` where the list has no more.
    asked: Option<usize>,
}

/// A key of which the heap gives the next one first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Towards {
    Up(Reverse<Key>),
    Down(Key),
}

impl<'a> Merge<'a> {
    /// Begins after `after`, to read about `limit` users.
    pub(super) async fn begin(
        reader: &mut Reader,
        part: &Part<'_, 'a>,
        lists: &Lists<'a>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Self, Error> {
        let pieces = match lists {
            Lists::Subtree(unit) => {
                let mut of = Sql::new("select c.descendant, ");
                let each = heads(&mut of, part, &List::Unit(Number(0)), "c.descendant", after, limit);
                of.push(" from unit_closure c where c.directory = ").bind(part.directory.number);
                of.push(" and c.ancestor = ").bind(*unit);
                each.read(reader, &of, List::Unit).await?
            }
            Lists::Subtrees(units) => {
                let mut of = Sql::new("select c.descendant, ");
                let each = heads(&mut of, part, &List::Unit(Number(0)), "c.descendant", after, limit);
                of.push(" from (select distinct descendant from unit_closure where directory = ");
                of.bind(part.directory.number).push(" and ancestor in ").bind_list(units).push(") c");
                each.read(reader, &of, List::Unit).await?
            }
            Lists::Items(items) => {
                let mut of = Sql::new("select c.number, ");
                let each = heads(&mut of, part, &List::Item(Number(0)), "c.number", after, limit);
                of.push(" from property_items c where c.directory = ").bind(part.directory.number);
                of.push(" and c.number in ").bind_list(items);
                each.read(reader, &of, List::Item).await?
            }
            Lists::Few(lists) => {
                let mut pieces = Vec::new();
                for list in lists {
                    pieces.push(Piece::read(reader, part, *list, after, limit).await?);
                }
                pieces
            }
        };
        let largest = limit.max(LOOKED_AT_TOGETHER);
        let mut merge = Self { lists: pieces, heads: BinaryHeap::new(), last: None, largest };
        for index in 0..merge.lists.len() {
            merge.stand(part, index);
        }
        Ok(merge)
    }

    /// The next users, each once; none behind the last one.
    pub(super) async fn next(
        &mut self,
        reader: &mut Reader,
        part: &Part<'_, 'a>,
        limit: usize,
    ) -> Result<Vec<Number>, Error> {
        let mut numbers = Vec::with_capacity(limit);
        while numbers.len() < limit
            && let Some((_, index)) = self.heads.pop()
        {
            let piece = &mut self.lists[index];
            let Some((key, number)) = piece.users.pop_front() else { continue };
            if piece.users.is_empty()
                && let Some(asked) = piece.asked
            {
                let more = (asked * GROWTH).min(self.largest);
                *piece = Piece::read(reader, part, piece.list, Some(&key), more).await?;
            }
            self.stand(part, index);
            let is_again = self.last.as_ref().is_some_and(|(last, _)| *last == number);
            self.last = Some((number, key));
            if !is_again {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }

    /// Where the last user stands who was given out.
    pub(super) fn reached(self) -> Option<Key> {
        self.last.map(|(_, key)| key)
    }

    /// Puts the first user of a list among the heads.
    fn stand(&mut self, part: &Part<'_, '_>, index: usize) {
        if let Some((key, _)) = self.lists[index].users.front() {
            let key = key.clone();
            let towards = if part.order.descending { Towards::Down(key) } else { Towards::Up(Reverse(key)) };
            self.heads.push((towards, index));
        }
    }
}

impl<'a> Piece<'a> {
    /// Reads up to `limit` users of a list after `after`.
    async fn read(
        reader: &mut Reader,
        part: &Part<'_, 'a>,
        list: List<'a>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Self, Error> {
        let by = part.order.by;
        let mut sql = Sql::new("select ");
        sql.push(list.number());
        if by.is_by_text() {
            sql.push(", ").push(list.name());
        }
        match list.membership() {
            None => list.from(&mut sql, part.directory),
            Some(member) => {
                sql.push(" from ").push(member.table).push(" m where m.directory = ");
                sql.bind(part.directory.number);
                member.of(&mut sql);
            }
        }
        part.order.after(&mut sql, &list, after);
        part.order.order_by(&mut sql, &list);
        sql.push(" limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let user = |row: &Row<'_>| {
            let name = if by.is_by_text() { row.str(1)? } else { "" };
            Ok((key(by, row.number(0)?, name), row.number(0)?))
        };
        let users: VecDeque<_> = reader.query(&sql.text, &sql.params, user).await?.into();
        let asked = (users.len() == limit).then_some(limit);
        Ok(Self { list, users, asked })
    }
}

/// The key of a user in the order of the lists; the name is empty where that is by number.
fn key(by: By, number: Number, name: &str) -> Key {
    match by {
        By::Name => Key::Name(Folded::stored(name)),
        By::PublicId => Key::PublicId(name.to_owned()),
        // In the other orders no lists are merged.
        By::Number | By::Joined(_) | By::DisplayName | By::Updated => Key::Number(number),
    }
}

/// The first users of every list, as one text each.
struct Heads {
    by: By,
    asked: usize,
}

/// Adds a column with the first users of the list whose number is `thing`.
fn heads(
    sql: &mut Sql<'_>,
    part: &Part<'_, '_>,
    list: &List<'_>,
    thing: &str,
    after: Option<&Key>,
    limit: usize,
) -> Heads {
    // Most lists give a page one user or none.
    let asked = limit.div_ceil(32).max(2);
    let Some(Member { table, column, .. }) = list.membership() else {
        unreachable!("lists of members are merged")
    };
    sql.push("(select string_agg(k.x, '\u{1e}') from (select cast(m.user_number as text)");
    if part.order.by.is_by_text() {
        sql.push(" || '\u{1f}' || m.username_key");
    }
    sql.push(" as x from ").push(table).push(" m where m.directory = ");
    sql.bind(part.directory.number).push(" and m.").push(column).push(" = ").push(thing);
    part.order.after(sql, list, after);
    part.order.order_by(sql, list);
    sql.push(" limit ").bind(i64::try_from(asked).unwrap_or(i64::MAX)).push(") k)");
    Heads { by: part.order.by, asked }
}

impl Heads {
    async fn read<'a>(
        &self,
        reader: &mut Reader,
        sql: &Sql<'_>,
        list: fn(Number) -> List<'a>,
    ) -> Result<Vec<Piece<'a>>, Error> {
        reader
            .query(&sql.text, &sql.params, |row| {
                let texts = row.opt_str(1)?.unwrap_or_default();
                let users = texts.split(LIST).filter(|text| !text.is_empty()).map(|text| {
                    let (number, name) = text.split_once(PART).unwrap_or((text, ""));
                    let number = Number(number.parse().map_err(Error::corrupt)?);
                    Ok((key(self.by, number, name), number))
                });
                let users = users.collect::<Result<VecDeque<_>, Error>>()?;
                let asked = (users.len() == self.asked).then_some(self.asked);
                Ok(Piece { list: list(row.number(0)?), users, asked })
            })
            .await
    }
}
