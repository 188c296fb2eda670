//! Policies, of the system and of the account, and who has them.

use std::collections::HashMap;

use access::ram::system::{self, System};
use access::ram::{Kind, Policy as Document};
use access::{Change, Permit, Reader};
use model::event::Event;
use model::ram::{CustomPolicy, Holder, PolicyKind, RamPolicyName, RamUser, Role};
use model::text::Prose;
use model::{AccountUid, Millis};
use store::ram::attachments::{self, Attachment};
use store::ram::{policies as rows, roles as role_rows, users as user_rows};

use super::{Conflict, Entity, Error, Limit, Page, one_more, roles, take, users};

/// Policies of one account's own. Source: `reference/protocol.md` §7.5, as of the bounds below.
const MOST: i64 = 1_500;
/// Policies of the system that one user or role has.
const MOST_SYSTEM: usize = 20;
/// Policies of the account that one user has, and one role.
const MOST_OF_USER: usize = 10;
const MOST_OF_ROLE: usize = 5;
/// When policies of the system were made, as far as lists say: 2026-01-01.
const SYSTEM_SINCE: Millis = Millis(1_767_225_600_000);

/// A policy of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub kind: PolicyKind,
    /// A free remark.
    pub description: String,
    /// The document.
    pub document: String,
    /// Which document it is, counted from 1.
    pub version: i64,
    /// How many users and roles have it.
    pub attachments: i64,
    /// When it was made.
    pub created: Millis,
    /// When its document last changed.
    pub updated: Millis,
}

/// A policy to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPolicy {
    /// Its name.
    pub name: RamPolicyName,
    /// A free remark.
    pub description: Prose<1024>,
    /// The document.
    pub document: String,
}

/// Who is to have a policy, or has it, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// A RAM user.
    User(&'a str),
    /// A role.
    Role(&'a str),
}

/// A policy that somebody has, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The policy; how many have it is not counted here and is 0.
    pub policy: Policy,
    /// Since when.
    pub at: Millis,
}

/// Who has a policy, and since when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entities {
    /// Users.
    pub users: Vec<(RamUser, Millis)>,
    /// Roles.
    pub roles: Vec<(Role, Millis)>,
}

/// Makes a policy of the account's own, which nobody has.
///
/// # Errors
/// `Malformed` where the document is no policy; `Exists`, also where the system has one of this name; `TooMany`.
pub async fn create(change: &mut Change, permit: &Permit, new: &NewPolicy) -> Result<Policy, Error> {
    Document::parse(&new.document, Kind::Identity).map_err(Error::Malformed)?;
    let account = take(change, permit).await?;
    let is_taken = system::find(new.name.as_str()).is_some()
        || rows::find(change.tx(), account, &new.name.key()).await?.is_some();
    if is_taken {
        return Err(Error::Exists(Entity::Policy, new.name.as_str().to_owned()));
    }
    if rows::count(change.tx(), account).await? >= MOST {
        return Err(Error::TooMany(Limit::Policies));
    }
    let policy = CustomPolicy {
        name: new.name.clone(),
        description: new.description.clone(),
        document: new.document.clone(),
        version: 1,
        created: permit.at(),
        updated: permit.at(),
    };
    rows::insert(change.tx(), account, &policy).await?;
    let name = policy.name.as_str();
    change.record(Event::ram("ram-policy.created", name, name, None, Some(&policy)));
    Ok(Policy::custom(policy, 0))
}

/// The policy of this kind and name.
///
/// # Errors
/// `Missing`.
pub async fn get(
    reader: &mut Reader,
    permit: &Permit,
    kind: PolicyKind,
    name: &str,
) -> Result<Policy, Error> {
    let (reader, account) = (reader.rows(), permit.account());
    let policy = find(reader, account, kind, name).await?;
    let attachments = attachments::count(reader, account, kind, &policy.key()).await?;
    Ok(Policy { attachments, ..policy })
}

/// Up to `limit` policies, those of the system first, each in the order of names, behind `after`, which is empty at
/// first; of one kind alone where one is given.
///
/// # Errors
/// Of the store.
pub async fn list(
    reader: &mut Reader,
    permit: &Permit,
    kind: Option<PolicyKind>,
    after: &str,
    limit: usize,
) -> Result<Page<Policy>, Error> {
    let (reader, account) = (reader.rows(), permit.account());
    let mut found = Vec::new();
    let after_custom = after.strip_prefix(CUSTOM);
    if kind != Some(PolicyKind::Custom) && after_custom.is_none() {
        let after = after.strip_prefix(SYSTEM).unwrap_or_default();
        let counts = attachments::counts(reader, account, PolicyKind::System).await?;
        let listed = system::all().iter().map(|system| Policy::system(system, 0));
        found.extend(listed.filter(|policy| policy.key().as_str() > after));
        found.sort_by_key(Policy::key);
        count(&mut found, counts);
    }
    if kind != Some(PolicyKind::System) && found.len() <= limit {
        let counts = attachments::counts(reader, account, PolicyKind::Custom).await?;
        let behind = after_custom.unwrap_or_default();
        let own = rows::page(reader, account, behind, one_more(limit - found.len())).await?;
        let mut own: Vec<_> = own.into_iter().map(|policy| Policy::custom(policy, 0)).collect();
        count(&mut own, counts);
        found.extend(own);
    }
    Ok(Page::of(found, limit, Policy::place))
}

/// What places in the list of policies begin with.
const SYSTEM: &str = "system/";
const CUSTOM: &str = "custom/";

fn count(policies: &mut [Policy], counts: Vec<(String, i64)>) {
    let counts: HashMap<String, i64> = counts.into_iter().collect();
    for policy in policies {
        policy.attachments = counts.get(&policy.key()).copied().unwrap_or_default();
    }
}

/// Gives a policy of the account another document.
///
/// # Errors
/// `Malformed`, `Missing`.
pub async fn update(
    change: &mut Change,
    permit: &Permit,
    name: &str,
    document: &str,
) -> Result<Policy, Error> {
    Document::parse(document, Kind::Identity).map_err(Error::Malformed)?;
    let account = take(change, permit).await?;
    let before = own(change.tx(), account, name).await?;
    let policy = CustomPolicy {
        document: document.to_owned(),
        version: before.version + 1,
        updated: permit.at(),
        ..before.clone()
    };
    rows::update(change.tx(), account, &policy).await?;
    let name = policy.name.as_str();
    change.record(Event::ram("ram-policy.changed", name, name, Some(&before), Some(&policy)));
    Ok(Policy::custom(policy, 0))
}

/// Deletes a policy of the account that nobody has.
///
/// # Errors
/// `Missing`, `Conflict`.
pub async fn delete(change: &mut Change, permit: &Permit, name: &str) -> Result<(), Error> {
    let account = take(change, permit).await?;
    let policy = own(change.tx(), account, name).await?;
    let key = policy.name.key();
    if let Some(holder) = attachments::any_holder(change.tx(), account, PolicyKind::Custom, &key).await? {
        let conflict = match holder {
            Holder::User(_) => Conflict::PolicyOfUsers,
            Holder::Role(_) => Conflict::PolicyOfRoles,
        };
        return Err(Error::Conflict(conflict, policy.name.as_str().to_owned()));
    }
    rows::delete(change.tx(), account, &key).await?;
    let name = policy.name.as_str();
    change.record(Event::ram("ram-policy.deleted", name, name, Some(&policy), None));
    Ok(())
}

/// Gives a user or a role a policy.
///
/// # Errors
/// `Missing` for either, `Exists` where it has it, `TooMany`.
pub async fn attach(
    change: &mut Change,
    permit: &Permit,
    of: Of<'_>,
    kind: PolicyKind,
    name: &str,
) -> Result<(), Error> {
    let account = take(change, permit).await?;
    let holder = of.found(change.tx(), account).await?;
    let policy = find(change.tx(), account, kind, name).await?;
    let attached = attachments::of(change.tx(), account, holder.holder).await?;
    let attachment = Attachment { kind, policy: policy.key(), attached: permit.at() };
    if attached.iter().any(|other| other.kind == kind && other.policy == attachment.policy) {
        return Err(Error::Exists(holder.entity, policy.name));
    }
    if attached.iter().filter(|other| other.kind == kind).count() >= holder.most(kind) {
        return Err(Error::TooMany(holder.limit));
    }
    attachments::insert(change.tx(), account, holder.holder, &attachment).await?;
    let facts = policy.facts();
    change.record(Event::plain("ram-policy.attached", &holder.id, &holder.name, None, Some(&facts)));
    Ok(())
}

/// Takes a policy from a user or a role.
///
/// # Errors
/// `Missing` for either, and where it does not have it.
pub async fn detach(
    change: &mut Change,
    permit: &Permit,
    of: Of<'_>,
    kind: PolicyKind,
    name: &str,
) -> Result<(), Error> {
    let account = take(change, permit).await?;
    let holder = of.found(change.tx(), account).await?;
    let policy = find(change.tx(), account, kind, name).await?;
    let attached = attachments::of(change.tx(), account, holder.holder).await?;
    let key = policy.key();
    if !attached.iter().any(|other| other.kind == kind && other.policy == key) {
        return Err(Error::Missing(holder.entity, policy.name));
    }
    attachments::delete(change.tx(), account, holder.holder, kind, &key).await?;
    let facts = policy.facts();
    change.record(Event::plain("ram-policy.detached", &holder.id, &holder.name, Some(&facts), None));
    Ok(())
}

/// The policies of a user or a role, those of the system first, each in the order of names.
///
/// # Errors
/// `Missing` where there is no such user or role.
pub async fn attached(reader: &mut Reader, permit: &Permit, of: Of<'_>) -> Result<Vec<Attached>, Error> {
    let (reader, account) = (reader.rows(), permit.account());
    let holder = of.found(reader, account).await?;
    let mut policies = Vec::new();
    for attachment in attachments::of(reader, account, holder.holder).await? {
        let policy = keyed(reader, account, attachment.kind, &attachment.policy).await?;
        policies.push(Attached { policy, at: attachment.attached });
    }
    Ok(policies)
}

/// Whose the policy of this name is, if there is one: no account makes one that the system has.
pub fn kind_of(name: &str) -> PolicyKind {
    if system::find(name).is_some() { PolicyKind::System } else { PolicyKind::Custom }
}

/// Who has a policy.
///
/// # Errors
/// `Missing` where there is no such policy.
pub async fn holders(
    reader: &mut Reader,
    permit: &Permit,
    kind: PolicyKind,
    name: &str,
) -> Result<Entities, Error> {
    let (reader, account) = (reader.rows(), permit.account());
    let key = find(reader, account, kind, name).await?.key();
    Ok(Entities {
        users: user_rows::with_policy(reader, account, kind, &key).await?,
        roles: role_rows::with_policy(reader, account, kind, &key).await?,
    })
}

/// A user or a role that was found by its name.
struct Found {
    holder: Holder,
    id: String,
    name: String,
    /// A policy of it.
    entity: Entity,
    limit: Limit,
}

impl Found {
    fn most(&self, kind: PolicyKind) -> usize {
        match (kind, self.holder) {
            (PolicyKind::System, _) => MOST_SYSTEM,
            (PolicyKind::Custom, Holder::User(_)) => MOST_OF_USER,
            (PolicyKind::Custom, Holder::Role(_)) => MOST_OF_ROLE,
        }
    }
}

impl Of<'_> {
    async fn found(self, reader: &mut store::Reader, account: AccountUid) -> Result<Found, Error> {
        Ok(match self {
            Self::User(name) => {
                let user = users::find(reader, account, name).await?;
                Found {
                    holder: Holder::User(user.number),
                    id: user.id,
                    name: user.name.as_str().to_owned(),
                    entity: Entity::UserPolicy,
                    limit: Limit::UserPolicies,
                }
            }
            Self::Role(name) => {
                let role = roles::find(reader, account, name).await?;
                Found {
                    holder: Holder::Role(role.number),
                    id: role.id,
                    name: role.name.as_str().to_owned(),
                    entity: Entity::RolePolicy,
                    limit: Limit::RolePolicies,
                }
            }
        })
    }
}

impl Policy {
    fn system(system: &System, attachments: i64) -> Self {
        Self {
            name: system.name.to_owned(),
            kind: PolicyKind::System,
            description: system.description.to_owned(),
            document: system.document.to_owned(),
            version: 1,
            attachments,
            created: SYSTEM_SINCE,
            updated: SYSTEM_SINCE,
        }
    }

    fn custom(policy: CustomPolicy, attachments: i64) -> Self {
        Self {
            name: policy.name.as_str().to_owned(),
            kind: PolicyKind::Custom,
            description: policy.description.as_str().to_owned(),
            document: policy.document,
            version: policy.version,
            attachments,
            created: policy.created,
            updated: policy.updated,
        }
    }

    /// Its name as it is compared.
    fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// Its place in the list of policies.
    fn place(&self) -> String {
        let kind = match self.kind {
            PolicyKind::System => SYSTEM,
            PolicyKind::Custom => CUSTOM,
        };
        format!("{kind}{}", self.key())
    }

    fn facts(&self) -> [(&'static str, String); 2] {
        [("policy", self.name.clone()), ("kind", self.kind.name().to_owned())]
    }
}

/// The policy of this kind and name, to the letter: policies name it so, and compare it with its case.
async fn find(
    reader: &mut store::Reader,
    account: AccountUid,
    kind: PolicyKind,
    name: &str,
) -> Result<Policy, Error> {
    let found = keyed(reader, account, kind, &name.to_ascii_lowercase()).await?;
    if found.name == name { Ok(found) } else { Err(missing(name)) }
}

/// The policy of this kind and folded name.
async fn keyed(
    reader: &mut store::Reader,
    account: AccountUid,
    kind: PolicyKind,
    key: &str,
) -> Result<Policy, Error> {
    let found = match kind {
        PolicyKind::Custom => rows::find(reader, account, key).await?.map(|policy| Policy::custom(policy, 0)),
        PolicyKind::System => system::find(key).map(|system| Policy::system(system, 0)),
    };
    found.ok_or_else(|| missing(key))
}

/// The account's own policy of this name, to the letter.
async fn own(reader: &mut store::Reader, account: AccountUid, name: &str) -> Result<CustomPolicy, Error> {
    let found = rows::find(reader, account, &name.to_ascii_lowercase()).await?;
    found.filter(|policy| policy.name.as_str() == name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::Missing(Entity::Policy, name.to_owned())
}
