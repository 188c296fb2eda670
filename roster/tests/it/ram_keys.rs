//! AccessKeys of RAM users through the RAM door.
//!
//! Source: `reference/ram.md` 3 and 8.

use serde_json::json;

use crate::support::{KEY, Server, answered, each, make_ram_key, make_ram_users, replied, text};

const KNOWN: [(&str, &str); 1] = [("UserName", "alice")];

#[tokio::test(flavor = "multi_thread")]
async fn a_key_works_from_its_making_until_its_end() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;

    let made = replied(&admin, "CreateAccessKey", &KNOWN).await["AccessKey"].clone();
    server.pass(1);
    let key = make_ram_key(&admin, "alice").await;

    let (id, secret) =
        (made["AccessKeyId"].as_str().expect("a text"), made["AccessKeySecret"].as_str().expect("a text"));
    assert!(id.starts_with("LTAI") && id.len() == 24 && secret.len() == 30, "{made}");
    assert_eq!((&made["Status"], &made["CreateDate"]), (&json!("Active"), &json!("2026-01-15T08:30:00Z")));
    let alice = key.client(&server).sts();
    let switch = |status| [("UserName", "alice"), ("UserAccessKeyId", key.id.as_str()), ("Status", status)];
    assert_eq!(answered(&alice, "GetCallerIdentity", &[]).await, "200");
    replied(&admin, "UpdateAccessKey", &switch("Inactive")).await;
    assert_eq!(answered(&alice, "GetCallerIdentity", &[]).await, "400 InvalidAccessKeyId.Inactive");
    let listed = replied(&admin, "ListAccessKeys", &KNOWN).await;
    assert_eq!(each(&listed, "AccessKeys", "AccessKey", "AccessKeyId"), [id, key.id.as_str()]);
    assert_eq!(each(&listed, "AccessKeys", "AccessKey", "Status"), ["Active", "Inactive"]);
    assert!(!listed.to_string().contains("Secret"), "{listed}");
    replied(&admin, "UpdateAccessKey", &switch("Active")).await;
    assert_eq!(answered(&alice, "GetCallerIdentity", &[]).await, "200");
    assert_eq!(replied(&admin, "DeleteAccessKey", &switch("Active")[..2]).await, json!({}));
    assert_eq!(answered(&alice, "GetCallerIdentity", &[]).await, "404 InvalidAccessKeyId.NotFound");
    assert_eq!(
        answered(&admin, "DeleteAccessKey", &switch("")[..2]).await,
        "404 EntityNotExist.User.AccessKey"
    );

    let facts = "select count(*) || '' from event_facts where after like '%' || $$";
    let facts = facts.replace("$$", &format!("'{secret}' || '%'"));
    assert_eq!(text(&server.home, &facts).await, "0", "no secret is recorded");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_two_keys_at_most() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice", "bob"]).await;

    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(answered(&admin, "CreateAccessKey", &KNOWN).await);
    }

    assert_eq!(answers, ["200", "200", "409 LimitExceeded.User.AccessKey"]);
    make_ram_key(&admin, "bob").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_nobody_means_the_own_keys() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice", "bob"]).await;
    let own = json!({ "Version": "1", "Statement": [
        { "Effect": "Allow", "Action": "ram:*AccessKey*", "Resource": "acs:ram:*:*:user/alice" },
    ] });
    let policy = [("PolicyName", "own-keys"), ("PolicyDocument", &own.to_string())];
    replied(&admin, "CreatePolicy", &policy).await;
    let attached = [("PolicyType", "Custom"), ("PolicyName", "own-keys"), ("UserName", "alice")];
    replied(&admin, "AttachPolicyToUser", &attached).await;
    let first = make_ram_key(&admin, "alice").await;
    let others = make_ram_key(&admin, "bob").await;
    let alice = first.client(&server).ram();

    server.pass(1);
    let second = make_own(&alice).await;
    let listed = replied(&alice, "ListAccessKeys", &[]).await;
    assert_eq!(each(&listed, "AccessKeys", "AccessKey", "AccessKeyId"), [first.id.as_str(), &second]);
    let root = replied(&admin, "ListAccessKeys", &[("UserName", "")]).await;
    assert_eq!(each(&root, "AccessKeys", "AccessKey", "AccessKeyId"), [KEY]);
    for (parameters, expected) in [
        (vec![("UserAccessKeyId", second.as_str())], "200"),
        (vec![("UserAccessKeyId", others.id.as_str())], "404 EntityNotExist.User.AccessKey"),
        (vec![("UserAccessKeyId", KEY)], "404 EntityNotExist.User.AccessKey"),
        (vec![("UserAccessKeyId", others.id.as_str()), ("UserName", "bob")], "403 NoPermission"),
        (vec![("UserAccessKeyId", first.id.as_str())], "200"),
    ] {
        assert_eq!(answered(&alice, "DeleteAccessKey", &parameters).await, expected, "{parameters:?}");
    }
    assert_eq!(answered(&alice, "ListAccessKeys", &[]).await, "404 InvalidAccessKeyId.NotFound");
    server.stop().await;
}

/// Makes a key of the caller's own; its id.
async fn make_own(client: &crate::support::Client) -> String {
    let reply = replied(client, "CreateAccessKey", &[]).await;
    reply["AccessKey"]["AccessKeyId"].as_str().expect("a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_has_five_keys_that_calls_make() {
    let server = Server::start().await;
    let admin = server.administrator().ram();

    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(answered(&admin, "CreateAccessKey", &[]).await);
    }

    assert_eq!(answers, ["200", "200", "200", "200", "409 LimitExceeded.User.AccessKey"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_is_refused_by_its_parameter() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;
    let key = make_ram_key(&admin, "alice").await;
    let id = ("UserAccessKeyId", key.id.as_str());

    for (action, parameters, expected) in [
        ("CreateAccessKey", vec![("UserName", "a b")], "400 InvalidParameter.UserName.InvalidChars"),
        ("CreateAccessKey", vec![("UserName", "nobody")], "404 EntityNotExist.User"),
        ("ListAccessKeys", vec![("UserName", "nobody")], "404 EntityNotExist.User"),
        ("UpdateAccessKey", vec![KNOWN[0], id], "400 MissingParameter.Status"),
        ("UpdateAccessKey", vec![KNOWN[0], id, ("Status", "active")], "400 InvalidParameter.Status"),
        ("UpdateAccessKey", vec![KNOWN[0], id, ("Status", "")], "400 MissingParameter.Status"),
        ("UpdateAccessKey", vec![KNOWN[0], ("Status", "Active")], "400 MissingParameter.UserAccessKeyId"),
        ("UpdateAccessKey", vec![id, ("Status", "Active")], "404 EntityNotExist.User.AccessKey"),
        ("DeleteAccessKey", vec![KNOWN[0]], "400 MissingParameter.UserAccessKeyId"),
        (
            "DeleteAccessKey",
            vec![KNOWN[0], ("UserAccessKeyId", "' or 1=1")],
            "404 EntityNotExist.User.AccessKey",
        ),
        ("GetAccessKeyLastUsed", vec![KNOWN[0]], "400 MissingParameter.UserAccessKeyId"),
        (
            "GetAccessKeyLastUsed",
            vec![KNOWN[0], ("UserAccessKeyId", KEY)],
            "404 EntityNotExist.User.AccessKey",
        ),
        ("GetAccessKeyLastUsed", vec![KNOWN[0], id], "200"),
    ] {
        assert_eq!(answered(&admin, action, &parameters).await, expected, "{action} {parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_of_a_key_is_known() {
    let server = Server::start().await;
    let admin = server.administrator().ram();
    make_ram_users(&admin, &["alice"]).await;
    let key = make_ram_key(&admin, "alice").await;
    let asked = [("UserName", "alice"), ("UserAccessKeyId", key.id.as_str())];
    assert_eq!(replied(&admin, "GetAccessKeyLastUsed", &asked).await, json!({ "AccessKeyLastUsed": {} }));

    server.pass(90_000);
    assert_eq!(answered(&key.client(&server).sts(), "GetCallerIdentity", &[]).await, "200");

    // It is written down at the end, if not before.
    let server = server.restart().await;
    let admin = server.administrator().ram();
    let used = json!({ "LastUsedDate": "2026-01-15T08:31:30Z", "ServiceName": "sts" });
    assert_eq!(replied(&admin, "GetAccessKeyLastUsed", &asked).await, json!({ "AccessKeyLastUsed": used }));
    server.stop().await;
}
