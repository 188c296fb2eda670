//! `ClientToken`: the same call with the same token is done once and answered again.
//!
//! Source: `reference/eiam.md`, 14.3; `reference/protocol.md`, `ClientToken`.

use api::Password;
use api::eiam::{CreateInstance, CreateUser, ListInstances};
use futures_util::future::join_all;
use model::time::{DAY, MINUTE};

use crate::support::{
    Client, Fault, GOOD, Home, Instance, Scheme, Server, execute, field_values, make_eiam_user, make_field,
    number, refused, roster, rows, text, until,
};

/// How many answers are kept.
const KEPT: &str = "select count(*) from client_tokens";

/// A user to be made under a token.
fn marked(instance: &Instance, name: &str, token: &str) -> CreateUser {
    CreateUser { client_token: Some(token.to_owned()), ..instance.user(name) }
}

/// Makes a user under a token, or answers who was made.
async fn make(client: &Client, instance: &Instance, name: &str, token: &str) -> Result<String, Fault> {
    client.send(&marked(instance, name, token)).await.map(|reply| reply.user_id)
}

/// Refused because the token stands for another call.
fn is_mismatch(fault: &Fault) -> bool {
    assert!(!fault.message.is_empty() && !fault.message.contains(GOOD), "{fault:?}");
    fault.brief() == "400 IdempotentParameterMismatch"
}

/// A home for two servers, where there is a database for it.
async fn shared_home() -> Option<Home> {
    let home = Home::new().await.with_running_clock();
    home.is_shared().then_some(home)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_again_is_answered_as_before_and_does_nothing() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    make_field(&admin, &instance.field("age")).await;
    let request = CreateUser {
        password: Some(Password::new(GOOD)),
        email: Some("alice@example.com".to_owned()),
        email_verified: Some(true),
        user_external_id: Some("x".to_owned()),
        custom_fields: field_values(&[("age", "10")]),
        ..marked(&instance, "alice", "client-token-example")
    };
    let first = make_eiam_user(&admin, &request).await;
    let before = rows(&server.home).await;

    server.pass(MINUTE);
    for _ in 0..2 {
        assert_eq!(make_eiam_user(&admin, &request).await, first);
    }

    assert_eq!(rows(&server.home).await, before, "nothing is written again, not even an event");
    assert_eq!(instance.everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_matter_how_the_same_call_is_spelled_or_signed() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    make_field(&admin, &instance.field("age")).await;
    let flat = [
        ("InstanceId", &*instance.id),
        ("ClientToken", "t"),
        ("Username", "alice"),
        ("PrimaryOrganizationalUnitId", &*instance.root),
        ("Email", "alice@example.com"),
        ("EmailVerified", "true"),
        ("CustomFields.1.FieldName", "age"),
        ("CustomFields.1.FieldValue", "10"),
    ];
    let mut turned = flat;
    turned.reverse();
    turned[2] = ("EmailVerified", "True");
    let as_json = [
        flat[0],
        flat[1],
        flat[2],
        flat[3],
        flat[4],
        flat[5],
        ("CustomFields", r#"[ {"FieldValue": "10", "FieldName": "age"} ]"#),
        ("SomethingElse", "is ignored"),
    ];
    let other_way = server.administrator().eiam().signing(Scheme::V1);
    let owned = |parameters: &[(&str, &str)]| -> Vec<(String, String)> {
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };

    let first = admin.call("CreateUser", &flat).await;
    let mut answers = vec![
        admin.call("CreateUser", &turned).await,
        admin.call("CreateUser", &as_json).await,
        other_way.call("CreateUser", &flat).await,
        admin.exchange(&admin.get("CreateUser", &owned(&flat))).await,
    ];
    answers.push(first);

    let mut requests: Vec<String> = Vec::new();
    let mut users: Vec<String> = Vec::new();
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        requests.push(json["RequestId"].as_str().expect("a text").to_owned());
        assert_eq!(answer.header("x-acs-request-id"), requests[requests.len() - 1]);
        users.push(json["UserId"].as_str().expect("a text").to_owned());
    }
    users.dedup();
    assert_eq!(users.len(), 1, "{users:?}");
    requests.sort_unstable();
    requests.dedup();
    assert_eq!(requests.len(), answers.len(), "every answer has its own RequestId");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_call_with_the_token_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let unit = instance.make_unit(&admin, "unit", &instance.root).await;
    let first = CreateUser {
        display_name: Some("Alice".to_owned()),
        password: Some(Password::new(GOOD)),
        ..marked(&instance, "alice", "token")
    };
    let id = make_eiam_user(&admin, &first).await;
    let before = (instance.picture(&admin).await, rows(&server.home).await);

    type Change = Box<dyn Fn(&mut CreateUser)>;
    let changes: Vec<Change> = vec![
        Box::new(|user| user.username = "bob".to_owned()),
        Box::new(|user| user.username = "Alice".to_owned()),
        Box::new(|user| user.display_name = None),
        Box::new(|user| user.display_name = Some("alice".to_owned())),
        Box::new(|user| user.password = Some(Password::new("Battery-staple-2"))),
        Box::new(|user| user.password = None),
        Box::new(|user| {
            (user.email, user.email_verified) = (Some("a@b.cn".to_owned()), Some(false));
        }),
        Box::new(|user| user.user_external_id = Some("x".to_owned())),
        Box::new(|user| user.description = Some("d".to_owned())),
        Box::new(move |user| user.primary_organizational_unit_id.clone_from(&unit)),
        // A call that would be refused anyway.
        Box::new(|user| user.primary_organizational_unit_id = "ou_x".to_owned()),
    ];
    for change in changes {
        let mut request = first.clone();
        change(&mut request);
        let fault = admin.send(&request).await.expect_err("the token stands for another call");
        assert!(is_mismatch(&fault), "{request:?}: {fault:?}");
    }

    assert_eq!((instance.picture(&admin).await, rows(&server.home).await), before);
    // The first call is still answered, and case makes another token.
    assert_eq!(make_eiam_user(&admin, &first).await, id);
    assert_ne!(make(&admin, &instance, "bob", "Token").await.expect("it is another token"), id);
    assert_ne!(make(&admin, &instance, "carol", " token").await.expect("it is another token"), id);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_not_remembered() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let taken = instance.make_user(&admin, "alice").await;

    for _ in 0..2 {
        let fault = make(&admin, &instance, "Alice", "t").await.expect_err("the name is taken");
        refused(&fault, "403 ResourceDuplicated.Username", "Alice");
    }
    let wrong = CreateUser { display_name: Some("\n".to_owned()), ..marked(&instance, "Alice", "t") };
    let fault = admin.send(&wrong).await.expect_err("it is out of form");
    refused(&fault, "400 InvalidParameter.DisplayName", "Alice");
    let elsewhere =
        CreateUser { primary_organizational_unit_id: "ou_x".to_owned(), ..marked(&instance, "Alice", "t") };
    let fault = admin.send(&elsewhere).await.expect_err("there is no such unit");
    refused(&fault, "404 ResourceNotFound.OrganizationalUnit ou_x", "Alice");
    assert_eq!(number(&server.home, KEPT).await, 0);

    instance.ask(&admin, "DeleteUser", &[("UserId", &taken)]).await;
    let id = make(&admin, &instance, "Alice", "t").await.expect("the name is free");
    assert_eq!(make(&admin, &instance, "Alice", "t").await.expect("it is answered again"), id);
    assert_eq!(number(&server.home, KEPT).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_and_with_an_empty_one_nothing_is_remembered() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;

    make(&admin, &instance, "alice", "").await.expect("the name is free");
    let fault = make(&admin, &instance, "alice", "").await.expect_err("the name is taken");
    refused(&fault, "403 ResourceDuplicated.Username", "alice");
    make(&admin, &instance, "bob", "").await.expect("the name is free");
    instance.make_user(&admin, "carol").await;

    assert_eq!(number(&server.home, KEPT).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_stays_for_a_day_across_restarts_and_whatever_becomes_of_the_user() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let alice = make(&admin, &instance, "alice", "a").await.expect("the name is free");
    let bob = make(&admin, &instance, "bob", "b").await.expect("the name is free");
    instance.ask(&admin, "UpdateUser", &[("UserId", &alice), ("Username", "anna")]).await;
    instance.ask(&admin, "DeleteUser", &[("UserId", &bob)]).await;
    let answers = async |admin: &Client| {
        (
            make(admin, &instance, "alice", "a").await.expect("it is answered again"),
            make(admin, &instance, "bob", "b").await.expect("it is answered again"),
        )
    };

    assert_eq!(answers(&admin).await, (alice.clone(), bob.clone()));
    let server = server.restart().await;
    let admin = server.administrator().eiam();
    assert_eq!(answers(&admin).await, (alice.clone(), bob.clone()));
    server.pass(DAY - MINUTE);
    assert_eq!(answers(&admin).await, (alice.clone(), bob.clone()));
    assert_eq!(instance.everybody(&admin).await, ["anna"]);

    // A day is over, and the calls are new ones.
    server.pass(2 * MINUTE);
    let (new_alice, new_bob) = answers(&admin).await;
    assert!(new_alice != alice && new_bob != bob);
    assert_eq!(instance.everybody(&admin).await, ["anna", "alice", "bob"]);
    assert_eq!(answers(&admin).await, (new_alice, new_bob), "which stay for a day of their own");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_forgotten() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    for n in 0..20 {
        make(&admin, &instance, &format!("user{n}"), &format!("token {n}")).await.expect("it is free");
    }
    server.pass(DAY / 2);
    make(&admin, &instance, "late", "late").await.expect("it is free");
    assert_eq!(number(&server.home, KEPT).await, 21);

    server.pass(DAY / 2 + MINUTE);

    until("forgotten", async || number(&server.home, KEPT).await == 1).await;
    assert_eq!(text(&server.home, "select token from client_tokens").await, "late");
    let kept = "select count(*) from client_tokens where reply like '%user\\_%' escape '\\'";
    assert_eq!(number(&server.home, kept).await, 1, "it is the answer that is kept");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once_make_one_user() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let clients: Vec<Client> = (0..10).map(|_| server.administrator().eiam()).collect();
    for round in 0..5 {
        let (name, token) = (format!("user{round}"), format!("token {round}"));
        let mut request = marked(&instance, &name, &token);
        if round % 2 == 1 {
            // Which takes a while before anything is written.
            request.password = Some(Password::new(GOOD));
        }

        let replies = join_all(clients.iter().map(|client| client.send(&request))).await;

        let mut ids: Vec<String> =
            replies.into_iter().map(|reply| reply.expect("each is answered").user_id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "round {round}");
        assert_eq!(instance.everybody(&admin).await.len(), round + 1);
        assert_eq!(number(&server.home, KEPT).await, i64::try_from(round + 1).expect("few"));
    }
    let made = "select count(*) from events e join users u on e.subject = u.id where u.is_system = 0";
    assert_eq!(number(&server.home, made).await, 5, "each was made once");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_different_calls_with_one_token_at_once_one_is_done() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let clients: Vec<Client> = (0..10).map(|_| server.administrator().eiam()).collect();
    for round in 0..5 {
        let calls = clients.iter().enumerate().map(|(at, client)| {
            let (name, token) = (format!("user{round}_{}", at % 3), format!("token {round}"));
            let instance = &instance;
            async move { (at % 3, make(client, instance, &name, &token).await) }
        });
        let replies = join_all(calls).await;

        let mut done: Vec<(usize, String)> = Vec::new();
        for (name, reply) in replies {
            match reply {
                Ok(id) => done.push((name, id)),
                Err(fault) => assert!(is_mismatch(&fault), "{fault:?}"),
            }
        }
        done.sort_unstable();
        done.dedup();
        assert_eq!(done.len(), 1, "round {round}: {done:?}");
        let everybody = instance.everybody(&admin).await;
        assert_eq!(everybody.len(), round + 1);
        assert_eq!(everybody[round], format!("user{round}_{}", done[0].0));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_stands_for_one_action_in_one_instance() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instances =
        [Instance::default_of(&admin).await, Instance::make(&admin).await, Instance::make(&admin).await];
    let mut ids = Vec::new();
    for instance in &instances {
        ids.push(make(&admin, instance, "alice", "t").await.expect("it is another instance"));
    }
    let new = CreateInstance { description: Some("new".to_owned()), client_token: Some("t".to_owned()) };
    let made = admin.send(&new).await.expect("it is another action").instance_id;
    // The instances are three beside the default one, and the next would be one too many.
    assert_eq!(admin.send(&new).await.expect("it is answered again").instance_id, made);
    let other = CreateInstance { description: None, ..new.clone() };
    assert!(is_mismatch(&admin.send(&other).await.expect_err("it is another call")));
    let fresh = CreateInstance { client_token: Some("u".to_owned()), ..new };
    let fault = admin.send(&fresh).await.expect_err("there are enough");
    assert_eq!(fault.brief(), "403 LimitExceeded.Instance");

    let listed = admin.send(&ListInstances::default()).await.expect("the call is right");
    assert_eq!(listed.total_count, 4);
    for (instance, id) in instances.iter().zip(&ids) {
        assert_eq!(make(&admin, instance, "alice", "t").await.as_ref(), Ok(id));
        assert_eq!(instance.everybody(&admin).await, ["alice"]);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_once_make_one_instance() {
    let server = Server::start().await;
    let clients: Vec<Client> = (0..10).map(|_| server.administrator()).collect();
    let request = CreateInstance { description: None, client_token: Some("t".to_owned()) };

    let replies = join_all(clients.iter().map(|client| client.send(&request))).await;

    let mut ids: Vec<String> =
        replies.into_iter().map(|reply| reply.expect("each is answered").instance_id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let listed = clients[0].send(&ListInstances::default()).await.expect("the call is right");
    assert_eq!(listed.total_count, 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_have_tokens_of_their_own() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let theirs = Instance::make(&admin).await;
    let made = make(&admin, &theirs, "alice", "t").await.expect("the name is free");
    let flags = server.home.flags();
    let arguments: Vec<&str> =
        ["access-key", "create"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let done = roster(&arguments);
    let word = |name: &str| {
        let line = done.out.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).expect("it is printed").to_owned()
    };
    let (key, secret) = (word("AccessKeyId:"), word("AccessKeySecret:"));
    // Another account, which has the instance and the key from now on.
    let second = "1000000000000002";
    let moved = format!(
        "insert into accounts (uid, name, created) values ({second}, 'second', 0);
         update directories set account = {second}, default_of = {second} where default_of is null;
         update access_keys set account = {second} where id = '{key}';"
    );
    execute(&server.home, &moved).await;
    let server = server.restart().await;
    let admin = server.administrator().eiam();
    let they = admin.with_key(&key, &secret);

    let request = CreateInstance { description: None, client_token: Some("t".to_owned()) };
    let ours = admin.send(&request).await.expect("it can be made").instance_id;
    let other = CreateInstance { description: Some("of theirs".to_owned()), ..request.clone() };
    let of_theirs = they.send(&other).await.expect("their tokens are their own").instance_id;
    assert_ne!(ours, of_theirs);
    assert_eq!(admin.send(&request).await.expect("it is answered again").instance_id, ours);
    assert_eq!(they.send(&other).await.expect("it is answered again").instance_id, of_theirs);

    // The token of the other account says nothing to this one, even for the same instance.
    let fault = make(&they, &theirs, "alice", "t").await.expect_err("the name is taken");
    refused(&fault, "403 ResourceDuplicated.Username", "alice");
    assert_eq!(theirs.get_user(&they, &made).await.username, "alice");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_outlives_a_rotation_of_the_keys() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let id = make(&admin, &instance, "alice", "t").await.expect("the name is free");
    let flags = server.home.flags();
    let arguments: Vec<&str> =
        ["keys", "rotate"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let done = roster(&arguments);
    assert!(done.went_well, "{done:?}");

    let server = server.restart().await;
    let admin = server.administrator().eiam();

    assert_eq!(make(&admin, &instance, "alice", "t").await.as_ref(), Ok(&id));
    let fault = make(&admin, &instance, "bob", "t").await.expect_err("it is another call");
    assert!(is_mismatch(&fault));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_remember_each_other_s_answers() {
    let Some(home) = shared_home().await else { return };
    let (one, other) = tokio::join!(home.open(), home.open());
    let clients: Vec<Client> =
        (0..10).map(|at| home.client(if at % 2 == 0 { one.address } else { other.address }).eiam()).collect();
    let instance = Instance::make(&clients[0]).await;

    let id = make(&clients[0], &instance, "alice", "t").await.expect("the name is free");
    assert_eq!(make(&clients[1], &instance, "alice", "t").await.as_ref(), Ok(&id));
    assert!(is_mismatch(&make(&clients[1], &instance, "bob", "t").await.expect_err("it is another call")));

    for round in 0..10 {
        let request = marked(&instance, &format!("user{round}"), &format!("token {round}"));
        let replies = join_all(clients.iter().map(|client| client.send(&request))).await;
        let mut ids: Vec<String> =
            replies.into_iter().map(|reply| reply.expect("each is answered").user_id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "round {round}");
    }
    assert_eq!(instance.everybody(&clients[1]).await.len(), 11);
    one.stop().await;
    other.stop().await;
    home.verify().await;
}
