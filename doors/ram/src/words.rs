//! What this door says when a call fails.
//!
//! Source: `reference/ram.md` 8.

use directory::ram::{Conflict, Entity, Error, Limit, Malformed, Wrong};
use gate::{Denied, Refusal, Words};
use model::text::NotText;
use wire::{Fault, Undecodable};

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is missing or wrong.
    Parameter(Undecodable),
    /// A text is too long, or holds what it may not.
    Text(&'static str, NotText),
    /// A text has not its form.
    Format(&'static str),
    /// The document that this parameter holds is no policy.
    Document(&'static str, Malformed),
    /// A rule refused, or could not.
    Rule(Error),
}

impl Refused {
    /// A parameter that does not say anything valid.
    pub(crate) fn invalid(parameter: &str) -> Self {
        Self::Parameter(Undecodable::Invalid(parameter.to_owned()))
    }

    /// What a rule says of a document, with the parameter that holds it.
    pub(crate) fn of_document(parameter: &'static str) -> impl FnOnce(Error) -> Self {
        move |error| match error {
            Error::Malformed(malformed) => Self::Document(parameter, malformed),
            error @ (Error::Missing(..)
            | Error::Exists(..)
            | Error::Conflict(..)
            | Error::TooMany(_)
            | Error::Wrong(_)
            | Error::RootAssumes
            | Error::Untrusted(_)
            | Error::UntrustedElsewhere(..)
            | Error::Keys(_)
            | Error::Store(_)) => Self::Rule(error),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Rule(error) if error.is_transient())
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Rule(Error::Store(error)) => Some(error.to_string()),
            Self::Rule(Error::Keys(error)) => Some(error.to_string()),
            Self::Rule(_) | Self::Parameter(_) | Self::Text(..) | Self::Format(_) | Self::Document(..) => {
                None
            }
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Parameter(undecodable) => parameter(&undecodable),
            Self::Text(name, NotText::Length) => too_long(name),
            Self::Text(name, NotText::Character) => Fault::new(
                400,
                format!("InvalidParameter.{name}.InvalidChars"),
                format!("The parameter {name} holds a character that is not allowed."),
            ),
            Self::Format(name) => Fault::new(
                400,
                format!("InvalidParameter.{name}.Format"),
                format!("The parameter {name} does not have its form."),
            ),
            Self::Document(name, Malformed::TooLong { .. }) => too_long(name),
            Self::Document(_, Malformed::Grammar { reason }) => malformed(reason),
            Self::Rule(error) => refused(error),
        }
    }
}

/// What a rule's refusal is called here.
fn refused(error: Error) -> Fault {
    match error {
        Error::Missing(entity, name) => Fault::new(
            404,
            format!("EntityNotExist.{}", entity_name(entity)),
            format!("There is no {} {name}.", entity_words(entity)),
        ),
        Error::Exists(entity, name) => Fault::new(
            409,
            format!("EntityAlreadyExists.{}", entity_name(entity)),
            format!("There is a {} {name} already.", entity_words(entity)),
        ),
        Error::Conflict(conflict, name) => {
            let (code, why) = hangs(conflict);
            Fault::new(409, format!("DeleteConflict.{code}"), format!("{name} {why}."))
        }
        Error::TooMany(limit) => {
            let (code, things) = bound(limit);
            let message = format!("There are as many {things} as there may be.");
            Fault::new(409, format!("LimitExceeded.{code}"), message)
        }
        Error::Malformed(Malformed::TooLong { .. }) => too_long("PolicyDocument"),
        Error::Malformed(Malformed::Grammar { reason }) => malformed(reason),
        Error::Wrong(Wrong::RoleArn) => invalid("RoleArn"),
        Error::Wrong(Wrong::Duration) => invalid("DurationSeconds"),
        Error::Wrong(Wrong::Longest) => invalid("MaxSessionDuration"),
        Error::Wrong(Wrong::Text(_)) => Fault::new(400, "InvalidParameter", "A parameter is not valid."),
        Error::RootAssumes | Error::Untrusted(_) | Error::UntrustedElsewhere(..) => no_permission(),
        Error::Store(error) if error.is_overload() => gate::busy(),
        Error::Store(_) | Error::Keys(_) => Fault::internal(),
    }
}

/// What codes call what there is one of.
fn entity_name(entity: Entity) -> &'static str {
    match entity {
        Entity::User => "User",
        Entity::Role => "Role",
        Entity::Policy => "Policy",
        Entity::AccessKey => "User.AccessKey",
        Entity::UserPolicy => "User.Policy",
        Entity::RolePolicy => "Role.Policy",
        Entity::Principal => "Principal",
    }
}

fn entity_words(entity: Entity) -> &'static str {
    match entity {
        Entity::User => "user",
        Entity::Role => "role",
        Entity::Policy => "policy",
        Entity::AccessKey => "AccessKey of this user",
        Entity::UserPolicy => "policy of this user",
        Entity::RolePolicy => "policy of this role",
        Entity::Principal => "principal",
    }
}

/// The code of what keeps something from being deleted, and the words for it.
fn hangs(conflict: Conflict) -> (&'static str, &'static str) {
    match conflict {
        Conflict::UserHasKeys => ("User.AccessKey", "has AccessKeys"),
        Conflict::UserHasPolicies => ("User.Policy", "has policies"),
        Conflict::RoleHasPolicies => ("Role.Policy", "has policies"),
        Conflict::PolicyOfUsers => ("Policy.User", "is attached to users"),
        Conflict::PolicyOfRoles => ("Policy.Role", "is attached to roles"),
    }
}

/// The code of a bound, and the words for what it bounds.
fn bound(limit: Limit) -> (&'static str, &'static str) {
    match limit {
        Limit::Users => ("User", "users"),
        Limit::Roles => ("Role", "roles"),
        Limit::Policies => ("Policy", "policies"),
        Limit::Keys => ("User.AccessKey", "AccessKeys"),
        Limit::UserPolicies => ("User.Policy", "policies of this user"),
        Limit::RolePolicies => ("Role.Policy", "policies of this role"),
    }
}

fn too_long(name: &str) -> Fault {
    Fault::new(
        400,
        format!("InvalidParameter.{name}.Length"),
        format!("The parameter {name} is too long, or empty."),
    )
}

fn malformed(reason: String) -> Fault {
    Fault::new(400, "MalformedPolicyDocument", reason)
}

fn invalid(name: &str) -> Fault {
    parameter(&Undecodable::Invalid(name.to_owned()))
}

/// A parameter's text; an empty one is absent.
pub(crate) fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
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
    Fault { access_denied: Some(gate::access_denied(denied)), ..no_permission() }
}

fn no_permission() -> Fault {
    Fault::new(403, "NoPermission", "You are not authorized to do this action.")
}
