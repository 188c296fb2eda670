//! `user/create` of PDS.
//!
//! Source: `reference/pds.md` §7 and §8.1; `reference/doors.md` §1, §2, §3.2, §4.3 and §5.

use api::eds::DescribeUsers;
use serde_json::{Value, json};

use crate::support::{App, GOOD, NOW, Pds, Server, describe, has_password, number, outcome, text, text_of};

/// A user with nothing but an id, as an AccessKey makes it.
pub(crate) fn plain(domain: &str, id: &str) -> Value {
    json!({
        "domain_id": domain,
        "user_id": id,
        "user_name": id,
        "nick_name": "",
        "description": "",
        "email": "",
        "phone": "",
        "phone_region": "",
        "avatar": "",
        "role": "user",
        "status": "enabled",
        "created_at": NOW,
        "updated_at": NOW,
        "default_drive_id": "",
        "user_data": {},
        "creator": "",
        "last_login_time": 0,
        "last_refresh_token_time": 0,
        "expired_at": 0,
        "deny_change_password_by_self": false,
        "need_change_password_next_login": false,
        "subdomain_id": "",
        "permission": null,
    })
}

/// The members of a user as a door shows them, with some of them in place of those of a plain one.
pub(crate) fn with(domain: &str, id: &str, more: &Value) -> Value {
    crate::support::merged(&plain(domain, id), more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_every_field_that_it_was_made_with() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let domain = owner.domain().await;
    let fields = json!({
        "user_id": "Zhang San@1",
        "user_name": "张三 <corp>",
        "nick_name": "小张 & co",
        "description": "第一行\n\t& <second>",
        "email": "no address: 1***@x",
        "phone": "138****0000",
        "phone_region": "+1",
        "avatar": "https://example.com/a.png?b=c#d",
        "role": "admin",
        "status": "disabled",
        "user_data": { "key": ["张", 1, null] },
        "expired_at": NOW + 86_400_000,
        "plain_password": GOOD,
        "deny_change_password_by_self": true,
        "need_change_password_next_login": true,
        "subdomain_id": "north",
        // Of older clients, or of none.
        "default_location": "x",
        "donot_emit_error": true,
    });

    let answer = owner.call("/user/create", &fields).await;

    assert_eq!(answer.status, 201, "{}", answer.text());
    let mut expected = with(&domain, "Zhang San@1", &fields);
    expected["phone_region"] = "1".into();
    for name in ["plain_password", "default_location", "donot_emit_error"] {
        expected.as_object_mut().expect("an object").remove(name);
    }
    assert_eq!(answer.json(), expected);
    for path in ["/user/get", "/user/general_get"] {
        assert_eq!(owner.ask(path, &json!({ "user_id": "Zhang San@1" })).await, expected, "{path}");
    }
    for path in ["/user/list", "/user/search", "/user/general_search"] {
        let listed = owner.pages(path, &json!({}), 100).await;
        assert!(listed.contains(&expected), "{path}: {listed:?}");
    }
    assert!(has_password(&server.home, "张三 <corp>", GOOD).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_given_null_or_empty_is_unset() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let domain = owner.domain().await;
    let names = [
        "user_name",
        "nick_name",
        "description",
        "email",
        "phone",
        "phone_region",
        "avatar",
        "role",
        "status",
        "user_data",
        "group_info_list",
        "expired_at",
        "plain_password",
        "deny_change_password_by_self",
        "need_change_password_next_login",
        "subdomain_id",
    ];
    let mut nulls = json!({ "user_id": "nulls" });
    names.iter().for_each(|name| nulls[*name] = Value::Null);
    let empty = json!({
        "user_id": "empty", "user_name": "", "nick_name": "", "description": "", "email": "", "phone": "",
        "phone_region": "", "avatar": "", "user_data": "", "group_info_list": [], "expired_at": 0,
        "subdomain_id": "",
    });

    for body in [json!({ "user_id": "bare" }), nulls, empty] {
        let id = text_of(&body["user_id"]);
        assert_eq!(owner.ask("/user/create", &body).await, plain(&domain, &id), "{id}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_made_a_user_is_told_by_the_token() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let superadmin = app.user("superadmin").await;

    let by_token = superadmin.ask("/user/create", &json!({ "user_id": "a" })).await;
    let by_service = app.service().await.ask("/user/create", &json!({ "user_id": "b" })).await;
    let by_key = owner.ask("/user/create", &json!({ "user_id": "c" })).await;

    assert_eq!(by_token["creator"], "superadmin");
    assert_eq!(by_service["creator"], app.domain.as_str());
    assert_eq!(by_key["creator"], "");
    assert_eq!(owner.user("superadmin").await.creator, "system");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_any_text_of_64_characters_but_the_hash_sign() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let longest = "张".repeat(64);
    let like_ids = ["user_dfizzgsafjod6cnhdpsnecdok4", "org-aliyun-wy-org-id", "123", "x y", "a/b?c&d=e"];

    for id in like_ids.into_iter().chain([longest.as_str()]) {
        owner.make(id, json!({})).await;
        assert_eq!(owner.user(id).await.user_id, id);
        assert_eq!(
            owner.outcome("/user/get", &json!({ "user_id": format!("{id} ") })).await,
            match id.chars().count() {
                64 => "400 InvalidParameter.UserId",
                _ => "404 NotFound.User",
            }
        );
    }
    owner
        .refuses(
            "/user/create",
            &[
                (json!({}), "400 InvalidParameterMissing.UserId"),
                (json!({ "user_id": null }), "400 InvalidParameterMissing.UserId"),
                (json!({ "user_id": "" }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": "a".repeat(65) }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": "a#b" }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": "a\nb" }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": "a\u{0}b" }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": 7 }), "400 InvalidParameter.UserId"),
                (json!({ "user_id": ["a"] }), "400 InvalidParameter.UserId"),
            ],
        )
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_users_have_one_id_or_one_name() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let domain = owner.domain().await;
    owner.make("alice", json!({ "user_name": "Straße" })).await;
    owner.make("bob", json!({ "nick_name": "Bob", "email": "b@example.com", "phone": "1" })).await;
    let imported = owner
        .ask("/user/import", &json!({ "authentication_type": "custom", "identity": "x", "nick_name": "x" }))
        .await;
    let digits = text(&server.home, "select id from users where chosen_id = 'alice'").await;

    let taken = "409 AlreadyExist.User";
    owner
        .refuses(
            "/user/create",
            &[
                (json!({ "user_id": "alice" }), taken),
                (json!({ "user_id": "alice", "user_name": "other" }), taken),
                // The name of another user, in another case.
                (json!({ "user_id": "carol", "user_name": "STRASSE" }), taken),
                (json!({ "user_id": "carol", "user_name": " strasse " }), taken),
                (json!({ "user_id": "BOB" }), taken),
                (json!({ "user_id": "carol", "user_name": "superadmin" }), taken),
                // What is known as something else.
                (json!({ "user_id": imported["user_id"], "user_name": "other" }), taken),
                (json!({ "user_id": digits, "user_name": "other" }), taken),
                (json!({ "user_id": domain, "user_name": "other" }), taken),
                (json!({ "user_id": "system", "user_name": "other" }), taken),
            ],
        )
        .await;

    // Ids are bytes, and what repeats may repeat.
    owner.make("Alice", json!({ "nick_name": "Bob", "email": "b@example.com", "phone": "1" })).await;
    assert_eq!(owner.user("Alice").await.user_name, "Alice");
    assert_eq!(owner.user("alice").await.user_name, "Straße");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_has_its_limit() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let text = |length: usize| "张".repeat(length);
    let url = |bytes: usize| format!("https://{}", "a".repeat(bytes - 8));
    let data = |bytes: usize| format!("data:{}", "A".repeat(bytes - 5));

    for (at, (field, longest)) in [
        ("user_name", text(128)),
        ("nick_name", text(128)),
        ("description", text(1_024)),
        ("email", text(128)),
        ("phone", text(128)),
        ("subdomain_id", text(64)),
        ("avatar", url(4_096)),
        ("avatar", data(307_197)),
        ("phone_region", "123456".to_owned()),
        ("user_data", text(1_024)),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({ "user_id": format!("user {at}") });
        body[field] = longest.clone().into();
        let made = owner.ask("/user/create", &body).await;
        if field != "phone_region" {
            assert_eq!(made[field], longest.as_str(), "{field}");
        }
        assert_eq!(owner.ask("/user/get", &json!({ "user_id": made["user_id"] })).await, made, "{field}");
    }
    let right = json!({ "user_id": "nobody" });
    owner
        .refuses_with(
            "/user/create",
            &right,
            &[
                (json!({ "user_name": text(129) }), "400 InvalidParameter.UserName"),
                (json!({ "user_name": "a\u{200d}b" }), "400 InvalidParameter.UserName"),
                (json!({ "nick_name": text(129) }), "400 InvalidParameter.NickName"),
                (json!({ "nick_name": "a\nb" }), "400 InvalidParameter.NickName"),
                (json!({ "description": text(1_025) }), "400 InvalidParameter.Description"),
                (json!({ "description": "a\u{0}" }), "400 InvalidParameter.Description"),
                (json!({ "email": text(129) }), "400 InvalidParameter.Email"),
                (json!({ "phone": text(129) }), "400 InvalidParameter.Phone"),
                (json!({ "phone_region": "1234567" }), "400 InvalidParameter.PhoneRegion"),
                (json!({ "phone_region": "x" }), "400 InvalidParameter.PhoneRegion"),
                (json!({ "subdomain_id": text(65) }), "400 InvalidParameter.SubdomainId"),
                (json!({ "avatar": url(4_097) }), "400 InvalidParameter.Avatar"),
                (json!({ "avatar": data(307_205) }), "400 InvalidParameter.Avatar"),
                (json!({ "avatar": "ftp://a" }), "400 InvalidParameter.Avatar"),
                (json!({ "avatar": "data:?" }), "400 InvalidParameter.Avatar"),
                (json!({ "user_data": text(1_025) }), "400 InvalidParameter.UserData"),
                (json!({ "user_data": { "a": text(1_017) } }), "400 InvalidParameter.UserData"),
            ],
        )
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_another_type_or_no_word_of_the_list_is_refused_by_name() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let right = json!({ "user_id": "nobody" });
    owner
        .refuses_with(
            "/user/create",
            &right,
            &[
                (json!({ "nick_name": 1 }), "400 InvalidParameter.NickName"),
                (json!({ "email": {} }), "400 InvalidParameter.Email"),
                (json!({ "role": "root" }), "400 InvalidParameter.Role"),
                (json!({ "role": "Admin" }), "400 InvalidParameter.Role"),
                (json!({ "role": 1 }), "400 InvalidParameter.Role"),
                (json!({ "status": "locked" }), "400 InvalidParameter.Status"),
                (json!({ "user_data": 1 }), "400 InvalidParameter.UserData"),
                (json!({ "user_data": ["a"] }), "400 InvalidParameter.UserData"),
                (json!({ "expired_at": -1 }), "400 InvalidParameter.ExpiredAt"),
                (json!({ "expired_at": "soon" }), "400 InvalidParameter.ExpiredAt"),
                (json!({ "expired_at": 253_402_300_800_000_i64 }), "400 InvalidParameter.ExpiredAt"),
                (json!({ "group_info_list": {} }), "400 InvalidParameter.GroupInfoList"),
                (json!({ "group_info_list": ["x"] }), "400 InvalidParameter.GroupInfoList"),
                (json!({ "group_info_list": [{}] }), "400 InvalidParameter.GroupInfoList"),
                (
                    json!({ "deny_change_password_by_self": "yes" }),
                    "400 InvalidParameter.DenyChangePasswordBySelf",
                ),
                (
                    json!({ "need_change_password_next_login": 1 }),
                    "400 InvalidParameter.NeedChangePasswordNextLogin",
                ),
                (json!({ "plain_password": 1 }), "400 InvalidParameter.PlainPassword"),
            ],
        )
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_six_roles_can_be_given_at_the_beginning() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for role in ["user", "admin", "superadmin", "subdomain", "subdomain_admin", "subdomain_super_admin"] {
        let made = owner.ask("/user/create", &json!({ "user_id": format!("{role} 1"), "role": role })).await;
        assert_eq!(made["role"], role);
    }
    let superadmins = owner.ids("/user/search", &json!({ "role": "superadmin" })).await;
    assert_eq!(superadmins, ["superadmin", "superadmin 1"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_data_is_an_object_or_a_text_and_a_text_of_an_object_is_one() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for (at, (given, shown)) in [
        (json!({}), json!({})),
        (json!({ "a": { "b": [1, true, null] } }), json!({ "a": { "b": [1, true, null] } })),
        (json!("md"), json!("md")),
        (json!("[1]"), json!("[1]")),
        (json!("{\"k\": \"v\"}"), json!({ "k": "v" })),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("user {at}");
        let made = owner.ask("/user/create", &json!({ "user_id": id, "user_data": given })).await;
        assert_eq!(made["user_data"], shown, "{given}");
        assert_eq!(owner.ask("/user/get", &json!({ "user_id": id })).await["user_data"], shown, "{given}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_group_is_the_primary_unit_and_an_unknown_one_refuses_all() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let (west, east) = (owner.group("west", None).await, owner.group("east", None).await);
    let groups = json!([{ "group_id": west }, { "group_id": east, "member_role": "admin" }]);

    owner.make("both", json!({ "group_info_list": groups })).await;
    owner.make("none", json!({ "group_info_list": [] })).await;

    let primary = "select units.name from units join unit_members on units.number = unit_members.unit
        join users on users.number = unit_members.user_number
        where users.chosen_id = 'both' and unit_members.place = 0";
    assert_eq!(text(&server.home, primary).await, "west");
    for (group, role) in [(&west, "member"), (&east, "admin")] {
        let body = json!({ "group_id": group, "user_id": "both" });
        let membership = owner.ask("/membership/get", &body).await;
        assert_eq!(membership["member_role"], role);
        assert_eq!(
            owner.outcome("/membership/get", &json!({ "group_id": group, "user_id": "none" })).await,
            "404 NotFound.Membership"
        );
    }
    let root = text(&server.home, "select id from units where parent is null").await;
    let unknown = "404 NotFound.Group";
    owner
        .refuses(
            "/user/create",
            &[
                (
                    json!({ "user_id": "x", "group_info_list": [{ "group_id": west }, { "group_id": "x" }] }),
                    unknown,
                ),
                (json!({ "user_id": "x", "group_info_list": [{ "group_id": root }] }), unknown),
                (
                    json!({ "user_id": "x", "group_info_list": [{ "group_id": west.to_uppercase() + "0" }] }),
                    unknown,
                ),
            ],
        )
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_follows_the_common_rule_and_is_never_shown() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let weak = "400 InvalidParameter.PlainPassword";
    let mut cases = Vec::new();
    for password in ["", "short", "alllowercaseletters", &"Aa1!".repeat(65)] {
        cases.push((json!({ "user_id": "x", "plain_password": password }), weak));
    }
    owner.refuses("/user/create", &cases).await;

    owner.make("alice", json!({ "plain_password": GOOD })).await;

    assert!(has_password(&server.home, "alice", GOOD).await);
    let shown = owner.call("/user/get", &json!({ "user_id": "alice" })).await.text();
    assert!(!shown.contains(GOOD), "{shown}");
    let told =
        format!("select count(*) from event_facts where before like '%{GOOD}%' or after like '%{GOOD}%'");
    assert_eq!(number(&server.home, &told).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_of_a_new_user_opens_no_account() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({ "email": "a@example.com", "phone": "13800000000" })).await;

    let links = owner.ask("/account/get_link_info_by_user_id", &json!({ "user_id": "alice" })).await;
    assert_eq!(links, json!({ "items": [] }));
    for (kind, identity) in [("email", "a@example.com"), ("mobile", "13800000000")] {
        let body = json!({ "type": kind, "identity": identity });
        assert_eq!(owner.outcome("/account/get_link_info", &body).await, "404 NotFound.Account");
    }
    let link = json!({ "user_id": "alice", "type": "mobile", "identity": "13900000000", "extra": "86" });
    owner.ask("/account/link", &link).await;
    let links = owner.ask("/account/get_link_info_by_user_id", &json!({ "user_id": "alice" })).await;
    assert_eq!(links["items"].as_array().map(Vec::len), Some(1), "{links}");
    assert_eq!(links["items"][0]["identity"], "13900000000");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_without_a_region_is_of_region_86() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for (id, phone, region, shown) in [
        ("a", json!("13800000000"), json!(null), "86"),
        ("b", json!("138****0000"), json!("0086"), "86"),
        ("c", json!("1"), json!("+44"), "44"),
    ] {
        let made = owner.make(id, json!({ "phone": phone, "phone_region": region })).await;
        assert_eq!((json!(made.phone), made.phone_region.as_str()), (phone, shown), "{id}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_counts_and_a_refused_one_does_not() {
    let server = Server::start().await;
    let (owner, admin) = (Pds::owner(&server), server.administrator());
    owner.make("alice", json!({})).await;
    owner.outcome("/user/create", &json!({ "user_id": "alice" })).await;
    owner.outcome("/user/create", &json!({ "user_id": "a#" })).await;
    owner.make("bob", json!({ "status": "disabled" })).await;

    assert_eq!(owner.ask("/domain/get_quota", &json!({})).await["user_count_used"], 2);
    let listed = describe(&admin, &DescribeUsers::default()).await.expect("the call is right");
    assert_eq!(listed.count, Some(2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_make_one_id_at_once_one_wins() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for round in 0..5 {
        let body = json!({ "user_id": format!("user {round}") });
        let (one, other) = (Pds::owner(&server), Pds::owner(&server));
        let (first, second) =
            tokio::join!(one.call("/user/create", &body), other.call("/user/create", &body));
        let mut outcomes = [outcome(&first), outcome(&second)];
        outcomes.sort();
        assert_eq!(outcomes, ["201", "409 AlreadyExist.User"]);
    }
    assert_eq!(owner.ids("/user/list", &json!({})).await.len(), 6);
    server.stop().await;
}
