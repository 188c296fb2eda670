//! `DeleteUser` and `DeleteUsers`.

use api::eiam::{DeleteUser, DeleteUsers, Done};
use directory::users;
use gate::{Change, Permit};

use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteUser,
) -> Result<Done, Refused> {
    users::remove_all(change, permit, &[ids::named(ids::USER, &request.user_id)]).await?;
    Ok(Done {})
}

pub(crate) async fn remove_all(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteUsers,
) -> Result<Done, Refused> {
    users::remove_all(change, permit, &ids::all_named(ids::USER, &request.user_ids)).await?;
    Ok(Done {})
}
