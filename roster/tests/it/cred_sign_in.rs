//! Signing in with a name and a password: what locks a name, what makes an address wait, what the audit trail keeps.
//!
//! Source: `reference/doors.md` §1.1, §2.1 and §7.

use api::eds::ShownStatus;
use model::time::{DAY, MINUTE};

use crate::support::{
    Browser, GOOD, Home, Instance, NOW, Server, disable, execute, lock, make, managed, number, promote,
    spelled, text, unlock, user, with,
};

/// What comes of a name and a password: the status, and where somebody stands then.
async fn tried(server: &Server, name: &str, password: &str) -> String {
    tried_from(server, "192.0.2.1", name, password).await
}

/// The same from another address, where a proxy says so that is believed.
async fn tried_from(server: &Server, address: &str, name: &str, password: &str) -> String {
    let browser = Browser::new(server).with("x-forwarded-for", address);
    let page = browser.sign_in(name, password).await.page();
    format!("{} {}", page.status, page.target)
}

const IN: &str = "200 /account";
const REFUSED: &str = "401 /sign-in";
const WAITS: &str = "429 /sign-in";

/// So many wrong passwords for a name.
async fn guess(server: &Server, name: &str, times: usize) {
    for n in 0..times {
        let address = format!("198.51.100.{n}");
        assert_eq!(tried_from(server, &address, name, "Guess-work-9").await, REFUSED, "{name} {n}");
    }
}

/// A server behind a proxy.
async fn behind_a_proxy() -> Server {
    let mut home = Home::new().await;
    home.serve.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    Server::within(home).await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_a_name_and_each_lock_is_twice_as_long() {
    let server = behind_a_proxy().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    make(&eds, vec![managed("alice")]).await;
    let corp = Instance::default_of(&eiam).await;
    let alice = text(&server.home, "select id from users where username_key = 'alice'").await;
    let alice = spelled("user", &alice);
    assert_eq!(tried(&server, "Alice", GOOD).await, IN);

    for minutes in [30, 60, 120] {
        guess(&server, "alice", 5).await;
        let until = server.home.clock.now().plus(minutes * MINUTE);
        assert_eq!(tried(&server, "alice", GOOD).await, REFUSED, "{minutes}");
        assert_eq!(user(&eds, "alice").await.status, ShownStatus::Locked);
        let shown = corp.get_user(&eiam, &alice).await;
        assert_eq!(shown.lock_expire_time, Some(until.0), "{minutes}");
        server.pass(minutes * MINUTE - 1);
        assert_eq!(tried(&server, "alice", GOOD).await, REFUSED, "{minutes}");
        server.pass(1);
        assert_eq!(user(&eds, "alice").await.status, ShownStatus::Normal);
    }

    assert_eq!(tried(&server, "alice", GOOD).await, IN);
    assert_eq!(number(&server.home, "select count(*) from failures").await, 0, "a success ends the count");
    guess(&server, "alice", 4).await;
    assert_eq!(tried(&server, "alice", GOOD).await, IN);
    guess(&server, "alice", 4).await;
    server.pass(15 * MINUTE);
    guess(&server, "alice", 4).await;
    assert_eq!(tried(&server, "alice", GOOD).await, IN);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_locked_out_may_be_let_in_and_is_told() {
    let server = behind_a_proxy().await;
    let eds = server.administrator();
    let mailed =
        |name: &str| api::eds::NewUser { email: Some(format!("{name}@example.com")), ..managed(name) };
    make(&eds, vec![mailed("alice"), managed("bob")]).await;

    for name in ["alice", "bob"] {
        guess(&server, name, 5).await;
        assert_eq!(tried(&server, name, GOOD).await, REFUSED);
    }
    let told = "select count(*) from outbox where template = 'sign_in_locked' and way = 1";
    assert_eq!(number(&server.home, told).await, 1, "bob cannot be reached");
    let facts = text(&server.home, "select facts from outbox where template = 'sign_in_locked'").await;
    assert_eq!(facts, format!("{{\"until\":{}}}", NOW + 30 * MINUTE));

    unlock(&eds, &["alice", "bob"]).await;
    assert_eq!(tried(&server, "alice", GOOD).await, IN);
    // It counts from the beginning, and the next lock is longer.
    guess(&server, "bob", 4).await;
    assert_eq!(tried(&server, "bob", GOOD).await, IN);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_is_treated_as_one_that_somebody_has() {
    let server = behind_a_proxy().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let long = "x".repeat(1_025);
    let pages = async |name: &str| {
        let mut pages = Vec::new();
        for _ in 0..7 {
            let browser = Browser::new(&server).with("x-forwarded-for", "192.0.2.7");
            let page = browser.sign_in(name, "Guess-work-9").await.page();
            let blank = page.html.replace(name, "NAME");
            let mark = page.form("/sign-in").field("mark");
            pages.push((page.status, page.target.clone(), blank.replace(&mark, "MARK").len()));
        }
        pages
    };

    let known = pages("alice").await;
    let row =
        "select failures || ' ' || locks || ' ' || (until - first) from failures where substr(key, 1, 1) = ";
    let counted = text(&server.home, &format!("{row}'u'")).await;
    assert_eq!(known[0].0, 401);
    for nobody in ["alicf", "nobody@example.com", "+8613800000000", "张三", "' or 1=1 --"] {
        execute(&server.home, "delete from failures where substr(key, 1, 1) = 'n'").await;
        server.pass(20 * MINUTE);
        let unknown = pages(nobody).await;
        let statuses = |pages: &[(u16, String, usize)]| pages.iter().map(|page| page.0).collect::<Vec<_>>();
        assert_eq!(statuses(&unknown), statuses(&known), "{nobody}");
        assert_eq!(text(&server.home, &format!("{row}'n'")).await, counted, "{nobody}");
    }
    let names = "select count(*) from failures where key like '%alicf%' or key like '%张%'";
    assert_eq!(number(&server.home, names).await, 0, "names lie as digests");
    assert_eq!(tried(&server, &long, GOOD).await, REFUSED);
    assert_eq!(tried(&server, "", GOOD).await, REFUSED);
    assert_eq!(tried(&server, "alicf", &"x".repeat(50_000)).await, REFUSED);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_wrong_passwords_make_an_address_wait() {
    let server = behind_a_proxy().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let (home, network) = ("203.0.113.9", "2001:db8:1:2:");

    for n in 0..20 {
        assert_eq!(tried_from(&server, home, &format!("nobody{n}"), GOOD).await, REFUSED, "{n}");
        assert_eq!(tried_from(&server, &format!("{network}:{n}"), &format!("nobody{n}"), "x").await, REFUSED);
    }
    let waiting = Browser::new(&server).with("x-forwarded-for", home).sign_in("alice", GOOD).await.page();
    assert_eq!((waiting.status, waiting.answer.header("retry-after")), (429, "60"));
    assert_eq!(tried_from(&server, &format!("{network}ffff::1"), "alice", GOOD).await, WAITS);
    assert_eq!(tried_from(&server, "2001:db8:1:3::1", "alice", GOOD).await, IN);
    assert_eq!(tried_from(&server, "203.0.113.10", "alice", GOOD).await, IN);
    server.pass(MINUTE);
    assert_eq!(tried_from(&server, home, "alice", GOOD).await, IN);

    for n in 0..20 {
        assert_eq!(tried_from(&server, home, &format!("nobody{n}"), GOOD).await, REFUSED, "{n}");
    }
    let waiting = Browser::new(&server).with("x-forwarded-for", home).sign_in("alice", GOOD).await.page();
    assert_eq!((waiting.status, waiting.answer.header("retry-after")), (429, "120"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_addresses_lock_a_name_all_the_same() {
    let server = behind_a_proxy().await;
    make(&server.administrator(), vec![managed("alice")]).await;

    let guesses = (0..12).map(|n| {
        let server = &server;
        async move { tried_from(server, &format!("198.51.100.{n}"), "alice", "Guess-work-9").await }
    });
    let came = futures_util::future::join_all(guesses).await;

    assert!(came.iter().all(|came| came == REFUSED), "{came:?}");
    assert_eq!(tried(&server, "alice", GOOD).await, REFUSED);
    let locks = text(&server.home, "select failures || ' ' || locks from failures").await;
    assert_eq!(locks, "0 1", "five were counted and the others came too late");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_act_does_not_sign_in() {
    let server = behind_a_proxy().await;
    let eds = server.administrator();
    let late = api::eds::CreateUsers {
        auto_lock_time: Some("2026-01-16 00:00:00".to_owned()),
        ..crate::support::create_users(vec![managed("timed")])
    };
    make(&eds, vec![managed("free"), managed("locked"), managed("disabled")]).await;
    crate::support::make_with(&eds, late).await;
    lock(&eds, &["locked"]).await;
    disable(&server.home, "disabled").await;

    for (name, expected) in [("free", IN), ("locked", REFUSED), ("disabled", REFUSED), ("timed", IN)] {
        assert_eq!(tried(&server, name, GOOD).await, expected, "{name}");
    }
    server.pass(DAY);
    assert_eq!(tried(&server, "timed", GOOD).await, REFUSED);
    let why = "select min(f.after) from events e join event_facts f on f.event = e.id
        where e.what = 'sign_in.refused' and f.name = ";
    for name in ["locked", "disabled", "timed"] {
        assert_eq!(text(&server.home, &format!("{why}'{name}'")).await, "{\"why\":\"shut\"}", "{name}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superadmin_is_locked_out_for_a_time_only() {
    let server = behind_a_proxy().await;
    let eds = server.administrator();
    make(&eds, vec![managed("boss")]).await;
    promote(&server.home, "boss", 2).await;
    execute(&server.home, "update users set status = 1, shut = 1 where username_key = 'superadmin'").await;
    execute(&server.home, "update totals set n = 1 where kind = 3").await;

    guess(&server, "boss", 5).await;
    assert_eq!(tried(&server, "boss", GOOD).await, REFUSED);
    server.pass(30 * MINUTE);
    assert_eq!(tried(&server, "boss", GOOD).await, IN);
    // What was done to superadmin by hand is not what `verify` expects.
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_names_who_signed_in_and_ten_refusals_a_minute() {
    let server = behind_a_proxy().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let count = async |condition: &str| {
        let events = "events join event_facts on event = id";
        number(&server.home, &format!("select count(*) from {events} where {condition}")).await
    };

    assert_eq!(tried(&server, "alice", GOOD).await, IN);
    let alice = text(&server.home, "select id from users where username_key = 'alice'").await;
    let by =
        format!("what = 'sign_in.succeeded' and subject = '{alice}' and principal like 'user:%/{alice}'");
    assert_eq!(count(&by).await, 1);
    for n in 0..14 {
        tried_from(&server, &format!("198.51.100.{n}"), &format!("no\u{7}body{n}"), GOOD).await;
    }
    // Of what was typed as the name of nobody nothing is kept.
    let named = "what = 'sign_in.refused' and principal = 'anonymous' and source like '198.51.100.%'
        and name = '' and subject = ''";
    assert_eq!(count(named).await, 10);
    assert_eq!(count("name like '%body%' or subject like '%body%'").await, 0);
    assert_eq!(count("what = 'sign_in.refused_more'").await, 0);
    server.pass(MINUTE);
    let more = "select coalesce(max(f.after), '') from events e join event_facts f on f.event = e.id
        where e.what = 'sign_in.refused_more' and e.principal = 'system:sweep'";
    crate::support::until("the others are counted", async || {
        text(&server.home, more).await == "{\"count\":\"4\"}"
    })
    .await;
    let secrets = "select count(*) from event_facts where before like '%orse%' or after like '%orse%'
        or after like '%body%'";
    assert_eq!(number(&server.home, secrets).await, 0);
    assert_eq!(tried(&server, "ALICE", "Wrong-horse-1").await, REFUSED);
    let alices = format!("what = 'sign_in.refused' and subject = '{alice}' and name = 'alice'");
    assert_eq!(count(&alices).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_has_to_wait_tells_no_right_password_of_who_is_shut() {
    let server = behind_a_proxy().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    disable(&server.home, "alice").await;
    for n in 0..20 {
        assert_eq!(tried(&server, "alice", GOOD).await, REFUSED, "{n}");
    }
    assert_eq!(tried(&server, "alice", GOOD).await, WAITS);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_is_forgotten() {
    let server = behind_a_proxy().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let rows = async || number(&server.home, "select count(*) from failures").await;
    guess(&server, "alice", 5).await;
    guess(&server, "nobody", 3).await;
    assert_eq!(rows().await, 2);

    server.pass(15 * MINUTE);
    crate::support::until("the few are forgotten", async || rows().await == 1).await;
    server.pass(DAY + 15 * MINUTE);
    crate::support::until("the lock is forgotten", async || rows().await == 0).await;
    guess(&server, "alice", 1).await;
    assert_eq!(rows().await, 1);
    crate::support::remove(&server.administrator(), &["alice"]).await;
    assert_eq!(rows().await, 0, "it goes with the user");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_numbers_that_are_known_to_be_somebodys_sign_in_as_that_one() {
    let server = behind_a_proxy().await;
    let eiam = server.administrator().eiam();
    let corp = Instance::default_of(&eiam).await;
    let user = [
        ("Username", "alice"),
        ("PrimaryOrganizationalUnitId", &*corp.root),
        ("Password", GOOD),
        ("Email", "alice@example.com"),
        ("EmailVerified", "true"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13800000000"),
        ("PhoneNumberVerified", "true"),
    ];
    let made = corp.ask(&eiam, "CreateUser", &user).await;
    let id = made["UserId"].as_str().expect("a text");
    // Another one is called as the first one is reached.
    let other =
        [("Username", "bob@example.com"), ("Password", "Other-horse-2"), ("Email", ""), ("PhoneNumber", "")];
    let other = with(
        &with(&user, &other),
        &[("EmailVerified", ""), ("PhoneRegion", ""), ("PhoneNumberVerified", "")],
    );
    corp.ask(&eiam, "CreateUser", &other).await;

    for name in ["alice", "ALICE@example.COM", "13800000000", "+86 138-0000-0000", "008613800000000"] {
        assert_eq!(tried(&server, name, GOOD).await, IN, "{name}");
    }
    corp.ask(&eiam, "UpdateUser", &[("UserId", id), ("EmailVerified", "false")]).await;
    assert_eq!(tried(&server, "alice@example.com", GOOD).await, REFUSED);
    corp.ask(&eiam, "UpdateUser", &[("UserId", id), ("Email", "bob@example.com"), ("EmailVerified", "true")])
        .await;
    assert_eq!(tried(&server, "bob@example.com", GOOD).await, REFUSED, "the username comes first");
    assert_eq!(tried(&server, "bob@example.com", "Other-horse-2").await, IN);
    server.stop().await;
}
