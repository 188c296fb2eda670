//! `RemoveUsers`.

use std::collections::HashSet;

use api::eds::{FailedUser, RemoveUsers, RemoveUsersReply, RemoveUsersResult};
use directory::users;
use gate::{Change, Permit};
use model::Folded;

use crate::Settings;
use crate::items::Item;
use crate::words::Refused;

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveUsers,
) -> Result<RemoveUsersReply, Refused> {
    let mut met = HashSet::new();
    let names: Vec<String> =
        request.users.iter().filter(|name| met.insert(Folded::of(name))).cloned().collect();
    let removed = users::remove(change, permit, &names).await?;

    let mut result = RemoveUsersResult::default();
    for (name, removed) in names.into_iter().zip(removed) {
        match removed {
            Ok(_) => result.removed_users.push(name),
            Err(error) => {
                let Item { code, message } = Item::of(error)?;
                result.failed_users.push(FailedUser {
                    end_user_id: name,
                    error_code: code,
                    error_message: message,
                });
            }
        }
    }
    Ok(RemoveUsersReply { remove_users_result: result })
}
