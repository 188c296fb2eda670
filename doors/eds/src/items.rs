//! What this door says of one item of a batch.
//!
//! Source: `reference/eds-user.md` X.6; `reference/doors.md` §4.6.

use std::collections::HashSet;

use api::eds::{FailedUser, NotifyType};
use directory::{Argument, Error, Limit, Unique};
use model::Folded;

use crate::words::Refused;

/// Why one item failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Item {
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    /// A username that is malformed or nobody's.
    pub(crate) fn username(name: &str) -> Self {
        Self::new("InvalidUsername", format!("{name} is an invalid username."))
    }

    /// A member of an item that is not valid.
    pub(crate) fn invalid(member: &str) -> Self {
        Self::new(format!("Invalid{member}"), format!("The specified {member} is not valid."))
    }

    /// Neither an address nor a number.
    pub(crate) fn no_contact() -> Self {
        Self::new("MissingEmailOrPhone", "An email address or a phone number is required.")
    }

    /// Somebody whom no message would reach by the ways that were asked for, whatever other ways there are.
    pub(crate) fn unreached(name: &str, notify: NotifyType) -> Self {
        let ways = match notify {
            NotifyType::Mail => "1 (email)",
            NotifyType::TextMessage => "2 (text message)",
            NotifyType::Both => "3 (email and text message)",
        };
        Self {
            message: format!("Nothing reaches the user {name} by NotifyType {ways}."),
            ..Self::no_contact()
        }
    }

    /// A password that does not follow the rule; its text is nobody's to repeat.
    pub(crate) fn password() -> Self {
        let rule = "The password must have 10 to 256 characters of at least three classes.";
        Self::new("InvalidPassword", rule)
    }

    /// A password that follows the rule and not the policy that an administrator has set.
    pub(crate) fn weak_password() -> Self {
        Self::new("InvalidPassword", "The password does not meet the directory's password policy.")
    }

    /// A password that the user has had before.
    pub(crate) fn used_password() -> Self {
        Self::new("InvalidPassword", "The password was used before.")
    }

    /// A thing that is not there, by the parameter that names it.
    pub(crate) fn missing(parameter: &str, thing: &str, text: &str) -> Self {
        Self::new(format!("Invalid{parameter}.NotFound"), format!("The {thing} {text} does not exist."))
    }

    /// What a rule says of an item; a failure that is not the item's own fails the call.
    pub(crate) fn of(error: Error) -> Result<Self, Refused> {
        let denied = |code: &str, message: String| Self::new(format!("OperationDenied.{code}"), message);
        Ok(match error {
            Error::Taken(unique, text) => Self::taken(unique, &text),
            Error::Missing(Argument::User, name) => Self::username(&name),
            Error::Missing(Argument::Code, _) => {
                Self::new("InvalidAuthCode", "The specified AuthCode is not valid.")
            }
            Error::Missing(argument, text) => Self::missing(name_of(argument), thing(argument), &text),
            Error::Unfit(Argument::PropertyValue, _) => Self::invalid("PropertyValue"),
            Error::Unfit(argument, _) => Self::invalid(name_of(argument)),
            Error::LastSuperadmin(name) => {
                denied("LastSuperadmin", format!("The user {name} is the last superadmin."))
            }
            Error::Disabled(name) => {
                denied("UserDisabled", format!("The user {name} is disabled, which this API does not undo."))
            }
            Error::ActivatedByUser(name) => {
                denied("OwnerType", format!("The user {name} is not activated by the administrator."))
            }
            Error::Unreachable(_) => Self::no_contact(),
            Error::WeakPassword => Self::weak_password(),
            Error::Reused => Self::used_password(),
            Error::Code => Self::invalid("Code"),
            Error::PrimaryUnit(id) => {
                denied("PrimaryOrg", format!("The organization {id} is the user's primary one."))
            }
            Error::DefaultDirectory => {
                denied("DefaultDirectory", "The default directory cannot be removed.".to_owned())
            }
            Error::Forbidden(argument, text) => {
                denied("Forbidden", format!("The caller may not do this to the {} {text}.", thing(argument)))
            }
            // Clients look for these words.
            Error::OwnsDrive(name) => {
                Self::new("UserInUse", format!("Used in some region: {name} owns a drive."))
            }
            Error::NotEmptyDrive(id) => denied("DriveNotEmpty", format!("The drive {id} is not empty.")),
            Error::DirectoryInUse => {
                denied("DirectoryInUse", "The directory has users or drives.".to_owned())
            }
            Error::Shut(name) => denied("UserShut", format!("The account of the user {name} is shut.")),
            Error::Gone => denied("DirectoryRemoved", "The directory was removed meanwhile.".to_owned()),
            Error::RootUnit => {
                denied("RootOrg", "The root organization cannot be moved or removed.".to_owned())
            }
            Error::NotEmpty(id) => {
                Self::new("OrgNotEmpty", format!("The organization {id} has users or organizations in it."))
            }
            Error::Cycle(id) => Self::new(
                "InvalidNewParentOrgId",
                format!("The organization {id} is the one that moves, or lies below it."),
            ),
            Error::TooDeep(argument, id) => Self::new(
                format!("Invalid{}", name_of(argument)),
                format!("Below the organization {id} the tree would get too deep."),
            ),
            Error::TooMany(Limit::Properties) => {
                Self::new("QuotaExceeded.Property", "There are as many properties as there may be.")
            }
            Error::TooMany(Limit::PropertyValues) => {
                Self::new("QuotaExceeded.PropertyValue", "A property may not have so many values.")
            }
            Error::TooMany(Limit::Directories) => {
                Self::new("QuotaExceeded.Directory", "There are as many directories as there may be.")
            }
            Error::TooMany(Limit::Users) => {
                Self::new("QuotaExceeded.User", "There are as many users as there may be.")
            }
            Error::NoItems(key) => Self::new(
                "InvalidPropertyValues",
                format!("The values of the property {key} are typed in and not chosen."),
            ),
            Error::Required(key) => {
                denied("RequiredProperty", format!("The property {key} must have a value."))
            }
            Error::Busy(_) | Error::Store(_) => return Err(error.into()),
        })
    }

    fn taken(unique: Unique, text: &str) -> Self {
        match unique {
            Unique::Username => {
                Self::new("ExistedEndUserId", format!("The username {text} is used by another user."))
            }
            Unique::ChosenId => Self::existed("UserId", text),
            Unique::Link => Self::existed("Account", text),
            Unique::Membership => Self::existed("Membership", text),
            Unique::DefaultDrive => Self::existed("Drive", text),
            Unique::Email => Self::existed("Email", text),
            Unique::Phone => Self::existed("Phone", text),
            Unique::UserExternalId | Unique::UnitExternalId | Unique::GroupExternalId => {
                Self::existed("ExternalId", text)
            }
            Unique::UnitName => Self::existed("OrgName", text),
            Unique::GroupName => Self::existed("GroupName", text),
            Unique::PropertyName => Self::existed("PropertyKey", text),
            Unique::PropertyValue => {
                Self::new("ExistedPropertyValue", "The property value is used by another property.")
            }
            Unique::ResourceGroupName => Self::existed("ResourceGroupName", text),
            Unique::Device => Self::existed("MfaDevice", text),
        }
    }

    fn existed(parameter: &str, text: &str) -> Self {
        Self::new(format!("Existed{parameter}"), format!("The specified {parameter} {text} is used already."))
    }
}

/// This door's parameter for what a rule was given.
pub(crate) fn name_of(argument: Argument) -> &'static str {
    match argument {
        Argument::User => "EndUserId",
        Argument::UserNumber => "UserId",
        Argument::Unit => "OrgId",
        Argument::UnitName => "OrgName",
        Argument::Parent => "ParentOrgId",
        Argument::NewParent => "NewParentOrgId",
        Argument::Group => "GroupId",
        Argument::Property => "PropertyId",
        Argument::PropertyName => "PropertyKey",
        Argument::Mapping => "Mapping",
        Argument::PropertyValue => "PropertyValueId",
        Argument::ResourceGroup => "ResourceGroupId",
        Argument::TargetResourceGroup => "TargetResourceGroupId",
        Argument::Code => "AuthCode",
        Argument::Device => "SerialNumber",
        Argument::ChosenId => "UserId",
        Argument::Drive => "DriveId",
        Argument::Membership => "Membership",
        Argument::Assignment => "Assignment",
        Argument::Link => "Account",
        Argument::Directory => "Directory",
    }
}

/// What it is that such an argument names.
fn thing(argument: Argument) -> &'static str {
    match argument {
        Argument::User | Argument::UserNumber | Argument::ChosenId => "user",
        Argument::Unit | Argument::UnitName | Argument::Parent | Argument::NewParent => "organization",
        Argument::Group => "group",
        Argument::Property | Argument::PropertyName => "property",
        Argument::Mapping => "mapping",
        Argument::PropertyValue => "property value",
        Argument::ResourceGroup | Argument::TargetResourceGroup => "resource group",
        Argument::Code => "code",
        Argument::Device => "device",
        Argument::Drive => "drive",
        Argument::Membership => "membership",
        Argument::Assignment => "assignment",
        Argument::Link => "account",
        Argument::Directory => "directory",
    }
}

/// What a batch says of each of its names: those for whom it worked, and the others.
pub(crate) fn sorted<T>(
    names: Vec<String>,
    results: Vec<Result<T, Error>>,
) -> Result<(Vec<String>, Vec<FailedUser>), Refused> {
    sorted_by(names, results, Item::of)
}

/// The same, with words of the action's own for what a rule says.
pub(crate) fn sorted_by<T>(
    names: Vec<String>,
    results: Vec<Result<T, Error>>,
    item: impl Fn(Error) -> Result<Item, Refused>,
) -> Result<(Vec<String>, Vec<FailedUser>), Refused> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (name, result) in names.into_iter().zip(results) {
        match result {
            Ok(_) => done.push(name),
            Err(error) => {
                let Item { code, message } = item(error)?;
                failed.push(FailedUser { end_user_id: name, error_code: code, error_message: message });
            }
        }
    }
    Ok((done, failed))
}

/// The names of a batch, each once and as it was first spelled.
pub(crate) fn once(names: &[String]) -> Vec<String> {
    let mut met = HashSet::new();
    names.iter().filter(|name| met.insert(Folded::of(name))).cloned().collect()
}
