//! One user is shown.

use access::{Permit, Reader};
use model::Folded;
use model::group::GroupText;
use model::unit::UnitText;
use model::user::{Listed, User};
use store::users as rows;

use super::list::show_values;
use crate::error::{Argument, Error};
use crate::named::Named;
use crate::properties::{self, ValuesOf};

/// A user with all that is shown of one.
#[derive(Debug)]
pub struct Shown {
    /// The user.
    pub user: User,
    /// The units, primary first, then by joining.
    pub units: Vec<UnitText>,
    /// The groups, by joining.
    pub groups: Vec<GroupText>,
    /// The values of properties that are in use, by property.
    pub values: Vec<ValuesOf>,
}

/// The user with this id.
///
/// # Errors
/// `Missing` a user.
pub async fn show(reader: &mut Reader, permit: &Permit, user: &Named) -> Result<Shown, Error> {
    let missing = || user.missing(Argument::User);
    let handle = user.handle().ok_or_else(missing)?;
    let found = rows::show(reader.rows(), permit.directory(), handle.number()).await?;
    let found = found.filter(|found| handle.means(found.user.id)).ok_or_else(missing)?;
    let rows::Shown { user, units, groups, has_values } = found;
    let values =
        if has_values { properties::of_user(reader, permit, user.id.number()).await? } else { Vec::new() };
    Ok(Shown { user, units, groups, values })
}

/// The user with this id, alone.
///
/// # Errors
/// `Missing` a user.
pub async fn by_id(reader: &mut Reader, permit: &Permit, user: &Named) -> Result<User, Error> {
    let missing = || user.missing(Argument::User);
    let handle = user.handle().ok_or_else(missing)?;
    let found = rows::find(reader.rows(), permit.directory(), handle.number()).await?;
    found.filter(|user| handle.means(user.id)).ok_or_else(missing)
}

/// The user with this name, with the values of properties where these are shown.
///
/// # Errors
/// `Missing` a user.
pub async fn find(
    reader: &mut Reader,
    permit: &Permit,
    name: &str,
    shows_values: bool,
) -> Result<Listed, Error> {
    let key = Folded::of(name);
    let mut users = rows::named(reader.rows(), permit.directory(), &[&key]).await?;
    if shows_values {
        show_values(reader, permit, &mut users).await?;
    }
    users.pop().ok_or_else(|| Error::Missing(Argument::User, name.to_owned()))
}
