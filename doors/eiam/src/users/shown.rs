//! A user as this door shows one.
//!
//! Source: `reference/eiam.md` 5.2 and 6.1; `reference/doors.md` §1.1.

use api::eiam::{ListedUser, SourceType, Status};
use directory::policies;
use gate::{Permit, Reader};
use model::Millis;
use model::policy::Expiration;
use model::user::{self, User};

use crate::ids;
use crate::texts::shown;
use crate::words::Refused;

/// Until when an account is shown as locked that nothing but an administrator opens: the year 9999.
const FOR_GOOD: Millis = Millis(253_402_300_799_000);

/// What holds of every user of an answer.
pub(super) struct Shows<'a> {
    /// The instance's id.
    instance: &'a str,
    /// How long its passwords are good for, where one of them has one.
    expiration: Expiration,
    /// The instant of the call.
    now: Millis,
}

impl<'a> Shows<'a> {
    /// What holds of these users.
    pub(super) async fn of(
        reader: &mut Reader,
        permit: &Permit,
        instance: &'a str,
        mut users: impl Iterator<Item = &User>,
    ) -> Result<Self, Refused> {
        let expiration = if users.any(|user| user.password.set_at.is_some()) {
            policies::get(reader, permit).await?.unwrap_or_default()
        } else {
            Expiration::default()
        };
        Ok(Self { instance, expiration, now: permit.at() })
    }

    /// The user as lists show it.
    pub(super) fn listed(&self, user: &User) -> ListedUser {
        let id = ids::spell(ids::USER, user.id);
        let external_id = user.external_id.as_ref().map(|id| id.as_str().to_owned());
        let phone = user.phone.as_ref();
        ListedUser {
            username: user.username.to_string(),
            display_name: shown(user.display_name.as_str()),
            password_set: user.password.set_at.is_some(),
            phone_region: phone.and_then(|phone| shown(phone.region.as_str())),
            phone_number: phone.and_then(|phone| shown(phone.number.as_str())),
            phone_number_verified: user.phone_verified,
            email: shown(user.email.as_str()),
            email_verified: user.email_verified,
            user_external_id: external_id.unwrap_or_else(|| id.clone()),
            user_source_type: SourceType::BuildIn,
            user_source_id: self.instance.to_owned(),
            status: status(user.status),
            account_expire_time: user.locks.locks_at.as_ref().map(|locks| locks.at.0),
            password_expire_time: user.password_ends(&self.expiration).map(|ends| ends.0),
            register_time: user.created.0,
            lock_expire_time: locked_until(user, self.now).map(|until| until.0),
            create_time: user.created.0,
            update_time: user.updated.0,
            description: shown(user.description.as_str()),
            instance_id: self.instance.to_owned(),
            user_id: id,
        }
    }
}

fn status(status: user::Status) -> Status {
    match status {
        user::Status::Enabled => Status::Enabled,
        user::Status::Disabled => Status::Disabled,
    }
}

/// Until when the account is locked, of several locks the longest; `None` where it is not. Whether it is disabled
/// does not count.
fn locked_until(user: &User, now: Millis) -> Option<Millis> {
    let locks = &user.locks;
    let is_due = locks.locks_at.as_ref().is_some_and(|locks| locks.at <= now);
    if locks.locked || is_due { Some(FOR_GOOD) } else { locks.lock_until.filter(|until| *until > now) }
}
