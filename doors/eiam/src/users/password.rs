//! `UpdateUserPassword`, and what of passwords `CreateUser` shares with it.

use api::eiam::{Channel, Done, Status, UpdateUserPassword};
use directory::users::{self, PasswordChange, Way};
use directory::{Error, policies};
use gate::{Change, Permit};
use model::policy::{Complexity, Owner};

use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn set_password(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateUserPassword,
) -> Result<Done, Refused> {
    let named = ids::named(ids::USER, &request.user_id);
    let mut beside = change.beside();
    let user = users::by_id(&mut beside, permit, &named).await?;
    let complexity = policies::get::<Complexity>(&mut beside, permit).await?.unwrap_or_default();
    let secret = request.password.secret();
    if !secret.reveal_text().is_some_and(|text| complexity.accepts(text, &Owner::of(&user))) {
        return Err(Refused::invalid("Password"));
    }
    // The hash takes long, and nothing but the database is awaited once the change is open.
    let hashes = change.hashed(vec![secret.clone()]).await.map_err(Error::from)?;
    let password = PasswordChange {
        hash: hashes.first().expect("one for each password"),
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
