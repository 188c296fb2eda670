//! Roles: what others may act as for a while.

use access::ram::Trust;
use access::{Change, Permit, Reader};
use model::AccountUid;
use model::event::Event;
use model::ram::{self, Holder, Role, RoleName};
use model::text::Prose;
use store::ram::{attachments, roles as rows};

use super::{Conflict, Entity, Error, Limit, Page, Wrong, one_more, take};

/// Roles of one account.
const MOST: i64 = 1_000;
/// Seconds that a session may last at most, where its role does not say.
const LONGEST: i64 = 3_600;
/// What a role may say instead. Source: `reference/protocol.md` §5.2.
const LONGEST_RANGE: std::ops::RangeInclusive<i64> = 3_600..=43_200;

/// A role to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    /// Its name.
    pub name: RoleName,
    /// A free remark.
    pub description: Prose<1024>,
    /// The document that says who may assume it.
    pub trust: String,
    /// How long a session may last at most, in seconds; an hour where it is not said.
    pub longest: Option<i64>,
}

/// What is to change of a role; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// As of [`NewRole`].
    pub description: Option<Prose<1024>>,
    /// As of [`NewRole`].
    pub trust: Option<String>,
    /// As of [`NewRole`].
    pub longest: Option<i64>,
}

/// Makes a role, which has no policies.
///
/// # Errors
/// `Malformed` where the document is no trust policy; `Wrong(Longest)`; `Exists`; `TooMany`.
pub async fn create(change: &mut Change, permit: &Permit, new: &NewRole) -> Result<Role, Error> {
    Trust::parse(&new.trust).map_err(Error::Malformed)?;
    let longest = may_last(new.longest)?.unwrap_or(LONGEST);
    let account = take(change, permit).await?;
    if rows::find(change.tx(), account, &new.name.key()).await?.is_some() {
        return Err(Error::Exists(Entity::Role, new.name.as_str().to_owned()));
    }
    if rows::count(change.tx(), account).await? >= MOST {
        return Err(Error::TooMany(Limit::Roles));
    }
    let number = change.new_id(permit).number();
    let role = Role {
        number,
        id: ram::role_id(number),
        name: new.name.clone(),
        description: new.description.clone(),
        trust: new.trust.clone(),
        longest,
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), account, &role).await?;
    change.record(Event::ram("ram-role.created", &role.id, role.name.as_str(), None, Some(&role)));
    Ok(role)
}

/// The role of this name.
///
/// # Errors
/// `Missing`.
pub async fn get(reader: &mut Reader, permit: &Permit, name: &str) -> Result<Role, Error> {
    find(reader.rows(), permit.account(), name).await
}

/// Up to `limit` roles in the order of their names, behind `after`, which is empty at first.
///
/// # Errors
/// Of the store.
pub async fn list(
    reader: &mut Reader,
    permit: &Permit,
    after: &str,
    limit: usize,
) -> Result<Page<Role>, Error> {
    let found = rows::page(reader.rows(), permit.account(), after, one_more(limit)).await?;
    Ok(Page::of(found, limit, |role| role.name.key()))
}

/// Changes what is said of a role. Sessions that began before go on.
///
/// # Errors
/// `Missing`, `Malformed`, `Wrong(Longest)`.
pub async fn update(change: &mut Change, permit: &Permit, name: &str, edit: &Edit) -> Result<Role, Error> {
    if let Some(trust) = &edit.trust {
        Trust::parse(trust).map_err(Error::Malformed)?;
    }
    let longest = may_last(edit.longest)?;
    let account = take(change, permit).await?;
    let before = find(change.tx(), account, name).await?;
    let role = Role {
        description: edit.description.clone().unwrap_or_else(|| before.description.clone()),
        trust: edit.trust.clone().unwrap_or_else(|| before.trust.clone()),
        longest: longest.unwrap_or(before.longest),
        updated: permit.at(),
        ..before.clone()
    };
    rows::update(change.tx(), account, &role).await?;
    change.record(Event::ram("ram-role.changed", &role.id, role.name.as_str(), Some(&before), Some(&role)));
    Ok(role)
}

/// Deletes a role that has no policies. Its sessions end with it.
///
/// # Errors
/// `Missing`, `Conflict`.
pub async fn delete(change: &mut Change, permit: &Permit, name: &str) -> Result<(), Error> {
    let account = take(change, permit).await?;
    let role = find(change.tx(), account, name).await?;
    if !attachments::of(change.tx(), account, Holder::Role(role.number)).await?.is_empty() {
        return Err(Error::Conflict(Conflict::RoleHasPolicies, role.name.as_str().to_owned()));
    }
    rows::delete(change.tx(), account, role.number).await?;
    change.record(Event::ram("ram-role.deleted", &role.id, role.name.as_str(), Some(&role), None));
    Ok(())
}

/// The account's role of this name, to the letter, as of users.
pub(super) async fn find(reader: &mut store::Reader, account: AccountUid, name: &str) -> Result<Role, Error> {
    let found = rows::find(reader, account, &name.to_ascii_lowercase()).await?;
    let found = found.filter(|role| role.name.as_str() == name);
    found.ok_or_else(|| Error::Missing(Entity::Role, name.to_owned()))
}

fn may_last(longest: Option<i64>) -> Result<Option<i64>, Error> {
    match longest {
        Some(seconds) if !LONGEST_RANGE.contains(&seconds) => Err(Error::Wrong(Wrong::Longest)),
        longest => Ok(longest),
    }
}
