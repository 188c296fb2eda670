//! Many callers at once, and two servers on one database.

use api::eds::DescribeUsers;
use futures_util::future::join_all;

use crate::support::{
    Client, Home, Server, create, create_users, everybody, find, new_user, remove, remove_users, roster,
    until,
};

/// So many connections, each with a client of its own.
fn clients(server: &Server, count: usize) -> Vec<Client> {
    (0..count).map(|_| server.administrator()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_create_one_name_exactly_one_does() {
    let server = Server::start().await;
    let clients = clients(&server, 32);
    for round in 0..5 {
        let name = format!("name_{round}");
        let request = create_users(vec![new_user(&name)]);

        let replies = join_all(clients.iter().map(|client| client.send(&request))).await;

        let mut made = 0;
        for reply in replies {
            let result = reply.expect("the call is answered").create_result;
            made += result.created_users.len();
            for failed in &result.failed_users {
                assert_eq!(failed.error_code, "ExistedEndUserId");
            }
            assert_eq!(result.created_users.len() + result.failed_users.len(), 1);
        }
        assert_eq!(made, 1, "round {round}");
    }
    assert_eq!(everybody(&clients[0]).await.len(), 5);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_remove_one_name_exactly_one_does() {
    let server = Server::start().await;
    let clients = clients(&server, 16);
    create(&clients[0], &["alice", "bob"]).await;

    let request = remove_users(&["alice", "bob"]);
    let replies = join_all(clients.iter().map(|client| client.send(&request))).await;

    let mut removed = Vec::new();
    for reply in replies {
        let result = reply.expect("the call is answered").remove_users_result;
        assert!(result.failed_users.iter().all(|user| user.error_code == "InvalidUsername"));
        removed.extend(result.removed_users);
    }
    removed.sort_unstable();
    assert_eq!(removed, ["alice", "bob"]);
    assert!(everybody(&clients[0]).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creations_and_removals_of_one_name_take_turns() {
    let server = Server::start().await;
    let (creators, removers) = (clients(&server, 8), clients(&server, 8));
    let (creation, removal) = (create_users(vec![new_user("alice")]), remove_users(&["alice"]));
    let (mut made, mut gone) = (0, 0);
    for _ in 0..20 {
        let (creations, removals) = tokio::join!(
            join_all(creators.iter().map(|client| client.send(&creation))),
            join_all(removers.iter().map(|client| client.send(&removal)))
        );
        for reply in creations {
            made += reply.expect("the call is answered").create_result.created_users.len();
        }
        for reply in removals {
            gone += reply.expect("the call is answered").remove_users_result.removed_users.len();
        }
        assert!(made == gone || made == gone + 1, "{made} creations and {gone} removals took turns");
        assert_eq!(everybody(&creators[0]).await.len(), made - gone);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_share_names_in_any_order_do_not_block_one_another() {
    let server = Server::start().await;
    let clients = clients(&server, 8);
    let forward: Vec<String> = (0..50).map(|n| format!("user_{n}")).collect();
    let backward: Vec<String> = forward.iter().rev().cloned().collect();
    for _ in 0..3 {
        let creations = join_all(clients.iter().enumerate().map(|(at, client)| {
            let names = if at % 2 == 0 { &forward } else { &backward };
            let request = create_users(names.iter().map(|name| new_user(name)).collect());
            async move { client.send(&request).await }
        }))
        .await;
        let made: usize = creations
            .into_iter()
            .map(|reply| reply.expect("the call is answered").create_result.created_users.len())
            .sum();
        assert_eq!((made, everybody(&clients[0]).await.len()), (50, 50));

        let removals = join_all(clients.iter().enumerate().map(|(at, client)| {
            let names = if at % 2 == 0 { &forward } else { &backward };
            let request = remove_users(&names.iter().map(String::as_str).collect::<Vec<_>>());
            async move { client.send(&request).await }
        }))
        .await;
        let gone: usize = removals
            .into_iter()
            .map(|reply| reply.expect("the call is answered").remove_users_result.removed_users.len())
            .sum();
        assert_eq!((gone, everybody(&clients[0]).await.len()), (50, 0));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_request_sent_many_times_at_once_one_is_accepted() {
    let server = Server::start().await;
    let clients = clients(&server, 16);
    let pairs = |name: &str| {
        vec![
            ("Users.1.EndUserId".to_owned(), name.to_owned()),
            ("Users.1.Email".to_owned(), "a@b.cn".to_owned()),
        ]
    };
    for name in ["alice", "bob"] {
        let message = clients[0].post("CreateUsers", &pairs(name));

        let answers = join_all(clients.iter().map(|client| client.exchange(&message))).await;

        let accepted = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = answers.iter().filter(|answer| answer.status != 200);
        assert!(refused.into_iter().all(|answer| answer.refusal() == "400 SignatureNonceUsed"));
        assert_eq!(accepted, 1);
    }
    server.stop().await;
}

/// A home for two servers, where there is a database for it.
async fn shared_home() -> Option<Home> {
    let home = Home::new().await.with_running_clock();
    home.is_shared().then_some(home)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_start_at_once_agree_on_one_account() {
    let Some(home) = shared_home().await else { return };

    let (one, other) = tokio::join!(home.open(), home.open());

    let (on_one, on_other) = (home.client(one.address), home.client(other.address));
    create(&on_one, &["alice"]).await;
    assert_eq!(everybody(&on_other).await, ["alice"], "what one writes the other reads at once");
    remove(&on_other, &["alice"]).await;
    create(&on_other, &["bob"]).await;
    assert_eq!(everybody(&on_one).await, ["bob"]);
    let superadmin = DescribeUsers {
        end_user_ids: Some(vec!["superadmin".into()].try_into().expect("one")),
        ..DescribeUsers::default()
    };
    assert_eq!(find(&on_one, &superadmin).await, find(&on_other, &superadmin).await);
    one.stop().await;
    other.stop().await;
    let done = roster(
        &[["verify"].as_slice(), &home.flags().iter().map(String::as_str).collect::<Vec<_>>()].concat(),
    );
    assert_eq!(done.out.lines().count(), 2, "there is one directory: {done:?}");
    home.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_not_made_twice_by_another_server_either() {
    let Some(home) = shared_home().await else { return };
    let (one, other) = tokio::join!(home.open(), home.open());
    let (on_one, on_other) = (home.client(one.address), home.client(other.address));
    let pairs = [
        ("Users.1.EndUserId".to_owned(), "alice".to_owned()),
        ("Users.1.Email".to_owned(), "a@b.cn".to_owned()),
    ];
    let message = on_one.post("CreateUsers", &pairs);

    assert_eq!(on_one.exchange(&message).await.status, 200);
    remove(&on_one, &["alice"]).await;
    assert_eq!(on_other.exchange(&message).await.refusal(), "400 SignatureNonceUsed");
    assert!(everybody(&on_other).await.is_empty(), "it had no second effect");

    for round in 0..10 {
        let name = format!("user_{round}");
        let pairs = [
            ("Users.1.EndUserId".to_owned(), name.clone()),
            ("Users.1.Email".to_owned(), "a@b.cn".to_owned()),
        ];
        let message = on_one.post("CreateUsers", &pairs);
        let (first, second) = tokio::join!(on_one.exchange(&message), on_other.exchange(&message));
        let accepted = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
        assert_eq!(accepted, 1, "{} and {}", first.text(), second.text());
    }
    assert_eq!(everybody(&on_one).await.len(), 10);
    one.stop().await;
    other.stop().await;
    home.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_share_names_keys_and_tokens() {
    let Some(home) = shared_home().await else { return };
    let (one, other) = tokio::join!(home.open(), home.open());
    let clients: Vec<Client> =
        (0..32).map(|at| home.client(if at % 2 == 0 { one.address } else { other.address })).collect();

    let request = create_users(vec![new_user("alice"), new_user("bob")]);
    let replies = join_all(clients.iter().map(|client| client.send(&request))).await;
    let made: usize = replies
        .into_iter()
        .map(|reply| reply.expect("the call is answered").create_result.created_users.len())
        .sum();
    assert_eq!((made, everybody(&clients[0]).await.len()), (2, 2));

    let page = clients[0].call("DescribeUsers", &[("MaxResults", "1")]).await.json();
    let token = page["NextToken"].as_str().expect("more follow");
    let rest = clients[1].call("DescribeUsers", &[("MaxResults", "1"), ("NextToken", token)]).await.json();
    assert_eq!(rest["Count"], 2, "{rest}");

    let flags = home.flags();
    let command = |words: &[&str]| {
        let done = roster(&words.iter().copied().chain(flags.iter().map(String::as_str)).collect::<Vec<_>>());
        assert!(done.went_well, "{done:?}");
        done.out
    };
    let made = command(&["access-key", "create"]);
    let words: Vec<&str> = made.split_whitespace().collect();
    let [_, id, _, secret] = words[..] else { panic!("{made}") };
    let with_key = [&clients[0], &clients[1]].map(|client| client.with_key(id, secret));
    for client in &with_key {
        assert_eq!(client.call("DescribeUsers", &[]).await.status, 200);
    }
    command(&["access-key", "disable", id]);
    for client in &with_key {
        until("disabled", async || client.call("DescribeUsers", &[]).await.status != 200).await;
        assert_eq!(client.call("DescribeUsers", &[]).await.refusal(), "400 InvalidAccessKeyId.Inactive");
    }
    one.stop().await;
    other.stop().await;
    home.verify().await;
}
