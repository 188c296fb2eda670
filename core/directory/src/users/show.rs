//! One user is shown.

use access::{Permit, Reader};
use model::Folded;
use model::group::Group;
use model::unit::UnitOf;
use model::user::{Listed, User};
use store::{groups, users as rows};

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
    pub units: Vec<UnitOf>,
    /// The groups, by joining.
    pub groups: Vec<Group>,
    /// The values of properties that are in use, by property.
    pub values: Vec<ValuesOf>,
}

/// Groups of one user that are shown.
const GROUPS: i64 = 10_000;

/// The user with this id.
///
/// # Errors
/// `Missing` a user.
pub async fn show(reader: &mut Reader, permit: &Permit, user: &Named) -> Result<Shown, Error> {
    let Listed { user, units, .. } = placed(reader, permit, user).await?;
    let number = user.id.number();
    let groups = groups::of_user(reader.rows(), permit.directory(), number, 0, GROUPS).await?;
    let values = properties::of_user(reader, permit, number).await?;
    Ok(Shown { user, units, groups, values })
}

/// The user with this id, alone.
///
/// # Errors
/// `Missing` a user.
pub async fn by_id(reader: &mut Reader, permit: &Permit, user: &Named) -> Result<User, Error> {
    Ok(placed(reader, permit, user).await?.user)
}

async fn placed(reader: &mut Reader, permit: &Permit, user: &Named) -> Result<Listed, Error> {
    let missing = || user.missing(Argument::User);
    let handle = user.handle().ok_or_else(missing)?;
    let found = rows::placed(reader.rows(), permit.directory(), handle.number()).await?;
    found.filter(|listed| handle.means(listed.user.id)).ok_or_else(missing)
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
