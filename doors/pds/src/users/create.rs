//! `user/create`.

use api::pds::{CreateUser, User};
use directory::users::{self, NewUser};
use directory::{memberships, rights};
use gate::{Change, Permit};
use model::policy::Owner;
use model::profile::Profile;
use model::text::{ChosenId, Username};
use model::user::{Role, Status};

use super::update::places;
use super::words::{description, line, phone, read_expired_at, read_role, read_status, user_data};
use super::{password, shown};
use crate::Settings;
use crate::words::Refused;

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateUser,
) -> Result<User, Refused> {
    let new = new_user(request)?;
    // Before the password is looked at: that costs time, and who may not learns nothing of it.
    rights::may_make(permit, new.role, &new.profile.label, &request.user_id)?;
    let owner = Owner {
        username: name(request),
        email: request.email.as_deref().unwrap_or_default(),
        phone: request.phone.as_deref().unwrap_or_default(),
        display_name: request.nick_name.as_deref().unwrap_or_default(),
    };
    let password = password::hashed(change, permit, request.plain_password.as_ref(), (None, owner)).await?;
    let places = places(permit, request.group_info_list.iter().flatten());
    let (unit, further_units) = memberships::places_of_new(&places);
    let new = NewUser { password, unit, further_units, ..new };
    let user = users::create_one(change, permit, &new).await?;
    memberships::set_roles(change, permit, &user, &places).await?;
    Ok(shown::user(permit, users::view(change.tx(), permit, user).await?))
}

/// The user as the directory is asked to make it, without password and groups.
fn new_user(request: &CreateUser) -> Result<NewUser, Refused> {
    let username = Username::new(name(request)).map_err(|_| Refused::invalid("user_name"))?;
    let chosen_id = ChosenId::new(request.user_id.as_str()).map_err(|_| Refused::invalid("user_id"))?;
    let number = request.phone.as_deref().unwrap_or_default();
    Ok(NewUser {
        chosen_id: Some(chosen_id),
        display_name: line(request.nick_name.as_ref(), "nick_name")?,
        description: description(request.description.as_ref())?,
        email: line(request.email.as_ref(), "email")?,
        phone: phone(number, request.phone_region.as_deref())?,
        avatar: request.avatar.clone().unwrap_or_default(),
        role: request.role.map_or(Role::User, read_role),
        status: request.status.map_or(Status::Enabled, read_status),
        profile: Profile {
            user_data: request.user_data.as_ref().map(user_data).transpose()?.unwrap_or_default(),
            label: line(request.subdomain_id.as_ref(), "subdomain_id")?,
            keeps_password: request.deny_change_password_by_self.unwrap_or_default(),
            ..Profile::default()
        },
        locks_at: request.expired_at.and_then(|at| read_expired_at(at.get())),
        must_change_password: request.need_change_password_next_login.unwrap_or_default(),
        ..NewUser::named(username)
    })
}

/// The username: the id where none is given.
fn name(request: &CreateUser) -> &str {
    request.user_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&request.user_id)
}
