//! Properties: named attributes of users that an administrator defines.
//!
//! Source: `reference/doors.md` §1.3; `reference/eiam.md` §10.1.

use serde::Serialize;

use crate::id::{Id, Number};
use crate::text::{Line, PropertyDescription, PropertyName, PropertyText, PropertyValue};
use crate::time::Millis;

/// A named attribute of users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// The stored id.
    pub id: Id,
    /// Its name, unique in the directory.
    pub name: PropertyName,
    /// What people call it.
    pub display_name: PropertyName,
    /// What its values are.
    pub kind: Kind,
    /// Whether the doors that ask for it do not make a user without it.
    pub required: bool,
    /// Whether no two users have the same value.
    pub unique: bool,
    /// Whether its values are encrypted where they lie.
    pub encrypted: bool,
    /// Whether it is in use.
    pub enabled: bool,
    /// The value of who is given none.
    pub default: Option<PropertyText>,
    /// What people may do with it themselves.
    pub permission: Permission,
    /// A free remark.
    pub description: PropertyDescription,
    /// The values to choose from, by number; none where it is free text.
    pub items: Vec<PropertyItem>,
    /// When it was made.
    pub created: Millis,
    /// When it or one of its values last changed.
    pub updated: Millis,
}

/// What the values of a property are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A text that is typed in.
    Text,
    /// A number that is typed in.
    Number,
    /// Yes or no.
    Truth,
    /// One of the items.
    Select,
    /// Any of the items.
    Checkbox,
}

impl Kind {
    /// Whether users choose from items.
    pub const fn has_items(self) -> bool {
        matches!(self, Self::Select | Self::Checkbox)
    }
}

/// What people may do with a property on their own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Nothing; they do not see it.
    #[default]
    Hide,
    /// See it.
    ReadOnly,
    /// See and change it.
    ReadWrite,
}

/// One value to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PropertyItem {
    /// Its number, unique among all values of the directory.
    pub number: Number,
    /// The value, unique in the property by its bytes.
    pub value: PropertyValue,
    /// What people call it; empty where it is called by its value.
    pub display_name: Line<128>,
    /// Whether it can be chosen.
    pub enabled: bool,
}

/// A value that a user has, as the user's record shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueOf {
    /// The property's number.
    pub property: Number,
    /// The property's name.
    pub name: String,
    /// The value's number, where it was chosen.
    pub item: Option<Number>,
    /// The value.
    pub value: String,
}

impl Property {
    /// Whether doors that know neither encryption nor disabling show it.
    pub const fn is_plain(&self) -> bool {
        self.enabled && !self.encrypted
    }
}
