//! Groups: made, shown, listed, changed and removed.
//!
//! Source: `reference/eiam.md`, 8; `reference/doors.md` §2.1, §3.2, §4.1 and §4.4.

use api::eiam::{CreateGroup, DeleteGroup, Group, ListGroups, UpdateGroup};

use crate::support::{
    Client, Fault, Instance, NOW, ROOT, Server, is_refused, list_users, make_group, make_org, texts, told,
};

/// The groups of one page.
async fn found(admin: &Client, request: &ListGroups) -> Vec<Group> {
    let page = admin.send(request).await.expect("the call is right");
    assert_eq!(usize::try_from(page.total_count), Ok(page.groups.len()), "one page");
    page.groups
}

/// Their names.
async fn names(admin: &Client, request: &ListGroups) -> Vec<String> {
    found(admin, request).await.into_iter().map(|group| group.group_name).collect()
}

/// A request for a group with an external id.
fn with_external_id(corp: &Instance, name: &str, external_id: &str) -> CreateGroup {
    CreateGroup {
        instance_id: corp.id.clone(),
        group_name: name.to_owned(),
        group_external_id: Some(external_id.to_owned()),
        description: None,
    }
}

/// Texts that look like this group's id, or name it elsewhere, and yet name no group of the instance.
async fn strangers(admin: &Client, corp: &Instance, group: &str) -> Vec<String> {
    let digits = group.strip_prefix("group_").expect("its prefix");
    let elsewhere = Instance::make(admin).await;
    let gone = corp.make_group(admin, "gone").await;
    corp.done(admin, "DeleteGroup", &[("GroupId", &gone)]).await;
    let mut ids = vec![
        gone,
        elsewhere.make_group(admin, "readers").await,
        corp.make_unit(admin, "unit", &corp.root).await,
        corp.make_user(admin, "user").await,
    ];
    ids.extend([
        format!("ou_{digits}"),
        format!("user_{digits}"),
        format!("ug-{digits}"),
        digits.to_owned(),
        group.to_uppercase(),
        format!("{group}a"),
        format!("group_a{digits}"),
        group[..group.len() - 1].to_owned(),
        // The last of 26 characters says three bits; the other two have to be zero.
        format!("{}b", &group[..group.len() - 1]),
        format!("{group} "),
        "group_".to_owned(),
        "group_dfizzgsafjod6cnhdpsnecdok4".to_owned(),
        "readers".to_owned(),
        "*".to_owned(),
    ]);
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;

    let made = corp
        .call(
            &admin,
            "CreateGroup",
            &[
                ("GroupName", "Readers & 读者"),
                ("GroupExternalId", "Ext-1 é"),
                ("Description", "第一行\n\t<second>"),
            ],
        )
        .await;
    let readers = made.json()["GroupId"].as_str().expect("an id").to_owned();
    server.pass(1_000);
    let plain = corp.make_group(&admin, "plain").await;

    for id in [&readers, &plain] {
        let digits = id.strip_prefix("group_").expect("its prefix");
        assert!(digits.len() == 26 && digits.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')), "{id}");
    }
    let (now, later) = (NOW.to_string(), (NOW + 1_000).to_string());
    let ids = [
        (readers.as_str(), "readers"),
        (plain.as_str(), "plain"),
        (&corp.id, "corp"),
        (&now, "now"),
        (&later, "later"),
    ];
    insta::assert_json_snapshot!(told(&made, &ids), @r#"
    {
      "GroupId": "[readers]",
      "RequestId": "[id]"
    }
    "#);
    let shown = corp.call(&admin, "GetGroup", &[("GroupId", &readers)]).await;
    insta::assert_json_snapshot!(told(&shown, &ids), @r#"
    {
      "Group": {
        "CreateTime": "[now]",
        "Description": "第一行\n\t<second>",
        "GroupExternalId": "Ext-1 é",
        "GroupId": "[readers]",
        "GroupName": "Readers & 读者",
        "GroupSourceId": "[corp]",
        "GroupSourceType": "build_in",
        "InstanceId": "[corp]",
        "UpdateTime": "[now]"
      },
      "RequestId": "[id]"
    }
    "#);
    let listed = corp.call(&admin, "ListGroups", &[]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "Groups": [
        {
          "CreateTime": "[now]",
          "Description": "第一行\n\t<second>",
          "GroupExternalId": "Ext-1 é",
          "GroupId": "[readers]",
          "GroupName": "Readers & 读者",
          "GroupSourceId": "[corp]",
          "GroupSourceType": "build_in",
          "InstanceId": "[corp]",
          "UpdateTime": "[now]"
        },
        {
          "CreateTime": "[later]",
          "GroupExternalId": "[plain]",
          "GroupId": "[plain]",
          "GroupName": "plain",
          "GroupSourceId": "[corp]",
          "GroupSourceType": "build_in",
          "InstanceId": "[corp]",
          "UpdateTime": "[later]"
        }
      ],
      "RequestId": "[id]",
      "TotalCount": 2
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_group_must_have_is_checked_in_order_and_nothing_is_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let name = ("GroupName", "readers");
    let (longest, longer) = ("组".repeat(64), "组".repeat(65));
    let (prose, more_prose) = ("述".repeat(256), "述".repeat(257));

    corp.refuses(
        &admin,
        "CreateGroup",
        &[
            (&[], "400 MissingParameter.GroupName"),
            (&[("GroupName", ""), ("GroupExternalId", &longer)], "400 MissingParameter.GroupName"),
            (&[("GroupName", &longer), ("Description", &more_prose)], "400 InvalidParameter.GroupName"),
            (&[("GroupName", "a\nb")], "400 InvalidParameter.GroupName"),
            (
                &[name, ("GroupExternalId", &longer), ("Description", &more_prose)],
                "400 InvalidParameter.GroupExternalId",
            ),
            (&[name, ("GroupExternalId", "a\tb")], "400 InvalidParameter.GroupExternalId"),
            (&[name, ("Description", &more_prose)], "400 InvalidParameter.Description"),
            (&[name, ("Description", "a\u{7f}")], "400 InvalidParameter.Description"),
        ],
    )
    .await;
    is_refused(&admin, "CreateGroup", &[name], "400 MissingParameter.InstanceId").await;
    let nowhere = "idaas_dfizzgsafjod6cnhdpsnecdok4";
    let unknown = format!("404 ResourceNotFound.Instance {nowhere}");
    is_refused(&admin, "CreateGroup", &[("InstanceId", nowhere), name], &unknown).await;

    let widest =
        [("GroupName", longest.as_str()), ("GroupExternalId", &longest), ("Description", prose.as_str())];
    let made = corp.ask(&admin, "CreateGroup", &widest).await;
    let made = corp.get_group(&admin, made["GroupId"].as_str().expect("an id")).await;
    assert_eq!((&made.group_name, &made.group_external_id), (&longest, &longest));
    assert_eq!(made.description.as_deref(), Some(prose.as_str()));
    // Empty texts say nothing.
    let made = corp.ask(&admin, "CreateGroup", &[name, ("GroupExternalId", ""), ("Description", "")]).await;
    let made = corp.get_group(&admin, made["GroupId"].as_str().expect("an id")).await;
    assert_eq!(made.group_external_id, made.group_id);
    assert_eq!(made.description, None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_groups_repeat_but_eds_takes_none_that_is_there() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let one = corp.make_group(&admin, "Readers").await;
    let two = corp.make_group(&admin, "Readers").await;
    let three = corp.make_group(&admin, "readers").await;
    assert_eq!(names(&admin, &corp.groups()).await, ["Readers", "Readers", "readers"]);

    let taken = async |name: &str| {
        let answer = eds.call("CreateGroup", &[("GroupName", name)]).await;
        if answer.status == 200 { None } else { Some(answer.refusal()) }
    };
    let refused = Some("400 ExistedGroupName".to_owned());
    assert_eq!(taken("READERS").await, refused);
    for (group, name) in [(&one, "first"), (&two, "second")] {
        corp.done(&admin, "UpdateGroup", &[("GroupId", group), ("GroupName", name)]).await;
        assert_eq!(taken("readers").await, refused, "{name}");
    }
    corp.done(&admin, "DeleteGroup", &[("GroupId", &three)]).await;
    assert_eq!(taken("readers").await, None, "nobody bears it any more");
    assert_eq!(taken("first").await, refused);

    // What eds has made, EIAM repeats and renames.
    let writers = make_group(&eds, "writers").await;
    corp.make_group(&admin, "Writers").await;
    let groups = corp.list_groups(&admin).await;
    let by_eds = groups.iter().find(|group| group.group_name == "writers").expect("it is shown");
    corp.done(&admin, "UpdateGroup", &[("GroupId", &by_eds.group_id), ("GroupName", "Authors")]).await;
    let shown = eds.call("DescribeGroups", &[("GroupName", "Authors")]).await.json();
    assert_eq!(shown["Groups"][0]["GroupId"], writers);
    assert_eq!(taken("writers").await, refused, "the one that EIAM made bears it");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_is_one_group_s_in_its_instance() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let send = async |request: CreateGroup| admin.send(&request).await.map(|made| made.group_id);
    let one = send(with_external_id(&corp, "one", "E1")).await.expect("it is free");
    let two = corp.make_group(&admin, "two").await;
    let refusal = "403 ResourceDuplicated.GroupExternalId";

    for taken in ["E1", two.as_str()] {
        let new = [("GroupName", "x"), ("GroupExternalId", taken)];
        corp.refuses(&admin, "CreateGroup", &[(&new, refusal)]).await;
    }
    let changed = [("GroupId", two.as_str()), ("GroupName", "x"), ("GroupExternalId", "E1")];
    corp.refuses(&admin, "UpdateGroup", &[(&changed, refusal)]).await;
    let changed = [("GroupId", one.as_str()), ("GroupExternalId", two.as_str())];
    corp.refuses(&admin, "UpdateGroup", &[(&changed, refusal)]).await;

    // Compared as bytes; another instance is another world; what a group leaves is free.
    send(with_external_id(&corp, "case", "e1")).await.expect("it differs");
    send(with_external_id(&other, "one", "E1")).await.expect("it is free there");
    corp.done(&admin, "UpdateGroup", &[("GroupId", &one), ("GroupExternalId", "E2")]).await;
    let three = send(with_external_id(&corp, "three", "E1")).await.expect("it is free again");
    corp.done(&admin, "DeleteGroup", &[("GroupId", &three)]).await;
    corp.done(&admin, "UpdateGroup", &[("GroupId", &two), ("GroupExternalId", "E1")]).await;
    assert_eq!(corp.get_group(&admin, &two).await.group_external_id, "E1");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_group_s_own_id_in_its_instance_names_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let alice = corp.make_user(&admin, "alice").await;
    corp.join(&admin, &readers, &[&alice]).await;

    for id in strangers(&admin, &corp, &readers).await {
        let unknown = format!("404 ResourceNotFound.Group {id}");
        let group = [("InstanceId", corp.id.as_str()), ("GroupId", id.as_str())];
        let with = |more: (&'static str, &'static str)| [group[0], group[1], more];
        is_refused(&admin, "GetGroup", &group, &unknown).await;
        is_refused(&admin, "UpdateGroup", &with(("GroupName", "x")), &unknown).await;
        is_refused(&admin, "UpdateGroup", &group, &unknown).await;
        is_refused(&admin, "UpdateGroupDescription", &with(("Description", "x")), &unknown).await;
        is_refused(&admin, "DeleteGroup", &group, &unknown).await;
        is_refused(&admin, "ListUsersForGroup", &group, &unknown).await;
        let alice = [group[0], group[1], ("UserIds.1", alice.as_str())];
        is_refused(&admin, "AddUsersToGroup", &alice, &unknown).await;
        is_refused(&admin, "RemoveUsersFromGroup", &alice, &unknown).await;

        let only = ListGroups { group_ids: Some(texts(&[&id])), ..corp.groups() };
        assert_eq!(names(&admin, &only).await, Vec::<String>::new(), "{id}");
        let both = ListGroups { group_ids: Some(texts(&[&id, &readers])), ..corp.groups() };
        assert_eq!(names(&admin, &both).await, ["readers"], "{id}");
    }
    assert_eq!(names(&admin, &corp.groups()).await, ["readers"]);
    assert_eq!(corp.members(&admin, &readers).await, [alice]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_on_a_group_says_which_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let alice = corp.make_user(&admin, "alice").await;

    let (group, user) = (("GroupId", readers.as_str()), ("UserIds.1", alice.as_str()));
    for action in [
        "GetGroup",
        "UpdateGroup",
        "UpdateGroupDescription",
        "DeleteGroup",
        "ListUsersForGroup",
        "AddUsersToGroup",
        "RemoveUsersFromGroup",
    ] {
        let missing = "400 MissingParameter.GroupId";
        corp.refuses(&admin, action, &[(&[user], missing), (&[("GroupId", ""), user], missing)]).await;
        is_refused(&admin, action, &[group, user], "400 MissingParameter.InstanceId").await;
        let empty = [("InstanceId", ""), group, user];
        is_refused(&admin, action, &empty, "400 MissingParameter.InstanceId").await;
        let nowhere = "idaas_dfizzgsafjod6cnhdpsnecdok4";
        let elsewhere = [("InstanceId", nowhere), group, user];
        is_refused(&admin, action, &elsewhere, &format!("404 ResourceNotFound.Instance {nowhere}")).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_groups_holds_what_every_filter_lets_through() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_group(&admin, "Dev").await;
    corp.make_group(&admin, "ops").await;
    let devices = corp.make_group(&admin, "devices").await;
    let request = with_external_id(&corp, "DEV", "E1");
    let second = admin.send(&request).await.expect("it is free").group_id;
    corp.make_group(&admin, "研发 50%").await;
    let elsewhere = Instance::make(&admin).await;
    elsewhere.make_group(&admin, "dev").await;

    let all = || corp.groups();
    let named = |text: &str| Some(text.to_owned());
    let everything = ["Dev", "ops", "devices", "DEV", "研发 50%"];
    assert_eq!(names(&admin, &all()).await, everything);
    let empty = ListGroups {
        group_ids: Some(texts::<&str, 0, 100>(&[])),
        group_name: named(""),
        group_name_starts_with: named(""),
        group_external_id: named(""),
        ..all()
    };
    assert_eq!(names(&admin, &empty).await, everything, "an empty filter is none");

    for (name, expected) in
        [("dev", vec!["Dev", "DEV"]), (" ｄev ", vec!["Dev", "DEV"]), ("devi", vec![]), ("%", vec![])]
    {
        let request = ListGroups { group_name: named(name), ..all() };
        assert_eq!(names(&admin, &request).await, expected, "{name}");
    }
    for (begins, expected) in [
        ("DE", vec!["Dev", "devices", "DEV"]),
        ("devi", vec!["devices"]),
        ("ev", vec![]),
        ("研", vec!["研发 50%"]),
        ("研发%", vec![]),
        ("_", vec![]),
    ] {
        let request = ListGroups { group_name_starts_with: named(begins), ..all() };
        assert_eq!(names(&admin, &request).await, expected, "{begins}");
    }
    for (external, expected) in [
        ("E1", vec!["DEV"]),
        ("e1", vec![]),
        (dev.as_str(), vec!["Dev"]),
        (second.as_str(), vec![]),
        ("E", vec![]),
    ] {
        let request = ListGroups { group_external_id: named(external), ..all() };
        assert_eq!(names(&admin, &request).await, expected, "{external}");
    }
    let ids = ListGroups { group_ids: Some(texts(&[&second, &dev, &second])), ..all() };
    assert_eq!(names(&admin, &ids).await, ["Dev", "DEV"], "in the order in which they were made, each once");

    // Together.
    for (request, expected) in [
        (ListGroups { group_name: named("dev"), group_name_starts_with: named("DEV"), ..all() }, 2),
        (ListGroups { group_name: named("dev"), group_name_starts_with: named("o"), ..all() }, 0),
        (ListGroups { group_name: named("dev"), group_external_id: named("E1"), ..all() }, 1),
        (ListGroups { group_name_starts_with: named("de"), group_external_id: named(&devices), ..all() }, 1),
        (ListGroups { group_name_starts_with: named("o"), group_external_id: named("E1"), ..all() }, 0),
        (ListGroups { group_name: named("dev"), ..ids.clone() }, 2),
        (ListGroups { group_name_starts_with: named("devi"), ..ids.clone() }, 0),
        (ListGroups { group_external_id: named(&dev), ..ids.clone() }, 1),
        (ListGroups { group_external_id: named(&devices), ..ids }, 0),
    ] {
        assert_eq!(found(&admin, &request).await.len(), expected, "{request:?}");
    }

    for (name, text) in [
        ("GroupName", "x".repeat(65)),
        ("GroupNameStartsWith", "x".repeat(65)),
        ("GroupExternalId", "x".repeat(65)),
        ("GroupName", "\u{0}".to_owned()),
    ] {
        let parameters = [("InstanceId", corp.id.as_str()), (name, text.as_str())];
        is_refused(&admin, "ListGroups", &parameters, &format!("400 InvalidParameter.{name}")).await;
    }
    let ids: Vec<(String, String)> =
        (1..=101).map(|n| (format!("GroupIds.{n}"), format!("group_{n}"))).collect();
    let mut parameters = vec![("InstanceId", corp.id.as_str())];
    parameters.extend(ids.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    is_refused(&admin, "ListGroups", &parameters, "400 InvalidParameter.GroupIds").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_groups_follow_one_another_and_the_total_is_exact() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let mut expected = Vec::new();
    for number in 1..=45 {
        let name = format!("{} {:02}", if number % 3 == 0 { "third" } else { "group" }, 99 - number);
        corp.make_group(&admin, &name).await;
        expected.push(name);
    }

    let plain = admin.send(&corp.groups()).await.expect("the call is right");
    assert_eq!((plain.groups.len(), plain.total_count), (20, 45));
    for (begins, size) in [("", 1), ("", 20), ("", 45), ("", 100), ("THIRD", 4), ("third", 15), ("x", 3)] {
        let expected: Vec<&String> =
            expected.iter().filter(|name| name.starts_with(&begins.to_lowercase())).collect();
        let mut found = Vec::new();
        for number in 1.. {
            let request = ListGroups {
                page_number: Some(number.try_into().expect("in range")),
                page_size: Some(size.try_into().expect("in range")),
                group_name_starts_with: Some(begins.to_owned()),
                ..corp.groups()
            };
            let page = admin.send(&request).await.expect("the call is right");
            assert_eq!(usize::try_from(page.total_count), Ok(expected.len()), "{begins}");
            if page.groups.is_empty() {
                break;
            }
            found.extend(page.groups.into_iter().map(|group| group.group_name));
        }
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{begins}: pages of {size}");
    }
    for (name, text) in
        [("PageNumber", "0"), ("PageNumber", "x"), ("PageSize", "0"), ("PageSize", "101"), ("PageSize", "x")]
    {
        let parameters = [("InstanceId", corp.id.as_str()), (name, text)];
        is_refused(&admin, "ListGroups", &parameters, &format!("400 InvalidParameter.{name}")).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_changes_in_what_is_said_of_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let group = ("GroupId", readers.as_str());
    let (longest, longer) = ("组".repeat(64), "组".repeat(65));
    let update = async |changes: &[(&str, &str)]| {
        server.pass(1_000);
        corp.done(&admin, "UpdateGroup", &[&[group], changes].concat()).await;
        let group = corp.get_group(&admin, &readers).await;
        assert_eq!(group.create_time, NOW);
        (group.group_name, group.group_external_id, group.update_time - NOW)
    };
    let seen = |name: &str, external: &str, at: i64| (name.to_owned(), external.to_owned(), at * 1_000);

    assert_eq!(update(&[]).await, seen("readers", &readers, 0));
    assert_eq!(update(&[("GroupName", ""), ("GroupExternalId", "")]).await, seen("readers", &readers, 0));
    assert_eq!(update(&[("GroupName", "readers")]).await, seen("readers", &readers, 0));
    assert_eq!(update(&[("GroupName", "Readers")]).await, seen("Readers", &readers, 4));
    assert_eq!(update(&[("GroupExternalId", "E1")]).await, seen("Readers", "E1", 5));
    assert_eq!(update(&[("GroupExternalId", "E1")]).await, seen("Readers", "E1", 5));
    assert_eq!(
        update(&[("GroupName", &longest), ("GroupExternalId", &longest)]).await,
        seen(&longest, &longest, 7)
    );
    assert_eq!(update(&[("GroupExternalId", &readers)]).await, seen(&longest, &readers, 8));
    corp.refuses(
        &admin,
        "UpdateGroup",
        &[
            (
                &[group, ("GroupName", &longer), ("GroupExternalId", &longer)],
                "400 InvalidParameter.GroupName",
            ),
            (&[group, ("GroupExternalId", &longer)], "400 InvalidParameter.GroupExternalId"),
            (&[group, ("GroupName", "a\u{1}")], "400 InvalidParameter.GroupName"),
        ],
    )
    .await;

    let describe = async |text: Option<&str>| {
        server.pass(1_000);
        let mut parameters = vec![group];
        parameters.extend(text.map(|text| ("Description", text)));
        corp.done(&admin, "UpdateGroupDescription", &parameters).await;
        let group = corp.get_group(&admin, &readers).await;
        (group.description, (group.update_time - NOW) / 1_000)
    };
    let prose = "述".repeat(256);
    assert_eq!(describe(None).await, (None, 8));
    assert_eq!(describe(Some(&prose)).await, (Some(prose.clone()), 10));
    assert_eq!(describe(Some(&prose)).await, (Some(prose.clone()), 10));
    assert_eq!(describe(Some("")).await, (None, 12));
    assert_eq!(describe(Some("a\n\tb")).await, (Some("a\n\tb".to_owned()), 13));
    assert_eq!(describe(None).await, (None, 14));
    let longer = format!("{prose}x");
    corp.refuses(
        &admin,
        "UpdateGroupDescription",
        &[
            (&[group, ("Description", &longer)], "400 InvalidParameter.Description"),
            (&[group, ("Description", "\r\u{1}")], "400 InvalidParameter.Description"),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_goes_leaves_its_members() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let (readers, writers) =
        (corp.make_group(&admin, "readers").await, corp.make_group(&admin, "writers").await);
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    let [alice, bob] = &users[..] else { panic!("two") };
    corp.join(&admin, &readers, &[alice, bob]).await;
    corp.join(&admin, &writers, &[alice]).await;

    let request = DeleteGroup { instance_id: corp.id.clone(), group_id: readers.clone() };
    admin.send(&request).await.expect("it is there");

    let again: Fault = admin.send(&request).await.expect_err("it is gone");
    assert_eq!(again.brief(), "404 ResourceNotFound.Group");
    assert_eq!(again.message, format!("The specified Group resource: {readers} not found."));
    assert_eq!(names(&admin, &corp.groups()).await, ["writers"]);
    assert_eq!(list_users(&admin, &corp.users()).await.len(), 2);
    assert_eq!(corp.groups_of(&admin, alice).await, ["writers"]);
    assert_eq!(corp.groups_of(&admin, bob).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_groups_with_one_external_id_that_are_made_at_once_one_is() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let other = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let waiting = corp.make_group(&admin, "waiting").await;
    for round in 0..10 {
        let external = format!("E{round}");
        let new = with_external_id(&corp, "group", &external);
        let update = UpdateGroup {
            instance_id: corp.id.clone(),
            group_id: waiting.clone(),
            group_name: None,
            group_external_id: Some(external),
        };
        let (made, changed) = tokio::join!(admin.send(&new), other.send(&update));
        let fault = match (made, changed) {
            (Ok(_), Err(fault)) | (Err(fault), Ok(_)) => fault,
            both => panic!("round {round}: {both:?}"),
        };
        assert_eq!(fault.brief(), "403 ResourceDuplicated.GroupExternalId", "round {round}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_eds_calls_an_organization_is_no_group() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let group = make_group(&eds, "readers").await;
    let org = make_org(&eds, "dev", ROOT).await;
    for id in [group, org] {
        let unknown = format!("404 ResourceNotFound.Group {id}");
        let parameters = [("InstanceId", corp.id.as_str()), ("GroupId", id.as_str())];
        is_refused(&admin, "GetGroup", &parameters, &unknown).await;
    }
    assert_eq!(names(&admin, &corp.groups()).await, ["readers"]);
    server.stop().await;
}
