//! Codes that managers get on a page, and that GetManagerInfoByAuthCode redeems.
//!
//! Source: `reference/eds-user.md`, 10; `reference/doors.md` §7.

use serde_json::json;

use crate::support::{Browser, GOOD, Gone, Home, Pds, PdsCaller, Server};

/// Where codes may go.
const BACK: &str = "https://app.example.com/manager?a=b";

async fn start() -> Server {
    let mut home = Home::new().await;
    home.serve.pages.manager_returns = vec![BACK.to_owned()];
    let server = Server::within(home).await;
    let owner = Pds::owner(&server);
    for (id, role) in [("alice", "user"), ("mona", "admin"), ("sue", "superadmin")] {
        owner.make(id, json!({ "plain_password": GOOD, "role": role })).await;
    }
    server
}

/// Opens the page and signs in on the way.
async fn open(server: &Server, name: &str, query: &str) -> (Browser, crate::support::Page) {
    let browser = Browser::new(server);
    let page = browser.open(&format!("/account/code{query}")).await.page();
    let form = page.form("/sign-in").with("username", name).with("password", GOOD);
    let page = browser.send(&form).await.page();
    assert_eq!(page.target, format!("/account/code{query}"));
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managers_code_is_redeemed_once() {
    let server = start().await;
    let admin = server.administrator();
    let query = "?return=https%3A%2F%2Fapp.example.com%2Fmanager%3Fa%3Db&state=s%26t";
    for name in ["mona", "sue"] {
        let (browser, page) = open(&server, name, query).await;
        assert!(page.says("https://app.example.com asks who you are"), "{}", page.html);
        let policy = page.answer.header("content-security-policy").to_owned();
        assert!(policy.contains("form-action 'self' https://app.example.com;"), "{policy}");

        let back = browser.send(&page.form("/account/code")).await.away();

        let rest = back.strip_prefix(&format!("{BACK}&code=")).unwrap_or_else(|| panic!("{back}"));
        let (code, state) = rest.split_once('&').expect("there is a state");
        assert_eq!((code.len(), state), (32, "state=s%26t"));
        let told = admin.call("GetManagerInfoByAuthCode", &[("AuthCode", code)]).await;
        assert_eq!(told.json()["UserName"], name);
        let again = admin.call("GetManagerInfoByAuthCode", &[("AuthCode", code)]).await;
        assert_eq!(again.refusal(), "400 InvalidAuthCode");
    }
    // Without an address it is shown.
    let (browser, page) = open(&server, "mona", "").await;
    let page = browser.send(&page.form("/account/code")).await.page();
    let code = page.html.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a code");
    let told = admin.call("GetManagerInfoByAuthCode", &[("AuthCode", code)]).await;
    assert_eq!(told.json()["UserName"], "mona");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_to_managers_and_registered_addresses_alone() {
    let server = start().await;
    let (browser, page) = open(&server, "alice", "").await;
    assert_eq!(page.status, 403);
    assert!(page.html.contains("Codes are for those who manage this organization."), "{}", page.html);
    assert!(page.says("href=\"/account\""), "{}", page.html);
    assert!(!browser.open("/account").await.page().says("/account/code"));
    let (browser, page) = open(&server, "mona", "").await;
    let form = page.form("/account/code");
    for address in [
        "https://app.example.com/manager",
        "https://app.example.com/manager?a=b&c=d",
        "https://app.example.com/manager?a=b#x",
        "https://evil.com/",
        "//evil.com",
        "javascript:alert(1)",
        "/account",
    ] {
        let query = wire::rpc::form(&[("return".to_owned(), address.to_owned())]);
        let page = browser.open(&format!("/account/code?{query}")).await.page();
        assert_eq!(page.status, 400, "{address}");
        assert!(page.forms().is_empty(), "{}", page.html);
        assert!(page.says("--manager-return") && page.says("href=\"/account\""), "{}", page.html);
        let sent = browser.send(&form.clone().with("return", address)).await;
        assert!(matches!(&sent, Gone::Page(page) if page.status == 400), "{address} {sent:?}");
    }
    // The form says where the code goes: with another address it is not that form.
    let sent = browser.send(&form.clone().with("return", BACK)).await;
    assert!(matches!(&sent, Gone::Page(page) if page.status == 400), "{sent:?}");
    let sent = browser.send(&form.clone().with("state", "other")).await;
    assert!(matches!(&sent, Gone::Page(page) if page.status == 400), "{sent:?}");

    // Who manages another directory does not manage this one.
    let domain = PdsCaller::of(&server).make_domain("second").await;
    let second = Pds::owner(&server).at(&domain);
    second.make("mo", json!({ "plain_password": GOOD, "role": "superadmin" })).await;
    let host = format!("{domain}.api.example.com");
    let browser = Browser::new(&server).at(&host);
    browser.sign_in("mo", GOOD).await.page();
    assert_eq!(browser.open("/account/code").await.page().status, 403);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_programs_that_redeem_a_code_at_once_one_is_told() {
    let server = start().await;
    let (browser, page) = open(&server, "mona", "").await;
    let page = browser.send(&page.form("/account/code")).await.page();
    let code = page.html.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a code");
    let (one, other) = (server.administrator(), server.administrator());
    let parameters = [("AuthCode", code)];
    let (one, other) = tokio::join!(
        one.call("GetManagerInfoByAuthCode", &parameters),
        other.call("GetManagerInfoByAuthCode", &parameters)
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    server.stop().await;
}
