//! What people do for their own accounts: the profile, the password, the device for one-time codes.
//!
//! Source: `reference/doors.md` §1.2 and §1.3; `reference/eiam.md` §10.1.

use api::eiam::{CreateCustomField, EntityType, FieldDataType, FieldDisplayType, UserPermission};
use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    Browser, Client, GOOD, Instance, Page, Pds, Server, choices, list_users, make_field, values_of,
};

/// Another good password.
const OTHER: &str = "Other-horse-9";

async fn person(owner: &Pds, id: &str) {
    owner.make(id, json!({ "plain_password": GOOD, "email": format!("{id}@example.com") })).await;
}

async fn signed_in(server: &Server, name: &str) -> Browser {
    let browser = Browser::new(server);
    assert_eq!(browser.sign_in(name, GOOD).await.page().target, "/account");
    browser
}

/// A custom field that people may read or write.
fn field(corp: &Instance, name: &str, permission: UserPermission) -> CreateCustomField {
    CreateCustomField {
        instance_id: corp.id.clone(),
        entity_type: EntityType::User,
        field_name: name.to_owned(),
        field_display_name: format!("The {name}"),
        field_display_type: FieldDisplayType::Input,
        field_data_type: FieldDataType::String,
        default_value: None,
        field_data_config: None,
        required: None,
        unique: None,
        encrypted: None,
        user_permission: Some(permission),
        description: None,
    }
}

/// The field of a form that is labelled so.
fn labelled(page: &Page, label: &str) -> String {
    let before = page.html.split(&format!(">{label}</label>")).next().unwrap_or_default();
    let id = before.rsplit("<label for=\"").next().unwrap_or_default();
    id.split('"').next().unwrap_or_default().to_owned()
}

async fn values(admin: &Client, corp: &Instance, name: &str) -> Vec<String> {
    let users = list_users(admin, &corp.users()).await;
    let found = users.iter().find(|user| user.username == name).expect("the user is there");
    let mut values = values_of(&corp.get_user(admin, &found.user_id).await);
    values.sort();
    values
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_and_change_what_the_fields_permissions_allow() {
    use UserPermission::{Hide, ReadOnly, ReadWrite};
    let server = Server::start().await;
    let (owner, admin) = (Pds::owner(&server), server.administrator());
    let corp = Instance::default_of(&admin).await;
    for (name, permission) in [("hidden", Hide), ("shown", ReadOnly), ("open", ReadWrite)] {
        let default_value = Some(format!("{name} <1>"));
        make_field(&admin, &CreateCustomField { default_value, ..field(&corp, name, permission) }).await;
    }
    let select = CreateCustomField {
        field_display_type: FieldDisplayType::Select,
        field_data_config: choices(&["red", "green", "-blue"]),
        ..field(&corp, "colour", ReadWrite)
    };
    make_field(&admin, &select).await;
    let several = CreateCustomField {
        field_display_type: FieldDisplayType::Checkbox,
        field_data_config: choices(&["tea", "milk"]),
        encrypted: Some(true),
        ..field(&corp, "drinks", ReadWrite)
    };
    make_field(&admin, &several).await;
    let unique = CreateCustomField { unique: Some(true), ..field(&corp, "badge", ReadWrite) };
    make_field(&admin, &unique).await;
    let required = CreateCustomField {
        required: Some(true),
        default_value: Some("7".into()),
        field_data_type: FieldDataType::Number,
        ..field(&corp, "size", ReadWrite)
    };
    make_field(&admin, &required).await;
    for name in ["alice", "bob"] {
        person(&owner, name).await;
    }
    let browser = signed_in(&server, "alice").await;
    let page = browser.open("/account").await.page();
    assert!(!page.says("The hidden") && !page.says("hidden <1>"), "{}", page.html);
    assert!(page.html.contains("<dt>The shown</dt><dd>shown &lt;1&gt;</dd>"), "{}", page.html);
    assert!(page.html.contains("<dd>alice@example.com</dd>"), "{}", page.html);
    let [open, colour, badge, size] =
        ["The open", "The colour", "The badge", "The size"].map(|label| labelled(&page, label));
    assert_eq!(page.form("/account").field(&open), "open <1>");
    assert!(!page.html.contains("blue"), "what cannot be chosen is not offered: {}", page.html);
    let tea = page.html.split("type=\"checkbox\" name=\"").nth(1).and_then(|rest| rest.split('"').next());

    let form = page.form("/account").with("display_name", "Alice <A>").with("description", "two\r\nlines");
    let form = form.with(&open, "new").with(&colour, "green").with(tea.expect("a choice"), "1");
    let page = browser.send(&form.with(&badge, "b-1").with(&size, "12.5")).await.page();

    assert_eq!(page.status_text(), "Your changes are saved.", "{}", page.html);
    assert_eq!(
        values(&admin, &corp, "alice").await,
        [
            "badge=b-1",
            "colour=green",
            "drinks=[\"tea\"]",
            "hidden=hidden <1>",
            "open=new",
            "shown=shown <1>",
            "size=12.5"
        ]
    );
    let shown = owner.user("alice").await;
    assert_eq!((shown.nick_name.as_str(), shown.description.as_str()), ("Alice <A>", "two\nlines"));
    assert_eq!(page.form("/account").field("description"), "two\nlines");
    assert!(page.html.contains("value=\"Alice &lt;A&gt;\""), "{}", page.html);

    // Taking a value away, and what is not taken.
    let page = browser.send(&page.form("/account").with(&open, "").with(&colour, "")).await.page();
    assert!(!values(&admin, &corp, "alice").await.iter().any(|value| value.starts_with("open")));
    let bob = signed_in(&server, "bob").await;
    let form = bob.open("/account").await.page().form("/account");
    for (name, value, problem) in [
        (badge.as_str(), "b-1", "Somebody else has this value already."),
        (&size, "", "This field must have a value."),
        (&size, "many", "This field cannot have this value."),
        (&colour, "blue", "This field cannot have this value."),
        (&colour, "violet", "This field cannot have this value."),
        ("display_name", &"x".repeat(257), "This field cannot have this value."),
        ("description", &"x".repeat(1_025), "This field cannot have this value."),
    ] {
        let typed = form.clone().with("display_name", "Bob").with(name, value);
        let page = bob.send(&typed).await.page();
        assert_eq!(page.status, 422, "{name} {value}");
        assert_eq!(page.html.matches("class=\"problem\"").count(), 1, "{name} {value}: {}", page.html);
        assert!(page.html.contains(problem), "{name} {value}: {}", page.html);
        assert_eq!(
            page.form("/account").field(name),
            if value == "blue" || value == "violet" { "" } else { value }
        );
    }
    assert_eq!(owner.user("bob").await.nick_name, "");
    // Fields that are not theirs to write, and those of nobody, are not even read.
    let read_only = page.html.contains("name=\"shown\"");
    assert!(!read_only, "{}", page.html);
    let more = page.form("/account").with("shown", "mine").with("hidden", "mine").with("role", "superadmin");
    browser.send(&more).await.page();
    let after = values(&admin, &corp, "alice").await;
    assert!(after.contains(&"shown=shown <1>".to_owned()) && after.contains(&"hidden=hidden <1>".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_changes_the_password_and_stays_in_this_browser_alone() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    let (browser, other) = (signed_in(&server, "alice").await, signed_in(&server, "alice").await);
    let page = browser.open("/account/password").await.page();
    assert!(page.html.contains("at least 8 characters"), "{}", page.html);
    let form = page.form("/account/password");
    let filled = |old: &str, new: &str, again: &str| {
        form.clone().with("old_password", old).with("new_password", new).with("repeat_password", again)
    };

    for (old, new, again, status, alert) in [
        (GOOD, OTHER, "Other-horse-8", 422, "The two passwords differ."),
        (
            GOOD,
            "short",
            "short",
            422,
            "The password does not follow the rules below, or is too easy to guess.",
        ),
        (GOOD, "", "", 422, "The password does not follow the rules below, or is too easy to guess."),
        (OTHER, OTHER, OTHER, 401, "That is not your present password."),
        ("", "short", "short", 401, "That is not your present password."),
    ] {
        let page = browser.send(&filled(old, new, again)).await.page();
        assert_eq!((page.status, page.alert().as_str()), (status, alert), "{old} {new}");
        assert!(!page.html.contains(GOOD) && !page.html.contains(OTHER), "{}", page.html);
    }
    let before = browser.cookie("roster-session");
    server.pass(1_000);
    let page = browser.send(&filled(GOOD, OTHER, OTHER)).await.page();
    assert_eq!(page.status_text(), "Your new password is set. You are signed out everywhere else.");
    assert_ne!(browser.cookie("roster-session"), before, "another key as well");
    assert_eq!(browser.open("/account").await.page().heading(), "Profile");
    assert_eq!(other.open("/account").await.page().heading(), "Sign in");
    assert_eq!(Browser::new(&server).sign_in("alice", GOOD).await.page().status, 401);
    assert_eq!(Browser::new(&server).sign_in("alice", OTHER).await.page().target, "/account");

    // An administrator may keep people from it, also who has the form before them.
    let form = browser.open("/account/password").await.page().form("/account/password");
    owner.change("alice", json!({ "deny_change_password_by_self": true })).await;
    let page = browser.open("/account/password").await.page();
    assert!(page.html.contains("Your administrator alone changes your password."), "{}", page.html);
    assert!(page.forms().is_empty(), "{}", page.html);
    let filled = form.with("old_password", OTHER).with("new_password", GOOD).with("repeat_password", GOOD);
    let page = browser.send(&filled).await.page();
    assert_eq!(page.status, 403, "{}", page.html);
    assert!(page.html.contains("Your administrator alone changes your password."), "{}", page.html);
    assert_eq!(Browser::new(&server).sign_in("alice", OTHER).await.page().target, "/account");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_name_is_locked_no_page_tells_a_right_password() {
    let server = Server::start().await;
    person(&Pds::owner(&server), "alice").await;
    let browser = signed_in(&server, "alice").await;
    let form = browser.open("/account/password").await.page().form("/account/password");
    for _ in 0..5 {
        assert_eq!(Browser::new(&server).sign_in("alice", "Wrong-horse-1").await.page().status, 401);
    }
    for (old, new) in [(GOOD, "weak"), (GOOD, GOOD), (GOOD, OTHER), ("Wrong-horse-1", "weak"), ("", OTHER)] {
        let filled =
            form.clone().with("old_password", old).with("new_password", new).with("repeat_password", new);
        let page = browser.send(&filled).await.page();
        let locked = "There were too many wrong passwords or codes. Try again later.";
        assert_eq!((page.status, page.alert().as_str()), (401, locked), "{old} {new}");
    }
    server.pass(30 * MINUTE);
    let filled = form.with("old_password", GOOD).with("new_password", OTHER).with("repeat_password", OTHER);
    let page = browser.send(&filled).await.page();
    assert_eq!(page.status_text(), "Your new password is set. You are signed out everywhere else.");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_to_change_the_password_does_nothing_before() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let forced = json!({ "plain_password": GOOD, "need_change_password_next_login": true });
    owner.make("alice", forced).await;
    let browser = Browser::new(&server);

    let page = browser.sign_in("alice", GOOD).await.page();

    assert_eq!(page.heading(), "Change the password");
    assert!(page.html.contains("Before you go on"), "{}", page.html);
    for target in ["/account", "/account/device", "/account/sessions", "/account/code", "/sign-in"] {
        assert_eq!(browser.open(target).await.page().heading(), "Change the password", "{target}");
    }
    let form = page.form("/account/password");
    let filled = |new: &str| form.clone().with("new_password", new).with("repeat_password", new);
    let page = browser.send(&filled(GOOD)).await.page();
    assert_eq!((page.status, page.heading().as_str()), (422, "Change the password"), "the same is no other");
    let page = browser.send(&filled(OTHER)).await.page();
    assert_eq!(page.status_text(), "Your new password is set. You are signed out everywhere else.");
    assert!(!owner.user("alice").await.need_change_password_next_login);
    // What is not complete ends after a quarter of an hour.
    owner.change("alice", json!({ "need_change_password_next_login": true })).await;
    let browser = Browser::new(&server);
    browser.sign_in("alice", OTHER).await.page();
    server.pass(15 * 60_000);
    assert_eq!(browser.open("/account").await.page().heading(), "Sign in");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_is_told_that_the_password_ends() {
    let server = Server::start().await;
    let (owner, admin) = (Pds::owner(&server), server.administrator().eiam());
    person(&owner, "alice").await;
    let corp = Instance::default_of(&admin).await;
    let parameters = [
        ("PasswordExpirationStatus", "enabled"),
        ("PasswordValidMaxDay", "30"),
        ("PasswordExpirationAction", "remind_update_password"),
        ("PasswordExpirationNotificationStatus", "enabled"),
        ("PasswordExpirationNotificationDuration", "7"),
        ("PasswordExpirationNotificationChannels.1", "login"),
    ];
    corp.ask(&admin, "SetPasswordExpirationConfiguration", &parameters).await;
    assert_eq!(signed_in(&server, "alice").await.open("/account").await.page().status_text(), "");
    server.pass(27 * DAY);

    let browser = Browser::new(&server);
    let page = browser.sign_in("alice", GOOD).await.page();
    assert!(page.html.contains("Your password ends in 3 days."), "{}", page.html);
    let page = browser.open("/account").await.page();
    assert!(page.status_text().contains("Your password ends in 3 days."), "{}", page.html);
    server.pass(3 * DAY);
    let page = Browser::new(&server).sign_in("alice", GOOD).await.page();
    assert_eq!(page.heading(), "Your password has ended");
    assert!(page.html.contains("Your password has ended."), "{}", page.html);
    server.stop().await;
}

/// The codes of the device that has this key.
struct Device(model::Secret);

impl Device {
    /// As the page shows the key.
    fn of(page: &Page) -> Self {
        let shown = page.html.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a key");
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u64, 0);
        for letter in shown.bytes().filter(|b| *b != b' ') {
            let value = letters.iter().position(|other| *other == letter).expect("a letter of base 32");
            (bits, held) = (bits << 5 | value as u64, held + 5);
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
            }
        }
        Self(model::Secret::new(bytes))
    }

    fn code(&self, server: &Server) -> String {
        let step = server.home.clock.now().0.div_euclid(access::totp::STEP);
        String::from_utf8(access::totp::code_at(&self.0, step).to_vec()).expect("digits")
    }
}

/// Turns one-time codes on; the device and the recovery codes.
async fn enrol(server: &Server, browser: &Browser) -> (Device, Vec<String>) {
    let page = browser.open("/account/device").await.page();
    let page = browser.send(&page.form("/account/device").with("password", GOOD)).await.page();
    assert!(page.html.contains("<svg class=\"qr\""), "{}", page.html);
    let device = Device::of(&page);
    let form = page.form("/account/device");
    // A wrong code, and the page can be used again.
    let page = browser.send(&form.with("code", "000000")).await.page();
    assert_eq!(page.status, 422, "{}", page.html);
    let page = browser.send(&page.form("/account/device").with("code", &device.code(server))).await.page();
    assert_eq!(page.heading(), "Recovery codes", "{}", page.html);
    let codes = page.html.split("<li class=\"code\">").skip(1);
    let codes = codes.map(|rest| rest.split('<').next().unwrap_or_default().to_owned()).collect();
    (device, codes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_enrolled_asked_for_and_taken_off() {
    let server = Server::start().await;
    person(&Pds::owner(&server), "alice").await;
    let browser = signed_in(&server, "alice").await;
    let page = browser.open("/account/device").await.page();
    let page = browser.send(&page.form("/account/device").with("password", OTHER)).await.page();
    assert_eq!((page.status, page.alert().as_str()), (401, "That is not your present password."));

    let (device, codes) = enrol(&server, &browser).await;

    assert_eq!(codes.len(), 10);
    let page = browser.open("/account/device").await.page();
    assert!(page.html.contains("10 recovery codes are left."), "{}", page.html);
    assert!(codes.iter().all(|code| !page.html.contains(code.as_str())), "they are not shown again");
    server.pass(60_000);
    let second = Browser::new(&server);
    let page = second.sign_in("alice", GOOD).await.page();
    assert_eq!(page.heading(), "One-time code");
    let before = second.cookie("roster-session");
    for target in ["/account", "/account/password", "/account/device", "/account/sessions"] {
        assert_eq!(second.open(target).await.page().heading(), "One-time code", "{target}");
    }
    let code = device.code(&server);
    let page = second.send(&page.form("/sign-in").with("code", "123")).await.page();
    assert_eq!(page.status, 401);
    assert_eq!(second.send(&page.form("/sign-in").with("code", &code)).await.page().target, "/account");
    assert_ne!(second.cookie("roster-session"), before, "each step has a key of its own");
    // No code is good twice; a recovery code is good once.
    for (code, is_good) in [(&code, false), (&codes[0], true), (&codes[0], false), (&codes[1], true)] {
        let again = Browser::new(&server);
        let page = again.sign_in("alice", GOOD).await.page();
        let page = again.send(&page.form("/sign-in").with("code", code)).await.page();
        assert_eq!(page.target == "/account", is_good, "{code} {}", page.html);
    }
    let page = browser.open("/account/device").await.page();
    assert!(page.html.contains("8 recovery codes are left."), "{}", page.html);

    let renewed = browser.send(&page.button("Make new recovery codes").with("code", &codes[2])).await.page();
    assert_eq!(renewed.heading(), "Recovery codes", "{}", renewed.html);
    assert!(!renewed.html.contains(&codes[3]), "{}", renewed.html);
    let wrong = browser.send(&page.button("Turn off").with("code", &codes[3])).await.page();
    assert_eq!(wrong.status, 401, "the former ones are gone");
    server.pass(60_000);
    let page = browser.send(&page.button("Turn off").with("code", &device.code(&server))).await.page();
    assert_eq!(page.status_text(), "One-time codes are off.");
    assert_eq!(Browser::new(&server).sign_in("alice", GOOD).await.page().target, "/account");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_comes_before_the_change_that_is_due() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    person(&owner, "alice").await;
    let (device, _) = enrol(&server, &signed_in(&server, "alice").await).await;
    owner.change("alice", json!({ "need_change_password_next_login": true })).await;
    server.pass(60_000);
    let browser = Browser::new(&server);

    let page = browser.sign_in("alice", GOOD).await.page();
    assert_eq!(page.heading(), "One-time code");
    let page = browser.send(&page.form("/sign-in").with("code", &device.code(&server))).await.page();

    assert_eq!(page.heading(), "Change the password", "{}", page.html);
    // Half a sign-in is given up like a whole one.
    let page = browser.send(&page.form("/sign-out")).await.page();
    assert_eq!(page.heading(), "Sign in");
    server.stop().await;
}
