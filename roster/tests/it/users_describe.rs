//! `DescribeUsers`: what it shows, and page by page.
//!
//! Source: `reference/eds-user.md`, 8 and X.5; `reference/doors.md` §5 and §6.

use api::eds::{DescribeUsers, NewUser, ShownStatus};
use serde_json::{Value, json};

use crate::support::{
    Client, ROOT, Server, bind, create, create_users, describe, everybody, find, join, list, lock, make,
    make_group, make_org, make_property, names, new_user, place_also, remove, user,
};

/// A page of this size, of everybody.
fn page_of(size: i64) -> DescribeUsers {
    DescribeUsers { max_results: Some(size.try_into().expect("in range")), ..DescribeUsers::default() }
}

/// Makes `user_001` and so on.
async fn create_many(admin: &Client, count: usize) -> Vec<String> {
    let names: Vec<String> = (1..=count).map(|n| format!("user_{n:03}")).collect();
    create(admin, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_directory_has_an_empty_list() {
    let server = Server::start().await;
    let admin = server.administrator();

    for filters in [vec![], vec![("Filter", "x")], vec![("EndUserIds.1", "x")], vec![("Status", "11")]] {
        let answer = admin.call("DescribeUsers", &filters).await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
            {
              "Count": 0,
              "NextToken": "",
              "RequestId": "[id]",
              "Users": []
            }
            "#);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extras_are_shown_where_they_are_asked_for() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let all = json!({"Group": true, "Org": true, "ResourcesCount": true, "Properties": true}).to_string();
    let answer = admin.call("DescribeUsers", &[("ShowExtras", &all)]).await;

    insta::assert_json_snapshot!(
        answer.json(),
        { ".RequestId" => "[id]", ".Users[].Id" => "[id]", ".Users[].WyId" => "[id]" },
        @r#"
    {
      "Count": 1,
      "NextToken": "",
      "RequestId": "[id]",
      "Users": [
        {
          "Email": "alice@example.com",
          "EnableAdminAccess": false,
          "EndUserId": "alice",
          "Extras": {
            "AssignedResourceCount": {
              "APP": 0,
              "CloudDrive": 0,
              "Desktop": 0,
              "DesktopGroup": 0
            },
            "ResourcePolicyList": []
          },
          "Groups": [],
          "Id": "[id]",
          "IsTenantManager": false,
          "NickName": "alice",
          "OrgId": "org-aliyun-wy-org-id",
          "Orgs": [
            {
              "OrgId": "org-aliyun-wy-org-id",
              "OrgName": "root",
              "OrgNamePath": "root"
            }
          ],
          "OwnerType": "Normal",
          "Properties": [],
          "Status": 0,
          "WyId": "[id]"
        }
      ]
    }
    "#
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extras_are_asked_for_in_every_spelling() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let cases = [
        (vec![], (false, false)),
        (vec![("ShowExtras", "")], (false, false)),
        (vec![("ShowExtras", "{}")], (false, false)),
        (vec![("ShowExtras", r#"{"Properties":true}"#)], (true, false)),
        (vec![("ShowExtras", r#"{"Properties": true, "ResourcesCount": true}"#)], (true, true)),
        (vec![("ShowExtras", r#"{"Properties":"True","ResourcesCount":"false"}"#)], (true, false)),
        (
            vec![("ShowExtras", r#"{"Properties":false,"ResourcesCount":null,"Unknown":true}"#)],
            (false, false),
        ),
        (vec![("ShowExtras.Properties", "true")], (true, false)),
        (vec![("ShowExtras.Properties", "False"), ("ShowExtras.ResourcesCount", "True")], (false, true)),
        (vec![("ShowExtras.#10#Properties", "true")], (true, false)),
        (vec![("ShowExtras.#14#ResourcesCount", "true"), ("ShowExtras.#3#Org", "true")], (false, true)),
    ];
    for (parameters, shown) in cases {
        let user = admin.call("DescribeUsers", &parameters).await.json()["Users"][0].take();
        assert_eq!((user["Properties"].is_array(), user["Extras"].is_object()), shown, "{parameters:?}");
        assert!(user["Groups"].is_array() && user["Orgs"].is_array(), "{parameters:?}");
    }
    for text in ["{", "[]", "true", "\"Properties\"", "Properties"] {
        let answer = admin.call("DescribeUsers", &[("ShowExtras", text)]).await;
        assert_eq!(answer.refusal(), "400 InvalidShowExtras", "{text}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_1_to_500_users_and_200_where_nothing_is_said() {
    let server = Server::start().await;
    let admin = server.administrator();
    let names = create_many(&admin, 501).await;

    let sizes = [("1", 1), ("200", 200), ("500", 500), ("", 200)];
    for (size, shown) in sizes {
        let answer = admin.call("DescribeUsers", &[("MaxResults", size)]).await.json();
        let users = answer["Users"].as_array().expect("a list").len();
        assert_eq!((users, &answer["Count"]), (shown, &json!(501)), "MaxResults={size}");
        assert_ne!(answer["NextToken"], "", "more follow");
    }
    for size in ["0", "501", "-1", "ten", "1.5", "99999999999999999999"] {
        let answer = admin.call("DescribeUsers", &[("MaxResults", size)]).await;
        assert_eq!(answer.refusal(), "400 InvalidMaxResults", "MaxResults={size}");
    }
    assert_eq!(find(&admin, &DescribeUsers::default()).await, names);
    assert_eq!(everybody(&admin).await, names);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_add_up_to_the_list_whatever_their_size() {
    let server = Server::start().await;
    let admin = server.administrator();
    let names = create_many(&admin, 12).await;
    let filters = [
        DescribeUsers::default(),
        DescribeUsers { filter: Some("user".into()), ..DescribeUsers::default() },
        DescribeUsers { filter: Some("u*".into()), ..DescribeUsers::default() },
        DescribeUsers { status: Some(ShownStatus::Normal), ..DescribeUsers::default() },
        DescribeUsers { org_id: Some("org-aliyun-wy-org-id".into()), ..DescribeUsers::default() },
        DescribeUsers {
            end_user_ids: Some(names.iter().rev().cloned().collect::<Vec<_>>().try_into().expect("few")),
            ..DescribeUsers::default()
        },
    ];
    for filter in filters {
        // 12 is a whole number of pages of 1, 3, 4, 6 and 12, and none of 5 and 11.
        for size in [1, 3, 4, 5, 6, 11, 12, 13] {
            let request = DescribeUsers { max_results: page_of(size).max_results, ..filter.clone() };
            assert_eq!(find(&admin, &request).await, names, "pages of {size} of {filter:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_on_with_another_page_size_and_other_extras() {
    let server = Server::start().await;
    let admin = server.administrator();
    let all = create_many(&admin, 5).await;
    let token = describe(&admin, &page_of(2)).await.expect("the call is right").next_token;

    let extras = [("Properties".to_owned(), Value::Bool(true))].into();
    let rest = DescribeUsers { next_token: Some(token), show_extras: Some(extras), ..page_of(100) };
    let page = describe(&admin, &rest).await.expect("the token is good");

    assert_eq!((names(&page.users), page.count, page.next_token.as_str()), (all[2..].to_vec(), Some(5), ""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_filters_only() {
    let server = Server::start().await;
    let admin = server.administrator();
    create_many(&admin, 3).await;
    let filter = |text: &str| DescribeUsers { filter: Some(text.into()), ..page_of(1) };
    let token = describe(&admin, &filter("user")).await.expect("the call is right").next_token;
    let with = |request: DescribeUsers| DescribeUsers { next_token: Some(token.clone()), ..request };

    assert!(describe(&admin, &with(filter("user"))).await.is_ok());
    let others = [
        page_of(1),
        filter("use"),
        DescribeUsers { status: Some(ShownStatus::Normal), ..filter("user") },
        DescribeUsers { org_id: Some("org-aliyun-wy-org-id".into()), ..filter("user") },
        DescribeUsers { group_id: Some("ug-08nirkf56rh6k7jht".into()), ..filter("user") },
        DescribeUsers { exclude_group_id: Some("ug-08nirkf56rh6k7jht".into()), ..filter("user") },
        DescribeUsers {
            exclude_end_user_ids: Some(vec!["user_001".into()].try_into().expect("one")),
            ..filter("user")
        },
    ];
    for other in others {
        let fault = describe(&admin, &with(other.clone())).await.expect_err("the filters are others");
        assert_eq!(fault.brief(), "400 InvalidNextToken", "{other:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_or_foreign_token_is_refused() {
    let server = Server::start().await;
    let other_server = Server::start().await;
    let admin = server.administrator();
    create_many(&admin, 3).await;
    create_many(&other_server.administrator(), 3).await;
    let token = describe(&admin, &page_of(1)).await.expect("the call is right").next_token;
    let foreign = describe(&other_server.administrator(), &page_of(1)).await.expect("right").next_token;

    let mut wrong: Vec<String> =
        ["AAAA", "0123456789abcdef0123456789abcdef", "张三", " ", "null"].map(str::to_owned).to_vec();
    wrong.extend([foreign, token.to_uppercase(), format!("{token}A"), token[1..].to_owned()]);
    wrong.extend([token[..token.len() - 1].to_owned(), "A".repeat(5_000)]);
    for at in 0..token.len() {
        let mut altered = token.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        wrong.push(String::from_utf8(altered).expect("letters"));
    }
    for token in wrong {
        let request = DescribeUsers { next_token: Some(token.clone()), ..page_of(1) };
        let fault = describe(&admin, &request).await.expect_err("the token is not ours");
        assert_eq!(fault.brief(), "400 InvalidNextToken", "{token}");
    }
    let empty = DescribeUsers { next_token: Some(String::new()), ..page_of(1) };
    assert_eq!(names(&describe(&admin, &empty).await.expect("empty is absent").users), ["user_001"]);
    other_server.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outlives_the_user_it_stands_on_and_the_server() {
    let server = Server::start().await;
    let admin = server.administrator();
    create_many(&admin, 4).await;
    let token = describe(&admin, &page_of(2)).await.expect("the call is right").next_token;
    remove(&admin, &["user_002", "user_003"]).await;
    create(&admin, &["user_005"]).await;

    let server = server.restart().await;
    server.pass(30 * model::time::DAY);
    let admin = server.administrator();
    let rest = DescribeUsers { next_token: Some(token), ..page_of(10) };
    let page = describe(&admin, &rest).await.expect("tokens do not expire");

    assert_eq!((names(&page.users), page.count), (vec!["user_004".into(), "user_005".into()], Some(3)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmin_is_listed_where_named_and_counted_among_nobody() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    let root = Some("org-aliyun-wy-org-id".to_owned());
    let text = |text: &str| DescribeUsers { filter: Some(text.into()), ..DescribeUsers::default() };
    let named = |names: &[&str]| DescribeUsers {
        end_user_ids: Some(
            names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().try_into().expect("few"),
        ),
        ..DescribeUsers::default()
    };

    let nobody = [text("super"), text("superadmin"), text("*admin")];
    for request in nobody {
        assert_eq!(find(&admin, &request).await, Vec::<String>::new(), "{request:?}");
    }
    let people = [
        DescribeUsers::default(),
        text("*"),
        DescribeUsers { status: Some(ShownStatus::Normal), ..DescribeUsers::default() },
        DescribeUsers { org_id: root.clone(), ..DescribeUsers::default() },
        DescribeUsers { org_id: root.clone(), is_query_all_sub_orgs: Some(true), ..DescribeUsers::default() },
        DescribeUsers {
            exclude_end_user_ids: Some(vec!["superadmin".into()].try_into().expect("one")),
            ..DescribeUsers::default()
        },
        DescribeUsers { exclude_group_id: Some("ug-08nirkf56rh6k7jht".into()), ..DescribeUsers::default() },
    ];
    for request in people {
        assert_eq!(find(&admin, &request).await, ["alice"], "{request:?}");
        let paged = DescribeUsers { max_results: page_of(1).max_results, ..request };
        assert_eq!(find(&admin, &paged).await, ["alice"], "{paged:?}");
    }

    assert_eq!(find(&admin, &named(&["superadmin"])).await, ["superadmin"]);
    let both = list(&admin, &named(&["alice", "SUPERADMIN"])).await;
    assert_eq!(names(&both), ["superadmin", "alice"]);
    assert!(both[0].is_tenant_manager && !both[1].is_tenant_manager);
    assert_eq!(both[0].owner_type, "Normal");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_narrow_the_answer_and_is_not_served_is_refused() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let refused = [
        ("FilterMap", r#"{"a":"b"}"#, "UnsupportedParameter.FilterMap"),
        ("FilterMap.a", "b", "UnsupportedParameter.FilterMap"),
        (
            "FilterWithAssignedResources",
            r#"{"Desktop":true}"#,
            "UnsupportedParameter.FilterWithAssignedResources",
        ),
        ("FilterWithAssignedResources.Desktop", "true", "UnsupportedParameter.FilterWithAssignedResources"),
        (
            "FilterWithAssignedResource",
            r#"{"App":"aig-1"}"#,
            "UnsupportedParameter.FilterWithAssignedResource",
        ),
        ("FilterMap", "{", "InvalidFilterMap"),
        ("FilterWithAssignedResources", "[1]", "InvalidFilterWithAssignedResources"),
        ("FilterWithAssignedResource", "Desktop", "InvalidFilterWithAssignedResource"),
    ];
    for (parameter, value, code) in refused {
        let answer = admin.call("DescribeUsers", &[(parameter, value)]).await;
        assert_eq!(answer.refusal(), format!("400 {code}"), "{parameter}={value}");
    }
    let ignored = [
        ("FilterMap", ""),
        ("FilterMap", "{}"),
        ("FilterWithAssignedResources", "{}"),
        ("BusinessChannel", "ENTERPRISE"),
        ("BizType", "ENTERPRISE"),
        ("SolutionId", "co-1"),
        ("RegionId", "cn-shanghai"),
        ("SomethingElse", "x"),
        ("enduserids.1", "nobody"),
    ];
    for (parameter, value) in ignored {
        let answer = admin.call("DescribeUsers", &[(parameter, value)]).await;
        assert_eq!(answer.json()["Count"], 1, "{parameter}={value}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_names_hold_up_to_500() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    for parameter in ["EndUserIds", "ExcludeEndUserIds"] {
        let named = |count: usize| -> Vec<(String, String)> {
            (1..=count).map(|n| (format!("{parameter}.{n}"), format!("user_{n}"))).collect()
        };
        let fits = admin.exchange(&admin.post("DescribeUsers", &named(500))).await;
        assert_eq!(fits.json()["Count"], if parameter == "EndUserIds" { 0 } else { 1 });
        let too_many = admin.exchange(&admin.post("DescribeUsers", &named(501))).await;
        assert_eq!(too_many.refusal(), format!("400 Invalid{parameter}"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nick_name_is_the_first_name_that_there_is() {
    let server = Server::start().await;
    let admin = server.administrator();
    let with = |name: &str, nick: Option<&str>, remark: Option<&str>| api::eds::NewUser {
        real_nick_name: nick.map(str::to_owned),
        remark: remark.map(str::to_owned),
        ..new_user(name)
    };
    let users = vec![
        with("neither", None, None),
        with("remark", None, Some("a remark")),
        with("both", Some("Both"), Some("a remark")),
        with("empty", Some(""), Some("")),
    ];
    admin.send(&create_users(users)).await.expect("the call is right");

    let users = list(&admin, &DescribeUsers::default()).await;
    let shown: Vec<_> = users.iter().map(|user| user.nick_name.as_str()).collect();
    assert_eq!(shown, ["neither", "a remark", "Both", "empty"]);
    assert_eq!((users[3].real_nick_name.as_ref(), users[3].remark.as_ref()), (None, None));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_read_alone_with_the_parts_that_were_asked_for() {
    let server = Server::start().await;
    let admin = server.administrator();
    let full = NewUser {
        phone: Some("13800000000".into()),
        remark: Some("a remark".into()),
        real_nick_name: Some("张三".into()),
        ..new_user("zhang_san")
    };
    make(&admin, vec![full]).await;
    let east = make_org(&admin, "east", ROOT).await;
    let shop = make_org(&admin, "shop", &east).await;
    admin.call("MoveUserOrg", &[("OrgId", &shop), ("EndUserIds.1", "zhang_san")]).await;
    place_also(&server.home, "zhang_san", "east").await;
    let (job, values) = make_property(&admin, "job", &["dev", "ops"]).await;
    let shown = user(&admin, "zhang_san").await;
    for value in values {
        bind(&admin, &shown, job, value).await;
    }
    let parts = ["Properties", "OrgPaths", "Extras", "ExternalInfo", "Unknown"];
    let parts: Vec<(String, &str)> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| (format!("RequireExtraAttributes.{}", at + 1), *part))
        .collect();
    let mut parameters: Vec<(&str, &str)> = parts.iter().map(|(name, part)| (name.as_str(), *part)).collect();
    parameters.push(("EndUserId", "Zhang_San"));

    let answer = admin.call("DescribeUser", &parameters).await;

    insta::assert_json_snapshot!(
        answer.json(),
        { ".RequestId" => "[id]", ".User.WyId" => "[id]", ".User.OrgIds[]" => "[id]" },
        @r#"
    {
      "RequestId": "[id]",
      "User": {
        "Email": "zhang_san@example.com",
        "EndUserId": "zhang_san",
        "Extras": {},
        "GmtCreate": 1768465800000,
        "NickName": "张三",
        "OrgIds": [
          "[id]",
          "[id]"
        ],
        "OrgPaths": [
          "root/east/shop",
          "root/east"
        ],
        "Phone": "13800000000",
        "Properties": [
          {
            "Key": "job",
            "Value": "dev"
          },
          {
            "Key": "job",
            "Value": "ops"
          }
        ],
        "Remark": "a remark",
        "Status": 0,
        "WyId": "[id]"
      }
    }
    "#
    );
    let alone = answer.json()["User"].take();
    assert_eq!((&alone["WyId"], &alone["OrgIds"]), (&json!(shown.wy_id), &json!([shop, east])));
    lock(&admin, &["zhang_san"]).await;
    let alone = admin.call("DescribeUser", &[("EndUserId", "zhang_san")]).await.json()["User"].take();
    assert_eq!(alone["Status"], json!(9));
    for part in ["Extras", "OrgPaths", "Properties", "ExternalInfo"] {
        assert_eq!(alone[part], Value::Null, "{part} was not asked for");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_nobody_is_not_read() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "gone"]).await;
    remove(&admin, &["gone"]).await;

    for name in ["gone", "ghost", "ali", "alice*", "not a name", &user(&admin, "alice").await.wy_id] {
        let answer = admin.call("DescribeUser", &[("EndUserId", name)]).await;
        assert_eq!(answer.refusal(), "400 InvalidEndUserId.NotFound", "{name}");
    }
    for parameters in [&[][..], &[("EndUserId", "")]] {
        assert_eq!(admin.call("DescribeUser", parameters).await.refusal(), "400 MissingEndUserId");
    }
    let answer =
        admin.call("DescribeUser", &[("EndUserId", "alice"), ("RequireExtraAttributes", "Extras")]).await;
    assert_eq!(answer.refusal(), "400 InvalidRequireExtraAttributes");
    let named = admin.call("DescribeUser", &[("EndUserId", "superadmin")]).await.json();
    assert_eq!(
        (&named["User"]["EndUserId"], &named["User"]["NickName"]),
        (&json!("superadmin"), &json!("superadmin"))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_listed_with_every_organization_group_and_property() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let east = make_org(&admin, "east", ROOT).await;
    let shop = make_org(&admin, "shop", &east).await;
    admin.call("MoveUserOrg", &[("OrgId", &shop), ("EndUserIds.1", "alice")]).await;
    place_also(&server.home, "alice", "root").await;
    for name in ["late", "early"] {
        let group = make_group(&admin, name).await;
        join(&admin, &group, &["alice"]).await;
    }
    let (city, cities) = make_property(&admin, "city", &["北京"]).await;
    bind(&admin, &user(&admin, "alice").await, city, cities[0]).await;

    let extras = json!({"Properties": true}).to_string();
    let answer = admin.call("DescribeUsers", &[("ShowExtras", &extras), ("Filter", "alice")]).await.json();

    let alice = &answer["Users"][0];
    assert_eq!(alice["OrgId"], json!(shop), "the primary one");
    insta::assert_json_snapshot!(
        json!([alice["Orgs"], alice["Groups"], alice["Properties"]]),
        { ".**.OrgId" => "[id]", ".**.GroupId" => "[id]" },
        @r#"
    [
      [
        {
          "OrgId": "[id]",
          "OrgName": "shop",
          "OrgNamePath": "root/east/shop"
        },
        {
          "OrgId": "[id]",
          "OrgName": "root",
          "OrgNamePath": "root"
        }
      ],
      [
        {
          "GroupId": "[id]",
          "GroupName": "late"
        },
        {
          "GroupId": "[id]",
          "GroupName": "early"
        }
      ],
      [
        {
          "Key": "city",
          "Value": "北京"
        }
      ]
    ]
    "#
    );
    // Once in each, also where two of them lie in one subtree.
    for (org, with_subtree, expected) in [
        (ROOT, "true", &["alice", "bob"][..]),
        (ROOT, "false", &["alice", "bob"]),
        (&east, "true", &["alice"]),
        (&east, "false", &[]),
    ] {
        let request = DescribeUsers {
            org_id: Some(org.into()),
            is_query_all_sub_orgs: Some(with_subtree == "true"),
            ..page_of(1)
        };
        assert_eq!(find(&admin, &request).await, expected, "{org}, {with_subtree}");
    }
    server.stop().await;
}
