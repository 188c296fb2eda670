//! `EnableUser`, `DisableUser` and `UnlockUser`.

use api::eiam::{DisableUser, Done, EnableUser, UnlockUser};
use directory::users;
use gate::{Change, Permit};

use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn enable(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &EnableUser,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    users::enable(change, permit, &user).await?;
    Ok(Done {})
}

pub(crate) async fn disable(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DisableUser,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    users::disable(change, permit, &user).await?;
    Ok(Done {})
}

pub(crate) async fn unlock(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UnlockUser,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    users::open(change, permit, &user).await?;
    Ok(Done {})
}
