//! Pages that were open while something else happened, in another window or elsewhere.
//!
//! Source: `docs/pages.md` §2; `reference/doors.md` §1.3.

use api::eiam::{CreateCustomField, EntityType, FieldDataType, FieldDisplayType, UserPermission};
use model::time::MINUTE;
use serde_json::json;

use crate::support::{
    Browser, Client, Devices, GOOD, Home, Instance, Page, Pds, PdsCaller, Server, choices, list_users, lock,
    make_field, values_of,
};

async fn signed_in(server: &Server, name: &str) -> Browser {
    let browser = Browser::new(server);
    assert_eq!(browser.sign_in(name, GOOD).await.page().target, "/account");
    browser
}

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
    before
        .rsplit("<label for=\"")
        .next()
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned()
}

/// Somebody with a profile, and who administers it.
struct Corp {
    server: Server,
    owner: Pds,
    eiam: Client,
    corp: Instance,
    browser: Browser,
    /// The ids of two fields.
    cost: String,
    room: String,
}

impl Corp {
    /// Three fields that people write, of which one has several choices; in each of the first two alice has a value, and
    /// the first is not in use for now.
    async fn new() -> Self {
        let server = Server::start().await;
        let (owner, eiam) = (Pds::owner(&server), server.administrator().eiam());
        let corp = Instance::default_of(&eiam).await;
        let mut ids = Vec::new();
        for name in ["cost", "room"] {
            let field = field(&corp, name, UserPermission::ReadWrite);
            let default_value = Some(format!("{name} 1"));
            ids.push(make_field(&eiam, &CreateCustomField { default_value, ..field }).await);
        }
        let [cost, room] = ids.try_into().expect("there are two");
        let several = CreateCustomField {
            field_display_type: FieldDisplayType::Checkbox,
            field_data_config: choices(&["tea", "milk"]),
            ..field(&corp, "drinks", UserPermission::ReadWrite)
        };
        make_field(&eiam, &several).await;
        owner.make("alice", json!({ "plain_password": GOOD, "description": "one\ntwo" })).await;
        corp.ask(&eiam, "DisableCustomField", &[("FieldId", &cost)]).await;
        let browser = signed_in(&server, "alice").await;
        Self { server, owner, eiam, corp, browser, cost, room }
    }

    async fn page(&self) -> Page {
        self.browser.open("/account").await.page()
    }

    /// An administrator sets a value.
    async fn set(&self, name: &str, value: &str) {
        let users = list_users(&self.eiam, &self.corp.users()).await;
        let alice = users.iter().find(|user| user.username == "alice").expect("she is there");
        let parameters = [
            ("UserId", alice.user_id.as_str()),
            ("CustomFields.1.FieldName", name),
            ("CustomFields.1.FieldValue", value),
        ];
        self.corp.ask(&self.eiam, "UpdateUser", &parameters).await;
    }

    async fn values(&self) -> String {
        let users = list_users(&self.eiam, &self.corp.users()).await;
        let alice = users.iter().find(|user| user.username == "alice").expect("she is there");
        let mut values = values_of(&self.corp.get_user(&self.eiam, &alice.user_id).await);
        values.sort();
        values.join(" ")
    }

    /// Name and description.
    async fn called(&self) -> (String, String) {
        let user = self.owner.user("alice").await;
        (user.nick_name, user.description)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_profile_did_not_show_or_nobody_touched_stays_as_it_is() {
    let corp = Corp::new().await;
    let form = corp.page().await.form("/account");
    // Meanwhile another field comes into use, and somebody corrects what she leaves alone.
    corp.corp.ask(&corp.eiam, "EnableCustomField", &[("FieldId", &corp.cost)]).await;
    corp.owner.change("alice", json!({ "description": "corrected" })).await;
    corp.set("room", "room 2").await;

    let page = corp.browser.send(&form.clone().with("display_name", "Alice")).await.page();

    assert_eq!(page.status_text(), "Your changes are saved.", "{}", page.html);
    assert_eq!(corp.called().await, ("Alice".to_owned(), "corrected".to_owned()));
    assert_eq!(corp.values().await, "cost=cost 1 room=room 2");
    // Nothing at all is a change as well.
    let page = corp.browser.send(&page.form("/account")).await.page();
    assert_eq!(page.status_text(), "Your changes are saved.", "{}", page.html);
    assert_eq!(corp.values().await, "cost=cost 1 room=room 2");
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_has_changed_meanwhile_is_shown_before_it_is_written_over() {
    let corp = Corp::new().await;
    let page = corp.page().await;
    let room = labelled(&page, "The room");
    let form = page.form("/account");
    corp.owner.change("alice", json!({ "description": "corrected" })).await;

    let typed = form.clone().with("description", "mine").with("display_name", "Alice").with(&room, "room 9");
    let page = corp.browser.send(&typed).await.page();

    assert_eq!(page.status, 409, "{}", page.html);
    assert!(page.alert().starts_with("Somebody else has changed your profile meanwhile."), "{}", page.html);
    assert_eq!(page.html.matches("class=\"problem\"").count(), 1, "{}", page.html);
    assert_eq!(corp.called().await, (String::new(), "corrected".to_owned()), "nothing was written");
    assert_eq!(corp.values().await, "room=room 1");
    // What is new is shown, and what nobody else has touched as it was typed.
    let again = page.form("/account");
    assert_eq!((again.field("description"), again.field(&room)), ("corrected".into(), "room 9".into()));
    assert_eq!(again.field("display_name"), "Alice");
    let page = corp.browser.send(&again.with("description", "mine")).await.page();
    assert_eq!(page.status_text(), "Your changes are saved.", "{}", page.html);
    assert_eq!(corp.called().await, ("Alice".to_owned(), "mine".to_owned()));
    assert_eq!(corp.values().await, "room=room 9");

    // Who changes it to the same is not in the way, nor is a field of several choices.
    let page = corp.page().await;
    let tea = page.html.split("type=\"checkbox\" name=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = page.form("/account").with(tea.expect("a choice"), "1").with("description", "ours");
    corp.owner.change("alice", json!({ "description": "ours" })).await;
    assert_eq!(corp.browser.send(&form).await.page().status, 200);
    assert_eq!(corp.values().await, "drinks=[\"tea\"] room=room 9");
    // The former form is one of what is over.
    corp.set("drinks", "[\"milk\"]").await;
    let answer = corp.browser.post("/account", &form.clone().with("description", "theirs").fields).await;
    assert_eq!(answer.status, 409);

    // A field that was taken away.
    let form = corp.page().await.form("/account").with(&room, "room 10");
    corp.corp.ask(&corp.eiam, "DisableCustomField", &[("FieldId", &corp.room)]).await;
    let page = corp.browser.send(&form).await.page();
    assert_eq!(page.status, 409, "{}", page.html);
    corp.corp.ask(&corp.eiam, "EnableCustomField", &[("FieldId", &corp.room)]).await;
    assert!(corp.values().await.ends_with("room=room 9"));
    corp.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_was_open_for_long_keeps_what_was_typed() {
    let corp = Corp::new().await;
    let form = corp.page().await.form("/account").with("display_name", "Alice");
    for _ in 0..2 {
        corp.server.pass(35 * MINUTE);
        corp.page().await;
    }
    corp.owner.change("alice", json!({ "description": "corrected" })).await;

    let page = corp.browser.send(&form).await.page();

    assert_eq!(page.status, 400, "{}", page.html);
    let again = page.form("/account");
    let fields = (again.field("display_name"), again.field("description"));
    assert_eq!(fields, ("Alice".into(), "corrected".into()));
    assert_eq!(corp.browser.send(&again).await.page().status, 200);
    assert_eq!(corp.called().await, ("Alice".to_owned(), "corrected".to_owned()));
    corp.server.stop().await;
}

/// A page on which a device is begun.
async fn begin(browser: &Browser) -> Page {
    let page = browser.open("/account/device").await.page();
    browser.send(&page.form("/account/device").with("password", GOOD)).await.page()
}

/// The key that a page shows.
fn key(page: &Page) -> String {
    page.html.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a key").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_windows_that_begin_a_device_the_later_one_goes_on() {
    let server = Server::start().await;
    Pds::owner(&server).make("alice", json!({ "plain_password": GOOD })).await;
    let browser = signed_in(&server, "alice").await;
    let (first, second) = (begin(&browser).await, begin(&browser).await);
    assert_ne!(key(&first), key(&second));
    for page in [&first, &second] {
        // Nobody but the page itself says the key.
        let mark = page.form("/account/device").field("mark");
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, mark);
        let carried = String::from_utf8_lossy(&bytes.expect("it is base64url")).into_owned();
        assert!(!carried.contains(&key(page).replace(' ', "")) && !carried.contains("otpauth"), "{carried}");
    }

    let page = browser.send(&first.form("/account/device").with("code", "000000")).await.page();

    assert_eq!(page.status, 409, "{}", page.html);
    assert!(page.alert().starts_with("This was begun again in another window"), "{}", page.html);
    let page = browser.send(&second.form("/account/device").with("code", "000000")).await.page();
    assert_eq!((page.status, key(&page)), (422, key(&second)), "the same key once more");
    assert!(page.html.contains("<svg class=\"qr\""), "{}", page.html);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_has_turned_a_device_on_and_is_sent_again_says_that_it_is_on() {
    let server = Server::start().await;
    Pds::owner(&server).make("alice", json!({ "plain_password": GOOD })).await;
    let browser = signed_in(&server, "alice").await;
    let page = begin(&browser).await;
    let code = Devices::typed("alice", &key(&page)).code(server.home.clock.now(), 0);
    let form = page.form("/account/device").with("code", &code);
    assert_eq!(browser.send(&form).await.page().heading(), "Recovery codes");

    let page = browser.send(&form).await.page();

    assert_eq!(page.status, 409, "{}", page.html);
    assert!(page.alert().starts_with("This is done: one-time codes are on."), "{}", page.html);
    assert!(page.says("10 recovery codes are left."), "{}", page.html);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_for_devices_stays_one_that_can_be_read() {
    let server = Server::start().await;
    let (pds, owner) = (PdsCaller::of(&server), Pds::owner(&server));
    let domain = pds.make_domain(&"司".repeat(100)).await;
    let name = "张".repeat(60);
    owner.at(&domain).make("zhang", json!({ "plain_password": GOOD, "user_name": name })).await;
    let browser = Browser::new(&server).at(&format!("{domain}.api.example.com"));
    assert_eq!(browser.sign_in(&name, GOOD).await.page().target, "/account");

    let page = begin(&browser).await;

    assert_eq!(page.status, 200, "{}", page.html);
    let size = page.html.split("viewBox=\"0 0 ").nth(1).and_then(|rest| rest.split(' ').next());
    let size: u32 = size.and_then(|size| size.parse().ok()).expect("a number");
    assert!(size < 90, "{size} dots in a row");
    assert_eq!(key(&page).replace(' ', "").len(), 32);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_who_is_shut_meanwhile_is_told_so() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    owner.make("mona", json!({ "plain_password": GOOD, "role": "admin" })).await;
    let browser = signed_in(&server, "mona").await;
    let form = browser.open("/account/code").await.page().form("/account/code");
    // Not by a stranger, who guesses.
    for _ in 0..5 {
        assert_eq!(Browser::new(&server).sign_in("mona", "Wrong-horse-1").await.page().status, 401);
    }
    assert_eq!(browser.send(&form).await.page().status, 200);
    lock(&server.administrator(), &["mona"]).await;

    let page = browser.send(&form).await.page();

    assert_eq!((page.status, page.heading().as_str()), (403, "Code for an application"));
    assert!(page.says("Codes are for those who manage this organization."), "{}", page.html);
    assert_eq!(browser.open("/account").await.page().heading(), "Profile");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_for_managers_that_is_shown_again_is_the_same_one_in_another_language() {
    let mut home = Home::new().await;
    let back = "https://app.example.com/manager?a=b";
    home.serve.pages.manager_returns = vec![back.to_owned()];
    let server = Server::within(home).await;
    let owner = Pds::owner(&server);
    owner.make("mona", json!({ "plain_password": GOOD, "role": "admin" })).await;
    let browser = signed_in(&server, "mona").await;
    let query =
        wire::rpc::form(&[("return".to_owned(), back.to_owned()), ("state".to_owned(), "s".to_owned())]);
    let form = browser.open(&format!("/account/code?{query}")).await.page().form("/account/code");
    let page = browser.send(&form.with("mark", "x")).await.page();
    assert_eq!(page.status, 400);
    let page = browser.open(&page.link("中文")).await.page();
    assert!(page.says("https://app.example.com") && page.html.contains("lang=\"zh"), "{}", page.html);
    server.stop().await;
}
