//! Users come with accounts and a drive.
//!
//! Source: `reference/pds.md` §8.10.

use access::{Change, Permit};
use model::drive::Owner;
use model::text::{Description, DriveName, Label};
use model::user::{Status, User};

use super::create::{NewUser, create_one};
use crate::domains;
use crate::drives::{self, NewDrive};
use crate::error::Error;
use crate::links::{self, NewLink};

/// The drive that a new user comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstDrive {
    /// How many bytes it holds, -1 for no end; what the directory gives to its users if nothing is said.
    pub total_size: Option<i64>,
}

/// Makes a user with accounts and, where that is wanted, with a default drive: all of it or nothing.
///
/// # Errors
/// As of a user in [`create`](super::create()) and of [`links::add`]; then nothing is kept, since the change is not
/// committed.
pub async fn import(
    change: &mut Change,
    permit: &Permit,
    new: &NewUser,
    links: &[NewLink],
    drive: Option<FirstDrive>,
) -> Result<User, Error> {
    let user = create_one(change, permit, new).await?;
    for link in links {
        links::add(change, permit, &user, link).await?;
    }
    if let Some(FirstDrive { total_size }) = drive {
        let total_size = match total_size {
            Some(size) => size,
            None => domains::settings(change.tx(), permit.directory()).await?.drive_size.unwrap_or(-1),
        };
        let drive = NewDrive {
            name: DriveName::new("Default").expect("seven letters"),
            description: Description::default(),
            owner: Owner::User(user.id.number()),
            is_default: true,
            status: Status::Enabled,
            total_size,
            label: Label::default(),
        };
        drives::create(change, permit, &drive).await?;
    }
    Ok(user)
}
