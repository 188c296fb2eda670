//! Labels at their edges: what who manages a part of the domain reaches through groups.
//!
//! Source: `reference/pds.md` §5, §10 and §11; `reference/doors.md` §7.

use serde_json::{Value, json};

use crate::support::{App, Pds, Server, text_of};

const NO: &str = "403 ForbiddenNoPermission.User";

/// Groups, people and their managers in two parts of a domain.
struct Parts {
    server: Server,
    owner: Pds,
    manager: Pds,
    north: String,
    south: String,
    bare: String,
}

impl Parts {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = Pds::owner(&server);
        let app = App::of(&server).await;
        for (id, role, label) in [
            ("manager", "subdomain_admin", "north"),
            ("user", "user", "north"),
            ("other", "user", "south"),
            ("nobody", "user", ""),
        ] {
            owner.make(id, json!({ "role": role, "subdomain_id": label })).await;
        }
        let [north, south, bare] = [
            labelled(&owner, "north", None, "north").await,
            labelled(&owner, "south", None, "south").await,
            labelled(&owner, "bare", None, "").await,
        ];
        let manager = app.user("manager").await;
        Self { server, owner, manager, north, south, bare }
    }
}

/// Makes a group with this label; the id.
async fn labelled(caller: &Pds, name: &str, parent: Option<&str>, label: &str) -> String {
    let body = json!({ "group_name": name, "parent_group_id": parent, "subdomain_id": label });
    text_of(&caller.ask("/group/create", &body).await["group_id"])
}

/// The groups that a user is in, each with what the user is called there.
async fn places(caller: &Pds, user: &str) -> Vec<(String, String)> {
    let answer = caller.ask("/membership/list_direct_parent_memberships", &json!({ "user_id": user })).await;
    let items = answer["items"].as_array().expect("a list");
    let mut places: Vec<(String, String)> =
        items.iter().map(|item| (text_of(&item["group_id"]), text_of(&item["member_role"]))).collect();
    places.sort_unstable();
    places
}

fn into(user: &str, groups: &[&str]) -> Value {
    let groups: Vec<Value> = groups.iter().map(|group| json!({ "group_id": group })).collect();
    json!({ "user_id": user, "group_info_list": groups })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_a_part_moves_people_through_its_groups_alone() {
    let Parts { server, owner, manager, north, south, bare } = Parts::start().await;
    owner.ask("/user/update", &into("user", &[&south])).await;

    for body in [
        into("manager", &[&south]),
        into("manager", &[&north, &bare]),
        into("user", &[]),
        into("user", &[&north]),
        json!({ "user_id": "user", "group_info_list": [{ "group_id": south, "member_role": "admin" }] }),
    ] {
        assert_eq!(manager.outcome("/user/update", &body).await, NO, "{body}");
    }
    for groups in [&[south.as_str()] as &[&str], &[&bare], &[&north, &south]] {
        let mut body = into("new", groups);
        body["subdomain_id"] = json!("north");
        assert_eq!(manager.outcome("/user/create", &body).await, NO, "{body}");
    }
    assert!(places(&owner, "manager").await.is_empty());
    assert_eq!(places(&owner, "user").await, [(south.clone(), "member".to_owned())]);

    // What stays is nobody's question, nor are groups of the own part.
    let stays = json!({ "group_id": south, "member_role": "member" });
    let body = json!({ "user_id": "user", "group_info_list": [stays, { "group_id": north, "member_role": "admin" }] });
    manager.ask("/user/update", &body).await;
    let mut both = vec![(south.clone(), "member".to_owned()), (north.clone(), "admin".to_owned())];
    both.sort_unstable();
    assert_eq!(places(&owner, "user").await, both);
    manager.ask("/user/update", &into("user", &[&south])).await;
    let mut new = into("new", &[&north]);
    new["subdomain_id"] = json!("north");
    manager.ask("/user/create", &new).await;
    assert_eq!(places(&owner, "new").await, [(north, "member".to_owned())]);
    server.stop().await;
}

fn assigning(user: &str, group: &str, only_here: Option<bool>) -> Value {
    json!({
        "identity": { "identity_type": "IT_User", "identity_id": user }, "role_id": "SystemGroupAdmin",
        "manage_resource_type": "RT_Group", "manage_resource_id": group, "disinherit_sub_group": only_here,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_a_part_lets_nobody_administer_more_than_the_part() {
    let Parts { server, owner, manager, north, .. } = Parts::start().await;
    let below = labelled(&owner, "below", Some(&north), "north").await;
    let foreign = labelled(&owner, "foreign", Some(&below), "south").await;
    let pure = labelled(&owner, "pure", None, "north").await;
    labelled(&owner, "pure below", Some(&pure), "north").await;
    let assign = async |body: Value| manager.outcome("/role/assign", &body).await;

    let refused = "403 ForbiddenNoPermission.Role";
    for (user, group) in [("manager", &north), ("manager", &pure), ("user", &north), ("user", &below)] {
        for only_here in [None, Some(false)] {
            assert_eq!(assign(assigning(user, group, only_here)).await, refused, "{user} {only_here:?}");
        }
        // One group alone reaches no other one, until the assignment does.
        assert_eq!(assign(assigning(user, group, Some(true))).await, "204", "{user}");
        assert_eq!(assign(assigning(user, group, Some(false))).await, refused, "{user}");
        assert_eq!(assign(assigning(user, group, None)).await, "204", "{user}");
    }
    assert_eq!(assign(assigning("user", &pure, None)).await, "204");
    let rename = json!({ "group_id": foreign, "name": "x" });
    assert_eq!(manager.outcome("/group/update_name", &rename).await, "403 ForbiddenNoPermission.Group");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_administers_a_group_gives_no_other_label() {
    let Parts { server, owner, north, bare, .. } = Parts::start().await;
    let app = App::of(&server).await;
    for group in [&north, &bare] {
        owner.ask("/role/assign", &assigning("nobody", group, None)).await;
    }
    let administrator = app.user("nobody").await;

    for (group, label, is_given) in [
        (&north, "north", true),
        (&north, "", true),
        (&north, "south", false),
        (&bare, "", true),
        (&bare, "north", false),
        (&bare, "south", false),
    ] {
        let name = format!("of {label}");
        let below = json!({ "group_name": name, "parent_group_id": group, "subdomain_id": label });
        let drive =
            json!({ "drive_name": name, "owner": group, "owner_type": "group", "subdomain_id": label });
        let told = [
            administrator.outcome("/group/create", &below).await,
            administrator.outcome("/drive/create", &drive).await,
        ];
        let refused = ["403 ForbiddenNoPermission.Group", "403 ForbiddenNoPermission.Drive"];
        assert_eq!(told, if is_given { ["201", "201"] } else { refused }, "{group} {label}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_a_part_makes_drives_of_its_label_for_its_groups() {
    let Parts { server, manager, north, south, .. } = Parts::start().await;
    for (owner, kind, label, is_made) in [
        (north.as_str(), "group", "north", true),
        (&north, "group", "", true),
        (&north, "group", "south", false),
        (&south, "group", "north", false),
        ("user", "user", "north", true),
        ("user", "user", "", false),
        ("other", "user", "north", false),
    ] {
        let body = json!({ "drive_name": "d", "owner": owner, "owner_type": kind, "subdomain_id": label });
        let told = manager.outcome("/drive/create", &body).await;
        assert_eq!(told, if is_made { "201" } else { "403 ForbiddenNoPermission.Drive" }, "{body}");
    }
    server.stop().await;
}
