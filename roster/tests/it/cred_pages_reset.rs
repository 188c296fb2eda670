//! A forgotten password, from the page that asks who one is to the page of the mailed link.
//!
//! Source: `reference/doors.md` §1.2; `reference/eiam.md` §12.

use std::sync::Arc;

use directory::messages::{Letter, Mailbox, Template};
use model::time::DAY;
use serde_json::json;

use crate::cred_messages::all_gone;
use crate::support::{Browser, GOOD, Home, Instance, Page, Pds, PdsCaller, Server, letters, mailbox};

/// Another good password.
const OTHER: &str = "Other-horse-9";
const SENT: &str = "If there is such an account and it can be reached, a message is on its way.";

struct House {
    server: Server,
    mailbox: Arc<Mailbox>,
    owner: Pds,
}

/// A server whose directory sends links by mail, and alice, who signs in by her address as well.
async fn start() -> House {
    let mut home = Home::new().await;
    let mailbox = mailbox(&mut home);
    let server = Server::within(home).await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let parameters = [("ForgetPasswordStatus", "enabled"), ("AuthenticationChannels.1", "email")];
    corp.ask(&admin, "SetForgetPasswordConfiguration", &parameters).await;
    let owner = Pds::owner(&server);
    owner.make("alice", json!({ "plain_password": GOOD })).await;
    let link = json!({ "user_id": "alice", "type": "email", "identity": "a@example.com" });
    owner.ask("/account/link", &link).await;
    House { server, mailbox, owner }
}

/// Asks for a link.
async fn forget(server: &Server, name: &str) -> Page {
    let browser = Browser::new(server);
    let page = browser.open("/sign-in").await.page();
    assert!(page.says("href=\"/password/forgotten\""), "{}", page.html);
    let page = browser.open("/password/forgotten").await.page();
    browser.send(&page.form("/password/forgotten").with("username", name)).await.page()
}

/// The page's address in a letter.
fn link_in(letter: &Letter) -> String {
    let (_, rest) =
        letter.text.split_once("/password/reset").unwrap_or_else(|| panic!("no link: {}", letter.text));
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    format!("/password/reset{}", &rest[..end])
}

fn filled(page: &Page, new: &str, again: &str) -> crate::support::Form {
    page.form("/password/reset").with("new_password", new).with("repeat_password", again)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_chosen_anew_by_the_mailed_link_once() {
    let House { server, mailbox, owner: _ } = start().await;
    let signed_in = Browser::new(&server);
    signed_in.sign_in("alice", GOOD).await.page();
    server.pass(1_000);
    let page = forget(&server, "alice").await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains(SENT), "{}", page.html);
    let sent = letters(&mailbox, 1).await;
    assert_eq!(
        (sent[0].letter.to.as_str(), sent[0].letter.template),
        ("a@example.com", Template::PasswordForgotten)
    );
    let address = link_in(&sent[0].letter);

    let browser = Browser::new(&server);
    let page = browser.open(&address).await.page();
    assert!(page.html.contains("Account: alice"), "{}", page.html);
    assert_eq!(page.answer.header("referrer-policy"), "no-referrer");
    for (new, again, alert) in [
        (OTHER, "Other-horse-8", "The two passwords differ."),
        ("short", "short", "The password does not follow the rules below, or is too easy to guess."),
    ] {
        let page = browser.send(&filled(&page, new, again)).await.page();
        assert_eq!((page.status, page.alert().as_str()), (422, alert));
    }
    // Somebody else's form with this link is none.
    let other = Browser::new(&server);
    other.open("/sign-in").await.page();
    assert_eq!(other.send(&filled(&page, OTHER, OTHER)).await.page().status, 400);
    let done = browser.send(&filled(&page, OTHER, OTHER)).await.page();
    assert_eq!(done.status, 200);
    assert!(done.html.contains("Your password is set."), "{}", done.html);

    assert_eq!(browser.cookie("roster-session"), "", "nobody is signed in by a link");
    assert_eq!(signed_in.open("/account").await.page().heading(), "Sign in");
    assert_eq!(Browser::new(&server).sign_in("alice", OTHER).await.page().target, "/account");
    assert_eq!(Browser::new(&server).sign_in("alice", GOOD).await.page().status, 401);
    // It was good once.
    assert_eq!(browser.open(&address).await.page().status, 410);
    assert_eq!(browser.send(&filled(&page, GOOD, GOOD)).await.page().status, 410);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_link_is_told_the_same_whoever_it_is() {
    let House { server, mailbox, owner } = start().await;
    owner.make("bare", json!({ "plain_password": GOOD })).await;
    owner.make("off", json!({ "plain_password": GOOD, "status": "disabled" })).await;
    let mut told = Vec::new();
    for name in [
        "alice",
        "ALICE",
        "a@example.com",
        "nobody",
        "bare",
        "off",
        "superadmin",
        "",
        "x@example.com",
        "ａｌｉｃｅ",
    ] {
        let page = forget(&server, name).await;
        let nonce =
            page.html.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        told.push((page.status, page.html.replace(nonce, "")));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    // Three messages an hour at most, to her address alone.
    all_gone(&server.home).await;
    let sent = mailbox.letters();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|shown| shown.letter.to == "a@example.com"), "{}", sent.len());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_for_a_day_and_until_there_is_another_password() {
    let House { server, mailbox, owner } = start().await;
    let browser = Browser::new(&server);
    forget(&server, "alice").await;
    let first = link_in(&letters(&mailbox, 1).await[0].letter);
    server.pass(DAY - 1);
    assert_eq!(browser.open(&first).await.page().status, 200);
    server.pass(1);
    assert_eq!(browser.open(&first).await.page().status, 410);

    forget(&server, "alice").await;
    let second = link_in(&letters(&mailbox, 2).await[1].letter);
    let page = browser.open(&second).await.page();
    assert_eq!(page.status, 200);
    owner.change("alice", json!({ "plain_password": OTHER })).await;
    assert_eq!(browser.open(&second).await.page().status, 410);
    assert_eq!(browser.send(&filled(&page, GOOD, GOOD)).await.page().status, 410);
    for strange in
        ["", "?token=", "?token=x", "?token=x&token=y", &second.replace("/password/reset?token=", "?token=x")]
    {
        let page = browser.open(&format!("/password/reset{strange}")).await.page();
        assert_eq!(page.status, 410, "{strange}");
        assert!(page.html.contains("This link is not good any more"), "{}", page.html);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_in_a_browser_that_is_signed_in_to_another_directory() {
    let House { server, mailbox, owner } = start().await;
    let domain = PdsCaller::of(&server).make_domain("second").await;
    owner.at(&domain).make("bob", json!({ "plain_password": GOOD })).await;
    let browser = Browser::new(&server);
    let page = browser.open(&format!("/sign-in?domain_id={domain}")).await.page();
    let form = page.form("/sign-in").with("username", "bob").with("password", GOOD);
    let page = browser.send(&form).await.page();
    assert!(page.html.contains("<dd>bob</dd>"), "{}", page.html);
    forget(&server, "alice").await;

    let address = link_in(&letters(&mailbox, 1).await[0].letter);
    let page = browser.open(&address).await.page();
    assert!(page.html.contains("Account: alice"), "{} {}", page.status, page.html);
    let page = browser.send(&filled(&page, OTHER, OTHER)).await.page();
    assert_eq!(page.status, 200, "{}", page.html);
    let browser = Browser::new(&server);
    assert_eq!(browser.sign_in("alice", OTHER).await.page().target, "/account");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_another_directory_opens_nothing_here() {
    let House { server, mailbox, owner } = start().await;
    let domain = PdsCaller::of(&server).make_domain("second").await;
    forget(&server, "alice").await;
    let address = link_in(&letters(&mailbox, 1).await[0].letter);
    let browser = Browser::new(&server);

    let home = owner.domain().await;
    let elsewhere = address.replace(&home, &domain);
    assert_ne!(elsewhere, address);
    assert_eq!(browser.open(&elsewhere).await.page().status, 410);
    assert_eq!(browser.open(&address).await.page().status, 200);
    // A directory that sends no links says so, to everybody.
    let page = browser.open(&format!("/password/forgotten?domain_id={domain}")).await.page();
    assert!(page.html.contains("New passwords are not sent here."), "{}", page.html);
    assert!(page.forms().is_empty(), "{}", page.html);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_shown_again_is_that_of_the_same_link_in_another_language() {
    let house = start().await;
    forget(&house.server, "alice").await;
    let sent = letters(&house.mailbox, 1).await;
    let browser = Browser::new(&house.server);
    let page = browser.open(&link_in(&sent[0].letter)).await.page();
    let page = browser.send(&filled(&page, "short", "short")).await.page();
    assert_eq!((page.status, page.target.as_str()), (422, "/password/reset"));

    let page = browser.open(&page.link("中文")).await.page();

    assert_eq!(page.status, 200, "{}", page.html);
    assert!(page.html.contains("<html lang=\"zh"), "{}", page.html);
    assert_eq!(browser.send(&filled(&page, OTHER, OTHER)).await.page().status, 200);
    assert_eq!(Browser::new(&house.server).sign_in("alice", OTHER).await.page().target, "/account");
    house.server.stop().await;
}
