//! Who is let in by an AccessKey: both signatures of PDS, the time window, replays, and what is refused.
//!
//! Source: `reference/pds.md` §3 and §4; `reference/doors.md` §7.

use api::pds::{CreateUser, GetUser};
use model::time::MINUTE;
use serde_json::json;

use crate::support::{KEY, PdsCaller, Proof, SECRET, Server, http_date, new_pds_user, roster, until};

/// The caller under both signatures.
fn both(owner: &PdsCaller) -> [(&'static str, PdsCaller); 2] {
    [("V1", owner.clone()), ("V4", owner.by_v4())]
}

fn with_key(owner: &PdsCaller, key: &str, secret: &str) -> [(&'static str, PdsCaller); 2] {
    let (key, secret) = (key.to_owned(), secret.to_owned());
    [
        ("V1", owner.proving(Proof::V1(key.clone(), secret.clone()))),
        ("V4", owner.proving(Proof::V4(key, secret))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn both_signatures_open_the_same_domain() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for (scheme, caller) in both(&owner) {
        let made =
            caller.get(&CreateUser { nick_name: Some("张三 ✓".to_owned()), ..new_pds_user(scheme) }).await;
        assert_eq!((made.user_id.as_str(), made.nick_name.as_str()), (scheme, "张三 ✓"));
        assert_eq!(made.creator, "", "an AccessKey is no user");
    }
    assert!(owner.has_user("V4").await && owner.by_v4().has_user("V1").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_and_secrets_are_forbidden_and_never_an_invalid_token() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for (key, secret, says) in [
        (KEY, "another secret", "SignatureDoesNotMatch"),
        ("LTAInobodynobodynobodyno", SECRET, "InvalidAccessKeyId"),
    ] {
        for (scheme, caller) in with_key(&owner, key, secret) {
            let fault = caller.send(&new_pds_user("alice")).await.expect_err("it proves nothing");
            assert_eq!(fault.brief(), "403 Forbidden", "{scheme} {key}");
            assert!(fault.message.contains(says), "{scheme} {key}: {}", fault.message);
            assert!(!fault.message.contains(SECRET), "{}", fault.message);
        }
    }
    assert!(!owner.has_user("alice").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_cannot_be_altered() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let body = br#"{"user_id":"alice"}"#;
    for (scheme, caller) in both(&owner) {
        let right = || caller.post("/v2/user/create", body);
        let changed = |name: &str, value: &str| right().without_header(name).with_header(name, value);
        let mut cases = vec![
            ("another path", right().with_target("create", "import")),
            ("a query", right().with_target("create", "create?a=1")),
            ("another action", changed("x-acs-action", "DeleteUser")),
            ("no action", right().without_header("x-acs-action")),
            ("another version", changed("x-acs-version", "2022-03-02")),
            ("another nonce", changed("x-acs-signature-nonce", "f")),
            ("one more signed header", right().with_header("x-acs-anything", "1")),
            ("another accept", changed("accept", "*/*")),
            ("another content type", changed("content-type", "application/json")),
            ("another date", changed("date", &http_date(caller.now().plus(-1_000)))),
        ];
        if scheme == "V4" {
            let mut other = right();
            other.body = br#"{"user_id":"mallory"}"#.to_vec();
            cases.push(("another body", other));
            cases.push(("another hash", changed("x-acs-content-sha256", &"0".repeat(64))));
        }
        for (what, message) in cases {
            let fault = caller.exchange(&message).await.pds_fault();
            assert_eq!(fault.brief(), "403 Forbidden", "{scheme}: {what}");
            assert!(fault.message.contains("SignatureDoesNotMatch"), "{scheme}: {what}: {}", fault.message);
        }
    }
    assert!(!owner.has_user("alice").await && !owner.has_user("mallory").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_digest_of_the_body_binds_it() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    // Unsigned, it breaks the signature; that it is checked where it is signed, the signatures' own tests say.
    for (scheme, caller) in both(&owner) {
        let message = caller
            .post("/v2/user/create", br#"{"user_id":"a"}"#)
            .with_header("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==");
        assert_eq!(caller.exchange(&message).await.outcome(), "403 Forbidden", "{scheme}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_good_for_fifteen_minutes_on_either_side() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for (scheme, caller) in both(&owner) {
        for (minutes, expected) in [
            (-16, "403 Forbidden"),
            (-14, "200"),
            (14, "200"),
            (16, "403 Forbidden"),
            (-9_000, "403 Forbidden"),
        ] {
            let at = caller.now().plus(minutes * MINUTE);
            let body = br#"{"user_id":"superadmin"}"#;
            let message = caller.message("POST", "/v2/user/get", Some("application/json"), body, at);
            assert_eq!(caller.exchange(&message).await.outcome(), expected, "{scheme} {minutes} minutes");
        }
        for date in ["", "yesterday", "2026-01-15T08:30:00Z"] {
            let message = caller.post("/v2/user/get", b"{}").without_header("date").with_header("date", date);
            assert_eq!(caller.exchange(&message).await.outcome(), "403 Forbidden", "{scheme} {date:?}");
        }
        let undated = caller.post("/v2/user/get", b"{}").without_header("date");
        assert_eq!(caller.exchange(&undated).await.outcome(), "403 Forbidden", "{scheme} without date");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_accepted_twice() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for (scheme, caller) in both(&owner) {
        let body = json!({ "user_id": scheme }).to_string();
        let message = caller.post("/v2/user/create", body.as_bytes());
        assert_eq!(caller.exchange(&message).await.status, 201, "{scheme}");
        assert_eq!(caller.exchange(&message).await.outcome(), "403 Forbidden", "{scheme}, sent again");
        let reading = caller.post("/v2/user/list", b"{}");
        assert_eq!(caller.exchange(&reading).await.status, 200, "{scheme}");
        assert_eq!(caller.exchange(&reading).await.outcome(), "403 Forbidden", "{scheme}, read again");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_changed_something_is_accepted_twice_after_a_restart() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let message = owner.post("/v2/user/create", br#"{"user_id":"alice"}"#);
    assert_eq!(owner.exchange(&message).await.status, 201);
    owner.get(&api::pds::DeleteUser { user_id: "alice".to_owned() }).await;

    let server = server.restart().await;
    let owner = PdsCaller::of(&server);
    assert_eq!(owner.exchange(&message).await.outcome(), "403 Forbidden");
    assert!(!owner.has_user("alice").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemes_that_are_not_known_are_refused() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server).nobody();
    for authorization in [
        "acs",
        "acs x",
        "acs :",
        "acs a:",
        "ACS4-HMAC-SHA256",
        "ACS4-HMAC-SHA256 Credential=a",
        "ACS4-HMAC-SM3 Credential=a/Thu, 15 Ja/center/pds/aliyun_v4_request,SignedHeaders=a,Signature=b",
        "Basic YTpi",
    ] {
        let message = owner.post("/v2/user/list", b"{}").with_header("authorization", authorization);
        let outcome = owner.exchange(&message).await.outcome();
        assert_eq!(outcome, "403 Forbidden", "{authorization}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_proof_a_call_needs_a_token() {
    let server = Server::start().await;
    let nobody = PdsCaller::of(&server).nobody();
    for path in [
        "user/get",
        "user/list",
        "group/list",
        "drive/list",
        "domain/get",
        "domain/get_quota",
        "domain/list",
        "batch",
    ] {
        assert_eq!(nobody.outcome(path, json!({})).await, "401 AccessTokenInvalid", "{path}");
    }
    for token in ["", "abc", "a.b.c", "null"] {
        let outcome = nobody.bearer(token).outcome("user/get", json!({})).await;
        assert_eq!(outcome, "401 AccessTokenInvalid", "{token:?}");
    }
    let twice = nobody.post("/v2/user/get", b"{}").with_header("x-acs-bearer-token", "abc");
    assert_eq!(nobody.exchange(&twice).await.outcome(), "401 AccessTokenInvalid");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_learns_nothing_of_its_parameters_before_it_has_proved_itself() {
    let server = Server::start().await;
    let nobody = PdsCaller::of(&server).nobody();
    for body in [&b"{"[..], b"[]", br#"{"user_id":1}"#, br#"{"user_id":"superadmin"}"#, br#"{"user_id":"x"}"#]
    {
        let answer = nobody.exchange(&nobody.post("/v2/user/delete", body)).await;
        assert_eq!(answer.outcome(), "401 AccessTokenInvalid", "{body:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_key_is_no_user_of_the_domain() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for (scheme, caller) in both(&owner) {
        for path in ["user/get", "user/general_get", "drive/get_default_drive"] {
            let outcome = caller.outcome(path, json!({})).await;
            assert_eq!(outcome, "400 InvalidParameterMissing.UserId", "{scheme} {path}");
        }
        assert_eq!(caller.user("superadmin").await.user_id, "superadmin");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_sent_as_both_sdks_send_it_is_good() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let token = owner.link_for_token("alice").await;
    let alice = owner.bearer(&token);
    assert_eq!(alice.get(&GetUser::default()).await.user_id, "alice");
    let nobody = owner.nobody();
    let by_python = nobody.post("/v2/user/get", b"{}").with_header("x-acs-bearer-token", &token);
    assert_eq!(nobody.exchange(&by_python).await.json()["user_id"], "alice");
    let lower = nobody.post("/v2/user/get", b"{}").with_header("authorization", &format!("bearer {token}"));
    assert_eq!(nobody.exchange(&lower).await.json()["user_id"], "alice");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_disabled_or_deleted_opens_nothing() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let command = |words: &[&str]| {
        let flags = server.home.flags();
        let done = roster(&words.iter().copied().chain(flags.iter().map(String::as_str)).collect::<Vec<_>>());
        assert!(done.went_well, "{done:?}");
        done.out
    };
    let made = command(&["access-key", "create"]);
    let word = |name: &str| {
        let line = made.lines().find(|line| line.starts_with(name)).expect("it is printed");
        line.split_whitespace().last().expect("a word").to_owned()
    };
    let (id, secret) = (word("AccessKeyId:"), word("AccessKeySecret:"));
    let callers = with_key(&owner, &id, &secret);
    let outcome =
        async |caller: &PdsCaller| caller.outcome("user/get", json!({ "user_id": "superadmin" })).await;
    for (verb, expected) in
        [("create", "200"), ("disable", "403 Forbidden"), ("enable", "200"), ("delete", "403 Forbidden")]
    {
        if verb != "create" {
            command(&["access-key", verb, &id]);
        }
        for (scheme, caller) in &callers {
            until(&format!("{scheme} {verb}"), async || outcome(caller).await == expected).await;
        }
    }
    server.stop().await;
}
