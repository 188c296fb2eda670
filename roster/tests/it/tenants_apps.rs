//! Domains, apps, tokens and sessions of one account, in another one.

use model::Audience;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, BACK, Browser, GOOD, Pds, PdsCaller, Server, Tenant, Thing, nowhere, reply, rsa::OWN, signed,
};
use crate::tenants_calls::{OTHER_MARK, OWN_MARK, blotted, both, everything, is_as_before, learnt, rows};

/// Operations of PDS that who is known may call, with parameters of the account's own.
fn operations<'a>(server: &'a Server, own: &'a Tenant) -> impl Iterator<Item = (&'static str, Value)> {
    everything(server, own).filter_map(|calls| {
        let is_open = calls.declared.audience().is_none_or(|audience| audience == Audience::Anybody);
        let path = calls.declared.path()?;
        (!is_open && calls.declared.name() != "Batch").then(|| (path, calls.parameters("", &Value::Null)))
    })
}

/// A domain in the host, in the query and in the body.
async fn in_each_place(caller: &PdsCaller, path: &str, body: &Value, domain: &Value) -> Vec<String> {
    let name = domain.as_str().expect("an id");
    let mut within = body.clone();
    within["domain_id"] = domain.clone();
    let (plain, within) = (body.to_string(), within.to_string());
    let hosted = caller.within(name);
    let mut answers = Vec::new();
    for (caller, target, body) in [
        (&hosted, path.to_owned(), &plain),
        (caller, format!("{path}?domain_id={name}"), &plain),
        (caller, path.to_owned(), &within),
    ] {
        let answer = caller.exchange(&caller.post(&target, body.as_bytes())).await;
        assert!(answer.status >= 400, "{target} {body}: {}", answer.text());
        answers.push(blotted(&answer, domain));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_of_another_account_is_no_domain_wherever_it_is_named() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;
    let theirs = other.thing(Thing::Domain);
    let nobodys = nowhere(theirs, OTHER_MARK);
    let person = own.person.pds.clone();

    for (path, body) in operations(&server, &own) {
        for caller in [&own.pds, &person] {
            let foreign = in_each_place(caller, path, &body, theirs).await;
            assert_eq!(foreign, in_each_place(caller, path, &body, &nobodys).await, "{path}");
        }
    }
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_inside_another_one_reach_no_other_account() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;

    for (resource, url, parameter, thing) in [
        ("user", "/user/get", "user_id", Thing::PdsUser),
        ("user", "/user/delete", "user_id", Thing::PdsUser),
        ("group", "/group/get", "group_id", Thing::PdsGroup),
        ("group", "/group/delete", "group_id", Thing::PdsGroup),
        ("drive", "/drive/get", "drive_id", Thing::Drive),
        ("drive", "/drive/delete", "drive_id", Thing::Drive),
        ("user", "/user/list", "domain_id", Thing::Domain),
    ] {
        let mut answers = Vec::new();
        for id in [other.thing(thing).clone(), nowhere(other.thing(thing), OTHER_MARK)] {
            let mut body = json!({});
            body[parameter] = id.clone();
            let request = json!({ "id": "1", "method": "POST", "url": url, "body": body });
            let batch = json!({ "resource": resource, "requests": [request] });
            let answer = own.pds.call("batch", batch).await;
            assert!(
                answer.json()["responses"][0]["status"].as_u64() >= Some(400),
                "{url}: {}",
                answer.text()
            );
            answers.push(blotted(&answer, &id));
        }
        assert_eq!(answers[0], answers[1], "{url}");
    }
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

/// Two answers, each with the id that was asked for, are refusals of the same words.
fn are_alike(what: &str, foreign: (Answer, &str), absent: (Answer, &str)) {
    assert!(foreign.0.status >= 400, "{what}: {}", foreign.0.text());
    let told = |(answer, asked): &(Answer, &str)| blotted(answer, &json!(asked));
    assert_eq!(told(&foreign), told(&absent), "{what}");
}

/// The app of an account.
fn app_of(server: &Server, tenant: &Tenant) -> App {
    let (id, domain) = (tenant.text(Thing::App), tenant.text(Thing::Domain));
    App { id, domain, anybody: Pds::owner(server).nobody() }
}

/// An id like one that an account has, which is nowhere.
fn absent(tenant: &Tenant, thing: Thing) -> String {
    nowhere(tenant.thing(thing), tenant.mark).as_str().expect("text").to_owned()
}

/// What an app says of a user, signed by its key.
fn assertion(app: &App, user: &str, domain: &str) -> String {
    signed(&OWN, &app.claims(user, &json!({ "aud": domain })))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_speaks_for_its_own_account_alone() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;
    let (mine, theirs) = (app_of(&server, &own), app_of(&server, &other));
    let user = own.text(Thing::PdsUser);

    let (domain, nobodys) = (other.text(Thing::Domain), absent(&other, Thing::Domain));
    let foreign = mine.exchange(&assertion(&mine, &user, &domain)).await;
    let missing = mine.exchange(&assertion(&mine, &user, &nobodys)).await;
    are_alike("a domain", (foreign, &domain), (missing, &nobodys));
    let (person, nobody) = (other.text(Thing::PdsUser), absent(&other, Thing::PdsUser));
    let foreign = mine.exchange(&assertion(&mine, &person, &mine.domain)).await;
    let missing = mine.exchange(&assertion(&mine, &nobody, &mine.domain)).await;
    are_alike("a user", (foreign, &person), (missing, &nobody));
    let answer = theirs.exchange(&assertion(&theirs, &user, &mine.domain)).await;
    assert!(answer.status >= 400, "{}", answer.text());

    // Who signs in for an app finds no domain of another account.
    let page = async |domain: &str| {
        let target = format!("/oauth/authorize?client_id={}&redirect_uri={BACK}&response_type=code", mine.id);
        Pds::owner(&server).nobody().at(domain).fetch(&target, &[]).await
    };
    are_alike("a page", (page(&domain).await, &domain), (page(&nobodys).await, &nobodys));
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

/// A code for whoever signs in for an app.
async fn code_for(server: &Server, app: &App, name: &str) -> String {
    let browser = Browser::new(server);
    let target = format!("/v2/oauth/authorize?client_id={}&redirect_uri={BACK}&response_type=code", app.id);
    let page = browser.open(&target).await.page();
    let form = page.form("/sign-in").with("username", name).with("password", GOOD);
    let away = browser.send(&form).await.away();
    let (_, rest) = away.split_once("code=").unwrap_or_else(|| panic!("{away}"));
    rest.split('&').next().unwrap_or_default().to_owned()
}

/// Asks for a token in exchange for what was given to an app before.
async fn exchange(app: &App, grant: &str, name: &str, given: &str) -> Answer {
    let fields = [("grant_type", grant), ("client_id", &app.id), (name, given), ("redirect_uri", BACK)];
    app.anybody.form("/oauth/token", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_to_an_app_is_nothing_to_another_account_s() {
    let server = Server::start().await;
    let (own, other, _) = both(&server).await;
    let (mine, theirs) = (app_of(&server, &own), app_of(&server, &other));
    let code = code_for(&server, &theirs, &other.text(Thing::TakenUser)).await;
    let no_code = nowhere(&json!(code), OTHER_MARK).as_str().expect("text").to_owned();
    let (token, no_token) = (other.text(Thing::RefreshToken), absent(&other, Thing::RefreshToken));
    let before = rows(&server.home, other.uid).await;

    for (grant, name, given, nothing) in [
        ("authorization_code", "code", &code, &no_code),
        ("refresh_token", "refresh_token", &token, &no_token),
    ] {
        let foreign = exchange(&mine, grant, name, given).await;
        let missing = exchange(&mine, grant, name, nothing).await;
        are_alike(name, (foreign, given), (missing, nothing));
    }
    let account = async |token: &str| {
        let body = json!({ "app_id": mine.id, "refresh_token": token, "grant_type": "refresh_token" });
        mine.anybody.call("/account/token", &body).await
    };
    are_alike("account/token", (account(&token).await, &token), (account(&no_token).await, &no_token));
    is_as_before(&server, &other, &before).await;

    // Where they belong they are still good.
    for (grant, name, given) in
        [("authorization_code", "code", &code), ("refresh_token", "refresh_token", &token)]
    {
        let answer = exchange(&theirs, grant, name, given).await;
        reply::<api::pds::Token>(&answer).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_in_its_own_account_alone() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;

    // Whoever comes with one of the other account's tokens to a host of this one is told what anybody is.
    let stranger = other.person.pds.within(&own.text(Thing::Domain));
    for (path, _) in operations(&server, &own) {
        for body in [json!({}), json!({ "user_id": own.text(Thing::PdsUser) })] {
            let answer = stranger.exchange(&stranger.post(path, body.to_string().as_bytes())).await;
            assert!(matches!(answer.status, 400 | 403), "{path}: {}", answer.text());
            assert!(learnt(&answer, &own, &json!(own.text(Thing::PdsUser))).is_empty(), "{}", answer.text());
        }
    }
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_is_nobody_on_the_pages_of_another_account() {
    let server = Server::start().await;
    let (own, other, _) = both(&server).await;
    let on = |tenant: &Tenant| format!("{}.api.example.com", tenant.text(Thing::Domain));
    let browser = Browser::new(&server).at(&on(&other));
    let page = browser.open(&format!("/sign-in?domain_id={}", other.text(Thing::Domain))).await.page();
    let form = page.form("/sign-in").with("username", &other.text(Thing::TakenUser)).with("password", GOOD);
    let signed_in = browser.send(&form).await.page();
    assert_eq!(browser.ask("/account").await.status, 200, "{}", signed_in.html);

    // Neither a user of the other account nor its session opens anything here.
    let browser = browser.at(&on(&own));
    for target in ["/account".to_owned(), format!("/account?domain_id={}", own.text(Thing::Domain))] {
        let answer = browser.ask(&target).await;
        assert!(!answer.text().contains(OWN_MARK), "{target}: {}", answer.text());
    }
    let fresh = Browser::new(&server).at(&on(&own));
    let page = fresh.open(&format!("/sign-in?domain_id={}", own.text(Thing::Domain))).await.page();
    let mut told = Vec::new();
    for name in [other.text(Thing::TakenUser), "quaggataken".to_owned()] {
        let form = page.form("/sign-in").with("username", &name).with("password", GOOD);
        let page = fresh.send(&form).await.page();
        let alert = page.html.lines().find(|line| line.contains("role=\"alert\"")).unwrap_or_default();
        assert!(alert.contains("not right"), "{}", page.html);
        told.push((page.status, alert.to_owned()));
    }
    assert_eq!(told[0], told[1]);
    server.stop().await;
}
