//! `LockUsers` and `UnlockUsers`.

use api::eds::{
    LockUsers, LockUsersReply, LockUsersResult, UnlockUsers, UnlockUsersReply, UnlockUsersResult,
};
use directory::users;
use gate::{Change, Permit};

use crate::items::{once, sorted};
use crate::words::{Refused, given};
use crate::{Settings, time};

pub(crate) async fn lock(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &LockUsers,
) -> Result<LockUsersReply, Refused> {
    let names = once(&request.users);
    let signs_out = request.logout_session.unwrap_or(false);
    let locked = users::lock(change, permit, &names, signs_out).await?;
    let (locked_users, failed_users) = sorted(names, locked)?;
    Ok(LockUsersReply { lock_users_result: LockUsersResult { locked_users, failed_users } })
}

pub(crate) async fn unlock(
    settings: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UnlockUsers,
) -> Result<UnlockUsersReply, Refused> {
    let locks_at = time::ahead(given(request.auto_lock_time.as_ref()), settings.zone, permit.at())?;
    let names = once(&request.users);
    let unlocked = users::unlock(change, permit, &names, locks_at.as_ref()).await?;
    let (unlocked_users, failed_users) = sorted(names, unlocked)?;
    Ok(UnlockUsersReply { unlock_users_result: UnlockUsersResult { unlocked_users, failed_users } })
}
