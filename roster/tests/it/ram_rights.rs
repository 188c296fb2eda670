//! Who may do what with RAM and STS, as a list in which every change of rights shows; and what that means for users.
//!
//! Source: `reference/ram.md` 2 to 7.

use api::ram::{
    AttachPolicyToRole, AttachPolicyToUser, CreateAccessKey, CreatePolicy, CreateRole, CreateUser,
    DeleteAccessKey, DeletePolicy, DeleteRole, DeleteUser, DetachPolicyFromRole, DetachPolicyFromUser,
    GetAccessKeyLastUsed, GetPolicy, GetRole, GetUser, ListAccessKeys, ListEntitiesForPolicy, ListPolicies,
    ListPoliciesForRole, ListPoliciesForUser, ListRoles, ListUsers, SimulatePolicy, UpdateAccessKey,
    UpdateRole, UpdateUser,
};
use api::sts::{AssumeRole, GetCallerIdentity};
use model::Resource;
use serde_json::json;
use wire::Action;

use crate::support::{Key, Server, account_of, answered, make_ram_key, make_ram_users, replied, trust};

/// What an action asks for, and on which things: each by the letter of its parameter.
fn line<A: Action>() -> (&'static str, String) {
    let everything = json!({
        "UserName": "U", "NewUserName": "N", "RoleName": "R", "PolicyType": "Custom", "PolicyName": "P", "PolicyDocument": "{}",
        "AssumeRolePolicyDocument": "{}", "UserAccessKeyId": "K", "Status": "Active", "Principal": "p",
        "SimulatedAction": "a:b", "RoleArn": "acs:ram::1:role/R", "RoleSessionName": "ci",
    });
    let request: A =
        serde_json::from_value(everything).unwrap_or_else(|error| panic!("{}: {error}", A::NAME));
    let things: Vec<String> = request
        .resources()
        .into_iter()
        .map(|resource| match resource {
            Resource::Any => "*".to_owned(),
            Resource::Of { product, relative } => {
                assert_eq!(product, "ram");
                relative
            }
            Resource::Own => "the caller".to_owned(),
            Resource::Arn(arn) => arn,
        })
        .collect();
    let does = if A::RIGHT.writes() { "changes" } else { "reads" };
    let asked = if A::RIGHT.is_asked() { things.join(", ") } else { "nothing".to_owned() };
    (A::NAME, format!("{} → {} → {does} → {asked}", A::NAME, A::RIGHT.action()))
}

#[test]
fn each_action_asks_for_its_right_on_its_things() {
    let known = [
        line::<AttachPolicyToRole>(),
        line::<AttachPolicyToUser>(),
        line::<CreateAccessKey>(),
        line::<CreatePolicy>(),
        line::<CreateRole>(),
        line::<CreateUser>(),
        line::<DeleteAccessKey>(),
        line::<DeletePolicy>(),
        line::<DeleteRole>(),
        line::<DeleteUser>(),
        line::<DetachPolicyFromRole>(),
        line::<DetachPolicyFromUser>(),
        line::<GetAccessKeyLastUsed>(),
        line::<GetPolicy>(),
        line::<GetRole>(),
        line::<GetUser>(),
        line::<ListAccessKeys>(),
        line::<ListEntitiesForPolicy>(),
        line::<ListPolicies>(),
        line::<ListPoliciesForRole>(),
        line::<ListPoliciesForUser>(),
        line::<ListRoles>(),
        line::<ListUsers>(),
        line::<SimulatePolicy>(),
        line::<UpdateAccessKey>(),
        line::<UpdateRole>(),
        line::<UpdateUser>(),
        line::<AssumeRole>(),
        line::<GetCallerIdentity>(),
    ];

    let served = ram::door().declared().len() + sts::door().declared().len();
    assert_eq!(known.len(), served, "every action has a line");
    let lines: Vec<&str> = known.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "AttachPolicyToRole → ram:AttachPolicyToRole → changes → role/R, policy/P",
            "AttachPolicyToUser → ram:AttachPolicyToUser → changes → user/U, policy/P",
            "CreateAccessKey → ram:CreateAccessKey → changes → user/U",
            "CreatePolicy → ram:CreatePolicy → changes → policy/*",
            "CreateRole → ram:CreateRole → changes → role/*",
            "CreateUser → ram:CreateUser → changes → user/*",
            "DeleteAccessKey → ram:DeleteAccessKey → changes → user/U",
            "DeletePolicy → ram:DeletePolicy → changes → policy/P",
            "DeleteRole → ram:DeleteRole → changes → role/R",
            "DeleteUser → ram:DeleteUser → changes → user/U",
            "DetachPolicyFromRole → ram:DetachPolicyFromRole → changes → role/R, policy/P",
            "DetachPolicyFromUser → ram:DetachPolicyFromUser → changes → user/U, policy/P",
            "GetAccessKeyLastUsed → ram:GetAccessKeyLastUsed → reads → user/U",
            "GetPolicy → ram:GetPolicy → reads → policy/P",
            "GetRole → ram:GetRole → reads → role/R",
            "GetUser → ram:GetUser → reads → user/U",
            "ListAccessKeys → ram:ListAccessKeys → reads → user/U",
            "ListEntitiesForPolicy → ram:ListEntitiesForPolicy → reads → policy/P",
            "ListPolicies → ram:ListPolicies → reads → policy/*",
            "ListPoliciesForRole → ram:ListPoliciesForRole → reads → role/R",
            "ListPoliciesForUser → ram:ListPoliciesForUser → reads → user/U",
            "ListRoles → ram:ListRoles → reads → role/*",
            "ListUsers → ram:ListUsers → reads → user/*",
            "SimulatePolicy → ram:SimulatePolicy → reads → *",
            "UpdateAccessKey → ram:UpdateAccessKey → changes → user/U",
            "UpdateRole → ram:UpdateRole → changes → role/R",
            "UpdateUser → ram:UpdateUser → changes → user/U, user/N",
            "AssumeRole → sts:AssumeRole → changes → acs:ram::1:role/R",
            "GetCallerIdentity → sts:GetCallerIdentity → reads → nothing",
        ]
    );
}

/// Gives a user a policy of its own name that allows `actions` on `resources`; its key.
async fn allowed(server: &Server, user: &str, actions: &[&str], resources: &[&str]) -> Key {
    let admin = server.administrator().ram();
    make_ram_users(&admin, &[user]).await;
    let text = json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resources }] });
    replied(&admin, "CreatePolicy", &[("PolicyName", user), ("PolicyDocument", &text.to_string())]).await;
    let attached = [("PolicyType", "Custom"), ("PolicyName", user), ("UserName", user)];
    replied(&admin, "AttachPolicyToUser", &attached).await;
    make_ram_key(&admin, user).await
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_read_and_writers_write_and_others_do_nothing() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["nobody", "reader", "writer", "other"]).await;
    let mut clients = Vec::new();
    for (user, policy) in [
        ("nobody", None),
        ("reader", Some("AliyunRAMReadOnlyAccess")),
        ("writer", Some("AliyunRAMFullAccess")),
        ("other", Some("AliyunECDFullAccess")),
    ] {
        if let Some(policy) = policy {
            let given = [("PolicyType", "System"), ("PolicyName", policy), ("UserName", user)];
            replied(&admin, "AttachPolicyToUser", &given).await;
        }
        clients.push(make_ram_key(&admin, user).await.client(&server).ram());
    }
    let [nobody, reader, writer, other] = &clients[..] else { panic!("four") };
    // Of what is not there, so that nothing changes: whoever may learns so, all others nothing.
    let parameters = [
        ("UserName", "x"),
        ("RoleName", "x"),
        ("PolicyType", "Custom"),
        ("PolicyName", "x"),
        ("UserAccessKeyId", "x"),
        ("Status", "Active"),
        ("Principal", "x"),
        ("SimulatedAction", "x"),
        ("AssumeRolePolicyDocument", "x"),
        ("PolicyDocument", "x"),
        ("Email", "x"),
    ];
    for declared in ram::door().declared() {
        let action = declared.name();
        let reads = !declared.right().writes();
        let refused = "403 NoPermission";
        for client in [nobody, other] {
            assert_eq!(answered(client, action, &parameters).await, refused, "{action}");
        }
        assert_eq!(answered(reader, action, &parameters).await == refused, !reads, "{action}");
        assert_ne!(answered(writer, action, &parameters).await, refused, "{action}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_may_be_on_one_user_however_its_arn_is_written() {
    let server = Server::start().await;
    let account = account_of(&server.administrator().sts()).await;
    make_ram_users(&server.administrator().ram(), &["dev-1", "ops-1"]).await;

    for (index, resource) in [
        format!("acs:ram:*:{account}:user/dev-*"),
        format!("acs:ram::{account}:user/dev-1"),
        "acs:ram:*:*:user/dev-1".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let name = format!("lead-{index}");
        let lead = allowed(&server, &name, &["ram:*"], &[resource]).await.client(&server).ram();
        assert_eq!(answered(&lead, "GetUser", &[("UserName", "dev-1")]).await, "200", "{resource}");
        for user in ["ops-1", "unknown", "DEV-1"] {
            assert_eq!(answered(&lead, "GetUser", &[("UserName", user)]).await, "403 NoPermission", "{user}");
        }
        assert_eq!(answered(&lead, "ListUsers", &[]).await, "403 NoPermission");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_renames_needs_the_right_on_both_names() {
    let server = Server::start().await;
    let key = allowed(&server, "ci-1", &["ram:UpdateUser"], &["acs:ram:*:*:user/ci-*"]).await;
    let client = key.client(&server).ram();
    let rename =
        async |name| answered(&client, "UpdateUser", &[("UserName", "ci-1"), ("NewUserName", name)]).await;

    assert_eq!(rename("deploy").await, "403 NoPermission");
    assert_eq!(rename("").await, "400 InvalidParameter.NewUserName.Length");
    assert_eq!(rename("ci-2").await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_policies_needs_the_right_on_both_sides() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    make_ram_users(&admin, &["dev-1", "ops-1"]).await;
    let resources = [
        format!("acs:ram:*:{account}:user/dev-*"),
        "acs:ram:*:system:policy/AliyunECDReadOnlyAccess".to_owned(),
    ];
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let lead = allowed(&server, "lead", &["ram:AttachPolicyToUser"], &resources).await.client(&server).ram();

    for (user, kind, policy, expected) in [
        ("dev-1", "System", "AliyunECDReadOnlyAccess", "200"),
        ("ops-1", "System", "AliyunECDReadOnlyAccess", "403 NoPermission"),
        ("lead", "System", "AliyunECDReadOnlyAccess", "403 NoPermission"),
        ("dev-1", "System", "AdministratorAccess", "403 NoPermission"),
        ("dev-1", "Custom", "lead", "403 NoPermission"),
        ("dev-1", "Custom", "AliyunECDReadOnlyAccess", "403 NoPermission"),
    ] {
        let given = [("PolicyType", kind), ("PolicyName", policy), ("UserName", user)];
        assert_eq!(answered(&lead, "AttachPolicyToUser", &given).await, expected, "{given:?}");
    }
    // All of the account's own does not reach what the system has.
    let own = format!("acs:ram:*:{account}:*");
    let owner = allowed(&server, "owner", &["ram:*"], &[&own]).await.client(&server).ram();
    let given = [("PolicyType", "System"), ("PolicyName", "AdministratorAccess"), ("UserName", "owner")];
    assert_eq!(answered(&owner, "AttachPolicyToUser", &given).await, "403 NoPermission");
    assert_eq!(
        answered(&owner, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trust(&[&own]))])
            .await,
        "400 MalformedPolicyDocument"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_who_was_refused_what() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    make_ram_users(&admin, &["alice"]).await;
    let user = replied(&admin, "GetUser", &[("UserName", "alice")]).await;
    let alice = make_ram_key(&admin, "alice").await.client(&server).ram();

    let answer = alice.call("CreateUser", &[("UserName", "bob")]).await;

    assert_eq!(answer.refusal(), "403 NoPermission");
    assert_eq!(
        answer.json()["AccessDeniedDetail"],
        json!({
            "AuthAction": "ram:CreateUser", "AuthPrincipalType": "SubUser", "AuthPrincipalOwnerId": account,
            "AuthPrincipalDisplayName": user["User"]["UserId"], "NoPermissionType": "ImplicitDeny",
            "PolicyType": "AccountLevelIdentityBasedPolicy",
        })
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_xml_where_that_is_asked_for() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice", "bob"]).await;

    let answer = admin.call("ListUsers", &[("Format", "XML")]).await.text();

    let names = "<UserName>alice</UserName>";
    assert!(answer.contains("<ListUsersResponse>") && answer.contains(names), "{answer}");
    assert_eq!(answer.matches("<User>").count(), 2, "{answer}");
    server.stop().await;
}
