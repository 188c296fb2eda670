//! Temporary keys of AssumeRole at every door and in every scheme.
//!
//! Source: `reference/protocol.md` §5.1.

use serde_json::json;

use crate::support::{
    Client, Instance, Key, Ram, Scheme, Server, account_of, answered, make_ram_key, make_ram_users, replied,
    trust,
};

/// A temporary key of a role that may read everything, which a user has assumed through the door.
async fn temporary(server: &Server) -> Key {
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    make_ram_users(&admin, &["alice"]).await;
    let trusted = trust(&[&format!("acs:ram::{account}:user/alice")]);
    replied(&admin, "CreateRole", &[("RoleName", "reader"), ("AssumeRolePolicyDocument", &trusted)]).await;
    for product in ["ECD", "EIAM", "PDS", "RAM"] {
        let name = format!("Aliyun{product}ReadOnlyAccess");
        let given = [("PolicyType", "System"), ("PolicyName", name.as_str()), ("RoleName", "reader")];
        replied(&admin, "AttachPolicyToRole", &given).await;
    }
    let given =
        [("PolicyType", "System"), ("PolicyName", "AliyunSTSAssumeRoleAccess"), ("UserName", "alice")];
    replied(&admin, "AttachPolicyToUser", &given).await;
    let alice = make_ram_key(&admin, "alice").await.client(server).sts();
    let role = format!("acs:ram::{account}:role/reader");
    // As the older libraries ask: a GET signed by V1, with everything in its query.
    let asked = [("RoleArn", role), ("RoleSessionName", "ci".to_owned())];
    let asked: Vec<_> = asked.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let answer = alice.exchange(&alice.v1("GET", "AssumeRole", &asked, &[], &alice.now())).await;
    let reply = answer.json();
    assert_eq!(answer.status, 200, "{reply}");
    let text = |field: &str| reply["Credentials"][field].as_str().expect("a text").to_owned();
    Key { id: text("AccessKeyId"), secret: text("AccessKeySecret"), token: Some(text("SecurityToken")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_keys_sign_at_every_rpc_door_in_both_schemes() {
    let server = Server::start().await;
    let key = temporary(&server).await;
    let instance = Instance::default_of(&server.administrator().eiam()).await.id;

    for scheme in [Scheme::V1, Scheme::V3] {
        let client = || -> Client { key.client(&server).signing(scheme) };
        for (client, action, parameters, expected) in [
            (client(), "DescribeUsers", vec![], "200"),
            (client(), "CreateUsers", vec![], "403 Forbidden.RAM"),
            (client().eiam(), "ListUsers", vec![("InstanceId", instance.as_str())], "200"),
            (client().eiam(), "CreateInstance", vec![], "403 NoPermission"),
            (client().ram(), "ListUsers", vec![], "200"),
            (client().ram(), "CreateUser", vec![("UserName", "bob")], "403 NoPermission"),
            (client().ram(), "ListAccessKeys", vec![], "404 EntityNotExist.User"),
            (client().sts(), "GetCallerIdentity", vec![], "200"),
        ] {
            assert_eq!(answered(&client, action, &parameters).await, expected, "{scheme:?} {action}");
        }
        let untokened = Key { token: None, ..key.clone() };
        let untokened = untokened.client(&server).signing(scheme).sts();
        assert_eq!(answered(&untokened, "GetCallerIdentity", &[]).await, "400 MissingSecurityToken");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_keys_sign_at_pds_in_both_schemes() {
    let server = Server::start().await;
    let key = temporary(&server).await;
    let forged = Key { token: key.token.as_ref().map(|token| format!("{token}A")), ..key.clone() };

    for caller in [key.pds(&server), key.pds_v4(&server)] {
        assert_eq!(caller.outcome("user/list", json!({})).await, "200");
        assert_eq!(
            caller.outcome("user/create", json!({ "user_id": "u", "phone": "1" })).await,
            "403 Forbidden"
        );
    }
    for (key, refusal) in [(forged, "403 Forbidden"), (Key { token: None, ..key.clone() }, "403 Forbidden")] {
        for caller in [key.pds(&server), key.pds_v4(&server)] {
            assert_eq!(caller.outcome("user/list", json!({})).await, refusal);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_loses_its_sessions_lose_at_once() {
    let server = Server::start().await;
    let key = temporary(&server).await;
    let admin = server.administrator().ram();
    let eds = key.client(&server);
    assert_eq!(answered(&eds, "DescribeUsers", &[]).await, "200");

    let given = [("PolicyType", "System"), ("PolicyName", "AliyunECDReadOnlyAccess"), ("RoleName", "reader")];
    replied(&admin, "DetachPolicyFromRole", &given).await;

    assert_eq!(answered(&eds, "DescribeUsers", &[]).await, "403 Forbidden.RAM");
    Ram::of(&server)
        .await
        .delete_role(
            "reader",
            &["AliyunEIAMReadOnlyAccess", "AliyunPDSReadOnlyAccess", "AliyunRAMReadOnlyAccess"],
        )
        .await;
    crate::support::until("the other process's change is seen", async || {
        answered(&key.client(&server).sts(), "GetCallerIdentity", &[]).await
            == "404 InvalidAccessKeyId.NotFound"
    })
    .await;
    server.stop().await;
}
