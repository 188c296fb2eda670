//! What this door says when a call fails.
//!
//! Source: `reference/eiam.md` 14.1; `reference/doors.md` §4.6.

use directory::{Argument, Error, Limit, Unique};
use gate::{Denied, Directories, Refusal, Words};
use model::Handle;
use wire::{Fault, Undecodable};

use crate::ids;

/// Why a call failed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is missing or wrong.
    Parameter(Undecodable),
    /// Something that no rule knows is not there: what it is, and the caller's text.
    Unknown(&'static str, String),
    /// A rule refused, or could not.
    Rule(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Rule(error)
    }
}

impl From<Undecodable> for Refused {
    fn from(undecodable: Undecodable) -> Self {
        Self::Parameter(undecodable)
    }
}

impl Refused {
    /// A parameter that does not say anything valid.
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
            Self::Rule(Error::Store(error)) => Some(error.to_string()),
            Self::Rule(_) | Self::Unknown(..) | Self::Parameter(_) => None,
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Parameter(undecodable) => parameter(&undecodable),
            Self::Unknown(entity, text) => not_found(entity, &text),
            Self::Rule(error) => refused(error),
        }
    }
}

/// What a rule's refusal is called here.
fn refused(error: Error) -> Fault {
    match error {
        Error::Taken(unique, _) => duplicated(attribute(unique)),
        Error::Missing(argument, text) => not_found(entity(argument), &text),
        Error::Unfit(argument, _) => invalid(name_of(argument)),
        Error::LastSuperadmin(name) => {
            denied("LastSuperadmin", format!("The specified user {name} is the last superadmin."))
        }
        Error::Disabled(name) => denied("UserDisabled", format!("The specified user {name} is disabled.")),
        Error::ActivatedByUser(name) => {
            denied("OwnerType", format!("The specified user {name} is not activated by the administrator."))
        }
        Error::Unreachable(name) => denied(
            "UserUnreachable",
            format!("The specified user {name} has neither email nor phone number."),
        ),
        Error::PrimaryUnit(id) => denied(
            "PrimaryOrganizationalUnit",
            format!("The specified OrganizationalUnit {id} is the primary one of the user."),
        ),
        Error::RootUnit => denied(
            "RootOrganizationalUnit",
            "The root OrganizationalUnit cannot be moved or deleted.".to_owned(),
        ),
        Error::NotEmpty(_) => denied(
            "OrganizationalUnitNotEmpty",
            "The specified OrganizationalUnit contains users or child organizational units.".to_owned(),
        ),
        Error::DefaultDirectory => {
            denied("InstanceNotDeletable", "The default instance cannot be deleted.".to_owned())
        }
        Error::Forbidden(argument, _) => {
            denied("Forbidden", format!("The caller may not do this to the {}.", entity(argument)))
        }
        Error::OwnsDrive(name) => denied("UserOwnsDrive", format!("The specified {name} owns a drive.")),
        Error::NotEmptyDrive(id) => {
            denied("DriveNotEmpty", format!("The specified drive {id} is not empty."))
        }
        Error::DirectoryInUse => {
            denied("InstanceNotDeletable", "The instance has users or drives.".to_owned())
        }
        Error::Shut(name) => denied("UserShut", format!("The account of the specified user {name} is shut.")),
        Error::Gone => {
            let message = "The specified Instance resource was deleted meanwhile.";
            Fault::new(404, "ResourceNotFound.Instance", message)
        }
        Error::Cycle(_) | Error::TooDeep(..) => invalid("ParentId"),
        Error::TooMany(Limit::Properties) => exceeded("CustomField", "custom fields"),
        Error::TooMany(Limit::Directories) => exceeded("Instance", "instances"),
        Error::TooMany(Limit::Users) => exceeded("User", "users"),
        Error::TooMany(Limit::PropertyValues) | Error::NoItems(_) => invalid("FieldDataConfig"),
        Error::WeakPassword => invalid("Password"),
        // The same code, and words of its own. Source: `reference/eiam.md` 6.4.
        Error::Reused => {
            let fault = invalid("Password");
            let message = format!("{} It matches a recently used password.", fault.message);
            Fault { message: message.into(), ..fault }
        }
        Error::Code => invalid("Code"),
        Error::Required(_) => parameter(&Undecodable::Missing("CustomFields".to_owned())),
        Error::Busy(_) => gate::busy(),
        Error::Store(error) if error.is_overload() => gate::busy(),
        Error::Store(_) => Fault::internal(),
    }
}

/// What this door calls something that must be unique.
fn attribute(unique: Unique) -> &'static str {
    match unique {
        Unique::Username => "Username",
        Unique::ChosenId => "UserId",
        Unique::Link => "Account",
        Unique::Membership => "Membership",
        Unique::DefaultDrive => "Drive",
        Unique::Email => "Email",
        Unique::Phone => "PhoneNumber",
        Unique::UserExternalId => "UserExternalId",
        Unique::UnitExternalId => "OrganizationalUnitExternalId",
        Unique::GroupExternalId => "GroupExternalId",
        Unique::UnitName => "OrganizationalUnitName",
        Unique::GroupName => "GroupName",
        Unique::PropertyName => "FieldName",
        Unique::PropertyValue => "CustomFieldValue",
        Unique::ResourceGroupName => "ResourceGroupName",
        Unique::Device => "TotpAuthenticator",
    }
}

/// What this door calls the kind of thing that an argument names.
fn entity(argument: Argument) -> &'static str {
    match argument {
        Argument::User | Argument::UserNumber | Argument::ChosenId => "User",
        Argument::Drive => "Drive",
        Argument::Membership => "Membership",
        Argument::Assignment => "Assignment",
        Argument::Link => "Account",
        Argument::Directory => "Instance",
        Argument::Unit | Argument::UnitName | Argument::Parent | Argument::NewParent => "OrganizationalUnit",
        Argument::Group => "Group",
        Argument::Property | Argument::PropertyName => "CustomField",
        Argument::PropertyValue => "CustomFieldValue",
        Argument::Mapping => "UserAuthnSourceMapping",
        Argument::ResourceGroup | Argument::TargetResourceGroup => "ResourceGroup",
        Argument::Code => "AuthCode",
        Argument::Device => "TotpAuthenticator",
    }
}

/// This door's parameter for what a rule was given.
fn name_of(argument: Argument) -> &'static str {
    match argument {
        Argument::User | Argument::UserNumber | Argument::ChosenId => "UserId",
        Argument::Drive => "DriveId",
        Argument::Membership => "Membership",
        Argument::Assignment => "Assignment",
        Argument::Link => "Account",
        Argument::Directory => "InstanceId",
        Argument::Unit => "OrganizationalUnitId",
        Argument::UnitName => "OrganizationalUnitName",
        Argument::Parent | Argument::NewParent => "ParentId",
        Argument::Group => "GroupId",
        Argument::Property => "FieldId",
        Argument::PropertyName | Argument::PropertyValue => "CustomFields",
        Argument::Mapping => "UserExternalId",
        Argument::ResourceGroup | Argument::TargetResourceGroup => "ResourceGroupId",
        Argument::Code => "AuthCode",
        Argument::Device => "AuthenticatorId",
    }
}

fn duplicated(attribute: &str) -> Fault {
    Fault::new(
        403,
        format!("ResourceDuplicated.{attribute}"),
        format!("The specified resource: {attribute} already exist."),
    )
}

fn not_found(entity: &str, text: &str) -> Fault {
    Fault::new(
        404,
        format!("ResourceNotFound.{entity}"),
        format!("The specified {entity} resource: {text} not found."),
    )
}

fn denied(reason: &str, message: String) -> Fault {
    Fault::new(403, format!("OperationDenied.{reason}"), message)
}

fn exceeded(what: &str, things: &str) -> Fault {
    Fault::new(403, format!("LimitExceeded.{what}"), format!("There are as many {things} as there may be."))
}

fn invalid(name: &str) -> Fault {
    parameter(&Undecodable::Invalid(name.to_owned()))
}

/// A parameter's text; an empty one is absent.
pub(crate) fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The door's words for what the gate refuses.
pub(crate) const WORDS: Words = Words {
    undecodable: parameter,
    denied: not_permitted,
    directories: Some(Directories { read: instance, missing: no_instance }),
};

fn parameter(undecodable: &Undecodable) -> Fault {
    match undecodable {
        Undecodable::Missing(name) => Fault::new(
            400,
            format!("MissingParameter.{name}"),
            format!("The specified parameter:{name} is required!"),
        ),
        Undecodable::Invalid(name) => Fault::new(
            400,
            format!("InvalidParameter.{name}"),
            format!("The specified parameter:{name} is invalid."),
        ),
        Undecodable::Unsupported(name) => Fault::new(
            400,
            format!("UnsupportedParameter.{name}"),
            format!("Parameter {name} is not supported, and ignoring it would change the answer."),
        ),
    }
}

fn not_permitted(denied: &Denied) -> Fault {
    let message = "You are not authorized to perform this operation.";
    Fault { access_denied: Some(gate::access_denied(denied)), ..Fault::new(403, "NoPermission", message) }
}

fn instance(text: &str) -> Option<Handle> {
    ids::read(ids::INSTANCE, text)
}

fn no_instance(text: &str) -> Fault {
    not_found("Instance", text)
}
