//! Passwords that users are made with, that come by chance, and that an administrator sets.
//!
//! Source: `reference/eiam.md`, 4.3, 6.4 and 12; `reference/doors.md` §1.2.

use api::eds::CreateUsers;
use api::eiam::{
    Channel, PasswordInitializationType, SetPasswordInitializationConfiguration, ShownUser, Status,
};
use model::time::DAY;
use serde_json::json;

use crate::eiam_users::{BETTER, One};
use crate::support::{
    GOOD, Home, Instance, NOW, Server, create_users, has_password, list_users, lock, make, make_with,
    managed, number, rows, text, told, with,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_password_has_to_be_such_as_the_instance_wants() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let named = [
        ("Username", "zhangsan"),
        ("PrimaryOrganizationalUnitId", &*instance.root),
        ("DisplayName", "张三丰"),
        ("Email", "laozhang@example.com"),
        ("EmailVerified", "false"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "138001380"),
        ("PhoneNumberVerified", "false"),
    ];
    let fails = async |passwords: &[&str]| {
        for password in passwords {
            let wrong = [("Password", *password)];
            let cases: [(&[(&str, &str)], &str); 1] = [(&wrong, "400 InvalidParameter.Password")];
            instance.refuses_with(&admin, "CreateUser", &named, &cases).await;
        }
    };
    let succeeds = async |password: &str| {
        let whole = with(&named, &[("Password", password)]);
        let made = instance.ask(&admin, "CreateUser", &whole).await;
        assert!(has_password(&server.home, "zhangsan", password).await, "{password}");
        instance.ask(&admin, "DeleteUser", &[("UserId", made["UserId"].as_str().expect("a text"))]).await;
    };

    // Eight characters, upper case, lower case, a number: while nobody has said anything else.
    fails(&["Abcdef1", "abcdefg1", "ABCDEFG1", "Abcdefgh", "abc123-+"]).await;
    succeeds("Abcdefg1").await;
    succeeds("Zhangsan1").await;

    let rules = [
        "inclusion_special_case",
        "exclusion_username",
        "exclusion_email",
        "exclusion_phone_number",
        "exclusion_display_name",
    ];
    let rules: Vec<(String, &str)> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| (format!("PasswordComplexityRules.{}.PasswordCheckType", at + 1), *rule))
        .collect();
    let mut policy = vec![("PasswordMinLength", "10")];
    policy.extend(rules.iter().map(|(name, rule)| (name.as_str(), *rule)));
    instance.ask(&admin, "SetPasswordComplexityConfiguration", &policy).await;
    fails(&[
        "short-one",
        "withoutany1",
        "without<any>",
        "my-ZhangSan-1",
        "my-laoZHANG-1",
        "my-138001380",
        "my-张三丰-1234",
    ])
    .await;
    succeeds("long-enough").await;
    succeeds("example.com-1").await;
    // A policy of another instance says nothing here.
    let other = Instance::make(&admin).await;
    let right =
        [("Username", "zhangsan"), ("PrimaryOrganizationalUnitId", &*other.root), ("Password", "Zhangsan1")];
    other.ask(&admin, "CreateUser", &right).await;
    server.stop().await;
}

/// Whether a user has a password, must change it, and is told by which ways: 1 for mail, 2 for text messages.
async fn initialized(home: &Home, name: &str) -> (bool, bool, String) {
    let of = format!(
        "directory = u.directory and user_number = u.number) from users u where u.username_key = '{name}'"
    );
    let has = number(home, &format!("select (select count(*) from passwords where {of}")).await;
    let must =
        number(home, &format!("select password_must_change from users where username_key = '{name}'")).await;
    let mail = number(home, &format!("select (select count(*) from outbox where way = 1 and {of}")).await;
    let texted = number(home, &format!("select (select count(*) from outbox where way = 2 and {of}")).await;
    let ways = |way: &str, count| way.repeat(usize::try_from(count).expect("a count"));
    (has == 1, must == 1, ways("m", mail) + &ways("t", texted))
}

/// A request's own say in how a password comes to be, each word given where it is not empty.
fn own(priority: &str, kind: &str, forced: &str, ways: &[&str]) -> Vec<(String, String)> {
    let name = |name: &str| format!("PasswordInitializationConfig.{name}");
    let mut parameters = vec![
        (name("PasswordInitializationPolicyPriority"), priority.to_owned()),
        (name("PasswordInitializationType"), kind.to_owned()),
        (name("PasswordForcedUpdateStatus"), forced.to_owned()),
    ];
    for (at, way) in ways.iter().enumerate() {
        parameters.push((name(&format!("UserNotificationChannels.{}", at + 1)), (*way).to_owned()));
    }
    parameters.retain(|(_, value)| !value.is_empty());
    parameters
}

/// A user is made with this say, and with which password, address and number; what comes of it.
struct Initialization<'a> {
    own: Vec<(String, String)>,
    reach: &'a str,
    password: &'a str,
    expected: (bool, bool, &'a str),
}

async fn initialize(server: &Server, instance: &Instance, round: &str, cases: Vec<Initialization<'_>>) {
    let admin = server.administrator().eiam();
    for (at, case) in cases.into_iter().enumerate() {
        let (name, phone) = (format!("{round}-{at}"), format!("1380000{}{at:02}", round.len()));
        let email = format!("{name}@example.com");
        let mut parameters = vec![("Username", &*name), ("PrimaryOrganizationalUnitId", &*instance.root)];
        if case.reach.contains('m') {
            parameters.extend([("Email", &*email), ("EmailVerified", "false")]);
        }
        if case.reach.contains('t') {
            parameters.extend([
                ("PhoneRegion", "86"),
                ("PhoneNumber", &*phone),
                ("PhoneNumberVerified", "true"),
            ]);
        }
        if !case.password.is_empty() {
            parameters.push(("Password", case.password));
        }
        parameters.extend(case.own.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let made = instance.ask(&admin, "CreateUser", &parameters).await;

        let (has, must, ways) = initialized(&server.home, &name).await;
        assert_eq!((has, must, ways.as_str()), case.expected, "{round} {at}: {parameters:?}");
        let shown = instance.get_user(&admin, made["UserId"].as_str().expect("a text")).await;
        assert_eq!(shown.password_set, has, "{round} {at}");
        if !case.password.is_empty() {
            assert!(has_password(&server.home, &name, case.password).await, "{round} {at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_password_one_comes_by_chance_where_the_request_or_the_instance_says_so() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let case = |own, reach, expected| Initialization { own, reach, password: "", expected };
    let given = |own, expected| Initialization { own, reach: "mt", password: GOOD, expected };
    let both = ["email", "sms"];

    initialize(
        &server,
        &instance,
        "a",
        vec![
            case(vec![], "mt", (false, false, "")),
            case(own("", "random", "enabled", &both), "mt", (false, false, "")),
            case(own("global", "random", "enabled", &both), "mt", (false, false, "")),
            case(own("custom", "", "", &both), "mt", (false, false, "")),
            case(own("custom", "random", "", &[]), "mt", (true, false, "")),
            case(own("custom", "random", "disabled", &["email"]), "mt", (true, false, "m")),
            case(own("custom", "random", "enabled", &["sms"]), "mt", (true, true, "t")),
            case(own("custom", "random", "enabled", &both), "mt", (true, true, "mt")),
            case(own("custom", "random", "", &both), "m", (true, false, "m")),
            case(own("custom", "random", "", &both), "t", (true, false, "t")),
            case(own("custom", "random", "", &both), "", (true, false, "")),
            given(vec![], (true, false, "")),
            given(own("", "", "enabled", &[]), (true, false, "")),
            given(own("global", "random", "enabled", &both), (true, false, "")),
            given(own("custom", "random", "enabled", &[]), (true, true, "")),
            given(own("custom", "", "disabled", &[]), (true, false, "")),
        ],
    )
    .await;

    let policy = SetPasswordInitializationConfiguration {
        instance_id: instance.id.clone(),
        password_initialization_status: Status::Enabled,
        password_initialization_type: Some(PasswordInitializationType::Random),
        password_forced_update_status: Some(Status::Enabled),
        password_initialization_notification_channels: Some(vec![Channel::Email].try_into().expect("one")),
    };
    admin.send(&policy).await.expect("it can be set");
    initialize(
        &server,
        &instance,
        "bb",
        vec![
            case(vec![], "mt", (true, true, "m")),
            case(vec![], "t", (true, true, "")),
            case(own("global", "", "disabled", &["sms"]), "mt", (true, true, "m")),
            case(own("", "", "disabled", &["sms"]), "mt", (true, true, "m")),
            case(own("custom", "", "", &["sms"]), "mt", (false, false, "")),
            case(own("custom", "random", "", &["sms"]), "mt", (true, false, "t")),
            given(vec![], (true, false, "")),
            given(own("custom", "", "enabled", &[]), (true, true, "")),
        ],
    )
    .await;

    let off =
        SetPasswordInitializationConfiguration { password_initialization_status: Status::Disabled, ..policy };
    admin.send(&off).await.expect("it can be set");
    initialize(
        &server,
        &instance,
        "ccc",
        vec![
            case(vec![], "mt", (false, false, "")),
            case(own("global", "random", "", &both), "mt", (false, false, "")),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_comes_by_chance_is_such_as_the_instance_wants() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let rules = [
        "inclusion_upper_case",
        "inclusion_lower_case",
        "inclusion_number",
        "inclusion_special_case",
        "exclusion_username",
        "exclusion_display_name",
        "exclusion_phone_number",
        "exclusion_email",
    ];
    let rules: Vec<(String, &str)> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| (format!("PasswordComplexityRules.{}.PasswordCheckType", at + 1), *rule))
        .collect();
    let mut policy = vec![("PasswordMinLength", "64")];
    policy.extend(rules.iter().map(|(name, rule)| (name.as_str(), *rule)));
    instance.ask(&admin, "SetPasswordComplexityConfiguration", &policy).await;
    let own = own("custom", "random", "", &[]);

    let mut kept = Vec::new();
    for name in ["one", "two"] {
        let mut parameters = vec![
            ("Username", name),
            ("PrimaryOrganizationalUnitId", &*instance.root),
            ("DisplayName", "aAa"),
        ];
        parameters.extend(own.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        instance.ask(&admin, "CreateUser", &parameters).await;
        let question = format!(
            "select p.hash from passwords p join users u on u.directory = p.directory
             and u.number = p.user_number where u.username_key = '{name}'"
        );
        kept.push(text(&server.home, &question).await);
        // What chance cannot have drawn.
        assert!(!has_password(&server.home, name, "").await);
        assert!(!has_password(&server.home, name, name).await);
    }
    assert_ne!(kept[0], kept[1]);
    server.stop().await;
}

/// Whether the next sign-in forces a change of password.
async fn must_change(home: &Home, name: &str) -> bool {
    let question = format!("select password_must_change from users where username_key = '{name}'");
    number(home, &question).await == 1
}

/// How many messages wait about a user: by mail, by text message.
async fn waiting(home: &Home, name: &str) -> (i64, i64) {
    let count = async |way: i64| {
        let question = format!(
            "select count(*) from outbox o join users u on u.directory = o.directory and u.number = o.user_number
             where u.username_key = '{name}' and o.way = {way}"
        );
        number(home, &question).await
    };
    (count(1).await, count(2).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sets_a_password() {
    let one = One::whole().await;
    let home = &one.server.home;
    let set = async |password: &str, more: &[(&str, &str)]| {
        one.server.pass(1_000);
        let parameters = [&[("UserId", &*one.id), ("Password", password)], more].concat();
        let answer = one.instance.call(&one.admin, "UpdateUserPassword", &parameters).await;
        assert_eq!(told(&answer, &[]), json!({ "RequestId": "[id]" }), "{more:?}");
        assert_eq!(one.shown().await.update_time, one.server.home.clock.now().0);
    };
    assert!(!one.shown().await.password_set);
    lock(&one.admin, &["alice"]).await;
    let before = one.shown().await;

    set(GOOD, &[]).await;
    assert!(has_password(home, "alice", GOOD).await);
    assert!(!must_change(home, "alice").await);
    assert_eq!(waiting(home, "alice").await, (0, 0));
    let shown = one.shown().await;
    assert!(shown.password_set);
    assert_eq!(
        ShownUser { update_time: before.update_time, password_set: false, ..shown },
        before,
        "no lock is touched, nor anything else"
    );

    set(BETTER, &[("PasswordForcedUpdateStatus", "enabled")]).await;
    assert!(has_password(home, "alice", BETTER).await && !has_password(home, "alice", GOOD).await);
    assert!(must_change(home, "alice").await);
    set(GOOD, &[("PasswordForcedUpdateStatus", "")]).await;
    assert!(!must_change(home, "alice").await, "disabled is what is meant where nothing is said");
    set(BETTER, &[("PasswordForcedUpdateStatus", "enabled"), ("UserNotificationChannels.1", "email")]).await;
    assert_eq!((must_change(home, "alice").await, waiting(home, "alice").await), (true, (1, 0)));
    let ways = [("UserNotificationChannels.1", "sms"), ("UserNotificationChannels.2", "email")];
    set(GOOD, &[&[("PasswordForcedUpdateStatus", "disabled")], &ways[..]].concat()).await;
    assert_eq!((must_change(home, "alice").await, waiting(home, "alice").await), (false, (2, 1)));

    // Who cannot be reached is not told.
    let bob = one.instance.make_user(&one.admin, "bob").await;
    let parameters = [&[("UserId", &*bob), ("Password", GOOD)], &ways[..]].concat();
    one.instance.ask(&one.admin, "UpdateUserPassword", &parameters).await;
    assert!(has_password(home, "bob", GOOD).await);
    assert_eq!(waiting(home, "bob").await, (0, 0));
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_cannot_be_set_changes_nothing() {
    let one = One::whole().await;
    let home = &one.server.home;
    one.instance.ask(&one.admin, "UpdateUserPassword", &[("UserId", &one.id), ("Password", GOOD)]).await;
    let before = rows(home).await;
    let invalid = "400 InvalidParameter.Password";
    let long = format!("{GOOD}{}", "x".repeat(50));
    one.refuses(
        "UpdateUserPassword",
        &[
            (&[("Password", "Abcdef1")], invalid),
            (&[("Password", "abcdefg1")], invalid),
            (&[("Password", "ABCDEFG1")], invalid),
            (&[("Password", "Abcdefgh")], invalid),
            (&[("Password", "Abcdefg 1")], invalid),
            (&[("Password", &long)], invalid),
            (
                &[("Password", BETTER), ("PasswordForcedUpdateStatus", "yes")],
                "400 InvalidParameter.PasswordForcedUpdateStatus",
            ),
            (
                &[("Password", BETTER), ("UserNotificationChannels.1", "phone")],
                "400 InvalidParameter.UserNotificationChannels",
            ),
        ],
    )
    .await;
    let policy = [
        ("PasswordMinLength", "1"),
        ("PasswordComplexityRules.1.PasswordCheckType", "exclusion_username"),
        ("PasswordComplexityRules.2.PasswordCheckType", "exclusion_display_name"),
        ("PasswordComplexityRules.3.PasswordCheckType", "exclusion_email"),
        ("PasswordComplexityRules.4.PasswordCheckType", "exclusion_phone_number"),
    ];
    one.instance.ask(&one.admin, "SetPasswordComplexityConfiguration", &policy).await;
    one.update(&[
        ("Username", "nickname"),
        ("DisplayName", "爱丽丝"),
        ("Email", "mailbox@example.com"),
        ("EmailVerified", "false"),
    ])
    .await
    .expect("they are free");
    one.refuses(
        "UpdateUserPassword",
        &[
            (&[("Password", "1NickName1")], invalid),
            (&[("Password", "1爱丽丝1")], invalid),
            (&[("Password", "1MAILBOX1")], invalid),
            (&[("Password", "113800000000")], invalid),
        ],
    )
    .await;
    assert!(has_password(home, "nickname", GOOD).await, "it is still the same");
    let outbox = |rows: &[(&str, i64)]| rows.iter().find(|(table, _)| *table == "outbox").map(|(_, n)| *n);
    assert_eq!(outbox(&rows(home).await), outbox(&before));
    // It was hers before there was a policy; the names of before are nobody's.
    one.instance.ask(&one.admin, "UpdateUserPassword", &[("UserId", &one.id), ("Password", "alice")]).await;
    assert!(has_password(home, "nickname", "alice").await);
    one.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earlier_end_of_a_password_is_shown() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let with_days = CreateUsers {
        password_expire_days: Some(30.try_into().expect("in range")),
        ..create_users(vec![managed("own_days")])
    };
    make_with(&admin, with_days).await;
    make(&admin, vec![managed("no_days")]).await;
    instance.make_user(&admin, "without").await;
    let ends = async || -> Vec<Option<i64>> {
        let users = list_users(&admin, &instance.users()).await;
        for user in &users {
            let shown = instance.get_user(&admin, &user.user_id).await;
            assert_eq!(shown.password_expire_time, user.password_expire_time, "{}", user.username);
        }
        users.into_iter().map(|user| user.password_expire_time).collect()
    };
    let policy = async |status: &str, days: &str| {
        let parameters = [
            ("PasswordExpirationStatus", status),
            ("PasswordValidMaxDay", days),
            ("PasswordExpirationAction", "forbid_login"),
        ];
        instance.ask(&admin, "SetPasswordExpirationConfiguration", &parameters).await;
    };
    let (ten, thirty, forty) = (Some(NOW + 10 * DAY), Some(NOW + 30 * DAY), Some(NOW + 40 * DAY));

    assert_eq!(ends().await, [thirty, None, None]);
    policy("enabled", "40").await;
    assert_eq!(ends().await, [thirty, forty, None]);
    policy("enabled", "10").await;
    assert_eq!(ends().await, [ten, ten, None]);
    server.pass(11 * DAY);
    assert_eq!(ends().await, [ten, ten, None], "what is past is shown as well");

    // A new password begins anew.
    let users = list_users(&admin, &instance.users()).await;
    for user in &users[1..] {
        let parameters = [("UserId", &*user.user_id), ("Password", BETTER)];
        instance.ask(&admin, "UpdateUserPassword", &parameters).await;
    }
    let later = Some(NOW + 21 * DAY);
    assert_eq!(ends().await, [ten, later, later]);
    policy("disabled", "10").await;
    assert_eq!(ends().await, [thirty, None, None]);
    server.stop().await;
}
