//! `DescribeUsers`: whom each filter finds, alone and with others.
//!
//! Source: `reference/eds-user.md`, 8 and X.4; `reference/doors.md` §6.

use api::eds::{CreateUsers, DescribeUsers, NewUser, ShownStatus};

use crate::support::{Client, Company, Server, create_users, describe, find, list, new_user, texts};

const ROOT: &str = "org-aliyun-wy-org-id";
const NO_ORG: &str = "org-08nirkf56rh6k7jht";
const NO_GROUP: &str = "ug-08nirkf56rh6k7jht";

/// Six people, of whom the last two lock themselves ten minutes later, and did when this returns.
async fn people(server: &Server) -> Client {
    let admin = server.administrator();
    let with = |name: &str, email: &str| NewUser { email: Some(email.into()), ..new_user(name) };
    let open = vec![
        with("adam", "Adam@Example.com"),
        with("anna_m", "anna@corp.example.org"),
        with("li_lei", "李雷@例子.中国"),
        with("odd_100", "50%_off@example.com"),
    ];
    let shut = vec![with("zoe_m", "zoe@example.com"), with("adamant", "other@corp.example.org")];
    admin.send(&create_users(open)).await.expect("the call is right");
    let locking = CreateUsers { auto_lock_time: Some("2026-01-15 16:40:00".into()), ..create_users(shut) };
    admin.send(&locking).await.expect("the call is right");
    server.pass(10 * 60_000);
    admin
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_looked_for_in_name_and_address() {
    let server = Server::start().await;
    let admin = people(&server).await;
    let everybody = ["adam", "anna_m", "li_lei", "odd_100", "zoe_m", "adamant"];

    let cases: &[(&str, &[&str])] = &[
        ("adam", &["adam", "adamant"]),
        ("dam", &["adam", "adamant"]),
        ("ADAM", &["adam", "adamant"]),
        ("adam@", &["adam"]),
        ("a", &["adam", "anna_m", "odd_100", "zoe_m", "adamant"]),
        ("z", &["zoe_m"]),
        ("_m", &["anna_m", "zoe_m"]),
        ("_", &["anna_m", "li_lei", "odd_100", "zoe_m"]),
        ("%", &["odd_100"]),
        ("%_o", &["odd_100"]),
        ("50%", &["odd_100"]),
        ("d_1", &["odd_100"]),
        ("\\", &[]),
        ("'", &[]),
        ("\"", &[]),
        ("corp.example.org", &["anna_m", "adamant"]),
        ("@corp", &["anna_m", "adamant"]),
        ("@EXAMPLE.com", &["adam", "odd_100", "zoe_m"]),
        ("李", &["li_lei"]),
        ("李雷", &["li_lei"]),
        ("例子.中国", &["li_lei"]),
        ("雷李", &[]),
        ("ａｄａｍ", &["adam", "adamant"]),
        ("adam@example.com", &["adam"]),
        ("nobody", &[]),
        ("adam zoe", &[]),
        ("adamadam", &[]),
        ("", &everybody),
        // With a star both ends count.
        ("*", &everybody),
        ("***", &everybody),
        ("a*m", &["adam", "anna_m"]),
        ("A*M", &["adam", "anna_m"]),
        ("a*", &["adam", "anna_m", "adamant"]),
        ("*m", &["adam", "anna_m", "odd_100", "zoe_m"]),
        ("*_m", &["anna_m", "zoe_m"]),
        ("*dam*", &["adam", "adamant"]),
        ("adam*", &["adam", "adamant"]),
        ("*adam", &["adam"]),
        ("a*a*t", &["adamant"]),
        ("*@example.com", &["adam", "odd_100", "zoe_m"]),
        ("*@*.org", &["anna_m", "adamant"]),
        ("*%*", &["odd_100"]),
        ("李*", &["li_lei"]),
        ("*李雷*", &["li_lei"]),
        ("*例子", &[]),
        ("m*a", &[]),
    ];
    for (text, expected) in cases {
        let request = DescribeUsers { filter: Some((*text).into()), ..DescribeUsers::default() };
        assert_eq!(find(&admin, &request).await, *expected, "Filter={text}");
        // The total is right also where it is not simply the length of the only page.
        let one = DescribeUsers { max_results: Some(1.try_into().expect("in range")), ..request };
        assert_eq!(find(&admin, &one).await, *expected, "Filter={text}, page by page");
    }
    server.stop().await;
}

/// Parameters, and whom they find.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(flavor = "multi_thread")]
async fn each_exact_filter_finds_its_own() {
    let server = Server::start().await;
    let admin = people(&server).await;
    let everybody = ["adam", "anna_m", "li_lei", "odd_100", "zoe_m", "adamant"];

    let cases: &[Case<'_>] = &[
        (&[("EndUserIds.1", "zoe_m"), ("EndUserIds.2", "adam")], &["adam", "zoe_m"]),
        (&[("EndUserIds.1", "ADAM"), ("EndUserIds.2", "adam"), ("EndUserIds.3", " Adam ")], &["adam"]),
        (&[("EndUserIds.1", "ada"), ("EndUserIds.2", "*")], &[]),
        (&[("EndUserIds", r#"["adam","zoe_m"]"#)], &["adam", "zoe_m"]),
        (&[("EndUserIds", "")], &everybody),
        (&[("EndUserIds", "[]")], &everybody),
        (&[("ExcludeEndUserIds.1", "ADAM"), ("ExcludeEndUserIds.2", "ghost")], &everybody[1..]),
        (&[("ExcludeEndUserIds", "")], &everybody),
        (&[("OrgId", ROOT)], &everybody),
        (&[("OrgId", ROOT), ("IsQueryAllSubOrgs", "True")], &everybody),
        (&[("OrgId", "")], &everybody),
        (&[("IsQueryAllSubOrgs", "true")], &everybody),
        (&[("OrgId", NO_ORG)], &[]),
        (&[("OrgId", NO_ORG), ("IsQueryAllSubOrgs", "true")], &[]),
        (&[("OrgId", "nonsense")], &[]),
        (&[("OrgId", "ORG-ALIYUN-WY-ORG-ID")], &[]),
        (&[("GroupId", NO_GROUP)], &[]),
        (&[("GroupId", "nonsense")], &[]),
        (&[("GroupId", ROOT)], &[]),
        (&[("GroupId", "")], &everybody),
        (&[("ExcludeGroupId", NO_GROUP)], &everybody),
        (&[("ExcludeGroupId", "nonsense")], &everybody),
        (&[("ExcludeGroupId", "")], &everybody),
        (&[("Status", "0")], &["adam", "anna_m", "li_lei", "odd_100"]),
        (&[("Status", "9")], &["zoe_m", "adamant"]),
        (&[("Status", "11")], &[]),
        (&[("Status", "")], &everybody),
    ];
    for (filters, expected) in cases {
        let mut token = String::new();
        let mut found = Vec::new();
        loop {
            let page = [&[("MaxResults", "2"), ("NextToken", token.as_str())], *filters].concat();
            let answer = admin.call("DescribeUsers", &page).await.json();
            assert_eq!(answer["Count"], expected.len(), "{filters:?}");
            let users = answer["Users"].as_array().unwrap_or_else(|| panic!("{filters:?}: {answer}"));
            found.extend(users.iter().map(|user| user["EndUserId"].as_str().expect("a name").to_owned()));
            answer["NextToken"].as_str().expect("a token").clone_into(&mut token);
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(found, *expected, "{filters:?}");
    }
    for (parameter, value) in [
        ("Status", "1"),
        ("Status", "locked"),
        ("Status", "-9"),
        ("Status", "9.0"),
        ("IsQueryAllSubOrgs", "yes"),
        ("EndUserIds", "adam"),
        ("EndUserIds", r#"{"1":"adam"}"#),
        ("EndUserIds.x", "adam"),
        ("EndUserIds.1.Name", "adam"),
        ("ExcludeEndUserIds", "adam"),
    ] {
        let answer = admin.call("DescribeUsers", &[(parameter, value)]).await;
        let name = parameter.split('.').next().expect("a name");
        assert_eq!(answer.refusal(), format!("400 Invalid{name}"), "{parameter}={value}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_together() {
    let server = Server::start().await;
    let admin = people(&server).await;
    let base = DescribeUsers::default;
    let names = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Some(names.try_into().expect("few"))
    };
    let shut = Some(ShownStatus::Locked);
    let open = Some(ShownStatus::Normal);
    let text = |text: &str| Some(text.to_owned());
    let root = Some(ROOT.to_owned());

    let cases: Vec<(DescribeUsers, &[&str])> = vec![
        (DescribeUsers { filter: text("adam"), status: open, ..base() }, &["adam"]),
        (DescribeUsers { filter: text("adam"), status: shut, ..base() }, &["adamant"]),
        (DescribeUsers { filter: text("_m"), status: shut, org_id: root.clone(), ..base() }, &["zoe_m"]),
        (
            DescribeUsers { filter: text("adam"), exclude_end_user_ids: names(&["ADAM"]), ..base() },
            &["adamant"],
        ),
        (
            DescribeUsers { end_user_ids: names(&["adam", "zoe_m", "ghost"]), status: shut, ..base() },
            &["zoe_m"],
        ),
        (DescribeUsers { end_user_ids: names(&["adam", "zoe_m"]), filter: text("z*"), ..base() }, &["zoe_m"]),
        (
            DescribeUsers {
                end_user_ids: names(&["adam", "zoe_m"]),
                exclude_end_user_ids: names(&["adam"]),
                ..base()
            },
            &["zoe_m"],
        ),
        (DescribeUsers { end_user_ids: names(&["superadmin", "adam"]), status: shut, ..base() }, &[]),
        (
            DescribeUsers { end_user_ids: names(&["superadmin", "adam"]), filter: text("adm"), ..base() },
            &["superadmin"],
        ),
        (DescribeUsers { org_id: root.clone(), group_id: text(NO_GROUP), ..base() }, &[]),
        (
            DescribeUsers {
                org_id: root.clone(),
                is_query_all_sub_orgs: Some(true),
                exclude_group_id: text(NO_GROUP),
                filter: text("*a*m"),
                status: open,
                exclude_end_user_ids: names(&["adam"]),
                ..base()
            },
            &["anna_m", "odd_100"],
        ),
        (DescribeUsers { status: shut, exclude_group_id: text(NO_GROUP), ..base() }, &["zoe_m", "adamant"]),
        (DescribeUsers { status: Some(ShownStatus::Left), filter: text("a"), ..base() }, &[]),
        (DescribeUsers { org_id: text(NO_ORG), filter: text("a"), ..base() }, &[]),
    ];
    for (request, expected) in cases {
        assert_eq!(find(&admin, &request).await, *expected, "{request:?}");
        let one = DescribeUsers { max_results: Some(1.try_into().expect("in range")), ..request };
        assert_eq!(find(&admin, &one).await, *expected, "{one:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_not_excuse_a_wrong_filter() {
    let server = Server::start().await;
    let admin = people(&server).await;
    let unknown = DescribeUsers {
        org_id: Some(NO_ORG.into()),
        next_token: Some("AAAA".into()),
        ..DescribeUsers::default()
    };

    let fault = describe(&admin, &unknown).await.expect_err("the token is not ours");

    assert_eq!(fault.brief(), "400 InvalidNextToken");
    server.stop().await;
}

/// Filters by one parameter each, with what to call it and which parameter it is.
fn conditions(company: &Company) -> Vec<(&'static str, &'static str, DescribeUsers)> {
    let base = DescribeUsers::default;
    let text = |text: &str| Some(text.to_owned());
    let some: Vec<String> = company.described(&base()).into_iter().step_by(4).collect();
    let in_org = |org: usize, with_subtree: Option<bool>| DescribeUsers {
        org_id: Some(company.orgs[org].clone()),
        is_query_all_sub_orgs: with_subtree,
        ..base()
    };
    vec![
        ("contains", "Filter", DescribeUsers { filter: text("kim"), ..base() }),
        ("looks like", "Filter", DescribeUsers { filter: text("*_1*"), ..base() }),
        ("has an address", "Filter", DescribeUsers { filter: text("*@corp.example.org"), ..base() }),
        ("in east", "OrgId", in_org(1, None)),
        ("below east", "OrgId", in_org(1, Some(true))),
        ("below west", "OrgId", in_org(2, Some(true))),
        ("in the root", "OrgId", in_org(0, None)),
        ("below the root", "OrgId", in_org(0, Some(true))),
        ("nowhere", "OrgId", DescribeUsers { org_id: text(NO_ORG), ..base() }),
        ("early", "GroupId", DescribeUsers { group_id: Some(company.groups[0].clone()), ..base() }),
        ("late", "GroupId", DescribeUsers { group_id: Some(company.groups[1].clone()), ..base() }),
        ("in no group", "GroupId", DescribeUsers { group_id: text(NO_GROUP), ..base() }),
        (
            "not early",
            "ExcludeGroupId",
            DescribeUsers { exclude_group_id: Some(company.groups[0].clone()), ..base() },
        ),
        (
            "not late",
            "ExcludeGroupId",
            DescribeUsers { exclude_group_id: Some(company.groups[1].clone()), ..base() },
        ),
        ("open", "Status", DescribeUsers { status: Some(ShownStatus::Normal), ..base() }),
        ("shut", "Status", DescribeUsers { status: Some(ShownStatus::Locked), ..base() }),
        (
            "these",
            "EndUserIds",
            DescribeUsers {
                end_user_ids: Some(texts(&[&some[..], &["superadmin".into()]].concat())),
                ..base()
            },
        ),
        (
            "not those",
            "ExcludeEndUserIds",
            DescribeUsers { exclude_end_user_ids: Some(texts(&some[3..])), ..base() },
        ),
    ]
}

/// What both ask for.
fn both(one: &DescribeUsers, other: &DescribeUsers) -> DescribeUsers {
    let other = other.clone();
    DescribeUsers {
        filter: one.filter.clone().or(other.filter),
        end_user_ids: one.end_user_ids.clone().or(other.end_user_ids),
        exclude_end_user_ids: one.exclude_end_user_ids.clone().or(other.exclude_end_user_ids),
        org_id: one.org_id.clone().or(other.org_id),
        is_query_all_sub_orgs: one.is_query_all_sub_orgs.or(other.is_query_all_sub_orgs),
        group_id: one.group_id.clone().or(other.group_id),
        exclude_group_id: one.exclude_group_id.clone().or(other.exclude_group_id),
        status: one.status.or(other.status),
        ..DescribeUsers::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_two_filters_hold_together_are_counted_and_go_on_page_by_page() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let admin = server.administrator();
    let conditions = conditions(&company);

    for (at, (one, parameter, request)) in conditions.iter().enumerate() {
        for (other, with, more) in &conditions[at..] {
            if parameter == with && one != other {
                continue;
            }
            let request = both(request, more);
            let expected = company.described(&request);
            for size in [1, 7, 500] {
                let max_results = Some(size.try_into().expect("in range"));
                let request = DescribeUsers { max_results, ..request.clone() };
                assert_eq!(find(&admin, &request).await, expected, "{one} and {other}, pages of {size}");
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_properties_of_everybody_are_shown_where_they_are_asked_for() {
    let server = Server::start().await;
    let company = Company::settle(&server).await;
    let admin = server.administrator();
    let show_extras = Some([("Properties".to_owned(), true.into())].into());
    let request = DescribeUsers {
        show_extras,
        org_id: Some(company.orgs[1].clone()),
        is_query_all_sub_orgs: Some(true),
        max_results: Some(7.try_into().expect("in range")),
        ..DescribeUsers::default()
    };

    let users = list(&admin, &request).await;

    assert!(
        users.len() > 7 && users.iter().any(|user| user.orgs.len() == 2),
        "some are in two organizations"
    );
    for user in users {
        let properties = user.properties.expect("they are asked for");
        let shown: Vec<(&str, &str)> =
            properties.iter().map(|property| (property.key.as_str(), property.value.as_str())).collect();
        assert_eq!(shown, company.values(&user.end_user_id), "{}", user.end_user_id);
    }
    server.stop().await;
}
