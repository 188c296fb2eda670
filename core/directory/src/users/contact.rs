//! How people are reached, and what of it opens their accounts.
//!
//! Source: `reference/doors.md` §2.2 and §2.3.

use access::{Change, Permit};
use model::link::LinkKind;
use model::text::{Email, Phone};
use model::user::{OwnerType, User};
use store::identities::{self, Identity};

use super::write;
use crate::error::{Error, Unique};

/// How a person is reached from now on.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// The address; empty for none.
    pub email: Email,
    /// The phone.
    pub phone: Option<Phone>,
    /// Whether a user who activates the account may not be left without both.
    pub keeps_reachable: bool,
}

/// Sets how a user is reached, who comes from [`locked_one`](super::locked_one). What is new opens no account, and is
/// not known to be the user's.
///
/// # Errors
/// `Unreachable`, where that is kept.
pub async fn set_contact(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    contact: &Contact,
) -> Result<User, Error> {
    let after = User {
        email_verified: user.email_verified && is_same_email(&user.email, &contact.email),
        phone_verified: user.phone_verified && is_same_phone(user.phone.as_ref(), contact.phone.as_ref()),
        email: contact.email.clone(),
        phone: contact.phone.clone(),
        ..user.clone()
    };
    let is_reachable = after.email.given().is_some() || after.phone.is_some();
    if contact.keeps_reachable && !is_reachable && after != *user && after.owner_type == OwnerType::Normal {
        return Err(Error::Unreachable(user.username.to_string()));
    }
    Claims::default().carry_out(change, permit, Some(user), &after).await?;
    write(change, permit, "user.contact_changed", user, after).await
}

/// Whether two addresses stand for the same, also where their case differs.
pub(super) fn is_same_email(one: &Email, other: &Email) -> bool {
    IdentityKey::of_email(one) == IdentityKey::of_email(other)
}

/// Whether two numbers stand for the same, however they are written.
pub(super) fn is_same_phone(one: Option<&Phone>, other: Option<&Phone>) -> bool {
    one.and_then(IdentityKey::of_phone) == other.and_then(IdentityKey::of_phone)
}

/// Makes all of these users local administrators of their desktops, or none of them.
///
/// # Errors
/// `Missing` a user; then nobody changes.
pub async fn set_local_admin(
    change: &mut Change,
    permit: &Permit,
    names: &[String],
    local_admin: bool,
) -> Result<(), Error> {
    for user in super::locked_all(change, permit, names).await? {
        let after = User { local_admin, ..user.clone() };
        write(change, permit, "user.local_admin_changed", &user, after).await?;
    }
    Ok(())
}

/// What of a user's contact data shall be the user's alone from now on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Claims {
    pub(super) email: bool,
    pub(super) phone: bool,
}

impl Claims {
    /// Asks whether others hold what is claimed.
    ///
    /// # Errors
    /// `Taken` the address or the number.
    pub(super) async fn check(self, change: &mut Change, permit: &Permit, after: &User) -> Result<(), Error> {
        for (key, unique, text) in self.claimed(after) {
            let holder = identities::holder(change.tx(), permit.directory(), key.as_identity()).await?;
            if holder.is_some_and(|holder| holder != after.id.number()) {
                return Err(Error::Taken(unique, text));
            }
        }
        Ok(())
    }

    /// Gives up what the user has no more, and claims what was checked; whether anything is claimed that was not.
    pub(super) async fn carry_out(
        self,
        change: &mut Change,
        permit: &Permit,
        before: Option<&User>,
        after: &User,
    ) -> Result<bool, Error> {
        let (directory, user) = (permit.directory(), after.id.number());
        let own = |user: &User| {
            [IdentityKey::of_email(&user.email), user.phone.as_ref().and_then(IdentityKey::of_phone)]
        };
        let old = before.map(own).unwrap_or_default();
        for (old, new) in old.into_iter().zip(own(after)) {
            if let Some(old) = old.filter(|old| Some(old) != new.as_ref()) {
                identities::release(change.tx(), directory, old.as_identity(), user).await?;
            }
        }
        let mut is_new = false;
        for (key, ..) in self.claimed(after) {
            let key = key.as_identity();
            // A new user holds nothing yet. Where another one has taken the key since it was asked about, it is in the
            // way of this one's, and the call runs again.
            let holder = match before {
                Some(_) => identities::holder(change.tx(), directory, key).await?,
                None => None,
            };
            let is_held = holder == Some(user);
            if is_held {
                is_new |= identities::keep(change.tx(), directory, key).await?;
            } else {
                let row = (change.new_id(permit).number(), user);
                identities::insert(change.tx(), directory, key, row, permit.at()).await?;
                is_new = true;
            }
        }
        Ok(is_new)
    }

    fn claimed(self, user: &User) -> Vec<(IdentityKey, Unique, String)> {
        let email = IdentityKey::of_email(&user.email).filter(|_| self.email);
        let phone = user.phone.as_ref().filter(|_| self.phone);
        let email = email.map(|key| (key, Unique::Email, user.email.as_str().to_owned()));
        let phone = phone.and_then(|phone| {
            IdentityKey::of_phone(phone).map(|key| (key, Unique::Phone, phone.number.as_str().to_owned()))
        });
        email.into_iter().chain(phone).collect()
    }
}

/// Makes a user's contact data that this is known to be the user's, or not known; nothing happens where it is none.
///
/// # Errors
/// The store's.
pub(crate) async fn verify_contact(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    key: &IdentityKey,
    verified: bool,
) -> Result<User, Error> {
    let mut after = user.clone();
    if IdentityKey::of_email(&user.email).as_ref() == Some(key) {
        after.email_verified = verified;
    }
    if user.phone.as_ref().and_then(IdentityKey::of_phone).as_ref() == Some(key) {
        after.phone_verified = verified;
    }
    write(change, permit, "user.contact_verified", user, after).await
}

/// An address, a number or a name as it is compared: no other user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdentityKey {
    kind: &'static str,
    identity: String,
    extra: String,
}

/// The region of numbers that are given without one.
const REGION: &str = "86";

impl IdentityKey {
    fn of_email(email: &Email) -> Option<Self> {
        let identity = email.folded().as_str().to_owned();
        (!identity.is_empty()).then(|| Self { kind: "email", identity, extra: String::new() })
    }

    fn of_phone(phone: &Phone) -> Option<Self> {
        Self::of_number(phone.region.as_str(), phone.number.as_str())
    }

    /// Without blanks and hyphens, and without the region where the number begins with it.
    fn of_number(region: &str, number: &str) -> Option<Self> {
        let plain: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let abroad = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"));
        let identity = abroad.map_or(plain.as_str(), |number| number.strip_prefix(region).unwrap_or(number));
        let (identity, extra) = (identity.to_owned(), region.to_owned());
        (!identity.is_empty()).then_some(Self { kind: "mobile", identity, extra })
    }

    /// Of an account: a number with its region, which may be written with `+` or `00`, an address in any case, or what
    /// else there is as it is.
    pub(crate) fn of_link(kind: LinkKind, identity: &str, extra: &str) -> Option<Self> {
        match kind {
            LinkKind::Mobile => {
                let region = extra.strip_prefix('+').or_else(|| extra.strip_prefix("00")).unwrap_or(extra);
                Self::of_number(if region.is_empty() { REGION } else { region }, identity)
            }
            LinkKind::Email => Email::new(identity).ok().as_ref().and_then(Self::of_email),
            LinkKind::Ding
            | LinkKind::Ram
            | LinkKind::Wechat
            | LinkKind::Ldap
            | LinkKind::Custom
            | LinkKind::Saml => {
                let (identity, extra) = (identity.to_owned(), extra.to_owned());
                (!identity.is_empty()).then(|| Self { kind: kind.word(), identity, extra })
            }
        }
    }

    /// As it is compared.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// The region of a number; what was said of another kind.
    pub(crate) fn extra(&self) -> &str {
        &self.extra
    }

    /// Whether contact data of its kind is known to be this user's.
    pub(crate) fn is_verified_of(&self, user: &User) -> bool {
        match self.kind {
            "email" => user.email_verified,
            "mobile" => user.phone_verified,
            _ => false,
        }
    }

    /// As the store asks for it.
    pub(crate) fn as_identity(&self) -> Identity<'_> {
        Identity { kind: self.kind, identity: &self.identity, extra: &self.extra }
    }
}

#[cfg(test)]
mod tests {
    use model::text::Line;

    use super::*;

    #[test]
    fn one_number_has_one_key_however_it_is_written() {
        let key = |region: &str, number: &str| {
            let region = Line::new(region).expect("short");
            IdentityKey::of_phone(&Phone { region, number: Line::new(number).expect("short") })
                .map(|key| format!("{} {}", key.extra, key.identity))
        };
        for number in ["13800000000", "+8613800000000", "0086 138-0000-0000", "138 0000 0000"] {
            assert_eq!(key("86", number).as_deref(), Some("86 13800000000"), "{number}");
        }
        assert_eq!(key("44", "+447700900000").as_deref(), Some("44 7700900000"));
        assert_eq!(key("86", "138****0000").as_deref(), Some("86 138****0000"));
        assert_eq!(key("86", "- -"), None);
    }

    #[test]
    fn an_account_has_the_key_of_the_contact_data_that_it_equals() {
        let key = |kind, identity, extra| {
            IdentityKey::of_link(kind, identity, extra)
                .map(|key| format!("{} {} {}", key.kind, key.extra, key.identity))
        };
        for (kind, identity, extra, expected) in [
            (LinkKind::Mobile, "13800000000", "", Some("mobile 86 13800000000")),
            (LinkKind::Mobile, "+86 138-0000-0000", "+86", Some("mobile 86 13800000000")),
            (LinkKind::Mobile, "008613800000000", "0086", Some("mobile 86 13800000000")),
            (LinkKind::Mobile, "7700900000", "44", Some("mobile 44 7700900000")),
            (LinkKind::Mobile, "138****0000", "", Some("mobile 86 138****0000")),
            (LinkKind::Mobile, "+86", "", None),
            (LinkKind::Email, " Ann@Example.COM ", "x", Some("email  ann@example.com")),
            (LinkKind::Email, " ", "", None),
            (LinkKind::Ldap, "Ann", "", Some("ldap  Ann")),
            (LinkKind::Custom, "Ann", "a", Some("custom a Ann")),
            (LinkKind::Custom, "", "a", None),
        ] {
            assert_eq!(key(kind, identity, extra).as_deref(), expected, "{identity:?} {extra:?}");
        }
    }
}
