//! Properties of users, and the values to choose from.
//!
//! Source: `reference/doors.md` §1.3.

mod bindings;
mod update;

pub use bindings::{Binding, bind, unbind};
pub use update::{GivenValue, update};

use std::collections::HashSet;

use access::{Change, Permit, Reader};
use model::Number;
use model::event::Event;
use model::property::{Kind, Property, PropertyItem};
use model::text::{Line, PropertyName, PropertyValue};
use model::total::Total;
use store::properties as rows;
use store::{directories, totals};

use crate::error::{Argument, Error, Limit, Unique};

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
    /// The values to choose from.
    pub values: Vec<String>,
}

/// How many properties and values a door allows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Properties that are neither encrypted nor disabled.
    pub properties: usize,
    /// Values of one property.
    pub values: usize,
}

/// What became of the values that were given, in their order; and behind them those that stay as they were, because
/// their change failed.
pub type Saved = Vec<Result<PropertyItem, Error>>;

/// Makes a property. Its values are each for themselves.
///
/// # Errors
/// `Taken` the name, `TooMany`. Of a value: `Unfit`, `Taken`.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    new: &NewProperty,
    limits: Limits,
) -> Result<(Property, Saved), Error> {
    let directory = permit.directory();
    if new.values.len() > limits.values {
        return Err(Error::TooMany(Limit::PropertyValues));
    }
    directories::guard(change.tx(), directory).await?;
    let known = rows::all(change.tx(), directory).await?;
    check_name(&known, &new.name, None)?;
    if known.iter().filter(|property| property.is_plain()).count() >= limits.properties {
        return Err(Error::TooMany(Limit::Properties));
    }
    let mut met = HashSet::new();
    let mut saved = Vec::with_capacity(new.values.len());
    for text in &new.values {
        saved.push(match value(text) {
            Ok(value) if !met.insert(value.as_str().to_owned()) => {
                Err(Error::Taken(Unique::PropertyValue, text.clone()))
            }
            Ok(value) => Ok(item(change, permit, value)),
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
        items: saved.iter().flatten().cloned().collect(),
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), directory, &property).await?;
    change.record(Event::made("property.created", &property));
    Ok((property, saved))
}

fn check_name(known: &[Property], name: &PropertyName, own: Option<Number>) -> Result<(), Error> {
    let key = name.folded();
    let is_other = |property: &&Property| Some(property.id.number()) != own && property.name.folded() == key;
    match known.iter().find(is_other) {
        Some(_) => Err(Error::Taken(Unique::PropertyName, name.as_str().to_owned())),
        None => Ok(()),
    }
}

/// A value: 1 to 64 characters without the blanks around them.
fn value(text: &str) -> Result<PropertyValue, Error> {
    let unfit = || Error::Unfit(Argument::PropertyValue, text.to_owned());
    let value = PropertyValue::new(text.trim()).map_err(|_| unfit())?;
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
    rows::remove(change.tx(), directory, property.id.number(), permit.at()).await?;
    change.record(Event::removed("property.removed", property));
    Ok(())
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
