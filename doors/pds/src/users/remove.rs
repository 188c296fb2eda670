//! `user/delete`.

use api::pds::DeleteUser;
use directory::users;
use gate::{Change, Permit};

use crate::Settings;
use crate::words::Refused;

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteUser,
) -> Result<(), Refused> {
    Ok(users::remove_managed(change, permit, &request.user_id).await?)
}
