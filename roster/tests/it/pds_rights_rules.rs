//! The finer rules of rights in PDS: fields, oneself, administrators among themselves, labels, the last superadmin.
//!
//! Source: `reference/pds.md` §5; `reference/doors.md` §1.1, §4.2, §4.6 and §7.

use api::eds::{LockUsers, LockUsersReply};
use model::time::DAY;
use serde_json::{Value, json};

use crate::support::{App, Instance, NOW, Pds, Server, list_users, merged, outcome, remove, text_of, texts};

const NO: &str = "403 ForbiddenNoPermission.User";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_changes_three_fields_of_the_own_and_a_fourth_refuses_all() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let group = owner.group("g", None).await;
    owner.make("alice", json!({})).await;
    let alice = app.user("alice").await;
    let before = owner.user("alice").await;

    for (name, value) in [
        ("status", json!("enabled")),
        ("status", json!("disabled")),
        ("role", json!("admin")),
        ("email", json!("a@example.com")),
        ("phone", json!("1")),
        ("phone_region", json!("1")),
        ("user_data", json!({ "a": 1 })),
        ("group_info_list", json!([{ "group_id": group }])),
        ("expired_at", json!(NOW + DAY)),
        ("plain_password", json!("Correct-horse-1")),
        ("deny_change_password_by_self", json!(true)),
        ("need_change_password_next_login", json!(true)),
    ] {
        let mut body = json!({ "user_id": "alice", "nick_name": "changed" });
        body[name] = value;
        let told = alice.outcome("/user/update", &body).await;
        if name == "status" && body["status"] == "enabled" {
            assert!([NO, "200"].contains(&&*told), "{body}: {told}");
            continue;
        }
        assert_eq!(told, NO, "{body}");
        let mut now = owner.user("alice").await;
        now.nick_name.clone_from(&before.nick_name);
        now.updated_at = before.updated_at;
        assert_eq!(now, before, "{body}");
    }
    let own = json!({ "user_id": "alice", "nick_name": "A", "description": "d", "avatar": "https://a", "user_name": "x" });
    let changed = alice.ask("/user/update", &own).await;
    assert_eq!(
        (&changed["nick_name"], &changed["description"], &changed["avatar"]),
        (&json!("A"), &json!("d"), &json!("https://a"))
    );
    assert_eq!(changed["user_name"], "alice");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_others_tells_a_user_nothing_of_them() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for id in ["alice", "bob"] {
        owner.make(id, json!({})).await;
    }
    let alice = app.user("alice").await;
    for path in ["/user/update", "/user/delete", "/user/get"] {
        let (there, not) = (
            alice.call(path, &json!({ "user_id": "bob", "nick_name": "x" })).await,
            alice.call(path, &json!({ "user_id": "no one", "nick_name": "x" })).await,
        );
        assert_eq!(outcome(&there), NO, "{path}");
        assert_eq!(there.text().replace("bob", "?"), not.text().replace("no one", "?"), "{path}");
    }
    assert_eq!(owner.user("bob").await.nick_name, "");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_leaves_admins_and_superadmins_alone() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for (id, role) in [("admin", "admin"), ("peer", "admin"), ("boss", "superadmin"), ("user", "user")] {
        owner.make(id, json!({ "role": role })).await;
    }
    let admin = app.user("admin").await;
    for target in ["peer", "boss", "superadmin"] {
        let before = owner.user(target).await;
        for body in [
            json!({ "nick_name": "x" }),
            json!({ "status": "disabled" }),
            json!({ "plain_password": "Correct-horse-1" }),
            json!({ "email": "x@example.com" }),
            json!({ "role": "user" }),
        ] {
            let body = merged(&body, &json!({ "user_id": target }));
            assert_eq!(admin.outcome("/user/update", &body).await, NO, "{body}");
        }
        assert_eq!(admin.outcome("/user/delete", &json!({ "user_id": target })).await, NO, "{target}");
        let link = json!({ "user_id": target, "type": "custom", "identity": "x" });
        assert_eq!(admin.outcome("/account/link", &link).await, "403 Forbidden", "a token of {target}");
        assert_eq!(owner.user(target).await, before, "{target}");
        // To look at them is another matter.
        assert_eq!(admin.outcome("/user/get", &json!({ "user_id": target })).await, "200");
    }
    for role in ["admin", "superadmin", "subdomain_admin", "subdomain_super_admin", "subdomain"] {
        let body = json!({ "user_id": format!("new {role}"), "role": role });
        assert_eq!(admin.outcome("/user/create", &body).await, NO, "{role}");
    }
    for role in ["admin", "superadmin"] {
        assert_eq!(
            admin.outcome("/user/update", &json!({ "user_id": "user", "role": role })).await,
            NO,
            "{role}"
        );
    }
    admin.make("new", json!({ "role": "user" })).await;
    admin.change("user", json!({ "status": "disabled", "email": "x", "user_data": { "a": 1 } })).await;
    admin.change("admin", json!({ "nick_name": "me" })).await;
    admin.remove("new").await;
    let own = json!({ "user_id": "admin", "role": "superadmin" });
    assert_eq!(admin.outcome("/user/update", &own).await, NO);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_deletes_disables_or_times_himself() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for (id, role) in [("user", "user"), ("admin", "admin"), ("boss", "superadmin")] {
        owner.make(id, json!({ "role": role })).await;
        let caller = app.user(id).await;
        assert_eq!(caller.outcome("/user/delete", &json!({ "user_id": id })).await, NO, "{id}");
        let off = json!({ "user_id": id, "status": "disabled" });
        assert_eq!(caller.outcome("/user/update", &off).await, NO, "{id}");
        assert_eq!(owner.user(id).await.updated_at, NOW, "{id}");
    }
    // A superadmin may give up the role while there is another one.
    let boss = app.user("boss").await;
    boss.change("boss", json!({ "role": "user" })).await;
    assert_eq!(json!(owner.user("boss").await.role), json!("user"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_a_part_reaches_its_label_and_nothing_else() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for (id, role, label) in [
        ("n1", "user", "north"),
        ("n2", "user", "north"),
        ("s1", "user", "south"),
        ("x1", "user", ""),
        ("na", "subdomain_admin", "north"),
        ("nb", "subdomain_super_admin", "north"),
        ("bare", "subdomain_admin", ""),
    ] {
        owner.make(id, json!({ "role": role, "subdomain_id": label, "nick_name": id })).await;
    }
    let (part, bare) = (app.user("na").await, app.user("bare").await);

    assert_eq!(part.ids("/user/list", &json!({})).await, ["n1", "n2", "na", "nb"]);
    assert_eq!(part.ids("/user/search", &json!({ "role": "user" })).await, ["n1", "n2"]);
    // A foreign label has nobody for whom the caller sees.
    assert!(part.ids("/user/list", &json!({ "subdomain_id": "south" })).await.is_empty());
    part.change("n1", json!({ "status": "disabled", "email": "x" })).await;
    part.remove("n2").await;
    let made = part.ask("/user/create", &json!({ "user_id": "n3", "subdomain_id": "north" })).await;
    assert_eq!(made["subdomain_id"], "north");
    for (path, body) in [
        ("/user/get", json!({ "user_id": "s1" })),
        ("/user/get", json!({ "user_id": "x1" })),
        ("/user/update", json!({ "user_id": "s1", "nick_name": "x" })),
        ("/user/update", json!({ "user_id": "x1", "nick_name": "x" })),
        ("/user/update", json!({ "user_id": "nb", "nick_name": "x" })),
        ("/user/update", json!({ "user_id": "n1", "role": "admin" })),
        ("/user/delete", json!({ "user_id": "s1" })),
        ("/user/delete", json!({ "user_id": "superadmin" })),
        ("/user/create", json!({ "user_id": "z", "subdomain_id": "south" })),
        ("/user/create", json!({ "user_id": "z", "subdomain_id": "north", "role": "subdomain_admin" })),
        ("/user/create", json!({ "user_id": "z", "subdomain_id": "north", "role": "admin" })),
    ] {
        assert_eq!(part.outcome(path, &body).await, NO, "{path} {body}");
    }
    // Without a label, and with the role `subdomain`, one is a user.
    owner.make("sub", json!({ "role": "subdomain", "subdomain_id": "north" })).await;
    for caller in [&bare, &app.user("sub").await] {
        for (path, body) in [
            ("/user/get", json!({ "user_id": "n1" })),
            ("/user/update", json!({ "user_id": "n1", "nick_name": "x" })),
            ("/user/create", json!({ "user_id": "z" })),
            ("/user/create", json!({ "user_id": "z", "subdomain_id": "north" })),
        ] {
            assert_eq!(caller.outcome(path, &body).await, NO, "{path} {body}");
        }
        assert_eq!(caller.outcome("/user/get", &json!({})).await, "200");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superadmin_stays_as_every_door_says() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let eds = server.administrator();
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    owner.make("boss", json!({ "role": "superadmin" })).await;
    // The one whom the directory began with makes room: all that is refused below is the last one's.
    owner.change("superadmin", json!({ "role": "user" })).await;
    let users = list_users(&eiam, &corp.users()).await;
    let boss = &users.iter().find(|user| user.username == "boss").expect("EIAM shows people").user_id;
    let before = owner.user("boss").await;
    let service = app.service().await;

    for caller in [&owner, &service] {
        for (path, body) in [
            ("/user/delete", json!({})),
            ("/user/update", json!({ "status": "disabled" })),
            ("/user/update", json!({ "role": "admin" })),
            ("/user/update", json!({ "role": "user" })),
            ("/user/update", json!({ "expired_at": NOW + DAY })),
            ("/user/update", json!({ "expired_at": NOW - DAY, "nick_name": "x" })),
        ] {
            let body = merged(&body, &json!({ "user_id": "boss" }));
            assert_eq!(caller.outcome(path, &body).await, NO, "{path} {body}");
        }
    }
    for action in ["DisableUser", "DeleteUser"] {
        let answer = corp.call(&eiam, action, &[("UserId", boss)]).await;
        assert_eq!(answer.refusal(), "403 OperationDenied.LastSuperadmin", "{action}");
    }
    let request = LockUsers { users: texts(&["boss"]), logout_session: None };
    let locked: LockUsersReply = eds.send(&request).await.expect("the call is right");
    assert_eq!(locked.lock_users_result.failed_users[0].error_code, "OperationDenied.LastSuperadmin");
    let removed = remove(&eds, &["boss"]).await;
    assert_eq!(
        json!(removed)["RemoveUsersResult"]["FailedUsers"][0]["ErrorCode"],
        "OperationDenied.LastSuperadmin",
        "{removed:?}"
    );
    assert_eq!(owner.user("boss").await, before);

    // A second one frees the first, unless it is shut itself.
    for more in [json!({ "status": "disabled" }), json!({ "expired_at": NOW + DAY })] {
        let second = merged(&json!({ "user_id": "second", "role": "superadmin" }), &more);
        owner.ask("/user/create", &second).await;
        assert_eq!(owner.outcome("/user/delete", &json!({ "user_id": "boss" })).await, NO, "{more}");
        owner.remove("second").await;
    }
    owner.make("second", json!({ "role": "superadmin" })).await;
    owner.remove("boss").await;
    assert_eq!(owner.outcome("/user/delete", &json!({ "user_id": "second" })).await, NO);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_superadmins_who_go_at_once_one_stays() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("a", json!({ "role": "superadmin" })).await;
    owner.change("superadmin", json!({ "role": "user" })).await;
    for round in 0..5 {
        owner.change("a", json!({ "role": "superadmin" })).await;
        let id = format!("b{round}");
        owner.make(&id, json!({ "role": "superadmin" })).await;
        if round > 0 {
            let last = format!("b{}", round - 1);
            if owner.outcome("/user/get", &json!({ "user_id": last })).await == "200" {
                owner.remove(&last).await;
            }
        }
        let (one, other) = (Pds::owner(&server), Pds::owner(&server));
        let (delete, demote) = (json!({ "user_id": id }), json!({ "user_id": "a", "role": "user" }));
        let (deleted, demoted) =
            tokio::join!(one.call("/user/delete", &delete), other.call("/user/update", &demote));
        let outcomes = [outcome(&deleted), outcome(&demoted)];
        assert!(outcomes == ["204", NO] || outcomes == [NO, "200"], "{outcomes:?}");
        assert_eq!(owner.ids("/user/search", &json!({ "role": "superadmin" })).await.len(), 1);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_allows_each_call_what_the_call_alone_is_allowed() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for id in ["alice", "bob"] {
        owner.make(id, json!({})).await;
    }
    let child = |id: &str, url: &str, body: Value| json!({ "id": id, "method": "POST", "url": url, "headers": { "Content-Type": "application/json" }, "body": body });
    let requests = json!([
        child("own", "/user/get", json!({ "user_id": "alice" })),
        child("other", "/user/get", json!({ "user_id": "bob" })),
        child("make", "/user/create", json!({ "user_id": "carol" })),
        child("rename", "/user/update", json!({ "user_id": "alice", "nick_name": "A" })),
        child("promote", "/user/update", json!({ "user_id": "alice", "role": "superadmin" })),
    ]);
    let answer =
        app.user("alice").await.ask("/batch", &json!({ "resource": "user", "requests": requests })).await;

    let told: Vec<(String, i64, String)> = answer["responses"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|child| {
            let status = child["status"].as_i64().expect("a status");
            let code = child["body"]["code"].as_str().unwrap_or_default().to_owned();
            (text_of(&child["id"]), status, code)
        })
        .collect();
    let no = "ForbiddenNoPermission.User";
    let expected =
        [("own", 200, ""), ("other", 403, no), ("make", 403, no), ("rename", 200, ""), ("promote", 403, no)];
    assert_eq!(told, expected.map(|(id, status, code)| (id.to_owned(), status, code.to_owned())));
    let alice = owner.user("alice").await;
    assert_eq!((alice.nick_name.as_str(), json!(alice.role)), ("A", json!("user")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_looked_at_for_those_alone_who_may_set_it() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    for (id, role) in [("alice", "user"), ("admin", "admin"), ("boss", "superadmin")] {
        owner.make(id, json!({ "role": role })).await;
    }
    owner.make("part", json!({ "role": "subdomain_admin", "subdomain_id": "north" })).await;
    let [alice, admin, part] = [app.user("alice").await, app.user("admin").await, app.user("part").await];

    for password in ["a", "Correct-horse-1"] {
        for (caller, path, body) in [
            (&alice, "/user/update", json!({ "user_id": "alice" })),
            (&alice, "/user/create", json!({ "user_id": "new" })),
            (&admin, "/user/update", json!({ "user_id": "boss" })),
            (&admin, "/user/create", json!({ "user_id": "new", "role": "admin" })),
            (&part, "/user/create", json!({ "user_id": "new", "subdomain_id": "south" })),
            (&part, "/user/import", json!({ "authentication_type": "custom", "identity": "new" })),
        ] {
            let body = merged(&body, &json!({ "plain_password": password }));
            assert_eq!(caller.outcome(path, &body).await, NO, "{path} {body}");
        }
    }
    for body in [json!({ "user_id": "alice" }), json!({ "user_id": "admin" })] {
        let weak = merged(&body, &json!({ "plain_password": "a" }));
        assert_eq!(admin.outcome("/user/update", &weak).await, "400 InvalidParameter.PlainPassword");
        let strong = merged(&body, &json!({ "plain_password": "Correct-horse-1" }));
        assert_eq!(admin.outcome("/user/update", &strong).await, "200");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_said_back_is_given_to_nobody() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("admin", json!({ "role": "admin" })).await;
    for (id, role) in
        [("a", "user"), ("b", "subdomain"), ("c", "subdomain_admin"), ("d", "subdomain_super_admin")]
    {
        owner.make(id, json!({ "role": role, "subdomain_id": "north" })).await;
        let shown = owner.change(id, json!({ "role": role, "nick_name": "named" })).await;
        assert_eq!((json!(shown.role), shown.nick_name.as_str()), (json!(role), "named"));
    }
    let admin = app.user("admin").await;
    for (id, role) in [("a", "user"), ("b", "subdomain"), ("admin", "admin")] {
        let shown = admin.change(id, json!({ "role": role, "nick_name": "renamed" })).await;
        assert_eq!((json!(shown.role), shown.nick_name.as_str()), (json!(role), "renamed"));
    }
    let own = app.user("a").await;
    own.change("a", json!({ "role": "user", "nick_name": "mine" })).await;

    // Another one is as it was: not everybody's to give, and one of three.
    for (id, role) in [("a", "admin"), ("b", "user")] {
        assert_eq!(admin.outcome("/user/update", &json!({ "user_id": id, "role": role })).await, NO);
    }
    let other = json!({ "user_id": "c", "role": "subdomain_super_admin" });
    assert_eq!(owner.outcome("/user/update", &other).await, "400 InvalidParameter.Role");
    server.stop().await;
}
