//! `ModifyUser` and `BatchSetDesktopManager`.

use api::eds::{BatchSetDesktopManager, Done, IsDesktopManager, ModifyUser};
use directory::users::{self, Contact};
use gate::{Change, Permit};
use model::text::{Email, Phone};
use model::user::User;

use crate::words::Refused;
use crate::{Settings, contact};

pub(crate) async fn modify(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &ModifyUser,
) -> Result<Done, Refused> {
    let user = users::locked_one(change, permit, &request.end_user_id).await?;
    let contact = Contact {
        email: email(request.email.as_deref(), &user)?,
        phone: phone(request.phone.as_deref(), &user)?,
        keeps_reachable: true,
    };
    users::set_contact(change, permit, &user, &contact).await?;
    Ok(Done {})
}

/// The address from now on: absent keeps it, empty clears it, and what is shown is accepted back.
fn email(given: Option<&str>, user: &User) -> Result<Email, Refused> {
    match given {
        None => Ok(user.email.clone()),
        Some("") => Ok(Email::default()),
        Some(text) if text == user.email.as_str() => Ok(user.email.clone()),
        Some(text) => contact::email(text).ok_or_else(|| Refused::invalid("Email")),
    }
}

/// The phone from now on, likewise.
fn phone(given: Option<&str>, user: &User) -> Result<Option<Phone>, Refused> {
    match given {
        None => Ok(user.phone.clone()),
        Some("") => Ok(None),
        Some(text) if user.phone.as_ref().is_some_and(|phone| contact::shown(phone) == text) => {
            Ok(user.phone.clone())
        }
        Some(text) => contact::phone(text).map(Some).ok_or_else(|| Refused::invalid("Phone")),
    }
}

pub(crate) async fn set_desktop_manager(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &BatchSetDesktopManager,
) -> Result<Done, Refused> {
    let is_manager = match request.is_desktop_manager {
        IsDesktopManager::Yes => true,
        IsDesktopManager::No => false,
    };
    let set = users::set_local_admin(change, permit, &request.users, is_manager).await;
    set.map_err(Refused::with_users_in("Users"))?;
    Ok(Done {})
}
