//! `CreateUser` of EIAM.
//!
//! Source: `reference/eiam.md`, 2.3, 3, 4, 10.2 and 12; `reference/doors.md` §1.2, §1.3, §2 and §5.

use api::Password;
use api::eds::{ModifyUser, NewUser};
use api::eiam::{CreateCustomField, CreateUser, FieldDataType, ListUsers};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    Client, GOOD, Instance, NOW, Server, execute, field_values, has_password, list_users, make,
    make_eiam_user, make_field, managed, new_user, number, refused, rows, told, user, values_of, with,
};

/// Ids that are well formed, of nothing.
const NO_INSTANCE: &str = "idaas_dfizzgsafjod6cnhdpsnecdok4";
const NO_UNIT: &str = "ou_dfizzgsafjod6cnhdpsnecdok4";
const NO_USER: &str = "user_dfizzgsafjod6cnhdpsnecdok4";

/// What `CreateUser` refuses, told beside a request that it would take.
pub(crate) async fn refuses(admin: &Client, instance: &Instance, cases: &[(&[(&str, &str)], &str)]) {
    let right = [("Username", "somebody"), ("PrimaryOrganizationalUnitId", &*instance.root)];
    instance.refuses_with(admin, "CreateUser", &right, cases).await;
}

/// Refused with this, whoever asks for what.
pub(crate) async fn fails(admin: &Client, request: &CreateUser, expected: &str) {
    let fault = admin.send(request).await.expect_err(expected);
    refused(&fault, expected, &format!("{request:?}"));
}

/// Those whom a search finds.
async fn found(admin: &Client, request: &ListUsers) -> Vec<String> {
    list_users(admin, request).await.into_iter().map(|user| user.username).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_every_field_that_it_was_made_with() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let west = instance.make_unit(&admin, "west", &instance.root).await;
    let east = instance.make_unit(&admin, "east", &instance.root).await;
    make_field(&admin, &instance.field("age")).await;

    let parameters = [
        ("Username", "Zhang.San@corp-1_x"),
        ("DisplayName", "张三 & <co>"),
        ("Password", GOOD),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "12345678901"),
        ("PhoneNumberVerified", "True"),
        ("Email", "Zhang.San@Example.com"),
        ("EmailVerified", "True"),
        ("UserExternalId", "外部 #1"),
        ("PrimaryOrganizationalUnitId", &*west),
        ("OrganizationalUnitIds.1", &*east),
        ("Description", "第一行\n\t& <second>"),
        ("CustomFields.1.FieldName", "age"),
        ("CustomFields.1.FieldValue", "10"),
        ("PasswordInitializationConfig.PasswordInitializationPolicyPriority", "global"),
        ("ClientToken", "client-token-example"),
    ];
    let answer = instance.ask(&admin, "CreateUser", &parameters).await;

    let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["RequestId", "UserId"]);
    let id = answer["UserId"].as_str().expect("a text");
    let shown = instance.call(&admin, "GetUser", &[("UserId", id)]).await;
    let listed = json!({
        "UserId": "[user]",
        "Username": "Zhang.San@corp-1_x",
        "DisplayName": "张三 & <co>",
        "PasswordSet": true,
        "PhoneRegion": "86",
        "PhoneNumber": "12345678901",
        "PhoneNumberVerified": true,
        "Email": "Zhang.San@Example.com",
        "EmailVerified": true,
        "UserExternalId": "外部 #1",
        "UserSourceType": "build_in",
        "UserSourceId": "[instance]",
        "Status": "enabled",
        "RegisterTime": NOW,
        "CreateTime": NOW,
        "UpdateTime": NOW,
        "Description": "第一行\n\t& <second>",
        "InstanceId": "[instance]",
    });
    let mut whole = listed.clone();
    whole["PrimaryOrganizationalUnitId"] = "[west]".into();
    whole["OrganizationalUnits"] = json!([
        { "OrganizationalUnitId": "[west]", "OrganizationalUnitName": "west", "Primary": true },
        { "OrganizationalUnitId": "[east]", "OrganizationalUnitName": "east", "Primary": false },
    ]);
    whole["Groups"] = json!([]);
    whole["CustomFields"] = json!([{ "FieldName": "age", "FieldValue": "10" }]);
    let names = [(id, "user"), (&*instance.id, "instance"), (&*west, "west"), (&*east, "east")];
    assert_eq!(told(&shown, &names), json!({ "RequestId": "[id]", "User": whole }));
    let list = instance.call(&admin, "ListUsers", &[("PageNumber", "1")]).await;
    assert_eq!(told(&list, &names), json!({ "RequestId": "[id]", "TotalCount": 1, "Users": [listed] }));
    assert!(has_password(&server.home, "zhang.san@corp-1_x", GOOD).await);
    assert_eq!(user(&admin, "zhang.san@corp-1_x").await.owner_type, "CreateFromManager");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_given_or_empty_is_not_shown() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let empty = [
        "DisplayName",
        "Password",
        "PhoneRegion",
        "PhoneNumber",
        "PhoneNumberVerified",
        "Email",
        "EmailVerified",
        "UserExternalId",
        "OrganizationalUnitIds",
        "Description",
        "CustomFields",
        "PasswordInitializationConfig",
        "ClientToken",
    ];
    let mut with_empty = vec![("PrimaryOrganizationalUnitId", &*instance.root)];
    with_empty.extend(empty.map(|name| (name, "")));
    // What says something of a value that is not there says nothing.
    let without_value = [
        ("PrimaryOrganizationalUnitId", &*instance.root),
        ("PhoneRegion", "86"),
        ("PhoneNumberVerified", "true"),
        ("EmailVerified", "true"),
    ];

    for (name, parameters) in
        [("plain", &with_empty[..1]), ("empty", &with_empty), ("hollow", &without_value[..])]
    {
        let answer = instance.ask(&admin, "CreateUser", &[&[("Username", name)], parameters].concat()).await;
        let id = answer["UserId"].as_str().expect("a text");
        let shown = instance.call(&admin, "GetUser", &[("UserId", id)]).await;
        let names = [(id, "user"), (&*instance.id, "instance"), (&*instance.root, "root")];
        let expected = json!({
            "RequestId": "[id]",
            "User": {
                "UserId": "[user]",
                "Username": name,
                "PasswordSet": false,
                "PhoneNumberVerified": false,
                "EmailVerified": false,
                "UserExternalId": "[user]",
                "UserSourceType": "build_in",
                "UserSourceId": "[instance]",
                "Status": "enabled",
                "RegisterTime": NOW,
                "CreateTime": NOW,
                "UpdateTime": NOW,
                "InstanceId": "[instance]",
                "PrimaryOrganizationalUnitId": "[root]",
                "OrganizationalUnits": [
                    { "OrganizationalUnitId": "[root]", "OrganizationalUnitName": "root", "Primary": true },
                ],
                "Groups": [],
                "CustomFields": [],
            },
        });
        assert_eq!(told(&shown, &names), expected, "{name}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_have_the_shape_that_clients_know_and_the_order_of_making() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;

    let mut ids = Vec::new();
    for name in ["zoe", "bob", "adam"] {
        ids.push(instance.make_user(&admin, name).await);
    }

    for id in &ids {
        let rest = id.strip_prefix("user_").expect("the prefix of users");
        assert_eq!(rest.len(), 26, "{id}");
        assert!(rest.bytes().all(|b| b"abcdefghijklmnopqrstuvwxyz234567".contains(&b)), "{id}");
        assert!(rest.ends_with(|last| "aeimquy4".contains(last)), "{id} spells 16 bytes");
    }
    let listed: Vec<String> =
        list_users(&admin, &instance.users()).await.into_iter().map(|user| user.user_id).collect();
    assert_eq!(listed, ids);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_to_be_there_is_missed_by_name() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let (name, unit) = (("Username", "somebody"), ("PrimaryOrganizationalUnitId", &*instance.root));
    let (region, phone, calls) =
        (("PhoneRegion", "86"), ("PhoneNumber", "13800000000"), ("PhoneNumberVerified", "true"));
    let (email, reads) = (("Email", "a@b.cn"), ("EmailVerified", "false"));

    instance
        .refuses(
            &admin,
            "CreateUser",
            &[
                (&[], "400 MissingParameter.Username"),
                (&[unit], "400 MissingParameter.Username"),
                (&[("Username", ""), unit], "400 MissingParameter.Username"),
                (&[name], "400 MissingParameter.PrimaryOrganizationalUnitId"),
                (
                    &[name, ("PrimaryOrganizationalUnitId", "")],
                    "400 MissingParameter.PrimaryOrganizationalUnitId",
                ),
                (&[name, unit, phone, calls], "400 MissingParameter.PhoneRegion"),
                (&[name, unit, phone, calls, ("PhoneRegion", "")], "400 MissingParameter.PhoneRegion"),
                (&[name, unit, phone, region], "400 MissingParameter.PhoneNumberVerified"),
                (&[name, unit, email], "400 MissingParameter.EmailVerified"),
                (&[name, unit, email, ("EmailVerified", "")], "400 MissingParameter.EmailVerified"),
                (&[name, unit, email, phone, region], "400 MissingParameter.PhoneNumberVerified"),
                (&[name, unit, email, reads, phone], "400 MissingParameter.PhoneRegion"),
                (&[name, unit, ("CustomFields.1.FieldValue", "10")], "400 MissingParameter.CustomFields"),
            ],
        )
        .await;
    for instance in [None, Some("")] {
        let id = instance.map(|id| ("InstanceId", id));
        let parameters: Vec<_> = [name, unit].into_iter().chain(id).collect();
        let fault = admin.call("CreateUser", &parameters).await.fault();
        refused(&fault, "400 MissingParameter.InstanceId", "without an instance");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_form_is_blamed_by_name() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let many: Vec<(String, &str)> =
        (1..=101).map(|n| (format!("OrganizationalUnitIds.{n}"), &*instance.root)).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, id)| (name.as_str(), *id)).collect();

    let phone =
        |region, number| [("PhoneRegion", region), ("PhoneNumber", number), ("PhoneNumberVerified", "true")];
    let email = |text| [("Email", text), ("EmailVerified", "true")];
    let policy = |name: &'static str, value| [(name, value)];
    let long = |letter: &str, count| letter.repeat(count);
    let address = format!("{}@example.com", "a".repeat(128 - 11));
    refuses(
        &admin,
        &instance,
        &[
            (&[("Username", "al ice")], "400 InvalidParameter.Username"),
            (&[("Username", "al+ice")], "400 InvalidParameter.Username"),
            (&[("Username", "张三")], "400 InvalidParameter.Username"),
            (&[("Username", " alice")], "400 InvalidParameter.Username"),
            (&[("Username", "alice\n")], "400 InvalidParameter.Username"),
            (&[("Username", &long("a", 257))], "400 InvalidParameter.Username"),
            (&[("DisplayName", &long("名", 129))], "400 InvalidParameter.DisplayName"),
            (&[("DisplayName", "a\nb")], "400 InvalidParameter.DisplayName"),
            (&[("Password", &format!("{GOOD}{}", long("x", 50)))], "400 InvalidParameter.Password"),
            (&[("Password", "Correct horse 1")], "400 InvalidParameter.Password"),
            (&[("Password", "Correct-horse-1\t")], "400 InvalidParameter.Password"),
            (&phone("+86", "13800000000"), "400 InvalidParameter.PhoneRegion"),
            (&phone("0086", "13800000000"), "400 InvalidParameter.PhoneRegion"),
            (&phone("1234567", "13800000000"), "400 InvalidParameter.PhoneRegion"),
            (&phone("86", "12345"), "400 InvalidParameter.PhoneNumber"),
            (&phone("86", "1234567890123456"), "400 InvalidParameter.PhoneNumber"),
            (&phone("86", "138-0000-0000"), "400 InvalidParameter.PhoneNumber"),
            (&phone("86", "١٢٣٤٥٦٧"), "400 InvalidParameter.PhoneNumber"),
            (&[("PhoneRegion", "+1")], "400 InvalidParameter.PhoneRegion"),
            (&[("PhoneNumberVerified", "yes")], "400 InvalidParameter.PhoneNumberVerified"),
            (&email("nobody"), "400 InvalidParameter.Email"),
            (&email("a+b@example.com"), "400 InvalidParameter.Email"),
            (&email("张@example.com"), "400 InvalidParameter.Email"),
            (&email("@example.com"), "400 InvalidParameter.Email"),
            (&email("a@b"), "400 InvalidParameter.Email"),
            (&email(&address), "400 InvalidParameter.Email"),
            (&[("EmailVerified", "1.5")], "400 InvalidParameter.EmailVerified"),
            (&[("UserExternalId", &long("外", 129))], "400 InvalidParameter.UserExternalId"),
            (&[("UserExternalId", "a\tb")], "400 InvalidParameter.UserExternalId"),
            (&[("Description", &long("注", 257))], "400 InvalidParameter.Description"),
            (&[("Description", "a\u{0}b")], "400 InvalidParameter.Description"),
            (&many, "400 InvalidParameter.OrganizationalUnitIds"),
            (&[("OrganizationalUnitIds", "root")], "400 InvalidParameter.OrganizationalUnitIds"),
            (
                &policy("PasswordInitializationConfig.PasswordInitializationPolicyPriority", "local"),
                "400 InvalidParameter.PasswordInitializationPolicyPriority",
            ),
            (
                &policy("PasswordInitializationConfig.PasswordForcedUpdateStatus", "on"),
                "400 InvalidParameter.PasswordForcedUpdateStatus",
            ),
            (
                &policy("PasswordInitializationConfig.UserNotificationChannels.1", "fax"),
                "400 InvalidParameter.UserNotificationChannels",
            ),
            (
                &policy("PasswordInitializationConfig.PasswordInitializationType", "Random"),
                "400 InvalidParameter.PasswordInitializationType",
            ),
            (&[("ClientToken", &long("t", 65))], "400 InvalidParameter.ClientToken"),
            (&[("ClientToken", "é")], "400 InvalidParameter.ClientToken"),
        ],
    )
    .await;
    assert!(instance.everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_fit_up_to_their_limits_and_are_shown_as_they_were_given() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let longest = |letter: &str, count| Some(letter.repeat(count));

    let requests = [
        CreateUser {
            display_name: longest("名", 128),
            email: Some(format!("{}@example.com", "a".repeat(128 - 12))),
            email_verified: Some(false),
            phone_region: Some("123456".to_owned()),
            phone_number: Some("123456789012345".to_owned()),
            phone_number_verified: Some(false),
            user_external_id: longest("外", 128),
            description: longest("注", 256),
            ..instance.user(&"a".repeat(256))
        },
        CreateUser {
            display_name: Some(" n ".to_owned()),
            email: Some("A.b_c-9@x-y.co.uk".to_owned()),
            email_verified: Some(true),
            phone_region: Some("1".to_owned()),
            phone_number: Some("123456".to_owned()),
            phone_number_verified: Some(true),
            user_external_id: Some(" x ".to_owned()),
            description: Some("\ttwo\nlines ".to_owned()),
            ..instance.user("-")
        },
        CreateUser { display_name: Some("🧑‍🚀".to_owned()), ..instance.user("_.@-9Z") },
    ];
    for request in requests {
        let id = make_eiam_user(&admin, &request).await;
        let shown = instance.get_user(&admin, &id).await;
        assert_eq!(shown.username, request.username);
        assert_eq!(shown.display_name, request.display_name);
        assert_eq!(
            (shown.email, shown.email_verified),
            (request.email, request.email_verified == Some(true))
        );
        assert_eq!(shown.phone_region, request.phone_region);
        assert_eq!(shown.phone_number, request.phone_number);
        assert_eq!(shown.phone_number_verified, request.phone_number_verified == Some(true));
        assert_eq!(shown.user_external_id, request.user_external_id.unwrap_or(id));
        assert_eq!(shown.description, request.description);
    }
    let longest = format!("{GOOD}{}", "密".repeat(64 - GOOD.len()));
    make_eiam_user(&admin, &CreateUser { password: Some(Password::new(&longest)), ..instance.user("p") })
        .await;
    assert!(has_password(&server.home, "p", &longest).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_as_json_as_well_and_calls_by_get() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let west = instance.make_unit(&admin, "west", &instance.root).await;
    make_field(&admin, &instance.field("age")).await;
    let units = format!(r#"["{west}"]"#);
    let right = [
        ("InstanceId", &*instance.id),
        ("Username", "alice"),
        ("PrimaryOrganizationalUnitId", &*instance.root),
        ("OrganizationalUnitIds", &*units),
        ("CustomFields", r#"[{"FieldName":"age","FieldValue":"10"}]"#),
        ("SomethingElse", "is ignored"),
    ];
    let right = right.map(|(name, value)| (name.to_owned(), value.to_owned()));

    let answer = admin.exchange(&admin.get("CreateUser", &right)).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    let shown = instance.get_user(&admin, answer.json()["UserId"].as_str().expect("a text")).await;
    assert_eq!(values_of(&shown), ["age=10"]);
    assert_eq!(shown.organizational_units[1].organizational_unit_id, west);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_is_unique_whatever_its_case_and_the_door_it_came_by() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let alice = instance.make_user(&admin, "Alice").await;
    make(&admin, vec![new_user("bob")]).await;
    instance.make_user(&admin, "strasse").await;

    let taken = "403 ResourceDuplicated.Username";
    refuses(
        &admin,
        &instance,
        &[
            (&[("Username", "Alice")], taken),
            (&[("Username", "alice")], taken),
            (&[("Username", "ALICE")], taken),
            (&[("Username", "Bob")], taken),
            (&[("Username", "superadmin")], taken),
            (&[("Username", "SuperAdmin")], taken),
            (&[("Username", "STRASSE")], taken),
        ],
    )
    .await;
    assert_eq!(instance.get_user(&admin, &alice).await.username, "Alice", "as it was given");

    other.make_user(&admin, "ALICE").await;
    let gone = instance.ask(&admin, "DeleteUser", &[("UserId", &alice)]).await;
    assert!(gone["RequestId"].is_string());
    instance.make_user(&admin, "aLICE").await;
    assert_eq!(instance.everybody(&admin).await, ["bob", "strasse", "aLICE"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_one_user_s_verified_or_not_and_whatever_its_case() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let other = Instance::make(&admin).await;
    let with_email = |instance: &Instance, name: &str, email: &str, verified| CreateUser {
        email: Some(email.to_owned()),
        email_verified: Some(verified),
        ..instance.user(name)
    };
    let carol = make_eiam_user(&admin, &with_email(&instance, "carol", "Carol@Example.com", true)).await;
    make_eiam_user(&admin, &with_email(&instance, "dave", "dave@example.com", false)).await;

    let taken = "403 ResourceDuplicated.Email";
    refuses(
        &admin,
        &instance,
        &[
            (&[("Email", "Carol@Example.com"), ("EmailVerified", "false")], taken),
            (&[("Email", "carol@example.COM"), ("EmailVerified", "true")], taken),
            (&[("Email", "DAVE@example.com"), ("EmailVerified", "true")], taken),
            (&[("Email", "dave@example.com"), ("EmailVerified", "false")], taken),
        ],
    )
    .await;

    // A username may be somebody's address, and an address somebody's username.
    instance.make_user(&admin, "erin@example.com").await;
    make_eiam_user(&admin, &with_email(&instance, "frank", "erin@example.com", true)).await;
    make_eiam_user(&admin, &with_email(&other, "carol", "carol@example.com", true)).await;
    instance.ask(&admin, "DeleteUser", &[("UserId", &carol)]).await;
    make_eiam_user(&admin, &with_email(&instance, "grace", "CAROL@example.com", true)).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_region_is_one_user_s() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let with_phone = |name: &str, region: &str, phone: &str, verified| CreateUser {
        phone_region: Some(region.to_owned()),
        phone_number: Some(phone.to_owned()),
        phone_number_verified: Some(verified),
        ..instance.user(name)
    };
    let carol = make_eiam_user(&admin, &with_phone("carol", "86", "13800000000", true)).await;
    make_eiam_user(&admin, &with_phone("dave", "1", "2025550100", false)).await;

    let taken = "403 ResourceDuplicated.PhoneNumber";
    let phone = |region, number, verified| {
        [("PhoneRegion", region), ("PhoneNumber", number), ("PhoneNumberVerified", verified)]
    };
    refuses(
        &admin,
        &instance,
        &[
            (&phone("86", "13800000000", "false"), taken),
            (&phone("86", "13800000000", "true"), taken),
            (&phone("1", "2025550100", "true"), taken),
        ],
    )
    .await;

    make_eiam_user(&admin, &with_phone("erin", "1", "13800000000", true)).await;
    make_eiam_user(&admin, &with_phone("frank", "852", "13800000000", false)).await;
    instance.ask(&admin, "DeleteUser", &[("UserId", &carol)]).await;
    make_eiam_user(&admin, &with_phone("grace", "86", "13800000000", true)).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_eds_stores_claims_nothing_and_what_is_claimed_binds_only_this_door() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let named = |name: &str, email: &str, phone: &str| NewUser {
        email: Some(email.to_owned()),
        phone: Some(phone.to_owned()),
        ..managed(name)
    };
    let whole = |name: &str, email: &str, phone: &str| CreateUser {
        email: Some(email.to_owned()),
        email_verified: Some(true),
        phone_region: Some("86".to_owned()),
        phone_number: Some(phone.to_owned()),
        phone_number_verified: Some(true),
        ..instance.user(name)
    };

    // Contact data of two users is nobody's identity.
    make(&admin, vec![named("one", "x@example.com", "13800000001")]).await;
    make(&admin, vec![named("two", "x@example.com", "13800000001")]).await;
    make_eiam_user(&admin, &whole("three", "X@example.com", "13800000001")).await;
    fails(&admin, &whole("four", "x@example.com", "13800000009"), "403 ResourceDuplicated.Email").await;
    fails(&admin, &whole("four", "y@example.com", "13800000001"), "403 ResourceDuplicated.PhoneNumber").await;

    // What A holds through this door, eds may give to B.
    make_eiam_user(&admin, &whole("a_user", "a@example.com", "13800000002")).await;
    make(&admin, vec![named("b_user", "a@example.com", "13800000002")]).await;
    let both = ListUsers { email: Some("A@Example.com".to_owned()), ..instance.users() };
    let users = list_users(&admin, &both).await;
    let verified: Vec<(&str, bool, bool)> = users
        .iter()
        .map(|user| (user.username.as_str(), user.email_verified, user.phone_number_verified))
        .collect();
    assert_eq!(verified, [("a_user", true, true), ("b_user", false, false)]);
    let both = ListUsers { phone_number: Some("13800000002".to_owned()), ..instance.users() };
    assert_eq!(found(&admin, &both).await, ["a_user", "b_user"]);

    // A value that eds changes is given up.
    let changed = ModifyUser {
        end_user_id: "a_user".to_owned(),
        email: Some("new@example.com".to_owned()),
        phone: Some("13800000003".to_owned()),
    };
    admin.send(&changed).await.expect("it can be changed");
    make_eiam_user(&admin, &whole("c_user", "a@example.com", "13800000002")).await;
    make_eiam_user(&admin, &whole("d_user", "new@example.com", "13800000003")).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_linked_to_a_user_is_that_user_s() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    make(&admin, vec![managed("linked")]).await;
    // As PDS links accounts.
    let link = |kind: &str, identity: &str, extra: &str, number: i64| {
        format!(
            "insert into identities
             (directory, kind, identity, extra, number, user_number, contact, linked, given, display_name, created)
             select directory, '{kind}', '{identity}', '{extra}', {number}, number, 0, 1, '{identity}', '', created
             from users where username_key = 'linked';"
        )
    };
    let links = [
        link("email", "linked@example.com", "", 1),
        link("mobile", "13800000000", "86", 2),
        link("wechat", "other@example.com", "", 3),
    ];
    execute(&server.home, &links.concat()).await;

    let phone = [("PhoneRegion", "86"), ("PhoneNumber", "13800000000"), ("PhoneNumberVerified", "false")];
    refuses(
        &admin,
        &instance,
        &[
            (&[("Email", "Linked@example.com"), ("EmailVerified", "false")], "403 ResourceDuplicated.Email"),
            (&phone, "403 ResourceDuplicated.PhoneNumber"),
        ],
    )
    .await;

    let other = CreateUser {
        email: Some("other@example.com".to_owned()),
        email_verified: Some(true),
        ..instance.user("other")
    };
    make_eiam_user(&admin, &other).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_is_one_user_s_letter_by_letter() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let other = Instance::make(&admin).await;
    let named = |instance: &Instance, name: &str, external: &str| CreateUser {
        user_external_id: Some(external.to_owned()),
        ..instance.user(name)
    };
    let carol = make_eiam_user(&admin, &named(&instance, "carol", "Ext-1")).await;
    let dave = instance.make_user(&admin, "dave").await;

    let taken = "403 ResourceDuplicated.UserExternalId";
    refuses(
        &admin,
        &instance,
        &[
            (&[("UserExternalId", "Ext-1")], taken),
            // It would spell the one that dave has without one of his own, and carol's id.
            (&[("UserExternalId", &dave)], taken),
            (&[("UserExternalId", &carol)], taken),
        ],
    )
    .await;

    make_eiam_user(&admin, &named(&instance, "erin", "ext-1")).await;
    make_eiam_user(&admin, &named(&instance, "frank", "Ext-1 ")).await;
    make_eiam_user(&admin, &named(&instance, "grace", NO_USER)).await;
    make_eiam_user(&admin, &named(&instance, "heidi", &dave.to_uppercase())).await;
    make_eiam_user(&admin, &named(&other, "carol", "Ext-1")).await;
    make_eiam_user(&admin, &named(&other, "dave", &dave)).await;
    // Groups and units are other things.
    let group = [("GroupName", "g"), ("GroupExternalId", "Ext-1")];
    instance.ask(&admin, "CreateGroup", &group).await;

    for id in [&carol, &dave] {
        instance.ask(&admin, "DeleteUser", &[("UserId", id)]).await;
    }
    make_eiam_user(&admin, &named(&instance, "ivan", "Ext-1")).await;
    make_eiam_user(&admin, &named(&instance, "judy", &dave)).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_joins_the_primary_unit_and_each_further_one_once() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let mut units = Vec::new();
    for name in ["a", "b", "c"] {
        units.push(instance.make_unit(&admin, name, &instance.root).await);
    }
    let [a, b, c] = units.as_slice() else { panic!("three units") };

    let cases: [(&str, &str, Vec<&String>, Vec<&String>); 4] = [
        ("alone", a, vec![], vec![a]),
        ("several", b, vec![c, a, &instance.root], vec![b, c, a, &instance.root]),
        ("again", c, vec![c, a, a, c, b, a], vec![c, a, b]),
        ("often", a, vec![b; 100], vec![a, b]),
    ];
    for (name, primary, further, expected) in cases {
        let request = CreateUser {
            primary_organizational_unit_id: primary.to_owned(),
            organizational_unit_ids: Some(
                further.into_iter().cloned().collect::<Vec<_>>().try_into().expect("at most a hundred"),
            ),
            ..instance.user(name)
        };
        let id = make_eiam_user(&admin, &request).await;
        let shown = instance.get_user(&admin, &id).await;
        assert_eq!(shown.primary_organizational_unit_id, primary);
        let mut found: Vec<(bool, &String)> = shown
            .organizational_units
            .iter()
            .map(|unit| (!unit.primary, &unit.organizational_unit_id))
            .collect();
        assert_eq!(found[0], (false, expected[0]), "{name}: the primary one comes first");
        let mut expected: Vec<(bool, &String)> =
            expected.into_iter().enumerate().map(|(at, id)| (at > 0, id)).collect();
        // All were joined at one instant.
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
    for (unit, expected) in [
        (a, &["alone", "several", "again", "often"][..]),
        (b, &["several", "again", "often"]),
        (c, &["several", "again"]),
        (&instance.root, &["several"]),
    ] {
        let members = ListUsers { organizational_unit_id: Some(unit.clone()), ..instance.users() };
        assert_eq!(found(&admin, &members).await, expected);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_not_there_is_not_found_however_it_is_spelled() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let gone = instance.make_unit(&admin, "gone", &instance.root).await;
    instance.ask(&admin, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &gone)]).await;
    let group = instance.make_group(&admin, "group").await;
    let upper = instance.root.to_uppercase();
    let longer = format!("{}a", instance.root);

    for unit in [
        NO_UNIT,
        &*gone,
        &*other.root,
        &*group,
        &*upper,
        &*longer,
        "org-aliyun-wy-org-id",
        "root",
        " ",
        "ou_",
        "ou_dfizzgsafjod6cnhdpsnecdok5",
    ] {
        let expected = format!("404 ResourceNotFound.OrganizationalUnit {unit}");
        refuses(
            &admin,
            &instance,
            &[
                (&[("PrimaryOrganizationalUnitId", unit)], &expected),
                (
                    &[("OrganizationalUnitIds.1", &*instance.root), ("OrganizationalUnitIds.2", unit)],
                    &expected,
                ),
            ],
        )
        .await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_not_there_is_not_found_however_it_is_spelled() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let gone = Instance::make(&admin).await;
    gone.ask(&admin, "DeleteInstance", &[]).await;
    let upper = instance.id.to_uppercase();

    for id in [NO_INSTANCE, &*gone.id, &*instance.root, &*upper, "default", "*", " "] {
        let parameters =
            [("InstanceId", id), ("Username", "alice"), ("PrimaryOrganizationalUnitId", &*instance.root)];
        let fault = admin.call("CreateUser", &parameters).await.fault();
        refused(&fault, &format!("404 ResourceNotFound.Instance {id}"), id);
    }
    assert!(instance.everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_faults_the_first_in_order_is_told() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    make_field(&admin, &CreateCustomField { required: Some(true), ..instance.field("must") }).await;
    make_field(&admin, &CreateCustomField { unique: Some(true), ..instance.field("badge") }).await;
    make_field(
        &admin,
        &CreateCustomField { field_data_type: FieldDataType::Number, ..instance.field("age") },
    )
    .await;
    let taken = CreateUser {
        email: Some("taken@example.com".to_owned()),
        email_verified: Some(true),
        phone_region: Some("86".to_owned()),
        phone_number: Some("13800000000".to_owned()),
        phone_number_verified: Some(true),
        user_external_id: Some("taken".to_owned()),
        custom_fields: field_values(&[("must", "1"), ("badge", "taken")]),
        ..instance.user("taken")
    };
    make_eiam_user(&admin, &taken).await;
    let before = rows(&server.home).await;

    let mut parameters = vec![
        ("InstanceId", NO_INSTANCE),
        ("Username", ""),
        ("DisplayName", "\n"),
        ("Password", "weak"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13800000000"),
        ("PhoneNumberVerified", "true"),
        ("Email", "taken@example.com"),
        ("EmailVerified", "true"),
        ("UserExternalId", "taken"),
        ("PrimaryOrganizationalUnitId", NO_UNIT),
        ("OrganizationalUnitIds.1", NO_USER),
        ("Description", "\u{0}"),
        // The last of them is the first to be told.
        ("CustomFields.1.FieldName", "badge"),
        ("CustomFields.1.FieldValue", "taken"),
        ("CustomFields.2.FieldName", "age"),
        ("CustomFields.2.FieldValue", "old"),
        ("CustomFields.3.FieldName", "unknown"),
        ("CustomFields.3.FieldValue", "1"),
    ];
    let no_instance = format!("404 ResourceNotFound.Instance {NO_INSTANCE}");
    let no_unit = format!("404 ResourceNotFound.OrganizationalUnit {NO_UNIT}");
    let no_further_unit = format!("404 ResourceNotFound.OrganizationalUnit {NO_USER}");
    let steps = [
        ("400 MissingParameter.Username", "Username", "taken"),
        ("400 InvalidParameter.DisplayName", "DisplayName", "Taken"),
        ("400 InvalidParameter.Description", "Description", "d"),
        (&*no_instance, "InstanceId", &*instance.id),
        (&*no_unit, "PrimaryOrganizationalUnitId", &*instance.root),
        (&*no_further_unit, "OrganizationalUnitIds.1", &*instance.root),
        ("403 ResourceDuplicated.Username", "Username", "free"),
        ("403 ResourceDuplicated.Email", "Email", "free@example.com"),
        ("403 ResourceDuplicated.PhoneNumber", "PhoneNumber", "13800000001"),
        ("403 ResourceDuplicated.UserExternalId", "UserExternalId", "free"),
        ("404 ResourceNotFound.CustomField unknown", "CustomFields.3.FieldName", "age"),
        ("400 InvalidParameter.CustomFields", "CustomFields.3.FieldName", "must"),
        ("400 InvalidParameter.CustomFields", "CustomFields.2.FieldValue", "30"),
        ("403 ResourceDuplicated.CustomFieldValue", "CustomFields.3.FieldValue", ""),
        ("400 MissingParameter.CustomFields", "CustomFields.3.FieldValue", "1"),
        ("403 ResourceDuplicated.CustomFieldValue", "CustomFields.1.FieldValue", "free"),
        ("400 InvalidParameter.Password", "Password", GOOD),
    ];
    for (expected, name, right) in steps {
        let answer = admin.call("CreateUser", &parameters).await;
        assert_ne!(answer.status, 200, "{expected}");
        refused(&answer.fault(), expected, &format!("before {name} is {right}"));
        assert_eq!(rows(&server.home).await, before, "{expected}: nothing is half created");
        parameters = with(&parameters, &[(name, right)]);
    }
    assert_eq!(admin.call("CreateUser", &parameters).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_creation_is_one_event_and_a_refused_one_is_none() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    make_field(&admin, &instance.field("age")).await;
    let before = rows(&server.home).await;
    let count = |rows: &[(&str, i64)], table: &str| {
        rows.iter().find(|(name, _)| *name == table).map(|(_, n)| *n).expect("it is counted")
    };
    let request = CreateUser {
        password: Some(Password::new(GOOD)),
        email: Some("a@example.com".to_owned()),
        email_verified: Some(true),
        custom_fields: field_values(&[("age", "10")]),
        ..instance.user("alice")
    };

    make_eiam_user(&admin, &request).await;
    let after = rows(&server.home).await;
    fails(&admin, &request, "403 ResourceDuplicated.Username").await;

    assert_eq!(rows(&server.home).await, after);
    for (table, more) in [
        ("users", 1),
        ("passwords", 1),
        ("identities", 1),
        ("unit_members", 1),
        ("user_texts", 1),
        ("events", 1),
        ("outbox", 0),
        ("client_tokens", 0),
    ] {
        assert_eq!(count(&after, table) - count(&before, table), more, "{table}");
    }
    let facts = "select count(*) from event_facts where after like '%Correct-horse-1%'";
    assert_eq!(number(&server.home, facts).await, 0, "nobody reads a password in the trail");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_who_want_what_one_can_have_exactly_one_is_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    make_field(&admin, &CreateCustomField { unique: Some(true), ..instance.field("badge") }).await;
    make_field(
        &admin,
        &CreateCustomField { unique: Some(true), encrypted: Some(true), ..instance.field("secret") },
    )
    .await;
    let clients: Vec<Client> = (0..12).map(|_| server.administrator().eiam()).collect();
    type Wants = fn(&mut CreateUser);
    let cases: [(&str, Wants); 6] = [
        ("403 ResourceDuplicated.Username", |user| "Same".clone_into(&mut user.username)),
        ("403 ResourceDuplicated.Email", |user| {
            (user.email, user.email_verified) = (Some("same@example.com".to_owned()), Some(false));
        }),
        ("403 ResourceDuplicated.PhoneNumber", |user| {
            user.phone_region = Some("86".to_owned());
            (user.phone_number, user.phone_number_verified) = (Some("13800000000".to_owned()), Some(true));
        }),
        ("403 ResourceDuplicated.UserExternalId", |user| user.user_external_id = Some("same".to_owned())),
        ("403 ResourceDuplicated.CustomFieldValue", |user| {
            user.custom_fields = field_values(&[("badge", "same")]);
        }),
        ("403 ResourceDuplicated.CustomFieldValue", |user| {
            user.custom_fields = field_values(&[("secret", "same")]);
        }),
    ];
    for (round, (expected, wants)) in cases.into_iter().enumerate() {
        let calls = clients.iter().enumerate().map(|(at, client)| {
            let mut request = instance.user(&format!("user-{round}-{at}"));
            wants(&mut request);
            async move { client.send(&request).await }
        });
        let mut made = 0;
        for reply in join_all(calls).await {
            match reply {
                Ok(_) => made += 1,
                Err(fault) => refused(&fault, expected, "the others"),
            }
        }
        assert_eq!(made, 1, "{expected}");
        assert_eq!(instance.everybody(&admin).await.len(), round + 1);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_outlives_the_server() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let id = instance.make_user(&admin, "alice").await;
    let before = instance.picture(&admin).await;

    let server = server.restart().await;

    let admin = server.administrator().eiam();
    assert_eq!(instance.picture(&admin).await, before);
    let fault = admin.send(&instance.user("ALICE")).await.expect_err("the name is taken");
    refused(&fault, "403 ResourceDuplicated.Username", "ALICE");
    assert_eq!(instance.get_user(&admin, &id).await.username, "alice");
    server.stop().await;
}
