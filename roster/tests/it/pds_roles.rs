//! Assignments: who administers which group.
//!
//! Source: `reference/pds.md` §6.6 and §11; `reference/doors.md` §4.3 and §4.4.

use api::pds::{AssignRole, CancelAssignRole, ListAssignment, ListIdentityRole, Role};
use serde_json::{Value, json};

use crate::support::{NO_GROUP, NOW, PdsCaller, Server, assigning, told_pds};

fn cancelling(user: &str, group: &str) -> CancelAssignRole {
    let AssignRole { identity, role_id, manage_resource_type, manage_resource_id, .. } =
        assigning(user, group);
    CancelAssignRole { identity, role_id, manage_resource_type, manage_resource_id }
}

fn role(user: &str, group: &str) -> Value {
    serde_json::to_value(assigning(user, group)).expect("it is JSON")
}

/// Who administers a group.
async fn administrators(caller: &PdsCaller, group: &str) -> Vec<String> {
    let list = ListAssignment {
        manage_resource_type: Some("RT_Group".to_owned()),
        manage_resource_id: Some(group.to_owned()),
        ..ListAssignment::default()
    };
    let mut ids: Vec<String> = caller.all(&list).await.into_iter().map(|a| a.identity.identity_id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_is_shown_whole_and_giving_it_again_changes_nothing() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let superadmin = owner.token_of("superadmin").await;
    superadmin.get(&assigning("alice", &group)).await;

    let list = json!({ "manage_resource_type": "RT_Group", "manage_resource_id": group });
    let names = [(domain.as_str(), "domain"), (group.as_str(), "group")];
    let listed = owner.call("role/list_assignment", list.clone()).await;
    let expected = json!({
        "domain_id": "[domain]", "identity": { "identity_type": "IT_User", "identity_id": "alice" },
        "role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group", "manage_resource_id": "[group]",
        "disinherit_sub_group": false, "creator": "superadmin", "created_at": NOW, "updated_at": NOW,
    });
    assert_eq!(told_pds(&listed, &names), json!({ "assignment_list": [expected], "next_marker": "" }));

    server.pass(1_000);
    owner.get(&assigning("alice", &group)).await;
    let again = owner.call("role/list_assignment", list).await;
    assert_eq!(again.json(), listed.json());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assignments_are_given_and_taken_away_whether_or_not_one_is_a_member() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let (a, b) = (owner.make_group("a").await, owner.make_group("b").await);
    owner.add_member(&a, "alice").await;
    for (user, group) in [("alice", &a), ("bob", &a), ("alice", &b)] {
        owner.assign(user, group).await;
    }
    assert_eq!(administrators(&owner, &a).await, ["alice", "bob"]);
    assert_eq!(administrators(&owner, &b).await, ["alice"]);
    assert_eq!(owner.assignments().await.len(), 3, "without a group it is all of them");

    owner.remove_member(&a, "alice").await;
    assert_eq!(administrators(&owner, &a).await, ["alice", "bob"], "who leaves stays administrator");
    owner.get(&cancelling("alice", &a)).await;
    assert_eq!(administrators(&owner, &a).await, ["bob"]);
    assert_eq!(owner.brief(&cancelling("alice", &a)).await, "404 NotFound.Role");
    assert_eq!(owner.brief(&cancelling("bob", &b)).await, "404 NotFound.Role");
    owner.get(&api::pds::DeleteUser { user_id: "alice".to_owned() }).await;
    assert_eq!(administrators(&owner, &b).await, Vec::<String>::new(), "they go with the user");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_users_are_made_administrators_and_only_of_groups() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let identity = |kind: &str, id: &str| json!({ "identity": { "identity_type": kind, "identity_id": id } });
    for path in ["role/assign", "role/cancel_assign"] {
        owner
            .refuses_with(
                path,
                &role("alice", &group),
                &[
                    (json!({ "identity": null }), "400 InvalidParameterMissing.Identity"),
                    (identity("", "alice"), "400 InvalidParameterMissing.IdentityType"),
                    (identity("IT_User", ""), "400 InvalidParameterMissing.IdentityId"),
                    (json!({ "identity": {} }), "400 InvalidParameterMissing.IdentityType"),
                    (identity("IT_Group", &group), "400 InvalidParameterNotSupported.IdentityType"),
                    (identity("it_user", "alice"), "400 InvalidParameterNotSupported.IdentityType"),
                    (json!({ "role_id": null }), "400 InvalidParameterMissing.RoleId"),
                    (json!({ "role_id": "SystemFileOwner" }), "400 InvalidParameterNotSupported.RoleId"),
                    (
                        json!({ "manage_resource_type": null }),
                        "400 InvalidParameterMissing.ManageResourceType",
                    ),
                    (
                        json!({ "manage_resource_type": "IT_Group" }),
                        "400 InvalidParameterNotSupported.ManageResourceType",
                    ),
                    (
                        json!({ "manage_resource_type": "RT_Drive" }),
                        "400 InvalidParameterNotSupported.ManageResourceType",
                    ),
                    (json!({ "manage_resource_id": null }), "400 InvalidParameterMissing.ManageResourceId"),
                    (json!({ "manage_resource_id": "" }), "400 InvalidParameterEmpty.ManageResourceId"),
                    (json!({ "manage_resource_id": NO_GROUP }), "404 NotFound.Group"),
                    (identity("IT_User", "nobody"), "404 NotFound.User"),
                ],
            )
            .await;
    }
    assert_eq!(
        owner.outcome("role/list_assignment", json!({ "manage_resource_type": "RT_Drive" })).await,
        "400 InvalidParameterNotSupported.ManageResourceType"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_assignments_are_listed_once_page_by_page() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let groups = [owner.make_group("a").await, owner.make_group("b").await, owner.make_group("c").await];
    let mut expected = Vec::new();
    for user in ["alice", "bob", "carol"] {
        owner.make_user(user).await;
        for group in &groups {
            owner.assign(user, group).await;
            expected.push((user.to_owned(), group.clone()));
        }
    }
    expected.sort_unstable();
    for limit in [1, 2, 4, 9, 100] {
        let list = ListAssignment {
            limit: Some(serde_json::from_value(json!(limit)).expect("in range")),
            ..ListAssignment::default()
        };
        let assignments = owner.all(&list).await;
        let mut found: Vec<(String, String)> =
            assignments.into_iter().map(|a| (a.identity.identity_id, a.manage_resource_id)).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{limit} on a page");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_administers_is_shown_with_the_user() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    let superadmin = owner.token_of("superadmin").await;
    superadmin
        .call("user/create", json!({ "user_id": "alice", "nick_name": "A", "subdomain_id": "east" }))
        .await;
    owner.make_user_as("boss", Role::Admin).await;
    let group = owner.make_group("g").await;
    server.pass(1_000);
    owner.get(&AssignRole { disinherit_sub_group: Some(true), ..assigning("alice", &group) }).await;
    let of = async |user: &str| {
        let body = json!({ "identity": { "identity_type": "IT_User", "identity_id": user }, "include_group_role": true });
        owner.call("role/list_identity_role", body).await
    };
    let names = [(domain.as_str(), "domain"), (group.as_str(), "group")];
    let answer = of("alice").await;
    let expected = json!({
        "domain_id": "[domain]",
        "identity": { "identity_type": "IT_User", "identity_id": "alice", "identity_name": "A" },
        "identity_name": "A", "is_admin": false, "created_at": NOW, "creator": "superadmin", "subdomain_id": "east",
        "assignment_list": [{
            "domain_id": "[domain]", "identity": { "identity_type": "IT_User", "identity_id": "alice" },
            "role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group", "manage_resource_id": "[group]",
            "disinherit_sub_group": true, "creator": "", "created_at": NOW + 1_000, "updated_at": NOW + 1_000,
        }],
    });
    assert_eq!((answer.status, told_pds(&answer, &names)), (200, expected));
    for (user, is_admin) in [("boss", true), ("superadmin", true), ("alice", false)] {
        assert_eq!(of(user).await.json()["is_admin"], is_admin, "{user}");
    }
    assert_eq!(of("nobody").await.outcome(), "404 NotFound.User");

    // Groups hold no assignments, so none is added by those that the user is in; what is no answer is refused.
    owner.add_member(&group, "boss").await;
    for include in [json!(true), json!(false), json!(null), json!("x")] {
        let identity = json!({ "identity_type": "IT_User", "identity_id": "boss" });
        let body = json!({ "identity": identity, "include_group_role": include });
        let answer = owner.call("role/list_identity_role", body).await;
        if include == "x" {
            assert_eq!(answer.outcome(), "400 InvalidParameter.IncludeGroupRole");
        } else {
            assert_eq!(answer.json()["assignment_list"], json!([]), "{include}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assignments_are_for_administrators_of_the_domain_and_one_s_own_may_be_seen() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    owner.make_user_as("boss", Role::Admin).await;
    let group = owner.make_group("g").await;
    owner.assign("alice", &group).await;
    let (alice, boss) = (owner.token_of("alice").await, owner.token_of("boss").await);
    let before = owner.picture().await;
    for (path, body) in [
        ("role/assign", role("bob", &group)),
        ("role/assign", role("alice", &group)),
        ("role/cancel_assign", role("alice", &group)),
        ("role/list_assignment", json!({})),
        (
            "role/list_identity_role",
            json!({ "identity": { "identity_type": "IT_User", "identity_id": "bob" } }),
        ),
    ] {
        let outcome = alice.outcome(path, body).await;
        assert!(
            outcome.starts_with("403 ForbiddenNoPermission."),
            "a group administrator, {path}: {outcome}"
        );
    }
    assert_eq!(owner.picture().await, before);
    let own = ListIdentityRole { identity: api::pds::Identity::user("alice"), include_group_role: None };
    assert_eq!(alice.get(&own).await.assignment_list.len(), 1);

    boss.get(&assigning("bob", &group)).await;
    assert_eq!(boss.assignments().await.len(), 2);
    boss.get(&cancelling("alice", &group)).await;
    assert_eq!(administrators(&owner, &group).await, ["bob"]);
    server.stop().await;
}
