//! RAM users through the RAM door: made, shown, listed, changed and deleted.
//!
//! Source: `reference/ram.md` 1, 2 and 8.

use serde_json::json;

use crate::support::{
    Client, Server, answered, each, execute, make_ram_key, make_ram_users, other_account, replied, text,
};

fn root(server: &Server) -> Client {
    server.administrator().ram()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_made_and_shown_as_it_was_given() {
    let server = Server::start().await;
    let admin = root(&server);
    let given = [
        ("UserName", "Alice.li-1_x"),
        ("DisplayName", "李雷 Alice"),
        ("MobilePhone", "86-13800000000"),
        ("Email", "alice@example.org"),
        ("Comments", "reads 👩‍🚀"),
    ];

    let made = replied(&admin, "CreateUser", &given).await;

    let id = made["User"]["UserId"].as_str().expect("a text").to_owned();
    assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    assert_eq!(
        made,
        json!({ "User": {
            "UserId": id, "UserName": "Alice.li-1_x", "DisplayName": "李雷 Alice", "MobilePhone": "86-13800000000",
            "Email": "alice@example.org", "Comments": "reads 👩‍🚀",
            "CreateDate": "2026-01-15T08:30:00Z", "UpdateDate": "2026-01-15T08:30:00Z",
        } })
    );
    assert_eq!(replied(&admin, "GetUser", &given[..1]).await, made);
    let who = "select principal || ' ' || door from events where what = 'ram-user.created'";
    assert!(text(&server.home, who).await.ends_with(":root ram"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_display_name_a_user_is_called_by_its_name() {
    let server = Server::start().await;
    let admin = root(&server);

    for (name, parameters) in
        [("a", vec![]), ("b", vec![("DisplayName", ""), ("Email", ""), ("Comments", "")])]
    {
        let parameters: Vec<_> = [("UserName", name)].into_iter().chain(parameters).collect();
        let user = replied(&admin, "CreateUser", &parameters).await["User"].clone();
        assert_eq!(user["DisplayName"], name);
        assert_eq!((user.get("Email"), user.get("Comments"), user.get("MobilePhone")), (None, None, None));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_users_whatever_its_case() {
    let server = Server::start().await;
    let admin = root(&server);
    make_ram_users(&admin, &["alice"]).await;

    for name in ["alice", "ALICE", "Alice"] {
        let exists = "409 EntityAlreadyExists.User";
        assert_eq!(answered(&admin, "CreateUser", &[("UserName", name)]).await, exists);
    }
    // Policies name users to the letter.
    assert_eq!(answered(&admin, "GetUser", &[("UserName", "ALICE")]).await, "404 EntityNotExist.User");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_form_is_refused_by_its_parameter() {
    let server = Server::start().await;
    let admin = root(&server);
    make_ram_users(&admin, &["alice"]).await;
    let (n64, n65, long, longer) = ("a".repeat(64), "a".repeat(65), "é".repeat(128), "é".repeat(129));

    for (parameters, expected) in [
        (vec![], "400 MissingParameter.UserName"),
        (vec![("UserName", "")], "400 MissingParameter.UserName"),
        (vec![("UserName", n65.as_str())], "400 InvalidParameter.UserName.Length"),
        (vec![("UserName", "a b")], "400 InvalidParameter.UserName.InvalidChars"),
        (vec![("UserName", "李雷")], "400 InvalidParameter.UserName.InvalidChars"),
        (vec![("UserName", "a\u{202e}")], "400 InvalidParameter.UserName.InvalidChars"),
        (vec![("UserName", "a@b")], "400 InvalidParameter.UserName.InvalidChars"),
        (vec![("UserName", "a/../b")], "400 InvalidParameter.UserName.InvalidChars"),
        (vec![("UserName", "*")], "400 InvalidParameter.UserName.InvalidChars"),
        (vec![("UserName", "b"), ("DisplayName", &longer)], "400 InvalidParameter.DisplayName.Length"),
        (vec![("UserName", "b"), ("DisplayName", "a\nb")], "400 InvalidParameter.DisplayName.InvalidChars"),
        (vec![("UserName", "b"), ("Comments", &longer)], "400 InvalidParameter.Comments.Length"),
        (vec![("UserName", "b"), ("Comments", "\0")], "400 InvalidParameter.Comments.InvalidChars"),
        (vec![("UserName", "b"), ("Email", "b")], "400 InvalidParameter.Email.Format"),
        (vec![("UserName", "b"), ("Email", "a b@c")], "400 InvalidParameter.Email.Format"),
        (vec![("UserName", "b"), ("MobilePhone", "13800000000")], "400 InvalidParameter.MobilePhone.Format"),
        (vec![("UserName", "b"), ("MobilePhone", "86-x")], "400 InvalidParameter.MobilePhone.Format"),
        (vec![("UserName", &n64), ("DisplayName", &long), ("Comments", &long)], "200"),
    ] {
        assert_eq!(answered(&admin, "CreateUser", &parameters).await, expected, "{parameters:?}");
    }
    let change = |name, value| [("UserName", "alice"), (name, value)];
    for (parameters, expected) in [
        (change("NewUserName", ""), "400 InvalidParameter.NewUserName.Length"),
        (change("NewUserName", "a b"), "400 InvalidParameter.NewUserName.InvalidChars"),
        (change("NewDisplayName", ""), "400 InvalidParameter.NewDisplayName.Length"),
        (change("NewDisplayName", &longer), "400 InvalidParameter.NewDisplayName.Length"),
        (change("NewEmail", "x"), "400 InvalidParameter.NewEmail.Format"),
        (change("NewMobilePhone", "x"), "400 InvalidParameter.NewMobilePhone.Format"),
        (change("NewComments", &longer), "400 InvalidParameter.NewComments.Length"),
    ] {
        assert_eq!(answered(&admin, "UpdateUser", &parameters).await, expected, "{parameters:?}");
    }
    let users = replied(&admin, "ListUsers", &[]).await;
    assert_eq!(each(&users, "Users", "User", "UserName"), [n64.as_str(), "alice"], "nothing else was made");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_stays_and_an_empty_text_clears() {
    let server = Server::start().await;
    let admin = root(&server);
    let given = [("UserName", "alice"), ("Email", "a@b"), ("MobilePhone", "86-1"), ("Comments", "c")];
    let made = replied(&admin, "CreateUser", &given).await["User"].clone();
    make_ram_users(&admin, &["bob"]).await;
    server.pass(61_000);

    let renamed = [("UserName", "alice"), ("NewUserName", "Carol"), ("NewDisplayName", "C")];
    let user = replied(&admin, "UpdateUser", &renamed).await["User"].clone();
    assert_eq!(user["UserId"], made["UserId"]);
    assert_eq!(
        (&user["UserName"], &user["DisplayName"], &user["Email"]),
        (&json!("Carol"), &json!("C"), &json!("a@b"))
    );
    assert_eq!(
        (&user["CreateDate"], &user["UpdateDate"]),
        (&made["CreateDate"], &json!("2026-01-15T08:31:01Z"))
    );

    let cleared = [("UserName", "Carol"), ("NewEmail", ""), ("NewMobilePhone", ""), ("NewComments", "")];
    let user = replied(&admin, "UpdateUser", &cleared).await["User"].clone();
    assert_eq!((user.get("Email"), user.get("MobilePhone"), user.get("Comments")), (None, None, None));
    assert_eq!(user["DisplayName"], "C");

    // Its own name in another case is free, and another user's is not.
    for (new, expected) in [("CAROL", "200"), ("BOB", "409 EntityAlreadyExists.User")] {
        let name = if expected == "200" { "Carol" } else { "CAROL" };
        let parameters = [("UserName", name), ("NewUserName", new)];
        assert_eq!(answered(&admin, "UpdateUser", &parameters).await, expected);
    }
    assert_eq!(answered(&admin, "UpdateUser", &[("UserName", "alice")]).await, "404 EntityNotExist.User");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_keys_or_policies_is_not_deleted() {
    let server = Server::start().await;
    let admin = root(&server);
    make_ram_users(&admin, &["alice"]).await;
    let alice = [("UserName", "alice")];
    let policy = [("UserName", "alice"), ("PolicyType", "System"), ("PolicyName", "AliyunECDReadOnlyAccess")];
    let key = make_ram_key(&admin, "alice").await;
    replied(&admin, "AttachPolicyToUser", &policy).await;

    assert_eq!(answered(&admin, "DeleteUser", &alice).await, "409 DeleteConflict.User.AccessKey");
    replied(&admin, "DeleteAccessKey", &[alice[0], ("UserAccessKeyId", &key.id)]).await;
    assert_eq!(answered(&admin, "DeleteUser", &alice).await, "409 DeleteConflict.User.Policy");
    replied(&admin, "DetachPolicyFromUser", &policy).await;
    assert_eq!(replied(&admin, "DeleteUser", &alice).await, json!({}));

    for action in ["GetUser", "DeleteUser", "UpdateUser", "ListPoliciesForUser", "ListAccessKeys"] {
        assert_eq!(answered(&admin, action, &alice).await, "404 EntityNotExist.User", "{action}");
    }
    make_ram_users(&admin, &["alice"]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_their_marker_says() {
    let server = Server::start().await;
    let admin = root(&server);
    make_ram_users(&admin, &["e", "B", "d", "a", "C"]).await;

    let mut found = Vec::new();
    let mut marker = String::new();
    loop {
        let page = replied(&admin, "ListUsers", &[("MaxItems", "2"), ("Marker", &marker)]).await;
        let names = each(&page, "Users", "User", "UserName");
        found.extend(names.into_iter().map(str::to_owned));
        let Some(next) = page["Marker"].as_str() else {
            assert_eq!(page["IsTruncated"], json!(false));
            break;
        };
        assert_eq!(page["IsTruncated"], json!(true));
        // Who is made or deleted meanwhile does it no harm.
        if marker.is_empty() {
            replied(&admin, "DeleteUser", &[("UserName", "B")]).await;
        }
        marker = next.to_owned();
    }
    assert_eq!(found, ["a", "B", "C", "d", "e"]);

    let whole = replied(&admin, "ListUsers", &[]).await;
    assert_eq!(each(&whole, "Users", "User", "UserName"), ["a", "C", "d", "e"]);
    assert_eq!((&whole["IsTruncated"], whole.get("Marker")), (&json!(false), None));
    let other = other_account(&server, "other").ram();
    for (caller, action, parameters, expected) in [
        (&admin, "ListUsers", [("MaxItems", "0")], "400 InvalidParameter.MaxItems"),
        (&admin, "ListUsers", [("MaxItems", "1001")], "400 InvalidParameter.MaxItems"),
        (&admin, "ListUsers", [("MaxItems", "x")], "400 InvalidParameter.MaxItems"),
        (&admin, "ListUsers", [("MaxItems", "1000")], "200"),
        (&admin, "ListUsers", [("Marker", "a")], "400 InvalidParameter.Marker"),
        (&admin, "ListUsers", [("Marker", &marker)], "200"),
        (&admin, "ListRoles", [("Marker", &marker)], "400 InvalidParameter.Marker"),
        (&other, "ListUsers", [("Marker", &marker)], "400 InvalidParameter.Marker"),
    ] {
        assert_eq!(answered(caller, action, &parameters).await, expected, "{action} {parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_who_make_one_name_at_once_one_does() {
    let server = Server::start().await;
    let clients: Vec<Client> = (0..6).map(|_| root(&server)).collect();
    let makings = clients.iter().map(|client| answered(client, "CreateUser", &[("UserName", "alice")]));

    let mut answers = futures_util::future::join_all(makings).await;

    answers.sort();
    assert_eq!(answers[0], "200");
    assert_eq!(answers[1..], ["409 EntityAlreadyExists.User"; 5]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_users_are_not_there() {
    let server = Server::start().await;
    let admin = root(&server);
    make_ram_users(&admin, &["alice"]).await;
    let key = make_ram_key(&admin, "alice").await;
    let other = other_account(&server, "other").ram();

    let users = replied(&other, "ListUsers", &[]).await;
    assert_eq!(users, json!({ "IsTruncated": false, "Users": { "User": [] } }));
    for action in ["GetUser", "UpdateUser", "DeleteUser", "ListPoliciesForUser", "CreateAccessKey"] {
        assert_eq!(answered(&other, action, &[("UserName", "alice")]).await, "404 EntityNotExist.User");
    }
    let theirs = [("UserAccessKeyId", key.id.as_str())];
    for action in ["DeleteAccessKey", "GetAccessKeyLastUsed"] {
        assert_eq!(answered(&other, action, &theirs).await, "404 EntityNotExist.User.AccessKey");
    }
    make_ram_users(&other, &["alice"]).await;
    let theirs = [("UserName", "alice"), ("UserAccessKeyId", key.id.as_str()), ("Status", "Inactive")];
    assert_eq!(answered(&other, "UpdateAccessKey", &theirs).await, "404 EntityNotExist.User.AccessKey");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_a_thousand_users_at_most() {
    let server = Server::start().await;
    let admin = root(&server);
    make_ram_users(&admin, &["u0"]).await;
    // By the rows alone: a thousand calls would take long.
    let rows = "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 999)
         insert into ram_users (account, number, id, name, name_key, display_name, comments, email, mobile, created, updated)
         select account, n, 'x' || n, 'x' || n, 'x' || n, '', '', '', '', 0, 0
         from ram_users cross join numbers where name_key = 'u0'";
    execute(&server.home, rows).await;

    assert_eq!(answered(&admin, "CreateUser", &[("UserName", "one-more")]).await, "409 LimitExceeded.User");
    let page = replied(&admin, "ListUsers", &[("MaxItems", "1000")]).await;
    assert_eq!(each(&page, "Users", "User", "UserName").len(), 1_000);
    server.stop_unverified().await;
}
