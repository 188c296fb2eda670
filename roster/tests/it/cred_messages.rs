//! Messages to people: what they say, whom they reach, and that none is lost or comes twice.
//!
//! Source: `reference/doors.md` §1.2; `docs/operators.md`.

use std::collections::HashSet;
use std::time::Duration;

use api::eds::NewUser;
use courier::{Carrier, Carriers, Hook};
use directory::messages::{Letter, Template, Way};
use hmac::{Hmac, KeyInit, Mac};
use model::Secret;
use model::time::{DAY, MINUTE};
use serde_json::json;
use sha2::Sha256;

use crate::support::{
    Browser, Client, Done, GOOD, Home, Instance, Server, endpoint, execute, has_password, letters, mailbox,
    make, managed, new_user, number, promote, remove, roster, spelled, text, until,
};

pub(crate) fn with(name: &str, email: &str, phone: &str) -> NewUser {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    NewUser { email: given(email), phone: given(phone), ..new_user(name) }
}

/// How many messages lie in the outbox.
pub(crate) async fn waiting(home: &Home) -> i64 {
    number(home, "select count(*) from outbox").await
}

/// Waits until the outbox is empty.
pub(crate) async fn all_gone(home: &Home) {
    until("the outbox is empty", async || waiting(home).await == 0).await;
}

/// The token of the link in a letter.
fn token(letter: &Letter) -> String {
    let start = "https://id.example.com/password/reset?token=";
    let (_, rest) = letter.text.split_once(start).unwrap_or_else(|| panic!("no link: {}", letter.text));
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Runs a command in this home.
pub(crate) fn at(home: &Home, arguments: &[&str]) -> Done {
    let flags = home.flags();
    let all: Vec<&str> = arguments.iter().copied().chain(flags.iter().map(String::as_str)).collect();
    roster(&all)
}

pub(crate) async fn reset(admin: &Client, name: &str, ways: &str) {
    let answer = admin.call("ResetUserPassword", &[("Users.1", name), ("NotifyType", ways)]).await;
    assert_eq!(answer.json()["ResetUsersResult"]["ResetUsers"], json!([name]), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_and_resets_bring_a_link_that_is_made_as_they_are_sent() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator();

    make(&admin, vec![with("alice", "a@example.com", ""), with("bob", "", "13800000001")]).await;
    let invited = letters(&mailbox, 2).await;
    let mut to: Vec<(&str, Way, Template)> = invited
        .iter()
        .map(|shown| (shown.letter.to.as_str(), shown.letter.way, shown.letter.template))
        .collect();
    to.sort_unstable_by_key(|(to, ..)| *to);
    assert_eq!(
        to,
        [
            ("+8613800000001", Way::Text, Template::Invitation),
            ("a@example.com", Way::Mail, Template::Invitation)
        ]
    );
    let mail = &invited.iter().find(|shown| shown.letter.way == Way::Mail).expect("one is a mail").letter;
    assert_eq!(mail.subject, "Your account at id.example.com: choose a password");
    let html = mail.html.as_deref().expect("a mail has HTML");
    assert!(html.contains(&token(mail)) && mail.text.contains("72 hours"), "{}", mail.text);
    all_gone(&server.home).await;

    reset(&admin, "alice", "1").await;
    let reset = letters(&mailbox, 3).await;
    assert_eq!(reset[2].letter.template, Template::PasswordReset);
    assert_ne!(token(&reset[2].letter), token(mail), "each has a link of its own");
    // Only hashes lie in the database.
    let hashes = number(&server.home, "select count(*) from reset_links").await;
    assert_eq!(hashes, 3);
    let token = token(mail);
    let clear = format!("select count(*) from reset_links where hash like '%{token}%'");
    assert_eq!(number(&server.home, &clear).await, 0);
    let sent =
        "select count(*) from events where what = 'message.sent' and principal = 'system:send-messages'";
    until("what was sent is in the audit trail", async || number(&server.home, sent).await == 3).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_an_account_gets_its_reset() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator();
    let address = |name: &str| NewUser { email: Some(format!("{name}@example.com")), ..managed(name) };
    make(&admin, vec![address("kiosk"), address("boss"), address("chief"), address("gone")]).await;
    for (name, role) in [("boss", 1), ("chief", 2), ("gone", 2)] {
        promote(&server.home, name, role).await;
    }
    execute(&server.home, "update users set shut = 1, status = 1 where username_key = 'gone'").await;

    reset(&admin, "kiosk", "1").await;
    let got = letters(&mailbox, 2).await;
    let mut to: Vec<&str> = got.iter().map(|shown| shown.letter.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["boss@example.com", "chief@example.com"], "and nobody whose account is shut");
    assert!(got.iter().all(|shown| shown.letter.text.contains("because you manage the account")));
    let tokens: HashSet<String> = got.iter().map(|shown| token(&shown.letter)).collect();
    assert_eq!(tokens.len(), 2, "each has a link of its own");

    // Superadmins are managed by superadmins alone; where none has an address, the person gets it.
    reset(&admin, "boss", "1").await;
    assert_eq!(letters(&mailbox, 3).await[2].letter.to, "chief@example.com");
    execute(&server.home, "update users set email = '', email_key = '' where username_key = 'chief'").await;
    reset(&admin, "boss", "1").await;
    assert_eq!(letters(&mailbox, 4).await[3].letter.to, "boss@example.com");
    all_gone(&server.home).await;
    execute(&server.home, "update users set shut = 0, status = 0 where username_key = 'gone'").await;
    execute(&server.home, "update users set role = 0 where username_key in ('boss', 'chief', 'gone')").await;
    server.stop_unverified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_numbers_that_can_be_dialled_count() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator();
    let dialled = |name: &str, number: String| NewUser { phone: Some(number), ..managed(name) };
    let managers = (0..25).map(|n| dialled(&format!("m{n:02}"), format!("138000000{n:02}")));
    make(&admin, managers.collect()).await;
    make(&admin, vec![managed("kiosk"), dialled("zoe", "13900000000".to_owned())]).await;
    execute(&server.home, "update users set role = 2 where username_key like 'm%' or username_key = 'zoe'")
        .await;
    execute(&server.home, "update users set phone = '138****0000' where username_key like 'm%'").await;

    reset(&admin, "kiosk", "2").await;
    assert_eq!(letters(&mailbox, 1).await[0].letter.to, "+8613900000000");
    all_gone(&server.home).await;
    // Where nobody is left who can be reached, that is said, and no message waits.
    execute(&server.home, "update users set phone = '139****0000' where username_key = 'zoe'").await;
    for name in ["kiosk", "m07"] {
        let answer = admin.call("ResetUserPassword", &[("Users.1", name), ("NotifyType", "2")]).await;
        let failed = &answer.json()["ResetUsersResult"]["FailedUsers"][0]["ErrorCode"];
        assert_eq!(failed, "MissingEmailOrPhone", "{}", answer.text());
    }
    assert_eq!(waiting(&server.home).await, 0);
    server.stop_unverified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_made_by_chance_is_made_as_it_is_sent_and_comes_by_one_way() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let policy = [
        ("PasswordInitializationStatus", "enabled"),
        ("PasswordInitializationType", "random"),
        ("PasswordForcedUpdateStatus", "enabled"),
        ("PasswordInitializationNotificationChannels.1", "email"),
        ("PasswordInitializationNotificationChannels.2", "sms"),
    ];
    corp.ask(&admin, "SetPasswordInitializationConfiguration", &policy).await;
    let unit = corp.user("x").primary_organizational_unit_id;
    let new = [
        ("Username", "alice"),
        ("PrimaryOrganizationalUnitId", unit.as_str()),
        ("Email", "a@example.com"),
        ("EmailVerified", "true"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13800000001"),
        ("PhoneNumberVerified", "true"),
    ];
    corp.ask(&admin, "CreateUser", &new).await;

    let got = letters(&mailbox, 1).await;
    all_gone(&server.home).await;
    assert_eq!(mailbox.letters().len(), 1, "a second message would have brought another password");
    let letter = &got[0].letter;
    assert_eq!((letter.template, letter.to.as_str()), (Template::InitialPassword, "a@example.com"));
    let password =
        letter.text.lines().skip_while(|line| !line.ends_with("is:")).nth(2).expect("a line of its own");
    assert!(has_password(&server.home, "alice", password).await, "{}", letter.text);
    assert!(letter.text.contains("choose another one"), "{}", letter.text);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_become_needless_is_not_sent() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let carriers = std::mem::take(&mut home.serve.carriers);
    let server = Server::within(home).await;
    let admin = server.administrator();
    make(&admin, vec![with("alice", "a@example.com", ""), with("bob", "b@example.com", "")]).await;
    reset(&admin, "bob", "1").await;
    // Meanwhile one is gone, and one has a password.
    assert_eq!(waiting(&server.home).await, 3);
    remove(&admin, &["alice"]).await;
    assert_eq!(waiting(&server.home).await, 2, "messages go with whom they are about");
    server.pass(1_000);
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    let bob = text(&server.home, "select id from users where username_key = 'bob'").await;
    let bob = spelled("user", &bob);
    let chosen = [("UserId", bob.as_str()), ("Password", "Correct-horse-9")];
    corp.ask(&eiam, "UpdateUserPassword", &chosen).await;

    let mut server = server;
    server.home.serve.carriers = carriers;
    let server = server.restart().await;
    all_gone(&server.home).await;
    assert_eq!(mailbox.letters().len(), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_messages_go_to_the_hook_with_a_signature() {
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    let (url, got) = endpoint(vec![503, 200]).await;
    let mut home = Home::new().await;
    home.serve.public_url = Some("https://id.example.com".to_owned());
    let hook = Hook::new(&url, Secret::new(KEY)).expect("it fits");
    home.serve.carriers = Carriers { mail: None, text: Some(Carrier::Hook(hook)) };
    let server = Server::within(home).await;
    let admin = server.administrator();
    make(&admin, vec![with("bob", "", "13800000001"), with("alice", "a@example.com", "")]).await;
    until("the text message has come", async || {
        server.pass(MINUTE);
        number(&server.home, "select count(*) from outbox where way = 2").await == 0
    })
    .await;

    let got = got.lock().expect("no panic").clone();
    assert_eq!(got.len(), 2, "the first try was answered 503");
    let bodies: Vec<serde_json::Value> =
        got.iter().map(|(_, body)| serde_json::from_str(body).expect("it is JSON")).collect();
    assert_eq!(bodies[0]["id"], bodies[1]["id"]);
    assert_ne!(bodies[0]["text"], bodies[1]["text"], "the link is made anew");
    assert_eq!((&bodies[1]["to"], &bodies[1]["template"]), (&json!("+8613800000001"), &json!("invitation")));
    let (head, body) = &got[1];
    let header = |name: &str| {
        let line =
            head.lines().find(|line| line.to_ascii_lowercase().starts_with(name)).expect("it is there");
        line.split_once(':').expect("a header").1.trim().to_owned()
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any length");
    mac.update(format!("{}.{body}", header("roster-timestamp")).as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("roster-signature"), format!("v1={expected}"));
    assert_eq!(waiting(&server.home).await, 1, "mails wait for a mail server");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_writes_in_its_language_and_with_its_own_texts() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator();
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    let config = corp.ask(&eiam, "GetInstanceGlobalizationConfig", &[]).await;
    assert_eq!(config["GlobalizationConfig"], json!({ "Language": "en-US", "TimeZone": "Asia/Shanghai" }));
    let (language, zone) = (("Language", "zh-Hans-CN"), ("TimeZone", "Asia/Shanghai"));
    corp.refuses(
        &eiam,
        "SetInstanceGlobalizationConfig",
        &[
            (&[zone], "400 MissingParameter.Language"),
            (&[language], "400 MissingParameter.TimeZone"),
            (&[("Language", "zh_CN"), zone], "400 InvalidParameter.Language"),
            (&[language, ("TimeZone", "Mars/Olympus")], "400 InvalidParameter.TimeZone"),
        ],
    )
    .await;
    corp.ask(&eiam, "SetInstanceGlobalizationConfig", &[language, zone]).await;
    let config = corp.ask(&eiam, "GetInstanceGlobalizationConfig", &[]).await;
    assert_eq!(
        config["GlobalizationConfig"],
        json!({ "Language": "zh-Hans-CN", "TimeZone": "Asia/Shanghai" })
    );

    make(&admin, vec![with("alice", "a@example.com", "")]).await;
    let letter = letters(&mailbox, 1).await[0].letter.clone();
    assert_eq!(letter.subject, "您在 id.example.com 的账号：请设置密码");
    assert!(letter.text.contains("72 小时"), "{}", letter.text);

    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("text");
    let path = file.display().to_string();
    let set = [
        "template",
        "set",
        "invitation",
        "--language",
        "zh",
        "--subject",
        "欢迎 {{ name }}",
        "--text-file",
        &path,
    ];
    std::fs::write(&file, "没有链接").expect("it can be written");
    let refused = at(&server.home, &set);
    assert!(!refused.went_well && refused.err.contains("{{ link }}"), "{refused:?}");
    std::fs::write(&file, "{{ name }}，{{ link }}").expect("it can be written");
    let done = at(&server.home, &set);
    assert!(done.went_well, "{done:?}");
    let listed = at(&server.home, &["template", "list"]).out;
    assert!(
        listed.lines().any(|line| line.starts_with("invitation") && line.ends_with("zh  mail  changed")),
        "{listed}"
    );
    assert_eq!(listed.lines().filter(|line| line.ends_with("changed")).count(), 1);
    let preview = at(&server.home, &["template", "preview", "invitation", "--language", "zh"]).out;
    assert!(preview.starts_with("欢迎 李雷\n\n李雷，https://id.example.com/"), "{preview}");
    let html = at(&server.home, &["template", "preview", "invitation", "--language", "zh", "--html"]).out;
    assert!(html.starts_with("<!doctype html>") && html.contains("zh-Hans"), "{html}");

    make(&admin, vec![with("bob", "b@example.com", "")]).await;
    assert_eq!(letters(&mailbox, 2).await[1].letter.subject, "欢迎 bob");
    own_texts_from_one_file(&server.home, &path);
    assert!(at(&server.home, &["template", "reset", "invitation", "--language", "zh"]).went_well);
    make(&admin, vec![with("carol", "c@example.com", "")]).await;
    assert_eq!(letters(&mailbox, 3).await[2].letter.subject, letter.subject);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_a_lock_names_the_way_out_that_this_person_has() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    for (name, is_verified) in [("alice", "true"), ("bob", "false"), ("carol", "true"), ("dora", "true")] {
        let address = format!("{name}@example.com");
        let root = ("PrimaryOrganizationalUnitId", &*corp.root);
        let new = [
            ("Username", name),
            root,
            ("Password", GOOD),
            ("Email", &*address),
            ("EmailVerified", is_verified),
        ];
        corp.ask(&eiam, "CreateUser", &new).await;
    }
    let on = |channel| [("ForgetPasswordStatus", "enabled"), ("AuthenticationChannels.1", channel)];
    corp.ask(&eiam, "SetForgetPasswordConfiguration", &on("email")).await;
    let page = Browser::new(&server).open("/sign-in").await.page().html;
    let label = "Forgot your password?";
    assert!(page.contains(label), "{page}");
    let offered = format!("choose another one by \"{label}\" on the sign-in page.");
    let not_offered = "ask your administrator for another one.".to_owned();
    let cases = [
        ("alice", &on("email")[..], &offered),
        ("bob", &on("email"), &not_offered),
        ("carol", &on("sms"), &not_offered),
        ("dora", &[("ForgetPasswordStatus", "disabled")], &not_offered),
    ];
    for (n, (name, policy, expected)) in cases.into_iter().enumerate() {
        corp.ask(&eiam, "SetForgetPasswordConfiguration", policy).await;
        for _ in 0..5 {
            Browser::new(&server).sign_in(name, "Guess-work-9").await;
            server.pass(1_000);
        }
        let letter = letters(&mailbox, n + 1).await[n].letter.clone();
        assert_eq!((letter.template, &letter.to), (Template::SignInLocked, &format!("{name}@example.com")));
        assert!(letter.text.ends_with(expected.as_str()), "{name}: {}", letter.text);
        server.pass(DAY);
    }
    corp.ask(&eiam, "SetForgetPasswordConfiguration", &on("email")).await;
    let browser = Browser::new(&server);
    let chinese = browser.open("/sign-in?lang=zh").await.page().html;
    let shown = at(&server.home, &["template", "show", "sign_in_locked", "--language", "zh"]).out;
    assert!(chinese.contains("忘记密码？") && shown.contains("“忘记密码？”"), "{shown}");
    server.stop().await;
}

/// What `show` prints is set by `--file`, and a word that is no variable is named with those that are.
fn own_texts_from_one_file(home: &Home, path: &str) {
    let zh = ["--language", "zh"];
    let template = |more: &[&str]| at(home, &[&["template"], more, &zh].concat());
    let shown = template(&["show", "invitation"]).out;
    assert_eq!(shown, "欢迎 {{ name }}\n\n{{ name }}，{{ link }}\n");
    std::fs::write(path, "<p>{{ link }}</p>\n").expect("it can be written");
    let plain = format!("{path}.plain");
    std::fs::write(&plain, &shown).expect("it can be written");
    let done = template(&["set", "invitation", "--file", &plain, "--html-file", path]);
    assert!(done.went_well, "{done:?}");
    assert_eq!(template(&["show", "invitation"]).out, shown);
    assert_eq!(template(&["show", "invitation", "--html"]).out, "<p>{{ link }}</p>\n");
    assert!(template(&["set", "invitation", "--file", &plain]).went_well);
    assert_eq!(template(&["show", "invitation", "--html"]).out.trim(), "");

    std::fs::write(path, "Hi\n\n{{ link }} {{ nmae }}").expect("it can be written");
    for arguments in [["set", "invitation", "--file", path], ["preview", "invitation", "--file", path]] {
        let refused = template(&arguments);
        let said = "there is no {{ nmae }}; it may show at, can_reset, days,";
        assert!(!refused.went_well && refused.err.contains(said), "{refused:?}");
    }
    for arguments in [
        &["set", "invitation"][..],
        &["set", "invitation", "--file", path, "--text-file", path],
        &["set", "invitation", "--file", path, "--subject", "Hi"],
        &["preview", "invitation", "--html-file", path],
    ] {
        assert!(!template(arguments).went_well, "{arguments:?}");
    }
    assert!(template(&["preview", "invitation", "--file", &plain]).out.starts_with("欢迎 李雷\n\n李雷，"));
    assert_eq!(template(&["show", "invitation"]).out, shown, "what was refused has changed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_once_that_their_passwords_end_and_again_on_the_last_day() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator();
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    let policy = [
        ("PasswordExpirationStatus", "enabled"),
        ("PasswordValidMaxDay", "90"),
        ("PasswordExpirationAction", "remind_update_password"),
        ("PasswordExpirationNotificationStatus", "enabled"),
        ("PasswordExpirationNotificationChannels.1", "email"),
        ("PasswordExpirationNotificationDuration", "7"),
    ];
    corp.ask(&eiam, "SetPasswordExpirationConfiguration", &policy).await;
    let reachable = |name: &str| NewUser { email: Some(format!("{name}@example.com")), ..managed(name) };
    make(&admin, vec![reachable("alice"), managed("unreachable"), reachable("shut"), reachable("late")])
        .await;
    make(&admin, vec![reachable("own")]).await;
    execute(&server.home, "update users set password_days = 30 where username_key = 'own'").await;
    admin.call("LockUsers", &[("Users.1", "shut")]).await;
    execute(
        &server.home,
        &format!(
            "update users set password_set_at = password_set_at + {} where username_key = 'late'",
            30 * DAY
        ),
    )
    .await;

    let told = |server: &Server| {
        let mailbox = mailbox.clone();
        let home = server.home.flags();
        assert!(!home.is_empty());
        mailbox
            .letters()
            .into_iter()
            .map(|shown| (shown.letter.to.clone(), shown.letter.subject.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&server), []);
    // The work is looked for as a server begins, and each minute.
    let server = later(server, 24 * DAY).await;
    let subject = |text: &str| format!("Your password at id.example.com ends {text}");
    letters(&mailbox, 1).await;
    assert_eq!(told(&server), [("own@example.com".to_owned(), subject("in 6 days"))]);
    let server = later(server, DAY).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(told(&server).len(), 1, "told already");
    let server = later(server, 4 * DAY + 12 * 60 * MINUTE).await;
    letters(&mailbox, 2).await;
    assert_eq!(told(&server)[0], ("own@example.com".to_owned(), subject("within a day")));
    let server = later(server, 55 * DAY).await;
    letters(&mailbox, 3).await;
    assert_eq!(told(&server)[0].0, "alice@example.com");
    assert_eq!(told(&server).len(), 3);
    server.stop_unverified().await;
}

/// The same server after a while.
async fn later(server: Server, millis: i64) -> Server {
    server.pass(millis);
    server.restart().await
}
