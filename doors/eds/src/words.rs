//! What this door says when a whole call fails.
//!
//! Source: `reference/eds-user.md` X.2 and X.6; `reference/protocol.md` §6.3.

use directory::{Argument, Error};
use gate::{Denied, Refusal, Words};
use wire::{Fault, Undecodable};

use crate::items::{Item, name_of};

/// Why a call failed as a whole.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is missing or wrong.
    Parameter(Undecodable),
    /// A user whom a parameter names is not there: the parameter, and the name.
    Unknown(&'static str, String),
    /// A rule refused, or could not.
    Rule(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl Refused {
    /// A parameter that does not say anything valid.
    pub(crate) fn invalid(parameter: &str) -> Self {
        Self::Parameter(Undecodable::Invalid(parameter.to_owned()))
    }

    /// What a rule says, where users stand in this parameter.
    pub(crate) fn with_users_in(parameter: &'static str) -> impl FnOnce(Error) -> Self {
        move |error| {
            let Error::Missing(Argument::User, name) = error else { return Self::Rule(error) };
            Self::Unknown(parameter, name)
        }
    }
}

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Rule(error) if error.is_transient())
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Rule(Error::Store(error)) => Some(error.to_string()),
            Self::Rule(_) | Self::Unknown(..) | Self::Parameter(_) => None,
        }
    }

    fn into_fault(self) -> Fault {
        let fault = |item: Item| Fault::new(400, item.code, item.message);
        match self {
            Self::Parameter(undecodable) => parameter(&undecodable),
            Self::Unknown(parameter, text) => fault(Item::missing(parameter, "user", &text)),
            Self::Rule(Error::Missing(Argument::User, name)) => {
                fault(Item::missing("EndUserId", "user", &name))
            }
            Self::Rule(Error::Unfit(argument, _)) => {
                parameter(&Undecodable::Invalid(name_of(argument).to_owned()))
            }
            // The same code, and what is wrong with it.
            Self::Rule(Error::WeakPassword) => new_password(&Item::weak_password()),
            Self::Rule(Error::Reused) => new_password(&Item::used_password()),
            Self::Rule(Error::Store(error)) if error.is_overload() => gate::busy(),
            Self::Rule(Error::Busy(_)) => gate::busy(),
            Self::Rule(Error::Store(_)) => Fault::internal(),
            Self::Rule(error) => match Item::of(error) {
                Ok(item) => fault(item),
                Err(refused) => refused.into_fault(),
            },
        }
    }
}

/// A parameter's text; an empty one is absent.
pub(crate) fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The door's words for what the gate refuses.
pub(crate) const WORDS: Words = Words { undecodable: parameter, denied, directories: None };

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

/// A password that is not taken for a whole call.
fn new_password(why: &Item) -> Fault {
    let fault = parameter(&Undecodable::Invalid("NewPassword".to_owned()));
    Fault { message: format!("{} {}", fault.message, why.message).into(), ..fault }
}

fn denied(denied: &Denied) -> Fault {
    let message =
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.";
    Fault { access_denied: Some(gate::access_denied(denied)), ..Fault::new(403, "Forbidden.RAM", message) }
}
