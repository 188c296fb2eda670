//! `roster oauth-app`: apps, registered beside a running server.
//!
//! Source: `reference/pds.md` §2.4, §13.1 and §13.6.

use serde_json::json;

use crate::support::rsa::{CURVE_PEM, FOREIGN, OWN, SHORT_PEM};
use crate::support::{
    App, Done, Home, KEY, Process, SECRET, Server, access, command, file_of, outcome, register, renewal,
    roster, signed, text,
};

fn complaint(done: &Done) -> &str {
    assert!(!done.went_well, "{done:?}");
    assert_eq!((done.out.as_str(), done.err.lines().count()), ("", 1), "{done:?}");
    done.err.strip_prefix("roster: ").expect("it names itself").trim_end()
}

/// Registers an app with a key that is in a file.
fn create(server: &Server, name: &str, key: &str, more: &[&str]) -> Done {
    let file = file_of(key);
    let path = file.path().display().to_string();
    command(&server.home, &[&["oauth-app", "create", "--name", name, "--public-key", &path], more].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_app_prints_its_id_alone_and_is_known_at_once() {
    let server = Server::start().await;

    let done = create(&server, "My app 张", OWN.pem, &[]);

    assert!(done.went_well, "{done:?}");
    let id = done.out.trim_end_matches('\n');
    assert_eq!((done.out.lines().count(), done.err.as_str()), (1, ""), "{done:?}");
    assert!((14..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    let app = App::with_id(&server, id.to_owned()).await;
    assert_eq!(app.outcome("superadmin", &json!({})).await, "200");
    let other = App::with_id(&server, register(&server.home, "My app 张", FOREIGN.pem, &[])).await;
    assert_ne!(other.id, app.id, "names repeat, ids do not");
    let theirs = signed(&FOREIGN, &other.claims("superadmin", &json!({})));
    assert_eq!(outcome(&other.exchange(&theirs).await), "200");
    assert_eq!(other.outcome("superadmin", &json!({})).await, "400 InvalidParameter.Assertion");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_rsa_key_of_2048_bits_is_refused_in_one_line() {
    let server = Server::start().await;
    let cases = [
        ("", "an empty file"),
        ("x", "no PEM"),
        (SHORT_PEM, "1,024 bits"),
        (CURVE_PEM, "a curve"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no key"),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PRIVATE KEY-----\n",
            "a private key",
        ),
        (&OWN.pem[..200], "half a key"),
    ];
    for (key, what) in cases {
        assert!(!complaint(&create(&server, "app", key, &[])).is_empty(), "{what}");
    }
    let missing =
        command(&server.home, &["oauth-app", "create", "--name", "x", "--public-key", "/no/such/file"]);
    assert!(complaint(&missing).contains("/no/such/file"), "{missing:?}");
    assert!(!create(&server, "", OWN.pem, &[]).went_well);
    for uri in ["", "not an address", "https://app.example.com/#part", "javascript:alert(1)"] {
        let done = create(&server, "app", OWN.pem, &["--redirect-uri", uri]);
        assert!(!done.went_well, "{uri}: {done:?}");
    }
    let list = command(&server.home, &["oauth-app", "list"]);
    assert_eq!((list.went_well, list.out.trim()), (true, ""), "{list:?}");
    // A loopback address and a scheme of one's own are for programs on people's machines.
    for uri in ["http://127.0.0.1:8000/back", "com.example.app:/back"] {
        assert!(create(&server, "app", OWN.pem, &["--redirect-uri", uri]).went_well, "{uri}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_every_app_and_nothing_secret() {
    let server = Server::start().await;
    let secret = file_of("a secret of the app");
    let path = secret.path().display().to_string();
    let one = register(&server.home, "first app", OWN.pem, &[]);
    let more = ["--redirect-uri", "https://example.com/back", "--secret-file", &path];
    let two = register(&server.home, "second", OWN.pem, &more);

    let list = command(&server.home, &["oauth-app", "list"]);

    assert!(list.went_well, "{list:?}");
    for (id, name) in [(&one, "first app"), (&two, "second")] {
        let line = list
            .out
            .lines()
            .find(|line| line.contains(id.as_str()))
            .unwrap_or_else(|| panic!("{id} in {list:?}"));
        assert!(line.contains(name), "{line}");
    }
    assert_eq!(list.out.lines().count(), 2, "{list:?}");
    assert!(list.out.contains("https://example.com/back") && !list.out.contains("a secret"), "{list:?}");
    let stored = text(&server.home, "select max(secret) from apps").await;
    assert!(!stored.is_empty() && !stored.contains("a secret of the app"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_app_is_unknown_at_once_and_takes_its_renewals_along() {
    let server = Server::start().await;
    let (app, other) = (App::of(&server).await, App::of(&server).await);
    let (token, kept) = (app.token("superadmin").await, other.token("superadmin").await);

    let done = command(&server.home, &["oauth-app", "delete", &app.id]);

    assert!(done.went_well, "{done:?}");
    assert_eq!(app.outcome("superadmin", &json!({})).await, "404 NotFound.App");
    assert_eq!(app.refresh(&renewal(&token)).await.expect_err("gone").brief(), "404 NotFound.App");
    let fault = other.refresh(&renewal(&token)).await.expect_err("another's");
    assert_eq!(fault.brief(), "400 InvalidParameter.RefreshToken");
    other.refresh(&renewal(&kept)).await.expect("other apps' stay");
    let unknown = command(&server.home, &["oauth-app", "delete", &app.id]);
    assert!(complaint(&unknown).contains(&app.id), "{unknown:?}");
    server.stop().await;
}

#[test]
fn apps_are_made_in_a_house_without_a_server_and_kept_by_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let home = Home::new().await;
        let first = Process::serve_with(
            &home.flags(),
            &[("ROSTER_ROOT_ACCESS_KEY_ID", KEY), ("ROSTER_ROOT_ACCESS_KEY_SECRET", SECRET)],
        );
        assert!(first.stop());
        let id = register(&home, "before", OWN.pem, &[]);
        let process = Process::serve(&home.flags());
        let owner = crate::support::Pds::of(&process.administrator());
        let app = App { id, domain: owner.domain().await, anybody: owner.nobody() };
        let token = app.token("superadmin").await;
        assert_eq!(owner.bearer(&access(&token)).outcome("/user/get", &json!({})).await, "200");
        assert!(process.stop());
    });
    assert!(roster(&["--help"]).out.contains("oauth-app"));
}
