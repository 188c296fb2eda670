//! Which domain a call means: the token's, the host's, the body's or the query's, or the default one.
//!
//! Source: `reference/doors.md` §3.2 and §3.3; `reference/pds.md` §1.

use api::eiam::{CreateInstance, ListInstances};
use api::pds::{DeleteDomain, GetDomain, UpdateDomain};
use serde_json::json;

use crate::support::{PdsCaller, Server};

/// A domain id that is well-formed and no domain's.
const NOWHERE: &str = "rs445412966400677";

/// The default domain and another one, in each of which there is a user who is named after it.
async fn two_domains(owner: &PdsCaller) -> (String, String) {
    let first = owner.domain().await;
    let second = owner.make_domain("second").await;
    owner.make_user("in_first").await;
    owner.within(&second).make_user("in_second").await;
    (first, second)
}

/// The people of the domain that a list came from.
async fn seen(caller: &PdsCaller, body: serde_json::Value) -> Vec<String> {
    let page = caller.ask("user/list", body).await;
    let users = page["items"].as_array().expect("a list").iter();
    users
        .map(|user| user["user_id"].as_str().expect("an id").to_owned())
        .filter(|id| id != "superadmin")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_key_means_the_host_s_domain_then_the_body_s_then_the_query_s_then_the_default_one() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let (first, second) = two_domains(&owner).await;
    assert!(first.starts_with("rs") && second.starts_with("rs") && first != second, "{first} {second}");

    for caller in [owner.clone(), owner.by_v4()] {
        assert_eq!(seen(&caller, json!({})).await, ["in_first"], "the default one");
        assert_eq!(
            seen(&caller, json!({ "domain_id": "" })).await,
            ["in_first"],
            "an empty text says nothing"
        );
        assert_eq!(seen(&caller, json!({ "domain_id": null })).await, ["in_first"]);
        assert_eq!(seen(&caller, json!({ "domain_id": second })).await, ["in_second"], "the body's");
        assert_eq!(seen(&caller, json!({ "domain_id": first })).await, ["in_first"]);
        for host in [
            "{}.api.aliyunpds.com",
            "{}.auth.aliyunpds.com",
            "{}.localhost:8080",
            "{}",
            "{}.api-vpc.aliyunpds.com",
        ] {
            let of_second = caller.at(&host.replace("{}", &second));
            assert_eq!(seen(&of_second, json!({})).await, ["in_second"], "{host}");
            assert_eq!(seen(&of_second, json!({ "domain_id": second })).await, ["in_second"], "{host}");
        }
        for host in [
            "localhost",
            "127.0.0.1:80",
            "api.aliyunpds.com",
            "cn-hangzhou.admin.aliyunpds.com",
            "rs",
            "rsx1.api",
            "hz999.api.aliyunpds.com",
        ] {
            assert_eq!(seen(&caller.at(host), json!({})).await, ["in_first"], "{host} says nothing");
        }
    }
    let query = owner.post(&format!("/v2/user/list?domain_id={second}"), b"{}");
    let answer = owner.exchange(&query).await.json();
    assert!(answer["items"].to_string().contains("in_second"), "the query's: {answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_is_named_and_is_none_of_the_account_s_is_never_the_default_one() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for domain in [NOWHERE, "rs0", "rs1", "rs99999999999999999999"] {
        for (what, outcome) in [
            ("host", owner.within(domain).outcome("user/list", json!({})).await),
            ("body", owner.outcome("user/list", json!({ "domain_id": domain })).await),
            ("creation", owner.outcome("user/create", json!({ "domain_id": domain, "user_id": "a" })).await),
            ("query", {
                let message = owner.post(&format!("/v2/user/list?domain_id={domain}"), b"{}");
                owner.exchange(&message).await.outcome()
            }),
        ] {
            assert_eq!(outcome, "404 NotFound.Domain", "{what} {domain}");
        }
    }
    assert_eq!(owner.outcome("user/list", json!({ "domain_id": 5 })).await, "400 InvalidParameter.DomainId");
    assert!(!owner.has_user("a").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_has_one_spelling() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    let digits = domain.strip_prefix("rs").expect("its prefix");
    for other in [format!("rs0{digits}"), format!("rs{digits}0")] {
        let outcome = owner.within(&other).outcome("user/list", json!({})).await;
        assert_eq!(outcome, "404 NotFound.Domain", "{other}");
        let outcome = owner.outcome("domain/get", json!({ "domain_id": other })).await;
        assert_eq!(outcome, "404 NotFound.Domain", "{other}");
    }
    for other in [
        digits.to_owned(),
        format!("RS{digits}"),
        format!(" {domain}"),
        format!("{domain} "),
        "idaas_dfizzgsafjod6cnhdpsnecdok4".to_owned(),
    ] {
        let outcome = owner.outcome("domain/get", json!({ "domain_id": other })).await;
        assert_eq!(outcome, "404 NotFound.Domain", "{other:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_means_its_own_domain_and_no_other_may_be_named_with_it() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let (first, second) = two_domains(&owner).await;
    let root_of_second = owner.within(&second).link_for_token("superadmin").await;
    let token = owner.bearer(&root_of_second);

    assert_eq!(seen(&token, json!({})).await, ["in_second"], "whatever the default one is");
    assert_eq!(seen(&token.within(&second), json!({ "domain_id": second })).await, ["in_second"]);
    assert_eq!(seen(&token.at("localhost"), json!({})).await, ["in_second"]);
    let query = token.post(&format!("/v2/user/list?domain_id={first}"), b"{}");
    for (what, outcome) in [
        ("host", token.within(&first).outcome("user/list", json!({})).await),
        ("body", token.outcome("user/list", json!({ "domain_id": first })).await),
        ("query", token.exchange(&query).await.outcome()),
        ("creation", token.outcome("user/create", json!({ "domain_id": first, "user_id": "a" })).await),
        ("domain/get", token.outcome("domain/get", json!({ "domain_id": first })).await),
        (
            "domain/update",
            token.outcome("domain/update", json!({ "domain_id": first, "description": "d" })).await,
        ),
    ] {
        assert_eq!(outcome, "403 Forbidden", "{what}");
    }
    let shown = token.get(&GetDomain::default()).await;
    assert_eq!(shown.domain_id, second, "its own");
    assert!(!owner.has_user("a").await && !owner.within(&second).has_user("a").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_key_names_the_object_of_operations_on_domains_and_not_the_place() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let first = owner.domain().await;
    let second = owner.make_domain("second").await;
    // At the host of one domain, another one is named.
    let at_first = owner.within(&first);
    let shown = at_first.get(&GetDomain { domain_id: Some(second.clone()), ..GetDomain::default() }).await;
    assert_eq!((shown.domain_id.as_str(), shown.domain_name.as_str()), (second.as_str(), "second"));
    let update = UpdateDomain {
        domain_id: second.clone(),
        description: Some("changed".to_owned()),
        ..UpdateDomain::default()
    };
    assert_eq!(at_first.get(&update).await.domain_id, second);
    assert_eq!(owner.within(&second).get(&GetDomain::default()).await.description, "changed");
    at_first.get(&DeleteDomain { domain_id: second.clone() }).await;
    assert_eq!(owner.within(&second).outcome("user/list", json!({})).await, "404 NotFound.Domain");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn things_of_another_domain_do_not_exist() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let (_, second) = two_domains(&owner).await;
    let other = owner.within(&second);
    let group = other.make_group("g").await;
    let drive = other.make_drive("d", "in_second").await.drive_id;
    other.add_member(&group, "in_second").await;
    let own = owner.make_group("own").await;
    let right = json!({ "identity_type": "IT_User", "identity_id": "in_first" });
    let foreign = json!({ "identity_type": "IT_User", "identity_id": "in_second" });
    let role = |identity: &serde_json::Value, group: &str| json!({ "identity": identity, "role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group", "manage_resource_id": group });
    let member = |group: &str, user: &str| json!({ "group_id": group, "member_type": "user", "member_id": user, "user_id": user });
    let before = other.picture().await;
    for (path, body, expected) in [
        ("user/get", json!({ "user_id": "in_second" }), "404 NotFound.User"),
        ("user/update", json!({ "user_id": "in_second", "nick_name": "a" }), "404 NotFound.User"),
        ("user/delete", json!({ "user_id": "in_second" }), "404 NotFound.User"),
        (
            "user/create",
            json!({ "user_id": "a", "group_info_list": [{ "group_id": group }] }),
            "404 NotFound.Group",
        ),
        ("user/list_group_user", json!({ "group_id": group }), "404 NotFound.Group"),
        ("group/get", json!({ "group_id": group }), "404 NotFound.Group"),
        ("group/update", json!({ "group_id": group, "group_name": "a" }), "404 NotFound.Group"),
        ("group/update_name", json!({ "group_id": group, "name": "a" }), "404 NotFound.Group"),
        ("group/delete", json!({ "group_id": group }), "404 NotFound.Group"),
        ("group/create", json!({ "group_name": "a", "parent_group_id": group }), "404 NotFound.Group"),
        ("group/list_member", json!({ "group_id": group }), "404 NotFound.Group"),
        ("group/add_member", member(&group, "in_first"), "404 NotFound.Group"),
        ("group/add_member", member(&own, "in_second"), "404 NotFound.User"),
        ("group/remove_member", member(&group, "in_second"), "404 NotFound.Group"),
        ("membership/create", member(&own, "in_second"), "404 NotFound.User"),
        ("membership/get", member(&group, "in_second"), "404 NotFound.Group"),
        ("membership/has_member", member(&group, "in_second"), "404 NotFound.Group"),
        ("membership/list_direct_child_memberships", json!({ "group_id": group }), "404 NotFound.Group"),
        ("membership/list_direct_parent_memberships", json!({ "user_id": "in_second" }), "404 NotFound.User"),
        ("role/assign", role(&right, &group), "404 NotFound.Group"),
        ("role/assign", role(&foreign, &own), "404 NotFound.User"),
        ("role/list_identity_role", json!({ "identity": foreign }), "404 NotFound.User"),
        ("drive/get", json!({ "drive_id": drive }), "404 NotFound.Drive"),
        ("drive/update", json!({ "drive_id": drive, "total_size": 1 }), "404 NotFound.Drive"),
        ("drive/delete", json!({ "drive_id": drive }), "404 NotFound.Drive"),
        ("drive/create", json!({ "drive_name": "a", "owner": "in_second" }), "404 NotFound.User"),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": group, "owner_type": "group" }),
            "404 NotFound.Group",
        ),
        ("drive/get_default_drive", json!({ "user_id": "in_second" }), "404 NotFound.User"),
        (
            "account/link",
            json!({ "user_id": "in_second", "type": "custom", "identity": "a" }),
            "404 NotFound.User",
        ),
    ] {
        assert_eq!(owner.outcome(path, body.clone()).await, expected, "{path} {body}");
    }
    assert_eq!(other.picture().await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_instance_is_a_domain_and_each_domain_an_instance() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let eiam = server.administrator().eiam();
    eiam.send(&CreateInstance { description: Some("by eiam".to_owned()), client_token: None })
        .await
        .expect("it can be made");
    owner.make_domain("by pds").await;

    let domains = owner.all(&api::pds::ListDomains::default()).await;
    let instances = eiam.send(&ListInstances::default()).await.expect("the call is right").instances;
    assert_eq!((domains.len(), instances.len()), (3, 3));
    let described: Vec<&str> = domains.iter().map(|domain| domain.description.as_str()).collect();
    assert!(described.contains(&"by eiam"), "{described:?}");
    let by_eiam = domains.iter().find(|domain| domain.description == "by eiam").expect("it is listed");
    assert_eq!(by_eiam.domain_name, "default", "what EIAM makes has this name");
    owner.within(&by_eiam.domain_id).make_user("alice").await;
    assert!(owner.within(&by_eiam.domain_id).has_user("superadmin").await, "it comes with its superadmin");
    server.stop().await;
}
