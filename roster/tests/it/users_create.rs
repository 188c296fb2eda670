//! `CreateUsers`.
//!
//! Source: `reference/eds-user.md`, 2; `reference/doors.md` §1 and §2.3.

use api::Password;
use api::eds::{CreateUsers, DescribeUsers, DescribedUser, NewUser, ShownStatus};
use model::time::DAY;
use serde_json::Value;

use crate::support::{Client, Home, Server, create, create_users, everybody, list, names, new_user, remove};

const GOOD: &str = "Correct-horse-1";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_every_field_that_it_was_made_with() {
    let server = Server::start().await;
    let admin = server.administrator();

    let answer = admin
        .call(
            "CreateUsers",
            &[
                ("Users.1.EndUserId", "zhang_san"),
                ("Users.1.Email", "Zhang.San@Example.com"),
                ("Users.1.Phone", "+86 138-0000-0000"),
                ("Users.1.Password", GOOD),
                ("Users.1.OwnerType", "CreateFromManager"),
                ("Users.1.OrgId", "org-aliyun-wy-org-id"),
                ("Users.1.Remark", "第一行\n\t& <second>"),
                ("Users.1.RealNickName", "张三"),
                ("AutoLockTime", "2026-03-03 12:00:00"),
                ("IsLocalAdmin", "True"),
                ("PasswordExpireDays", "90"),
                ("BusinessChannel", "ENTERPRISE"),
            ],
        )
        .await;
    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "AllSucceed": true,
      "CreateResult": {
        "CreatedUsers": [
          {
            "Email": "Zhang.San@Example.com",
            "EndUserId": "zhang_san",
            "Phone": "+86 138-0000-0000",
            "RealNickName": "张三",
            "Remark": "第一行\n\t& <second>"
          }
        ],
        "FailedUsers": []
      },
      "RequestId": "[id]"
    }
    "#);

    let answer = admin.call("DescribeUsers", &[]).await;
    insta::assert_json_snapshot!(
        answer.json(),
        { ".RequestId" => "[id]", ".Users[].Id" => "[id]", ".Users[].WyId" => "[id]" },
        @r#"
    {
      "Count": 1,
      "NextToken": "",
      "RequestId": "[id]",
      "Users": [
        {
          "Email": "Zhang.San@Example.com",
          "EnableAdminAccess": true,
          "EndUserId": "zhang_san",
          "Groups": [],
          "Id": "[id]",
          "IsTenantManager": false,
          "NickName": "张三",
          "OrgId": "org-aliyun-wy-org-id",
          "Orgs": [
            {
              "OrgId": "org-aliyun-wy-org-id",
              "OrgName": "root",
              "OrgNamePath": "root"
            }
          ],
          "OwnerType": "CreateFromManager",
          "PasswordExpireDays": 90,
          "PasswordExpireRestDays": 90,
          "Phone": "13800000000",
          "RealNickName": "张三",
          "Remark": "第一行\n\t& <second>",
          "Status": 0,
          "WyId": "[id]"
        }
      ]
    }
    "#
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_given_is_not_shown() {
    let server = Server::start().await;
    let admin = server.administrator();

    create(&admin, &["plain"]).await;

    let answer = admin.call("DescribeUsers", &[]).await;
    insta::assert_json_snapshot!(
        answer.json()["Users"][0],
        { ".Id" => "[id]", ".WyId" => "[id]" },
        @r#"
    {
      "Email": "plain@example.com",
      "EnableAdminAccess": false,
      "EndUserId": "plain",
      "Groups": [],
      "Id": "[id]",
      "IsTenantManager": false,
      "NickName": "plain",
      "OrgId": "org-aliyun-wy-org-id",
      "Orgs": [
        {
          "OrgId": "org-aliyun-wy-org-id",
          "OrgName": "root",
          "OrgNamePath": "root"
        }
      ],
      "OwnerType": "Normal",
      "Status": 0,
      "WyId": "[id]"
    }
    "#
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_have_the_shapes_that_clients_know() {
    let server = Server::start().await;
    let admin = server.administrator();

    create(&admin, &["alice", "bob"]).await;

    let users = list(&admin, &DescribeUsers::default()).await;
    for user in &users {
        assert!((1..1 << 53).contains(&user.id), "{} is exact in every client", user.id);
        assert!(user.wy_id.len() == 16 && user.wy_id.bytes().all(|b| b"0123456789abcdef".contains(&b)));
    }
    assert_ne!(users[0].wy_id, users[1].wy_id);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_of_an_item_has_its_words() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["taken"]).await;

    let with = |change: fn(&mut NewUser)| {
        let mut user = new_user("user");
        change(&mut user);
        user
    };
    let nobody = "org-08nirkf56rh6k7jht";
    let cases = [
        (new_user("taken"), "ExistedEndUserId", "The username taken is used by another user."),
        (new_user("superadmin"), "ExistedEndUserId", "The username superadmin is used by another user."),
        (new_user("ab"), "InvalidUsername", "ab is an invalid username."),
        (new_user("Taken"), "InvalidUsername", "Taken is an invalid username."),
        (new_user("obx-0123"), "InvalidUsername", "obx-0123 is an invalid username."),
        (new_user("张三丰"), "InvalidUsername", "张三丰 is an invalid username."),
        (new_user("al ice"), "InvalidUsername", "al ice is an invalid username."),
        (
            with(|user| user.email = Some("a@corp.local".into())),
            "InvalidEmail",
            "The specified Email is not valid.",
        ),
        (
            with(|user| user.email = Some("nobody".into())),
            "InvalidEmail",
            "The specified Email is not valid.",
        ),
        (with(|user| user.phone = Some("123".into())), "InvalidPhone", "The specified Phone is not valid."),
        (
            with(|user| user.phone = Some("1381111****".into())),
            "InvalidPhone",
            "The specified Phone is not valid.",
        ),
        (
            with(|user| user.email = None),
            "MissingEmailOrPhone",
            "An email address or a phone number is required.",
        ),
        (
            with(|user| user.email = Some(String::new())),
            "MissingEmailOrPhone",
            "An email address or a phone number is required.",
        ),
        (
            with(|user| user.owner_type = Some("normal".into())),
            "InvalidOwnerType",
            "The specified OwnerType is not valid.",
        ),
        (
            with(|user| user.password = Some(Password::new("short-1A"))),
            "InvalidPassword",
            "The password must have 10 to 256 characters of at least three classes.",
        ),
        (
            with(|user| user.owner_type = Some("CreateFromManager".into())),
            "InvalidPassword",
            "The password must have 10 to 256 characters of at least three classes.",
        ),
        (
            with(|user| user.org_id = Some("org-08nirkf56rh6k7jht".into())),
            "InvalidOrgId.NotFound",
            &format!("The organization {nobody} does not exist."),
        ),
        (
            with(|user| {
                user.group_id_list = Some(vec!["ug-08nirkf56rh6k7jht".into()].try_into().expect("one"));
            }),
            "InvalidGroupId.NotFound",
            "The group ug-08nirkf56rh6k7jht does not exist.",
        ),
    ];
    for (user, code, message) in cases {
        let reply = admin.send(&create_users(vec![user.clone()])).await.expect("the call is right");
        assert!(!reply.all_succeed && reply.create_result.created_users.is_empty(), "{user:?}");
        let failed = &reply.create_result.failed_users;
        assert_eq!(failed.len(), 1, "{user:?}");
        assert_eq!((failed[0].error_code.as_str(), failed[0].error_message.as_str()), (code, message));
        // What was sent empty was not given.
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        assert_eq!(failed[0].end_user_id, user.end_user_id);
        assert_eq!((&failed[0].email, &failed[0].phone), (&given(&user.email), &given(&user.phone)));
    }
    assert_eq!(everybody(&admin).await, ["taken"], "an item that fails leaves nothing");
    server.stop().await;
}

/// The code of a refusal, the field, and texts that fit it or do not.
type Limits = (&'static str, fn(&mut NewUser, String), Vec<(String, bool)>);

#[tokio::test(flavor = "multi_thread")]
async fn texts_fit_up_to_their_limits() {
    let server = Server::start().await;
    let admin = server.administrator();
    let email = |letters: usize| format!("{}@example.com", "a".repeat(letters - "@example.com".len()));

    let cases: [Limits; 5] = [
        (
            "InvalidUsername",
            |user, text| user.end_user_id = text,
            vec![
                ("b".repeat(2), false),
                ("b".repeat(3), true),
                ("b".repeat(24), true),
                ("b".repeat(25), false),
            ],
        ),
        (
            "InvalidRealNickName",
            |user, text| user.real_nick_name = Some(text),
            vec![
                ("n".repeat(128), true),
                ("名".repeat(128), true),
                ("n".repeat(129), false),
                ("名".repeat(129), false),
                ("a\nb".into(), false),
            ],
        ),
        (
            "InvalidRemark",
            |user, text| user.remark = Some(text),
            vec![
                ("r".repeat(1_024), true),
                ("注".repeat(1_024), true),
                ("r".repeat(1_025), false),
                ("a\u{0}b".into(), false),
                ("two\nlines\tand a tab".into(), true),
            ],
        ),
        (
            "InvalidEmail",
            |user, text| user.email = Some(text),
            vec![(email(128), true), (email(129), false), ("a@b.cn".into(), true), ("a@b.c".into(), false)],
        ),
        (
            "InvalidPassword",
            |user, text| user.password = Some(Password::new(&text)),
            vec![
                (format!("Aa1{}", "x".repeat(6)), false),
                (format!("Aa1{}", "x".repeat(7)), true),
                (format!("Aa1{}", "x".repeat(253)), true),
                (format!("Aa1{}", "x".repeat(254)), false),
                ("abcdefgh12".into(), false),
                ("abcdefgh 1".into(), false),
                ("abcdefgh-1".into(), true),
                ("ABC def 123".into(), true),
            ],
        ),
    ];
    let mut made = 0;
    for (code, set, texts) in cases {
        for (text, fits) in texts {
            let mut user = new_user(&format!("user_{made}"));
            set(&mut user, text.clone());
            let reply = admin.send(&create_users(vec![user])).await.expect("the call is right");
            let failed: Vec<&str> =
                reply.create_result.failed_users.iter().map(|failed| failed.error_code.as_str()).collect();
            assert_eq!(failed, if fits { vec![] } else { vec![code] }, "{text:?}");
            made += usize::from(fits);
        }
    }
    assert_eq!(everybody(&admin).await.len(), made);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_or_a_phone_will_do_and_need_not_be_unique() {
    let server = Server::start().await;
    let admin = server.administrator();
    let phone = |name: &str, phone: &str| NewUser {
        end_user_id: name.into(),
        phone: Some(phone.into()),
        ..NewUser::default()
    };
    let managed = NewUser {
        end_user_id: "managed".into(),
        owner_type: Some("CreateFromManager".into()),
        password: Some(Password::new(GOOD)),
        ..NewUser::default()
    };
    let same = NewUser { email: Some("alice@example.com".into()), ..new_user("alice2") };

    let users = vec![
        phone("bare", "13800000000"),
        phone("plus", "+8613800000000"),
        phone("zeros", "0086 138 0000 0000"),
        new_user("alice"),
        same,
        managed,
    ];
    let reply = admin.send(&create_users(users)).await.expect("the call is right");

    assert!(reply.all_succeed, "{reply:?}");
    let users = list(&admin, &DescribeUsers::default()).await;
    let shown: Vec<_> = users.iter().map(|user| (user.phone.as_deref(), user.email.as_deref())).collect();
    let number = Some("13800000000");
    let alice = Some("alice@example.com");
    assert_eq!(
        shown,
        [(number, None), (number, None), (number, None), (None, alice), (None, alice), (None, None)]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_in_the_order_of_its_items() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["old"]).await;

    let names = ["one", "X", "two", "old", "three", "one", "Y"];
    let users = names.iter().map(|name| new_user(name)).collect();
    let reply = admin.send(&create_users(users)).await.expect("the call is right");

    assert!(!reply.all_succeed);
    let created: Vec<_> =
        reply.create_result.created_users.iter().map(|user| user.end_user_id.as_str()).collect();
    assert_eq!(created, ["one", "two", "three"]);
    let failed: Vec<_> = reply
        .create_result
        .failed_users
        .iter()
        .map(|user| (user.end_user_id.as_str(), user.error_code.as_str()))
        .collect();
    assert_eq!(
        failed,
        [
            ("X", "InvalidUsername"),
            ("old", "ExistedEndUserId"),
            ("one", "ExistedEndUserId"),
            ("Y", "InvalidUsername")
        ]
    );
    assert_eq!(everybody(&admin).await, ["old", "one", "two", "three"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_equal_names_in_one_call_the_first_that_can_be_made_wins() {
    let server = Server::start().await;
    let admin = server.administrator();
    let first = NewUser { remark: Some("first".into()), ..new_user("twin") };
    let second = NewUser { remark: Some("second".into()), ..new_user("twin") };
    let unplaced = NewUser { org_id: Some("nowhere".into()), ..new_user("other") };

    let users = vec![first, second, unplaced, new_user("other")];
    let reply = admin.send(&create_users(users)).await.expect("the call is right");

    let created: Vec<_> =
        reply.create_result.created_users.iter().map(|user| user.end_user_id.as_str()).collect();
    assert_eq!(created, ["twin", "other"]);
    let failed: Vec<_> =
        reply.create_result.failed_users.iter().map(|user| user.error_code.as_str()).collect();
    assert_eq!(failed, ["ExistedEndUserId", "InvalidOrgId.NotFound"]);
    let users = list(&admin, &DescribeUsers::default()).await;
    assert_eq!(users[0].remark.as_deref(), Some("first"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_to_a_hundred_users_make_a_call() {
    let server = Server::start().await;
    let admin = server.administrator();
    let users = |count: usize| {
        let mut parameters = Vec::new();
        for n in 1..=count {
            parameters.push((format!("Users.{n}.EndUserId"), format!("user_{n}")));
            parameters.push((format!("Users.{n}.Email"), "a@example.com".to_owned()));
        }
        parameters
    };
    let cases = [
        (Vec::new(), "400 MissingUsers"),
        (vec![("Users".to_owned(), String::new())], "400 MissingUsers"),
        (vec![("Users.1.Email".to_owned(), "a@example.com".to_owned())], "400 MissingUsers"),
        (vec![("Users.1".to_owned(), "alice".to_owned())], "400 InvalidUsers"),
        (vec![("Users.x.EndUserId".to_owned(), "alice".to_owned())], "400 InvalidUsers"),
        (users(101), "400 InvalidUsers"),
    ];
    for (parameters, refusal) in cases {
        let answer = admin.exchange(&admin.post("CreateUsers", &parameters)).await;
        assert_eq!(answer.refusal(), refusal, "{parameters:?}");
    }
    assert!(everybody(&admin).await.is_empty(), "a call that is refused makes nobody");

    let answer = admin.exchange(&admin.post("CreateUsers", &users(100))).await;
    assert_eq!(answer.json()["AllSucceed"], true);
    assert_eq!(everybody(&admin).await.len(), 100);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_is_an_absent_one() {
    let server = Server::start().await;
    let admin = server.administrator();

    for action in ["CreateUsers", "RemoveUsers"] {
        for list in [("Users", ""), ("Users", "[]"), ("Users", "null"), ("Users.0", "alice")] {
            assert_eq!(admin.call(action, &[list]).await.refusal(), "400 MissingUsers", "{action} {list:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_of_groups_is_none_however_many_users_have_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    for (at, empty) in ["", "[]", "[null]", "null"].into_iter().enumerate() {
        let mut parameters = Vec::new();
        for n in 1..=100 {
            parameters.push((format!("Users.{n}.EndUserId"), format!("user_{at}_{n}")));
            parameters.push((format!("Users.{n}.Email"), "a@example.com".to_owned()));
            parameters.push((format!("Users.{n}.GroupIdList"), empty.to_owned()));
        }
        let answer = admin.exchange(&admin.post("CreateUsers", &parameters)).await;
        assert_eq!(answer.json()["AllSucceed"], true, "GroupIdList={empty}: {}", answer.text());
    }
    assert_eq!(everybody(&admin).await.len(), 400);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_may_have_gaps_and_may_be_json() {
    let server = Server::start().await;
    let admin = server.administrator();

    let gaps = [
        ("Users.10.EndUserId", "ten"),
        ("Users.10.Email", "a@example.com"),
        ("Users.2.EndUserId", "two"),
        ("Users.2.Email", "a@example.com"),
        ("Users.0.EndUserId", "zero"),
        ("Users.0.Email", "a@example.com"),
    ];
    assert_eq!(admin.call("CreateUsers", &gaps).await.json()["AllSucceed"], true);
    let json = r#"[{"EndUserId":"json","Email":"a@example.com","Unknown":1}]"#;
    assert_eq!(admin.call("CreateUsers", &[("Users", json)]).await.json()["AllSucceed"], true);

    assert_eq!(everybody(&admin).await, ["two", "ten", "json"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_s_own_password_wins_over_the_one_for_all() {
    let server = Server::start().await;
    let admin = server.administrator();
    let with = |name: &str, password: Option<&str>| NewUser {
        password: password.map(Password::new),
        ..new_user(name)
    };
    let codes = async |common: &str, users: Vec<NewUser>| {
        let request = CreateUsers {
            password: Some(Password::new(common)),
            password_expire_days: Some(90.try_into().expect("in range")),
            ..create_users(users)
        };
        let reply = admin.send(&request).await.expect("the call is right");
        let failed = reply.create_result.failed_users;
        failed.into_iter().map(|user| (user.end_user_id, user.error_code)).collect::<Vec<_>>()
    };

    let failed = codes("short", vec![with("own", Some(GOOD)), with("common", None), with("empty", Some(""))]);
    let invalid = |name: &str| (name.to_owned(), "InvalidPassword".to_owned());
    assert_eq!(failed.await, [invalid("common"), invalid("empty")]);
    let failed = codes(GOOD, vec![with("bad_own", Some("short")), with("has", None), with("has2", Some(""))]);
    assert_eq!(failed.await, [invalid("bad_own")]);
    assert_eq!(codes("", vec![with("none", None), with("none2", Some(""))]).await, []);

    // Days are left of a password only.
    let users = list(&admin, &DescribeUsers::default()).await;
    let has: Vec<_> = users.iter().filter(|user| user.password_expire_rest_days.is_some()).cloned().collect();
    assert_eq!(names(&has), ["own", "has", "has2"]);
    assert!(users.iter().all(|user| user.password_expire_days == Some(90)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_administrator_activates_needs_a_password_from_somewhere() {
    let server = Server::start().await;
    let admin = server.administrator();
    let managed = |name: &str| NewUser {
        end_user_id: name.into(),
        owner_type: Some("CreateFromManager".into()),
        ..NewUser::default()
    };

    for none in [None, Some(Password::new(""))] {
        let request = CreateUsers { password: none, ..create_users(vec![managed("managed")]) };
        let reply = admin.send(&request).await.expect("the call is right");
        assert_eq!(reply.create_result.failed_users[0].error_code, "InvalidPassword");
    }
    let request =
        CreateUsers { password: Some(Password::new(GOOD)), ..create_users(vec![managed("managed")]) };
    assert!(admin.send(&request).await.expect("the call is right").all_succeed);
    server.stop().await;
}

/// What a call with this one parameter beside its user is refused with; empty where it is not.
async fn refusal(admin: &Client, name: &str, parameter: &str, value: &str) -> String {
    let answer = admin
        .call(
            "CreateUsers",
            &[("Users.1.EndUserId", name), ("Users.1.Email", "a@example.com"), (parameter, value)],
        )
        .await;
    if answer.status == 200 { String::new() } else { answer.refusal() }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_for_all_users_are_checked_before_anybody_is_made() {
    let server = Server::start().await;
    let admin = server.administrator();
    let cases = [
        ("PasswordExpireDays", "29", false),
        ("PasswordExpireDays", "30", true),
        ("PasswordExpireDays", "365", true),
        ("PasswordExpireDays", "366", false),
        ("PasswordExpireDays", "-30", false),
        ("PasswordExpireDays", "thirty", false),
        ("PasswordExpireDays", "30.5", false),
        ("PasswordExpireDays", "99999999999999999999", false),
        ("PasswordExpireDays", "", true),
        ("IsLocalAdmin", "true", true),
        ("IsLocalAdmin", "False", true),
        ("IsLocalAdmin", "", true),
        ("IsLocalAdmin", "yes", false),
        ("IsLocalAdmin", "1", false),
        ("AutoLockTime", "", true),
        ("AutoLockTime", "2026-01-15 16:30:01", true),
        ("AutoLockTime", "2026-01-15 16:30:00", false),
        ("AutoLockTime", "2026-01-15 16:29:59", false),
        ("AutoLockTime", "2026-01-16", true),
        ("AutoLockTime", "2026-01-15", false),
        ("AutoLockTime", "2026-02-30", false),
        ("AutoLockTime", "2026-1-16", false),
        ("AutoLockTime", "2026-03-03T12:00:00", false),
        ("AutoLockTime", "2026-03-03 12:00", false),
        ("AutoLockTime", "2026-03-03T12:00:00Z", false),
        ("AutoLockTime", "9999-12-31 23:59:59", true),
        ("AutoLockTime", "soon", false),
    ];
    let mut made = Vec::new();
    for (at, (parameter, value, fits)) in cases.into_iter().enumerate() {
        let name = format!("user_{at}");
        let expected = if fits { String::new() } else { format!("400 Invalid{parameter}") };
        assert_eq!(refusal(&admin, &name, parameter, value).await, expected, "{parameter}={value}");
        made.extend(fits.then_some(name));
    }
    assert_eq!(everybody(&admin).await, made);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn local_administrators_are_shown_as_such() {
    let server = Server::start().await;
    let admin = server.administrator();

    for (name, is_local_admin) in [("absent", None), ("yes", Some(true)), ("not", Some(false))] {
        let request = CreateUsers { is_local_admin, ..create_users(vec![new_user(name)]) };
        assert!(admin.send(&request).await.expect("the call is right").all_succeed);
    }

    let users = list(&admin, &DescribeUsers::default()).await;
    let shown: Vec<_> = users.iter().map(|user| user.enable_admin_access).collect();
    assert_eq!(shown, [false, true, false]);
    server.stop().await;
}

/// Users by their state, each list with its total.
async fn by_status(admin: &Client) -> (Vec<String>, Vec<String>) {
    let one = Some(1.try_into().expect("in range"));
    let with = |status| DescribeUsers { status: Some(status), max_results: one, ..DescribeUsers::default() };
    let (open, shut) =
        (list(admin, &with(ShownStatus::Normal)).await, list(admin, &with(ShownStatus::Locked)).await);
    let shows = |users: &[DescribedUser], status| users.iter().all(|user| user.status == status);
    assert!(shows(&open, ShownStatus::Normal) && shows(&shut, ShownStatus::Locked));
    (names(&open), names(&shut))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_locks_itself_when_its_time_comes() {
    let server = Server::start().await;
    let admin = server.administrator();
    let locking = |name: &str, at: &str| CreateUsers {
        auto_lock_time: Some(at.to_owned()),
        ..create_users(vec![new_user(name)])
    };
    create(&admin, &["never"]).await;
    // It is 16:30 in the zone of the server.
    admin.send(&locking("soon", "2026-01-15 16:40:00")).await.expect("it is ahead");
    admin.send(&locking("midnight", "2026-01-16")).await.expect("it is ahead");
    assert_eq!(by_status(&admin).await.0, ["never", "soon", "midnight"]);

    server.pass(10 * 60_000 - 1);
    assert_eq!(by_status(&admin).await.1, Vec::<String>::new());
    server.pass(1);
    assert_eq!(by_status(&admin).await, (vec!["never".into(), "midnight".into()], vec!["soon".into()]));

    // Midnight is seven hours and twenty minutes later, eight hours earlier than in Greenwich.
    server.pass((7 * 60 + 20) * 60_000 - 1);
    assert_eq!(by_status(&admin).await.1, ["soon"]);
    server.pass(1);
    assert_eq!(by_status(&admin).await, (vec!["never".into()], vec!["soon".into(), "midnight".into()]));

    assert_eq!(everybody(&admin).await.len(), 3, "the total of all knows no state");
    remove(&admin, &["soon"]).await;
    assert_eq!(by_status(&admin).await, (vec!["never".into()], vec!["midnight".into()]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_left_of_a_password_become_fewer() {
    let server = Server::start().await;
    let admin = server.administrator();
    let request = CreateUsers {
        password: Some(Password::new(GOOD)),
        password_expire_days: Some(30.try_into().expect("in range")),
        ..create_users(vec![new_user("alice")])
    };
    admin.send(&request).await.expect("the call is right");

    let cases =
        [(0, 30), (1_000, 30), (DAY - 1_000, 29), (DAY - 1_000, 29), (1_000, 28), (28 * DAY, 0), (DAY, 0)];
    for (at, (passes, days)) in cases.into_iter().enumerate() {
        server.pass(passes);
        let users = list(&admin, &DescribeUsers::default()).await;
        let shown = (users[0].password_expire_days, users[0].password_expire_rest_days);
        assert_eq!(shown, (Some(30), Some(days)), "step {at}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_door_s_spelling_of_an_organization_or_a_group_is_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    let user = |at: usize| new_user(&format!("user_{at}"));

    let orgs = [
        ("org-aliyun-wy-org-id", true),
        ("", true),
        ("ORG-ALIYUN-WY-ORG-ID", false),
        (" org-aliyun-wy-org-id", false),
        ("root", false),
        ("design", false),
        ("org-08nirkf56rh6k7jht", false),
        ("org-08NIRKF56RH6K7JHT", false),
        ("ug-08nirkf56rh6k7jht", false),
        ("ou_dfizzgsafjod6cnhdpsnecdok4", false),
    ];
    for (at, (org, exists)) in orgs.into_iter().enumerate() {
        let request = create_users(vec![NewUser { org_id: Some(org.into()), ..user(at) }]);
        let reply = admin.send(&request).await.expect("the call is right");
        let failed: Vec<_> = reply
            .create_result
            .failed_users
            .iter()
            .map(|failed| (failed.error_code.as_str(), failed.error_message.clone()))
            .collect();
        let unknown = ("InvalidOrgId.NotFound", format!("The organization {org} does not exist."));
        assert_eq!(failed, if exists { vec![] } else { vec![unknown] }, "{org:?}");
    }
    for group in ["ug-08nirkf56rh6k7jht", "org-aliyun-wy-org-id", "everybody"] {
        let groups = vec![group.to_owned()].try_into().expect("one");
        let request = create_users(vec![NewUser { group_id_list: Some(groups), ..user(99) }]);
        let reply = admin.send(&request).await.expect("the call is right");
        assert_eq!(reply.create_result.failed_users[0].error_code, "InvalidGroupId.NotFound", "{group:?}");
    }
    let many = (1..=101).map(|n| (format!("Users.1.GroupIdList.{n}"), "ug-x".to_owned()));
    let parameters: Vec<_> = many.chain([("Users.1.EndUserId".to_owned(), "many".to_owned())]).collect();
    let answer = admin.exchange(&admin.post("CreateUsers", &parameters)).await;
    assert_eq!(answer.refusal(), "400 InvalidUsers");
    assert_eq!(everybody(&admin).await.len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hyphens_are_allowed_where_the_installation_says_so() {
    let mut home = Home::new().await;
    home.serve.eds.hyphens = true;
    let server = Server::within(home).await;
    let admin = server.administrator();

    create(&admin, &["obx-0123456789abcdef"]).await;

    let mut server = server;
    server.home.serve.eds.hyphens = false;
    let server = server.restart().await;
    let admin = server.administrator();
    assert_eq!(everybody(&admin).await, ["obx-0123456789abcdef"], "who is there stays");
    assert_eq!(remove(&admin, &["obx-0123456789abcdef"]).await.remove_users_result.failed_users.len(), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_passwords_are_hashed_in_one_call() {
    let server = Server::start().await;
    let admin = server.administrator();

    let users = (0..100).map(|n| new_user(&format!("user_{n}"))).collect();
    let request = CreateUsers { password: Some(Password::new(GOOD)), ..create_users(users) };
    let reply = admin.send(&request).await.expect("the call is answered");

    assert!(reply.all_succeed);
    assert_eq!(everybody(&admin).await.len(), 100);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_outlives_the_server() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice", "bob"]).await;
    let before = server.administrator().call("DescribeUsers", &[]).await.json();

    let server = server.restart().await;

    let without_id = |mut answer: Value| {
        answer["RequestId"].take();
        answer
    };
    let after = server.administrator().call("DescribeUsers", &[]).await.json();
    assert_eq!(without_id(after), without_id(before));
    server.stop().await;
}
