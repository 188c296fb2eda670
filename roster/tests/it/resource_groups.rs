//! Resource groups: made, listed, filled and removed.
//!
//! Source: `reference/eds-user.md`, 34 to 36, 46 and 47.

use api::eds::{
    CreateResourceGroup, DeleteResourceGroup, DescribeResourceGroups, DescribeResourceGroupsReply, Platform,
    TransferResourcesIntoGroup, TransferResourcesOutofGroup, TransferredResource,
};
use model::time::DAY;

use crate::support::{Client, Server, make_group, make_resource_group, picture, refuses, told};

/// A request for all resource groups.
fn all() -> DescribeResourceGroups {
    DescribeResourceGroups::default()
}

/// A request to remove resource groups, each in its own way.
fn delete(group: Option<&str>, groups: &[&str]) -> DeleteResourceGroup {
    let groups: Vec<String> = groups.iter().map(|id| (*id).to_owned()).collect();
    DeleteResourceGroup {
        resource_group_id: group.map(str::to_owned),
        resource_group_ids: if groups.is_empty() { None } else { Some(groups.try_into().expect("1 to 100")) },
    }
}

/// Desktops in one region.
fn desktops(ids: &[&str]) -> Vec<TransferredResource> {
    let desktop = |id: &&str| TransferredResource {
        resource_id: (*id).to_owned(),
        region_id: Some("cn-shanghai".to_owned()),
        resource_type: Some("DESKTOP".to_owned()),
    };
    ids.iter().map(desktop).collect()
}

/// A request to put resources into a group.
fn into(group: &str, resources: Vec<TransferredResource>) -> TransferResourcesIntoGroup {
    TransferResourcesIntoGroup {
        resource_group_id: group.to_owned(),
        platform: Platform::default(),
        resources: resources.try_into().expect("1 to 100"),
    }
}

/// A request to take resources out of a group, and into another.
fn out_of(
    group: &str,
    resources: Vec<TransferredResource>,
    target: Option<&str>,
) -> TransferResourcesOutofGroup {
    TransferResourcesOutofGroup {
        resource_group_id: group.to_owned(),
        platform: Platform::default(),
        resources: resources.try_into().expect("1 to 100"),
        target_resource_group_id: target.map(str::to_owned),
    }
}

async fn describe(admin: &Client, request: &DescribeResourceGroups) -> DescribeResourceGroupsReply {
    admin.send(request).await.expect("the call is right")
}

/// Each resource group with how much is in it, as it is written.
async fn counts(admin: &Client) -> Vec<(String, String)> {
    let groups = describe(admin, &all()).await.resource_group;
    groups.into_iter().map(|group| (group.resource_group_name, group.resource_count)).collect()
}

fn counted(counts: &[(&str, i64)]) -> Vec<(String, String)> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), count.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_group_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator();

    let parameters = [
        ("ResourceGroupName", "研发. desks"),
        ("Platform", "AliyunConsole"),
        ("IsResourceGroupWithOfficeSite", "0"),
        ("EnableAliyunResourceGroup", "true"),
        ("ResourceClassification", "Desktop"),
        ("AgentType", "agent"),
        ("BusinessChannel", "ENTERPRISE"),
    ];
    let made = admin.call("CreateResourceGroup", &parameters).await;
    let id = made.json()["ResourceGroupId"].as_str().expect("an id").to_owned();
    server.pass(1_234);
    let plain = make_resource_group(&admin, "plain").await;
    admin.send(&into(&plain, desktops(&["ecd-1", "ecd-2"]))).await.expect("the group is there");

    let digits = id.strip_prefix("rg-").expect("its prefix");
    assert!(digits.len() == 17 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    let ids = [(id.as_str(), "desks"), (plain.as_str(), "plain")];
    insta::assert_json_snapshot!(told(&made, &ids), @r#"
    {
      "RequestId": "[id]",
      "ResourceGroupId": "[desks]"
    }
    "#);
    insta::assert_json_snapshot!(told(&admin.call("DescribeResourceGroups", &[]).await, &ids), @r#"
    {
      "RequestId": "[id]",
      "ResourceGroup": [
        {
          "AppRules": [],
          "AuthCount": "0",
          "CreateTime": "2026-01-15T08:30:01.234000000Z",
          "Policies": [],
          "ResourceCount": "2",
          "ResourceGroupId": "[plain]",
          "ResourceGroupName": "plain",
          "Timers": []
        },
        {
          "AgentType": "agent",
          "AppRules": [],
          "AuthCount": "0",
          "CreateTime": "2026-01-15T08:30:00.000000000Z",
          "Policies": [],
          "ResourceCount": "0",
          "ResourceGroupId": "[desks]",
          "ResourceGroupName": "研发. desks",
          "Timers": []
        }
      ],
      "TotalCount": "2"
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_answers_with_a_request_id_and_no_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (one, other) = (make_resource_group(&admin, "one").await, make_resource_group(&admin, "other").await);
    let resource = [
        ("Resources.1.RegionId", "cn-shanghai"),
        ("Resources.1.ResourceId", "ecd-1"),
        ("Resources.1.ResourceType", "DESKTOP"),
    ];
    let (group, target) = (("ResourceGroupId", one.as_str()), ("TargetResourceGroupId", other.as_str()));

    let changes: [(&str, &[(&str, &str)]); 4] = [
        ("TransferResourcesIntoGroup", &[&[group][..], &resource].concat()),
        ("TransferResourcesOutofGroup", &[&[group, target][..], &resource].concat()),
        ("TransferResourcesOutofGroup", &[&[("ResourceGroupId", target.1)][..], &resource].concat()),
        ("DeleteResourceGroup", &[group]),
    ];
    for (action, parameters) in changes {
        let answer = admin.call(action, parameters).await;
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(told(&answer, &[]), @r#"
            {
              "RequestId": "[id]"
            }
            "#);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_has_1_to_64_characters_and_is_unique_in_any_case_and_width() {
    let server = Server::start().await;
    let admin = server.administrator();
    let desks = make_resource_group(&admin, "Desks").await;

    for name in ["a", "组", "é", "😀"].map(|letter| letter.repeat(64)) {
        let made = make_resource_group(&admin, &format!(" {name} ")).await;
        assert_eq!(describe(&admin, &all()).await.resource_group[0].resource_group_name, name);
        admin.send(&delete(Some(&made), &[])).await.expect("it is there");
    }
    let long = ["a", "组", "é", "😀"].map(|letter| letter.repeat(65));
    let unfit = ["a\tb", "a\nb", "a\0b", "a\u{7f}b", "a\u{85}b", "   ", "\u{3000}"];
    for name in long.iter().map(String::as_str).chain(unfit) {
        let wrong: &[(&str, &str)] = &[("ResourceGroupName", name)];
        refuses(&admin, "CreateResourceGroup", &[(wrong, "InvalidResourceGroupName")]).await;
    }
    for name in ["Desks", "desks", "DESKS", "ｄｅｓｋｓ", " desks "] {
        let taken: &[(&str, &str)] = &[("ResourceGroupName", name)];
        refuses(&admin, "CreateResourceGroup", &[(taken, "ExistedResourceGroupName")]).await;
    }
    admin.send(&delete(Some(&desks), &[])).await.expect("it is there");
    let again = make_resource_group(&admin, "DESKS").await;
    assert_ne!(again, desks);
    assert_eq!(counts(&admin).await, counted(&[("DESKS", 0)]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_is_missed_by_name_and_only_one_platform_is_known() {
    let server = Server::start().await;
    let admin = server.administrator();
    let id = make_resource_group(&admin, "desks").await;
    let (group, name) = (("ResourceGroupId", id.as_str()), ("ResourceGroupName", "x"));
    let (resource, platform) = (("Resources.1.ResourceId", "ecd-1"), ("Platform", "Wuying"));

    refuses(
        &admin,
        "CreateResourceGroup",
        &[
            (&[], "MissingResourceGroupName"),
            (&[("ResourceGroupName", "")], "MissingResourceGroupName"),
            (&[name, platform], "InvalidPlatform"),
            (&[name, ("Platform", "aliyunconsole")], "InvalidPlatform"),
        ],
    )
    .await;
    refuses(
        &admin,
        "DeleteResourceGroup",
        &[
            (&[], "MissingResourceGroupId"),
            (&[("ResourceGroupId", ""), ("ResourceGroupIds", "[]")], "MissingResourceGroupId"),
        ],
    )
    .await;
    for action in ["TransferResourcesIntoGroup", "TransferResourcesOutofGroup"] {
        refuses(
            &admin,
            action,
            &[
                (&[resource], "MissingResourceGroupId"),
                (&[resource, ("ResourceGroupId", "")], "MissingResourceGroupId"),
                (&[group], "MissingResources"),
                (&[group, ("Resources", "[]")], "MissingResources"),
                (&[group, ("Resources.1.RegionId", "cn-shanghai")], "MissingResources"),
                (&[group, resource, ("Resources.2.ResourceId", "")], "MissingResources"),
                (&[group, ("Resources", "ecd-1")], "InvalidResources"),
                (&[group, resource, platform], "InvalidPlatform"),
            ],
        )
        .await;
    }
    refuses(&admin, "DescribeResourceGroups", &[(&[platform], "InvalidPlatform")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_nothing_is_not_found_and_nothing_changes() {
    let server = Server::start().await;
    let admin = server.administrator();
    let elsewhere = Server::start().await;
    elsewhere.pass(DAY);
    let group = make_resource_group(&admin, "desks").await;
    admin.send(&into(&group, desktops(&["ecd-1"]))).await.expect("the group is there");
    let gone = make_resource_group(&admin, "gone").await;
    admin.send(&delete(Some(&gone), &[])).await.expect("it is there");
    let users = make_group(&admin, "users").await;
    let digits = group.strip_prefix("rg-").expect("its prefix");
    let unknown = [
        gone,
        make_resource_group(&elsewhere.administrator(), "desks").await,
        users.replace("ug-", "rg-"),
        users,
        format!("ug-{digits}"),
        digits.to_owned(),
        group.to_uppercase(),
        format!("{group} "),
        format!("rg-0{digits}"),
        "rg-08nirkf56rh6k7jht".to_owned(),
        "desks".to_owned(),
        "\0".to_owned(),
    ];

    let code = "InvalidResourceGroupId.NotFound";
    let resource = ("Resources.1.ResourceId", "ecd-1");
    for id in unknown.iter().map(String::as_str) {
        let (stranger, own) = (("ResourceGroupId", id), ("ResourceGroupId", group.as_str()));
        refuses(
            &admin,
            "DeleteResourceGroup",
            &[
                (&[stranger], code),
                (&[("ResourceGroupIds.1", &group), ("ResourceGroupIds.2", id)], code),
                (&[own, ("ResourceGroupIds.1", id)], code),
                (&[stranger, ("ResourceGroupIds.1", &group)], code),
            ],
        )
        .await;
        refuses(&admin, "TransferResourcesIntoGroup", &[(&[stranger, resource], code)]).await;
        refuses(
            &admin,
            "TransferResourcesOutofGroup",
            &[
                (&[stranger, resource], code),
                (&[stranger, resource, ("TargetResourceGroupId", &group)], code),
                (&[own, resource, ("TargetResourceGroupId", id)], "InvalidTargetResourceGroupId.NotFound"),
            ],
        )
        .await;
        let named = DescribeResourceGroups {
            resource_group_ids: Some(vec![id.to_owned()].try_into().expect("one")),
            ..all()
        };
        let shown = describe(&admin, &named).await;
        assert_eq!((shown.total_count.as_str(), shown.resource_group.len()), ("0", 0), "{id}");
    }
    elsewhere.stop().await;
    server.stop().await;
}

/// Parameters, and what they find.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_its_own_alone_and_with_others() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut ids = Vec::new();
    for (name, kind, agent) in [
        ("dev", "A", ""),
        ("Dev Tools", "A", "x"),
        ("研发部", "B", "x"),
        ("50%_", "", ""),
        ("Sales", "B", "y"),
    ] {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let request = CreateResourceGroup {
            resource_group_name: name.to_owned(),
            platform: Platform::default(),
            resource_classification: given(kind),
            agent_type: given(agent),
        };
        ids.push(admin.send(&request).await.expect("it can be made").resource_group_id);
    }
    let [dev, tools, _, _, sales] = &ids[..] else { panic!("five of them") };
    let everything = ["Sales", "50%_", "研发部", "Dev Tools", "dev"];

    let cases: &[Case<'_>] = &[
        (&[], &everything),
        (&[("Platform", "AliyunConsole"), ("NeedContainResourceGroupWithOfficeSite", "1")], &everything),
        (&[("Platform", ""), ("ResourceGroupName", ""), ("ResourceGroupIds", "[]")], &everything),
        (&[("ResourceClassification", ""), ("AgentType", ""), ("AliyunResourceGroupIds", "")], &everything),
        (&[("ResourceGroupName", "dev")], &["Dev Tools", "dev"]),
        (&[("ResourceGroupName", "ＤＥＶ")], &["Dev Tools", "dev"]),
        (&[("ResourceGroupName", "发")], &["研发部"]),
        (&[("ResourceGroupName", "%")], &["50%_"]),
        (&[("ResourceGroupName", "'")], &[]),
        (&[("ResourceGroupIds.1", sales), ("ResourceGroupIds.2", dev)], &["Sales", "dev"]),
        (&[("ResourceGroupIds.1", dev), ("ResourceGroupIds.2", dev), ("ResourceGroupIds.3", "x")], &["dev"]),
        (&[("AliyunResourceGroupIds.1", "rg-acfm000000000000")], &[]),
        (&[("AliyunResourceGroupIds.1", dev)], &[]),
        (&[("ResourceClassification", "A")], &["Dev Tools", "dev"]),
        (&[("ResourceClassification", "a")], &[]),
        (&[("AgentType", "x")], &["研发部", "Dev Tools"]),
        (&[("AgentType", "z")], &[]),
        (&[("AgentType", "x"), ("ResourceClassification", "A")], &["Dev Tools"]),
        (&[("ResourceGroupName", "s"), ("ResourceGroupIds.1", tools)], &["Dev Tools"]),
        (&[("ResourceGroupName", "dev"), ("AgentType", "y")], &[]),
    ];
    for (filters, expected) in cases {
        let mut found = Vec::new();
        for number in 1..=3 {
            let number = number.to_string();
            let page = [&[("PageSize", "2"), ("PageNumber", &number)], *filters].concat();
            let answer = admin.call("DescribeResourceGroups", &page).await.json();
            assert_eq!(answer["TotalCount"], expected.len().to_string(), "{filters:?}");
            let groups =
                answer["ResourceGroup"].as_array().unwrap_or_else(|| panic!("{filters:?}: {answer}"));
            found.extend(
                groups.iter().map(|group| group["ResourceGroupName"].as_str().expect("a name").to_owned()),
            );
        }
        assert_eq!(found, *expected, "{filters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resource_groups_are_listed_by_page() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut newest_first = Vec::new();
    for number in 0..101 {
        let name = format!("group {number:03}");
        make_resource_group(&admin, &name).await;
        newest_first.insert(0, name);
    }

    for (number, size, expected) in [
        ("", "", 0..20),
        ("2", "", 20..40),
        ("6", "", 100..101),
        ("7", "", 0..0),
        ("101", "1", 100..101),
        ("1", "100", 0..100),
        ("2", "100", 100..101),
        ("2147483647", "100", 0..0),
    ] {
        let page = [("PageNumber", number), ("PageSize", size)];
        let answer = admin.call("DescribeResourceGroups", &page).await.json();
        let groups = answer["ResourceGroup"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let found: Vec<&str> =
            groups.iter().map(|group| group["ResourceGroupName"].as_str().expect("a name")).collect();
        assert_eq!(answer["TotalCount"], "101");
        assert_eq!(found, newest_first[expected], "page {number} of {size}");
    }
    for text in ["0", "-1", "2147483648", "one"] {
        let answer = admin.call("DescribeResourceGroups", &[("PageNumber", text)]).await;
        assert_eq!(answer.refusal(), "400 InvalidPageNumber", "{text}");
    }
    for text in ["0", "-1", "101", "200", "ten"] {
        let answer = admin.call("DescribeResourceGroups", &[("PageSize", text)]).await;
        assert_eq!(answer.refusal(), "400 InvalidPageSize", "{text}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_go_in_and_out_and_from_one_group_to_another() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (one, other) = (make_resource_group(&admin, "one").await, make_resource_group(&admin, "other").await);
    let shown = async |one: i64, other: i64| {
        assert_eq!(counts(&admin).await, counted(&[("other", other), ("one", one)]));
    };

    admin.send(&into(&one, desktops(&["ecd-1", "ecd-2", "ecd-1", "ecd-3"]))).await.expect("it is there");
    shown(3, 0).await;
    let before = picture(&admin).await;
    admin.send(&into(&one, desktops(&["ecd-1"]))).await.expect("it is in it already");
    assert_eq!(picture(&admin).await, before);

    // A resource is in one group at most.
    admin.send(&into(&other, desktops(&["ecd-1"]))).await.expect("it is there");
    shown(2, 1).await;
    admin.send(&out_of(&one, desktops(&["ecd-2"]), Some(&other))).await.expect("they are there");
    shown(1, 2).await;
    admin.send(&out_of(&other, desktops(&["ecd-1", "ecd-2", "ecd-2"]), None)).await.expect("it is there");
    shown(1, 0).await;
    admin.send(&into(&other, desktops(&["ecd-1"]))).await.expect("it is free");
    shown(1, 1).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_resources_go_at_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (one, other) = (make_resource_group(&admin, "one").await, make_resource_group(&admin, "other").await);
    let ids: Vec<String> = (0..101).map(|n| format!("ecd-{n:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();

    admin.send(&into(&one, desktops(&ids[..100]))).await.expect("a hundred may go");
    let named: Vec<(String, &str)> =
        ids.iter().enumerate().map(|(at, id)| (format!("Resources.{}.ResourceId", at + 1), *id)).collect();
    let resources: Vec<(&str, &str)> = named.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    for action in ["TransferResourcesIntoGroup", "TransferResourcesOutofGroup"] {
        let more = [&[("ResourceGroupId", one.as_str())][..], &resources].concat();
        refuses(&admin, action, &[(&more, "InvalidResources")]).await;
    }
    admin.send(&out_of(&one, desktops(&ids[..100]), Some(&other))).await.expect("a hundred may go");
    assert_eq!(counts(&admin).await, counted(&[("other", 100), ("one", 0)]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resource_groups_are_removed_by_one_id_by_several_or_by_both() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(make_resource_group(&admin, &format!("group {number}")).await);
    }
    let id = |at: usize| ids[at].as_str();
    admin.send(&into(id(0), desktops(&["ecd-1"]))).await.expect("the group is there");

    admin.send(&delete(Some(id(0)), &[])).await.expect("it is there");
    admin.send(&delete(None, &[id(1), id(2), id(1)])).await.expect("they are there");
    admin.send(&delete(Some(id(3)), &[id(4), id(3)])).await.expect("they are there");

    assert_eq!(counts(&admin).await, counted(&[("group 5", 0)]));
    let gone: &[(&str, &str)] = &[("ResourceGroupId", id(0))];
    refuses(&admin, "DeleteResourceGroup", &[(gone, "InvalidResourceGroupId.NotFound")]).await;
    // What was in it is in none.
    admin.send(&into(id(5), desktops(&["ecd-1"]))).await.expect("the resource is free");
    let again = make_resource_group(&admin, "group 0").await;
    assert_eq!(counts(&admin).await, counted(&[("group 0", 0), ("group 5", 1)]));
    let named: Vec<(String, String)> =
        (1..=101).map(|at| (format!("ResourceGroupIds.{at}"), again.clone())).collect();
    let named: Vec<(&str, &str)> = named.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect();
    for action in ["DeleteResourceGroup", "DescribeResourceGroups"] {
        refuses(&admin, action, &[(&named, "InvalidResourceGroupIds")]).await;
    }
    let server = server.restart().await;
    assert_eq!(counts(&server.administrator()).await, counted(&[("group 0", 0), ("group 5", 1)]));
    server.stop().await;
}
