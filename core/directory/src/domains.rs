//! Directories as domains of PDS: what they are told to do, how much of them is in use, and which there are.
//!
//! Source: `reference/pds.md` §6.8 and §15; `reference/doors.md` §4.5.

use access::{Permit, Reader, Standing};
use model::account::ListedDirectory;
use model::total::Total;
use model::user::Role;
use model::{DirectoryKey, Folded, Number};
use serde::{Deserialize, Serialize};
use store::{directories, totals};

use crate::error::{Argument, Error};
use crate::policies::{self, Policy};

/// The settings of a domain, kept as one configuration of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// Whether users get a drive with their first token.
    pub gives_drive: bool,
    /// How many bytes such a drive holds, -1 for no end; `None` while nobody has said it.
    pub drive_size: Option<i64>,
    /// How many bytes all drives hold; 0 for no end.
    pub size_quota: i64,
    /// Which apps may work in the directory.
    pub apps: Apps,
}

/// Which apps may work in a directory: all but some, or some alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Apps {
    /// Whether those that are not named may not.
    pub denies: bool,
    /// The ids of those for which the other holds.
    pub except: Vec<String>,
}

impl Policy for Settings {
    const KIND: &'static str = "domain";
}

impl Settings {
    /// How large a user's first drive is; `None` where users get none.
    pub fn first_drive(&self) -> Option<i64> {
        self.gives_drive.then(|| self.drive_size.unwrap_or(-1))
    }
}

impl Apps {
    /// Whether the app with this id may work in the directory.
    pub fn allows(&self, app: &str) -> bool {
        self.denies == self.except.iter().any(|except| except == app)
    }
}

/// What becomes of the settings; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsUpdate {
    /// As of the settings.
    pub gives_drive: Option<bool>,
    /// As of the settings.
    pub drive_size: Option<i64>,
    /// As of the settings.
    pub size_quota: Option<i64>,
    /// As of the settings.
    pub apps: Option<Apps>,
}

impl SettingsUpdate {
    /// The settings as they are from then on.
    #[must_use]
    pub fn applied_to(&self, settings: &Settings) -> Settings {
        Settings {
            gives_drive: self.gives_drive.unwrap_or(settings.gives_drive),
            drive_size: self.drive_size.or(settings.drive_size),
            size_quota: self.size_quota.unwrap_or(settings.size_quota),
            apps: self.apps.clone().unwrap_or_else(|| settings.apps.clone()),
        }
    }
}

/// The settings of a directory; the default ones while nobody has set any.
///
/// # Errors
/// The store's.
pub async fn settings(reader: &mut store::Reader, directory: DirectoryKey) -> Result<Settings, Error> {
    Ok(policies::stored(reader, directory).await?.unwrap_or_default())
}

/// Whether the app with this id may work in a directory.
///
/// # Errors
/// The store's.
pub async fn app_is_allowed(
    reader: &mut store::Reader,
    directory: DirectoryKey,
    app: &str,
) -> Result<bool, Error> {
    Ok(settings(reader, directory).await?.apps.allows(app))
}

/// Asks whether the caller may see all of a domain: whoever manages its users.
///
/// # Errors
/// `Forbidden` the directory.
pub fn may_see(permit: &Permit) -> Result<(), Error> {
    allowed(permit, Role::manages)
}

/// Asks whether the caller may change a domain: the account, and its superadmins.
///
/// # Errors
/// `Forbidden` the directory.
pub fn may_change(permit: &Permit) -> Result<(), Error> {
    allowed(permit, |role| role == Role::Superadmin)
}

fn allowed(permit: &Permit, by_role: impl FnOnce(Role) -> bool) -> Result<(), Error> {
    let may = match permit.standing() {
        Standing::Free => true,
        Standing::Holder { role, .. } => by_role(*role),
        Standing::Proof => false,
    };
    if may { Ok(()) } else { Err(Error::Forbidden(Argument::Directory, String::new())) }
}

/// A directory as it is shown as a domain.
#[derive(Debug, Clone)]
pub struct Domain {
    /// The directory.
    pub listed: ListedDirectory,
    /// What it is told to do.
    pub settings: Settings,
    /// How many bytes its drives are known to hold.
    pub used_bytes: i64,
}

/// The permit's directory.
///
/// # Errors
/// `Gone`. Whether the caller may see it is not asked here.
pub async fn find(reader: &mut store::Reader, permit: &Permit) -> Result<Domain, Error> {
    let found = directories::described(reader, permit.directory()).await?;
    let listed = found.ok_or(Error::Gone)?;
    let key = listed.directory.key;
    let settings = settings(reader, key).await?;
    let used_bytes = totals::read(reader, key, Total::UsedBytes).await?;
    Ok(Domain { listed, settings, used_bytes })
}

/// How many people are in the permit's directory.
///
/// # Errors
/// The store's.
pub async fn people(reader: &mut Reader, permit: &Permit) -> Result<i64, Error> {
    Ok(totals::read(reader.rows(), permit.directory(), Total::People).await?)
}

/// Which domains of the account are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those whose name contains this, compared without case; an empty text is no condition.
    pub name: Option<String>,
    /// Whether the newest come first, and not the oldest.
    pub newest_first: bool,
    /// Only those behind this one.
    pub after: Option<Number>,
    /// How many at most.
    pub limit: usize,
}

/// A page of domains.
#[derive(Debug, Default)]
pub struct Page {
    /// The domains.
    pub domains: Vec<Domain>,
    /// Whether there are more behind the last one.
    pub goes_on: bool,
}

/// Lists domains of the account, in the order in which they were made. There are not many: an installation has 2,048.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let all = directories::of_account(reader.rows(), permit.account()).await?;
    let (listed, goes_on) = wanted.page(all);
    let numbers: Vec<Number> = listed.iter().map(|listed| listed.directory.key.number).collect();
    let mut settings = policies::of_directories(reader.rows(), &numbers).await?;
    let used = totals::of_directories(reader.rows(), &numbers, Total::UsedBytes).await?;
    let domain = |listed: ListedDirectory| {
        let number = listed.directory.key.number;
        let settings = settings.remove(&number).unwrap_or_default();
        Domain { listed, settings, used_bytes: used.get(&number).copied().unwrap_or_default() }
    };
    Ok(Page { domains: listed.into_iter().map(domain).collect(), goes_on })
}

impl Wanted {
    /// Those on the page, of all from the oldest on; and whether there are more.
    fn page(&self, mut all: Vec<ListedDirectory>) -> (Vec<ListedDirectory>, bool) {
        let number = |listed: &ListedDirectory| listed.directory.key.number;
        let name = self.name.as_deref().map(Folded::of).unwrap_or_default();
        if self.newest_first {
            all.reverse();
        }
        all.retain(|listed| {
            let is_behind = self.after.is_none_or(|after| {
                if self.newest_first { number(listed) < after } else { number(listed) > after }
            });
            is_behind && listed.name.folded().as_str().contains(name.as_str())
        });
        let goes_on = all.len() > self.limit;
        all.truncate(self.limit);
        (all, goes_on)
    }
}

#[cfg(test)]
mod tests {
    use model::account::Directory;
    use model::text::{Description, DirectoryName};
    use model::{AccountUid, Id, Millis};

    use super::*;

    #[test]
    fn apps_may_work_or_not_and_the_exceptions_the_other_way_round() {
        for (denies, except, allowed) in
            [(false, "", true), (false, "app", false), (true, "", false), (true, "app", true)]
        {
            let apps = Apps { denies, except: vec![except.to_owned()] };
            assert_eq!(apps.allows("app"), allowed, "{apps:?}");
        }
        assert!(Apps::default().allows("app"));
    }

    #[test]
    fn a_first_drive_is_as_large_as_it_is_said_where_there_is_one() {
        let settings = |gives_drive, drive_size| {
            Settings { gives_drive, drive_size, ..Settings::default() }.first_drive()
        };
        assert_eq!(settings(true, Some(5)), Some(5));
        assert_eq!(settings(true, None), Some(-1));
        assert_eq!(settings(false, Some(5)), None);
    }

    #[test]
    fn an_update_of_settings_keeps_what_it_does_not_name() {
        let settings = Settings { gives_drive: true, drive_size: Some(5), ..Settings::default() };
        let update = SettingsUpdate { size_quota: Some(7), ..SettingsUpdate::default() };
        assert_eq!(update.applied_to(&settings), Settings { size_quota: 7, ..settings });
    }

    #[test]
    fn pages_of_domains_go_either_way_and_by_a_part_of_the_name() {
        let listed = |number: i64, name: &str| ListedDirectory {
            directory: Directory {
                id: Id::from_bits(0),
                key: DirectoryKey { number: Number(number), slot: 0 },
                account: AccountUid(1),
                root: Number(1),
                is_default: false,
            },
            name: DirectoryName::new(name).expect("short"),
            description: Description::default(),
            most_users: 0,
            created: Millis(0),
            updated: Millis(0),
        };
        let all = || vec![listed(1, "Acme"), listed(2, "other"), listed(3, "ACME two"), listed(4, "macmed")];
        let page = |name: &str, newest_first, after: Option<i64>, limit| {
            let wanted =
                Wanted { name: Some(name.to_owned()), newest_first, after: after.map(Number), limit };
            let (found, goes_on) = wanted.page(all());
            let found: Vec<i64> = found.iter().map(|listed| listed.directory.key.number.0).collect();
            (found, goes_on)
        };

        assert_eq!(page("", false, None, 2), (vec![1, 2], true));
        assert_eq!(page("", false, Some(2), 2), (vec![3, 4], false));
        assert_eq!(page("acme", true, None, 2), (vec![4, 3], true));
        assert_eq!(page("acme", true, Some(3), 2), (vec![1], false));
        assert_eq!(page("nobody", true, None, 2), (vec![], false));
    }
}
