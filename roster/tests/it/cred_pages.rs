//! What stands on pages beside their own matter: whose they are, which browsers are signed in, what is in the way.
//!
//! Source: `docs/pages.md`; `reference/doors.md` §1.2.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    Answer, Browser, Devices, Form, GOOD, Home, Message, Pds, PdsCaller, Server, execute, letters, mailbox,
    make, managed, new_user,
};

/// What browsers call themselves.
const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

/// The title, and the line above the heading.
fn site(html: &str) -> (String, String) {
    let between = |start: &str, end: &str| {
        let rest = html.split_once(start).map_or("", |(_, rest)| rest);
        rest.split(end).next().unwrap_or_default().to_owned()
    };
    (between("<title>", "</title>"), between("<p class=\"site\">", "</p>"))
}

/// That an answer is a page in this language, whatever its status, which nobody keeps and which loads nothing.
fn is_page(answer: &Answer, language: &str) {
    let html = answer.text();
    assert!(html.contains(&format!("<html lang=\"{language}")), "{html}");
    for (name, expected) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), expected, "{name}: {answer:?}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'nonce-"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_whose_they_are_and_not_what_a_browser_says() {
    let server = Server::start().await;
    let domain = PdsCaller::of(&server).make_domain("Second & Sons").await;
    let evil = Browser::new(&server).at("evil.example.com");
    for (target, title, name) in [
        ("/sign-in".to_owned(), "Sign in – default", "default"),
        (format!("/sign-in?domain_id={domain}"), "Sign in – Second &amp; Sons", "Second &amp; Sons"),
        (
            format!("/password/forgotten?domain_id={domain}&lang=zh"),
            "忘记密码 – Second &amp; Sons",
            "Second &amp; Sons",
        ),
        // Whose a page is that is not there, nobody knows.
        ("/account/nothing?lang=en".to_owned(), "This did not work", ""),
    ] {
        let page = evil.open(&target).await.page();
        assert_eq!(site(&page.html), (title.to_owned(), name.to_owned()), "{target}");
        assert!(!page.html.contains("evil"), "{}", page.html);
    }
    server.stop().await;

    let mut home = Home::new().await;
    home.serve.pages.site = Some("id.example.com".to_owned());
    let server = Server::within(home).await;
    for (target, title) in [("/sign-in", "Sign in"), ("/account/nothing", "This did not work")] {
        let page = Browser::new(&server).at("evil.example.com").open(target).await.page();
        assert_eq!(site(&page.html), (format!("{title} – id.example.com"), "id.example.com".to_owned()));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_shown_by_browsers_that_people_know() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let browser = Browser::new(&server).with("user-agent", CHROME);
    browser.sign_in("alice", GOOD).await.page();
    Browser::new(&server).with("user-agent", "tool/1 <b>").sign_in("alice", GOOD).await.page();

    let page = browser.open("/account/sessions").await.page();
    let shown = format!("<dd>Chrome on Linux <strong>(this browser)</strong> <small>{CHROME}</small></dd>");
    assert!(page.says(&shown), "{}", page.html);
    assert!(page.says("<dd>tool/1 <b></dd>") && !page.html.contains("<b>"), "{}", page.html);
    let page = browser.open("/account/sessions?lang=zh").await.page();
    assert!(page.says("<dd>Linux 上的 Chrome<strong>（当前浏览器）</strong> <small>"), "{}", page.html);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_waits_for_its_code_is_marked_in_the_list() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let browser = Browser::new(&server);
    browser.sign_in("alice", GOOD).await.page();
    Devices::of(&server.home).await.enrol("alice").await;
    let half = Browser::new(&server);
    assert_eq!(half.sign_in("alice", GOOD).await.page().heading(), "One-time code");

    for (language, told) in [("en", "has not given the code yet"), ("zh", "尚未输入验证码")] {
        let page = browser.open(&format!("/account/sessions?lang={language}")).await.page();
        assert_eq!(page.html.matches(&format!("<p><strong>{told}</strong></p>")).count(), 1, "{}", page.html);
        assert_eq!(page.html.matches("<li>\n<dl>").count(), 2, "{}", page.html);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_without_cookies_is_told_that_it_needs_them() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    for (language, told) in [("en", "Your browser has kept no cookie"), ("zh", "浏览器未保存本站的 Cookie")]
    {
        let browser = Browser::new(&server).with("accept-language", language);
        let form = browser.open("/sign-in").await.page().form("/sign-in");
        let form = form.with("username", "alice").with("password", GOOD);
        browser.keep("roster-visit", "");
        let page = browser.send(&form).await.page();
        assert_eq!(page.status, 400);
        assert!(page.alert().starts_with(told), "{}", page.html);
        // Who has one after all is let in by the next form; a mark of another browser is only old.
        let other = browser.send(&form).await.page();
        assert!(other.status == 400 && !other.alert().starts_with(told), "{}", other.html);
        let form = other.form("/sign-in").with("username", "alice").with("password", GOOD);
        assert_eq!(browser.send(&form).await.page().target, "/account");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_offered_is_told_in_its_own_words() {
    let server = Server::start().await;
    for (target, told) in [
        ("/sign-in?domain_id=rs1", "There is no such organization."),
        ("/sign-in?domain_id=rs1&lang=zh", "该组织不存在"),
        ("/sign-in?domain_id=x", "There is no such organization."),
        ("/account/nothing", "There is no such page."),
    ] {
        let page = Browser::new(&server).open(target).await.page();
        assert_eq!(page.status, 404, "{target}");
        assert!(page.html.contains(told), "{target}: {}", page.html);
    }
    let page = Browser::new(&server).open("/sign-in").await.page();
    assert!(!page.says("/password/forgotten"), "the policy is off: {}", page.html);
    let page = Browser::new(&server).open("/password/reset?token=x").await.page();
    assert_eq!(page.status, 410);
    assert!(!page.says("/password/forgotten") && page.says("href=\"/sign-in\""), "{}", page.html);
    let answer = Browser::new(&server).with("accept", "text/html").ask("/").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/account"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_passwords_read_on_their_own_and_fields_say_which_password() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let browser = Browser::new(&server);
    browser.sign_in("alice", GOOD).await.page();
    for (language, lead, rule, label) in [
        ("en", "The new password must follow these rules:", "It has a digit", "Present password"),
        ("zh", "新密码须满足：", "包含数字", "当前密码"),
    ] {
        let page = browser.open(&format!("/account/password?lang={language}")).await.page();
        assert!(page.html.contains(&format!("<p>{lead}</p>\n<ul class=\"rules\">")), "{}", page.html);
        assert!(page.html.contains(&format!("<li>{rule}</li>")), "{}", page.html);
        let page = browser.open("/account/device").await.page();
        assert!(page.html.contains(&format!("<label for=\"password\">{label}</label>")), "{}", page.html);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_told_as_a_page_in_the_askers_language() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let transport = server.administrator();
    for (language, tag) in [("en", "en"), ("zh-CN", "zh-Hans")] {
        let ask = async |method, target: &str, kind: Option<&str>, body: &[u8]| {
            let mut headers = vec![
                ("host".to_owned(), server.address().to_string()),
                ("accept-language".to_owned(), language.to_owned()),
            ];
            headers.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
            transport
                .exchange(&Message { method, target: target.to_owned(), headers, body: body.to_vec() })
                .await
        };
        let form = Some("application/x-www-form-urlencoded");
        let long = [b"password=".as_slice(), &[b'x'; 70_000]].concat();
        for (method, target, kind, body, status) in [
            ("GET", "/account/nothing", None, b"".as_slice(), 404),
            ("GET", "/sign-in?domain_id=rs1", None, b"", 404),
            ("PUT", "/sign-in", None, b"", 405),
            ("POST", "/sign-in", form, &long, 413),
            ("POST", "/sign-in", Some("application/json"), b"{}", 415),
            ("POST", "/sign-in", form, b"username=%ff", 400),
            ("POST", "/sign-in", form, b"username=alice", 400),
        ] {
            let answer = ask(method, target, kind, body).await;
            assert_eq!(answer.status, status, "{method} {target}");
            is_page(&answer, tag);
        }
    }

    // The server's own fault.
    let browser = Browser::new(&server).with("accept-language", "zh");
    browser.sign_in("alice", GOOD).await.page();
    execute(&server.home, "alter table sessions rename to lost").await;
    let answer = browser.ask("/account").await;
    assert_eq!(answer.status, 500);
    is_page(&answer, "zh-Hans");
    assert!(answer.text().contains("服务器出现问题"), "{}", answer.text());
    execute(&server.home, "alter table lost rename to sessions").await;
    assert_eq!(browser.ask("/account").await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_who_sign_in_at_once_from_one_address_some_are_told_to_come_again() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let mut ready = Vec::new();
    for _ in 0..200 {
        let browser = Browser::new(&server).with("accept-language", "zh");
        let form = browser.open("/sign-in").await.page().form("/sign-in");
        ready.push((browser, form.with("username", "alice").with("password", GOOD)));
    }
    let signing_in = ready.iter().map(|(browser, form)| browser.post(&form.action, &form.fields));
    let answers = join_all(signing_in).await;

    let mut again = Vec::new();
    for (answer, (browser, form)) in answers.iter().zip(&ready) {
        match answer.status {
            303 => {}
            503 => {
                is_page(answer, "zh-Hans");
                assert_eq!(answer.header("retry-after"), "1");
                assert!(answer.text().contains("当前登录人数较多，请重试。"), "{}", answer.text());
                again.push((browser, form));
            }
            other => panic!("{other}: {answer:?}"),
        }
    }
    // 64 wait at a time.
    assert!((1..=136).contains(&again.len()), "{} of 200 are to come again", again.len());
    // The same form is good once more.
    let (browser, form) = again[0];
    assert_eq!(browser.post(&form.action, &form.fields).await.status, 303);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_to_wait_is_told_for_how_long_on_every_page_that_takes_a_password() {
    let server = Server::start().await;
    let people = vec![managed("alice"), managed("bob"), managed("carol")];
    make(&server.administrator(), people).await;
    let browser = Browser::new(&server);
    browser.sign_in("alice", GOOD).await.page();
    let password = browser.open("/account/password").await.page().form("/account/password");
    let device = browser.open("/account/device").await.page().form("/account/device");
    let devices = Devices::of(&server.home).await;
    let in_hand = devices.enrol("carol").await;
    let half = Browser::new(&server);
    let code = half.sign_in("carol", GOOD).await.page().form("/sign-in");
    let right = |form: &Form| form.clone().with("code", &in_hand.code(server.home.clock.now(), 0));
    for n in 0..20 {
        assert_eq!(Browser::new(&server).sign_in(&format!("nobody{n}"), GOOD).await.page().status, 401);
    }

    let new = "Other-horse-9";
    let password = password.with("old_password", GOOD).with("new_password", new).with("repeat_password", new);
    let device = device.with("password", GOOD);
    let stranger = Browser::new(&server);
    let sign_in = stranger.open("/sign-in").await.page().form("/sign-in");
    let sign_in = sign_in.with("username", "bob").with("password", GOOD);
    for (browser, form) in
        [(&browser, password), (&browser, device), (&stranger, sign_in), (&half, right(&code))]
    {
        let answer = browser.post(&form.action, &form.fields).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "60"), "{}", form.action);
        is_page(&answer, "en");
    }
    // Nothing was looked at, so the code is not spent.
    server.pass(60_000);
    assert_eq!(half.send(&right(&code)).await.page().target, "/account");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_development_shows_its_letters_to_this_machine_alone() {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    home.serve.pages.mailbox = Some(mailbox.clone());
    home.serve.pages.site = Some("id.example.com".to_owned());
    home.serve.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    let server = Server::within(home).await;
    let page = Browser::new(&server).open("/dev/messages").await.page();
    assert!(page.says("There are none yet."), "{}", page.html);
    let alice = api::eds::NewUser {
        email: Some("a@example.com".to_owned()),
        real_nick_name: Some("<i>Alice</i>".to_owned()),
        ..new_user("alice")
    };
    make(&server.administrator(), vec![alice]).await;
    letters(&mailbox, 1).await;

    let page = Browser::new(&server).open("/dev/messages").await.page();
    assert_eq!((page.status, page.heading().as_str()), (200, "Messages"));
    is_page(&page.answer, "en");
    assert!(page.says("<dd>invitation, mail</dd>") && page.html.contains("a@example.com"), "{}", page.html);
    assert!(!page.html.contains("<i>"), "{}", page.html);
    // Its links lead where the letter's do.
    let link = page.html.split("<a href=\"https:").nth(1).and_then(|rest| rest.split('"').next());
    let (_, link) = link.and_then(|link| link.split_once(".com")).expect("a link of ours");
    let link = link.replace("&#x2f;", "/").replace("&amp;", "&");
    assert_eq!(Browser::new(&server).open(&link).await.page().heading(), "Choose a password");

    for (name, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-for", "127.0.0.1, 203.0.113.7"),
        ("x-forwarded-for", "203.0.113.7, 127.0.0.1"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=203.0.113.7"),
    ] {
        let answer = Browser::new(&server).with(name, value).ask("/dev/messages").await;
        assert_eq!(answer.status, 404, "{name} {value}");
        is_page(&answer, "en");
        assert!(!answer.text().contains("a@example.com"), "{}", answer.text());
    }
    server.stop().await;

    let server = Server::start().await;
    assert_eq!(Browser::new(&server).ask("/dev/messages").await.status, 404, "without --dev");
    let owner = Pds::owner(&server);
    owner.make("sue", json!({ "plain_password": GOOD, "role": "superadmin" })).await;
    let browser = Browser::new(&server);
    browser.sign_in("sue", GOOD).await.page();
    assert_eq!(browser.ask("/dev/messages").await.status, 404, "for nobody");
    server.stop().await;
}
