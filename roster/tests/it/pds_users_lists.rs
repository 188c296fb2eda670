//! `user/list`, `user/search` and `user/general_search` of PDS: who is found, in which order, page by page.
//!
//! Source: `reference/pds.md` §2.5, §7.6, §7.7, §8.2, §8.7 and §8.8; `reference/doors.md` §6.

use serde_json::{Value, json};

use crate::support::{Instance, NOW, Pds, Server, merged, text_of};

const LIST: &str = "/user/list";
const SEARCH: &str = "/user/search";
const GENERAL: &str = "/user/general_search";

/// People of every kind.
async fn people(owner: &Pds) {
    for (id, more) in [
        ("zoe", json!({ "nick_name": "张三", "email": "Zoe@Example.com", "phone": "13800000001" })),
        (
            "adam",
            json!({ "nick_name": "张三丰", "email": "adam@example.com", "phone": "13800000002", "role": "admin" }),
        ),
        (
            "Bob",
            json!({ "nick_name": "Bobby Tables", "email": "bob@other.com", "phone": "+138", "status": "disabled" }),
        ),
        ("_", json!({ "user_name": "Underscore", "nick_name": "李四" })),
        ("张", json!({ "nick_name": "100% _a", "subdomain_id": "north" })),
        ("b", json!({ "nick_name": "bob\u{fb01}n", "role": "subdomain_admin", "subdomain_id": "north" })),
    ] {
        owner.make(id, more).await;
    }
}

/// Those whom conditions find, in the order of their making.
async fn found(owner: &Pds, path: &str, conditions: &Value) -> Vec<String> {
    owner.ids(path, conditions).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_in_the_order_of_the_bytes_of_the_ids() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    people(&owner).await;
    // Whose id is drawn: it lies among the chosen ones as its digits do.
    let import = json!({ "authentication_type": "custom", "identity": "x", "nick_name": "x" });
    let drawn = text_of(&owner.ask("/user/import", &import).await["user_id"]);
    let second = json!({ "authentication_type": "custom", "identity": "y", "nick_name": "y" });
    let also_drawn = text_of(&owner.ask("/user/import", &second).await["user_id"]);
    let last = if drawn.ends_with('a') { 'b' } else { 'a' };
    for id in ["0", "1", "f", "g", &format!("{}{last}", &drawn[..31]), &format!("{}0", &also_drawn[..12])] {
        owner.make(id, json!({})).await;
    }

    let ids = found(&owner, LIST, &json!({})).await;

    assert_eq!(ids.len(), 6 + 1 + 2 + 6);
    assert!(ids.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()), "{ids:?}");
    for size in [1, 3, 7, 99] {
        let pages = owner.pages(LIST, &json!({}), size).await;
        let read: Vec<String> = pages.iter().map(|user| text_of(&user["user_id"])).collect();
        assert_eq!(read, ids, "{size} a page");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_the_other_doors_are_known_by_their_digits() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    crate::support::create(&server.administrator(), &["by_eds"]).await;
    let eiam = server.administrator().eiam();
    Instance::default_of(&eiam).await.make_user(&eiam, "by_eiam").await;

    let ids = found(&owner, LIST, &json!({})).await;

    assert_eq!(ids.len(), 3);
    for id in &ids[..2] {
        let user = owner.user(id).await;
        assert!(
            id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
            "{id}"
        );
        assert!(["by_eds", "by_eiam"].contains(&user.user_name.as_str()), "{user:?}");
        assert_eq!(
            owner.outcome("/user/get", &json!({ "user_id": id.to_uppercase() })).await,
            "404 NotFound.User"
        );
        assert_eq!(
            owner.outcome("/user/get", &json!({ "user_id": user.user_name })).await,
            "404 NotFound.User"
        );
    }
    assert_eq!(ids[2], "superadmin");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_what_was_asked_for_and_a_hundred_if_nothing_was() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for at in 0..120 {
        owner.make(&format!("user {at:03}"), json!({})).await;
    }
    for path in [LIST, SEARCH, GENERAL] {
        for (limit, size) in [
            (json!(null), 100),
            (json!(0), 100),
            (json!(""), 100),
            (json!(1), 1),
            (json!("7"), 7),
            (json!(100), 100),
        ] {
            let page = owner.ask(path, &json!({ "limit": limit, "marker": "" })).await;
            assert_eq!(page["items"].as_array().map(Vec::len), Some(size), "{path} {limit}");
            assert_ne!(page["next_marker"], "", "{path} {limit}");
        }
        for limit in [json!(101), json!(-1), json!("x"), json!("-1"), json!(1.5), json!(true), json!([])] {
            assert_eq!(
                owner.outcome(path, &json!({ "limit": limit })).await,
                "400 InvalidParameter.Limit",
                "{path} {limit}"
            );
        }
        assert_eq!(owner.pages(path, &json!({}), 100).await.len(), 121, "{path}");
    }
    // With the groups of each, thirty are the most.
    for limit in [json!(null), json!(31), json!(100)] {
        let body = json!({ "limit": limit, "extra_return_info": ["drive", "group"] });
        let page = owner.ask(GENERAL, &body).await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(30), "{limit}");
        assert_ne!(page["next_marker"], "");
    }
    let drives = owner.ask(GENERAL, &json!({ "extra_return_info": ["drive"] })).await;
    assert_eq!(drives["items"].as_array().map(Vec::len), Some(100));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_is_good_for_its_own_list_and_conditions_alone() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    people(&owner).await;
    let marker = async |path: &str, body: Value| {
        text_of(&owner.ask(path, &merged(&body, &json!({ "limit": 1 }))).await["next_marker"])
    };
    let listed = marker(LIST, json!({})).await;
    let searched = marker(SEARCH, json!({ "nick_name_for_fuzzy": "张" })).await;
    let mut altered = listed.clone().into_bytes();
    let last = altered.len() - 1;
    altered[last / 2] = if altered[last / 2] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).expect("letters");

    for (path, body) in [
        (LIST, json!({ "marker": "x" })),
        (LIST, json!({ "marker": altered })),
        (LIST, json!({ "marker": format!("{listed}A") })),
        (LIST, json!({ "marker": listed, "status": "enabled" })),
        (LIST, json!({ "marker": searched })),
        (SEARCH, json!({ "marker": listed })),
        (SEARCH, json!({ "marker": searched })),
        (SEARCH, json!({ "marker": searched, "nick_name_for_fuzzy": "三" })),
        (SEARCH, json!({ "marker": searched, "nick_name_for_fuzzy": "张", "order_by": "user_id" })),
        (GENERAL, json!({ "marker": searched, "nick_name_for_fuzzy": "张" })),
        ("/group/list", json!({ "marker": listed })),
    ] {
        assert_eq!(owner.outcome(path, &body).await, "400 InvalidParameter.Marker", "{path} {body}");
    }
    assert_eq!(owner.outcome(LIST, &json!({ "marker": 1 })).await, "400 InvalidParameter.Marker");
    // Another page size goes on where the marker says.
    let rest = owner.ask(LIST, &json!({ "marker": listed, "limit": 100 })).await;
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(6));
    // A marker outlives the user whom it names, and the domain's own.
    let ids = found(&owner, LIST, &json!({})).await;
    let after_two = text_of(&owner.ask(LIST, &json!({ "limit": 2 })).await["next_marker"]);
    owner.remove(&ids[1]).await;
    owner.remove(&ids[2]).await;
    let rest = owner.ask(LIST, &json!({ "marker": after_two })).await;
    assert_eq!(rest["items"][0]["user_id"], ids[3].as_str());
    let other = text_of(&owner.ask("/domain/create", &json!({ "domain_name": "other" })).await["domain_id"]);
    let elsewhere = owner.at(&other);
    assert_eq!(elsewhere.outcome(LIST, &json!({ "marker": after_two })).await, "400 InvalidParameter.Marker");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_find_those_who_fit_all_of_them() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    people(&owner).await;
    for (conditions, expected) in [
        (json!({ "nick_name": "张三" }), &["zoe", "adam"][..]),
        (json!({ "nick_name": "三" }), &[]),
        (json!({ "nick_name": "BOBBY t" }), &["Bob"]),
        (json!({ "nick_name": "BOB" }), &["Bob", "b"]),
        (json!({ "nick_name": "bobfi" }), &["b"]),
        (json!({ "nick_name_for_fuzzy": "三" }), &["zoe", "adam"]),
        (json!({ "nick_name_for_fuzzy": "三丰" }), &["adam"]),
        (json!({ "nick_name_for_fuzzy": "TABLE" }), &["Bob"]),
        (json!({ "nick_name_for_fuzzy": "b" }), &["Bob", "b"]),
        (json!({ "nick_name_for_fuzzy": "%" }), &["张"]),
        (json!({ "nick_name_for_fuzzy": "_" }), &["张"]),
        (json!({ "nick_name_for_fuzzy": "*" }), &[]),
        (json!({ "nick_name": "bob", "nick_name_for_fuzzy": "fin" }), &["b"]),
        (json!({ "email": "ZOE@" }), &["zoe"]),
        (json!({ "email": "example.com" }), &[]),
        (json!({ "phone": "138" }), &["zoe", "adam"]),
        (json!({ "phone": "+138" }), &["Bob"]),
        (json!({ "phone": "0001" }), &[]),
        (json!({ "status": "disabled" }), &["Bob"]),
        (json!({ "role": "admin" }), &["adam"]),
        (json!({ "role": "subdomain_admin" }), &["b"]),
        (json!({ "role": "subdomain" }), &[]),
        (json!({ "role": "user", "status": "enabled" }), &["zoe", "_", "张"]),
        (json!({ "role": "user", "nick_name_for_fuzzy": "三" }), &["zoe"]),
        (json!({ "phone": "138", "email": "a", "nick_name": "张" }), &["adam"]),
        (json!({ "phone": "138", "email": "a", "status": "disabled" }), &[]),
        // What is empty is no condition, and unknown orders are none.
        (
            json!({ "nick_name": "", "nick_name_for_fuzzy": "三", "email": "", "phone": "", "role": "", "status": "",
                "order_by": "", "order_direction": "up" }),
            &["zoe", "adam"],
        ),
        (json!({}), &["superadmin", "zoe", "adam", "Bob", "_", "张", "b"]),
    ] {
        for path in [SEARCH, GENERAL] {
            assert_eq!(found(&owner, path, &conditions).await, expected, "{path} {conditions}");
        }
    }
    // By the username, and by the label, only a search goes.
    for (conditions, expected) in [
        (json!({ "user_name": "UNDER" }), &["_"][..]),
        (json!({ "user_name": "b" }), &["Bob", "b"]),
        (json!({ "subdomain_id": "north" }), &["张", "b"]),
        (json!({ "subdomain_id": "north", "role": "user" }), &["张"]),
        (json!({ "subdomain_id": "nor" }), &[]),
    ] {
        assert_eq!(found(&owner, SEARCH, &conditions).await, expected, "{conditions}");
    }
    assert_eq!(found(&owner, LIST, &json!({ "subdomain_id": "north" })).await, ["b", "张"]);
    assert_eq!(found(&owner, LIST, &json!({ "status": "disabled" })).await, ["Bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_list_serves_or_knows_is_refused_by_name() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for path in [SEARCH, GENERAL] {
        for (body, expected) in [
            (json!({ "role": "root" }), "400 InvalidParameter.Role"),
            (json!({ "status": "locked" }), "400 InvalidParameter.Status"),
            (json!({ "nick_name": "x".repeat(129) }), "400 InvalidParameter.NickName"),
            (json!({ "nick_name_for_fuzzy": "x".repeat(129) }), "400 InvalidParameter.NickNameForFuzzy"),
            (json!({ "email": 1 }), "400 InvalidParameter.Email"),
            (json!({ "phone": ["1"] }), "400 InvalidParameter.Phone"),
        ] {
            assert_eq!(owner.outcome(path, &body).await, expected, "{path} {body}");
        }
    }
    for (path, body, expected) in [
        (LIST, json!({ "status": "locked" }), "400 InvalidParameter.Status"),
        (SEARCH, json!({ "drive_status": "enabled" }), "400 InvalidParameterNotSupported.DriveStatus"),
        (SEARCH, json!({ "expired_at_range": "1,2" }), "400 InvalidParameterNotSupported.ExpiredAtRange"),
        (SEARCH, json!({ "drive_status": "", "expired_at_range": {} }), "200"),
        (GENERAL, json!({ "parent_group_id_list": "x" }), "400 InvalidParameter.ParentGroupIdList"),
        (GENERAL, json!({ "direct_parent_group_id": 1 }), "400 InvalidParameter.DirectParentGroupId"),
    ] {
        assert_eq!(owner.outcome(path, &body).await, expected, "{path} {body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_can_be_ordered_either_way() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for (id, nick) in [("c", "b"), ("a", "C"), ("d", ""), ("b", "a")] {
        server.pass(1_000);
        owner.make(id, json!({ "nick_name": nick, "phone": "1" })).await;
    }
    for id in ["a", "d"] {
        server.pass(1_000);
        owner.change(id, json!({ "description": "x" })).await;
    }
    for path in [SEARCH, GENERAL] {
        for (order, expected) in [
            ("created_at", ["c", "a", "d", "b"]),
            ("updated_at", ["c", "b", "a", "d"]),
            ("user_id", ["a", "b", "c", "d"]),
            ("NICK_NAME", ["d", "b", "c", "a"]),
        ] {
            let mut expected = expected.map(str::to_owned);
            for direction in ["ASC", "desc"] {
                let body = json!({ "order_by": order, "order_direction": direction, "phone": "1" });
                assert_eq!(found(&owner, path, &body).await, expected, "{path} {body}");
                expected.reverse();
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_superadmin_is_found_in_every_order() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("a", json!({ "nick_name": "王" })).await;
    owner.change("superadmin", json!({ "nick_name": "小王" })).await;

    for path in [SEARCH, GENERAL] {
        for order in ["created_at", "updated_at", "user_id", "nick_name"] {
            let body = json!({ "nick_name_for_fuzzy": "王", "order_by": order });
            let mut ids = found(&owner, path, &body).await;
            ids.sort();
            assert_eq!(ids, ["a", "superadmin"], "{path} {body}");
            let disabled = json!({ "nick_name_for_fuzzy": "王", "order_by": order, "status": "disabled" });
            assert_eq!(found(&owner, path, &disabled).await, [""; 0], "{path} {disabled}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_hold_their_own_people_and_those_of_all_groups_below_each_once() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let company = owner.group("company", None).await;
    let west = owner.group("west", Some(&company)).await;
    let deep = owner.group("deep", Some(&west)).await;
    let east = owner.group("east", Some(&company)).await;
    let other = owner.group("other", None).await;
    let within = |groups: &[&String]| {
        let groups: Vec<Value> = groups.iter().map(|group| json!({ "group_id": group })).collect();
        json!({ "group_info_list": groups, "nick_name": "x" })
    };
    owner.make("top", within(&[&company])).await;
    owner.make("both", within(&[&west, &east, &deep])).await;
    owner.make("low", within(&[&deep])).await;
    owner.make("far", within(&[&other])).await;
    owner.make("none", within(&[])).await;

    for (conditions, expected) in [
        (json!({ "parent_group_id_list": [company] }), &["top", "both", "low"][..]),
        (json!({ "parent_group_id_list": [west] }), &["both", "low"]),
        (json!({ "parent_group_id_list": [deep, east, west] }), &["both", "low"]),
        (json!({ "parent_group_id_list": [east, other] }), &["both", "far"]),
        (json!({ "parent_group_id_list": [east, "x"] }), &["both"]),
        (json!({ "parent_group_id_list": ["x"] }), &[]),
        (json!({ "parent_group_id_list": [] }), &["superadmin", "top", "both", "low", "far", "none"]),
        (json!({ "direct_parent_group_id": company }), &["top"]),
        (json!({ "direct_parent_group_id": deep }), &["both", "low"]),
        (json!({ "direct_parent_group_id": "x" }), &[]),
        (json!({ "direct_parent_group_id": "" , "nick_name": "x" }), &["top", "both", "low", "far", "none"]),
        (json!({ "direct_parent_group_id": deep, "parent_group_id_list": [east] }), &["both"]),
        (json!({ "direct_parent_group_id": other, "parent_group_id_list": [east] }), &[]),
        (json!({ "parent_group_id_list": [company], "nick_name": "x", "status": "disabled" }), &[]),
    ] {
        assert_eq!(found(&owner, GENERAL, &conditions).await, expected, "{conditions}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_is_asked_for_is_shown_beside_each_user() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let (west, east) = (owner.group("west", None).await, owner.group("east", None).await);
    owner.make("alice", json!({ "group_info_list": [{ "group_id": west }, { "group_id": east }] })).await;
    owner.make("bob", json!({})).await;
    let drive = json!({ "drive_name": "d", "owner": "alice", "default": true, "total_size": 7 });
    let drive = owner.ask("/drive/create", &drive).await;
    owner.ask("/account/link", &json!({ "user_id": "alice", "type": "mobile", "identity": "138" })).await;
    let link = owner.ask("/account/get_link_info", &json!({ "type": "mobile", "identity": "138" })).await;
    let (west, east) = (
        owner.ask("/group/get", &json!({ "group_id": west })).await,
        owner.ask("/group/get", &json!({ "group_id": east })).await,
    );

    let all = json!({ "extra_return_info": ["drive", "group", "account", "other"] });
    let plain = owner.ask("/user/get", &json!({ "user_id": "alice" })).await;
    let mut expected = plain.clone();
    assert_eq!(plain["default_drive_id"], drive["drive_id"]);
    expected["default_drive"] = drive;
    expected["parent_group"] = json!([west, east]);
    expected["account"] = json!([link]);
    let one = owner.ask("/user/general_get", &merged(&all, &json!({ "user_id": "alice" }))).await;
    assert_eq!(one, expected);
    let listed = owner.pages(GENERAL, &all, 30).await;
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[1], expected);
    let bob = owner.ask("/user/general_get", &merged(&all, &json!({ "user_id": "bob" }))).await;
    assert_eq!(
        (bob.get("default_drive").cloned().unwrap_or_default(), &bob["parent_group"], &bob["account"]),
        (Value::Null, &json!([]), &json!([]))
    );
    for (word, name) in [("drive", "default_drive"), ("group", "parent_group"), ("account", "account")] {
        let body = json!({ "user_id": "alice", "extra_return_info": [word] });
        let shown = owner.ask("/user/general_get", &body).await;
        let mut with_one = plain.clone();
        with_one[name] = expected[name].clone();
        assert_eq!(shown, with_one, "{word}");
    }
    let nothing = json!({ "user_id": "alice", "extra_return_info": ["unknown"] });
    assert_eq!(owner.ask("/user/general_get", &nothing).await, plain);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_goes_on_while_others_come_and_go() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for at in 0..10 {
        owner.make(&format!("user {at}"), json!({ "nick_name": "x" })).await;
    }
    for (path, more) in
        [(LIST, json!({})), (SEARCH, json!({ "nick_name": "x" })), (GENERAL, json!({ "nick_name": "x" }))]
    {
        let mut body = merged(&more, &json!({ "limit": 2 }));
        let mut seen = Vec::new();
        for round in 0.. {
            let page = owner.ask(path, &body).await;
            seen.extend(
                page["items"].as_array().expect("a list").iter().map(|user| text_of(&user["user_id"])),
            );
            if page["next_marker"] == "" {
                break;
            }
            body["marker"] = page["next_marker"].clone();
            // One who comes behind the marker, and one who goes before it.
            let id = format!("user 0 {path} {round}");
            owner.make(&id, json!({ "nick_name": "y" })).await;
            owner.change("user 9", json!({ "description": format!("{round}") })).await;
            owner.remove(&id).await;
        }
        let people: Vec<&String> =
            seen.iter().filter(|id| id.starts_with("user ") && id.len() == 6).collect();
        assert_eq!(people.len(), 10, "{path}: {seen:?}");
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{path}: {seen:?}");
    }
    assert_eq!(owner.user("user 0").await.created_at, NOW);
    server.stop().await;
}
