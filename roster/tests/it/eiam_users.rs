//! `GetUser`, and the actions of EIAM that change what is stored of a user.
//!
//! Source: `reference/eiam.md`, 6.1 to 6.4, 10.2, 12 and 14.8; `reference/doors.md` §0, §1, §1.2, §1.3 and §2.2.

use access::{Change, Permit, Scope};
use api::Password;
use api::eds::{BatchSetDesktopManager, ChangeUserPassword, IsDesktopManager, ModifyUser, NewUser};
use api::eiam::{
    CreateCustomField, CreateUser, FieldDataType, FieldDisplayType, ListUsers, ShownUser, UpdateUser,
    UpdateUserDescription,
};
use directory::users;
use model::text::Username;
use model::time::MINUTE;
use roster::house;
use serde_json::json;

use crate::support::{
    Client, Fault, GOOD, Home, Instance, NOW, Server, bind, choices, execute, field_values, list_users, lock,
    make, make_eiam_user, make_field, make_group, make_org, make_property, managed, move_users, number,
    person, refused, rows, told, unlock, user, values_of, with,
};

/// An id that is well formed, of nobody.
const NO_USER: &str = "user_dfizzgsafjod6cnhdpsnecdok4";
/// A password that follows every rule, other than [`GOOD`].
pub(crate) const BETTER: &str = "Battery-staple-2";

/// An instance with one user in it.
pub(crate) struct One {
    /// The server.
    pub(crate) server: Server,
    /// Its administrator.
    pub(crate) admin: Client,
    /// The instance.
    pub(crate) instance: Instance,
    /// The user's id.
    pub(crate) id: String,
}

impl One {
    /// The default instance with one user, who has everything that `UpdateUser` changes.
    pub(crate) async fn whole() -> Self {
        let server = Server::start().await;
        let admin = server.administrator().eiam();
        let instance = Instance::default_of(&admin).await;
        let request = CreateUser {
            display_name: Some("Alice".to_owned()),
            email: Some("alice@example.com".to_owned()),
            email_verified: Some(true),
            phone_region: Some("86".to_owned()),
            phone_number: Some("13800000000".to_owned()),
            phone_number_verified: Some(true),
            description: Some("d".to_owned()),
            ..instance.user("alice")
        };
        let id = make_eiam_user(&admin, &request).await;
        server.pass(MINUTE);
        Self { server, admin, instance, id }
    }

    /// The user.
    pub(crate) async fn shown(&self) -> ShownUser {
        self.instance.get_user(&self.admin, &self.id).await
    }

    /// Changes the user.
    pub(crate) async fn update(&self, changes: &[(&str, &str)]) -> Result<(), Fault> {
        let answer = self
            .instance
            .call(&self.admin, "UpdateUser", &[&[("UserId", self.id.as_str())], changes].concat())
            .await;
        if answer.status != 200 {
            return Err(answer.fault());
        }
        assert_eq!(told(&answer, &[]), json!({ "RequestId": "[id]" }));
        Ok(())
    }

    /// Each of these changes is refused, and none of them changes anything.
    pub(crate) async fn refuses(&self, action: &str, cases: &[(&[(&str, &str)], &str)]) {
        let right = [("UserId", self.id.as_str())];
        self.instance.refuses_with(&self.admin, action, &right, cases).await;
    }
}

/// Makes a user in the default instance beside the server, as another door would, whose username this door would
/// not give; the id. Later than what was made before and earlier than what follows, since two who make ids in one
/// millisecond may make the same.
async fn made_elsewhere(server: &Server, instance: &Instance, username: &str) -> String {
    server.pass(1);
    let open = house::open(&server.home.serve.house, false).await.expect("the house opens");
    let directory = open.default_directory().await.expect("there is one");
    let permit = Permit::operator("test", Scope::Directory(directory), server.home.clock.now());
    let mut change = Change::new(&open.store, &open.tools, None);
    let new = users::NewUser::named(Username::new(username).expect("a username"));
    let made = users::create(&mut change, &permit, &[new]).await.expect("it can be made");
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    change.commit(&permit).await.expect("it is written");
    open.store.close().await;
    server.pass(1);
    let named = ListUsers { username_starts_with: Some(username.to_owned()), ..instance.users() };
    list_users(&server.administrator(), &named).await.remove(0).user_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_shown_with_units_groups_and_values() {
    let One { server, admin, instance, id } = One::whole().await;
    let east = instance.make_unit(&admin, "east", &instance.root).await;
    let west = instance.make_unit(&admin, "west", &instance.root).await;
    let late = instance.make_group(&admin, "late").await;
    let early =
        instance.ask(&admin, "CreateGroup", &[("GroupName", "early"), ("Description", "who rises")]).await;
    let early = early["GroupId"].as_str().expect("a text");
    make_field(&admin, &instance.field("age")).await;
    for unit in [&west, &east] {
        server.pass(1_000);
        let joining = [("UserId", &*id), ("OrganizationalUnitIds.1", unit)];
        instance.ask(&admin, "AddUserToOrganizationalUnits", &joining).await;
    }
    for group in [early, &late] {
        server.pass(1_000);
        instance.join(&admin, group, &[&id]).await;
    }
    let value = [("UserId", &*id), ("CustomFields.1.FieldName", "age"), ("CustomFields.1.FieldValue", "10")];
    instance.ask(&admin, "UpdateUser", &value).await;

    let answer = instance.call(&admin, "GetUser", &[("UserId", &id)]).await;

    let names = [
        (&*id, "alice"),
        (&*instance.id, "instance"),
        (&*instance.root, "root"),
        (&*east, "east"),
        (&*west, "west"),
        (early, "early"),
        (&*late, "late"),
    ];
    let expected = json!({
        "RequestId": "[id]",
        "User": {
            "UserId": "[alice]",
            "Username": "alice",
            "DisplayName": "Alice",
            "PasswordSet": false,
            "PhoneRegion": "86",
            "PhoneNumber": "13800000000",
            "PhoneNumberVerified": true,
            "Email": "alice@example.com",
            "EmailVerified": true,
            "UserExternalId": "[alice]",
            "UserSourceType": "build_in",
            "UserSourceId": "[instance]",
            "Status": "enabled",
            "RegisterTime": NOW,
            "CreateTime": NOW,
            "UpdateTime": NOW + MINUTE + 4_000,
            "Description": "d",
            "InstanceId": "[instance]",
            "PrimaryOrganizationalUnitId": "[root]",
            "OrganizationalUnits": [
                { "OrganizationalUnitId": "[root]", "OrganizationalUnitName": "root", "Primary": true },
                { "OrganizationalUnitId": "[west]", "OrganizationalUnitName": "west", "Primary": false },
                { "OrganizationalUnitId": "[east]", "OrganizationalUnitName": "east", "Primary": false },
            ],
            "Groups": [
                { "GroupId": "[early]", "GroupName": "early", "Description": "who rises" },
                { "GroupId": "[late]", "GroupName": "late" },
            ],
            "CustomFields": [{ "FieldName": "age", "FieldValue": "10" }],
        },
    });
    assert_eq!(told(&answer, &names), expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_there_is_not_found_however_the_id_is_spelled() {
    let One { server, admin, instance, id } = One::whole().await;
    let other = Instance::make(&admin).await;
    let foreign = other.make_user(&admin, "bob").await;
    let gone = instance.make_user(&admin, "gone").await;
    instance.ask(&admin, "DeleteUser", &[("UserId", &gone)]).await;
    let group = instance.make_group(&admin, "group").await;
    let (upper, longer) = (id.to_uppercase(), format!("{id}a"));
    let shown = user(&admin, "alice").await;
    let unused_bits = format!("{}5", &NO_USER[..NO_USER.len() - 1]);

    for missing in [
        NO_USER,
        &*foreign,
        &*gone,
        &*group,
        &*upper,
        &*longer,
        &*unused_bits,
        &*shown.id.to_string(),
        &*shown.wy_id,
        "alice",
        "user_",
        " ",
        "*",
    ] {
        let expected = format!("404 ResourceNotFound.User {missing}");
        for action in [
            "GetUser",
            "UpdateUser",
            "UpdateUserDescription",
            "EnableUser",
            "DisableUser",
            "UnlockUser",
            "DeleteUser",
        ] {
            let fault = instance.call(&admin, action, &[("UserId", missing)]).await.fault();
            refused(&fault, &expected, action);
        }
        let password = [("UserId", missing), ("Password", GOOD)];
        let fault = instance.call(&admin, "UpdateUserPassword", &password).await.fault();
        refused(&fault, &expected, "UpdateUserPassword");
        let both = [("UserIds.1", &*id), ("UserIds.2", missing)];
        let fault = instance.call(&admin, "DeleteUsers", &both).await.fault();
        refused(&fault, &expected, "DeleteUsers");
    }
    assert_eq!(instance.everybody(&admin).await, ["alice"]);
    assert_eq!(other.everybody(&admin).await, ["bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_on_a_user_misses_its_instance_and_its_user_by_name() {
    let One { server, admin, instance, id } = One::whole().await;
    let no_instance = "idaas_dfizzgsafjod6cnhdpsnecdok4";
    let user = ("UserId", &*id);
    for (action, parameters, missing) in [
        ("GetUser", &[user][..], &["UserId"][..]),
        ("UpdateUser", &[user], &["UserId"]),
        ("UpdateUserDescription", &[user], &["UserId"]),
        ("UpdateUserPassword", &[user, ("Password", GOOD)], &["UserId", "Password"]),
        ("EnableUser", &[user], &["UserId"]),
        ("DisableUser", &[user], &["UserId"]),
        ("UnlockUser", &[user], &["UserId"]),
        ("DeleteUser", &[user], &["UserId"]),
        ("DeleteUsers", &[("UserIds.1", &*id)], &["UserIds"]),
    ] {
        let whole = [&[("InstanceId", no_instance)], parameters].concat();
        let fault = admin.call(action, &whole).await.fault();
        refused(&fault, &format!("404 ResourceNotFound.Instance {no_instance}"), action);
        for empty in [false, true] {
            for name in [&["InstanceId"], missing].concat() {
                let mut rest = whole.clone();
                rest.retain(|(given, _)| given.split('.').next() != Some(name));
                rest.extend(empty.then_some((name, "")));
                let fault = admin.call(action, &rest).await.fault();
                refused(&fault, &format!("400 MissingParameter.{name}"), action);
            }
        }
    }
    assert_eq!(instance.everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_changes_and_what_is_absent_or_empty_stays() {
    let one = One::whole().await;
    make_field(&one.admin, &one.instance.field("age")).await;
    let mut expected = one.shown().await;
    let empty = [
        ("Username", ""),
        ("DisplayName", ""),
        ("PhoneRegion", ""),
        ("PhoneNumber", ""),
        ("PhoneNumberVerified", ""),
        ("Email", ""),
        ("EmailVerified", ""),
        ("CustomFields", ""),
    ];
    type Change = (&'static [(&'static str, &'static str)], fn(&mut ShownUser));
    let changes: [Change; 9] = [
        (&[("Username", "Alice.New@x")], |user| "Alice.New@x".clone_into(&mut user.username)),
        (&[("Username", "ALICE.NEW@X")], |user| "ALICE.NEW@X".clone_into(&mut user.username)),
        (&[("DisplayName", " 爱丽丝 ")], |user| user.display_name = Some(" 爱丽丝 ".to_owned())),
        (&[("PhoneRegion", "1"), ("PhoneNumber", "2025550100"), ("PhoneNumberVerified", "False")], |user| {
            user.phone_region = Some("1".to_owned());
            user.phone_number = Some("2025550100".to_owned());
            user.phone_number_verified = false;
        }),
        (&[("PhoneNumberVerified", "true")], |user| user.phone_number_verified = true),
        (&[("Email", "Alice@Example.org"), ("EmailVerified", "False")], |user| {
            (user.email, user.email_verified) = (Some("Alice@Example.org".to_owned()), false);
        }),
        (&[("EmailVerified", "True")], |user| user.email_verified = true),
        (&[("Email", "ALICE@example.ORG"), ("EmailVerified", "true")], |user| {
            user.email = Some("ALICE@example.ORG".to_owned());
        }),
        (&[("CustomFields.1.FieldName", "age"), ("CustomFields.1.FieldValue", "10")], |user| {
            user.custom_fields = field_values(&[("age", "10")]).expect("one").to_vec();
        }),
    ];
    for (given, change) in changes {
        for parameters in [vec![], empty.to_vec()] {
            one.server.pass(1_000);
            one.update(&parameters).await.expect("nothing is asked for");
            assert_eq!(one.shown().await, expected);
        }
        one.server.pass(1_000);
        change(&mut expected);
        expected.update_time = one.server.home.clock.now().0;
        one.update(given).await.unwrap_or_else(|fault| panic!("{given:?}: {fault:?}"));
        assert_eq!(one.shown().await, expected, "{given:?}");
        one.server.pass(1_000);
        one.update(given).await.unwrap_or_else(|fault| panic!("{given:?}: {fault:?}"));
        assert_eq!(one.shown().await, expected, "{given:?} again changes nothing");
    }
    let listed = list_users(&one.admin, &one.instance.users()).await;
    assert_eq!(listed[0].username, "ALICE.NEW@X");
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_update_cannot_have_is_refused_by_name() {
    let one = One::whole().await;
    let bob = CreateUser {
        email: Some("bob@example.com".to_owned()),
        email_verified: Some(false),
        phone_region: Some("86".to_owned()),
        phone_number: Some("13800000001".to_owned()),
        phone_number_verified: Some(false),
        ..one.instance.user("bob")
    };
    make_eiam_user(&one.admin, &bob).await;
    make(&one.admin, vec![managed("carol")]).await;
    let phone =
        |region, phone| [("PhoneRegion", region), ("PhoneNumber", phone), ("PhoneNumberVerified", "true")];
    let email = |text| [("Email", text), ("EmailVerified", "true")];
    let (longer, longer_name) = ("名".repeat(257), "a".repeat(257));
    let longer_email = format!("{}@example.com", "a".repeat(128 - 11));

    one.refuses(
        "UpdateUser",
        &[
            (&[("Username", "Bob")], "403 ResourceDuplicated.Username"),
            (&[("Username", "CAROL")], "403 ResourceDuplicated.Username"),
            (&[("Username", "superadmin")], "403 ResourceDuplicated.Username"),
            (&[("Username", "al ice")], "400 InvalidParameter.Username"),
            (&[("Username", "张三")], "400 InvalidParameter.Username"),
            (&[("Username", "alice\n")], "400 InvalidParameter.Username"),
            (&[("Username", &longer_name)], "400 InvalidParameter.Username"),
            (&[("DisplayName", &longer)], "400 InvalidParameter.DisplayName"),
            (&[("DisplayName", "a\tb")], "400 InvalidParameter.DisplayName"),
            (&phone("86", "13800000001"), "403 ResourceDuplicated.PhoneNumber"),
            (&phone("+86", "13800000002"), "400 InvalidParameter.PhoneRegion"),
            (&phone("86", "12345"), "400 InvalidParameter.PhoneNumber"),
            (&phone("", "13800000002"), "400 MissingParameter.PhoneRegion"),
            (
                &[("PhoneNumber", "13800000002"), ("PhoneRegion", "86")],
                "400 MissingParameter.PhoneNumberVerified",
            ),
            (&email("BOB@example.com"), "403 ResourceDuplicated.Email"),
            (&email("a+b@example.com"), "400 InvalidParameter.Email"),
            (&email(&longer_email), "400 InvalidParameter.Email"),
            (&[("Email", "a@example.com")], "400 MissingParameter.EmailVerified"),
            (&[("EmailVerified", "maybe")], "400 InvalidParameter.EmailVerified"),
            (
                &[("CustomFields.1.FieldName", "age"), ("CustomFields.1.FieldValue", "1")],
                "404 ResourceNotFound.CustomField age",
            ),
            // What could be done is not done beside what cannot.
            (
                &[
                    ("Username", "free"),
                    ("DisplayName", "Free"),
                    ("Email", "bob@example.com"),
                    ("EmailVerified", "true"),
                ],
                "403 ResourceDuplicated.Email",
            ),
            (
                &[
                    ("Username", "free"),
                    ("CustomFields.1.FieldName", "x"),
                    ("CustomFields.1.FieldValue", "1"),
                ],
                "404 ResourceNotFound.CustomField x",
            ),
        ],
    )
    .await;
    let longest = "名".repeat(256);
    one.update(&[("DisplayName", &longest), ("Username", &"a".repeat(256))]).await.expect("it fits");
    assert_eq!(one.shown().await.display_name, Some(longest));
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_faults_of_an_update_the_first_in_order_is_told() {
    let one = One::whole().await;
    let bob = CreateUser {
        email: Some("taken@example.com".to_owned()),
        email_verified: Some(false),
        phone_region: Some("86".to_owned()),
        phone_number: Some("13800000001".to_owned()),
        phone_number_verified: Some(false),
        ..one.instance.user("taken")
    };
    make_eiam_user(&one.admin, &bob).await;
    let number = CreateCustomField { field_data_type: FieldDataType::Number, ..one.instance.field("age") };
    make_field(&one.admin, &number).await;
    let before = rows(&one.server.home).await;
    let no_instance = "idaas_dfizzgsafjod6cnhdpsnecdok4";

    let mut parameters = vec![
        ("InstanceId", no_instance),
        ("UserId", ""),
        ("Username", "taken"),
        ("DisplayName", "\n"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13800000001"),
        ("PhoneNumberVerified", ""),
        ("Email", "taken@example.com"),
        ("EmailVerified", "true"),
        ("CustomFields.1.FieldName", "age"),
        ("CustomFields.1.FieldValue", "old"),
        ("CustomFields.2.FieldName", "unknown"),
        ("CustomFields.2.FieldValue", "1"),
    ];
    let no_instance = format!("404 ResourceNotFound.Instance {no_instance}");
    let no_user = format!("404 ResourceNotFound.User {NO_USER}");
    for (expected, name, right) in [
        ("400 MissingParameter.UserId", "UserId", NO_USER),
        ("400 MissingParameter.PhoneNumberVerified", "PhoneNumberVerified", "true"),
        ("400 InvalidParameter.DisplayName", "DisplayName", "Alice"),
        (&*no_instance, "InstanceId", &*one.instance.id),
        (&*no_user, "UserId", &*one.id),
        ("403 ResourceDuplicated.Username", "Username", "free"),
        ("403 ResourceDuplicated.Email", "Email", "free@example.com"),
        ("403 ResourceDuplicated.PhoneNumber", "PhoneNumber", "13800000002"),
        ("404 ResourceNotFound.CustomField unknown", "CustomFields.2.FieldName", "age"),
        ("400 InvalidParameter.CustomFields", "CustomFields.2.FieldValue", ""),
    ] {
        let answer = one.admin.call("UpdateUser", &parameters).await;
        assert_ne!(answer.status, 200, "{expected}");
        refused(&answer.fault(), expected, &format!("before {name} is {right}"));
        assert_eq!(rows(&one.server.home).await, before, "{expected}");
        parameters = with(&parameters, &[(name, right)]);
    }
    assert_eq!(one.shown().await.username, "alice");
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_known_by_the_new_name_through_every_door() {
    let One { server, admin, instance, id } = One::whole().await;
    let group = make_group(&admin, "group").await;
    let (job, jobs) = make_property(&admin, "job", &["dev"]).await;
    instance.join(&admin, &instance.list_groups(&admin).await[0].group_id, &[&id]).await;
    bind(&admin, &person(&admin, "alice").await, job, jobs[0]).await;

    instance.ask(&admin, "UpdateUser", &[("UserId", &id), ("Username", "Zoe_9")]).await;

    let zoe = person(&admin, "zoe_9").await;
    assert_eq!(zoe.end_user_id, "Zoe_9");
    assert_eq!(zoe.groups[0].group_id, group);
    assert_eq!(admin.call("GetUser", &[("InstanceId", &instance.id), ("UserId", &id)]).await.status, 200);
    let named =
        |prefix: &str| ListUsers { username_starts_with: Some(prefix.to_owned()), ..instance.users() };
    assert_eq!(list_users(&admin, &named("ZO")).await.len(), 1);
    assert_eq!(list_users(&admin, &named("ali")).await.len(), 0);
    let renamed = lock(&admin, &["ZOE_9", "alice"]).await.lock_users_result;
    assert_eq!(renamed.locked_users, ["ZOE_9"]);
    assert_eq!(renamed.failed_users[0].error_code, "InvalidUsername");
    // The old name is free at once, and the new one is taken.
    instance.make_user(&admin, "Alice").await;
    let fault = admin.send(&instance.user("zoe_9")).await.expect_err("it is taken");
    refused(&fault, "403 ResourceDuplicated.Username", "zoe_9");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_taken_back_though_this_door_would_not_give_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let id = made_elsewhere(&server, &instance, "张 三+").await;
    let update = |username: &str| UpdateUser {
        instance_id: instance.id.clone(),
        user_id: id.clone(),
        username: Some(username.to_owned()),
        ..UpdateUser::default()
    };
    let events = number(&server.home, "select count(*) from events").await;

    admin.send(&update("张 三+")).await.expect("it is hers");
    assert_eq!(number(&server.home, "select count(*) from events").await, events, "nothing changed");
    let with_more = UpdateUser { display_name: Some("San".to_owned()), ..update("张 三+") };
    admin.send(&with_more).await.expect("the name is hers");
    for other in ["张 三", "张 三+ ", "张\u{3000}三+", "李四"] {
        let fault = admin.send(&update(other)).await.expect_err("this door does not give it");
        refused(&fault, "400 InvalidParameter.Username", other);
    }
    admin.send(&update("zhangsan")).await.expect("this door gives it");
    let fault = admin.send(&update("张 三+")).await.expect_err("it is hers no more");
    refused(&fault, "400 InvalidParameter.Username", "the old name");

    // An address is checked even where it is shown: it would become an identity.
    let made = NewUser { email: Some("张+@例子.中国".to_owned()), ..managed("other") };
    make(&admin, vec![made]).await;
    let named = ListUsers { username_starts_with: Some("other".to_owned()), ..instance.users() };
    let other = list_users(&admin, &named).await.remove(0);
    let same = [("UserId", &*other.user_id), ("Email", "张+@例子.中国"), ("EmailVerified", "false")];
    let fault = instance.call(&admin, "UpdateUser", &same).await.fault();
    refused(&fault, "400 InvalidParameter.Email", "the shown one");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_number_that_is_changed_is_given_up() {
    let one = One::whole().await;
    let instance = &one.instance;
    let contact = |name: &str, email: &str, phone: &str| CreateUser {
        email: Some(email.to_owned()),
        email_verified: Some(false),
        phone_region: Some("86".to_owned()),
        phone_number: Some(phone.to_owned()),
        phone_number_verified: Some(false),
        ..instance.user(name)
    };
    let early = contact("early", "alice@example.com", "13800000009");
    let fault = one.admin.send(&early).await.expect_err("it is alice's");
    refused(&fault, "403 ResourceDuplicated.Email", "early");

    one.update(&[
        ("Email", "new@example.com"),
        ("EmailVerified", "false"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13900000000"),
        ("PhoneNumberVerified", "false"),
    ])
    .await
    .expect("they are free");

    make_eiam_user(&one.admin, &contact("bob", "alice@example.com", "13800000000")).await;
    for (email, phone, expected) in [
        ("NEW@example.com", "13800000008", "403 ResourceDuplicated.Email"),
        ("free@example.com", "13900000000", "403 ResourceDuplicated.PhoneNumber"),
    ] {
        let fault = one.admin.send(&contact("carol", email, phone)).await.expect_err(expected);
        refused(&fault, expected, "carol");
    }
    // Two who change places meet each other.
    let fault = one.update(&[("Email", "alice@example.com"), ("EmailVerified", "true")]).await;
    refused(&fault.expect_err("it is bob's"), "403 ResourceDuplicated.Email", "alice");
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_alone_claims_what_is_stored_or_leaves_the_claim() {
    let one = One::whole().await;
    let instance = &one.instance;
    let named = |name: &str, email: Option<&str>, phone: Option<&str>| NewUser {
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
        ..managed(name)
    };
    let users = vec![
        named("twin", Some("alice@example.com"), Some("13800000000")),
        named("free", Some("free@example.com"), Some("13900000000")),
        named("nobody", None, None),
    ];
    make(&one.admin, users).await;
    let ids: Vec<String> = list_users(&one.admin, &instance.users())
        .await
        .into_iter()
        .map(|user| user.user_id)
        .skip(1)
        .collect();
    let flag = async |user: &str, name: &str, value: &str| {
        instance.call(&one.admin, "UpdateUser", &[("UserId", user), (name, value)]).await
    };
    let (email, phone) = ("EmailVerified", "PhoneNumberVerified");

    // The twin has them as contact data; they are alice's.
    refused(&flag(&ids[0], email, "true").await.fault(), "403 ResourceDuplicated.Email", "twin");
    refused(&flag(&ids[0], phone, "true").await.fault(), "403 ResourceDuplicated.PhoneNumber", "twin");
    for name in [email, phone] {
        assert_eq!(flag(&ids[0], name, "false").await.status, 200, "it claims nothing");
    }
    // Nobody has claimed the free ones, and this does.
    for name in [email, phone] {
        assert_eq!(flag(&ids[1], name, "true").await.status, 200);
    }
    let free = instance.get_user(&one.admin, &ids[1]).await;
    assert!(free.email_verified && free.phone_number_verified, "{free:?}");
    let taken: [(&[(&str, &str)], &str); 2] = [
        (&[("Email", "FREE@example.com"), ("EmailVerified", "false")], "403 ResourceDuplicated.Email"),
        (
            &[("PhoneRegion", "86"), ("PhoneNumber", "13900000000"), ("PhoneNumberVerified", "false")],
            "403 ResourceDuplicated.PhoneNumber",
        ),
    ];
    one.refuses("UpdateUser", &taken).await;
    // Without the flag they are still claimed.
    for name in [email, phone] {
        assert_eq!(flag(&ids[1], name, "false").await.status, 200);
    }
    let free = instance.get_user(&one.admin, &ids[1]).await;
    assert!(!free.email_verified && !free.phone_number_verified, "{free:?}");
    one.refuses("UpdateUser", &taken).await;
    // Nothing stored, nothing done.
    let before = instance.get_user(&one.admin, &ids[2]).await;
    one.server.pass(1_000);
    for (name, value) in [(email, "true"), (phone, "true"), (email, "false")] {
        assert_eq!(flag(&ids[2], name, value).await.status, 200);
    }
    assert_eq!(instance.get_user(&one.admin, &ids[2]).await, before);
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_eds_changes_is_neither_verified_nor_claimed_any_more() {
    let one = One::whole().await;
    let instance = &one.instance;
    let modify = async |email: Option<&str>, phone: Option<&str>| {
        let request = ModifyUser {
            end_user_id: "alice".to_owned(),
            email: email.map(str::to_owned),
            phone: phone.map(str::to_owned),
        };
        one.admin.send(&request).await.expect("it can be changed");
    };
    let verified = async || {
        let shown = one.shown().await;
        (shown.email_verified, shown.phone_number_verified)
    };

    modify(Some("alice@example.com"), Some("13800000000")).await;
    assert_eq!(verified().await, (true, true), "what is the same is no change");
    modify(Some("other@example.com"), None).await;
    assert_eq!(verified().await, (false, true));
    modify(None, Some("13900000000")).await;
    assert_eq!(verified().await, (false, false));

    // Set again through EIAM and cleared through eds, they are everybody's.
    one.update(&[("EmailVerified", "true"), ("PhoneNumberVerified", "true")]).await.expect("they are free");
    modify(Some(""), Some("")).await;
    let shown = one.shown().await;
    assert_eq!((shown.email, shown.phone_number, shown.phone_region), (None, None, None));
    for (name, email, phone) in
        [("bob", "alice@example.com", "13800000000"), ("carol", "other@example.com", "13900000000")]
    {
        let request = CreateUser {
            email: Some(email.to_owned()),
            email_verified: Some(true),
            phone_region: Some("86".to_owned()),
            phone_number: Some(phone.to_owned()),
            phone_number_verified: Some(true),
            ..instance.user(name)
        };
        make_eiam_user(&one.admin, &request).await;
    }
    one.server.stop().await;
}

/// Rows of a user's identity: how many are contact, how many are linked.
async fn identities(home: &Home) -> (i64, i64) {
    let count =
        async |what: &str| number(home, &format!("select count(*) from identities where {what}")).await;
    (count("contact = 1").await, count("linked = 1").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_same_user_is_shared_and_outlives_the_claim() {
    let one = One::whole().await;
    // As PDS links accounts: one that is claimed, and one that is not.
    let link = "update identities set linked = 1, given = identity where kind = 'email';
        insert into identities
            (directory, kind, identity, extra, number, user_number, contact, linked, given, display_name, created)
        select directory, 'mobile', '13900000000', '86', 1, number, 0, 1, '13900000000', '', created
        from users where username_key = 'alice';";
    execute(&one.server.home, link).await;
    assert_eq!(identities(&one.server.home).await, (2, 2));

    let phone = |number| [("PhoneRegion", "86"), ("PhoneNumber", number), ("PhoneNumberVerified", "false")];
    one.update(&phone("13900000000")).await.expect("it is linked to her");
    assert_eq!(identities(&one.server.home).await, (2, 2), "one for both reasons");
    one.update(&phone("13700000000")).await.expect("it is free");
    one.update(&[("Email", "new@example.com"), ("EmailVerified", "true")]).await.expect("it is free");
    assert_eq!(identities(&one.server.home).await, (2, 2), "the links stay");

    let email = [("Email", "alice@example.com"), ("EmailVerified", "false")];
    one.instance.make_user(&one.admin, "bob").await;
    let named = [("Username", "carol"), ("PrimaryOrganizationalUnitId", &*one.instance.root)];
    one.instance
        .refuses_with(
            &one.admin,
            "CreateUser",
            &named,
            &[
                (&email, "403 ResourceDuplicated.Email"),
                (&phone("13900000000"), "403 ResourceDuplicated.PhoneNumber"),
            ],
        )
        .await;
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_fields_are_given_replaced_and_taken_away() {
    let one = One::whole().await;
    let instance = &one.instance;
    let field = |name: &str| instance.field(name);
    for new in [
        field("motto"),
        CreateCustomField { encrypted: Some(true), ..field("secret") },
        CreateCustomField { field_data_type: FieldDataType::Number, ..field("age") },
        CreateCustomField {
            field_display_type: FieldDisplayType::Checkbox,
            field_data_config: choices(&["go", "rust", "-c"]),
            ..field("skills")
        },
        CreateCustomField {
            field_display_type: FieldDisplayType::Select,
            field_data_config: choices(&["one", "two"]),
            required: Some(true),
            default_value: Some("one".to_owned()),
            ..field("grade")
        },
    ] {
        make_field(&one.admin, &new).await;
    }
    let changed = async |changes: &[(&str, &str, &str)]| {
        let mut parameters = Vec::new();
        for (at, (name, value, operation)) in changes.iter().enumerate() {
            let name = (format!("CustomFields.{}.FieldName", at + 1), *name);
            parameters.push(name);
            if *value != "-" {
                parameters.push((format!("CustomFields.{}.FieldValue", at + 1), *value));
            }
            if !operation.is_empty() {
                parameters.push((format!("CustomFields.{}.Operation", at + 1), *operation));
            }
        }
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        one.server.pass(1_000);
        one.update(&parameters).await
    };
    let has = async || {
        let mut values = values_of(&one.shown().await);
        values.sort_unstable();
        values
    };

    for (changes, expected) in [
        // Alice was made before there was a default.
        (&[("motto", "a", "add")][..], &["motto=a"][..]),
        (&[("motto", "b", "add"), ("age", "7", "replace")], &["age=7", "motto=b"]),
        (
            &[("motto", "c", ""), ("age", "8", "replace"), ("secret", "s", "")],
            &["age=8", "motto=c", "secret=s"],
        ),
        (
            &[("skills", r#"["rust","go"]"#, "add")],
            &["age=8", "motto=c", "secret=s", r#"skills=["go","rust"]"#],
        ),
        (&[("skills", "rust", "add")], &["age=8", "motto=c", "secret=s", r#"skills=["rust"]"#]),
        (&[("skills", "-", "remove"), ("secret", "ignored", "remove")], &["age=8", "motto=c"]),
        (&[("skills", "-", "remove"), ("secret", "-", "remove")], &["age=8", "motto=c"]),
        (&[("motto", "-", "add"), ("age", "", "replace")], &["age=8", "motto=c"]),
        (&[("Motto", "d", ""), ("age", "-", "remove")], &["motto=d"]),
        (&[("skills", "go", ""), ("grade", "two", "")], &["grade=two", "motto=d", r#"skills=["go"]"#]),
        (&[("grade", "one", "add"), ("skills", "[]", "")], &["grade=one", "motto=d"]),
    ] {
        changed(changes).await.unwrap_or_else(|fault| panic!("{changes:?}: {fault:?}"));
        assert_eq!(has().await, expected, "{changes:?}");
        let updated = one.shown().await.update_time;
        changed(changes).await.unwrap_or_else(|fault| panic!("{changes:?}: {fault:?}"));
        assert_eq!(
            (has().await.as_slice(), one.shown().await.update_time),
            (&expected.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()[..], updated)
        );
    }

    let before = rows(&one.server.home).await;
    for (changes, expected) in [
        (&[("grade", "-", "remove")][..], "400 MissingParameter.CustomFields"),
        (&[("motto", "x", ""), ("ages", "x", "")], "404 ResourceNotFound.CustomField ages"),
        (&[("motto", "x", ""), ("ages", "x", "remove")], "404 ResourceNotFound.CustomField ages"),
        (&[("motto", "x", ""), ("age", "x", "")], "400 InvalidParameter.CustomFields"),
        (&[("motto", "x", ""), ("skills", "c", "add")], "400 InvalidParameter.CustomFields"),
        (&[("motto", "x", ""), ("motto", "-", "remove")], "400 InvalidParameter.CustomFields"),
        (&[("motto", "x", "erase")], "400 InvalidParameter.CustomFields"),
        (&[("", "x", "")], "400 MissingParameter.CustomFields"),
    ] {
        refused(&changed(changes).await.expect_err(expected), expected, &format!("{changes:?}"));
        assert_eq!(has().await, ["grade=one", "motto=d"], "{changes:?}");
        assert_eq!(rows(&one.server.home).await, before, "{changes:?}");
    }
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_value_passes_from_one_user_to_the_next() {
    let one = One::whole().await;
    let instance = &one.instance;
    let unique = |name: &str| CreateCustomField { unique: Some(true), ..instance.field(name) };
    make_field(&one.admin, &unique("badge")).await;
    make_field(&one.admin, &CreateCustomField { encrypted: Some(true), ..unique("secret") }).await;
    let bob = instance.make_user(&one.admin, "bob").await;
    let set = async |user: &str, name: &str, value: &str| {
        let operation = if value.is_empty() { "remove" } else { "replace" };
        let parameters = [
            ("UserId", user),
            ("CustomFields.1.FieldName", name),
            ("CustomFields.1.FieldValue", value),
            ("CustomFields.1.Operation", operation),
        ];
        instance.call(&one.admin, "UpdateUser", &parameters).await
    };
    for name in ["badge", "secret"] {
        assert_eq!(set(&one.id, name, "7").await.status, 200);
        assert_eq!(set(&one.id, name, "7").await.status, 200, "it is hers");
        refused(&set(&bob, name, "7").await.fault(), "403 ResourceDuplicated.CustomFieldValue", name);
        assert_eq!(set(&bob, name, "8").await.status, 200);
        assert_eq!(set(&one.id, name, "9").await.status, 200, "she lets go of it");
        assert_eq!(set(&bob, name, "7").await.status, 200, "and he takes it");
        assert_eq!(set(&one.id, name, "8").await.status, 200, "he had let go of this");
        assert_eq!(set(&bob, name, "").await.status, 200);
        assert_eq!(set(&one.id, name, "7").await.status, 200);
    }
    assert_eq!(values_of(&instance.get_user(&one.admin, &bob).await), Vec::<String>::new());
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_is_set_and_cleared() {
    let one = One::whole().await;
    let longest = "注".repeat(256);
    for (given, expected) in [
        (&[("Description", "two\n\tlines")][..], Some("two\n\tlines")),
        (&[("Description", &*longest)], Some(&*longest)),
        (&[("Description", "")], None),
        (&[("Description", " ")], Some(" ")),
        (&[], None),
    ] {
        one.server.pass(1_000);
        let parameters = [&[("UserId", &*one.id)], given].concat();
        let answer = one.instance.call(&one.admin, "UpdateUserDescription", &parameters).await;
        assert_eq!(told(&answer, &[]), json!({ "RequestId": "[id]" }));
        let shown = one.shown().await;
        assert_eq!(shown.description.as_deref(), expected);
        assert_eq!(shown.update_time, one.server.home.clock.now().0);
        one.server.pass(1_000);
        one.instance.ask(&one.admin, "UpdateUserDescription", &parameters).await;
        assert_eq!(one.shown().await, shown, "the same again changes nothing");
    }
    let (long, longer) = ("注".repeat(257), "注".repeat(1_025));
    let invalid = "400 InvalidParameter.Description";
    one.refuses(
        "UpdateUserDescription",
        &[
            (&[("Description", &long)], invalid),
            (&[("Description", &longer)], invalid),
            (&[("Description", "a\rb")], invalid),
            (&[("Description", "a\u{0}")], invalid),
        ],
    )
    .await;

    // One that eds gave is taken back, and no other of its length.
    let remark = "记".repeat(300);
    make(&one.admin, vec![NewUser { remark: Some(remark.clone()), ..managed("bob") }]).await;
    let bob = list_users(&one.admin, &one.instance.users()).await.remove(1);
    assert_eq!(bob.description.as_deref(), Some(&*remark));
    let describe = |text: &str| UpdateUserDescription {
        instance_id: one.instance.id.clone(),
        user_id: bob.user_id.clone(),
        description: Some(text.to_owned()),
    };
    one.admin.send(&describe(&remark)).await.expect("it is shown");
    let fault = one.admin.send(&describe(&"注".repeat(300))).await.expect_err("it is too long");
    refused(&fault, invalid, "another one");
    one.server.stop().await;
}

/// An action, its parameters, and whether it moves the time of the change.
type Moving<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_change_moves_with_the_user_s_own_fields_and_with_nothing_else() {
    let One { server, admin, instance, id } = One::whole().await;
    let unit = instance.make_unit(&admin, "unit", &instance.root).await;
    let org = make_org(&admin, "org", "org-aliyun-wy-org-id").await;
    let group = instance.make_group(&admin, "group").await;
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    make_field(&admin, &instance.field("age")).await;
    let mut last = instance.get_user(&admin, &id).await.update_time;
    let mut is_moved = async |what: &str, moves: bool| {
        let found = instance.get_user(&admin, &id).await.update_time;
        let now = server.home.clock.now().0;
        assert_eq!(found, if moves { now } else { last }, "{what} has to move it: {moves}");
        last = found;
        server.pass(1_000);
    };
    is_moved("making a field", false).await;

    let (user, units) = (("UserId", &*id), ("OrganizationalUnitIds.1", &*unit));
    let members = [("GroupId", &*group), ("UserIds.1", &*id)];
    let mapping = [user, ("IdentityProviderId", "idp_x"), ("UserExternalId", "x")];
    let age = |value, operation| {
        [
            user,
            ("CustomFields.1.FieldName", "age"),
            ("CustomFields.1.FieldValue", value),
            ("CustomFields.1.Operation", operation),
        ]
    };
    let root = ("OrganizationalUnitId", &*instance.root);
    let calls: [Moving<'_>; 34] = [
        ("GetUser", &[user], false),
        ("UpdateUser", &[user], false),
        ("UpdateUser", &[user, ("Username", "alice")], false),
        ("UpdateUser", &[user, ("Username", "ALICE")], true),
        ("UpdateUser", &[user, ("Username", "alice")], true),
        ("UpdateUser", &[user, ("DisplayName", "Alice")], false),
        ("UpdateUser", &[user, ("DisplayName", "alice")], true),
        ("UpdateUser", &[user, ("EmailVerified", "true")], false),
        ("UpdateUser", &[user, ("EmailVerified", "false")], true),
        ("UpdateUser", &[user, ("PhoneNumberVerified", "false")], true),
        ("UpdateUser", &[user, ("Email", "alice@example.com"), ("EmailVerified", "false")], false),
        ("UpdateUser", &[user, ("Email", "Alice@example.com"), ("EmailVerified", "false")], true),
        ("UpdateUser", &age("1", "add"), true),
        ("UpdateUser", &age("1", "replace"), false),
        ("UpdateUser", &age("2", "add"), true),
        ("UpdateUser", &age("", "remove"), true),
        ("UpdateUser", &age("", "remove"), false),
        ("UpdateUserDescription", &[user, ("Description", "d")], false),
        ("UpdateUserDescription", &[user], true),
        ("UpdateUserPassword", &[user, ("Password", GOOD)], true),
        ("EnableUser", &[user], false),
        ("DisableUser", &[user], true),
        ("DisableUser", &[user], false),
        ("UnlockUser", &[user], false),
        ("EnableUser", &[user], true),
        ("AddUserToOrganizationalUnits", &[user, units], false),
        ("RemoveUserFromOrganizationalUnits", &[user, units], false),
        ("SetUserPrimaryOrganizationalUnit", &[user, root], false),
        ("SetUserPrimaryOrganizationalUnit", &[user, ("OrganizationalUnitId", &unit)], true),
        ("SetUserPrimaryOrganizationalUnit", &[user, root], true),
        ("AddUsersToGroup", &members, false),
        ("RemoveUsersFromGroup", &members, false),
        ("BindUserAuthnSourceMapping", &mapping, false),
        ("UnbindUserAuthnSourceMapping", &mapping, false),
    ];
    for (action, parameters, moves) in calls {
        instance.ask(&admin, action, parameters).await;
        is_moved(&format!("{action} {parameters:?}"), moves).await;
    }
    instance.ask(&admin, "UnbindTotpAuthenticator", &[user]).await;
    is_moved("UnbindTotpAuthenticator", false).await;

    let modify = |email: &str| ModifyUser {
        end_user_id: "alice".to_owned(),
        email: Some(email.to_owned()),
        phone: None,
    };
    admin.send(&modify("Alice@example.com")).await.expect("it is right");
    is_moved("ModifyUser, the same", false).await;
    admin.send(&modify("other@example.com")).await.expect("it is right");
    is_moved("ModifyUser", true).await;
    for moves in [true, false] {
        lock(&admin, &["alice"]).await;
        is_moved("LockUsers", moves).await;
    }
    for moves in [true, false] {
        unlock(&admin, &["alice"]).await;
        is_moved("UnlockUsers", moves).await;
    }
    lock(&admin, &["alice"]).await;
    is_moved("LockUsers", true).await;
    instance.ask(&admin, "UnlockUser", &[user]).await;
    is_moved("UnlockUser", true).await;
    for moves in [true, false] {
        admin.send(&move_users(&org, &["alice"])).await.expect("it is right");
        is_moved("MoveUserOrg", moves).await;
    }
    for moves in [true, false] {
        bind(&admin, &person(&admin, "alice").await, job, jobs[0]).await;
        is_moved("SetUserPropertyValue", moves).await;
    }
    let password =
        ChangeUserPassword { end_user_id: "alice".to_owned(), new_password: Password::new(BETTER) };
    admin.send(&password).await.expect("it is right");
    is_moved("ChangeUserPassword", true).await;
    for moves in [true, false] {
        let request = BatchSetDesktopManager {
            users: vec!["alice".to_owned()].try_into().expect("one"),
            is_desktop_manager: IsDesktopManager::Yes,
        };
        admin.send(&request).await.expect("it is right");
        is_moved("BatchSetDesktopManager", moves).await;
    }
    let answer = server.administrator().call("ResetUserPassword", &[("Users.1", "alice")]).await;
    assert_eq!(answer.status, 200);
    is_moved("ResetUserPassword", false).await;
    server.stop().await;
}
