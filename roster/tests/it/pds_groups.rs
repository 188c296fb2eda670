//! Groups: made, shown, listed, found, renamed, removed.
//!
//! Source: `reference/pds.md` §6.3, §7 and §9; `reference/doors.md` §3, §4.1, §4.4 and §4.6.

use api::pds::{
    CreateGroup, DeleteGroup, GetGroup, GroupUpdateName, ListGroup, Party, SearchGroup, UpdateGroup,
};
use serde_json::{Value, json};

use crate::support::{NO_GROUP, NOW, PdsCaller, Server, new_group, told_pds};

/// The names of the groups that a search finds, in order of the alphabet.
async fn found(caller: &PdsCaller, search: SearchGroup) -> Vec<String> {
    let mut names: Vec<String> =
        caller.all(&search).await.into_iter().map(|group| group.group_name).collect();
    names.sort_unstable();
    names
}

fn begins(text: &str) -> SearchGroup {
    SearchGroup { group_name: Some(text.to_owned()), ..SearchGroup::default() }
}

fn holds(text: &str) -> SearchGroup {
    SearchGroup { group_name_for_fuzzy: Some(text.to_owned()), ..SearchGroup::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_shown_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    let body = json!({ "group_name": "研发 R&D", "description": "a\tb\nc", "is_root": true, "subdomain_id": "east" });
    let answer = owner.call("group/create", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["group_id"].as_str().expect("an id").to_owned();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
    let shown = json!({
        "domain_id": "[domain]", "group_id": "[group]", "group_name": "研发 R&D", "description": "a\tb\nc",
        "created_at": NOW, "updated_at": NOW, "creator": "", "subdomain_id": "east", "permission": null,
    });
    let names = [(domain.as_str(), "domain"), (id.as_str(), "group")];
    assert_eq!(told_pds(&answer, &names), shown);
    assert_eq!(told_pds(&owner.call("group/get", json!({ "group_id": id })).await, &names), shown);
    let listed = owner.call("group/list", json!({})).await;
    assert_eq!(told_pds(&listed, &names), json!({ "items": [shown], "next_marker": "" }));

    let plain = owner.get(&new_group("plain", None)).await;
    assert_eq!((plain.description.as_str(), plain.subdomain_id.as_str()), ("", ""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_a_group_is_its_creator_but_neither_member_nor_administrator() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let superadmin = owner.token_of("superadmin").await;
    let group = superadmin.get(&new_group("g", None)).await;
    assert_eq!(group.creator, "superadmin");
    assert_eq!(owner.members_of(&group.group_id).await, Vec::<String>::new());
    assert!(owner.assignments().await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_a_root_or_below_its_parent_and_then_its_member() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let plain = owner.make_group("plain").await;
    let root = owner.get(&CreateGroup { is_root: Some(true), ..new_group("root", None) }).await.group_id;
    let below =
        owner.get(&CreateGroup { is_root: Some(false), ..new_group("below", Some(&root)) }).await.group_id;
    let not_root =
        owner.get(&CreateGroup { is_root: Some(false), ..new_group("neither", None) }).await.group_id;
    let empty = owner.get(&new_group("empty parent", Some(""))).await.group_id;

    let roots: Vec<String> = owner.ask("group/list_member", json!({})).await["group_items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|group| group["group_id"].as_str().expect("an id").to_owned())
        .collect();
    for group in [&plain, &root, &not_root, &empty] {
        assert!(roots.contains(group), "{group} is a root");
    }
    assert!(!roots.contains(&below) && roots.len() == 4, "{roots:?}");
    let of_root = owner.memberships_in(&root, None).await;
    assert_eq!(of_root.len(), 1);
    assert_eq!((of_root[0].sub_group_id.as_str(), of_root[0].user_id.as_str()), (below.as_str(), ""));
    assert_eq!((of_root[0].group_id.as_str(), of_root[0].member_type), (root.as_str(), Party::Group));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creations_are_refused_with_the_parameter_to_blame() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.make_group("taken").await;
    owner.make_group_in(&group, "below").await;
    let (name, text) = ("n".repeat(129), "d".repeat(1025));
    owner
        .refuses(
            &owner,
            "group/create",
            &[
                (json!({}), "400 InvalidParameterMissing.GroupName"),
                (json!({ "group_name": null }), "400 InvalidParameterMissing.GroupName"),
                (json!({ "group_name": "" }), "400 InvalidParameterEmpty.GroupName"),
                (json!({ "group_name": name }), "400 InvalidParameter.GroupName"),
                (json!({ "group_name": "a\nb" }), "400 InvalidParameter.GroupName"),
                (json!({ "group_name": "a", "description": text }), "400 InvalidParameter.Description"),
                (json!({ "group_name": "a", "description": "\u{0}" }), "400 InvalidParameter.Description"),
                (
                    json!({ "group_name": "a", "subdomain_id": "s".repeat(65) }),
                    "400 InvalidParameter.SubdomainId",
                ),
                (
                    json!({ "group_name": "a", "is_root": true, "parent_group_id": group }),
                    "400 InvalidParameterNotMatch.ParentGroupId",
                ),
                (json!({ "group_name": "a", "parent_group_id": NO_GROUP }), "404 NotFound.Group"),
                (json!({ "group_name": "a", "parent_group_id": group.to_uppercase() }), "404 NotFound.Group"),
                (json!({ "group_name": "a", "parent_group_id": "taken" }), "404 NotFound.Group"),
                (json!({ "group_name": "a", "parent_group_id": format!("{group} ") }), "404 NotFound.Group"),
                (json!({ "group_name": "taken" }), "409 AlreadyExist.Group"),
                (json!({ "group_name": "TAKEN" }), "409 AlreadyExist.Group"),
                (json!({ "group_name": "Ｔaken " }), "409 AlreadyExist.Group"),
                (json!({ "group_name": "below", "parent_group_id": group }), "409 AlreadyExist.Group"),
            ],
        )
        .await;
    owner.make_group_in(&group, "taken").await;
    owner.make_group("below").await;
    owner.make_group(&"字".repeat(128)).await;
    owner.get(&CreateGroup { description: Some("字".repeat(1024)), ..new_group("long", None) }).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_ten_levels_deep_at_most() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let mut group = owner.make_group("level 1").await;
    for level in 2..=10 {
        group = owner.make_group_in(&group, &format!("level {level}")).await;
    }
    let refused = owner.brief(&new_group("level 11", Some(&group))).await;
    assert_eq!(refused, "400 InvalidParameterOutOfRange.ParentGroupId");
    assert_eq!(owner.all(&ListGroup::default()).await.len(), 10);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_is_given_and_the_time_only_then() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.get(&CreateGroup { description: Some("old".to_owned()), ..new_group("g", None) }).await;
    let id = group.group_id.clone();
    let update = |name: Option<&str>, description: Option<&str>| UpdateGroup {
        group_id: id.clone(),
        group_name: name.map(str::to_owned),
        description: description.map(str::to_owned),
    };

    server.pass(1_000);
    assert_eq!(owner.get(&update(None, None)).await, group, "nothing has changed");
    assert_eq!(owner.get(&update(Some("g"), Some("old"))).await, group, "nothing has changed");
    let renamed = owner.get(&update(Some("G"), None)).await;
    assert_eq!(
        (renamed.group_name.as_str(), renamed.description.as_str()),
        ("G", "old"),
        "its own name in capitals"
    );
    assert_eq!((renamed.created_at, renamed.updated_at), (NOW, NOW + 1_000));
    server.pass(1_000);
    let cleared = owner.get(&update(None, Some(""))).await;
    assert_eq!((cleared.group_name.as_str(), cleared.description.as_str()), ("G", ""));
    assert_eq!(cleared.updated_at, NOW + 2_000);
    server.pass(1_000);
    let renamed = owner.get(&GroupUpdateName { group_id: id.clone(), name: "by name".to_owned() }).await;
    assert_eq!((renamed.group_name.as_str(), renamed.group_id.as_str()), ("by name", id.as_str()));
    assert_eq!(renamed.updated_at, NOW + 3_000);
    assert_eq!(owner.get(&GetGroup { group_id: id }).await, renamed);

    // A member that joins is no change of the group itself.
    server.pass(1_000);
    owner.make_user("alice").await;
    owner.add_member(&renamed.group_id, "alice").await;
    assert_eq!(owner.get(&GetGroup { group_id: renamed.group_id.clone() }).await, renamed);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_are_refused_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.make_group("a").await;
    owner.make_group("taken").await;
    let right = json!({ "group_id": group, "group_name": "b", "description": "c" });
    owner
        .refuses_with(
            "group/update",
            &right,
            &[
                (json!({ "group_id": null }), "400 InvalidParameterMissing.GroupId"),
                (json!({ "group_id": "" }), "400 InvalidParameterEmpty.GroupId"),
                (json!({ "group_id": NO_GROUP }), "404 NotFound.Group"),
                (json!({ "group_name": "" }), "400 InvalidParameterEmpty.GroupName"),
                (json!({ "group_name": "n".repeat(129) }), "400 InvalidParameter.GroupName"),
                (json!({ "group_name": "Taken" }), "409 AlreadyExist.Group"),
                (json!({ "description": "d".repeat(1025) }), "400 InvalidParameter.Description"),
            ],
        )
        .await;
    owner
        .refuses_with(
            "group/update_name",
            &json!({ "group_id": group, "name": "b" }),
            &[
                (json!({ "group_id": null }), "400 InvalidParameterMissing.GroupId"),
                (json!({ "group_id": NO_GROUP }), "404 NotFound.Group"),
                (json!({ "name": null }), "400 InvalidParameterMissing.Name"),
                (json!({ "name": "" }), "400 InvalidParameterEmpty.Name"),
                (json!({ "name": "n".repeat(129) }), "400 InvalidParameter.Name"),
                (json!({ "name": "taken" }), "409 AlreadyExist.Group"),
            ],
        )
        .await;
    // An update does not move a group.
    let moved = owner
        .ask("group/update", json!({ "group_id": group, "is_root": false, "parent_group_id": NO_GROUP }))
        .await;
    assert_eq!(moved["group_name"], "a");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_groups_are_listed_flat_in_the_order_of_their_ids() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let mut ids = Vec::new();
    let top = owner.make_group("top").await;
    ids.push(top.clone());
    for number in 0..12 {
        server.pass(1);
        let parent = if number % 3 == 0 { top.clone() } else { ids[number].clone() };
        ids.push(owner.make_group_in(&parent, &format!("g {number}")).await);
    }
    let listed = async |limit: u8| -> Vec<String> {
        let list = ListGroup {
            limit: Some(serde_json::from_value(json!(limit)).expect("in range")),
            ..ListGroup::default()
        };
        owner.all(&list).await.into_iter().map(|group| group.group_id).collect()
    };
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    for limit in [1, 5, 13, 100] {
        assert_eq!(listed(limit).await, sorted, "{limit} on a page");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_found_by_how_a_name_begins_and_by_what_it_holds() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let top = owner.make_group("Test_Group_123").await;
    for name in ["研发中心", "中研", "test", "a%b_c"] {
        owner.make_group_in(&top, name).await;
    }
    assert_eq!(found(&owner, SearchGroup::default()).await.len(), 5);
    assert_eq!(found(&owner, begins("")).await.len(), 5, "an empty text says nothing");
    assert_eq!(found(&owner, begins("Test_Group")).await, ["Test_Group_123"]);
    assert_eq!(found(&owner, begins("TEST")).await, ["Test_Group_123", "test"]);
    assert_eq!(found(&owner, begins("Group")).await, Vec::<String>::new());
    assert_eq!(found(&owner, holds("group")).await, ["Test_Group_123"]);
    assert_eq!(found(&owner, holds("研")).await, ["中研", "研发中心"]);
    assert_eq!(found(&owner, begins("研")).await, ["研发中心"]);
    assert_eq!(found(&owner, holds("%")).await, ["a%b_c"]);
    assert_eq!(found(&owner, holds("_")).await, ["Test_Group_123", "a%b_c"]);
    assert_eq!(found(&owner, holds("nothing")).await, Vec::<String>::new());
    let both = SearchGroup { group_name_for_fuzzy: Some("123".to_owned()), ..begins("test") };
    assert_eq!(found(&owner, both).await, ["Test_Group_123"], "both must hold");
    let page = SearchGroup {
        limit: Some(serde_json::from_value(json!(2)).expect("in range")),
        ..SearchGroup::default()
    };
    assert_eq!(found(&owner, page).await.len(), 5, "page by page");
    let labelled = json!({ "group_name": "east 1", "subdomain_id": "east" });
    assert_eq!(owner.call("group/create", labelled).await.status, 201);
    let east = SearchGroup { subdomain_id: Some("east".to_owned()), ..SearchGroup::default() };
    assert_eq!(found(&owner, east).await, ["east 1"]);
    for wrong in [json!({ "group_name": "n".repeat(129) }), json!({ "group_name": "a\n" })] {
        assert_eq!(owner.outcome("group/search", wrong).await, "400 InvalidParameter.GroupName");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_goes_with_its_members_and_administrators_but_not_with_groups_or_a_drive() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let top = owner.make_group("top").await;
    let low = owner.make_group_in(&top, "low").await;
    owner.add_member(&top, "alice").await;
    owner.add_member(&low, "alice").await;
    owner.assign("bob", &top).await;
    let delete = |group: &str| DeleteGroup { group_id: group.to_owned() };

    assert_eq!(owner.brief(&delete(&top)).await, "409 StateConflict.Group", "low is below it");
    let drive = owner.make_group_drive("of low", &low).await.drive_id;
    assert_eq!(owner.brief(&delete(&low)).await, "409 StateConflict.Group", "it owns a drive");
    owner.get(&api::pds::DeleteDrive { drive_id: drive, force: None }).await;
    owner.get(&delete(&low)).await;
    assert!(!owner.has_group(&low).await);
    assert_eq!(owner.group_names_of("alice").await, ["top"]);
    owner.get(&delete(&top)).await;
    assert_eq!(owner.group_names_of("alice").await, Vec::<String>::new());
    assert!(owner.has_user("alice").await && owner.assignments().await.is_empty());
    assert_eq!(owner.all(&ListGroup::default()).await, Vec::new());

    for gone in [&top, &low] {
        assert_eq!(owner.brief(&delete(gone)).await, "404 NotFound.Group");
    }
    owner.make_group("top").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_groups_are_unknown_to_every_operation() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let unknown: [Value; 4] =
        [json!(NO_GROUP), json!("ug-08nirkf56rh6k7jht"), json!("ou_dfizzgsafjod6cnhdpsnecdok4"), json!("1")];
    for group in &unknown {
        for (path, body) in [
            ("group/get", json!({ "group_id": group })),
            ("group/update", json!({ "group_id": group, "group_name": "a" })),
            ("group/update_name", json!({ "group_id": group, "name": "a" })),
            ("group/delete", json!({ "group_id": group })),
            ("group/list_member", json!({ "group_id": group })),
            ("group/add_member", json!({ "group_id": group, "member_type": "user", "member_id": "alice" })),
            (
                "group/remove_member",
                json!({ "group_id": group, "member_type": "user", "member_id": "alice" }),
            ),
            ("user/list_group_user", json!({ "group_id": group })),
            ("membership/create", json!({ "group_id": group, "user_id": "alice" })),
            ("membership/get", json!({ "group_id": group, "user_id": "alice" })),
            ("membership/update", json!({ "group_id": group, "user_id": "alice" })),
            ("membership/delete", json!({ "group_id": group, "user_id": "alice" })),
            ("membership/has_member", json!({ "group_id": group, "user_id": "alice" })),
            ("membership/list_direct_child_memberships", json!({ "group_id": group })),
        ] {
            assert_eq!(owner.outcome(path, body).await, "404 NotFound.Group", "{path} {group}");
        }
    }
    server.stop().await;
}
