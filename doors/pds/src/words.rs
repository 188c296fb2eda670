//! What this door says when a call fails.
//!
//! Source: `reference/pds.md` §3; `reference/doors.md` §4.6.

use directory::{Argument, Error, Limit, Unique};
use gate::{Denied, Domains, OperationsWords, Principal, Refusal};
use wire::Fault;
use wire::pds::{Unfit, subject};

use crate::ids;

/// What the gate says in this door's name.
pub(crate) const WORDS: OperationsWords = OperationsWords {
    unfit: parameter,
    denied,
    domains: Domains {
        is_meant: ids::is_domain,
        read: ids::domain,
        missing: |text| not_found("Domain", text),
    },
};

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is missing or wrong.
    Parameter(Unfit),
    /// Something that no rule knows is not there: what it is, and the caller's text.
    Unknown(&'static str, String),
    /// The caller may not do it to this kind of thing.
    Forbidden(&'static str),
    /// What only the door knows: the fault itself.
    Fault(Box<Fault>),
    /// A rule refused, or could not.
    Rule(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl From<Unfit> for Refused {
    fn from(unfit: Unfit) -> Self {
        Self::Parameter(unfit)
    }
}

impl Refused {
    /// A parameter that does not say anything valid.
    pub(crate) fn invalid(parameter: &str) -> Self {
        Self::Parameter(Unfit::Invalid(parameter.to_owned()))
    }

    /// A parameter that has to be there.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::Parameter(Unfit::Missing(parameter.to_owned()))
    }
}

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Rule(error) if error.is_transient())
    }

    fn cause(&self) -> Option<String> {
        match self {
            Self::Rule(Error::Store(error)) => Some(error.to_string()),
            Self::Rule(_) | Self::Unknown(..) | Self::Forbidden(_) | Self::Fault(_) | Self::Parameter(_) => {
                None
            }
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Parameter(unfit) => parameter(&unfit),
            Self::Unknown(thing, text) => not_found(thing, &text),
            Self::Forbidden(thing) => forbidden(thing),
            Self::Fault(fault) => *fault,
            Self::Rule(error) => refused(error),
        }
    }
}

/// What a rule's refusal is called here.
fn refused(error: Error) -> Fault {
    match error {
        Error::Forbidden(Argument::Link, _) => not_authorized(),
        Error::Forbidden(argument, _) => forbidden(thing(argument)),
        Error::Taken(unique, text) => exists(unique, &text),
        Error::Missing(argument, text) => not_found(thing(argument), &text),
        Error::Unfit(argument, _) => parameter(&Unfit::Invalid(name_of(argument).to_owned())),
        Error::LastSuperadmin(_) => forbidden("User"),
        Error::OwnsDrive(text) => conflict("User", &format!("{text} owns a drive.")),
        Error::Disabled(text) | Error::ActivatedByUser(text) | Error::Unreachable(text) => {
            conflict("User", &text)
        }
        Error::Shut(_) => shut(),
        Error::NotEmptyDrive(text) => conflict("Drive", &text),
        Error::DirectoryInUse | Error::DefaultDirectory => conflict("Domain", "it is in use"),
        Error::Gone => not_found("Domain", "it was deleted meanwhile"),
        Error::PrimaryUnit(text) | Error::NotEmpty(text) | Error::Cycle(text) => conflict("Group", &text),
        Error::RootUnit => not_found("Group", "it is no group"),
        Error::TooDeep(argument, _) => Fault::new(
            400,
            format!("InvalidParameterOutOfRange.{}", subject(name_of(argument))),
            format!("The input parameter {} doesn't match the limitation.", name_of(argument)),
        ),
        Error::TooMany(Limit::Users) => exhausted("User"),
        Error::TooMany(Limit::Directories) => exhausted("Domain"),
        Error::TooMany(Limit::Properties | Limit::PropertyValues)
        | Error::NoItems(_)
        | Error::Required(_) => conflict("User", "a property is in the way"),
        Error::WeakPassword | Error::Reused => parameter(&Unfit::Invalid("plain_password".to_owned())),
        Error::Code => parameter(&Unfit::Invalid("code".to_owned())),
        Error::Busy(_) => gate::busy(),
        Error::Store(error) if error.is_overload() => gate::busy(),
        Error::Store(_) => Fault::internal(),
    }
}

/// What this door calls the kind of thing that an argument names.
fn thing(argument: Argument) -> &'static str {
    match argument {
        Argument::User | Argument::UserNumber | Argument::ChosenId => "User",
        Argument::Unit | Argument::UnitName | Argument::Parent | Argument::NewParent | Argument::Group => {
            "Group"
        }
        Argument::Drive => "Drive",
        Argument::Membership => "Membership",
        Argument::Assignment => "Role",
        Argument::Link | Argument::Mapping => "Account",
        Argument::Directory => "Domain",
        Argument::Property | Argument::PropertyName | Argument::PropertyValue => "Property",
        Argument::ResourceGroup | Argument::TargetResourceGroup => "ResourceGroup",
        Argument::Code => "Code",
        Argument::Device => "Device",
    }
}

/// This door's parameter for what a rule was given.
fn name_of(argument: Argument) -> &'static str {
    match argument {
        Argument::User | Argument::UserNumber | Argument::ChosenId => "user_id",
        Argument::Unit | Argument::Group => "group_id",
        Argument::UnitName => "group_name",
        Argument::Parent | Argument::NewParent => "parent_group_id",
        Argument::Drive => "drive_id",
        Argument::Membership => "member_id",
        Argument::Assignment => "identity",
        Argument::Link | Argument::Mapping => "identity",
        Argument::Directory => "domain_id",
        Argument::Property | Argument::PropertyName | Argument::PropertyValue => "user_data",
        Argument::ResourceGroup | Argument::TargetResourceGroup => "group_id",
        Argument::Code => "code",
        Argument::Device => "device",
    }
}

fn exists(unique: Unique, text: &str) -> Fault {
    let thing = match unique {
        Unique::Username | Unique::ChosenId | Unique::UserExternalId | Unique::PropertyValue => "User",
        Unique::Link | Unique::Email | Unique::Phone => "Account",
        Unique::UnitName | Unique::UnitExternalId | Unique::GroupExternalId | Unique::GroupName => "Group",
        Unique::Membership => "Membership",
        Unique::DefaultDrive => "Drive",
        Unique::PropertyName => "Property",
        Unique::ResourceGroupName => "ResourceGroup",
        Unique::Device => "Device",
    };
    let resource = thing.to_ascii_lowercase();
    Fault::new(
        409,
        format!("AlreadyExist.{thing}"),
        format!("The resource {resource} has already exists. {text}"),
    )
}

/// Something is not there.
pub(crate) fn not_found(thing: &str, text: &str) -> Fault {
    let resource = thing.to_ascii_lowercase();
    Fault::new(404, format!("NotFound.{thing}"), format!("The resource {resource} cannot be found. {text}"))
}

/// The caller's role does not reach this kind of thing.
pub(crate) fn forbidden(thing: &str) -> Fault {
    let resource = thing.to_ascii_lowercase();
    Fault::new(
        403,
        format!("ForbiddenNoPermission.{thing}"),
        format!("No Permission to access resource {resource}."),
    )
}

/// The caller may not use the operation with this path: by the policy, or by role.
fn denied(denied: &Denied, path: &'static str) -> Fault {
    let family = path.trim_start_matches("/v2/").split('/').next().unwrap_or_default();
    match (&denied.principal, family) {
        (Principal::Person(_) | Principal::Service(_), "batch" | "user") => forbidden("User"),
        (Principal::Person(_) | Principal::Service(_), "group") => forbidden("Group"),
        (Principal::Person(_) | Principal::Service(_), "membership") => forbidden("Membership"),
        (Principal::Person(_) | Principal::Service(_), "role") => forbidden("Role"),
        (Principal::Person(_) | Principal::Service(_), "drive") => forbidden("Drive"),
        (Principal::Person(_) | Principal::Service(_), "domain") => forbidden("Domain"),
        (
            Principal::Person(_)
            | Principal::Service(_)
            | Principal::Root(_)
            | Principal::RamUser { .. }
            | Principal::RamRole { .. }
            | Principal::Operator(_)
            | Principal::System(_)
            | Principal::Nobody,
            _,
        ) => not_authorized(),
    }
}

/// The caller may not use the API, or not for accounts.
pub(crate) fn not_authorized() -> Fault {
    Fault::new(403, "Forbidden", "User not authorized to operate on the specified APIs.")
}

/// There is no token for a user whose account is shut. Clients look for the last word.
///
/// Source: `reference/pds.md` §3.4.
fn shut() -> Fault {
    let message = format!("{} UserNotEnabled", not_authorized().message);
    Fault::new(403, "Forbidden", message)
}

fn conflict(thing: &str, text: &str) -> Fault {
    Fault::new(409, format!("StateConflict.{thing}"), format!("User operation is not valid. {text}"))
}

fn exhausted(thing: &str) -> Fault {
    let message =
        format!("There are as many of the resource {} as there may be.", thing.to_ascii_lowercase());
    Fault::new(403, format!("QuotaExhausted.{thing}"), message)
}

/// What is wrong with a parameter.
pub(crate) fn parameter(unfit: &Unfit) -> Fault {
    let (kind, name, message) = match unfit {
        Unfit::NotJson => {
            let message = "The input parameter body is invalid Json format.";
            return Fault::new(400, "InvalidRequestJSONFormat", message);
        }
        Unfit::Twice => return Fault::new(400, "InvalidParameter", "An input parameter stands twice."),
        Unfit::Missing(name) => ("InvalidParameterMissing", name, "is missing."),
        Unfit::Empty(name) => ("InvalidParameterEmpty", name, "is empty."),
        Unfit::Invalid(name) => ("InvalidParameter", name, "is not valid."),
        Unfit::Unsupported(name) => ("InvalidParameterNotSupported", name, "is not supported."),
        Unfit::Unmatched(name) => ("InvalidParameterNotMatch", name, "doesn't match."),
    };
    Fault::new(400, format!("{kind}.{}", subject(name)), format!("The input parameter {name} {message}"))
}
