//! The trait that makes a plain struct an action of an API.

use model::right::{Resource, Right};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::rpc::Undecodable;

/// One action of an API, declared once: its parameters are the fields of `Self`.
///
/// Fields are named as on the wire by `#[serde(rename_all = "PascalCase")]`. A field is declared
/// in the struct itself: `#[serde(flatten)]` hides its type from [`crate::rpc::decode`], which
/// needs it, because parameters travel as text.
pub trait Action: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The action's name on the wire, `CreateUsers`.
    const NAME: &'static str;

    /// What the caller must be allowed, and whether that changes anything.
    const RIGHT: Right;

    /// The answer's members, without `RequestId`, which every answer has.
    type Reply: Serialize + DeserializeOwned + JsonSchema + Send;

    /// What the request touches, as policies name it.
    fn resources(&self) -> Vec<Resource>;

    /// Where the request acts: in the account's default directory, unless it says otherwise.
    fn place(&self) -> Place<'_> {
        Place::Default
    }

    /// The caller's own mark of the call, which is made once however often it is sent: the same call with the same
    /// mark is answered again. Most actions take none; an empty text is none.
    fn client_token(&self) -> Option<&str> {
        None
    }

    /// Conditions between parameters, which a field's own type cannot say.
    ///
    /// # Errors
    /// The parameter to blame: `Missing` where it had to be given, `Invalid` where it does not fit.
    fn check(&self) -> Result<(), Undecodable> {
        Ok(())
    }
}

/// Where in the caller's account a request acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// In the account's default directory.
    Default,
    /// In the directory of the account that the door spells so.
    Directory(&'a str),
    /// In the account itself.
    Account,
}

/// For [`Action::check`]: a parameter that has to be there under some condition.
///
/// # Errors
/// `Missing`, with the parameter's name, unless `given`.
pub fn require(given: bool, name: &'static str) -> Result<(), Undecodable> {
    if given { Ok(()) } else { Err(Undecodable::Missing(name.to_owned())) }
}

/// For [`Action::check`]: a parameter that is not served and would change the answer if it were ignored.
///
/// # Errors
/// `Unsupported`, with the parameter's name, where it is `given`.
pub fn refuse(given: bool, name: &'static str) -> Result<(), Undecodable> {
    if given { Err(Undecodable::Unsupported(name.to_owned())) } else { Ok(()) }
}
