//! The orders in which users are listed, and the places in them.

use model::user::Listed;
use model::{Folded, Millis, Number};

use super::driver::List;
use crate::error::Error;
use crate::row::Row;
use crate::sql::Sql;

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
}

impl Key {
    /// Reads what `Display` writes of a place in this order.
    pub fn parse(by: By, text: &str) -> Option<Self> {
        let number = |text: &str| text.parse().ok().map(Number);
        match by {
            By::Number => number(text).map(Self::Number),
            By::Name => Some(Self::Name(Folded::stored(text))),
            By::Joined(_) => {
                let (joined, user) = text.split_once(' ')?;
                Some(Self::Joined(Millis(joined.parse().ok()?), number(user)?))
            }
        }
    }

    /// The number, where the order is by number.
    pub(super) fn number(&self) -> Number {
        match self {
            Self::Number(number) | Self::Joined(_, number) => *number,
            Self::Name(_) => Number(0),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
            Self::Joined(joined, number) => write!(f, "{} {number}", joined.0),
        }
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
        }
    }

    /// Number and key of a row that begins with number and folded username, and where that is asked the time of joining.
    pub(super) fn key_of_row(&self, row: &Row<'_>) -> Result<(Key, Number), Error> {
        let number = row.number(0)?;
        let key = match self.by {
            By::Number => Key::Number(number),
            By::Name => Key::Name(Folded::stored(row.str(1)?)),
            By::Joined(_) => Key::Joined(row.millis(2)?, number),
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

    /// Only what stands behind `after` in this order.
    pub(super) fn after<'a>(&self, sql: &mut Sql<'a>, list: &List<'_>, after: Option<&Key>) {
        let Some(after) = after else { return };
        sql.push(" and ");
        let beyond = if self.descending { " < " } else { " > " };
        match after {
            Key::Number(number) => sql.push(list.number()).push(beyond).bind(*number),
            Key::Name(name) => sql.push(list.name()).push(beyond).bind(name.to_string()),
            Key::Joined(joined, number) => {
                sql.push("(m.joined, m.user_number)").push(beyond).push("(").bind(*joined);
                sql.push(", ").bind(*number).push(")")
            }
        };
    }

    pub(super) fn order_by(&self, sql: &mut Sql<'_>, list: &List<'_>) {
        let columns: &[&str] = match self.by {
            By::Number => &[list.number()],
            By::Name => &[list.name()],
            By::Joined(_) => &["m.joined", "m.user_number"],
        };
        for (index, column) in columns.iter().enumerate() {
            sql.push(if index == 0 { " order by " } else { ", " }).push(column);
            sql.push(if self.descending { " desc" } else { "" });
        }
    }
}
