//! Users get values of properties, and lose them.

use access::{Change, Permit};
use model::event::Event;
use model::property::{Kind, Property, PropertyItem};
use model::user::User;
use model::{Folded, Number};
use store::properties as rows;
use store::users as people;

use super::{choice, shown, value_of};
use crate::error::{Argument, Error, Unique};

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
    if property.unique {
        rows::lock_items(change.tx(), directory, &[item.number]).await?;
    }
    if property.unique && rows::is_taken(change.tx(), directory, item.number, user.id.number()).await? {
        return Err(Error::Taken(Unique::PropertyValue, item.value.as_str().to_owned()));
    }
    let own = rows::of_user(change.tx(), directory, user.id.number(), number).await?;
    if own.contains(&item.number) {
        return Ok(());
    }
    let kept = own.iter().copied().filter(|_| property.kind != Kind::Select);
    let after: Vec<Number> = kept.chain([item.number]).collect();
    rows::choose(change.tx(), directory, &user, number, [&own, &after]).await?;
    let replaced = own.first().filter(|_| property.kind == Kind::Select);
    let before = replaced.and_then(|old| text_of(&property, *old)).map(|old| facts(&property, &old));
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
    let after: Vec<Number> = own.iter().copied().filter(|own| *own != item.number).collect();
    rows::choose(change.tx(), directory, &user, number, [&own, &after]).await?;
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
