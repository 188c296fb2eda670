//! What people are told of passwords before they choose one.

use access::{Circumstances, Permit, Reader, Scope};
use model::Millis;
use model::account::Directory;
use model::policy::{Complexity, Expiration, Forgotten, History, ProofChannel};
use model::user::User;
use store::profiles;

use crate::error::Error;
use crate::policies;

/// What a directory wants of passwords.
#[derive(Debug, Clone)]
pub struct Told {
    /// What they must look like.
    pub complexity: Complexity,
    /// Which former ones are not taken again.
    pub history: History,
}

/// What the permit's directory wants of passwords, as set or by default.
///
/// # Errors
/// The store's.
pub async fn told(reader: &mut Reader, permit: &Permit) -> Result<Told, Error> {
    let complexity = policies::get(reader, permit).await?.unwrap_or_default();
    let history = policies::get(reader, permit).await?.unwrap_or_default();
    Ok(Told { complexity, history })
}

/// Whether a person is kept from changing the own password, and nothing forces that person to.
///
/// # Errors
/// The store's.
pub async fn is_kept(reader: &mut Reader, permit: &Permit, user: &User) -> Result<bool, Error> {
    let profile = profiles::get(reader.rows(), permit.directory(), user.id.number()).await?;
    if !profile.keeps_password {
        return Ok(false);
    }
    let policy: Expiration = policies::get(reader, permit).await?.unwrap_or_default();
    Ok(!user.must_change_password(&policy, permit.at()))
}

/// When a password ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The instant; `None` for never, and without a password.
    pub at: Option<Millis>,
    /// In how many days, where the person is to be told so; 0 once it has ended.
    pub notice_days: Option<i64>,
}

/// When a person's password ends.
///
/// # Errors
/// The store's.
pub async fn ends(reader: &mut Reader, permit: &Permit, user: &User) -> Result<Ends, Error> {
    let policy: Expiration = policies::get(reader, permit).await?.unwrap_or_default();
    Ok(Ends { at: user.password_ends(&policy), notice_days: user.password_notice(&policy, permit.at()) })
}

/// Whether a directory sends links to who has forgotten a password.
///
/// # Errors
/// The store's.
pub async fn is_forgotten_offered(reader: &mut store::Reader, directory: &Directory) -> Result<bool, Error> {
    let policy: Forgotten = policies::stored(reader, directory.key).await?.unwrap_or_default();
    let is_sent = |channel: &ProofChannel| matches!(channel, ProofChannel::Email | ProofChannel::Sms);
    Ok(policy.enabled && policy.channels.iter().any(is_sent))
}

/// The permit of who has not proved anything yet.
pub fn nobody((directory, circumstances): (&Directory, &Circumstances)) -> Permit {
    Permit::nobody(Scope::Directory(directory.clone()), circumstances.clone())
}
