//! Groups: made, listed, renamed, joined, quitted and removed.
//!
//! Source: `reference/eds-user.md`, 27 to 33; `reference/doors.md` §2.1 and §4.4.

use api::eds::{
    CreateGroup, DescribeGroups, DescribeGroupsReply, DescribeUsers, ModifyGroup, NewUser, RemoveGroup,
};
use model::time::DAY;

use crate::support::{
    Client, ROOT, Server, create, create_users, everybody, find, join, joining, list_members, make_group,
    make_org, members, new_user, number, person, picture, quitting, refuses, remove, told, until,
};

/// A request for all groups.
fn all() -> DescribeGroups {
    DescribeGroups::default()
}

/// A request to rename a group.
fn rename(group: &str, name: &str) -> ModifyGroup {
    ModifyGroup { group_id: group.to_owned(), new_group_name: name.to_owned(), description: None }
}

/// A request to remove groups, each in its own way.
fn remove_groups(group: Option<&str>, groups: &[&str]) -> RemoveGroup {
    let groups: Vec<String> = groups.iter().map(|id| (*id).to_owned()).collect();
    RemoveGroup {
        group_id: group.map(str::to_owned),
        group_ids: if groups.is_empty() { None } else { Some(groups.try_into().expect("1 to 100")) },
    }
}

async fn describe(admin: &Client, request: &DescribeGroups) -> DescribeGroupsReply {
    admin.send(request).await.expect("the call is right")
}

/// The names of the groups on one page.
async fn names(admin: &Client, request: &DescribeGroups) -> Vec<String> {
    describe(admin, request).await.groups.into_iter().map(|group| group.group_name).collect()
}

/// The users of a group as lists of users find them, with what the group's own lists say of them.
async fn users_of(admin: &Client, group: &str) -> Vec<String> {
    let request = DescribeUsers { group_id: Some(group.to_owned()), ..DescribeUsers::default() };
    let found = find(admin, &request).await;
    let one = DescribeUsers { max_results: Some(1.try_into().expect("in range")), ..request };
    assert_eq!(find(admin, &one).await, found, "page by page");
    let mut joined = members(admin, group).await;
    joined.sort_unstable();
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(joined, sorted);
    let shown = describe(admin, &DescribeGroups { group_id: Some(group.to_owned()), ..all() }).await;
    assert_eq!((shown.count, shown.groups.len()), (1, 1));
    assert_eq!(shown.groups[0].user_count, i64::try_from(found.len()).expect("few"));
    found
}

/// The users of no such group.
async fn users_outside(admin: &Client, group: &str) -> Vec<String> {
    let request = DescribeUsers { exclude_group_id: Some(group.to_owned()), ..DescribeUsers::default() };
    find(admin, &request).await
}

/// The names of a user's groups.
async fn groups_of(admin: &Client, name: &str) -> Vec<String> {
    person(admin, name).await.groups.into_iter().map(|group| group.group_name).collect()
}

/// Ids that name no group here.
async fn strangers(admin: &Client, group: &str) -> Vec<String> {
    let gone = make_group(admin, "gone").await;
    admin.send(&remove_groups(Some(&gone), &[])).await.expect("it is there");
    let org = make_org(admin, "org", ROOT).await;
    let digits = group.strip_prefix("ug-").expect("its prefix");
    vec![
        gone,
        org.replace("org-", "ug-"),
        org,
        ROOT.to_owned(),
        format!("org-{digits}"),
        format!("rg-{digits}"),
        digits.to_owned(),
        group.to_uppercase(),
        format!("{group} "),
        format!("{group}0"),
        format!("ug-0{digits}"),
        "ug-08nirkf56rh6k7jht".to_owned(),
        "ug-zzzzzzzzzzzzzzzzz".to_owned(),
        "group_dfizzgsafjod6cnhdpsnecdok4".to_owned(),
        "group".to_owned(),
        "'".to_owned(),
        "\0".to_owned(),
        "组".repeat(1_000),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator();

    let parameters = [
        ("GroupName", "研发. team"),
        ("Description", "第一行\n\t& <second>"),
        ("ParentGroupId", "root"),
        ("BizType", "ENTERPRISE"),
        ("SolutionId", "co-1"),
        ("BusinessChannel", "ENTERPRISE"),
    ];
    let made = admin.call("CreateGroup", &parameters).await;
    let id = made.json()["GroupId"].as_str().expect("an id").to_owned();
    server.pass(1_000);
    let plain = make_group(&admin, "plain").await;
    create(&admin, &["alice"]).await;
    join(&admin, &id, &["alice"]).await;

    let digits = id.strip_prefix("ug-").expect("its prefix");
    assert!(digits.len() == 17 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    let ids = [(id.as_str(), "team"), (plain.as_str(), "plain")];
    insta::assert_json_snapshot!(told(&made, &ids), @r#"
    {
      "GroupId": "[team]",
      "RequestId": "[id]"
    }
    "#);
    insta::assert_json_snapshot!(told(&admin.call("DescribeGroups", &[]).await, &ids), @r#"
    {
      "Count": 2,
      "Groups": [
        {
          "AttachedLoginPolicy": {
            "Name": "",
            "PolicyId": ""
          },
          "AuthedResources": {},
          "CreateTime": "2026-01-15T16:30:01+08:00",
          "DownloadNeedApproval": false,
          "GroupId": "[plain]",
          "GroupName": "plain",
          "TransferFileNeedApproval": false,
          "UploadNeedApproval": false,
          "UserCount": 0
        },
        {
          "AttachedLoginPolicy": {
            "Name": "",
            "PolicyId": ""
          },
          "AuthedResources": {},
          "CreateTime": "2026-01-15T16:30:00+08:00",
          "Description": "第一行\n\t& <second>",
          "DownloadNeedApproval": false,
          "GroupId": "[team]",
          "GroupName": "研发. team",
          "TransferFileNeedApproval": false,
          "UploadNeedApproval": false,
          "UserCount": 1
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    let shown = admin.call("DescribeUsers", &[]).await;
    insta::assert_json_snapshot!(told(&shown, &ids)["Users"][0]["Groups"], @r#"
    [
      {
        "GroupId": "[team]",
        "GroupName": "研发. team"
      }
    ]
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_answers_with_a_request_id_and_no_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    let group = make_group(&admin, "group").await;
    create(&admin, &["alice"]).await;

    let changes: [(&str, &[(&str, &str)]); 4] = [
        ("ModifyGroup", &[("GroupId", &group), ("NewGroupName", "team")]),
        ("UserBatchJoinGroup", &[("GroupId", &group), ("EndUserIds.1", "alice")]),
        ("UserBatchQuitGroup", &[("GroupId", &group), ("EndUserIds.1", "alice")]),
        ("RemoveGroup", &[("GroupId", &group)]),
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
async fn names_and_descriptions_have_bounds() {
    let server = Server::start().await;
    let admin = server.administrator();
    let group = make_group(&admin, "group").await;

    let fitting: Vec<String> = ["a", "组", "é", "😀", "ß"].map(|letter| letter.repeat(64)).to_vec();
    for name in &fitting {
        admin.send(&rename(&group, name)).await.expect("the name fits");
        assert_eq!(names(&admin, &all()).await, [name.as_str()]);
        admin.send(&rename(&group, "group")).await.expect("the name fits");
        let made = make_group(&admin, name).await;
        admin.send(&remove_groups(Some(&made), &[])).await.expect("it is there");
    }
    let trimmed = make_group(&admin, &format!(" {}\u{3000}", fitting[1])).await;
    let shown = describe(&admin, &DescribeGroups { group_id: Some(trimmed), ..all() }).await.groups;
    assert_eq!(shown[0].group_name, fitting[1]);

    let long = ["a", "组", "é", "😀"].map(|letter| letter.repeat(65));
    let huge = "a".repeat(100_000);
    let unfit = ["a\tb", "a\nb", "a\0b", "a\u{7f}b", "a\u{85}b", "   ", "\u{3000}", &huge];
    for name in long.iter().map(String::as_str).chain(unfit) {
        refuses(&admin, "CreateGroup", &[(&[("GroupName", name)], "InvalidGroupName")]).await;
        let renamed: &[(&str, &str)] = &[("GroupId", &group), ("NewGroupName", name)];
        refuses(&admin, "ModifyGroup", &[(renamed, "InvalidNewGroupName")]).await;
    }

    let longest = "述".repeat(256);
    for (number, text) in [longest.as_str(), "a\tb\nc", "😀"].into_iter().enumerate() {
        let request =
            CreateGroup { group_name: format!("described {number}"), description: Some(text.to_owned()) };
        let made = admin.send(&request).await.expect("the description fits").group_id;
        let modified = ModifyGroup { description: Some(text.to_owned()), ..rename(&group, "group") };
        admin.send(&modified).await.expect("the description fits");
        for id in [made, group.clone()] {
            let shown = describe(&admin, &DescribeGroups { group_id: Some(id), ..all() }).await.groups;
            assert_eq!(shown[0].description.as_deref(), Some(text));
        }
    }
    let longer = "述".repeat(257);
    for text in [longer.as_str(), "a\0b", "a\u{7f}b", "a\u{85}b"] {
        let made: &[(&str, &str)] = &[("GroupName", "new"), ("Description", text)];
        refuses(&admin, "CreateGroup", &[(made, "InvalidDescription")]).await;
        let modified: &[(&str, &str)] =
            &[("GroupId", &group), ("NewGroupName", "new"), ("Description", text)];
        refuses(&admin, "ModifyGroup", &[(modified, "InvalidDescription")]).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_in_any_case_and_width_and_free_again_at_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    let team = make_group(&admin, "Team").await;
    let street = make_group(&admin, "Straße").await;
    let other = make_group(&admin, "other").await;

    for name in ["Team", "team", "TEAM", "ｔｅａｍ", " team ", "STRASSE", "straße"] {
        refuses(&admin, "CreateGroup", &[(&[("GroupName", name)], "ExistedGroupName")]).await;
        let renamed: &[(&str, &str)] = &[("GroupId", &other), ("NewGroupName", name)];
        refuses(&admin, "ModifyGroup", &[(renamed, "ExistedGroupName")]).await;
    }
    for (group, name) in [(&team, "tEAM"), (&team, "tEAM"), (&street, "STRASSE")] {
        admin.send(&rename(group, name)).await.expect("its own name is free for it");
    }
    assert_eq!(names(&admin, &all()).await, ["other", "STRASSE", "tEAM"]);

    admin.send(&rename(&team, "crew")).await.expect("the name is free");
    admin.send(&remove_groups(Some(&other), &[])).await.expect("it is there");
    make_group(&admin, "TEAM").await;
    let again = make_group(&admin, "Other").await;
    assert_ne!(again, other);
    refuses(&admin, "CreateGroup", &[(&[("GroupName", "Crew")], "ExistedGroupName")]).await;
    assert_eq!(names(&admin, &all()).await, ["Other", "TEAM", "STRASSE", "crew"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_stays_where_none_is_given_and_goes_where_it_is_empty() {
    let server = Server::start().await;
    let admin = server.administrator();
    let request = CreateGroup { group_name: "group".into(), description: Some("text".into()) };
    let group = admin.send(&request).await.expect("it can be made").group_id;
    let shown = async || {
        let group = describe(&admin, &all()).await.groups.remove(0);
        (group.group_name, group.description)
    };

    admin.send(&rename(&group, "team")).await.expect("the name is free");
    assert_eq!(shown().await, ("team".to_owned(), Some("text".to_owned())));
    let other = ModifyGroup { description: Some("other".into()), ..rename(&group, "team") };
    admin.send(&other).await.expect("its own name is free for it");
    assert_eq!(shown().await, ("team".to_owned(), Some("other".to_owned())));
    let none = ModifyGroup { description: Some(String::new()), ..rename(&group, "team") };
    admin.send(&none).await.expect("its own name is free for it");
    assert_eq!(shown().await, ("team".to_owned(), None));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_is_missed_by_name() {
    let server = Server::start().await;
    let admin = server.administrator();
    let group = make_group(&admin, "group").await;
    let (id, user, name) = (("GroupId", group.as_str()), ("EndUserIds.1", "alice"), ("NewGroupName", "x"));
    create(&admin, &["alice"]).await;

    refuses(
        &admin,
        "CreateGroup",
        &[
            (&[], "MissingGroupName"),
            (&[("GroupName", "")], "MissingGroupName"),
            (&[("Description", "x")], "MissingGroupName"),
        ],
    )
    .await;
    refuses(
        &admin,
        "ModifyGroup",
        &[
            (&[name], "MissingGroupId"),
            (&[name, ("GroupId", "")], "MissingGroupId"),
            (&[id], "MissingNewGroupName"),
            (&[id, ("NewGroupName", "")], "MissingNewGroupName"),
            (&[id, ("GroupName", "x")], "MissingNewGroupName"),
        ],
    )
    .await;
    for action in ["UserBatchJoinGroup", "UserBatchQuitGroup"] {
        refuses(
            &admin,
            action,
            &[
                (&[user], "MissingGroupId"),
                (&[user, ("GroupId", "")], "MissingGroupId"),
                (&[id], "MissingEndUserIds"),
                (&[id, ("EndUserIds", "")], "MissingEndUserIds"),
                (&[id, ("EndUserIds", "[]")], "MissingEndUserIds"),
            ],
        )
        .await;
    }
    refuses(
        &admin,
        "RemoveGroup",
        &[
            (&[], "MissingGroupId"),
            (&[("GroupId", "")], "MissingGroupId"),
            (&[("GroupIds", "[]")], "MissingGroupId"),
            (&[("GroupId", ""), ("GroupIds", "")], "MissingGroupId"),
        ],
    )
    .await;
    let nothing: [(&[(&str, &str)], &str); 2] =
        [(&[], "MissingGroupId"), (&[("GroupId", "")], "MissingGroupId")];
    refuses(&admin, "DescribeGroupUser", &nothing).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_nothing_is_not_found_and_nothing_changes() {
    let server = Server::start().await;
    let admin = server.administrator();
    let elsewhere = Server::start().await;
    elsewhere.pass(DAY);
    let group = make_group(&admin, "group").await;
    create(&admin, &["alice", "bob"]).await;
    join(&admin, &group, &["alice"]).await;
    let mut unknown = strangers(&admin, &group).await;
    unknown.push(make_group(&elsewhere.administrator(), "group").await);

    let code = "InvalidGroupId.NotFound";
    for id in unknown.iter().map(String::as_str) {
        refuses(&admin, "ModifyGroup", &[(&[("GroupId", id), ("NewGroupName", "x")], code)]).await;
        refuses(&admin, "UserBatchJoinGroup", &[(&[("GroupId", id), ("EndUserIds.1", "alice")], code)]).await;
        refuses(&admin, "UserBatchQuitGroup", &[(&[("GroupId", id), ("EndUserIds.1", "alice")], code)]).await;
        refuses(&admin, "DescribeGroupUser", &[(&[("GroupId", id)], code)]).await;
        refuses(
            &admin,
            "RemoveGroup",
            &[
                (&[("GroupId", id)], code),
                (&[("GroupIds.1", &group), ("GroupIds.2", id)], code),
                (&[("GroupId", id), ("GroupIds.1", &group)], code),
                (&[("GroupId", &group), ("GroupIds.1", id)], code),
            ],
        )
        .await;
        let joining = NewUser {
            group_id_list: Some(vec![group.clone(), id.to_owned()].try_into().expect("two")),
            ..new_user("carol")
        };
        let reply = admin.send(&create_users(vec![joining])).await.expect("the call is right");
        assert_eq!(reply.create_result.failed_users[0].error_code, code, "{id}");
        let shown = describe(&admin, &DescribeGroups { group_id: Some(id.to_owned()), ..all() }).await;
        assert_eq!((shown.count, shown.groups.len()), (0, 0), "{id}");
        let request = DescribeUsers { group_id: Some(id.to_owned()), ..DescribeUsers::default() };
        assert!(find(&admin, &request).await.is_empty(), "{id}");
        assert_eq!(users_outside(&admin, id).await, ["alice", "bob"], "{id}");
    }
    elsewhere.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_listed_by_page_the_newest_first() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut newest_first = Vec::new();
    for number in 0..103 {
        let name = format!("group {number:03}");
        make_group(&admin, &name).await;
        newest_first.insert(0, name);
    }
    let page = |number: &'static str, size: &'static str| {
        let admin = &admin;
        async move {
            let answer =
                admin.call("DescribeGroups", &[("PageNumber", number), ("PageSize", size)]).await.json();
            let groups = answer["Groups"].as_array().unwrap_or_else(|| panic!("{answer}"));
            let names = groups.iter().map(|group| group["GroupName"].as_str().expect("a name").to_owned());
            (answer["Count"].clone(), names.collect::<Vec<_>>())
        }
    };

    for (number, size, expected) in [
        ("", "", 0..10),
        ("1", "", 0..10),
        ("2", "", 10..20),
        ("11", "", 100..103),
        ("12", "", 0..0),
        ("", "1", 0..1),
        ("103", "1", 102..103),
        ("104", "1", 0..0),
        ("1", "100", 0..100),
        ("2", "100", 100..103),
        // More than 100 are 100.
        ("1", "101", 0..100),
        ("2", "200", 100..103),
        ("3", "200", 0..0),
        ("2147483647", "", 0..0),
        ("2147483647", "200", 0..0),
    ] {
        let found = page(number, size).await;
        assert_eq!(found, (103.into(), newest_first[expected].to_vec()), "page {number} of {size}");
    }
    let mut wrong: Vec<(&str, &str, &str)> = Vec::new();
    for text in ["0", "-1", "2147483648", "one", "1.5", "99999999999999999999"] {
        wrong.push(("PageNumber", text, "InvalidPageNumber"));
    }
    for text in ["0", "-1", "201", "ten", "1.5", "99999999999999999999"] {
        wrong.push(("PageSize", text, "InvalidPageSize"));
    }
    for (name, text, code) in wrong {
        let answer = admin.call("DescribeGroups", &[(name, text)]).await;
        assert_eq!(answer.refusal(), format!("400 {code}"), "{name}={text}");
        assert_eq!(answer.fault().message, format!("Specified parameter {name} is not valid."));
    }
    server.stop().await;
}

/// Parameters, and what they find.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_its_own_groups_alone_and_with_others() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut ids = Vec::new();
    for name in ["dev", "Dev Tools", "研发部", "ops 50%_", "Sales"] {
        ids.push(make_group(&admin, name).await);
    }
    let [dev, tools, ..] = &ids[..] else { panic!("five groups") };
    let everything = ["Sales", "ops 50%_", "研发部", "Dev Tools", "dev"];

    let cases: &[Case<'_>] = &[
        (&[("GroupId", ""), ("GroupName", "")], &everything),
        (&[("BizType", "ENTERPRISE"), ("SolutionId", "co-1"), ("BusinessChannel", "x")], &everything),
        (&[("LoginPolicyId", ""), ("IdpId", "")], &everything),
        (&[("ExcludeAttachedLoginPolicyGroups", "true")], &everything),
        (&[("ExcludeAttachedLoginPolicyGroups", "False")], &everything),
        (&[("TransferFileNeedApproval", "false")], &everything),
        (&[("TransferFileNeedApproval", "True")], &[]),
        (&[("TransferFileNeedApproval", "true"), ("GroupId", dev)], &[]),
        (&[("GroupId", dev)], &["dev"]),
        (&[("GroupName", "dev")], &["Dev Tools", "dev"]),
        (&[("GroupName", "ＤＥＶ")], &["Dev Tools", "dev"]),
        (&[("GroupName", " dev ")], &["Dev Tools", "dev"]),
        (&[("GroupName", "s")], &["Sales", "ops 50%_", "Dev Tools"]),
        (&[("GroupName", "发")], &["研发部"]),
        (&[("GroupName", "%")], &["ops 50%_"]),
        (&[("GroupName", "_")], &["ops 50%_"]),
        (&[("GroupName", "\\")], &[]),
        (&[("GroupName", "'")], &[]),
        (&[("GroupName", "*")], &everything),
        (&[("GroupName", "dev*")], &["Dev Tools", "dev"]),
        (&[("GroupName", "*dev")], &["dev"]),
        (&[("GroupName", "D*S")], &["Dev Tools"]),
        (&[("GroupName", "*ol*")], &["Dev Tools"]),
        (&[("GroupName", "nothing")], &[]),
        (&[("GroupName", "tools"), ("GroupId", tools)], &["Dev Tools"]),
        (&[("GroupName", "tools"), ("GroupId", dev)], &[]),
        (&[("GroupName", "dev"), ("TransferFileNeedApproval", "false")], &["Dev Tools", "dev"]),
    ];
    for (filters, expected) in cases {
        let mut found = Vec::new();
        for number in 1..=3 {
            let number = number.to_string();
            let page = [&[("PageSize", "2"), ("PageNumber", &number)], *filters].concat();
            let answer = admin.call("DescribeGroups", &page).await.json();
            assert_eq!(answer["Count"], expected.len(), "{filters:?}");
            let groups = answer["Groups"].as_array().unwrap_or_else(|| panic!("{filters:?}: {answer}"));
            found.extend(groups.iter().map(|group| group["GroupName"].as_str().expect("a name").to_owned()));
        }
        assert_eq!(found, *expected, "{filters:?}");
    }
    refuses(
        &admin,
        "DescribeGroups",
        &[
            (&[("LoginPolicyId", "x")], "UnsupportedParameter.LoginPolicyId"),
            (&[("IdpId", "x")], "UnsupportedParameter.IdpId"),
            (&[("TransferFileNeedApproval", "maybe")], "InvalidTransferFileNeedApproval"),
            (&[("ExcludeAttachedLoginPolicyGroups", "1.5")], "InvalidExcludeAttachedLoginPolicyGroups"),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_join_and_quit_together() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (one, other) = (make_group(&admin, "one").await, make_group(&admin, "other").await);
    create(&admin, &["alice", "bob", "carol"]).await;

    // Each name once, however often and however it is spelled.
    admin.send(&joining(&one, &["alice", "BOB", " alice ", "ｂｏｂ", "bob"])).await.expect("they can join");
    admin.send(&joining(&other, &["bob", "carol"])).await.expect("they can join");
    assert_eq!(users_of(&admin, &one).await, ["alice", "bob"]);
    assert_eq!(users_of(&admin, &other).await, ["bob", "carol"]);
    assert_eq!(users_outside(&admin, &one).await, ["carol"]);
    assert_eq!(users_outside(&admin, &other).await, ["alice"]);
    assert_eq!(groups_of(&admin, "alice").await, ["one"]);
    let mut of_bob = groups_of(&admin, "bob").await;
    of_bob.sort_unstable();
    assert_eq!(of_bob, ["one", "other"]);

    // Who is no member is skipped.
    admin.send(&quitting(&one, &["Bob", "carol", "bob"])).await.expect("they are known");
    assert_eq!(users_of(&admin, &one).await, ["alice"]);
    assert_eq!(users_of(&admin, &other).await, ["bob", "carol"]);
    assert_eq!(groups_of(&admin, "bob").await, ["other"]);
    let before = picture(&admin).await;
    admin.send(&quitting(&one, &["bob"])).await.expect("they are known");
    assert_eq!(picture(&admin).await, before);

    remove(&admin, &["carol"]).await;
    assert_eq!(users_of(&admin, &other).await, ["bob"]);
    assert_eq!(users_outside(&admin, &other).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_again_keeps_the_first_time() {
    let server = Server::start().await;
    let admin = server.administrator();
    let group = make_group(&admin, "group").await;
    create(&admin, &["alice", "bob"]).await;
    server.pass(1_500);
    join(&admin, &group, &["bob"]).await;
    server.pass(1_000);
    join(&admin, &group, &["alice", "bob"]).await;
    let times = async || -> Vec<(String, String)> {
        let users = list_members(&admin, &group).await;
        users.into_iter().map(|user| (user.end_user_id, user.gmt_join_group)).collect()
    };
    let at = |name: &str, time: &str| (name.to_owned(), format!("2026-01-15T08:30:{time}+00:00"));

    assert_eq!(times().await, [at("bob", "01.500"), at("alice", "02.500")]);

    admin.send(&quitting(&group, &["bob"])).await.expect("they are known");
    server.pass(1_000);
    join(&admin, &group, &["alice", "bob"]).await;
    assert_eq!(times().await, [at("alice", "02.500"), at("bob", "03.500")]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_users_join_or_quit_at_once_and_all_or_none() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (group, full) = (make_group(&admin, "group").await, make_group(&admin, "full").await);
    let users: Vec<String> = (0..101).map(|n| format!("user_{n:03}")).collect();
    create(&admin, &users.iter().map(String::as_str).collect::<Vec<_>>()).await;
    remove(&admin, &["user_100"]).await;
    create(&admin, &["spare"]).await;
    let hundred: Vec<&str> = users[..100].iter().map(String::as_str).collect();
    join(&admin, &full, &hundred).await;
    join(&admin, &full, &["spare"]).await;
    let call = |group: &str, names: &[String]| -> Vec<(String, String)> {
        let named =
            names.iter().enumerate().map(|(at, name)| (format!("EndUserIds.{}", at + 1), name.clone()));
        [("GroupId".to_owned(), group.to_owned())].into_iter().chain(named).collect()
    };
    let with = |name: &str| [&users[..99], &[name.to_owned()]].concat();

    for (names, code) in [
        ([&users[..100], &["spare".to_owned()]].concat(), "InvalidEndUserIds"),
        (vec!["spare".to_owned(); 101], "InvalidEndUserIds"),
        (with("user_100"), "InvalidEndUserIds.NotFound"),
        (with("nobody"), "InvalidEndUserIds.NotFound"),
        (with(""), "InvalidEndUserIds.NotFound"),
        (with("user_1\0"), "InvalidEndUserIds.NotFound"),
        (with(&"x".repeat(1_000)), "InvalidEndUserIds.NotFound"),
    ] {
        for (action, group) in [("UserBatchJoinGroup", &group), ("UserBatchQuitGroup", &full)] {
            let parameters = call(group, &names);
            let parameters: Vec<(&str, &str)> =
                parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            refuses(&admin, action, &[(&parameters, code)]).await;
        }
    }
    admin.send(&joining(&group, &hundred)).await.expect("a hundred may join");
    assert_eq!(users_of(&admin, &group).await, hundred);
    admin.send(&quitting(&full, &hundred)).await.expect("a hundred may quit");
    assert_eq!(users_of(&admin, &full).await, ["spare"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_removed_by_one_id_by_several_or_by_both() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(make_group(&admin, &format!("group {number}")).await);
    }
    let id = |at: usize| ids[at].as_str();

    admin.send(&remove_groups(Some(id(0)), &[])).await.expect("it is there");
    admin.send(&remove_groups(None, &[id(1), id(2), id(1)])).await.expect("they are there");
    admin.send(&remove_groups(Some(id(3)), &[id(4), id(3)])).await.expect("they are there");
    let empty = admin.call("RemoveGroup", &[("GroupId", ""), ("GroupIds.1", id(5))]).await;
    assert_eq!(empty.status, 200, "{}", empty.text());

    assert_eq!(names(&admin, &all()).await, ["group 6"]);
    refuses(&admin, "RemoveGroup", &[(&[("GroupId", id(0))], "InvalidGroupId.NotFound")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_groups_are_removed_at_once_and_all_or_none() {
    let server = Server::start().await;
    let admin = server.administrator();
    let mut ids = Vec::new();
    for number in 0..101 {
        ids.push(make_group(&admin, &format!("group {number:03}")).await);
    }
    let call = |ids: &[String]| -> Vec<(String, String)> {
        ids.iter().enumerate().map(|(at, id)| (format!("GroupIds.{}", at + 1), id.clone())).collect()
    };
    let gone = ids.remove(100);
    admin.send(&remove_groups(Some(&gone), &[])).await.expect("it is there");

    for (ids, code) in [
        (vec![ids[0].clone(); 101], "InvalidGroupIds"),
        ([&ids[..99], &[gone]].concat(), "InvalidGroupId.NotFound"),
    ] {
        let parameters = call(&ids);
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        refuses(&admin, "RemoveGroup", &[(&parameters, code)]).await;
    }
    let hundred: Vec<&str> = ids.iter().map(String::as_str).collect();
    admin.send(&remove_groups(None, &hundred)).await.expect("a hundred may go");
    assert_eq!(describe(&admin, &all()).await.count, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_goes_with_its_memberships_and_its_members_stay() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (group, other) = (make_group(&admin, "group").await, make_group(&admin, "other").await);
    create(&admin, &["alice", "bob"]).await;
    join(&admin, &group, &["alice", "bob"]).await;
    join(&admin, &other, &["bob"]).await;

    admin.send(&remove_groups(Some(&group), &[])).await.expect("it is there");

    assert_eq!(everybody(&admin).await, ["alice", "bob"]);
    assert_eq!(groups_of(&admin, "alice").await, Vec::<String>::new());
    assert_eq!(groups_of(&admin, "bob").await, ["other"]);
    let listed = DescribeUsers { group_id: Some(group.clone()), ..DescribeUsers::default() };
    assert!(find(&admin, &listed).await.is_empty());
    assert_eq!(users_outside(&admin, &group).await, ["alice", "bob"]);
    assert_eq!(names(&admin, &all()).await, ["other"]);

    let again = make_group(&admin, "Group").await;
    assert!(users_of(&admin, &again).await.is_empty());
    join(&admin, &again, &["alice"]).await;
    assert_eq!(users_of(&admin, &again).await, ["alice"]);
    assert_eq!(groups_of(&admin, "alice").await, ["Group"]);
    until("the old memberships are gone", async || {
        number(&server.home, "select count(*) from group_members").await == 2
    })
    .await;
    assert_eq!(users_of(&admin, &again).await, ["alice"]);
    assert_eq!(users_of(&admin, &other).await, ["bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmin_may_join_and_is_counted_nowhere() {
    let server = Server::start().await;
    let admin = server.administrator();
    let group = make_group(&admin, "group").await;

    join(&admin, &group, &["superadmin"]).await;

    assert_eq!(groups_of(&admin, "superadmin").await, ["group"]);
    assert_eq!(users_of(&admin, &group).await, Vec::<String>::new());
    admin.send(&quitting(&group, &["superadmin"])).await.expect("it is known");
    assert_eq!(groups_of(&admin, "superadmin").await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_outlive_the_server() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (group, gone) = (make_group(&admin, "group").await, make_group(&admin, "gone").await);
    create(&admin, &["alice"]).await;
    join(&admin, &group, &["alice"]).await;
    join(&admin, &gone, &["alice"]).await;
    admin.send(&remove_groups(Some(&gone), &[])).await.expect("it is there");
    let before = picture(&admin).await;

    let server = server.restart().await;

    assert_eq!(picture(&server.administrator()).await, before);
    assert_eq!(groups_of(&server.administrator(), "alice").await, ["group"]);
    server.stop().await;
}
