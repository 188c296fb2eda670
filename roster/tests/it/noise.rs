//! Noise: whatever arrives, the server answers it, never with 500, and goes on.

use std::future::Future;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use crate::support::{Client, Message, Scheme, Server, create, everybody};
use crate::surface;

/// Cases of each kind; with the six kinds, 3,000.
const CASES: u32 = 500;

/// The same cases in each run.
fn runner() -> TestRunner {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(config.rng_algorithm);
    TestRunner::new_with_rng(config, rng)
}

/// Waits, from within a case, for what the runtime does.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| Handle::current().block_on(future))
}

/// What is told of an answer that no noise may cause.
fn judged(client: &Client, message: &Message) -> Result<(), TestCaseError> {
    let answer = wait(client.exchange(message));
    prop_assert!(answer.status < 500, "{} {:?}", answer.status, answer.body);
    if answer.header("content-type").starts_with("text/xml") {
        prop_assert!(answer.status == 200 || answer.text().contains("<Code>"), "{:?}", answer.body);
    } else if answer.status != 200 {
        let fault = answer.fault();
        prop_assert!(!fault.code.is_empty() && fault.code != "InternalError", "{fault:?}");
    }
    Ok(())
}

/// Names that mean something, values that mean anything.
fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        select(vec![
            "Users",
            "Users.1",
            "Users.1.EndUserId",
            "Users.1.Email",
            "Users.1.GroupIdList.1",
            "Users.2.OrgId",
            "Users.1.Password",
            "Users.1.OwnerType",
            "Users..",
            "Users.1.",
            ".Users",
            "Password",
            "AutoLockTime",
            "IsLocalAdmin",
            "PasswordExpireDays",
            "MaxResults",
            "NextToken",
            "Filter",
            "EndUserIds.1",
            "Status",
            "ExcludeEndUserIds",
            "OrgId",
            "GroupId",
            "ExcludeGroupId",
            "IsQueryAllSubOrgs",
            "ShowExtras",
            "ShowExtras.#3#a.b",
            "ShowExtras.#99#a",
            "FilterMap",
            "Format",
            "Action",
            "Version",
            "Signature",
            "AccessKeyId",
            "Timestamp",
            "SecurityToken",
            "SignatureMethod",
        ])
        .prop_map(str::to_owned),
        "[A-Za-z0-9.#]{0,20}",
    ];
    prop::collection::vec((name, value()), 0..8)
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9-]{0,20}",
        "[*%_'\"\\\\]{0,6}",
        select(vec![
            "",
            "true",
            "null",
            "[]",
            "{}",
            "[[]]",
            r#"{"a":{"b":[1,null]}}"#,
            r#"[{"EndUserId":"x"}]"#,
            "superadmin",
            "org-aliyun-wy-org-id",
            "alice",
            "1",
            r#"{"OrderField":"id"}"#,
            r#"[{"PropertyId":1,"PropertyValueIds":"1,,2"}]"#,
            "2026-02-30",
            "9999-12-31 23:59:59",
            "0001-01-01",
            "JSON",
            "XML",
            "-1",
            "9223372036854775808",
            "\u{0}",
            "\u{feff}",
            "\u{202e}abc",
            "张三",
            "ﷺ",
            "e\u{301}",
        ])
        .prop_map(str::to_owned),
    ]
}

/// An action, and values for most of its own parameters: lists and what lies in them are numbered, or not.
fn own_parameters() -> impl Strategy<Value = (String, Vec<(String, String)>)> {
    let actions: Vec<(String, Vec<String>)> = surface::parameters().into_iter().collect();
    select(actions).prop_flat_map(|(action, names)| {
        let values = prop::collection::vec((value(), any::<bool>(), 0..10), names.len());
        values.prop_map(move |values| {
            let given = names.iter().zip(values).filter(|(_, (_, _, chance))| *chance < 8);
            let named = given.map(|(name, (value, numbered, _))| {
                (format!("{}{}", name.replace('.', ".1."), if numbered { ".1" } else { "" }), value)
            });
            (action.clone(), named.collect())
        })
    })
}

fn action() -> impl Strategy<Value = String> {
    select(surface::served())
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_request_do_no_harm() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let begun = prop_oneof![
        Just(Vec::new()),
        Just(b"GET / HTTP/1.1\r\n".to_vec()),
        Just(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n".to_vec()),
        Just(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()),
        Just(b"GET /?Action=DescribeUsers&Version=2021-03-08&".to_vec()),
    ];
    let bytes = (begun, prop::collection::vec(any::<u8>(), 0..400), any::<bool>());

    let found = runner().run(&bytes, |(mut begun, bytes, ended)| {
        begun.extend(bytes);
        if ended {
            begun.extend_from_slice(b"\r\n\r\n");
        }
        let answer = wait(admin.bytes(&begun));
        let text = String::from_utf8_lossy(&answer);
        prop_assert!(answer.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
        Ok(())
    });

    found.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_bytes_that_are_no_parameters_do_no_harm() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let kind = select(vec!["application/x-www-form-urlencoded", "application/json", "text/plain"]);
    let query = "[A-Za-z0-9.%&=+_~!*'(),;:@/?-]{0,80}";
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        "[\\[\\]{}\",:0-9a-zU]{0,80}".prop_map(String::into_bytes),
    ];

    let found = runner().run(&(action(), kind, query, body), |(action, kind, query, body)| {
        judged(&admin, &admin.v3("POST", &action, &query, Some(kind), &body, &admin.now()))
    });

    found.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

/// Calls with parameters that are likely to be nearly right.
async fn calls_with_any_parameters(scheme: Scheme) {
    let server = Server::start().await;
    let admin = server.administrator().signing(scheme);

    let found = runner().run(&(action(), parameters(), any::<bool>()), |(action, parameters, get)| {
        // A common parameter that stands there twice is another matter.
        let own =
            |name: &str| matches!(name, "Action" | "Version" | "Signature" | "AccessKeyId" | "Timestamp");
        let kept: Vec<_> =
            parameters.into_iter().filter(|(name, _)| scheme == Scheme::V3 || !own(name)).collect();
        let message = if get { admin.get(&action, &kept) } else { admin.post(&action, &kept) };
        judged(&admin, &message)
    });

    found.unwrap_or_else(|failure| panic!("{failure}"));
    create(&admin, &["still_here"]).await;
    assert!(everybody(&admin).await.contains(&"still_here".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_parameters_are_answered_under_v1() {
    calls_with_any_parameters(Scheme::V1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_parameters_are_answered_under_v3() {
    calls_with_any_parameters(Scheme::V3).await;
}

/// Calls with values for an action's own parameters.
async fn calls_with_own_parameters(get: bool) {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let found = runner().run(&own_parameters(), |(action, parameters)| {
        let message = if get { admin.get(&action, &parameters) } else { admin.post(&action, &parameters) };
        judged(&admin, &message)
    });

    found.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_values_of_an_action_s_own_parameters_are_answered() {
    calls_with_own_parameters(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_values_of_an_action_s_own_parameters_are_answered_in_a_query() {
    calls_with_own_parameters(true).await;
}
