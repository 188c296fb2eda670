//! `user/get` and `user/general_get`.

use api::pds::{GeneralGetUser, GetUser, User, UserWithExtras};
use directory::users;
use gate::{Permit, Reader};

use super::extras::{shown_info, with_extras};
use super::shown;
use crate::Settings;
use crate::words::Refused;

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetUser,
) -> Result<User, Refused> {
    let viewed = match &request.user_id {
        Some(text) => users::view_managed(reader.rows(), permit, text).await?,
        None => own(reader, permit).await?,
    };
    Ok(shown::user(permit, viewed))
}

pub(crate) async fn general_get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GeneralGetUser,
) -> Result<UserWithExtras, Refused> {
    let viewed = match &request.user_id {
        Some(text) => users::view_any(reader.rows(), permit, text).await?,
        None => own(reader, permit).await?,
    };
    let info = shown_info(permit, request.extra_return_info.as_deref());
    let users = with_extras(reader, permit, vec![viewed], info).await?;
    Ok(users.into_iter().next().expect("one for each user"))
}

/// The caller's own user.
async fn own(reader: &mut Reader, permit: &Permit) -> Result<users::Viewed, Refused> {
    users::view_own(reader.rows(), permit).await?.ok_or_else(|| Refused::missing("user_id"))
}
