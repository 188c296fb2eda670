//! `user/import`.

use api::pds::{Authentication, AuthenticationType, ImportUser, User};
use directory::links::NewLink;
use directory::rights;
use directory::users::{self, FirstDrive, NewUser};
use gate::{Change, Permit};
use model::policy::Owner;
use model::profile::Profile;
use model::text::{DisplayName, Username};

use super::words::{line, phone, read_expired_at};
use super::{password, shown};
use crate::words::Refused;
use crate::{Settings, accounts, ids};

pub(crate) async fn import(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &ImportUser,
) -> Result<User, Refused> {
    let given = request.accounts();
    let new = new_user(change, permit, request, &given)?;
    // Before the password is looked at: that costs time, and who may not learns nothing of it.
    rights::may_make(permit, new.role, &new.profile.label, new.username.as_str())?;
    let owner = Owner {
        username: new.username.as_str(),
        email: new.email.as_str(),
        phone: new.phone.as_ref().map_or("", |phone| phone.number.as_str()),
        display_name: new.display_name.as_str(),
    };
    let password = password::hashed(change, permit, request.plain_password.as_ref(), (None, owner)).await?;
    let new = NewUser { password, ..new };
    let links = given.iter().map(link).collect::<Result<Vec<_>, _>>()?;
    let is_with_drive = request.auto_create_drive == Some(true);
    let drive = FirstDrive { total_size: request.drive_total_size.map(|size| size.get()) };
    let user = users::import(change, permit, &new, &links, is_with_drive.then_some(drive)).await?;
    Ok(shown::user(permit, users::view_of(change.tx(), permit, user.id.number()).await?))
}

/// The user as the directory is asked to make it, without a password: known by the digits of the id, which are the
/// username too.
fn new_user(
    change: &Change,
    permit: &Permit,
    request: &ImportUser,
    given: &[Authentication],
) -> Result<NewUser, Refused> {
    let id = change.new_id(permit);
    let username = Username::new(id.digits()).expect("32 digits");
    let of_kind = |kind: AuthenticationType| given.iter().find(|account| account.authentication_type == kind);
    let group = request.parent_group_id.as_ref().filter(|group| !group.is_empty());
    let number = match (given_text(request.phone.as_ref()), of_kind(AuthenticationType::Mobile)) {
        (Some(number), _) => phone(number, request.phone_region.as_deref())?,
        (None, Some(account)) => {
            let extra = accounts::extra(account.extra.as_ref());
            let region = if extra.is_empty() { request.phone_region.as_deref() } else { Some(extra) };
            phone(&account.identity, region)?
        }
        (None, None) => None,
    };
    let email = of_kind(AuthenticationType::Email).map(|account| &account.identity);
    Ok(NewUser {
        id: Some(id),
        display_name: display_name(request, given)?,
        email: line(request.email.as_ref().filter(|email| !email.is_empty()).or(email), "email")?,
        phone: number,
        profile: Profile {
            keeps_password: request.deny_change_password_by_self.unwrap_or_default(),
            ..Profile::default()
        },
        unit: group.map(|group| ids::group(permit, group)),
        locks_at: request.expired_at.and_then(|at| read_expired_at(at.get())),
        must_change_password: request.need_change_password_next_login.unwrap_or_default(),
        ..NewUser::named(username)
    })
}

/// The display name: the first identity where none is given.
fn display_name(request: &ImportUser, given: &[Authentication]) -> Result<DisplayName, Refused> {
    let first = given.first().map(|account| &account.identity);
    line(request.nick_name.as_ref().filter(|name| !name.is_empty()).or(first), "nick_name")
}

fn given_text(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn link(account: &Authentication) -> Result<NewLink, Refused> {
    Ok(NewLink {
        kind: accounts::read_kind(account.authentication_type),
        identity: line(Some(&account.identity), "identity")?,
        extra: accounts::extra(account.extra.as_ref()).to_owned(),
        display_name: line(account.authentication_display_name.as_ref(), "authentication_display_name")?,
    })
}
