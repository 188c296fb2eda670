//! The first start: an account, its default directory with a root unit and `superadmin`, and a root AccessKey.

use std::sync::Arc;

use access::access_keys::{self, NewKey};
use access::{Change, Permit, Scope, Task, Tools};
use model::account::{Directory, ListedDirectory};
use model::event::Event;
use model::profile::Profile;
use model::text::{ChosenId, Description, DirectoryName, DisplayName, Email, Label, UnitName, Username};
use model::unit::Unit;
use model::user::{Locks, OwnerType, PasswordFacts, Role, Status, User};
use model::{AccountUid, DirectoryKey, Id, Millis};
use store::{Store, directories, units};

use crate::users;

/// The number of account uids: 16 digits, and below 2^53.
const UIDS: u128 = 8_000_000_000_000_000;
const FIRST_UID: i64 = 1_000_000_000_000_000;

/// What the first account is called.
const NAME: &str = "default";

/// How often in all it is tried to make an account, where others are made at the same time.
const ATTEMPTS: usize = 5;

/// Makes what is needed to begin with, under `key`; false where an account exists already. Of nodes that
/// start at the same time one makes it, and the others find it.
///
/// # Errors
/// Of the store, or of the key's secret.
pub async fn first_start(
    store: &Store,
    tools: &Arc<Tools>,
    key: &NewKey,
    at: Millis,
) -> Result<bool, access_keys::Error> {
    again(|| attempt(store, tools, key, at), access_keys::Error::is_transient).await
}

/// Makes an account; again, where another process was in the way.
pub(crate) async fn again<T, E, F: Future<Output = Result<T, E>>>(
    attempt: impl Fn() -> F,
    is_transient: fn(&E) -> bool,
) -> Result<T, E> {
    let mut attempts = 1;
    loop {
        match attempt().await {
            Err(error) if is_transient(&error) && attempts < ATTEMPTS => attempts += 1,
            result => return result,
        }
    }
}

async fn attempt(
    store: &Store,
    tools: &Arc<Tools>,
    key: &NewKey,
    at: Millis,
) -> Result<bool, access_keys::Error> {
    let mut change = Change::new(store, tools, None);
    if directories::first_account(change.tx()).await?.is_some() {
        return Ok(false);
    }
    // The slot is unique, so of two first starts at once only one can commit.
    let founding = Founding::drawn(tools, 0, at);
    let permit = Permit::system(Task::FirstStart, Scope::Directory(founding.directory.clone()), at);
    found(&mut change, &permit, &founding, (NAME, key)).await?;
    change.commit(&permit).await?;
    Ok(true)
}

/// An account that is about to be made: its default directory, and that one's root unit.
pub(crate) struct Founding {
    pub(crate) directory: Directory,
    root: Id,
}

impl Founding {
    /// Draws an account's uid and the ids of what it begins with.
    pub(crate) fn drawn(tools: &Tools, slot: u16, at: Millis) -> Self {
        let account = AccountUid(FIRST_UID + (tools.ids.salt() % UIDS) as i64);
        let (id, root) = (tools.ids.next(at), tools.ids.next(at));
        let key = DirectoryKey { number: id.number(), slot };
        Self { directory: Directory { id, key, account, root: root.number(), is_default: true }, root }
    }
}

/// Makes an account of this name with its default directory, and its root's first key.
pub(crate) async fn found(
    change: &mut Change,
    permit: &Permit,
    founding: &Founding,
    (name, key): (&str, &NewKey),
) -> Result<(), access_keys::Error> {
    let (directory, at) = (&founding.directory, permit.at());
    directories::insert_account(change.tx(), directory.account, name, at).await?;
    directories::insert(change.tx(), &fresh(directory.clone(), Description::default(), at)).await?;
    let facts = [("name", name.to_owned())];
    change.record(Event::plain(
        "account.created",
        &directory.account.0.to_string(),
        name,
        None,
        Some(&facts),
    ));
    change.record(Event::directory_created(directory.id));
    let root = UnitName::new("root").expect("four letters");
    furnish(change, permit, founding.root, root).await?;
    access_keys::add(change, permit, key, None).await
}

/// A directory as it begins: its name is `default`, and it may hold any number of people.
pub(crate) fn fresh(directory: Directory, description: Description, at: Millis) -> ListedDirectory {
    let name = DirectoryName::new("default").expect("seven letters");
    ListedDirectory { directory, name, description, most_users: 0, created: at, updated: at }
}

/// Gives a directory what each begins with: its root unit, of this name, and `superadmin`.
pub(crate) async fn furnish(
    change: &mut Change,
    permit: &Permit,
    root: Id,
    name: UnitName,
) -> Result<(), store::Error> {
    let at = permit.at();
    let description = Description::default();
    let unit = Unit {
        id: root,
        parent: None,
        name,
        description,
        external_id: None,
        creator: String::new(),
        label: Label::default(),
        created: at,
        updated: at,
    };
    units::insert(change.tx(), permit.directory(), &unit).await?;
    let superadmin = superadmin(change.new_id(permit), at);
    let place = users::Place { unit: root.number(), ..users::Place::default() };
    let profile = Profile { creator: "system".to_owned(), ..Profile::default() };
    let made = users::Made { place: &place, profile: &profile, avatar: "", values: &[] };
    users::insert(change, permit, &superadmin, made).await
}

fn superadmin(id: Id, at: Millis) -> User {
    User {
        id,
        username: Username::new("superadmin").expect("ten letters"),
        display_name: DisplayName::default(),
        description: Description::default(),
        email: Email::default(),
        email_verified: false,
        phone: None,
        phone_verified: false,
        chosen_id: Some(ChosenId::new("superadmin").expect("ten letters")),
        external_id: None,
        // Not an account that an administrator sets the password of.
        owner_type: OwnerType::Normal,
        role: Role::Superadmin,
        status: Status::Enabled,
        locks: Locks::default(),
        shut: false,
        local_admin: false,
        system: true,
        password: PasswordFacts::default(),
        signed_out: None,
        created: at,
        updated: at,
    }
}
