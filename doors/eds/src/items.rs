//! What this door says of one item of a batch.
//!
//! Source: `reference/eds-user.md` X.6; `reference/doors.md` §4.6.

use directory::{Argument, Error, Unique};

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

    /// A password that does not follow the rule; its text is nobody's to repeat.
    pub(crate) fn password() -> Self {
        let rule = "The password must have 10 to 256 characters of at least three classes.";
        Self::new("InvalidPassword", rule)
    }

    /// What a rule says of an item; a failure that is not the item's own fails the call.
    pub(crate) fn of(error: Error) -> Result<Self, Refused> {
        Ok(match error {
            Error::Taken(Unique::Username, name) => {
                Self::new("ExistedEndUserId", format!("The username {name} is used by another user."))
            }
            Error::Missing(Argument::User, name) => Self::username(&name),
            Error::Missing(Argument::Unit, id) => {
                Self::new("InvalidOrgId.NotFound", format!("The organization {id} does not exist."))
            }
            Error::Missing(Argument::Group, id) => {
                Self::new("InvalidGroupId.NotFound", format!("The group {id} does not exist."))
            }
            Error::LastSuperadmin(name) => Self::new(
                "OperationDenied.LastSuperadmin",
                format!("The user {name} is the last superadmin."),
            ),
            Error::Busy(_) | Error::Store(_) => return Err(error.into()),
        })
    }
}
