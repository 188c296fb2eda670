//! `ResetUserPassword` and `ChangeUserPassword`.

use api::eds::{
    ChangeUserPassword, Done, NotifyType, ResetUserPassword, ResetUserPasswordReply, ResetUsersResult,
};
use directory::policies;
use directory::users::{self, Reset, Way};
use gate::{Change, Permit};
use model::policy::{Complexity, Owner};

use crate::items::{once, sorted};
use crate::words::Refused;
use crate::{Settings, contact};

pub(crate) async fn reset(
    settings: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &ResetUserPassword,
) -> Result<ResetUserPasswordReply, Refused> {
    let ways: &[Way] = match request.notify_type {
        NotifyType::Mail => &[Way::Mail],
        NotifyType::TextMessage => &[Way::Text],
        NotifyType::Both => &[Way::Mail, Way::Text],
    };
    let names = once(&request.users);
    let reset = Reset { ways, ends_password: settings.reset_ends_password };
    let asked = users::request_reset(change, permit, &names, reset).await?;
    let (reset_users, failed_users) = sorted(names, asked)?;
    Ok(ResetUserPasswordReply { reset_users_result: ResetUsersResult { reset_users, failed_users } })
}

pub(crate) async fn change(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &ChangeUserPassword,
) -> Result<Done, Refused> {
    let secret = request.new_password.secret();
    if !secret.reveal_text().is_some_and(contact::is_password) {
        return Err(Refused::invalid("NewPassword"));
    }
    if !follows_the_policy(change, permit, request).await? {
        return Err(Refused::invalid("NewPassword"));
    }
    let hashes = change.hashed(vec![secret.clone()]).await.map_err(directory::Error::from)?;
    let hash = hashes.first().expect("one for each password");
    users::set_password(change, permit, &request.end_user_id, hash).await?;
    Ok(Done {})
}

/// Whether the password is such as an administrator wants, where one has said so. It is asked beside the change, which
/// must not be open while passwords are hashed.
async fn follows_the_policy(
    change: &mut Change,
    permit: &Permit,
    request: &ChangeUserPassword,
) -> Result<bool, Refused> {
    let mut beside = change.beside();
    let Some(policy) = policies::get::<Complexity>(&mut beside, permit).await? else { return Ok(true) };
    let user = users::find(&mut beside, permit, &request.end_user_id, false).await?.user;
    let password = request.new_password.secret().reveal_text();
    Ok(password.is_some_and(|text| policy.accepts(text, &Owner::of(&user))))
}
