//! Importing a user: with accounts, a group and a drive, all or nothing.
//!
//! Source: `reference/pds.md` §8.10; `reference/doors.md` §2.2 and §5.

use serde_json::{Value, json};

use crate::support::{NO_GROUP, PdsCaller, Server, number, replaced};

/// How many rows there are of all that an import may write.
async fn rows(server: &Server) -> Vec<(&'static str, i64)> {
    let mut rows = Vec::new();
    for table in [
        "users",
        "profiles",
        "avatars",
        "passwords",
        "identities",
        "unit_members",
        "drives",
        "user_values",
        "events",
        "event_facts",
        "outbox",
    ] {
        rows.push((table, number(&server.home, &format!("select count(*) from {table}")).await));
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_brings_user_accounts_membership_and_drive() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.make_group("g").await;
    let body = json!({
        "authentication_type": "mobile", "identity": "13800000000", "extra": "86",
        "authentication_display_name": "her phone", "nick_name": "A", "auto_create_drive": true,
        "drive_total_size": 1_073_741_824, "parent_group_id": group, "custom_identity": "ignored",
        "authentication_list": [
            { "authentication_type": "email", "identity": "a@example.com" },
            { "authentication_type": "custom", "identity": "x", "authentication_display_name": "X" },
        ],
    });
    let user = owner.ask("user/import", body).await;
    let id = user["user_id"].as_str().expect("a text");
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
    assert_eq!((&user["user_name"], &user["nick_name"]), (&json!(id), &json!("A")));
    assert_eq!(
        (&user["phone"], &user["phone_region"], &user["role"]),
        (&json!("13800000000"), &json!("86"), &json!("user"))
    );
    assert_eq!((&user["email"], &user["status"]), (&json!("a@example.com"), &json!("enabled")));
    assert_eq!(owner.members_of(&group).await, [id]);
    let drive = owner.ask("drive/get", json!({ "drive_id": user["default_drive_id"] })).await;
    assert_eq!(
        (&drive["total_size"], &drive["owner"], &drive["owner_type"]),
        (&json!(1_073_741_824), &json!(id), &json!("user"))
    );
    let links = owner.ask("account/get_link_info_by_user_id", json!({ "user_id": id })).await;
    let links: Vec<String> = links["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|link| {
            format!("{} {} {}", link["authentication_type"], link["identity"], link["display_name"])
                .replace('"', "")
        })
        .collect();
    let mut links = links;
    links.sort_unstable();
    assert_eq!(links, ["custom x X", "email a@example.com a@example.com", "mobile 13800000000 her phone"]);
    assert_eq!(owner.user(id).await, serde_json::from_value(user.clone()).expect("it has its form"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_has_its_default() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let plain = owner.ask("user/import", json!({ "authentication_type": "custom", "identity": "Key" })).await;
    assert_eq!((&plain["nick_name"], &plain["default_drive_id"]), (&json!("Key"), &json!("")));
    assert_eq!((&plain["email"], &plain["phone"]), (&json!(""), &json!("")));
    let id = plain["user_id"].as_str().expect("a text");
    assert_eq!(owner.group_names_of(id).await, Vec::<String>::new());
    assert_eq!(owner.drives().await, Vec::new());
    let body = json!({ "authentication_type": "custom", "identity": "b", "auto_create_drive": true });
    let with_drive = owner.ask("user/import", body).await;
    let drive = owner.ask("drive/get", json!({ "drive_id": with_drive["default_drive_id"] })).await;
    assert_eq!(drive["total_size"], -1, "the domain says nothing");
    for kind in ["ldap", "ding", "wechat", "ram", "saml"] {
        let body = json!({ "authentication_type": kind, "identity": "b" });
        assert_eq!(owner.outcome("user/import", body).await, "200", "{kind}");
    }
    let own =
        json!({ "authentication_type": "email", "identity": "c@example.com", "email": "d@example.com" });
    assert_eq!(owner.ask("user/import", own).await["email"], "d@example.com", "what is given wins");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_that_fails_leaves_nothing_of_the_others() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let group = owner.make_group("g").await;
    let taken = json!({ "authentication_type": "custom", "identity": "taken" });
    owner.ask("user/import", taken.clone()).await;
    let right = json!({
        "authentication_type": "mobile", "identity": "13800000000", "nick_name": "A", "auto_create_drive": true,
        "drive_total_size": 5, "parent_group_id": group, "plain_password": "Correct-horse-1",
        "authentication_list": [{ "authentication_type": "email", "identity": "a@example.com" }],
    });
    let list = |kind: &str, identity: &str| {
        json!({ "authentication_list": [
        { "authentication_type": "custom", "identity": "free" },
        { "authentication_type": kind, "identity": identity },
    ] })
    };
    let before = (rows(&server).await, owner.picture().await);
    for (wrong, expected) in [
        (json!({ "parent_group_id": NO_GROUP }), "404 NotFound.Group"),
        (json!({ "parent_group_id": "g" }), "404 NotFound.Group"),
        (taken, "409 AlreadyExist.Account"),
        (list("custom", "taken"), "409 AlreadyExist.Account"),
        (list("custom", "free"), "409 AlreadyExist.Account"),
        (list("mobile", "+8613800000000"), "409 AlreadyExist.Account"),
        (list("fax", "1"), "400 InvalidParameter.AuthenticationList"),
        (list("custom", ""), "400 InvalidParameter.AuthenticationList"),
        (json!({ "authentication_type": "fax" }), "400 InvalidParameter.AuthenticationType"),
        (json!({ "identity": null }), "400 InvalidParameterMissing.Identity"),
        (json!({ "identity": "" }), "400 InvalidParameterEmpty.Identity"),
        (json!({ "identity": "1".repeat(129) }), "400 InvalidParameter.Identity"),
        (json!({ "extra": "abc" }), "400 InvalidParameter.Extra"),
        (json!({ "nick_name": "n".repeat(129) }), "400 InvalidParameter.NickName"),
        (json!({ "drive_total_size": -2 }), "400 InvalidParameter.DriveTotalSize"),
        (json!({ "plain_password": "" }), "400 InvalidParameter.PlainPassword"),
        (json!({ "plain_password": "weak" }), "400 InvalidParameter.PlainPassword"),
        (json!({ "auto_create_drive": "yes" }), "400 InvalidParameter.AutoCreateDrive"),
        (json!({ "email": "e".repeat(129) }), "400 InvalidParameter.Email"),
        (
            json!({ "authentication_type": null, "identity": null, "authentication_list": null }),
            "400 InvalidParameterMissing.AuthenticationType",
        ),
    ] {
        let body = replaced(&right, &wrong);
        assert_eq!(owner.outcome("user/import", body).await, expected, "{wrong:.200}");
        assert_eq!((rows(&server).await, owner.picture().await), before, "{wrong:.200} left something");
    }
    let domain = owner.domain().await;
    owner.ask("domain/update", json!({ "domain_id": domain, "user_count_quota": 1 })).await;
    let before = (rows(&server).await, owner.picture().await);
    assert_eq!(owner.outcome("user/import", right.clone()).await, "403 QuotaExhausted.User");
    assert_eq!((rows(&server).await, owner.picture().await), before);
    owner.ask("domain/update", json!({ "domain_id": domain, "user_count_quota": 2 })).await;
    assert_eq!(owner.outcome("user/import", right).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_imports_of_one_identity_at_once_one_wins_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for round in 0..8 {
        let body = json!({
            "authentication_type": "custom", "identity": format!("key {round}"), "auto_create_drive": true,
        });
        let (one, other) = (owner.by_v4(), owner.by_v4());
        let (a, b) =
            tokio::join!(one.outcome("user/import", body.clone()), other.outcome("user/import", body));
        let mut outcomes = [a, b];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["200", "409 AlreadyExist.Account"], "round {round}");
    }
    assert_eq!(owner.drives().await.len(), 8);
    let users: Vec<Value> = owner.picture().await["users"].as_array().expect("a list").clone();
    assert_eq!(users.len(), 9, "with superadmin");
    server.stop().await;
}
