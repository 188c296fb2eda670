//! `RemoveUsers`.

use api::eds::{RemoveUsers, RemoveUsersReply, RemoveUsersResult};
use directory::users;
use gate::{Change, Permit};

use crate::Settings;
use crate::items::{once, sorted};
use crate::words::Refused;

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveUsers,
) -> Result<RemoveUsersReply, Refused> {
    let names = once(&request.users);
    let removed = users::remove(change, permit, &names).await?;
    let (removed_users, failed_users) = sorted(names, removed)?;
    Ok(RemoveUsersReply { remove_users_result: RemoveUsersResult { removed_users, failed_users } })
}
