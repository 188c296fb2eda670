//! People between three doors: each makes one, and the two others read every field that they can show.
//!
//! Source: `reference/doors.md` §0, §1, §2.3, §3.1, §4.3, §4.6, §5 and §6.

use api::eds::{DescribeUsers, ShownStatus};
use api::eiam::CreateUser;
use serde_json::{Value, json};

use crate::support::{
    App, GOOD, NOW, ROOT, Server, ThreeDoors, create, describe, everybody, filtered, has_password,
    list_users, make, make_group, make_org, managed, merged, new_user, outcome, remove, text, texts,
};

/// The 32 digits of a user, from the database.
async fn digits(server: &Server, key: &str) -> String {
    text(&server.home, &format!("select id from users where username_key = '{key}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pds_makes_the_others_show() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, corp, .. } = &doors;
    let (west, deep) = {
        let west = pds.group("west", None).await;
        let deep = pds.group("deep", Some(&west)).await;
        (west, deep)
    };
    let fields = json!({
        "user_name": "alice_l",
        "nick_name": "爱丽丝",
        "description": "first\n\tsecond",
        "email": "Alice@Example.com",
        "phone": "138****0000",
        "phone_region": "852",
        "avatar": "https://example.com/a",
        "role": "admin",
        "expired_at": 1_772_510_400_000_i64,
        "plain_password": GOOD,
        "user_data": { "a": 1 },
        "group_info_list": [{ "group_id": deep }, { "group_id": west }],
    });
    pds.make("Alice 1", fields).await;
    let id = digits(&server, "alice_l").await;

    let described = doors.by_eds("alice_l").await;
    assert_eq!(i64::from_str_radix(&id[..13], 16), Ok(described.id));
    assert_eq!(described.wy_id, id[16..]);
    assert_eq!(
        (described.email.as_deref(), described.phone.as_deref()),
        (Some("Alice@Example.com"), Some("+852138****0000"))
    );
    assert_eq!(
        (described.real_nick_name.as_deref(), described.nick_name.as_str(), described.remark.as_deref()),
        (Some("爱丽丝"), "爱丽丝", Some("first\n\tsecond"))
    );
    assert_eq!(
        (described.owner_type.as_str(), described.is_tenant_manager, described.enable_admin_access),
        ("CreateFromManager", true, false)
    );
    assert_eq!(described.status, ShownStatus::Normal);
    let orgs: Vec<&str> = described.orgs.iter().map(|org| org.org_name_path.as_str()).collect();
    assert_eq!(orgs, ["root/west/deep", "root/west"]);
    let alone = eds
        .call("DescribeUser", &[("EndUserId", "alice_l"), ("RequireExtraAttributes.1", "ExternalInfo")])
        .await;
    let alone = &alone.json()["User"];
    assert_eq!(alone["GmtCreate"], NOW, "{alone}");
    let listed = filtered(eds, "alice_l").await;
    assert_eq!(listed.auto_lock_time.as_deref(), Some("2026-03-03 12:00:00"));

    let shown = doors.by_eiam("alice_l").await;
    assert_eq!(shown.display_name.as_deref(), Some("爱丽丝"));
    assert_eq!((shown.email.as_deref(), shown.email_verified), (Some("Alice@Example.com"), false));
    assert_eq!(
        (shown.phone_region.as_deref(), shown.phone_number.as_deref(), shown.phone_number_verified),
        (Some("852"), Some("138****0000"), false)
    );
    assert_eq!((shown.description.as_deref(), shown.password_set), (Some("first\n\tsecond"), true));
    assert_eq!((json!(shown.status), shown.lock_expire_time), (json!("enabled"), None));
    assert_eq!(shown.account_expire_time, Some(1_772_510_400_000));
    assert_eq!((shown.create_time, shown.register_time, shown.update_time), (NOW, NOW, NOW));
    assert_eq!(shown.user_external_id, shown.user_id);
    assert_eq!(shown.instance_id, corp.id);
    let units: Vec<(&str, bool)> = shown
        .organizational_units
        .iter()
        .map(|unit| (unit.organizational_unit_name.as_str(), unit.primary))
        .collect();
    assert_eq!(units, [("deep", true), ("west", false)]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_eds_show_pictures_that_lie_at_an_address() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    doors.pds.make("alice", json!({ "avatar": "http://example.com/a" })).await;

    for (avatar, shown) in [
        ("http://example.com/a", Some("http://example.com/a")),
        ("data:image/png;base64,iVBORw0KGgo=", None),
        ("https://example.com/b", Some("https://example.com/b")),
        ("", None),
    ] {
        let changed = doors.pds.ask("/user/update", &json!({ "user_id": "alice", "avatar": avatar })).await;
        assert_eq!(changed["avatar"], avatar);
        assert_eq!(doors.by_eds("alice").await.avatar.as_deref(), shown, "{avatar}");
        server.home.verify().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_eds_makes_the_others_show() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    let dev = make_org(eds, "dev", ROOT).await;
    make_group(eds, "readers").await;
    let answer = eds
        .call(
            "CreateUsers",
            &[
                ("Users.1.EndUserId", "zhang_san"),
                ("Users.1.Email", "Zhang.San@Example.com"),
                ("Users.1.Phone", "+86 138-0000-0000"),
                ("Users.1.Password", GOOD),
                ("Users.1.OwnerType", "CreateFromManager"),
                ("Users.1.OrgId", &dev),
                ("Users.1.Remark", "第一行"),
                ("Users.1.RealNickName", "张三"),
                ("AutoLockTime", "2026-03-03 12:00:00"),
            ],
        )
        .await;
    assert_eq!(answer.json()["AllSucceed"], true, "{}", answer.text());
    let id = digits(&server, "zhang_san").await;

    let shown = doors.by_pds("zhang_san").await;

    let expected = crate::pds_users_create::with(
        &pds.domain().await,
        &id,
        &json!({
            "user_name": "zhang_san",
            "nick_name": "张三",
            "description": "第一行",
            "email": "Zhang.San@Example.com",
            "phone": "13800000000",
            "phone_region": "86",
            "expired_at": 1_772_510_400_000_i64,
        }),
    );
    assert_eq!(shown, expected);
    let groups = json!({ "user_id": id, "extra_return_info": ["group"] });
    let groups = pds.ask("/user/general_get", &groups).await["parent_group"].clone();
    assert_eq!(groups.as_array().map(Vec::len), Some(1), "units are groups, and groups are none: {groups}");
    assert_eq!(groups[0]["group_name"], "dev");
    // One without anything.
    make(eds, vec![managed("plain")]).await;
    let plain = doors.by_pds("plain").await;
    let id = digits(&server, "plain").await;
    assert_eq!(
        plain,
        crate::pds_users_create::with(&pds.domain().await, &id, &json!({ "user_name": "plain" }))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_eiam_makes_the_others_show() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eiam, corp, .. } = &doors;
    let dev = corp.make_unit(eiam, "dev", &corp.root).await;
    let ops = corp.make_unit(eiam, "ops", &dev).await;
    let request = CreateUser {
        display_name: Some("张三".to_owned()),
        password: Some(api::Password::new(GOOD)),
        phone_region: Some("852".to_owned()),
        phone_number: Some("91234567".to_owned()),
        phone_number_verified: Some(true),
        email: Some("Zhang.San@Example.com".to_owned()),
        email_verified: Some(true),
        user_external_id: Some("E-1".to_owned()),
        primary_organizational_unit_id: ops.clone(),
        organizational_unit_ids: Some(texts(&[&corp.root])),
        description: Some("第一行\n\t& <second>".to_owned()),
        ..corp.user("Zhang.San@x-Y")
    };
    crate::support::make_eiam_user(eiam, &request).await;
    let id = digits(&server, "zhang.san@x-y").await;

    let expected = crate::pds_users_create::with(
        &pds.domain().await,
        &id,
        &json!({
            "user_name": "Zhang.San@x-Y",
            "nick_name": "张三",
            "description": "第一行\n\t& <second>",
            "email": "Zhang.San@Example.com",
            "phone": "91234567",
            "phone_region": "852",
        }),
    );
    let mut shown = doors.by_pds("Zhang.San@x-Y").await;
    shown["need_change_password_next_login"] = false.into();
    assert_eq!(shown, expected);
    let extras = json!({ "user_id": id, "extra_return_info": ["group", "account"] });
    let extras = pds.ask("/user/general_get", &extras).await;
    assert_eq!(extras["parent_group"].as_array().map(Vec::len), Some(1), "the root is no group: {extras}");
    assert_eq!(extras["parent_group"][0]["group_name"], "ops");
    // Verified address and number are accounts here.
    let accounts: Vec<(&Value, &Value, &Value)> = extras["account"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|account| (&account["authentication_type"], &account["identity"], &account["extra"]))
        .collect();
    assert_eq!(accounts.len(), 2, "{accounts:?}");
    assert!(accounts.contains(&(&json!("mobile"), &json!("91234567"), &json!("852"))), "{accounts:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_for_every_door_whatever_its_case() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, eiam, corp } = &doors;
    create(eds, &["by_eds"]).await;
    corp.make_user(eiam, "By.Eiam").await;
    pds.make("by_pds", json!({})).await;
    pds.make("chosen id", json!({ "user_name": "by_name" })).await;

    for name in ["BY_EDS", "by.eiam", "By_Pds", "BY_NAME"] {
        let body = json!({ "user_id": format!("new {name}"), "user_name": name });
        assert_eq!(pds.outcome("/user/create", &body).await, "409 AlreadyExist.User", "{name}");
    }
    for name in ["by_pds", "by_name"] {
        let reply =
            eds.send(&crate::support::create_users(vec![new_user(name)])).await.expect("the call is right");
        assert!(!reply.all_succeed, "{name}");
        assert_eq!(json!(reply)["CreateResult"]["FailedUsers"][0]["ErrorCode"], "ExistedEndUserId", "{name}");
        let fault = eiam.send(&corp.user(&name.to_uppercase())).await.expect_err("it is taken");
        assert_eq!(fault.brief(), "403 ResourceDuplicated.Username");
    }
    // A chosen id is no username where another name was given.
    create(eds, &["chosen_id"]).await;
    corp.make_user(eiam, "chosen.id").await;
    assert_eq!(everybody(eds).await, ["by_eds", "By.Eiam", "by_pds", "by_name", "chosen_id", "chosen.id"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_pds_shows_at_once_and_the_other_way_round() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    pds.make("alice", json!({ "nick_name": "A" })).await;
    server.pass(1_000);

    pds.change("alice", json!({ "nick_name": "B", "description": "d", "email": "b@example.com", "phone": "1", "role": "admin" })).await;
    let (shown, described) = (doors.by_eiam("alice").await, doors.by_eds("alice").await);
    assert_eq!(
        (shown.display_name.as_deref(), shown.description.as_deref(), shown.update_time),
        (Some("B"), Some("d"), NOW + 1_000)
    );
    assert_eq!(
        (described.email.as_deref(), described.phone.as_deref(), described.is_tenant_manager),
        (Some("b@example.com"), Some("1"), true)
    );
    pds.change(
        "alice",
        json!({ "nick_name": "", "description": "", "email": "", "phone": "", "role": "user" }),
    )
    .await;
    let (shown, described) = (doors.by_eiam("alice").await, doors.by_eds("alice").await);
    assert_eq!(
        (shown.display_name, shown.description, shown.email, shown.phone_number),
        (None, None, None, None)
    );
    assert_eq!((described.email, described.phone, described.is_tenant_manager), (None, None, false));
    assert_eq!(described.nick_name, "alice", "the first that there is of three");

    doors
        .act(
            "UpdateUser",
            "alice",
            &[
                ("DisplayName", "C"),
                ("Email", "c@example.com"),
                ("EmailVerified", "false"),
                ("Username", "alicia"),
            ],
        )
        .await;
    let modified = [("EndUserId", "alicia"), ("Phone", "13900000000")];
    assert_eq!(eds.call("ModifyUser", &modified).await.status, 200);
    let now = pds.user("alice").await;
    assert_eq!(
        (
            now.user_name.as_str(),
            now.nick_name.as_str(),
            now.email.as_str(),
            now.phone.as_str(),
            now.phone_region.as_str()
        ),
        ("alicia", "C", "c@example.com", "13900000000", "86")
    );
    assert!(!has_password(&server.home, "alicia", GOOD).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_counted_and_deleted_as_one() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, eiam, corp } = &doors;
    create(eds, &["one"]).await;
    corp.make_user(eiam, "two").await;
    pds.make("three", json!({ "user_name": "user three" })).await;

    assert_eq!(describe(eds, &DescribeUsers::default()).await.expect("right").count, Some(3));
    assert_eq!(list_users(eiam, &corp.users()).await.len(), 3);
    assert_eq!(pds.ask("/domain/get_quota", &json!({})).await["user_count_used"], 3);
    assert_eq!(pds.ids("/user/list", &json!({})).await.len(), 4, "PDS lists system users too");
    // Each is deleted by another door than it came from.
    let one = doors.pds_id("one").await;
    pds.remove(&one).await;
    assert!(remove(eds, &["two"]).await.remove_users_result.failed_users.is_empty());
    doors.act("DeleteUser", "user three", &[]).await;
    assert_eq!(everybody(eds).await, Vec::<String>::new());
    for id in [one.as_str(), "three"] {
        assert_eq!(pds.outcome("/user/delete", &json!({ "user_id": id })).await, "404 NotFound.User");
    }
    assert_eq!(pds.ids("/user/list", &json!({})).await, ["superadmin"]);
    // What was deleted may be made again, by any door.
    pds.make("one", json!({})).await;
    create(eds, &["two"]).await;
    corp.make_user(eiam, "user.three").await;
    assert_eq!(everybody(eds).await, ["one", "two", "user.three"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_a_drive_is_deleted_by_no_door() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    create(eds, &["alice"]).await;
    let id = doors.pds_id("alice").await;
    let drive =
        pds.ask("/drive/create", &json!({ "drive_name": "d", "owner": id })).await["drive_id"].clone();

    let failed = json!(remove(eds, &["alice"]).await);
    let failed = &failed["RemoveUsersResult"]["FailedUsers"][0];
    assert_eq!(failed["ErrorCode"], "UserInUse", "{failed}");
    assert!(
        failed["ErrorMessage"].as_str().is_some_and(|text| text.contains("Used in some region")),
        "{failed}"
    );
    assert_eq!(
        doors.try_eiam("DeleteUser", "alice", &[]).await.refusal(),
        "403 OperationDenied.UserOwnsDrive"
    );
    assert_eq!(outcome(&pds.call("/user/delete", &json!({ "user_id": id })).await), "409 StateConflict.User");
    assert_eq!(everybody(eds).await, ["alice"]);

    pds.ask("/drive/delete", &json!({ "drive_id": drive })).await;
    assert!(remove(eds, &["alice"]).await.remove_users_result.failed_users.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_user_shows_where_the_table_says() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, eiam, corp } = &doors;
    let expected = crate::pds_users_create::with(
        &pds.domain().await,
        "superadmin",
        &json!({ "role": "superadmin", "creator": "system" }),
    );
    let shown = pds.ask("/user/get", &json!({ "user_id": "superadmin" })).await;
    assert_eq!(
        merged(&shown, &json!({ "created_at": 0, "updated_at": 0 })),
        merged(&expected, &json!({ "created_at": 0, "updated_at": 0 }))
    );
    assert_eq!(everybody(eds).await, Vec::<String>::new());
    assert_eq!(list_users(eiam, &corp.users()).await.len(), 0);
    assert!(doors.by_eds("superadmin").await.is_tenant_manager);
    pds.change("superadmin", json!({ "nick_name": "root", "email": "root@example.com" })).await;
    assert_eq!(doors.by_eds("superadmin").await.nick_name, "root");
    assert_eq!(App::of(&server).await.token("superadmin").await.nick_name, "root");
    server.stop().await;
}
