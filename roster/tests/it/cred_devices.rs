//! Devices for one-time codes: enrolled, asked, locked, listed and removed.
//!
//! Source: `reference/eds-user.md`, 42 to 45; `reference/eiam.md`, 13; RFC 6238.

use std::collections::BTreeSet;

use api::eds::{
    DescribeMfaDevices, DescribeMfaDevicesReply, LockMfaDevice, MfaDevice, MfaDeviceStatus, RemoveMfaDevice,
    UnlockMfaDevice,
};
use directory::{Argument, Error, Unique};
use futures_util::future::join_all;

use crate::support::{
    Client, Devices, Fault, Home, InHand, Instance, NOW, Server, command, create, execute, number, remove,
    spelled, superadmin, text, texts, told,
};

const MINUTE: i64 = 60_000;
/// One step of a device.
const STEP: i64 = 30_000;
/// No device's.
const NOBODY: &str = "dc856334-bf4d-41ae-8b0e-2a4c4d8d8a1e";

async fn page(admin: &Client, request: &DescribeMfaDevices) -> DescribeMfaDevicesReply {
    admin.send(request).await.expect("the call is right")
}

/// All devices that match, page by page.
async fn listed(admin: &Client, request: &DescribeMfaDevices) -> Vec<MfaDevice> {
    let mut request = request.clone();
    let mut devices = Vec::new();
    loop {
        let page = page(admin, &request).await;
        devices.extend(page.mfa_devices);
        if page.next_token.is_empty() {
            return devices;
        }
        request.next_token = Some(page.next_token);
    }
}

/// Whose the devices that match are.
async fn holders(admin: &Client, request: &DescribeMfaDevices) -> Vec<String> {
    listed(admin, request).await.into_iter().map(|device| device.end_user_id).collect()
}

/// Those of users with these names.
fn of(names: &[&str]) -> DescribeMfaDevices {
    DescribeMfaDevices { end_user_ids: Some(texts(names)), ..DescribeMfaDevices::default() }
}

/// The device of a user who has one.
async fn device(admin: &Client, name: &str) -> MfaDevice {
    listed(admin, &of(&[name])).await.pop().expect("there is one")
}

async fn lock(admin: &Client, serial: &str) -> Result<(), Fault> {
    admin.send(&LockMfaDevice { serial_number: serial.to_owned() }).await.map(|_| ())
}

async fn unlock(admin: &Client, serial: &str) -> Result<(), Fault> {
    admin.send(&UnlockMfaDevice { serial_number: serial.to_owned() }).await.map(|_| ())
}

async fn take_away(admin: &Client, serial: &str) -> Result<(), Fault> {
    admin.send(&RemoveMfaDevice { serial_number: serial.to_owned() }).await.map(|_| ())
}

/// Status, wrong codes in a row, and when it opens by itself.
async fn state(admin: &Client, device: &InHand) -> (MfaDeviceStatus, i64, Option<String>) {
    let shown = self::device(admin, &device.name).await;
    (shown.status, shown.consecutive_fails, shown.gmt_unlock)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_shown_once_its_user_has_shown_a_code() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;

    let (secret, uri) = devices.begin("alice").await.expect("there is none");
    assert_eq!(secret.len(), 32);
    assert_eq!(
        uri,
        format!(
            "otpauth://totp/Roster:alice?secret={secret}&issuer=Roster&algorithm=SHA1&digits=6&period=30"
        )
    );
    assert!(listed(&admin, &DescribeMfaDevices::default()).await.is_empty());
    server.pass(1_500);
    devices.enrol("alice").await;

    let answer = admin.call("DescribeMfaDevices", &[]).await;
    let shown = device(&admin, "alice").await;
    let id = shown.id.to_string();
    insta::assert_json_snapshot!(told(&answer, &[(&shown.serial_number, "serial"), (&id, "number")]), @r#"
    {
      "MfaDevices": [
        {
          "ConsecutiveFails": 0,
          "DeviceType": "TOTP_VIRTUAL",
          "EndUserId": "alice",
          "GmtEnabled": "2026-01-15T08:30:01Z",
          "Id": "[number]",
          "SerialNumber": "[serial]",
          "Status": "NORMAL"
        }
      ],
      "NextToken": "",
      "RequestId": "[id]"
    }
    "#);
    let digits = shown.serial_number.replace('-', "");
    assert_eq!((digits.len(), shown.serial_number.len()), (32, 36));
    assert_eq!(i64::from_str_radix(&digits[..13], 16), Ok(shown.id), "the number begins the digits");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_call_the_issuer_as_people_know_the_server() {
    let mut home = Home::new().await;
    home.serve.pages.site = Some("id.example.com:8443".to_owned());
    let server = Server::within(home).await;
    create(&server.administrator(), &["alice"]).await;
    let (_, uri) = Devices::of(&server.home).await.begin("alice").await.expect("there is none");
    assert!(uri.starts_with("otpauth://totp/id.example.com%3A8443:alice?"), "{uri}");
    assert!(uri.contains("&issuer=id.example.com%3A8443&"), "{uri}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_and_one_step_early_or_late() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let devices = Devices::of(&server.home).await;
    let alice = devices.enrol("alice").await;
    let now = devices.now();

    assert!(!devices.takes("alice", &alice.code(now, -1)).await, "it has confirmed the device");
    assert!(devices.takes("alice", &alice.code(now, 0)).await);
    assert!(!devices.takes("alice", &alice.code(now, 0)).await, "a code is good once");
    assert!(!devices.takes("alice", &alice.code(now, 2)).await, "two steps ahead");
    assert!(devices.takes("alice", &alice.code(now, 1)).await);
    assert!(!devices.takes("alice", &alice.code(now, 0)).await, "older than one that was taken");
    server.pass(3 * STEP);
    assert!(!devices.takes("alice", &alice.code(now, 1)).await, "two steps ago");
    assert!(devices.takes("alice", &alice.code(now, 2)).await, "one step ago");
    let code = alice.code(devices.now(), 0);
    let spaced = format!(" {} {}\n", &code[..3], &code[3..]);
    assert!(devices.takes("alice", &spaced).await, "as people type it");
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 0, None));

    server.pass(2 * STEP);
    let wide: String = alice
        .code(devices.now(), 0)
        .chars()
        .map(|c| char::from_u32(c as u32 + 0xfee0).expect("wide"))
        .collect();
    assert!(devices.takes("alice", &wide).await, "as Chinese keyboards type it");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_is_a_wrong_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    let alice = devices.enrol("alice").await;
    let long = "1".repeat(1_000_000);

    for code in ["", "1234567", "abcdef", &long] {
        assert!(!devices.takes("alice", code).await, "{code:.20}");
    }
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 4, None));
    assert!(!devices.takes("bob", &alice.code(devices.now(), 0)).await, "bob has no device");
    devices.begin("bob").await.expect("there is none");
    assert!(!devices.takes("bob", "123456").await, "nor one that works");
    assert_eq!(number(&server.home, "select failures from devices where enabled_at is null").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_stands_for_the_device_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    let (alice, bob) = (devices.enrol("alice").await, devices.enrol("bob").await);
    let all: BTreeSet<&String> = alice.recovery_codes.iter().chain(&bob.recovery_codes).collect();
    assert_eq!(all.len(), 20);
    devices.guess(&alice, 2).await;

    let [first, second, ..] = alice.recovery_codes.as_slice() else { panic!("there are ten") };
    assert!(!devices.takes("bob", first).await, "it is another user's");
    assert!(devices.takes("alice", first).await);
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 0, None));
    assert!(!devices.takes("alice", first).await, "it is spent");
    assert!(devices.takes("alice", &second.to_uppercase().replace('-', " ")).await, "as people type it");
    assert_eq!(devices.recovery_codes("alice").await, 8);
    assert!(devices.takes("alice", &alice.code(devices.now(), 0)).await, "the device is as good as before");

    let renewed = devices.renew("alice").await.expect("there is a device");
    assert_eq!((renewed.len(), devices.recovery_codes("alice").await), (10, 10));
    assert!(!devices.takes("alice", &alice.recovery_codes[2]).await, "it was replaced");
    assert!(devices.takes("alice", &renewed[9]).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fifth_wrong_code_locks_a_device_for_longer() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let devices = Devices::of(&server.home).await;
    let alice = devices.enrol("alice").await;

    let told = "select count(*) from outbox where template = 'sign_in_locked'";

    devices.guess(&alice, 4).await;
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 4, None));
    assert_eq!(number(&server.home, told).await, 0);
    devices.guess(&alice, 1).await;
    assert_eq!(number(&server.home, told).await, 1, "who guesses codes knows the password: alice is told");
    let until = Some("2026-01-15T09:00:00Z".to_owned());
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Locked, 5, until.clone()));
    assert!(!devices.takes("alice", &alice.code(devices.now(), 0)).await, "a right one");
    assert!(!devices.takes("alice", &alice.recovery_codes[0]).await, "a recovery code");
    devices.guess(&alice, 3).await;
    assert_eq!(number(&server.home, told).await, 1);
    assert_eq!(
        state(&admin, &alice).await,
        (MfaDeviceStatus::Locked, 5, until),
        "nothing is counted meanwhile"
    );

    server.pass(30 * MINUTE);
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 5, None));
    devices.guess(&alice, 5).await;
    let until = Some("2026-01-15T10:00:00Z".to_owned());
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Locked, 10, until), "an hour now");
    server.pass(60 * MINUTE);
    assert!(devices.takes("alice", &alice.code(devices.now(), 0)).await);
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 0, None), "it begins anew");
    assert!(devices.takes("alice", &alice.recovery_codes[0]).await, "it was not spent while locked");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_locks_and_unlocks_a_device() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    let (alice, bob) = (devices.enrol("alice").await, devices.enrol("bob").await);
    let serial = device(&admin, "alice").await.serial_number;
    let events = "select count(*) from events where what like 'device.%locked'";

    for _ in 0..2 {
        lock(&admin, &serial).await.expect("it is there");
    }
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Locked, 0, None));
    assert_eq!(number(&server.home, events).await, 1, "the second time nothing changed");
    server.pass(400 * 24 * 60 * MINUTE);
    assert!(!devices.takes("alice", &alice.code(devices.now(), 0)).await, "no time opens it");
    assert!(devices.takes("bob", &bob.code(devices.now(), 0)).await, "bob's is another one");

    for _ in 0..2 {
        unlock(&admin, &serial).await.expect("it is there");
    }
    assert_eq!(number(&server.home, events).await, 2);
    assert!(devices.takes("alice", &alice.code(devices.now(), 0)).await);

    devices.guess(&alice, 5).await;
    lock(&admin, &serial).await.expect("it is there");
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Locked, 5, None), "locked for good now");
    unlock(&admin, &serial).await.expect("it is there");
    assert_eq!(state(&admin, &alice).await, (MfaDeviceStatus::Normal, 0, None));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_removed_is_gone_with_its_codes() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let devices = Devices::of(&server.home).await;
    let old = devices.enrol("alice").await;
    let serial = device(&admin, "alice").await.serial_number;

    take_away(&admin, &serial).await.expect("it is there");
    assert!(holders(&admin, &DescribeMfaDevices::default()).await.is_empty());
    assert_eq!(devices.recovery_codes("alice").await, 0);
    let fault = take_away(&admin, &serial).await.expect_err("it is gone");
    assert_eq!(fault.brief(), "400 InvalidSerialNumber.NotFound");

    server.pass(1_000);
    let new = devices.enrol("alice").await;
    assert_ne!(device(&admin, "alice").await.serial_number, serial);
    assert!(!devices.takes("alice", &old.code(devices.now(), 0)).await);
    assert!(!devices.takes("alice", &old.recovery_codes[0]).await);
    assert!(devices.takes("alice", &new.code(devices.now(), 0)).await);
    assert_eq!(
        lock(&admin, &serial).await.expect_err("it is gone").brief(),
        "400 InvalidSerialNumber.NotFound"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eiam_takes_a_device_away_also_one_that_is_being_enrolled() {
    let server = Server::start().await;
    let (eds, admin) = (server.administrator(), server.administrator().eiam());
    create(&eds, &["alice", "bob"]).await;
    let corp = Instance::default_of(&admin).await;
    let devices = Devices::of(&server.home).await;
    devices.enrol("alice").await;
    devices.begin("bob").await.expect("there is none");

    for name in ["alice", "bob"] {
        let question = format!("select id from users where username = '{name}'");
        let user = spelled("user", &text(&server.home, &question).await);
        for _ in 0..2 {
            corp.done(&admin, "UnbindTotpAuthenticator", &[("UserId", &user)]).await;
        }
        assert!(!devices.remove(name, name).await.expect("own"), "{name} has none any more");
    }
    let events = "select count(*) from events where what = 'device.removed'";
    assert_eq!(number(&server.home, events).await, 2);
    assert_eq!(number(&server.home, "select count(*) from recovery_codes").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_listed_page_by_page_and_filtered() {
    let server = Server::start().await;
    let admin = server.administrator();
    let names = ["alice", "bob", "carol", "dave", "erin", "frank"];
    create(&admin, &names).await;
    let devices = Devices::of(&server.home).await;
    for name in names {
        server.pass(1_000);
        if name == "dave" {
            devices.begin(name).await.expect("there is none");
        } else {
            devices.enrol(name).await;
        }
    }
    server.pass(1_000);
    devices.enrol("superadmin").await;
    let all = DescribeMfaDevices::default();
    let others = ["alice", "bob", "carol", "erin", "frank"];

    assert_eq!(holders(&admin, &all).await, others);
    for size in [1, 2, 4, 5, 500] {
        let size = size.try_into().expect("a page");
        let sized = DescribeMfaDevices { max_results: Some(size), ..all.clone() };
        assert_eq!(holders(&admin, &sized).await, others, "{size:?}");
        let first = page(&admin, &sized).await.mfa_devices.len();
        assert_eq!(first, usize::try_from(size.get()).expect("a page").min(5));
    }
    let filtered = |filter: &str| DescribeMfaDevices { filter: Some(filter.to_owned()), ..all.clone() };
    assert_eq!(holders(&admin, &filtered("AR")).await, ["carol"]);
    assert_eq!(holders(&admin, &filtered("@example")).await, others);
    assert_eq!(holders(&admin, &filtered("*e")).await, ["alice"]);
    assert!(holders(&admin, &filtered("admin")).await.is_empty(), "superadmin is in no list");
    assert_eq!(holders(&admin, &of(&["BOB", "superadmin", "nobody", "dave"])).await, ["bob", "superadmin"]);

    let serial = |name: &'static str| async { device(&admin, name).await.serial_number };
    let (bob, erin) = (serial("bob").await, serial("erin").await);
    let by_serial =
        |serials: &[&str]| DescribeMfaDevices { serial_numbers: Some(texts(serials)), ..all.clone() };
    assert_eq!(holders(&admin, &by_serial(&[&erin, NOBODY, "x", &bob])).await, ["bob", "erin"]);
    assert!(holders(&admin, &by_serial(&[&bob.to_uppercase(), &bob.replace('-', "")])).await.is_empty());
    let both =
        DescribeMfaDevices { end_user_ids: Some(texts(&["erin", "frank"])), ..by_serial(&[&bob, &erin]) };
    assert_eq!(holders(&admin, &both).await, ["erin"]);
    let narrow = DescribeMfaDevices { filter: Some("b".into()), ..both };
    assert!(holders(&admin, &narrow).await.is_empty());
    let sized =
        DescribeMfaDevices { max_results: Some(1.try_into().expect("a page")), ..by_serial(&[&erin, &bob]) };
    assert_eq!(holders(&admin, &sized).await, ["bob", "erin"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_are_refused_by_name() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    devices.enrol("alice").await;
    devices.begin("bob").await.expect("there is none");
    let unbound = text(&server.home, "select id from devices where enabled_at is null").await;
    let unbound = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &unbound[part]).join("-");
    let one =
        DescribeMfaDevices { max_results: Some(1.try_into().expect("a page")), ..of(&["alice", "bob"]) };
    let token = page(&admin, &one).await.next_token;
    assert_eq!(token, "", "bob's is not bound");

    for action in ["LockMfaDevice", "UnlockMfaDevice", "RemoveMfaDevice"] {
        for (parameters, refusal) in [
            (&[][..], "400 MissingSerialNumber"),
            (&[("SerialNumber", "")], "400 MissingSerialNumber"),
            (&[("SerialNumber", NOBODY)], "400 InvalidSerialNumber.NotFound"),
            (&[("SerialNumber", "alice")], "400 InvalidSerialNumber.NotFound"),
            (&[("SerialNumber", &unbound)], "400 InvalidSerialNumber.NotFound"),
        ] {
            assert_eq!(admin.call(action, parameters).await.refusal(), refusal, "{action} {parameters:?}");
        }
    }
    for (parameters, refusal) in [
        (&[("MaxResults", "0")][..], "400 InvalidMaxResults"),
        (&[("MaxResults", "501")], "400 InvalidMaxResults"),
        (&[("NextToken", "x")], "400 InvalidNextToken"),
        (&[("Filter", &"x".repeat(513))], "400 InvalidFilter"),
    ] {
        let answer = admin.call("DescribeMfaDevices", parameters).await;
        assert_eq!(answer.refusal(), refusal, "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_filters() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    devices.enrol("alice").await;
    server.pass(1_000);
    devices.enrol("bob").await;
    let one =
        DescribeMfaDevices { max_results: Some(1.try_into().expect("a page")), ..of(&["alice", "bob"]) };
    let token = page(&admin, &one).await.next_token;

    let other = DescribeMfaDevices { next_token: Some(token.clone()), ..DescribeMfaDevices::default() };
    let fault = admin.send(&other).await.expect_err("other filters");
    assert_eq!(fault.brief(), "400 InvalidNextToken");
    let next = DescribeMfaDevices { next_token: Some(token), max_results: None, ..one };
    assert_eq!(holders(&admin, &next).await, ["bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_follows_its_order() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;

    let missing = devices.confirm("alice", "123456").await.expect_err("none was begun");
    assert!(matches!(missing, Error::Missing(Argument::Device, _)), "{missing:?}");
    let missing = devices.renew("alice").await.expect_err("there is none");
    assert!(matches!(missing, Error::Missing(Argument::Device, _)), "{missing:?}");
    let (first, _) = devices.begin("alice").await.expect("there is none");
    let (second, _) = devices.begin("alice").await.expect("it is not confirmed");
    assert_ne!(first, second);
    let wrong = devices.confirm("alice", "12345").await.expect_err("no code");
    assert!(matches!(wrong, Error::Code), "{wrong:?}");
    let missing = devices.renew("alice").await.expect_err("there is none that works");
    assert!(matches!(missing, Error::Missing(Argument::Device, _)), "{missing:?}");

    let alice = devices.enrol("alice").await;
    let taken = devices.begin("alice").await.expect_err("there is one");
    assert!(matches!(&taken, Error::Taken(Unique::Device, name) if name == "alice"), "{taken:?}");
    let taken = devices.confirm("alice", &alice.code(devices.now(), 0)).await.expect_err("it is confirmed");
    assert!(matches!(taken, Error::Taken(Unique::Device, _)), "{taken:?}");
    let forbidden = devices.remove("bob", "alice").await.expect_err("it is not bob's");
    assert!(matches!(forbidden, Error::Forbidden(Argument::User, _)), "{forbidden:?}");
    assert!(devices.remove("alice", "alice").await.expect("her own"));
    devices.begin("alice").await.expect("there is none any more");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_come_with_one_code_exactly_one_gets_in() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let devices = Devices::of(&server.home).await;
    let alice = devices.enrol("alice").await;

    for round in 0..3 {
        server.pass(2 * STEP);
        let code = alice.code(devices.now(), 0);
        let taken = join_all((0..4).map(|_| devices.takes("alice", &code))).await;
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "round {round}");
        assert!(devices.takes("alice", &alice.code(devices.now(), 1)).await, "what was wrong is forgotten");
    }
    let code = &alice.recovery_codes[0];
    let taken = join_all((0..4).map(|_| devices.takes("alice", code))).await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "a recovery code");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_go_with_their_users() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    devices.enrol("alice").await;
    devices.begin("bob").await.expect("there is none");

    remove(&admin, &["alice", "bob"]).await;

    for table in ["devices", "recovery_codes"] {
        assert_eq!(number(&server.home, &format!("select count(*) from {table}")).await, 0, "{table}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_codes_are_made_from_lies_sealed_for_its_user() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    let (alice, bob) = (devices.enrol("alice").await, devices.enrol("bob").await);
    let base32 = access::totp::base32(&alice.secret);
    let base32 = base32.reveal_text().expect("letters").to_owned();
    devices.guess(&alice, 1).await;
    assert!(devices.takes("alice", &alice.recovery_codes[0]).await);

    let sealed = text(&server.home, "select secret from devices order by user_number limit 1").await;
    assert!(sealed.starts_with("1:") && !sealed.contains(&base32), "{sealed}");
    let secrets = [base32.as_str(), &sealed, &alice.recovery_codes[0], &bob.recovery_codes[0]];
    for secret in secrets {
        let question = format!(
            "select count(*) from event_facts where before like '%{secret}%' or after like '%{secret}%'"
        );
        assert_eq!(number(&server.home, &question).await, 0, "no event tells it");
    }
    let question = "select count(*) from recovery_codes where length(hash) = 64";
    assert_eq!(number(&server.home, question).await, 19, "digests");

    execute(&server.home, "update devices set secret = (select max(secret) from devices), last_step = 0")
        .await;
    let opened = [
        devices.check("alice", &alice.code(devices.now(), 0)).await.is_ok(),
        devices.check("bob", &bob.code(devices.now(), 0)).await.is_ok(),
    ];
    assert_eq!(opened.iter().filter(|opened| **opened).count(), 1, "a secret opens in its own row alone");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_outlive_a_rotation_of_the_keys() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let devices = Devices::of(&server.home).await;
    let alice = devices.enrol("alice").await;

    let rotated = command(&server.home, &["keys", "rotate"]);
    assert!(rotated.went_well, "{rotated:?}");
    let server = server.restart().await;
    let devices = Devices::of(&server.home).await;
    assert!(devices.takes("alice", &alice.code(devices.now(), 0)).await);
    assert!(devices.takes("alice", &alice.recovery_codes[0]).await);
    let bob = devices.enrol("bob").await;
    assert!(devices.takes("bob", &bob.code(devices.now(), 0)).await);
    let newer = "select count(*) from devices where secret like '2:%'";
    assert_eq!(number(&server.home, newer).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_the_directory_is_the_issuer() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    execute(&server.home, "update directories set name = 'Acme & Söhne'").await;
    let devices = Devices::of(&server.home).await;

    let (_, uri) = devices.begin("alice").await.expect("there is none");

    assert!(uri.starts_with("otpauth://totp/Acme%20%26%20S%C3%B6hne:alice?secret="), "{uri}");
    assert!(uri.contains("&issuer=Acme%20%26%20S%C3%B6hne&"), "{uri}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_another_directory_is_not_shown() {
    let server = Server::start().await;
    let (eds, admin) = (server.administrator(), server.administrator().eiam());
    create(&eds, &["alice"]).await;
    let devices = Devices::of(&server.home).await;
    let system = superadmin(&server.home).await;
    let alice = devices.enrol("alice").await;
    let other = Instance::make(&admin).await;
    let serial = device(&eds, "alice").await.serial_number;

    let question = "select id from users where username = 'alice'";
    let user = spelled("user", &text(&server.home, question).await);
    for user in [&user, &system] {
        let answer = other.call(&admin, "UnbindTotpAuthenticator", &[("UserId", user)]).await;
        assert_eq!(answer.refusal(), "404 ResourceNotFound.User");
    }
    assert_eq!(device(&eds, "alice").await.serial_number, serial);
    assert!(devices.takes("alice", &alice.code(devices.now(), 0)).await);
    assert_eq!(devices.now().0, NOW);
    server.stop().await;
}
