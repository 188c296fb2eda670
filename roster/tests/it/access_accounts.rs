//! More than one account in one installation.

use access::access_keys::{self, NewKey};
use directory::accounts;
use model::text::Line;
use roster::house;

use crate::support::{Client, Done, Ram, Server, create, everybody, execute, roster, until};

/// Runs a command on the server's own house.
fn try_command(server: &Server, words: &[&str]) -> Done {
    let flags = server.home.flags();
    let arguments: Vec<&str> = words.iter().copied().chain(flags.iter().map(String::as_str)).collect();
    roster(&arguments)
}

fn command(server: &Server, words: &[&str]) -> String {
    let done = try_command(server, words);
    assert!(done.went_well, "{done:?}");
    done.out
}

/// Makes an account of this name: its uid, and whoever has the key of its root.
fn make(server: &Server, name: &str) -> (String, Client) {
    let out = command(server, &["account", "create", "--name", name]);
    let word = |start: &str| {
        let line = out.lines().find(|line| line.starts_with(start)).expect("it is printed");
        line.split_whitespace().last().expect("it is printed").to_owned()
    };
    let (id, secret) = (word("AccessKeyId:"), word("AccessKeySecret:"));
    (word("Account:"), server.administrator().with_key(&id, &secret))
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_share_nothing() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let (uid, other) = make(&server, "other");

    assert_eq!(uid.len(), 16);
    assert_eq!(everybody(&other).await, Vec::<String>::new());
    create(&other, &["alice", "bob"]).await;
    assert_eq!(everybody(&other).await, ["alice", "bob"]);
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_and_shown_and_their_names_are_their_own() {
    let server = Server::start().await;
    let (uid, _) = make(&server, "other");

    let list = command(&server, &["account", "list"]);
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().take(2).collect()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0][1], "default");
    assert_eq!(rows[1], [uid.as_str(), "other"]);
    for named in ["other", uid.as_str()] {
        let shown = command(&server, &["account", "show", "--account", named]);
        assert!(shown.contains(&uid) && shown.contains("other") && shown.contains("Root key:"), "{shown}");
    }
    let taken = try_command(&server, &["account", "create", "--name", "other"]);
    assert_eq!(taken.err, "roster: there is an account other already\n");
    let empty = try_command(&server, &["account", "create", "--name", " "]);
    assert!(!empty.went_well && empty.err.contains("--name"), "{empty:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_means_the_account_that_has_it() {
    let server = Server::start().await;
    let (uid, _) = make(&server, "other");

    let number = try_command(&server, &["account", "create", "--name", &uid]);
    assert_eq!(number.err, "roster: --name is a number, as accounts' uids are\n");
    // One that an earlier program has made.
    execute(&server.home, &format!("update accounts set name = '{uid}' where name = 'default'")).await;

    let shown = command(&server, &["account", "show", "--account", &uid]);
    assert!(shown.contains("Name:       other"), "{shown}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_made_at_the_same_time_are_all_made() {
    let server = Server::start().await;
    let at = server.home.clock.now();
    let names = ["a", "b", "c"].map(|name| Line::new(name).expect("a name"));

    let made = names.clone().map(|name| {
        let house = server.home.serve.house.clone();
        tokio::spawn(async move {
            let open = house::open(&house, false).await.expect("the house opens");
            let key = NewKey::generate((open.tools.chance)().as_mut());
            accounts::create(&open.store, &open.tools, (&name, &key), "test", at).await
        })
    });
    for made in made {
        made.await.expect("it ends").expect("the name is free");
    }

    let list = command(&server, &["account", "list"]);
    assert_eq!(list.lines().count(), 4, "{list}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_ask_which_account_is_meant_where_there_are_several() {
    let server = Server::start().await;
    assert!(try_command(&server, &["access-key", "list"]).went_well);
    make(&server, "other");

    for words in [
        &["access-key", "list"][..],
        &["oauth-app", "list"],
        &["auth-code", "create"],
        &["account", "show"],
        &["ram", "user", "list"],
        &["outbox", "list"],
    ] {
        let done = try_command(&server, words);
        assert!(!done.went_well && done.err.contains("--account"), "{words:?}: {done:?}");
    }
    let unknown = try_command(&server, &["access-key", "list", "--account", "nobody"]);
    assert_eq!(unknown.err, "roster: there is no account nobody\n");
    for account in ["default", "other"] {
        let keys = command(&server, &["access-key", "list", "--account", account]);
        assert_eq!(keys.lines().count(), 1, "{account}: {keys}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_all_accounts_are_sealed_anew_and_looked_at_by_the_start() {
    let server = Server::start().await;
    let (_, other) = make(&server, "other");
    let ram = Ram::named(&server, Some("other")).await;
    let mut change = ram.change();
    for _ in 0..1_000 {
        let key = NewKey::generate((change.tools().chance)().as_mut());
        access_keys::add(&mut change, &ram.permit, &key, None).await.expect("it is written");
    }
    change.commit(&ram.permit).await.expect("it is written");

    let done = command(&server, &["keys", "rotate"]);
    assert!(done.contains("1002 secrets are sealed under it"), "{done}");
    let server = server.restart().await;

    assert_eq!(everybody(&server.administrator()).await, Vec::<String>::new());
    let other = other.moved_to(server.address());
    assert_eq!(everybody(&other).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_one_account_have_no_policies_of_another() {
    let server = Server::start().await;
    make(&server, "other");
    let first = Ram::named(&server, Some("default")).await;
    let second = Ram::named(&server, Some("other")).await;
    let policy = crate::support::document("Allow", "ecd:*", "*");
    first.policy("own", &policy).await;
    let key = second.user("alice", &["AliyunECDFullAccess"]).await;
    let refused = second.attach(directory::ram::policies::Of::User("alice"), "own").await;
    refused.expect_err("another account has it");

    create(&key.client(&server), &["bob"]).await;
    assert_eq!(everybody(&server.administrator()).await, Vec::<String>::new());
    // A change of one account leaves what is held of the other.
    first.user("alice", &[]).await;
    until("it goes on", async || everybody(&key.client(&server)).await == ["bob"]).await;
    server.stop().await;
}
