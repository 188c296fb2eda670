//! `user/get` and `user/general_get` of PDS: whom each caller sees, and how much of them.
//!
//! Source: `reference/pds.md` §4.1, §5, §8.3, §8.4 and §8.8; `reference/doors.md` §5.

use serde_json::{Value, json};

use crate::support::{App, Pds, Server, merged, text_of};

const GET: &str = "/user/get";
const GENERAL: &str = "/user/general_get";
const NO_PERMISSION: &str = "403 ForbiddenNoPermission.User";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_a_name_for_anybody_is_the_caller() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("alice", json!({ "email": "a@example.com", "phone": "1", "user_data": { "a": 1 } })).await;
    let (alice, superadmin) = (app.user("alice").await, app.user("superadmin").await);

    for path in [GET, GENERAL] {
        let own = alice.ask(path, &json!({})).await;
        assert_eq!(own["user_id"], "alice");
        assert_eq!(own, alice.ask(path, &json!({ "user_id": "alice" })).await);
        assert_eq!(own, owner.ask(path, &json!({ "user_id": "alice" })).await, "all of oneself is shown");
        assert_eq!(superadmin.ask(path, &json!({ "user_id": null })).await["user_id"], "superadmin");
        // Who has no user of the own.
        assert_eq!(owner.outcome(path, &json!({})).await, "400 InvalidParameterMissing.UserId");
        assert_eq!(app.service().await.outcome(path, &json!({})).await, "404 NotFound.User");
        assert_eq!(
            app.service().await.outcome(path, &json!({ "user_id": app.domain })).await,
            "404 NotFound.User"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_try_out_who_exists_with_get() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for (id, more) in [("alice", json!({})), ("bob", json!({})), ("admin", json!({ "role": "admin" }))] {
        owner.make(id, more).await;
    }
    let (alice, admin) = (app.user("alice").await, app.user("admin").await);

    let of_bob = alice.call(GET, &json!({ "user_id": "bob" })).await;
    let of_nobody = alice.call(GET, &json!({ "user_id": "nobody" })).await;

    let told = |answer: &crate::support::Answer| crate::support::pds_fault(answer);
    assert_eq!(told(&of_bob).brief(), NO_PERMISSION);
    assert_eq!(
        (told(&of_bob).status, told(&of_bob).code, told(&of_bob).message.replace("bob", "X")),
        (told(&of_nobody).status, told(&of_nobody).code, told(&of_nobody).message.replace("nobody", "X"))
    );
    for caller in [&admin, &owner] {
        assert_eq!(caller.ask(GET, &json!({ "user_id": "bob" })).await["user_id"], "bob");
        assert_eq!(caller.outcome(GET, &json!({ "user_id": "nobody" })).await, "404 NotFound.User");
    }
    for body in [json!({ "user_id": "" }), json!({ "user_id": "a#" }), json!({ "user_id": "x".repeat(65) })] {
        for path in [GET, GENERAL] {
            assert_eq!(alice.outcome(path, &body).await, "400 InvalidParameter.UserId", "{path} {body}");
            assert_eq!(owner.outcome(path, &body).await, "400 InvalidParameter.UserId", "{path} {body}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_shown_without_address_number_and_data() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let group = owner.group("west", None).await;
    let fields = json!({
        "nick_name": "B", "description": "d", "email": "b@example.com", "phone": "1", "phone_region": "44",
        "avatar": "https://example.com/b", "user_data": { "a": 1 }, "group_info_list": [{ "group_id": group }],
    });
    owner.make("alice", json!({})).await;
    owner.make("bob", fields).await;
    owner.make("shut", json!({ "status": "disabled" })).await;
    owner.make("admin", json!({ "role": "admin" })).await;
    let (alice, admin) = (app.user("alice").await, app.user("admin").await);
    let whole = owner.ask(GET, &json!({ "user_id": "bob" })).await;
    let extras = json!({ "user_id": "bob", "extra_return_info": ["drive", "group", "account"] });

    let seen = alice.ask(GENERAL, &extras).await;
    for (name, value) in [("email", json!("")), ("phone", json!("")), ("user_data", json!({}))] {
        assert_eq!(seen[name], value, "{name}");
    }
    for name in ["default_drive", "parent_group", "account"] {
        assert!(seen.get(name).is_none_or(Value::is_null), "{name}: extras are for administrators: {seen}");
    }
    for name in [
        "domain_id",
        "user_id",
        "user_name",
        "nick_name",
        "description",
        "avatar",
        "role",
        "status",
        "created_at",
    ] {
        assert_eq!(seen[name], whole[name], "{name}");
    }
    assert_eq!(admin.ask(GENERAL, &extras).await, owner.ask(GENERAL, &extras).await);
    assert_eq!(admin.ask(GENERAL, &extras).await["parent_group"][0]["group_name"], "west");
    assert_eq!(alice.outcome(GENERAL, &json!({ "user_id": "nobody" })).await, "404 NotFound.User");
    // Of oneself too, the extras are for administrators.
    let own = alice.ask(GENERAL, &json!({ "extra_return_info": ["group"] })).await;
    assert!(own.get("parent_group").is_none_or(Value::is_null), "{own}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_find_enabled_users_by_names_and_groups_alone() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let group = owner.group("west", None).await;
    let groups = json!([{ "group_id": group }]);
    for (id, more) in [
        (
            "alice",
            json!({ "nick_name": "x", "email": "a@example.com", "phone": "1", "user_data": { "a": 1 } }),
        ),
        (
            "bob",
            json!({ "nick_name": "x", "group_info_list": groups, "email": "b@example.com", "phone": "2" }),
        ),
        ("shut", json!({ "nick_name": "x", "group_info_list": groups, "status": "disabled" })),
        ("admin", json!({ "nick_name": "x", "role": "admin", "phone": "2" })),
    ] {
        owner.make(id, more).await;
    }
    let (alice, admin) = (app.user("alice").await, app.user("admin").await);
    let search = "/user/general_search";

    for (body, of_alice, of_admin) in [
        (json!({ "nick_name": "x" }), &["alice", "bob", "admin"][..], &["alice", "bob", "shut", "admin"][..]),
        (
            json!({ "nick_name_for_fuzzy": "X" }),
            &["alice", "bob", "admin"],
            &["alice", "bob", "shut", "admin"],
        ),
        (json!({ "parent_group_id_list": [group] }), &["bob"], &["bob", "shut"]),
        (json!({ "direct_parent_group_id": group }), &["bob"], &["bob", "shut"]),
        // These say nothing to others.
        (json!({ "nick_name": "x", "phone": "2" }), &["alice", "bob", "admin"], &["bob", "admin"]),
        (json!({ "nick_name": "x", "email": "b@" }), &["alice", "bob", "admin"], &["bob"]),
        (json!({ "nick_name": "x", "role": "admin" }), &["alice", "bob", "admin"], &["admin"]),
        (
            json!({ "nick_name": "x", "status": "enabled" }),
            &["alice", "bob", "admin"],
            &["alice", "bob", "admin"],
        ),
    ] {
        assert_eq!(alice.ids(search, &body).await, of_alice, "{body}");
        assert_eq!(admin.ids(search, &body).await, of_admin, "{body}");
    }
    let disabled = alice.ids(search, &json!({ "nick_name": "x", "status": "disabled" })).await;
    assert!(!disabled.contains(&"shut".to_owned()), "{disabled:?}");
    let body = json!({ "nick_name": "x", "extra_return_info": ["drive", "group", "account"] });
    for user in alice.pages(search, &body, 30).await {
        let id = text_of(&user["user_id"]);
        if id != "alice" {
            assert_eq!(
                (&user["email"], &user["phone"], &user["user_data"]),
                (&json!(""), &json!(""), &json!({})),
                "{id}"
            );
        }
        assert!(user.get("parent_group").is_none_or(Value::is_null), "{user}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_domain_has_its_own_people() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let other = text_of(&owner.ask("/domain/create", &json!({ "domain_name": "other" })).await["domain_id"]);
    let elsewhere = owner.at(&other);
    owner.make("alice", json!({ "nick_name": "here" })).await;

    assert_eq!(elsewhere.outcome(GET, &json!({ "user_id": "alice" })).await, "404 NotFound.User");
    let theirs = elsewhere.make("alice", json!({ "nick_name": "there" })).await;
    assert_eq!(theirs.domain_id, other);
    assert_eq!(owner.user("alice").await.nick_name, "here");
    elsewhere.remove("alice").await;
    let superadmin = app.user("superadmin").await;
    assert_eq!(superadmin.outcome(GET, &json!({ "user_id": "alice" })).await, "200");
    // A token is for its own domain, whatever host or body say.
    assert_eq!(superadmin.at(&other).outcome(GET, &json!({ "user_id": "alice" })).await, "403 Forbidden");
    let named = merged(&json!({ "user_id": "alice" }), &json!({ "domain_id": other }));
    assert_eq!(superadmin.outcome(GET, &named).await, "403 Forbidden");
    server.stop().await;
}
