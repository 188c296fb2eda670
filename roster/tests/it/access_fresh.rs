//! What is decided follows what it is decided by: no change commits under a decision that is out of date.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use directory::ram::Error;
use directory::ram::policies::Of;
use directory::ram::users::{self, NewUser};
use futures_util::future::join_all;
use model::Right;
use model::ram::RamUserName;
use model::text::Line;

use crate::support::{GOOD, Key, Ram, Server, create, document, everybody, execute, until};

/// What creating this user is answered with.
async fn creation(key: &Key, server: &Server, name: &str) -> String {
    let email = format!("{name}@example.org");
    let parameters = [("Users.1.EndUserId", name), ("Users.1.Email", email.as_str())];
    let answer = key.client(server).call("CreateUsers", &parameters).await;
    if answer.status != 200 {
        return answer.refusal();
    }
    assert_eq!(answer.json()["CreateResult"]["CreatedUsers"][0]["EndUserId"], name, "{answer:?}");
    "200".to_owned()
}

async fn reading(key: &Key, server: &Server) -> String {
    let answer = key.client(server).call("DescribeUsers", &[]).await;
    if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        name: RamUserName::new(name).expect("a name"),
        display_name: Line::default(),
        comments: Line::default(),
        email: Line::default(),
        mobile: Line::default(),
    }
}

/// A clock that goes by itself: ids are made on both sides at once.
async fn started() -> Server {
    Server::within(crate::support::Home::new().await.with_running_clock()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_made_once_a_policy_of_the_caller_is_taken_or_changed() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    ram.policy("own", &document("Allow", "ecd:*", "*")).await;
    let key = ram.user("alice", &["own"]).await;

    for (round, narrowed) in [false, true].into_iter().enumerate() {
        // The server holds the decision in memory.
        assert_eq!(creation(&key, &server, &format!("alice{round}")).await, "200");
        if narrowed {
            ram.set_policy("own", &document("Allow", "ecd:Describe*", "*")).await;
        } else {
            ram.detach(Of::User("alice"), "own").await.expect("she has it");
        }

        // Another process has changed it, and this one has not looked since.
        assert_eq!(creation(&key, &server, &format!("bob{round}")).await, "403 Forbidden.RAM");
        if !narrowed {
            ram.attach(Of::User("alice"), "own").await.expect("she has not");
            let again = async || creation(&key, &server, &format!("carol{round}")).await == "200";
            until("she may again", again).await;
        }
    }
    assert_eq!(everybody(&server.administrator()).await, ["alice0", "carol0", "alice1"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_made_with_a_key_that_is_switched_off() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    let key = ram.user("alice", &["AliyunECDFullAccess"]).await;
    assert_eq!(creation(&key, &server, "alice").await, "200");

    ram.switch("alice", &key, false).await;
    assert_eq!(creation(&key, &server, "bob").await, "400 InvalidAccessKeyId.Inactive");
    ram.switch("alice", &key, true).await;
    until("it is accepted again", async || creation(&key, &server, "carol").await == "200").await;
    assert_eq!(everybody(&server.administrator()).await, ["alice", "carol"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_role() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    ram.user("alice", &[]).await;
    let role = ram.role("writer", "user/alice", &["AliyunECDFullAccess"]).await;
    let session = ram.assume("alice", &role, None).await.expect("she is trusted");
    assert_eq!(creation(&session, &server, "alice").await, "200");

    ram.delete_role("writer", &["AliyunECDFullAccess"]).await;
    assert_eq!(creation(&session, &server, "bob").await, "404 InvalidAccessKeyId.NotFound");
    // Another role of the same name is another one.
    ram.role("writer", "user/alice", &["AliyunECDFullAccess"]).await;
    assert_eq!(creation(&session, &server, "carol").await, "404 InvalidAccessKeyId.NotFound");
    assert_eq!(everybody(&server.administrator()).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_follow_within_a_moment() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    let key = ram.user("alice", &["AliyunECDReadOnlyAccess"]).await;
    assert_eq!(reading(&key, &server).await, "200");

    ram.detach(Of::User("alice"), "AliyunECDReadOnlyAccess").await.expect("she has it");
    until("she reads no more", async || reading(&key, &server).await == "403 Forbidden.RAM").await;
    ram.attach(Of::User("alice"), "AliyunECDReadOnlyAccess").await.expect("she has not");
    until("she reads again", async || reading(&key, &server).await == "200").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_calls_at_once_none_commits_behind_the_end_of_its_policy() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    let key = ram.user("alice", &["AliyunECDFullAccess"]).await;
    create(&server.administrator(), &["before"]).await;

    for round in 0..5 {
        let begins = async || creation(&key, &server, &format!("first{round}")).await == "200";
        until("she may make users", begins).await;
        let (key, server_of_calls, all_made) = (&key, &server, &AtomicUsize::new(0));
        let calls = (0..8).map(|worker| async move {
            let mut made = 0_usize;
            // Each goes on until it is refused: the last one that was made was made before the end.
            loop {
                let name = format!("r{round}w{worker}n{made}");
                match creation(key, server_of_calls, &name).await.as_str() {
                    "200" => made += 1,
                    "403 Forbidden.RAM" => return made,
                    other => panic!("{other}"),
                }
                all_made.fetch_add(1, Ordering::SeqCst);
            }
        });
        let ending = async {
            until("calls are answered", async || all_made.load(Ordering::SeqCst) >= 8).await;
            ram.detach(Of::User("alice"), "AliyunECDFullAccess").await.expect("she has it");
            everybody(&server.administrator()).await.len()
        };
        let (made, at_the_end) = tokio::join!(join_all(calls), ending);

        assert!(made.iter().sum::<usize>() >= 8, "some were made before the end");
        let after = everybody(&server.administrator()).await.len();
        assert_eq!(after, at_the_end, "nobody was made after the end, of {made:?}");
        ram.attach(Of::User("alice"), "AliyunECDFullAccess").await.expect("she has not");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_not_understood_is_read_once_for_each_generation() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    let good = document("Allow", "ecd:*", "*");
    ram.policy("own", &good).await;
    let key = ram.user("alice", &["own"]).await;
    let set = async |document: &str| {
        execute(&server.home, &format!("update ram_policies set document = '{document}'")).await;
    };

    // As another program may have written it.
    set("{}").await;
    assert_eq!(reading(&key, &server).await, "503 ServiceUnavailable");
    // Nothing says that anything of the account has changed.
    set(&good).await;
    assert_eq!(reading(&key, &server).await, "503 ServiceUnavailable");

    ram.set_policy("own", &good).await;
    until("it is read again", async || reading(&key, &server).await == "200").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_ram_at_once_are_all_made_while_a_policy_allows_them() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    let key = ram.user("alice", &["AliyunRAMFullAccess"]).await;
    let permit = ram.permit_with("alice", &key.id, Right::create("ram:CreateUser")).await;
    // All are decided before any is made.
    let make = async |name: String| {
        let mut change = ram.change();
        users::create(&mut change, &permit, &new_user(&name)).await?;
        change.commit(&permit).await.expect("no other is in its way");
        Ok::<_, Error>(())
    };

    let made = join_all((0..10).map(|n| make(format!("user{n}")))).await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    ram.detach(Of::User("alice"), "AliyunRAMFullAccess").await.expect("she has it");
    let refused = make("late".to_owned()).await.expect_err("nothing allows it now");

    assert!(matches!(refused, Error::Store(store::Error::Outdated)), "{refused:?}");
    let page = users::list(&mut ram.reader(), &ram.permit, "", 100).await.expect("they are read");
    assert_eq!(page.items.len(), 11);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_is_made_beside_changes_of_keys_without_end() {
    let server = started().await;
    let ram = Ram::of(&server).await;
    let (alice, bob) = (ram.user("alice", &["AliyunECDFullAccess"]).await, ram.user("bob", &[]).await);
    let is_done = AtomicBool::new(false);

    let others = async {
        let mut is_active = false;
        while !is_done.load(Ordering::SeqCst) {
            ram.switch("bob", &bob, is_active).await;
            is_active = !is_active;
        }
    };
    let slow = async {
        let texts = |n: usize| {
            [format!("Users.{n}.EndUserId"), format!("Users.{n}.Email"), format!("Users.{n}.Password")]
        };
        let names: Vec<[String; 3]> = (1..=5).map(texts).collect();
        for round in 0..3 {
            let values: Vec<[String; 2]> =
                (1..=5).map(|n| [format!("r{round}n{n}"), format!("r{round}n{n}@example.org")]).collect();
            let parameters: Vec<(&str, &str)> = names
                .iter()
                .zip(&values)
                .flat_map(|([id, email, password], [name, address])| {
                    [
                        (id.as_str(), name.as_str()),
                        (email.as_str(), address.as_str()),
                        (password.as_str(), GOOD),
                    ]
                })
                .collect();
            let answer = alice.client(&server).call("CreateUsers", &parameters).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        is_done.store(true, Ordering::SeqCst);
    };
    tokio::join!(others, slow);

    assert_eq!(everybody(&server.administrator()).await.len(), 15);
    server.stop().await;
}
