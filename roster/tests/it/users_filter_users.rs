//! `FilterUsers`: whom each filter finds, alone and with another one, in every order and page by page.
//!
//! Source: `reference/eds-user.md`, 9, X.4 and X.5; `reference/doors.md` §1.3 and §6.

use api::eds::{
    DescribeUsers, FilterUsers, OrderField, OrderParam, OrderType, OwnerTypeFilter, PropertyFilter,
    PropertyKeyValueFilter, ShownStatus,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    Client, Company, ROOT, Server, bind, create, describe, filter, filtered, find, join, locking_at,
    make_group, make_org, make_property, make_with, texts, user,
};

const NO_ORG: &str = "org-08nirkf56rh6k7jht";

/// A filter by one parameter: what to call it, which parameter it is, and what it makes of a request.
struct Condition {
    what: &'static str,
    parameter: Parameter,
    set: Box<dyn Fn(&mut FilterUsers) + Send + Sync>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameter {
    Filter,
    ById,
    ByKey,
    Org,
    Owner,
    Status,
    Include,
    Exclude,
}

fn condition(
    what: &'static str,
    parameter: Parameter,
    set: impl Fn(&mut FilterUsers) + Send + Sync + 'static,
) -> Condition {
    Condition { what, parameter, set: Box::new(set) }
}

/// Every filter, most in several ways.
fn conditions(company: &Company) -> Vec<Condition> {
    let mut all = Vec::new();
    for text in ["kim", "_1", "*_0*", "*@corp.*", "a*m", "例子", "super"] {
        all.push(condition(text, Parameter::Filter, move |request| request.filter = Some(text.into())));
    }
    all.extend(by_id(company));
    all.extend(by_key());
    for (what, org, with_subtree) in [
        ("in east", 1, None),
        ("below east", 1, Some(true)),
        ("below west", 2, Some(true)),
        ("in design alone", 5, Some(false)),
        ("in the root", 0, None),
        ("below the root", 0, Some(true)),
    ] {
        let org = company.orgs[org].clone();
        all.push(condition(what, Parameter::Org, move |request| {
            request.org_id = Some(org.clone());
            request.is_query_all_sub_orgs = with_subtree;
        }));
    }
    all.push(condition("nowhere", Parameter::Org, |request| request.org_id = Some(NO_ORG.into())));
    for (what, owner) in
        [("Normal", OwnerTypeFilter::Normal), ("managed", OwnerTypeFilter::CreateFromManager)]
    {
        all.push(condition(what, Parameter::Owner, move |request| request.owner_type = Some(owner)));
    }
    for (what, status) in [("0", ShownStatus::Normal), ("9", ShownStatus::Locked), ("11", ShownStatus::Left)]
    {
        all.push(condition(what, Parameter::Status, move |request| request.status = Some(status)));
    }
    let some: Vec<String> = company.filtered(&FilterUsers::default()).into_iter().step_by(3).collect();
    let others: Vec<String> = some.iter().rev().step_by(2).map(|name| name.to_uppercase()).collect();
    let with_superadmin = [some.clone(), vec!["superadmin".into(), "ghost".into(), some[0].clone()]].concat();
    all.push(condition("these", Parameter::Include, move |request| {
        request.include_end_user_ids = Some(texts(&with_superadmin));
    }));
    all.push(condition("a ghost", Parameter::Include, |request| {
        request.include_end_user_ids = Some(texts(&["ghost"]));
    }));
    all.push(condition("not those", Parameter::Exclude, move |request| {
        request.exclude_end_user_ids = Some(texts(&others));
    }));
    all
}

fn by_id(company: &Company) -> Vec<Condition> {
    let [(job, jobs), (city, cities), (level, levels)] = &company.properties[..] else { panic!("three") };
    let entry = |property: i64, values: &[i64]| PropertyFilter {
        property_id: Some(property),
        property_value_ids: (!values.is_empty())
            .then(|| values.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
    };
    let cases = [
        ("dev, by id", vec![entry(*job, &jobs[..1])]),
        ("ops or qa, by id", vec![entry(*job, &jobs[1..])]),
        ("dev or qa, by two ids", vec![entry(*job, &jobs[..1]), entry(*job, &jobs[2..])]),
        ("any level, by id", vec![entry(*level, &[])]),
        ("a job and a city, by id", vec![entry(*job, &jobs[..2]), entry(*city, &cities[..1])]),
        ("all three, by id", vec![entry(*level, &levels[1..]), entry(*city, &[]), entry(*job, &jobs[1..])]),
        ("a value of another property", vec![entry(*job, &cities[..1])]),
        ("no property", vec![entry(*job + 1, &jobs[..1])]),
    ];
    let condition = |(what, entries): (&'static str, Vec<PropertyFilter>)| {
        condition(what, Parameter::ById, move |request| {
            request.property_filter_param = Some(entries.clone().try_into().expect("few"));
        })
    };
    cases.into_iter().map(condition).collect()
}

fn by_key() -> Vec<Condition> {
    let entry = |key: &str, values: Option<&str>| PropertyKeyValueFilter {
        property_key: Some(key.to_owned()),
        property_values: values.map(str::to_owned),
    };
    let cases = [
        ("dev, by key", vec![entry("Job", Some("dev"))]),
        ("ops or qa, by key in capitals", vec![entry("JOB", Some("ops,qa"))]),
        ("北京, by key", vec![entry("城市", Some("北京"))]),
        ("any city, by key", vec![entry("城市", None)]),
        ("level and city, by key", vec![entry("level", Some("1,2")), entry("城市", Some("上海"))]),
        ("no such value", vec![entry("Job", Some("DEV"))]),
        ("no such key", vec![entry("jobs", Some("dev"))]),
    ];
    let condition = |(what, entries): (&'static str, Vec<PropertyKeyValueFilter>)| {
        condition(what, Parameter::ByKey, move |request| {
            request.property_key_value_filter_param = Some(entries.clone().try_into().expect("few"));
        })
    };
    cases.into_iter().map(condition).collect()
}

/// Every order.
fn orders() -> Vec<OrderParam> {
    let mut orders = Vec::new();
    for order_field in [OrderField::EndUserId, OrderField::Id, OrderField::GmtCreated] {
        for order_type in [OrderType::Ascending, OrderType::Descending] {
            orders.push(OrderParam { order_field, order_type });
        }
    }
    orders
}

fn pages_of(size: i64, request: &FilterUsers) -> FilterUsers {
    FilterUsers { max_results: Some(size.try_into().expect("in range")), ..request.clone() }
}

/// Asks for everything that these two hold together, in every order and in pages of these sizes.
async fn compare(client: &Client, company: &Company, pair: [&Condition; 2], sizes: &[i64]) {
    let mut request = FilterUsers::default();
    for condition in pair {
        (condition.set)(&mut request);
    }
    for order_param in orders() {
        let request = FilterUsers { order_param, ..request.clone() };
        let expected = company.filtered(&request);
        for size in sizes {
            let found = filter(client, &pages_of(*size, &request)).await;
            let [one, other] = pair.map(|condition| condition.what);
            assert_eq!(found, expected, "{one} and {other}, {order_param:?}, pages of {size}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_its_own_in_every_order_and_in_pages_of_every_size() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let client = server.administrator();

    let everybody = condition("everybody", Parameter::Filter, |_| {});
    compare(&client, &company, [&everybody, &everybody], &[1, 7, 59, 60, 61, 200]).await;
    let mut sizes = Vec::new();
    for condition in conditions(&company) {
        compare(&client, &company, [&condition, &condition], &[1, 7, 100]).await;
        let mut request = FilterUsers::default();
        (condition.set)(&mut request);
        sizes.push(company.filtered(&request).len());
    }
    assert!(sizes.iter().filter(|size| (2..60).contains(*size)).count() > 20, "most find some: {sizes:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_two_filters_hold_together_in_every_order_and_page_by_page() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let conditions = conditions(&company);
    let pairs: Vec<[&Condition; 2]> = conditions
        .iter()
        .enumerate()
        .flat_map(|(at, one)| conditions[at + 1..].iter().map(move |other| [one, other]))
        .filter(|[one, other]| one.parameter != other.parameter)
        .collect();
    // Four connections share the work.
    let clients: Vec<Client> = (0..4).map(|_| server.administrator()).collect();

    join_all(clients.iter().enumerate().map(|(at, client)| {
        let (pairs, company) = (&pairs, &company);
        async move {
            for pair in pairs.iter().skip(at).step_by(4) {
                compare(client, company, *pair, &[1, 7]).await;
            }
        }
    }))
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn among_thousands_where_lists_are_read_in_other_ways_the_same_is_found() {
    let server = Server::start().await;
    let company = Company::of(&server, 2_600).await;
    let client = server.administrator();
    let mut conditions = conditions(&company);
    for text in ["_", "n2", "m*5"] {
        conditions
            .push(condition(text, Parameter::Filter, move |request| request.filter = Some(text.into())));
    }
    let texts: Vec<&Condition> = conditions.iter().filter(|one| one.parameter == Parameter::Filter).collect();

    let mut turn = 0;
    for one in &texts {
        for other in &conditions {
            if other.parameter == Parameter::Filter && other.what != one.what {
                continue;
            }
            let mut request = FilterUsers { order_param: orders()[turn % 4], ..FilterUsers::default() };
            turn += 1;
            (one.set)(&mut request);
            (other.set)(&mut request);
            let found = filter(&client, &request).await;
            let order = request.order_param;
            assert_eq!(found, company.filtered(&request), "{} and {}, {order:?}", one.what, other.what);
        }
        for status in [None, Some(ShownStatus::Normal), Some(ShownStatus::Locked)] {
            let mut text = FilterUsers::default();
            (one.set)(&mut text);
            let max_results = Some(300.try_into().expect("in range"));
            let request =
                DescribeUsers { filter: text.filter, status, max_results, ..DescribeUsers::default() };
            assert_eq!(
                find(&client, &request).await,
                company.described(&request),
                "{} and {status:?}",
                one.what
            );
        }
    }
    for condition in conditions.iter().filter(|one| one.parameter != Parameter::Filter) {
        let mut request = FilterUsers { order_param: orders()[turn % 4], ..FilterUsers::default() };
        turn += 1;
        (condition.set)(&mut request);
        assert_eq!(filter(&client, &request).await, company.filtered(&request), "{}", condition.what);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_filters_and_order_only() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let client = server.administrator();
    let mut requests = vec![("nothing", FilterUsers::default())];
    for condition in conditions(&company) {
        let mut request = FilterUsers::default();
        (condition.set)(&mut request);
        requests.push((condition.what, request));
    }
    let mut tokens = Vec::new();
    for (what, request) in &requests {
        let page = client.send(&pages_of(1, request)).await.expect("the call is right");
        if !page.next_token.is_empty() {
            tokens.push((*what, page.next_token));
        }
    }
    assert!(tokens.len() > 20, "most have a second page");
    for (what, token) in &tokens {
        for (other, request) in &requests {
            let with = FilterUsers { next_token: Some(token.clone()), ..request.clone() };
            match client.send(&with).await {
                Ok(page) => {
                    assert_eq!(what, other, "a token of {what} is none of {other}");
                    let found: Vec<String> = page.users.into_iter().map(|user| user.end_user_id).collect();
                    assert_eq!(found, company.filtered(request)[1..], "{what}");
                }
                Err(fault) => {
                    assert_ne!(what, other, "it is its own token: {fault:?}");
                    assert_eq!(fault.brief(), "400 InvalidNextToken", "{what} and {other}");
                }
            }
        }
    }
    for order in orders() {
        let own = FilterUsers { order_param: order, ..FilterUsers::default() };
        let token = client.send(&pages_of(1, &own)).await.expect("the call is right").next_token;
        for other in orders() {
            let is_same = |field: OrderField| matches!(field, OrderField::Id | OrderField::GmtCreated);
            let is_like = is_same(order.order_field) == is_same(other.order_field)
                && order.order_type == other.order_type;
            let with =
                FilterUsers { next_token: Some(token.clone()), order_param: other, ..FilterUsers::default() };
            let answer = client.send(&with).await;
            if order == other {
                assert_eq!(answer.expect("it is its own token").users.len(), 59, "{order:?}");
            } else if !is_like {
                let fault = answer.expect_err("the order is another one");
                assert_eq!(fault.brief(), "400 InvalidNextToken", "{order:?} and {other:?}");
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_on_with_another_page_size_and_with_more_to_show() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice", "bob", "carol", "dave"]).await;
    let first = client.send(&pages_of(1, &FilterUsers::default())).await.expect("the call is right");
    assert_eq!(first.users[0].end_user_id, "dave", "the newest comes first");

    let rest = FilterUsers {
        next_token: Some(first.next_token.clone()),
        include_org_info: Some(true),
        include_desktop_count: Some(true),
        ..pages_of(200, &FilterUsers::default())
    };
    let page = client.send(&rest).await.expect("it is the same list");
    let names: Vec<&str> = page.users.iter().map(|user| user.end_user_id.as_str()).collect();
    assert_eq!((names, page.next_token.as_str()), (vec!["carol", "bob", "alice"], ""));

    let other = DescribeUsers { next_token: Some(first.next_token.clone()), ..DescribeUsers::default() };
    let fault = describe(&client, &other).await.expect_err("it is another list");
    assert_eq!(fault.brief(), "400 InvalidNextToken");
    let described =
        DescribeUsers { max_results: Some(1.try_into().expect("in range")), ..DescribeUsers::default() };
    let token = describe(&client, &described).await.expect("the call is right").next_token;
    let wrong = [token, "AAAA".into(), "张三".into(), first.next_token[1..].into(), "A".repeat(5_000)];
    for token in wrong {
        let fault = client.send(&FilterUsers { next_token: Some(token), ..FilterUsers::default() }).await;
        assert_eq!(fault.expect_err("it is none").brief(), "400 InvalidNextToken");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_in_each_order_while_users_come_and_go() {
    let server = Server::start().await;
    let client = server.administrator();
    for order_param in orders() {
        create(&client, &["b_one", "d_two", "a_three", "e_four", "c_five"]).await;
        let request = FilterUsers { order_param, ..FilterUsers::default() };
        let all = filter(&client, &request).await;
        let mut page = client.send(&pages_of(2, &request)).await.expect("the call is right");
        let mut found: Vec<String> = page.users.iter().map(|user| user.end_user_id.clone()).collect();
        assert_eq!(found, all[..2]);

        // The last one of the page goes, and so does one who would have come.
        crate::support::remove(&client, &[&all[1], &all[3]]).await;
        let rest = FilterUsers { next_token: Some(page.next_token), ..pages_of(2, &request) };
        page = client.send(&rest).await.expect("the token does not mind");
        found = page.users.iter().map(|user| user.end_user_id.clone()).collect();
        assert_eq!(
            (found, page.next_token.as_str()),
            (vec![all[2].clone(), all[4].clone()], ""),
            "{order_param:?}"
        );
        crate::support::remove(&client, &[&all[0], &all[2], &all[4]]).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_up_to_a_hundred_users_whatever_is_asked_for() {
    let server = Server::start().await;
    let client = server.administrator();
    let names: Vec<String> = (0..103).map(|n| format!("user_{n:03}")).collect();
    create(&client, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;

    for (size, shown) in [("1", 1), ("100", 100), ("101", 100), ("200", 100), ("", 100)] {
        let answer = client.call("FilterUsers", &[("MaxResults", size)]).await.json();
        assert_eq!(answer["Users"].as_array().map(Vec::len), Some(shown), "MaxResults={size}");
        assert_ne!(answer["NextToken"], "", "more follow");
    }
    let answer = client.call("FilterUsers", &[]).await.json();
    assert_eq!(answer["Users"].as_array().map(Vec::len), Some(100));
    for size in ["0", "201", "-1", "ten", "1.5"] {
        let answer = client.call("FilterUsers", &[("MaxResults", size)]).await;
        assert_eq!(answer.refusal(), "400 InvalidMaxResults", "MaxResults={size}");
    }
    let mut newest_first = names;
    newest_first.reverse();
    assert_eq!(filter(&client, &FilterUsers::default()).await, newest_first);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_read_in_every_spelling_and_refused_where_it_is_none() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["bob", "alice", "carol"]).await;
    let by_age = ["bob", "alice", "carol"];
    let newest_first = ["carol", "alice", "bob"];
    let by_name = ["alice", "bob", "carol"];
    let from_z = ["carol", "bob", "alice"];

    let cases: [(&str, [&str; 3]); 13] = [
        ("", newest_first),
        ("{}", newest_first),
        (r#"{"OrderField":"id"}"#, newest_first),
        (r#"{"OrderField":"gmt_created"}"#, newest_first),
        (r#"{"OrderField":"EndUserId"}"#, from_z),
        (r#"{"OrderType":"ASC"}"#, by_age),
        (r#"{"OrderType":"DESC"}"#, newest_first),
        (r#"{"OrderField":"id","OrderType":"ASC"}"#, by_age),
        (r#"{"OrderField":"gmt_created","OrderType":"ASC"}"#, by_age),
        (r#"{"OrderField":"gmt_created","OrderType":"DESC"}"#, newest_first),
        (r#"{"OrderField": "EndUserId", "OrderType": "ASC"}"#, by_name),
        (r#" { "OrderType" : "DESC" , "OrderField" : "EndUserId" } "#, from_z),
        (r#"{"OrderField":"EndUserId","OrderType":"ASC","Unknown":1}"#, by_name),
    ];
    for (order, expected) in cases {
        assert_eq!(found(&client, &[("OrderParam", order)]).await, expected, "OrderParam={order}");
    }
    let flattened = [("OrderParam.OrderField", "EndUserId"), ("OrderParam.OrderType", "ASC")];
    assert_eq!(found(&client, &flattened).await, by_name);
    for order in [
        "{",
        "[]",
        "id",
        "\"id\"",
        "1",
        r#"{"OrderField":"Email"}"#,
        r#"{"OrderField":"ID"}"#,
        r#"{"OrderField":1}"#,
        r#"{"OrderType":"asc"}"#,
        r#"{"OrderType":"UP"}"#,
        r#"{"OrderField":"id","OrderType":"ASC"}}"#,
    ] {
        let answer = client.call("FilterUsers", &[("OrderParam", order)]).await;
        assert_eq!(answer.refusal(), "400 InvalidOrderParam", "OrderParam={order}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_none_are_refused_by_the_name_of_their_parameter() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice"]).await;

    let refused = [
        ("Status", "1", "InvalidStatus"),
        ("Status", "locked", "InvalidStatus"),
        ("OwnerType", "normal", "InvalidOwnerType"),
        ("OwnerType", "Everybody", "InvalidOwnerType"),
        ("IsQueryAllSubOrgs", "yes", "InvalidIsQueryAllSubOrgs"),
        ("IncludeOrgInfo", "1", "InvalidIncludeOrgInfo"),
        ("IncludeDesktopCount", "yes", "InvalidIncludeDesktopCount"),
        ("IncludeDesktopGroupCount", "on", "InvalidIncludeDesktopGroupCount"),
        ("IncludeSupportIdps", "t", "InvalidIncludeSupportIdps"),
        ("IncludeEndUserIds", "alice", "InvalidIncludeEndUserIds"),
        ("ExcludeEndUserIds", r#"{"1":"alice"}"#, "InvalidExcludeEndUserIds"),
        ("PropertyFilterParam", "{", "InvalidPropertyFilterParam"),
        ("PropertyFilterParam.1.PropertyId", "job", "InvalidPropertyFilterParam"),
        ("PropertyFilterParam.1.PropertyId", "1.5", "InvalidPropertyFilterParam"),
        ("PropertyFilterParam.1", "1", "InvalidPropertyFilterParam"),
        ("PropertyFilterParam.1.PropertyValueIds", "1", "InvalidPropertyFilterParam"),
        (
            "PropertyFilterParam",
            r#"[{"PropertyId":1,"PropertyValueIds":"1,x"}]"#,
            "InvalidPropertyFilterParam",
        ),
        ("PropertyKeyValueFilterParam.1.PropertyValues", "dev", "InvalidPropertyKeyValueFilterParam"),
        ("PropertyKeyValueFilterParam", "Job", "InvalidPropertyKeyValueFilterParam"),
        ("FilterMap", r#"{"a":"b"}"#, "UnsupportedParameter.FilterMap"),
        ("FilterMap", "{", "InvalidFilterMap"),
        ("ShowExtras", "{", "InvalidShowExtras"),
    ];
    for (parameter, value, code) in refused {
        let answer = client.call("FilterUsers", &[(parameter, value)]).await;
        assert_eq!(answer.refusal(), format!("400 {code}"), "{parameter}={value}");
    }
    let many = |parameter: &str, member: &str, value: &str, count: usize| -> Vec<(String, String)> {
        (1..=count).map(|n| (format!("{parameter}.{n}{member}"), value.to_owned())).collect()
    };
    for (parameter, member, value) in
        [("PropertyFilterParam", ".PropertyId", "1"), ("PropertyKeyValueFilterParam", ".PropertyKey", "x")]
    {
        let fits = client.exchange(&client.post("FilterUsers", &many(parameter, member, value, 100))).await;
        assert_eq!(fits.json()["Users"], json!([]), "{parameter}");
        let over = client.exchange(&client.post("FilterUsers", &many(parameter, member, value, 101))).await;
        assert_eq!(over.refusal(), format!("400 Invalid{parameter}"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_names_hold_up_to_two_thousand() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice", "user_1999", "user_2001"]).await;

    for (parameter, found) in
        [("IncludeEndUserIds", vec!["user_1999"]), ("ExcludeEndUserIds", vec!["user_2001", "alice"])]
    {
        let named = |count: usize| -> Vec<(String, String)> {
            (1..=count).map(|n| (format!("{parameter}.{n}"), format!("user_{n}"))).collect()
        };
        let fits = client.exchange(&client.post("FilterUsers", &named(2_000))).await.json();
        let users = fits["Users"].as_array().unwrap_or_else(|| panic!("{fits}"));
        assert_eq!(users.iter().map(|user| &user["EndUserId"]).collect::<Vec<_>>(), found, "{parameter}");
        let over = client.exchange(&client.post("FilterUsers", &named(2_001))).await;
        assert_eq!(over.refusal(), format!("400 Invalid{parameter}"));
        // An empty list asks for nothing.
        for empty in ["", "[]"] {
            let answer = client.call("FilterUsers", &[(parameter, empty)]).await.json();
            assert_eq!(answer["Users"].as_array().map(Vec::len), Some(3), "{parameter}={empty}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_shown_with_everything_that_was_asked_for() {
    let server = Server::start().await;
    let client = server.administrator();
    make_with(
        &client,
        api::eds::CreateUsers {
            password: Some(api::Password::new(crate::support::GOOD)),
            password_expire_days: Some(90.try_into().expect("in range")),
            is_local_admin: Some(true),
            ..locking_at("2026-03-03", &["alice"])
        },
    )
    .await;
    let org = make_org(&client, "研发", ROOT).await;
    client.call("MoveUserOrg", &[("OrgId", &org), ("EndUserIds.1", "alice")]).await;
    let group = make_group(&client, "early").await;
    join(&client, &group, &["alice"]).await;
    let alice = user(&client, "alice").await;
    for (key, values) in [("job", vec!["dev", "ops"]), ("city", vec!["北京"])] {
        let (property, values) = make_property(&client, key, &values).await;
        for value in values {
            bind(&client, &alice, property, value).await;
        }
    }
    let everything = [
        ("IncludeDesktopCount", "true"),
        ("IncludeDesktopGroupCount", "True"),
        ("IncludeOrgInfo", "true"),
        ("IncludeSupportIdps", "TRUE"),
        ("BusinessChannel", "ENTERPRISE"),
        ("ShowExtras.Group", "true"),
    ];
    let answer = client.call("FilterUsers", &everything).await;
    insta::assert_json_snapshot!(
        answer.json(),
        {
            ".RequestId" => "[id]",
            ".Users[].Id" => "[id]",
            ".Users[].**.UserId" => "[id]",
            ".Users[].**.PropertyId" => "[id]",
            ".Users[].**.PropertyValueId" => "[id]",
            ".Users[].**.GroupId" => "[id]",
            ".Users[].**.OrgId" => "[id]"
        },
        @r#"
    {
      "NextToken": "",
      "RequestId": "[id]",
      "Users": [
        {
          "AutoLockTime": "2026-03-03",
          "DesktopCount": 0,
          "DesktopGroupCount": 0,
          "Email": "alice@example.com",
          "EnableAdminAccess": true,
          "EndUserId": "alice",
          "Groups": [
            {
              "GroupId": "[id]",
              "GroupName": "early"
            }
          ],
          "Id": "[id]",
          "IsTenantManager": false,
          "OrgList": [
            {
              "OrgId": "[id]",
              "OrgName": "研发",
              "OrgNamePath": "root/研发"
            }
          ],
          "OwnerType": "Normal",
          "PasswordExpireDays": 90,
          "PasswordExpireRestDays": 90,
          "ResourcePolicyList": [],
          "Status": 0,
          "SupportLoginIdps": [],
          "UserSetPropertiesModels": [
            {
              "PropertyId": "[id]",
              "PropertyKey": "job",
              "PropertyType": 2,
              "PropertyValues": [
                {
                  "PropertyValue": "dev",
                  "PropertyValueId": "[id]"
                },
                {
                  "PropertyValue": "ops",
                  "PropertyValueId": "[id]"
                }
              ],
              "UserId": "[id]",
              "UserName": "alice"
            },
            {
              "PropertyId": "[id]",
              "PropertyKey": "city",
              "PropertyType": 2,
              "PropertyValues": [
                {
                  "PropertyValue": "北京",
                  "PropertyValueId": "[id]"
                }
              ],
              "UserId": "[id]",
              "UserName": "alice"
            }
          ]
        }
      ]
    }
    "#
    );
    let shown = filtered(&client, "alice").await;
    assert_eq!((shown.id, &shown.groups[0].group_id), (alice.id, &group));
    assert!(shown.user_set_properties_models.iter().all(|property| property.user_id == alice.id));

    // Nothing is asked for, or it is asked for not to be shown.
    let nothing: Vec<(&str, &str)> = everything.iter().take(4).map(|(name, _)| (*name, "false")).collect();
    for parameters in [&[][..], &nothing, &[("ShowExtras.#5#Group", "true")], &[("ShowExtras", "{}")]] {
        let alice = client.call("FilterUsers", parameters).await.json()["Users"][0].take();
        for name in ["DesktopCount", "DesktopGroupCount", "OrgList", "SupportLoginIdps"] {
            assert_eq!(alice[name], Value::Null, "{name}, {parameters:?}");
        }
        assert!(alice["Groups"].is_array() && alice["UserSetPropertiesModels"].is_array(), "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_does_not_have_is_not_shown() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["plain"]).await;

    let answer = client.call("FilterUsers", &[]).await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]", ".Users[].Id" => "[id]" }, @r#"
    {
      "NextToken": "",
      "RequestId": "[id]",
      "Users": [
        {
          "Email": "plain@example.com",
          "EnableAdminAccess": false,
          "EndUserId": "plain",
          "Groups": [],
          "Id": "[id]",
          "IsTenantManager": false,
          "OwnerType": "Normal",
          "ResourcePolicyList": [],
          "Status": 0,
          "UserSetPropertiesModels": []
        }
      ]
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_shows_every_property_of_everybody() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let client = server.administrator();

    let page = client.send(&FilterUsers::default()).await.expect("the call is right");

    assert_eq!(page.users.len(), 60);
    for user in page.users {
        let shown: Vec<(&str, &str)> = user
            .user_set_properties_models
            .iter()
            .flat_map(|property| {
                property
                    .property_values
                    .iter()
                    .map(|value| (property.property_key.as_str(), value.property_value.as_str()))
            })
            .collect();
        assert_eq!(shown, company.values(&user.end_user_id), "{}", user.end_user_id);
        assert!(user.user_set_properties_models.iter().all(|property| {
            property.property_type == 2
                && property.user_name == user.end_user_id
                && property.user_id == user.id
        }));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmin_is_found_only_where_it_is_named() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice"]).await;
    let base = FilterUsers::default;
    let named = |names: &[&str]| FilterUsers { include_end_user_ids: Some(texts(names)), ..base() };

    for request in [
        base(),
        FilterUsers { filter: Some("*".into()), ..base() },
        FilterUsers { org_id: Some(ROOT.into()), ..base() },
        FilterUsers {
            owner_type: Some(OwnerTypeFilter::Normal),
            status: Some(ShownStatus::Normal),
            ..base()
        },
        FilterUsers { exclude_end_user_ids: Some(texts(&["bob"])), ..base() },
    ] {
        assert_eq!(filter(&client, &request).await, ["alice"], "{request:?}");
    }
    assert_eq!(filter(&client, &named(&["SuperAdmin"])).await, ["superadmin"]);
    assert_eq!(filter(&client, &named(&["superadmin", "alice"])).await, ["alice", "superadmin"]);
    let neither =
        FilterUsers { exclude_end_user_ids: Some(texts(&["superadmin"])), ..named(&["superadmin"]) };
    assert!(filter(&client, &neither).await.is_empty());
    let shown = filtered(&client, "superadmin").await;
    assert!(shown.is_tenant_manager && !filtered(&client, "alice").await.is_tenant_manager);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_user_has_properties_and_groups_and_is_counted_in_none() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice"]).await;
    let group = make_group(&client, "early").await;
    join(&client, &group, &["alice", "superadmin"]).await;
    let (job, values) = make_property(&client, "job", &["dev"]).await;
    for name in ["alice", "superadmin"] {
        bind(&client, &user(&client, name).await, job, values[0]).await;
    }
    let (job, dev) = (job.to_string(), values[0].to_string());
    let has = [("PropertyFilterParam.1.PropertyId", job.as_str())];
    let named = [has[0], ("IncludeEndUserIds.1", "superadmin"), ("IncludeEndUserIds.2", "alice")];

    assert_eq!(found(&client, &has).await, ["alice"]);
    assert_eq!(found(&client, &named).await, ["alice", "superadmin"]);
    let used = client.call("CheckUsedProperty", &[("PropertyId", &job)]).await.json();
    let value = [("PropertyId", job.as_str()), ("PropertyValueId", &dev)];
    let value = client.call("CheckUsedPropertyValue", &value).await.json();
    let groups = client.call("DescribeGroups", &[]).await.json();
    let counts = (&used["UseCount"], &value["UseCount"], &groups["Groups"][0]["UserCount"]);
    assert_eq!(counts, (&json!(1), &json!(1), &json!(1)));
    server.stop().await;
}

/// The names that `FilterUsers` finds with these parameters, on one page.
async fn found(client: &Client, parameters: &[(&str, &str)]) -> Vec<String> {
    names_in(&client.call("FilterUsers", parameters).await.json())
}

fn names_in(answer: &Value) -> Vec<String> {
    let users = answer["Users"].as_array().unwrap_or_else(|| panic!("{answer}"));
    users.iter().map(|user| user["EndUserId"].as_str().expect("a name").to_owned()).collect()
}

/// Parameters, and whom they find.
type Case<'a> = (Vec<(&'a str, &'a str)>, &'a [&'a str]);

#[tokio::test(flavor = "multi_thread")]
async fn properties_are_asked_for_in_every_spelling() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice", "bob", "carol"]).await;
    let (job, jobs) = make_property(&client, "job", &["dev", "ops"]).await;
    for (name, value) in [("alice", jobs[0]), ("bob", jobs[1])] {
        bind(&client, &user(&client, name).await, job, value).await;
    }
    let (job, both) = (job.to_string(), format!("{}, {} ,", jobs[0], jobs[1]));
    let dev = jobs[0].to_string();
    let as_json = format!(r#"[{{"PropertyId":{job},"PropertyValueIds":"{dev}"}}]"#);
    let by_key = r#"[{"PropertyKey":"job","PropertyValues":"dev"}]"#;
    let all = ["carol", "bob", "alice"];

    let cases: Vec<Case<'_>> = vec![
        (
            vec![
                ("PropertyFilterParam.1.PropertyId", &job),
                ("PropertyFilterParam.1.PropertyValueIds", &dev),
            ],
            &["alice"],
        ),
        (
            vec![
                ("PropertyFilterParam.1.PropertyId", &job),
                ("PropertyFilterParam.1.PropertyValueIds", &both),
            ],
            &["bob", "alice"],
        ),
        (
            vec![("PropertyFilterParam.1.PropertyId", &job), ("PropertyFilterParam.1.PropertyValueIds", "")],
            &["bob", "alice"],
        ),
        (vec![("PropertyFilterParam.3.PropertyId", &job)], &["bob", "alice"]),
        (vec![("PropertyFilterParam", &as_json)], &["alice"]),
        (vec![("PropertyFilterParam", "")], &all),
        (vec![("PropertyFilterParam", "[]")], &all),
        (
            vec![("PropertyFilterParam.1.PropertyId", &job), ("PropertyFilterParam.1.PropertyValueIds", "0")],
            &[],
        ),
        (vec![("PropertyFilterParam.1.PropertyId", "-1")], &[]),
        (vec![("PropertyKeyValueFilterParam.1.PropertyKey", "ＪＯＢ")], &["bob", "alice"]),
        (
            vec![
                ("PropertyKeyValueFilterParam.1.PropertyKey", "job"),
                ("PropertyKeyValueFilterParam.1.PropertyValues", "ops,qa"),
            ],
            &["bob"],
        ),
        (vec![("PropertyKeyValueFilterParam", by_key)], &["alice"]),
        (
            vec![("PropertyKeyValueFilterParam", by_key), ("PropertyFilterParam.1.PropertyId", &job)],
            &["bob", "alice"],
        ),
        (vec![("PropertyKeyValueFilterParam.1.PropertyKey", "job,city")], &[]),
    ];
    for (parameters, expected) in cases {
        assert_eq!(found(&client, &parameters).await, expected, "{parameters:?}");
        let owned: Vec<(String, String)> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let in_query = client.exchange(&client.get("FilterUsers", &owned)).await;
        assert_eq!(names_in(&in_query.json()), expected, "{parameters:?} in a query");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_follows_what_becomes_of_properties_and_organizations_at_once() {
    let server = Server::start().await;
    let client = server.administrator();
    create(&client, &["alice", "bob", "carol"]).await;
    let (job, jobs) = make_property(&client, "job", &["dev", "ops"]).await;
    for name in ["alice", "bob", "carol"] {
        bind(&client, &user(&client, name).await, job, jobs[0]).await;
    }
    bind(&client, &user(&client, "carol").await, job, jobs[1]).await;
    let (east, west) = (make_org(&client, "east", ROOT).await, make_org(&client, "west", ROOT).await);
    let shop = make_org(&client, "shop", &east).await;
    for (name, org) in [("alice", &shop), ("bob", &east), ("carol", &west)] {
        client.call("MoveUserOrg", &[("OrgId", org), ("EndUserIds.1", name)]).await;
    }
    let id = job.to_string();
    let of_key = |key| [("PropertyKeyValueFilterParam.1.PropertyKey", key), ("MaxResults", "1")];
    let below = |org: &str| FilterUsers {
        org_id: Some(org.to_owned()),
        is_query_all_sub_orgs: Some(true),
        ..FilterUsers::default()
    };
    let page = client.call("FilterUsers", &of_key("job")).await.json();
    let token = page["NextToken"].as_str().expect("two more follow").to_owned();

    // Moved, with whom it holds.
    assert_eq!(filter(&client, &below(&east)).await, ["bob", "alice"]);
    client.call("MoveOrg", &[("OrgId", &shop), ("NewParentOrgId", &west)]).await;
    assert_eq!(filter(&client, &below(&east)).await, ["bob"]);
    assert_eq!(filter(&client, &pages_of(1, &below(&west))).await, ["carol", "alice"]);

    // Renamed: the property, one value; and the other value is gone with those who had it.
    let (dev, renamed) = (jobs[0].to_string(), [("PropertyId", id.as_str()), ("PropertyKey", "work")]);
    let values =
        [("PropertyValues.1.PropertyValueId", dev.as_str()), ("PropertyValues.1.PropertyValue", "code")];
    let answer = client.call("UpdateProperty", &[renamed, values].concat()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(found(&client, &of_key("job")).await, Vec::<String>::new());
    assert_eq!(found(&client, &of_key("work")[..1]).await, ["carol", "bob", "alice"]);
    let of_value = |value| [of_key("work")[0], ("PropertyKeyValueFilterParam.1.PropertyValues", value)];
    assert_eq!(found(&client, &of_value("code")).await, ["carol", "bob", "alice"]);
    for gone in ["dev", "ops"] {
        assert_eq!(found(&client, &of_value(gone)).await, Vec::<String>::new(), "{gone}");
    }
    let ops = jobs[1].to_string();
    let by_id =
        [("PropertyFilterParam.1.PropertyId", id.as_str()), ("PropertyFilterParam.1.PropertyValueIds", &ops)];
    assert_eq!(found(&client, &by_id).await, Vec::<String>::new());
    assert_eq!(filtered(&client, "carol").await.user_set_properties_models[0].property_values.len(), 1);

    // A token is good for its question, whose answer is another one by now.
    let rest = [of_key("job")[0], ("NextToken", &token)];
    assert_eq!(found(&client, &rest).await, Vec::<String>::new());

    assert_eq!(client.call("RemoveProperty", &[("PropertyId", &id)]).await.status, 200);
    assert_eq!(found(&client, &by_id[..1]).await, Vec::<String>::new());
    assert!(filtered(&client, "carol").await.user_set_properties_models.is_empty());
    let (again, values) = make_property(&client, "work", &["code"]).await;
    assert_eq!(found(&client, &of_key("work")).await, Vec::<String>::new(), "nobody has the new one");
    bind(&client, &user(&client, "bob").await, again, values[0]).await;
    assert_eq!(found(&client, &of_key("work")).await, ["bob"]);
    server.stop().await;
}
