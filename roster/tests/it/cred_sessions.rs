//! Sessions of browsers: how they begin, what they open, and what ends them.
//!
//! Source: `reference/doors.md` §1.1 and §1.2.

use api::eds::LockUsers;
use model::time::MINUTE;
use serde_json::json;

use crate::support::{Browser, GOOD, Home, Pds, PdsCaller, Server, lock, number, texts};

/// Another good password.
const OTHER: &str = "Other-horse-9";
/// What a session is kept by.
const SESSION: &str = "roster-session";

async fn person(owner: &Pds, id: &str) {
    owner.make(id, json!({ "plain_password": GOOD })).await;
}

/// Somebody who is signed in.
async fn signed_in(server: &Server, name: &str) -> Browser {
    let browser = Browser::new(server);
    assert_eq!(browser.sign_in(name, GOOD).await.page().target, "/account");
    browser
}

/// Whether the browser is in, or sent to sign in.
async fn is_in(browser: &Browser) -> bool {
    let page = browser.open("/account").await.page();
    assert_eq!(page.status, 200, "{}", page.html);
    match page.heading().as_str() {
        "Profile" => true,
        "Sign in" => false,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_and_out_in_both_languages() {
    let server = Server::start().await;
    person(&Pds::owner(&server), "alice").await;
    for (language, sign_in, profile, sign_out) in
        [("en", "Sign in", "Profile", "Sign out"), ("zh-CN", "登录", "个人资料", "退出登录")]
    {
        let browser = Browser::new(&server).with("accept-language", language);
        let page = browser.open("/account").await.page();
        assert_eq!(page.heading(), sign_in);
        let form = page.form("/sign-in").with("username", "Alice").with("password", GOOD);
        let page = browser.send(&form).await.page();
        assert_eq!((page.target.as_str(), page.heading().as_str()), ("/account", profile));
        assert!(page.html.contains("<dd>alice</dd>"), "{}", page.html);
        // Who is signed in needs no form for it.
        assert_eq!(browser.open("/sign-in").await.page().target, "/account");

        let key = browser.cookie(SESSION);
        let page = browser.open("/sign-out").await.page();
        let page = browser.send(&page.button(sign_out)).await.page();
        assert_eq!(page.heading(), sign_in);
        assert!(!page.status_text().is_empty(), "{}", page.html);
        assert_eq!(browser.cookie(SESSION), "");
        assert!(!is_in_with(&browser, &key).await, "the key of a session that has ended opens nothing");
    }
    // A language is chosen for good.
    let browser = Browser::new(&server);
    let page = browser.open("/sign-in?lang=zh").await.page();
    assert!(page.html.contains("lang=\"zh"), "{}", page.html);
    assert_eq!(browser.open("/sign-in").await.page().heading(), "登录");
    server.stop().await;
}

/// Whether this key opens the account, in a browser that has none.
async fn is_in_with(browser: &Browser, key: &str) -> bool {
    browser.keep(SESSION, key);
    let answer = browser.ask("/account").await;
    browser.keep(SESSION, "");
    answer.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_there_before_is_never_that_of_the_session() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    person(&owner, "mallory").await;
    let browser = Browser::new(&server);
    let planted = "planted-planted-planted-planted-planted-pla";
    browser.keep(SESSION, planted);

    browser.sign_in("alice", GOOD).await.page();

    let own = browser.cookie(SESSION);
    assert!(own != planted && own.len() == 43, "{own}");
    // Somebody else's session is no step towards this one's, and ends where this one begins in its browser.
    let mallory = signed_in(&server, "mallory").await;
    let theirs = mallory.cookie(SESSION);
    let page = mallory.open("/sign-out").await.page();
    mallory.send(&page.button("Sign out")).await.page();
    mallory.keep(SESSION, &theirs);
    mallory.sign_in("alice", GOOD).await.page();
    assert_ne!(mallory.cookie(SESSION), theirs);
    assert!(!is_in_with(&Browser::new(&server), &theirs).await);
    for strange in ["", "x", "' or '1'='1", &own[1..], &format!("{own}x"), &own.to_lowercase()] {
        assert!(!is_in_with(&Browser::new(&server), strange).await, "{strange}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_half_a_day_or_an_hour_without_use() {
    let server = Server::start().await;
    person(&Pds::owner(&server), "alice").await;
    let (busy, idle) = (signed_in(&server, "alice").await, signed_in(&server, "alice").await);
    for _ in 0..14 {
        server.pass(50 * MINUTE);
        assert!(is_in(&busy).await);
    }
    assert!(!is_in(&idle).await);
    server.pass(20 * MINUTE);
    assert!(!is_in(&busy).await, "twelve hours are over");
    // An hour to the minute.
    let browser = signed_in(&server, "alice").await;
    server.pass(60 * MINUTE);
    assert!(is_in(&browser).await);
    server.pass(61 * MINUTE);
    assert!(!is_in(&browser).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_does_ends_sessions_at_once() {
    let server = Server::start().await;
    let (owner, admin) = (Pds::owner(&server), server.administrator());
    for name in ["password", "disabled", "logged-out", "locked", "late", "gone"] {
        person(&owner, name).await;
    }
    let logged_out = LockUsers { users: texts(&["logged-out"]), logout_session: Some(true) };
    let mut browsers = Vec::new();
    for name in ["password", "disabled", "logged-out", "locked", "late", "gone"] {
        browsers.push((name, signed_in(&server, name).await));
    }

    owner.change("password", json!({ "plain_password": OTHER })).await;
    owner.change("disabled", json!({ "status": "disabled" })).await;
    admin.send(&logged_out).await.expect("they can be locked");
    lock(&admin, &["locked"]).await;
    owner.change("late", json!({ "expired_at": server.home.clock.now().0 + 5 * MINUTE })).await;
    owner.remove("gone").await;

    for (name, browser) in &browsers {
        // A lock alone ends nothing, and what is to come has not come.
        assert_eq!(is_in(browser).await, ["locked", "late"].contains(name), "{name}");
    }
    server.pass(5 * MINUTE);
    for (name, browser) in &browsers {
        assert_eq!(is_in(browser).await, *name == "locked", "{name}");
    }
    // What ended does not begin again with the account.
    owner.change("disabled", json!({ "status": "enabled" })).await;
    assert!(!is_in(&browsers[1].1).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_one_session_or_all_and_the_access_of_apps() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    person(&owner, "bob").await;
    let token = PdsCaller::of(&server).token_of("alice").await;
    server.pass(1_000);
    let (here, there, third) = (
        signed_in(&server, "alice").await,
        signed_in(&server, "alice").await,
        signed_in(&server, "alice").await,
    );
    let other = signed_in(&server, "bob").await;
    let page = here.open("/account/sessions").await.page();
    assert_eq!(page.html.matches("this browser").count(), 1, "{}", page.html);
    let ends: Vec<_> = page.forms().into_iter().filter(|form| form.field("session").len() == 32).collect();
    assert_eq!(ends.len(), 2);

    // Another person's session is not theirs to end.
    let theirs = other.open("/account/sessions").await.page().form("/account/sessions");
    other.send(&theirs.with("session", &ends[0].field("session"))).await.page();
    assert!(is_in(&there).await && is_in(&third).await);
    let page = here.send(&ends[0]).await.page();
    assert_eq!(page.status_text(), "The session has ended.");
    assert_eq!([is_in(&there).await, is_in(&third).await].iter().filter(|is_in| **is_in).count(), 1);
    assert_eq!(token.call("user/get", json!({})).await.status, 200);

    let page = here.open("/account/sessions").await.page();
    let page = here.send(&page.button("Sign out everywhere")).await.page();
    assert_eq!(page.heading(), "Sign in");
    for browser in [&here, &there, &third] {
        assert!(!is_in(browser).await);
    }
    assert_eq!(token.call("user/get", json!({})).await.status, 401);
    assert!(is_in(&other).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_page_browser_or_site_does_nothing() {
    let server = Server::start().await;
    person(&Pds::owner(&server), "alice").await;
    let browser = signed_in(&server, "alice").await;
    let stranger = signed_in(&server, "alice").await;
    let profile = browser.open("/account").await.page().form("/account");
    let password = browser.open("/account/password").await.page().form("/account/password");
    let device = browser.open("/account/device").await.page().form("/account/device");
    let sessions = browser.open("/account/sessions").await.page().form("/account/sessions");
    let out = browser.open("/sign-out").await.page().form("/sign-out");
    let forms = [profile, password, device, sessions, out];
    for form in &forms {
        let foreign = forms.iter().find(|other| other.action != form.action).expect("there are several");
        for mark in ["", "x", &foreign.field("mark"), &format!("{}x", form.field("mark"))] {
            let answer = browser.post(&form.action, &form.clone().with("mark", mark).fields).await;
            assert_eq!(answer.status, 400, "{} {mark}", form.action);
        }
        let answer = stranger.post(&form.action, &form.fields).await;
        assert_eq!(answer.status, 400, "{} is another browser's", form.action);
        let answer = browser.post(&form.action, &form.clone().without("mark").fields).await;
        assert_eq!(answer.status, 400, "{}", form.action);
    }
    for (name, value) in [
        ("origin", "https://evil.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let evil = Browser::new(&server).with(name, value);
        evil.keep(SESSION, &browser.cookie(SESSION));
        for form in &forms {
            assert_eq!(
                evil.post(&form.action, &form.fields).await.status,
                400,
                "{} {name} {value}",
                form.action
            );
        }
    }
    assert!(is_in(&browser).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_this_hosts_alone_where_people_come_by_https() {
    let mut home = Home::new().await;
    home.serve.pages.cookies = gate::Cookies::new(true);
    let server = Server::within(home).await;
    person(&Pds::owner(&server), "alice").await;
    let browser = Browser::new(&server);

    browser.sign_in("alice", GOOD).await.page();

    assert_eq!(browser.cookie("__Host-roster-session").len(), 43);
    assert!(is_in(&browser).await);
    let answer = Browser::new(&server).ask("/sign-in").await;
    let line = answer.header("set-cookie");
    assert!(line.starts_with("__Host-roster-visit=") && line.ends_with("; Secure"), "{line}");
    // The other name is another cookie.
    let plain = Browser::new(&server);
    plain.keep(SESSION, &browser.cookie("__Host-roster-session"));
    assert!(!is_in(&plain).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_named_by_host_or_query_and_a_session_is_good_in_its_own() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    let domain = PdsCaller::of(&server).make_domain("second").await;
    owner.at(&domain).make("bob", json!({ "plain_password": GOOD })).await;

    // In the default one nobody knows bob.
    let browser = Browser::new(&server);
    assert_eq!(browser.sign_in("bob", GOOD).await.page().status, 401);
    let page = browser.open(&format!("/sign-in?domain_id={domain}")).await.page();
    let form = page.form("/sign-in").with("username", "bob").with("password", GOOD);
    let page = browser.send(&form).await.page();
    assert!(page.html.contains("<dd>bob</dd>"), "{} {}", page.target, page.html);
    assert!(is_in(&browser).await, "where nothing is named the session says it");
    let default = owner.domain().await;
    let page = browser.open(&format!("/account?domain_id={default}")).await.page();
    assert_eq!(page.heading(), "Sign in", "another directory's session");

    let host = format!("{domain}.api.example.com");
    let browser = Browser::new(&server).at(&host);
    assert_eq!(browser.sign_in("alice", GOOD).await.page().status, 401);
    assert_eq!(browser.sign_in("bob", GOOD).await.page().target, "/account");
    for strange in ["rs1", "rs999999999999", "rsx", "rs01"] {
        let answer = Browser::new(&server).ask(&format!("/sign-in?domain_id={strange}")).await;
        assert_eq!(answer.status, 404, "{strange}");
    }
    assert_eq!(Browser::new(&server).at("rs1.example.com").ask("/sign-in").await.status, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_where_its_browser_gets_another_one_or_is_signed_out() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    person(&owner, "mallory").await;
    let domain = PdsCaller::of(&server).make_domain("second").await;
    owner.at(&domain).make("bob", json!({ "plain_password": GOOD })).await;
    let sessions = "select count(*) from sessions";
    // As the user's own event, in the user's own directory.
    let ended = async |name: &str| {
        let begun = "select principal from events join event_facts on event = id where what = 'session.begun' and name =";
        let home = format!("select directory from users where username_key = '{name}'");
        let of = format!("name = '{name}' and directory = ({home}) and principal in ({begun} '{name}')");
        let ended = format!(
            "select count(*) from events join event_facts on event = id where what = 'session.ended' and {of}"
        );
        number(&server.home, &ended).await
    };

    // Another user of the directory, whose session began while the form was open: it is to be sent again.
    let browser = Browser::new(&server);
    let form = browser.open("/sign-in").await.page().form("/sign-in");
    browser.sign_in("mallory", GOOD).await.page();
    let first = browser.cookie(SESSION);
    let page = browser.send(&form.with("username", "alice")).await.page();
    assert_eq!(page.status, 400);
    let form = page.form("/sign-in").with("username", "alice").with("password", GOOD);
    assert_eq!(browser.send(&form).await.page().target, "/account");
    assert!(!is_in_with(&Browser::new(&server), &first).await);
    assert_eq!((number(&server.home, sessions).await, ended("mallory").await), (1, 1));

    // Another directory, and back.
    let mut before = ("alice", browser.cookie(SESSION));
    let default = owner.domain().await;
    for (place, name) in [(&domain, "bob"), (&default, "alice")] {
        let page = browser.open(&format!("/account?domain_id={place}")).await.page();
        let form = page.form("/sign-in").with("username", name).with("password", GOOD);
        let wrong = form.clone().with("password", OTHER);
        assert_eq!(browser.send(&wrong).await.page().status, 401);
        assert!(is_in_with(&Browser::new(&server), &before.1).await, "nobody has signed in");
        let page = browser.send(&form).await.page();
        assert!(page.html.contains(&format!("<dd>{name}</dd>")), "{} {}", page.target, page.html);
        assert!(!is_in_with(&Browser::new(&server), &before.1).await);
        assert_eq!((number(&server.home, sessions).await, ended(before.0).await), (1, 1), "{name}");
        before = (name, browser.cookie(SESSION));
    }

    // A form of the one directory, sent to the other one.
    let form = browser.open("/sign-out").await.page().form("/sign-out");
    browser.send(&form.with("domain_id", &domain)).await.page();
    assert_eq!(browser.cookie(SESSION), "");
    assert_eq!((number(&server.home, sessions).await, ended("alice").await), (0, 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_page_or_no_form_is_told_as_a_page() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    for (target, status) in [("/account/nothing", 404), ("/sign-in/", 404), ("/password", 404)] {
        let answer = browser.ask(target).await;
        assert_eq!(answer.status, status, "{target}");
        assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{answer:?}");
    }
    let long = "x".repeat(1 << 20);
    let answer = browser.post("/sign-in", &[("password".to_owned(), long)]).await;
    assert_eq!(answer.status, 413);
    let page = browser.open("/sign-in").await.page();
    let form = page.form("/sign-in").with("username", "alice").with("password", &"x".repeat(60_000));
    assert_eq!(browser.post("/sign-in", &form.fields).await.status, 401);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_on_every_node_at_once() {
    let home = Home::new().await;
    if !home.is_shared() {
        return;
    }
    let second = home.open().await;
    let server = Server::within(home).await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    let browser = signed_in(&server, "alice").await;
    let there = Browser::with_address(&server, second.address);
    there.keep(SESSION, &browser.cookie(SESSION));
    assert!(is_in(&there).await, "one session on both nodes");

    owner.change("alice", json!({ "plain_password": OTHER })).await;

    assert!(!is_in(&there).await && !is_in(&browser).await);
    second.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_fifty_sessions_at_most_and_the_oldest_goes() {
    let server = Server::start().await;
    person(&Pds::owner(&server), "alice").await;
    let first = signed_in(&server, "alice").await;
    server.pass(1_000);
    for _ in 0..49 {
        signed_in(&server, "alice").await;
    }
    assert!(is_in(&first).await);
    signed_in(&server, "alice").await;
    assert!(!is_in(&first).await);
    server.stop().await;
}
