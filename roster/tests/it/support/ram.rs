//! RAM users, roles and policies, made beside the server as another process would.

use access::access_keys::NewKey;
use access::{Asked, Caller, Change, Circumstances, Permit, Reader, Scope, Who, grants};
use directory::ram::assume::{Assume, Assumed, assume};
use directory::ram::policies::{self, NewPolicy, Of};
use directory::ram::roles::{self, NewRole};
use directory::ram::users::{self, NewUser};
use directory::ram::{Error, keys};
use model::ram::{self, RamPolicyName, RamUserName, RoleName, SessionName};
use model::text::{Line, Prose};
use model::{AccountUid, Right};
use roster::house::{self, Open};

use super::client::Client;
use super::pds::{PdsCaller, Proof};
use super::server::Server;

/// The account of a server, as somebody at the command line reaches it.
pub(crate) struct Ram<'a> {
    server: &'a Server,
    open: Open,
    /// The account.
    pub(crate) account: AccountUid,
    /// What acts in it.
    pub(crate) permit: Permit,
}

/// Whoever has an AccessKey, lasting or temporary.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The AccessKeyId.
    pub(crate) id: String,
    /// The secret.
    pub(crate) secret: String,
    /// What comes with each call of a temporary one.
    pub(crate) token: Option<String>,
}

impl Key {
    fn of(key: &NewKey) -> Self {
        let secret = key.secret.reveal_text().expect("letters").to_owned();
        Self { id: key.id.clone(), secret, token: None }
    }

    /// Who has it, as a client of the server.
    pub(crate) fn client(&self, server: &Server) -> Client {
        let client = server.administrator().with_key(&self.id, &self.secret);
        match &self.token {
            Some(token) => client.with_token(token),
            None => client,
        }
    }

    /// The same as a caller of PDS.
    pub(crate) fn pds(&self, server: &Server) -> PdsCaller {
        self.pds_by(server, Proof::V1(self.id.clone(), self.secret.clone()))
    }

    /// The same, signing by V4.
    pub(crate) fn pds_v4(&self, server: &Server) -> PdsCaller {
        self.pds_by(server, Proof::V4(self.id.clone(), self.secret.clone()))
    }

    fn pds_by(&self, server: &Server, proof: Proof) -> PdsCaller {
        let caller = PdsCaller::of(server).proving(proof);
        match &self.token {
            Some(token) => caller.with_security_token(token),
            None => caller,
        }
    }
}

/// A policy of one statement.
pub(crate) fn document(effect: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

impl<'a> Ram<'a> {
    /// That of the server's only account.
    pub(crate) async fn of(server: &'a Server) -> Self {
        Self::named(server, None).await
    }

    /// That of the account of this name.
    pub(crate) async fn named(server: &'a Server, account: Option<&str>) -> Self {
        let open = house::open(&server.home.serve.house, false).await.expect("the house opens");
        let account = open.account(account).await.expect("it is there").uid;
        let permit = Permit::operator("test", Scope::Account(account), server.home.clock.now());
        Self { server, open, account, permit }
    }

    /// Where the account is.
    pub(crate) fn home(&self) -> &super::server::Home {
        &self.server.home
    }

    /// A change of its own.
    pub(crate) fn change(&self) -> Change {
        // Who makes ids in one millisecond may make the same as the server.
        self.server.pass(1);
        Change::new(&self.open.store, &self.open.tools, None)
    }

    /// A reader.
    pub(crate) fn reader(&self) -> Reader {
        Reader::new(&self.open.store, &self.open.tools)
    }

    async fn commit(&self, mut change: Change) {
        change.commit(&self.permit).await.expect("it is written");
    }

    /// Makes a user with these policies and a key.
    pub(crate) async fn user(&self, name: &str, policies: &[&str]) -> Key {
        let mut change = self.change();
        let key = self.add_user(&mut change, name, policies).await;
        self.commit(change).await;
        key
    }

    /// Makes users, each with its name and policies and with a key, in one change.
    pub(crate) async fn users(&self, all: &[(String, Vec<String>)]) -> Vec<Key> {
        let (mut change, mut keys) = (self.change(), Vec::new());
        for (name, policies) in all {
            let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
            keys.push(self.add_user(&mut change, name, &policies).await);
        }
        self.commit(change).await;
        keys
    }

    async fn add_user(&self, change: &mut Change, name: &str, policies: &[&str]) -> Key {
        let new = NewUser {
            name: RamUserName::new(name).expect("a name"),
            display_name: Line::default(),
            comments: Line::default(),
            email: Line::default(),
            mobile: Line::default(),
        };
        users::create(change, &self.permit, &new).await.expect("the name is free");
        let key = keys::create(change, &self.permit, Some(name)).await.expect("it has none");
        for policy in policies {
            let (of, kind) = (Of::User(name), policies::kind_of(policy));
            policies::attach(change, &self.permit, of, kind, policy).await.expect("it is there");
        }
        Key::of(&key)
    }

    /// Makes a role that trusts `principal` of this account, with these policies; its ARN.
    pub(crate) async fn role(&self, name: &str, principal: &str, policies: &[&str]) -> String {
        self.role_for(name, &ram::arn(self.account, principal), policies).await
    }

    /// The same, of a role that trusts whoever has this ARN.
    pub(crate) async fn role_for(&self, name: &str, trusted: &str, policies: &[&str]) -> String {
        let trust = format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"RAM":["{trusted}"]}}}}]}}"#
        );
        let new = NewRole {
            name: RoleName::new(name).expect("a name"),
            description: Prose::default(),
            trust,
            longest: None,
        };
        let mut change = self.change();
        roles::create(&mut change, &self.permit, &new).await.expect("the name is free");
        self.commit(change).await;
        for policy in policies {
            self.attach(Of::Role(name), policy).await.expect("it is there");
        }
        ram::arn(self.account, &format!("role/{name}"))
    }

    /// Deletes a role with what it has.
    pub(crate) async fn delete_role(&self, name: &str, policies: &[&str]) {
        for policy in policies {
            self.detach(Of::Role(name), policy).await.expect("it has it");
        }
        let mut change = self.change();
        roles::delete(&mut change, &self.permit, name).await.expect("it has nothing");
        self.commit(change).await;
    }

    /// Makes a policy of the account.
    pub(crate) async fn policy(&self, name: &str, document: &str) {
        self.policies(&[(name.to_owned(), document.to_owned())]).await;
    }

    /// Makes policies, each with its name and document, in one change.
    pub(crate) async fn policies(&self, all: &[(String, String)]) {
        let mut change = self.change();
        for (name, document) in all {
            let new = NewPolicy {
                name: RamPolicyName::new(name).expect("a name"),
                description: Prose::default(),
                document: document.clone(),
            };
            policies::create(&mut change, &self.permit, &new).await.expect("it is one");
        }
        self.commit(change).await;
    }

    /// Gives a policy of the account another document.
    pub(crate) async fn set_policy(&self, name: &str, document: &str) {
        let mut change = self.change();
        policies::update(&mut change, &self.permit, name, document).await.expect("it is there");
        self.commit(change).await;
    }

    /// Gives somebody a policy.
    pub(crate) async fn attach(&self, of: Of<'_>, policy: &str) -> Result<(), Error> {
        let mut change = self.change();
        policies::attach(&mut change, &self.permit, of, policies::kind_of(policy), policy).await?;
        self.commit(change).await;
        Ok(())
    }

    /// Takes a policy from somebody.
    pub(crate) async fn detach(&self, of: Of<'_>, policy: &str) -> Result<(), Error> {
        let mut change = self.change();
        policies::detach(&mut change, &self.permit, of, policies::kind_of(policy), policy).await?;
        self.commit(change).await;
        Ok(())
    }

    /// Switches a key of a user on or off.
    pub(crate) async fn switch(&self, user: &str, key: &Key, is_active: bool) {
        let mut change = self.change();
        keys::set_active(&mut change, &self.permit, Some(user), &key.id, is_active)
            .await
            .expect("it is there");
        self.commit(change).await;
    }

    /// A user assumes a role.
    pub(crate) async fn assume(&self, user: &str, role: &str, policy: Option<&str>) -> Result<Key, Error> {
        let session = SessionName::new("ci").expect("a name");
        let asked = Assume {
            role,
            session: &session,
            seconds: Some(900),
            policy,
            external_id: None,
            source_identity: None,
        };
        let Assumed { key, token, .. } = self.assume_as(user, &asked).await?;
        let token = token.reveal_text().expect("letters").to_owned();
        Ok(Key { token: Some(token), ..Key::of(&key) })
    }

    /// The same, asked in this way.
    pub(crate) async fn assume_as(&self, user: &str, asked: &Assume<'_>) -> Result<Assumed, Error> {
        let permit = self.permit_of(user).await;
        let mut change = self.change();
        let assumed = assume(&mut change, &permit, asked).await?;
        change.commit(&permit).await.expect("it is written");
        Ok(assumed)
    }

    /// What a user of this name acts by; the root where it is empty.
    async fn permit_of(&self, user: &str) -> Permit {
        // What the caller's own policies say of it is decided by the door.
        self.permit_with(user, "test", Right::unasked("sts:AssumeRole")).await
    }

    /// What a user of this name has for one call with this key, as of now.
    pub(crate) async fn permit_with(&self, user: &str, access_key: &str, right: Right) -> Permit {
        let mut reader = self.reader();
        let who = if user.is_empty() {
            Who::Root
        } else {
            let user = users::get(&mut reader, &self.permit, user).await.expect("it is there");
            Who::User { number: user.number, id: user.id, name: user.name.as_str().to_owned() }
        };
        let subject = format!("access/{}", self.account.0);
        let caller = Caller {
            access_key: access_key.to_owned(),
            account: self.account,
            grants: grants(reader.rows(), self.account, &who).await.expect("they are read"),
            who,
            session: None,
            expires: None,
            generation: store::generations::of(reader.rows(), &subject).await.expect("it is read"),
        };
        let circumstances = Circumstances {
            door: "test",
            source: "127.0.0.1".to_owned(),
            ..Circumstances::inside(self.server.home.clock.now())
        };
        let asked = Asked { right, resources: &[], region: "*" };
        Permit::by_policy(&caller, &asked, Scope::Account(self.account), circumstances).expect("it may")
    }
}
