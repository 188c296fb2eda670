//! The five policies for passwords: read, replaced whole, and what they do to passwords that are set.
//!
//! Source: `reference/eiam.md`, 12; `reference/doors.md` §1.2.

use api::Password;
use api::eds::{ChangeUserPassword, CreateUsers, NewUser};
use api::eiam::{CreateUser, UpdateUserPassword};
use serde_json::{Value, json};

use crate::support::{
    Client, Fault, GOOD, Instance, NOW, Server, create_users, is_refused, make_eiam_user, managed, refused,
    text, told, user,
};

const DAY: i64 = 86_400_000;

/// The policies by the names that their actions have.
const POLICIES: [&str; 5] = [
    "PasswordComplexity",
    "PasswordExpiration",
    "PasswordHistory",
    "PasswordInitialization",
    "ForgetPassword",
];

/// A policy as it is shown.
async fn shown(admin: &Client, corp: &Instance, policy: &str) -> Value {
    let answer = corp.ask(admin, &format!("Get{policy}Configuration"), &[]).await;
    let mut members = answer.as_object().expect("an object").clone();
    members.remove("RequestId");
    assert_eq!(members.len(), 1, "{members:?}");
    members.into_values().next().expect("one")
}

/// All policies as they are shown.
async fn all(admin: &Client, corp: &Instance) -> Vec<Value> {
    let mut found = Vec::new();
    for policy in POLICIES {
        found.push(shown(admin, corp, policy).await);
    }
    found
}

/// Replaces a policy.
async fn set(admin: &Client, corp: &Instance, policy: &str, parameters: &[(&str, &str)]) {
    corp.done(admin, &format!("Set{policy}Configuration"), parameters).await;
}

/// Each of these is refused, and no policy changes.
async fn refuses(admin: &Client, corp: &Instance, policy: &str, cases: &[(&[(&str, &str)], &str)]) {
    let before = all(admin, corp).await;
    for (parameters, refusal) in cases {
        let parameters = [&[("InstanceId", corp.id.as_str())], *parameters].concat();
        is_refused(admin, &format!("Set{policy}Configuration"), &parameters, refusal).await;
    }
    assert_eq!(all(admin, corp).await, before);
}

/// What passwords must look like: so long, and with these rules.
async fn set_complexity(admin: &Client, corp: &Instance, length: &str, rules: &[&str]) {
    let rules: Vec<(String, &str)> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| (format!("PasswordComplexityRules.{}.PasswordCheckType", at + 1), *rule))
        .collect();
    let mut parameters = vec![("PasswordMinLength", length)];
    parameters.extend(rules.iter().map(|(name, rule)| (name.as_str(), *rule)));
    set(admin, corp, "PasswordComplexity", &parameters).await;
}

/// The names of the rules that are shown, in the order of the alphabet.
fn rules(policy: &Value) -> Vec<&str> {
    let rules = policy["PasswordComplexityRules"].as_array().expect("a list").iter();
    let mut rules: Vec<&str> =
        rules.map(|rule| rule["PasswordCheckType"].as_str().expect("a word")).collect();
    rules.sort_unstable();
    rules
}

/// Sets a user's password.
async fn change(admin: &Client, corp: &Instance, user: &str, password: &str) -> Result<(), Fault> {
    let request = UpdateUserPassword {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        password: Password::new(password),
        password_forced_update_status: None,
        user_notification_channels: None,
    };
    admin.send(&request).await.map(|_| ())
}

/// These passwords are taken or refused for a user.
async fn takes(admin: &Client, corp: &Instance, user: &str, fit: &[&str], unfit: &[&str]) {
    for password in unfit {
        let fault = change(admin, corp, user, password).await.expect_err(password);
        refused(&fault, "400 InvalidParameter.Password", password);
    }
    for password in fit {
        change(admin, corp, user, password).await.unwrap_or_else(|fault| panic!("{password}: {fault:?}"));
    }
}

/// What eds says to a new user's password; nothing where it is taken.
async fn by_eds(eds: &Client, name: &str, password: &str) -> Option<String> {
    let user = NewUser { password: Some(Password::new(password)), ..managed(name) };
    let request = create_users(vec![user]);
    let reply = eds.send(&request).await.expect("the call is right");
    reply.create_result.failed_users.first().map(|user| user.error_code.clone())
}

/// What is kept of a user's password.
async fn kept(server: &Server, name: &str) -> String {
    let question = format!(
        "select coalesce(max(p.hash), '') from passwords p
         join users u on u.directory = p.directory and u.number = p.user_number where u.username_key = '{name}'"
    );
    text(&server.home, &question).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_configured_has_its_defaults() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    for corp in [Instance::default_of(&admin).await, Instance::make(&admin).await] {
        let complexity = corp.call(&admin, "GetPasswordComplexityConfiguration", &[]).await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(told(&complexity, &[]), @r#"
            {
              "PasswordComplexityConfiguration": {
                "DisabledWeakPasswordLogin": false,
                "PasswordComplexityRules": [
                  {
                    "PasswordCheckType": "inclusion_upper_case"
                  },
                  {
                    "PasswordCheckType": "inclusion_lower_case"
                  },
                  {
                    "PasswordCheckType": "inclusion_number"
                  }
                ],
                "PasswordMinLength": 8
              },
              "RequestId": "[id]"
            }
            "#);
        }
        let expiration = json!({
            "PasswordExpirationStatus": "disabled",
            "PasswordExpirationNotificationStatus": "disabled",
            "PasswordExpirationNotificationChannels": [],
            "EffectiveAuthenticationSourceIds": ["ia_all"],
        });
        assert_eq!(shown(&admin, &corp, "PasswordExpiration").await, expiration);
        let history = json!({ "PasswordHistoryStatus": "disabled" });
        assert_eq!(shown(&admin, &corp, "PasswordHistory").await, history);
        let initialization = json!({
            "PasswordInitializationStatus": "disabled",
            "PasswordForcedUpdateStatus": "disabled",
            "PasswordInitializationNotificationChannels": [],
        });
        assert_eq!(shown(&admin, &corp, "PasswordInitialization").await, initialization);
        let forgotten = json!({
            "ForgetPasswordStatus": "disabled",
            "AuthenticationChannels": [],
            "Enable": false,
            "EnableSms": false,
            "EnableEmail": false,
        });
        assert_eq!(shown(&admin, &corp, "ForgetPassword").await, forgotten);
    }
    let corp = Instance::default_of(&admin).await;
    for (action, key) in [
        ("GetPasswordComplexityConfiguration", "PasswordComplexityConfiguration"),
        ("GetPasswordExpirationConfiguration", "PasswordExpirationConfiguration"),
        ("GetPasswordHistoryConfiguration", "PasswordHistoryConfiguration"),
        ("GetPasswordInitializationConfiguration", "PasswordInitializationConfiguration"),
        ("GetForgetPasswordConfiguration", "OpenForgetPasswordConfiguration"),
    ] {
        assert!(corp.ask(&admin, action, &[]).await[key].is_object(), "{action}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_complexity_is_replaced_whole() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let policy = "PasswordComplexity";
    let everything = [
        "exclusion_display_name",
        "exclusion_email",
        "exclusion_phone_number",
        "exclusion_username",
        "inclusion_lower_case",
        "inclusion_number",
        "inclusion_special_case",
        "inclusion_upper_case",
    ];

    set_complexity(&admin, &corp, "64", &everything).await;
    let found = shown(&admin, &corp, policy).await;
    assert_eq!((&found["PasswordMinLength"], rules(&found)), (&json!(64), everything.to_vec()));
    assert_eq!(found["DisabledWeakPasswordLogin"], false);
    assert_eq!(found.get("DisabledWeakPasswordLoginStartedAt"), None);

    set_complexity(&admin, &corp, "10", &["inclusion_number", "exclusion_email", "inclusion_number"]).await;
    let found = shown(&admin, &corp, policy).await;
    assert_eq!(
        (&found["PasswordMinLength"], rules(&found)),
        (&json!(10), vec!["exclusion_email", "inclusion_number"])
    );
    set_complexity(&admin, &corp, "1", &[]).await;
    let found = shown(&admin, &corp, policy).await;
    assert_eq!((&found["PasswordMinLength"], rules(&found)), (&json!(1), vec![]));
    assert_eq!(shown(&admin, &other, policy).await["PasswordMinLength"], 8, "each instance has its own");

    // Since when weak ones open nothing: from the change on, until the next one.
    let barred = async |parameters: &[(&str, &str)]| {
        server.pass(1_000);
        set(&admin, &corp, policy, &[&[("PasswordMinLength", "8")], parameters].concat()).await;
        let found = shown(&admin, &corp, policy).await;
        let since = found.get("DisabledWeakPasswordLoginStartedAt").and_then(Value::as_i64);
        (found["DisabledWeakPasswordLogin"].clone(), since.map(|at| (at - NOW) / 1_000))
    };
    assert_eq!(barred(&[("DisabledWeakPasswordLogin", "True")]).await, (json!(true), Some(1)));
    assert_eq!(barred(&[("DisabledWeakPasswordLogin", "true")]).await, (json!(true), Some(1)));
    assert_eq!(barred(&[]).await, (json!(false), None), "what is absent returns to its default");
    assert_eq!(barred(&[("DisabledWeakPasswordLogin", "False")]).await, (json!(false), None));
    assert_eq!(barred(&[("DisabledWeakPasswordLogin", "true")]).await, (json!(true), Some(5)));

    let length = ("PasswordMinLength", "8");
    let first = "PasswordComplexityRules.1.PasswordCheckType";
    refuses(
        &admin,
        &corp,
        policy,
        &[
            (&[], "400 MissingParameter.PasswordMinLength"),
            (&[("PasswordMinLength", "0")], "400 InvalidParameter.PasswordMinLength"),
            (&[("PasswordMinLength", "65")], "400 InvalidParameter.PasswordMinLength"),
            (&[("PasswordMinLength", "-1")], "400 InvalidParameter.PasswordMinLength"),
            (&[("PasswordMinLength", "ten")], "400 InvalidParameter.PasswordMinLength"),
            (&[length, (first, "inclusion_emoji")], "400 InvalidParameter.PasswordCheckType"),
            (&[length, (first, "Inclusion_Number")], "400 InvalidParameter.PasswordCheckType"),
            (&[length, (first, "")], "400 MissingParameter.PasswordCheckType"),
            (
                &[length, ("DisabledWeakPasswordLogin", "maybe")],
                "400 InvalidParameter.DisabledWeakPasswordLogin",
            ),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_expiration_says_what_belongs_together_and_is_replaced_whole() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let policy = "PasswordExpiration";
    let on = ("PasswordExpirationStatus", "enabled");
    let days = ("PasswordValidMaxDay", "90");
    let action = ("PasswordExpirationAction", "force_update_password");
    let told = ("PasswordExpirationNotificationStatus", "enabled");
    let channel = ("PasswordExpirationNotificationChannels.1", "login");
    let before = ("PasswordExpirationNotificationDuration", "7");

    refuses(
        &admin,
        &corp,
        policy,
        &[
            (&[], "400 MissingParameter.PasswordExpirationStatus"),
            (&[("PasswordExpirationStatus", "on")], "400 InvalidParameter.PasswordExpirationStatus"),
            (&[on, action], "400 MissingParameter.PasswordValidMaxDay"),
            (&[on, days], "400 MissingParameter.PasswordExpirationAction"),
            (&[on], "400 MissingParameter.PasswordValidMaxDay"),
            (&[on, ("PasswordValidMaxDay", "0"), action], "400 InvalidParameter.PasswordValidMaxDay"),
            (&[on, ("PasswordValidMaxDay", "3651"), action], "400 InvalidParameter.PasswordValidMaxDay"),
            (&[on, days, ("PasswordExpirationAction", "x")], "400 InvalidParameter.PasswordExpirationAction"),
            (
                &[on, days, action, told, before],
                "400 MissingParameter.PasswordExpirationNotificationChannels",
            ),
            (
                &[on, days, action, told, channel],
                "400 MissingParameter.PasswordExpirationNotificationDuration",
            ),
            (
                &[on, days, action, told, ("PasswordExpirationNotificationChannels.1", "pigeon"), before],
                "400 InvalidParameter.PasswordExpirationNotificationChannels",
            ),
            (
                &[on, days, action, told, channel, ("PasswordExpirationNotificationDuration", "366")],
                "400 InvalidParameter.PasswordExpirationNotificationDuration",
            ),
            (
                &[on, days, action, told, channel, ("PasswordExpirationNotificationDuration", "90")],
                "400 InvalidParameter.PasswordExpirationNotificationDuration",
            ),
            (
                &[on, days, action, told, channel, before, ("PasswordForcedUpdateDuration", "7")],
                "400 InvalidParameter.PasswordForcedUpdateDuration",
            ),
            (
                &[on, days, action, ("PasswordForcedUpdateDuration", "366")],
                "400 InvalidParameter.PasswordForcedUpdateDuration",
            ),
            (
                &[on, days, action, ("PasswordExpirationNotificationStatus", "x")],
                "400 InvalidParameter.PasswordExpirationNotificationStatus",
            ),
            (
                &[
                    on,
                    days,
                    action,
                    ("EffectiveAuthenticationSourceIds.1", "ia_all"),
                    ("EffectiveAuthenticationSourceIds.2", "ia_password"),
                ],
                "400 InvalidParameter.EffectiveAuthenticationSourceIds",
            ),
            (
                &[on, days, action, ("EffectiveAuthenticationSourceIds.1", "password")],
                "400 InvalidParameter.EffectiveAuthenticationSourceIds",
            ),
        ],
    )
    .await;

    let full = [
        on,
        days,
        action,
        told,
        channel,
        ("PasswordExpirationNotificationChannels.2", "email"),
        ("PasswordExpirationNotificationChannels.3", "sms"),
        before,
        ("PasswordForcedUpdateDuration", "8"),
        ("EffectiveAuthenticationSourceIds.1", "ia_password"),
        ("EffectiveAuthenticationSourceIds.2", "idp_mwpcwnhrimlr2horx7xgg7pp7y"),
    ];
    set(&admin, &corp, policy, &full).await;
    let expected = json!({
        "PasswordExpirationStatus": "enabled",
        "PasswordValidMaxDay": 90,
        "PasswordExpirationAction": "force_update_password",
        "PasswordExpirationNotificationStatus": "enabled",
        "PasswordExpirationNotificationChannels": ["login", "email", "sms"],
        "PasswordExpirationNotificationDuration": 7,
        "PasswordForcedUpdateDuration": 8,
        "EffectiveAuthenticationSourceIds": ["ia_password", "idp_mwpcwnhrimlr2horx7xgg7pp7y"],
    });
    assert_eq!(shown(&admin, &corp, policy).await, expected);
    set(&admin, &corp, policy, &full).await;
    assert_eq!(shown(&admin, &corp, policy).await, expected);

    for action in ["forbid_login", "remind_update_password"] {
        set(
            &admin,
            &corp,
            policy,
            &[on, ("PasswordValidMaxDay", "3650"), ("PasswordExpirationAction", action)],
        )
        .await;
        let expected = json!({
            "PasswordExpirationStatus": "enabled",
            "PasswordValidMaxDay": 3650,
            "PasswordExpirationAction": action,
            "PasswordExpirationNotificationStatus": "disabled",
            "PasswordExpirationNotificationChannels": [],
            "EffectiveAuthenticationSourceIds": ["ia_all"],
        });
        assert_eq!(shown(&admin, &corp, policy).await, expected, "all else is as nobody had set it");
    }
    set(&admin, &corp, policy, &[("PasswordExpirationStatus", "disabled")]).await;
    assert_eq!(shown(&admin, &corp, policy).await["PasswordExpirationStatus"], "disabled");
    assert_eq!(shown(&admin, &corp, policy).await.get("PasswordValidMaxDay"), None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_initialization_and_recovery_are_replaced_whole() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;

    let policy = "PasswordHistory";
    let on = ("PasswordHistoryStatus", "enabled");
    refuses(
        &admin,
        &corp,
        policy,
        &[
            (&[], "400 MissingParameter.PasswordHistoryStatus"),
            (&[("PasswordHistoryStatus", "1")], "400 InvalidParameter.PasswordHistoryStatus"),
            (&[on], "400 MissingParameter.PasswordHistoryMaxRetention"),
            (&[on, ("PasswordHistoryMaxRetention", "0")], "400 InvalidParameter.PasswordHistoryMaxRetention"),
            (
                &[on, ("PasswordHistoryMaxRetention", "25")],
                "400 InvalidParameter.PasswordHistoryMaxRetention",
            ),
        ],
    )
    .await;
    for kept in [1, 24] {
        let text = kept.to_string();
        set(&admin, &corp, policy, &[on, ("PasswordHistoryMaxRetention", &text)]).await;
        let expected = json!({ "PasswordHistoryStatus": "enabled", "PasswordHistoryMaxRetention": kept });
        assert_eq!(shown(&admin, &corp, policy).await, expected);
    }
    set(&admin, &corp, policy, &[("PasswordHistoryStatus", "disabled")]).await;
    assert_eq!(shown(&admin, &corp, policy).await, json!({ "PasswordHistoryStatus": "disabled" }));

    let policy = "PasswordInitialization";
    let on = ("PasswordInitializationStatus", "enabled");
    let random = ("PasswordInitializationType", "random");
    let channel = "PasswordInitializationNotificationChannels.1";
    refuses(
        &admin,
        &corp,
        policy,
        &[
            (&[random], "400 MissingParameter.PasswordInitializationStatus"),
            (&[("PasswordInitializationStatus", "x")], "400 InvalidParameter.PasswordInitializationStatus"),
            (&[on], "400 MissingParameter.PasswordInitializationType"),
            (
                &[on, ("PasswordInitializationType", "fixed")],
                "400 InvalidParameter.PasswordInitializationType",
            ),
            (
                &[on, random, ("PasswordForcedUpdateStatus", "x")],
                "400 InvalidParameter.PasswordForcedUpdateStatus",
            ),
            (
                &[on, random, (channel, "login")],
                "400 InvalidParameter.PasswordInitializationNotificationChannels",
            ),
        ],
    )
    .await;
    let forced = ("PasswordForcedUpdateStatus", "enabled");
    let second = ("PasswordInitializationNotificationChannels.2", "sms");
    set(&admin, &corp, policy, &[on, random, forced, (channel, "email"), second]).await;
    let expected = json!({
        "PasswordInitializationStatus": "enabled",
        "PasswordInitializationType": "random",
        "PasswordForcedUpdateStatus": "enabled",
        "PasswordInitializationNotificationChannels": ["email", "sms"],
    });
    assert_eq!(shown(&admin, &corp, policy).await, expected);
    set(&admin, &corp, policy, &[on, random]).await;
    let expected = json!({
        "PasswordInitializationStatus": "enabled",
        "PasswordInitializationType": "random",
        "PasswordForcedUpdateStatus": "disabled",
        "PasswordInitializationNotificationChannels": [],
    });
    assert_eq!(shown(&admin, &corp, policy).await, expected);

    let policy = "ForgetPassword";
    let on = ("ForgetPasswordStatus", "enabled");
    let channel = "AuthenticationChannels.1";
    refuses(
        &admin,
        &corp,
        policy,
        &[
            (&[(channel, "sms")], "400 MissingParameter.ForgetPasswordStatus"),
            (&[("ForgetPasswordStatus", "x")], "400 InvalidParameter.ForgetPasswordStatus"),
            (&[on], "400 MissingParameter.AuthenticationChannels"),
            (&[on, (channel, "pigeon")], "400 InvalidParameter.AuthenticationChannels"),
        ],
    )
    .await;
    for (channels, sms, email) in [
        (&["sms"][..], true, false),
        (&["email"], false, true),
        (&["sms", "email", "totp", "web_authn"], true, true),
        (&["totp"], false, false),
    ] {
        let named: Vec<(String, &str)> = channels
            .iter()
            .enumerate()
            .map(|(at, channel)| (format!("AuthenticationChannels.{}", at + 1), *channel))
            .collect();
        let mut parameters = vec![on];
        parameters.extend(named.iter().map(|(name, channel)| (name.as_str(), *channel)));
        set(&admin, &corp, policy, &parameters).await;
        let expected = json!({
            "ForgetPasswordStatus": "enabled",
            "AuthenticationChannels": channels,
            "Enable": true,
            "EnableSms": sms,
            "EnableEmail": email,
        });
        assert_eq!(shown(&admin, &corp, policy).await, expected);
    }
    set(&admin, &corp, policy, &[("ForgetPasswordStatus", "disabled")]).await;
    let off = shown(&admin, &corp, policy).await;
    assert_eq!((&off["Enable"], &off["AuthenticationChannels"]), (&json!(false), &json!([])));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_outlive_the_process_and_other_instances_do_not_have_them() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let before = all(&admin, &other).await;
    set_complexity(&admin, &corp, "12", &["inclusion_special_case"]).await;
    set(
        &admin,
        &corp,
        "PasswordHistory",
        &[("PasswordHistoryStatus", "enabled"), ("PasswordHistoryMaxRetention", "3")],
    )
    .await;
    let after = all(&admin, &corp).await;
    assert_ne!(after, before);

    let server = server.restart().await;

    let admin = server.administrator().eiam();
    assert_eq!(all(&admin, &corp).await, after);
    assert_eq!(all(&admin, &other).await, before);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_holds_for_passwords_that_are_set_from_now_on() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let alice = make_eiam_user(
        &admin,
        &CreateUser {
            display_name: Some("Alice".to_owned()),
            email: Some("Liddell.a@wonderland.org".to_owned()),
            email_verified: Some(false),
            phone_region: Some("86".to_owned()),
            phone_number: Some("13800001234".to_owned()),
            phone_number_verified: Some(false),
            ..corp.user("Wonder_1")
        },
    )
    .await;
    let short = make_eiam_user(
        &admin,
        &CreateUser {
            display_name: Some("Bo".to_owned()),
            email: Some("b@example.com".to_owned()),
            email_verified: Some(false),
            ..corp.user("bo")
        },
    )
    .await;

    // The default.
    takes(
        &admin,
        &corp,
        &alice,
        &["Abcdefg1"],
        &["Abcdef1", "abcdefg1", "ABCDEFG1", "Abcdefgh", "Abc defg1", "Abcdefg1\n", "Abcdefg1\u{3000}"],
    )
    .await;
    set_complexity(&admin, &corp, "1", &[]).await;
    let (longest, longer) = ("密".repeat(64), "密".repeat(65));
    takes(&admin, &corp, &alice, &["1", &longest], &[" ", &longer]).await;
    let missing = [("InstanceId", corp.id.as_str()), ("UserId", &alice), ("Password", "")];
    is_refused(&admin, "UpdateUserPassword", &missing, "400 MissingParameter.Password").await;

    for (rule, fit, unfit) in [
        ("inclusion_upper_case", "aA", &["a", "1!"][..]),
        ("inclusion_lower_case", "Aa", &["A", "1!"]),
        ("inclusion_number", "a1", &["a", "A!"]),
        ("inclusion_special_case", "a`", &["aA1", "a;b", "a*", "a&", "a=", "a|", "a<"]),
        ("exclusion_username", "wonder1", &["xWONDER_1x", "wonder_1"]),
        ("exclusion_email", "liddell", &["liddell.a", "1LIDDELL.A@x"]),
        ("exclusion_phone_number", "1380000123", &["13800001234", "a13800001234"]),
        ("exclusion_display_name", "alic", &["xALICEx", "alice"]),
    ] {
        set_complexity(&admin, &corp, "1", &[rule]).await;
        takes(&admin, &corp, &alice, &[fit], unfit).await;
    }
    // Of both languages' lists of special characters.
    set_complexity(&admin, &corp, "1", &["inclusion_special_case"]).await;
    takes(&admin, &corp, &alice, &["a\"", "a'", "a\\", "a_"], &["a"]).await;
    // What is shorter than three characters, or not there, is not looked for.
    let exclusions =
        ["exclusion_username", "exclusion_email", "exclusion_phone_number", "exclusion_display_name"];
    set_complexity(&admin, &corp, "1", &exclusions).await;
    takes(&admin, &corp, &short, &["bob"], &[]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_binds_eds_once_it_is_set_and_eds_s_own_rule_always() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    // Ten characters and three classes, none of them upper case: enough for eds alone.
    let documented = "correct-horse-1";
    let refused_by_eds = Some("InvalidPassword".to_owned());
    assert_eq!(by_eds(&eds, "first", documented).await, None);
    let request = CreateUser { password: Some(Password::new(documented)), ..corp.user("by_eiam") };
    let fault = admin.send(&request).await.expect_err("the default of this door wants more");
    refused(&fault, "400 InvalidParameter.Password", "CreateUser");

    set_complexity(&admin, &other, "64", &[]).await;
    assert_eq!(by_eds(&eds, "second", documented).await, None, "another instance's is not its");
    let before = kept(&server, "first").await;
    let common = ["inclusion_upper_case", "inclusion_lower_case", "inclusion_number"];
    set_complexity(&admin, &corp, "8", &common).await;
    assert_eq!(by_eds(&eds, "third", documented).await, refused_by_eds);
    assert_eq!(by_eds(&eds, "third", GOOD).await, None);
    let changing = async |password: &str| {
        let new_password = Password::new(password);
        eds.send(&ChangeUserPassword { end_user_id: "third".into(), new_password }).await.map(|_| ())
    };
    let fault = changing(documented).await.expect_err("the policy wants more");
    assert_eq!(fault.brief(), "400 InvalidNewPassword");
    changing("Battery-staple-2").await.expect("both rules are kept");
    assert_eq!(kept(&server, "first").await, before, "a password that is there is left alone");
    assert_ne!(before, "");

    // A policy that wants less takes nothing from eds's own rule.
    set_complexity(&admin, &corp, "1", &[]).await;
    assert_eq!(by_eds(&eds, "fourth", "short-1A").await, refused_by_eds);
    assert_eq!(by_eds(&eds, "fourth", documented).await, None);
    // Its exclusions look at the user whom eds makes.
    set_complexity(&admin, &corp, "1", &["exclusion_username"]).await;
    assert_eq!(by_eds(&eds, "correct", documented).await, refused_by_eds);
    assert_eq!(by_eds(&eds, "fifth", documented).await, None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_made_by_chance_follows_the_policy() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    set(
        &admin,
        &corp,
        "PasswordInitialization",
        &[("PasswordInitializationStatus", "enabled"), ("PasswordInitializationType", "random")],
    )
    .await;
    let everything = [
        "inclusion_upper_case",
        "inclusion_lower_case",
        "inclusion_number",
        "inclusion_special_case",
        "exclusion_username",
        "exclusion_email",
        "exclusion_phone_number",
        "exclusion_display_name",
    ];
    for (number, length) in ["4", "16", "64"].into_iter().enumerate() {
        set_complexity(&admin, &corp, length, &everything).await;
        let user = corp.make_user(&admin, &format!("user_{number}")).await;
        assert!(corp.get_user(&admin, &user).await.password_set, "{length}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_end_when_the_policy_says_or_the_user_s_own_days_do() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let with = |name: &str| CreateUser { password: Some(Password::new(GOOD)), ..corp.user(name) };
    let alice = make_eiam_user(&admin, &with("alice")).await;
    let nobody = corp.make_user(&admin, "nobody").await;
    let own = CreateUsers {
        password_expire_days: Some(60.try_into().expect("in range")),
        ..create_users(vec![managed("own")])
    };
    assert!(eds.send(&own).await.expect("the call is right").all_succeed);
    let listed = corp.ask(&admin, "ListUsers", &[("UsernameStartsWith", "own")]).await;
    let own = listed["Users"][0]["UserId"].as_str().expect("an id").to_owned();
    let ends = async |user: &str| {
        let shown = corp.get_user(&admin, user).await;
        let listed = corp.ask(&admin, "ListUsers", &[("UserIds.1", user)]).await;
        assert_eq!(
            listed["Users"][0].get("PasswordExpireTime").and_then(Value::as_i64),
            shown.password_expire_time
        );
        shown.password_expire_time.map(|at| (at - NOW) / DAY)
    };
    let policy = async |days: i64| {
        let days = days.to_string();
        let action = ("PasswordExpirationAction", "remind_update_password");
        let parameters = [("PasswordExpirationStatus", "enabled"), ("PasswordValidMaxDay", &days), action];
        set(&admin, &corp, "PasswordExpiration", &parameters).await;
    };

    assert_eq!((ends(&alice).await, ends(&nobody).await, ends(&own).await), (None, None, Some(60)));
    policy(90).await;
    assert_eq!((ends(&alice).await, ends(&nobody).await, ends(&own).await), (Some(90), None, Some(60)));
    policy(30).await;
    assert_eq!((ends(&alice).await, ends(&own).await), (Some(30), Some(30)), "the earlier end counts");
    let described = user(&eds, "own").await;
    assert_eq!((described.password_expire_days, described.password_expire_rest_days), (Some(30), Some(30)));
    server.pass(10 * DAY);
    change(&admin, &corp, &alice, "Battery-staple-2").await.expect("it fits");
    assert_eq!((ends(&alice).await, ends(&own).await), (Some(40), Some(30)), "from when it was set");
    set(&admin, &corp, "PasswordExpiration", &[("PasswordExpirationStatus", "disabled")]).await;
    assert_eq!((ends(&alice).await, ends(&own).await), (None, Some(60)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_policy_belongs_to_an_instance_that_is_named() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let nowhere = "idaas_dfizzgsafjod6cnhdpsnecdok4";
    for policy in POLICIES {
        let get = format!("Get{policy}Configuration");
        is_refused(&admin, &get, &[], "400 MissingParameter.InstanceId").await;
        is_refused(&admin, &get, &[("InstanceId", "")], "400 MissingParameter.InstanceId").await;
        let unknown = format!("404 ResourceNotFound.Instance {nowhere}");
        is_refused(&admin, &get, &[("InstanceId", nowhere)], &unknown).await;
    }
    server.stop().await;
}
