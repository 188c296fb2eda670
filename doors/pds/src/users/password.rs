//! Passwords that administrators give.
//!
//! Source: `reference/doors.md` §1.2.

use api::Password;
use directory::passwords::{self, Candidate, Rule};
use gate::{Change, Permit};
use model::Number;
use model::policy::Owner;

use crate::words::Refused;

/// What a password is stored as.
pub(super) type Hash = directory::users::Hash;

/// The password, hashed, where one is given for `user`, if that is somebody who is there already. Nothing but the database
/// is awaited once the change is open, so this comes first.
///
/// # Errors
/// The directory's policies do not accept it.
pub(super) async fn hashed(
    change: &mut Change,
    permit: &Permit,
    password: Option<&Password>,
    (user, owner): (Option<Number>, Owner<'_>),
) -> Result<Option<Hash>, Refused> {
    let Some(text) = password.map(Password::secret) else { return Ok(None) };
    let candidate = Candidate { text, owner, rule: Rule::Policy };
    Ok(Some(passwords::judge(change, permit, user, candidate).await?))
}
