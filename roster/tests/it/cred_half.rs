//! Sign-ins that have not come to their end, and sessions, when something else happens meanwhile.
//!
//! Source: `reference/doors.md` §1.1 and §1.2.

use api::Password;
use api::eds::{DescribeMfaDevices, LockMfaDevice, NewUser, RemoveMfaDevice};
use model::time::MINUTE;
use serde_json::json;

use crate::support::{
    Browser, Client, Devices, Form, GOOD, InHand, Instance, Page, Pds, Server, lock, make, managed, unlock,
};

/// Another good password.
const OTHER: &str = "Other-horse-9";

async fn signed_in(server: &Server, name: &str) -> Browser {
    let browser = Browser::new(server);
    assert_eq!(browser.sign_in(name, GOOD).await.page().target, "/account");
    browser
}

/// Where somebody stands.
async fn heading(browser: &Browser) -> String {
    browser.open("/account").await.page().heading()
}

/// A browser in which the password was given, and the form that asks for a code.
async fn half(server: &Server, name: &str) -> (Browser, Form) {
    let browser = Browser::new(server);
    let page = browser.sign_in(name, GOOD).await.page();
    assert_eq!(page.heading(), "One-time code", "{}", page.html);
    (browser, page.form("/sign-in"))
}

/// Five wrong passwords, from elsewhere.
async fn guess(server: &Server, name: &str) {
    for _ in 0..5 {
        assert_eq!(Browser::new(server).sign_in(name, OTHER).await.page().status, 401);
    }
}

fn with_code(form: &Form, server: &Server, device: &InHand) -> Form {
    form.clone().with("code", &device.code(server.home.clock.now(), 0))
}

async fn take_device(admin: &Client) {
    let devices = admin.send(&DescribeMfaDevices::default()).await.expect("the call is right").mfa_devices;
    let serial_number = devices.first().expect("there is one").serial_number.clone();
    admin.send(&RemoveMfaDevice { serial_number }).await.expect("it can be removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_began_by_a_clock_that_is_ahead_ends_with_a_new_password() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    for name in ["alice", "bob"] {
        owner.make(name, json!({ "plain_password": GOOD })).await;
    }
    server.pass(10 * MINUTE);
    let (ahead, theirs) = (signed_in(&server, "alice").await, signed_in(&server, "bob").await);
    server.pass(-10 * MINUTE);
    let here = signed_in(&server, "alice").await;

    // By the own hand, and by an administrator's.
    let form = here.open("/account/password").await.page().form("/account/password");
    let form = form.with("old_password", GOOD).with("new_password", OTHER).with("repeat_password", OTHER);
    assert_eq!(here.send(&form).await.page().heading(), "Profile");
    owner.change("bob", json!({ "plain_password": OTHER })).await;

    assert_eq!((heading(&ahead).await, heading(&theirs).await), ("Sign in".into(), "Sign in".into()));
    assert_eq!(heading(&here).await, "Profile");
    assert_eq!(Browser::new(&server).sign_in("alice", OTHER).await.page().target, "/account");
    server.pass(20 * MINUTE);
    assert_eq!((heading(&ahead).await, heading(&theirs).await), ("Sign in".into(), "Sign in".into()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_locked_between_password_and_code_gets_in() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![managed("alice"), managed("bob")]).await;
    let devices = Devices::of(&server.home).await;
    for (name, is_guessed) in [("alice", false), ("bob", true)] {
        let device = devices.enrol(name).await;
        let (browser, form) = half(&server, name).await;
        if is_guessed {
            guess(&server, name).await;
        } else {
            lock(&admin, &[name]).await;
        }

        let page = browser.send(&with_code(&form, &server, &device)).await.page();

        assert_eq!((page.heading().as_str(), heading(&browser).await.as_str()), ("Sign in", "Sign in"));
        // Nor is the code spent.
        unlock(&admin, &[name]).await;
        let (browser, form) = half(&server, name).await;
        assert_eq!(browser.send(&with_code(&form, &server, &device)).await.page().heading(), "Profile");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_locked_before_a_password_that_is_due_gets_in_or_sets_it() {
    let server = Server::start().await;
    let (owner, admin) = (Pds::owner(&server), server.administrator());
    let forced = json!({ "plain_password": GOOD, "need_change_password_next_login": true });
    for (name, is_guessed) in [("alice", false), ("bob", true)] {
        owner.make(name, forced.clone()).await;
        let browser = Browser::new(&server);
        let page = browser.sign_in(name, GOOD).await.page();
        assert_eq!(page.heading(), "Change the password");
        if is_guessed {
            guess(&server, name).await;
        } else {
            lock(&admin, &[name]).await;
        }

        let form = page.form("/account/password").with("new_password", OTHER).with("repeat_password", OTHER);
        let page = browser.send(&form).await.page();

        assert_eq!((page.heading().as_str(), heading(&browser).await.as_str()), ("Sign in", "Sign in"));
        unlock(&admin, &[name]).await;
        assert_eq!(Browser::new(&server).sign_in(name, OTHER).await.page().status, 401);
        let page = Browser::new(&server).sign_in(name, GOOD).await.page();
        assert_eq!(page.heading(), "Change the password", "{}", page.html);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_are_not_complete_end_no_session_but_one_another() {
    let server = Server::start().await;
    make(&server.administrator(), vec![managed("alice")]).await;
    let own = signed_in(&server, "alice").await;
    let device = Devices::of(&server.home).await.enrol("alice").await;
    let mut halves = Vec::new();
    for _ in 0..6 {
        server.pass(1_000);
        halves.push(half(&server, "alice").await);
    }

    assert_eq!(heading(&own).await, "Profile");
    let first = heading(&halves[0].0).await;
    assert_eq!((first.as_str(), heading(&halves[1].0).await.as_str()), ("Sign in", "One-time code"));
    let (browser, form) = &halves[5];
    assert_eq!(browser.send(&with_code(form, &server, &device)).await.page().heading(), "Profile");
    assert_eq!(heading(&own).await, "Profile");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_password_that_is_barred_as_easy_changes_it() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let easy = "P@ssw0rd2026";
    make(&eds, vec![NewUser { password: Some(Password::new(easy)), ..managed("alice") }]).await;
    let browser = Browser::new(&server);
    assert_eq!(browser.sign_in("alice", easy).await.page().target, "/account");
    let corp = Instance::default_of(&eiam).await;
    let barred = [("PasswordMinLength", "8"), ("DisabledWeakPasswordLogin", "true")];
    corp.ask(&eiam, "SetPasswordComplexityConfiguration", &barred).await;
    assert_eq!(Browser::new(&server).sign_in("alice", easy).await.page().status, 401);

    let form = browser.open("/account/password").await.page().form("/account/password");
    let filled = |old: &str| {
        form.clone().with("old_password", old).with("new_password", OTHER).with("repeat_password", OTHER)
    };
    assert_eq!(browser.send(&filled(GOOD)).await.page().alert(), "That is not your present password.");
    let page = browser.send(&filled(easy)).await.page();

    assert_eq!(page.status_text(), "Your new password is set. You are signed out everywhere else.");
    assert_eq!(Browser::new(&server).sign_in("alice", OTHER).await.page().target, "/account");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_device_was_taken_away_begins_to_sign_in_anew() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![managed("alice")]).await;
    let device = Devices::of(&server.home).await.enrol("alice").await;
    let (browser, form) = half(&server, "alice").await;

    take_device(&admin).await;

    let page = browser.send(&with_code(&form, &server, &device)).await.page();
    assert_eq!((page.status, page.heading().as_str()), (200, "Sign in"), "{}", page.html);
    assert_eq!(browser.sign_in("alice", GOOD).await.page().target, "/account");
    // No try was counted for the address.
    for n in 0..20 {
        let (browser, form) = (Browser::new(&server), form.clone().with("code", &format!("{n:06}")));
        browser.send(&form).await.page();
    }
    assert_eq!(signed_in(&server, "alice").await.open("/account").await.page().heading(), "Profile");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_locked_is_told_so_where_a_password_or_code_is_asked_for_once_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![managed("alice"), managed("bob")]).await;
    let told = "There were too many wrong passwords or codes. Try again later.";
    let browser = signed_in(&server, "alice").await;
    guess(&server, "alice").await;
    let filled = |page: &Page, path: &str| {
        let form = page.form(path).with("old_password", GOOD).with("password", GOOD);
        form.with("new_password", OTHER).with("repeat_password", OTHER)
    };
    for path in ["/account/password", "/account/device"] {
        let page = browser.open(path).await.page();
        let page = browser.send(&filled(&page, path)).await.page();
        assert_eq!((page.status, page.alert().as_str()), (401, told), "{path}");
    }

    let own = signed_in(&server, "bob").await;
    let devices = Devices::of(&server.home).await;
    let device = devices.enrol("bob").await;
    let (browser, form) = half(&server, "bob").await;
    devices.guess(&device, 4).await;
    let told = "Your device is locked, after wrong codes or by an administrator. No code is taken at present. Try \
                again later, or ask your administrator.";
    let page = browser.send(&form.clone().with("code", "wrong")).await.page();
    assert_eq!((page.status, page.alert().as_str()), (401, told), "the fifth says it: {}", page.html);
    let page = browser.send(&with_code(&form, &server, &device)).await.page();
    assert_eq!((page.status, page.alert().as_str()), (401, told), "{}", page.html);
    let page = own.open("/account/device").await.page();
    let page = own.send(&with_code(&page.button("Turn off"), &server, &device)).await.page();
    assert_eq!((page.status, page.alert().as_str()), (401, told), "{}", page.html);

    // Whom an administrator has locked out has typed nothing wrong.
    server.pass(31 * MINUTE);
    let shown = admin.send(&DescribeMfaDevices::default()).await.expect("the call is right");
    let serial_number = shown.mfa_devices[0].serial_number.clone();
    admin.send(&LockMfaDevice { serial_number }).await.expect("it is there");
    let (browser, form) = half(&server, "bob").await;
    let page = browser.send(&form.with("code", &device.recovery_codes[0])).await.page();
    assert_eq!((page.status, page.alert().as_str()), (401, told), "{}", page.html);
    server.stop().await;
}
