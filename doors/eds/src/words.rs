//! What this door says when a whole call fails.
//!
//! Source: `reference/eds-user.md` X.2 and X.6; `reference/protocol.md` §6.3.

use directory::Error;
use gate::{Denied, Refusal, Words};
use wire::fault::NoPermission;
use wire::{AccessDenied, Fault, Undecodable};

use crate::items::Item;

/// Why a call failed as a whole.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is not what it should be.
    Parameter(Undecodable),
    /// A rule said no.
    Rule(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl Refused {
    /// A parameter whose value is not valid.
    pub(crate) fn invalid(parameter: &str) -> Self {
        Self::Parameter(Undecodable::Invalid(parameter.to_owned()))
    }
}

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Rule(error) if error.is_transient())
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Rule(error @ (Error::Store(_) | Error::Busy(_))) => Some(error.to_string()),
            Self::Rule(Error::Taken(..) | Error::Missing(..) | Error::LastSuperadmin(_))
            | Self::Parameter(_) => None,
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Parameter(undecodable) => parameter(&undecodable),
            Self::Rule(Error::Store(error)) if error.is_overload() => gate::busy(),
            Self::Rule(Error::Busy(_)) => gate::busy(),
            Self::Rule(Error::Store(_)) => Fault::internal(),
            Self::Rule(error @ (Error::Taken(..) | Error::Missing(..) | Error::LastSuperadmin(_))) => {
                match Item::of(error) {
                    Ok(item) => Fault::new(400, item.code, item.message),
                    Err(refused) => refused.into_fault(),
                }
            }
        }
    }
}

/// A parameter's text; an empty one is absent.
pub(crate) fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The door's words for what the gate refuses.
pub(crate) const WORDS: Words = Words { undecodable: parameter, denied };

fn parameter(undecodable: &Undecodable) -> Fault {
    match undecodable {
        Undecodable::Missing(name) => {
            Fault::new(400, format!("Missing{name}"), format!("{name} is mandatory for this action."))
        }
        Undecodable::Invalid(name) => {
            Fault::new(400, format!("Invalid{name}"), format!("Specified parameter {name} is not valid."))
        }
        Undecodable::Unsupported(name) => Fault::new(
            400,
            format!("UnsupportedParameter.{name}"),
            format!("Parameter {name} is not supported, and ignoring it would change the answer."),
        ),
    }
}

fn denied(denied: &Denied) -> Fault {
    let message =
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.";
    let detail = AccessDenied {
        auth_action: denied.action.to_owned(),
        auth_principal_type: None,
        auth_principal_owner_id: None,
        auth_principal_display_name: None,
        no_permission_type: NoPermission::ImplicitDeny,
        policy_type: None,
        encoded_diagnostic_message: None,
    };
    Fault { access_denied: Some(Box::new(detail)), ..Fault::new(403, "Forbidden.RAM", message) }
}
