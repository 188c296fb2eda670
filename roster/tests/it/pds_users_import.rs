//! `user/import` of PDS: a user with accounts, a drive and a group in one step.
//!
//! Source: `reference/pds.md` §7 and §8.10; `reference/doors.md` §2.2, §2.3 and §5.

use serde_json::{Value, json};

use crate::support::{App, GOOD, NOW, Pds, Server, has_password, merged, text_of};

const PATH: &str = "/user/import";

/// The accounts of a user: type, identity, region and how each is shown.
async fn accounts(owner: &Pds, user: &Value) -> Vec<[String; 4]> {
    let links = owner.ask("/account/get_link_info_by_user_id", &json!({ "user_id": user })).await;
    let links = links["items"].as_array().expect("a list").clone();
    let word = |link: &Value, name: &str| text_of(&link[name]);
    links
        .iter()
        .map(|link| ["authentication_type", "identity", "extra", "display_name"].map(|name| word(link, name)))
        .collect()
}

fn line(words: [&str; 4]) -> [String; 4] {
    words.map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_user_has_an_id_of_32_digits_and_all_that_was_given() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let domain = owner.domain().await;
    let group = owner.group("west", None).await;
    let body = json!({
        "authentication_type": "mobile",
        "identity": "13800000000",
        "extra": "86",
        "custom_identity": "13800000000",
        "authentication_display_name": "my number",
        "nick_name": "张三",
        "auto_create_drive": true,
        "drive_total_size": 1_073_741_824,
        "parent_group_id": group,
        "email": "z@example.com",
        "plain_password": GOOD,
        "expired_at": NOW + 1_000,
        "deny_change_password_by_self": true,
        "need_change_password_next_login": true,
    });

    let answer = owner.call(PATH, &body).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    let made = answer.json();
    let id = text_of(&made["user_id"]);
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
    let drive = text_of(&made["default_drive_id"]);
    let expected = crate::pds_users_create::with(
        &domain,
        &id,
        &json!({
            "nick_name": "张三", "phone": "13800000000", "phone_region": "86", "email": "z@example.com",
            "default_drive_id": drive, "expired_at": NOW + 1_000, "deny_change_password_by_self": true,
            "need_change_password_next_login": true,
        }),
    );
    assert_eq!(made, expected);
    assert_eq!(owner.ask("/user/get", &json!({ "user_id": id })).await, expected);
    assert_eq!(
        accounts(&owner, &made["user_id"]).await,
        [line(["mobile", "13800000000", "86", "my number"])]
    );
    let drive = owner.ask("/drive/get", &json!({ "drive_id": drive })).await;
    assert_eq!(
        (&drive["owner"], &drive["total_size"], &drive["owner_type"]),
        (&json!(id), &json!(1_073_741_824), &json!("user"))
    );
    let member = json!({ "group_id": group, "user_id": id });
    assert_eq!(owner.outcome("/membership/get", &member).await, "200");
    assert!(has_password(&server.home, &id, GOOD).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_type_sets_what_it_stands_for_and_the_identity_is_the_name() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for (kind, identity, extra, field) in [
        ("mobile", "13800000001", "86", Some("phone")),
        ("email", "Zhang@Example.com", "", Some("email")),
        ("ldap", "uid=张", "", None),
        ("custom", "anything #1", "", None),
        ("ding", "d", "", None),
        ("ram", "r", "", None),
        ("wechat", "w", "", None),
        ("saml", "s", "", None),
    ] {
        let made = owner.ask(PATH, &json!({ "authentication_type": kind, "identity": identity })).await;

        assert_eq!(made["nick_name"], identity, "{kind}");
        assert_eq!(made["user_name"], made["user_id"], "{kind}");
        assert_eq!(made["default_drive_id"], "", "{kind}");
        for name in ["phone", "email"] {
            assert_eq!(made[name], if field == Some(name) { identity } else { "" }, "{kind}");
        }
        assert_eq!(accounts(&owner, &made["user_id"]).await, [line([kind, identity, extra, identity])]);
    }
    let there = json!({ "authentication_type": "mobile", "identity": "5551234", "extra": "+1" });
    let made = owner.ask(PATH, &there).await;
    assert_eq!((&made["phone"], &made["phone_region"]), (&json!("5551234"), &json!("1")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_accounts_come_at_once_and_one_that_is_taken_refuses_all() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let list = json!([
        { "authentication_type": "email", "identity": "a@example.com" },
        { "authentication_type": "custom", "identity": "c", "authentication_display_name": "C" },
    ]);
    let both = json!({
        "authentication_type": "mobile", "identity": "138", "nick_name": "n", "authentication_list": list,
    });
    let made = owner.ask(PATH, &both).await;
    let mut found = accounts(&owner, &made["user_id"]).await;
    found.sort();
    assert_eq!(
        found,
        [
            line(["custom", "c", "", "C"]),
            line(["email", "a@example.com", "", "a@example.com"]),
            line(["mobile", "138", "86", "138"]),
        ]
    );
    assert_eq!((&made["phone"], &made["email"]), (&json!("138"), &json!("a@example.com")));
    let alone = owner
        .ask(PATH, &json!({ "authentication_list": [{ "authentication_type": "ldap", "identity": "l" }] }))
        .await;
    assert_eq!(alone["nick_name"], "l");

    let taken = "409 AlreadyExist.Account";
    owner
        .refuses(
            PATH,
            &[
                (json!({ "authentication_type": "mobile", "identity": "138" }), taken),
                (json!({ "authentication_type": "mobile", "identity": "+86138", "extra": "86" }), taken),
                (json!({ "authentication_type": "email", "identity": "A@EXAMPLE.com", "nick_name": "x" }), taken),
                (
                    json!({ "authentication_type": "custom", "identity": "new", "authentication_list": [{ "authentication_type": "custom", "identity": "c" }] }),
                    taken,
                ),
                (
                    json!({ "authentication_list": [{ "authentication_type": "custom", "identity": "twice" }, { "authentication_type": "custom", "identity": "twice" }] }),
                    taken,
                ),
            ],
        )
        .await;
    // Of other types they are others.
    owner.ask(PATH, &json!({ "authentication_type": "ldap", "identity": "138" })).await;
    owner.ask(PATH, &json!({ "authentication_type": "custom", "identity": "C" })).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_by_name_and_nothing_is_made() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let long = "张".repeat(129);
    let right = json!({ "authentication_type": "custom", "identity": "i", "nick_name": "n", "auto_create_drive": true });
    owner
        .refuses_with(
            PATH,
            &right,
            &[
                (json!({ "authentication_type": null }), "400 InvalidParameterMissing.AuthenticationType"),
                (json!({ "authentication_type": "phone" }), "400 InvalidParameter.AuthenticationType"),
                (json!({ "authentication_type": 1 }), "400 InvalidParameter.AuthenticationType"),
                (json!({ "identity": null }), "400 InvalidParameterMissing.Identity"),
                (json!({ "identity": "" }), "400 InvalidParameterEmpty.Identity"),
                (json!({ "identity": long }), "400 InvalidParameter.Identity"),
                (json!({ "identity": "a\nb" }), "400 InvalidParameter.Identity"),
                (json!({ "extra": long }), "400 InvalidParameter.Extra"),
                (json!({ "authentication_type": "mobile", "extra": "x" }), "400 InvalidParameter.Extra"),
                (
                    json!({ "authentication_display_name": long }),
                    "400 InvalidParameter.AuthenticationDisplayName",
                ),
                (
                    json!({ "authentication_list": [{ "identity": "x" }] }),
                    "400 InvalidParameter.AuthenticationList",
                ),
                (json!({ "authentication_list": {} }), "400 InvalidParameter.AuthenticationList"),
                (json!({ "nick_name": long }), "400 InvalidParameter.NickName"),
                (json!({ "email": long }), "400 InvalidParameter.Email"),
                (json!({ "phone": long }), "400 InvalidParameter.Phone"),
                (json!({ "phone_region": "x" }), "400 InvalidParameter.PhoneRegion"),
                (json!({ "drive_total_size": -2 }), "400 InvalidParameter.DriveTotalSize"),
                (json!({ "drive_total_size": "1" }), "400 InvalidParameter.DriveTotalSize"),
                (json!({ "auto_create_drive": "yes" }), "400 InvalidParameter.AutoCreateDrive"),
                (json!({ "plain_password": "short" }), "400 InvalidParameter.PlainPassword"),
                (json!({ "expired_at": -1 }), "400 InvalidParameter.ExpiredAt"),
                (json!({ "parent_group_id": "x" }), "404 NotFound.Group"),
            ],
        )
        .await;
    assert_eq!(owner.ask("/drive/list", &json!({})).await["items"], json!([]));
    assert_eq!(
        owner.outcome("/account/get_link_info", &json!({ "type": "custom", "identity": "i" })).await,
        "404 NotFound.Account"
    );
    owner.ask(PATH, &right).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_is_as_large_as_said_or_as_the_domain_says() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let domain = owner.domain().await;
    let size = async |identity: &str, more: Value| {
        let body = merged(
            &json!({ "authentication_type": "custom", "identity": identity, "auto_create_drive": true }),
            &more,
        );
        let drive = owner.ask(PATH, &body).await["default_drive_id"].clone();
        owner.ask("/drive/get", &json!({ "drive_id": drive })).await["total_size"].clone()
    };
    assert_eq!(size("a", json!({})).await, -1);
    assert_eq!(size("b", json!({ "drive_total_size": 0 })).await, 0);
    assert_eq!(size("c", json!({ "drive_total_size": -1 })).await, -1);
    let update = json!({ "domain_id": domain, "init_drive_enable": true, "init_drive_size": 77 });
    owner.ask("/domain/update", &update).await;
    assert_eq!(size("d", json!({})).await, 77);
    assert_eq!(size("e", json!({ "drive_total_size": 5 })).await, 5);
    // Without being asked for, there is none before the first token.
    let made = owner.ask(PATH, &json!({ "authentication_type": "custom", "identity": "f" })).await;
    assert_eq!(made["default_drive_id"], "");
    let app = App::of(&server).await;
    assert_ne!(app.token(made["user_id"].as_str().expect("an id")).await.default_drive_id, "");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_the_import_is_the_primary_unit_and_the_maker_is_noted() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let group = owner.group("west", None).await;
    let superadmin = app.user("superadmin").await;
    let body = json!({ "authentication_type": "custom", "identity": "x", "parent_group_id": group });

    let made = superadmin.ask(PATH, &body).await;

    assert_eq!(made["creator"], "superadmin");
    let id = text_of(&made["user_id"]);
    let primary = format!(
        "select units.name from units join unit_members on units.number = unit_members.unit
         join users on users.number = unit_members.user_number where users.id = '{id}' and unit_members.place = 0"
    );
    assert_eq!(crate::support::text(&server.home, &primary).await, "west");
    server.stop().await;
}
