//! `DescribeGroupUser`: the members of a group, in the order in which they joined.
//!
//! Source: `reference/eds-user.md`, 33, X.4, X.5 and X.8; `reference/doors.md` §6.

use api::eds::{CreateUsers, DescribeGroupUser, DescribeUsers, FilterUsers, NewUser, UserBatchQuitGroup};
use serde_json::json;

use crate::support::{
    Client, Company, Fault, ROOT, Server, create, create_users, describe, filter, find, join, lock, make,
    make_group, new_user, remove, texts,
};

fn of(group: &str) -> DescribeGroupUser {
    DescribeGroupUser { group_id: group.to_owned(), ..DescribeGroupUser::default() }
}

fn pages_of(size: i64, group: &str) -> DescribeGroupUser {
    DescribeGroupUser { max_results: Some(size.try_into().expect("in range")), ..of(group) }
}

/// The names of all members that match, page by page; every page but the last is full.
async fn members(client: &Client, request: &DescribeGroupUser) -> Vec<String> {
    let size = request.max_results.map_or(100, |size| usize::try_from(size.get()).expect("a page size"));
    let mut request = request.clone();
    let mut names = Vec::new();
    loop {
        let page = client.send(&request).await.unwrap_or_else(|fault| panic!("{request:?}: {fault:?}"));
        let is_last = page.next_token.is_empty();
        assert!(page.users.len() == size || is_last && page.users.len() < size, "{request:?}");
        names.extend(page.users.into_iter().map(|user| user.end_user_id));
        if is_last {
            return names;
        }
        request.next_token = Some(page.next_token);
    }
}

async fn quit(client: &Client, group: &str, users: &[&str]) {
    let request = UserBatchQuitGroup { group_id: group.to_owned(), end_user_ids: texts(users) };
    client.send(&request).await.expect("they can quit");
}

async fn refused(client: &Client, request: &DescribeGroupUser) -> Fault {
    client.send(request).await.expect_err("it is refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_shown_with_its_names_and_times() {
    let server = Server::start().await;
    let admin = server.administrator();
    let full = NewUser {
        phone: Some("13800000000".into()),
        remark: Some("a remark".into()),
        real_nick_name: Some("张三".into()),
        ..new_user("zhang_san")
    };
    make(&admin, vec![full, NewUser { email: None, phone: Some("13800000001".into()), ..new_user("plain") }])
        .await;
    let group = make_group(&admin, "early").await;
    server.pass(1_234);
    join(&admin, &group, &["zhang_san"]).await;
    server.pass(60_000);
    join(&admin, &group, &["plain"]).await;

    let answer = admin.call("DescribeGroupUser", &[("GroupId", &group), ("BizType", "ENTERPRISE")]).await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "NextToken": "",
      "RequestId": "[id]",
      "Users": [
        {
          "Email": "zhang_san@example.com",
          "EndUserId": "zhang_san",
          "GmtCreated": "2026-01-15T08:30:00.000+00:00",
          "GmtJoinGroup": "2026-01-15T08:30:01.234+00:00",
          "NickName": "张三",
          "Phone": "13800000000",
          "Remark": "a remark"
        },
        {
          "EndUserId": "plain",
          "GmtCreated": "2026-01-15T08:30:00.000+00:00",
          "GmtJoinGroup": "2026-01-15T08:31:01.234+00:00",
          "NickName": "plain",
          "Phone": "13800000001"
        }
      ]
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_in_the_order_in_which_they_joined() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob", "carol", "dave", "erin"]).await;
    let group = make_group(&admin, "early").await;
    // In one call they join at once, and the older id comes first.
    for users in [&["dave"][..], &["carol", "bob"], &["alice"], &["dave", "erin"]] {
        server.pass(1_000);
        join(&admin, &group, users).await;
    }
    let all = ["dave", "bob", "carol", "alice", "erin"];
    for size in [1, 2, 3, 4, 5, 6, 100] {
        assert_eq!(members(&admin, &pages_of(size, &group)).await, all, "pages of {size}");
    }

    quit(&admin, &group, &["dave", "bob"]).await;
    server.pass(1_000);
    join(&admin, &group, &["dave", "alice"]).await;
    assert_eq!(
        members(&admin, &of(&group)).await,
        ["carol", "alice", "erin", "dave"],
        "who comes back comes last"
    );
    remove(&admin, &["alice"]).await;
    assert_eq!(members(&admin, &pages_of(1, &group)).await, ["carol", "erin", "dave"]);
    lock(&admin, &["erin"]).await;
    assert_eq!(members(&admin, &of(&group)).await, ["carol", "erin", "dave"], "of any status");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_while_being_made_is_a_member_from_then_on() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (early, late) = (make_group(&admin, "early").await, make_group(&admin, "late").await);
    let joining =
        |name: &str, groups: &[&str]| NewUser { group_id_list: Some(texts(groups)), ..new_user(name) };

    make(&admin, vec![joining("bob", &[&early]), joining("alice", &[&late, &early, &late])]).await;
    server.pass(1_000);
    let unknown = [joining("carol", &[&early, "ug-08nirkf56rh6k7jht"]), joining("dave", &[&early])];
    let request: CreateUsers = create_users(unknown.to_vec());
    let reply = admin.send(&request).await.expect("the call is right");

    assert_eq!(reply.create_result.failed_users[0].error_code, "InvalidGroupId.NotFound");
    assert_eq!(members(&admin, &of(&early)).await, ["bob", "alice", "dave"]);
    assert_eq!(members(&admin, &of(&late)).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_looked_for_among_the_members_alone() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let admin = server.administrator();

    for (at, group) in company.groups.iter().enumerate() {
        let all = company.members(at);
        assert!(all.len() > 7, "more than one page of 7");
        for text in ["", "*", "kim", "_1", "*_0*", "*@corp.*", "a*m", "例子", "KIM", "super", "nobody"] {
            let by_filter = DescribeUsers {
                filter: Some(text.into()).filter(|text: &String| !text.is_empty()),
                group_id: Some(group.clone()),
                ..DescribeUsers::default()
            };
            let expected = company.described(&by_filter);
            for size in [1, 7, 100] {
                let request = DescribeGroupUser { filter: Some(text.into()), ..pages_of(size, group) };
                assert_eq!(members(&admin, &request).await, expected, "Filter={text}, pages of {size}");
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_1_to_100_members_and_100_where_nothing_is_said() {
    let server = Server::start().await;
    let admin = server.administrator();
    let names: Vec<String> = (0..101).map(|n| format!("user_{n:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    create(&admin, &names).await;
    let group = make_group(&admin, "early").await;
    join(&admin, &group, &names).await;

    for (size, shown) in [("1", 1), ("100", 100), ("", 100)] {
        let answer =
            admin.call("DescribeGroupUser", &[("GroupId", &group), ("MaxResults", size)]).await.json();
        assert_eq!(answer["Users"].as_array().map(Vec::len), Some(shown), "MaxResults={size}");
        assert_ne!(answer["NextToken"], "", "more follow");
    }
    for size in ["0", "101", "-1", "ten", "1.5", "99999999999"] {
        let answer = admin.call("DescribeGroupUser", &[("GroupId", &group), ("MaxResults", size)]).await;
        assert_eq!(answer.refusal(), "400 InvalidMaxResults", "MaxResults={size}");
    }
    assert_eq!(members(&admin, &of(&group)).await, names);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_group_and_text_only() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob", "carol"]).await;
    let (early, late) = (make_group(&admin, "early").await, make_group(&admin, "late").await);
    for group in [&early, &late] {
        join(&admin, group, &["alice", "bob", "carol"]).await;
    }
    let token = admin.send(&pages_of(1, &early)).await.expect("the call is right").next_token;
    let with = |request: DescribeGroupUser, token: &str| DescribeGroupUser {
        next_token: Some(token.into()),
        ..request
    };

    assert_eq!(members(&admin, &with(pages_of(100, &early), &token)).await, ["bob", "carol"]);
    let other_text = DescribeGroupUser { filter: Some("a".into()), ..of(&early) };
    for (request, token) in [
        (of(&late), token.as_str()),
        (other_text, &token),
        (of(&early), "AAAA"),
        (of(&early), &token[1..]),
        (of(&early), "张三"),
    ] {
        assert_eq!(
            refused(&admin, &with(request.clone(), token)).await.brief(),
            "400 InvalidNextToken",
            "{request:?}"
        );
    }
    let elsewhere = DescribeUsers {
        group_id: Some(early.clone()),
        next_token: Some(token.clone()),
        ..DescribeUsers::default()
    };
    let fault = describe(&admin, &elsewhere).await.expect_err("it is another list");
    assert_eq!(fault.brief(), "400 InvalidNextToken");

    // The token does not mind that the member it stands on has left.
    quit(&admin, &early, &["alice"]).await;
    assert_eq!(members(&admin, &with(of(&early), &token)).await, ["bob", "carol"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_none_is_not_found_and_one_without_members_is_empty() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (kept, gone) = (make_group(&admin, "kept").await, make_group(&admin, "gone").await);
    admin.call("RemoveGroup", &[("GroupId", &gone)]).await;

    for group in [
        "ug-08nirkf56rh6k7jht",
        "nonsense",
        ROOT,
        &gone,
        &kept.to_uppercase(),
        &kept[3..],
        &format!(" {kept}"),
    ] {
        assert_eq!(refused(&admin, &of(group)).await.brief(), "400 InvalidGroupId.NotFound", "{group}");
    }
    assert_eq!(refused(&admin, &of("")).await.brief(), "400 MissingGroupId");
    assert_eq!(admin.call("DescribeGroupUser", &[]).await.refusal(), "400 MissingGroupId");
    let answer = admin.call("DescribeGroupUser", &[("GroupId", &kept)]).await.json();
    assert_eq!((&answer["Users"], &answer["NextToken"]), (&json!([]), &json!("")));

    // A system user joins like others, and is in no list that does not name it.
    create(&admin, &["alice"]).await;
    join(&admin, &kept, &["superadmin", "alice"]).await;
    assert_eq!(members(&admin, &of(&kept)).await, ["alice"]);
    let in_group = DescribeUsers { group_id: Some(kept.clone()), ..DescribeUsers::default() };
    assert_eq!(find(&admin, &in_group).await, ["alice"]);
    assert_eq!(filter(&admin, &FilterUsers::default()).await, ["alice"]);
    server.stop().await;
}
