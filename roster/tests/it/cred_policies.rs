//! What the policies for passwords do to people: to those who sign in, and to those who choose another password.
//!
//! Source: `reference/eiam.md` §12; `reference/doors.md` §1.2.

use api::Password;
use api::eds::{ChangeUserPassword, CreateUsers, NewUser, ResetUserPassword};
use model::time::DAY;

use crate::support::{
    Browser, Client, GOOD, Instance, PdsCaller, Server, create_users, make, make_with, managed, number, text,
    texts,
};

/// Where somebody stands who has signed in, or tried to.
async fn tried(server: &Server, name: &str, password: &str) -> String {
    let page = Browser::new(server).sign_in(name, password).await.page();
    format!("{} {}", page.status, page.target)
}

const IN: &str = "200 /account";
const TOLD: &str = "200 /sign-in";
const MUST_CHANGE: &str = "200 /account/password";
const REFUSED: &str = "401 /sign-in";
const EDS_WEAK: &str = "InvalidNewPassword Specified parameter NewPassword is not valid. \
                        The password does not meet the directory's password policy.";
const EDS_USED: &str =
    "InvalidNewPassword Specified parameter NewPassword is not valid. The password was used before.";

/// The default instance, and who administers it.
struct Corp {
    server: Server,
    eds: Client,
    eiam: Client,
    corp: Instance,
}

impl Corp {
    async fn new() -> Self {
        let server = Server::start().await;
        let (eds, eiam) = (server.administrator(), server.administrator().eiam());
        let corp = Instance::default_of(&eiam).await;
        Self { server, eds, eiam, corp }
    }

    async fn set(&self, policy: &str, parameters: &[(&str, &str)]) {
        self.corp.ask(&self.eiam, &format!("Set{policy}Configuration"), parameters).await;
    }

    async fn tried(&self, name: &str, password: &str) -> String {
        tried(&self.server, name, password).await
    }

    /// The id of a user as EIAM spells it.
    async fn id(&self, name: &str) -> String {
        let question = format!("select id from users where username_key = '{name}'");
        crate::support::spelled("user", &text(&self.server.home, &question).await)
    }

    /// What EIAM says to another password; the message where it is refused, else nothing.
    async fn by_eiam(&self, name: &str, password: &str) -> String {
        let id = self.id(name).await;
        let parameters = [("UserId", id.as_str()), ("Password", password)];
        let answer = self.corp.call(&self.eiam, "UpdateUserPassword", &parameters).await;
        if answer.status == 200 { String::new() } else { answer.fault().message }
    }

    /// What eds-user says to another password; the code where it is refused, else nothing.
    async fn by_eds(&self, name: &str, password: &str) -> String {
        let (end_user_id, new_password) = (name.to_owned(), Password::new(password));
        let changed = self.eds.send(&ChangeUserPassword { end_user_id, new_password }).await;
        changed.err().map(|fault| format!("{} {}", fault.code, fault.message)).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_has_ended_does_what_the_policy_says() {
    let corp = Corp::new().await;
    let policy = async |action: &str, more: &[(&str, &str)]| {
        let own = [
            ("PasswordExpirationStatus", "enabled"),
            ("PasswordValidMaxDay", "30"),
            ("PasswordExpirationAction", action),
        ];
        corp.set("PasswordExpiration", &[&own, more].concat()).await;
    };
    make(&corp.eds, vec![managed("alice")]).await;
    let told = [
        ("PasswordExpirationNotificationStatus", "enabled"),
        ("PasswordExpirationNotificationChannels.1", "login"),
        ("PasswordExpirationNotificationDuration", "7"),
    ];

    policy("forbid_login", &told).await;
    assert_eq!(corp.tried("alice", GOOD).await, IN);
    corp.server.pass(23 * DAY);
    assert_eq!(corp.tried("alice", GOOD).await, TOLD, "it ends in seven days");
    corp.server.pass(7 * DAY - 1);
    assert_eq!(corp.tried("alice", GOOD).await, TOLD, "it ends tomorrow");
    corp.server.pass(1);
    assert_eq!(corp.tried("alice", GOOD).await, REFUSED);
    policy("force_update_password", &[]).await;
    assert_eq!(corp.tried("alice", GOOD).await, MUST_CHANGE);
    policy("remind_update_password", &[]).await;
    assert_eq!(corp.tried("alice", GOOD).await, TOLD);
    policy("force_update_password", &[("EffectiveAuthenticationSourceIds.1", "ia_webauthn")]).await;
    assert_eq!(corp.tried("alice", GOOD).await, IN);
    corp.set("PasswordExpiration", &[("PasswordExpirationStatus", "disabled")]).await;
    assert_eq!(corp.tried("alice", GOOD).await, IN);

    assert_eq!(corp.by_eiam("alice", "Another-horse-2").await, "");
    policy("remind_update_password", &[("PasswordForcedUpdateDuration", "5")]).await;
    corp.server.pass(25 * DAY - 1);
    assert_eq!(corp.tried("alice", "Another-horse-2").await, IN);
    corp.server.pass(1);
    assert_eq!(corp.tried("alice", "Another-horse-2").await, MUST_CHANGE, "five days before the end");
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_days_of_a_user_force_a_change_and_so_does_who_wants_one() {
    let corp = Corp::new().await;
    let days = Some(30.try_into().expect("in range"));
    let timed = CreateUsers { password_expire_days: days, ..create_users(vec![managed("timed")]) };
    make_with(&corp.eds, timed).await;
    let invited = NewUser {
        owner_type: Some("Normal".to_owned()),
        email: Some("new@example.com".to_owned()),
        ..managed("invited")
    };
    make(&corp.eds, vec![invited]).await;

    assert_eq!(corp.tried("invited", GOOD).await, MUST_CHANGE);
    assert_eq!(corp.tried("timed", GOOD).await, IN);
    corp.server.pass(30 * DAY);
    assert_eq!(corp.tried("timed", GOOD).await, MUST_CHANGE);
    let id = corp.id("timed").await;
    let forced =
        [("UserId", &*id), ("Password", "Another-horse-2"), ("PasswordForcedUpdateStatus", "enabled")];
    corp.corp.ask(&corp.eiam, "UpdateUserPassword", &forced).await;
    assert_eq!(corp.tried("timed", "Another-horse-2").await, MUST_CHANGE);
    assert_eq!(corp.by_eds("timed", "Third-horse-3").await, "");
    assert_eq!(corp.tried("timed", "Third-horse-3").await, IN);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_that_are_easy_to_guess_open_nothing_where_they_are_barred() {
    let corp = Corp::new().await;
    let easy = NewUser { password: Some(Password::new("P@ssw0rd2026")), ..managed("alice") };
    let own = NewUser { password: Some(Password::new("Charlotte.1")), ..managed("charlotte") };
    make(&corp.eds, vec![easy.clone(), own, managed("bob")]).await;
    assert_eq!(corp.tried("alice", "P@ssw0rd2026").await, IN);

    corp.set("PasswordComplexity", &[("PasswordMinLength", "8"), ("DisabledWeakPasswordLogin", "true")])
        .await;
    for (name, password, expected) in
        [("alice", "P@ssw0rd2026", REFUSED), ("charlotte", "Charlotte.1", REFUSED), ("bob", GOOD, IN)]
    {
        assert_eq!(corp.tried(name, password).await, expected, "{name}");
    }
    let why = "select min(f.after) from events e join event_facts f on f.event = e.id
        where e.what = 'sign_in.refused' and f.name = 'alice'";
    assert_eq!(text(&corp.server.home, why).await, "{\"why\":\"easy\"}");

    // Nobody gets such a password either, through whichever door.
    let invalid = "The specified parameter:Password is invalid.";
    assert_eq!(corp.by_eiam("bob", "Password123").await, invalid);
    assert_eq!(corp.by_eds("bob", "Password-123").await, EDS_WEAK);
    let reply = corp.eds.send(&create_users(vec![NewUser { end_user_id: "carol".into(), ..easy }])).await;
    let failed = reply.expect("the call is right").create_result.failed_users;
    assert_eq!(failed.first().map(|user| user.error_code.as_str()), Some("InvalidPassword"));
    let pds = PdsCaller::of(&corp.server);
    let new = serde_json::json!({ "user_id": "dora", "plain_password": "Password123" });
    assert_eq!(pds.outcome("user/create", new).await, "400 InvalidParameter.PlainPassword");
    corp.set("PasswordComplexity", &[("PasswordMinLength", "8"), ("DisabledWeakPasswordLogin", "false")])
        .await;
    assert_eq!(corp.tried("alice", "P@ssw0rd2026").await, IN);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn former_passwords_are_refused_as_far_back_as_the_policy_says() {
    let corp = Corp::new().await;
    make(&corp.eds, vec![managed("alice")]).await;
    let used = "The specified parameter:Password is invalid. It matches a recently used password.";
    let nth = |n: usize| format!("Number-{n}-horse");

    // Without a policy any may be used again; former ones are kept all the same.
    assert_eq!(corp.by_eiam("alice", GOOD).await, "");
    for n in 1..=3 {
        assert_eq!(corp.by_eiam("alice", &nth(n)).await, "");
    }
    let on = [("PasswordHistoryStatus", "enabled"), ("PasswordHistoryMaxRetention", "3")];
    corp.set("PasswordHistory", &on).await;
    for n in 1..=3 {
        assert_eq!(corp.by_eiam("alice", &nth(n)).await, used, "{n}");
    }
    assert_eq!(corp.by_eds("alice", &nth(1)).await, EDS_USED);
    let pds = PdsCaller::of(&corp.server);
    let id = text(&corp.server.home, "select id from users where username_key = 'alice'").await;
    let same = serde_json::json!({ "user_id": id, "plain_password": nth(2) });
    assert_eq!(pds.outcome("user/update", same).await, "400 InvalidParameter.PlainPassword");
    assert_eq!(corp.by_eiam("alice", GOOD).await, "", "three are newer");
    assert_eq!(corp.by_eiam("alice", &nth(1)).await, "", "three are newer than this, too");

    // No more than 24 are kept, of each the hash alone.
    corp.set("PasswordHistory", &[("PasswordHistoryStatus", "disabled")]).await;
    for n in 4..=32 {
        assert_eq!(corp.by_eiam("alice", &nth(n)).await, "");
    }
    let rows = "select count(*) from password_history where hash like '$argon2id$%'";
    assert_eq!(number(&corp.server.home, rows).await, 24);
    corp.set(
        "PasswordHistory",
        &[("PasswordHistoryStatus", "enabled"), ("PasswordHistoryMaxRetention", "24")],
    )
    .await;
    assert_eq!(corp.by_eiam("alice", &nth(9)).await, used);
    assert_eq!(corp.by_eiam("alice", &nth(8)).await, "");
    crate::support::remove(&corp.eds, &["alice"]).await;
    assert_eq!(number(&corp.server.home, rows).await, 0);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_ended_joins_the_former_ones() {
    let mut home = crate::support::Home::new().await;
    home.serve.eds.reset_ends_password = true;
    let server = Server::within(home).await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let alice = NewUser { email: Some("alice@example.com".to_owned()), ..managed("alice") };
    make(&eds, vec![alice]).await;
    let reset = ResetUserPassword { users: texts(&["alice"]), notify_type: api::eds::NotifyType::Mail };
    eds.send(&reset).await.expect("the call is right");
    assert_eq!(tried(&server, "alice", GOOD).await, REFUSED);

    let on = [("PasswordHistoryStatus", "enabled"), ("PasswordHistoryMaxRetention", "1")];
    corp.ask(&eiam, "SetPasswordHistoryConfiguration", &on).await;
    let question = "select id from users where username_key = 'alice'";
    let id = crate::support::spelled("user", &text(&server.home, question).await);
    let again = [("UserId", id.as_str()), ("Password", GOOD)];
    let answer = corp.call(&eiam, "UpdateUserPassword", &again).await;
    let message = answer.fault().message;
    assert!(message.ends_with("It matches a recently used password."), "{message}");
    corp.ask(&eiam, "UpdateUserPassword", &[("UserId", id.as_str()), ("Password", "Another-horse-2")]).await;
    assert_eq!(tried(&server, "alice", "Another-horse-2").await, IN);
    server.stop().await;
}
