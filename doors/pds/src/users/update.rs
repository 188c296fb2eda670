//! `user/update`.

use api::pds::{GroupInfo, UpdateUser};
use directory::memberships::Place;
use directory::rights;
use directory::users::{self, Update};
use gate::{Change, Permit};
use model::membership::MemberRole;
use model::policy::Owner;
use model::text::{DisplayName, Phone};
use model::user::{Role, User};

use super::password::{self, Hash};
use super::shown;
use super::words::{description, line, phone, read_expired_at, read_role, read_status, user_data};
use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateUser,
) -> Result<api::pds::User, Refused> {
    let password = hashed(change, permit, request).await?;
    let user = users::locked_managed(change, permit, &request.user_id).await?;
    let update = Update { password, ..wanted(request, &user)? };
    let places = request.group_info_list.as_ref().map(|list| places(permit, list.iter()));
    let viewed = users::update_in_units(change, permit, &user, &update, places.as_deref()).await?;
    Ok(shown::user(permit, viewed))
}

/// The password, hashed, where one is given for somebody who is there and whom the caller manages: nobody else learns
/// what is asked of it.
async fn hashed(change: &mut Change, permit: &Permit, request: &UpdateUser) -> Result<Option<Hash>, Refused> {
    if request.plain_password.is_none() {
        return Ok(None);
    }
    let viewed = {
        let mut beside = change.beside();
        let viewed = users::view_managed(beside.rows(), permit, &request.user_id).await?;
        rights::over_user(beside.rows(), permit, &viewed.user, &request.user_id).await?;
        viewed
    };
    let whose = (Some(viewed.user.id.number()), Owner::of(&viewed.user));
    password::hashed(change, permit, request.plain_password.as_ref(), whose).await
}

/// What the directory is asked to change, but for the password.
fn wanted(request: &UpdateUser, user: &User) -> Result<Update, Refused> {
    let email = request.email.is_some().then(|| line(request.email.as_ref(), "email"));
    let description = request.description.is_some().then(|| description(request.description.as_ref()));
    Ok(Update {
        display_name: display_name(request, user)?,
        description: description.transpose()?,
        email: email.transpose()?,
        phone: number(request, user)?,
        claims_contact: false,
        role: role(request, user)?,
        status: request.status.map(read_status),
        locks_at: request.expired_at.map(|at| read_expired_at(at.get())),
        user_data: request.user_data.as_ref().map(user_data).transpose()?,
        keeps_password: request.deny_change_password_by_self,
        avatar: request.avatar.clone(),
        must_change_password: request.need_change_password_next_login,
        ..Update::default()
    })
}

/// Another display name; one that another door gave may be longer than this one's, and is taken back as it was shown.
fn display_name(request: &UpdateUser, user: &User) -> Result<Option<DisplayName>, Refused> {
    let Some(text) = &request.nick_name else { return Ok(None) };
    if text != user.display_name.as_str() {
        request.check_changed_name()?;
    }
    line(Some(text), "nick_name").map(Some)
}

/// Another role, of those that an update gives; the user's own, whichever it is, is taken back as it was shown.
fn role(request: &UpdateUser, user: &User) -> Result<Option<Role>, Refused> {
    let Some(given) = request.role.filter(|role| read_role(*role) != user.role) else { return Ok(None) };
    request.check_changed_role()?;
    Ok(Some(read_role(given)))
}

/// Another number: what is not said of number and region stays.
fn number(request: &UpdateUser, user: &User) -> Result<Option<Option<Phone>>, Refused> {
    if request.phone.is_none() && request.phone_region.is_none() {
        return Ok(None);
    }
    let own = user.phone.as_ref();
    let number = request.phone.as_deref().or(own.map(|own| own.number.as_str())).unwrap_or_default();
    let region = request.phone_region.as_deref().or(own.map(|own| own.region.as_str()));
    phone(number, region).map(Some)
}

/// The groups that a user shall be in.
pub(super) fn places<'a>(permit: &Permit, groups: impl Iterator<Item = &'a GroupInfo>) -> Vec<Place> {
    let place = |info: &GroupInfo| Place {
        unit: ids::group(permit, &info.group_id),
        role: info.member_role.map(|role| match role {
            api::pds::MemberRole::Member => MemberRole::Member,
            api::pds::MemberRole::Admin => MemberRole::Admin,
        }),
    };
    groups.map(place).collect()
}
