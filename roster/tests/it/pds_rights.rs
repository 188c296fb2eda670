//! Who may do what with PDS, as a table in which every change of rights shows.
//!
//! Source: `reference/pds.md` §5 and §8–§16; `reference/doors.md` §7.

use serde_json::{Value, json};

use crate::support::{App, Pds, Server, outcome, text_of};

/// What is asked of every caller.
struct Case {
    /// How the table calls it.
    name: &'static str,
    /// What the owner does before; the last id in the answers is `$id`.
    before: &'static [(&'static str, &'static str)],
    path: &'static str,
    body: &'static str,
}

const fn case(
    name: &'static str,
    before: &'static [(&'static str, &'static str)],
    path: &'static str,
    body: &'static str,
) -> Case {
    Case { name, before, path, body }
}

const USER: (&str, &str) =
    ("/user/create", r#"{"user_id":"u$n","email":"a@b.cn","phone":"1","user_data":{"a":1}}"#);
const NORTH: (&str, &str) = ("/user/create", r#"{"user_id":"u$n","subdomain_id":"north","email":"a@b.cn"}"#);
const ADMIN: (&str, &str) = ("/user/create", r#"{"user_id":"u$n","role":"admin"}"#);
const SUPERADMIN: (&str, &str) = ("/user/create", r#"{"user_id":"u$n","role":"superadmin"}"#);
const BELOW: (&str, &str) = ("/group/create", r#"{"group_name":"g$n","parent_group_id":"$own"}"#);
const BESIDE: (&str, &str) = ("/group/create", r#"{"group_name":"g$n","parent_group_id":"$other"}"#);
const MEMBER: (&str, &str) = ("/membership/create", r#"{"group_id":"$own","user_id":"u$n"}"#);
const LINK: (&str, &str) = ("/account/link", r#"{"user_id":"u$n","type":"custom","identity":"i$n"}"#);
const DRIVE: (&str, &str) = ("/drive/create", r#"{"drive_name":"d","owner":"u$n","default":true}"#);
const TEAM_DRIVE: (&str, &str) =
    ("/drive/create", r#"{"drive_name":"d","owner":"$own","owner_type":"group"}"#);
const ASSIGNED: (&str, &str) = (
    "/role/assign",
    r#"{"identity":{"identity_type":"IT_User","identity_id":"u$n"},"role_id":"SystemGroupAdmin",
        "manage_resource_type":"RT_Group","manage_resource_id":"$own"}"#,
);
const DOMAIN: (&str, &str) = ("/domain/create", r#"{"domain_name":"d$n"}"#);

const USERS: &[Case] = &[
    case("user/create", &[], "/user/create", r#"{"user_id":"u$n"}"#),
    case("user/create in north", &[], "/user/create", r#"{"user_id":"u$n","subdomain_id":"north"}"#),
    case("user/create an admin", &[], "/user/create", r#"{"user_id":"u$n","role":"admin"}"#),
    case(
        "user/import",
        &[],
        "/user/import",
        r#"{"authentication_type":"custom","identity":"i$n","nick_name":"x"}"#,
    ),
    case("user/get oneself", &[], "/user/get", "{}"),
    case("user/get another", &[USER], "/user/get", r#"{"user_id":"u$n"}"#),
    case("user/get another in north", &[NORTH], "/user/get", r#"{"user_id":"u$n"}"#),
    case("user/general_get another", &[USER], "/user/general_get", r#"{"user_id":"u$n"}"#),
    case("user/general_get another in north", &[NORTH], "/user/general_get", r#"{"user_id":"u$n"}"#),
    case(
        "user/general_get with extras",
        &[USER, MEMBER],
        "/user/general_get",
        r#"{"user_id":"u$n","extra_return_info":["group","account","drive"]}"#,
    ),
    case("user/list", &[], "/user/list", "{}"),
    case("user/search", &[], "/user/search", "{}"),
    case("user/general_search", &[], "/user/general_search", "{}"),
    case("user/list_group_user", &[USER, MEMBER], "/user/list_group_user", r#"{"group_id":"$own"}"#),
    case(
        "user/update oneself",
        &[],
        "/user/update",
        r#"{"user_id":"$me","nick_name":"n","avatar":"","description":""}"#,
    ),
    case("user/update another", &[USER], "/user/update", r#"{"user_id":"u$n","nick_name":"n"}"#),
    case("user/update another in north", &[NORTH], "/user/update", r#"{"user_id":"u$n","nick_name":"n"}"#),
    case("user/update the status", &[USER], "/user/update", r#"{"user_id":"u$n","status":"disabled"}"#),
    case(
        "user/update the status of an admin",
        &[ADMIN],
        "/user/update",
        r#"{"user_id":"u$n","status":"disabled"}"#,
    ),
    case("user/update the role", &[USER], "/user/update", r#"{"user_id":"u$n","role":"admin"}"#),
    case(
        "user/update the password",
        &[USER],
        "/user/update",
        r#"{"user_id":"u$n","plain_password":"Correct-horse-1"}"#,
    ),
    case("user/delete", &[USER], "/user/delete", r#"{"user_id":"u$n"}"#),
    case("user/delete in north", &[NORTH], "/user/delete", r#"{"user_id":"u$n"}"#),
    case("user/delete an admin", &[ADMIN], "/user/delete", r#"{"user_id":"u$n"}"#),
    case("user/delete a superadmin", &[SUPERADMIN], "/user/delete", r#"{"user_id":"u$n"}"#),
    case("user/delete oneself", &[], "/user/delete", r#"{"user_id":"$me"}"#),
    case("user/update the own status", &[], "/user/update", r#"{"user_id":"$me","status":"disabled"}"#),
];

const GROUPS: &[Case] = &[
    case("group/create a root", &[], "/group/create", r#"{"group_name":"g$n"}"#),
    case(
        "group/create below the own",
        &[],
        "/group/create",
        r#"{"group_name":"g$n","parent_group_id":"$own"}"#,
    ),
    case(
        "group/create below another",
        &[],
        "/group/create",
        r#"{"group_name":"g$n","parent_group_id":"$other"}"#,
    ),
    case("group/get", &[], "/group/get", r#"{"group_id":"$other"}"#),
    case("group/list", &[], "/group/list", "{}"),
    case("group/search", &[], "/group/search", "{}"),
    case("group/list_member", &[], "/group/list_member", r#"{"group_id":"$other"}"#),
    case("group/update below the own", &[BELOW], "/group/update", r#"{"group_id":"$id","description":"x"}"#),
    case("group/update another", &[BESIDE], "/group/update", r#"{"group_id":"$id","description":"x"}"#),
    case(
        "group/update_name below the own",
        &[BELOW],
        "/group/update_name",
        r#"{"group_id":"$id","name":"x$n"}"#,
    ),
    case("group/delete below the own", &[BELOW], "/group/delete", r#"{"group_id":"$id"}"#),
    case("group/delete another", &[BESIDE], "/group/delete", r#"{"group_id":"$id"}"#),
    case(
        "group/add_member",
        &[USER],
        "/group/add_member",
        r#"{"group_id":"$own","member_type":"user","member_id":"u$n"}"#,
    ),
    case(
        "group/add_member to another",
        &[USER],
        "/group/add_member",
        r#"{"group_id":"$other","member_type":"user","member_id":"u$n"}"#,
    ),
    case(
        "group/remove_member",
        &[USER, MEMBER],
        "/group/remove_member",
        r#"{"group_id":"$own","member_type":"user","member_id":"u$n"}"#,
    ),
    case("membership/create", &[USER], "/membership/create", r#"{"group_id":"$own","user_id":"u$n"}"#),
    case(
        "membership/create in another",
        &[USER],
        "/membership/create",
        r#"{"group_id":"$other","user_id":"u$n"}"#,
    ),
    case("membership/get", &[USER, MEMBER], "/membership/get", r#"{"group_id":"$own","user_id":"u$n"}"#),
    case(
        "membership/update",
        &[USER, MEMBER],
        "/membership/update",
        r#"{"group_id":"$own","user_id":"u$n","description":"x"}"#,
    ),
    case(
        "membership/delete",
        &[USER, MEMBER],
        "/membership/delete",
        r#"{"group_id":"$own","user_id":"u$n"}"#,
    ),
    case(
        "membership/has_member",
        &[USER],
        "/membership/has_member",
        r#"{"group_id":"$own","user_id":"u$n"}"#,
    ),
    case(
        "membership/list_direct_child",
        &[],
        "/membership/list_direct_child_memberships",
        r#"{"group_id":"$other"}"#,
    ),
    case(
        "membership/list_direct_parent",
        &[USER, MEMBER],
        "/membership/list_direct_parent_memberships",
        r#"{"user_id":"u$n"}"#,
    ),
    case("role/assign", &[USER], ASSIGNED.0, ASSIGNED.1),
    case("role/cancel_assign", &[USER, ASSIGNED], "/role/cancel_assign", ASSIGNED.1),
    case(
        "role/list_assignment",
        &[],
        "/role/list_assignment",
        r#"{"manage_resource_type":"RT_Group","manage_resource_id":"$own"}"#,
    ),
    case(
        "role/list_identity_role of oneself",
        &[],
        "/role/list_identity_role",
        r#"{"identity":{"identity_type":"IT_User","identity_id":"$me"}}"#,
    ),
    case(
        "role/list_identity_role of another",
        &[USER],
        "/role/list_identity_role",
        r#"{"identity":{"identity_type":"IT_User","identity_id":"u$n"}}"#,
    ),
];

const THINGS: &[Case] = &[
    case("account/link", &[USER], LINK.0, LINK.1),
    case("account/link a superadmin", &[SUPERADMIN], LINK.0, LINK.1),
    case("account/unlink", &[USER, LINK], "/account/unlink", LINK.1),
    case(
        "account/get_link_info",
        &[USER, LINK],
        "/account/get_link_info",
        r#"{"type":"custom","identity":"i$n"}"#,
    ),
    case(
        "account/get_link_info_by_user_id",
        &[USER, LINK],
        "/account/get_link_info_by_user_id",
        r#"{"user_id":"u$n"}"#,
    ),
    case("drive/create", &[USER], DRIVE.0, DRIVE.1),
    case("drive/create for the own group", &[], TEAM_DRIVE.0, TEAM_DRIVE.1),
    case("drive/get of another", &[USER, DRIVE], "/drive/get", r#"{"drive_id":"$id"}"#),
    case(
        "drive/get_default_drive of another",
        &[USER, DRIVE],
        "/drive/get_default_drive",
        r#"{"user_id":"u$n"}"#,
    ),
    case("drive/list", &[], "/drive/list", r#"{"owner_type":"user"}"#),
    case("drive/search", &[], "/drive/search", r#"{"owner_type":"user"}"#),
    case("drive/update", &[USER, DRIVE], "/drive/update", r#"{"drive_id":"$id","description":"x"}"#),
    case(
        "drive/update of the own group",
        &[TEAM_DRIVE],
        "/drive/update",
        r#"{"drive_id":"$id","description":"x"}"#,
    ),
    case(
        "drive/update the owner",
        &[USER, DRIVE],
        "/drive/update",
        r#"{"drive_id":"$id","owner":"superadmin"}"#,
    ),
    case("drive/delete", &[USER, DRIVE], "/drive/delete", r#"{"drive_id":"$id"}"#),
    case("drive/delete of the own group", &[TEAM_DRIVE], "/drive/delete", r#"{"drive_id":"$id"}"#),
    case("domain/get", &[], "/domain/get", "{}"),
    case("domain/get_quota", &[], "/domain/get_quota", "{}"),
    case("domain/update", &[], "/domain/update", r#"{"domain_id":"$domain","description":"d"}"#),
    case("domain/create", &[], DOMAIN.0, DOMAIN.1),
    case("domain/list", &[], "/domain/list", "{}"),
    case("domain/search", &[], "/domain/search", "{}"),
    case("domain/delete", &[DOMAIN], "/domain/delete", r#"{"domain_id":"$id"}"#),
    case(
        "batch",
        &[],
        "/batch",
        r#"{"resource":"user","requests":[{"id":"1","method":"POST","url":"/user/list","headers":{"Content-Type":"application/json"},"body":{}}]}"#,
    ),
    case("subdomain/create", &[], "/subdomain/create", r#"{"name":"x"}"#),
];

/// Everybody who may call, by the name that the table gives them.
struct World {
    owner: Pds,
    callers: Vec<(&'static str, String, Pds)>,
    own: String,
    other: String,
    domain: String,
}

impl World {
    async fn of(server: &Server) -> Self {
        let owner = Pds::owner(server);
        let app = App::of(server).await;
        let (own, other) = (owner.group("own", None).await, owner.group("other", None).await);
        let mut callers = Vec::new();
        for (name, role, label) in [
            ("user", "user", ""),
            ("group administrator", "user", ""),
            ("admin", "admin", ""),
            ("superadmin", "superadmin", ""),
            ("subdomain", "subdomain", "north"),
            ("subdomain_admin", "subdomain_admin", "north"),
            ("subdomain_super_admin", "subdomain_super_admin", "north"),
        ] {
            let id = format!("caller {name}");
            owner.make(&id, json!({ "role": role, "subdomain_id": label })).await;
            if name == "group administrator" {
                let assigned = ASSIGNED.1.replace("u$n", &id).replace("$own", &own);
                owner.ask(ASSIGNED.0, &serde_json::from_str(&assigned).expect("JSON")).await;
            }
            callers.push((name, id.clone(), app.user(&id).await));
        }
        callers.push(("service", app.domain.clone(), app.service().await));
        callers.push(("AccessKey", app.domain.clone(), Pds::owner(server)));
        Self { owner, callers, own, other, domain: app.domain }
    }

    /// What each caller is told, in the order of callers.
    async fn line(&self, case: &Case, next: &mut u32) -> String {
        let mut told = Vec::new();
        for (_, me, caller) in &self.callers {
            *next += 1;
            let mut id = String::new();
            for (path, body) in case.before {
                let answer = self.owner.ask(path, &self.body(body, *next, me, &id)).await;
                let names = ["drive_id", "domain_id", "group_id"];
                let named =
                    names.iter().find(|name| !path.starts_with("/user") && answer.get(**name).is_some());
                let is_domain = path.starts_with("/domain");
                let named = if is_domain { Some(&"domain_id") } else { named };
                let named = if path.starts_with("/group") { Some(&"group_id") } else { named };
                if let Some(name) = named {
                    id = text_of(&answer[*name]);
                }
            }
            let body = self.body(case.body, *next, me, &id);
            let answer = caller.call(case.path, &body).await;
            let mut word = match outcome(&answer).as_str() {
                "200" | "201" | "204" => "yes".to_owned(),
                "403 Forbidden" => "no!".to_owned(),
                told if told.starts_with("403 ForbiddenNoPermission.") => "no".to_owned(),
                "404 NotFound.User" => "nobody".to_owned(),
                "400 InvalidParameterMissing.UserId" => "who?".to_owned(),
                "400 OperationNotSupport" => "unserved".to_owned(),
                told => told.to_owned(),
            };
            let reads = ["get", "list", "search", "has_member"];
            let last = case.path.rsplit('/').next().unwrap_or_default();
            let is_read = reads.iter().any(|read| last.contains(read));
            if word == "yes" && is_read && !case.body.contains("$me") && case.body != "{}"
                || word == "yes" && LISTS.contains(&case.path)
            {
                let whole = self.owner.ask(case.path, &body).await;
                if unmarked(&whole) != unmarked(&answer.json()) {
                    word = "part".to_owned();
                }
            }
            told.push(word);
        }
        format!("{}: {}", case.name, told.join(" "))
    }

    fn body(&self, template: &str, number: u32, me: &str, id: &str) -> Value {
        let text = template
            .replace("$n", &number.to_string())
            .replace("$own", &self.own)
            .replace("$other", &self.other)
            .replace("$domain", &self.domain)
            .replace("$me", me)
            .replace("$id", id);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// Lists that are asked for without any condition.
const LISTS: [&str; 5] =
    ["/user/list", "/user/search", "/user/general_search", "/group/list", "/group/search"];

/// An answer without the marker of the next page, which differs between callers.
fn unmarked(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(members) = answer.as_object_mut() {
        members.remove("next_marker");
    }
    answer
}

/// The table of these cases.
async fn table(cases: &[Case]) -> String {
    let server = Server::start().await;
    let world = World::of(&server).await;
    let names: Vec<&str> = world.callers.iter().map(|(name, ..)| *name).collect();
    let mut lines = vec![names.join(", ")];
    let mut next = 0;
    for case in cases {
        lines.push(world.line(case, &mut next).await);
    }
    server.stop().await;
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_has_its_rights_over_users() {
    insta::assert_snapshot!(table(USERS).await, @r"
    user, group administrator, admin, superadmin, subdomain, subdomain_admin, subdomain_super_admin, service, AccessKey
    user/create: no no yes yes no no no yes yes
    user/create in north: no no yes yes no yes yes yes yes
    user/create an admin: no no no yes no no no yes yes
    user/import: no no yes yes no no no yes yes
    user/get oneself: yes yes yes yes yes yes yes nobody who?
    user/get another: no no yes yes no no no yes yes
    user/get another in north: no no yes yes no yes yes yes yes
    user/general_get another: part part yes yes part part part yes yes
    user/general_get another in north: part part yes yes part yes yes yes yes
    user/general_get with extras: part part yes yes part part part yes yes
    user/list: no no yes yes no part part yes yes
    user/search: no no yes yes no part part yes yes
    user/general_search: part part yes yes part part part yes yes
    user/list_group_user: part part yes yes part part part yes yes
    user/update oneself: yes yes yes yes yes yes yes nobody nobody
    user/update another: no no yes yes no no no yes yes
    user/update another in north: no no yes yes no yes yes yes yes
    user/update the status: no no yes yes no no no yes yes
    user/update the status of an admin: no no no yes no no no yes yes
    user/update the role: no no no yes no no no yes yes
    user/update the password: no no yes yes no no no yes yes
    user/delete: no no yes yes no no no yes yes
    user/delete in north: no no yes yes no yes yes yes yes
    user/delete an admin: no no no yes no no no yes yes
    user/delete a superadmin: no no no yes no no no yes yes
    user/delete oneself: no no no no no no no nobody nobody
    user/update the own status: no no no no no no no nobody nobody
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_has_its_rights_over_groups() {
    insta::assert_snapshot!(table(GROUPS).await, @r"
    user, group administrator, admin, superadmin, subdomain, subdomain_admin, subdomain_super_admin, service, AccessKey
    group/create a root: no no yes yes no no no yes yes
    group/create below the own: no yes yes yes no no no yes yes
    group/create below another: no no yes yes no no no yes yes
    group/get: yes yes yes yes yes yes yes yes yes
    group/list: yes yes yes yes yes yes yes yes yes
    group/search: yes yes yes yes yes yes yes yes yes
    group/list_member: yes yes yes yes yes yes yes yes yes
    group/update below the own: no yes yes yes no no no yes yes
    group/update another: no no yes yes no no no yes yes
    group/update_name below the own: no yes yes yes no no no yes yes
    group/delete below the own: no yes yes yes no no no yes yes
    group/delete another: no no yes yes no no no yes yes
    group/add_member: no yes yes yes no no no yes yes
    group/add_member to another: no no yes yes no no no yes yes
    group/remove_member: no yes yes yes no no no yes yes
    membership/create: no yes yes yes no no no yes yes
    membership/create in another: no no yes yes no no no yes yes
    membership/get: yes yes yes yes yes yes yes yes yes
    membership/update: no yes yes yes no no no yes yes
    membership/delete: no yes yes yes no no no yes yes
    membership/has_member: yes yes yes yes yes yes yes yes yes
    membership/list_direct_child: yes yes yes yes yes yes yes yes yes
    membership/list_direct_parent: yes yes yes yes yes yes yes yes yes
    role/assign: no no yes yes no no no yes yes
    role/cancel_assign: no no yes yes no no no yes yes
    role/list_assignment: no no yes yes no no no yes yes
    role/list_identity_role of oneself: yes yes yes yes yes yes yes nobody nobody
    role/list_identity_role of another: no no yes yes no no no yes yes
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_has_its_rights_over_accounts_drives_and_domains() {
    insta::assert_snapshot!(table(THINGS).await, @r"
    user, group administrator, admin, superadmin, subdomain, subdomain_admin, subdomain_super_admin, service, AccessKey
    account/link: no! no! yes yes no! no! no! yes yes
    account/link a superadmin: no! no! no! yes no! no! no! yes yes
    account/unlink: no! no! yes yes no! no! no! yes yes
    account/get_link_info: no! no! yes yes no! no! no! yes yes
    account/get_link_info_by_user_id: no! no! yes yes no! no! no! yes yes
    drive/create: no no yes yes no no no yes yes
    drive/create for the own group: no yes yes yes no no no yes yes
    drive/get of another: no no yes yes no no no yes yes
    drive/get_default_drive of another: no no yes yes no no no yes yes
    drive/list: no no yes yes no part part yes yes
    drive/search: no no yes yes no part part yes yes
    drive/update: no no yes yes no no no yes yes
    drive/update of the own group: no yes yes yes no no no yes yes
    drive/update the owner: no no no no no no no no yes
    drive/delete: no no yes yes no no no yes yes
    drive/delete of the own group: no yes yes yes no no no yes yes
    domain/get: no no yes yes no no no yes yes
    domain/get_quota: yes yes yes yes yes yes yes yes yes
    domain/update: no no no yes no no no yes yes
    domain/create: no no no no no no no no yes
    domain/list: no no no no no no no no yes
    domain/search: no no no no no no no no yes
    domain/delete: no no no no no no no no yes
    batch: yes yes yes yes yes yes yes yes yes
    subdomain/create: unserved unserved unserved unserved unserved unserved unserved unserved unserved
    ");
}

#[test]
fn the_tables_show_every_operation_that_is_not_for_anybody() {
    let mut shown: Vec<&str> =
        [USERS, GROUPS, THINGS].iter().flat_map(|cases| cases.iter()).map(|case| case.path).collect();
    shown.sort_unstable();
    shown.dedup();
    // Besides: the three by which tokens are got, and two lists of what is the caller's own.
    let mut all: Vec<String> = shown.iter().map(|path| (*path).to_owned()).collect();
    all.extend(
        [
            "/oauth/token",
            "/oauth/authorize",
            "/account/token",
            "/drive/list_my_drives",
            "/drive/list_my_group_drive",
        ]
        .map(str::to_owned),
    );
    all.retain(|path| path != "/subdomain/create");
    assert_eq!(all.len(), 55, "{all:?}");
}
