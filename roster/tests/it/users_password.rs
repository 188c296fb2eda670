//! `ResetUserPassword` and `ChangeUserPassword`, and the messages that wait to be sent.
//!
//! Source: `reference/eds-user.md`, 2 and its note e, 5 and 38; `reference/doors.md` §1.2.

use api::Password;
use api::eds::{
    ChangeUserPassword, CreateUsers, DescribeUsers, NewUser, ResetUserPassword, ResetUserPasswordReply,
};
use futures_util::future::join_all;
use model::time::DAY;
use serde_json::json;

use crate::support::{
    Client, Fault, GOOD, Home, Server, create, create_users, list, lock, make, make_with, managed, new_user,
    number, promote, remove, text, texts, user,
};

const BETTER: &str = "Battery-staple-2";
/// Ways of a message.
const MAIL: i64 = 1;
const TEXT: i64 = 2;

/// How many messages wait that lead this user to a new password, by this way.
async fn resets(home: &Home, name: &str, way: i64) -> i64 {
    waiting(home, name, "password_reset", way).await
}

/// How many messages wait about this user.
async fn waiting(home: &Home, name: &str, template: &str, way: i64) -> i64 {
    let question = format!(
        "select count(*) from outbox o join users u on u.directory = o.directory and u.number = o.user_number
         where u.username_key = '{name}' and o.template = '{template}' and o.way = {way}"
    );
    number(home, &question).await
}

/// How many messages wait.
async fn all_waiting(home: &Home) -> i64 {
    number(home, "select count(*) from outbox").await
}

/// What is kept of the user's password; empty without one.
async fn password(home: &Home, name: &str) -> String {
    let question = format!(
        "select coalesce(max(p.hash), '') from passwords p
         join users u on u.directory = p.directory and u.number = p.user_number where u.username_key = '{name}'"
    );
    text(home, &question).await
}

/// Asks for new passwords.
async fn reset(client: &Client, parameters: &[(&str, &str)]) -> ResetUserPasswordReply {
    let answer = client.call("ResetUserPassword", parameters).await;
    assert_eq!(answer.status, 200, "{parameters:?}: {}", answer.text());
    serde_json::from_value(answer.json()).expect("the reply has its declared form")
}

/// Who is told, and who is not with which code.
fn outcome(reply: &ResetUserPasswordReply) -> (Vec<&str>, Vec<(&str, &str)>) {
    let result = &reply.reset_users_result;
    let failed = result.failed_users.iter().map(|user| (user.end_user_id.as_str(), user.error_code.as_str()));
    (result.reset_users.iter().map(String::as_str).collect(), failed.collect())
}

/// Sets a password.
async fn change(client: &Client, name: &str, password: &str) -> Result<(), Fault> {
    let request = ChangeUserPassword { end_user_id: name.to_owned(), new_password: Password::new(password) };
    client.send(&request).await.map(|_| ())
}

fn with(name: &str, email: &str, phone: &str) -> NewUser {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    NewUser { email: given(email), phone: given(phone), ..new_user(name) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_name_is_told_or_fails_for_itself() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![with("alice", "a@example.com", ""), with("bob", "", "13800000001")]).await;
    let before = all_waiting(&server.home).await;

    let answer = admin
        .call(
            "ResetUserPassword",
            &[
                ("Users.1", "Alice"),
                ("Users.2", "nobody"),
                ("Users.3", "bob"),
                ("Users.4", "superadmin"),
                ("Users.5", "ALICE"),
                ("Users.6", "nobody"),
                ("BusinessChannel", "ENTERPRISE"),
            ],
        )
        .await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "RequestId": "[id]",
      "ResetUsersResult": {
        "FailedUsers": [
          {
            "EndUserId": "nobody",
            "ErrorCode": "InvalidUsername",
            "ErrorMessage": "nobody is an invalid username."
          },
          {
            "EndUserId": "bob",
            "ErrorCode": "MissingEmailOrPhone",
            "ErrorMessage": "Nothing reaches the user bob by NotifyType 1 (email)."
          },
          {
            "EndUserId": "superadmin",
            "ErrorCode": "MissingEmailOrPhone",
            "ErrorMessage": "Nothing reaches the user superadmin by NotifyType 1 (email)."
          }
        ],
        "ResetUsers": [
          "Alice"
        ]
      }
    }
    "#);
    assert_eq!(resets(&server.home, "alice", MAIL).await, 1, "a name that comes again counts once");
    assert_eq!(all_waiting(&server.home).await, before + 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_by_the_ways_that_were_asked_for() {
    let server = Server::start().await;
    let admin = server.administrator();
    let users = vec![
        with("both", "b@example.com", "13800000001"),
        with("mail", "m@example.com", ""),
        with("text", "", "13800000002"),
    ];
    make(&admin, users).await;
    let missing = |name| vec![(name, "MissingEmailOrPhone")];
    let names = [("Users.1", "both"), ("Users.2", "mail"), ("Users.3", "text")];
    // Of each user the messages by mail and by text message, after the call and all before it.
    let cases = [
        (None, vec!["both", "mail"], missing("text"), [(1, 0), (1, 0), (0, 0)]),
        (Some(""), vec!["both", "mail"], missing("text"), [(2, 0), (2, 0), (0, 0)]),
        (Some("1"), vec!["both", "mail"], missing("text"), [(3, 0), (3, 0), (0, 0)]),
        (Some("2"), vec!["both", "text"], missing("mail"), [(3, 1), (3, 0), (0, 1)]),
        (Some("3"), vec!["both", "mail", "text"], vec![], [(4, 2), (4, 0), (0, 2)]),
    ];
    for (way, told, failed, waiting) in cases {
        let parameters: Vec<_> = names.into_iter().chain(way.map(|way| ("NotifyType", way))).collect();
        let reply = reset(&admin, &parameters).await;
        assert_eq!(outcome(&reply), (told, failed), "NotifyType={way:?}");
        for (name, (mails, texts)) in ["both", "mail", "text"].into_iter().zip(waiting) {
            let found = (resets(&server.home, name, MAIL).await, resets(&server.home, name, TEXT).await);
            assert_eq!(found, (mails, texts), "NotifyType={way:?}, {name}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_tells_nobody() {
    let server = Server::start().await;
    let admin = server.administrator();
    let all: Vec<String> = (1..=101).map(|n| format!("user_{n}")).collect();
    create(&admin, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let before = all_waiting(&server.home).await;
    let named = |count: usize| -> Vec<(String, String)> {
        (1..=count).map(|n| (format!("Users.{n}"), format!("user_{n}"))).collect()
    };
    let with = |value: &str| [named(1), vec![("NotifyType".to_owned(), value.to_owned())]].concat();
    let cases = [
        (with("0"), "400 InvalidNotifyType"),
        (with("4"), "400 InvalidNotifyType"),
        (with("-1"), "400 InvalidNotifyType"),
        (with("mail"), "400 InvalidNotifyType"),
        (with("1.0"), "400 InvalidNotifyType"),
        (Vec::new(), "400 MissingUsers"),
        (vec![("Users".to_owned(), "[]".to_owned())], "400 MissingUsers"),
        (vec![("Users".to_owned(), "user_1".to_owned())], "400 InvalidUsers"),
        (vec![("Users".to_owned(), "[".to_owned())], "400 InvalidUsers"),
        (named(101), "400 InvalidUsers"),
    ];
    for (parameters, refusal) in cases {
        let answer = admin.exchange(&admin.post("ResetUserPassword", &parameters)).await;
        assert_eq!(answer.refusal(), refusal, "{:?} …", parameters.last());
    }
    assert_eq!(all_waiting(&server.home).await, before);

    let answer = admin.exchange(&admin.post("ResetUserPassword", &named(100))).await.json();
    assert_eq!(answer["ResetUsersResult"], json!({"ResetUsers": all[..100], "FailedUsers": []}));
    assert_eq!(all_waiting(&server.home).await, before + 100);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_whom_the_administrator_activates_somebody_must_be_reachable_who_may_manage_the_account() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(
        &admin,
        vec![
            managed("alone"),
            NewUser { phone: Some("13800000001".into()), ..managed("phone") },
            managed("boss"),
        ],
    )
    .await;
    create(&admin, &["manager"]).await;
    promote(&server.home, "boss", 1).await;
    let missing = |name| vec![(name, "MissingEmailOrPhone")];

    // Nobody manages who could be written to; some can be written to themselves.
    assert_eq!(outcome(&reset(&admin, &[("Users.1", "alone")]).await).1, missing("alone"));
    let reply = reset(&admin, &[("Users.1", "alone"), ("Users.2", "phone"), ("NotifyType", "2")]).await;
    assert_eq!(outcome(&reply), (vec!["phone"], missing("alone")));
    assert_eq!(resets(&server.home, "phone", TEXT).await, 1);

    // An admin manages users, not admins.
    promote(&server.home, "manager", 1).await;
    let reply = reset(&admin, &[("Users.1", "alone"), ("Users.2", "boss"), ("Users.3", "phone")]).await;
    assert_eq!(outcome(&reply), (vec!["alone", "phone"], missing("boss")));
    assert_eq!(resets(&server.home, "alone", MAIL).await, 1);
    let by_text = reset(&admin, &[("Users.1", "alone"), ("NotifyType", "2")]).await;
    assert_eq!(outcome(&by_text).1, missing("alone"), "no manager has a number");

    // A superadmin manages everybody.
    admin.call("ModifyUser", &[("EndUserId", "superadmin"), ("Email", "root@example.com")]).await;
    assert_eq!(outcome(&reset(&admin, &[("Users.1", "boss")]).await).0, ["boss"]);
    assert_eq!(resets(&server.home, "boss", MAIL).await, 1, "one message, whoever gets it");
    assert_eq!(outcome(&reset(&admin, &[("Users.1", "superadmin")]).await).0, ["superadmin"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_new_password_leaves_the_old_one_and_the_user_as_they_are() {
    let server = Server::start().await;
    let admin = server.administrator();
    let request =
        CreateUsers { password: Some(Password::new(GOOD)), ..create_users(vec![new_user("alice")]) };
    make_with(&admin, request).await;
    lock(&admin, &["alice"]).await;
    let updated = "select updated from users where username_key = 'alice'";
    let before = (password(&server.home, "alice").await, number(&server.home, updated).await);
    server.pass(1_000);

    assert_eq!(outcome(&reset(&admin, &[("Users.1", "alice")]).await).0, ["alice"]);

    let after = (password(&server.home, "alice").await, number(&server.home, updated).await);
    assert_eq!(after, before);
    assert!(!after.0.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_installation_says_so_the_old_password_ends_with_the_asking() {
    let mut home = Home::new().await;
    home.serve.eds.reset_ends_password = true;
    let server = Server::within(home).await;
    let admin = server.administrator();
    let request = CreateUsers {
        password: Some(Password::new(GOOD)),
        password_expire_days: Some(30.try_into().expect("in range")),
        ..create_users(vec![
            new_user("alice"),
            NewUser { email: None, phone: Some("13800000001".into()), ..new_user("bob") },
        ])
    };
    make_with(&admin, request).await;

    let reply = reset(&admin, &[("Users.1", "alice"), ("Users.2", "bob")]).await;

    assert_eq!(outcome(&reply), (vec!["alice"], vec![("bob", "MissingEmailOrPhone")]));
    assert!(password(&server.home, "alice").await.is_empty());
    assert!(!password(&server.home, "bob").await.is_empty(), "who cannot be told keeps it");
    let signed_out = "select count(*) from users where username = '{}' and signed_out is not null";
    for (name, expected) in [("alice", 1), ("bob", 0)] {
        assert_eq!(number(&server.home, &signed_out.replace("{}", name)).await, expected, "{name}");
    }
    let days: Vec<_> = [user(&admin, "alice").await, user(&admin, "bob").await]
        .map(|user| user.password_expire_rest_days)
        .into();
    assert_eq!(days, [None, Some(30)]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_made_without_a_password_is_invited_and_who_goes_is_not_written_to() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(
        &admin,
        vec![
            with("mail", "m@example.com", "13800000001"),
            with("text", "", "13800000002"),
            managed("managed"),
        ],
    )
    .await;
    let request =
        CreateUsers { password: Some(Password::new(GOOD)), ..create_users(vec![new_user("given")]) };
    make_with(&admin, request).await;
    for (name, mails, texts) in [("mail", 1, 0), ("text", 0, 1), ("managed", 0, 0), ("given", 0, 0)] {
        let found = (
            waiting(&server.home, name, "invitation", MAIL).await,
            waiting(&server.home, name, "invitation", TEXT).await,
        );
        assert_eq!(found, (mails, texts), "{name}");
    }
    reset(&admin, &[("Users.1", "mail"), ("Users.2", "given"), ("NotifyType", "3")]).await;
    assert_eq!(all_waiting(&server.home).await, 5);

    remove(&admin, &["mail"]).await;
    assert_eq!(all_waiting(&server.home).await, 2);
    remove(&admin, &["text", "given", "managed"]).await;
    assert_eq!(all_waiting(&server.home).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_made_is_not_invited() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let nowhere = NewUser { org_id: Some("org-08nirkf56rh6k7jht".into()), ..new_user("nowhere") };
    let reply = admin.send(&create_users(vec![new_user("alice"), nowhere])).await.expect("the call is right");

    assert_eq!(reply.create_result.failed_users.len(), 2);
    assert_eq!(all_waiting(&server.home).await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_takes_the_place_of_the_old_one_and_begins_its_days() {
    let server = Server::start().await;
    let admin = server.administrator();
    let request = CreateUsers {
        password_expire_days: Some(30.try_into().expect("in range")),
        ..create_users(vec![managed("alice"), managed("bob")])
    };
    make_with(&admin, request).await;
    lock(&admin, &["alice"]).await;
    let days = async || {
        let users = list(&admin, &DescribeUsers::default()).await;
        users.iter().map(|user| user.password_expire_rest_days).collect::<Vec<_>>()
    };
    let must_change = "select count(*) from users where password_must_change = 1";
    let before = (password(&server.home, "alice").await, password(&server.home, "bob").await);
    server.pass(10 * DAY);
    assert_eq!(days().await, [Some(20), Some(20)]);

    change(&admin, " ALICE ", BETTER).await.expect("it is right");

    let after = (password(&server.home, "alice").await, password(&server.home, "bob").await);
    assert!(after.0 != before.0 && after.1 == before.1, "{before:?}, {after:?}");
    assert_eq!(days().await, [Some(30), Some(20)]);
    assert_eq!(number(&server.home, must_change).await, 0);
    assert_eq!(i64::from(user(&admin, "alice").await.status), 9, "a lock stays");
    server.pass(40 * DAY);
    assert_eq!(days().await, [Some(0), Some(0)]);
    change(&admin, "alice", BETTER).await.expect("the same one is a new one");
    assert_eq!(days().await, [Some(30), Some(0)]);
    assert_ne!(password(&server.home, "alice").await, after.0, "another salt");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_breaks_the_rule_or_is_not_the_administrator_s_to_set_is_refused() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![managed("alice")]).await;
    let request =
        CreateUsers { password: Some(Password::new(GOOD)), ..create_users(vec![new_user("normal")]) };
    make_with(&admin, request).await;
    let before = (password(&server.home, "alice").await, password(&server.home, "normal").await);

    let long = "Aa1".repeat(86);
    for wrong in [
        "Short-1aA",
        "alllowercase",
        "lowercase12",
        "LOWERCASE12",
        "12345678-901",
        "lower case 1",
        &long[..257],
    ] {
        let fault = change(&admin, "alice", wrong).await.expect_err("it breaks the rule");
        assert_eq!(fault.brief(), "400 InvalidNewPassword", "{wrong}");
        assert!(!fault.message.contains(wrong), "nobody repeats it");
    }
    for (name, password, refusal) in [
        ("normal", BETTER, "400 OperationDenied.OwnerType"),
        ("NORMAL", BETTER, "400 OperationDenied.OwnerType"),
        ("superadmin", BETTER, "400 OperationDenied.OwnerType"),
        ("ghost", BETTER, "400 InvalidEndUserId.NotFound"),
        ("not a name", BETTER, "400 InvalidEndUserId.NotFound"),
        ("", BETTER, "400 MissingEndUserId"),
        ("alice", "", "400 MissingNewPassword"),
    ] {
        assert_eq!(change(&admin, name, password).await.expect_err("refused").brief(), refusal, "{name:?}");
    }
    for (parameters, refusal) in [
        (&[("EndUserId", "alice")][..], "400 MissingNewPassword"),
        (&[("NewPassword", BETTER)], "400 MissingEndUserId"),
        (&[], "400 MissingEndUserId"),
    ] {
        assert_eq!(admin.call("ChangeUserPassword", parameters).await.refusal(), refusal, "{parameters:?}");
    }
    let after = (password(&server.home, "alice").await, password(&server.home, "normal").await);
    assert_eq!(after, before, "a call that is refused changes nothing");

    for right in [&long[..256], "Correct horse 1", "密码密码密码密码aA"] {
        change(&admin, "alice", right).await.unwrap_or_else(|fault| panic!("{right}: {fault:?}"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_passwords_are_set_at_once() {
    let server = Server::start().await;
    let clients: Vec<Client> = (0..8).map(|_| server.administrator()).collect();
    make(&clients[0], vec![managed("alice"), managed("bob")]).await;

    let replies = join_all(clients.iter().enumerate().map(|(at, client)| {
        let name = ["alice", "bob"][at % 2];
        async move { change(client, name, &format!("{BETTER}-{at}")).await }
    }))
    .await;

    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
    let request = ResetUserPassword { users: texts(&["alice"]), notify_type: api::eds::NotifyType::Both };
    let reply = clients[0].send(&request).await.expect("the call is right");
    assert_eq!(outcome(&reply).1, [("alice", "MissingEmailOrPhone")]);
    server.stop().await;
}
