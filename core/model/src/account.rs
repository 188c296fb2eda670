//! Accounts and the directories that belong to them.

use crate::id::{Id, Number};
use crate::text::{Description, DirectoryName};
use crate::time::Millis;

/// An account's uid: 16 digits, so below 2^53 and exact in every client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountUid(pub i64);

/// What the statements of one directory are keyed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectoryKey {
    /// The directory's number, the first column of everything that belongs to it.
    pub number: Number,
    /// A small number of its own, 0 to 2047, that begins its search grams and row ids.
    pub slot: u16,
}

/// One directory of people, belonging to one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Its stored id.
    pub id: Id,
    /// What its statements are keyed by.
    pub key: DirectoryKey,
    /// The account that it belongs to.
    pub account: AccountUid,
    /// The root unit's number.
    pub root: Number,
    /// Whether it is its account's default one.
    pub is_default: bool,
}

/// A directory as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDirectory {
    /// The directory.
    pub directory: Directory,
    /// Its name; others may have the same.
    pub name: DirectoryName,
    /// A free remark.
    pub description: Description,
    /// How many people it may hold; 0 for no end.
    pub most_users: i64,
    /// When it was made.
    pub created: Millis,
    /// When what is said here last changed.
    pub updated: Millis,
}
