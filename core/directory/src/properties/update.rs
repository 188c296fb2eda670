//! A property gets another name and other values.

use std::collections::HashSet;

use access::{Change, Permit};
use model::Number;
use model::event::Event;
use model::property::{Property, PropertyItem};
use model::text::{PropertyName, PropertyValue};
use store::directories;
use store::properties as rows;

use super::{Limits, Saved, check_name, fit, item, shown, value};
use crate::error::{Argument, Error, Limit, Unique};

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
    check_name(&known, name, Some(before.id.number()), limits)?;
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
    after.default = fit::default_after(before, &after);
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
        let value = retyped(old, text.unwrap_or_default())?;
        // The value of this text, unless the call calls it otherwise.
        let kept = old.iter().position(|item| item.enabled && item.value == value);
        return Ok((kept.filter(|kept| !named.contains(kept)), value));
    };
    let missing = || Error::Missing(Argument::PropertyValue, number.to_string());
    let kept = index(number).ok_or_else(missing)?;
    Ok((Some(kept), text.map_or_else(|| Ok(old[kept].value.clone()), |text| retyped(old, text))?))
}

/// The value of a text: one that is there already as it is, another one without the blanks around it.
fn retyped(old: &[PropertyItem], text: &str) -> Result<PropertyValue, Error> {
    let known = old.iter().find(|item| item.value.as_str() == text);
    known.map_or_else(|| value(text.trim()), |known| Ok(known.value.clone()))
}
