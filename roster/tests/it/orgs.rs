//! Organizations: made, listed, renamed, moved, filled with people and removed.
//!
//! Source: `reference/eds-user.md`, 20 to 26; `reference/doors.md` §1, §4.3 and §4.4.

use api::eds::{
    CreateOrg, DescribeOrgByLayer, DescribeOrgs, DescribeUsers, DescribedUser, ModifyOrg, NewUser, RemoveOrg,
};
use model::time::DAY;

use crate::support::{
    Client, Home, ROOT, Server, create, create_users, find, find_orgs, list_orgs, make_group, make_org,
    move_org, move_users, new_user, paths, person, picture, place_also, refuses, remove, texts, told,
};

/// Below the root: how deep an organization may lie.
const DEPTH: usize = 10;

/// A request to rename an organization.
fn rename(org: &str, name: &str) -> ModifyOrg {
    ModifyOrg { org_id: org.to_owned(), org_name: name.to_owned() }
}

/// A request to remove an organization.
fn remove_org(org: &str) -> RemoveOrg {
    RemoveOrg { org_id: org.to_owned() }
}

/// So many organizations, each in the one before, the first of them in `parent`.
async fn chain(admin: &Client, parent: &str, length: usize) -> Vec<String> {
    let mut orgs = Vec::new();
    let mut parent = parent.to_owned();
    for number in 1..=length {
        parent = make_org(admin, &format!("level {number}"), &parent).await;
        orgs.push(parent.clone());
    }
    orgs
}

/// Makes users in an organization.
async fn create_in(admin: &Client, org: &str, names: &[&str]) {
    let users = names.iter().map(|name| NewUser { org_id: Some(org.to_owned()), ..new_user(name) }).collect();
    let reply = admin.send(&create_users(users)).await.expect("the call is right");
    assert!(reply.all_succeed, "{reply:?}");
}

/// The members of an organization, with or without those of the ones below it.
async fn members(admin: &Client, org: &str, also_below: bool) -> Vec<String> {
    let request = DescribeUsers {
        org_id: Some(org.to_owned()),
        is_query_all_sub_orgs: Some(also_below),
        ..DescribeUsers::default()
    };
    let found = find(admin, &request).await;
    let one = DescribeUsers { max_results: Some(1.try_into().expect("in range")), ..request };
    assert_eq!(find(admin, &one).await, found, "page by page");
    found
}

/// Where a user is: the paths, of which the first is the primary one's.
fn places(user: &DescribedUser) -> Vec<&str> {
    assert_eq!(user.org_id.as_ref(), user.orgs.first().map(|org| &org.org_id));
    user.orgs.iter().map(|org| org.org_name_path.as_str()).collect()
}

/// An organization's digits under the prefix of another kind, and ids that name nothing here.
async fn strangers(admin: &Client, org: &str) -> Vec<String> {
    let gone = make_org(admin, "gone", ROOT).await;
    admin.send(&remove_org(&gone)).await.expect("it is empty");
    let group = make_group(admin, "group").await;
    let digits = org.strip_prefix("org-").expect("its prefix");
    vec![
        gone,
        group.replace("ug-", "org-"),
        group,
        format!("ug-{digits}"),
        format!("rg-{digits}"),
        digits.to_owned(),
        org.to_uppercase(),
        org[..org.len() - 1].to_owned(),
        format!("{org}0"),
        format!("org-0{digits}"),
        "org-08nirkf56rh6k7jht".to_owned(),
        "org-zzzzzzzzzzzzzzzzz".to_owned(),
        "ou_dfizzgsafjod6cnhdpsnecdok4".to_owned(),
        "ORG-ALIYUN-WY-ORG-ID".to_owned(),
        "org-aliyun-wy-org-id2".to_owned(),
        "root".to_owned(),
        "level 1".to_owned(),
        "'".to_owned(),
        "\0".to_owned(),
        "部".repeat(1_000),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator();

    let parameters = [("OrgName", "Dev. 研发"), ("ParentOrgId", ROOT), ("BusinessChannel", "ENTERPRISE")];
    let made = admin.call("CreateOrg", &parameters).await;
    let dev = made.json()["OrgId"].as_str().expect("an id").to_owned();
    let web = make_org(&admin, "web/shop", &dev).await;

    for id in [&dev, &web] {
        let digits = id.strip_prefix("org-").expect("its prefix");
        assert!(digits.len() == 17 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    }
    let names = [(dev.as_str(), "dev"), (web.as_str(), "web")];
    insta::assert_json_snapshot!(told(&made, &names), @r#"
    {
      "OrgId": "[dev]",
      "RequestId": "[id]"
    }
    "#);
    insta::assert_json_snapshot!(told(&admin.call("DescribeOrgs", &[]).await, &names), @r#"
    {
      "NextToken": "",
      "Orgs": [
        {
          "AccessType": "MANAGEABLE",
          "OrgId": "org-aliyun-wy-org-id",
          "OrgName": "root",
          "OrgNamePath": "root",
          "ResourcePolicyList": []
        },
        {
          "AccessType": "MANAGEABLE",
          "OrgId": "[dev]",
          "OrgName": "Dev. 研发",
          "OrgNamePath": "root/Dev. 研发",
          "ParentOrgId": "org-aliyun-wy-org-id",
          "ResourcePolicyList": []
        },
        {
          "AccessType": "MANAGEABLE",
          "OrgId": "[web]",
          "OrgName": "web/shop",
          "OrgNamePath": "root/Dev. 研发/web/shop",
          "ParentOrgId": "[dev]",
          "ResourcePolicyList": []
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    let layer = admin.call("DescribeOrgByLayer", &[("ParentOrgId", &dev)]).await;
    insta::assert_json_snapshot!(told(&layer, &names), @r#"
    {
      "Orgs": [
        {
          "OrgId": "[web]",
          "OrgName": "web/shop",
          "ParentOrgId": "[dev]"
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_answers_with_a_request_id_and_no_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let ops = make_org(&admin, "ops", ROOT).await;
    create(&admin, &["alice"]).await;

    let changes: [(&str, &[(&str, &str)]); 5] = [
        ("ModifyOrg", &[("OrgId", &dev), ("OrgName", "research")]),
        ("MoveOrg", &[("OrgId", &dev), ("NewParentOrgId", &ops)]),
        ("MoveUserOrg", &[("OrgId", &dev), ("EndUserIds.1", "alice")]),
        ("MoveUserOrg", &[("OrgId", ROOT), ("EndUserIds.1", "alice")]),
        ("RemoveOrg", &[("OrgId", &dev)]),
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
    assert_eq!(paths(&admin).await, ["root", "root/ops"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_has_1_to_64_characters_of_any_script() {
    let server = Server::start().await;
    let admin = server.administrator();
    let parent = make_org(&admin, "parent", ROOT).await;
    let org = make_org(&admin, "org", ROOT).await;
    let fitting: Vec<String> = ["a", "部", "é", "😀", "ß", "ﬁ"]
        .map(|letter| letter.repeat(64))
        .into_iter()
        .chain(["x".to_owned()])
        .collect();

    for name in &fitting {
        make_org(&admin, name, &parent).await;
        admin.send(&rename(&org, name)).await.expect("the name fits");
        assert_eq!(
            find_orgs(&admin, &DescribeOrgs { include_org_ids: Some(texts(&[&org])), ..all() }).await,
            [name.as_str()]
        );
    }
    let below = DescribeOrgs { parent_org_id: Some(parent.clone()), ..all() };
    assert_eq!(find_orgs(&admin, &below).await, fitting);

    let long = ["a", "部", "é", "😀"].map(|letter| letter.repeat(65));
    let huge = "a".repeat(100_000);
    let unfit = ["a\tb", "a\nb", "a\0b", "a\u{7f}b", "a\u{85}b", "   ", "\u{3000}", &huge];
    for name in long.iter().map(String::as_str).chain(unfit) {
        refuses(&admin, "CreateOrg", &[(&[("OrgName", name), ("ParentOrgId", ROOT)], "InvalidOrgName")])
            .await;
        refuses(&admin, "ModifyOrg", &[(&[("OrgName", name), ("OrgId", &org)], "InvalidOrgName")]).await;
        refuses(&admin, "ModifyOrg", &[(&[("OrgName", name), ("OrgId", ROOT)], "InvalidOrgName")]).await;
    }
    server.stop().await;
}

/// A request for all organizations.
fn all() -> DescribeOrgs {
    DescribeOrgs::default()
}

#[tokio::test(flavor = "multi_thread")]
async fn white_space_around_a_name_does_not_count() {
    let server = Server::start().await;
    let admin = server.administrator();
    let longest = "部".repeat(64);

    let org = make_org(&admin, " dev ops\u{3000}", ROOT).await;
    assert_eq!(paths(&admin).await, ["root", "root/dev ops"]);
    admin.send(&rename(&org, &format!("  {longest} "))).await.expect("it is 64 characters");
    assert_eq!(paths(&admin).await, ["root".to_owned(), format!("root/{longest}")]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_among_siblings_in_any_case_and_width() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "Dev", ROOT).await;
    let street = make_org(&admin, "Straße", ROOT).await;
    let other = make_org(&admin, "other", ROOT).await;
    let below = make_org(&admin, "DEV", &other).await;

    for name in ["Dev", "dev", "DEV", "ｄｅｖ", "Ｄev", " dev ", "STRASSE", "straße"] {
        refuses(&admin, "CreateOrg", &[(&[("OrgName", name), ("ParentOrgId", ROOT)], "ExistedOrgName")])
            .await;
        refuses(&admin, "ModifyOrg", &[(&[("OrgName", name), ("OrgId", &other)], "ExistedOrgName")]).await;
    }
    refuses(&admin, "MoveOrg", &[(&[("OrgId", &below), ("NewParentOrgId", ROOT)], "ExistedOrgName")]).await;

    for (org, name) in [(&dev, "dEV"), (&dev, "dEV"), (&street, "STRASSE"), (&below, "dev")] {
        admin.send(&rename(org, name)).await.expect("its own name is free for it");
    }
    make_org(&admin, "dev", &dev).await;
    make_org(&admin, "de v", ROOT).await;
    assert_eq!(
        paths(&admin).await,
        ["root", "root/STRASSE", "root/dEV", "root/dEV/dev", "root/de v", "root/other", "root/other/dev"]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_free_again_at_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    let [renamed, moved, removed] = [
        make_org(&admin, "renamed", ROOT).await,
        make_org(&admin, "moved", ROOT).await,
        make_org(&admin, "removed", ROOT).await,
    ];
    let other = make_org(&admin, "other", ROOT).await;

    admin.send(&rename(&renamed, "new")).await.expect("the name is free");
    admin.send(&move_org(&moved, &other)).await.expect("the name is free");
    admin.send(&remove_org(&removed)).await.expect("it is empty");

    for name in ["Renamed", "Moved", "Removed"] {
        make_org(&admin, name, ROOT).await;
    }
    let found = paths(&admin).await;
    assert_eq!(
        found,
        ["root", "root/Moved", "root/Removed", "root/Renamed", "root/new", "root/other", "root/other/moved"]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_is_missed_by_name() {
    let server = Server::start().await;
    let admin = server.administrator();
    let org = make_org(&admin, "dev", ROOT).await;
    create(&admin, &["alice"]).await;

    for absent in [None, Some("")] {
        let with = |name, rest: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
            rest.iter().copied().chain(absent.map(|text| (name, text))).collect()
        };
        let org = [("OrgId", org.as_str())];
        let of_org = |name| -> Vec<(&str, &str)> {
            org.iter().copied().chain(absent.map(|text| (name, text))).collect()
        };
        refuses(
            &admin,
            "CreateOrg",
            &[
                (&with("OrgName", &[("ParentOrgId", ROOT)]), "MissingOrgName"),
                (&with("ParentOrgId", &[("OrgName", "x")]), "MissingParentOrgId"),
            ],
        )
        .await;
        refuses(&admin, "RemoveOrg", &[(&with("OrgId", &[]), "MissingOrgId")]).await;
        refuses(
            &admin,
            "ModifyOrg",
            &[(&with("OrgId", &[("OrgName", "x")]), "MissingOrgId"), (&of_org("OrgName"), "MissingOrgName")],
        )
        .await;
        refuses(
            &admin,
            "MoveOrg",
            &[
                (&with("OrgId", &[("NewParentOrgId", ROOT)]), "MissingOrgId"),
                (&of_org("NewParentOrgId"), "MissingNewParentOrgId"),
            ],
        )
        .await;
        refuses(
            &admin,
            "MoveUserOrg",
            &[
                (&with("OrgId", &[("EndUserIds.1", "alice")]), "MissingOrgId"),
                (&of_org("EndUserIds"), "MissingEndUserIds"),
            ],
        )
        .await;
    }
    refuses(&admin, "MoveUserOrg", &[(&[("OrgId", &org), ("EndUserIds", "[]")], "MissingEndUserIds")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_nothing_is_not_found_and_nothing_changes() {
    let server = Server::start().await;
    let admin = server.administrator();
    let elsewhere = Server::start().await;
    elsewhere.pass(DAY);
    let dev = make_org(&admin, "dev", ROOT).await;
    create_in(&admin, &dev, &["alice"]).await;
    let mut unknown = strangers(&admin, &dev).await;
    unknown.push(make_org(&elsewhere.administrator(), "dev", ROOT).await);

    for id in unknown.iter().map(String::as_str) {
        let (org, parent) = ("InvalidOrgId.NotFound", "InvalidParentOrgId.NotFound");
        refuses(&admin, "CreateOrg", &[(&[("OrgName", "x"), ("ParentOrgId", id)], parent)]).await;
        refuses(&admin, "RemoveOrg", &[(&[("OrgId", id)], org)]).await;
        refuses(&admin, "ModifyOrg", &[(&[("OrgId", id), ("OrgName", "x")], org)]).await;
        refuses(&admin, "MoveUserOrg", &[(&[("OrgId", id), ("EndUserIds.1", "alice")], org)]).await;
        refuses(
            &admin,
            "MoveOrg",
            &[
                (&[("OrgId", id), ("NewParentOrgId", ROOT)], org),
                (&[("OrgId", &dev), ("NewParentOrgId", id)], "InvalidNewParentOrgId.NotFound"),
            ],
        )
        .await;
        let reply = admin
            .send(&create_users(vec![NewUser { org_id: Some(id.to_owned()), ..new_user("bob") }]))
            .await
            .expect("the call is right");
        assert_eq!(reply.create_result.failed_users[0].error_code, "InvalidOrgId.NotFound", "{id}");
        assert!(members(&admin, id, false).await.is_empty() && members(&admin, id, true).await.is_empty());
        let below = DescribeOrgs { parent_org_id: Some(id.to_owned()), ..all() };
        assert!(find_orgs(&admin, &below).await.is_empty(), "{id}");
        let listed = DescribeOrgs { include_org_ids: Some(texts(&[id])), ..all() };
        assert!(find_orgs(&admin, &listed).await.is_empty(), "{id}");
        let layer = DescribeOrgByLayer { parent_org_id: Some(id.to_owned()), org_name: None };
        assert!(admin.send(&layer).await.expect("the call is right").orgs.is_empty(), "{id}");
    }
    elsewhere.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tree_is_ten_organizations_deep() {
    let server = Server::start().await;
    let admin = server.administrator();
    let orgs = chain(&admin, ROOT, DEPTH).await;
    let (deepest, above) = (&orgs[DEPTH - 1], &orgs[DEPTH - 2]);

    let eleventh: &[(&str, &str)] = &[("OrgName", "x"), ("ParentOrgId", deepest)];
    refuses(&admin, "CreateOrg", &[(eleventh, "InvalidParentOrgId")]).await;
    make_org(&admin, "beside", above).await;

    // What moves counts with all that lies below it: three here, the longer of two ways down.
    let tall = make_org(&admin, "tall", ROOT).await;
    let arm = make_org(&admin, "arm", &tall).await;
    make_org(&admin, "hand", &arm).await;
    make_org(&admin, "leg", &tall).await;
    for parent in &orgs[DEPTH - 3..] {
        let too_deep: &[(&str, &str)] = &[("OrgId", &tall), ("NewParentOrgId", parent)];
        refuses(&admin, "MoveOrg", &[(too_deep, "InvalidNewParentOrgId")]).await;
    }
    admin.send(&move_org(&tall, &orgs[DEPTH - 4])).await.expect("the hand is the tenth");
    let hand: &[(&str, &str)] = &[("OrgName", "finger"), ("ParentOrgId", &id_of(&admin, "hand").await)];
    refuses(&admin, "CreateOrg", &[(hand, "InvalidParentOrgId")]).await;
    admin.send(&move_org(&tall, ROOT)).await.expect("back");
    make_org(&admin, "finger", &id_of(&admin, "hand").await).await;
    assert_eq!(paths(&admin).await.iter().filter(|path| path.ends_with("/tall/arm/hand/finger")).count(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_deep_the_tree_may_be_is_a_setting() {
    let mut home = Home::new().await;
    home.serve.eds.deepest_org = 2;
    let server = Server::within(home).await;
    let admin = server.administrator();
    let orgs = chain(&admin, ROOT, 2).await;
    let tall = make_org(&admin, "tall", ROOT).await;
    make_org(&admin, "below", &tall).await;

    let third: &[(&str, &str)] = &[("OrgName", "x"), ("ParentOrgId", &orgs[1])];
    refuses(&admin, "CreateOrg", &[(third, "InvalidParentOrgId")]).await;
    let third: &[(&str, &str)] = &[("OrgId", &tall), ("NewParentOrgId", &orgs[0])];
    refuses(&admin, "MoveOrg", &[(third, "InvalidNewParentOrgId")]).await;
    server.stop().await;
}

/// The id of the only organization with this name.
async fn id_of(admin: &Client, name: &str) -> String {
    let mut orgs = list_orgs(admin, &all()).await;
    orgs.retain(|org| org.org_name == name);
    assert_eq!(orgs.len(), 1, "{name}");
    orgs.remove(0).org_id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_moves_with_all_that_lies_in_it() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let web = make_org(&admin, "web", &dev).await;
    let shop = make_org(&admin, "shop", &web).await;
    let sales = make_org(&admin, "sales", ROOT).await;
    create_in(&admin, &web, &["alice"]).await;
    create_in(&admin, &shop, &["bob", "carol"]).await;
    create_in(&admin, &sales, &["dave"]).await;

    admin.send(&move_org(&web, &sales)).await.expect("it can move");

    assert_eq!(
        paths(&admin).await,
        ["root", "root/dev", "root/sales", "root/sales/web", "root/sales/web/shop"]
    );
    assert_eq!(members(&admin, &dev, true).await, Vec::<String>::new());
    assert_eq!(members(&admin, &sales, false).await, ["dave"]);
    assert_eq!(members(&admin, &sales, true).await, ["alice", "bob", "carol", "dave"]);
    assert_eq!(members(&admin, &web, true).await, ["alice", "bob", "carol"]);
    assert_eq!(members(&admin, &shop, false).await, ["bob", "carol"]);
    assert_eq!(members(&admin, ROOT, true).await.len(), 4);
    assert_eq!(places(&person(&admin, "bob").await), ["root/sales/web/shop"]);

    let before = picture(&admin).await;
    admin.send(&move_org(&web, &sales)).await.expect("it is there already");
    assert_eq!(picture(&admin).await, before);

    admin.send(&move_org(&sales, &dev)).await.expect("it can move");
    admin.send(&move_org(&web, ROOT)).await.expect("it can move");
    assert_eq!(paths(&admin).await, ["root", "root/dev", "root/dev/sales", "root/web", "root/web/shop"]);
    assert_eq!(members(&admin, &dev, true).await, ["dave"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn white_space_around_the_ids_of_a_move_does_not_count() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let web = make_org(&admin, "web", ROOT).await;

    admin.send(&move_org(&format!(" {web}\n"), &format!("\t{dev}\r\n"))).await.expect("it can move");
    assert_eq!(paths(&admin).await, ["root", "root/dev", "root/dev/web"]);
    admin.send(&move_org(&web, &format!("{ROOT}\n"))).await.expect("it can move");
    assert_eq!(paths(&admin).await, ["root", "root/dev", "root/web"]);

    let root = format!(" {ROOT}");
    let own = format!("{web} ");
    refuses(
        &admin,
        "MoveOrg",
        &[
            (&[("OrgId", &root), ("NewParentOrgId", &dev)], "OperationDenied.RootOrg"),
            (&[("OrgId", &web), ("NewParentOrgId", &own)], "InvalidNewParentOrgId"),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_does_not_move_below_itself() {
    let server = Server::start().await;
    let admin = server.administrator();
    let orgs = chain(&admin, ROOT, 4).await;
    let beside = make_org(&admin, "beside", &orgs[0]).await;

    for target in orgs.iter().chain([&beside]) {
        let cycle: &[(&str, &str)] = &[("OrgId", &orgs[0]), ("NewParentOrgId", target)];
        refuses(&admin, "MoveOrg", &[(cycle, "InvalidNewParentOrgId")]).await;
    }
    let cycle: &[(&str, &str)] = &[("OrgId", &orgs[1]), ("NewParentOrgId", &orgs[3])];
    refuses(&admin, "MoveOrg", &[(cycle, "InvalidNewParentOrgId")]).await;
    for org in [ROOT, &orgs[0], &orgs[3]] {
        let root: &[(&str, &str)] = &[("OrgId", ROOT), ("NewParentOrgId", org)];
        refuses(&admin, "MoveOrg", &[(root, "OperationDenied.RootOrg")]).await;
    }
    admin.send(&move_org(&orgs[1], &beside)).await.expect("that is no cycle");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_removed_once_nothing_lies_in_it() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let web = make_org(&admin, "web", &dev).await;
    create_in(&admin, &web, &["alice"]).await;
    create_in(&admin, &dev, &["bob"]).await;

    refuses(
        &admin,
        "RemoveOrg",
        &[
            (&[("OrgId", &dev)], "OrgNotEmpty"),
            (&[("OrgId", &web)], "OrgNotEmpty"),
            (&[("OrgId", ROOT)], "OperationDenied.RootOrg"),
        ],
    )
    .await;
    admin.send(&move_users(ROOT, &["bob"])).await.expect("they can move");
    refuses(&admin, "RemoveOrg", &[(&[("OrgId", &dev)], "OrgNotEmpty")]).await;
    remove(&admin, &["alice"]).await;
    refuses(&admin, "RemoveOrg", &[(&[("OrgId", &dev)], "OrgNotEmpty")]).await;
    admin.send(&remove_org(&web)).await.expect("nobody is in it");
    refuses(&admin, "RemoveOrg", &[(&[("OrgId", &web)], "InvalidOrgId.NotFound")]).await;
    admin.send(&remove_org(&dev)).await.expect("nothing is in it");

    refuses(&admin, "RemoveOrg", &[(&[("OrgId", ROOT)], "OperationDenied.RootOrg")]).await;
    assert_eq!(paths(&admin).await, ["root"]);
    assert_eq!(places(&person(&admin, "bob").await), ["root"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_organization_of_an_old_name_is_another_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    let old = make_org(&admin, "dev", ROOT).await;
    admin.send(&remove_org(&old)).await.expect("nothing is in it");

    let new = make_org(&admin, "dev", ROOT).await;

    assert_ne!(old, new);
    refuses(&admin, "ModifyOrg", &[(&[("OrgId", &old), ("OrgName", "x")], "InvalidOrgId.NotFound")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_may_be_renamed_and_every_path_begins_so() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    create_in(&admin, &dev, &["alice"]).await;
    create(&admin, &["bob"]).await;

    admin.send(&rename(ROOT, "公司")).await.expect("it may");

    assert_eq!(paths(&admin).await, ["公司", "公司/dev"]);
    assert_eq!(places(&person(&admin, "alice").await), ["公司/dev"]);
    let bob = person(&admin, "bob").await;
    assert_eq!((bob.org_id.as_deref(), bob.orgs[0].org_name.as_str()), (Some(ROOT), "公司"));
    make_org(&admin, "公司", ROOT).await;
    let server = server.restart().await;
    assert_eq!(paths(&server.administrator()).await, ["公司", "公司/dev", "公司/公司"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_move_to_an_organization_together() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let web = make_org(&admin, "web", &dev).await;
    create(&admin, &["alice", "bob", "carol"]).await;

    // Each name once, however often and however it is spelled.
    let names = ["alice", "BOB", " alice ", "ｂｏｂ", "bob"];
    admin.send(&move_users(&web, &names)).await.expect("they can move");
    assert_eq!(members(&admin, &web, false).await, ["alice", "bob"]);
    assert_eq!(members(&admin, &dev, false).await, Vec::<String>::new());
    assert_eq!(members(&admin, &dev, true).await, ["alice", "bob"]);
    assert_eq!(members(&admin, ROOT, false).await, ["carol"]);
    assert_eq!(members(&admin, ROOT, true).await, ["alice", "bob", "carol"]);
    let alice = person(&admin, "alice").await;
    assert_eq!((alice.org_id.as_ref(), places(&alice)), (Some(&web), vec!["root/dev/web"]));

    let before = picture(&admin).await;
    admin.send(&move_users(&web, &["alice"])).await.expect("she is there already");
    assert_eq!(picture(&admin).await, before);

    admin.send(&move_users(&dev, &["carol", "alice"])).await.expect("they can move");
    assert_eq!(members(&admin, &dev, false).await, ["alice", "carol"]);
    assert_eq!(members(&admin, &dev, true).await, ["alice", "bob", "carol"]);
    assert_eq!(members(&admin, ROOT, false).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_leaves_the_primary_organization_and_no_further_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (dev, ops) = (make_org(&admin, "dev", ROOT).await, make_org(&admin, "ops", ROOT).await);
    let further = make_org(&admin, "further", &dev).await;
    create_in(&admin, &dev, &["alice"]).await;
    place_also(&server.home, "alice", "further").await;
    assert_eq!(places(&person(&admin, "alice").await), ["root/dev", "root/dev/further"]);
    assert_eq!(members(&admin, &dev, true).await, ["alice"], "counted once");
    refuses(&admin, "RemoveOrg", &[(&[("OrgId", &further)], "OrgNotEmpty")]).await;

    admin.send(&move_users(&ops, &["alice"])).await.expect("she can move");
    assert_eq!(places(&person(&admin, "alice").await), ["root/ops", "root/dev/further"]);
    assert_eq!(members(&admin, &dev, false).await, Vec::<String>::new());
    assert_eq!(members(&admin, &dev, true).await, ["alice"]);

    admin.send(&move_users(&further, &["alice"])).await.expect("it becomes the primary one");
    assert_eq!(places(&person(&admin, "alice").await), ["root/dev/further"]);
    assert_eq!(members(&admin, &ops, true).await, Vec::<String>::new());
    assert_eq!(members(&admin, &further, false).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_users_move_at_once_and_all_or_none() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let users: Vec<String> = (0..101).map(|n| format!("user_{n:03}")).collect();
    create(&admin, &users.iter().map(String::as_str).collect::<Vec<_>>()).await;
    remove(&admin, &["user_100"]).await;
    create(&admin, &["spare"]).await;
    let call = |names: Vec<String>| -> Vec<(String, String)> {
        let named = names.into_iter().enumerate().map(|(at, name)| (format!("EndUserIds.{}", at + 1), name));
        [("OrgId".to_owned(), dev.clone())].into_iter().chain(named).collect()
    };
    let with = |name: &str| [&users[..99], &[name.to_owned()]].concat();
    let too_many = [&users[..100], &["spare".to_owned()]].concat();

    for (names, code) in [
        (too_many, "InvalidEndUserIds"),
        (vec!["spare".to_owned(); 101], "InvalidEndUserIds"),
        (with("user_100"), "InvalidEndUserIds.NotFound"),
        (with("nobody"), "InvalidEndUserIds.NotFound"),
        (with(""), "InvalidEndUserIds.NotFound"),
        (with("user_1\0"), "InvalidEndUserIds.NotFound"),
        (with(&"x".repeat(1_000)), "InvalidEndUserIds.NotFound"),
    ] {
        let parameters = call(names);
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        refuses(&admin, "MoveUserOrg", &[(&parameters, code)]).await;
    }
    let hundred: Vec<&str> = users[..100].iter().map(String::as_str).collect();
    admin.send(&move_users(&dev, &hundred)).await.expect("a hundred may move");
    assert_eq!(members(&admin, &dev, false).await, hundred);
    assert_eq!(members(&admin, ROOT, false).await, ["spare"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmin_is_in_nobody_s_way() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;

    admin.send(&move_users(&dev, &["superadmin"])).await.expect("it can move");

    assert_eq!(places(&person(&admin, "superadmin").await), ["root/dev"]);
    assert!(members(&admin, &dev, false).await.is_empty() && members(&admin, ROOT, true).await.is_empty());
    admin.send(&remove_org(&dev)).await.expect("nobody who counts is in it");
    assert_eq!(places(&person(&admin, "superadmin").await), ["root"]);
    server.stop().await;
}

/// Six organizations: dev (web (Dev Tools, 研发部), ops), Sales.
async fn six(admin: &Client) -> [String; 6] {
    let dev = make_org(admin, "dev", ROOT).await;
    let web = make_org(admin, "web", &dev).await;
    let tools = make_org(admin, "Dev Tools", &web).await;
    let research = make_org(admin, "研发部", &web).await;
    let ops = make_org(admin, "ops 50%_", &dev).await;
    let sales = make_org(admin, "Sales", ROOT).await;
    [dev, web, tools, research, ops, sales]
}

/// Parameters, and what they find.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_its_own_organizations_alone_and_with_others() {
    let server = Server::start().await;
    let admin = server.administrator();
    let [dev, web, tools, _, ops, sales] = &six(&admin).await;
    let everything = ["root", "dev", "web", "Dev Tools", "研发部", "ops 50%_", "Sales"];
    let below_root = &everything[1..];

    let cases: &[Case<'_>] = &[
        (&[], &everything),
        (&[("BusinessChannel", "ENTERPRISE"), ("ShowExtras", r#"{"OrgNamePath":true}"#)], &everything),
        (&[("OrgName", ""), ("ParentOrgId", ""), ("IncludeOrgIds", "")], &everything),
        (&[("IncludeOrgIds", "[]")], &everything),
        (&[("IsQueryAllSubOrgs", "true")], &everything),
        (&[("OrgName", "dev")], &["dev", "Dev Tools"]),
        (&[("OrgName", "DEV")], &["dev", "Dev Tools"]),
        (&[("OrgName", "ｄｅｖ")], &["dev", "Dev Tools"]),
        (&[("OrgName", " dev ")], &["dev", "Dev Tools"]),
        (&[("OrgName", "e")], &["dev", "web", "Dev Tools", "Sales"]),
        (&[("OrgName", "研发")], &["研发部"]),
        (&[("OrgName", "发")], &["研发部"]),
        (&[("OrgName", "v t")], &["Dev Tools"]),
        (&[("OrgName", "root")], &[]),
        (&[("OrgName", "nothing")], &[]),
        (&[("OrgName", "%")], &["ops 50%_"]),
        (&[("OrgName", "_")], &["ops 50%_"]),
        (&[("OrgName", "\\")], &[]),
        (&[("OrgName", "'")], &[]),
        (&[("OrgName", "*")], below_root),
        (&[("OrgName", "dev*")], &["dev", "Dev Tools"]),
        (&[("OrgName", "*dev")], &["dev"]),
        (&[("OrgName", "*s")], &["Dev Tools", "Sales"]),
        (&[("OrgName", "D*s")], &["Dev Tools"]),
        (&[("OrgName", "*ev*")], &["dev", "Dev Tools"]),
        (&[("OrgName", "*%*")], &["ops 50%_"]),
        (&[("OrgName", "s*d")], &[]),
        (&[("ParentOrgId", ROOT)], &["dev", "Sales"]),
        (&[("ParentOrgId", ROOT), ("IsQueryAllSubOrgs", "False")], &["dev", "Sales"]),
        (&[("ParentOrgId", ROOT), ("IsQueryAllSubOrgs", "True")], below_root),
        (&[("ParentOrgId", dev)], &["web", "ops 50%_"]),
        (&[("ParentOrgId", dev), ("IsQueryAllSubOrgs", "true")], &everything[2..6]),
        (&[("ParentOrgId", tools)], &[]),
        (&[("ParentOrgId", tools), ("IsQueryAllSubOrgs", "true")], &[]),
        (&[("IncludeOrgIds.1", sales), ("IncludeOrgIds.2", dev)], &["dev", "Sales"]),
        (&[("IncludeOrgIds.1", ROOT), ("IncludeOrgIds.2", web)], &["root", "web"]),
        (&[("IncludeOrgIds.1", web), ("IncludeOrgIds.2", web), ("IncludeOrgIds.3", "x")], &["web"]),
        (&[("OrgName", "dev"), ("ParentOrgId", ROOT)], &["dev"]),
        (&[("OrgName", "dev"), ("ParentOrgId", dev), ("IsQueryAllSubOrgs", "true")], &["Dev Tools"]),
        (&[("OrgName", "e"), ("IncludeOrgIds.1", web), ("IncludeOrgIds.2", ops)], &["web"]),
        (&[("ParentOrgId", dev), ("IncludeOrgIds.1", tools), ("IncludeOrgIds.2", ops)], &["ops 50%_"]),
        (
            &[
                ("ParentOrgId", dev),
                ("IsQueryAllSubOrgs", "true"),
                ("IncludeOrgIds.1", tools),
                ("IncludeOrgIds.2", sales),
                ("OrgName", "*s"),
            ],
            &["Dev Tools"],
        ),
        (&[("OrgName", "e"), ("IncludeOrgIds.1", ROOT)], &[]),
        (&[("ParentOrgId", dev), ("IncludeOrgIds.1", dev)], &[]),
    ];
    for (filters, expected) in cases {
        for size in ["1", "2", "100"] {
            let mut token = String::new();
            let mut found = Vec::new();
            loop {
                let page = [&[("MaxResults", size), ("NextToken", token.as_str())], *filters].concat();
                let answer = admin.call("DescribeOrgs", &page).await.json();
                let orgs = answer["Orgs"].as_array().unwrap_or_else(|| panic!("{filters:?}: {answer}"));
                found.extend(orgs.iter().map(|org| org["OrgName"].as_str().expect("a name").to_owned()));
                answer["NextToken"].as_str().expect("a token").clone_into(&mut token);
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!(found, *expected, "{filters:?}, {size} a page");
        }
    }
    refuses(
        &admin,
        "DescribeOrgs",
        &[
            (&[("IsQueryAllSubOrgs", "yes")], "InvalidIsQueryAllSubOrgs"),
            (&[("IncludeOrgIds", "org")], "InvalidIncludeOrgIds"),
            (&[("ShowExtras", "{")], "InvalidShowExtras"),
            (&[("ShowExtras", "[]")], "InvalidShowExtras"),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_ids_may_be_asked_for() {
    let server = Server::start().await;
    let admin = server.administrator();
    let dev = make_org(&admin, "dev", ROOT).await;
    let named = |count: usize| -> Vec<(String, String)> {
        (1..=count).map(|at| (format!("IncludeOrgIds.{at}"), dev.clone())).collect()
    };
    let hundred = DescribeOrgs { include_org_ids: Some(texts(&vec![dev.as_str(); 100])), ..all() };

    assert_eq!(find_orgs(&admin, &hundred).await, ["dev"]);
    let more = named(101);
    let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    refuses(&admin, "DescribeOrgs", &[(&more, "InvalidIncludeOrgIds")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_a_hundred_organizations_whatever_is_asked_above() {
    let server = Server::start().await;
    let admin = server.administrator();
    let parent = make_org(&admin, "parent", ROOT).await;
    for number in 0..103 {
        make_org(&admin, &format!("org {number:03}"), &parent).await;
    }

    // With the root and the parent there are 105.
    for (size, expected) in [("", 100), ("1", 1), ("99", 99), ("100", 100), ("101", 100), ("500", 100)] {
        let page = admin.call("DescribeOrgs", &[("MaxResults", size)]).await.json();
        assert_eq!(page["Orgs"].as_array().map(Vec::len), Some(expected), "MaxResults={size}");
        assert_ne!(page["NextToken"], "", "more follow");
    }
    let wrong = ["0", "-1", "501", "ten", "1.5", "99999999999999999999"];
    for size in wrong {
        refuses(&admin, "DescribeOrgs", &[(&[("MaxResults", size)], "InvalidMaxResults")]).await;
    }
    for size in [7, 35, 100, 500] {
        let request = DescribeOrgs { max_results: Some(size.try_into().expect("in range")), ..all() };
        let found = find_orgs(&admin, &request).await;
        assert_eq!(found.len(), 105);
        assert!(found[2..].is_sorted(), "the oldest come first: {found:?}");
    }
    let layer = DescribeOrgByLayer { parent_org_id: Some(parent), org_name: None };
    assert_eq!(admin.send(&layer).await.expect("the call is right").orgs.len(), 103, "it has no pages");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_goes_on_where_it_was_made_for_and_nowhere_else() {
    let server = Server::start().await;
    let admin = server.administrator();
    let [dev, web, ..] = &six(&admin).await;
    create(&admin, &["alice", "bob"]).await;
    let size = |size: i64| Some(size.try_into().expect("in range"));
    let base = DescribeOrgs { org_name: Some("e".into()), max_results: size(1), ..all() };
    let token = admin.send(&base).await.expect("the call is right").next_token;
    let with = |request: DescribeOrgs| DescribeOrgs { next_token: Some(token.clone()), ..request };

    let rest = DescribeOrgs { max_results: size(100), ..with(base.clone()) };
    assert_eq!(find_orgs(&admin, &rest).await, ["web", "Dev Tools", "Sales"]);
    for other in [
        DescribeOrgs { max_results: size(1), ..all() },
        DescribeOrgs { org_name: Some("s".into()), ..base.clone() },
        DescribeOrgs { parent_org_id: Some(dev.clone()), ..base.clone() },
        DescribeOrgs { parent_org_id: Some("unknown".into()), ..base.clone() },
        DescribeOrgs { include_org_ids: Some(texts(&[web])), ..base.clone() },
        DescribeOrgs { parent_org_id: Some(ROOT.into()), is_query_all_sub_orgs: Some(true), ..base.clone() },
    ] {
        let fault = admin.send(&with(other.clone())).await.expect_err("the filters are others");
        assert_eq!(fault.brief(), "400 InvalidNextToken", "{other:?}");
    }
    let users = DescribeUsers { max_results: size(1), ..DescribeUsers::default() };
    let of_users = admin.send(&users).await.expect("the call is right").next_token;
    let mut wrong =
        vec![of_users, "AAAA".to_owned(), "null".to_owned(), format!("{token}A"), token[1..].to_owned()];
    wrong.push(token.chars().rev().collect());
    for token in wrong {
        let request = DescribeOrgs { next_token: Some(token.clone()), ..base.clone() };
        let fault = admin.send(&request).await.expect_err("the token is not ours");
        assert_eq!(fault.brief(), "400 InvalidNextToken", "{token}");
    }
    let fault =
        admin.send(&DescribeUsers { next_token: Some(token.clone()), ..users }).await.expect_err("of orgs");
    assert_eq!(fault.brief(), "400 InvalidNextToken");

    // What it stands on may go, and the server too.
    let after_web = DescribeOrgs { max_results: size(2), ..base.clone() };
    let token = admin.send(&after_web).await.expect("the call is right").next_token;
    let tools = id_of(&admin, "Dev Tools").await;
    admin.send(&move_org(&tools, dev)).await.expect("it can move");
    admin.send(&remove_org(&id_of(&admin, "研发部").await)).await.expect("it is empty");
    admin.send(&remove_org(web)).await.expect("it is empty");
    let server = server.restart().await;
    server.pass(30 * DAY);
    let rest = DescribeOrgs { next_token: Some(token), ..base };
    assert_eq!(find_orgs(&server.administrator(), &rest).await, ["Dev Tools", "Sales"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_is_what_lies_in_one_organization() {
    let server = Server::start().await;
    let admin = server.administrator();
    let [dev, web, ..] = &six(&admin).await;

    let cases: &[Case<'_>] = &[
        (&[], &["dev", "Sales"]),
        (&[("ParentOrgId", "")], &["dev", "Sales"]),
        (&[("ParentOrgId", ROOT), ("OrgName", "")], &["dev", "Sales"]),
        (&[("ParentOrgId", dev), ("BusinessChannel", "ENTERPRISE")], &["web", "ops 50%_"]),
        (&[("ParentOrgId", web)], &["Dev Tools", "研发部"]),
        (&[("ParentOrgId", web), ("OrgName", "研")], &["研发部"]),
        (&[("ParentOrgId", web), ("OrgName", "DEV")], &["Dev Tools"]),
        (&[("OrgName", "dev")], &["dev"]),
        (&[("OrgName", "S*")], &["Sales"]),
        (&[("OrgName", "*")], &["dev", "Sales"]),
        (&[("OrgName", "web")], &[]),
        (&[("OrgName", "root")], &[]),
    ];
    for (filters, expected) in cases {
        let answer = admin.call("DescribeOrgByLayer", filters).await.json();
        let orgs = answer["Orgs"].as_array().unwrap_or_else(|| panic!("{filters:?}: {answer}"));
        let found: Vec<&str> = orgs.iter().map(|org| org["OrgName"].as_str().expect("a name")).collect();
        assert_eq!(found, *expected, "{filters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tree_outlives_the_server() {
    let server = Server::start().await;
    let admin = server.administrator();
    let [dev, _, tools, ..] = &six(&admin).await;
    create_in(&admin, tools, &["alice"]).await;
    let before = picture(&admin).await;

    let server = server.restart().await;

    let admin = server.administrator();
    assert_eq!(picture(&admin).await, before);
    assert_eq!(members(&admin, dev, true).await, ["alice"]);
    let request = CreateOrg { org_name: "WEB".to_owned(), parent_org_id: dev.clone() };
    assert_eq!(admin.send(&request).await.expect_err("the name is taken").brief(), "400 ExistedOrgName");
    server.stop().await;
}
