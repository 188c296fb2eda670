//! What a group administrator may do, inside and outside of the own subtree, and what others may do with groups.
//!
//! Source: `reference/pds.md` §5, §9, §10 and §14; `reference/doors.md` §4.3 and §7.

use api::pds::{AssignRole, CancelAssignRole, Role};
use serde_json::{Value, json};

use crate::support::{PdsCaller, Server, assigning};

/// A tree with groups above, below and beside the one that `alice` administers; people in each.
struct Company {
    server: Server,
    owner: PdsCaller,
    alice: PdsCaller,
    top: String,
    own: String,
    below: String,
    lowest: String,
    beside: String,
}

impl Company {
    async fn with(only_here: Option<bool>) -> Self {
        let server = Server::start().await;
        let owner = PdsCaller::of(&server);
        let top = owner.make_group("top").await;
        let own = owner.make_group_in(&top, "own").await;
        let below = owner.make_group_in(&own, "below").await;
        let lowest = owner.make_group_in(&below, "lowest").await;
        let beside = owner.make_group_in(&top, "beside").await;
        owner.make_users(&["alice", "bob", "carol"]).await;
        for group in [&top, &own, &below, &lowest, &beside] {
            owner.add_member(group, "bob").await;
        }
        owner.get(&AssignRole { disinherit_sub_group: only_here, ..assigning("alice", &own) }).await;
        let alice = owner.token_of("alice").await;
        Self { server, owner, alice, top, own, below, lowest, beside }
    }

    async fn start() -> Self {
        Self::with(None).await
    }
}

fn member(group: &str, user: &str) -> Value {
    json!({ "group_id": group, "member_type": "user", "member_id": user, "user_id": user })
}

/// Each way to change a group or who is in it: `bob` is, `carol` is not.
fn changes(group: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("group/create", json!({ "group_name": "new", "parent_group_id": group })),
        ("group/update", json!({ "group_id": group, "description": "changed" })),
        ("group/update_name", json!({ "group_id": group, "name": "renamed" })),
        ("group/add_member", member(group, "carol")),
        ("group/remove_member", member(group, "bob")),
        ("membership/create", member(group, "bob")),
        ("membership/update", {
            let mut body = member(group, "bob");
            body["description"] = json!("changed");
            body
        }),
        ("membership/delete", member(group, "bob")),
        ("drive/create", json!({ "drive_name": "new", "owner": group, "owner_type": "group" })),
    ]
}

fn is_forbidden(outcome: &str) -> bool {
    outcome.starts_with("403 ForbiddenNoPermission.")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_administrator_changes_the_own_group_and_all_below() {
    let company = Company::start().await;
    let Company { server, owner, alice, own, below, lowest, .. } = company;
    for group in [&own, &below, &lowest] {
        for (path, body) in changes(group) {
            let answer = alice.call(path, body).await;
            assert!(answer.status < 300, "{path} {group}: {}", answer.text());
        }
        assert_eq!(owner.members_of(group).await, ["carol"]);
        let shown = owner.ask("group/get", json!({ "group_id": group })).await;
        assert_eq!((&shown["group_name"], &shown["description"]), (&json!("renamed"), &json!("changed")));
    }
    let drives = owner.drives().await;
    assert_eq!(drives.len(), 3);
    for drive in drives {
        assert_eq!(drive.creator, "alice");
        let id = json!({ "drive_id": drive.drive_id, "total_size": 5 });
        assert_eq!(alice.outcome("drive/get", id.clone()).await, "200");
        assert_eq!(alice.outcome("drive/update", id.clone()).await, "200");
        assert_eq!(alice.outcome("drive/delete", id).await, "204");
    }
    let new = owner.ask("group/search", json!({ "group_name": "new" })).await;
    let new: Vec<Value> = new["items"].as_array().expect("a list").clone();
    assert_eq!(new.len(), 3);
    for group in &new {
        assert_eq!(group["creator"], "alice");
        let outcome = alice.outcome("group/delete", json!({ "group_id": group["group_id"] })).await;
        assert_eq!(outcome, "204", "what is below may be removed");
    }
    for group in [&lowest, &below, &own] {
        let outcome = alice.outcome("group/delete", json!({ "group_id": group })).await;
        assert_eq!(outcome, "204", "the own group too");
    }
    assert!(is_forbidden(&alice.outcome("group/create", json!({ "group_name": "root" })).await));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_administrator_changes_nothing_above_or_beside() {
    let company = Company::start().await;
    let Company { server, owner, alice, top, beside, own, .. } = company;
    let drive = owner.make_group_drive("of beside", &beside).await.drive_id;
    let of_bob = owner.make_drive("of bob", "bob").await.drive_id;
    let before = owner.picture().await;
    for group in [&top, &beside] {
        for (path, body) in changes(group) {
            let outcome = alice.outcome(path, body).await;
            assert!(is_forbidden(&outcome), "{path}: {outcome}");
        }
        let outcome = alice.outcome("group/delete", json!({ "group_id": group })).await;
        assert_eq!(outcome, "403 ForbiddenNoPermission.Group");
    }
    for (path, body) in [
        ("group/create", json!({ "group_name": "root" })),
        ("group/create", json!({ "group_name": "root", "is_root": true })),
        ("drive/get", json!({ "drive_id": drive })),
        ("drive/update", json!({ "drive_id": drive, "total_size": 1 })),
        ("drive/delete", json!({ "drive_id": drive })),
        ("drive/get", json!({ "drive_id": of_bob })),
        ("drive/update", json!({ "drive_id": of_bob, "total_size": 1 })),
        ("drive/delete", json!({ "drive_id": of_bob })),
        ("drive/create", json!({ "drive_name": "a", "owner": "bob" })),
        ("drive/create", json!({ "drive_name": "a", "owner": "alice" })),
        ("drive/list", json!({})),
        ("drive/search", json!({})),
        ("drive/list", json!({ "owner": beside, "owner_type": "group" })),
        ("drive/list", json!({ "owner": "bob", "owner_type": "user" })),
        ("user/create", json!({ "user_id": "new", "group_info_list": [{ "group_id": own }] })),
        (
            "user/import",
            json!({ "authentication_type": "custom", "identity": "new", "parent_group_id": own }),
        ),
        ("user/update", json!({ "user_id": "bob", "group_info_list": [] })),
        ("user/delete", json!({ "user_id": "bob" })),
        ("user/list", json!({})),
    ] {
        let outcome = alice.outcome(path, body.clone()).await;
        assert!(is_forbidden(&outcome), "{path} {body}: {outcome}");
    }
    assert_eq!(owner.picture().await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_of_one_group_alone_does_not_reach_below() {
    let company = Company::with(Some(true)).await;
    let Company { server, owner, alice, own, below, lowest, .. } = company;
    let before = owner.picture().await;
    for group in [&below, &lowest] {
        for (path, body) in changes(group) {
            let outcome = alice.outcome(path, body).await;
            assert!(is_forbidden(&outcome), "{path}: {outcome}");
        }
    }
    assert_eq!(owner.picture().await, before);
    for (path, body) in changes(&own) {
        let answer = alice.call(path, body).await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_over_a_group_end_with_the_assignment_at_once() {
    let company = Company::start().await;
    let Company { server, owner, alice, own, below, .. } = company;
    assert_eq!(alice.outcome("group/add_member", member(&below, "carol")).await, "204");
    let AssignRole { identity, role_id, manage_resource_type, manage_resource_id, .. } =
        assigning("alice", &own);
    owner.get(&CancelAssignRole { identity, role_id, manage_resource_type, manage_resource_id }).await;
    let outcome = alice.outcome("group/remove_member", member(&below, "carol")).await;
    assert_eq!(outcome, "403 ForbiddenNoPermission.Group");
    assert_eq!(owner.members_of(&below).await, ["bob", "carol"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_user_sees_groups_and_memberships_and_changes_none() {
    let company = Company::start().await;
    let Company { server, owner, own, below, .. } = company;
    let carol = owner.token_of("carol").await;
    for (path, body) in [
        ("group/get", json!({ "group_id": own })),
        ("group/list", json!({})),
        ("group/search", json!({ "group_name": "own" })),
        ("group/list_member", json!({ "group_id": own })),
        ("group/list_member", json!({})),
        ("user/list_group_user", json!({ "group_id": own })),
        ("membership/get", member(&own, "bob")),
        ("membership/has_member", member(&own, "carol")),
        ("membership/list_direct_child_memberships", json!({ "group_id": own })),
        ("membership/list_direct_parent_memberships", json!({ "user_id": "bob" })),
        ("membership/list_direct_parent_memberships", json!({ "sub_group_id": below })),
    ] {
        assert_eq!(carol.outcome(path, body).await, "200", "{path}");
    }
    let before = owner.picture().await;
    for (path, body) in changes(&own) {
        let outcome = carol.outcome(path, body).await;
        assert!(is_forbidden(&outcome), "{path}: {outcome}");
    }
    assert!(is_forbidden(&carol.outcome("group/delete", json!({ "group_id": own })).await));
    assert!(is_forbidden(&carol.outcome("group/create", json!({ "group_name": "root" })).await));
    assert_eq!(owner.picture().await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_of_the_domain_manage_all_groups() {
    let company = Company::start().await;
    let Company { server, owner, top, beside, .. } = company;
    owner.make_user_as("boss", Role::Admin).await;
    for caller in [owner.token_of("boss").await, owner.token_of("superadmin").await, owner.clone()] {
        for (path, body) in changes(&beside) {
            let answer = caller.call(path, body).await;
            assert!(answer.status < 300, "{path}: {}", answer.text());
        }
        let made = caller.call("group/create", json!({ "group_name": "a root" })).await;
        assert_eq!(made.status, 201);
        let id = made.json()["group_id"].clone();
        assert_eq!(caller.outcome("group/delete", json!({ "group_id": id })).await, "204");
        // As it was.
        let new =
            owner.ask("group/search", json!({ "group_name": "new" })).await["items"][0]["group_id"].clone();
        owner.call("group/delete", json!({ "group_id": new })).await;
        let drive = owner.drives().await.remove(0).drive_id;
        owner.call("drive/delete", json!({ "drive_id": drive })).await;
        owner.add_member(&beside, "bob").await;
        owner.remove_member(&beside, "carol").await;
        owner.ask("group/update", json!({ "group_id": beside, "group_name": "beside" })).await;
    }
    assert_eq!(owner.members_of(&top).await, ["bob"]);
    server.stop().await;
}
