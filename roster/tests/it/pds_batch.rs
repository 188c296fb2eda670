//! Several operations in one request: each one for itself, as if it had come alone.
//!
//! Source: `reference/pds.md` §16.

use api::pds::Role;
use serde_json::{Value, json};

use crate::support::{NO_GROUP, PdsCaller, Server};

fn child(id: &str, url: &str, body: Value) -> Value {
    json!({ "id": id, "method": "POST", "url": url, "headers": { "Content-Type": "application/json" }, "body": body })
}

/// The status of each answer and the code of each refusal; ids come in the order of the requests.
async fn outcomes(caller: &PdsCaller, resource: &str, requests: Vec<Value>) -> Vec<String> {
    let reply = caller.ask("batch", json!({ "resource": resource, "requests": requests })).await;
    let responses = reply["responses"].as_array().expect("a list");
    let ids: Vec<&Value> = responses.iter().map(|response| &response["id"]).collect();
    let asked: Vec<&Value> = requests.iter().map(|request| &request["id"]).collect();
    assert_eq!(ids, asked, "{reply}");
    responses
        .iter()
        .map(|response| {
            let body = response["body"].as_object().unwrap_or_else(|| panic!("{response}"));
            let status = response["status"].as_u64().expect("a number");
            match body.get("code") {
                Some(code) => {
                    assert!(status >= 400 && body["message"].is_string() && body.len() == 2, "{response}");
                    format!("{status} {}", code.as_str().expect("a text"))
                }
                None => status.to_string(),
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_child_is_answered_as_if_it_had_come_alone() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let requests = vec![
        child("a", "/user/get", json!({ "user_id": "alice" })),
        child("b", "/user/get", json!({ "user_id": "nobody" })),
        child("c", "/user/create", json!({ "user_id": "bob" })),
        child("d", "/user/create", json!({ "user_id": "bob" })),
        child("e", "/user/get", json!({ "user_id": "bob" })),
        child("f", "/user/delete", json!({ "user_id": "alice" })),
        child("g", "/user/get", json!({ "user_id": "alice" })),
        child("h", "/user/create", json!({ "user_id": 1 })),
        child("i", "/user/list", json!({})),
        child("j", "/user/abc", json!({})),
    ];
    let alone = owner.ask("user/get", json!({ "user_id": "alice" })).await;
    let reply = owner.ask("batch", json!({ "resource": "user", "requests": requests })).await;
    assert_eq!(reply["responses"][0], json!({ "id": "a", "status": 200, "body": alone }));
    let gone = json!({ "id": "f", "status": 204, "body": {} });
    assert_eq!(reply["responses"][5], gone);
    let codes: Vec<String> = reply["responses"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|response| {
            format!("{} {}", response["status"], response["body"]["code"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        codes,
        [
            "200 ",
            "404 NotFound.User",
            "201 ",
            "409 AlreadyExist.User",
            "200 ",
            "204 ",
            "404 NotFound.User",
            "400 InvalidParameter.UserId",
            "200 ",
            "404 I404NF",
        ]
    );
    assert!(owner.has_user("bob").await && !owner.has_user("alice").await, "those that fail undo nothing");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_memberships_and_drives_come_in_batches_too() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let of_groups = vec![
        child("1", "/group/get", json!({ "group_id": group })),
        child("2", "/group/create", json!({ "group_name": "new", "parent_group_id": group })),
        child(
            "3",
            "/group/add_member",
            json!({ "group_id": group, "member_type": "user", "member_id": "alice" }),
        ),
        child("4", "/group/delete", json!({ "group_id": group })),
        child("5", "/group/get", json!({ "group_id": NO_GROUP })),
    ];
    let expected = ["200", "201", "204", "409 StateConflict.Group", "404 NotFound.Group"];
    assert_eq!(outcomes(&owner, "group", of_groups).await, expected);
    let key = json!({ "group_id": group, "user_id": "alice" });
    let of_memberships = vec![
        child("1", "/membership/get", key.clone()),
        child("2", "/membership/create", key.clone()),
        child("3", "/membership/delete", key.clone()),
        child("4", "/membership/has_member", key),
    ];
    let expected = ["200", "409 AlreadyExist.Membership", "204", "200"];
    assert_eq!(outcomes(&owner, "membership", of_memberships).await, expected);
    let of_drives = vec![
        child("1", "/drive/create", json!({ "drive_name": "d", "owner": "alice" })),
        child("2", "/drive/get", json!({ "drive_id": "1" })),
        child("3", "/drive/list", json!({})),
    ];
    assert_eq!(outcomes(&owner, "drive", of_drives).await, ["201", "404 NotFound.Drive", "200"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_resource_must_match_and_other_families_are_not_reached() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let get = child("1", "/group/get", json!({ "group_id": group }));
    assert_eq!(outcomes(&owner, "user", vec![get]).await, ["400 InvalidParameterNotMatch.Resource"]);
    for url in [
        "/batch",
        "/account/link",
        "/account/token",
        "/oauth/token",
        "/oauth/authorize",
        "/role/assign",
        "/domain/create",
        "/domain/list",
        "/v2/user/get",
        "user/get",
        "/user/get?a=1",
        "https://example.com/user/get",
        "/user/../group/get",
        "",
    ] {
        let body = json!({
            "resource": "user", "requests": [], "user_id": "alice", "type": "custom", "identity": "a",
            "domain_name": "a",
        });
        let outcome = outcomes(&owner, "user", vec![child("1", url, body)]).await;
        assert!(outcome[0].starts_with('4'), "{url}: {outcome:?}");
    }
    let accounts = owner.ask("account/get_link_info_by_user_id", json!({ "user_id": "alice" })).await;
    assert_eq!(accounts["items"], json!([]));
    assert_eq!(owner.all(&api::pds::ListDomains::default()).await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_batches_are_refused_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let create = |id: &str| child(id, "/user/create", json!({ "user_id": format!("u{id}") }));
    let many: Vec<Value> = (0..101).map(|n| create(&n.to_string())).collect();
    for (body, expected) in [
        (json!({}), "400 InvalidParameterMissing."),
        (json!({ "resource": "user" }), "400 InvalidParameterMissing.Requests"),
        (json!({ "requests": [create("1")] }), "400 InvalidParameterMissing.Resource"),
        (json!({ "resource": "", "requests": [create("1")] }), "400 InvalidParameterEmpty.Resource"),
        (json!({ "resource": "dog", "requests": [create("1")] }), "400 InvalidParameter.Resource"),
        (
            json!({ "resource": "file", "requests": [create("1")] }),
            "400 InvalidParameterNotSupported.Resource",
        ),
        (
            json!({ "resource": "share_link", "requests": [create("1")] }),
            "400 InvalidParameterNotSupported.Resource",
        ),
        (
            json!({ "resource": "async_task", "requests": [create("1")] }),
            "400 InvalidParameterNotSupported.Resource",
        ),
        (json!({ "resource": "user", "requests": [] }), "400 InvalidParameter.Requests"),
        (json!({ "resource": "user", "requests": many }), "400 InvalidParameter.Requests"),
        (
            json!({ "resource": "user", "requests": [create("1"), create("2"), create("1")] }),
            "400 InvalidParameter.Requests",
        ),
        (json!({ "resource": "user", "requests": [create("")] }), "400 InvalidParameter.Requests"),
        (
            json!({ "resource": "user", "requests": [{ "method": "POST", "url": "/user/get" }] }),
            "400 InvalidParameter.Requests",
        ),
        (json!({ "resource": "user", "requests": {} }), "400 InvalidParameter.Requests"),
        (json!({ "resource": "user", "requests": ["a"] }), "400 InvalidParameter.Requests"),
    ] {
        let outcome = owner.outcome("batch", body.clone()).await;
        assert!(
            outcome == expected || expected.ends_with('.') && outcome.starts_with(expected),
            "{body}: {outcome}"
        );
    }
    assert_eq!(owner.picture().await["users"].as_array().map(Vec::len), Some(1), "nobody was made");
    let hundred: Vec<Value> = (0..100).map(|n| create(&n.to_string())).collect();
    assert_eq!(outcomes(&owner, "user", hundred).await, vec!["201"; 100]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_s_body_is_an_object_or_its_text_and_may_be_absent() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let superadmin = owner.token_of("superadmin").await;
    let requests = vec![
        child("1", "/user/get", json!("{\"user_id\":\"superadmin\"}")),
        child("2", "/user/get", json!("{")),
        child("3", "/user/get", json!([1])),
        child("4", "/user/get", json!(5)),
        json!({ "id": "5", "method": "POST", "url": "/user/get" }),
        json!({ "id": "6", "method": "POST", "url": "/user/get", "headers": null, "body": null }),
        child("7", "/user/get", json!("[]")),
    ];
    let broken = "400 InvalidRequestJSONFormat";
    assert_eq!(
        outcomes(&superadmin, "user", requests).await,
        ["200", broken, broken, broken, "200", "200", broken]
    );
    for method in ["GET", "PUT", "DELETE", "HEAD"] {
        let mut request = child("1", "/user/get", json!({ "user_id": "superadmin" }));
        request["method"] = json!(method);
        assert_eq!(outcomes(&owner, "user", vec![request]).await, ["404 I404NF"], "{method}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_operation_is_repeated_in_short() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let mut request = child("1", &format!("/{}", "é".repeat(10_000)), json!({}));
    request["method"] = json!("ñ".repeat(10_000));
    let reply = owner.ask("batch", json!({ "resource": "user", "requests": [request] })).await;
    let expected = format!("API not found with `{} /v2/{}`", "ñ".repeat(32), "é".repeat(251));
    assert_eq!(reply["responses"][0]["body"]["message"], json!(expected));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn children_have_the_caller_s_rights_and_domain() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    owner.make_user_as("boss", Role::Admin).await;
    let (alice, boss) = (owner.token_of("alice").await, owner.token_of("boss").await);
    let requests = || {
        vec![
            child("1", "/user/get", json!({})),
            child("2", "/user/get", json!({ "user_id": "bob" })),
            child("3", "/user/update", json!({ "user_id": "superadmin", "status": "disabled" })),
            child("4", "/user/list", json!({})),
        ]
    };
    let forbidden = "403 ForbiddenNoPermission.User";
    assert_eq!(outcomes(&alice, "user", requests()).await, ["200", forbidden, forbidden, forbidden]);
    assert_eq!(outcomes(&boss, "user", requests()).await, ["200", "200", forbidden, "200"]);
    let outcome =
        owner.nobody().outcome("batch", json!({ "resource": "user", "requests": requests() })).await;
    assert_eq!(outcome, "401 AccessTokenInvalid");

    let second = owner.make_domain("second").await;
    let within = owner.within(&second);
    let in_second = vec![child("1", "/user/create", json!({ "user_id": "carol" }))];
    assert_eq!(outcomes(&within, "user", in_second).await, ["201"]);
    assert!(within.has_user("carol").await && !owner.has_user("carol").await);
    let elsewhere = vec![child("1", "/user/get", json!({ "user_id": "carol", "domain_id": second }))];
    let outcome = outcomes(&alice, "user", elsewhere).await;
    assert_eq!(outcome, ["403 Forbidden"], "a token's domain is its own");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_signed_is_not_accepted_twice() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let body = json!({ "resource": "user", "requests": [child("1", "/user/create", json!({ "user_id": "alice" }))] });
    let message = owner.post("/v2/batch", body.to_string().as_bytes());
    assert_eq!(owner.exchange(&message).await.status, 200);
    owner.get(&api::pds::DeleteUser { user_id: "alice".to_owned() }).await;
    assert_eq!(owner.exchange(&message).await.outcome(), "403 Forbidden");
    assert!(!owner.has_user("alice").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_deep_is_answered_in_a_batch_too() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let data = format!("{}1{}", "{\"a\":".repeat(127), "}".repeat(127));
    let made = owner.call("user/create", json!({ "user_id": "deep", "user_data": data })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let children = vec![
        child("1", "/user/get", json!({ "user_id": "deep" })),
        child("2", "/user/search", json!({})),
        child("3", "/user/create", json!({ "user_id": "made" })),
    ];
    let body = json!({ "resource": "user", "requests": children }).to_string();

    let answer = owner.exchange(&owner.post("/v2/batch", body.as_bytes())).await;

    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    // Too deep for what reads JSON here.
    for (id, status) in [("1", 200), ("2", 200), ("3", 201)] {
        assert!(text.contains(&format!(r#"{{"id":"{id}","status":{status},"body":{{"#)), "{text}");
    }
    assert!(text.matches(&"{\"a\":".repeat(127)).count() == 2, "{text}");
    assert!(owner.has_user("made").await);
    server.stop().await;
}
