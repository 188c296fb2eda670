//! Roles through the RAM door.
//!
//! Source: `reference/ram.md` 5 and 8.

use serde_json::json;

use crate::support::{Server, account_of, answered, each, other_account, replied, trust};

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_and_shown_as_it_was_given() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let account = account_of(&server.administrator().sts()).await;
    let trusted = trust(&[&format!("acs:ram::{account}:root")]);
    let given = [
        ("RoleName", "Reader-1.x_y"),
        ("AssumeRolePolicyDocument", trusted.as_str()),
        ("Description", "one\ntwo"),
        ("MaxSessionDuration", "7200"),
        ("AllowConsoleLogin", "false"),
    ];

    let made = replied(&admin, "CreateRole", &given).await;

    let id = made["Role"]["RoleId"].as_str().expect("a text").to_owned();
    assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    let mut role = json!({
        "RoleId": id, "RoleName": "Reader-1.x_y", "Arn": format!("acs:ram::{account}:role/Reader-1.x_y"),
        "Description": "one\ntwo", "AssumeRolePolicyDocument": trusted, "MaxSessionDuration": 7_200,
        "AllowConsoleLogin": false, "IsServiceLinkedRole": false,
        "CreateDate": "2026-01-15T08:30:00Z", "UpdateDate": "2026-01-15T08:30:00Z",
    });
    assert_eq!(made, json!({ "Role": role }));
    assert_eq!(replied(&admin, "GetRole", &given[..1]).await, made);
    let listed = replied(&admin, "ListRoles", &[]).await;
    role.as_object_mut().expect("an object").remove("AssumeRolePolicyDocument");
    assert_eq!(listed, json!({ "IsTruncated": false, "Roles": { "Role": [role] } }));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_form_is_refused_by_its_parameter() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let good = trust(&["acs:ram::1:root"]);
    let (n65, prose, huge) = ("a".repeat(65), "é".repeat(1_025), format!("{good}{}", " ".repeat(6_144)));
    let with =
        |name, value| vec![("RoleName", "r"), ("AssumeRolePolicyDocument", good.as_str()), (name, value)];
    let trusting = |document| vec![("RoleName", "r"), ("AssumeRolePolicyDocument", document)];
    let policy = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    for (parameters, expected) in [
        (vec![("AssumeRolePolicyDocument", good.as_str())], "400 MissingParameter.RoleName"),
        (vec![("RoleName", "r")], "400 MissingParameter.AssumeRolePolicyDocument"),
        (
            vec![("RoleName", n65.as_str()), ("AssumeRolePolicyDocument", &good)],
            "400 InvalidParameter.RoleName.Length",
        ),
        (
            vec![("RoleName", "李"), ("AssumeRolePolicyDocument", &good)],
            "400 InvalidParameter.RoleName.InvalidChars",
        ),
        (trusting(policy), "400 MalformedPolicyDocument"),
        (trusting("[]"), "400 MalformedPolicyDocument"),
        (trusting(&huge), "400 InvalidParameter.AssumeRolePolicyDocument.Length"),
        (with("Description", &prose), "400 InvalidParameter.Description.Length"),
        (with("MaxSessionDuration", "3599"), "400 InvalidParameter.MaxSessionDuration"),
        (with("MaxSessionDuration", "43201"), "400 InvalidParameter.MaxSessionDuration"),
        (with("MaxSessionDuration", "an hour"), "400 InvalidParameter.MaxSessionDuration"),
        (with("AllowConsoleLogin", "true"), "400 UnsupportedParameter.AllowConsoleLogin"),
        (with("AllowConsoleLogin", "x"), "400 InvalidParameter.AllowConsoleLogin"),
        (with("Tag", r#"[{"Key":"k","Value":"v"}]"#), "400 UnsupportedParameter.Tag"),
        (with("MaxSessionDuration", "43200"), "200"),
        (with("Description", "again"), "409 EntityAlreadyExists.Role"),
        (vec![("RoleName", "R"), ("AssumeRolePolicyDocument", &good)], "409 EntityAlreadyExists.Role"),
    ] {
        assert_eq!(answered(&admin, "CreateRole", &parameters).await, expected, "{parameters:?}");
    }
    let change = |name, value| [("RoleName", "r"), (name, value)];
    for (parameters, expected) in [
        (change("NewAssumeRolePolicyDocument", ""), "400 MalformedPolicyDocument"),
        (
            change("NewAssumeRolePolicyDocument", &huge),
            "400 InvalidParameter.NewAssumeRolePolicyDocument.Length",
        ),
        (change("NewDescription", &prose), "400 InvalidParameter.NewDescription.Length"),
        (change("NewMaxSessionDuration", "1"), "400 InvalidParameter.NewMaxSessionDuration"),
        (change("NewAllowConsoleLogin", "true"), "400 UnsupportedParameter.NewAllowConsoleLogin"),
        ([("RoleName", "s"), ("NewDescription", "")], "404 EntityNotExist.Role"),
        ([("RoleName", ""), ("NewDescription", "")], "400 MissingParameter.RoleName"),
    ] {
        assert_eq!(answered(&admin, "UpdateRole", &parameters).await, expected, "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_stays() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let (first, second) = (trust(&["acs:ram::1:root"]), trust(&["acs:ram::2:user/x"]));
    let given = [("RoleName", "r"), ("AssumeRolePolicyDocument", first.as_str()), ("Description", "d")];
    replied(&admin, "CreateRole", &given).await;
    server.pass(5_000);

    let changed = [("RoleName", "r"), ("NewAssumeRolePolicyDocument", second.as_str())];
    let role = replied(&admin, "UpdateRole", &changed).await["Role"].clone();
    assert_eq!((&role["AssumeRolePolicyDocument"], &role["Description"]), (&json!(second), &json!("d")));
    assert_eq!(
        (&role["MaxSessionDuration"], &role["UpdateDate"]),
        (&json!(3_600), &json!("2026-01-15T08:30:05Z"))
    );

    let changed = [("RoleName", "r"), ("NewDescription", ""), ("NewMaxSessionDuration", "43200")];
    let role = replied(&admin, "UpdateRole", &changed).await["Role"].clone();
    assert_eq!((role.get("Description"), &role["MaxSessionDuration"]), (None, &json!(43_200)));
    assert_eq!(role["AssumeRolePolicyDocument"], json!(second));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_with_policies_is_not_deleted() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let given = [("RoleName", "r"), ("AssumeRolePolicyDocument", &trust(&["acs:ram::1:root"]))];
    replied(&admin, "CreateRole", &given).await;
    let policy = [("RoleName", "r"), ("PolicyType", "System"), ("PolicyName", "AdministratorAccess")];
    replied(&admin, "AttachPolicyToRole", &policy).await;

    assert_eq!(answered(&admin, "DeleteRole", &policy[..1]).await, "409 DeleteConflict.Role.Policy");
    replied(&admin, "DetachPolicyFromRole", &policy).await;
    assert_eq!(replied(&admin, "DeleteRole", &policy[..1]).await, json!({}));

    for action in ["GetRole", "DeleteRole", "ListPoliciesForRole"] {
        assert_eq!(answered(&admin, action, &policy[..1]).await, "404 EntityNotExist.Role", "{action}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_listed_page_by_page_and_another_accounts_are_not_there() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let trusted = trust(&["acs:ram::1:root"]);
    for name in ["c", "A", "b"] {
        replied(&admin, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", &trusted)]).await;
    }

    let first = replied(&admin, "ListRoles", &[("MaxItems", "2")]).await;
    let marker = first["Marker"].as_str().expect("more follow");
    let second = replied(&admin, "ListRoles", &[("MaxItems", "2"), ("Marker", marker)]).await;

    assert_eq!(each(&first, "Roles", "Role", "RoleName"), ["A", "b"]);
    assert_eq!(each(&second, "Roles", "Role", "RoleName"), ["c"]);
    assert_eq!((&second["IsTruncated"], second.get("Marker")), (&json!(false), None));
    let other = other_account(&server, "other").ram();
    assert_eq!(replied(&other, "ListRoles", &[]).await["Roles"], json!({ "Role": [] }));
    for action in ["GetRole", "DeleteRole", "UpdateRole", "ListPoliciesForRole"] {
        assert_eq!(
            answered(&other, action, &[("RoleName", "A")]).await,
            "404 EntityNotExist.Role",
            "{action}"
        );
    }
    server.stop().await;
}
