//! Memberships: that a user or a group is directly in a group, with a role and a description.
//!
//! Source: `reference/pds.md` §6.4 and §10; `reference/doors.md` §1, §4.1 and §4.3.

use api::pds::{
    CreateMembership, DeleteMembership, GetMembership, HasMember, ListDirectParentMemberships, MemberRole,
    Membership, Party, UpdateMembership,
};
use serde_json::{Value, json};

use crate::support::{Instance, NO_GROUP, NOW, PdsCaller, Server, told_pds};

fn new(group: &str, user: &str) -> CreateMembership {
    CreateMembership {
        group_id: group.to_owned(),
        user_id: Some(user.to_owned()),
        member_type: Some(Party::User),
        ..CreateMembership::default()
    }
}

async fn shown(caller: &PdsCaller, group: &str, user: &str) -> Membership {
    let user_id = Some(user.to_owned());
    caller.get(&GetMembership { group_id: group.to_owned(), user_id, ..GetMembership::default() }).await
}

async fn has(caller: &PdsCaller, group: &str, body: Value) -> bool {
    let mut body = body;
    body["group_id"] = json!(group);
    let has: HasMember = serde_json::from_value(body).expect("it has its form");
    caller.get(&has).await.result
}

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_is_shown_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.make_user("alice").await;
    let top = owner.make_group("top").await;
    server.pass(1_000);
    let low = owner.make_group_in(&top, "low").await;
    server.pass(1_000);
    let body = json!({
        "group_id": top, "member_type": "user", "user_id": "alice", "member_role": "admin", "description": "d",
        "sub_group_id": "",
    });
    let names = [(domain.as_str(), "domain"), (top.as_str(), "top"), (low.as_str(), "low")];
    let expected = json!({
        "domain_id": "[domain]", "group_id": "[top]", "user_id": "alice", "sub_group_id": "",
        "member_type": "user", "member_role": "admin", "description": "d", "created_at": NOW + 2_000,
        "updated_at": NOW + 2_000, "creator": "", "is_sync": false,
    });
    let answer = owner.call("membership/create", body).await;
    assert_eq!((answer.status, told_pds(&answer, &names)), (201, expected.clone()));
    let keys = json!({ "group_id": top, "user_id": "alice", "member_role": "member" });
    assert_eq!(told_pds(&owner.call("membership/get", keys).await, &names), expected);

    let keys = json!({ "group_id": top, "member_type": "group", "sub_group_id": low });
    let answer = owner.call("membership/get", keys).await;
    let expected = json!({
        "domain_id": "[domain]", "group_id": "[top]", "user_id": "", "sub_group_id": "[low]",
        "member_type": "group", "member_role": "member", "description": "", "created_at": NOW + 1_000,
        "updated_at": NOW + 1_000, "creator": "", "is_sync": false,
    });
    assert_eq!((answer.status, told_pds(&answer, &names)), (200, expected));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_membership_has_defaults_and_its_maker() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let superadmin = owner.token_of("superadmin").await;
    let made = superadmin.get(&CreateMembership { member_type: None, ..new(&group, "alice") }).await;
    assert_eq!((made.member_role, made.member_type), (MemberRole::Member, Party::User));
    assert_eq!((made.description.as_str(), made.creator.as_str()), ("", "superadmin"));
    assert_eq!(owner.members_of(&group).await, ["alice"], "it is what group/add_member makes");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creations_are_refused_with_the_parameter_to_blame() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let group = owner.make_group("g").await;
    let below = owner.make_group_in(&group, "below").await;
    let root = owner.make_group("root").await;
    owner.add_member(&group, "bob").await;
    let right = json!({ "group_id": group, "member_type": "user", "user_id": "alice" });
    owner
        .refuses_with(
            "membership/create",
            &right,
            &[
                (json!({ "group_id": null }), "400 InvalidParameterMissing.GroupId"),
                (json!({ "group_id": "" }), "400 InvalidParameterEmpty.GroupId"),
                (json!({ "group_id": NO_GROUP }), "404 NotFound.Group"),
                (json!({ "member_type": "dog" }), "400 InvalidParameter.MemberType"),
                (json!({ "user_id": null }), "400 InvalidParameterMissing.UserId"),
                (json!({ "user_id": null, "sub_group_id": root }), "400 InvalidParameterMissing.UserId"),
                (json!({ "member_type": "group" }), "400 InvalidParameterMissing.SubGroupId"),
                (json!({ "member_type": null, "user_id": null }), "400 InvalidParameterMissing.UserId"),
                (json!({ "member_type": null, "sub_group_id": root }), "400 InvalidParameterMissing.MemberType"),
                (json!({ "user_id": "#" }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": "nobody" }), "404 NotFound.User"),
                (json!({ "user_id": "bob" }), "409 AlreadyExist.Membership"),
                (json!({ "member_role": "king" }), "400 InvalidParameter.MemberRole"),
                (json!({ "description": "d".repeat(1025) }), "400 InvalidParameter.Description"),
                (json!({ "member_type": "group", "user_id": null, "sub_group_id": root }), "400 InvalidParameter.SubGroupId"),
                (json!({ "member_type": null, "user_id": null, "sub_group_id": root }), "400 InvalidParameter.SubGroupId"),
                (json!({ "member_type": "group", "user_id": null, "sub_group_id": below }), "409 AlreadyExist.Membership"),
                (
                    json!({ "group_id": root, "member_type": "group", "user_id": null, "sub_group_id": below }),
                    "409 AlreadyExist.Membership",
                ),
                (json!({ "member_type": "group", "user_id": null, "sub_group_id": NO_GROUP }), "404 NotFound.Group"),
            ],
        )
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_is_given_and_the_time_only_then() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let made = owner.get(&new(&group, "alice")).await;
    let update = |role: Option<MemberRole>, description: Option<&str>| UpdateMembership {
        group_id: group.clone(),
        user_id: Some("alice".to_owned()),
        member_role: role,
        description: description.map(str::to_owned),
        ..UpdateMembership::default()
    };
    server.pass(1_000);
    assert_eq!(owner.get(&update(None, None)).await, made, "nothing has changed");
    assert_eq!(owner.get(&update(Some(MemberRole::Member), Some(""))).await, made, "nothing has changed");
    let changed = owner.get(&update(Some(MemberRole::Admin), None)).await;
    assert_eq!(
        (changed.member_role, changed.created_at, changed.updated_at),
        (MemberRole::Admin, NOW, NOW + 1_000)
    );
    server.pass(1_000);
    let changed = owner.get(&update(None, Some("lead"))).await;
    assert_eq!((changed.member_role, changed.description.as_str()), (MemberRole::Admin, "lead"));
    assert_eq!(changed.updated_at, NOW + 2_000);
    server.pass(1_000);
    let changed = owner.get(&update(None, Some(""))).await;
    assert_eq!(changed.description, "");
    assert_eq!(shown(&owner, &group, "alice").await, changed);
    assert_eq!(owner.user("alice").await.updated_at, NOW, "the user has not changed");

    // It gives no rights.
    let alice = owner.token_of("alice").await;
    let refused = alice.outcome("group/update", json!({ "group_id": group, "description": "a" })).await;
    assert_eq!(refused, "403 ForbiddenNoPermission.Group");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memberships_that_are_not_there_are_404_and_wrong_ones_are_named() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let group = owner.make_group("g").await;
    let below = owner.make_group_in(&group, "below").await;
    let lowest = owner.make_group_in(&below, "lowest").await;
    owner.add_member(&below, "bob").await;
    for path in ["membership/get", "membership/update", "membership/delete"] {
        let right = json!({ "group_id": group, "member_type": "user", "user_id": "alice" });
        owner
            .refuses_with(
                path,
                &right,
                &[
                    (json!({}), "404 NotFound.Membership"),
                    (json!({ "user_id": "bob" }), "404 NotFound.Membership"),
                    (json!({ "group_id": null }), "400 InvalidParameterMissing.GroupId"),
                    (json!({ "group_id": NO_GROUP }), "404 NotFound.Group"),
                    (json!({ "user_id": null }), "400 InvalidParameterMissing.UserId"),
                    (json!({ "user_id": "nobody" }), "404 NotFound.User"),
                ],
            )
            .await;
    }
    for path in ["membership/get", "membership/update"] {
        let right = json!({ "group_id": group, "member_type": "group", "sub_group_id": lowest });
        owner
            .refuses_with(
                path,
                &right,
                &[
                    (json!({}), "404 NotFound.Membership"),
                    (json!({ "sub_group_id": group }), "404 NotFound.Membership"),
                    (json!({ "sub_group_id": null }), "400 InvalidParameterMissing.SubGroupId"),
                ],
            )
            .await;
    }
    let delete = json!({ "group_id": group, "member_type": "group", "sub_group_id": below });
    owner
        .refuses(&owner, "membership/delete", &[(delete, "400 InvalidParameterNotSupported.MemberType")])
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn has_member_looks_into_groups_below() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let top = owner.make_group("top").await;
    let low = owner.make_group_in(&top, "low").await;
    let lowest = owner.make_group_in(&low, "lowest").await;
    let other = owner.make_group("other").await;
    owner.add_member(&lowest, "alice").await;
    let alice = || json!({ "user_id": "alice" });
    for (group, expected) in [(&top, true), (&low, true), (&lowest, true), (&other, false)] {
        assert_eq!(has(&owner, group, alice()).await, expected, "{group}");
        assert!(!has(&owner, group, json!({ "user_id": "bob" })).await, "{group}");
    }
    for (group, below, expected) in [
        (&top, &low, true),
        (&top, &lowest, true),
        (&low, &lowest, true),
        (&lowest, &low, false),
        (&low, &top, false),
        (&other, &lowest, false),
    ] {
        assert_eq!(has(&owner, group, json!({ "sub_group_id": below })).await, expected, "{group} {below}");
    }
    for (body, expected) in [
        (json!({ "group_id": NO_GROUP, "user_id": "alice" }), "404 NotFound.Group"),
        (json!({ "user_id": "alice" }), "400 InvalidParameterMissing.GroupId"),
        (json!({ "group_id": top }), "400 InvalidParameterMissing.UserId"),
        (json!({ "group_id": top, "member_type": "group" }), "400 InvalidParameterMissing.SubGroupId"),
        (json!({ "group_id": top, "user_id": "a#b" }), "400 InvalidParameter.UserId"),
    ] {
        assert_eq!(owner.outcome("membership/has_member", body.clone()).await, expected, "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_parents_are_the_groups_and_never_the_root_unit() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let top = owner.make_group("top").await;
    let low = owner.make_group_in(&top, "low").await;
    let other = owner.make_group("other").await;
    owner.add_member(&low, "alice").await;
    owner.add_member(&other, "alice").await;
    let mut names = owner.group_names_of("alice").await;
    names.sort_unstable();
    assert_eq!(names, ["low", "other"], "top is above, not a parent");
    assert_eq!(owner.group_names_of("bob").await, Vec::<String>::new());

    let of_group = |group: &str| ListDirectParentMemberships {
        member_type: Some(Party::Group),
        sub_group_id: Some(group.to_owned()),
        ..ListDirectParentMemberships::default()
    };
    let parents = owner.all(&of_group(&low)).await;
    assert_eq!(parents.len(), 1);
    assert_eq!(
        (parents[0].group_id.as_str(), parents[0].sub_group_id.as_str()),
        (top.as_str(), low.as_str())
    );
    assert_eq!(owner.all(&of_group(&top)).await, Vec::new(), "a root group has no parent");

    let alice = owner.token_of("alice").await;
    let own = alice.all(&ListDirectParentMemberships::default()).await;
    assert_eq!(own, owner.memberships_of("alice").await, "without an id they are the caller's");
    for (body, expected) in [
        (json!({}), "400 InvalidParameterMissing.UserId"),
        (json!({ "member_type": "user" }), "400 InvalidParameterMissing.UserId"),
        (json!({ "member_type": "group" }), "400 InvalidParameterMissing.SubGroupId"),
        (json!({ "user_id": "nobody" }), "404 NotFound.User"),
        (json!({ "sub_group_id": NO_GROUP }), "404 NotFound.Group"),
    ] {
        let outcome = owner.outcome("membership/list_direct_parent_memberships", body.clone()).await;
        assert_eq!(outcome, expected, "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_children_are_groups_and_then_users_page_by_page() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let top = owner.make_group("top").await;
    for number in 0..3 {
        owner.make_group_in(&top, &format!("g{number}")).await;
        owner.make_user(&format!("u{number}")).await;
        owner.add_member(&top, &format!("u{number}")).await;
    }
    let all = owner.memberships_in(&top, None).await;
    let kinds: Vec<Party> = all.iter().map(|membership| membership.member_type).collect();
    assert_eq!(kinds, [Party::Group, Party::Group, Party::Group, Party::User, Party::User, Party::User]);
    for limit in [1, 2, 3, 4] {
        let mut found: Vec<Value> = Vec::new();
        let mut marker = json!("");
        loop {
            let body = json!({ "group_id": top, "member_type": "", "limit": limit, "marker": marker });
            let page = owner.ask("membership/list_direct_child_memberships", body).await;
            found.extend(page["items"].as_array().expect("a list").clone());
            marker = page["next_marker"].clone();
            if marker == "" {
                break;
            }
        }
        assert_eq!(json!(found), json!(all), "{limit} on a page");
    }
    assert_eq!(owner.memberships_in(&top, Some(Party::Group)).await, all[..3]);
    assert_eq!(owner.memberships_in(&top, Some(Party::User)).await, all[3..]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_the_primary_unit_promotes_the_oldest_further_one_with_its_role_note_and_time() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    owner.make_user("alice").await;
    let mut groups = Vec::new();
    for (name, role) in
        [("first", MemberRole::Member), ("second", MemberRole::Admin), ("third", MemberRole::Member)]
    {
        let group = owner.make_group(name).await;
        server.pass(1_000);
        let note = Some(format!("note of {name}"));
        owner
            .get(&CreateMembership { member_role: Some(role), description: note, ..new(&group, "alice") })
            .await;
        groups.push(group);
    }
    let alice = crate::support::text(&server.home, "select id from users where username_key = 'alice'").await;
    let alice = crate::support::spelled("user", &alice);
    assert_eq!(corp.units_of(&eiam, &alice).await, ["first", "second", "third"], "the first one is primary");

    let before = shown(&owner, &groups[1], "alice").await;
    let delete = |group: &str| DeleteMembership {
        group_id: group.to_owned(),
        user_id: Some("alice".to_owned()),
        ..DeleteMembership::default()
    };
    server.pass(1_000);
    owner.get(&delete(&groups[0])).await;
    assert_eq!(corp.units_of(&eiam, &alice).await, ["second", "third"]);
    assert_eq!(shown(&owner, &groups[1], "alice").await, before, "promotion changes nothing of it");
    assert_eq!((before.member_role, before.description.as_str()), (MemberRole::Admin, "note of second"));
    owner.get(&delete(&groups[2])).await;
    assert_eq!(corp.units_of(&eiam, &alice).await, ["second"], "a further one goes");
    owner.get(&delete(&groups[1])).await;
    assert_eq!(corp.units_of(&eiam, &alice).await, ["root"], "the root where there is none");

    // A new membership begins anew.
    server.pass(1_000);
    let again = owner.get(&new(&groups[1], "alice")).await;
    assert_eq!((again.member_role, again.description.as_str()), (MemberRole::Member, ""));
    assert_eq!(again.created_at, NOW + 5_000);
    server.stop().await;
}
