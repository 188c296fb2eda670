//! Properties of users, and the values to choose from.
//!
//! Source: `reference/doors.md` §1.3.

mod bindings;
mod fit;
#[cfg(test)]
mod tests;
mod update;
mod values;

pub use bindings::{Binding, bind, unbind};
pub use update::{GivenValue, update};
pub use values::{GivenText, Turn, ValuesOf};
pub(crate) use values::{Known, Plan, carry_out, of_user};

use std::collections::HashSet;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::property::{Kind, Permission, Property, PropertyItem};
use model::text::{Line, PropertyDescription, PropertyName, PropertyText, PropertyValue};
use model::total::Total;
use model::{Folded, Number};
use store::properties as rows;
use store::{directories, totals};

use crate::error::{Argument, Error, Limit, Unique};
use crate::named::Named;

/// A property to be made.
#[derive(Debug)]
pub struct NewProperty {
    /// Free in the directory, compared without case.
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
    /// The values to choose from.
    pub items: Vec<NewItem>,
}

/// A value to choose from, to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// Its text: 1 to 64 characters, unlike the others'.
    pub value: String,
    /// What people call it; empty where it is called by its value.
    pub display_name: Line<128>,
    /// Whether it can be chosen.
    pub enabled: bool,
}

impl NewItem {
    /// A value that is called by its text and can be chosen.
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), display_name: Line::default(), enabled: true }
    }
}

impl NewProperty {
    /// A property that is called by its name, in use, and nothing else.
    pub fn named(name: PropertyName, kind: Kind) -> Self {
        Self {
            display_name: name.clone(),
            name,
            kind,
            required: false,
            unique: false,
            encrypted: false,
            enabled: true,
            default: None,
            permission: Permission::Hide,
            description: PropertyDescription::default(),
            items: Vec::new(),
        }
    }
}

/// What properties a door allows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Properties that are neither encrypted nor disabled.
    pub properties: usize,
    /// Values of one property.
    pub values: usize,
    /// Names that stand for something else there, as they are compared without case.
    pub reserved: &'static [&'static str],
}

/// What became of the values that were given, in their order; and behind them those that stay as they were, because
/// their change failed.
pub type Saved = Vec<Result<PropertyItem, Error>>;

/// Makes a property. Its values are each for themselves.
///
/// # Errors
/// `Taken` the name, also one that is reserved; `TooMany`; `Unfit` the default value, which must be one of the property.
/// Of a value: `Unfit`, `Taken`.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    new: &NewProperty,
    limits: Limits,
) -> Result<(Property, Saved), Error> {
    let directory = permit.directory();
    if new.items.len() > limits.values {
        return Err(Error::TooMany(Limit::PropertyValues));
    }
    directories::guard(change.tx(), directory).await?;
    let known = rows::all(change.tx(), directory).await?;
    check_name(&known, &new.name, None, limits)?;
    if known.iter().filter(|property| property.is_plain()).count() >= limits.properties {
        return Err(Error::TooMany(Limit::Properties));
    }
    let mut met = HashSet::new();
    let mut saved = Vec::with_capacity(new.items.len());
    for given in &new.items {
        saved.push(match value(&given.value) {
            Ok(_) if !met.insert(given.value.as_str()) => {
                Err(Error::Taken(Unique::PropertyValue, given.value.clone()))
            }
            Ok(value) => Ok(PropertyItem {
                display_name: given.display_name.clone(),
                enabled: given.enabled,
                ..item(change, permit, value)
            }),
            Err(unfit) => Err(unfit),
        });
    }
    let property = Property {
        id: change.new_id(permit),
        name: new.name.clone(),
        display_name: new.display_name.clone(),
        kind: new.kind,
        required: new.required,
        unique: new.unique,
        encrypted: new.encrypted,
        enabled: new.enabled,
        default: new.default.clone(),
        permission: new.permission,
        description: new.description.clone(),
        items: saved.iter().flatten().cloned().collect(),
        created: permit.at(),
        updated: permit.at(),
    };
    let default = property.default.as_ref().map(Line::as_str);
    if let Some(unfit) = default.filter(|text| fit::read(&property, text, &[]).is_none()) {
        return Err(Error::Unfit(Argument::PropertyValue, unfit.to_owned()));
    }
    rows::insert(change.tx(), directory, &property).await?;
    change.record(Event::made("property.created", &property));
    Ok((property, saved))
}

fn check_name(
    known: &[Property],
    name: &PropertyName,
    own: Option<Number>,
    limits: Limits,
) -> Result<(), Error> {
    let key = name.folded();
    let is_other = |property: &Property| Some(property.id.number()) != own && property.name.folded() == key;
    if limits.reserved.iter().any(|reserved| Folded::of(reserved) == key) || known.iter().any(is_other) {
        return Err(Error::Taken(Unique::PropertyName, name.as_str().to_owned()));
    }
    Ok(())
}

/// A value: 1 to 64 characters.
fn value(text: &str) -> Result<PropertyValue, Error> {
    let unfit = || Error::Unfit(Argument::PropertyValue, text.to_owned());
    let value = PropertyValue::new(text).map_err(|_| unfit())?;
    if value.as_str().is_empty() { Err(unfit()) } else { Ok(value) }
}

fn item(change: &Change, permit: &Permit, value: PropertyValue) -> PropertyItem {
    let number = change.new_id(permit).number();
    PropertyItem { number, value, display_name: Line::default(), enabled: true }
}

/// Removes a property with its values. It is gone at once; from the users who have it, it goes in the background.
///
/// # Errors
/// `Missing` the property.
pub async fn remove(change: &mut Change, permit: &Permit, property: i64) -> Result<(), Error> {
    let directory = permit.directory();
    directories::guard(change.tx(), directory).await?;
    let known = rows::all(change.tx(), directory).await?;
    let property = shown(&known, property)?;
    hide(change, permit, property).await
}

/// Removes a property in any state, as [`remove`].
///
/// # Errors
/// `Missing` the property.
pub async fn remove_id(change: &mut Change, permit: &Permit, property: &Named) -> Result<(), Error> {
    let property = guarded(change, permit, property).await?;
    hide(change, permit, &property).await
}

async fn hide(change: &mut Change, permit: &Permit, property: &Property) -> Result<(), Error> {
    rows::remove(change.tx(), permit.directory(), property.id.number(), permit.at()).await?;
    change.record(Event::removed("property.removed", property));
    Ok(())
}

/// Puts a property into use, or takes it out of use: then users keep their values, unseen.
///
/// # Errors
/// `Missing` the property.
pub async fn enable(
    change: &mut Change,
    permit: &Permit,
    property: &Named,
    enabled: bool,
) -> Result<Property, Error> {
    let before = guarded(change, permit, property).await?;
    if before.enabled == enabled {
        return Ok(before);
    }
    let after = Property { enabled, updated: permit.at(), ..before.clone() };
    rows::update(change.tx(), permit.directory(), &before, &after).await?;
    change.record(Event::changed("property.changed", &before, &after));
    Ok(after)
}

/// The property that is meant, in any state, which nobody else changes until this change is over.
async fn guarded(change: &mut Change, permit: &Permit, property: &Named) -> Result<Property, Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let known = rows::all(change.tx(), permit.directory()).await?;
    meant(known, property)
}

fn meant(known: Vec<Property>, named: &Named) -> Result<Property, Error> {
    let found = named.handle().and_then(|handle| known.into_iter().find(|known| handle.means(known.id)));
    found.ok_or_else(|| named.missing(Argument::Property))
}

/// The property with this number, where it is neither encrypted nor disabled.
fn shown(known: &[Property], property: i64) -> Result<&Property, Error> {
    let is_meant = |known: &&Property| known.is_plain() && known.id.number() == Number(property);
    known.iter().find(is_meant).ok_or_else(|| Error::Missing(Argument::Property, property.to_string()))
}

/// The value with this number.
fn value_of(property: &Property, item: i64) -> Result<&PropertyItem, Error> {
    let is_meant = |known: &&PropertyItem| known.number == Number(item);
    let found = property.items.iter().filter(|_| property.kind.has_items()).find(is_meant);
    found.ok_or_else(|| Error::Missing(Argument::PropertyValue, item.to_string()))
}

/// The value with this number, where it can be chosen.
fn choice(property: &Property, item: i64) -> Result<&PropertyItem, Error> {
    let found = value_of(property, item)?;
    if found.enabled { Ok(found) } else { Err(Error::Missing(Argument::PropertyValue, item.to_string())) }
}

/// Every property that is neither encrypted nor disabled, by number, with the values that can be chosen.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit) -> Result<Vec<Property>, Error> {
    let mut known = rows::all(reader.rows(), permit.directory()).await?;
    known.retain(Property::is_plain);
    for property in &mut known {
        property.items.retain(|item| item.enabled && property.kind.has_items());
    }
    Ok(known)
}

/// The property that is meant, in any state, with all its values.
///
/// # Errors
/// `Missing` the property.
pub async fn by_id(reader: &mut Reader, permit: &Permit, property: &Named) -> Result<Property, Error> {
    meant(rows::all(reader.rows(), permit.directory()).await?, property)
}

/// One of [`list`].
///
/// # Errors
/// `Missing` the property.
pub async fn find(reader: &mut Reader, permit: &Permit, property: i64) -> Result<Property, Error> {
    let known = list(reader, permit).await?;
    let found = known.into_iter().find(|known| known.id.number() == Number(property));
    found.ok_or_else(|| Error::Missing(Argument::Property, property.to_string()))
}

/// How many people have any value of a property, or this one.
///
/// # Errors
/// `Missing` the property or the value.
pub async fn count_users(
    reader: &mut Reader,
    permit: &Permit,
    property: i64,
    value: Option<i64>,
) -> Result<i64, Error> {
    let found = find(reader, permit, property).await?;
    let directory = permit.directory();
    let Some(value) = value else {
        return Ok(rows::count_people(reader.store(), directory, found.id.number()).await?);
    };
    let item = choice(&found, value)?.number;
    Ok(totals::read(reader.rows(), directory, Total::Item(item)).await?)
}
