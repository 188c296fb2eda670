//! A permit: who acts, on what, with which right. Without one, no rule runs; only this crate makes one.

use std::fmt;

use model::account::Directory;
use model::text::Label;
use model::user::Role;
use model::{AccountUid, Audience, DirectoryKey, Id, Millis, Number, Resource, Right};

/// Proof that somebody may do something: the whole of what a rule knows of its caller.
#[derive(Debug, Clone)]
pub struct Permit {
    principal: Principal,
    scope: Scope,
    right: Option<Right>,
    standing: Standing,
    circumstances: Circumstances,
    creator: String,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The account's own key.
    Root(AccountUid),
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
    /// The request id; empty where there is none.
    pub request: String,
}

/// Whom an AccessKey stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The AccessKeyId.
    pub access_key: String,
    /// The account.
    pub account: AccountUid,
}

/// The policy or the role does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{principal} may not {action}")]
pub struct Denied {
    /// Who asked.
    pub principal: Principal,
    /// The RAM action that was asked for.
    pub action: &'static str,
}

impl Permit {
    /// By a RAM decision over `resources`. The account's root may do everything in its account.
    ///
    /// # Errors
    /// `Denied` where the scope is another account's.
    pub fn by_policy(
        caller: &Caller,
        right: Right,
        _resources: &[Resource],
        scope: Scope,
        circumstances: Circumstances,
    ) -> Result<Self, Denied> {
        let principal = Principal::Root(caller.account);
        if scope.account() != caller.account {
            return Err(Denied { principal, action: right.action() });
        }
        Ok(Self::new(principal, scope, Some(right), Standing::Free, circumstances))
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
            return Err(Denied { principal, action: right.action() });
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
            return Err(Denied { principal, action: right.action() });
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

    /// The same permit in one directory of its account: one that it has just made.
    ///
    /// # Panics
    /// Where the directory is another account's: a fault of the program.
    #[must_use]
    pub fn within(&self, directory: Directory) -> Self {
        assert_eq!(directory.account, self.account(), "a permit reaches its own account only");
        Self { scope: Scope::Directory(directory), ..self.clone() }
    }

    fn inside(principal: Principal, scope: Scope, at: Millis) -> Self {
        let circumstances = Circumstances { at, door: "", source: String::new(), request: String::new() };
        Self::new(principal, scope, None, Standing::Free, circumstances)
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
            (_, Principal::Root(_) | Principal::Person(_) | Principal::Operator(_) | Principal::Nobody) => {
                String::new()
            }
        };
        Self { principal, scope, right, standing, circumstances, creator }
    }

    /// Who acts.
    pub fn principal(&self) -> &Principal {
        &self.principal
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
            Self::Person(person) => write!(f, "user:{}/{}", person.directory, person.user),
            Self::Service(service) => write!(f, "service:rs{}/{}", service.directory, service.app),
            Self::Operator(command) => write!(f, "system:command {command}"),
            Self::System(Task::FirstStart) => f.write_str("system:first-start"),
            Self::System(Task::ForgetReplays) => f.write_str("system:forget-replays"),
            Self::System(Task::Sweep) => f.write_str("system:sweep"),
            Self::System(Task::SendMessages) => f.write_str("system:send-messages"),
            Self::System(Task::Remind) => f.write_str("system:remind"),
            Self::Nobody => f.write_str("anonymous"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(id: u128, account: i64) -> Directory {
        let id = Id::from_bits(id);
        let key = DirectoryKey { number: id.number(), slot: 0 };
        Directory { id, key, account: AccountUid(account), root: Number(1), is_default: true }
    }

    fn now() -> Circumstances {
        Circumstances { at: Millis(5), door: "eds-user", source: String::new(), request: String::new() }
    }

    const RIGHT: Right = Right::create("ecd:CreateUsers");

    #[test]
    fn root_may_do_everything_in_its_own_account_only() {
        let caller = Caller { access_key: "key".into(), account: AccountUid(1) };
        let permit = |account| {
            let scope = Scope::Directory(directory(9, account));
            Permit::by_policy(&caller, RIGHT, &[Resource::Any], scope, now())
        };

        assert_eq!(permit(1).expect("its own").principal().to_string(), "acs:ram::1:root");
        assert_eq!(permit(2).expect_err("another's").to_string(), "acs:ram::1:root may not ecd:CreateUsers");
    }

    #[test]
    fn roles_that_manage_reach_everybody_and_others_reach_themselves() {
        let (home, other) = (directory(9 << 100, 1), directory(8 << 100, 1));
        let person = Person { directory: home.id, user: Id::from_bits(7) };

        let by_token = |role, audience, at: &Directory| {
            let (public_id, label) = ("alice".to_owned(), Label::default());
            let bearer = Bearer::Person { person: person.clone(), public_id, role, label };
            Permit::by_token(bearer, RIGHT, audience, at.clone(), now())
        };
        let admin = by_token(Role::Admin, Audience::Managers, &home).expect("it manages");
        assert!(admin.covers(Id::from_bits(1)) && admin.creator() == "alice");
        assert!(by_token(Role::Admin, Audience::Owner, &home).is_err());
        assert!(by_token(Role::User, Audience::Managers, &home).is_err());
        assert!(by_token(Role::Superadmin, Audience::Users, &other).is_err());
        let user = by_token(Role::User, Audience::Users, &home).expect("a user of it");
        assert!(user.covers(Id::from_bits(7)) && !user.covers(Id::from_bits(1)));

        let by_proof = |at: &Directory| Permit::by_proof(person.clone(), RIGHT, at.clone(), now());
        let own = by_proof(&home).expect("its own directory");
        assert!(own.covers(Id::from_bits(7)) && !own.covers(Id::from_bits(1)));
        assert!(by_proof(&other).is_err());
    }

    #[test]
    fn an_app_stands_for_its_own_directory_as_a_superadmin() {
        let (home, other) = (directory(9 << 100, 1), directory(8 << 100, 1));
        let by_token = |audience, at: &Directory| {
            let service = Service { directory: home.key.number, app: "app".to_owned() };
            Permit::by_token(Bearer::Service(service), RIGHT, audience, at.clone(), now())
        };

        let permit = by_token(Audience::Managers, &home).expect("its own directory");
        assert!(permit.covers(Id::from_bits(1)) && permit.own().is_none());
        assert_eq!(permit.creator(), format!("rs{}", home.key.number));
        assert_eq!(permit.principal().to_string(), format!("service:rs{}/app", home.key.number));
        assert!(by_token(Audience::Owner, &home).is_err() && by_token(Audience::Users, &other).is_err());
    }

    #[test]
    fn the_server_and_the_command_line_are_named_and_nobody_reaches_nothing() {
        let scope = Scope::Account(AccountUid(1));
        let names = [
            (Permit::operator("access-key", scope.clone(), Millis(0)), "system:command access-key", true),
            (Permit::system(Task::FirstStart, scope.clone(), Millis(0)), "system:first-start", true),
            (Permit::nobody(scope, now()), "anonymous", false),
        ];
        for (permit, name, covers) in names {
            assert_eq!(permit.principal().to_string(), name);
            assert_eq!(permit.covers(Id::from_bits(1)), covers, "{name}");
        }
    }
}
