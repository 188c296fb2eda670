//! Forgotten passwords, and links that lead to other ones.
//!
//! Source: `reference/doors.md` §1.2 and §2.2.

use model::time::{DAY, MINUTE};
use sha2::{Digest, Sha256};

use crate::support::{
    Browser, Client, GOOD, Instance, Page, Server, disable, execute, has_password, number, text, until, with,
};

const NEW: &str = "Another-horse-2";
/// When links of these tests end, in the words of the store.
const LATER: i64 = crate::support::NOW + DAY;

/// The default instance with people in it, who may ask for links.
struct Corp {
    server: Server,
    eiam: Client,
    corp: Instance,
}

impl Corp {
    async fn new() -> Self {
        let server = Server::start().await;
        let eiam = server.administrator().eiam();
        let corp = Instance::default_of(&eiam).await;
        let both = [
            ("ForgetPasswordStatus", "enabled"),
            ("AuthenticationChannels.1", "email"),
            ("AuthenticationChannels.2", "sms"),
        ];
        corp.ask(&eiam, "SetForgetPasswordConfiguration", &both).await;
        Self { server, eiam, corp }
    }

    /// Makes a user who has a password and what else is said.
    async fn make(&self, name: &str, more: &[(&str, &str)]) {
        let own = [("Username", name), ("PrimaryOrganizationalUnitId", &*self.corp.root), ("Password", GOOD)];
        self.corp.ask(&self.eiam, "CreateUser", &with(&own, more)).await;
    }

    /// Somebody says that the password of a name is forgotten; what is answered.
    async fn forget(&self, name: &str) -> (u16, String) {
        let browser = Browser::new(&self.server);
        let page = browser.open("/password/forgotten").await.page();
        let page = browser.send(&page.form("/password/forgotten").with("username", name)).await.page();
        let nonce = page.html.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next());
        (page.status, page.html.replace(nonce.expect("the style has one"), ""))
    }

    /// By which ways a user waits for a link: 1 is mail, 2 is text.
    async fn told(&self, name: &str) -> String {
        let question = format!(
            "select coalesce(min(o.way), 0) || ' ' || coalesce(max(o.way), 0) || ' ' || count(*) from outbox o
             join users u on u.directory = o.directory and u.number = o.user_number
             where u.username_key = '{name}' and o.template = 'password_forgotten'"
        );
        text(&self.server.home, &question).await
    }

    /// Has a link of a user lie in the store that holds this.
    async fn link(&self, name: &str, token: &str, purpose: i64, expires: i64) {
        let hash: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
        let statement = format!(
            "insert into reset_links (hash, directory, user_number, purpose, created, expires)
             select '{hash}', directory, number, {purpose}, 0, {expires} from users where username_key = '{name}';"
        );
        execute(&self.server.home, &statement).await;
    }

    /// What comes of choosing a password by a link.
    async fn choose(&self, token: &str, password: &str) -> Page {
        let browser = Browser::new(&self.server);
        let page = browser.open(&format!("/password/reset?token={token}")).await.page();
        if page.status != 200 {
            return page;
        }
        let form = page.form("/password/reset").with("new_password", password);
        browser.send(&form.with("repeat_password", password)).await.page()
    }

    async fn tried(&self, name: &str, password: &str) -> u16 {
        Browser::new(&self.server).sign_in(name, password).await.page().status
    }
}

const REACHED: [(&str, &str); 5] = [
    ("Email", "alice@example.com"),
    ("EmailVerified", "true"),
    ("PhoneRegion", "86"),
    ("PhoneNumber", "13800000000"),
    ("PhoneNumberVerified", "true"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_link_goes_to_what_is_known_to_be_the_persons_and_nobody_learns_of_it() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED).await;
    let unknown = [("Email", "bob@example.com"), ("EmailVerified", "false")];
    corp.make("bob", &unknown).await;
    corp.make("carol", &[]).await;

    let (status, page) = corp.forget("alice").await;
    assert_eq!(status, 200);
    for name in ["bob", "bob@example.com", "carol", "nobody", "superadmin", "", &"x".repeat(2_000)] {
        assert_eq!(corp.forget(name).await, (200, page.clone()), "{name}");
    }
    for (name, expected) in [("alice", "1 2 2"), ("bob", "0 0 0"), ("carol", "0 0 0")] {
        assert_eq!(corp.told(name).await, expected, "{name}");
    }
    assert!(has_password(&corp.server.home, "alice", GOOD).await, "until another one is chosen");

    let only = [("ForgetPasswordStatus", "enabled"), ("AuthenticationChannels.1", "sms")];
    corp.corp.ask(&corp.eiam, "SetForgetPasswordConfiguration", &only).await;
    corp.forget("ALICE@example.com").await;
    assert_eq!(corp.told("alice").await, "1 2 3");
    corp.corp
        .ask(&corp.eiam, "SetForgetPasswordConfiguration", &[("ForgetPasswordStatus", "disabled")])
        .await;
    let browser = Browser::new(&corp.server);
    let page = browser.open("/password/forgotten").await.page();
    assert!(!page.html.contains("<form"), "{}", page.html);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_times_an_hour_somebody_is_sent_a_link() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED[..2]).await;

    for asked in 1..=5 {
        corp.forget("alice").await;
        assert_eq!(corp.told("alice").await, format!("1 1 {}", asked.min(3)), "{asked}");
    }
    corp.server.pass(60 * MINUTE - 1);
    corp.forget("alice").await;
    assert_eq!(corp.told("alice").await, "1 1 3");
    corp.server.pass(1);
    corp.forget("alice").await;
    assert_eq!(corp.told("alice").await, "1 1 4");
    assert_eq!(corp.tried("alice", GOOD).await, 200, "it does not lock the name");
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_act_or_choose_is_sent_nothing() {
    let corp = Corp::new().await;
    let named = |name: &str| [("Email".to_owned(), format!("{name}@example.com"))];
    for name in ["disabled", "locked", "kept"] {
        let [(email, address)] = named(name);
        corp.make(name, &[(&email, &address), ("EmailVerified", "true")]).await;
    }
    disable(&corp.server.home, "disabled").await;
    crate::support::lock(&corp.server.administrator(), &["locked"]).await;
    let pds = crate::support::PdsCaller::of(&corp.server);
    let id = text(&corp.server.home, "select id from users where username_key = 'kept'").await;
    pds.ask("user/update", serde_json::json!({ "user_id": id, "deny_change_password_by_self": true })).await;

    for name in ["disabled", "locked", "kept"] {
        assert_eq!(corp.forget(name).await.0, 200);
        assert_eq!(corp.told(name).await, "0 0 0", "{name}");
        corp.link(name, &format!("token-of-{name}"), 3, LATER).await;
        let page = corp.choose(&format!("token-of-{name}"), NEW).await;
        assert_eq!(page.status, 410, "{name}: {}", page.html);
    }
    corp.link("kept", "by-the-administrator", 2, LATER).await;
    assert_eq!(corp.choose("by-the-administrator", NEW).await.status, 200);
    assert_eq!(corp.tried("kept", NEW).await, 200);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_once_and_any_new_password_ends_the_others() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED[..2]).await;
    corp.make("bob", &[]).await;
    corp.link("alice", "first", 3, LATER).await;
    corp.link("alice", "second", 1, LATER).await;
    corp.link("bob", "of-bob", 3, LATER).await;

    assert_eq!(corp.choose("first", "short").await.status, 422, "the policy holds here as well");
    assert_eq!(corp.choose("first", GOOD).await.status, 422, "it is the present one");
    assert_eq!(corp.choose("first", NEW).await.status, 200);
    for spent in ["first", "second", "", "unknown", "'"] {
        assert_eq!(corp.choose(spent, NEW).await.status, 410, "{spent:?}");
    }
    assert_eq!((corp.tried("alice", GOOD).await, corp.tried("alice", NEW).await), (401, 200));
    assert_eq!(corp.tried("bob", GOOD).await, 200);
    let told = "select count(*) from outbox where template = 'password_changed' and way = 1";
    assert_eq!(number(&corp.server.home, told).await, 1);
    let by = "select count(*) from events join event_facts on event = id where what = 'user.password_set' and principal like 'user:%'
        and door = 'pages' and name = 'alice'";
    assert_eq!(number(&corp.server.home, by).await, 1);

    // An administrator's password ends a link, too.
    let id = text(&corp.server.home, "select id from users where username_key = 'bob'").await;
    let id = crate::support::spelled("user", &id);
    corp.corp.ask(&corp.eiam, "UpdateUserPassword", &[("UserId", &*id), ("Password", NEW)]).await;
    assert_eq!(corp.choose("of-bob", "Third-horse-3").await.status, 410);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_where_what_it_may_have_gone_to_is_no_longer_the_users() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED).await;
    let id = text(&corp.server.home, "select id from users where username_key = 'alice'").await;
    let id = crate::support::spelled("user", &id);
    let changes: [&[(&str, &str)]; 2] = [
        &[("Email", "alice@example.org"), ("EmailVerified", "true")],
        &[("PhoneRegion", "86"), ("PhoneNumber", "13900000009"), ("PhoneNumberVerified", "true")],
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let token = format!("link-{n}");
        corp.link("alice", &token, 3, LATER).await;
        corp.corp
            .ask(&corp.eiam, "UpdateUser", &with(&[("UserId", &*id)], &[("DisplayName", "Alice")]))
            .await;
        assert_eq!(corp.choose(&token, "short").await.status, 422, "another name is nothing to it");
        corp.corp.ask(&corp.eiam, "UpdateUser", &with(&[("UserId", &*id)], change)).await;
        assert_eq!(corp.choose(&token, NEW).await.status, 410, "{change:?}");
    }
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_former_passwords_again_and_again_has_to_wait() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED[..2]).await;
    corp.link("alice", "link", 3, LATER).await;
    for n in 0..20 {
        assert_eq!(corp.choose("link", GOOD).await.status, 422, "{n}");
    }
    assert_eq!(corp.choose("link", NEW).await.status, 429);
    corp.server.pass(MINUTE);
    assert_eq!(corp.choose("link", NEW).await.status, 200);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_its_time_and_with_its_user() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED[..2]).await;
    corp.link("alice", "old", 3, LATER).await;
    corp.link("alice", "young", 1, LATER + 2 * DAY).await;
    let other = Instance::make(&corp.eiam).await;
    let elsewhere =
        text(&corp.server.home, "select 'rs' || cast(max(number) as text) from directories").await;

    let foreign = format!("young&domain_id={elsewhere}");
    assert_eq!(corp.choose(&foreign, NEW).await.status, 410, "it is another directory's, {}", other.id);
    corp.server.pass(DAY - 1);
    assert_eq!(corp.choose("old", "short").await.status, 422);
    corp.server.pass(1);
    assert_eq!(corp.choose("old", NEW).await.status, 410);
    let links = async || number(&corp.server.home, "select count(*) from reset_links").await;
    until("what has expired is forgotten", async || links().await == 1).await;
    crate::support::remove(&corp.server.administrator(), &["alice"]).await;
    assert_eq!(links().await, 0);
    assert_eq!(corp.choose("young", NEW).await.status, 410);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_locked_out_gets_in_again_by_a_link() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED[..2]).await;
    for _ in 0..5 {
        assert_eq!(corp.tried("alice", "Guess-work-9").await, 401);
    }
    assert_eq!(corp.tried("alice", GOOD).await, 401);
    corp.link("alice", "token", 3, LATER).await;

    assert_eq!(corp.choose("token", NEW).await.status, 200);

    assert_eq!(corp.tried("alice", NEW).await, 200);
    assert_eq!(number(&corp.server.home, "select count(*) from failures").await, 0);
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_use_a_link_at_once_one_wins() {
    let corp = Corp::new().await;
    corp.make("alice", &REACHED[..2]).await;
    corp.link("alice", "token", 3, LATER).await;

    let words: Vec<String> = (0..6).map(|n| format!("Number-{n}-horse")).collect();
    let pages = futures_util::future::join_all(words.iter().map(|word| corp.choose("token", word))).await;

    let statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 410)), "{statuses:?}");
    let winner = statuses.iter().position(|status| *status == 200).expect("one");
    assert!(has_password(&corp.server.home, "alice", &words[winner]).await);
    corp.server.stop().await;
}
