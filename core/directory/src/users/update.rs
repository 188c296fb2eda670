//! A user's own facts change.
//!
//! Source: `reference/doors.md` §1 and §2.2.

use access::passwords::Hash;
use access::{Change, Permit};
use model::Millis;
use model::event::Event;
use model::profile::Profile;
use model::text::{Description, DisplayName, Email, Phone, UserData, Username};
use model::user::{Locks, LocksAt, Role, Status, User};
use store::{avatars, profiles, users as rows};

use super::contact::{Claims, is_same_email, is_same_phone};
use super::create::profile_facts;
use super::locks::opened;
use super::{Beside, Viewed, view_of, write, write_with};
use crate::error::{Argument, Error, Unique};
use crate::memberships::{self, Place};
use crate::passwords;
use crate::properties::{self, GivenText};
use crate::rights;

/// What becomes of a user's facts; what is `None` stays.
#[derive(Debug, Default)]
pub struct Update {
    /// Another username, free in the directory.
    pub username: Option<Username>,
    /// Another display name.
    pub display_name: Option<DisplayName>,
    /// Another description.
    pub description: Option<Description>,
    /// An address; the empty one is none.
    pub email: Option<Email>,
    /// Whether the address is known to be the user's.
    pub email_verified: Option<bool>,
    /// A number, or none.
    pub phone: Option<Option<Phone>>,
    /// Whether the number is known to be the user's.
    pub phone_verified: Option<bool>,
    /// Whether address and number are claimed for this user alone. If not, one that differs is nobody's, and the old one
    /// is free.
    pub claims_contact: bool,
    /// Another role.
    pub role: Option<Role>,
    /// Another status. To enable is to unlock as well.
    pub status: Option<Status>,
    /// When the account locks itself, or never.
    pub locks_at: Option<Option<LocksAt>>,
    /// What programs keep with the user.
    pub user_data: Option<UserData>,
    /// Whether the user is kept from changing the own password.
    pub keeps_password: Option<bool>,
    /// A picture; an empty text is none.
    pub avatar: Option<String>,
    /// A password, hashed.
    pub password: Option<Hash>,
    /// Whether the next sign-in forces a change of the password.
    pub must_change_password: Option<bool>,
    /// Values of properties.
    pub values: Vec<GivenText>,
}

/// Changes a user, who comes from [`locked_id`](super::locked_id).
///
/// # Errors
/// In this order: `Forbidden` the user; `Taken` the username, the address, the number; of the values `Missing` a
/// property, `Unfit`, `Required`, `Taken`; `LastSuperadmin`. Then nothing changes.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    update: &Update,
) -> Result<User, Error> {
    update.is_allowed(change.tx(), permit, user).await?;
    apply(change, permit, user, update).await
}

/// The same, of whom it is known that the caller may.
pub(super) async fn apply(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    update: &Update,
) -> Result<User, Error> {
    let after = update.applied_to(user, permit.at());
    if after.username.key() != user.username.key() {
        let taken = rows::taken(change.tx(), permit.directory(), &[after.username.key()]).await?;
        if !taken.is_empty() {
            return Err(Error::Taken(Unique::Username, after.username.to_string()));
        }
    }
    // Verified is said of the one person whose it is.
    let claims = Claims {
        email: (update.claims_contact && update.email.is_some()) || update.email_verified == Some(true),
        phone: (update.claims_contact && update.phone.is_some()) || update.phone_verified == Some(true),
    };
    claims.check(change, permit, &after).await?;
    let plan = properties::Plan::of_change(change, permit, user, &update.values).await?;
    let claimed = claims.carry_out(change, permit, Some(user), &after).await?;
    let differs = properties::carry_out(change, permit, &after, &plan).await?;
    let mut beside = differs.then(|| Beside { before: plan.facts_before(), after: plan.facts() });
    if let Some(own) = update.carry_out_beside(change, permit, user).await? {
        beside.get_or_insert_default().extend(own);
    }
    if claimed && beside.is_none() && after == *user {
        // What the user is reached by opens the account from now on; nothing of the user's own changes.
        change.record(Event::joined("user.contact_claimed", user, None, Some(&[])));
    }
    write_with(change, permit, "user.updated", user, after, beside).await
}

/// The same, with the units in place of all others but the root, where these are given: for who manages the user.
///
/// # Errors
/// As [`update`]; `Missing` a unit; `Forbidden` the user, where the caller does not administer a unit.
pub async fn update_in_units(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    update: &Update,
    places: Option<&[Place]>,
) -> Result<Viewed, Error> {
    if places.is_some() {
        rights::over_user(change.tx(), permit, user, &user.public_id()).await?;
    }
    let after = self::update(change, permit, user, update).await?;
    if let Some(places) = places {
        memberships::replace(change, permit, &after, places).await?;
    }
    view_of(change.tx(), permit, user.id.number()).await
}

impl Update {
    /// That the caller may change all of this of a user: of the own record a name, the description and
    /// the picture; of others what is within reach; a role only who gives it. Nobody shuts the own account.
    ///
    /// # Errors
    /// `Forbidden` the user.
    async fn is_allowed(
        &self,
        reader: &mut store::Reader,
        permit: &Permit,
        user: &User,
    ) -> Result<(), Error> {
        let text = user.public_id();
        let forbidden = || Err(Error::Forbidden(Argument::User, text.clone()));
        let is_own = permit.own() == Some(user.id);
        if !is_own || !self.is_personal() {
            rights::over_user(reader, permit, user, &text).await?;
        }
        if self.role.is_some_and(|role| !rights::gives(permit, role)) {
            return forbidden();
        }
        let after = self.applied_to(user, permit.at());
        let shuts = after.is_shut_for_good(permit.at()) && !user.is_shut_for_good(permit.at());
        if is_own && (self.status == Some(Status::Disabled) || shuts) { forbidden() } else { Ok(()) }
    }

    /// Whether nothing changes but what is everybody's own to change.
    fn is_personal(&self) -> bool {
        let Self {
            display_name: _,
            description: _,
            avatar: _,
            username,
            email,
            email_verified,
            phone,
            phone_verified,
            claims_contact: _,
            role,
            status,
            locks_at,
            user_data,
            keeps_password,
            password,
            must_change_password,
            values,
        } = self;
        let is_other = username.is_some()
            || email.is_some()
            || email_verified.is_some()
            || phone.is_some()
            || phone_verified.is_some()
            || role.is_some()
            || status.is_some()
            || locks_at.is_some()
            || user_data.is_some()
            || keeps_password.is_some()
            || password.is_some()
            || must_change_password.is_some()
            || !values.is_empty();
        !is_other
    }

    fn applied_to(&self, user: &User, at: Millis) -> User {
        let mut after = user.clone();
        if let Some(username) = &self.username {
            after.username = username.clone();
        }
        if let Some(display_name) = &self.display_name {
            after.display_name = display_name.clone();
        }
        if let Some(description) = &self.description {
            after.description = description.clone();
        }
        if let Some(email) = &self.email {
            // Who claims an address says anew whether it is known.
            after.email_verified &= !self.claims_contact && is_same_email(email, &user.email);
            after.email = email.clone();
        }
        if let Some(phone) = &self.phone {
            after.phone_verified &=
                !self.claims_contact && is_same_phone(phone.as_ref(), user.phone.as_ref());
            after.phone = phone.clone();
        }
        // Of nothing nothing is known.
        if let Some(verified) = self.email_verified {
            after.email_verified = verified && after.email.given().is_some();
        }
        if let Some(verified) = self.phone_verified {
            after.phone_verified = verified && after.phone.is_some();
        }
        after.role = self.role.unwrap_or(user.role);
        after.locks = self.locks(user, at);
        after.status = self.status.unwrap_or(user.status);
        if self.password.is_some() {
            // Also one of the same instant, of which nothing else tells, ends what was begun before.
            after.signed_out = Some(user.begins_at(at));
            after.password.set_at = Some(at);
        }
        if let Some(must_change) = self.must_change_password {
            after.password.must_change = must_change;
        }
        after
    }

    fn locks(&self, user: &User, at: Millis) -> Locks {
        let locks = match self.status {
            Some(Status::Enabled) => opened(user, at),
            Some(Status::Disabled) | None => user.locks.clone(),
        };
        let locks_at = match &self.locks_at {
            // The same instant keeps the text that it was given as.
            Some(given)
                if given.as_ref().map(|own| own.at) == user.locks.locks_at.as_ref().map(|own| own.at) =>
            {
                user.locks.locks_at.clone()
            }
            Some(given) => given.clone(),
            None => locks.locks_at,
        };
        Locks { locks_at, ..locks }
    }

    /// Changes what lies beside the user's row. What differs then, before and after, but for what is told to nobody; `None`
    /// where nothing does.
    async fn carry_out_beside(
        &self,
        change: &mut Change,
        permit: &Permit,
        user: &User,
    ) -> Result<Option<Beside>, Error> {
        let (directory, number) = (permit.directory(), user.id.number());
        let mut differs = None;
        if self.user_data.is_some() || self.keeps_password.is_some() {
            let before = profiles::get(change.tx(), directory, number).await?;
            let after = Profile {
                user_data: self.user_data.clone().unwrap_or_else(|| before.user_data.clone()),
                keeps_password: self.keeps_password.unwrap_or(before.keeps_password),
                ..before.clone()
            };
            if after != before {
                profiles::set(change.tx(), directory, number, &after).await?;
                let facts = |profile| {
                    let named = profile_facts(profile).into_iter();
                    named.map(|(name, text)| (name.to_owned(), text)).collect()
                };
                differs = Some(Beside { before: facts(&before), after: facts(&after) });
            }
        }
        if let Some(avatar) = &self.avatar
            && avatars::get(change.tx(), directory, number).await? != *avatar
        {
            avatars::set(change.tx(), directory, number, avatar).await?;
            differs.get_or_insert_default();
        }
        if let Some(hash) = &self.password {
            passwords::replace(change, permit, number, hash).await?;
            // Another password of the same instant: the facts are the same, what opens the account is not.
            differs.get_or_insert_default();
        }
        Ok(differs)
    }
}

/// Gives a user, who is locked for this change, another description; an empty one is none.
///
/// # Errors
/// The store's.
pub async fn describe(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    description: &Description,
) -> Result<User, Error> {
    let after = User { description: description.clone(), ..user.clone() };
    write(change, permit, "user.described", user, after).await
}

/// Enables the account of a user who is locked for this change; locks stay.
///
/// # Errors
/// The store's.
pub async fn enable(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    let after = User { status: Status::Enabled, ..user.clone() };
    write(change, permit, "user.enabled", user, after).await
}

/// Disables the account of a user who is locked for this change.
///
/// # Errors
/// `LastSuperadmin`.
pub async fn disable(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    let after = User { status: Status::Disabled, ..user.clone() };
    write(change, permit, "user.disabled", user, after).await
}

/// Takes the locks from the account of a user who is locked for this change; a disabled one stays disabled.
///
/// # Errors
/// The store's.
pub async fn open(change: &mut Change, permit: &Permit, user: &User) -> Result<User, Error> {
    let after = User { locks: opened(user, permit.at()), ..user.clone() };
    write(change, permit, "user.unlocked", user, after).await
}
