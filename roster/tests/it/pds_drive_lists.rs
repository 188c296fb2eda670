//! Lists of drives: all, one owner's, the caller's own, those of the caller's groups.
//!
//! Source: `reference/pds.md` §7.7 and §14; `reference/doors.md` §6.

use api::pds::{Drive, ListDrive, ListMyDrives, Party, Role, SearchDrive};
use serde_json::{Value, json};

use crate::support::{NO_GROUP, PdsCaller, Server};

fn sorted(drives: Vec<Drive>) -> Vec<String> {
    let mut names: Vec<String> = drives.into_iter().map(|drive| drive.drive_name).collect();
    names.sort_unstable();
    names
}

async fn listed(caller: &PdsCaller, body: Value) -> Vec<String> {
    let list: ListDrive = serde_json::from_value(body).expect("it has its form");
    sorted(caller.all(&list).await)
}

async fn found(caller: &PdsCaller, body: Value) -> Vec<String> {
    let search: SearchDrive = serde_json::from_value(body).expect("it has its form");
    sorted(caller.all(&search).await)
}

/// The drives of the caller's groups.
async fn of_groups(caller: &PdsCaller, body: Value) -> Vec<String> {
    let mut body = body;
    let mut names = Vec::new();
    loop {
        let page = caller.ask("drive/list_my_group_drive", body.clone()).await;
        assert!(page["root_group_drive"].is_null(), "the root unit has no drive: {page}");
        let items = page["items"].as_array().expect("a list");
        names.extend(items.iter().map(|drive| drive["drive_name"].as_str().expect("a text").to_owned()));
        body["marker"] = page["next_marker"].clone();
        if body["marker"] == "" {
            names.sort_unstable();
            return names;
        }
    }
}

/// Drives of two users, and of a group, one below it and one beside it.
async fn with_drives(owner: &PdsCaller) -> (String, String, String) {
    owner.make_users(&["alice", "bob", "carol"]).await;
    let top = owner.make_group("top").await;
    let low = owner.make_group_in(&top, "low").await;
    let side = owner.make_group("side").await;
    for name in ["A one", "A two"] {
        owner.make_drive(name, "alice").await;
    }
    owner.make_drive("b 百分%", "bob").await;
    owner.make_group_drive("Team top", &top).await;
    owner.make_group_drive("team low", &low).await;
    owner.make_group_drive("team side", &side).await;
    (top, low, side)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_drives_or_one_owner_s_are_listed() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let (top, ..) = with_drives(&owner).await;
    let all = ["A one", "A two", "Team top", "b 百分%", "team low", "team side"];
    for body in
        [json!({}), json!({ "owner": "", "owner_type": "" }), json!({ "limit": 1 }), json!({ "limit": 4 })]
    {
        assert_eq!(listed(&owner, body.clone()).await, all, "{body}");
        assert_eq!(found(&owner, body.clone()).await, all, "{body}");
    }
    for (body, expected) in [
        (json!({ "owner_type": "user" }), &["A one", "A two", "b 百分%"][..]),
        (json!({ "owner_type": "group" }), &["Team top", "team low", "team side"]),
        (json!({ "owner_type": "user", "owner": "alice" }), &["A one", "A two"]),
        (json!({ "owner": "alice" }), &["A one", "A two"]),
        (json!({ "owner_type": "group", "owner": top }), &["Team top"]),
        (json!({ "owner_type": "user", "owner": "carol" }), &[]),
        (json!({ "owner_type": "user", "owner": "nobody" }), &[]),
        (json!({ "owner_type": "user", "owner": top }), &[]),
        (json!({ "owner_type": "group", "owner": "alice" }), &[]),
        (json!({ "owner_type": "group", "owner": NO_GROUP }), &[]),
        (json!({ "subdomain_id": "east" }), &[]),
    ] {
        assert_eq!(listed(&owner, body.clone()).await, expected, "{body}");
        assert_eq!(found(&owner, body.clone()).await, expected, "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drives_are_found_by_what_their_names_hold() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    with_drives(&owner).await;
    for (body, expected) in [
        (json!({ "drive_name": "TEAM" }), &["Team top", "team low", "team side"][..]),
        (json!({ "drive_name": "o" }), &["A one", "A two", "Team top", "team low"]),
        (json!({ "drive_name": "o", "owner_type": "user" }), &["A one", "A two"]),
        (json!({ "drive_name": "two", "owner": "alice" }), &["A two"]),
        (json!({ "drive_name": "two", "owner": "bob" }), &[]),
        (json!({ "drive_name": "分" }), &["b 百分%"]),
        (json!({ "drive_name": "%" }), &["b 百分%"]),
        (json!({ "drive_name": "_" }), &[]),
        (json!({ "drive_name": "nothing" }), &[]),
    ] {
        assert_eq!(found(&owner, body.clone()).await, expected, "{body}");
        let mut paged = body.clone();
        paged["limit"] = json!(1);
        assert_eq!(found(&owner, paged).await, expected, "{body}, one on a page");
    }
    let long = json!({ "drive_name": "d".repeat(129) });
    assert_eq!(owner.outcome("drive/search", long).await, "400 InvalidParameter.DriveName");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drives_come_in_the_order_in_which_they_were_made() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let mut expected = Vec::new();
    for number in 0..7 {
        server.pass(1);
        expected.push(owner.make_drive(&format!("{}", 9 - number), "alice").await.drive_id);
    }
    for body in [json!({}), json!({ "limit": 2 }), json!({ "limit": 3, "owner": "alice" })] {
        let list: ListDrive = serde_json::from_value(body.clone()).expect("it has its form");
        let ids: Vec<String> = owner.all(&list).await.into_iter().map(|drive| drive.drive_id).collect();
        assert_eq!(ids, expected, "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_s_own_drives_are_listed_to_anybody() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let (top, ..) = with_drives(&owner).await;
    owner.add_member(&top, "alice").await;
    let mine = ListMyDrives::default();
    let paged: ListMyDrives = serde_json::from_value(json!({ "limit": 1 })).expect("it has its form");
    for (user, expected) in [("alice", &["A one", "A two"][..]), ("bob", &["b 百分%"]), ("carol", &[])] {
        let caller = owner.token_of(user).await;
        assert_eq!(sorted(caller.all(&mine).await), expected, "{user}");
        assert_eq!(sorted(caller.all(&paged).await), expected, "{user}, one on a page");
        assert!(
            caller
                .all(&mine)
                .await
                .iter()
                .all(|drive| drive.owner == user && drive.owner_type == Party::User)
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drives_of_one_s_groups_and_of_those_above_are_listed() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let (top, low, side) = with_drives(&owner).await;
    owner.add_member(&low, "alice").await;
    owner.add_member(&top, "bob").await;
    owner.make_user_as("boss", Role::Admin).await;
    for (user, expected) in [
        ("alice", &["Team top", "team low"][..]),
        ("bob", &["Team top"]),
        ("carol", &[]),
        ("boss", &["Team top", "team low", "team side"]),
        ("superadmin", &["Team top", "team low", "team side"]),
    ] {
        let caller = owner.token_of(user).await;
        assert_eq!(of_groups(&caller, json!({})).await, expected, "{user}");
        assert_eq!(of_groups(&caller, json!({ "limit": 1 })).await, expected, "{user}, one on a page");
    }
    let alice = owner.token_of("alice").await;
    assert_eq!(of_groups(&alice, json!({ "drive_name": "LOW" })).await, ["team low"]);
    assert_eq!(of_groups(&alice, json!({ "drive_name": "side" })).await, Vec::<String>::new());
    // Who is in two groups below one sees its drive once.
    owner.add_member(&top, "alice").await;
    owner.add_member(&side, "alice").await;
    assert_eq!(of_groups(&alice, json!({})).await, ["Team top", "team low", "team side"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drives_of_a_label_are_listed_alone() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    for (name, label) in [("e1", "east"), ("w1", "west"), ("e2", "east"), ("none", "")] {
        let body = json!({ "drive_name": name, "owner": "alice", "subdomain_id": label });
        assert_eq!(owner.outcome("drive/create", body).await, "201");
    }
    assert_eq!(listed(&owner, json!({ "subdomain_id": "east" })).await, ["e1", "e2"]);
    assert_eq!(found(&owner, json!({ "subdomain_id": "west" })).await, ["w1"]);
    assert_eq!(listed(&owner, json!({ "subdomain_id": "" })).await.len(), 4);
    assert_eq!(listed(&owner, json!({ "subdomain_id": "east", "limit": 1 })).await, ["e1", "e2"]);
    server.stop().await;
}
