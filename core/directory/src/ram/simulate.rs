//! What would be decided, and by which statement.

use std::net::IpAddr;

use access::ram::{Ask, By, Grants, Keys, Kind, Policy, Verdict, decide};
use access::{Permit, Reader, Who, grants};
use model::AccountUid;
use model::ram::{self, RamUser, Role};

use super::{Entity, Error, roles, users};

/// What is to be decided, as if it were asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Who would ask: the ARN of the account's root, of a user, of a role, or of an assumed role.
    pub principal: &'a str,
    /// `ecd:DescribeUsers`.
    pub action: &'a str,
    /// ARNs; `*` where there is none.
    pub resources: &'a [String],
    /// From where.
    pub source: Option<IpAddr>,
    /// Whether by TLS.
    pub secure: bool,
    /// A session policy.
    pub session: Option<&'a str>,
    /// Other keys of conditions, with their values.
    pub more: &'a [(String, String)],
}

/// What would be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is the account's root, which no policy binds.
    Root,
    /// Policies decide.
    Decided(Verdict),
}

impl Answer {
    /// Whether it would be allowed.
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Root | Self::Decided(Verdict::Allowed(_)) => true,
            Self::Decided(Verdict::Denied(_)) => false,
        }
    }

    /// The statement that would decide.
    pub fn by(&self) -> Option<&By> {
        match self {
            Self::Root => None,
            Self::Decided(Verdict::Allowed(by)) => Some(by),
            Self::Decided(Verdict::Denied(refusal)) => refusal.by.as_ref(),
        }
    }
}

/// What the policies of a principal of the permit's account would say.
///
/// # Errors
/// `Missing` where there is no such principal in the account; `Malformed` where the session policy is none.
pub async fn simulate(
    reader: &mut Reader,
    permit: &Permit,
    question: &Question<'_>,
) -> Result<Answer, Error> {
    let session = question.session.map(|text| Policy::parse(text, Kind::Session)).transpose();
    let session = session.map_err(Error::Malformed)?;
    let account = permit.account();
    let who = find(reader.rows(), account, question.principal).await?;
    if who == Who::Root {
        return Ok(Answer::Root);
    }
    let grants = grants(reader.rows(), account, &who).await?;
    Ok(Answer::Decided(decided(&who, &grants, session.as_ref(), permit, question)))
}

fn decided(
    who: &Who,
    grants: &Grants,
    session: Option<&Policy>,
    permit: &Permit,
    question: &Question<'_>,
) -> Verdict {
    let keys = Keys {
        now: permit.at(),
        source: question.source,
        secure: question.secure,
        mfa: None,
        principal: who.principal(permit.account()).arn().unwrap_or_default(),
        more: question.more.to_vec(),
    };
    decide(grants, session, &Ask { action: question.action, resources: question.resources, keys: &keys })
}

/// Who is meant by an ARN.
async fn find(reader: &mut store::Reader, account: AccountUid, arn: &str) -> Result<Who, Error> {
    let missing = || Error::Missing(Entity::Principal, arn.to_owned());
    let (of, relative) = ram::read_arn(arn).ok_or_else(missing)?;
    if of != account {
        return Err(missing());
    }
    if relative == "root" {
        return Ok(Who::Root);
    }
    match relative.split_once('/') {
        Some(("user", name)) => users::find(reader, account, name).await.map(user),
        Some(("role", name)) => roles::find(reader, account, name).await.map(|found| role(found, "")),
        Some(("assumed-role", rest)) => {
            let (name, session) = rest.split_once('/').ok_or_else(missing)?;
            roles::find(reader, account, name).await.map(|found| role(found, session))
        }
        _ => Err(missing()),
    }
}

fn user(user: RamUser) -> Who {
    Who::User { number: user.number, id: user.id, name: user.name.as_str().to_owned() }
}

fn role(role: Role, session: &str) -> Who {
    let name = role.name.as_str().to_owned();
    Who::Role { number: role.number, id: role.id, name, session: session.to_owned() }
}
