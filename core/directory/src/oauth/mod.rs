//! Tokens for a proof of who one is: an app's assertion, a code from the sign-in page, an earlier refresh token.
//!
//! Source: `reference/pds.md` §13.

mod codes;
mod forget;
mod grants;
mod issue;

#[cfg(test)]
mod tests;

pub use codes::send_code;
pub(crate) use forget::forget;
pub use grants::{
    Client, by_assertion, by_code, by_refresh_token, domain_of_app, find_app, may_work, prepare,
};
pub use issue::{Given, Holder, issue_by_link};

pub use access::assertions::Unbelieved;
use access::passwords::Busy;

use crate::error::Error;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no app with this client id.
    #[error("there is no app {0:?}")]
    NoApp(String),
    /// The app has a secret and did not say it.
    #[error("the app's secret is missing")]
    NoSecret,
    /// It is not the app's secret.
    #[error("this is not the app's secret")]
    Secret,
    /// The assertion is not to be believed, or was taken before.
    #[error("the assertion is refused: {0}")]
    Assertion(#[from] Unbelieved),
    /// The code is unknown, spent, expired, another app's or for another address.
    #[error("the code is refused")]
    Code,
    /// The refresh token is unknown, expired, spent or another app's.
    #[error("the refresh token is refused")]
    RefreshToken,
    /// The part of the directory is not the user's.
    #[error("the user is not in this part of the directory")]
    Label,
    /// The app may not work in this directory, or not in this way.
    #[error("the app may not do this")]
    NotAllowed,
    /// The user's account is shut.
    #[error("{0:?} is shut")]
    Shut(String),
    /// A rule refused, or could not.
    #[error(transparent)]
    Rule(#[from] Error),
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Rule(error.into())
    }
}

impl From<Busy> for Refused {
    fn from(busy: Busy) -> Self {
        Self::Rule(busy.into())
    }
}
