//! How often anybody may call: whoever proves who they are, and addresses.
//!
//! Source: `reference/protocol.md` §6.3, §6.4; `reference/pds.md` §3.1.

use roster::settings::{Rate, Rates};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Home, KEY, Message, PdsCaller, Scheme, Server, create, everybody};

/// Where strangers come from, and somebody with an AccessKey too.
const THERE: &str = "203.0.113.7";

/// A server behind a proxy on this machine, which takes so many calls a second, and so many at once.
async fn limited(principal: Option<(u32, u32)>, address: Option<(u32, u32)>) -> Server {
    let rate = |rate: Option<(u32, u32)>| rate.and_then(|(second, burst)| Rate::new(second, burst));
    let mut home = Home::new().await;
    home.serve.rates = Rates { principal: rate(principal), address: rate(address) };
    home.serve.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    Server::within(home).await
}

fn get(target: &str) -> Message {
    let headers = vec![("host".into(), "localhost".into())];
    Message { method: "GET", target: target.to_owned(), headers, body: Vec::new() }
}

/// Sends a message from an address, as the proxy says.
async fn from(client: &Client, address: &str, message: Message) -> Answer {
    client.exchange(&message.with_header("x-forwarded-for", address)).await
}

/// A V1 call with all that it says in a form, as the previous SDK posts it.
fn in_a_form(client: &Client) -> Message {
    let asked = client.v1("POST", "DescribeUsers", &[], &[], &client.now());
    let form = asked.target.trim_start_matches("/?").as_bytes().to_vec();
    let kind = "application/x-www-form-urlencoded";
    Message { target: "/".to_owned(), body: form, ..asked }.with_header("content-type", kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_too_often_is_told_when_to_come_back() {
    let server = limited(Some((2, 3)), None).await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    assert_eq!(everybody(&admin).await, ["alice"]);
    assert_eq!(admin.call("DescribeUsers", &[]).await.status, 200);

    let refused = admin.call("DescribeUsers", &[]).await;
    insta::assert_json_snapshot!(
        refused.json(),
        { ".RequestId" => "[id]", ".HostId" => "[host]" },
        @r#"
    {
      "Code": "Throttling.User",
      "HostId": "[host]",
      "Message": "Request was denied due to user flow control.",
      "RequestId": "[id]"
    }
    "#
    );
    let said = |name| refused.header(name);
    assert_eq!(
        (refused.status, said("x-acs-retry-after"), said("retry-after"), said("x-ratelimit-user")),
        (400, "500", "1", "Remain:0,TimeLeft:500")
    );
    // Another way to sign, another form of the answer and another API are the same caller's.
    let v1 = server.administrator().signing(Scheme::V1);
    assert_eq!(v1.call("DescribeUsers", &[]).await.refusal(), "400 Throttling.User");
    let xml = admin.call("DescribeUsers", &[("Format", "XML")]).await;
    assert!(xml.status == 400 && xml.text().contains("<Code>Throttling.User</Code>"), "{}", xml.text());
    let eiam = server.administrator().eiam();
    assert_eq!(eiam.call("ListInstances", &[]).await.refusal(), "400 Throttling.User");

    server.pass(500);
    assert_eq!(admin.call("DescribeUsers", &[]).await.status, 200);
    assert_eq!(admin.call("DescribeUsers", &[]).await.refusal(), "400 Throttling.User");
    server.pass(60_000);
    for n in 0..4 {
        assert_eq!(admin.call("DescribeUsers", &[]).await.status == 200, n < 3, "{n}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_use_up_nobodys_calls() {
    let server = limited(Some((100, 100)), Some((1, 5))).await;
    let admin = server.administrator();
    let v1 = server.administrator().signing(Scheme::V1);
    let unknown = admin.with_key("LTAIunknownunknownunknown", "secret");
    let wrong = admin.with_key(KEY, "wrong");
    let wrong_v1 = v1.with_key(KEY, "wrong");
    let call = |client: &Client| client.post("DescribeUsers", &[]);

    for (message, refusal) in [
        (get("/"), "400 MissingVersion"),
        (call(&unknown), "404 InvalidAccessKeyId.NotFound"),
        (call(&wrong), "400 SignatureDoesNotMatch"),
        (get("/nowhere"), "404 InvalidApi.NotFound"),
        (in_a_form(&wrong_v1), "400 SignatureDoesNotMatch"),
    ] {
        assert_eq!(from(&admin, THERE, message).await.refusal(), refusal);
    }
    for message in [
        get("/"),
        call(&unknown),
        call(&wrong),
        call(&wrong_v1),
        in_a_form(&wrong_v1),
        get("/nowhere"),
        get("/?Signature=a&Signature=b"),
        admin.v3("POST", "DescribeUsers", "", None, b"", &admin.now()).without_header("authorization"),
    ] {
        let answer = from(&admin, THERE, message.clone()).await;
        assert_eq!(answer.refusal(), "400 Throttling.User", "{message:?}");
        assert_eq!(answer.header("x-acs-retry-after"), "1000", "{message:?}");
    }

    // Who proves who it is is not kept out by them, however it is proved.
    for message in [call(&admin), call(&v1), in_a_form(&v1), v1.get("DescribeUsers", &[])] {
        let answer = from(&admin, THERE, message.clone()).await;
        assert_eq!(answer.status, 200, "{message:?} {}", answer.text());
    }
    assert_eq!(from(&admin, "203.0.113.8", call(&wrong)).await.refusal(), "400 SignatureDoesNotMatch");

    server.pass(1_000);
    assert_eq!(from(&admin, THERE, call(&wrong)).await.refusal(), "400 SignatureDoesNotMatch");
    assert_eq!(from(&admin, THERE, call(&wrong)).await.refusal(), "400 Throttling.User");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_what_is_seen_and_of_ipv6_a_network() {
    let server = limited(None, Some((1, 2))).await;
    let admin = server.administrator();
    let refusal = async |address: &str| from(&admin, address, get("/")).await.refusal();

    for address in ["198.51.100.1, 203.0.113.7", "198.51.100.2, 203.0.113.7"] {
        assert_eq!(refusal(address).await, "400 MissingVersion", "{address}");
    }
    assert_eq!(refusal("198.51.100.3, 203.0.113.7").await, "400 Throttling.User");
    for address in ["2001:db8:0:1::1", "2001:db8:0:1:ffff::1"] {
        assert_eq!(refusal(address).await, "400 MissingVersion", "{address}");
    }
    assert_eq!(refusal("2001:db8:0:1::2").await, "400 Throttling.User");
    assert_eq!(refusal("2001:db8:0:2::1").await, "400 MissingVersion");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_somebody_unknown_is_not_read_from_an_address_that_has_used_up_what_it_had() {
    let server = limited(None, Some((1, 1))).await;
    let admin = server.administrator();
    let unknown = admin.with_key("LTAIunknownunknownunknown", "secret");
    assert_eq!(from(&admin, THERE, get("/")).await.refusal(), "400 MissingVersion");

    let announced = |message: &Message| {
        let mut head =
            format!("{} {} HTTP/1.1\r\ncontent-length: 900000\r\n", message.method, message.target);
        for (name, value) in &message.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        format!("{head}x-forwarded-for: {THERE}\r\n\r\n")
    };
    // Nothing of the body is sent, and nothing is waited for.
    for message in [unknown.post("DescribeUsers", &[]), get("/")] {
        let head = announced(&Message { method: "POST", ..message });
        let answer = String::from_utf8_lossy(&admin.bytes(head.as_bytes()).await).into_owned();
        assert!(answer.contains("Throttling.User"), "{head}\n{answer}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_refused_with_429() {
    let server = limited(Some((1, 4)), Some((1, 3))).await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let alice = owner.token_of("alice").await;
    let call = async |caller: &PdsCaller| caller.outcome("user/get", json!({ "user_id": "alice" })).await;
    server.pass(60_000);

    for n in 0..6 {
        let expected = if n < 4 { "200" } else { "429 TooManyRequests" };
        assert_eq!(call(&owner).await, expected, "{n}");
        // A person has another bucket than the account's root.
        assert_eq!(call(&alice).await, expected, "{n}");
    }
    assert_eq!(call(&owner.by_v4()).await, "429 TooManyRequests");
    let refused = owner.call("user/get", json!({ "user_id": "alice" })).await;
    assert_eq!((refused.header("retry-after"), refused.header("x-acs-retry-after")), ("1", "1000"));
    assert_eq!(refused.json()["message"], "Too many requests");

    // Whoever proves nothing has the address's, which a body that anybody may send draws on as well.
    let nobody = owner.nobody();
    let refused_token = "401 AccessTokenInvalid";
    assert_eq!(call(&nobody).await, refused_token);
    assert_eq!(call(&owner.bearer("no token")).await, refused_token);
    assert!(nobody.outcome("oauth/token", json!({})).await.starts_with("400 "));
    for outcome in [
        call(&nobody).await,
        call(&owner.bearer("no token")).await,
        nobody.outcome("oauth/token", json!({})).await,
        nobody.outcome("user/abc", json!({})).await,
    ] {
        assert_eq!(outcome, "429 TooManyRequests");
    }
    server.pass(1_000);
    assert_eq!(call(&alice).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_costs_what_it_holds() {
    let server = limited(Some((1, 20)), None).await;
    let owner = PdsCaller::of(&server);
    let child = |n: usize| -> Value {
        json!({ "id": n.to_string(), "method": "POST", "url": "/user/get", "body": { "user_id": "superadmin" },
            "headers": { "Content-Type": "application/json" } })
    };
    let batch = json!({ "resource": "user", "requests": (0..50).map(child).collect::<Vec<_>>() });

    assert_eq!(owner.outcome("batch", batch.clone()).await, "200");
    assert_eq!(owner.outcome("batch", batch).await, "429 TooManyRequests");
    server.pass(30_999);
    assert_eq!(owner.outcome("user/get", json!({ "user_id": "superadmin" })).await, "429 TooManyRequests");
    server.pass(1);
    assert_eq!(owner.outcome("user/get", json!({ "user_id": "superadmin" })).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_on_a_page() {
    let server = limited(None, Some((1, 2))).await;
    let client = server.administrator();
    for _ in 0..2 {
        assert_eq!(from(&client, THERE, get("/sign-in")).await.status, 200);
    }

    let page = from(&client, THERE, get("/sign-in")).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "1"));
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("Too many requests come from your network."), "{}", page.text());
    let page = from(&client, THERE, get("/sign-in").with_header("accept-language", "zh-CN")).await;
    assert!(page.text().contains("过于频繁"), "{}", page.text());

    server.pass(1_000);
    assert_eq!(from(&client, THERE, get("/sign-in")).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_watches_the_server_is_always_answered() {
    let server = limited(Some((1, 1)), Some((1, 1))).await;
    let client = server.administrator();
    assert_eq!(client.exchange(&get("/")).await.refusal(), "400 MissingVersion");
    assert_eq!(client.exchange(&get("/")).await.refusal(), "400 Throttling.User");

    for path in ["/healthz", "/readyz", "/metrics"] {
        for n in 0..20 {
            assert_eq!(client.exchange(&get(path)).await.status, 200, "{path} {n}");
        }
    }
    let figures = client.exchange(&get("/metrics")).await.text();
    let line = r#"roster_requests_total{action="-",code="Throttling.User"} 1"#;
    assert!(figures.contains(line), "{figures}");
    server.stop().await;
}
