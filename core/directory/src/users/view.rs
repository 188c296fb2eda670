//! Users as programs of PDS see them: by what they were chosen to be called, with what lies beside the row.
//!
//! Source: `reference/doors.md` §3.2; `reference/pds.md` §6.1 and §8.

use std::collections::HashMap;

use access::{Change, Permit, Principal, Standing};
use model::Number;
use model::profile::Profile;
use model::text::{Email, UserData};
use model::unit::Unit;
use model::user::User;
use store::profiles::{self, Beside};
use store::{units, users as rows};

use crate::error::{Argument, Error};
use crate::rights::{self, Reach};

/// A user with what PDS shows beside.
#[derive(Debug)]
pub struct Viewed {
    /// The user.
    pub user: User,
    /// What only few have.
    pub profile: Profile,
    /// The picture; empty for none.
    pub avatar: String,
    /// The default drive.
    pub default_drive: Option<Number>,
}

impl Viewed {
    fn of(user: User, beside: Beside) -> Self {
        let Beside { profile, avatar, default_drive } = beside;
        Self { user, profile, avatar, default_drive }
    }

    /// What the caller is shown of it: of who is not within the caller's reach neither address, number nor user data.
    pub(crate) fn seen_by(mut self, permit: &Permit) -> Self {
        if !rights::sees(permit, &self.user, &self.profile.label) {
            self.user.email = Email::default();
            self.user.phone = None;
            self.profile.user_data = UserData::default();
        }
        self
    }
}

/// The user who is known so: who was given this id, else whose digits it is.
///
/// # Errors
/// `Missing` a user.
pub async fn by_public_id(reader: &mut store::Reader, permit: &Permit, text: &str) -> Result<User, Error> {
    let found = rows::find_public(reader, permit.directory(), text).await?;
    found.ok_or_else(|| missing(text))
}

/// The user who is known so, whom nobody else may change until this change is over.
///
/// # Errors
/// `Missing` a user.
pub async fn locked_by_public_id(change: &mut Change, permit: &Permit, text: &str) -> Result<User, Error> {
    let found = rows::lock_public(change.tx(), permit.directory(), text).await?;
    found.ok_or_else(|| missing(text))
}

/// The user who is known so, whom nobody else may change until this change is over, for a caller who manages others or
/// is that user. Whether this one may be managed, and in what, is asked apart.
///
/// # Errors
/// `Forbidden`, also where there is nobody, for who manages nobody else; `Missing` a user.
pub async fn locked_managed(change: &mut Change, permit: &Permit, text: &str) -> Result<User, Error> {
    match rights::reach(permit) {
        Reach::Everything => locked_by_public_id(change, permit, text).await,
        Reach::Own if !is_own(permit, text) => Err(forbidden(text)),
        Reach::Label(_) | Reach::Own => {
            let found = rows::lock_public(change.tx(), permit.directory(), text).await?;
            found.ok_or_else(|| forbidden(text))
        }
    }
}

/// What the users with these numbers are known as; who is not there is left out.
///
/// # Errors
/// The store's.
pub async fn public_ids(
    reader: &mut store::Reader,
    permit: &Permit,
    numbers: &[Number],
) -> Result<HashMap<Number, String>, store::Error> {
    rows::public_ids(reader, permit.directory(), numbers).await
}

/// A user with what lies beside.
///
/// # Errors
/// The store's.
pub async fn view(reader: &mut store::Reader, permit: &Permit, user: User) -> Result<Viewed, Error> {
    let mut beside = profiles::beside_of(reader, permit.directory(), &[user.id.number()]).await?;
    let beside = beside.remove(&user.id.number()).unwrap_or_default();
    Ok(Viewed::of(user, beside))
}

/// Users with what lies beside.
///
/// # Errors
/// The store's.
pub async fn views(
    reader: &mut store::Reader,
    permit: &Permit,
    users: Vec<User>,
) -> Result<Vec<Viewed>, Error> {
    let numbers: Vec<Number> = users.iter().map(|user| user.id.number()).collect();
    let mut beside = profiles::beside_of(reader, permit.directory(), &numbers).await?;
    let view = |user: User| {
        let beside = beside.remove(&user.id.number()).unwrap_or_default();
        Viewed::of(user, beside)
    };
    Ok(users.into_iter().map(view).collect())
}

/// The units below the root that these users are in, of each the primary one first, then by joining.
///
/// # Errors
/// The store's.
pub async fn units_of(
    reader: &mut store::Reader,
    permit: &Permit,
    users: &[Number],
) -> Result<HashMap<Number, Vec<Unit>>, Error> {
    let mut all: HashMap<Number, Vec<Unit>> = HashMap::new();
    for (user, unit) in units::all_of_users(reader, permit.directory(), users).await? {
        all.entry(user).or_default().push(unit);
    }
    Ok(all)
}

/// The user with this number as it is now, with what lies beside.
///
/// # Errors
/// `Missing` a user.
pub async fn view_of(reader: &mut store::Reader, permit: &Permit, user: Number) -> Result<Viewed, Error> {
    let found = rows::view(reader, permit.directory(), user).await?;
    found.map(|found| Viewed::of(found.user, found.beside)).ok_or_else(|| missing(&user.to_string()))
}

/// The caller's own user; `None` for an AccessKey, which has none.
///
/// # Errors
/// `Missing` a user: one who was removed meanwhile, or an app, which stands for the directory and is no user of it.
pub async fn view_own(reader: &mut store::Reader, permit: &Permit) -> Result<Option<Viewed>, Error> {
    match permit.principal() {
        Principal::Person(person) => view_of(reader, permit, person.user.number()).await.map(Some),
        Principal::Service(service) => Err(missing(&service.public_id())),
        Principal::Root(_)
        | Principal::RamUser { .. }
        | Principal::RamRole { .. }
        | Principal::Operator(_)
        | Principal::System(_)
        | Principal::Nobody => Ok(None),
    }
}

/// The user who is known so, whole: for who manages the user, and for the user.
///
/// # Errors
/// `Forbidden`, also where there is nobody, for who manages nobody else; `Missing` a user.
pub async fn view_managed(reader: &mut store::Reader, permit: &Permit, text: &str) -> Result<Viewed, Error> {
    if rights::reach(permit) == Reach::Own && !is_own(permit, text) {
        return Err(forbidden(text));
    }
    let found = rows::view_public(reader, permit.directory(), text).await?;
    match (found, rights::reach(permit)) {
        (Some(found), _) if rights::sees(permit, &found.user, &found.beside.profile.label) => {
            Ok(Viewed::of(found.user, found.beside))
        }
        (None, Reach::Everything) => Err(missing(text)),
        (Some(_) | None, _) => Err(forbidden(text)),
    }
}

/// The user who is known so, as much as the caller may see.
///
/// # Errors
/// `Missing` a user.
pub async fn view_any(reader: &mut store::Reader, permit: &Permit, text: &str) -> Result<Viewed, Error> {
    let found = rows::view_public(reader, permit.directory(), text).await?;
    let found = found.ok_or_else(|| missing(text))?;
    Ok(Viewed::of(found.user, found.beside).seen_by(permit))
}

fn missing(text: &str) -> Error {
    Error::Missing(Argument::User, text.to_owned())
}

fn forbidden(text: &str) -> Error {
    Error::Forbidden(Argument::User, text.to_owned())
}

/// Whether the caller is known so.
fn is_own(permit: &Permit, text: &str) -> bool {
    matches!(permit.standing(), Standing::Holder { public_id, .. } if public_id == text)
}
