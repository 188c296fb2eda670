//! Two accounts in one installation, each with one of everything.

use std::collections::BTreeMap;

use api::eds::{CreateUsers, NewUser};
use serde_json::{Value, json};

use super::anyone::Anyone;
use super::client::Client;
use super::devices::Devices;
use super::pds::PdsCaller;
use super::ram::{Key, Ram, document};
use super::rsa::OWN;
use super::server::{KEY, SECRET, Server};
use super::words_eiam::Instance;
use super::words_pds::Pds;
use super::words_pds_tokens::{App, access, command, register, renewal};
use super::words_things::move_users;
use super::words_users::{
    GOOD, ROOT, bind, join, make_group, make_org, make_property, make_with, managed, text, user,
};

/// Where apps want people back.
pub(crate) const BACK: &str = "https://app.example.com/back";

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// The username of a user.
    User,
    /// The number that eds-user has of a user.
    UserNumber,
    /// The username of another user, who is the account's alone whatever the other account makes.
    TakenUser,
    /// An organization.
    Org,
    /// A group, as eds-user spells it.
    Group,
    /// A property.
    Property,
    /// What a property is called.
    PropertyKey,
    /// A value of a property.
    PropertyValue,
    /// The value itself.
    ValueText,
    /// A resource group.
    ResourceGroup,
    /// A resource in it.
    Resource,
    /// A device for one-time codes.
    Device,
    /// A code of a manager.
    AuthCode,
    /// An instance of EIAM.
    Instance,
    /// A user, as EIAM spells it.
    EiamUser,
    /// A unit.
    Unit,
    /// A group, as EIAM spells it.
    EiamGroup,
    /// A custom field.
    Field,
    /// What such a field is called.
    FieldName,
    /// A source of sign-ins.
    Source,
    /// What another system calls a user, a group or a unit.
    ExternalId,
    /// A domain of PDS.
    Domain,
    /// A user, as PDS has it.
    PdsUser,
    /// A group, as PDS has it.
    PdsGroup,
    /// A group directly below it.
    SubGroup,
    /// A drive.
    Drive,
    /// What a user signs in with beside the username.
    Identity,
    /// A part of the domain that a user is said to be in.
    Label,
    /// What the organization is called.
    OrgName,
    /// What the group is called.
    GroupName,
    /// What the resource group is called.
    ResourcesName,
    /// What the group of PDS is called.
    CrowdName,
    /// What the drive is called.
    DriveName,
    /// What a drive of the group is called.
    SharedName,
    /// What a domain that is not the default one is called.
    DomainName,
    /// An app.
    App,
    /// What another token is got for.
    RefreshToken,
    /// A RAM user.
    RamUser,
    /// A role.
    RamRole,
    /// A policy.
    RamPolicy,
    /// An AccessKey of the RAM user.
    AccessKey,
    /// The ARN of the RAM user.
    UserArn,
    /// The ARN of the role.
    RoleArn,
    /// A request.
    Request,
    /// An event's subject.
    Subject,
    /// An AccessKey that a call came with.
    UsedKey,
}

/// An account with one of everything.
pub(crate) struct Tenant {
    /// The account's name.
    pub(crate) account: String,
    /// Its uid.
    pub(crate) uid: i64,
    /// What all its names begin with.
    pub(crate) mark: &'static str,
    /// The key of its root.
    pub(crate) key: Key,
    /// A RAM user who may do everything: what the root may, and assuming roles.
    pub(crate) agent: Anyone,
    /// Its root, where paths tell what is called.
    pub(crate) pds: PdsCaller,
    /// A person in its domain, with a token.
    pub(crate) person: Anyone,
    /// What it has.
    pub(crate) things: BTreeMap<Thing, Value>,
}

impl Tenant {
    /// The first account of the server.
    pub(crate) async fn first(server: &Server, mark: &'static str) -> Self {
        let key = Key { id: KEY.to_owned(), secret: SECRET.to_owned(), token: None };
        Self::settle(server, "default", mark, key).await
    }

    /// Another one.
    pub(crate) async fn another(server: &Server, mark: &'static str) -> Self {
        let done = command(&server.home, &["account", "create", "--name", mark]);
        assert!(done.went_well, "{done:?}");
        let word = |start: &str| {
            let line = done.out.lines().find(|line| line.starts_with(start)).expect("it is printed");
            line.split_whitespace().last().expect("it is printed").to_owned()
        };
        let key = Key { id: word("AccessKeyId:"), secret: word("AccessKeySecret:"), token: None };
        Self::settle(server, mark, mark, key).await
    }

    /// What it has of this kind.
    pub(crate) fn thing(&self, thing: Thing) -> &Value {
        self.things.get(&thing).unwrap_or_else(|| panic!("it has a {thing:?}"))
    }

    /// The same as text.
    pub(crate) fn text(&self, thing: Thing) -> String {
        match self.thing(thing) {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    fn put(&mut self, thing: Thing, value: impl Into<Value>) {
        let before = self.things.insert(thing, value.into());
        assert_eq!(before, None, "one {thing:?} is enough");
    }

    fn name(&self, end: &str) -> String {
        format!("{}{end}", self.mark)
    }

    async fn settle(server: &Server, account: &str, mark: &'static str, key: Key) -> Self {
        let ram = Ram::named(server, Some(account)).await;
        let agent = ram.user(&format!("{mark}agent"), &["AdministratorAccess"]).await;
        let mut tenant = Self {
            account: account.to_owned(),
            uid: ram.account.0,
            mark,
            agent: Anyone::with_key(server, &agent),
            pds: key.pds(server),
            key,
            person: Anyone::nobody(server),
            things: BTreeMap::new(),
        };
        tenant.settle_eds(server).await;
        tenant.settle_eiam(server).await;
        tenant.settle_pds(server).await;
        tenant.settle_ram(&ram).await;
        tenant
    }

    async fn settle_eds(&mut self, server: &Server) {
        let client = self.key.client(server);
        let names = ["user", "second", "taken"].map(|end| self.name(end));
        let users: Vec<NewUser> = names.iter().map(|name| managed(name)).collect();
        let all = CreateUsers {
            users: users.try_into().expect("few users"),
            password: None,
            auto_lock_time: None,
            is_local_admin: None,
            password_expire_days: None,
        };
        make_with(&client, all).await;
        let shown = user(&client, &names[0]).await;
        let org = make_org(&client, &self.name("org"), ROOT).await;
        make_org(&client, &self.name("inner"), &org).await;
        let moved = move_users(&org, &[names[0].as_str()]);
        client.send(&moved).await.expect("they can move");
        let group = make_group(&client, &self.name("group")).await;
        make_group(&client, &self.name("another")).await;
        join(&client, &group, &[&names[0], &names[1]]).await;
        let key = self.name("property");
        let (property, values) = make_property(&client, &key, &[&self.name("a"), &self.name("b")]).await;
        bind(&client, &shown, property, values[0]).await;
        let made =
            ask(&client, "CreateResourceGroup", &[("ResourceGroupName", &self.name("resources"))]).await;
        let resources = made["ResourceGroupId"].as_str().expect("an id").to_owned();
        let resource = self.name("desktop");
        let into = [
            ("ResourceGroupId", resources.as_str()),
            ("Platform", "AliyunConsole"),
            ("Resources.1.ResourceId", &resource),
        ];
        ask(&client, "TransferResourcesIntoGroup", &into).await;
        let devices = Devices::named(&server.home, Some(&self.account)).await;
        for name in &names[..2] {
            devices.enrol(name).await;
        }
        let listed = client.call("DescribeMfaDevices", &[("EndUserIds.1", &names[0])]).await;
        let device = listed.json()["MfaDevices"][0]["SerialNumber"].as_str().expect("a number").to_owned();
        let code = command(&server.home, &["auth-code", "create", "--account", &self.account]);
        assert!(code.went_well, "{code:?}");
        self.put(Thing::User, names[0].as_str());
        self.put(Thing::TakenUser, names[2].as_str());
        self.put(Thing::UserNumber, shown.id);
        self.put(Thing::Org, org);
        self.put(Thing::Group, group);
        self.put(Thing::Property, property);
        self.put(Thing::PropertyKey, key);
        self.put(Thing::PropertyValue, values[0]);
        self.put(Thing::ValueText, self.name("a"));
        self.put(Thing::ResourceGroup, resources);
        self.put(Thing::Resource, resource);
        self.put(Thing::Device, device);
        self.put(Thing::AuthCode, code.out.trim_end());
    }

    async fn settle_eiam(&mut self, server: &Server) {
        let client = self.key.client(server).eiam();
        let instance = Instance::default_of(&client).await;
        let external = self.name("external");
        let source = format!("idp_{}source", self.mark);
        let one = async |action: &str, list: &str, starts: (&str, &str), id: &str| {
            let found = instance.ask(&client, action, &[starts]).await;
            found[list][0][id].as_str().unwrap_or_else(|| panic!("{action}: {found}")).to_owned()
        };
        let user = one("ListUsers", "Users", ("UsernameStartsWith", &self.name("user")), "UserId").await;
        let group =
            one("ListGroups", "Groups", ("GroupNameStartsWith", &self.name("group")), "GroupId").await;
        let (list, named) = ("OrganizationalUnits", self.name("org"));
        let named = ("OrganizationalUnitNameStartsWith", named.as_str());
        let unit = one("ListOrganizationalUnits", list, named, "OrganizationalUnitId").await;
        let field_name = format!("{}field", self.mark);
        let field = super::words_eiam::make_field(&client, &instance.field(&field_name)).await;
        instance.ask(&client, "UpdateGroup", &[("GroupId", &group), ("GroupExternalId", &external)]).await;
        let known = [
            ("Username", self.name("known")),
            ("UserExternalId", external.clone()),
            ("PrimaryOrganizationalUnitId", instance.root.clone()),
        ];
        let known = known.each_ref().map(|(name, value)| (*name, value.as_str()));
        instance.ask(&client, "CreateUser", &known).await;
        for end in ["", "-too"] {
            let bound = [
                ("UserId", user.as_str()),
                ("IdentityProviderId", &format!("{source}{}", end.trim_start_matches('-'))),
                ("UserExternalId", &format!("{external}{end}")),
            ];
            instance.ask(&client, "BindUserAuthnSourceMapping", &bound).await;
        }
        self.put(Thing::Instance, instance.id);
        self.put(Thing::EiamUser, user);
        self.put(Thing::EiamGroup, group);
        self.put(Thing::Unit, unit);
        self.put(Thing::Field, field);
        self.put(Thing::FieldName, field_name);
        self.put(Thing::Source, source);
        self.put(Thing::ExternalId, external);
    }

    async fn settle_pds(&mut self, server: &Server) {
        let caller = self.pds.clone();
        let domain = caller.ask("domain/get", json!({})).await["domain_id"].clone();
        let (user, label) = (self.name("person"), self.name("label"));
        let made = async |path: &str, body: Value| {
            let answer = caller.call(path, body).await;
            assert!(answer.status < 300, "{path}: {}", answer.text());
            if answer.status == 204 { Value::Null } else { answer.json() }
        };
        made("user/create", json!({ "user_id": user, "subdomain_id": label, "plain_password": GOOD })).await;
        made("user/create", json!({ "user_id": self.name("other"), "subdomain_id": label })).await;
        let group = made(
            "group/create",
            json!({ "group_name": self.name("crowd"), "is_root": true, "subdomain_id": label }),
        )
        .await;
        let group = group["group_id"].clone();
        let inner = json!({ "group_name": self.name("few"), "parent_group_id": group });
        let inner = made("group/create", inner).await["group_id"].clone();
        made("group/add_member", json!({ "group_id": inner, "member_type": "user", "member_id": user }))
            .await;
        for name in [&user, &self.name("other")] {
            let member = json!({ "group_id": group, "member_type": "user", "member_id": name });
            made("group/add_member", member).await;
            let assignment = json!({ "identity": { "identity_type": "IT_User", "identity_id": name },
                "role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group", "manage_resource_id": group });
            made("role/assign", assignment).await;
        }
        let mut drives = Vec::new();
        for (name, owner, kind) in [
            ("drive", json!(user), "user"),
            ("more", json!(user), "user"),
            ("shared", group.clone(), "group"),
            ("close", inner.clone(), "group"),
        ] {
            let new = json!({ "drive_name": self.name(name), "owner": owner, "owner_type": kind,
                "default": name == "drive", "subdomain_id": label });
            drives.push(made("drive/create", new).await["drive_id"].clone());
        }
        let link = json!({ "user_id": user, "type": "custom", "identity": self.name("identity") });
        made("account/link", link).await;
        let second = json!({ "domain_name": self.name("domain") });
        made("domain/create", second).await;
        let more = ["--account", &self.account, "--redirect-uri", BACK];
        let id = register(&server.home, &self.name("app"), OWN.pem, &more);
        let app = App {
            id: id.clone(),
            domain: domain.as_str().expect("an id").to_owned(),
            anybody: Pds::owner(server).nobody(),
        };
        let tokens = app.token(&user).await;
        self.person = Anyone::bearer(server, &access(&tokens));
        self.put(Thing::RefreshToken, renewal(&tokens));
        self.put(Thing::Domain, domain);
        self.put(Thing::PdsUser, user);
        self.put(Thing::PdsGroup, group);
        self.put(Thing::SubGroup, inner);
        self.put(Thing::Drive, drives.remove(0));
        self.put(Thing::Identity, self.name("identity"));
        self.put(Thing::Label, label);
        self.put(Thing::App, id);
        for (thing, end) in [
            (Thing::OrgName, "org"),
            (Thing::GroupName, "group"),
            (Thing::ResourcesName, "resources"),
            (Thing::CrowdName, "crowd"),
            (Thing::DriveName, "drive"),
            (Thing::SharedName, "shared"),
            (Thing::DomainName, "domain"),
        ] {
            self.put(thing, self.name(end));
        }
    }

    async fn settle_ram(&mut self, ram: &Ram<'_>) {
        let [user, role, policy] = ["ram-user", "role", "policy"].map(|end| self.name(end));
        ram.policy(&policy, &document("Allow", "ecd:*", "*")).await;
        ram.policy(&self.name("more"), &document("Allow", "pds:*", "*")).await;
        let key = ram.user(&user, &[&policy]).await;
        ram.user(&self.name("ram-other"), &[]).await;
        let arn = ram.role(&role, &format!("user/{user}"), &[&policy]).await;
        ram.role(&self.name("role-other"), &format!("user/{user}"), &[]).await;
        self.put(Thing::UserArn, model::ram::arn(ram.account, &format!("user/{user}")));
        self.put(Thing::RoleArn, arn);
        self.put(Thing::RamUser, user);
        self.put(Thing::RamRole, role);
        self.put(Thing::RamPolicy, policy);
        self.put(Thing::AccessKey, key.id);
        for (thing, column) in
            [(Thing::Subject, "subject"), (Thing::Request, "request"), (Thing::UsedKey, "access_key")]
        {
            let first = format!(
                "select {column} from events where account = {} and request <> '' order by id limit 1",
                self.uid
            );
            self.put(thing, text(ram.home(), &first).await);
        }
    }
}

/// Calls an action, which is right; what it answers.
async fn ask(client: &Client, action: &str, parameters: &[(&str, &str)]) -> Value {
    let answer = client.call(action, parameters).await;
    assert_eq!(answer.status, 200, "{action}: {}", answer.text());
    answer.json()
}

/// An id of the same form that is nobody's.
pub(crate) fn nowhere(value: &Value, mark: &str) -> Value {
    match value {
        Value::Number(number) => json!(number.as_i64().expect("a whole number") - 7_919),
        Value::String(text) if text.contains(mark) => json!(text.replace(mark, "quagga")),
        Value::String(text) => {
            let mut letters: Vec<char> = text.chars().collect();
            let last = letters.len() - 1;
            // Two letters near the end change places: so its letters are those that such ids have.
            let at = (last.saturating_sub(8)..last - 1).rev().find(|at| {
                let pair = [letters[*at], letters[at + 1]];
                pair[0] != pair[1] && pair.iter().all(char::is_ascii_alphanumeric)
            });
            let at = at.unwrap_or_else(|| panic!("{text} has two letters that differ"));
            letters.swap(at, at + 1);
            json!(letters.into_iter().collect::<String>())
        }
        other => panic!("{other} is no id"),
    }
}
