//! The page on which people sign in for an app, and the code that the app gets for it.
//!
//! Source: `reference/pds.md` §13.1 and §13.5; `reference/doors.md` §1.1, §2.1 and §2.2.

use api::pds::{Token, TokenReply};
use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    App, Browser, Fault, Form, GOOD, Gone, Home, Instance, Page, Pds, PdsCaller, Server, access, file_of,
    lock, outcome, register, reply, rsa,
};

/// Where the test's app wants people back.
const BACK: &str = "https://app.example.com/back?from=roster";
const BAD_CODE: &str = "400 InvalidParameter.Code";

/// An app that people sign in for.
struct Site {
    app: App,
    secret: Option<&'static str>,
}

impl Site {
    async fn of(server: &Server, secret: Option<&'static str>) -> Self {
        let file = file_of(secret.unwrap_or_default());
        let path = file.path().display().to_string();
        let mut more = vec!["--redirect-uri", BACK];
        if secret.is_some() {
            more.extend(["--secret-file", &path]);
        }
        let id = register(&server.home, "site", rsa::OWN.pem, &more);
        Self { app: App::with_id(server, id).await, secret }
    }

    fn target(&self, more: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("client_id", self.app.id.as_str()),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("state", "s t/?&=\"'<x>"),
        ];
        fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        fields.extend(more.iter().filter(|(_, value)| *value != "-"));
        let fields: Vec<(String, String)> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        format!("/v2/oauth/authorize?{}", wire::rpc::form(&fields))
    }

    /// Asks for a code with this browser, wherever that leads.
    async fn open(&self, browser: &Browser) -> Gone {
        browser.open(&self.target(&[])).await
    }

    /// Asks for a code with a new browser, and signs in.
    async fn sign_in(&self, server: &Server, name: &str, password: &str) -> Gone {
        let browser = Browser::new(server);
        let page = self.open(&browser).await.page();
        browser.send(&page.form("/sign-in").with("username", name).with("password", password)).await
    }

    /// A code for somebody who can sign in.
    async fn code(&self, server: &Server, name: &str) -> String {
        code_in(&self.sign_in(server, name, GOOD).await.away())
    }

    async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> Result<TokenReply, Fault> {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.app.id.as_str()),
            ("code", code),
            ("redirect_uri", BACK),
        ];
        if let Some(secret) = self.secret {
            fields.push(("client_secret", secret));
        }
        fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        fields.extend(more.iter().filter(|(_, value)| *value != "-"));
        reply::<Token>(&self.app.anybody.form("/oauth/token", &fields).await)
    }
}

/// An expiration policy of the default domain.
async fn end_passwords(server: &Server, action: &str, source: &str) {
    let admin = server.administrator().eiam();
    let parameters = [
        ("PasswordExpirationStatus", "enabled"),
        ("PasswordValidMaxDay", "10"),
        ("PasswordExpirationAction", action),
        ("EffectiveAuthenticationSourceIds.1", source),
    ];
    let corp = Instance::default_of(&admin).await;
    corp.ask(&admin, "SetPasswordExpirationConfiguration", &parameters).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_has_ended_opens_nothing_where_the_policy_says_so() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    person(&owner, "alice").await;
    let outcome = async || match site.sign_in(&server, "alice", GOOD).await {
        Gone::Away(_) => "the app".to_owned(),
        Gone::Page(page) => format!("{} {}", page.status, page.heading()),
    };
    end_passwords(&server, "forbid_login", "ia_all").await;
    server.pass(10 * DAY - MINUTE);
    assert_eq!(outcome().await, "the app", "it has not ended");
    server.pass(MINUTE);

    for (action, source, expected) in [
        ("forbid_login", "ia_all", "401 Sign in"),
        ("forbid_login", "ia_password", "401 Sign in"),
        ("forbid_login", "ia_webauthn", "the app"),
        ("force_update_password", "ia_all", "200 Change the password"),
        ("remind_update_password", "ia_all", "200 Your password has ended"),
    ] {
        end_passwords(&server, action, source).await;
        assert_eq!(outcome().await, expected, "{action} {source}");
    }

    end_passwords(&server, "forbid_login", "ia_all").await;
    owner.ask("/user/update", &json!({ "user_id": "alice", "plain_password": GOOD })).await;
    assert_eq!(outcome().await, "the app", "a new one is good for its time");
    server.stop().await;
}

/// The code in the address that somebody is sent back to.
fn code_in(back: &str) -> String {
    let rest = back.strip_prefix(&format!("{BACK}&code=")).unwrap_or_else(|| panic!("{back}"));
    rest.split('&').next().unwrap_or_default().to_owned()
}

async fn person(owner: &Pds, id: &str) {
    owner.make(id, json!({ "plain_password": GOOD })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_and_the_app_gets_a_token() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    person(&owner, "alice").await;

    let back = site.sign_in(&server, "alice", GOOD).await.away();

    let code = code_in(&back);
    assert!(code.len() >= 32, "{code}");
    assert!(
        back.ends_with("&state=s+t%2F%3F%26%3D%22%27%3Cx%3E")
            || back.ends_with("&state=s%20t%2F%3F%26%3D%22%27%3Cx%3E"),
        "{back}"
    );
    for (grant, good) in [("code", true), ("authorization_code", false)] {
        let token = site.exchange(&code, &[("grant_type", grant)]).await;
        match token {
            Ok(token) => {
                assert!(good && token.is_first_login, "{token:?}");
                assert_eq!(token.user_id, "alice");
                let caller = site.app.anybody.bearer(&access(&token));
                assert_eq!(caller.ask("/user/get", &json!({})).await["user_id"], "alice");
            }
            Err(fault) => {
                assert_eq!((fault.brief().as_str(), good), (BAD_CODE, false), "a code is good once")
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_keeps_to_itself_and_shows_what_it_was_given_as_text() {
    let server = Server::start().await;
    let site = Site::of(&server, None).await;
    let target = site.target(&[("state", "\"><script>alert(1)</script>"), ("scope", "USER.ALL,DRIVE.ALL")]);

    let page = Browser::new(&server).open(&target).await.page();

    let (html, answer) = (&page.html, &page.answer);
    assert!(html.contains("to continue to site"), "{html}");
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("http://") && !html.contains("//cdn"), "{html}");
    let policy = answer.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self' https://app.example.com;",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{rule} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert!(answer.header("cache-control").contains("no-store"), "{:?}", answer.headers);
    assert_eq!(html.matches("type=\"password\"").count(), 1, "{html}");
    assert!(html.matches("<label").count() >= 2, "{html}");
    // In the browser's language.
    for (languages, tag) in
        [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US,en;q=0.5", "en"), ("fr", "en"), ("", "en")]
    {
        let browser = Browser::new(&server).with("accept-language", languages);
        let html = browser.open(&target).await.page().html;
        let lang = html.split("lang=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        assert!(lang.to_lowercase().starts_with(tag), "{languages}: {lang}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_does_not_fit_is_refused_here_and_never_sent_on() {
    let server = Server::start().await;
    let site = Site::of(&server, None).await;
    let without = App::of(&server).await;
    for (more, expected) in [
        (vec![("client_id", "unknown")], "404 NotFound.App"),
        (vec![("client_id", "-")], "400 InvalidParameterMissing.ClientId"),
        (vec![("client_id", "")], "400 InvalidParameterEmpty.ClientId"),
        (vec![("redirect_uri", "-")], "400 InvalidParameterMissing.RedirectUri"),
        (vec![("redirect_uri", "")], "400 InvalidParameterEmpty.RedirectUri"),
        (vec![("response_type", "-")], "400 InvalidParameterMissing.ResponseType"),
        (vec![("response_type", "token")], "400 InvalidParameterNotSupported.ResponseType"),
        (vec![("login_type", "ding")], "400 InvalidParameterNotSupported.LoginType"),
    ] {
        let answer = site.app.anybody.fetch(&site.target(&more), &[]).await;
        assert_eq!(outcome(&answer), expected, "{more:?}");
    }
    let others = [
        "https://app.example.com/back",
        "https://app.example.com/back?from=roster&x=1",
        "https://app.example.com/back?from=roster#x",
        "https://app.example.com/back/?from=roster",
        "https://APP.example.com/back?from=roster",
        "http://app.example.com/back?from=roster",
        "https://app.example.com:443/back?from=roster",
        "https://app.example.com.evil.com/back?from=roster",
        "https://app.example.com@evil.com/back?from=roster",
        "https://evil.com/https://app.example.com/back?from=roster",
        " https://app.example.com/back?from=roster",
        "//evil.com",
        "javascript:alert(1)",
    ];
    for uri in others {
        let answer = site.app.anybody.fetch(&site.target(&[("redirect_uri", uri)]), &[]).await;
        assert_eq!(answer.header("location"), "", "{uri}");
        let refused = outcome(&answer);
        assert!(
            refused.starts_with("400 InvalidParameter") && refused.ends_with(".RedirectUri"),
            "{uri}: {refused}"
        );
    }
    // An app that has no address to go back to signs nobody in.
    for uri in ["https://app.example.com/", ""] {
        let target = site.target(&[("client_id", &without.id), ("redirect_uri", uri)]);
        let refused = outcome(&site.app.anybody.fetch(&target, &[]).await);
        assert!(refused.starts_with("400 InvalidParameter"), "{uri}: {refused}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_sign_in_is_told_the_same_whatever_the_reason() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    for id in ["alice", "off", "locked", "late"] {
        person(&owner, id).await;
    }
    owner.make("bare", json!({})).await;
    owner.change("off", json!({ "status": "disabled" })).await;
    owner.change("late", json!({ "expired_at": 1 })).await;
    lock(&server.administrator(), &["locked"]).await;

    let mut pages = Vec::new();
    for (name, password) in [
        ("alice", "Wrong-horse-1"),
        ("alice", ""),
        ("nobody", GOOD),
        ("", GOOD),
        ("bare", GOOD),
        ("bare", ""),
        ("off", GOOD),
        ("locked", GOOD),
        ("late", GOOD),
        ("superadmin", GOOD),
        ("a' or '1'='1", GOOD),
        ("alice\0", GOOD),
        ("alice", "\0"),
    ] {
        let page = site.sign_in(&server, name, password).await.page();
        assert_eq!(page.status, 401, "{name}");
        assert!(!page.html.contains(GOOD), "{name}");
        pages.push(told(&page));
        // The page can be used again.
        assert!(!page.form("/sign-in").field("mark").is_empty(), "{name}");
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
    assert_eq!(owner.user("alice").await.last_login_time, 0);
    site.code(&server, "alice").await;
    server.stop().await;
}

/// What a page says, but for what is in its fields (the name that was typed, the server's own marks) and the empty field
/// to begin with.
fn told(page: &Page) -> String {
    let mut told = String::new();
    for (at, part) in page.html.split(" value=\"").enumerate() {
        told.push_str(if at == 0 { part } else { part.split_once('"').map_or("", |(_, rest)| rest) });
    }
    let nonce = told.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    told.replace(nonce, "").replace(" autofocus", "")
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_by_name_address_or_number_once_these_are_theirs() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    person(&owner, "alice").await;
    person(&owner, "bob").await;
    owner.change("alice", json!({ "email": "a@example.com", "phone": "13800000000" })).await;
    let names = ["a@example.com", "A@Example.com", "13800000000", "+8613800000000", "+86 138-0000-0000"];
    for name in names {
        assert_eq!(site.sign_in(&server, name, GOOD).await.page().status, 401, "{name} is contact data");
    }
    for (kind, identity) in [("email", "a@example.com"), ("mobile", "13800000000")] {
        owner.ask("/account/link", &json!({ "user_id": "alice", "type": kind, "identity": identity })).await;
    }

    for name in names.into_iter().chain(["alice", "ALICE"]) {
        let token = site.exchange(&site.code(&server, name).await, &[]).await.expect("a token");
        assert_eq!(token.user_id, "alice", "{name}");
    }
    // A username goes before an address: only the first who is found is tried.
    owner.make("mallory", json!({ "user_name": "a@example.com", "plain_password": "Other-horse-9" })).await;
    assert_eq!(site.sign_in(&server, "a@example.com", GOOD).await.page().status, 401);
    site.sign_in(&server, "a@example.com", "Other-horse-9").await.away();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_a_part_of_the_domain_takes_nobody_s_name_to_sign_in_by() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    person(&owner, "ceo").await;
    for (kind, identity) in [("email", "ceo@example.com"), ("mobile", "13800000000")] {
        owner.ask("/account/link", &json!({ "user_id": "ceo", "type": kind, "identity": identity })).await;
    }
    owner.make("manager", json!({ "role": "subdomain_admin", "subdomain_id": "north" })).await;
    let manager = App::of(&server).await.user("manager").await;

    for name in ["ceo@example.com", "CEO@Example.com", "13800000000", "+86 138 0000 0000", "+8613800000000"] {
        let body = json!({ "user_id": "squat", "user_name": name, "subdomain_id": "north" });
        let outcome = manager.outcome("/user/create", &body).await;
        assert_eq!(outcome, "403 ForbiddenNoPermission.User", "{name}");
    }
    let body = json!({ "user_id": "squat", "user_name": "squat", "subdomain_id": "north" });
    manager.ask("/user/create", &body).await;
    // A number of which the region's digits are a part, and so could be read as the other's.
    let body = json!({ "user_id": "squat", "type": "mobile", "identity": "613800000000", "extra": "8" });
    manager.ask("/account/link", &body).await;
    for name in ["ceo@example.com", "13800000000", "+8613800000000"] {
        let token = site.exchange(&site.code(&server, name).await, &[]).await.expect("a token");
        assert_eq!(token.user_id, "ceo", "{name}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_the_server_did_not_make_is_refused() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    person(&owner, "alice").await;
    let (browser, other) = (Browser::new(&server), Browser::new(&server));
    let filled = async |browser: &Browser| {
        let form = site.open(browser).await.page().form("/sign-in");
        form.with("username", "alice").with("password", GOOD)
    };
    let form = filled(&browser).await;
    let refused = async |browser: &Browser, form: &Form| {
        let answer = browser.post(&form.action, &form.fields).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{}", answer.text());
        assert_eq!(browser.cookie("roster-session"), "");
    };
    refused(&browser, &form.clone().with("mark", &format!("{}x", form.field("mark")))).await;
    refused(&browser, &form.clone().without("mark")).await;
    // Another browser's form is none of this one's, nor is one of who keeps no cookies.
    refused(&other, &form).await;
    filled(&other).await;
    refused(&other, &form).await;
    for origin in ["https://evil.com", "null"] {
        let evil = Browser::new(&server).with("origin", origin);
        let form = filled(&evil).await;
        refused(&evil, &form).await;
    }
    // What stands beside it in the form says nothing, and where one goes on to is written by the server alone.
    let more = form.clone().with("redirect_uri", "https://evil.com/");
    assert!(browser.send(&more).await.away().starts_with(BACK));
    let strange = Browser::new(&server);
    let form = filled(&strange).await;
    let altered = form.clone().with("onward", &format!("{}x", form.field("onward")));
    assert_eq!(strange.send(&altered).await.page().target, "/account");
    // It is good for an hour.
    let late = Browser::new(&server).with("origin", &format!("http://{}", server.address()));
    let form = filled(&late).await;
    server.pass(59 * MINUTE);
    late.send(&form).await.away();
    let late = Browser::new(&server);
    let form = filled(&late).await;
    server.pass(61 * MINUTE);
    refused(&late, &form).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_late_signs_in_to_the_same_domain_and_goes_on_to_the_app() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    let domain = PdsCaller::of(&server).make_domain("second").await;
    owner.make("alice", json!({ "plain_password": GOOD })).await;
    let theirs = "Theirs-horse-9";
    owner.at(&domain).make("alice", json!({ "plain_password": theirs })).await;
    let target = site.target(&[("domain_id", &domain)]);
    let browser = Browser::new(&server);
    let answer = browser.ask(&target).await;
    assert!(answer.header("location").ends_with(&format!("&domain_id={domain}")), "{answer:?}");
    let form = browser.open(&target).await.page().form("/sign-in");
    let filled = |form: &Form| form.clone().with("username", "alice").with("password", theirs);
    server.pass(61 * MINUTE);

    let page = browser.send(&filled(&form)).await.page();

    assert_eq!(page.status, 400, "{}", page.html);
    assert!(page.says("to continue to site"), "{}", page.html);
    let back = browser.send(&filled(&page.form("/sign-in"))).await.away();
    assert!(back.starts_with(BACK), "{back}");
    // Where that cannot be read at all, the domain is known all the same: nobody else's account is tried.
    let strange = Browser::new(&server);
    let form = strange.open(&target).await.page().form("/sign-in");
    let page = strange.send(&filled(&form).with("onward", "x")).await.page();
    assert_eq!((page.status, page.target.as_str()), (200, "/account"), "{}", page.html);
    // So it is on the way from a page of ours.
    let strange = Browser::new(&server);
    let answer = strange.ask(&format!("/account/sessions?domain_id={domain}")).await;
    assert!(answer.header("location").ends_with(&format!("&domain_id={domain}")), "{answer:?}");
    // Who is signed in is not asked anew because the app has sent somebody an hour ago.
    let form =
        browser.open(&site.target(&[("domain_id", &owner.domain().await)])).await.page().form("/sign-in");
    let old = wire::rpc::form(&[("onward".to_owned(), form.field("onward"))]);
    let form = form.with("username", "alice").with("password", GOOD);
    assert!(browser.send(&form).await.away().starts_with(BACK));
    assert_eq!(browser.open(&format!("/sign-in?{old}")).await.page().heading(), "Sign in");
    server.pass(60 * MINUTE);
    assert!(browser.open(&format!("/sign-in?{old}")).await.away().starts_with(BACK));
    server.stop().await;
}

/// What comes of asking for a code: `the app`, or the heading of the page.
async fn outcome_of(site: &Site, browser: &Browser) -> String {
    match site.open(browser).await {
        Gone::Away(back) => {
            code_in(&back);
            "the app".to_owned()
        }
        Gone::Page(page) => page.heading(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_needs_no_password_again_for_half_a_day() {
    let mut home = Home::new().await;
    home.serve.pages.session_life = 10 * DAY;
    let server = Server::within(home).await;
    let owner = Pds::owner(&server);
    let (site, second) = (Site::of(&server, None).await, Site::of(&server, None).await);
    for name in ["alice", "bob"] {
        person(&owner, name).await;
    }
    let browser = Browser::new(&server);
    assert_eq!(outcome_of(&site, &browser).await, "Sign in");
    assert_eq!(browser.sign_in("alice", GOOD).await.page().target, "/account");

    for site in [&site, &second] {
        assert_eq!(outcome_of(site, &browser).await, "the app");
    }
    let code = code_in(&site.open(&browser).await.away());
    assert_eq!(site.exchange(&code, &[]).await.expect("a token").user_id, "alice");
    for _ in 0..12 {
        server.pass(59 * MINUTE);
        assert_eq!(browser.open("/account").await.page().target, "/account");
    }
    assert_eq!(outcome_of(&site, &browser).await, "the app");
    for _ in 0..2 {
        server.pass(59 * MINUTE);
        browser.open("/account").await.page();
    }
    assert_eq!(outcome_of(&site, &browser).await, "Sign in", "half a day is over");
    // The page opens its own form, though somebody is signed in, and then the app.
    let page = site.open(&browser).await.page();
    let back = browser.send(&page.form("/sign-in").with("username", "bob").with("password", GOOD)).await;
    let code = code_in(&back.away());
    assert_eq!(site.exchange(&code, &[]).await.expect("a token").user_id, "bob");

    // A lock lets what runs go on, and brings nothing new.
    lock(&server.administrator(), &["bob"]).await;
    assert_eq!(browser.open("/account").await.page().target, "/account");
    assert_eq!(outcome_of(&site, &browser).await, "Sign in");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_ten_minutes_its_app_and_its_address() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let (site, other) = (Site::of(&server, None).await, Site::of(&server, None).await);
    person(&owner, "alice").await;
    let code = site.code(&server, "alice").await;
    let refused = async |site: &Site, code: &str, more: &[(&str, &str)]| {
        site.exchange(code, more).await.expect_err("it is refused").brief()
    };

    assert_eq!(refused(&other, &code, &[]).await, BAD_CODE);
    for uri in ["https://app.example.com/back", "https://evil.com/"] {
        let told = refused(&site, &code, &[("redirect_uri", uri)]).await;
        assert!(told.starts_with("400 InvalidParameter"), "{uri}: {told}");
    }
    for wrong in ["x", &code[1..], &format!("{code}x")] {
        assert_eq!(refused(&site, wrong, &[]).await, BAD_CODE, "{wrong}");
    }
    assert_eq!(refused(&site, &code, &[("client_id", "unknown")]).await, "404 NotFound.App");
    let late = site.code(&server, "alice").await;
    server.pass(10 * MINUTE + 1_000);
    assert_eq!(refused(&site, &late, &[]).await, BAD_CODE);
    let fresh = site.code(&server, "alice").await;
    server.pass(9 * MINUTE);
    assert_eq!(site.exchange(&fresh, &[]).await.expect("it is good still").user_id, "alice");
    // A code of somebody who is shut meanwhile, or gone.
    let (shut, gone) = (site.code(&server, "alice").await, site.code(&server, "alice").await);
    owner.change("alice", json!({ "status": "disabled" })).await;
    let fault = site.exchange(&shut, &[]).await.expect_err("shut");
    assert!(["403 Forbidden", BAD_CODE].contains(&&*fault.brief()), "{fault:?}");
    owner.remove("alice").await;
    assert_eq!(refused(&site, &gone, &[]).await, BAD_CODE);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_bring_one_code_at_once_one_gets_a_token() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, None).await;
    let again = Site { app: App::with_id(&server, site.app.id.clone()).await, secret: None };
    person(&owner, "alice").await;
    for _ in 0..5 {
        let code = site.code(&server, "alice").await;
        let (one, two) = tokio::join!(site.exchange(&code, &[]), again.exchange(&code, &[]));
        let told = |answer: Result<TokenReply, Fault>| {
            answer.map_or_else(|fault| fault.brief(), |_| "200".to_owned())
        };
        let mut outcomes = [told(one), told(two)];
        outcomes.sort();
        assert_eq!(outcomes, ["200", BAD_CODE]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_with_a_secret_has_to_say_it() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let site = Site::of(&server, Some("the secret of the site")).await;
    person(&owner, "alice").await;
    let code = site.code(&server, "alice").await;
    for wrong in ["the secret", "The secret of the site", "the secret of the sitex"] {
        let fault = site.exchange(&code, &[("client_secret", wrong)]).await.expect_err("it is wrong");
        assert_eq!(fault.brief(), "400 InvalidParameter.ClientSecret", "{wrong}");
    }
    for none in ["-", ""] {
        let fault = site.exchange(&code, &[("client_secret", none)]).await.expect_err("it is not there");
        assert!(
            fault.brief().starts_with("400 InvalidParameter") && fault.code.ends_with(".ClientSecret"),
            "{fault:?}"
        );
    }

    let token = site.exchange(&code, &[]).await.expect("none of these has used the code up");

    assert_eq!(token.user_id, "alice");
    let refresh = crate::support::renewal(&token);
    let fault = site.app.refresh(&refresh).await.expect_err("no secret");
    assert!(fault.code.ends_with(".ClientSecret"), "{fault:?}");
    let fields = [
        ("refresh_token", refresh.as_str()),
        ("grant_type", "refresh_token"),
        ("code", "-"),
        ("redirect_uri", "-"),
    ];
    assert_eq!(site.exchange("-", &fields).await.expect("with the secret").user_id, "alice");
    server.stop().await;
}
