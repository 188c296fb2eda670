//! Whom an AccessKey stands for, what may be asked about the call, and why a policy refuses it.

use std::sync::Arc;

use model::ram::{self, Holder};
use model::{AccountUid, Millis, Number, Resource, Right};

use crate::permit::{Circumstances, Principal};
use crate::ram::{Grants, Keys, Policy, Refusal};

/// Whom an AccessKey stands for in its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The account itself, which no policy binds.
    Root,
    /// A RAM user.
    User {
        /// What rows call it.
        number: Number,
        /// 18 digits.
        id: String,
        /// Its name.
        name: String,
    },
    /// A role, which somebody has assumed.
    Role {
        /// What rows call it.
        number: Number,
        /// 18 digits.
        id: String,
        /// Its name.
        name: String,
        /// What whoever assumed it calls the session.
        session: String,
    },
}

/// Whoever has signed a call, as of the moment that its generation stands for.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The AccessKeyId.
    pub access_key: String,
    /// The account.
    pub account: AccountUid,
    /// Who in it.
    pub who: Who,
    /// The policies that the user or the role has; none are asked of the root.
    pub grants: Arc<Grants>,
    /// What the session was narrowed down to, where it was.
    pub session: Option<Arc<Policy>>,
    /// When the session ends; `None` for keys that last.
    pub expires: Option<Millis>,
    /// The generation of the account's keys, users, roles and policies that all this was read under.
    pub generation: i64,
}

/// What a call asks the policies for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The right.
    pub right: Right,
    /// What it touches.
    pub resources: &'a [Resource],
    /// Where that lies, as ARNs name it: a region, or `*`.
    pub region: &'a str,
}

/// The policy or the role does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{principal} may not {action}")]
pub struct Denied {
    /// Who asked.
    pub principal: Principal,
    /// The RAM action that was asked for.
    pub action: &'static str,
    /// What policies said; `None` where none was asked: it is the role of a token, or another account's.
    pub refusal: Option<Box<Refusal>>,
}

impl Who {
    /// Who acts, as permits and the audit trail know it.
    pub fn principal(&self, account: AccountUid) -> Principal {
        match self {
            Self::Root => Principal::Root(account),
            Self::User { id, name, .. } => Principal::RamUser { account, id: id.clone(), name: name.clone() },
            Self::Role { id, name, session, .. } => {
                Principal::RamRole { account, id: id.clone(), name: name.clone(), session: session.clone() }
            }
        }
    }

    /// Who has policies; `None` for the root.
    pub fn holder(&self) -> Option<Holder> {
        match self {
            Self::Root => None,
            Self::User { number, .. } => Some(Holder::User(*number)),
            Self::Role { number, .. } => Some(Holder::Role(*number)),
        }
    }
}

impl Principal {
    /// As conditions and trust policies name it: a role by its own ARN, whoever has assumed it. `None` for whom RAM does
    /// not know.
    pub fn arn(&self) -> Option<String> {
        match self {
            Self::Root(account) => Some(ram::arn(*account, "root")),
            Self::RamUser { account, name, .. } => Some(ram::arn(*account, &format!("user/{name}"))),
            Self::RamRole { account, name, .. } => Some(ram::arn(*account, &format!("role/{name}"))),
            Self::Person(_) | Self::Service(_) | Self::Operator(_) | Self::System(_) | Self::Nobody => None,
        }
    }
}

impl Circumstances {
    /// What conditions may ask about a call that `principal` makes.
    pub fn keys(&self, principal: &Principal) -> Keys {
        Keys {
            now: self.at,
            source: self.source.parse().ok(),
            secure: self.is_secure,
            // Nobody signs in to have an AccessKey.
            mfa: None,
            principal: principal.arn().unwrap_or_default(),
            more: Vec::new(),
        }
    }
}

/// The ARNs of resources, as policies are asked for them when `caller` names them.
pub fn arns(resources: &[Resource], region: &str, caller: &Principal, account: AccountUid) -> Vec<String> {
    resources.iter().map(|resource| arn(resource, region, caller, account)).collect()
}

fn arn(resource: &Resource, region: &str, caller: &Principal, account: AccountUid) -> String {
    let own = |kind: &str, name: &str| format!("acs:ram:{region}:{}:{kind}/{name}", account.0);
    match (resource, caller) {
        (Resource::Any, _) => "*".to_owned(),
        (Resource::Of { product, relative }, _) => {
            format!("acs:{product}:{region}:{}:{relative}", account.0)
        }
        (Resource::Own, Principal::RamUser { name, .. }) => own("user", name),
        (Resource::Own, Principal::RamRole { name, .. }) => own("role", name),
        (
            Resource::Own,
            Principal::Root(_)
            | Principal::Person(_)
            | Principal::Service(_)
            | Principal::Operator(_)
            | Principal::System(_)
            | Principal::Nobody,
        ) => "*".to_owned(),
        (Resource::Arn(arn), _) => arn.clone(),
    }
}
