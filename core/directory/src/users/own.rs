//! People and their own records.
//!
//! Source: `reference/doors.md` §1 and §1.3; `reference/eiam.md` §10.1.

use access::{Change, Permit, Reader};
use model::Id;
use model::property::{Permission, Property};
use model::text::{Description, DisplayName};
use model::user::{Listed, User};
use store::{properties as rows, users as people};

use super::{Update, update};
use crate::error::{Argument, Error};
use crate::properties::{self, GivenText};

/// What a person is shown of the own record.
#[derive(Debug)]
pub struct OwnRecord {
    /// The user, with the units.
    pub listed: Listed,
    /// What there is beside, by property: those that people may see.
    pub fields: Vec<OwnField>,
}

/// A property that a person sees, with the person's values.
#[derive(Debug, Clone)]
pub struct OwnField {
    /// The property, with the values that may be chosen and those that the person has.
    pub property: Property,
    /// The values, opened where they are sealed.
    pub texts: Vec<String>,
}

/// What a person changes of the own record; what is not given stays.
#[derive(Debug, Default)]
pub struct OwnUpdate {
    /// What people call the person.
    pub display_name: Option<DisplayName>,
    /// A free remark.
    pub description: Option<Description>,
    /// Values of properties that people may change.
    pub values: Vec<GivenText>,
}

/// The record of the person whom the permit is for.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is no person's.
pub async fn own_record(reader: &mut Reader, permit: &Permit) -> Result<OwnRecord, Error> {
    let id = own_id(permit)?;
    let found = people::find_listed(reader.rows(), permit.directory(), id.number()).await?;
    let listed = found.filter(|found| found.user.id == id).ok_or_else(|| missing(id))?;
    let mut known = rows::all(reader.rows(), permit.directory()).await?;
    known.retain(|property| property.enabled && property.permission != Permission::Hide);
    let mut values =
        if known.is_empty() { Vec::new() } else { properties::of_user(reader, permit, id.number()).await? };
    let fields = known.into_iter().map(|mut property| {
        let own = values.iter().position(|values| values.property == property.name.as_str());
        let texts = own.map(|at| values.swap_remove(at).texts).unwrap_or_default();
        property.items.retain(|item| item.enabled || texts.iter().any(|text| text == item.value.as_str()));
        OwnField { property, texts }
    });
    Ok(OwnRecord { fields: fields.collect(), listed })
}

/// Changes the record of the person whom the permit is for, as far as people may: the display name, the description, and
/// values of properties that they may write.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is no person's. Of the values `Missing` a property, also one
/// that people may not change; `Unfit`, `Required`, `Taken`. Then nothing changes.
pub async fn update_own(change: &mut Change, permit: &Permit, given: &OwnUpdate) -> Result<User, Error> {
    let user = locked_own(change, permit).await?;
    let known =
        if given.values.is_empty() { Vec::new() } else { rows::all(change.tx(), permit.directory()).await? };
    for value in &given.values {
        let property = known.iter().find(|property| property.name.as_str() == value.property);
        if property.is_none_or(|property| property.permission != Permission::ReadWrite) {
            return Err(Error::Missing(Argument::PropertyName, value.property.clone()));
        }
    }
    let changes = Update {
        display_name: given.display_name.clone(),
        description: given.description.clone(),
        values: given.values.clone(),
        ..Update::default()
    };
    update::apply(change, permit, &user, &changes).await
}

/// The person whom the permit is for, whom nobody else may change until this change is over.
///
/// # Errors
/// `Missing` the user; `Forbidden` the user, where the permit is no person's.
pub async fn locked_own(change: &mut Change, permit: &Permit) -> Result<User, Error> {
    let id = own_id(permit)?;
    let found = people::lock_one(change.tx(), permit.directory(), id.number()).await?;
    found.filter(|user| user.id == id).ok_or_else(|| missing(id))
}

fn own_id(permit: &Permit) -> Result<Id, Error> {
    permit.own().ok_or_else(|| Error::Forbidden(Argument::User, String::new()))
}

fn missing(user: Id) -> Error {
    Error::Missing(Argument::User, user.to_string())
}
