//! Policies through the RAM door, and who has them.
//!
//! Source: `reference/ram.md` 4, 6 and 8.

use serde_json::{Value, json};

use crate::support::{
    Client, Server, answered, document, each, make_ram_key, make_ram_users, other_account, replied, trust,
};

/// Makes a policy of the account through the door.
async fn make(admin: &Client, name: &str, document: &str) -> Value {
    replied(admin, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_made_and_shown_with_its_document() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let text = document("Allow", "ecd:Describe*", "*");

    let given =
        [("PolicyName", "Readers-1"), ("Description", "one\ntwo 李"), ("PolicyDocument", text.as_str())];
    let made = replied(&admin, "CreatePolicy", &given).await;

    let policy = json!({
        "PolicyName": "Readers-1", "PolicyType": "Custom", "Description": "one\ntwo 李", "DefaultVersion": "v1",
        "AttachmentCount": 0, "CreateDate": "2026-01-15T08:30:00Z", "UpdateDate": "2026-01-15T08:30:00Z",
    });
    assert_eq!(made, json!({ "Policy": policy }));
    let shown = replied(&admin, "GetPolicy", &[("PolicyType", "Custom"), given[0]]).await;
    assert_eq!(shown["Policy"]["PolicyDocument"], text);
    assert_eq!(
        shown["DefaultPolicyVersion"],
        json!({ "VersionId": "v1", "IsDefaultVersion": true, "PolicyDocument": text, "CreateDate": "2026-01-15T08:30:00Z" })
    );
    for (kind, name, expected) in [
        ("System", "Readers-1", "404 EntityNotExist.Policy"),
        ("Custom", "readers-1", "404 EntityNotExist.Policy"),
        ("Custom", "AdministratorAccess", "404 EntityNotExist.Policy"),
        ("System", "AdministratorAccess", "200"),
        ("system", "AdministratorAccess", "400 InvalidParameter.PolicyType"),
        ("", "AdministratorAccess", "400 MissingParameter.PolicyType"),
        ("Custom", "a_b", "400 InvalidParameter.PolicyName.InvalidChars"),
        ("Custom", "", "400 MissingParameter.PolicyName"),
    ] {
        let parameters = [("PolicyType", kind), ("PolicyName", name)];
        assert_eq!(answered(&admin, "GetPolicy", &parameters).await, expected, "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_policy_is_refused_when_it_is_written() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    let good = document("Allow", "ecd:*", "*");
    let padded = |length: usize| good.replace(' ', "") + &" ".repeat(length - good.len());
    let unknown = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringFoo":{"acs:SourceIp":"1"}}}]}"#;
    let (longest, longer) = (padded(6_144), padded(6_145));
    let (n128, n129, prose) = ("a".repeat(128), "a".repeat(129), "é".repeat(1_025));

    for (parameters, expected) in [
        (vec![("PolicyName", "p")], "400 MissingParameter.PolicyDocument"),
        (vec![("PolicyDocument", good.as_str())], "400 MissingParameter.PolicyName"),
        (vec![("PolicyName", "p"), ("PolicyDocument", "")], "400 MissingParameter.PolicyDocument"),
        (vec![("PolicyName", "p"), ("PolicyDocument", "{}")], "400 MalformedPolicyDocument"),
        (vec![("PolicyName", "p"), ("PolicyDocument", "李")], "400 MalformedPolicyDocument"),
        (vec![("PolicyName", "p"), ("PolicyDocument", unknown)], "400 MalformedPolicyDocument"),
        (
            vec![("PolicyName", "p"), ("PolicyDocument", &longer)],
            "400 InvalidParameter.PolicyDocument.Length",
        ),
        (vec![("PolicyName", &n129), ("PolicyDocument", &good)], "400 InvalidParameter.PolicyName.Length"),
        (
            vec![("PolicyName", "a.b"), ("PolicyDocument", &good)],
            "400 InvalidParameter.PolicyName.InvalidChars",
        ),
        (
            vec![("PolicyName", "p"), ("PolicyDocument", &good), ("Description", &prose)],
            "400 InvalidParameter.Description.Length",
        ),
        (
            vec![("PolicyName", "p"), ("PolicyDocument", &good), ("Tag.1.Key", "k"), ("Tag.1.Value", "v")],
            "400 UnsupportedParameter.Tag",
        ),
        (vec![("PolicyName", &n128), ("PolicyDocument", &longest)], "200"),
        (vec![("PolicyName", "p"), ("PolicyDocument", &good), ("Tag", "[]")], "200"),
        (vec![("PolicyName", "P"), ("PolicyDocument", &good)], "409 EntityAlreadyExists.Policy"),
        (
            vec![("PolicyName", "administratoraccess"), ("PolicyDocument", &good)],
            "409 EntityAlreadyExists.Policy",
        ),
    ] {
        assert_eq!(answered(&admin, "CreatePolicy", &parameters).await, expected, "{parameters:?}");
    }
    let told = admin.call("CreatePolicy", &[("PolicyName", "q"), ("PolicyDocument", unknown)]).await.fault();
    assert!(told.message.contains("StringFoo"), "{told:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_listed_those_of_the_system_first() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    for name in ["b", "A"] {
        make(&admin, name, &document("Allow", "ecd:*", "*")).await;
    }

    let all = replied(&admin, "ListPolicies", &[]).await;
    let names = each(&all, "Policies", "Policy", "PolicyName");
    let system = replied(&admin, "ListPolicies", &[("PolicyType", "System")]).await;
    let own = replied(&admin, "ListPolicies", &[("PolicyType", "Custom")]).await;

    assert_eq!(names.first(), Some(&"AdministratorAccess"));
    assert_eq!(each(&own, "Policies", "Policy", "PolicyName"), ["A", "b"]);
    assert_eq!(names, [each(&system, "Policies", "Policy", "PolicyName"), vec!["A", "b"]].concat());
    assert!(all["Policies"]["Policy"][0].get("PolicyDocument").is_none());
    let mut found = Vec::new();
    let mut marker = String::new();
    loop {
        let page = replied(&admin, "ListPolicies", &[("MaxItems", "3"), ("Marker", &marker)]).await;
        found.extend(each(&page, "Policies", "Policy", "PolicyName").into_iter().map(str::to_owned));
        let Some(next) = page["Marker"].as_str() else { break };
        next.clone_into(&mut marker);
    }
    assert_eq!(found, names);
    for (parameters, expected) in [
        ([("Marker", marker.as_str()), ("PolicyType", "Custom")], "400 InvalidParameter.Marker"),
        ([("Marker", ""), ("PolicyType", "Both")], "400 InvalidParameter.PolicyType"),
        ([("Tag.1.Key", "k"), ("Tag.1.Value", "")], "400 UnsupportedParameter.Tag"),
    ] {
        assert_eq!(answered(&admin, "ListPolicies", &parameters).await, expected, "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_policy_is_shown_from_both_sides() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;
    let role = [("RoleName", "reader"), ("AssumeRolePolicyDocument", &trust(&["acs:ram::1:root"]))];
    let role = replied(&admin, "CreateRole", &role).await["Role"].clone();
    make(&admin, "own", &document("Allow", "ecd:*", "*")).await;
    let own = [("PolicyType", "Custom"), ("PolicyName", "own")];
    let system = [("PolicyType", "System"), ("PolicyName", "AliyunPDSReadOnlyAccess")];
    let (alice, reader) = (("UserName", "alice"), ("RoleName", "reader"));
    server.pass(1_000);

    replied(&admin, "AttachPolicyToUser", &[own[0], own[1], alice]).await;
    replied(&admin, "AttachPolicyToUser", &[system[0], system[1], alice]).await;
    replied(&admin, "AttachPolicyToRole", &[own[0], own[1], reader]).await;

    let of_alice = replied(&admin, "ListPoliciesForUser", &[alice]).await;
    assert_eq!(each(&of_alice, "Policies", "Policy", "PolicyName"), ["AliyunPDSReadOnlyAccess", "own"]);
    assert_eq!(
        of_alice["Policies"]["Policy"][1],
        json!({ "PolicyName": "own", "PolicyType": "Custom", "DefaultVersion": "v1", "AttachDate": "2026-01-15T08:30:01Z" })
    );
    let of_role = replied(&admin, "ListPoliciesForRole", &[reader]).await;
    assert_eq!(each(&of_role, "Policies", "Policy", "PolicyName"), ["own"]);
    let entities = replied(&admin, "ListEntitiesForPolicy", &own).await;
    assert_eq!(each(&entities, "Users", "User", "UserName"), ["alice"]);
    assert_eq!(each(&entities, "Users", "User", "AttachDate"), ["2026-01-15T08:30:01Z"]);
    assert_eq!(entities["Groups"], json!({ "Group": [] }));
    assert_eq!(entities["Roles"]["Role"][0]["Arn"], role["Arn"]);
    assert_eq!(replied(&admin, "GetPolicy", &own).await["Policy"]["AttachmentCount"], 2);

    let name = [own[1]];
    assert_eq!(answered(&admin, "DeletePolicy", &name).await, "409 DeleteConflict.Policy.User");
    replied(&admin, "DetachPolicyFromUser", &[own[0], own[1], alice]).await;
    assert_eq!(answered(&admin, "DeletePolicy", &name).await, "409 DeleteConflict.Policy.Role");
    replied(&admin, "DetachPolicyFromRole", &[own[0], own[1], reader]).await;
    replied(&admin, "DeletePolicy", &[own[1], ("CascadingDelete", "true")]).await;
    assert_eq!(answered(&admin, "DeletePolicy", &name).await, "404 EntityNotExist.Policy");
    assert_eq!(answered(&admin, "ListEntitiesForPolicy", &own).await, "404 EntityNotExist.Policy");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_attached_once_and_detached_where_it_was() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;
    let role = [("RoleName", "reader"), ("AssumeRolePolicyDocument", &trust(&["acs:ram::1:root"]))];
    replied(&admin, "CreateRole", &role).await;
    make(&admin, "own", &document("Allow", "ecd:*", "*")).await;
    let (alice, reader) = (("UserName", "alice"), ("RoleName", "reader"));
    let own = [("PolicyType", "Custom"), ("PolicyName", "own")];

    for (action, holder, parameters, expected) in [
        ("DetachPolicyFromUser", alice, own, "404 EntityNotExist.User.Policy"),
        ("AttachPolicyToUser", alice, own, "200"),
        ("AttachPolicyToUser", alice, own, "409 EntityAlreadyExists.User.Policy"),
        ("AttachPolicyToUser", ("UserName", "bob"), own, "404 EntityNotExist.User"),
        ("AttachPolicyToUser", ("UserName", ""), own, "400 MissingParameter.UserName"),
        ("AttachPolicyToUser", alice, [own[0], ("PolicyName", "other")], "404 EntityNotExist.Policy"),
        ("AttachPolicyToUser", alice, [("PolicyType", "System"), own[1]], "404 EntityNotExist.Policy"),
        ("AttachPolicyToUser", alice, [("PolicyType", "x"), own[1]], "400 InvalidParameter.PolicyType"),
        ("DetachPolicyFromUser", alice, own, "200"),
        ("DetachPolicyFromRole", reader, own, "404 EntityNotExist.Role.Policy"),
        ("AttachPolicyToRole", reader, own, "200"),
        ("AttachPolicyToRole", reader, own, "409 EntityAlreadyExists.Role.Policy"),
        ("AttachPolicyToRole", ("RoleName", "Reader"), own, "404 EntityNotExist.Role"),
        ("AttachPolicyToRole", ("RoleName", "a b"), own, "400 InvalidParameter.RoleName.InvalidChars"),
    ] {
        let parameters = [parameters[0], parameters[1], holder];
        assert_eq!(answered(&admin, action, &parameters).await, expected, "{action} {parameters:?}");
    }
    let grouped = [own[0], own[1], alice, ("ResourceGroupId", "rg-1")];
    assert_eq!(
        answered(&admin, "AttachPolicyToUser", &grouped).await,
        "400 UnsupportedParameter.ResourceGroupId"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_have_ten_policies_of_the_account_and_roles_five() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;
    let role = [("RoleName", "reader"), ("AssumeRolePolicyDocument", &trust(&["acs:ram::1:root"]))];
    replied(&admin, "CreateRole", &role).await;
    for n in 0..11 {
        make(&admin, &format!("p{n}"), &document("Allow", "ecd:*", "*")).await;
    }

    for (action, holder, code, most) in [
        ("AttachPolicyToUser", ("UserName", "alice"), "409 LimitExceeded.User.Policy", 10),
        ("AttachPolicyToRole", ("RoleName", "reader"), "409 LimitExceeded.Role.Policy", 5),
    ] {
        for n in 0..=most {
            let name = format!("p{n}");
            let parameters = [("PolicyType", "Custom"), ("PolicyName", name.as_str()), holder];
            let expected = if n == most { code } else { "200" };
            assert_eq!(answered(&admin, action, &parameters).await, expected, "{action} {n}");
        }
        // Those of the system are counted apart.
        let parameters = [("PolicyType", "System"), ("PolicyName", "AliyunECDFullAccess"), holder];
        assert_eq!(answered(&admin, action, &parameters).await, "200");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_attached_and_taken_acts_at_once() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;
    let alice = make_ram_key(&admin, "alice").await.client(&server);
    let policy = [("PolicyType", "System"), ("PolicyName", "AliyunECDReadOnlyAccess"), ("UserName", "alice")];

    for _ in 0..3 {
        assert_eq!(answered(&alice, "DescribeUsers", &[]).await, "403 Forbidden.RAM");
        replied(&admin, "AttachPolicyToUser", &policy).await;
        assert_eq!(answered(&alice, "DescribeUsers", &[]).await, "200");
        replied(&admin, "DetachPolicyFromUser", &policy).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_policies_are_not_there() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make(&admin, "own", &document("Allow", "ecd:*", "*")).await;
    let other = other_account(&server, "other").ram();
    make_ram_users(&other, &["bob"]).await;
    let own = [("PolicyType", "Custom"), ("PolicyName", "own"), ("UserName", "bob")];

    for action in
        ["GetPolicy", "ListEntitiesForPolicy", "DeletePolicy", "AttachPolicyToUser", "DetachPolicyFromUser"]
    {
        assert_eq!(answered(&other, action, &own).await, "404 EntityNotExist.Policy", "{action}");
    }
    let listed = replied(&other, "ListPolicies", &[("PolicyType", "Custom")]).await;
    assert_eq!(each(&listed, "Policies", "Policy", "PolicyName"), Vec::<&str>::new());
    make(&other, "own", &document("Deny", "*", "*")).await;
    server.stop().await;
}
