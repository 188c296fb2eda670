//! `RemoveUsers`.
//!
//! Source: `reference/eds-user.md`, 3 and X.7; `reference/doors.md` §1.1 and §4.2.

use api::eds::{DescribeUsers, RemoveUsersReply};

use crate::support::{Server, create, everybody, find, list, remove};

/// Who is gone, and who is not with which code.
fn outcome(reply: &RemoveUsersReply) -> (Vec<&str>, Vec<(&str, &str)>) {
    let result = &reply.remove_users_result;
    (
        result.removed_users.iter().map(String::as_str).collect(),
        result
            .failed_users
            .iter()
            .map(|user| (user.end_user_id.as_str(), user.error_code.as_str()))
            .collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_name_is_removed_or_fails_for_itself() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob", "carol"]).await;

    let answer = admin
        .call(
            "RemoveUsers",
            &[
                ("Users.1", "carol"),
                ("Users.2", "nobody"),
                ("Users.3", "superadmin"),
                ("Users.4", "alice"),
                ("Users.5", "not a name"),
                ("BusinessChannel", "ENTERPRISE"),
            ],
        )
        .await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "RemoveUsersResult": {
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
        "RemovedUsers": [
          "carol",
          "alice"
        ]
      },
      "RequestId": "[id]"
    }
    "#);
    assert_eq!(everybody(&admin).await, ["bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_comes_again_counts_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;

    let reply = remove(&admin, &["alice", "ghost", "Alice", "alice", "GHOST", "bob"]).await;

    assert_eq!(outcome(&reply), (vec!["alice", "bob"], vec![("ghost", "InvalidUsername")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_looked_up_without_case_and_answered_as_they_were_written() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;

    let reply = remove(&admin, &["ALICE", " Bob ", "ａｌｉｃｅ", "SuperAdmin"]).await;

    let last = ("SuperAdmin", "OperationDenied.LastSuperadmin");
    assert_eq!(outcome(&reply), (vec!["ALICE", " Bob "], vec![last]));
    assert!(everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_gone_from_every_list_and_the_name_is_free() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let before = list(&admin, &DescribeUsers::default()).await;

    assert_eq!(outcome(&remove(&admin, &["alice"]).await).0, ["alice"]);

    let named = |name: &str| DescribeUsers {
        end_user_ids: Some(vec![name.to_owned()].try_into().expect("one")),
        ..DescribeUsers::default()
    };
    let filtered = |text: &str| DescribeUsers { filter: Some(text.into()), ..DescribeUsers::default() };
    let in_root = DescribeUsers { org_id: Some("org-aliyun-wy-org-id".into()), ..DescribeUsers::default() };
    assert_eq!(find(&admin, &named("alice")).await, Vec::<String>::new());
    assert_eq!(find(&admin, &filtered("alice")).await, Vec::<String>::new());
    assert_eq!(find(&admin, &filtered("li")).await, Vec::<String>::new());
    assert_eq!(find(&admin, &filtered("a*")).await, Vec::<String>::new());
    assert_eq!(find(&admin, &in_root).await, ["bob"]);
    assert_eq!(everybody(&admin).await, ["bob"]);
    assert_eq!(outcome(&remove(&admin, &["alice"]).await).1, [("alice", "InvalidUsername")]);

    create(&admin, &["alice"]).await;
    let after = list(&admin, &named("alice")).await;
    assert!(after[0].id > before[1].id && after[0].wy_id != before[0].wy_id, "it is a new user");
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
    let cases = [
        (Vec::new(), "400 MissingUsers"),
        (vec![("Users".to_owned(), String::new())], "400 MissingUsers"),
        (vec![("Users".to_owned(), "user_1".to_owned())], "400 InvalidUsers"),
        (vec![("Users".to_owned(), r#"{"a":"user_1"}"#.to_owned())], "400 InvalidUsers"),
        (vec![("Users.1.EndUserId".to_owned(), "user_1".to_owned())], "400 InvalidUsers"),
        (named(501), "400 InvalidUsers"),
    ];
    for (parameters, refusal) in cases {
        let answer = admin.exchange(&admin.post("RemoveUsers", &parameters)).await;
        assert_eq!(answer.refusal(), refusal, "{:?} …", parameters.first());
    }
    assert_eq!(everybody(&admin).await.len(), 500, "a call that is refused removes nobody");

    let answer = admin.exchange(&admin.post("RemoveUsers", &named(500))).await;
    let removed = answer.json()["RemoveUsersResult"]["RemovedUsers"].as_array().expect("a list").clone();
    assert_eq!(removed, all);
    assert!(everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_names_may_be_json() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;

    let answer = admin.call("RemoveUsers", &[("Users", r#"["alice","bob"]"#)]).await;

    assert_eq!(answer.json()["RemoveUsersResult"]["FailedUsers"], serde_json::json!([]));
    assert!(everybody(&admin).await.is_empty());
    server.stop().await;
}
