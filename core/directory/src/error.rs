//! What a rule refuses, in the directory's own words. Each door has its own for each of them.

use access::passwords::Busy;

/// Why a rule did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that must be unique belongs to another already; its text.
    #[error("{0:?} {1:?} is taken")]
    Taken(Unique, String),
    /// What an argument names is not there; its text.
    #[error("there is no {0:?} {1:?}")]
    Missing(Argument, String),
    /// The caller's role does not reach this thing, or not this part of it.
    #[error("the caller may not do this to the {0:?} {1:?}")]
    Forbidden(Argument, String),
    /// A text is not what it should be.
    #[error("{0:?} {1:?} is too short, too long or holds what it must not")]
    Unfit(Argument, String),
    /// The directory keeps at least one superadmin who can act.
    #[error("{0:?} is the last superadmin")]
    LastSuperadmin(String),
    /// The account was disabled, which only enabling it undoes.
    #[error("{0:?} is disabled")]
    Disabled(String),
    /// The user, and not the administrator, activates the account.
    #[error("{0:?} is activated by the user")]
    ActivatedByUser(String),
    /// There is no e-mail address or phone to reach the user by.
    #[error("{0:?} cannot be reached")]
    Unreachable(String),
    /// The user is in this unit first of all, and does not leave it without another one.
    #[error("{0:?} is the user's primary unit")]
    PrimaryUnit(String),
    /// The user or the unit owns a drive.
    #[error("{0:?} owns a drive")]
    OwnsDrive(String),
    /// The drive is not empty.
    #[error("the drive {0:?} is not empty")]
    NotEmptyDrive(String),
    /// The directory has people or drives.
    #[error("the directory has people or drives")]
    DirectoryInUse,
    /// The user's account is shut.
    #[error("{0:?} is shut")]
    Shut(String),
    /// The root unit stays where and what it is.
    #[error("the root unit is not moved or removed")]
    RootUnit,
    /// The unit has units below it or people in it.
    #[error("the unit {0:?} is not empty")]
    NotEmpty(String),
    /// A unit does not move below itself.
    #[error("the unit {0:?} lies below the one that moves")]
    Cycle(String),
    /// The tree would get too deep under this unit.
    #[error("the tree gets too deep under {0:?} {1:?}")]
    TooDeep(Argument, String),
    /// There are as many as there may be.
    #[error("there are too many {0:?}")]
    TooMany(Limit),
    /// The property's values are typed in and not chosen.
    #[error("the property {0:?} has no values to choose from")]
    NoItems(String),
    /// The password is not such as the directory's policy wants, or as people should have.
    #[error("the password is refused by the policy")]
    WeakPassword,
    /// The user has had the password before.
    #[error("the password was used before")]
    Reused,
    /// A one-time code is not the one that was due.
    #[error("the code is not right")]
    Code,
    /// The directory is not removed: it is its account's default one.
    #[error("the account's default directory is not removed")]
    DefaultDirectory,
    /// The property must have a value.
    #[error("the property {0:?} must have a value")]
    Required(String),
    /// Too many passwords wait to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The directory was removed since the call began.
    #[error("the directory was removed meanwhile")]
    Gone,
    /// The store failed, or asks to try again.
    #[error(transparent)]
    Store(store::Error),
}

/// What must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// A username, compared without case.
    Username,
    /// What the maker of a user chose to call the user by.
    ChosenId,
    /// An account that is used to sign in.
    Link,
    /// A user in a unit.
    Membership,
    /// A user's default drive.
    DefaultDrive,
    /// An e-mail address that opens an account.
    Email,
    /// A telephone number that opens an account.
    Phone,
    /// What another system calls a user.
    UserExternalId,
    /// What another system calls a unit.
    UnitExternalId,
    /// What another system calls a group.
    GroupExternalId,
    /// A unit's name among its siblings, compared without case.
    UnitName,
    /// A group's name, where the door keeps it unique, compared without case.
    GroupName,
    /// A property's name, compared without case.
    PropertyName,
    /// A value inside its property, or among all users.
    PropertyValue,
    /// A resource group's name in its account, compared without case.
    ResourceGroupName,
    /// A user's device for one-time codes.
    Device,
}

/// What a rule was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A user, by name or id.
    User,
    /// What a user shall be called by for good.
    ChosenId,
    /// A drive.
    Drive,
    /// A user's being in a unit.
    Membership,
    /// A user's administering a unit.
    Assignment,
    /// An account that is used to sign in.
    Link,
    /// A directory.
    Directory,
    /// A user, by number.
    UserNumber,
    /// A unit.
    Unit,
    /// A unit's name.
    UnitName,
    /// The unit under which another one shall lie.
    Parent,
    /// The unit under which another one shall lie from now on.
    NewParent,
    /// A group.
    Group,
    /// A property.
    Property,
    /// A property, by its name.
    PropertyName,
    /// What a source of sign-ins calls a user.
    Mapping,
    /// A value of a property.
    PropertyValue,
    /// A resource group.
    ResourceGroup,
    /// The resource group that takes what leaves another one.
    TargetResourceGroup,
    /// A one-time code.
    Code,
    /// A device for one-time codes.
    Device,
}

/// What there may be only so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Properties that a door shows.
    Properties,
    /// Values of a property.
    PropertyValues,
    /// Directories of an account, beside the default one.
    Directories,
    /// People of a directory.
    Users,
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Gone => Self::Gone,
            other => Self::Store(other),
        }
    }
}

impl Error {
    /// Whether making the same change again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}
