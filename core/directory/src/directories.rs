//! Directories of an account: made, described, removed.
//!
//! Source: `reference/doors.md` §4.5.

use access::{Change, Permit, Reader, Scope};
use model::DirectoryKey;
use model::Folded;
use model::account::{Directory, ListedDirectory};
use model::event::Event;
use model::text::{Description, DirectoryName, UnitName};
use model::total::Total;
use store::{directories as rows, drives, totals};

use crate::domains::{self, Settings, SettingsUpdate};
use crate::error::{Error, Limit};
use crate::first_start::{fresh, furnish};
use crate::policies;

/// A directory to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDirectory {
    /// Others may have the same; `default` where none is given.
    pub name: Option<DirectoryName>,
    /// A free remark.
    pub description: Description,
    /// How many people it may hold; 0 for no end.
    pub most_users: i64,
    /// What it is told to do as a domain.
    pub settings: Settings,
}

impl NewDirectory {
    /// A directory of which nothing but a remark is known.
    pub fn described(description: Description) -> Self {
        Self { name: None, description, most_users: 0, settings: Settings::default() }
    }
}

/// Makes a directory with its root unit and `superadmin`; an account has at most `most` beside its default one, where
/// there is a bound.
///
/// # Errors
/// `TooMany`, also where the installation holds as many directories as it can.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    new: &NewDirectory,
    most: Option<i64>,
) -> Result<ListedDirectory, Error> {
    let account = permit.account();
    // One at a time for each account, so that of two calls only one makes the last one allowed.
    change.take_account(account).await?;
    if let Some(most) = most {
        let listed = rows::of_account(change.tx(), account).await?;
        let others = listed.iter().filter(|listed| !listed.directory.is_default).count();
        if i64::try_from(others).unwrap_or(i64::MAX) >= most {
            return Err(Error::TooMany(Limit::Directories));
        }
    }
    // A unique key: of two accounts that take the same one, one runs again.
    let slot = rows::free_slot(change.tx()).await?.ok_or(Error::TooMany(Limit::Directories))?;
    let (id, root) = (change.new_id(permit), change.new_id(permit));
    let key = DirectoryKey { number: id.number(), slot };
    let directory = Directory { id, key, account, root: root.number(), is_default: false };
    let mut listed = fresh(directory.clone(), new.description.clone(), permit.at());
    listed.most_users = new.most_users;
    if let Some(name) = &new.name {
        listed.name = name.clone();
    }
    rows::insert(change.tx(), &listed).await?;
    change.record(Event::directory("directory.created", &listed, None, Some(&listed)));
    let within = permit.within(directory);
    furnish(change, &within, root, root_name(&new.description)).await?;
    if new.settings != Settings::default() {
        policies::set(change, &within, &new.settings).await?;
    }
    Ok(listed)
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

/// What becomes of a directory; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Another name.
    pub name: Option<DirectoryName>,
    /// Another remark.
    pub description: Option<Description>,
    /// Another bound of people, of whom there may be more already; 0 for no end.
    pub most_users: Option<i64>,
    /// What becomes of what it is told to do as a domain.
    pub settings: SettingsUpdate,
}

/// Changes the permit's directory. Whether the caller may is not asked here.
///
/// # Errors
/// `Gone`.
pub async fn update(change: &mut Change, permit: &Permit, update: &Update) -> Result<(), Error> {
    let key = permit.directory();
    rows::guard(change.tx(), key).await?;
    let before = described(change.tx(), permit).await?;
    let settings = domains::settings(change.tx(), key).await?;
    let new_settings = update.settings.applied_to(&settings);
    let after = ListedDirectory {
        name: update.name.clone().unwrap_or_else(|| before.name.clone()),
        description: update.description.clone().unwrap_or_else(|| before.description.clone()),
        most_users: update.most_users.unwrap_or(before.most_users),
        ..before.clone()
    };
    let differs = new_settings != settings;
    if differs {
        policies::set(change, permit, &new_settings).await?;
    }
    if differs || after != before {
        let after = ListedDirectory { updated: permit.at(), ..after };
        rows::update(change.tx(), &after).await?;
        change.record(Event::directory("directory.changed", &after, Some(&before), Some(&after)));
    }
    Ok(())
}

/// What becomes of the people of a directory that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// They keep it from being removed.
    Refuse,
    /// They go with it.
    Remove,
}

/// Removes the permit's directory with all that is in it. It is gone at once; what is in it goes in the background.
///
/// # Errors
/// `DefaultDirectory`; `DirectoryInUse`, where it holds drives, or people who refuse.
pub async fn remove(change: &mut Change, permit: &Permit, people: People) -> Result<(), Error> {
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
    // None comes meanwhile: who makes a drive keeps the directory.
    let is_in_use = drives::any(change.tx(), key).await?
        || people == People::Refuse && totals::read(change.tx(), key, Total::People).await? > 0;
    if is_in_use {
        return Err(Error::DirectoryInUse);
    }
    rows::remove(change.tx(), key, permit.at()).await?;
    change.record(Event::directory("directory.removed", &before, Some(&before), None));
    Ok(())
}

/// Whether the permit's directory holds drives, which keep it from being removed.
///
/// # Errors
/// The store's.
pub async fn holds_drives(reader: &mut Reader, permit: &Permit) -> Result<bool, Error> {
    Ok(drives::any(reader.rows(), permit.directory()).await?)
}

/// How many people may still come into the permit's directory: of changes at the same time, where there is a bound, one
/// after the other is told.
///
/// # Errors
/// `Gone`.
pub async fn room(change: &mut Change, permit: &Permit) -> Result<i64, Error> {
    if described(change.tx(), permit).await?.most_users == 0 {
        return Ok(i64::MAX);
    }
    let key = permit.directory();
    rows::guard(change.tx(), key).await?;
    // As it is now that nobody else changes it.
    let most = described(change.tx(), permit).await?.most_users;
    let people = totals::read(change.tx(), key, Total::People).await?;
    Ok(if most == 0 { i64::MAX } else { (most - people).max(0) })
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
