//! A user as this door shows one.
//!
//! Source: `reference/pds.md` §6.1; `reference/doors.md` §1 and §1.1.

use api::pds::{User, UserData};
use directory::users::Viewed;
use gate::Permit;

use super::words::{role, status};
use crate::ids;

/// The user as answers show it.
pub(crate) fn user(permit: &Permit, viewed: Viewed) -> User {
    let Viewed { user, profile, avatar, default_drive } = viewed;
    let (phone_region, phone) = match &user.phone {
        Some(phone) => (phone.region.as_str().to_owned(), phone.number.as_str().to_owned()),
        None => (String::new(), String::new()),
    };
    User {
        domain_id: ids::spell_own_domain(permit),
        user_id: user.public_id(),
        user_name: user.username.to_string(),
        nick_name: user.display_name.as_str().to_owned(),
        description: user.description.as_str().to_owned(),
        email: user.email.as_str().to_owned(),
        phone,
        phone_region,
        avatar,
        role: role(user.role),
        status: status(user.is_shut_at(permit.at())),
        created_at: user.created.0,
        updated_at: user.updated.0,
        default_drive_id: default_drive.map(ids::spell_drive).unwrap_or_default(),
        user_data: user_data(profile.user_data.as_str()),
        last_login_time: profile.last_sign_in().map_or(0, |at| at.0),
        creator: profile.creator,
        last_refresh_token_time: profile.refreshed.map_or(0, |at| at.0),
        expired_at: user.locks.locks_at.map_or(0, |locks| locks.at.0),
        deny_change_password_by_self: profile.keeps_password,
        need_change_password_next_login: user.password.must_change,
        subdomain_id: profile.label.as_str().to_owned(),
        permission: (),
    }
}

/// What programs keep with the user, as it was given.
fn user_data(stored: &str) -> UserData {
    serde_json::from_str(stored).unwrap_or_default()
}
