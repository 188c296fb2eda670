//! One-time codes that a manager's sign-in yields, each good once for that manager's data.
//!
//! Source: `reference/eds-user.md`, 10; `reference/doors.md` §7.

use access::{Change, Permit};
use model::event::Event;
use model::time::MINUTE;
use model::unit::Unit;
use model::user::User;
use model::{AccountUid, Secret};
use sha2::{Digest, Sha256};
use store::{auth_codes as rows, units, users as people};

use crate::error::{Argument, Error};

/// How long a code is good for.
const LIFE: i64 = 5 * MINUTE;

/// What a code tells of a manager.
#[derive(Debug, Clone)]
pub struct Manager {
    /// The account.
    pub account: AccountUid,
    /// The manager.
    pub user: User,
    /// The manager's primary unit.
    pub unit: Option<Unit>,
    /// The root unit, whose name is the organization's.
    pub root: Option<Unit>,
}

/// Makes a code for a user, who is locked for this change and manages others: 32 hexadecimal digits.
///
/// # Errors
/// `Missing` the user, where the user manages nobody, or may not act.
pub async fn create(change: &mut Change, permit: &Permit, user: &User) -> Result<Secret, Error> {
    if !user.role.manages() || user.is_shut_for_good(permit.at()) {
        return Err(Error::Missing(Argument::User, user.username.to_string()));
    }
    let code = format!("{:032x}", change.tools().ids.salt());
    let expires = permit.at().plus(LIFE);
    rows::insert(change.tx(), permit.directory(), &hash(&code), user.id.number(), expires).await?;
    change.record(Event::joined("auth_code.made", user, None, Some(&[("expires", expires.to_string())])));
    Ok(Secret::new(code))
}

/// Spends a code.
///
/// # Errors
/// `Missing` the code: it is unknown, spent, expired or another directory's, or its user manages nobody any more.
pub async fn spend(change: &mut Change, permit: &Permit, code: &Secret) -> Result<Manager, Error> {
    let directory = permit.directory();
    let missing = || Error::Missing(Argument::Code, String::new());
    let hash = hash(code.reveal_text().unwrap_or_default());
    let number = rows::find(change.tx(), directory, &hash, permit.at()).await?.ok_or_else(missing)?;
    // The user's row before the code's, as whoever removes the user takes them.
    let user = people::lock_one(change.tx(), directory, number).await?.ok_or_else(missing)?;
    let is_open = user.role.manages() && !user.is_shut_for_good(permit.at());
    if !is_open || !rows::spend(change.tx(), &hash).await? {
        return Err(missing());
    }
    let own = units::of_user(change.tx(), directory, number).await?;
    let unit = match own.first() {
        Some(unit) => units::find(change.tx(), directory, *unit).await?,
        None => None,
    };
    let root = units::find(change.tx(), directory, permit.root_unit()).await?;
    change.record(Event::joined("auth_code.spent", &user, Some(&[]), None));
    Ok(Manager { account: permit.account(), user, unit, root })
}

/// What lies in the store for a code.
fn hash(code: &str) -> String {
    Sha256::digest(code).iter().map(|byte| format!("{byte:02x}")).collect()
}
