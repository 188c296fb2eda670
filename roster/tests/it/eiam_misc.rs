//! What EIAM answers around the directory: regions, quotas and licences, how calls travel, and what it does not serve.
//!
//! Source: `reference/eiam.md`, 1, 11.6, 11.7, 13, 14.4 and 15; `reference/doors.md` §4.5, §6 and §8.24.

use std::collections::BTreeSet;

use api::eiam::PRODUCT;
use serde_json::json;

use crate::support::{
    Client, Home, Instance, KEY, Message, NOW, Scheme, Server, create, is_refused, refused, told,
};

/// What is shown where nothing limits the number of users.
const NO_LIMIT: i64 = 2_147_483_647;

fn owned(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A signed request as the newer SDKs send it: everything in the query, and no body.
fn in_query(client: &Client, method: &'static str, action: &str, parameters: &[(&str, &str)]) -> Message {
    client.v3(method, action, &wire::rpc::form(&owned(parameters)), None, b"", &client.now())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_region_is_the_one_that_is_set_up() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let address = server.address().to_string();
    let regions = admin.call("ListRegions", &[]).await;
    insta::assert_json_snapshot!(told(&regions, &[(&address, "address")]), @r#"
    {
      "Regions": [
        {
          "LocalName": "cn-hangzhou",
          "RegionEndpoint": "[address]",
          "RegionId": "cn-hangzhou"
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    let regions = admin.call("ListEiamRegions", &[]).await;
    insta::assert_json_snapshot!(told(&regions, &[]), @r#"
    {
      "Regions": [
        {
          "LocalName": "cn-hangzhou",
          "RegionId": "cn-hangzhou"
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    server.stop().await;

    let mut home = Home::new().await;
    home.serve.region = "eu-central-9".to_owned();
    home.serve.public_host = Some("id.example.com:8443".to_owned());
    let server = Server::within(home).await;
    let admin = server.administrator().eiam();
    let region = admin.call("ListRegions", &[]).await.json()["Regions"][0].clone();
    assert_eq!(
        (&region["RegionId"], &region["RegionEndpoint"]),
        (&json!("eu-central-9"), &json!("id.example.com:8443"))
    );
    let region = admin.call("ListEiamRegions", &[]).await.json()["Regions"][0].clone();
    assert_eq!(region["RegionId"], "eu-central-9");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_bought_so_nothing_bounds_the_users_and_there_are_no_trials() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    server.pass(5_000);
    let corp = Instance::make(&admin).await;
    corp.make_user(&admin, "alice").await;

    for quota in ["instanceTrialNumber", "instanceTrialTimes"] {
        let answer = admin.call("GetServiceQuota", &[("QuotaType", quota)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let expected = json!({ "QuotaType": quota, "QuotaValue": 0, "UsedQuotaValue": 0 });
        assert_eq!(answer.json()["ServiceQuota"], expected);
    }
    let answer = corp.ask(&admin, "GetInstanceQuota", &[("QuotaKey", "userMaxNumber")]).await;
    assert_eq!(answer["Quota"], json!({ "QuotaKey": "userMaxNumber", "QuotaValue": NO_LIMIT }));
    let license = corp.id.replace("idaas_", "license_");
    let at = (NOW + 5_000).to_string();
    let answer = corp.call(&admin, "GetInstanceLicense", &[]).await;
    insta::assert_json_snapshot!(told(&answer, &[(&license, "license"), (&at, "made")]), @r#"
    {
      "License": {
        "Edition": "enterprise",
        "InstanceLicenseDetail": {
          "UserQuota": 2147483647
        },
        "LicenseCreateTime": "[made]",
        "LicenseId": "[license]",
        "LicenseStatus": "valid",
        "StartTime": "[made]",
        "UserQuota": 2147483647
      },
      "RequestId": "[id]"
    }
    "#);

    for quota in ["instances", "InstanceTrialNumber", "instanceTrialTimes."] {
        is_refused(&admin, "GetServiceQuota", &[("QuotaType", quota)], "400 InvalidParameter.QuotaType")
            .await;
        let parameters = [("InstanceId", corp.id.as_str()), ("QuotaKey", quota)];
        is_refused(&admin, "GetInstanceQuota", &parameters, "400 InvalidParameter.QuotaKey").await;
    }
    is_refused(&admin, "GetServiceQuota", &[], "400 MissingParameter.QuotaType").await;
    let instance = [("InstanceId", corp.id.as_str())];
    is_refused(&admin, "GetInstanceQuota", &instance, "400 MissingParameter.QuotaKey").await;
    let quota = [("QuotaKey", "userMaxNumber")];
    is_refused(&admin, "GetInstanceQuota", &quota, "400 MissingParameter.InstanceId").await;
    is_refused(&admin, "GetInstanceLicense", &[], "400 MissingParameter.InstanceId").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_other_systems_or_is_to_come_is_no_action() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let others: BTreeSet<&str> =
        PRODUCT.elsewhere.iter().chain(PRODUCT.later).map(|excuse| excuse.action).collect();
    assert_eq!(others.len(), 290, "275 belong to other systems, 15 are to come");

    for action in &others {
        let answer = corp.call(&admin, action, &[("UserId", "user_x")]).await;
        assert_eq!(answer.refusal(), "404 InvalidAction.NotFound", "{action}");
    }
    for action in ["createUser", "CREATEUSER", "CreateUsers", "ListCustomFields", "UpdateCustomField"] {
        let answer = corp.call(&admin, action, &[]).await;
        assert_eq!(answer.refusal(), "404 InvalidAction.NotFound", "{action}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_door_answers_to_its_own_version() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let instance = [("InstanceId", corp.id.as_str())];

    for action in ["ListUsers", "GetInstance", "ListGroups", "ListRegions", "GetRootOrganizationalUnit"] {
        assert_eq!(eds.call(action, &instance).await.refusal(), "404 InvalidAction.NotFound", "{action}");
        assert_eq!(admin.call(action, &instance).await.status, 200, "{action}");
    }
    for action in ["DescribeUsers", "DescribeOrgs", "DescribeGroups", "ListProperty", "GetUsersCount"] {
        assert_eq!(admin.call(action, &instance).await.refusal(), "404 InvalidAction.NotFound", "{action}");
        assert_eq!(eds.call(action, &[]).await.status, 200, "{action}");
    }
    // Both have an action of this name; the version says which is meant.
    let name = [("GroupName", "readers")];
    is_refused(&admin, "CreateGroup", &name, "400 MissingParameter.InstanceId").await;
    let made = eds.call("CreateGroup", &name).await.json();
    assert!(made["GroupId"].as_str().is_some_and(|id| id.starts_with("ug-")), "{made}");

    let by_v1 = server.administrator().eiam().signing(Scheme::V1);
    let unknown = by_v1.get("ListRegions", &[]).with_target("Version=2021-12-01", "Version=2022-02-25");
    assert_eq!(by_v1.exchange(&unknown).await.refusal(), "400 InvalidVersion");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_travel_in_the_query_or_in_a_form_by_get_or_post() {
    let server = Server::start().await;
    let v3 = server.administrator().eiam();
    let v1 = server.administrator().eiam().signing(Scheme::V1);
    let corp = Instance::default_of(&v3).await;
    let unit = corp.make_unit(&v3, "研发", &corp.root).await;
    let parameters = [("InstanceId", corp.id.as_str()), ("OrganizationalUnitId", unit.as_str())];
    let action = "GetOrganizationalUnit";

    let messages = [
        in_query(&v3, "POST", action, &parameters),
        in_query(&v3, "GET", action, &parameters),
        v3.post(action, &owned(&parameters)),
        v3.get(action, &owned(&parameters)),
        v1.post(action, &owned(&parameters)),
        v1.get(action, &owned(&parameters)),
        v1.v1("POST", action, &owned(&parameters), &[], &v1.now()),
        v1.v1("POST", action, &owned(&parameters[..1]), &owned(&parameters[1..]), &v1.now()),
    ];
    for message in messages {
        let answer = v3.exchange(&message).await;
        assert_eq!(answer.status, 200, "{message:?}: {}", answer.text());
        assert_eq!(answer.json()["OrganizationalUnit"]["OrganizationalUnitName"], "研发");
        assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
    }
    // What changes something may be asked for by GET as well: no method is refused.
    let made = [("InstanceId", corp.id.as_str()), ("GroupName", "readers")];
    assert_eq!(v3.exchange(&in_query(&v3, "GET", "CreateGroup", &made)).await.status, 200);
    assert_eq!(corp.list_groups(&v3).await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_write_a_parameter_is_read() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let users = corp.make_users(&admin, &["alice", "bob", "carol"]).await;
    let found = async |parameters: &[(&str, &str)]| {
        let answer = corp.ask(&admin, "ListUsers", parameters).await;
        let users = answer["Users"].as_array().expect("a list").clone();
        users.iter().map(|user| user["Username"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let list = json!([users[2], users[0]]).to_string();

    assert_eq!(found(&[("UserIds.1", &users[0]), ("UserIds.2", &users[1])]).await, ["alice", "bob"]);
    assert_eq!(found(&[("UserIds.7", &users[1]), ("UserIds.3", &users[0])]).await, ["alice", "bob"], "gaps");
    assert_eq!(found(&[("UserIds", &list)]).await, ["alice", "carol"], "a JSON list");
    assert_eq!(found(&[("UsernameStartsWith", ""), ("Status", "enable")]).await.len(), 3);
    assert_eq!(found(&[("RegionId", "cn-hangzhou"), ("Whatever", "x")]).await.len(), 3, "what is unknown");
    for (number, (text, verified)) in
        [("True", true), ("true", true), ("TRUE", true), ("False", false), ("false", false), ("FALSE", false)]
            .into_iter()
            .enumerate()
    {
        let parameters = [
            ("Username", format!("user_{number}")),
            ("PrimaryOrganizationalUnitId", corp.root.clone()),
            ("Email", format!("user_{number}@example.com")),
            ("EmailVerified", text.to_owned()),
        ];
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let made = corp.ask(&admin, "CreateUser", &parameters).await;
        let user = corp.get_user(&admin, made["UserId"].as_str().expect("an id")).await;
        assert_eq!(user.email_verified, verified, "{text}");
    }
    let wrong = [
        ("Username", "x"),
        ("PrimaryOrganizationalUnitId", &corp.root),
        ("Email", "x@example.com"),
        ("EmailVerified", "maybe"),
    ];
    corp.refuses(&admin, "CreateUser", &[(&wrong, "400 InvalidParameter.EmailVerified")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_its_request_and_a_refusal_says_who_refuses() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;

    let success = corp.call(&admin, "ListUsers", &[]).await;
    let refusal = corp.call(&admin, "GetUser", &[("UserId", "user_x")]).await;

    for answer in [&success, &refusal] {
        let id = answer.json()["RequestId"].as_str().expect("an id").to_owned();
        assert_eq!(answer.header("x-acs-request-id"), id);
        let shape: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(shape, [8, 4, 4, 4, 12], "{id}");
        assert!(id.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'A'..=b'F').contains(&b)), "{id}");
    }
    assert!(success.text().starts_with(r#"{"RequestId":""#), "{}", success.text());
    insta::assert_json_snapshot!(told(&success, &[]), @r#"
    {
      "MaxResults": 20,
      "RequestId": "[id]",
      "TotalCount": 0,
      "Users": []
    }
    "#);
    let json = refusal.json();
    assert_eq!((refusal.status, &json["Code"]), (404, &json!("ResourceNotFound.User")));
    assert_eq!(json["Message"], "The specified User resource: user_x not found.");
    assert_eq!(json["HostId"], server.address().to_string());
    refused(&refusal.fault(), "404 ResourceNotFound.User user_x", "GetUser");

    let xml = corp.call(&admin, "ListRegions", &[("Format", "XML")]).await;
    assert_eq!(xml.header("content-type"), "text/xml;charset=utf-8");
    assert!(xml.text().contains("<RegionId>cn-hangzhou</RegionId>"), "{}", xml.text());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_sign_gets_nothing() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    create(&eds, &["alice"]).await;
    let parameters = owned(&[("InstanceId", &corp.id)]);

    let unsigned = admin.post("ListUsers", &parameters).without_header("authorization");
    let answer = admin.exchange(&unsigned).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    let stranger = admin.with_key("LTAInobodynobodynobody", "secretsecretsecretsecretsecret");
    let answer = stranger.exchange(&stranger.post("ListUsers", &parameters)).await;
    assert_eq!(answer.refusal(), "404 InvalidAccessKeyId.NotFound");
    let forger = admin.with_key(KEY, "another secret");
    let answer = forger.exchange(&forger.post("ListUsers", &parameters)).await;
    assert_eq!(answer.refusal(), "400 SignatureDoesNotMatch");
    // A call that changed something is accepted once.
    let once = admin.post("CreateGroup", &owned(&[("InstanceId", &corp.id), ("GroupName", "readers")]));
    assert_eq!(admin.exchange(&once).await.status, 200);
    assert_eq!(admin.exchange(&once).await.refusal(), "400 SignatureNonceUsed");
    assert_eq!(corp.list_groups(&admin).await.len(), 1);
    server.stop().await;
}
