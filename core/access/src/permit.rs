//! A permit: who acts, on what, with which right. Without one, no rule runs; only this crate makes one.

use std::fmt;

use model::account::Directory;
use model::user::Role;
use model::{AccountUid, DirectoryKey, Id, Millis, Number, Resource, Right};

/// Proof that somebody may do something: the whole of what a rule knows of its caller.
#[derive(Debug, Clone)]
pub struct Permit {
    principal: Principal,
    scope: Scope,
    right: Option<Right>,
    circumstances: Circumstances,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The account's own key.
    Root(AccountUid),
    /// A person of a directory.
    Person(Person),
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

/// Work that the server does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The first start: an account, its directory, its first key.
    FirstStart,
    /// Forgetting replay keys whose time stamp nobody accepts any more.
    ForgetReplays,
    /// Noting accounts whose time has come, clearing away what was removed.
    Sweep,
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
        Ok(Self { principal, scope, right: Some(right), circumstances })
    }

    /// By a role in a directory: one that manages others.
    ///
    /// # Errors
    /// `Denied` for a role that does not, or in another directory than the person's.
    pub fn by_role(
        person: Person,
        role: Role,
        right: Right,
        directory: Directory,
        circumstances: Circumstances,
    ) -> Result<Self, Denied> {
        let is_own = person.directory == directory.id;
        let principal = Principal::Person(person);
        if !role.manages() || !is_own {
            return Err(Denied { principal, action: right.action() });
        }
        Ok(Self { principal, scope: Scope::Directory(directory), right: Some(right), circumstances })
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
        Ok(Self { principal, scope: Scope::Directory(directory), right: None, circumstances })
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
        Self { principal: Principal::Nobody, scope, right: None, circumstances }
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
        Self { principal, scope, right: None, circumstances }
    }

    /// Who acts.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What the permit reaches.
    pub fn scope(&self) -> &Scope {
        &self.scope
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

    fn home(&self) -> &Directory {
        match &self.scope {
            Scope::Directory(directory) => directory,
            Scope::Account(_) => unreachable!("actions declare the directory that they mean"),
        }
    }

    /// Whether the permit reaches the record of the user with this id.
    pub fn covers(&self, user: Id) -> bool {
        match &self.principal {
            Principal::Person(person) if self.right.is_none() => person.user == user,
            Principal::Nobody => false,
            Principal::Person(_) | Principal::Root(_) | Principal::Operator(_) | Principal::System(_) => true,
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
            Self::Operator(command) => write!(f, "system:command {command}"),
            Self::System(Task::FirstStart) => f.write_str("system:first-start"),
            Self::System(Task::ForgetReplays) => f.write_str("system:forget-replays"),
            Self::System(Task::Sweep) => f.write_str("system:sweep"),
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
    fn roles_that_manage_reach_everybody_and_proof_reaches_oneself() {
        let (home, other) = (directory(9 << 100, 1), directory(8 << 100, 1));
        let person = Person { directory: home.id, user: Id::from_bits(7) };

        let by_role = |role, at: &Directory| Permit::by_role(person.clone(), role, RIGHT, at.clone(), now());
        assert!(by_role(Role::Admin, &home).expect("it manages").covers(Id::from_bits(1)));
        assert!(by_role(Role::User, &home).is_err());
        assert!(by_role(Role::Superadmin, &other).is_err());

        let by_proof = |at: &Directory| Permit::by_proof(person.clone(), RIGHT, at.clone(), now());
        let own = by_proof(&home).expect("its own directory");
        assert!(own.covers(Id::from_bits(7)) && !own.covers(Id::from_bits(1)));
        assert!(by_proof(&other).is_err());
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
