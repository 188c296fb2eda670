//! What the rules of RAM refuse.

use access::access_keys;
use access::ram::{Malformed, Refusal};
use access::{Denied, Permit};
use model::text::NotText;

/// Why a rule of RAM did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none of this name.
    #[error("there is no {0} {1:?}")]
    Missing(Entity, String),
    /// There is one of this name already.
    #[error("there is a {0} {1:?} already")]
    Exists(Entity, String),
    /// Something hangs on what is to be deleted.
    #[error("{1:?} is not deleted: {0}")]
    Conflict(Conflict, String),
    /// There are as many as there may be.
    #[error("there are as many {0} as there may be")]
    TooMany(Limit),
    /// A document is no policy.
    #[error("the document is no policy: {0}")]
    Malformed(Malformed),
    /// A value is not what it should be.
    #[error("{0}")]
    Wrong(Wrong),
    /// The account's root does not assume roles.
    #[error("the root of an account assumes no role")]
    RootAssumes,
    /// The role's trust policy does not trust the caller.
    #[error("the role does not trust the caller")]
    Untrusted(Refusal),
    /// Nor does a role of another account, or there is none: the caller does not learn which.
    #[error("there is no role {0:?}")]
    UntrustedElsewhere(String, Refusal),
    /// AccessKeys could not be read or written.
    #[error(transparent)]
    Keys(access_keys::Error),
    /// The store failed, or asks to try again.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What there is one of, by name or id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Entity {
    /// A RAM user.
    #[error("RAM user")]
    User,
    /// A role.
    #[error("role")]
    Role,
    /// A policy.
    #[error("policy")]
    Policy,
    /// An AccessKey of a user or the root.
    #[error("AccessKey")]
    AccessKey,
    /// A policy that a user has.
    #[error("policy of the user")]
    UserPolicy,
    /// A policy that a role has.
    #[error("policy of the role")]
    RolePolicy,
    /// A principal that a simulation is about.
    #[error("principal")]
    Principal,
}

/// What keeps something from being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The user has AccessKeys.
    #[error("the user has AccessKeys")]
    UserHasKeys,
    /// The user has policies.
    #[error("the user has policies")]
    UserHasPolicies,
    /// The role has policies.
    #[error("the role has policies")]
    RoleHasPolicies,
    /// Users have the policy.
    #[error("users have the policy")]
    PolicyOfUsers,
    /// Roles have the policy.
    #[error("roles have the policy")]
    PolicyOfRoles,
}

/// Of what there may be only so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// Users of an account.
    #[error("users")]
    Users,
    /// Roles of an account.
    #[error("roles")]
    Roles,
    /// Policies of an account.
    #[error("policies")]
    Policies,
    /// AccessKeys of a user, or of the root.
    #[error("AccessKeys")]
    Keys,
    /// Policies of a user.
    #[error("policies of one user")]
    UserPolicies,
    /// Policies of a role.
    #[error("policies of one role")]
    RolePolicies,
}

/// A value that is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The ARN of a role.
    #[error("the ARN is not that of a role")]
    RoleArn,
    /// How long a session is to last, for this role.
    #[error("a session of the role lasts 900 seconds or more, and no longer than the role says")]
    Duration,
    /// How long sessions of a role may last.
    #[error("sessions of a role may last 3600 to 43200 seconds at most")]
    Longest,
    /// A text, and what is wrong with it.
    #[error("a text is not what it should be: {0}")]
    Text(NotText),
}

impl Error {
    /// Whether making the same change again may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Keys(error) => error.is_transient(),
            Self::Missing(..)
            | Self::Exists(..)
            | Self::Conflict(..)
            | Self::TooMany(_)
            | Self::Malformed(_)
            | Self::Wrong(_)
            | Self::RootAssumes
            | Self::Untrusted(_)
            | Self::UntrustedElsewhere(..) => false,
        }
    }
}

impl Error {
    /// Where the caller may not do what was asked: that, as it is recorded.
    pub fn denied(&self, permit: &Permit) -> Option<Denied> {
        match self {
            Self::RootAssumes => permit.denied(None),
            Self::Untrusted(refusal) | Self::UntrustedElsewhere(_, refusal) => {
                permit.denied(Some(refusal.clone()))
            }
            Self::Missing(..)
            | Self::Exists(..)
            | Self::Conflict(..)
            | Self::TooMany(_)
            | Self::Malformed(_)
            | Self::Wrong(_)
            | Self::Keys(_)
            | Self::Store(_) => None,
        }
    }
}

impl From<access_keys::Error> for Error {
    fn from(error: access_keys::Error) -> Self {
        match error {
            access_keys::Error::Store(error) => Self::Store(error),
            access_keys::Error::Missing(id) => Self::Missing(Entity::AccessKey, id),
            error => Self::Keys(error),
        }
    }
}
