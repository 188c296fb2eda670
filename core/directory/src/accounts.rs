//! Accounts: what their people type into clients.

use access::{Change, Permit};
use model::event::Event;
use store::directories;

use crate::error::Error;

/// The letters and digits of an alias.
const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// How many follow the two that every alias begins with.
const LENGTH: u32 = 8;

/// The account's login alias; the first call makes one.
///
/// # Errors
/// The store's.
pub async fn alias(change: &mut Change, permit: &Permit) -> Result<String, Error> {
    let account = permit.account();
    directories::lock_account(change.tx(), account).await?;
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
