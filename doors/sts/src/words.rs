//! What this door says when a call fails.
//!
//! Source: `reference/protocol.md` §5.2; `reference/ram.md` 8.

use directory::ram::{Entity, Error, Malformed, Wrong};
use gate::{Denied, Permit, Principal, Refusal, Words};
use wire::{Fault, Undecodable};

/// The action, as refusals name it.
const ASSUME: &str = "sts:AssumeRole";

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is missing or wrong.
    Parameter(Undecodable),
    /// A rule refused this caller, or could not.
    Rule(Principal, Error),
    /// The caller has no key.
    NoKey,
}

impl Refused {
    /// A parameter that does not say anything valid.
    pub(crate) fn invalid(parameter: &str) -> Self {
        Self::Parameter(Undecodable::Invalid(parameter.to_owned()))
    }
}

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Rule(_, error) if error.is_transient())
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Rule(_, Error::Store(error)) => Some(error.to_string()),
            Self::Rule(_, Error::Keys(error)) => Some(error.to_string()),
            Self::Rule(..) | Self::Parameter(_) | Self::NoKey => None,
        }
    }

    fn denied(&self, permit: &Permit) -> Option<Denied> {
        match self {
            Self::Rule(_, error) => error.denied(permit),
            Self::Parameter(_) | Self::NoKey => None,
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Parameter(undecodable) => parameter(&undecodable),
            Self::Rule(principal, error) => refused(&principal, error),
            Self::NoKey => no_permission("You are not authorized to do this action."),
        }
    }
}

/// What a rule's refusal is called here.
fn refused(principal: &Principal, error: Error) -> Fault {
    match error {
        Error::Missing(entity, name) => missing(entity, &name),
        Error::UntrustedElsewhere(name, _) => missing(Entity::Role, &name),
        Error::Wrong(wrong) => invalid(match wrong {
            Wrong::RoleArn => "RoleArn",
            Wrong::Duration | Wrong::Longest => "DurationSeconds",
            Wrong::Text(_) => "RoleSessionName",
        }),
        Error::Malformed(Malformed::TooLong { most }) => {
            let message = format!("The session policy has more than {most} characters.");
            Fault::new(400, "InvalidParameter.PolicySize", message)
        }
        Error::Malformed(Malformed::Grammar { reason }) => {
            let message = format!("The session policy is not well formed: {reason}");
            Fault::new(400, "InvalidParameter.PolicyGrammar", message)
        }
        Error::RootAssumes => no_permission("Roles may not be assumed by root accounts."),
        Error::Untrusted(refusal) => Fault {
            access_denied: Some(gate::refused(principal, ASSUME, Some(&refusal))),
            ..no_permission("You are not authorized to do this action. The role does not trust you.")
        },
        Error::Store(error) if error.is_overload() => gate::busy(),
        // No other rule than that of assuming a role answers here, and it makes and deletes nothing.
        Error::Store(_) | Error::Keys(_) | Error::Exists(..) | Error::Conflict(..) | Error::TooMany(_) => {
            Fault::internal()
        }
    }
}

fn missing(entity: Entity, name: &str) -> Fault {
    let kind = match entity {
        Entity::Role | Entity::RolePolicy => "Role",
        Entity::User | Entity::UserPolicy => "User",
        Entity::AccessKey => "User.AccessKey",
        Entity::Policy => "Policy",
        Entity::Principal => "Principal",
    };
    Fault::new(404, format!("EntityNotExist.{kind}"), format!("The specified {kind} {name} does not exist."))
}

fn invalid(name: &str) -> Fault {
    parameter(&Undecodable::Invalid(name.to_owned()))
}

/// The door's words for what the gate refuses.
pub(crate) const WORDS: Words = Words { undecodable: parameter, denied, directories: None };

fn parameter(undecodable: &Undecodable) -> Fault {
    match undecodable {
        Undecodable::Missing(name) => Fault::new(
            400,
            format!("MissingParameter.{name}"),
            format!("The parameter {name} is mandatory for this action."),
        ),
        Undecodable::Invalid(name) => {
            Fault::new(400, format!("InvalidParameter.{name}"), format!("The parameter {name} is not valid."))
        }
        Undecodable::Unsupported(name) => Fault::new(
            400,
            format!("UnsupportedParameter.{name}"),
            format!("Parameter {name} is not supported, and ignoring it would change the answer."),
        ),
    }
}

fn denied(denied: &Denied) -> Fault {
    let message = "You are not authorized to do this action.";
    Fault { access_denied: Some(gate::access_denied(denied)), ..no_permission(message) }
}

fn no_permission(message: &'static str) -> Fault {
    Fault::new(403, "NoPermission", message)
}
