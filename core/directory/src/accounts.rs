//! Accounts: made beside the first one, and what their people type into clients.

use std::sync::Arc;

use access::access_keys::{self, NewKey};
use access::{Change, Permit, Scope, Tools};
use model::Millis;
use model::account::Directory;
use model::event::Event;
use model::text::Line;
use store::{Store, directories};

use crate::error::Error;
use crate::first_start::{Founding, again, found};

/// The letters and digits of an alias.
const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// How many follow the two that every alias begins with.
const LENGTH: u32 = 8;

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum Unmade {
    /// An account has this name.
    #[error("there is an account {0} already")]
    Exists(String),
    /// The name is of digits alone, as uids are.
    #[error("a name of digits alone would be taken for the number of an account")]
    Number,
    /// The installation holds as many directories as it can.
    #[error("there is no room for another directory")]
    Full,
    /// The store could not, or the key's secret could not be sealed.
    #[error(transparent)]
    Keys(#[from] access_keys::Error),
}

impl Unmade {
    /// Whether making it again may succeed: another process has made one at the same time.
    fn is_transient(&self) -> bool {
        match self {
            Self::Keys(error) => error.is_transient(),
            Self::Exists(_) | Self::Number | Self::Full => false,
        }
    }
}

impl From<store::Error> for Unmade {
    fn from(error: store::Error) -> Self {
        Self::Keys(error.into())
    }
}

/// Makes an account of this name, as the first start makes one: with a default directory, its root unit and `superadmin`,
/// and a key of its root. `command` is who does it.
///
/// # Errors
/// `Exists`, `Number`, `Full`.
pub async fn create(
    store: &Store,
    tools: &Arc<Tools>,
    named: (&Line<64>, &NewKey),
    command: &'static str,
    at: Millis,
) -> Result<Directory, Unmade> {
    if named.0.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unmade::Number);
    }
    again(|| attempt(store, tools, named, command, at), Unmade::is_transient).await
}

async fn attempt(
    store: &Store,
    tools: &Arc<Tools>,
    (name, key): (&Line<64>, &NewKey),
    command: &'static str,
    at: Millis,
) -> Result<Directory, Unmade> {
    let mut change = Change::new(store, tools, None);
    let accounts = directories::accounts(change.tx()).await?;
    if accounts.iter().any(|account| account.name == name.as_str()) {
        return Err(Unmade::Exists(name.as_str().to_owned()));
    }
    // Two commands at once meet in the slot or in the name, of each of which there is one; who comes second looks again.
    let slot = directories::free_slot(change.tx()).await?.ok_or(Unmade::Full)?;
    let founding = Founding::drawn(tools, slot, at);
    let permit = Permit::operator(command, Scope::Directory(founding.directory.clone()), at);
    found(&mut change, &permit, &founding, (name.as_str(), key)).await?;
    change.commit(&permit).await.map_err(access_keys::Error::from)?;
    Ok(founding.directory)
}

/// The account's login alias; the first call makes one.
///
/// # Errors
/// The store's.
pub async fn alias(change: &mut Change, permit: &Permit) -> Result<String, Error> {
    let account = permit.account();
    change.take_account(account).await?;
    if let Some(alias) = directories::alias(change.tx(), account).await? {
        return Ok(alias);
    }
    // Where another account has it, the unique key makes the call run again, with another one.
    let alias = spelled(change.tools().ids.salt());
    directories::set_alias(change.tx(), account, &alias).await?;
    change.record(Event::account_alias(&account.0.to_string(), &alias));
    Ok(alias)
}

fn spelled(mut random: u128) -> String {
    let mut alias = String::from("WY");
    for _ in 0..LENGTH {
        alias.push(char::from(LETTERS[(random % 36) as usize]));
        random /= 36;
    }
    alias
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_ten_capital_letters_and_digits() {
        assert_eq!(spelled(0), "WY00000000");
        assert_eq!(spelled(35 + 36 * 10), "WYZA000000");
    }
}
