//! The page on which people sign in for an app, and the code that the app gets for it.
//!
//! Source: `reference/pds.md` §13.1 and §13.5; `reference/doors.md` §1.1, §2.1 and §2.2.

use api::pds::{Token, TokenReply};
use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    Answer, App, Fault, GOOD, Instance, Message, Pds, Server, access, file_of, lock, outcome, register,
    reply, rsa,
};

/// Where the test's app wants people back.
const BACK: &str = "https://app.example.com/back?from=roster";
const BAD_CODE: &str = "400 InvalidParameter.Code";

/// A field of a form: its name, its kind and what is in it.
#[derive(Debug, Clone, PartialEq)]
struct Field {
    name: String,
    kind: String,
    value: String,
}

/// A page with a form.
struct Page {
    fields: Vec<Field>,
    html: String,
}

impl Page {
    fn read(answer: &Answer) -> Self {
        assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
        let html = answer.text();
        let tags = html.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        let fields = tags
            .map(|tag| Field {
                name: attribute(tag, "name"),
                kind: attribute(tag, "type"),
                value: attribute(tag, "value"),
            })
            .collect();
        Self { fields, html }
    }

    /// The form as somebody fills it in.
    fn filled(&self, name: &str, password: &str) -> Vec<(String, String)> {
        let text = |field: &Field| match field.kind.as_str() {
            "password" => password.to_owned(),
            "text" | "email" | "" => name.to_owned(),
            _ => field.value.clone(),
        };
        let named = self.fields.iter().filter(|field| !field.name.is_empty());
        named.map(|field| (field.name.clone(), text(field))).collect()
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let rest = tag.split(&format!(" {name}=\"")).nth(1).unwrap_or_default();
    let text = rest.split('"').next().unwrap_or_default();
    let marks = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    marks.iter().fold(text.to_owned(), |text, (mark, sign)| text.replace(mark, sign))
}

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

    /// Opens the page.
    async fn open(&self) -> Page {
        let answer = self.app.anybody.fetch(&self.target(&[]), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Page::read(&answer)
    }

    /// Sends the page's form back.
    async fn submit(&self, form: &[(String, String)], headers: &[(&str, &str)]) -> Answer {
        let mut message = Message {
            method: "POST",
            target: "/v2/oauth/authorize".to_owned(),
            headers: vec![
                ("host".to_owned(), "127.0.0.1".to_owned()),
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ],
            body: wire::rpc::form(form).into_bytes(),
        };
        for (name, value) in headers {
            message = message.with_header(name, value);
        }
        self.app.anybody.exchange(&message).await
    }

    /// Opens the page, fills it in and sends it.
    async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.submit(&self.open().await.filled(name, password), &[]).await
    }

    /// A code for somebody who can sign in.
    async fn code(&self, name: &str) -> String {
        let answer = self.sign_in(name, GOOD).await;
        assert_eq!(answer.status, 302, "{name}: {}", answer.text());
        code_in(&answer)
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
    let outcome = async || site.sign_in("alice", GOOD).await.status;
    end_passwords(&server, "forbid_login", "ia_all").await;
    server.pass(10 * DAY - MINUTE);
    assert_eq!(outcome().await, 302, "it has not ended");
    server.pass(MINUTE);

    for (action, source, expected) in [
        ("forbid_login", "ia_all", 401),
        ("forbid_login", "ia_password", 401),
        ("forbid_login", "ia_webauthn", 302),
        ("force_update_password", "ia_all", 302),
        ("remind_update_password", "ia_all", 302),
    ] {
        end_passwords(&server, action, source).await;
        assert_eq!(outcome().await, expected, "{action} {source}");
    }

    end_passwords(&server, "forbid_login", "ia_all").await;
    owner.ask("/user/update", &json!({ "user_id": "alice", "plain_password": GOOD })).await;
    assert_eq!(outcome().await, 302, "a new one is good for its time");
    server.stop().await;
}

/// The code in the address that somebody is sent back to.
fn code_in(answer: &Answer) -> String {
    let back = answer.header("location");
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

    let answer = site.sign_in("alice", GOOD).await;

    assert_eq!(answer.status, 302, "{}", answer.text());
    let code = code_in(&answer);
    assert!(code.len() >= 32, "{code}");
    assert!(
        answer.header("location").ends_with("&state=s+t%2F%3F%26%3D%22%27%3Cx%3E")
            || answer.header("location").ends_with("&state=s%20t%2F%3F%26%3D%22%27%3Cx%3E"),
        "{}",
        answer.header("location")
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

    let answer = site.app.anybody.fetch(&target, &[]).await;

    let page = Page::read(&answer);
    assert!(!page.html.contains("<script"), "{}", page.html);
    assert!(!page.html.contains("http://") && !page.html.contains("//cdn"), "{}", page.html);
    let policy = answer.header("content-security-policy");
    for rule in ["default-src 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{rule} in {policy}");
    }
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert!(answer.header("cache-control").contains("no-store"), "{:?}", answer.headers);
    let kinds: Vec<&str> = page.fields.iter().map(|field| field.kind.as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "password").count(), 1, "{kinds:?}");
    assert!(page.html.matches("<label").count() >= 2, "{}", page.html);
    // In the browser's language.
    for (languages, tag) in
        [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US,en;q=0.5", "en"), ("fr", "en"), ("", "en")]
    {
        let answer = site.app.anybody.fetch(&target, &[("accept-language", languages)]).await;
        let html = answer.text();
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
        let answer = site.sign_in(name, password).await;
        assert!([200, 401].contains(&answer.status), "{name}: {}", answer.status);
        let page = Page::read(&answer);
        assert!(!page.html.contains(GOOD), "{name}");
        // All but what is in the fields: the name that was typed, and the server's own mark.
        let mut told = String::new();
        for (at, part) in page.html.split(" value=\"").enumerate() {
            told.push_str(if at == 0 { part } else { part.split_once('"').map_or("", |(_, rest)| rest) });
        }
        // The empty field is the one to begin with.
        pages.push((answer.status, told.replace(" autofocus", "")));
        // The page can be used again.
        assert!(page.fields.iter().any(|field| field.kind == "password"), "{name}");
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:#?}");
    assert_eq!(owner.user("alice").await.last_login_time, 0);
    site.code("alice").await;
    server.stop().await;
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
        assert_ne!(site.sign_in(name, GOOD).await.status, 302, "{name} is contact data");
    }
    for (kind, identity) in [("email", "a@example.com"), ("mobile", "13800000000")] {
        owner.ask("/account/link", &json!({ "user_id": "alice", "type": kind, "identity": identity })).await;
    }

    for name in names.into_iter().chain(["alice", "ALICE"]) {
        let token = site.exchange(&site.code(name).await, &[]).await.expect("a token");
        assert_eq!(token.user_id, "alice", "{name}");
    }
    // A username goes before an address: only the first who is found is tried.
    owner.make("mallory", json!({ "user_name": "a@example.com", "plain_password": "Other-horse-9" })).await;
    assert_ne!(site.sign_in("a@example.com", GOOD).await.status, 302);
    assert_eq!(site.sign_in("a@example.com", "Other-horse-9").await.status, 302);
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
        let token = site.exchange(&site.code(name).await, &[]).await.expect("a token");
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
    let form = site.open().await.filled("alice", GOOD);
    let hidden: Vec<String> = {
        let page = site.open().await;
        page.fields.iter().filter(|field| field.kind == "hidden").map(|field| field.name.clone()).collect()
    };
    assert!(!hidden.is_empty());
    for name in &hidden {
        let mut altered = form.clone();
        let value = &mut altered.iter_mut().find(|(other, _)| other == name).expect("it is there").1;
        value.push('x');
        let answer = site.submit(&altered, &[]).await;
        assert_ne!(answer.status, 302, "{name}");
        assert_eq!(answer.header("location"), "");
        let without: Vec<(String, String)> =
            form.iter().filter(|(other, _)| other != name).cloned().collect();
        assert_ne!(site.submit(&without, &[]).await.status, 302, "without {name}");
    }
    // What stands beside it in the form says nothing.
    let mut more = form.clone();
    more.push(("redirect_uri".to_owned(), "https://evil.com/".to_owned()));
    let answer = site.submit(&more, &[]).await;
    assert!(
        answer.header("location").is_empty() || answer.header("location").starts_with(BACK),
        "{answer:?}"
    );
    for origin in ["https://evil.com", "null"] {
        let answer = site.submit(&form, &[("origin", origin)]).await;
        assert!((400..500).contains(&answer.status), "{origin}: {}", answer.status);
    }
    assert_eq!(site.submit(&form, &[("origin", "http://127.0.0.1")]).await.status, 302);
    // It is good for a quarter of an hour.
    let form = site.open().await.filled("alice", GOOD);
    server.pass(14 * MINUTE);
    assert_eq!(site.submit(&form, &[]).await.status, 302);
    server.pass(2 * MINUTE);
    let late = site.submit(&form, &[]).await;
    assert_ne!(late.status, 302);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_ten_minutes_its_app_and_its_address() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let (site, other) = (Site::of(&server, None).await, Site::of(&server, None).await);
    person(&owner, "alice").await;
    let code = site.code("alice").await;
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
    let late = site.code("alice").await;
    server.pass(10 * MINUTE + 1_000);
    assert_eq!(refused(&site, &late, &[]).await, BAD_CODE);
    let fresh = site.code("alice").await;
    server.pass(9 * MINUTE);
    assert_eq!(site.exchange(&fresh, &[]).await.expect("it is good still").user_id, "alice");
    // A code of somebody who is shut meanwhile, or gone.
    let (shut, gone) = (site.code("alice").await, site.code("alice").await);
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
        let code = site.code("alice").await;
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
    let code = site.code("alice").await;
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
