//! AccessKeys, changed by the command line beside a running server.

use crate::support::{Client, Done, Server, create, everybody, roster, until};

/// Runs a command on the server's own house; it does what it should.
fn command(server: &Server, words: &[&str]) -> Done {
    let flags = server.home.flags();
    let arguments: Vec<&str> = words.iter().copied().chain(flags.iter().map(String::as_str)).collect();
    let done = roster(&arguments);
    assert!(done.went_well, "{done:?}");
    done
}

/// A new key, by its id and its secret.
fn new_key(server: &Server) -> (String, String) {
    let done = command(server, &["access-key", "create"]);
    let word = |name: &str| {
        let line = done.out.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).expect("it is printed").to_owned()
    };
    (word("AccessKeyId:"), word("AccessKeySecret:"))
}

/// What a call is answered with.
async fn outcome(client: &Client) -> String {
    let answer = client.call("DescribeUsers", &[]).await;
    if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_opens_the_same_directory_at_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let (id, secret) = new_key(&server);

    assert!(id.starts_with("LTAI") && id.len() == 24 && secret.len() == 30, "{id}");
    assert_eq!(everybody(&admin.with_key(&id, &secret)).await, ["alice"]);
    assert_eq!(outcome(&admin.with_key(&id, "another secret")).await, "400 SignatureDoesNotMatch");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_switched_acts_so_within_a_moment() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (id, secret) = new_key(&server);
    let client = admin.with_key(&id, &secret);
    assert_eq!(outcome(&client).await, "200");

    for (verb, expected) in [
        ("disable", "400 InvalidAccessKeyId.Inactive"),
        ("enable", "200"),
        ("disable", "400 InvalidAccessKeyId.Inactive"),
        ("delete", "404 InvalidAccessKeyId.NotFound"),
    ] {
        command(&server, &["access-key", verb, &id]);
        until(verb, async || outcome(&client).await == expected).await;
    }
    assert_eq!(outcome(&admin).await, "200", "the other key is as it was");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_every_key_and_no_secret() {
    let server = Server::start().await;
    let (id, secret) = new_key(&server);
    command(&server, &["access-key", "disable", &id]);

    let list = command(&server, &["access-key", "list"]).out;

    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
    assert_eq!(lines, [vec![crate::support::KEY, "active"], vec![&id, "inactive"]]);
    assert!(!list.contains(&secret) && !list.contains(crate::support::SECRET));

    let flags = server.home.flags();
    let unknown: Vec<&str> = ["access-key", "disable", "LTAIunknown"]
        .into_iter()
        .chain(flags.iter().map(String::as_str))
        .collect();
    let done = roster(&unknown);
    assert_eq!((done.went_well, done.err.as_str()), (false, "roster: there is no AccessKey LTAIunknown\n"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_page_tokens_outlive_a_rotation_of_the_keys() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let page = admin.call("DescribeUsers", &[("MaxResults", "1")]).await.json();
    let token = page["NextToken"].as_str().expect("more follow").to_owned();
    let (id, secret) = new_key(&server);

    let done = command(&server, &["keys", "rotate"]);

    assert!(done.out.contains("2 secrets are sealed under it"), "{done:?}");
    let (later, later_secret) = new_key(&server);
    for client in [&admin, &admin.with_key(&id, &secret), &admin.with_key(&later, &later_secret)] {
        assert_eq!(outcome(client).await, "200");
    }
    let rest = admin.call("DescribeUsers", &[("MaxResults", "1"), ("NextToken", &token)]).await.json();
    assert_eq!(rest["Users"][0]["EndUserId"], "bob");

    let server = server.restart().await;
    let admin = server.administrator();
    for client in [&admin, &admin.with_key(&id, &secret), &admin.with_key(&later, &later_secret)] {
        assert_eq!(outcome(client).await, "200");
    }
    let rest = admin.call("DescribeUsers", &[("MaxResults", "1"), ("NextToken", &token)]).await.json();
    assert_eq!(rest["Users"][0]["EndUserId"], "bob");
    server.stop().await;
}
