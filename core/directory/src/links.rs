//! Accounts of PDS: what a user signs in with beside the username, each one user's alone.
//!
//! Source: `reference/doors.md` §2.2; `reference/pds.md` §12.

use std::collections::HashMap;

use access::{Change, Permit, Reader};
use model::Number;
use model::event::Event;
use model::link::{Link, LinkKind};
use model::text::Line;
use model::user::User;
use store::{links as rows, reset_links, users as people};

use crate::error::{Argument, Error, Unique};
use crate::rights::Reach;
use crate::users::{self, IdentityKey};
use crate::{drives, rights};

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// How it signs in.
    pub kind: LinkKind,
    /// The number, the address or the name.
    pub identity: Line<128>,
    /// The region of a number, 86 where it is empty; of other kinds what was said.
    pub extra: String,
    /// How it is shown; empty for as it was given.
    pub display_name: Line<128>,
}

/// What an account is found by: how it signs in, the number, the address or the name, and the extra.
#[derive(Debug, Clone, Copy)]
pub struct NamedLink<'a> {
    /// How it signs in.
    pub kind: LinkKind,
    /// The number, the address or the name.
    pub identity: &'a str,
    /// As of a new one.
    pub extra: &'a str,
}

impl NamedLink<'_> {
    fn key(&self) -> Option<IdentityKey> {
        IdentityKey::of_link(self.kind, self.identity, self.extra)
    }

    fn text(&self) -> String {
        self.identity.to_owned()
    }
}

impl NewLink {
    fn named(&self) -> NamedLink<'_> {
        NamedLink { kind: self.kind, identity: self.identity.as_str(), extra: &self.extra }
    }
}

/// Gives an account to the user whom programs of PDS call so, and who gets tokens by it; the user as from then on,
/// locked for this change.
///
/// # Errors
/// `Missing` the user; `Forbidden`, where the caller does not manage the user; as of [`add`].
pub async fn link_for_token(
    change: &mut Change,
    permit: &Permit,
    user: &str,
    new: &NewLink,
) -> Result<User, Error> {
    let known = people::find_public(change.beside().rows(), permit.directory(), user).await?;
    if let Some(known) = known {
        drives::prepare_first(change, permit, known.id.number()).await?;
    }
    let user = managed(change, permit, user, new.identity.as_str()).await?;
    let (_, user) = linked(change, permit, &user, new).await?;
    Ok(user)
}

/// Takes an account from the user whom programs of PDS call so.
///
/// # Errors
/// `Missing` the user; `Forbidden`, where the caller does not manage the user; as of [`remove`].
pub async fn unlink(
    change: &mut Change,
    permit: &Permit,
    user: &str,
    named: NamedLink<'_>,
) -> Result<(), Error> {
    let user = managed(change, permit, user, named.identity).await?;
    remove(change, permit, &user, named).await
}

/// The user who is called so, whom the caller manages, locked for this change. An account is as good as the user's
/// password, so who may not set that may not touch these.
async fn managed(change: &mut Change, permit: &Permit, user: &str, identity: &str) -> Result<User, Error> {
    // Who manages nobody learns nothing of who is there.
    if rights::reach(permit) == Reach::Own {
        return Err(Error::Forbidden(Argument::Link, identity.to_owned()));
    }
    let user = users::locked_by_public_id(change, permit, user).await?;
    match rights::over_user(change.tx(), permit, &user, identity).await {
        Err(Error::Forbidden(_, text)) => Err(Error::Forbidden(Argument::Link, text)),
        Err(error) => Err(error),
        Ok(()) => Ok(user),
    }
}

/// Gives a user, whom nobody else may change, an account. What is the user's contact data is known to be the user's
/// from then on. Whether the caller may is not asked here.
///
/// # Errors
/// `Unfit`, where nothing is left of the identity as it is compared; `Taken` by another user, or by this one where it is
/// an account already.
pub async fn add(change: &mut Change, permit: &Permit, user: &User, new: &NewLink) -> Result<Link, Error> {
    let (link, _) = linked(change, permit, user, new).await?;
    Ok(link)
}

/// The same; and the user as from then on.
async fn linked(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    new: &NewLink,
) -> Result<(Link, User), Error> {
    let named = new.named();
    let key = named.key().ok_or_else(|| Error::Unfit(Argument::Link, named.text()))?;
    let directory = permit.directory();
    let link = Link {
        kind: new.kind,
        identity: new.identity.clone(),
        extra: key.extra().to_owned(),
        display_name: new.display_name.clone(),
        user: user.id.number(),
        created: permit.at(),
        used: None,
    };
    // The key is unique: of two calls at once one runs again and finds the other's.
    let held = rows::held(change.tx(), directory, key.as_identity()).await?;
    let is_contact = held.is_some_and(|held| held.contact);
    match held {
        None => {
            let number = change.new_id(permit).number();
            rows::insert(change.tx(), directory, key.as_identity(), number, &link).await?;
        }
        Some(held) if held.user == link.user && !held.linked && !(is_contact && key.is_verified_of(user)) => {
            rows::upgrade(change.tx(), directory, key.as_identity(), &link).await?;
        }
        Some(_) => return Err(Error::Taken(Unique::Link, named.text())),
    }
    change.record(Event::joined("user.account_linked", user, None, Some(&facts(&link))));
    let user = users::verify_contact(change, permit, user, &key, true).await?;
    Ok((link, user))
}

/// Takes an account from a user, whom nobody else may change, so that the next one may have it. Contact data stays, and
/// neither is it known to be the user's any more nor the user's alone.
///
/// # Errors
/// `Missing` the account, `Forbidden` where it is another user's.
pub async fn remove(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    named: NamedLink<'_>,
) -> Result<(), Error> {
    let missing = || Error::Missing(Argument::Link, named.text());
    let key = named.key().ok_or_else(missing)?;
    let held = rows::held(change.tx(), permit.directory(), key.as_identity()).await?.ok_or_else(missing)?;
    if held.user != user.id.number() {
        return Err(Error::Forbidden(Argument::Link, named.text()));
    }
    rows::remove(change.tx(), permit.directory(), key.as_identity(), held.user).await?;
    // One may be on its way there.
    reset_links::end_user(change.tx(), permit.directory(), held.user).await?;
    let facts = [
        ("type", named.kind.word().to_owned()),
        ("identity", key.identity().to_owned()),
        ("extra", key.extra().to_owned()),
    ];
    change.record(Event::joined("user.account_unlinked", user, Some(&facts), None));
    users::verify_contact(change, permit, user, &key, false).await?;
    Ok(())
}

fn facts(link: &Link) -> [(&'static str, String); 4] {
    [
        ("type", link.kind.word().to_owned()),
        ("identity", link.identity.as_str().to_owned()),
        ("extra", link.extra.clone()),
        ("display_name", link.display_name.as_str().to_owned()),
    ]
}

/// The account that is meant.
///
/// # Errors
/// `Missing` the account; also where somebody holds the identity and cannot sign in by it.
pub async fn find(reader: &mut store::Reader, permit: &Permit, named: NamedLink<'_>) -> Result<Link, Error> {
    let missing = || Error::Missing(Argument::Link, named.text());
    let key = named.key().ok_or_else(missing)?;
    rows::find(reader, permit.directory(), key.as_identity()).await?.ok_or_else(missing)
}

/// The account that is meant, and what programs of PDS call the user whose it is.
///
/// # Errors
/// `Missing` the account; `Forbidden`, also where there is none, to who manages but what has a label and not this user.
pub async fn find_managed(
    reader: &mut Reader,
    permit: &Permit,
    named: NamedLink<'_>,
) -> Result<(Link, String), Error> {
    let found = match find(reader.rows(), permit, named).await {
        Ok(link) => {
            let viewed = users::view_of(reader.rows(), permit, link.user).await?;
            let is_seen = rights::sees(permit, &viewed.user, &viewed.profile.label);
            is_seen.then(|| (link, viewed.user.public_id()))
        }
        Err(Error::Missing(..)) if !rights::manages(permit) => None,
        Err(error) => return Err(error),
    };
    found.ok_or_else(|| Error::Forbidden(Argument::Link, named.text()))
}

/// The accounts of the user whom programs of PDS call so, the oldest first. Who is not there has none.
///
/// # Errors
/// `Forbidden`, also where there is nobody, to who manages but what has a label and not this user.
pub async fn of_managed(reader: &mut Reader, permit: &Permit, user: &str) -> Result<Vec<Link>, Error> {
    match users::view_managed(reader.rows(), permit, user).await {
        Ok(viewed) => of_user(reader, permit, viewed.user.id.number()).await,
        Err(Error::Missing(..)) => Ok(Vec::new()),
        Err(Error::Forbidden(_, text)) => Err(Error::Forbidden(Argument::Link, text)),
        Err(error) => Err(error),
    }
}

/// The accounts of a user, the oldest first.
///
/// # Errors
/// The store's.
pub async fn of_user(reader: &mut Reader, permit: &Permit, user: Number) -> Result<Vec<Link>, Error> {
    Ok(rows::of_users(reader.rows(), permit.directory(), &[user]).await?)
}

/// The accounts of several users, of each the oldest first.
///
/// # Errors
/// The store's.
pub async fn of_users(
    reader: &mut store::Reader,
    permit: &Permit,
    users: &[Number],
) -> Result<HashMap<Number, Vec<Link>>, Error> {
    let mut all: HashMap<Number, Vec<Link>> = HashMap::new();
    for link in rows::of_users(reader, permit.directory(), users).await? {
        all.entry(link.user).or_default().push(link);
    }
    Ok(all)
}

/// Notes that a user has signed in by an account, where there is one.
///
/// # Errors
/// The store's.
pub async fn note_use(change: &mut Change, permit: &Permit, named: NamedLink<'_>) -> Result<(), Error> {
    if let Some(key) = named.key() {
        rows::note_use(change.tx(), permit.directory(), key.as_identity(), permit.at()).await?;
    }
    Ok(())
}
