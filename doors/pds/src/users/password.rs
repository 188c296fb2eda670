//! Passwords that administrators give.
//!
//! Source: `reference/doors.md` §1.2.

use api::Password;
use directory::{Error, policies};
use gate::{Change, Permit};
use model::policy::{Complexity, Owner};

use crate::words::Refused;

/// What a password is stored as.
pub(super) type Hash = directory::users::Hash;

/// The password, hashed, where one is given. Nothing but the database is awaited once the change is open, so this comes
/// first.
///
/// # Errors
/// The directory's policy does not accept it.
pub(super) async fn hashed(
    change: &mut Change,
    permit: &Permit,
    password: Option<&Password>,
    owner: Owner<'_>,
) -> Result<Option<Hash>, Refused> {
    let Some(secret) = password.map(Password::secret) else { return Ok(None) };
    let complexity = policies::get::<Complexity>(&mut change.beside(), permit).await?.unwrap_or_default();
    if !secret.reveal_text().is_some_and(|text| complexity.accepts(text, &owner)) {
        return Err(Error::WeakPassword.into());
    }
    let hashes = change.hashed(vec![secret.clone()]).await.map_err(Error::from)?;
    Ok(hashes.into_iter().next())
}
