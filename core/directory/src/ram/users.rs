//! RAM users.

use access::{Change, Permit, Principal, Reader};
use model::AccountUid;
use model::event::Event;
use model::ram::{self, Holder, RamUser, RamUserName};
use model::text::Line;
use store::access_keys;
use store::ram::{attachments, users as rows};

use super::{Conflict, Entity, Error, Limit, Page, one_more, take};

/// Users of one account. Source: `reference/protocol.md` §7.5.
const MOST: i64 = 1_000;

/// A user to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Its name.
    pub name: RamUserName,
    /// What people call it; its name where that is empty.
    pub display_name: Line<128>,
    /// A free remark.
    pub comments: Line<128>,
    /// An e-mail address; nothing is sent there.
    pub email: Line<128>,
    /// A mobile phone, `86-13800000000`.
    pub mobile: Line<64>,
}

/// What is to change of a user; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// Another name.
    pub name: Option<RamUserName>,
    /// As of [`NewUser`].
    pub display_name: Option<Line<128>>,
    /// As of [`NewUser`].
    pub comments: Option<Line<128>>,
    /// As of [`NewUser`].
    pub email: Option<Line<128>>,
    /// As of [`NewUser`].
    pub mobile: Option<Line<64>>,
}

/// Makes a user, who has neither keys nor policies.
///
/// # Errors
/// `Exists` where the name is taken, whatever its case; `TooMany`.
pub async fn create(change: &mut Change, permit: &Permit, new: &NewUser) -> Result<RamUser, Error> {
    let account = take(change, permit).await?;
    is_free(change, account, &new.name).await?;
    if rows::count(change.tx(), account).await? >= MOST {
        return Err(Error::TooMany(Limit::Users));
    }
    let number = change.new_id(permit).number();
    let display_name = match new.display_name.given() {
        Some(_) => new.display_name.clone(),
        None => Line::new(new.name.as_str()).expect("a name is shorter, and of letters"),
    };
    let user = RamUser {
        number,
        id: ram::user_id(number),
        name: new.name.clone(),
        display_name,
        comments: new.comments.clone(),
        email: new.email.clone(),
        mobile: new.mobile.clone(),
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), account, &user).await?;
    change.record(Event::ram("ram-user.created", &user.id, user.name.as_str(), None, Some(&user)));
    Ok(user)
}

/// The user of this name.
///
/// # Errors
/// `Missing`.
pub async fn get(reader: &mut Reader, permit: &Permit, name: &str) -> Result<RamUser, Error> {
    find(reader.rows(), permit.account(), name).await
}

/// The user whom a call is about: the one of this name, or the caller where none is named; `None` for the account's root.
///
/// # Errors
/// `Missing`, also where the caller is neither a user nor the root.
pub async fn meant(
    reader: &mut store::Reader,
    permit: &Permit,
    name: Option<&str>,
) -> Result<Option<RamUser>, Error> {
    let name = match (name, permit.principal()) {
        (Some(name), _) => name,
        (None, Principal::RamUser { name, .. }) => name.as_str(),
        (None, Principal::Root(_) | Principal::Operator(_)) => return Ok(None),
        (
            None,
            Principal::RamRole { .. }
            | Principal::Person(_)
            | Principal::Service(_)
            | Principal::System(_)
            | Principal::Nobody,
        ) => return Err(Error::Missing(Entity::User, String::new())),
    };
    find(reader, permit.account(), name).await.map(Some)
}

/// Up to `limit` users in the order of their names, behind `after`, which is empty at first.
///
/// # Errors
/// Of the store.
pub async fn list(
    reader: &mut Reader,
    permit: &Permit,
    after: &str,
    limit: usize,
) -> Result<Page<RamUser>, Error> {
    let found = rows::page(reader.rows(), permit.account(), after, one_more(limit)).await?;
    Ok(Page::of(found, limit, |user| user.name.key()))
}

/// Changes what is said of a user.
///
/// # Errors
/// `Missing`; `Exists` where another user has the new name.
pub async fn update(change: &mut Change, permit: &Permit, name: &str, edit: &Edit) -> Result<RamUser, Error> {
    let account = take(change, permit).await?;
    let before = find(change.tx(), account, name).await?;
    if let Some(new) = edit.name.as_ref().filter(|new| new.key() != before.name.key()) {
        is_free(change, account, new).await?;
    }
    let user = RamUser {
        number: before.number,
        id: before.id.clone(),
        name: edit.name.clone().unwrap_or_else(|| before.name.clone()),
        display_name: edit.display_name.clone().unwrap_or_else(|| before.display_name.clone()),
        comments: edit.comments.clone().unwrap_or_else(|| before.comments.clone()),
        email: edit.email.clone().unwrap_or_else(|| before.email.clone()),
        mobile: edit.mobile.clone().unwrap_or_else(|| before.mobile.clone()),
        created: before.created,
        updated: permit.at(),
    };
    rows::update(change.tx(), account, &user).await?;
    change.record(Event::ram("ram-user.changed", &user.id, user.name.as_str(), Some(&before), Some(&user)));
    Ok(user)
}

/// Deletes a user who has neither keys nor policies.
///
/// # Errors
/// `Missing`, `Conflict`.
pub async fn delete(change: &mut Change, permit: &Permit, name: &str) -> Result<(), Error> {
    let account = take(change, permit).await?;
    let user = find(change.tx(), account, name).await?;
    let conflict = |conflict| Error::Conflict(conflict, user.name.as_str().to_owned());
    if !access_keys::of(change.tx(), account, Some(user.number)).await?.is_empty() {
        return Err(conflict(Conflict::UserHasKeys));
    }
    if !attachments::of(change.tx(), account, Holder::User(user.number)).await?.is_empty() {
        return Err(conflict(Conflict::UserHasPolicies));
    }
    rows::delete(change.tx(), account, user.number).await?;
    change.record(Event::ram("ram-user.deleted", &user.id, user.name.as_str(), Some(&user), None));
    Ok(())
}

/// The account's user of this name, to the letter: policies name it so, and compare it with its case.
pub(super) async fn find(
    reader: &mut store::Reader,
    account: AccountUid,
    name: &str,
) -> Result<RamUser, Error> {
    let found = rows::find(reader, account, &name.to_ascii_lowercase()).await?;
    let found = found.filter(|user| user.name.as_str() == name);
    found.ok_or_else(|| Error::Missing(Entity::User, name.to_owned()))
}

async fn is_free(change: &mut Change, account: AccountUid, name: &RamUserName) -> Result<(), Error> {
    match rows::find(change.tx(), account, &name.key()).await? {
        Some(_) => Err(Error::Exists(Entity::User, name.as_str().to_owned())),
        None => Ok(()),
    }
}
