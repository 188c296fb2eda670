//! Directories of an account: made, described, removed.
//!
//! Source: `reference/doors.md` §4.5.

use access::{Change, Permit, Reader, Scope};
use model::account::{Directory, ListedDirectory};
use model::event::Event;
use model::text::{Description, UnitName};
use model::{DirectoryKey, Folded};
use store::directories as rows;

use crate::error::{Error, Limit};
use crate::first_start::furnish;

/// Makes a directory with its root unit and `superadmin`; an account has at most `most` beside its default one.
///
/// # Errors
/// `TooMany`, also where the installation holds as many directories as it can.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    description: &Description,
    most: i64,
) -> Result<Directory, Error> {
    let account = permit.account();
    // One at a time for each account, so that of two calls only one makes the last one allowed.
    rows::lock_account(change.tx(), account).await?;
    let listed = rows::of_account(change.tx(), account).await?;
    let others = listed.iter().filter(|listed| !listed.directory.is_default).count();
    if i64::try_from(others).unwrap_or(i64::MAX) >= most {
        return Err(Error::TooMany(Limit::Directories));
    }
    // A unique key: of two accounts that take the same one, one runs again.
    let slot = rows::free_slot(change.tx()).await?.ok_or(Error::TooMany(Limit::Directories))?;
    let (id, root) = (change.new_id(permit), change.new_id(permit));
    let key = DirectoryKey { number: id.number(), slot };
    let directory = Directory { id, key, account, root: root.number(), is_default: false };
    rows::insert(change.tx(), &directory, description, permit.at()).await?;
    change.record(Event::directory("directory.created", id, None, Some(description)));
    furnish(change, &permit.within(directory.clone()), root, root_name(description)).await?;
    Ok(directory)
}

/// What the root unit of a directory with this description is called: the description in one line, or `root`.
fn root_name(description: &Description) -> UnitName {
    let line = description.as_str().chars().map(|c| if c.is_control() { ' ' } else { c }).take(128);
    let line: String = line.collect();
    let name = UnitName::new(line.trim()).ok().filter(|name| name.folded() != Folded::default());
    name.unwrap_or_else(|| UnitName::new("root").expect("four letters"))
}

/// The account's directories, the oldest first.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit) -> Result<Vec<ListedDirectory>, Error> {
    Ok(rows::of_account(reader.rows(), permit.account()).await?)
}

/// The permit's directory.
///
/// # Errors
/// `Gone`.
pub async fn find(reader: &mut Reader, permit: &Permit) -> Result<ListedDirectory, Error> {
    described(reader.rows(), permit).await
}

async fn described(reader: &mut store::Reader, permit: &Permit) -> Result<ListedDirectory, Error> {
    let found = rows::described(reader, permit.directory()).await?;
    found.ok_or(Error::Gone)
}

/// Describes the permit's directory.
///
/// # Errors
/// The store's.
pub async fn describe(change: &mut Change, permit: &Permit, description: &Description) -> Result<(), Error> {
    let key = permit.directory();
    rows::guard(change.tx(), key).await?;
    let before = described(change.tx(), permit).await?;
    if before.description != *description {
        rows::describe(change.tx(), key, description).await?;
        let id = before.directory.id;
        let (before, after) = (Some(&before.description), Some(description));
        change.record(Event::directory("directory.described", id, before, after));
    }
    Ok(())
}

/// Removes the permit's directory with all that is in it. It is gone at once; what is in it goes in the background.
///
/// # Errors
/// `DefaultDirectory`.
pub async fn remove(change: &mut Change, permit: &Permit) -> Result<(), Error> {
    let is_default = match permit.scope() {
        Scope::Directory(directory) => directory.is_default,
        Scope::Account(_) => false,
    };
    if is_default {
        return Err(Error::DefaultDirectory);
    }
    let key = permit.directory();
    rows::guard(change.tx(), key).await?;
    let before = described(change.tx(), permit).await?;
    rows::remove(change.tx(), key, permit.at()).await?;
    let id = before.directory.id;
    change.record(Event::directory("directory.removed", id, Some(&before.description), None));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_unit_is_named_after_its_directory() {
        let long = "王".repeat(300);
        let cases = [
            ("", "root"),
            (" \n\t ", "root"),
            ("Acme", "Acme"),
            (" Acme\n\tEurope ", "Acme  Europe"),
            (long.as_str(), &"王".repeat(128)),
        ];
        for (description, name) in cases {
            let description = Description::new(description).expect("a description");
            assert_eq!(root_name(&description).as_str(), name);
        }
    }
}
