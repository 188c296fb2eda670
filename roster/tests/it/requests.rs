//! Requests as they travel: methods, paths, bodies, limits, formats.
//!
//! Source: `reference/protocol.md` §1, §6.1 and §6.2.

use http::StatusCode;

use crate::support::{Answer, Client, Message, Scheme, Server, create, everybody};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

/// A signed POST with this form, as it is.
fn form(client: &Client, action: &str, body: &[u8]) -> Message {
    client.v3("POST", action, "", FORM, body, &client.now())
}

/// A signed GET with this query, as it is.
fn query(client: &Client, action: &str, query: &str) -> Message {
    client.v3("GET", action, query, None, b"", &client.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_json_and_names_its_request() {
    let server = Server::start().await;
    let admin = server.administrator();

    let success = admin.call("DescribeUsers", &[]).await;
    let refusal = admin.call("DescribeUsers", &[("MaxResults", "0")]).await;

    for answer in [&success, &refusal] {
        assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
        let id = answer.json()["RequestId"].as_str().expect("an id").to_owned();
        assert_eq!(answer.header("x-acs-request-id"), id);
        let is_upper_case_uuid = id.len() == 36
            && id.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte),
            });
        assert!(is_upper_case_uuid, "{id}");
    }
    let first = success.text();
    assert!(first.starts_with(r#"{"RequestId":""#), "{first}");
    assert_ne!(success.header("x-acs-request-id"), refusal.header("x-acs-request-id"));
    insta::assert_json_snapshot!(
        refusal.json(),
        { ".RequestId" => "[id]", ".HostId" => "[host]" },
        @r#"
    {
      "Code": "InvalidMaxResults",
      "HostId": "[host]",
      "Message": "Specified parameter MaxResults is not valid.",
      "RequestId": "[id]"
    }
    "#
    );
    assert_eq!(refusal.json()["HostId"], server.address().to_string());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_xml_where_that_is_asked_for() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let blotted = |answer: &Answer| {
        let id = answer.header("x-acs-request-id").to_owned();
        assert_eq!(answer.header("content-type"), "text/xml;charset=utf-8");
        answer.text().replace(&id, "[id]").replace(&server.address().to_string(), "[host]")
    };

    let removed = admin
        .call(
            "RemoveUsers",
            &[("Users.1", "alice"), ("Users.2", "bob"), ("Users.3", "<&>"), ("Format", "XML")],
        )
        .await;
    insta::assert_snapshot!(blotted(&removed), @"<?xml version='1.0' encoding='UTF-8'?><RemoveUsersResponse><RequestId>[id]</RequestId><RemoveUsersResult><FailedUsers><EndUserId>&lt;&amp;&gt;</EndUserId><ErrorCode>InvalidUsername</ErrorCode><ErrorMessage>&lt;&amp;&gt; is an invalid username.</ErrorMessage></FailedUsers><RemovedUsers>alice</RemovedUsers><RemovedUsers>bob</RemovedUsers></RemoveUsersResult></RemoveUsersResponse>");
    let empty = admin.call("DescribeUsers", &[("Format", "xml")]).await;
    insta::assert_snapshot!(blotted(&empty), @"<?xml version='1.0' encoding='UTF-8'?><DescribeUsersResponse><RequestId>[id]</RequestId><Count>0</Count><NextToken></NextToken></DescribeUsersResponse>");
    let refused = admin.call("RemoveUsers", &[("Format", "Xml")]).await;
    assert_eq!(refused.status, 400);
    insta::assert_snapshot!(blotted(&refused), @"<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>[id]</RequestId><Code>MissingUsers</Code><HostId>[host]</HostId><Message>Users is mandatory for this action.</Message></Error>");

    for (format, refusal) in
        [("JSON", None), ("json", None), ("", None), ("yaml", Some("400 InvalidParameter.Format"))]
    {
        let answer = admin.call("DescribeUsers", &[("Format", format)]).await;
        assert_eq!(answer.header("content-type"), "application/json;charset=utf-8", "{format}");
        assert_eq!((answer.status != 200).then(|| answer.refusal()).as_deref(), refusal, "{format}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_get_and_post_of_the_root_are_calls() {
    let server = Server::start().await;
    let admin = server.administrator();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let message = admin.v3(method, "DescribeUsers", "", None, b"", &admin.now());
        assert_eq!(admin.exchange(&message).await.refusal(), "405 UnsupportedHTTPMethod", "{method}");
    }
    let head = admin.v3("HEAD", "DescribeUsers", "", None, b"", &admin.now());
    let answer = admin.exchange(&head).await;
    assert_eq!((answer.status, answer.body.len()), (405, 0));

    for path in ["/api", "//", "/healthz/", "/%2F", "/metrics/x"] {
        let message = Message { target: path.to_owned(), ..admin.post("DescribeUsers", &[]) };
        assert_eq!(admin.exchange(&message).await.refusal(), "404 InvalidApi.NotFound", "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_names_its_version_and_its_action() {
    let server = Server::start().await;
    let v3 = server.administrator();
    let v1 = server.administrator().signing(Scheme::V1);
    let by_v1 = || v1.get("DescribeUsers", &[]);
    let by_v3 = || v3.post("DescribeUsers", &[]);
    let named = |action: &str| v3.post(action, &[]);

    let cases = [
        (by_v1().with_target("Version=2021-03-08", "Version=2020-01-01"), "400 InvalidVersion"),
        (by_v1().with_target("Version=2021-03-08&", ""), "400 MissingVersion"),
        (by_v1().with_target("Action=DescribeUsers&", ""), "400 MissingAction"),
        (by_v1().with_target("Action=DescribeUsers", "Action=describeUsers"), "404 InvalidAction.NotFound"),
        (by_v3().without_header("x-acs-version"), "400 MissingVersion"),
        (by_v3().without_header("x-acs-action"), "400 MissingAction"),
        (named("describeUsers"), "404 InvalidAction.NotFound"),
        (named("QuerySyncStatusByAliUid"), "404 InvalidAction.NotFound"),
        (named("SyncAllEduInfo"), "404 InvalidAction.NotFound"),
    ];
    for (message, refusal) in cases {
        assert_eq!(v3.exchange(&message).await.refusal(), refusal, "{message:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_watches_the_server_finds_it_alive() {
    let server = Server::start().await;
    let admin = server.administrator();
    let get = |path: &str| Message {
        method: "GET",
        target: path.to_owned(),
        headers: vec![("host".into(), "localhost".into())],
        body: Vec::new(),
    };
    create(&admin, &["alice"]).await;

    assert_eq!(admin.exchange(&get("/healthz")).await.text(), r#"{"status":"ok"}"#);
    assert_eq!(admin.exchange(&get("/readyz")).await.text(), r#"{"status":"ready"}"#);
    let figures = admin.exchange(&get("/metrics")).await.text();
    for line in [
        r#"roster_requests_total{action="CreateUsers",code="OK"} 1"#,
        r#"roster_request_time_seconds_count{action="CreateUsers"} 1"#,
        "roster_store_changes ",
        "roster_passwords_queued 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    assert!(figures.ends_with("# EOF\n"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_holds_up_to_one_mebibyte() {
    let server = Server::start().await;
    let admin = server.administrator();
    let body = |length: usize| {
        let mut body = b"Filter=alice&Unknown=".to_vec();
        body.resize(length, b'x');
        body
    };

    let whole = form(&admin, "DescribeUsers", &body(1 << 20));
    assert_eq!(admin.exchange(&whole).await.status, 200);
    let too_long = form(&admin, "DescribeUsers", &body((1 << 20) + 1));
    assert_eq!(admin.exchange(&too_long).await.refusal(), "413 InvalidParameter");

    // Announced at once, and in chunks that say nothing of the whole.
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\n";
    let announced = admin.bytes(format!("{head}content-length: 1073741824\r\n\r\n").as_bytes()).await;
    assert!(announced.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&announced));
    let mut chunked = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..17 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.resize(chunked.len() + 0x10000, b'x');
        chunked.extend_from_slice(b"\r\n");
    }
    let answer = admin.bytes(&chunked).await;
    let is_refused = answer.starts_with(b"HTTP/1.1 413 ") || answer.is_empty();
    assert!(is_refused, "{}", String::from_utf8_lossy(&answer));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_come_in_chunks() {
    let server = Server::start().await;
    let admin = server.administrator();
    let message = form(&admin, "CreateUsers", b"Users.1.EndUserId=alice&Users.1.Email=a%40example.com");

    let mut bytes = b"POST / HTTP/1.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n".to_vec();
    for (name, value) in &message.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    for chunk in message.body.chunks(7) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let answer = admin.whole(&bytes).await;

    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_sent_request_changes_nothing() {
    let server = Server::start().await;
    let admin = server.administrator();
    let message = form(&admin, "CreateUsers", b"Users.1.EndUserId=alice&Users.1.Email=a%40example.com");
    let mut head =
        format!("POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", message.body.len());
    for (name, value) in &message.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let whole = [head.as_bytes(), &message.body].concat();

    for end in [1, 20, head.len() - 2, head.len(), head.len() + 10, whole.len() - 1] {
        let answer = String::from_utf8_lossy(&admin.bytes(&whole[..end]).await).into_owned();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "cut at {end}: {answer}");
    }
    assert!(everybody(&admin).await.is_empty());
    assert!(admin.whole(&whole).await.starts_with(b"HTTP/1.1 200 "), "the request itself is good");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_holds_up_to_ten_thousand_parameters() {
    let server = Server::start().await;
    let admin = server.administrator();
    let parameters = |count: usize| (0..count).map(|n| format!("n{n}=")).collect::<Vec<_>>().join("&");

    let fits = form(&admin, "DescribeUsers", parameters(10_000).as_bytes());
    assert_eq!(admin.exchange(&fits).await.status, 200);
    let too_many = form(&admin, "DescribeUsers", parameters(10_001).as_bytes());
    assert_eq!(admin.exchange(&too_many).await.refusal(), "400 InvalidParameter");
    let in_both = admin.v3("POST", "DescribeUsers", "a=1", FORM, parameters(10_000).as_bytes(), &admin.now());
    assert_eq!(admin.exchange(&in_both).await.refusal(), "400 InvalidParameter");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_is_refused() {
    let server = Server::start().await;
    let admin = server.administrator();
    let deep = |depth: usize| format!("ShowExtras={}1{}", "[".repeat(depth), "]".repeat(depth));
    let names = format!("ShowExtras{}=1", ".a".repeat(5_000));

    let queries = ["Filter=a&Filter=b", "Filter=%FF", "%E5=a", "Filter=%E5%BC", "Filter=a&%46ilter=b"];
    for text in queries {
        let message = query(&admin, "DescribeUsers", text);
        assert_eq!(admin.exchange(&message).await.refusal(), "400 InvalidParameter", "{text}");
    }
    let bodies: [&[u8]; 5] =
        [b"Filter=a&Filter=b", b"Filter=\xFF", b"\xC3\x28=a", b"Filter=%C0%80", b"Filter=%ED%A0%80"];
    for body in bodies {
        let message = form(&admin, "DescribeUsers", body);
        assert_eq!(admin.exchange(&message).await.refusal(), "400 InvalidParameter", "{body:?}");
    }
    for json in ["", "{", "[]", "1", "\"x\"", "{\"a\":1}{}", "{\"Filter\":1,\"Filter\":2}", "\u{feff}{}"] {
        let kind = Some("application/json");
        let message = admin.v3("POST", "DescribeUsers", "", kind, json.as_bytes(), &admin.now());
        let answer = admin.exchange(&message).await;
        let refusal = if answer.status == 200 { String::new() } else { answer.refusal() };
        assert_eq!(refusal, if json.is_empty() { "" } else { "400 InvalidParameter" }, "{json:?}");
    }
    for (action, body, refusal) in [
        ("CreateUsers", "Users.4000000000.EndUserId=alice".to_owned(), "400 InvalidUsers"),
        ("CreateUsers", "Users.18446744073709551616.EndUserId=alice".to_owned(), "400 InvalidUsers"),
        ("CreateUsers", "Users.10001.EndUserId=alice".to_owned(), "400 InvalidUsers"),
        ("CreateUsers", "Users.-1.EndUserId=alice".to_owned(), "400 InvalidUsers"),
        ("CreateUsers", "Users.01.EndUserId=alice".to_owned(), "400 InvalidUsers"),
        ("RemoveUsers", "Users.4000000000=alice".to_owned(), "400 InvalidUsers"),
        ("DescribeUsers", deep(17), "400 InvalidShowExtras"),
        ("DescribeUsers", deep(200_000), "400 InvalidShowExtras"),
        ("DescribeUsers", names, "400 InvalidShowExtras"),
    ] {
        let message = form(&admin, action, body.as_bytes());
        assert_eq!(admin.exchange(&message).await.refusal(), refusal, "{action} {:.60}", body);
    }
    assert!(everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_kind_carries_no_parameters() {
    let server = Server::start().await;
    let admin = server.administrator();
    let body = b"Users.1.EndUserId=alice&Users.1.Email=a%40example.com";

    for kind in ["text/plain", "application/octet-stream", "multipart/form-data; boundary=x"] {
        let message = admin.v3("POST", "CreateUsers", "", Some(kind), body, &admin.now());
        assert_eq!(admin.exchange(&message).await.refusal(), "400 MissingUsers", "{kind}");
    }
    for kind in [Some("APPLICATION/X-WWW-FORM-URLENCODED; charset=UTF-8"), None] {
        let message = admin.v3("POST", "CreateUsers", "", kind, body, &admin.now());
        assert_eq!(admin.exchange(&message).await.status, StatusCode::OK.as_u16(), "{kind:?}");
    }
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}
