//! Drives: who owns one, and how large it is. What is in them lies elsewhere.
//!
//! Source: `reference/pds.md` §14; `reference/doors.md` §4.2, §4.4, §4.5.

mod change;
mod create;
mod list;
mod show;

pub use change::{Update, remove, set_used, update};
pub use create::{create, first_drive, owner, prepare_first};
pub use list::{Page, Wanted, list, of_caller, of_callers_units};
pub use show::{Shown, ShownOwner, default_of, defaults, find, shown};
pub use store::drives::Kind;

use access::{Permit, Principal};
use model::Number;
use model::drive::Owner;
use model::text::{Description, DriveName, Label};
use model::user::Status;

use crate::error::{Argument, Error};
use crate::named::{self, Named};
use crate::rights::{Reach, reach};
use crate::{assignments, users};

/// A drive to be made.
#[derive(Debug, Clone)]
pub struct NewDrive {
    /// Others may have the same.
    pub name: DriveName,
    /// A free remark.
    pub description: Description,
    /// Whose it is.
    pub owner: Owner,
    /// Whether it is its user's default one; of a unit's drive this says nothing.
    pub is_default: bool,
    /// Whether it is in use.
    pub status: Status,
    /// How many bytes it holds; -1 for no end.
    pub total_size: i64,
    /// The part of the directory that it is said to be in.
    pub label: Label,
}

/// An owner as the caller named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedOwner {
    /// A user, by what programs of PDS call one.
    User(String),
    /// A unit.
    Unit(Named),
}

/// A drive as the caller named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDrive {
    /// The number, where the text says one.
    pub number: Option<Number>,
    /// The caller's own text, for errors.
    pub text: String,
}

impl NamedDrive {
    fn missing(&self) -> Error {
        Error::Missing(Argument::Drive, self.text.clone())
    }

    fn forbidden(&self) -> Error {
        Error::Forbidden(Argument::Drive, self.text.clone())
    }
}

/// Whether the caller manages this drive: by role, by its label, or as an administrator of the unit whose it is.
async fn manages(
    reader: &mut store::Reader,
    permit: &Permit,
    owner: Owner,
    label: &Label,
) -> Result<bool, Error> {
    let by_role = match reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => own == label,
        Reach::Own => false,
    };
    match owner {
        Owner::Unit(unit) if !by_role => Ok(assignments::administers(reader, permit, unit).await?),
        Owner::Unit(_) | Owner::User(_) => Ok(by_role),
    }
}

impl NamedOwner {
    fn text(&self) -> &str {
        match self {
            Self::User(text) => text,
            Self::Unit(named) => &named.text,
        }
    }
}

async fn find_owner(reader: &mut store::Reader, permit: &Permit, owner: &NamedOwner) -> Result<Owner, Error> {
    match owner {
        NamedOwner::User(text) => {
            let user = users::by_public_id(reader, permit, text).await?;
            Ok(Owner::User(user.id.number()))
        }
        NamedOwner::Unit(named) => {
            let unit = named::unit(reader, permit, named, Argument::Unit).await?;
            // The root is no group.
            unit.parent.map(|_| Owner::Unit(unit.id.number())).ok_or_else(|| named.missing(Argument::Unit))
        }
    }
}

/// The number of the caller's own user; `None` for an AccessKey, which has none.
///
/// # Errors
/// `Missing` a user: an app, which stands for the directory and is no user of it.
fn own(permit: &Permit) -> Result<Option<Number>, Error> {
    match permit.principal() {
        Principal::Person(person) => Ok(Some(person.user.number())),
        Principal::Service(service) => Err(Error::Missing(Argument::User, service.public_id())),
        Principal::Root(_)
        | Principal::RamUser { .. }
        | Principal::RamRole { .. }
        | Principal::Operator(_)
        | Principal::System(_)
        | Principal::Nobody => Ok(None),
    }
}
