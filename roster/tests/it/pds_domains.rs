//! Domains: made, shown, listed, found, changed, removed, and what they allow.
//!
//! Source: `reference/pds.md` §6.8 and §15; `reference/doors.md` §3.3, §4.5 and §5.

use api::pds::{
    CreateDomain, DeleteDomain, Domain, GetDomain, ListDomains, Role, SearchDomains, UpdateDomain,
};
use serde_json::{Value, json};

use crate::support::{App, PdsCaller, Server, told_pds};

fn new(name: &str) -> CreateDomain {
    CreateDomain { domain_name: name.to_owned(), ..CreateDomain::default() }
}

fn named(domain: &str) -> GetDomain {
    GetDomain { domain_id: Some(domain.to_owned()), ..GetDomain::default() }
}

fn names(domains: Vec<Domain>) -> Vec<String> {
    domains.into_iter().map(|domain| domain.domain_name).collect()
}

async fn found(caller: &PdsCaller, body: Value) -> Vec<String> {
    let search: SearchDomains = serde_json::from_value(body).expect("it has its form");
    names(caller.all(&search).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_shown_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let body = json!({
        "domain_name": "网盘", "description": "a\nb", "init_drive_enable": true, "init_drive_size": 1_073_741_824,
        "size_quota": 99, "user_count_quota": 7, "store_redundancy_type": "ZRS",
    });
    let answer = owner.call("domain/create", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["domain_id"].as_str().expect("a text").to_owned();
    let digits = id.strip_prefix("rs").expect("its prefix");
    assert!(digits.parse::<i64>().is_ok_and(|number| number.to_string() == digits), "{id}");
    let mut expected = json!({
        "domain_id": "[domain]", "domain_name": "网盘", "description": "a\nb", "parent_domain_id": "",
        "init_drive_enable": true, "init_drive_size": 1_073_741_824, "size_quota": 99, "used_size": 0,
        "user_count_quota": 7, "status": 1, "created_at": "2026-01-15T08:30:00.000Z",
        "updated_at": "2026-01-15T08:30:00.000Z",
        "published_app_access_strategy": { "effect": "allow", "except_app_id_list": [] },
    });
    let names = [(id.as_str(), "domain")];
    assert_eq!(told_pds(&answer, &names), expected);
    let shown = owner.call("domain/get", json!({ "domain_id": id, "fields": "*" })).await;
    assert_eq!(told_pds(&shown, &names), expected);
    let shown = owner.call("domain/get", json!({ "domain_id": id, "get_quota_used": true })).await;
    expected["size_quota_used"] = json!(0);
    assert_eq!(told_pds(&shown, &names), expected, "how much is used is said where it is asked for");

    let plain = owner.get(&new("plain")).await;
    assert_eq!((plain.description.as_str(), plain.init_drive_enable, plain.size_quota), ("", false, 0));
    assert_eq!((plain.user_count_quota, plain.used_size, plain.size_quota_used), (0, 0, None));
    let used = owner.get(&GetDomain { get_quota_used: Some(true), ..named(&plain.domain_id) }).await;
    assert_eq!(used.size_quota_used, None, "there is no end");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_domain_has_its_superadmin_and_nobody_else() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.make_domain("d").await;
    let within = owner.within(&domain);
    let users = within.all(&api::pds::ListUser::default()).await;
    assert_eq!(users.len(), 1);
    let superadmin = &users[0];
    assert_eq!((superadmin.user_id.as_str(), superadmin.user_name.as_str()), ("superadmin", "superadmin"));
    assert_eq!((superadmin.role, superadmin.creator.as_str()), (Role::SuperAdmin, "system"));
    assert_eq!((superadmin.nick_name.as_str(), superadmin.domain_id.as_str()), ("", domain.as_str()));
    let quota = within.ask("domain/get_quota", json!({})).await;
    let nothing = json!({ "size_quota": 0, "size_used": 0, "user_count_quota": 0, "user_count_used": 0 });
    assert_eq!(quota, nothing, "system users do not count");
    within.make_user("alice").await;
    let body = json!({ "user_id": "gone", "status": "disabled" });
    assert_eq!(within.outcome("user/create", body).await, "201");
    assert_eq!(within.ask("domain/get_quota", json!({})).await["user_count_used"], 2, "of any status");
    assert_eq!(owner.ask("domain/get_quota", json!({})).await, nothing, "another domain");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.make_domain("d").await;
    let before = owner.all(&ListDomains::default()).await;
    let many: Vec<String> = (0..101).map(|n| format!("app{n}")).collect();
    for (path, body, expected) in [
        ("domain/create", json!({}), "400 InvalidParameterMissing.DomainName"),
        ("domain/create", json!({ "domain_name": "" }), "400 InvalidParameterEmpty.DomainName"),
        ("domain/create", json!({ "domain_name": "n".repeat(129) }), "400 InvalidParameter.DomainName"),
        (
            "domain/create",
            json!({ "domain_name": "a", "description": "d".repeat(1025) }),
            "400 InvalidParameter.Description",
        ),
        (
            "domain/create",
            json!({ "domain_name": "a", "init_drive_enable": true }),
            "400 InvalidParameterMissing.InitDriveSize",
        ),
        (
            "domain/create",
            json!({ "domain_name": "a", "init_drive_size": -2 }),
            "400 InvalidParameter.InitDriveSize",
        ),
        ("domain/create", json!({ "domain_name": "a", "size_quota": -2 }), "400 InvalidParameter.SizeQuota"),
        (
            "domain/create",
            json!({ "domain_name": "a", "user_count_quota": 2_147_483_648_i64 }),
            "400 InvalidParameter.UserCountQuota",
        ),
        (
            "domain/create",
            json!({ "domain_name": "a", "parent_domain_id": domain }),
            "400 InvalidParameterNotSupported.ParentDomainId",
        ),
        (
            "domain/create",
            json!({ "domain_name": "a", "store_redundancy_type": "XRS" }),
            "400 InvalidParameter.StoreRedundancyType",
        ),
        ("domain/update", json!({}), "400 InvalidParameterMissing.DomainId"),
        ("domain/update", json!({ "domain_id": "" }), "400 InvalidParameterEmpty.DomainId"),
        ("domain/update", json!({ "domain_id": "rs445412966400677" }), "404 NotFound.Domain"),
        ("domain/update", json!({ "domain_id": "d" }), "404 NotFound.Domain"),
        (
            "domain/update",
            json!({ "domain_id": domain, "domain_name": "" }),
            "400 InvalidParameterEmpty.DomainName",
        ),
        (
            "domain/update",
            json!({ "domain_id": domain, "description": "d".repeat(1025) }),
            "400 InvalidParameter.Description",
        ),
        (
            "domain/update",
            json!({ "domain_id": domain, "published_app_access_strategy": { "effect": "deny", "except_app_id_list": many } }),
            "400 InvalidParameter.PublishedAppAccessStrategy",
        ),
        ("domain/delete", json!({}), "400 InvalidParameterMissing.DomainId"),
        ("domain/delete", json!({ "domain_id": "" }), "400 InvalidParameterEmpty.DomainId"),
        ("domain/delete", json!({ "domain_id": "rs445412966400677" }), "404 NotFound.Domain"),
        ("domain/get", json!({ "domain_id": "rs445412966400677" }), "404 NotFound.Domain"),
        (
            "domain/list",
            json!({ "parent_domain_id": domain }),
            "400 InvalidParameterNotSupported.ParentDomainId",
        ),
        ("domain/list", json!({ "service_code": "edm" }), "400 InvalidParameterNotSupported.ServiceCode"),
        ("domain/search", json!({ "name": "n".repeat(129) }), "400 InvalidParameter.Name"),
    ] {
        assert_eq!(owner.outcome(path, body.clone()).await, expected, "{path} {body}");
    }
    assert_eq!(owner.all(&ListDomains::default()).await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_is_given_and_the_time_only_then() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let made = owner.get(&CreateDomain { description: Some("old".to_owned()), ..new("d") }).await;
    let id = made.domain_id.clone();
    server.pass(1_500);
    let nothing = UpdateDomain { domain_id: id.clone(), ..UpdateDomain::default() };
    assert_eq!(owner.get(&nothing).await, made, "nothing has changed");
    for (change, name, value) in [
        (json!({ "domain_name": "new" }), "domain_name", json!("new")),
        (json!({ "description": "" }), "description", json!("")),
        (json!({ "init_drive_enable": true, "init_drive_size": -1 }), "init_drive_size", json!(-1)),
        (json!({ "init_drive_size": 0 }), "init_drive_size", json!(0)),
        (json!({ "init_drive_enable": false }), "init_drive_enable", json!(false)),
        (json!({ "size_quota": 5 }), "size_quota", json!(5)),
        (json!({ "size_quota": -1 }), "size_quota", json!(0)),
        (json!({ "user_count_quota": 3 }), "user_count_quota", json!(3)),
        (json!({ "user_count_quota": -1 }), "user_count_quota", json!(0)),
        (json!({ "user_count_quota": 9 }), "user_count_quota", json!(9)),
        (json!({ "user_count_quota": 0 }), "user_count_quota", json!(0)),
        (
            json!({ "published_app_access_strategy": { "effect": "deny", "except_app_id_list": ["a", "b"] } }),
            "published_app_access_strategy",
            json!({ "effect": "deny", "except_app_id_list": ["a", "b"] }),
        ),
        (
            json!({ "published_app_access_strategy": { "effect": "allow" } }),
            "published_app_access_strategy",
            json!({ "effect": "allow", "except_app_id_list": [] }),
        ),
    ] {
        let mut body = change;
        body["domain_id"] = json!(id);
        let shown = owner.ask("domain/update", body.clone()).await;
        assert_eq!(shown[name], value, "{body}");
        assert_eq!(shown["updated_at"], "2026-01-15T08:30:01.500Z", "{body}");
        assert_eq!(shown["created_at"], "2026-01-15T08:30:00.000Z");
        assert_eq!(owner.ask("domain/get", json!({ "domain_id": id })).await, shown);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn domains_are_listed_and_found_by_what_their_names_hold() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for name in ["Alpha", "beta", "ALPHABET", "网盘", "beta"] {
        server.pass(1_000);
        owner.make_domain(name).await;
    }
    let all = owner.all(&ListDomains::default()).await;
    assert_eq!(all.len(), 6, "names may be the same, and the default one is there");
    for limit in [1, 2, 6] {
        let list: ListDomains = serde_json::from_value(json!({ "limit": limit })).expect("it has its form");
        assert_eq!(owner.all(&list).await, all, "{limit} on a page");
    }
    for (body, expected) in [
        (json!({ "name": "alpha" }), &["ALPHABET", "Alpha"][..]),
        (json!({ "name": "bet" }), &["beta", "ALPHABET", "beta"]),
        (json!({ "name": "bet", "order_by": "created_at" }), &["beta", "ALPHABET", "beta"]),
        (json!({ "name": "bet", "limit": 1 }), &["beta", "ALPHABET", "beta"]),
        (json!({ "name": "盘" }), &["网盘"]),
        (json!({ "name": "nothing" }), &[]),
    ] {
        assert_eq!(found(&owner, body.clone()).await, expected, "{body}");
    }
    let latest_first = found(&owner, json!({})).await;
    assert_eq!(latest_first[..5], ["beta", "网盘", "ALPHABET", "beta", "Alpha"], "the last one first");
    assert_eq!(latest_first.len(), 6);
    assert_eq!(found(&owner, json!({ "name": "", "limit": 2 })).await, latest_first);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_domains_are_on_a_page_of_the_list_where_nothing_is_said() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for number in 0..51 {
        owner.make_domain(&format!("d{number}")).await;
    }
    let page = owner.ask("domain/list", json!({})).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(50));
    assert_ne!(page["next_marker"], "");
    let page = owner.ask("domain/search", json!({})).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(52));
    assert_eq!(owner.all(&ListDomains::default()).await.len(), 52);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_goes_without_people_and_drives_and_the_default_one_stays() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let default = owner.domain().await;
    let delete = |domain: &str| DeleteDomain { domain_id: domain.to_owned() };
    assert_eq!(owner.brief(&delete(&default)).await, "409 StateConflict.Domain", "the default one");

    let domain = owner.make_domain("d").await;
    let within = owner.within(&domain);
    within.make_user("alice").await;
    let group = within.make_group("g").await;
    assert_eq!(owner.brief(&delete(&domain)).await, "409 StateConflict.Domain", "there are people");
    within.get(&api::pds::DeleteUser { user_id: "alice".to_owned() }).await;
    let drive = within.make_group_drive("d", &group).await.drive_id;
    assert_eq!(owner.brief(&delete(&domain)).await, "409 StateConflict.Domain", "there is a drive");
    within.get(&api::pds::DeleteDrive { drive_id: drive, force: None }).await;
    let of_superadmin = within.make_drive("d", "superadmin").await.drive_id;
    assert_eq!(owner.brief(&delete(&domain)).await, "409 StateConflict.Domain", "there is a drive");
    within.get(&api::pds::DeleteDrive { drive_id: of_superadmin, force: None }).await;

    let token = within.token_of("superadmin").await;
    owner.get(&delete(&domain)).await;
    assert_eq!(owner.brief(&delete(&domain)).await, "404 NotFound.Domain");
    assert_eq!(owner.brief(&named(&domain)).await, "404 NotFound.Domain");
    assert_eq!(within.outcome("group/list", json!({})).await, "404 NotFound.Domain");
    assert_eq!(token.outcome("user/get", json!({})).await, "401 AccessTokenInvalid", "its tokens end");
    assert_eq!(owner.all(&ListDomains::default()).await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_manages_the_own_domain_and_makes_and_lists_none() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.make_user("alice").await;
    owner.make_user_as("boss", Role::Admin).await;
    for (name, caller) in [
        ("superadmin", owner.token_of("superadmin").await),
        ("boss", owner.token_of("boss").await),
        ("alice", owner.token_of("alice").await),
    ] {
        let forbidden = "403 ForbiddenNoPermission.Domain";
        let allowed = |names: &[&str]| if names.contains(&name) { "200" } else { forbidden };
        for (path, body, expected) in [
            ("domain/get", json!({}), allowed(&["superadmin", "boss"])),
            ("domain/get", json!({ "domain_id": domain }), allowed(&["superadmin", "boss"])),
            ("domain/get_quota", json!({}), "200"),
            ("domain/update", json!({ "domain_id": domain, "description": name }), allowed(&["superadmin"])),
            ("domain/create", json!({ "domain_name": "a" }), forbidden),
            ("domain/list", json!({}), forbidden),
            ("domain/search", json!({}), forbidden),
            ("domain/delete", json!({ "domain_id": domain }), forbidden),
        ] {
            assert_eq!(caller.outcome(path, body).await, expected, "{name} {path}");
        }
    }
    assert_eq!(owner.get(&GetDomain::default()).await.description, "superadmin");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_get_a_drive_with_their_first_token_where_the_domain_says_so() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    let app = App::of(&server).await;
    owner.make_user("early").await;
    app.token("early").await;
    let update = json!({ "domain_id": domain, "init_drive_enable": true, "init_drive_size": 12_345 });
    owner.ask("domain/update", update).await;
    let alice = owner.make_user("alice").await;
    assert_eq!(alice.default_drive_id, "", "not when the user is made");
    assert_eq!(owner.drives().await, Vec::new());

    let reply =
        owner.ask("account/link", json!({ "user_id": "alice", "type": "custom", "identity": "a" })).await;
    let drives = owner.drives().await;
    assert_eq!(drives.len(), 1);
    assert_eq!(reply["default_drive_id"], drives[0].drive_id);
    assert_eq!((drives[0].owner.as_str(), drives[0].total_size, drives[0].used_size), ("alice", 12_345, 0));
    assert_eq!(owner.user("alice").await.default_drive_id, drives[0].drive_id);
    owner.ask("account/link", json!({ "user_id": "alice", "type": "custom", "identity": "b" })).await;
    app.token("alice").await;
    owner.token_of("early").await;
    assert_eq!(owner.drives().await.len(), 1, "the first token alone");

    // Removed, it does not come again to who has signed in.
    owner.get(&api::pds::DeleteDrive { drive_id: drives[0].drive_id.clone(), force: None }).await;
    app.token("alice").await;
    owner.token_of("alice").await;
    assert_eq!(owner.drives().await, Vec::new());

    let imported = json!({ "authentication_type": "custom", "identity": "c", "auto_create_drive": true });
    let imported = owner.ask("user/import", imported).await;
    let drive = owner.ask("drive/get", json!({ "drive_id": imported["default_drive_id"] })).await;
    assert_eq!(drive["total_size"], 12_345, "what the domain says");
    assert_eq!(json!(drive["created_at"]), "2026-01-15T08:30:00.000Z");
    server.stop().await;
}
