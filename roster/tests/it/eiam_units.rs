//! Organizational units: made, shown, listed, renamed, described, moved and removed, alone and with all below.
//!
//! Source: `reference/eiam.md`, 9; `reference/doors.md` §0, §3.2, §4.1 and §4.4.

use api::eiam::{
    CreateOrganizationalUnit, CreateUser, DeleteOrganizationalUnit, GetRootOrganizationalUnit,
    ListOrganizationalUnitParents, ListOrganizationalUnits, UpdateOrganizationalUnitParentId,
};

use crate::support::{
    Client, Fault, Instance, NOW, ROOT, Server, execute, is_refused, lock, make, make_org, move_users,
    new_user, number, promote, text, texts, told, unlock, user,
};

/// Below the root: how deep a unit may lie.
const DEPTH: usize = 20;

/// The caller's page of units.
async fn page(admin: &Client, corp: &Instance, number: i64, size: i64) -> (Vec<String>, i64) {
    let request = ListOrganizationalUnits {
        page_number: Some(number.try_into().expect("in range")),
        page_size: Some(size.try_into().expect("in range")),
        ..corp.units()
    };
    let page = admin.send(&request).await.expect("the call is right");
    let names = page.organizational_units.into_iter().map(|unit| unit.organizational_unit_name).collect();
    (names, page.total_count)
}

/// The units above a unit, the highest first, each with the one above it.
async fn above(admin: &Client, corp: &Instance, unit: &str) -> Vec<(String, Option<String>)> {
    let request = ListOrganizationalUnitParents {
        instance_id: corp.id.clone(),
        organizational_unit_id: unit.to_owned(),
    };
    let parents = admin.send(&request).await.expect("it is there").parents;
    parents.into_iter().map(|parent| (parent.organizational_unit_id, parent.parent_id)).collect()
}

/// Moves a unit.
async fn move_to(admin: &Client, corp: &Instance, unit: &str, parent: &str) -> Result<(), Fault> {
    let request = UpdateOrganizationalUnitParentId {
        instance_id: corp.id.clone(),
        organizational_unit_id: unit.to_owned(),
        parent_id: parent.to_owned(),
    };
    admin.send(&request).await.map(|_| ())
}

/// So many units, each in the one before, the first of them in `parent`.
async fn chain(admin: &Client, corp: &Instance, parent: &str, length: usize) -> Vec<String> {
    let mut units = Vec::new();
    let mut parent = parent.to_owned();
    for number in 1..=length {
        parent = corp.make_unit(admin, &format!("level {number}"), &parent).await;
        units.push(parent.clone());
    }
    units
}

/// The id of a unit that was removed.
async fn removed(admin: &Client, corp: &Instance) -> String {
    let gone = corp.make_unit(admin, "gone", &corp.root).await;
    corp.done(admin, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &gone)]).await;
    gone
}

/// Texts that look like this unit's id, or name it elsewhere, and yet name no unit of the instance.
async fn strangers(admin: &Client, corp: &Instance, unit: &str) -> Vec<String> {
    let digits = unit.strip_prefix("ou_").expect("its prefix");
    let elsewhere = Instance::described(admin, "elsewhere").await;
    let mut ids = vec![
        removed(admin, corp).await,
        elsewhere.root.clone(),
        elsewhere.make_unit(admin, "dev", &elsewhere.root).await,
        corp.make_group(admin, "group").await,
        make_org(admin, "by eds", ROOT).await,
    ];
    ids.extend([
        ROOT.to_owned(),
        format!("group_{digits}"),
        format!("user_{digits}"),
        digits.to_owned(),
        unit.to_uppercase(),
        format!("{unit}a"),
        format!("ou_a{digits}"),
        unit[..unit.len() - 1].to_owned(),
        // The last of 26 characters says three bits; the other two have to be zero.
        format!("{}b", &unit[..unit.len() - 1]),
        format!(" {unit}"),
        "ou_".to_owned(),
        "ou_dfizzgsafjod6cnhdpsnecdok4".to_owned(),
        "root".to_owned(),
        "dev".to_owned(),
        "'".to_owned(),
    ]);
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;

    let made = corp
        .call(
            &admin,
            "CreateOrganizationalUnit",
            &[
                ("OrganizationalUnitName", "Dev. 研发/1"),
                ("ParentId", &corp.root),
                ("OrganizationalUnitExternalId", "Ext-1 é"),
                ("Description", "第一行\n\t& <second>"),
            ],
        )
        .await;
    let dev = made.json()["OrganizationalUnitId"].as_str().expect("an id").to_owned();
    server.pass(1_000);
    let web = corp.make_unit(&admin, "web", &dev).await;

    for id in [&corp.root, &dev, &web] {
        let digits = id.strip_prefix("ou_").expect("its prefix");
        assert!(digits.len() == 26 && digits.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')), "{id}");
        assert!(digits.ends_with(['a', 'e', 'i', 'm', 'q', 'u', 'y', '4']), "{id}");
    }
    let (now, later) = (NOW.to_string(), (NOW + 1_000).to_string());
    let names = [
        (dev.as_str(), "dev"),
        (web.as_str(), "web"),
        (&corp.root, "root"),
        (&corp.id, "corp"),
        (&now, "now"),
        (&later, "later"),
    ];
    insta::assert_json_snapshot!(told(&made, &names), @r#"
    {
      "OrganizationalUnitId": "[dev]",
      "RequestId": "[id]"
    }
    "#);
    let shown = corp.call(&admin, "GetOrganizationalUnit", &[("OrganizationalUnitId", &dev)]).await;
    insta::assert_json_snapshot!(told(&shown, &names), @r#"
    {
      "OrganizationalUnit": {
        "CreateTime": "[now]",
        "Description": "第一行\n\t& <second>",
        "InstanceId": "[corp]",
        "Leaf": false,
        "OrganizationalUnitExternalId": "Ext-1 é",
        "OrganizationalUnitId": "[dev]",
        "OrganizationalUnitName": "Dev. 研发/1",
        "OrganizationalUnitSourceId": "[corp]",
        "OrganizationalUnitSourceType": "build_in",
        "ParentId": "[root]",
        "UpdateTime": "[now]"
      },
      "RequestId": "[id]"
    }
    "#);
    let shown = corp.call(&admin, "GetOrganizationalUnit", &[("OrganizationalUnitId", &web)]).await;
    insta::assert_json_snapshot!(told(&shown, &names), @r#"
    {
      "OrganizationalUnit": {
        "CreateTime": "[later]",
        "InstanceId": "[corp]",
        "Leaf": true,
        "OrganizationalUnitExternalId": "[web]",
        "OrganizationalUnitId": "[web]",
        "OrganizationalUnitName": "web",
        "OrganizationalUnitSourceId": "[corp]",
        "OrganizationalUnitSourceType": "build_in",
        "ParentId": "[dev]",
        "UpdateTime": "[later]"
      },
      "RequestId": "[id]"
    }
    "#);
    let parameters = [("OrganizationalUnitNameStartsWith", "w")];
    let listed = corp.call(&admin, "ListOrganizationalUnits", &parameters).await.json();
    assert_eq!(listed["OrganizationalUnits"][0], shown.json()["OrganizationalUnit"]);
    assert_eq!(listed["TotalCount"], 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_is_named_after_the_description_and_shown_with_six_fields() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::described(&admin, "ACME 公司").await;
    let plain = Instance::make(&admin).await;
    corp.make_unit(&admin, "dev", &corp.root).await;

    let now = NOW.to_string();
    let names = [(corp.root.as_str(), "root"), (&corp.id, "corp"), (&now, "now")];
    let shown = corp.call(&admin, "GetRootOrganizationalUnit", &[]).await;
    insta::assert_json_snapshot!(told(&shown, &names), @r#"
    {
      "OrganizationalUnit": {
        "CreateTime": "[now]",
        "InstanceId": "[corp]",
        "OrganizationalUnitId": "[root]",
        "OrganizationalUnitName": "ACME 公司",
        "UpdateTime": "[now]"
      },
      "RequestId": "[id]"
    }
    "#);
    let shown = corp.call(&admin, "GetOrganizationalUnit", &[("OrganizationalUnitId", &corp.root)]).await;
    insta::assert_json_snapshot!(told(&shown, &names), @r#"
    {
      "OrganizationalUnit": {
        "CreateTime": "[now]",
        "InstanceId": "[corp]",
        "Leaf": false,
        "OrganizationalUnitExternalId": "[root]",
        "OrganizationalUnitId": "[root]",
        "OrganizationalUnitName": "ACME 公司",
        "OrganizationalUnitSourceId": "[corp]",
        "OrganizationalUnitSourceType": "build_in",
        "UpdateTime": "[now]"
      },
      "RequestId": "[id]"
    }
    "#);
    assert_eq!(plain.get_unit(&admin, &plain.root).await.organizational_unit_name, "root");
    assert!(plain.get_unit(&admin, &plain.root).await.leaf);

    let root = [("OrganizationalUnitId", corp.root.as_str())];
    server.pass(1_000);
    let described = [root[0], ("Description", "all of it")];
    corp.done(&admin, "UpdateOrganizationalUnitDescription", &described).await;
    let renamed = [root[0], ("OrganizationalUnitName", "Everything")];
    corp.done(&admin, "UpdateOrganizationalUnit", &renamed).await;
    let request = GetRootOrganizationalUnit { instance_id: corp.id.clone() };
    let shown = admin.send(&request).await.expect("it is there").organizational_unit;
    assert_eq!(shown.organizational_unit_name, "Everything");
    assert_eq!(shown.description.as_deref(), Some("all of it"));
    assert_eq!((shown.create_time, shown.update_time), (NOW, NOW + 1_000));

    let refused = "403 OperationDenied.RootOrganizationalUnit";
    let dev = corp.make_unit(&admin, "ops", &corp.root).await;
    let moved = [root[0], ("ParentId", dev.as_str())];
    corp.refuses(&admin, "UpdateOrganizationalUnitParentId", &[(&moved, refused)]).await;
    corp.refuses(&admin, "DeleteOrganizationalUnit", &[(&root, refused)]).await;
    plain
        .refuses(&admin, "DeleteOrganizationalUnit", &[(&[("OrganizationalUnitId", &plain.root)], refused)])
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_unit_must_have_is_checked_in_order_and_nothing_is_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let taken = corp.make_unit(&admin, "taken", &corp.root).await;
    let (name, parent) = (("OrganizationalUnitName", "dev"), ("ParentId", corp.root.as_str()));
    let (longest, longer) = ("部".repeat(128), "部".repeat(129));
    let (prose, more_prose) = ("述".repeat(256), "述".repeat(257));

    corp.refuses(
        &admin,
        "CreateOrganizationalUnit",
        &[
            (&[], "400 MissingParameter.OrganizationalUnitName"),
            (&[("OrganizationalUnitName", ""), parent], "400 MissingParameter.OrganizationalUnitName"),
            (&[name], "400 MissingParameter.ParentId"),
            (&[name, ("ParentId", "")], "400 MissingParameter.ParentId"),
            (&[("OrganizationalUnitName", &longer)], "400 MissingParameter.ParentId"),
            (&[("OrganizationalUnitName", &longer), parent], "400 InvalidParameter.OrganizationalUnitName"),
            (&[("OrganizationalUnitName", "a\nb"), parent], "400 InvalidParameter.OrganizationalUnitName"),
            (
                &[name, parent, ("OrganizationalUnitExternalId", &longer)],
                "400 InvalidParameter.OrganizationalUnitExternalId",
            ),
            (
                &[name, parent, ("OrganizationalUnitExternalId", "\u{7}"), ("Description", &more_prose)],
                "400 InvalidParameter.OrganizationalUnitExternalId",
            ),
            (&[name, parent, ("Description", &more_prose)], "400 InvalidParameter.Description"),
            (&[name, parent, ("Description", "a\0")], "400 InvalidParameter.Description"),
            (&[("OrganizationalUnitName", "taken"), parent], "403 ResourceDuplicated.OrganizationalUnitName"),
            (
                &[("OrganizationalUnitName", " TＡKEN "), parent],
                "403 ResourceDuplicated.OrganizationalUnitName",
            ),
            (
                &[name, ("ParentId", "ou_dfizzgsafjod6cnhdpsnecdok4")],
                "404 ResourceNotFound.OrganizationalUnit ou_dfizzgsafjod6cnhdpsnecdok4",
            ),
        ],
    )
    .await;
    is_refused(&admin, "CreateOrganizationalUnit", &[name, parent], "400 MissingParameter.InstanceId").await;

    let longest = [
        ("OrganizationalUnitName", longest.as_str()),
        parent,
        ("OrganizationalUnitExternalId", &longest),
        ("Description", &prose),
    ];
    let made = corp.ask(&admin, "CreateOrganizationalUnit", &longest).await;
    let made = corp.get_unit(&admin, made["OrganizationalUnitId"].as_str().expect("an id")).await;
    assert_eq!(made.organizational_unit_name, longest[0].1);
    assert_eq!(made.organizational_unit_external_id, longest[2].1);
    assert_eq!(made.description.as_deref(), Some(prose.as_str()));
    // The same name is free elsewhere, and empty texts say nothing.
    let elsewhere = [
        ("OrganizationalUnitName", "taken"),
        ("ParentId", &taken),
        ("OrganizationalUnitExternalId", ""),
        ("Description", ""),
    ];
    let made = corp.ask(&admin, "CreateOrganizationalUnit", &elsewhere).await;
    let made = corp.get_unit(&admin, made["OrganizationalUnitId"].as_str().expect("an id")).await;
    assert_eq!(made.organizational_unit_external_id, made.organizational_unit_id);
    assert_eq!(made.description, None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_is_one_unit_s_in_its_instance() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let new = |corp: &Instance, name: &str, external: &str| CreateOrganizationalUnit {
        instance_id: corp.id.clone(),
        organizational_unit_name: name.to_owned(),
        parent_id: corp.root.clone(),
        organizational_unit_external_id: Some(external.to_owned()),
        description: None,
    };
    let dev = admin.send(&new(&corp, "dev", "E1")).await.expect("it is free").organizational_unit_id;
    let own = corp.make_unit(&admin, "own", &corp.root).await;

    let root = ("ParentId", corp.root.as_str());
    for taken in ["E1", own.as_str(), &corp.root] {
        let parameters = [("OrganizationalUnitName", "x"), root, ("OrganizationalUnitExternalId", taken)];
        let refusal = "403 ResourceDuplicated.OrganizationalUnitExternalId";
        corp.refuses(&admin, "CreateOrganizationalUnit", &[(&parameters, refusal)]).await;
    }
    // Compared as bytes; another instance is another world; what a unit leaves is free.
    admin.send(&new(&corp, "case", "e1")).await.expect("it differs");
    admin.send(&new(&other, "dev", "E1")).await.expect("it is free there");
    corp.done(&admin, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &dev)]).await;
    admin.send(&new(&corp, "again", "E1")).await.expect("it is free again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_unit_s_own_id_in_its_instance_names_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let strangers = strangers(&admin, &corp, &dev).await;

    for id in &strangers {
        let unknown = format!("404 ResourceNotFound.OrganizationalUnit {id}");
        let (unit, root) = (("OrganizationalUnitId", id.as_str()), ("ParentId", corp.root.as_str()));
        let all = [("InstanceId", corp.id.as_str()), unit];
        is_refused(&admin, "GetOrganizationalUnit", &all, &unknown).await;
        is_refused(&admin, "ListOrganizationalUnitParents", &all, &unknown).await;
        is_refused(&admin, "DeleteOrganizationalUnit", &all, &unknown).await;
        is_refused(&admin, "DeleteOrganizationalUnitChildren", &all, &unknown).await;
        let described = [all[0], unit, ("Description", "x")];
        is_refused(&admin, "UpdateOrganizationalUnitDescription", &described, &unknown).await;
        let renamed = [all[0], unit, ("OrganizationalUnitName", "x")];
        is_refused(&admin, "UpdateOrganizationalUnit", &renamed, &unknown).await;
        is_refused(&admin, "UpdateOrganizationalUnit", &all, &unknown).await;
        is_refused(&admin, "UpdateOrganizationalUnitParentId", &[all[0], unit, root], &unknown).await;
        let below = ("ParentId", id.as_str());
        let moved = [all[0], ("OrganizationalUnitId", dev.as_str()), below];
        is_refused(&admin, "UpdateOrganizationalUnitParentId", &moved, &unknown).await;
        let made = [all[0], ("OrganizationalUnitName", "x"), below];
        is_refused(&admin, "CreateOrganizationalUnit", &made, &unknown).await;

        let only = ListOrganizationalUnits { organizational_unit_ids: Some(texts(&[id])), ..corp.units() };
        assert_eq!(corp.find_units(&admin, &only).await, Vec::<String>::new(), "{id}");
        let both =
            ListOrganizationalUnits { organizational_unit_ids: Some(texts(&[id, &dev])), ..corp.units() };
        assert_eq!(corp.find_units(&admin, &both).await, ["dev"], "{id}");
    }
    assert_eq!(corp.find_units(&admin, &corp.units()).await, ["root", "dev", "by eds"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_on_a_unit_says_which_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;

    for action in [
        "GetOrganizationalUnit",
        "ListOrganizationalUnitParents",
        "UpdateOrganizationalUnit",
        "UpdateOrganizationalUnitDescription",
        "UpdateOrganizationalUnitParentId",
        "DeleteOrganizationalUnit",
        "DeleteOrganizationalUnitChildren",
    ] {
        let missing = "400 MissingParameter.OrganizationalUnitId";
        let above = ("ParentId", corp.root.as_str());
        let cases: [(&[(&str, &str)], &str); 2] =
            [(&[above], missing), (&[("OrganizationalUnitId", ""), above], missing)];
        corp.refuses(&admin, action, &cases).await;
        let unit = ("OrganizationalUnitId", dev.as_str());
        let parent = ("ParentId", corp.root.as_str());
        is_refused(&admin, action, &[unit, parent], "400 MissingParameter.InstanceId").await;
        let nowhere = "idaas_dfizzgsafjod6cnhdpsnecdok4";
        let elsewhere = [("InstanceId", nowhere), unit, parent];
        is_refused(&admin, action, &elsewhere, &format!("404 ResourceNotFound.Instance {nowhere}")).await;
    }
    let unit = ("OrganizationalUnitId", dev.as_str());
    let missing = "400 MissingParameter.ParentId";
    let cases: [(&[(&str, &str)], &str); 2] = [(&[unit], missing), (&[unit, ("ParentId", "")], missing)];
    corp.refuses(&admin, "UpdateOrganizationalUnitParentId", &cases).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_units_holds_what_every_filter_lets_through() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "Dev", &corp.root).await;
    let ops = corp.make_unit(&admin, "ops", &corp.root).await;
    let devices = corp.make_unit(&admin, "devices", &dev).await;
    let inner = corp.make_unit(&admin, "DEV", &ops).await;
    corp.make_unit(&admin, "研发 50%", &ops).await;
    corp.make_unit(&admin, "研发_", &devices).await;
    let elsewhere = Instance::make(&admin).await;
    elsewhere.make_unit(&admin, "dev", &elsewhere.root).await;

    let all = || corp.units();
    let found = async |request: ListOrganizationalUnits| corp.find_units(&admin, &request).await;
    let named = |name: &str| Some(name.to_owned());
    let everything = ["root", "Dev", "ops", "devices", "DEV", "研发 50%", "研发_"];

    assert_eq!(found(all()).await, everything);
    let empty = ListOrganizationalUnits {
        organizational_unit_ids: Some(texts::<&str, 0, 100>(&[])),
        organizational_unit_name: named(""),
        organizational_unit_name_starts_with: named(""),
        parent_id: named(""),
        ..all()
    };
    assert_eq!(found(empty).await, everything, "an empty filter is none");

    for (name, expected) in [
        ("dev", vec!["Dev", "DEV"]),
        (" ｄev", vec!["Dev", "DEV"]),
        ("devi", vec![]),
        ("研发 50%", vec!["研发 50%"]),
        ("%", vec![]),
        ("root", vec!["root"]),
    ] {
        let request = ListOrganizationalUnits { organizational_unit_name: named(name), ..all() };
        assert_eq!(found(request).await, expected, "{name}");
    }
    for (begins, expected) in [
        ("DE", vec!["Dev", "devices", "DEV"]),
        ("dev", vec!["Dev", "devices", "DEV"]),
        ("devi", vec!["devices"]),
        ("ev", vec![]),
        ("研", vec!["研发 50%", "研发_"]),
        ("研发_", vec!["研发_"]),
        ("研发%", vec![]),
        ("_", vec![]),
    ] {
        let request =
            ListOrganizationalUnits { organizational_unit_name_starts_with: named(begins), ..all() };
        assert_eq!(found(request).await, expected, "{begins}");
    }
    for (parent, expected) in [
        (&corp.root, vec!["Dev", "ops"]),
        (&dev, vec!["devices"]),
        (&ops, vec!["DEV", "研发 50%"]),
        (&inner, vec![]),
    ] {
        let request = ListOrganizationalUnits { parent_id: Some(parent.clone()), ..all() };
        assert_eq!(found(request).await, expected);
    }
    let ids =
        ListOrganizationalUnits { organizational_unit_ids: Some(texts(&[&inner, &dev, &inner])), ..all() };
    assert_eq!(found(ids.clone()).await, ["Dev", "DEV"], "in the order in which they were made, each once");

    // Together.
    let both = ListOrganizationalUnits { parent_id: Some(ops.clone()), ..ids.clone() };
    assert_eq!(found(both).await, ["DEV"]);
    let both = ListOrganizationalUnits { organizational_unit_name: named("dev"), ..ids.clone() };
    assert_eq!(found(both).await, ["Dev", "DEV"]);
    let both = ListOrganizationalUnits { organizational_unit_name_starts_with: named("o"), ..ids };
    assert_eq!(found(both).await, Vec::<String>::new());
    let both = ListOrganizationalUnits {
        organizational_unit_name: named("dev"),
        organizational_unit_name_starts_with: named("de"),
        parent_id: Some(corp.root.clone()),
        ..all()
    };
    assert_eq!(found(both).await, ["Dev"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_units_follow_one_another_and_the_total_is_exact() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let mut expected = vec!["root".to_owned()];
    for number in 1..=44 {
        let name = format!("unit {:02}", 99 - number);
        corp.make_unit(&admin, &name, &corp.root).await;
        expected.push(name);
    }

    let plain = admin.send(&corp.units()).await.expect("the call is right");
    assert_eq!((plain.organizational_units.len(), plain.total_count), (20, 45));
    for size in [1, 7, 20, 44, 45, 46, 100] {
        let mut found = Vec::new();
        for number in 1.. {
            let (names, total) = page(&admin, &corp, number, size).await;
            assert_eq!(total, 45);
            if names.is_empty() {
                break;
            }
            found.extend(names);
        }
        assert_eq!(found, expected, "pages of {size}");
    }
    assert_eq!(page(&admin, &corp, 9_007_199_254_740_991, 100).await, (vec![], 45));

    let invalid = |name: &str| format!("400 InvalidParameter.{name}");
    for (name, text) in [
        ("PageNumber", "0"),
        ("PageNumber", "-1"),
        ("PageNumber", "one"),
        ("PageNumber", "1.0"),
        ("PageSize", "0"),
        ("PageSize", "101"),
        ("PageSize", "-1"),
        ("PageSize", "many"),
    ] {
        let parameters = [("InstanceId", corp.id.as_str()), (name, text)];
        is_refused(&admin, "ListOrganizationalUnits", &parameters, &invalid(name)).await;
    }
    let ids: Vec<(String, String)> =
        (1..=101).map(|n| (format!("OrganizationalUnitIds.{n}"), format!("ou_{n}"))).collect();
    let mut parameters = vec![("InstanceId", corp.id.as_str())];
    parameters.extend(ids.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    is_refused(&admin, "ListOrganizationalUnits", &parameters, &invalid("OrganizationalUnitIds")).await;
    let unknown = "ou_dfizzgsafjod6cnhdpsnecdok4";
    let below = [("InstanceId", corp.id.as_str()), ("ParentId", unknown)];
    let refusal = format!("404 ResourceNotFound.OrganizationalUnit {unknown}");
    is_refused(&admin, "ListOrganizationalUnits", &below, &refusal).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_units_above_a_unit_come_from_the_top_down() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let units = chain(&admin, &corp, &corp.root, 4).await;
    let aside = corp.make_unit(&admin, "aside", &units[0]).await;

    let root = (corp.root.clone(), None);
    let under = |unit: &String, parent: &String| (unit.clone(), Some(parent.clone()));
    assert_eq!(above(&admin, &corp, &corp.root).await, []);
    assert_eq!(above(&admin, &corp, &units[0]).await, std::slice::from_ref(&root));
    assert_eq!(
        above(&admin, &corp, &units[3]).await,
        [
            root.clone(),
            under(&units[0], &corp.root),
            under(&units[1], &units[0]),
            under(&units[2], &units[1])
        ]
    );
    move_to(&admin, &corp, &units[2], &aside).await.expect("it may move");
    assert_eq!(
        above(&admin, &corp, &units[3]).await,
        [root, under(&units[0], &corp.root), under(&aside, &units[0]), under(&units[2], &aside)]
    );
    // The worked example of the reference: the root says no more than its id.
    let shown =
        corp.ask(&admin, "ListOrganizationalUnitParents", &[("OrganizationalUnitId", &units[0])]).await;
    assert_eq!(shown["Parents"], serde_json::json!([{ "OrganizationalUnitId": corp.root }]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_renamed_unless_a_sibling_bears_the_name() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let ops = corp.make_unit(&admin, "ops", &corp.root).await;
    corp.make_unit(&admin, "inner", &ops).await;
    let unit = ("OrganizationalUnitId", dev.as_str());
    let (longest, longer) = ("部".repeat(128), "部".repeat(129));
    let seen = async || {
        let unit = corp.get_unit(&admin, &dev).await;
        (unit.organizational_unit_name, unit.update_time)
    };

    server.pass(1_000);
    let taken = "403 ResourceDuplicated.OrganizationalUnitName";
    let invalid = "400 InvalidParameter.OrganizationalUnitName";
    corp.refuses(
        &admin,
        "UpdateOrganizationalUnit",
        &[
            (&[unit, ("OrganizationalUnitName", "ops")], taken),
            (&[unit, ("OrganizationalUnitName", "OPS")], taken),
            (&[unit, ("OrganizationalUnitName", " ｏps")], taken),
            (&[unit, ("OrganizationalUnitName", &longer)], invalid),
            (&[unit, ("OrganizationalUnitName", "a\tb")], invalid),
        ],
    )
    .await;
    for unchanged in ["dev", ""] {
        corp.done(&admin, "UpdateOrganizationalUnit", &[unit, ("OrganizationalUnitName", unchanged)]).await;
    }
    corp.done(&admin, "UpdateOrganizationalUnit", &[unit]).await;
    assert_eq!(seen().await, ("dev".to_owned(), NOW), "nothing has changed");

    for name in ["DEV", "inner", &longest] {
        server.pass(1_000);
        corp.done(&admin, "UpdateOrganizationalUnit", &[unit, ("OrganizationalUnitName", name)]).await;
        assert_eq!(seen().await.0, name);
    }
    assert_eq!(seen().await.1, NOW + 4_000, "the last change was made then");
    corp.make_unit(&admin, "dev", &corp.root).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_s_description_is_replaced_or_cleared() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let unit = ("OrganizationalUnitId", dev.as_str());
    let (longest, longer) = ("述".repeat(256), "述".repeat(257));
    let describe = async |text: Option<&str>| {
        server.pass(1_000);
        let mut parameters = vec![unit];
        parameters.extend(text.map(|text| ("Description", text)));
        corp.done(&admin, "UpdateOrganizationalUnitDescription", &parameters).await;
        let unit = corp.get_unit(&admin, &dev).await;
        (unit.description, unit.update_time - NOW)
    };

    assert_eq!(describe(None).await, (None, 0), "there was none");
    assert_eq!(describe(Some("first\n\tsecond")).await, (Some("first\n\tsecond".to_owned()), 2_000));
    assert_eq!(describe(Some("first\n\tsecond")).await.1, 2_000, "the same");
    assert_eq!(describe(Some("")).await, (None, 4_000));
    assert_eq!(describe(Some(&longest)).await, (Some(longest.clone()), 5_000));
    let invalid = "400 InvalidParameter.Description";
    corp.refuses(
        &admin,
        "UpdateOrganizationalUnitDescription",
        &[(&[unit, ("Description", &longer)], invalid), (&[unit, ("Description", "a\u{1}")], invalid)],
    )
    .await;
    assert_eq!(describe(None).await, (None, 6_000));

    // What another API has stored is taken back as it is, and nothing else of that length.
    let wide = "w".repeat(1_000);
    execute(&server.home, &format!("update units set description = '{wide}' where name = 'dev';")).await;
    assert_eq!(describe(Some(&wide)).await, (Some(wide.clone()), 6_000));
    let narrower = "w".repeat(999);
    let cases: [(&[(&str, &str)], &str); 1] = [(&[unit, ("Description", &narrower)], invalid)];
    corp.refuses(&admin, "UpdateOrganizationalUnitDescription", &cases).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_moves_with_all_below_it_and_never_into_itself() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let web = corp.make_unit(&admin, "web", &dev).await;
    let shop = corp.make_unit(&admin, "shop", &web).await;
    let ops = corp.make_unit(&admin, "ops", &corp.root).await;
    let clash = corp.make_unit(&admin, "WEB", &ops).await;
    corp.make_user_in(&admin, &shop, "alice").await;
    let moved = |unit: &str, parent: &str| {
        [("OrganizationalUnitId".to_owned(), unit.to_owned()), ("ParentId".to_owned(), parent.to_owned())]
    };

    let cycle = "400 InvalidParameter.ParentId";
    let taken = "403 ResourceDuplicated.OrganizationalUnitName";
    for (unit, parent, refusal) in [
        (&dev, &dev, cycle),
        (&dev, &web, cycle),
        (&dev, &shop, cycle),
        (&web, &shop, cycle),
        (&web, &ops, taken),
        (&clash, &dev, taken),
    ] {
        let owned = moved(unit, parent);
        let parameters: Vec<(&str, &str)> =
            owned.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        corp.refuses(&admin, "UpdateOrganizationalUnitParentId", &[(&parameters, refusal)]).await;
    }

    server.pass(1_000);
    move_to(&admin, &corp, &web, &dev).await.expect("it is there already");
    assert_eq!(corp.get_unit(&admin, &web).await.update_time, NOW, "nothing has changed");
    corp.done(
        &admin,
        "UpdateOrganizationalUnit",
        &[("OrganizationalUnitId", &clash), ("OrganizationalUnitName", "net")],
    )
    .await;
    move_to(&admin, &corp, &web, &ops).await.expect("the name is free now");
    let shown = corp.get_unit(&admin, &web).await;
    assert_eq!((shown.parent_id.as_deref(), shown.update_time), (Some(ops.as_str()), NOW + 1_000));
    assert_eq!(corp.get_unit(&admin, &shop).await.update_time, NOW, "it was not touched itself");
    assert_eq!(
        above(&admin, &corp, &shop).await,
        [(corp.root.clone(), None), (ops.clone(), Some(corp.root.clone())), (web.clone(), Some(ops.clone()))]
    );
    assert!(corp.get_unit(&admin, &dev).await.leaf);
    assert_eq!(corp.unit_members(&admin, &shop).await, ["alice"]);
    move_to(&admin, &corp, &dev, &shop).await.expect("it is no cycle any more");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_units_may_lie_below_one_another_under_the_root() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let deep = chain(&admin, &corp, &corp.root, DEPTH).await;
    let one = corp.make_unit(&admin, "one", &corp.root).await;
    let two = corp.make_unit(&admin, "two", &one).await;

    let deepest = deep.last().expect("twenty");
    let made = [("OrganizationalUnitName", "x"), ("ParentId", deepest.as_str())];
    let refused = "400 InvalidParameter.ParentId";
    corp.refuses(&admin, "CreateOrganizationalUnit", &[(&made, refused)]).await;
    for parent in [deepest, &deep[DEPTH - 2]] {
        let moved = [("OrganizationalUnitId", one.as_str()), ("ParentId", parent)];
        corp.refuses(&admin, "UpdateOrganizationalUnitParentId", &[(&moved, refused)]).await;
    }
    move_to(&admin, &corp, &one, &deep[DEPTH - 3]).await.expect("two fit below the eighteenth");
    assert_eq!(above(&admin, &corp, &two).await.len(), DEPTH);

    // The limit of eds-user is its own: it shows what lies deeper and makes nothing there.
    let eds = server.administrator();
    let org = eds.call("DescribeOrgs", &[("OrgName", "level 20")]).await.json();
    let org = org["Orgs"][0]["OrgId"].as_str().expect("it is shown").to_owned();
    let refusal = eds.call("CreateOrg", &[("OrgName", "x"), ("ParentOrgId", &org)]).await;
    assert_eq!(refusal.refusal(), "400 InvalidParentOrgId");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_goes_once_nobody_and_nothing_is_in_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let web = corp.make_unit(&admin, "web", &dev).await;
    let alice = corp.make_user_in(&admin, &web, "alice").await;
    let bob = corp.make_user(&admin, "bob").await;
    corp.place_in(&admin, &bob, &[&web]).await;

    let not_empty = |unit: &str| [("OrganizationalUnitId".to_owned(), unit.to_owned())];
    let refuses = async |unit: &str| {
        let owned = not_empty(unit);
        let parameters = [(owned[0].0.as_str(), owned[0].1.as_str())];
        let before = corp.picture(&admin).await;
        let fault = corp.call(&admin, "DeleteOrganizationalUnit", &parameters).await.fault();
        assert_eq!(fault.brief(), "403 OperationDenied.OrganizationalUnitNotEmpty");
        assert_eq!(
            fault.message,
            "The specified OrganizationalUnit contains users or child organizational units."
        );
        assert_eq!(corp.picture(&admin).await, before);
    };
    refuses(&dev).await; // a unit
    refuses(&web).await; // a primary and a further member
    corp.done(&admin, "DeleteUser", &[("UserId", &alice)]).await;
    refuses(&web).await; // a further member
    let left = [("UserId", bob.as_str()), ("OrganizationalUnitIds.1", &web)];
    corp.done(&admin, "RemoveUserFromOrganizationalUnits", &left).await;
    corp.make_user_in(&admin, &web, "carol").await;
    refuses(&web).await; // a primary member
    corp.done(&admin, "DeleteOrganizationalUnitChildren", &[("OrganizationalUnitId", &web)]).await;

    corp.done(&admin, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &web)]).await;
    assert!(corp.get_unit(&admin, &dev).await.leaf);
    corp.done(&admin, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &dev)]).await;
    let again = format!("404 ResourceNotFound.OrganizationalUnit {dev}");
    corp.refuses(&admin, "DeleteOrganizationalUnit", &[(&[("OrganizationalUnitId", &dev)], &again)]).await;
    assert_eq!(corp.find_units(&admin, &corp.units()).await, ["root"]);
    assert_ne!(corp.make_unit(&admin, "dev", &corp.root).await, dev, "the name is free, the id is not");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_user_keeps_no_unit_from_going() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = make_org(&eds, "dev", ROOT).await;
    eds.send(&move_users(&dev, &["superadmin"])).await.expect("it may move");
    let listed = admin.send(&corp.units()).await.expect("the call is right").organizational_units;

    let dev = ("OrganizationalUnitId", listed[1].organizational_unit_id.as_str());
    assert_eq!(corp.unit_members(&admin, dev.1).await, Vec::<String>::new());
    corp.done(&admin, "DeleteOrganizationalUnit", &[dev]).await;
    assert_eq!(user(&eds, "superadmin").await.org_id.as_deref(), Some(ROOT));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_below_a_unit_goes_with_its_people_and_the_unit_stays() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let web = corp.make_unit(&admin, "web", &dev).await;
    let shop = corp.make_unit(&admin, "shop", &web).await;
    let ops = corp.make_unit(&admin, "ops", &corp.root).await;
    let group = corp.make_group(&admin, "readers").await;
    let mut users = Vec::new();
    for (unit, name) in [(&dev, "dora"), (&web, "wim"), (&shop, "sue"), (&ops, "otto"), (&corp.root, "rita")]
    {
        users.push(corp.make_user_in(&admin, unit, name).await);
    }
    let [dora, wim, sue, otto, rita] = &users[..] else { panic!("five") };
    corp.place_in(&admin, otto, &[&shop, &dev, &corp.root]).await;
    corp.place_in(&admin, rita, &[&web, &ops]).await;
    corp.place_in(&admin, sue, &[&ops]).await;
    corp.join(&admin, &group, &[sue, rita, dora]).await;

    server.pass(1_000);
    corp.done(&admin, "DeleteOrganizationalUnitChildren", &[("OrganizationalUnitId", &dev)]).await;

    assert_eq!(corp.find_units(&admin, &corp.units()).await, ["root", "dev", "ops"]);
    assert_eq!(corp.everybody(&admin).await, ["otto", "rita"]);
    for gone in [dora, wim, sue] {
        assert!(!corp.has_user(&admin, gone).await);
    }
    // Who was in it besides is in it still: it is only what lies below that goes.
    let mut otto_s = corp.units_of(&admin, otto).await;
    assert_eq!(otto_s.remove(0), "ops");
    assert!(!otto_s.contains(&"shop".to_owned()), "{otto_s:?}");
    assert_eq!(corp.units_of(&admin, rita).await, ["root", "ops"]);
    assert_eq!(
        corp.get_user(&admin, rita).await.update_time,
        NOW,
        "further units are not a user's own field"
    );
    assert_eq!(corp.members(&admin, &group).await, std::slice::from_ref(rita));
    assert_eq!(corp.unit_members(&admin, &ops).await, ["otto", "rita"]);
    let dev = corp.get_unit(&admin, &dev).await;
    assert!(dev.leaf && dev.organizational_unit_name == "dev");

    let empty = [("OrganizationalUnitId", dev.organizational_unit_id.as_str())];
    corp.done(&admin, "DeleteOrganizationalUnitChildren", &empty).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_s_children_are_everything_but_the_root() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    other.make_user(&admin, "elsewhere").await;
    let units = chain(&admin, &corp, &corp.root, 3).await;
    let group = corp.make_group(&admin, "everybody").await;
    // More than one step of locks and rows takes.
    for chunk in 0..11 {
        make(&eds, (0..100).map(|number| new_user(&format!("user_{chunk}_{number}"))).collect()).await;
    }
    for (unit, name) in units.iter().zip(["one", "two", "three"]) {
        let user = corp.make_user_in(&admin, unit, name).await;
        corp.join(&admin, &group, &[&user]).await;
    }
    let count = async || corp.ask(&admin, "ListUsers", &[("PageSize", "1")]).await["TotalCount"].clone();
    assert_eq!(count().await, 1_103);

    corp.done(&admin, "DeleteOrganizationalUnitChildren", &[("OrganizationalUnitId", &corp.root)]).await;

    assert_eq!(count().await, 0);
    assert_eq!(corp.everybody(&admin).await, Vec::<String>::new());
    assert_eq!(corp.find_units(&admin, &corp.units()).await, ["root"]);
    assert_eq!(corp.members(&admin, &group).await, Vec::<String>::new());
    assert_eq!(user(&eds, "superadmin").await.org_id.as_deref(), Some(ROOT), "it stays");
    assert_eq!(other.everybody(&admin).await, ["elsewhere"]);
    corp.make_users(&admin, &["one", "user_0_0"]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn system_users_below_a_unit_stay_and_the_last_superadmin_keeps_everything() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let web = corp.make_unit(&admin, "web", &dev).await;
    let alice = corp.make_user_in(&admin, &web, "alice").await;
    corp.make_user_in(&admin, &dev, "bob").await;
    let org = eds.call("DescribeOrgs", &[("OrgName", "web")]).await.json();
    let org = org["Orgs"][0]["OrgId"].as_str().expect("it is shown").to_owned();
    eds.send(&move_users(&org, &["superadmin"])).await.expect("it may move");

    // Alice becomes the last one who may do everything.
    promote(&server.home, "alice", 2).await;
    let locked = lock(&eds, &["superadmin"]).await;
    assert_eq!(locked.lock_users_result.locked_users, ["superadmin"]);
    let below = [("OrganizationalUnitId", dev.as_str())];
    let refused = "403 OperationDenied.LastSuperadmin";
    corp.refuses(&admin, "DeleteOrganizationalUnitChildren", &[(&below, refused)]).await;
    assert_eq!(corp.units_of(&admin, &alice).await, ["web"]);

    unlock(&eds, &["superadmin"]).await;
    corp.done(&admin, "DeleteOrganizationalUnitChildren", &below).await;
    assert_eq!(corp.everybody(&admin).await, Vec::<String>::new());
    assert_eq!(corp.find_units(&admin, &corp.units()).await, ["root", "dev"]);
    assert_eq!(
        user(&eds, "superadmin").await.org_id.as_deref(),
        Some(ROOT),
        "where it belongs to nothing else"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_s_rows_all_go_with_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let units = chain(&admin, &corp, &corp.root, 3).await;
    let rows = async || {
        number(&server.home, "select count(*) from unit_closure").await
            + 1_000 * number(&server.home, "select count(*) from units").await
    };
    assert_eq!(rows().await, 4_010);
    let request =
        DeleteOrganizationalUnit { instance_id: corp.id.clone(), organizational_unit_id: units[2].clone() };
    admin.send(&request).await.expect("it is empty");
    assert_eq!(rows().await, 3_006);
    corp.done(&admin, "DeleteOrganizationalUnitChildren", &[("OrganizationalUnitId", &corp.root)]).await;
    assert_eq!(rows().await, 1_001);
    let names = text(&server.home, "select name from units").await;
    assert_eq!(names, "root");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_units_with_one_name_that_are_made_at_once_one_is() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let others: Vec<Client> = (0..6).map(|_| server.administrator().eiam()).collect();
    for round in 0..5 {
        let made = others.iter().enumerate().map(|(at, client)| {
            let name = if at % 2 == 0 { format!("unit {round}") } else { format!("UNIT {round}") };
            let request = CreateOrganizationalUnit {
                instance_id: corp.id.clone(),
                organizational_unit_name: name,
                parent_id: corp.root.clone(),
                ..CreateOrganizationalUnit::default()
            };
            async move { client.send(&request).await }
        });
        let made = futures_util::future::join_all(made).await;
        let refused: Vec<String> =
            made.iter().filter_map(|made| made.as_ref().err().map(Fault::brief)).collect();
        assert_eq!(refused, vec!["403 ResourceDuplicated.OrganizationalUnitName"; 5], "round {round}");
    }
    assert_eq!(corp.find_units(&admin, &corp.units()).await.len(), 6);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moves_at_once_make_no_cycle() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let other = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    for round in 0..10 {
        let left = corp.make_unit(&admin, &format!("left {round}"), &corp.root).await;
        let right = corp.make_unit(&admin, &format!("right {round}"), &corp.root).await;
        let (one, two) =
            tokio::join!(move_to(&admin, &corp, &left, &right), move_to(&other, &corp, &right, &left));
        let fault = match (one, two) {
            (Ok(()), Err(fault)) | (Err(fault), Ok(())) => fault,
            both => panic!("round {round}: {both:?}"),
        };
        assert_eq!(fault.brief(), "400 InvalidParameter.ParentId", "round {round}");
        let depths = (above(&admin, &corp, &left).await.len(), above(&admin, &corp, &right).await.len());
        assert!(depths == (1, 2) || depths == (2, 1), "round {round}: {depths:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_joins_a_unit_that_goes_at_that_moment() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let other = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    for round in 0..10 {
        let unit = corp.make_unit(&admin, &format!("unit {round}"), &corp.root).await;
        let request =
            DeleteOrganizationalUnit { instance_id: corp.id.clone(), organizational_unit_id: unit.clone() };
        let user = CreateUser {
            primary_organizational_unit_id: unit.clone(),
            ..corp.user(&format!("user_{round}"))
        };
        let (gone, made) = tokio::join!(admin.send(&request), other.send(&user));
        match (gone, made) {
            (Ok(_), Err(fault)) => {
                assert_eq!(fault.brief(), "404 ResourceNotFound.OrganizationalUnit", "round {round}");
            }
            (Err(fault), Ok(_)) => {
                assert_eq!(fault.brief(), "403 OperationDenied.OrganizationalUnitNotEmpty", "round {round}");
            }
            both => panic!("round {round}: {both:?}"),
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_while_all_below_a_unit_goes_is_made_whole_or_not_at_all() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let group = corp.make_group(&admin, "readers").await;
    let known = ["404 ResourceNotFound.OrganizationalUnit", "404 ResourceNotFound.User"];
    for round in 0..4 {
        let dev = corp.make_unit(&admin, &format!("dev {round}"), &corp.root).await;
        let web = corp.make_unit(&admin, "web", &dev).await;
        let stays = corp.make_user(&admin, &format!("stays_{round}")).await;
        let (corp, dev, web, stays, group) = (&corp, &dev, &web, &stays, &group);
        let clients: Vec<Client> = (0..4).map(|_| server.administrator().eiam()).collect();
        let call = async |client: &Client, action: &str, parameters: &[(&str, &str)]| {
            let answer = corp.call(client, action, parameters).await;
            if answer.status != 200 {
                let refusal = answer.refusal();
                assert!(known.contains(&refusal.as_str()), "round {round}: {action}: {}", answer.text());
            }
            answer
        };
        let making = async {
            for number in 0..12 {
                let name = format!("user_{round}_{number}");
                let unit = if number % 2 == 0 { web } else { dev };
                let new = [("Username", name.as_str()), ("PrimaryOrganizationalUnitId", unit)];
                let made = call(&clients[0], "CreateUser", &new).await;
                if made.status == 200 {
                    let user = made.json()["UserId"].as_str().expect("an id").to_owned();
                    let join = [("GroupId", group.as_str()), ("UserIds.1", &user)];
                    call(&clients[0], "AddUsersToGroup", &join).await;
                }
            }
        };
        let placing = async {
            for _ in 0..12 {
                let place = [("UserId", stays.as_str()), ("OrganizationalUnitIds.1", web)];
                call(&clients[1], "AddUserToOrganizationalUnits", &place).await;
                call(&clients[1], "RemoveUserFromOrganizationalUnits", &place).await;
            }
        };
        let growing = async {
            for number in 0..12 {
                let name = format!("unit {number}");
                let new = [("OrganizationalUnitName", name.as_str()), ("ParentId", web)];
                call(&clients[2], "CreateOrganizationalUnit", &new).await;
            }
        };
        let clearing = async {
            for _ in 0..3 {
                let below = [("OrganizationalUnitId", dev.as_str())];
                call(&clients[3], "DeleteOrganizationalUnitChildren", &below).await;
            }
        };
        tokio::join!(making, placing, growing, clearing);

        // Who is left is in units that are there; nothing but what is listed is counted.
        corp.done(&admin, "DeleteOrganizationalUnitChildren", &[("OrganizationalUnitId", dev)]).await;
        assert_eq!(corp.unit_members(&admin, dev).await, Vec::<String>::new(), "round {round}");
        assert_eq!(corp.members(&admin, group).await, Vec::<String>::new(), "round {round}");
        assert_eq!(corp.units_of(&admin, stays).await, ["root"], "round {round}");
    }
    let left: Vec<String> = (0..4).map(|round| format!("stays_{round}")).collect();
    assert_eq!(corp.everybody(&admin).await, left);
    server.stop().await;
}
