//! Calls that their callers have marked with a token: each is made once, and answered again for a day.
//!
//! Source: `reference/eiam.md`, 14.3.

use std::fmt::Write;

use model::time::DAY;
use model::{AccountUid, Millis, Number};
use store::client_tokens::{self as rows, Answered, Mark};
use wire::signature::same;
use zeroize::Zeroizing;

use crate::change::{Change, Reader, Tools};
use crate::keyring::{Keyring, KeyringError, Purpose};
use crate::permit::{Permit, Scope};

/// How long an answer is remembered.
const LIFE: i64 = DAY;

/// A call with its caller's mark. It does not print: a password may be among what it says.
pub struct Marked {
    account: AccountUid,
    directory: Number,
    action: &'static str,
    token: String,
    said: Zeroizing<Vec<u8>>,
    at: Millis,
}

/// What is known of a call with the same mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing: it is the first one.
    Nothing,
    /// It said the same, and was answered so, as JSON.
    Answered(String),
    /// It said something else.
    Other,
}

/// Why it is not known whether a call was answered before.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What it said was digested under a key that the installation does not hold.
    #[error("a call was remembered under a key that the key file does not hold")]
    UnknownKey,
    /// The installation's keys could not be read again.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// Whether the store is too busy or away, so that the same call may succeed a little later.
    pub const fn is_overload(&self) -> bool {
        match self {
            Self::Store(error) => error.is_overload(),
            Self::UnknownKey | Self::Keyring(_) => false,
        }
    }
}

impl Marked {
    /// A call that its caller marked with `token` and that says `said`, always in the same way where it says the same.
    pub fn new(permit: &Permit, action: &'static str, token: &str, said: Vec<u8>) -> Self {
        Self {
            account: permit.account(),
            directory: match permit.scope() {
                Scope::Directory(directory) => directory.key.number,
                Scope::Account(_) => Number(0),
            },
            action,
            token: token.to_owned(),
            said: Zeroizing::new(said),
            at: permit.at(),
        }
    }

    /// What the call was answered before, as far as that is committed.
    ///
    /// # Errors
    /// Of the store or of the keys.
    pub async fn before(&self, reader: &mut Reader) -> Result<Before, Error> {
        let found = rows::find(reader.rows(), self.mark(), self.at).await?;
        self.compare(reader.tools(), found)
    }

    /// The same as a change sees it, which opens by it: on SQLite also what waits for the same commit.
    ///
    /// # Errors
    /// Of the store or of the keys.
    pub async fn before_within(&self, change: &mut Change) -> Result<Before, Error> {
        let found = rows::find(change.tx(), self.mark(), self.at).await?;
        self.compare(change.tools(), found)
    }

    /// Remembers with the change what the call is answered: JSON. The change is not committed where another one has
    /// answered a call of this mark meanwhile; that may be tried again.
    ///
    /// # Errors
    /// Of the store; `Taken(Key::Other)` is what is to be tried again.
    pub async fn remember(&self, change: &mut Change, reply: String) -> Result<(), store::Error> {
        let keyring = change.tools().keys.now();
        let number = keyring.current();
        let code = keyring.mac(Purpose::Calls, &self.parts());
        let answered = Answered { digest: spelled(number, &code), reply };
        rows::insert(change.tx(), self.mark(), &answered, self.at, self.at.plus(LIFE)).await
    }

    fn mark(&self) -> Mark<'_> {
        Mark { account: self.account, directory: self.directory, action: self.action, token: &self.token }
    }

    fn parts(&self) -> [&[u8]; 3] {
        [self.action.as_bytes(), self.token.as_bytes(), &self.said]
    }

    fn compare(&self, tools: &Tools, found: Option<Answered>) -> Result<Before, Error> {
        let Some(found) = found else { return Ok(Before::Nothing) };
        let number = found.digest.split_once(':').and_then(|(number, _)| number.parse().ok());
        let number: u32 = number.ok_or_else(|| store::Error::Corrupt("a call's digest has no key".into()))?;
        let of = |keyring: &Keyring| keyring.mac_with(number, Purpose::Calls, &self.parts());
        let code = match of(&tools.keys.now()) {
            Some(code) => code,
            // `roster keys rotate` ran beside this process.
            None => of(&*tools.keys.read_again()?).ok_or(Error::UnknownKey)?,
        };
        let is_same = same(spelled(number, &code).as_bytes(), found.digest.as_bytes());
        Ok(if is_same { Before::Answered(found.reply) } else { Before::Other })
    }
}

/// A code with the number of its key: `1:` and hexadecimal digits.
fn spelled(number: u32, code: &[u8]) -> String {
    code.iter().fold(format!("{number}:"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
