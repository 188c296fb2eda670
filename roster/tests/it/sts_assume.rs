//! AssumeRole and GetCallerIdentity through the STS door.
//!
//! Source: `reference/protocol.md` §5.2; `reference/ram.md` 7 and 8.

use serde_json::{Value, json};

use crate::support::{
    Client, Key, Server, account_of, answered, document, make_ram_key, make_ram_users, number, other_account,
    replied, text, trust,
};

/// A server whose user `alice` may assume roles, and the role `reader`, which trusts her.
struct Scene {
    server: Server,
    account: String,
    /// The root, as a caller of RAM.
    admin: Client,
    alice: Key,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start().await;
        let admin = server.administrator().ram();
        let account = account_of(&server.administrator().sts()).await;
        make_ram_users(&admin, &["alice"]).await;
        let policy =
            [("PolicyType", "System"), ("PolicyName", "AliyunSTSAssumeRoleAccess"), ("UserName", "alice")];
        replied(&admin, "AttachPolicyToUser", &policy).await;
        let alice = make_ram_key(&admin, "alice").await;
        let scene = Self { server, account, admin, alice };
        scene.role("reader", &scene.arn("user/alice"), &[]).await;
        let policy =
            [("PolicyType", "System"), ("PolicyName", "AliyunECDReadOnlyAccess"), ("RoleName", "reader")];
        replied(&scene.admin, "AttachPolicyToRole", &policy).await;
        scene
    }

    fn arn(&self, relative: &str) -> String {
        format!("acs:ram::{}:{relative}", self.account)
    }

    /// Makes a role that trusts a principal.
    async fn role(&self, name: &str, principal: &str, more: &[(&str, &str)]) {
        let trusted = trust(&[principal]);
        let given = [("RoleName", name), ("AssumeRolePolicyDocument", trusted.as_str())];
        let given: Vec<_> = given.into_iter().chain(more.iter().copied()).collect();
        replied(&self.admin, "CreateRole", &given).await;
    }

    fn sts(&self, key: &Key) -> Client {
        key.client(&self.server).sts()
    }

    /// What alice's call is answered with, who names the role and the session.
    async fn outcome(&self, role: &str, more: &[(&str, &str)]) -> String {
        let role = self.arn(&format!("role/{role}"));
        let given = [("RoleArn", role.as_str()), ("RoleSessionName", "ci")];
        let given: Vec<_> = given.into_iter().chain(more.iter().copied()).collect();
        answered(&self.sts(&self.alice), "AssumeRole", &given).await
    }
}

/// Another key of the caller's own.
async fn make_own_key(client: &Client) -> Key {
    let reply = replied(client, "CreateAccessKey", &[]).await;
    let text = |field: &str| reply["AccessKey"][field].as_str().expect("a text").to_owned();
    Key { id: text("AccessKeyId"), secret: text("AccessKeySecret"), token: None }
}

/// The key in an answer of AssumeRole.
fn key_of(reply: &Value) -> Key {
    let text = |field: &str| reply["Credentials"][field].as_str().expect("a text").to_owned();
    Key { id: text("AccessKeyId"), secret: text("AccessKeySecret"), token: Some(text("SecurityToken")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assumed_role_is_answered_with_a_key_that_works() {
    let scene = Scene::new().await;
    let role = scene.arn("role/reader");
    let asked = [("RoleArn", role.as_str()), ("RoleSessionName", "ci.1@x-_"), ("SourceIdentity", "bob")];

    let reply = replied(&scene.sts(&scene.alice), "AssumeRole", &asked).await;

    let key = key_of(&reply);
    assert!(key.id.starts_with("STS.") && key.id.len() == 24 && key.secret.len() >= 30, "{key:?}");
    assert_eq!(reply["Credentials"]["Expiration"], "2026-01-15T09:30:00Z");
    assert_eq!(reply["SourceIdentity"], "bob");
    assert_eq!(reply["AssumedRoleUser"]["Arn"], scene.arn("role/reader/ci.1@x-_"));
    let id = reply["AssumedRoleUser"]["AssumedRoleId"].as_str().expect("a text");
    assert_eq!(
        replied(&scene.sts(&key), "GetCallerIdentity", &[]).await,
        json!({
            "IdentityType": "AssumedRoleUser", "AccountId": scene.account, "PrincipalId": id,
            "RoleId": id.split(':').next(), "Arn": scene.arn("assumed-role/reader/ci.1@x-_"),
        })
    );
    let eds = key.client(&scene.server);
    assert_eq!(answered(&eds, "DescribeUsers", &[]).await, "200");
    assert_eq!(answered(&eds, "CreateUsers", &[]).await, "403 Forbidden.RAM");
    let facts =
        "select f.after from event_facts f join events e on e.id = f.event where e.what = 'ram-role.assumed'";
    let facts = text(&scene.server.home, facts).await;
    assert!(facts.contains(&key.id) && facts.contains("bob") && !facts.contains(&key.secret), "{facts}");
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roots_and_users_are_told_who_they_are_without_a_policy() {
    let scene = Scene::new().await;
    make_ram_users(&scene.admin, &["Bob.1"]).await;
    let bob = make_ram_key(&scene.admin, "Bob.1").await;
    let user = replied(&scene.admin, "GetUser", &[("UserName", "Bob.1")]).await["User"].clone();

    let root = replied(&scene.server.administrator().sts(), "GetCallerIdentity", &[]).await;
    let known = replied(&scene.sts(&bob), "GetCallerIdentity", &[]).await;

    let account = &scene.account;
    assert_eq!(
        root,
        json!({ "IdentityType": "Account", "AccountId": account, "PrincipalId": account, "UserId": account,
            "Arn": scene.arn("root") })
    );
    assert_eq!(
        known,
        json!({ "IdentityType": "RAMUser", "AccountId": account, "PrincipalId": user["UserId"],
            "UserId": user["UserId"], "Arn": scene.arn("user/Bob.1") })
    );
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_is_refused_by_its_parameter() {
    let scene = Scene::new().await;
    let sts = scene.sts(&scene.alice);
    let role = scene.arn("role/reader");
    let (known, ci) = (("RoleArn", role.as_str()), ("RoleSessionName", "ci"));
    let (n64, n65, long, longer) = ("a".repeat(64), "a".repeat(65), "a".repeat(1_224), "a".repeat(1_225));
    let good = document("Allow", "ecd:*", "*");
    let huge = format!("{good}{}", " ".repeat(2_049 - good.len()));

    for (parameters, expected) in [
        (vec![ci], "400 MissingParameter.RoleArn"),
        (vec![known], "400 MissingParameter.RoleSessionName"),
        (vec![("RoleArn", "reader"), ci], "400 InvalidParameter.RoleArn"),
        (vec![("RoleArn", "acs:ram::x:role/reader"), ci], "400 InvalidParameter.RoleArn"),
        (vec![("RoleArn", "acs:ram::1:user/alice"), ci], "400 InvalidParameter.RoleArn"),
        (vec![known, ("RoleSessionName", "x")], "400 InvalidParameter.RoleSessionName"),
        (vec![known, ("RoleSessionName", "a b")], "400 InvalidParameter.RoleSessionName"),
        (vec![known, ("RoleSessionName", "李雷")], "400 InvalidParameter.RoleSessionName"),
        (vec![known, ("RoleSessionName", &n65)], "400 InvalidParameter.RoleSessionName"),
        (vec![known, ("RoleSessionName", &n64)], "200"),
        (vec![known, ci, ("DurationSeconds", "899")], "400 InvalidParameter.DurationSeconds"),
        (vec![known, ci, ("DurationSeconds", "3601")], "400 InvalidParameter.DurationSeconds"),
        (vec![known, ci, ("DurationSeconds", "-1")], "400 InvalidParameter.DurationSeconds"),
        (vec![known, ci, ("DurationSeconds", "x")], "400 InvalidParameter.DurationSeconds"),
        (vec![known, ci, ("DurationSeconds", "900")], "200"),
        (vec![known, ci, ("Policy", "{}")], "400 InvalidParameter.PolicyGrammar"),
        (vec![known, ci, ("Policy", &huge)], "400 InvalidParameter.PolicySize"),
        (vec![known, ci, ("Policy", &huge[..2_048])], "200"),
        (vec![known, ci, ("Policy", "")], "200"),
        (vec![known, ci, ("ExternalId", "x")], "400 InvalidParameter.ExternalId"),
        (vec![known, ci, ("ExternalId", "a b")], "400 InvalidParameter.ExternalId"),
        (vec![known, ci, ("ExternalId", &longer)], "400 InvalidParameter.ExternalId"),
        (vec![known, ci, ("ExternalId", &long)], "200"),
        (vec![known, ci, ("SourceIdentity", &n65)], "400 InvalidParameter.SourceIdentity"),
        (vec![known, ci, ("SourceIdentity", "a/b")], "400 InvalidParameter.SourceIdentity"),
        (vec![known, ci, ("SourceIdentity", "a@b")], "200"),
    ] {
        assert_eq!(answered(&sts, "AssumeRole", &parameters).await, expected, "{parameters:?}");
    }
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_as_long_as_its_role_allows() {
    let scene = Scene::new().await;
    scene.role("long", &scene.arn("root"), &[("MaxSessionDuration", "43200")]).await;

    for (seconds, expected) in
        [("3601", "200"), ("43200", "200"), ("43201", "400 InvalidParameter.DurationSeconds")]
    {
        assert_eq!(scene.outcome("long", &[("DurationSeconds", seconds)]).await, expected, "{seconds}");
    }
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_the_callers_policies_and_the_roles_trust_have_to_allow_it() {
    let scene = Scene::new().await;
    make_ram_users(&scene.admin, &["bob", "carol"]).await;
    let mut keys = Vec::new();
    for (name, role) in [("bob", "reader"), ("carol", "none")] {
        let resource = scene.arn(&format!("role/{role}"));
        let text = document("Allow", "sts:AssumeRole", &resource);
        replied(&scene.admin, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &text)]).await;
        let attached = [("PolicyType", "Custom"), ("PolicyName", name), ("UserName", name)];
        replied(&scene.admin, "AttachPolicyToUser", &attached).await;
        keys.push(make_ram_key(&scene.admin, name).await);
    }
    let role = scene.arn("role/reader");
    let asked = [("RoleArn", role.as_str()), ("RoleSessionName", "ci")];

    // Bob may, and is not trusted; carol may not.
    for (key, kind) in keys.iter().zip(["AssumeRolePolicy", "AccountLevelIdentityBasedPolicy"]) {
        let answer = scene.sts(key).call("AssumeRole", &asked).await;
        assert_eq!(answer.refusal(), "403 NoPermission");
        let detail = answer.json()["AccessDeniedDetail"].clone();
        assert_eq!((&detail["PolicyType"], &detail["AuthAction"]), (&json!(kind), &json!("sts:AssumeRole")));
        assert_eq!(
            (&detail["NoPermissionType"], &detail["AuthPrincipalType"]),
            (&json!("ImplicitDeny"), &json!("SubUser"))
        );
    }
    let refused = "select count(*) from events where what = 'access.refused'";
    assert_eq!(number(&scene.server.home, refused).await, 2, "by the role and by the policy");
    let trusted = trust(&[&scene.arn("root")]);
    let changed = [("RoleName", "reader"), ("NewAssumeRolePolicyDocument", trusted.as_str())];
    replied(&scene.admin, "UpdateRole", &changed).await;
    assert_eq!(answered(&scene.sts(&keys[0]), "AssumeRole", &asked).await, "200");
    assert_eq!(answered(&scene.sts(&keys[1]), "AssumeRole", &asked).await, "403 NoPermission");
    let root = scene.server.administrator().sts();
    assert_eq!(answered(&root, "AssumeRole", &asked).await, "403 NoPermission");
    assert_eq!(scene.outcome("unknown", &[]).await, "404 EntityNotExist.Role");
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trust_policy_may_ask_for_an_external_id() {
    let scene = Scene::new().await;
    let trusted = json!({ "Version": "1", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "RAM": [scene.arn("root")] },
        "Condition": { "StringEquals": { "sts:ExternalId": ["secret-1"] } },
    }] });
    let role = [("RoleName", "external"), ("AssumeRolePolicyDocument", &trusted.to_string())];
    replied(&scene.admin, "CreateRole", &role).await;

    for (given, expected) in [
        (vec![], "403 NoPermission"),
        (vec![("ExternalId", "secret-2")], "403 NoPermission"),
        (vec![("ExternalId", "secret-1")], "200"),
    ] {
        assert_eq!(scene.outcome("external", &given).await, expected, "{given:?}");
    }
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_be_another_accounts() {
    let scene = Scene::new().await;
    let admin = other_account(&scene.server, "other").ram();
    // What is of STS is asked by a client of its own.
    let key = make_own_key(&admin).await;
    let theirs = account_of(&scene.sts(&key)).await;
    let trusted = trust(&[&scene.arn("user/alice")]);
    replied(&admin, "CreateRole", &[("RoleName", "guest"), ("AssumeRolePolicyDocument", &trusted)]).await;
    let untrusting = trust(&[&scene.arn("user/bob")]);
    replied(&admin, "CreateRole", &[("RoleName", "closed"), ("AssumeRolePolicyDocument", &untrusting)]).await;
    let policy = [("PolicyType", "System"), ("PolicyName", "AdministratorAccess"), ("RoleName", "guest")];
    replied(&admin, "AttachPolicyToRole", &policy).await;
    let sts = scene.sts(&scene.alice);
    let ask = |role: &str| format!("acs:ram::{theirs}:role/{role}");

    let guest = ask("guest");
    let reply = replied(&sts, "AssumeRole", &[("RoleArn", &guest), ("RoleSessionName", "ci")]).await;

    let key = key_of(&reply);
    assert_eq!(account_of(&scene.sts(&key)).await, theirs);
    let roles = replied(&key.client(&scene.server).ram(), "ListRoles", &[]).await;
    assert_eq!(
        roles["Roles"]["Role"].as_array().map(Vec::len),
        Some(2),
        "what it sees is the other account's"
    );
    let mut told = Vec::new();
    for role in ["closed", "missing"] {
        let answer = sts.call("AssumeRole", &[("RoleArn", &ask(role)), ("RoleSessionName", "ci")]).await;
        told.push(answer.fault().message.replace(role, "…"));
        assert_eq!(answer.refusal(), "404 EntityNotExist.Role");
    }
    assert_eq!(told[0], told[1], "a role that does not trust is not told apart from none");
    let refused = "select count(*) from events where what = 'access.refused'";
    assert_eq!(number(&scene.server.home, refused).await, 2);
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_may_assume_another_role_and_ends_with_its_own() {
    let scene = Scene::new().await;
    scene.role("second", &scene.arn("role/reader"), &[]).await;
    let policy =
        [("PolicyType", "System"), ("PolicyName", "AliyunSTSAssumeRoleAccess"), ("RoleName", "reader")];
    replied(&scene.admin, "AttachPolicyToRole", &policy).await;
    let (reader, second) = (scene.arn("role/reader"), scene.arn("role/second"));
    let asked = [("RoleArn", reader.as_str()), ("RoleSessionName", "one")];
    let first = key_of(&replied(&scene.sts(&scene.alice), "AssumeRole", &asked).await);
    let asked = [("RoleArn", second.as_str()), ("RoleSessionName", "two")];

    let chained = key_of(&replied(&scene.sts(&first), "AssumeRole", &asked).await);

    let known = replied(&scene.sts(&chained), "GetCallerIdentity", &[]).await;
    assert_eq!(known["Arn"], scene.arn("assumed-role/second/two"));
    replied(&scene.admin, "DeleteRole", &[("RoleName", "second")]).await;
    assert_eq!(
        answered(&scene.sts(&chained), "GetCallerIdentity", &[]).await,
        "404 InvalidAccessKeyId.NotFound"
    );
    assert_eq!(answered(&scene.sts(&first), "GetCallerIdentity", &[]).await, "200");
    scene.server.stop().await;
}
