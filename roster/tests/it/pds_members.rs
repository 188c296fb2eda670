//! What is directly in a group: put there, taken out, listed with the group or as users.
//!
//! Source: `reference/pds.md` §6.2, §7.6, §8.9 and §9; `reference/doors.md` §4.1, §4.3 and §6.

use api::pds::{ListGroupMember, ListGroupMemberReply, ListGroupUser, ListGroupUserReply, Party, ReturnInfo};
use serde_json::{Value, json};

use crate::support::{NO_GROUP, NOW, PdsCaller, Server, adding_member, members_in, removing_member};

/// Names of groups and ids of users, each in order of the alphabet.
fn of_reply(reply: &ListGroupMemberReply) -> (Vec<&str>, Vec<&str>) {
    let mut groups: Vec<&str> = reply.group_items.iter().map(|group| group.group_name.as_str()).collect();
    let mut users: Vec<&str> = reply.user_items.iter().map(|user| user.user_id.as_str()).collect();
    groups.sort_unstable();
    users.sort_unstable();
    (groups, users)
}

/// The same of a page of users; its `items` are its groups and then its users.
fn of_users(reply: &Value) -> (Vec<String>, Vec<String>) {
    let list = |name: &str| reply[name].as_array().unwrap_or_else(|| panic!("{name} in {reply}")).clone();
    let (groups, users) = (list("group_items"), list("user_items"));
    assert_eq!(list("items"), [groups.clone(), users.clone()].concat(), "{reply}");
    let names = |items: Vec<Value>, key: &str| -> Vec<String> {
        let mut names: Vec<String> =
            items.iter().map(|item| item[key].as_str().expect("a text").to_owned()).collect();
        names.sort_unstable();
        names
    };
    (names(groups, "group_name"), names(users, "user_id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn users_join_a_group_once_and_leave_it_once() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let group = owner.make_group("g").await;

    owner.get(&adding_member(&group, "alice")).await;
    assert_eq!(owner.members_of(&group).await, ["alice"]);
    assert_eq!(owner.brief(&adding_member(&group, "alice")).await, "409 AlreadyExist.Membership");
    owner.get(&adding_member(&group, "bob")).await;
    assert_eq!(owner.members_of(&group).await, ["alice", "bob"]);
    owner.get(&removing_member(&group, "alice")).await;
    assert_eq!(owner.brief(&removing_member(&group, "alice")).await, "404 NotFound.Membership");
    assert_eq!(owner.members_of(&group).await, ["bob"]);
    let shown = owner.get(&ListGroupMember { member_type: Some(Party::User), ..members_in(&group) }).await;
    assert_eq!(of_reply(&shown), (vec![], vec!["bob"]));
    owner.get(&removing_member(&group, "bob")).await;
    let shown = owner.get(&ListGroupMember { member_type: Some(Party::User), ..members_in(&group) }).await;
    assert_eq!((shown.user_items.len(), shown.group_items.len(), shown.next_marker.as_str()), (0, 0, ""));
    owner.get(&adding_member(&group, "alice")).await;
    assert_eq!(owner.members_of(&group).await, ["alice"], "again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_and_leaving_are_refused_with_the_parameter_to_blame() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let group = owner.make_group("g").await;
    let below = owner.make_group_in(&group, "below").await;
    owner.add_member(&group, "bob").await;
    for (path, user, last) in [
        ("group/add_member", "alice", "409 AlreadyExist.Membership"),
        ("group/remove_member", "bob", "404 NotFound.Membership"),
    ] {
        let right = json!({ "group_id": group, "member_type": "user", "member_id": user });
        let other = if user == "alice" { "bob" } else { "alice" };
        owner
            .refuses_with(
                path,
                &right,
                &[
                    (json!({ "group_id": null }), "400 InvalidParameterMissing.GroupId"),
                    (json!({ "group_id": "" }), "400 InvalidParameterEmpty.GroupId"),
                    (json!({ "member_type": null }), "400 InvalidParameterMissing.MemberType"),
                    (json!({ "member_type": "" }), "400 InvalidParameterEmpty.MemberType"),
                    (
                        json!({ "member_type": "group", "member_id": below }),
                        "400 InvalidParameterNotSupported.MemberType",
                    ),
                    (json!({ "member_id": null }), "400 InvalidParameterMissing.MemberId"),
                    (json!({ "member_id": "" }), "400 InvalidParameterEmpty.MemberId"),
                    (json!({ "group_id": NO_GROUP }), "404 NotFound.Group"),
                    (json!({ "member_id": "nobody" }), "404 NotFound.User"),
                    (json!({ "member_id": "ALICE" }), "404 NotFound.User"),
                    (json!({ "member_id": below }), "404 NotFound.User"),
                    (json!({ "member_id": other }), last),
                ],
            )
            .await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_group_becomes_the_primary_unit_and_the_next_one_a_further_one() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let (first, second) = (owner.make_group("first").await, owner.make_group("second").await);
    server.pass(1_000);
    owner.add_member(&first, "alice").await;
    assert_eq!(owner.user("alice").await.updated_at, NOW + 1_000, "the primary unit is a user's own field");
    server.pass(1_000);
    owner.add_member(&second, "alice").await;
    assert_eq!(owner.user("alice").await.updated_at, NOW + 1_000, "further units are not");
    server.pass(1_000);
    owner.remove_member(&second, "alice").await;
    assert_eq!(owner.user("alice").await.updated_at, NOW + 1_000);
    server.pass(1_000);
    owner.remove_member(&first, "alice").await;
    assert_eq!(owner.user("alice").await.updated_at, NOW + 4_000, "she is in the root unit now");
    assert_eq!(owner.group_names_of("alice").await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_members_are_listed_by_their_kind() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob", "carol"]).await;
    let top = owner.make_group("top").await;
    let low = owner.make_group_in(&top, "low").await;
    owner.make_group_in(&top, "last").await;
    owner.make_group_in(&low, "lowest").await;
    owner.add_member(&top, "alice").await;
    owner.add_member(&low, "bob").await;
    for (group, kind, groups, users) in [
        (Some(&top), None, vec!["last", "low"], vec!["alice"]),
        (Some(&top), Some("user"), vec![], vec!["alice"]),
        (Some(&top), Some("group"), vec!["last", "low"], vec![]),
        (Some(&top), Some(""), vec!["last", "low"], vec!["alice"]),
        (Some(&low), None, vec!["lowest"], vec!["bob"]),
        (None, None, vec!["top"], vec!["carol", "superadmin"]),
        (None, Some("group"), vec!["top"], vec![]),
        (None, Some("user"), vec![], vec!["carol", "superadmin"]),
    ] {
        let body = json!({ "group_id": group, "member_type": kind });
        let what = format!("{body}");
        let reply = owner.ask("group/list_member", body.clone()).await;
        let reply: ListGroupMemberReply = serde_json::from_value(reply).expect("it has its form");
        assert_eq!(of_reply(&reply), (groups.clone(), users.clone()), "group/list_member {what}");
        let reply = owner.ask("user/list_group_user", body).await;
        let expected = (
            groups.iter().map(|s| (*s).to_owned()).collect(),
            users.iter().map(|s| (*s).to_owned()).collect(),
        );
        assert_eq!(of_users(&reply), expected, "user/list_group_user {what}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_shown_as_groups_and_users_are_shown_elsewhere() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let top = owner.make_group("top").await;
    owner.make_group_in(&top, "low").await;
    owner.add_member(&top, "alice").await;
    let low = owner.ask("group/search", json!({ "group_name": "low" })).await["items"][0].clone();
    let alice = owner.ask("user/get", json!({ "user_id": "alice" })).await;
    for path in ["group/list_member", "user/list_group_user"] {
        let reply = owner.ask(path, json!({ "group_id": top })).await;
        assert_eq!(reply["group_items"], json!([low]), "{path}");
        assert_eq!(reply["user_items"], json!([alice]), "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_page_size_covers_both_kinds_and_groups_come_first() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let top = owner.make_group("top").await;
    let (mut groups, mut users) = (Vec::new(), Vec::new());
    for number in 0..5 {
        groups.push(format!("group {number}"));
        owner.make_group_in(&top, &groups[number]).await;
        users.push(format!("user_{number}"));
        owner.make_user(&users[number]).await;
        owner.add_member(&top, &users[number]).await;
    }
    for path in ["group/list_member", "user/list_group_user"] {
        for limit in [1, 2, 3, 4, 5, 6, 9, 10, 100] {
            let (mut found_groups, mut found_users) = (Vec::new(), Vec::new());
            let mut marker = String::new();
            loop {
                let body = json!({ "group_id": top, "limit": limit, "marker": marker });
                let page = owner.ask(path, body).await;
                let of_groups = page["group_items"].as_array().expect("a list").clone();
                let of_users = page["user_items"].as_array().expect("a list").clone();
                assert!(of_groups.len() + of_users.len() <= limit, "{path} {limit}: {page}");
                assert!(of_groups.is_empty() || found_users.is_empty(), "{path} {limit}: groups come first");
                found_groups
                    .extend(of_groups.iter().map(|g| g["group_name"].as_str().expect("a text").to_owned()));
                found_users
                    .extend(of_users.iter().map(|u| u["user_id"].as_str().expect("a text").to_owned()));
                page["next_marker"].as_str().expect("a text").clone_into(&mut marker);
                if marker.is_empty() {
                    break;
                }
                assert!(!of_groups.is_empty() || !of_users.is_empty(), "{path} {limit}: {page}");
            }
            found_groups.sort_unstable();
            found_users.sort_unstable();
            assert_eq!((&found_groups, &found_users), (&groups, &users), "{path} {limit}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_what_else_they_ask_for_and_others_do_not() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let (top, other) = (owner.make_group("top").await, owner.make_group("other").await);
    owner.add_member(&top, "alice").await;
    owner.add_member(&other, "alice").await;
    let alice = owner.token_of("alice").await;
    let body = json!({ "drive_name": "d", "owner": "alice", "default": true, "total_size": 7 });
    let drive = owner.call("drive/create", body).await.json()["drive_id"].clone();

    let asked = ListGroupUser {
        group_id: Some(top.clone()),
        extra_return_info: Some(vec![ReturnInfo::Drive, ReturnInfo::Group, ReturnInfo::Account]),
        ..ListGroupUser::default()
    };
    let shown: ListGroupUserReply = owner.get(&asked).await;
    let user = &shown.user_items[0];
    assert_eq!(user.default_drive.as_ref().map(|drive| json!(drive.drive_id)), Some(drive));
    let groups = user.parent_group.as_ref().expect("they were asked for");
    let mut names: Vec<&str> = groups.iter().map(|group| group.group_name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["other", "top"]);
    assert_eq!(user.account.as_ref().map(Vec::len), Some(1));

    let by_alice = alice.get(&asked).await;
    let user = &by_alice.user_items[0];
    assert_eq!((&user.default_drive, &user.parent_group, &user.account), (&None, &None, &None));
    let plain = owner
        .ask("user/list_group_user", json!({ "group_id": top, "extra_return_info": ["anything"] }))
        .await;
    for name in ["default_drive", "parent_group", "account"] {
        assert_eq!(plain["user_items"][0].get(name), None, "{name} was not asked for");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_users_see_of_others_no_address_number_or_data() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.make_group("g").await;
    for id in ["alice", "bob"] {
        let body = json!({
            "user_id": id, "email": format!("{id}@example.com"), "phone": "138", "user_data": { "a": "b" },
            "group_info_list": [{ "group_id": group }],
        });
        assert_eq!(owner.call("user/create", body).await.status, 201);
    }
    let alice = owner.token_of("alice").await;
    let all = owner.ask("user/list_group_user", json!({ "group_id": group })).await;
    assert_eq!(of_users(&all).1, ["alice", "bob"]);
    let shown = alice.ask("user/list_group_user", json!({ "group_id": group })).await;
    let bob = shown["user_items"].as_array().expect("a list").iter().find(|user| user["user_id"] == "bob");
    let bob = bob.expect("he is in the group");
    assert_eq!((&bob["email"], &bob["phone"], &bob["user_data"]), (&json!(""), &json!(""), &json!({})));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_show_groups_have_thirty_users_at_most() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.make_group("g").await;
    for number in 0..35 {
        let body = json!({ "user_id": format!("u{number}"), "group_info_list": [{ "group_id": group }] });
        assert_eq!(owner.call("user/create", body).await.status, 201);
    }
    for (extra, limit, expected) in [
        (json!(["group"]), json!(null), 30),
        (json!(["group"]), json!(100), 30),
        (json!(["group", "drive"]), json!(31), 30),
        (json!(["group"]), json!(10), 10),
        (json!(["drive"]), json!(100), 35),
        (json!([]), json!(null), 35),
    ] {
        let body = json!({ "group_id": group, "extra_return_info": extra, "limit": limit });
        let page = owner.ask("user/list_group_user", body).await;
        assert_eq!(page["user_items"].as_array().map(Vec::len), Some(expected), "{extra} {limit}");
        assert_eq!(page["next_marker"] == "", expected == 35, "{extra} {limit}");
    }
    server.stop().await;
}
