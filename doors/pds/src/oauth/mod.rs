//! The operations that give tokens, and the way to them for people.

mod authorize;
mod token;
pub(crate) mod tokens;

pub(crate) use authorize::authorize;
pub(crate) use token::{account_token, token};

use directory::Error;
use directory::oauth::{Refused as NoToken, Unbelieved};
use wire::Fault;
use wire::pds::Unfit;

use crate::words::{Refused, not_authorized, parameter};

/// What this door says when there is no token. Nothing of it makes clients fetch another token and come again.
///
/// Source: `reference/pds.md` §13.1.
impl From<NoToken> for Refused {
    fn from(refused: NoToken) -> Self {
        match refused {
            NoToken::NoApp(id) => Self::Unknown("App", id),
            NoToken::NoSecret => Self::missing("client_secret"),
            NoToken::Secret => Self::invalid("client_secret"),
            NoToken::Assertion(why) => Self::Fault(Box::new(unbelieved(why))),
            NoToken::Code => Self::invalid("code"),
            NoToken::RefreshToken => Self::invalid("refresh_token"),
            NoToken::Label => Self::Parameter(Unfit::Unmatched("subdomain_id".to_owned())),
            NoToken::NotAllowed => Self::Fault(Box::new(not_authorized())),
            NoToken::Shut(text) => Self::Rule(Error::Shut(text)),
            NoToken::Rule(error) => Self::Rule(error),
        }
    }
}

/// An assertion that is not believed, with the reason.
fn unbelieved(why: Unbelieved) -> Fault {
    let fault = parameter(&Unfit::Invalid("assertion".to_owned()));
    Fault { message: format!("{} {why}.", fault.message).into(), ..fault }
}
