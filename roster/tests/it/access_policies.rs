//! RAM users: what their policies let them do through each door, and what a refusal says.

use serde_json::{Value, json};

use crate::support::{Instance, Key, PdsCaller, Ram, Server, create, document, text};

/// What a call of eds-user is answered with: 200, or status and code.
async fn outcome(key: &Key, server: &Server, action: &str, parameters: &[(&str, &str)]) -> String {
    let answer = key.client(server).call(action, parameters).await;
    if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
}

const NEW_USER: [(&str, &str); 2] = [("Users.1.EndUserId", "alice"), ("Users.1.Email", "alice@example.org")];

/// `AccessDeniedDetail` of a refusal.
async fn detail(key: &Key, server: &Server, action: &str, parameters: &[(&str, &str)]) -> Value {
    let answer = key.client(server).call(action, parameters).await;
    assert_eq!(answer.refusal(), "403 Forbidden.RAM");
    answer.json()["AccessDeniedDetail"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_may_do_what_policies_allow_and_nothing_else() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let nobody = ram.user("nobody", &[]).await;
    let reader = ram.user("reader", &["AliyunECDReadOnlyAccess"]).await;
    let writer = ram.user("writer", &["AliyunECDFullAccess"]).await;
    let other = ram.user("other", &["AliyunEIAMFullAccess", "AliyunPDSFullAccess"]).await;
    let all = ram.user("all", &["AdministratorAccess"]).await;

    for (key, reads, writes) in [
        (&nobody, "403 Forbidden.RAM", "403 Forbidden.RAM"),
        (&reader, "200", "403 Forbidden.RAM"),
        (&writer, "200", "200"),
        (&other, "403 Forbidden.RAM", "403 Forbidden.RAM"),
        (&all, "200", "200"),
    ] {
        assert_eq!(outcome(key, &server, "DescribeUsers", &[]).await, reads, "{key:?}");
        assert_eq!(outcome(key, &server, "CreateUsers", &NEW_USER).await, writes, "{key:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_who_was_refused_what_and_by_which_kind_of_policy() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    ram.policy("no-creation", &document("Deny", "ecd:Create*", "*")).await;
    let reader = ram.user("reader", &["AliyunECDReadOnlyAccess"]).await;
    let denied = ram.user("denied", &["AliyunECDFullAccess", "no-creation"]).await;
    let role = ram.role("creator", "user/reader", &["AliyunECDFullAccess"]).await;
    let narrowed = document("Allow", "ecd:Describe*", "*");
    let session = ram.assume("reader", &role, Some(&narrowed)).await.expect("it is trusted");

    let details = [
        detail(&reader, &server, "CreateUsers", &NEW_USER).await,
        detail(&denied, &server, "CreateUsers", &NEW_USER).await,
        detail(&session, &server, "CreateUsers", &NEW_USER).await,
    ];

    let account = ram.account.0.to_string();
    for (detail, kind, permission, policy) in [
        (&details[0], "SubUser", "ImplicitDeny", "AccountLevelIdentityBasedPolicy"),
        (&details[1], "SubUser", "ExplicitDeny", "AccountLevelIdentityBasedPolicy"),
        (&details[2], "AssumedRoleUser", "ImplicitDeny", "SessionPolicy"),
    ] {
        assert_eq!(detail["AuthAction"], "ecd:CreateUsers");
        assert_eq!(detail["AuthPrincipalType"], kind);
        assert_eq!(detail["AuthPrincipalOwnerId"], account);
        assert_eq!(detail["NoPermissionType"], permission);
        assert_eq!(detail["PolicyType"], policy);
        assert_eq!(detail.as_object().map(serde_json::Map::len), Some(6), "{detail}");
    }
    assert_eq!(details[2]["AuthPrincipalDisplayName"], "creator:ci");
    let id = details[0]["AuthPrincipalDisplayName"].as_str().expect("it is named");
    assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_may_be_about_one_instance_of_eiam() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let (home, other) = (Instance::default_of(&admin).await, Instance::make(&admin).await);
    home.make_user(&admin, "alice").await;
    let ram = Ram::of(&server).await;
    let resource = format!("acs:eiam:*:{}:instance/{}*", ram.account.0, home.id);
    ram.policy("home", &document("Allow", "eiam:*", &resource)).await;
    let client = ram.user("alice", &["home"]).await.client(&server).eiam();

    for (instance, expected) in [(&home, "200"), (&other, "403 NoPermission")] {
        let answer = client.call("ListUsers", &[("InstanceId", &instance.id)]).await;
        let outcome = if answer.status == 200 { "200".to_owned() } else { answer.refusal() };
        assert_eq!(outcome, expected);
    }
    let unknown = client.call("ListUsers", &[("InstanceId", "idaas_aaaaaaaaaaaaaaaaaaaaaaaaaa")]).await;
    assert_eq!(unknown.refusal(), "403 NoPermission", "what is there is not told apart from what is not");

    // What cannot be read is told to who may do it somewhere, and to nobody else.
    let misspelt = [("InstanceId", home.id.as_str()), ("MaxResults", "many")];
    assert_eq!(client.call("ListUsers", &misspelt).await.refusal(), "400 InvalidParameter.MaxResults");
    let stranger = ram.user("bob", &["AliyunECDFullAccess"]).await.client(&server).eiam();
    assert_eq!(stranger.call("ListUsers", &misspelt).await.refusal(), "403 NoPermission");
    let long = "x".repeat(100_000);
    for (name, value) in [("InstanceId", long.as_str()), ("UserIds.1", long.as_str())] {
        let parameters = [("InstanceId", home.id.as_str()), ("UserIds.1", "user_x")];
        let parameters = parameters.map(|(other, text)| (other, if other == name { value } else { text }));
        let expected = format!("400 InvalidParameter.{}", name.trim_end_matches(".1"));
        assert_eq!(client.call("DeleteUsers", &parameters).await.refusal(), expected);
        assert_eq!(stranger.call("DeleteUsers", &parameters).await.refusal(), "403 NoPermission");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pds_has_no_resources_and_takes_actions_by_name() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    ram.policy("one-thing", &document("Allow", "pds:*", "acs:pds:*:*:domain/*")).await;
    let reader = ram.user("reader", &["AliyunPDSReadOnlyAccess"]).await.pds(&server);
    let writer = ram.user("writer", &["AliyunPDSFullAccess"]).await.pds(&server);
    let narrow = ram.user("narrow", &["one-thing"]).await.pds(&server);

    let outcome = async |caller: &PdsCaller, path: &str, body: Value| {
        let answer = caller.exchange(&caller.post(path, body.to_string().as_bytes())).await;
        (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = (403, "Forbidden".to_owned());
    let made = json!({ "user_id": "u1", "phone": "13800000000" });
    assert_eq!(outcome(&reader, "/v2/user/create", made.clone()).await, refused);
    assert_eq!(outcome(&writer, "/v2/user/create", made).await.0, 201);
    assert_eq!(outcome(&reader, "/v2/user/get", json!({ "user_id": "u1" })).await.0, 200);
    assert_eq!(outcome(&narrow, "/v2/user/get", json!({ "user_id": "u1" })).await, refused);
    let link = json!({ "user_id": "u1", "type": "email", "identity": "a@example.org" });
    assert_eq!(outcome(&reader, "/v2/account/link", link.clone()).await, refused);
    assert_eq!(outcome(&writer, "/v2/account/link", link).await.0, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_see_where_a_call_comes_from() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let within = |cidr: &str| {
        json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "ecd:*", "Resource": "*",
            "Condition": { "IpAddress": { "acs:SourceIp": [cidr] }, "Bool": { "acs:SecureTransport": ["false"] } } }] })
        .to_string()
    };
    ram.policy("here", &within("127.0.0.0/8")).await;
    ram.policy("elsewhere", &within("10.0.0.0/8")).await;
    let here = ram.user("here", &["here"]).await;
    let elsewhere = ram.user("elsewhere", &["elsewhere"]).await;

    assert_eq!(outcome(&here, &server, "DescribeUsers", &[]).await, "200");
    assert_eq!(outcome(&elsewhere, &server, "DescribeUsers", &[]).await, "403 Forbidden.RAM");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_named_in_the_audit_trail() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let key = ram.user("alice.li", &["AliyunECDFullAccess"]).await;
    create(&key.client(&server), &["bob"]).await;

    let who = "select principal from events where what = 'user.created' order by id desc limit 1";
    assert_eq!(text(&server.home, who).await, "ram-user:alice.li");
    server.stop().await;
}
