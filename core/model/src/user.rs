//! A user as it is, whichever door made it.
//!
//! Source: `reference/doors.md` §1.

use serde::Serialize;

use crate::group::GroupOf;
use crate::id::Id;
use crate::property::ValueOf;
use crate::text::{ChosenId, Description, DisplayName, Email, ExternalId, Phone, Username};
use crate::time::Millis;
use crate::unit::UnitOf;

/// One person of a directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct User {
    /// The stored id.
    pub id: Id,
    /// What the user signs in with.
    pub username: Username,
    /// What people call the user.
    pub display_name: DisplayName,
    /// A free remark.
    pub description: Description,
    /// Contact data, not unique.
    pub email: Email,
    /// Whether the address is known to be the user's.
    pub email_verified: bool,
    /// Contact data, not unique.
    pub phone: Option<Phone>,
    /// Whether the number is known to be the user's.
    pub phone_verified: bool,
    /// What its maker chose to call the user by for good, where anything; unique in the directory.
    pub chosen_id: Option<ChosenId>,
    /// What another system calls the user, where that is not the own id; unique in the directory.
    pub external_id: Option<ExternalId>,
    /// Who activates the user.
    pub owner_type: OwnerType,
    /// What the user may do in the directory.
    pub role: Role,
    /// What an administrator chose.
    pub status: Status,
    /// What shuts the account beside the status.
    pub locks: Locks,
    /// Whether the account was shut when somebody last looked: what totals count.
    pub shut: bool,
    /// Whether the user is local administrator of their desktops.
    pub local_admin: bool,
    /// Whether the user belongs to the directory and not to its people: listed only if named, never counted.
    pub system: bool,
    /// What is known of the password, which lies elsewhere.
    pub password: PasswordFacts,
    /// When the user was last signed out everywhere: tokens and sessions that began before are over.
    pub signed_out: Option<Millis>,
    /// When the user was made.
    pub created: Millis,
    /// When one of the user's own fields last changed.
    pub updated: Millis,
}

/// Who activates a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum OwnerType {
    /// The person, from a link.
    Normal,
    /// The administrator, with a password.
    CreateFromManager,
}

/// What a user may do in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing beyond the own record.
    User,
    /// Manages users of role `user`.
    Admin,
    /// Manages everybody.
    Superadmin,
    /// As `User`.
    Subdomain,
    /// As `Admin`, over what has the same label; as `User` beside it.
    SubdomainAdmin,
    /// As `Superadmin`, over what has the same label; as `User` beside it.
    SubdomainSuperadmin,
}

impl Role {
    /// Whether the user manages all others.
    pub const fn manages(self) -> bool {
        matches!(self, Self::Admin | Self::Superadmin)
    }

    /// All roles.
    pub const ALL: [Self; 6] = [
        Self::User,
        Self::Admin,
        Self::Superadmin,
        Self::Subdomain,
        Self::SubdomainAdmin,
        Self::SubdomainSuperadmin,
    ];

    /// The role as programs of PDS know it.
    ///
    /// Source: `reference/pds.md` §5.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Superadmin => "superadmin",
            Self::Subdomain => "subdomain",
            Self::SubdomainAdmin => "subdomain_admin",
            Self::SubdomainSuperadmin => "subdomain_super_admin",
        }
    }

    /// The role that programs of PDS know so.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What an administrator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The account is in use.
    Enabled,
    /// The account is shut until somebody enables it.
    Disabled,
}

/// Three locks, any of which shuts an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Locks {
    /// An administrator's lock.
    pub locked: bool,
    /// When the account locks itself.
    pub locks_at: Option<LocksAt>,
    /// Until when failed sign-ins keep the password out.
    pub lock_until: Option<Millis>,
}

/// The time at which an account locks itself, and the text that was given for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocksAt {
    /// The instant.
    pub at: Millis,
    /// What eds-user shows again; empty where the time was not given as text.
    pub text: String,
}

/// What is known of a user's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PasswordFacts {
    /// When it was set; `None` without a password.
    pub set_at: Option<Millis>,
    /// Days after which it must be changed; `None` for never.
    pub expires_after_days: Option<u16>,
    /// Whether the next sign-in forces a change.
    pub must_change: bool,
}

impl User {
    /// What programs of PDS call the user: what was chosen, else the digits of the id.
    pub fn public_id(&self) -> String {
        self.chosen_id.as_ref().map_or_else(|| self.id.digits(), |chosen| chosen.as_str().to_owned())
    }

    /// Whether an administrator has shut the account, now or as of a time that has come.
    pub fn is_shut_for_good(&self, now: Millis) -> bool {
        let is_due = self.locks.locks_at.as_ref().is_some_and(|locks| locks.at <= now);
        self.status == Status::Disabled || self.locks.locked || is_due
    }

    /// Whether the account is shown as shut at `now`.
    pub fn is_shut_at(&self, now: Millis) -> bool {
        self.is_shut_for_good(now) || self.locks.lock_until.is_some_and(|until| until > now)
    }

    /// When something of this user's begins that begins now: after the user was last signed out, whatever the clocks of two
    /// nodes say.
    pub fn begins_at(&self, now: Millis) -> Millis {
        self.signed_out.map_or(now, |out| now.max(out.plus(1)))
    }

    /// Whether the user is a superadmin who can act, today and later.
    pub fn is_acting_superadmin(&self) -> bool {
        let is_open = self.status == Status::Enabled && !self.locks.locked && self.locks.locks_at.is_none();
        self.role == Role::Superadmin && is_open
    }
}

/// A user with what lists show beside it: the units, primary first, and the groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The user.
    pub user: User,
    /// The units, primary first, then by joining.
    pub units: Vec<UnitOf>,
    /// The groups, by number.
    pub groups: Vec<GroupOf>,
    /// The values of properties, where asked for, by property and value.
    pub values: Vec<ValueOf>,
    /// The picture, where it lies at an address and is shown in lists.
    pub avatar: Option<String>,
    /// When the user joined the group whose members are listed in the order of joining.
    pub joined: Option<Millis>,
}
