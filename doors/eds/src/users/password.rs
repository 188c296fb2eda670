//! `ResetUserPassword` and `ChangeUserPassword`.

use api::eds::{
    ChangeUserPassword, Done, NotifyType, ResetUserPassword, ResetUserPasswordReply, ResetUsersResult,
};
use directory::Error;
use directory::passwords::{self, Candidate, Rule};
use directory::users::{self, Reset, Way};
use gate::{Change, Permit};
use model::policy::Owner;

use crate::items::{Item, once, sorted_by};
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
    let (reset_users, failed_users) = sorted_by(names, asked, |error| {
        let Error::Unreachable(name) = error else { return Item::of(error) };
        Ok(Item::unreached(&name, request.notify_type))
    })?;
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
    // Who it is for is asked beside the change, which must not be open while passwords are hashed.
    let user = users::find(&mut change.beside(), permit, &request.end_user_id, false).await?.user;
    let candidate = Candidate { text: secret, owner: Owner::of(&user), rule: Rule::IfSet };
    let hash = passwords::judge(change, permit, Some(user.id.number()), candidate).await?;
    users::set_password(change, permit, &request.end_user_id, &hash).await?;
    Ok(Done {})
}
