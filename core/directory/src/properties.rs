//! Properties of users, and the values to choose from.
//!
//! Source: `reference/doors.md` §1.3.

use std::collections::HashSet;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::property::{Kind, Property, PropertyItem};
use model::text::{Line, PropertyName, PropertyValue};
use model::total::Total;
use model::user::User;
use model::{Folded, Number};
use store::properties::{self as rows};
use store::{directories, totals, users as people};

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

/// One of the values that a property shall have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenValue {
    /// A value that it has already, to be kept.
    pub number: Option<i64>,
    /// The value's text; that of the one to be kept, where there is none.
    pub text: Option<String>,
}

/// Gives a property another name, and these values instead of its own where any are given. Values are each for
/// themselves. A value that is named by its number keeps the users who have it, and so does one that is given by the
/// text that it has; one that is not given at all goes, also from the users who have it.
///
/// # Errors
/// `Missing` the property, `Taken` the name, `NoItems`, `TooMany`. Of a value: `Missing`, `Unfit`, `Taken`.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    property: i64,
    name: &PropertyName,
    values: Option<&[GivenValue]>,
    limits: Limits,
) -> Result<(Property, Saved), Error> {
    let directory = permit.directory();
    if values.is_some_and(|values| values.len() > limits.values) {
        return Err(Error::TooMany(Limit::PropertyValues));
    }
    directories::guard(change.tx(), directory).await?;
    let known = rows::all(change.tx(), directory).await?;
    let before = shown(&known, property)?;
    check_name(&known, name, Some(before.id.number()))?;
    if values.is_some_and(|values| !values.is_empty()) && !before.kind.has_items() {
        return Err(Error::NoItems(before.name.as_str().to_owned()));
    }
    let mut after = before.clone();
    if before.display_name == before.name {
        after.display_name = name.clone();
    }
    after.name = name.clone();
    let saved = match values {
        None => before.items.iter().filter(|item| item.enabled).cloned().map(Ok).collect(),
        Some(values) => replace(change, permit, &mut after, values),
    };
    if after != *before {
        after.updated = permit.at();
        rows::update(change.tx(), directory, before, &after).await?;
        change.record(Event::changed("property.changed", before, &after));
    }
    Ok((after, saved))
}

/// Puts the given values in the place of the property's enabled ones.
fn replace(change: &Change, permit: &Permit, property: &mut Property, given: &[GivenValue]) -> Saved {
    let old = std::mem::take(&mut property.items);
    // A value that keeps its text because its change fails may be what another one was to be called: then that
    // one fails as well, and so on.
    let mut failed: HashSet<usize> = HashSet::new();
    let plan = loop {
        let plan = plan(&old, given, &failed);
        let fails = plan.iter().enumerate().filter(|(_, planned)| planned.is_err()).map(|(at, _)| at);
        let before = failed.len();
        failed.extend(fails.collect::<Vec<_>>());
        if failed.len() == before {
            break plan;
        }
    };
    let mut saved = Vec::with_capacity(given.len());
    for planned in plan {
        match planned {
            Ok((Some(kept), value)) => {
                let kept = PropertyItem { value, ..old[kept].clone() };
                property.items.push(kept.clone());
                saved.push(Ok(kept));
            }
            Ok((None, value)) => {
                let new = item(change, permit, value);
                property.items.push(new.clone());
                saved.push(Ok(new));
            }
            Err(refused) => saved.push(Err(refused)),
        }
    }
    // A value that is named stays, also where its change fails.
    for number in given.iter().filter_map(|given| given.number).map(Number) {
        if property.items.iter().all(|item| item.number != number) {
            let kept = old.iter().find(|item| item.number == number).cloned();
            saved.extend(kept.clone().map(Ok));
            property.items.extend(kept);
        }
    }
    if saved.iter().all(Result::is_err) {
        // Nothing that is given can be had: the values stay as they are.
        property.items = old;
        return saved;
    }
    let is_kept = |item: &PropertyItem| property.items.iter().any(|kept| kept.number == item.number);
    let disabled: Vec<PropertyItem> =
        old.into_iter().filter(|item| !item.enabled && !is_kept(item)).collect();
    property.items.extend(disabled);
    property.items.sort_by_key(|item| item.number);
    saved
}

/// Which old value each given one is, if any, and what it is called from now on.
type Planned = Result<(Option<usize>, PropertyValue), Error>;

fn plan(old: &[PropertyItem], given: &[GivenValue], failed: &HashSet<usize>) -> Vec<Planned> {
    let index = |number: i64| old.iter().position(|item| item.enabled && item.number == Number(number));
    let named: HashSet<usize> = given.iter().filter_map(|given| index(given.number?)).collect();
    // Texts that stay: of disabled values, and of those whose change fails.
    let mut texts: HashSet<&str> =
        old.iter().filter(|item| !item.enabled).map(|item| item.value.as_str()).collect();
    for at in failed {
        let kept = given[*at].number.and_then(index);
        texts.extend(kept.map(|kept| old[kept].value.as_str()));
    }
    let mut texts: HashSet<String> = texts.into_iter().map(str::to_owned).collect();
    let mut met = HashSet::new();
    let mut planned = Vec::with_capacity(given.len());
    for (at, given) in given.iter().enumerate() {
        let one = plan_one(old, given, index, &named).and_then(|(kept, value)| {
            let is_again = kept.is_some_and(|kept| !met.insert(kept));
            if is_again || !texts.insert(value.as_str().to_owned()) {
                return Err(Error::Taken(Unique::PropertyValue, value.as_str().to_owned()));
            }
            Ok((kept, value))
        });
        // What failed before fails again, by whatever is in the way now.
        let one = match one {
            Ok((_, value)) if failed.contains(&at) => {
                Err(Error::Taken(Unique::PropertyValue, value.as_str().to_owned()))
            }
            one => one,
        };
        planned.push(one);
    }
    planned
}

fn plan_one(
    old: &[PropertyItem],
    given: &GivenValue,
    index: impl Fn(i64) -> Option<usize>,
    named: &HashSet<usize>,
) -> Planned {
    let text = given.text.as_deref();
    let Some(number) = given.number else {
        let value = value(text.unwrap_or_default())?;
        // The value of this text, unless the call calls it otherwise.
        let kept = old.iter().position(|item| item.enabled && item.value == value);
        return Ok((kept.filter(|kept| !named.contains(kept)), value));
    };
    let missing = || Error::Missing(Argument::PropertyValue, number.to_string());
    let kept = index(number).ok_or_else(missing)?;
    Ok((Some(kept), text.map_or_else(|| Ok(old[kept].value.clone()), value)?))
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

/// A user whom the caller knows by number, and a value.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The user's number.
    pub user: i64,
    /// The property's number.
    pub property: i64,
    /// The value's number.
    pub value: i64,
}

/// Gives the user with this number and this name a value: one more, or, where the property has one value, instead of
/// the one that it had.
///
/// # Errors
/// `Missing` the user, the property or the value; `Taken`, where the property's values are unique.
pub async fn bind(
    change: &mut Change,
    permit: &Permit,
    username: &str,
    binding: Binding,
) -> Result<(), Error> {
    let directory = permit.directory();
    let (user, property, item) = bound(change, permit, binding, choice).await?;
    if *user.username.key() != Folded::of(username) {
        return Err(Error::Missing(Argument::UserNumber, binding.user.to_string()));
    }
    let number = property.id.number();
    if property.unique && rows::is_taken(change.tx(), directory, item.number, user.id.number()).await? {
        return Err(Error::Taken(Unique::PropertyValue, item.value.as_str().to_owned()));
    }
    let own = rows::of_user(change.tx(), directory, user.id.number(), number).await?;
    if own.contains(&item.number) {
        return Ok(());
    }
    if property.kind == Kind::Select {
        for old in &own {
            rows::unbind(change.tx(), directory, &user, number, *old).await?;
        }
    }
    rows::bind(change.tx(), directory, &user, number, item.number).await?;
    let before =
        own.iter().filter(|_| property.kind == Kind::Select).filter_map(|old| text_of(&property, *old));
    let before: Vec<String> = before.collect();
    let before = before.first().map(|old| facts(&property, old));
    let after = facts(&property, item.value.as_str());
    let event = Event::joined("user.value_set", &user, before.as_ref().map(<[_; 2]>::as_slice), Some(&after));
    touch(change, permit, &user, event).await
}

/// Takes a value from a user; one that the user has not is none.
///
/// # Errors
/// `Missing` the user, the property or the value; `Required`, where it is the last one of a property that must have one.
pub async fn unbind(change: &mut Change, permit: &Permit, binding: Binding) -> Result<(), Error> {
    let directory = permit.directory();
    // A value that cannot be chosen any more is still shown with whoever has it, and can be taken from them.
    let (user, property, item) = bound(change, permit, binding, value_of).await?;
    let number = property.id.number();
    let own = rows::of_user(change.tx(), directory, user.id.number(), number).await?;
    if !own.contains(&item.number) {
        return Ok(());
    }
    let shown = own.iter().filter(|own| property.items.iter().any(|item| item.number == **own)).count();
    if property.required && shown == 1 {
        return Err(Error::Required(property.name.as_str().to_owned()));
    }
    rows::unbind(change.tx(), directory, &user, number, item.number).await?;
    let before = facts(&property, item.value.as_str());
    touch(change, permit, &user, Event::joined("user.value_removed", &user, Some(&before), None)).await
}

/// The user, whom nobody else may change until this change is over, the property and the value that are meant.
async fn bound(
    change: &mut Change,
    permit: &Permit,
    binding: Binding,
    item: fn(&Property, i64) -> Result<&PropertyItem, Error>,
) -> Result<(User, Property, PropertyItem), Error> {
    let directory = permit.directory();
    let known = rows::all(change.tx(), directory).await?;
    let property = shown(&known, binding.property)?;
    let item = item(property, binding.value)?;
    if property.unique {
        directories::guard(change.tx(), directory).await?;
    }
    let user = people::lock_one(change.tx(), directory, Number(binding.user)).await?;
    let missing = || Error::Missing(Argument::UserNumber, binding.user.to_string());
    Ok((user.ok_or_else(missing)?, property.clone(), item.clone()))
}

fn text_of(property: &Property, item: Number) -> Option<String> {
    let found = property.items.iter().find(|known| known.number == item)?;
    Some(found.value.as_str().to_owned())
}

fn facts(property: &Property, value: &str) -> [(&'static str, String); 2] {
    [("property", property.name.as_str().to_owned()), ("value", value.to_owned())]
}

/// Records a change of a user's values, which is one of the user's own.
async fn touch(change: &mut Change, permit: &Permit, user: &User, event: Event) -> Result<(), Error> {
    let after = User { updated: permit.at(), ..user.clone() };
    people::update(change.tx(), permit.directory(), user, &after).await?;
    change.record(event);
    Ok(())
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
