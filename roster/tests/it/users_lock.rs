//! `LockUsers` and `UnlockUsers`, and accounts that lock themselves.
//!
//! Source: `reference/eds-user.md`, 6, 7, X.7 and X.8; `reference/doors.md` §1.1.

use api::eds::{DescribeUsers, FailedUser, LockUsersReply, ShownStatus, UnlockUsers, UnlockUsersReply};
use serde_json::json;

use crate::support::{
    Client, Fault, Home, NOW, Server, by_status, create, describe, disable, everybody, execute, filtered,
    find, lock, locking_at, make_with, number, promote, remove, texts, unlock, until, user,
};

const MINUTE: i64 = 60_000;
/// Users whose account is kept as shut, as far as anybody has looked.
const SHUT: &str = "select count(*) from users where shut = 1";

/// Codes of those who failed.
fn failures(users: &[FailedUser]) -> Vec<(&str, &str)> {
    users.iter().map(|user| (user.end_user_id.as_str(), user.error_code.as_str())).collect()
}

/// Who is locked, and who is not with which code.
fn locked(reply: &LockUsersReply) -> (Vec<&str>, Vec<(&str, &str)>) {
    let result = &reply.lock_users_result;
    (result.locked_users.iter().map(String::as_str).collect(), failures(&result.failed_users))
}

/// Who is unlocked, and who is not with which code.
fn unlocked(reply: &UnlockUsersReply) -> (Vec<&str>, Vec<(&str, &str)>) {
    let result = &reply.unlock_users_result;
    (result.unlocked_users.iter().map(String::as_str).collect(), failures(&result.failed_users))
}

/// Unlocks until a time.
async fn unlock_until(client: &Client, names: &[&str], time: &str) -> Result<UnlockUsersReply, Fault> {
    client.send(&UnlockUsers { users: texts(names), auto_lock_time: Some(time.to_owned()) }).await
}

/// Those who are open and those who are shut.
fn state(open: &[&str], shut: &[&str]) -> (Vec<String>, Vec<String>) {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    (owned(open), owned(shut))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_name_is_locked_or_fails_for_itself() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob", "carol"]).await;

    let names = [
        ("Users.1", "carol"),
        ("Users.2", "nobody"),
        ("Users.3", "superadmin"),
        ("Users.4", "alice"),
        ("Users.5", "not a name"),
        ("BusinessChannel", "ENTERPRISE"),
        ("LogoutSession", "True"),
    ];
    let answer = admin.call("LockUsers", &names).await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "LockUsersResult": {
        "FailedUsers": [
          {
            "EndUserId": "nobody",
            "ErrorCode": "InvalidUsername",
            "ErrorMessage": "nobody is an invalid username."
          },
          {
            "EndUserId": "superadmin",
            "ErrorCode": "OperationDenied.LastSuperadmin",
            "ErrorMessage": "The user superadmin is the last superadmin."
          },
          {
            "EndUserId": "not a name",
            "ErrorCode": "InvalidUsername",
            "ErrorMessage": "not a name is an invalid username."
          }
        ],
        "LockedUsers": [
          "carol",
          "alice"
        ]
      },
      "RequestId": "[id]"
    }
    "#);
    assert_eq!(by_status(&admin).await, state(&["bob"], &["alice", "carol"]));

    let answer = admin.call("UnlockUsers", &names[..5]).await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "RequestId": "[id]",
      "UnlockUsersResult": {
        "FailedUsers": [
          {
            "EndUserId": "nobody",
            "ErrorCode": "InvalidUsername",
            "ErrorMessage": "nobody is an invalid username."
          },
          {
            "EndUserId": "not a name",
            "ErrorCode": "InvalidUsername",
            "ErrorMessage": "not a name is an invalid username."
          }
        ],
        "UnlockedUsers": [
          "carol",
          "superadmin",
          "alice"
        ]
      }
    }
    "#);
    assert_eq!(by_status(&admin).await, state(&["alice", "bob", "carol"], &[]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_which_everybody_fails_is_answered_with_both_lists() {
    let server = Server::start().await;
    let admin = server.administrator();

    for (action, result, done) in [
        ("LockUsers", "LockUsersResult", "LockedUsers"),
        ("UnlockUsers", "UnlockUsersResult", "UnlockedUsers"),
    ] {
        let answer = admin.call(action, &[("Users.1", "ghost")]).await;
        assert_eq!((answer.status, &answer.json()[result][done]), (200, &json!([])), "{action}");
        assert_eq!(answer.json()[result]["FailedUsers"][0]["ErrorCode"], "InvalidUsername", "{action}");
    }
    create(&admin, &["alice"]).await;
    assert_eq!(
        admin.call("LockUsers", &[("Users.1", "alice")]).await.json()["LockUsersResult"]["FailedUsers"],
        json!([])
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_and_unlocking_again_succeed_and_count_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let events = "select count(*) from events";
    let made = number(&server.home, events).await;

    for _ in 0..2 {
        let reply = lock(&admin, &["ALICE", "ghost", " alice ", "Ghost", "ａｌｉｃｅ"]).await;
        assert_eq!(locked(&reply), (vec!["ALICE"], vec![("ghost", "InvalidUsername")]));
        assert_eq!(by_status(&admin).await, state(&["bob"], &["alice"]));
    }
    for _ in 0..2 {
        let reply = unlock(&admin, &["bob", "ghost", "Alice", "alice", "BOB", "GHOST"]).await;
        assert_eq!(unlocked(&reply), (vec!["bob", "Alice"], vec![("ghost", "InvalidUsername")]));
        assert_eq!(by_status(&admin).await, state(&["alice", "bob"], &[]));
    }
    assert_eq!(number(&server.home, events).await, made + 2, "one for the lock, one for its end");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_to_five_hundred_names_make_a_call() {
    let server = Server::start().await;
    let admin = server.administrator();
    let all: Vec<String> = (1..=500).map(|n| format!("user_{n}")).collect();
    create(&admin, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let named = |count: usize| -> Vec<(String, String)> {
        (1..=count).map(|n| (format!("Users.{n}"), format!("user_{n}"))).collect()
    };
    let with = |name: &str, value: &str| [named(1), vec![(name.to_owned(), value.to_owned())]].concat();
    let refused = [
        (Vec::new(), "400 MissingUsers"),
        (vec![("Users".to_owned(), String::new())], "400 MissingUsers"),
        (vec![("Users".to_owned(), "[]".to_owned())], "400 MissingUsers"),
        (vec![("Users".to_owned(), "user_1".to_owned())], "400 InvalidUsers"),
        (vec![("Users".to_owned(), "[\"user_1\"".to_owned())], "400 InvalidUsers"),
        (vec![("Users.1.EndUserId".to_owned(), "user_1".to_owned())], "400 InvalidUsers"),
        (named(501), "400 InvalidUsers"),
    ];
    for action in ["LockUsers", "UnlockUsers"] {
        for (parameters, refusal) in &refused {
            let answer = admin.exchange(&admin.post(action, parameters)).await;
            assert_eq!(answer.refusal(), *refusal, "{action} {:?} …", parameters.first());
        }
    }
    let answer = admin.exchange(&admin.post("LockUsers", &with("LogoutSession", "perhaps"))).await;
    assert_eq!(answer.refusal(), "400 InvalidLogoutSession");
    assert_eq!(by_status(&admin).await.1.len(), 0, "a call that is refused locks nobody");

    let answer = admin.exchange(&admin.post("LockUsers", &named(500))).await.json();
    assert_eq!(answer["LockUsersResult"]["LockedUsers"], json!(all));
    assert_eq!(by_status(&admin).await, (Vec::new(), all.clone()));
    let answer = admin.exchange(&admin.post("UnlockUsers", &named(500))).await.json();
    assert_eq!(answer["UnlockUsersResult"]["UnlockedUsers"], json!(all));
    assert_eq!(by_status(&admin).await, (all, Vec::new()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superadmin_is_neither_locked_nor_timed_and_the_last_but_one_is() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "deputy"]).await;
    let denied = |name| vec![(name, "OperationDenied.LastSuperadmin")];

    let timed =
        unlock_until(&admin, &["superadmin", "alice"], "2026-01-15 16:40:00").await.expect("it is right");
    assert_eq!(unlocked(&timed), (vec!["alice"], denied("superadmin")));
    assert_eq!(filtered(&admin, "superadmin").await.auto_lock_time, None);

    promote(&server.home, "deputy", 2).await;
    let reply = lock(&admin, &["deputy", "alice", "SuperAdmin"]).await;
    assert_eq!(locked(&reply), (vec!["deputy", "alice"], denied("SuperAdmin")));
    assert_eq!(user(&admin, "superadmin").await.status, ShownStatus::Normal);

    // One who is locked is nobody's last, so the lock may come again, and goes only by unlocking.
    assert_eq!(locked(&lock(&admin, &["deputy"]).await).0, ["deputy"]);
    assert_eq!(unlocked(&unlock(&admin, &["deputy"]).await).0, ["deputy"]);
    let timed =
        unlock_until(&admin, &["superadmin", "deputy"], "2026-01-15 16:40:00").await.expect("it is right");
    assert_eq!(unlocked(&timed), (vec!["superadmin"], denied("deputy")));
    assert_eq!(locked(&lock(&admin, &["superadmin"]).await).0, ["superadmin"]);
    assert_eq!(locked(&lock(&admin, &["deputy"]).await).1, denied("deputy"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_locks_itself_at_its_time_whether_or_not_anybody_looks() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["always"]).await;
    make_with(&admin, locking_at("2026-01-15 16:40:00", &["first", "second"])).await;
    make_with(&admin, locking_at("2026-01-15 16:50:00", &["third"])).await;
    create(&admin, &["also"]).await;
    let open = state(&["always", "first", "second", "third", "also"], &[]);
    assert_eq!(by_status(&admin).await, open);

    server.pass(10 * MINUTE - 1);
    assert_eq!(by_status(&admin).await, open, "a millisecond is left");
    server.pass(1);
    let two = state(&["always", "third", "also"], &["first", "second"]);
    assert_eq!(by_status(&admin).await, two, "the time has come");
    until("the rows say so as well", async || {
        // Before, during and after the sweep the lists and the totals say the same.
        assert_eq!(by_status(&admin).await, two);
        number(&server.home, SHUT).await == 2
    })
    .await;
    assert_eq!(by_status(&admin).await, two);
    let updated = "select count(*) from users where updated <> created";
    assert_eq!(number(&server.home, updated).await, 0, "nobody has changed anything of theirs");
    let noted = "select count(*) from events where what = 'user.time_came' and principal = 'system:sweep'";
    assert_eq!(number(&server.home, noted).await, 2);
    assert_eq!(user(&admin, "first").await.status, ShownStatus::Locked);
    assert_eq!(user(&admin, "third").await.status, ShownStatus::Normal);

    // Who was shut by the sweep is removed or unlocked like others.
    remove(&admin, &["second"]).await;
    assert_eq!(by_status(&admin).await, state(&["always", "third", "also"], &["first"]));
    unlock(&admin, &["first"]).await;
    assert_eq!(by_status(&admin).await, state(&["always", "first", "third", "also"], &[]));

    server.pass(10 * MINUTE);
    remove(&admin, &["third"]).await;
    assert_eq!(by_status(&admin).await, state(&["always", "first", "also"], &[]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_comes_while_the_server_is_down_counts_as_well() {
    let server = Server::start().await;
    let admin = server.administrator();
    make_with(&admin, locking_at("2026-01-16", &["alice"])).await;
    create(&admin, &["bob", "carol"]).await;
    lock(&admin, &["carol"]).await;
    server.pass(2 * model::time::DAY);

    let server = server.restart().await;
    let admin = server.administrator();

    assert_eq!(by_status(&admin).await, state(&["bob"], &["alice", "carol"]));
    until("the rows say so as well", async || number(&server.home, SHUT).await == 2).await;
    assert_eq!(by_status(&admin).await, state(&["bob"], &["alice", "carol"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_and_a_time_that_has_come_are_one_shut_account() {
    let server = Server::start().await;
    let admin = server.administrator();
    make_with(&admin, locking_at("2026-01-15 16:40:00", &["alice", "bob", "carol"])).await;
    lock(&admin, &["alice"]).await;
    assert_eq!(by_status(&admin).await, state(&["bob", "carol"], &["alice"]));

    server.pass(10 * MINUTE);
    lock(&admin, &["bob"]).await;
    let all = state(&[], &["alice", "bob", "carol"]);
    assert_eq!(by_status(&admin).await, all);
    until("the rows say so as well", async || number(&server.home, SHUT).await == 3).await;
    assert_eq!(by_status(&admin).await, all);

    // Both reasons go at once.
    unlock(&admin, &["alice", "bob"]).await;
    assert_eq!(by_status(&admin).await, state(&["alice", "bob"], &["carol"]));
    lock(&admin, &["carol"]).await;
    unlock(&admin, &["carol"]).await;
    assert_eq!(by_status(&admin).await, state(&["alice", "bob", "carol"], &[]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocking_keeps_a_time_ahead_clears_a_past_one_and_sets_the_one_it_is_given() {
    let server = Server::start().await;
    let admin = server.administrator();
    make_with(&admin, locking_at("2026-01-15 16:40:00", &["past", "given"])).await;
    make_with(&admin, locking_at("2026-01-16", &["ahead", "sooner"])).await;
    create(&admin, &["never"]).await;
    server.pass(10 * MINUTE);
    assert_eq!(by_status(&admin).await, state(&["ahead", "sooner", "never"], &["past", "given"]));

    unlock(&admin, &["past", "ahead", "never"]).await;
    let reply = unlock_until(&admin, &["given", "sooner"], "2026-01-15 17:00:00").await.expect("it is right");
    assert_eq!(unlocked(&reply).0, ["given", "sooner"]);

    let mut shown = Vec::new();
    for name in ["past", "given", "ahead", "sooner", "never"] {
        shown.push(filtered(&admin, name).await.auto_lock_time);
    }
    let soon = Some("2026-01-15 17:00:00".to_owned());
    assert_eq!(shown, [None, soon.clone(), Some("2026-01-16".to_owned()), soon, None]);
    assert_eq!(by_status(&admin).await, state(&["past", "given", "ahead", "sooner", "never"], &[]));

    server.pass(20 * MINUTE);
    assert_eq!(by_status(&admin).await, state(&["past", "ahead", "never"], &["given", "sooner"]));
    server.pass(model::time::DAY);
    assert_eq!(by_status(&admin).await, state(&["past", "never"], &["given", "ahead", "sooner"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_none_or_past_refuses_the_call_and_unlocks_nobody() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    lock(&admin, &["alice"]).await;

    for time in [
        "2026-01-15 16:30:00",
        "2026-01-15 16:29:59",
        "2026-01-15",
        "2026-02-30",
        "2026-02-29 12:00:00",
        "2026-13-01",
        "2026-03-03 24:00:00",
        "2026-03-03 12:60:00",
        "2026-3-3",
        "2026-03-03 12:00",
        "2026-03-03T12:00:00",
        "2026-03-03T12:00:00Z",
        "03.03.2026",
        "tomorrow",
        "1770000000000",
    ] {
        let fault = unlock_until(&admin, &["alice", "bob"], time).await.expect_err("it is no time ahead");
        assert_eq!(fault.brief(), "400 InvalidAutoLockTime", "{time}");
        assert_eq!(fault.message, "Specified parameter AutoLockTime is not valid.", "{time}");
    }
    assert_eq!(by_status(&admin).await, state(&["bob"], &["alice"]));
    assert_eq!(filtered(&admin, "bob").await.auto_lock_time, None);

    // An empty text is none.
    unlock_until(&admin, &["alice", "bob"], "").await.expect("it is as good as absent");
    assert_eq!(by_status(&admin).await, state(&["alice", "bob"], &[]));
    unlock_until(&admin, &["alice"], "2026-01-15 16:30:01").await.expect("it is ahead");
    server.pass(1_000);
    assert_eq!(by_status(&admin).await, state(&["bob"], &["alice"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_stays_shut_whatever_this_door_does() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    make_with(&admin, locking_at("2026-01-15 16:40:00", &["bob"])).await;
    create(&admin, &["carol"]).await;
    disable(&server.home, "bob").await;
    lock(&admin, &["alice"]).await;
    assert_eq!(by_status(&admin).await, state(&["carol"], &["alice", "bob"]));

    let reply = unlock_until(&admin, &["alice", "bob"], "2026-01-16").await.expect("the call is right");
    assert_eq!(unlocked(&reply), (vec!["alice"], vec![("bob", "OperationDenied.UserDisabled")]));
    let time = filtered(&admin, "bob").await.auto_lock_time;
    assert_eq!(time.as_deref(), Some("2026-01-15 16:40:00"), "nothing of it has changed");
    assert_eq!(by_status(&admin).await, state(&["alice", "carol"], &["bob"]));

    assert_eq!(locked(&lock(&admin, &["bob", "carol"]).await).0, ["bob", "carol"]);
    let reply = unlock(&admin, &["bob", "carol"]).await;
    assert_eq!(unlocked(&reply), (vec!["carol"], vec![("bob", "OperationDenied.UserDisabled")]));
    server.pass(10 * MINUTE);
    assert_eq!(by_status(&admin).await, state(&["alice", "carol"], &["bob"]));
    remove(&admin, &["bob"]).await;
    assert_eq!(by_status(&admin).await, state(&["alice", "carol"], &[]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_sign_ins_shut_an_account_for_their_time_and_unlocking_ends_it() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob", "carol", "dave"]).await;
    make_with(&admin, locking_at("2026-01-15 16:35:00", &["erin"])).await;
    let later = NOW + 10 * MINUTE;
    execute(
        &server.home,
        &format!("update users set lock_until = {later} where username_key <> 'carol' and is_system = 0"),
    )
    .await;
    assert_eq!(by_status(&admin).await, state(&["carol"], &["alice", "bob", "dave", "erin"]));

    assert_eq!(unlocked(&unlock(&admin, &["alice"]).await).0, ["alice"]);

    assert_eq!(by_status(&admin).await, state(&["alice", "carol"], &["bob", "dave", "erin"]));
    lock(&admin, &["carol"]).await;
    lock(&admin, &["dave"]).await;
    let shut = state(&["alice"], &["bob", "carol", "dave", "erin"]);
    assert_eq!(by_status(&admin).await, shut, "whoever is shut for two reasons is counted once");
    server.pass(10 * MINUTE - 1);
    assert_eq!(by_status(&admin).await, shut);
    server.pass(1);
    let over = state(&["alice", "bob"], &["carol", "dave", "erin"]);
    assert_eq!(by_status(&admin).await, over, "their time is over, and that of erin has come");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_changes_nothing_else_and_outlives_the_server() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let before = admin.call("DescribeUsers", &[]).await.json()["Users"].take();

    lock(&admin, &["alice"]).await;
    let server = server.restart().await;
    let admin = server.administrator();

    let mut after = admin.call("DescribeUsers", &[]).await.json()["Users"].take();
    assert_eq!(after[0]["Status"].take(), json!(9));
    after[0]["Status"] = json!(0);
    assert_eq!(after, before);
    let shut = DescribeUsers { status: Some(ShownStatus::Locked), ..DescribeUsers::default() };
    assert_eq!(describe(&admin, &shut).await.expect("the call is right").count, Some(1));
    assert_eq!(everybody(&admin).await, ["alice", "bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_lock_and_unlock_at_once_none_is_lost() {
    let server = Server::start().await;
    let names: Vec<String> = (0..20).map(|n| format!("user_{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let backward: Vec<&str> = names.iter().rev().copied().collect();
    let clients: Vec<Client> = (0..4).map(|_| server.administrator()).collect();
    create(&clients[0], &names).await;
    for _ in 0..10 {
        let (a, b, c, d) = tokio::join!(
            lock(&clients[0], &names),
            unlock(&clients[1], &backward),
            lock(&clients[2], &backward),
            unlock(&clients[3], &names)
        );
        assert_eq!((locked(&a).0, locked(&c).0), (names.clone(), backward.clone()));
        assert_eq!((unlocked(&b).0, unlocked(&d).0), (backward.clone(), names.clone()));
        let (open, shut) = by_status(&clients[0]).await;
        assert_eq!(open.len() + shut.len(), names.len());
        assert!(open.is_empty() || shut.is_empty(), "each call is one change: {open:?}, {shut:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmin_is_found_by_its_state_where_it_is_named() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["deputy"]).await;
    promote(&server.home, "deputy", 2).await;
    let found = async |status: ShownStatus| {
        let request = DescribeUsers {
            end_user_ids: Some(texts(&["superadmin"])),
            status: Some(status),
            ..DescribeUsers::default()
        };
        find(&admin, &request).await.len()
    };
    let seen = async || (found(ShownStatus::Normal).await, found(ShownStatus::Locked).await);
    assert_eq!(seen().await, (1, 0));

    let guesses = |until: i64| format!("update users set lock_until = {until} where is_system = 1");
    execute(&server.home, &guesses(NOW + MINUTE)).await;
    assert_eq!(user(&admin, "superadmin").await.status, ShownStatus::Locked);
    assert_eq!(seen().await, (0, 1), "after failed sign-ins");
    server.pass(MINUTE);
    assert_eq!(seen().await, (1, 0), "their time is over");

    unlock_until(&admin, &["superadmin"], "2026-01-15 16:40:00").await.expect("there is a deputy");
    server.pass(9 * MINUTE);
    assert_eq!(seen().await, (0, 1), "its time has come");
    until("the row says so as well", async || {
        assert_eq!(seen().await, (0, 1));
        number(&server.home, SHUT).await == 1
    })
    .await;
    assert_eq!(by_status(&admin).await, state(&["deputy"], &[]), "it is nobody whom a list counts");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_note_a_time_that_has_come_once() {
    let home = Home::new().await.with_running_clock();
    if !home.is_shared() {
        return;
    }
    let (one, other) = tokio::join!(home.open(), home.open());
    let (on_one, on_other) = (home.client(one.address), home.client(other.address));
    let names: Vec<String> = (0..300).map(|n| format!("user_{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    create(&on_one, &names).await;
    for (day, next) in ["2026-01-16", "2026-01-17", "2026-01-18", "2026-01-19"].into_iter().enumerate() {
        let reply = unlock_until(&on_one, &names, next).await.expect("the day is ahead");
        assert_eq!(unlocked(&reply).0.len(), 300);
        assert_eq!(by_status(&on_other).await.1.len(), 0, "day {day}");

        home.clock.pass(model::time::DAY);
        // Some are unlocked while both servers look at the clock.
        let (first, last) = tokio::join!(unlock(&on_one, &names[..20]), unlock(&on_other, &names[280..]));
        assert_eq!((unlocked(&first).0.len(), unlocked(&last).0.len()), (20, 20));

        until("the rows say so as well", async || number(&home, SHUT).await == 260).await;
        for client in [&on_one, &on_other] {
            let (open, shut) = by_status(client).await;
            assert_eq!((open.len(), shut.len()), (40, 260), "day {day}");
        }
    }
    one.stop().await;
    other.stop().await;
    home.verify().await;
}
