//! `user/update` and `user/delete` of PDS.
//!
//! Source: `reference/pds.md` §5, §7.3, §8.5 and §8.6; `reference/doors.md` §0, §1.1, §1.2, §4.2 and §4.3.

use model::time::{DAY, MINUTE};
use serde_json::{Value, json};

use crate::support::{App, GOOD, NOW, Pds, Server, has_password, merged, number, pds_fault, text};

/// Another password that follows every rule.
const BETTER: &str = "Better-horse-2";

/// The names of the groups that a user is in, the primary unit first; the root is none.
async fn groups(owner: &Pds, user: &str) -> Vec<String> {
    let request = json!({ "user_id": user, "extra_return_info": ["group"] });
    let shown = owner.ask("/user/general_get", &request).await;
    let groups = shown["parent_group"].as_array().unwrap_or_else(|| panic!("{shown}"));
    groups.iter().map(|group| crate::support::text_of(&group["group_name"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_field_changes_by_itself_and_the_answer_is_the_whole_user() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({})).await;
    let mut expected = owner.ask("/user/get", &json!({ "user_id": "alice" })).await;
    for (field, value) in [
        ("nick_name", json!("爱丽丝")),
        ("description", json!("first\n\tsecond")),
        ("avatar", json!("data:image/png;base64,iVBORw0KGgo=")),
        ("status", json!("disabled")),
        ("status", json!("enabled")),
        ("role", json!("superadmin")),
        ("role", json!("admin")),
        ("role", json!("user")),
        ("email", json!("a@example.com")),
        ("phone", json!("13800000000")),
        ("phone_region", json!("1")),
        ("user_data", json!({ "a": 1 })),
        ("user_data", json!({ "b": { "c": [] } })),
        ("user_data", json!("text")),
        ("expired_at", json!(NOW + DAY)),
        ("expired_at", json!(NOW + 2 * DAY)),
        ("deny_change_password_by_self", json!(true)),
        ("need_change_password_next_login", json!(true)),
    ] {
        server.pass(1_000);
        let mut body = json!({ "user_id": "alice" });
        body[field] = value.clone();

        let changed = owner.call("/user/update", &body).await;

        assert_eq!(changed.status, 200, "{body}: {}", changed.text());
        expected[field] = value;
        expected["updated_at"] = owner.now().0.into();
        if field == "phone" {
            expected["phone_region"] = "86".into();
        }
        assert_eq!(changed.json(), expected, "{body}");
        assert_eq!(owner.ask("/user/get", &json!({ "user_id": "alice" })).await, expected, "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_the_change_moves_only_with_a_change() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let fields = json!({
        "nick_name": "A", "description": "d", "email": "a@example.com", "phone": "1", "phone_region": "86",
        "avatar": "https://example.com/a", "role": "admin", "status": "enabled", "user_data": { "a": 1 },
        "expired_at": NOW + DAY,
    });
    owner.make("alice", fields.clone()).await;
    server.pass(1_000);

    for body in
        [json!({}), fields, json!({ "user_name": "other" }), json!({ "nick_name": null, "status": null })]
    {
        let same = owner.change("alice", body.clone()).await;
        assert_eq!((same.updated_at, same.user_name.as_str()), (NOW, "alice"), "{body}");
        let other = owner.ask("/user/update", &merged(&json!({ "user_id": "alice" }), &body)).await;
        assert_eq!(other["updated_at"], NOW, "{body}");
    }
    assert_eq!(owner.change("alice", json!({ "nick_name": "B" })).await.updated_at, NOW + 1_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_text_clears_and_a_null_leaves_alone() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let domain = owner.domain().await;
    let fields = json!({
        "nick_name": "A", "description": "d", "email": "a@example.com", "phone": "1",
        "avatar": "https://example.com/a", "user_data": { "a": 1 }, "expired_at": NOW + DAY,
    });
    owner.make("alice", fields.clone()).await;
    server.pass(1_000);
    let mut nulls = fields.clone();
    nulls.as_object_mut().expect("an object").values_mut().for_each(|value| *value = Value::Null);

    let kept = owner.ask("/user/update", &merged(&json!({ "user_id": "alice" }), &nulls)).await;
    for (name, value) in fields.as_object().expect("an object") {
        assert_eq!(&kept[name], value, "{name}");
    }
    let empty = json!({
        "user_id": "alice", "nick_name": "", "description": "", "email": "", "phone": "", "avatar": "",
        "user_data": "", "expired_at": 0,
    });
    let cleared = owner.ask("/user/update", &empty).await;

    let mut expected = crate::pds_users_create::plain(&domain, "alice");
    expected["updated_at"] = (NOW + 1_000).into();
    expected["phone_region"] = cleared["phone_region"].clone();
    assert_eq!(cleared, expected);
    assert!(cleared["phone_region"] == "" || cleared["phone_region"] == "86", "{cleared}");
    let avatars = number(&server.home, "select count(*) from avatars where avatar <> ''").await;
    assert_eq!(avatars, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_by_name_and_changes_nothing() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({ "nick_name": "A" })).await;
    let text = |length: usize| "张".repeat(length);
    let right = json!({ "user_id": "alice", "description": "changed" });
    let mut cases = vec![
        (json!({ "user_id": null }), "400 InvalidParameterMissing.UserId"),
        (json!({ "user_id": "" }), "400 InvalidParameter.UserId"),
        (json!({ "user_id": "a#" }), "400 InvalidParameter.UserId"),
        (json!({ "user_id": text(65) }), "400 InvalidParameter.UserId"),
        (json!({ "user_id": "nobody" }), "404 NotFound.User"),
        (json!({ "user_id": "ALICE" }), "404 NotFound.User"),
        (json!({ "nick_name": text(129) }), "400 InvalidParameter.NickName"),
        (json!({ "description": text(1_025) }), "400 InvalidParameter.Description"),
        (json!({ "email": text(129) }), "400 InvalidParameter.Email"),
        (json!({ "phone": text(129) }), "400 InvalidParameter.Phone"),
        (json!({ "phone_region": "x" }), "400 InvalidParameter.PhoneRegion"),
        (json!({ "avatar": "x" }), "400 InvalidParameter.Avatar"),
        (json!({ "user_data": 1 }), "400 InvalidParameter.UserData"),
        (json!({ "user_data": text(1_025) }), "400 InvalidParameter.UserData"),
        (json!({ "status": "locked" }), "400 InvalidParameter.Status"),
        (json!({ "expired_at": -1 }), "400 InvalidParameter.ExpiredAt"),
        (json!({ "plain_password": "short" }), "400 InvalidParameter.PlainPassword"),
        (json!({ "plain_password": "" }), "400 InvalidParameter.PlainPassword"),
        (json!({ "group_info_list": [{ "group_id": "x" }] }), "404 NotFound.Group"),
        (json!({ "group_info_list": "x" }), "400 InvalidParameter.GroupInfoList"),
    ];
    // Of the six roles an update gives three.
    for role in ["root", "subdomain", "subdomain_admin", "subdomain_super_admin"] {
        cases.push((json!({ "role": role }), "400 InvalidParameter.Role"));
    }
    owner.refuses_with("/user/update", &right, &cases).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling_also_unlocks_and_ends_a_time_that_has_come() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({ "expired_at": NOW + MINUTE })).await;
    owner.make("bob", json!({ "expired_at": NOW + MINUTE, "status": "disabled" })).await;
    owner.make("carol", json!({ "expired_at": NOW + DAY, "status": "disabled" })).await;
    owner.make("dave", json!({ "expired_at": NOW + MINUTE })).await;
    // A time in the past is taken.
    owner.make("eve", json!({ "expired_at": NOW - DAY })).await;
    assert_eq!(owner.ids("/user/list", &json!({ "status": "disabled" })).await, ["bob", "carol", "eve"]);
    server.pass(2 * MINUTE);
    assert_eq!(
        owner.ids("/user/list", &json!({ "status": "disabled" })).await,
        ["alice", "bob", "carol", "dave", "eve"]
    );
    let late = owner.user("alice").await;
    assert_eq!(
        (json!(late.status), late.expired_at, late.updated_at),
        (json!("disabled"), NOW + MINUTE, NOW)
    );

    for (id, body, until) in [
        ("alice", json!({ "status": "enabled" }), 0),
        ("bob", json!({ "status": "enabled" }), 0),
        ("carol", json!({ "status": "enabled" }), NOW + DAY),
        ("dave", json!({ "status": "enabled", "expired_at": NOW + DAY }), NOW + DAY),
        ("eve", json!({ "expired_at": NOW + DAY }), NOW + DAY),
    ] {
        let enabled = owner.change(id, body).await;
        assert_eq!((json!(enabled.status), enabled.expired_at), (json!("enabled"), until), "{id}");
    }
    assert_eq!(owner.ids("/user/list", &json!({ "status": "disabled" })).await, Vec::<String>::new());
    // What is said of a user whom a time has shut outlasts the time.
    owner.change("alice", json!({ "expired_at": NOW })).await;
    owner.change("alice", json!({ "status": "disabled" })).await;
    let still = owner.change("alice", json!({ "expired_at": 0 })).await;
    assert_eq!(json!(still.status), json!("disabled"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_groups_replaces_all_and_what_stays_is_as_it_was() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(owner.group(name, None).await);
    }
    let list = |names: &[usize]| {
        let groups: Vec<Value> = names.iter().map(|at| json!({ "group_id": ids[*at] })).collect();
        json!({ "group_info_list": groups })
    };
    owner.make("alice", list(&[0])).await;
    let note =
        json!({ "group_id": ids[1], "user_id": "alice", "member_role": "admin", "description": "note" });
    owner.ask("/membership/create", &note).await;
    let before = owner.ask("/membership/get", &note).await;
    server.pass(1_000);

    // Absent is untouched.
    owner.change("alice", json!({ "nick_name": "A" })).await;
    assert_eq!(groups(&owner, "alice").await, ["a", "b"]);
    // The primary unit goes: the one that stays takes its place.
    owner.change("alice", list(&[3, 1, 2])).await;
    let mut names = groups(&owner, "alice").await;
    assert_eq!(names[0], "b");
    names.sort();
    assert_eq!(names, ["b", "c", "d"]);
    assert_eq!(owner.ask("/membership/get", &note).await, before);
    owner.change("alice", list(&[2, 2])).await;
    assert_eq!(groups(&owner, "alice").await, ["c"]);
    owner.change("alice", list(&[])).await;
    assert_eq!(groups(&owner, "alice").await, Vec::<String>::new());
    let unit = "select units.name from units join unit_members on units.number = unit_members.unit
        join users on users.number = unit_members.user_number where users.chosen_id = 'alice'";
    assert_eq!(text(&server.home, unit).await, "root");
    assert_eq!(owner.user("alice").await.updated_at, NOW + 1_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_replaces_the_old_one_and_joins_the_history() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({ "plain_password": GOOD })).await;
    server.pass(1_000);

    let changed = owner.change("alice", json!({ "plain_password": BETTER })).await;

    assert_eq!(changed.updated_at, NOW + 1_000);
    assert!(has_password(&server.home, "alice", BETTER).await);
    assert!(!has_password(&server.home, "alice", GOOD).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_as_it_is_shown_is_accepted_back_though_it_is_longer_than_one_may_give() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let eiam = server.administrator().eiam();
    let corp = crate::support::Instance::default_of(&eiam).await;
    owner.make("alice", json!({})).await;
    let long = "张".repeat(256);
    let found = crate::support::list_users(&eiam, &corp.users()).await;
    let alice = &found.iter().find(|user| user.username == "alice").expect("EIAM shows all people").user_id;
    corp.ask(&eiam, "UpdateUser", &[("UserId", alice), ("DisplayName", &long)]).await;
    assert_eq!(owner.user("alice").await.nick_name, long);
    server.pass(1_000);

    let same = json!({ "user_id": "alice", "nick_name": long, "description": "new" });
    let changed = owner.call("/user/update", &same).await;

    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(
        (changed.json()["nick_name"].as_str(), &changed.json()["description"]),
        (Some(&*long), &json!("new"))
    );
    let other = json!({ "user_id": "alice", "nick_name": "李".repeat(256) });
    assert_eq!(owner.outcome("/user/update", &other).await, "400 InvalidParameter.NickName");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_gone_with_all_that_was_the_users_own() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let group = owner.group("a", None).await;
    let everything = json!({
        "nick_name": "A", "email": "a@example.com", "avatar": "https://example.com/a", "user_data": { "a": 1 },
        "plain_password": GOOD, "group_info_list": [{ "group_id": group }],
    });
    owner.make("bob", json!({})).await;
    let tables = [
        "users",
        "profiles",
        "avatars",
        "identities",
        "unit_members",
        "passwords",
        "assignments",
        "refresh_tokens",
        "user_texts",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(number(&server.home, &format!("select count(*) from {table}")).await);
    }
    owner.make("alice", everything).await;
    let link = json!({ "user_id": "alice", "type": "email", "identity": "a@example.com" });
    owner.ask("/account/link", &link).await;
    let assign = json!({
        "identity": { "identity_type": "IT_User", "identity_id": "alice" }, "role_id": "SystemGroupAdmin",
        "manage_resource_type": "RT_Group", "manage_resource_id": group,
    });
    owner.ask("/role/assign", &assign).await;
    app.token("alice").await;

    let answer = owner.call("/user/delete", &json!({ "user_id": "alice" })).await;

    assert_eq!((answer.status, answer.body.len()), (204, 0));
    for (table, before) in tables.iter().zip(before) {
        assert_eq!(number(&server.home, &format!("select count(*) from {table}")).await, before, "{table}");
    }
    let gone = "404 NotFound.User";
    for path in ["/user/delete", "/user/get", "/user/general_get", "/user/update"] {
        assert_eq!(owner.outcome(path, &json!({ "user_id": "alice" })).await, gone, "{path}");
    }
    assert_eq!(owner.outcome("/account/get_link_info", &link).await, "404 NotFound.Account");
    assert_eq!(owner.ids("/user/list", &json!({})).await, ["bob", "superadmin"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_deleted_is_told_and_stays() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({})).await;
    let drive = json!({ "drive_name": "d", "owner": "alice", "default": true });
    let drive = owner.ask("/drive/create", &drive).await["drive_id"].clone();
    owner
        .refuses(
            "/user/delete",
            &[
                (json!({}), "400 InvalidParameterMissing.UserId"),
                (json!({ "user_id": "" }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": "nobody" }), "404 NotFound.User"),
                (json!({ "user_id": "alice" }), "409 StateConflict.User"),
                (json!({ "user_id": "superadmin" }), "403 ForbiddenNoPermission.User"),
            ],
        )
        .await;
    let fault = pds_fault(&owner.call("/user/delete", &json!({ "user_id": "alice" })).await);
    assert!(fault.message.to_lowercase().contains("drive"), "{}", fault.message);

    owner.ask("/drive/delete", &json!({ "drive_id": drive })).await;
    owner.remove("alice").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_id_can_be_chosen_again_by_somebody_new() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({ "nick_name": "A", "user_data": { "a": 1 }, "avatar": "https://a" })).await;
    let stored = "select id from users where chosen_id = 'alice'";
    let first = text(&server.home, stored).await;
    owner.remove("alice").await;
    server.pass(1_000);

    let again = owner.make("alice", json!({})).await;

    assert_eq!((again.nick_name.as_str(), again.avatar.as_str(), again.created_at), ("", "", NOW + 1_000));
    assert_eq!(json!(again.user_data), json!({}));
    assert_ne!(text(&server.home, stored).await, first);
    server.stop().await;
}
