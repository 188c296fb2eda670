//! A permit: who acts, on what, with which right. Without one, no rule runs; only this crate makes one.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use model::account::Directory;
use model::text::Label;
use model::user::Role;
use model::{AccountUid, Audience, DirectoryKey, Id, Millis, Number, Right, ram};

use crate::basis::Basis;
use crate::caller::{Asked, Caller, Denied, Who, arns};
use crate::ram::{Ask, Layer, Refusal, Verdict, decide, decide_somewhere};

/// Proof that somebody may do something: the whole of what a rule knows of its caller.
#[derive(Debug, Clone)]
pub struct Permit {
    principal: Principal,
    scope: Scope,
    right: Option<Right>,
    standing: Standing,
    circumstances: Circumstances,
    creator: String,
    basis: Option<Arc<Basis>>,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The account's own key.
    Root(AccountUid),
    /// A RAM user.
    RamUser {
        /// The account.
        account: AccountUid,
        /// 18 digits.
        id: String,
        /// Its name.
        name: String,
    },
    /// A role that somebody has assumed.
    RamRole {
        /// The account.
        account: AccountUid,
        /// 18 digits.
        id: String,
        /// Its name.
        name: String,
        /// What whoever assumed it calls the session.
        session: String,
    },
    /// A person of a directory.
    Person(Person),
    /// An app, for a directory as a whole.
    Service(Service),
    /// Somebody at the command line; the command's name.
    Operator(&'static str),
    /// Scheduled work.
    System(Task),
    /// Nobody that is known.
    Nobody,
}

/// A person who has proved to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The directory's stored id.
    pub directory: Id,
    /// The user's stored id.
    pub user: Id,
}

/// An app that acts for a directory and for no person of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The directory's number, which programs know it by.
    pub directory: Number,
    /// The app's id.
    pub app: String,
}

impl Service {
    /// What programs of PDS call the app: as its directory.
    pub fn public_id(&self) -> String {
        self.directory.domain()
    }
}

/// Whom a token stands for, as of this call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// A person.
    Person {
        /// Who.
        person: Person,
        /// What programs of PDS call the person.
        public_id: String,
        /// As what.
        role: Role,
        /// The part of the directory that the person is said to be in; empty for none.
        label: Label,
    },
    /// An app for the whole directory.
    Service(Service),
}

/// What limits a caller beside the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing does: the policy has let an AccessKey in, or it is an app's own token, the command line, or scheduled work.
    Free,
    /// The role of a person who came with a token.
    Holder {
        /// What programs of PDS call the person.
        public_id: String,
        /// The role.
        role: Role,
        /// The part of the directory that the person is said to be in; empty for none.
        label: Label,
    },
    /// Only what is proved.
    Proof,
}

/// Work that the server does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The first start: an account, its directory, its first key.
    FirstStart,
    /// Forgetting replay keys whose time stamp nobody accepts any more.
    ForgetReplays,
    /// Noting accounts whose time has come, clearing away what was removed.
    Sweep,
    /// Sending what waits in the outbox, with the links and passwords that are made for it.
    SendMessages,
    /// Telling people that their passwords end.
    Remind,
    /// Cutting the audit trail off at its old end.
    KeepAudit,
}

/// What a permit reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// What belongs to an account and to no directory.
    Account(AccountUid),
    /// One directory.
    Directory(Directory),
}

/// When and how a call came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The one instant of the call.
    pub at: Millis,
    /// The door's name, `eds-user`.
    pub door: &'static str,
    /// The caller's address; empty where there is none.
    pub source: String,
    /// Whether it came by TLS, as this server or a proxy that is trusted says.
    pub is_secure: bool,
    /// The request id; empty where there is none.
    pub request: String,
    /// The AccessKeyId of who came with an AccessKey, as soon as it is proved; empty for others.
    pub access_key: String,
}

/// Bytes of what a request names of a resource. Nothing has a longer name, and nothing is made of one.
const LONGEST: usize = 1_024;

/// What a request names is too long to be anything.
fn unread() -> Refusal {
    Refusal { layer: Layer::Identity, by: None, resource: String::new() }
}

impl Permit {
    /// By a RAM decision. The account's root may do everything in its account.
    ///
    /// # Errors
    /// `Denied` where a policy refuses it or none allows it, where what a resource is called is longer than 1,024 bytes,
    /// or where the scope is another account's.
    pub fn by_policy(
        caller: &Caller,
        asked: &Asked<'_>,
        scope: Scope,
        circumstances: Circumstances,
    ) -> Result<Self, Denied> {
        let principal = caller.who.principal(caller.account);
        let action = asked.right.action();
        if scope.account() != caller.account {
            return Err(Denied { principal, action, refusal: None });
        }
        let mut resources = Vec::new();
        if caller.who != Who::Root && asked.right.is_asked() {
            if asked.resources.iter().any(|resource| resource.length() > LONGEST) {
                return Err(Denied { principal, action, refusal: Some(Box::new(unread())) });
            }
            resources = arns(asked.resources, asked.region, &principal, caller.account);
            let keys = circumstances.keys(&principal);
            let ask = Ask { action, resources: &resources, keys: &keys };
            if let Verdict::Denied(refusal) = decide(&caller.grants, caller.session.as_deref(), &ask) {
                return Err(Denied { principal, action, refusal: Some(Box::new(refusal)) });
            }
        }
        // What only reads commits nothing.
        let basis =
            asked.right.writes().then(|| Arc::new(Basis::new(caller.clone(), asked.right, resources)));
        let permit = Self::new(principal, scope, Some(asked.right), Standing::Free, circumstances);
        Ok(Self { basis, ..permit })
    }

    /// Whether the policies let a caller use a right on anything at all, where it cannot be read on what.
    ///
    /// # Errors
    /// `Denied` where they do not.
    pub fn somewhere(caller: &Caller, right: Right, circumstances: &Circumstances) -> Result<(), Denied> {
        if caller.who == Who::Root || !right.is_asked() {
            return Ok(());
        }
        let (principal, action) = (caller.who.principal(caller.account), right.action());
        let keys = circumstances.keys(&principal);
        match decide_somewhere(&caller.grants, caller.session.as_deref(), action, &keys) {
            Verdict::Allowed(_) => Ok(()),
            Verdict::Denied(refusal) => Err(Denied { principal, action, refusal: Some(Box::new(refusal)) }),
        }
    }

    /// By a token: what the role of the person whom it stands for may do. An app's own token may do what a superadmin
    /// may.
    ///
    /// # Errors
    /// `Denied` where the operation is not for that role, or in another directory than the token's.
    pub fn by_token(
        bearer: Bearer,
        right: Right,
        audience: Audience,
        directory: Directory,
        circumstances: Circumstances,
    ) -> Result<Self, Denied> {
        let (principal, standing, is_own) = match bearer {
            Bearer::Person { person, public_id, role, label } => {
                let is_own = person.directory == directory.id;
                (Principal::Person(person), Standing::Holder { public_id, role, label }, is_own)
            }
            Bearer::Service(service) => {
                let is_own = service.directory == directory.key.number;
                (Principal::Service(service), Standing::Free, is_own)
            }
        };
        let most = match &standing {
            Standing::Holder { role: Role::User | Role::Subdomain, .. } | Standing::Proof => Audience::Users,
            Standing::Holder {
                role: Role::Admin | Role::Superadmin | Role::SubdomainAdmin | Role::SubdomainSuperadmin,
                ..
            }
            | Standing::Free => Audience::Managers,
        };
        if !is_own || audience > most {
            return Err(Denied { principal, action: right.action(), refusal: None });
        }
        Ok(Self::new(principal, Scope::Directory(directory), Some(right), standing, circumstances))
    }

    /// By proof of a person (password, token, code): good for that person's own record, see [`Permit::covers`].
    ///
    /// # Errors
    /// `Denied` in another directory than the person's.
    pub fn by_proof(
        person: Person,
        right: Right,
        directory: Directory,
        circumstances: Circumstances,
    ) -> Result<Self, Denied> {
        let is_own = person.directory == directory.id;
        let principal = Principal::Person(person);
        if !is_own {
            return Err(Denied { principal, action: right.action(), refusal: None });
        }
        Ok(Self::new(principal, Scope::Directory(directory), None, Standing::Proof, circumstances))
    }

    /// For an app that has proved to be one: it may ask for tokens in this directory.
    ///
    /// # Panics
    /// Where the app is for another directory: a fault of the program.
    pub fn by_app(app: Service, directory: Directory, circumstances: Circumstances) -> Self {
        assert_eq!(app.directory, directory.key.number, "an app asks for one directory at a time");
        let (principal, scope) = (Principal::Service(app), Scope::Directory(directory));
        Self::new(principal, scope, None, Standing::Free, circumstances)
    }

    /// For the command line: whoever can read the keys may do everything.
    pub fn operator(command: &'static str, scope: Scope, at: Millis) -> Self {
        Self::inside(Principal::Operator(command), scope, at)
    }

    /// For scheduled work, named in the audit trail.
    pub fn system(task: Task, scope: Scope, at: Millis) -> Self {
        Self::inside(Principal::System(task), scope, at)
    }

    /// For actions open to anyone, which may only present proof.
    pub fn nobody(scope: Scope, circumstances: Circumstances) -> Self {
        Self::new(Principal::Nobody, scope, None, Standing::Proof, circumstances)
    }

    /// For who was refused, so that this can be recorded: it reaches nothing.
    pub fn refused(denied: &Denied, account: AccountUid, circumstances: Circumstances) -> Self {
        Self::new(denied.principal.clone(), Scope::Account(account), None, Standing::Proof, circumstances)
    }

    /// That whoever acts may not do it after all: what a rule denies where policies let the call in. `None` where no right
    /// was used.
    pub fn denied(&self, refusal: Option<Refusal>) -> Option<Denied> {
        let action = self.right?.action();
        Some(Denied { principal: self.principal.clone(), action, refusal: refusal.map(Box::new) })
    }

    /// The same permit in one directory of its account: one that it has just made.
    ///
    /// # Panics
    /// Where the directory is another account's: a fault of the program.
    #[must_use]
    pub fn within(&self, directory: Directory) -> Self {
        assert_eq!(directory.account, self.account(), "a permit reaches its own account only");
        Self { scope: Scope::Directory(directory), ..self.clone() }
    }

    /// The same caller as the audit trail of another account sees it, of which the call has used something. It reaches
    /// nothing there.
    #[must_use]
    pub fn seen_by(&self, account: AccountUid) -> Self {
        let (scope, standing) = (Scope::Account(account), Standing::Proof);
        Self { scope, standing, right: None, basis: None, ..self.clone() }
    }

    fn inside(principal: Principal, scope: Scope, at: Millis) -> Self {
        Self::new(principal, scope, None, Standing::Free, Circumstances::inside(at))
    }

    fn new(
        principal: Principal,
        scope: Scope,
        right: Option<Right>,
        standing: Standing,
        circumstances: Circumstances,
    ) -> Self {
        let creator = match (&standing, &principal) {
            (Standing::Holder { public_id, .. }, _) => public_id.clone(),
            (_, Principal::Service(service)) => service.public_id(),
            (_, Principal::System(_)) => "system".to_owned(),
            (
                _,
                Principal::Root(_)
                | Principal::RamUser { .. }
                | Principal::RamRole { .. }
                | Principal::Person(_)
                | Principal::Operator(_)
                | Principal::Nobody,
            ) => String::new(),
        };
        Self { principal, scope, right, standing, circumstances, creator, basis: None }
    }

    /// Who acts.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Who acts, as the audit trail of the permit's account names it: whom another account has, by the whole ARN.
    pub(crate) fn acts_as(&self) -> String {
        match &self.principal {
            Principal::RamUser { account, name, .. } if *account != self.account() => {
                ram::arn(*account, &format!("user/{name}"))
            }
            Principal::RamRole { account, name, session, .. } if *account != self.account() => {
                ram::arn(*account, &format!("role/{name}/{session}"))
            }
            principal => principal.to_string(),
        }
    }

    /// What the permit reaches.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What limits the caller beside the policy.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What is noted as the maker of what is made: the person or the app of a token as programs of PDS know them, `system`
    /// for what the server does by itself, else nobody.
    pub fn creator(&self) -> &str {
        &self.creator
    }

    /// The caller's own user, where the caller is one.
    pub fn own(&self) -> Option<Id> {
        match &self.principal {
            Principal::Person(person) => Some(person.user),
            Principal::Root(_)
            | Principal::RamUser { .. }
            | Principal::RamRole { .. }
            | Principal::Service(_)
            | Principal::Operator(_)
            | Principal::System(_)
            | Principal::Nobody => None,
        }
    }

    /// The right that was used; none where nothing was decided.
    pub fn right(&self) -> Option<Right> {
        self.right
    }

    /// What the permit was decided by: a change commits only while that still says the same. None where no policy was
    /// asked, and for what only reads.
    pub(crate) fn basis(&self) -> Option<&Basis> {
        self.basis.as_deref()
    }

    /// The one instant of the call.
    pub fn at(&self) -> Millis {
        self.circumstances.at
    }

    /// When and how the call came.
    pub fn circumstances(&self) -> &Circumstances {
        &self.circumstances
    }

    /// The account.
    pub fn account(&self) -> AccountUid {
        self.scope.account()
    }

    /// The directory's key.
    ///
    /// # Panics
    /// Where the permit is for an account: a rule of a directory was called without one, a fault of the program.
    pub fn directory(&self) -> DirectoryKey {
        self.home().key
    }

    /// The root unit of the directory.
    ///
    /// # Panics
    /// As [`Permit::directory`].
    pub fn root_unit(&self) -> Number {
        self.home().root
    }

    pub(crate) fn home(&self) -> &Directory {
        match &self.scope {
            Scope::Directory(directory) => directory,
            Scope::Account(_) => unreachable!("actions declare the directory that they mean"),
        }
    }

    /// Whether the permit reaches the record of the user with this id.
    pub fn covers(&self, user: Id) -> bool {
        let is_own = self.own() == Some(user);
        match &self.standing {
            Standing::Free => true,
            Standing::Holder { role, .. } => role.manages() || is_own,
            Standing::Proof => is_own,
        }
    }
}

impl Circumstances {
    /// Of what no call has asked for.
    pub fn inside(at: Millis) -> Self {
        let (source, request, access_key) = Default::default();
        Self { at, door: "", source, is_secure: false, request, access_key }
    }
}

impl Scope {
    /// The account that is reached.
    pub fn account(&self) -> AccountUid {
        match self {
            Self::Account(account) => *account,
            Self::Directory(directory) => directory.account,
        }
    }
}

impl fmt::Display for Principal {
    /// As the audit trail names it. Source: `reference/doors.md` §7.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(account) => write!(f, "acs:ram::{}:root", account.0),
            Self::RamUser { name, .. } => write!(f, "ram-user:{name}"),
            Self::RamRole { name, session, .. } => write!(f, "role:{name}/{session}"),
            Self::Person(person) => write!(f, "user:{}/{}", person.directory, person.user),
            Self::Service(service) => write!(f, "service:rs{}/{}", service.directory, service.app),
            Self::Operator(command) => write!(f, "system:command {command}"),
            Self::System(Task::FirstStart) => f.write_str("system:first-start"),
            Self::System(Task::ForgetReplays) => f.write_str("system:forget-replays"),
            Self::System(Task::Sweep) => f.write_str("system:sweep"),
            Self::System(Task::SendMessages) => f.write_str("system:send-messages"),
            Self::System(Task::Remind) => f.write_str("system:remind"),
            Self::System(Task::KeepAudit) => f.write_str("system:audit"),
            Self::Nobody => f.write_str("anonymous"),
        }
    }
}
