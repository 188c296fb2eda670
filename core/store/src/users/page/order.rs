//! The orders in which users are listed, and the places in them.

use model::user::Listed;
use model::{Folded, Millis, Number};

use super::driver::List;
use crate::error::Error;
use crate::row::Row;
use crate::sql::Sql;
use crate::value::Value;

/// What programs of PDS call a user.
const PUBLIC_ID: &str = "coalesce(u.chosen_id, u.id)";

/// How many digits of an id its number has.
const NUMBER_DIGITS: usize = 13;

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By what.
    pub by: By,
    /// Whether the last comes first.
    pub descending: bool,
}

/// What users are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// Their numbers, which is the order in which they were made.
    #[default]
    Number,
    /// Their folded usernames.
    Name,
    /// The time at which they joined this group, whose members alone are listed, then their numbers.
    Joined(Number),
    /// What programs of PDS call them, by its bytes.
    PublicId,
    /// Their folded display names, then their numbers; who has none comes first.
    DisplayName,
    /// The time at which they last changed, then their numbers.
    Updated,
}

/// A place in an order: where a user stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// By number.
    Number(Number),
    /// By folded username.
    Name(Folded),
    /// By time of joining, then number.
    Joined(Millis, Number),
    /// By what programs of PDS call the user.
    PublicId(String),
    /// By folded display name, then number.
    DisplayName(Folded, Number),
    /// By time of the last change, then number.
    Updated(Millis, Number),
}

impl Key {
    /// Reads what `Display` writes of a place in this order.
    pub fn parse(by: By, text: &str) -> Option<Self> {
        let number = |text: &str| text.parse().ok().map(Number);
        match by {
            By::Number => number(text).map(Self::Number),
            By::Name => Some(Self::Name(Folded::stored(text))),
            By::Joined(_) | By::Updated => {
                let (at, user) = text.split_once(' ')?;
                let (at, user) = (Millis(at.parse().ok()?), number(user)?);
                Some(if by == By::Updated { Self::Updated(at, user) } else { Self::Joined(at, user) })
            }
            By::PublicId => Some(Self::PublicId(text.to_owned())),
            By::DisplayName => {
                let (user, name) = text.split_once(' ')?;
                Some(Self::DisplayName(Folded::stored(name), number(user)?))
            }
        }
    }

    /// The number, where the order is by number.
    pub(super) fn number(&self) -> Number {
        match self {
            Self::Number(number)
            | Self::Joined(_, number)
            | Self::DisplayName(_, number)
            | Self::Updated(_, number) => *number,
            Self::Name(_) | Self::PublicId(_) => Number(0),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
            Self::Joined(at, number) | Self::Updated(at, number) => write!(f, "{} {number}", at.0),
            Self::PublicId(text) => text.fmt(f),
            Self::DisplayName(name, number) => write!(f, "{number} {name}"),
        }
    }
}

impl By {
    /// Whether lists that lie in this order are read with their users' names, which the index of numbers does not hold.
    pub(super) const fn is_by_text(self) -> bool {
        matches!(self, Self::Name | Self::PublicId)
    }
}

impl Order {
    /// Where a user who was listed in this order stands.
    pub fn key(&self, listed: &Listed) -> Key {
        let number = listed.user.id.number();
        match self.by {
            By::Number => Key::Number(number),
            By::Name => Key::Name(listed.user.username.key().clone()),
            By::Joined(_) => Key::Joined(listed.joined.unwrap_or_default(), number),
            By::PublicId => Key::PublicId(listed.user.public_id()),
            By::DisplayName => Key::DisplayName(listed.user.display_name.folded(), number),
            By::Updated => Key::Updated(listed.user.updated, number),
        }
    }

    /// What [`Order::key_of_row`] reads beside the number.
    pub(super) const fn column(&self) -> &'static str {
        match self.by {
            By::Number | By::Name => "u.username_key",
            By::Joined(_) => "m.joined",
            By::PublicId => PUBLIC_ID,
            By::DisplayName => "u.display_key",
            By::Updated => "u.updated",
        }
    }

    /// Number and key of a row of number and [`Order::column`].
    pub(super) fn key_of_row(&self, row: &Row<'_>) -> Result<(Key, Number), Error> {
        let number = row.number(0)?;
        let key = match self.by {
            By::Number => Key::Number(number),
            By::Name => Key::Name(Folded::stored(row.str(1)?)),
            By::Joined(_) => Key::Joined(row.millis(1)?, number),
            By::PublicId => Key::PublicId(row.text(1)?),
            By::DisplayName => Key::DisplayName(Folded::stored(row.str(1)?), number),
            By::Updated => Key::Updated(row.millis(1)?, number),
        };
        Ok((key, number))
    }

    /// Whether `key` comes behind `other`.
    pub(super) fn is_behind(&self, key: &Key, other: &Key) -> bool {
        if self.descending { key < other } else { key > other }
    }

    /// Whichever comes first.
    pub(super) fn first(&self, one: Option<Key>, other: Option<Key>) -> Option<Key> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if self.is_behind(&one, &other) { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    pub(super) fn sort(&self, users: &mut [Listed]) {
        users.sort_by_cached_key(|listed| self.key(listed));
        if self.descending {
            users.reverse();
        }
    }

    /// Whether lists of users lie in this order, each by itself.
    pub(super) const fn lies_in_lists(&self) -> bool {
        match self.by {
            By::Number | By::Name | By::Joined(_) => true,
            By::PublicId | By::DisplayName | By::Updated => false,
        }
    }

    /// Whether this list lies in this order.
    pub(super) fn lies_in(&self, list: &List<'_>) -> bool {
        match self.by {
            By::Number | By::Name | By::Joined(_) => true,
            By::PublicId => matches!(list, List::Chosen | List::Digits),
            By::DisplayName => matches!(list, List::Everybody | List::DisplayNames),
            By::Updated => *list == List::Everybody,
        }
    }

    /// Only what stands behind `after` in this order, in which the list lies.
    pub(super) fn after<'a>(&self, sql: &mut Sql<'a>, list: &List<'_>, after: Option<&Key>) {
        let Some(after) = after else { return };
        sql.push(" and ");
        let beyond = if self.descending { " < " } else { " > " };
        match after {
            Key::Number(number) => sql.push(list.number()).push(beyond).bind(*number),
            Key::Name(name) => sql.push(list.name()).push(beyond).bind(name.to_string()),
            Key::PublicId(text) => self.after_public(sql, list, text),
            Key::Joined(at, number) | Key::Updated(at, number) => {
                self.after_pair(sql, self.columns(list), at.0, *number)
            }
            Key::DisplayName(name, number) => {
                self.after_pair(sql, self.columns(list), name.to_string(), *number)
            }
        };
    }

    fn after_pair<'s, 'a>(
        &self,
        sql: &'s mut Sql<'a>,
        columns: [&str; 2],
        first: impl Into<Value<'a>>,
        number: Number,
    ) -> &'s mut Sql<'a> {
        sql.push("(").push(columns[0]).push(", ").push(columns[1]);
        sql.push(if self.descending { ") < (" } else { ") > (" }).bind(first);
        sql.push(", ").bind(number).push(")")
    }

    /// Only who is called by what stands behind `text`.
    fn after_public<'s, 'a>(&self, sql: &'s mut Sql<'a>, list: &List<'_>, text: &str) -> &'s mut Sql<'a> {
        let beyond = if self.descending { " < " } else { " > " };
        if *list != List::Digits {
            return sql.push("u.chosen_id").push(beyond).bind(text.to_owned());
        }
        let Some(number) = (if self.descending { last_before(text) } else { first_after(text) }) else {
            return sql.push("1 = 0");
        };
        // Digits begin with the number, so that the index leads to all of them but one.
        sql.push("u.number").push(if self.descending { " <= " } else { " >= " }).bind(number);
        sql.push(" and u.id").push(beyond).bind(text.to_owned())
    }

    pub(super) fn order_by(&self, sql: &mut Sql<'_>, list: &List<'_>) {
        let columns = self.columns(list);
        self.order_by_columns(sql, if columns[0] == columns[1] { &columns[..1] } else { &columns });
    }

    fn order_by_columns(&self, sql: &mut Sql<'_>, columns: &[&str]) {
        for (index, column) in columns.iter().enumerate() {
            sql.push(if index == 0 { " order by " } else { ", " }).push(column);
            sql.push(if self.descending { " desc" } else { "" });
        }
    }

    /// The columns of the list that keep this order; the same one twice where it is one.
    fn columns(&self, list: &List<'_>) -> [&'static str; 2] {
        match self.by {
            By::Number => [list.number(); 2],
            By::Name => [list.name(); 2],
            By::Joined(_) => ["m.joined", "m.user_number"],
            By::PublicId => [if *list == List::Digits { "u.number" } else { "u.chosen_id" }; 2],
            By::DisplayName if *list == List::DisplayNames => ["k.display_key", "k.number"],
            By::DisplayName => ["u.display_key", "u.number"],
            By::Updated => ["u.updated", "u.number"],
        }
    }

    /// Only what stands behind `after` in this order, and in this order; whatever list the rows are from. They are put in
    /// order: what is asked is in a form that no index holds, or SQLite would walk that one.
    pub(super) fn sorted<'a>(
        &self,
        sql: &mut Sql<'a>,
        after: Option<&Key>,
        conditions: impl FnOnce(&mut Sql<'a>),
    ) {
        let column = match self.by {
            By::PublicId => PUBLIC_ID,
            By::DisplayName => "u.display_key || ''",
            By::Updated => "u.updated + 0",
            By::Number | By::Name | By::Joined(_) => unreachable!("every list lies in these orders"),
        };
        match after {
            None => {}
            Some(Key::PublicId(text)) => {
                sql.push(" and ").push(column).push(if self.descending { " < " } else { " > " });
                sql.bind(text.clone());
            }
            Some(Key::Updated(at, number) | Key::Joined(at, number)) => {
                self.after_pair(sql.push(" and "), [column, "u.number + 0"], at.0, *number);
            }
            Some(Key::DisplayName(name, number)) => {
                self.after_pair(sql.push(" and "), [column, "u.number + 0"], name.to_string(), *number);
            }
            Some(Key::Number(_) | Key::Name(_)) => unreachable!("a key is of its order"),
        }
        conditions(sql);
        self.order_by_columns(sql, &[column, "u.number + 0"]);
    }
}

/// The least number that the digits of an id behind `text` may begin with; `None` where no digits stand behind it.
fn first_after(text: &str) -> Option<Number> {
    let mut digits = String::new();
    for byte in text.bytes().take(NUMBER_DIGITS) {
        match byte {
            b'0'..=b'9' | b'a'..=b'f' => digits.push(char::from(byte)),
            // The least digit that stands behind it, and behind that whatever follows.
            ..b'0' => return number(&digits, '0'),
            b':'..b'a' => {
                digits.push('a');
                return number(&digits, '0');
            }
            b'g'.. => return number(&step(digits, true)?, '0'),
        }
    }
    number(&digits, '0')
}

/// The greatest number that the digits of an id before `text` may begin with; `None` where none stand before it.
fn last_before(text: &str) -> Option<Number> {
    let mut digits = String::new();
    for byte in text.bytes().take(NUMBER_DIGITS) {
        match byte {
            b'0'..=b'9' | b'a'..=b'f' => digits.push(char::from(byte)),
            ..b'0' => return number(&step(digits, false)?, 'f'),
            b':'..b'a' => {
                digits.push('9');
                return number(&digits, 'f');
            }
            b'g'.. => {
                digits.push('f');
                return number(&digits, 'f');
            }
        }
    }
    // Whatever is longer stands behind a text of fewer digits.
    if digits.len() < NUMBER_DIGITS { number(&step(digits, false)?, 'f') } else { number(&digits, 'f') }
}

/// The digits of as many places, or of fewer, that come next after all that begin with these, or before them.
fn step(mut digits: String, up: bool) -> Option<String> {
    loop {
        let next = match (digits.pop()?, up) {
            ('f', true) | ('0', false) => continue,
            ('9', true) => 'a',
            ('a', false) => '9',
            (digit, true) => char::from_u32(u32::from(digit) + 1)?,
            (digit, false) => char::from_u32(u32::from(digit) - 1)?,
        };
        digits.push(next);
        return Some(digits);
    }
}

/// The number of these digits, filled up with `fill`.
fn number(digits: &str, fill: char) -> Option<Number> {
    let filled: String = digits.chars().chain(std::iter::repeat(fill)).take(NUMBER_DIGITS).collect();
    i64::from_str_radix(&filled, 16).ok().map(Number)
}

#[cfg(test)]
mod tests {
    use model::Id;

    use super::*;

    const LAST: i64 = (1 << 52) - 1;

    #[test]
    fn a_text_has_a_first_number_behind_it_and_a_last_one_before() {
        for (text, first, last) in [
            ("", Some(0), None),
            ("superadmin", None, Some(LAST)),
            ("g", None, Some(LAST)),
            ("-", Some(0), None),
            ("Alice", Some(0xa_0000_0000_0000), Some(0x9_ffff_ffff_ffff)),
            ("1", Some(0x1_0000_0000_0000), Some(0x0_ffff_ffff_ffff)),
            ("1z", Some(0x2_0000_0000_0000), Some(0x1_ffff_ffff_ffff)),
            ("9z", Some(0xa_0000_0000_0000), Some(0x9_ffff_ffff_ffff)),
            ("ffz", None, Some(LAST)),
            ("ffffffffffffff", Some(LAST), Some(LAST)),
            ("a-", Some(0xa_0000_0000_0000), Some(0x9_ffff_ffff_ffff)),
            ("0-", Some(0), None),
            ("19519c9a402a5", Some(0x1_9519_c9a4_02a5), Some(0x1_9519_c9a4_02a5)),
            ("19519c9a402a5c3f09a71be4d2086e57", Some(0x1_9519_c9a4_02a5), Some(0x1_9519_c9a4_02a5)),
            ("李", None, Some(LAST)),
        ] {
            assert_eq!(first_after(text), first.map(Number), "{text:?}");
            assert_eq!(last_before(text), last.map(Number), "{text:?}");
        }
    }

    #[test]
    fn nobody_stands_between_a_text_and_its_numbers() {
        let numbers = [0, 1, 0x1_9519_c9a4_02a5, 0x9_ffff_ffff_ffff, 0xa_0000_0000_0000, LAST];
        let ids = numbers.map(|number| Id::from_bits(((number as u128) << 76) | 7));
        let texts = [
            "",
            "0",
            "1",
            "19519c9a402a5",
            "19519c9a402a6",
            "9z",
            "A",
            "a",
            "f",
            "ffffffffffffff",
            "g",
            "~",
            "-",
        ];
        for text in texts {
            for id in ids {
                let digits = id.digits();
                let is_reached = first_after(text).is_some_and(|first| id.number() >= first);
                assert!(is_reached || digits.as_str() <= text, "{digits} behind {text}");
                let is_reached = last_before(text).is_some_and(|last| id.number() <= last);
                assert!(is_reached || digits.as_str() >= text, "{digits} before {text}");
            }
        }
    }
}
