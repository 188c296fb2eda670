//! Temporary keys: what comes with them, what they may do, and when they end.

use directory::ram::assume::Assume;
use directory::ram::{Entity, Error, Wrong};
use model::ram::SessionName;
use roster::house;

use crate::support::{Client, Key, Ram, Scheme, Server, document, execute, number, roster, text};

const MINUTE: i64 = 60_000;

async fn outcome(client: &Client, action: &str) -> String {
    let answer = client.call(action, &[]).await;
    if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
}

/// Asks for a session of so many seconds.
fn asked<'a>(role: &'a str, session: &'a SessionName, seconds: Option<i64>) -> Assume<'a> {
    Assume { role, session, seconds, policy: None, external_id: None, source_identity: None }
}

/// A user and a session of a role that may read, which the user has assumed.
async fn session(ram: &Ram<'_>, policy: Option<&str>) -> Key {
    ram.user("alice", &[]).await;
    let role = ram.role("reader", "user/alice", &["AliyunECDReadOnlyAccess"]).await;
    ram.assume("alice", &role, policy).await.expect("she is trusted")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_key_signs_in_every_scheme_and_may_do_what_its_role_may() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let key = session(&ram, None).await;
    assert!(key.id.starts_with("STS.") && key.id.len() == 24, "{}", key.id);

    for scheme in [Scheme::V1, Scheme::V3] {
        let client = key.client(&server).signing(scheme);
        assert_eq!(outcome(&client, "DescribeUsers").await, "200", "{scheme:?}");
        assert_eq!(outcome(&client, "CreateUsers").await, "403 Forbidden.RAM", "{scheme:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_policy_narrows_and_never_adds() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let key = session(&ram, Some(&document("Allow", "ecd:Create*", "*"))).await;

    for action in ["DescribeUsers", "CreateUsers"] {
        assert_eq!(outcome(&key.client(&server), action).await, "403 Forbidden.RAM", "{action}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_key_is_good_with_its_own_token_until_it_ends() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let key = session(&ram, None).await;
    let role = format!("acs:ram::{}:role/reader", ram.account.0);
    let other = ram.assume("alice", &role, None).await.expect("she is trusted");
    let token = key.token.clone().expect("it is temporary");
    let with = |token: Option<&str>| {
        let key = Key { token: token.map(str::to_owned), ..key.clone() };
        key.client(&server)
    };

    assert_eq!(outcome(&with(Some(&token)), "DescribeUsers").await, "200");
    assert_eq!(outcome(&with(None), "DescribeUsers").await, "400 MissingSecurityToken");
    assert_eq!(outcome(&with(Some("")), "DescribeUsers").await, "400 MissingSecurityToken");
    for wrong in ["x", "AAAA", &token[1..], &token[..token.len() - 4]] {
        let answer = outcome(&with(Some(wrong)), "DescribeUsers").await;
        assert_eq!(answer, "400 InvalidSecurityToken.Malformed", "{wrong:?}");
    }
    let mismatched = "400 InvalidSecurityToken.MismatchWithAccessKey";
    assert_eq!(outcome(&with(other.token.as_deref()), "DescribeUsers").await, mismatched);
    let lasting = server.administrator().with_token(&token);
    assert_eq!(outcome(&lasting, "DescribeUsers").await, mismatched);
    let forged = Key { secret: "another".to_owned(), ..key.clone() };
    assert_eq!(outcome(&forged.client(&server), "DescribeUsers").await, "400 SignatureDoesNotMatch");

    server.pass(15 * MINUTE - 1_000);
    assert_eq!(outcome(&key.client(&server), "DescribeUsers").await, "200");
    server.pass(2_000);
    assert_eq!(outcome(&key.client(&server), "DescribeUsers").await, "400 InvalidSecurityToken.Expired");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_key_outlives_a_restart() {
    let server = Server::start().await;
    let key = session(&Ram::of(&server).await, None).await;

    let server = server.restart().await;

    assert_eq!(outcome(&key.client(&server), "DescribeUsers").await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_by_whom_it_trusts_for_as_long_as_it_allows() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    for name in ["alice", "bob"] {
        ram.user(name, &[]).await;
    }
    let role = ram.role("reader", "user/alice", &[]).await;
    let whole = ram.role("whole", "root", &[]).await;
    let name = SessionName::new("ci").expect("a name");

    let assumed = ram.assume_as("alice", &asked(&role, &name, None)).await.expect("she is trusted");
    assert_eq!(assumed.arn, format!("{role}/ci"));
    assert!(assumed.id.starts_with("30") && assumed.id.ends_with(":ci"), "{}", assumed.id);
    assert_eq!(assumed.expires.since(server.home.clock.now()).div_euclid(1_000), 3_599);
    for user in ["alice", "bob"] {
        ram.assume_as(user, &asked(&whole, &name, Some(900))).await.expect("the whole account is trusted");
    }
    let refused = async |user: &str, role: &str, seconds| {
        ram.assume_as(user, &asked(role, &name, seconds)).await.expect_err("it is refused")
    };
    assert!(matches!(refused("bob", &role, None).await, Error::Untrusted(_)));
    assert!(matches!(refused("", &whole, None).await, Error::RootAssumes));
    for seconds in [0, 899, 3_601, 43_200] {
        let error = refused("alice", &role, Some(seconds)).await;
        assert!(matches!(error, Error::Wrong(Wrong::Duration)), "{seconds}: {error}");
    }
    for arn in ["", "reader", "acs:ram::1:user/alice", "acs:ram:::role/reader", "acs:ram::1:role/"] {
        let error = refused("alice", arn, None).await;
        assert!(matches!(error, Error::Wrong(Wrong::RoleArn)), "{arn}: {error}");
    }
    for arn in [format!("{role}x"), role.replace("reader", "READER")] {
        let error = refused("alice", &arn, None).await;
        assert!(matches!(error, Error::Missing(Entity::Role, _)), "{arn}: {error}");
    }
    let error = refused("alice", "acs:ram::1:role/reader", None).await;
    assert!(matches!(error, Error::UntrustedElsewhere(..)), "{error}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_assumed_a_role_is_in_the_audit_trail_and_its_secret_is_not() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let key = session(&ram, None).await;

    let facts =
        "select f.after from event_facts f join events e on e.id = f.event where e.what = 'ram-role.assumed'";
    let facts = text(&server.home, facts).await;

    assert!(facts.contains(&key.id) && facts.contains(r#""session":"ci""#), "{facts}");
    assert!(!facts.contains(&key.secret), "{facts}");
    let who = "select principal from events where what = 'ram-role.assumed'";
    assert_eq!(text(&server.home, who).await, "ram-user:alice");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_another_account_is_assumed_in_the_sight_of_both() {
    let server = Server::start().await;
    let flags = server.home.flags();
    let words = ["account", "create", "--name", "other"].into_iter();
    assert!(roster(&words.chain(flags.iter().map(String::as_str)).collect::<Vec<_>>()).went_well);
    let (first, second) =
        (Ram::named(&server, Some("default")).await, Ram::named(&server, Some("other")).await);
    first.user("alice", &[]).await;
    let alice = format!("acs:ram::{}:user/alice", first.account.0);
    let role = second.role_for("reader", &alice, &[]).await;
    let name = SessionName::new("ci").expect("a name");
    let asked = Assume { source_identity: Some("Alice Li"), ..asked(&role, &name, None) };

    let assumed = first.assume_as("alice", &asked).await.expect("she is trusted");

    for (ram, principal, account) in [
        (&first, "ram-user:alice", Some(format!(r#""account":"{}""#, second.account.0))),
        (&second, alice.as_str(), None),
    ] {
        let of = format!("e.what = 'ram-role.assumed' and e.account = {}", ram.account.0);
        let who = text(&server.home, &format!("select e.principal from events e where {of}")).await;
        assert_eq!(who, principal);
        let facts = format!("select f.after from event_facts f join events e on e.id = f.event where {of}");
        let facts = text(&server.home, &facts).await;
        assert!(facts.contains(&assumed.key.id) && facts.contains("Alice Li"), "{facts}");
        assert_eq!(account.as_deref().is_some_and(|account| facts.contains(account)), account.is_some());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_calls_of_very_many_sessions_are_forgotten_together() {
    let server = Server::start().await;
    let open = house::open(&server.home.serve.house, false).await.expect("the house opens");
    let at = server.home.clock.now();
    for minute in [at.minute() - 31, at.minute() - 29] {
        let sql = format!(
            "insert into replays (minute, access_key, hash)
             with recursive n (i) as (select 1 union all select i + 1 from n where i < 2500)
             select {minute}, 'STS.' || i, 1 from n"
        );
        execute(&server.home, &sql).await;
    }

    directory::replays::forget(&open.store, &open.tools, at).await.expect("they are forgotten");

    let left = "select count(*) from replays where access_key like 'STS.%'";
    assert_eq!(number(&server.home, left).await, 2_500);
    let old = format!("select count(*) from replays where minute < {}", at.minute() - 30);
    assert_eq!(number(&server.home, &old).await, 0);
    server.stop().await;
}
