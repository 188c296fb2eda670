//! `UpdateUserPassword`, and what of passwords `CreateUser` shares with it.

use api::eiam::{Channel, Done, Status, UpdateUserPassword};
use directory::passwords::{self, Candidate, Rule};
use directory::users::{self, PasswordChange, Way};
use gate::{Change, Permit};
use model::policy::Owner;

use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn set_password(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateUserPassword,
) -> Result<Done, Refused> {
    let named = ids::named(ids::USER, &request.user_id);
    // Who it is for is asked beside the change, which must not be open while passwords are hashed.
    let user = users::by_id(&mut change.beside(), permit, &named).await?;
    let text = request.password.secret();
    let candidate = Candidate { text, owner: Owner::of(&user), rule: Rule::Policy };
    let hash = passwords::judge(change, permit, Some(user.id.number()), candidate).await?;
    let password = PasswordChange {
        hash: &hash,
        must_change: request.password_forced_update_status == Some(Status::Enabled),
        tells: &ways(request.user_notification_channels.iter().flatten().copied()),
    };
    let user = users::locked_id(change, permit, &named).await?;
    users::set_password_of(change, permit, &user, password).await?;
    Ok(Done {})
}

/// By which ways somebody is told, each once.
pub(super) fn ways(channels: impl IntoIterator<Item = Channel>) -> Vec<Way> {
    let mut ways = Vec::new();
    for channel in channels {
        let way = match channel {
            Channel::Email => Way::Mail,
            Channel::Sms => Way::Text,
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}
