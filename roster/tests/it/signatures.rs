//! Who is let in: both signatures, the time window, replays, keys.
//!
//! Source: `reference/protocol.md` §2, §3 and §6.3.

use api::eds::DescribeUsers;
use model::Millis;
use model::time::MINUTE;

use crate::support::{
    Client, KEY, Message, NOW, SECRET, Scheme, Server, SignedAt, create, everybody, find, remove,
};

const SCHEMES: [Scheme; 2] = [Scheme::V1, Scheme::V3];

fn pairs(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A creation of one user.
fn creation(name: &str) -> Vec<(String, String)> {
    pairs(&[("Users.1.EndUserId", name), ("Users.1.Email", "a@example.com")])
}

/// What a message is refused with, or `200`.
async fn outcome(client: &Client, message: &Message) -> String {
    let answer = client.exchange(message).await;
    if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_signatures_are_good_with_get_and_post() {
    let server = Server::start().await;
    for (at, scheme) in SCHEMES.into_iter().enumerate() {
        let admin = server.administrator().signing(scheme);
        let (get, post) = (format!("get_{at}"), format!("post_{at}"));

        assert_eq!(outcome(&admin, &admin.get("CreateUsers", &creation(&get))).await, "200", "{scheme:?}");
        assert_eq!(outcome(&admin, &admin.post("CreateUsers", &creation(&post))).await, "200", "{scheme:?}");

        let named = DescribeUsers {
            end_user_ids: Some(vec![get.clone(), post.clone()].try_into().expect("two")),
            ..DescribeUsers::default()
        };
        assert_eq!(find(&admin, &named).await, [get, post]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_lie_in_query_and_form_and_the_form_wins() {
    let server = Server::start().await;
    let v1 = server.administrator().signing(Scheme::V1);
    let v3 = server.administrator();
    create(&v3, &["alice", "bob", "li_lei"]).await;

    let query = pairs(&[("Filter", "alice"), ("MaxResults", "5")]);
    let form = pairs(&[("Filter", "bob")]);
    // V1 signs the name that stands in both as the form has it.
    let by_v1 = v1.v1("POST", "DescribeUsers", &query, &form, &v1.now());
    let form_text = wire::rpc::form(&form);
    let by_v3 = v3.v3(
        "POST",
        "DescribeUsers",
        &wire::rpc::form(&query),
        Some("application/x-www-form-urlencoded"),
        form_text.as_bytes(),
        &v3.now(),
    );
    for (client, message) in [(&v1, by_v1), (&v3, by_v3)] {
        let answer = client.exchange(&message).await.json();
        assert_eq!(answer["Users"][0]["EndUserId"], "bob", "{answer}");
        assert_eq!(answer["Count"], 1);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_body_carries_parameters_only_under_v3() {
    let server = Server::start().await;
    let v3 = server.administrator();
    let v1 = server.administrator().signing(Scheme::V1);
    let body =
        br#"{"Users":[{"EndUserId":"json","Email":"a@example.com"}],"IsLocalAdmin":true,"Password":null}"#;
    let kind = Some("application/json; charset=utf-8");

    let message = v3.v3("POST", "CreateUsers", "", kind, body, &v3.now());
    assert_eq!(outcome(&v3, &message).await, "200");

    let unsigned = Message {
        body: body.to_vec(),
        ..v1.v1("POST", "CreateUsers", &[], &[], &v1.now()).with_header("content-type", "application/json")
    };
    assert_eq!(outcome(&v1, &unsigned).await, "400 MissingUsers");
    assert_eq!(everybody(&v3).await, ["json"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_any_script_arrives_as_it_was_sent() {
    let server = Server::start().await;
    let nick = "张三 O'Neil +*~%20&=/?#é🙂";
    for (at, scheme) in SCHEMES.into_iter().enumerate() {
        let admin = server.administrator().signing(scheme);
        for (way, name) in [("get", format!("get_{at}")), ("post", format!("post_{at}"))] {
            let mut parameters = creation(&name);
            parameters.extend(pairs(&[("Users.1.RealNickName", nick)]));
            let message = match way {
                "get" => admin.get("CreateUsers", &parameters),
                _ => admin.post("CreateUsers", &parameters),
            };
            let answer = admin.exchange(&message).await.json();
            assert_eq!(answer["CreateResult"]["CreatedUsers"][0]["RealNickName"], nick, "{scheme:?} {way}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_cannot_be_altered() {
    let server = Server::start().await;
    let v1 = server.administrator().signing(Scheme::V1);
    let v3 = server.administrator();
    create(&v3, &["alice", "bob"]).await;
    let by_v1 = || v1.get("DescribeUsers", &pairs(&[("Filter", "alice")]));
    let by_v3 = || v3.get("DescribeUsers", &pairs(&[("Filter", "alice")]));
    let form = || v3.post("RemoveUsers", &pairs(&[("Users.1", "alice")]));
    let form_v1 = || v1.post("RemoveUsers", &pairs(&[("Users.1", "alice")]));

    let altered = [
        by_v1().with_target("alice", "bob"),
        by_v1().with_target("Filter=alice&", ""),
        by_v1().with_target("/?", "/?Status=0&"),
        by_v1().with_target("Action=DescribeUsers", "Action=RemoveUsers"),
        by_v1().with_method("POST"),
        by_v3().with_target("alice", "bob"),
        by_v3().with_method("POST"),
        by_v3().with_header("x-acs-something", "new"),
        by_v3().with_header("content-type", "application/json"),
        Message { body: b"Users.1=bob".to_vec(), ..form() },
        Message { body: b"Users.1=bob".to_vec(), ..form_v1() },
    ];
    for message in altered {
        assert_eq!(outcome(&v3, &message).await, "400 SignatureDoesNotMatch", "{message:?}");
    }
    let mut headers = by_v3().headers;
    let action = headers.iter_mut().find(|(name, _)| name == "x-acs-action").expect("it is sent");
    action.1 = "RemoveUsers".to_owned();
    let message = Message { headers, ..by_v3() };
    assert_eq!(outcome(&v3, &message).await, "400 SignatureDoesNotMatch");
    assert_eq!(everybody(&v3).await, ["alice", "bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_told_what_the_server_would_have_signed() {
    let server = Server::start().await;
    for scheme in SCHEMES {
        let stranger = server.administrator().signing(scheme).with_key(KEY, "a wrong secret");
        let fault = stranger.call("DescribeUsers", &[("Filter", "x")]).await.fault();

        assert_eq!(fault.brief(), "400 SignatureDoesNotMatch");
        match scheme {
            Scheme::V1 => {
                // Clients take what follows the only colon.
                let parts: Vec<&str> = fault.message.split(':').collect();
                assert_eq!(parts.len(), 2, "{}", fault.message);
                assert!(parts[0].ends_with("server string to sign is"), "{}", fault.message);
                assert!(parts[1].starts_with("POST&%2F&AccessKeyId%3D"), "{}", fault.message);
            }
            Scheme::V3 => {
                assert!(
                    fault.message.contains("server StringToSign is [ACS3-HMAC-SHA256\n"),
                    "{}",
                    fault.message
                );
                assert!(fault.message.contains("server CanonicalRequest is [POST\n/\n"), "{}", fault.message);
            }
        }
        assert!(!fault.message.contains(SECRET));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_cannot_say_what_v1_does() {
    let server = Server::start().await;
    let admin = server.administrator().signing(Scheme::V1);
    create(&admin, &["alice"]).await;

    let message = admin
        .get("DescribeUsers", &pairs(&[("Users.1", "alice")]))
        .with_header("x-acs-action", "RemoveUsers")
        .with_header("x-acs-version", "2000-01-01");
    let answer = admin.exchange(&message).await.json();

    assert_eq!(answer["Count"], 1, "it was DescribeUsers: {answer}");
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamp_is_good_for_a_quarter_of_an_hour_either_way() {
    let server = Server::start().await;
    let quarter = 15 * MINUTE;
    for scheme in SCHEMES {
        let admin = server.administrator().signing(scheme);
        for (apart, expected) in [
            (-quarter, "200"),
            (-quarter - 1_000, "400 InvalidTimeStamp.Expired"),
            (quarter, "200"),
            (quarter + 1_000, "400 InvalidTimeStamp.Expired"),
            (0, "200"),
        ] {
            let at = SignedAt::at(Millis(NOW + apart));
            let message = admin.post_at("DescribeUsers", &[], &at);
            assert_eq!(outcome(&admin, &message).await, expected, "{scheme:?}, {apart} ms");
        }
        // A millisecond later the oldest one is too old.
        let oldest = admin.post_at("DescribeUsers", &[], &SignedAt::at(Millis(NOW - quarter)));
        server.pass(1);
        assert_eq!(outcome(&admin, &oldest).await, "400 InvalidTimeStamp.Expired");
        server.pass(-1);
        for timestamp in
            ["2026-01-15 08:30:00", "2026-01-15T08:30:00.000Z", "1768465800", "now", "2026-02-30T08:30:00Z"]
        {
            let at = SignedAt { timestamp: timestamp.into(), ..admin.now() };
            let message = admin.post_at("DescribeUsers", &[], &at);
            assert_eq!(
                outcome(&admin, &message).await,
                "400 InvalidTimeStamp.Format",
                "{scheme:?} {timestamp}"
            );
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_accepted_twice() {
    let server = Server::start().await;
    for (at, scheme) in SCHEMES.into_iter().enumerate() {
        let admin = server.administrator().signing(scheme);
        let name = format!("user_{at}");
        let read = admin.post("DescribeUsers", &[]);
        let write = admin.post("CreateUsers", &creation(&name));

        for message in [&read, &write] {
            assert_eq!(outcome(&admin, message).await, "200");
            assert_eq!(outcome(&admin, message).await, "400 SignatureNonceUsed");
        }
        // The same nonce with other words, signed anew, is the same request.
        let signed = admin.now();
        let first = admin.post_at("DescribeUsers", &[], &signed);
        let other = admin.post_at("DescribeUsers", &pairs(&[("Filter", "x")]), &signed);
        assert_eq!(outcome(&admin, &first).await, "200");
        assert_eq!(outcome(&admin, &other).await, "400 SignatureNonceUsed");

        remove(&admin, &[&name]).await;
        assert_eq!(outcome(&admin, &write).await, "400 SignatureNonceUsed");
        assert!(everybody(&admin).await.is_empty(), "the user does not come back");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_not_made_twice_after_a_restart_either() {
    let server = Server::start().await;
    let admin = server.administrator();
    let write = admin.post("CreateUsers", &creation("alice"));
    assert_eq!(outcome(&admin, &write).await, "200");
    remove(&admin, &["alice"]).await;

    let server = server.restart().await;
    let admin = server.administrator();
    // The port is another one, which the signature covers as the host: it is asked of the new server all the same.
    assert_eq!(outcome(&admin, &write).await, "400 SignatureNonceUsed");

    server.pass(15 * MINUTE - 1_000);
    assert_eq!(outcome(&admin, &write).await, "400 SignatureNonceUsed");
    server.pass(1_000);
    assert_eq!(outcome(&admin, &write).await, "400 InvalidTimeStamp.Expired");
    assert!(everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_refused_uses_its_nonce_too() {
    let server = Server::start().await;
    let admin = server.administrator();
    let refused = admin.post("CreateUsers", &[]);
    let failed_item = admin.post("CreateUsers", &creation("X"));

    assert_eq!(outcome(&admin, &refused).await, "400 MissingUsers");
    assert_eq!(outcome(&admin, &refused).await, "400 SignatureNonceUsed");
    assert_eq!(outcome(&admin, &failed_item).await, "200");
    assert_eq!(outcome(&admin, &failed_item).await, "400 SignatureNonceUsed");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_use_up_a_nonce() {
    let server = Server::start().await;
    for scheme in SCHEMES {
        let admin = server.administrator().signing(scheme);
        let stranger = admin.with_key(KEY, "a wrong secret");
        let at = admin.now();

        let forged = stranger.post_at("DescribeUsers", &[], &at);
        assert_eq!(outcome(&stranger, &forged).await, "400 SignatureDoesNotMatch");
        let own = admin.post_at("DescribeUsers", &[], &at);
        assert_eq!(outcome(&admin, &own).await, "200");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_prove_to_hold_a_key_is_refused() {
    let server = Server::start().await;
    let v3 = server.administrator();
    let v1 = server.administrator().signing(Scheme::V1);
    let by_v3 = || v3.post("DescribeUsers", &[]);
    let by_v1 = || v1.get("DescribeUsers", &[]);
    let anonymous = || Message {
        method: "GET",
        target: "/?Action=DescribeUsers&Version=2021-03-08".into(),
        headers: vec![("host".into(), "localhost".into())],
        body: Vec::new(),
    };
    let without = |message: Message, name: &str| {
        let (path, query) = message.target.split_once('?').expect("V1 lies in the query");
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with(name)).collect();
        Message { target: format!("{path}?{}", kept.join("&")), ..message }
    };
    let cases = [
        (anonymous(), "400 MissingAccessKeyId"),
        (anonymous().with_header("authorization", "Bearer abc"), "400 MissingAccessKeyId"),
        (
            anonymous()
                .with_header("authorization", "Bearer abc")
                .with_header("x-acs-action", "DescribeUsers")
                .with_header("x-acs-version", "2021-03-08"),
            "400 MissingAccessKeyId",
        ),
        (
            anonymous().with_target("Action", "SignatureType=BEARERTOKEN&BearerToken=x&Action"),
            "400 MissingAccessKeyId",
        ),
        (by_v3().without_header("authorization"), "400 IncompleteSignature"),
        (by_v3().without_header("x-acs-date"), "400 MissingTimestamp"),
        (by_v3().without_header("x-acs-content-sha256"), "400 IncompleteSignature"),
        (
            by_v3().without_header("authorization").with_header("authorization", "ACS3-HMAC-SHA256 x"),
            "400 IncompleteSignature",
        ),
        (
            by_v3().without_header("authorization").with_header("authorization", "ACS3-RSA-SHA256 x"),
            "400 InvalidSignatureMethod",
        ),
        (
            by_v3().without_header("authorization").with_header("authorization", "acs a:b"),
            "400 InvalidSignatureMethod",
        ),
        (by_v3().with_header("x-acs-date", "2026-01-15T08:30:00Z"), "400 IncompleteSignature"),
        (without(by_v1(), "Signature="), "400 IncompleteSignature"),
        (without(by_v1(), "AccessKeyId="), "400 MissingAccessKeyId"),
        (without(by_v1(), "Timestamp="), "400 MissingTimestamp"),
        (without(by_v1(), "SignatureMethod="), "400 IncompleteSignature"),
        (by_v1().with_target("HMAC-SHA1", "HMAC-SHA256"), "400 InvalidSignatureMethod"),
        (
            by_v1().with_target("SignatureMethod", "SignatureType=PRIVATEKEY&SignatureMethod"),
            "400 InvalidSignatureMethod",
        ),
    ];
    for (message, refusal) in cases {
        assert_eq!(outcome(&v3, &message).await, refusal, "{message:?}");
    }
    for scheme in SCHEMES {
        let stranger = server.administrator().signing(scheme).with_key("LTAIunknown", SECRET);
        let fault = stranger.call("DescribeUsers", &[]).await.fault();
        assert_eq!(fault.brief(), "404 InvalidAccessKeyId.NotFound");
        assert_eq!(fault.message, "Specified access key is not found.");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_beside_a_long_lived_key_is_refused() {
    let server = Server::start().await;
    let v1 = server.administrator().signing(Scheme::V1);
    let v3 = server.administrator();
    let by_v1 = v1.v1("GET", "DescribeUsers", &pairs(&[("SecurityToken", "abc")]), &[], &v1.now());
    let by_v3 = v3.post("DescribeUsers", &[]).with_header("x-acs-security-token", "abc");

    for message in [by_v1, by_v3] {
        assert_eq!(outcome(&v3, &message).await, "400 InvalidSecurityToken.MismatchWithAccessKey");
    }
    let empty = v1.v1("GET", "DescribeUsers", &pairs(&[("SecurityToken", "")]), &[], &v1.now());
    assert_eq!(outcome(&v1, &empty).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_learns_which_actions_there_are_and_nobody_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    let stranger = admin.with_key(KEY, "a wrong secret");

    assert_eq!(stranger.call("NoSuchAction", &[]).await.refusal(), "404 InvalidAction.NotFound");
    assert_eq!(stranger.call("CreateUsers", &[]).await.refusal(), "400 SignatureDoesNotMatch");
    assert_eq!(admin.call("CreateUsers", &[]).await.refusal(), "400 MissingUsers");
    let denied = stranger.call("RemoveUsers", &[("Users.1", "alice")]).await;
    assert_eq!(denied.refusal(), "400 SignatureDoesNotMatch");
    server.stop().await;
}
