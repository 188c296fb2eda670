//! `SimulatePolicy`: what policies would decide, and which statement does.

use serde_json::{Value, json};

use crate::support::{
    Server, account_of, answered, document, make_ram_key, make_ram_users, other_account, replied, trust,
};

/// A policy of the account with this name that somebody has.
async fn give(
    admin: &crate::support::Client,
    name: &str,
    document: &str,
    action: &str,
    holder: (&str, &str),
) {
    replied(admin, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await;
    replied(admin, action, &[("PolicyType", "Custom"), ("PolicyName", name), holder]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_that_decides_is_named() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    make_ram_users(&admin, &["alice"]).await;
    let several = json!({ "Version": "1", "Statement": [
        { "Effect": "Allow", "Action": "eiam:Get*", "Resource": "acs:eiam:*:*:instance/a/*" },
        { "Effect": "Allow", "Action": "ecd:*", "Resource": "*",
          "Condition": { "IpAddress": { "acs:SourceIp": ["10.0.0.0/8"] }, "Bool": { "acs:SecureTransport": ["true"] } } },
        { "Effect": "Deny", "Action": "ecd:Remove*", "Resource": "*" },
        { "Effect": "Allow", "Action": "x:Y", "Resource": "*",
          "Condition": { "StringEquals": { "ecd:Key": ["v"] } } },
    ] });
    give(&admin, "several", &several.to_string(), "AttachPolicyToUser", ("UserName", "alice")).await;
    let system = [("PolicyType", "System"), ("PolicyName", "AliyunPDSReadOnlyAccess"), ("UserName", "alice")];
    replied(&admin, "AttachPolicyToUser", &system).await;
    let alice = format!("acs:ram::{account}:user/alice");
    let asked = async |parameters: &[(&str, &str)]| -> Value {
        let who = [("Principal", alice.as_str())];
        let parameters: Vec<_> = who.into_iter().chain(parameters.iter().copied()).collect();
        replied(&admin, "SimulatePolicy", &parameters).await
    };

    let by_custom =
        |statement: i64| json!({ "PolicyName": "several", "PolicyType": "Custom", "Statement": statement });
    let merged = |mut decided: Value, by: Value| {
        let by = by.as_object().expect("an object").clone();
        decided.as_object_mut().expect("an object").extend(by);
        decided
    };
    let allow = json!({ "Decision": "Allow" });
    let implicit = |resource: &str| json!({ "Decision": "ImplicitDeny", "PolicyLayer": "AccountLevelIdentityBasedPolicy", "Resource": resource });
    let from = [("SourceIp", "10.1.2.3"), ("SecureTransport", "True")];
    let describe = ("SimulatedAction", "ecd:DescribeUsers");
    assert_eq!(asked(&[describe, from[0], from[1]]).await, merged(allow.clone(), by_custom(2)));
    assert_eq!(asked(&[describe, from[0]]).await, implicit("*"));
    let denied = json!({ "Decision": "ExplicitDeny", "PolicyLayer": "AccountLevelIdentityBasedPolicy", "Resource": "*" });
    let remove = ("SimulatedAction", "ecd:RemoveUsers");
    assert_eq!(asked(&[remove, from[0], from[1]]).await, merged(denied, by_custom(3)));
    let (inside, outside) = ("acs:eiam:cn:1:instance/a/user/u", "acs:eiam:cn:1:instance/b/user/u");
    let get = ("SimulatedAction", "eiam:GetUser");
    assert_eq!(asked(&[get, ("Resources.1", inside)]).await, merged(allow.clone(), by_custom(1)));
    assert_eq!(asked(&[get, ("Resources.1", inside), ("Resources.2", outside)]).await, implicit(outside));
    let key = [("ConditionKeys.1.Key", "ecd:Key"), ("ConditionKeys.1.Value", "v")];
    assert_eq!(
        asked(&[("SimulatedAction", "x:Y"), key[0], key[1]]).await,
        merged(allow.clone(), by_custom(4))
    );
    let by_system =
        json!({ "PolicyName": "AliyunPDSReadOnlyAccess", "PolicyType": "System", "Statement": 1 });
    assert_eq!(asked(&[("SimulatedAction", "pds:GetUser")]).await, merged(allow, by_system));
    let session = document("Allow", "pds:List*", "*");
    let narrowed = asked(&[("SimulatedAction", "pds:GetUser"), ("SessionPolicy", &session)]).await;
    assert_eq!(
        narrowed,
        json!({ "Decision": "ImplicitDeny", "PolicyLayer": "SessionPolicy", "Resource": "*" })
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roots_roles_and_sessions_are_asked_about_as_well() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    let role = [("RoleName", "reader"), ("AssumeRolePolicyDocument", &trust(&["acs:ram::1:root"]))];
    replied(&admin, "CreateRole", &role).await;
    give(&admin, "p", &document("Allow", "ecd:*", "*"), "AttachPolicyToRole", ("RoleName", "reader")).await;

    for (principal, expected) in [
        ("root", json!({ "Decision": "Allow" })),
        (
            "role/reader",
            json!({ "Decision": "Allow", "PolicyName": "p", "PolicyType": "Custom", "Statement": 1 }),
        ),
        (
            "assumed-role/reader/ci",
            json!({ "Decision": "Allow", "PolicyName": "p", "PolicyType": "Custom", "Statement": 1 }),
        ),
    ] {
        let principal = format!("acs:ram::{account}:{principal}");
        let parameters = [("Principal", principal.as_str()), ("SimulatedAction", "ecd:DescribeUsers")];
        assert_eq!(replied(&admin, "SimulatePolicy", &parameters).await, expected, "{principal}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    let other = other_account(&server, "other").sts();
    let elsewhere = format!("acs:ram::{}:root", account_of(&other).await);
    let (root, nobody) = (format!("acs:ram::{account}:root"), format!("acs:ram::{account}:user/nobody"));
    let action = ("SimulatedAction", "ecd:DescribeUsers");
    let huge = "a".repeat(2_049);

    for (parameters, expected) in [
        (vec![action], "400 MissingParameter.Principal"),
        (vec![("Principal", root.as_str())], "400 MissingParameter.SimulatedAction"),
        (vec![("Principal", &huge), action], "400 InvalidParameter.Principal"),
        (vec![("Principal", "alice"), action], "404 EntityNotExist.Principal"),
        (vec![("Principal", &nobody), action], "404 EntityNotExist.User"),
        (vec![("Principal", &elsewhere), action], "404 EntityNotExist.Principal"),
        (vec![("Principal", &root), action, ("SourceIp", "10.0.0.0/8")], "400 InvalidParameter.SourceIp"),
        (
            vec![("Principal", &root), action, ("SecureTransport", "maybe")],
            "400 InvalidParameter.SecureTransport",
        ),
        (vec![("Principal", &root), action, ("SessionPolicy", "{}")], "400 MalformedPolicyDocument"),
        (vec![("Principal", &root), action, ("Resources.1", "")], "400 InvalidParameter.Resources"),
        (vec![("Principal", &root), action, ("SourceIp", "::1")], "200"),
    ] {
        assert_eq!(answered(&admin, "SimulatePolicy", &parameters).await, expected, "{parameters:?}");
    }
    make_ram_users(&admin, &["alice"]).await;
    let alice = make_ram_key(&admin, "alice").await.client(&server).ram();
    let parameters = [("Principal", root.as_str()), action];
    assert_eq!(answered(&alice, "SimulatePolicy", &parameters).await, "403 NoPermission");
    server.stop().await;
}
