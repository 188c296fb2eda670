//! Markers: where they lead while others write, and what is none.
//!
//! Source: `reference/pds.md` §2.5; `reference/doors.md` §6.

use serde_json::{Value, json};

use crate::support::{PdsCaller, Server};

/// A list, how one of its members is spelled, and how another one is made and removed.
struct Walk {
    path: &'static str,
    filter: Value,
    key: &'static str,
    create: fn(&str) -> (&'static str, Value),
    delete: fn(&str) -> (&'static str, Value),
}

fn new_user(name: &str) -> (&'static str, Value) {
    ("user/create", json!({ "user_id": name, "nick_name": name }))
}

fn no_user(id: &str) -> (&'static str, Value) {
    ("user/delete", json!({ "user_id": id }))
}

fn new_group(name: &str) -> (&'static str, Value) {
    ("group/create", json!({ "group_name": name }))
}

fn no_group(id: &str) -> (&'static str, Value) {
    ("group/delete", json!({ "group_id": id }))
}

fn new_drive(name: &str) -> (&'static str, Value) {
    ("drive/create", json!({ "drive_name": name, "owner": "superadmin" }))
}

fn no_drive(id: &str) -> (&'static str, Value) {
    ("drive/delete", json!({ "drive_id": id }))
}

fn new_domain(name: &str) -> (&'static str, Value) {
    ("domain/create", json!({ "domain_name": name }))
}

fn no_domain(id: &str) -> (&'static str, Value) {
    ("domain/delete", json!({ "domain_id": id }))
}

fn walks() -> Vec<Walk> {
    let walk = |path, filter, key, create, delete| Walk { path, filter, key, create, delete };
    vec![
        walk("user/list", json!({}), "user_id", new_user, no_user),
        walk("user/search", json!({ "nick_name": "n" }), "user_id", new_user, no_user),
        walk(
            "user/search",
            json!({ "order_by": "user_id", "order_direction": "DESC" }),
            "user_id",
            new_user,
            no_user,
        ),
        walk("user/search", json!({ "order_by": "nick_name" }), "user_id", new_user, no_user),
        walk("user/general_search", json!({ "nick_name_for_fuzzy": "n" }), "user_id", new_user, no_user),
        walk("group/list", json!({}), "group_id", new_group, no_group),
        walk("group/search", json!({ "group_name_for_fuzzy": "n" }), "group_id", new_group, no_group),
        walk("drive/list", json!({}), "drive_id", new_drive, no_drive),
        walk("drive/search", json!({ "drive_name": "n" }), "drive_id", new_drive, no_drive),
        walk("domain/list", json!({}), "domain_id", new_domain, no_domain),
        walk("domain/search", json!({ "name": "n" }), "domain_id", new_domain, no_domain),
    ]
}

async fn make(owner: &PdsCaller, walk: &Walk, name: &str) -> String {
    let (path, body) = (walk.create)(name);
    let answer = owner.call(path, body).await;
    assert!(answer.status < 300, "{path}: {}", answer.text());
    answer.json()[walk.key].as_str().expect("a text").to_owned()
}

/// A page: its ids and its marker.
async fn page(owner: &PdsCaller, walk: &Walk, limit: usize, marker: &str) -> (Vec<String>, String) {
    let mut body = walk.filter.clone();
    body["limit"] = json!(limit);
    body["marker"] = json!(marker);
    let reply = owner.ask(walk.path, body).await;
    let items = reply["items"].as_array().expect("a list").iter();
    let ids = items.map(|item| item[walk.key].as_str().expect("a text").to_owned()).collect();
    (ids, reply["next_marker"].as_str().expect("a text").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_shows_once_whoever_stays_whatever_comes_and_goes() {
    for walk in walks() {
        let server = Server::start().await;
        let owner = PdsCaller::of(&server);
        let mut stay = Vec::new();
        for number in 0..20 {
            server.pass(1);
            stay.push(make(&owner, &walk, &format!("n{:02}", (number * 7) % 20)).await);
        }
        let (mut seen, mut removed) = (Vec::new(), Vec::new());
        let (mut marker, mut round) = (String::new(), 0);
        loop {
            let (ids, next) = page(&owner, &walk, 3, &marker).await;
            assert!(ids.len() <= 3);
            seen.extend(ids.clone());
            if next.is_empty() {
                break;
            }
            // The last row of the page goes, and another one comes somewhere.
            if let Some(last) = ids.iter().rev().find(|id| stay.contains(id)) {
                let (path, body) = (walk.delete)(last);
                assert_eq!(owner.outcome(path, body).await, "204", "{} {last}", walk.path);
                stay.retain(|id| id != last);
                removed.push(last.clone());
            }
            round += 1;
            server.pass(1);
            make(&owner, &walk, &format!("n{:02}x{round}", (round * 5) % 20)).await;
            marker = next;
            assert!(round < 60, "{} does not end", walk.path);
        }
        for id in stay.iter().chain(&removed) {
            let times = seen.iter().filter(|seen| *seen == id).count();
            assert_eq!(times, 1, "{} {}: {id} in {seen:?}", walk.path, walk.filter);
        }
        let mut unique = seen.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), seen.len(), "{}: nobody is shown twice", walk.path);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_is_good_for_its_own_list_filters_and_domain_alone() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let second = owner.make_domain("second").await;
    for name in ["na", "nb", "nc"] {
        for create in [new_user, new_group, new_drive, new_domain] {
            let (path, body) = create(name);
            assert!(owner.call(path, body.clone()).await.status < 300);
            if !path.starts_with("domain") {
                assert!(owner.within(&second).call(path, body).await.status < 300);
            }
        }
    }
    let walks = walks();
    let mut markers = Vec::new();
    for walk in &walks {
        let (_, marker) = page(&owner, walk, 1, "").await;
        assert!(
            marker.len() > 4 && marker.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
            "{marker}"
        );
        markers.push(marker);
    }
    let with = |walk: &Walk, marker: &str| {
        let mut body = walk.filter.clone();
        body["marker"] = json!(marker);
        body
    };
    for (at, walk) in walks.iter().enumerate() {
        for (other, marker) in markers.iter().enumerate() {
            let expected = if at == other { "200" } else { "400 InvalidParameter.Marker" };
            let outcome = owner.outcome(walk.path, with(walk, marker)).await;
            assert_eq!(outcome, expected, "{} {} with that of {}", walk.path, walk.filter, walks[other].path);
        }
        for limit in [1, 2, 100] {
            let (ids, _) = page(&owner, walk, limit, &markers[at]).await;
            assert!(!ids.is_empty(), "{}: another page size is another page", walk.path);
        }
        if !walk.path.starts_with("domain") {
            let outcome = owner.within(&second).outcome(walk.path, with(walk, &markers[at])).await;
            assert_eq!(outcome, "400 InvalidParameter.Marker", "{} in another domain", walk.path);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_marker_or_was_altered_is_refused_by_every_list() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let group = owner.make_group("g").await;
    let below = owner.make_group_in(&group, "below").await;
    owner.make_group_in(&group, "below 2").await;
    owner.add_member(&group, "alice").await;
    owner.add_member(&below, "alice").await;
    for user in ["alice", "bob"] {
        owner.assign(user, &group).await;
        owner.make_drive("d", user).await;
        owner.make_drive("d", user).await;
        owner.make_group_drive("d", &group).await;
    }
    owner.make_domain("d").await;
    let alice = owner.token_of("alice").await;
    for (caller, path, filter) in [
        (&owner, "user/list", json!({})),
        (&owner, "user/search", json!({})),
        (&owner, "user/general_search", json!({})),
        (&owner, "user/list_group_user", json!({ "group_id": group })),
        (&owner, "user/list_group_user", json!({})),
        (&owner, "group/list", json!({})),
        (&owner, "group/search", json!({})),
        (&owner, "group/list_member", json!({ "group_id": group })),
        (&owner, "membership/list_direct_child_memberships", json!({ "group_id": group })),
        (&owner, "membership/list_direct_parent_memberships", json!({ "user_id": "alice" })),
        (&owner, "role/list_assignment", json!({})),
        (&owner, "drive/list", json!({})),
        (&owner, "drive/search", json!({})),
        (&alice, "drive/list_my_drives", json!({})),
        (&alice, "drive/list_my_group_drive", json!({})),
        (&owner, "domain/list", json!({})),
        (&owner, "domain/search", json!({})),
    ] {
        let outcome = async |marker: Value| {
            let mut body = filter.clone();
            body["marker"] = marker;
            caller.outcome(path, body).await
        };
        let mut first = filter.clone();
        first["limit"] = json!(1);
        let reply = caller.ask(path, first).await;
        let marker = reply["next_marker"].as_str().expect("a text").to_owned();
        assert_ne!(marker, "", "{path}");
        assert_eq!(outcome(json!(marker)).await, "200", "{path}");
        assert_eq!(outcome(json!("")).await, "200", "{path}");
        for wrong in [
            "x",
            "abc=",
            "1",
            "ZzZzZzZz",
            &marker[1..],
            &marker[..marker.len() - 1],
            &format!("{marker}A"),
            &"A".repeat(5_000),
        ] {
            assert_eq!(outcome(json!(wrong)).await, "400 InvalidParameter.Marker", "{path} {wrong:.40}");
        }
        for at in [0, 3, marker.len() / 2, marker.len() - 3] {
            let mut altered = marker.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("it is text");
            assert_eq!(outcome(json!(altered)).await, "400 InvalidParameter.Marker", "{path}, at {at}");
        }
        assert_eq!(outcome(json!(5)).await, "400 InvalidParameter.Marker", "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_outlives_a_restart_and_any_time() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["a", "b", "c"]).await;
    let first = owner.ask("user/list", json!({ "limit": 2 })).await;
    server.pass(40 * model::time::DAY);
    let server = server.restart().await;
    let owner = PdsCaller::of(&server);
    let rest = owner.ask("user/list", json!({ "marker": first["next_marker"] })).await;
    let ids: Vec<&Value> = [&first, &rest]
        .iter()
        .flat_map(|page| page["items"].as_array().expect("a list"))
        .map(|u| &u["user_id"])
        .collect();
    assert_eq!(json!(ids), json!(["a", "b", "c", "superadmin"]), "by the bytes of the ids");
    server.stop().await;
}
