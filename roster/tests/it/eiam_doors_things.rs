//! Units, groups, memberships and properties, made through either door and read through both.
//!
//! Source: `reference/doors.md` §1, §1.3, §2.1, §3.2, §4.1, §4.3, §4.4, §4.6 and §6.

use api::eds::{
    CheckUsedProperty, DeleteUserPropertyValue, GivenPropertyValue, ModifyGroup, ModifyOrg, RemoveGroup,
    RemoveOrg, RemoveProperty, SetUserPropertyValue, UpdateProperty, UserBatchQuitGroup,
};
use api::eiam::{
    CreateCustomField, CustomFieldChange, FieldDataType, FieldDisplayType, FieldOperation, UpdateUser,
};
use serde_json::{Value, json};

use crate::support::{
    Client, Fault, Instance, NOW, ROOT, Server, bind, choices, create, execute, field_values, find_orgs,
    join, list_members, list_properties, make_eiam_user, make_field, make_group, make_org, make_property,
    move_org, move_users, paths, person, properties_of, refused, remove, spelled, text, texts, told, user,
    values_by_key, values_of,
};

/// The id under which EIAM knows something of a table, by its name.
async fn id_of(server: &Server, kind: &str, table: &str, name: &str) -> String {
    spelled(kind, &text(&server.home, &format!("select id from {table} where name = '{name}'")).await)
}

/// The id of a unit that both doors show, as eds-user spells it.
async fn org(eds: &Client, name: &str) -> String {
    let orgs = eds.call("DescribeOrgs", &[("OrgName", name)]).await.json();
    let orgs = orgs["Orgs"].as_array().expect("a list").clone();
    let found = orgs.iter().find(|org| org["OrgName"] == name).unwrap_or_else(|| panic!("{name} is shown"));
    found["OrgId"].as_str().expect("an id").to_owned()
}

/// The names of the units of an instance.
async fn units(eiam: &Client, corp: &Instance) -> Vec<String> {
    corp.list_units(eiam).await.into_iter().map(|unit| unit.organizational_unit_name).collect()
}

/// Changes a user's value of a custom field through EIAM.
async fn change(
    eiam: &Client,
    corp: &Instance,
    user: &str,
    name: &str,
    value: Option<&str>,
) -> Result<(), Fault> {
    let operation = if value.is_some() { FieldOperation::Replace } else { FieldOperation::Remove };
    let change =
        CustomFieldChange { field_name: name.to_owned(), field_value: value.map(str::to_owned), operation };
    let request = UpdateUser {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        custom_fields: Some(vec![change].try_into().expect("one")),
        ..UpdateUser::default()
    };
    eiam.send(&request).await.map(|_| ())
}

/// What a user has, as EIAM shows it.
async fn has(eiam: &Client, corp: &Instance, user: &str) -> Vec<String> {
    values_of(&corp.get_user(eiam, user).await)
}

/// The ids of a property and of its values, as eds-user lists them.
async fn property(eds: &Client, key: &str) -> (i64, Vec<(i64, String)>) {
    let listed = list_properties(eds).await.into_iter().find(|listed| listed.property_key == key);
    let listed = listed.unwrap_or_else(|| panic!("{key} is listed"));
    let value = |value: api::eds::PropertyValue| (value.property_value_id, value.property_value);
    (listed.property_id, listed.property_values.into_iter().map(value).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_one_tree_that_both_doors_grow() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let dev = make_org(&eds, "dev", ROOT).await;
    let dev_id = id_of(&server, "ou", "units", "dev").await;
    let web_id = corp.make_unit(&eiam, "web", &dev_id).await;
    let web = org(&eds, "web").await;
    make_org(&eds, "shop", &web).await;

    assert_eq!(paths(&eds).await, ["root", "root/dev", "root/dev/web", "root/dev/web/shop"]);
    assert_eq!(units(&eiam, &corp).await, ["root", "dev", "web", "shop"]);
    let shown = corp.get_unit(&eiam, &dev_id).await;
    assert_eq!((shown.parent_id.as_deref(), shown.leaf), (Some(corp.root.as_str()), false));
    assert_eq!(shown.organizational_unit_external_id, dev_id);
    assert_eq!(corp.get_unit(&eiam, &web_id).await.parent_id.as_deref(), Some(dev_id.as_str()));

    // Renamed and moved through either, seen through both.
    corp.done(
        &eiam,
        "UpdateOrganizationalUnit",
        &[("OrganizationalUnitId", &dev_id), ("OrganizationalUnitName", "研发")],
    )
    .await;
    eds.send(&ModifyOrg { org_id: web, org_name: "net".into() }).await.expect("the name is free");
    assert_eq!(paths(&eds).await, ["root", "root/研发", "root/研发/net", "root/研发/net/shop"]);
    assert_eq!(units(&eiam, &corp).await, ["root", "研发", "net", "shop"]);
    corp.done(
        &eiam,
        "UpdateOrganizationalUnitParentId",
        &[("OrganizationalUnitId", &web_id), ("ParentId", &corp.root)],
    )
    .await;
    assert_eq!(paths(&eds).await, ["root", "root/net", "root/net/shop", "root/研发"]);
    eds.send(&move_org(&dev, &org(&eds, "shop").await)).await.expect("it is no cycle");
    assert_eq!(paths(&eds).await, ["root", "root/net", "root/net/shop", "root/net/shop/研发"]);
    let shop_id = id_of(&server, "ou", "units", "shop").await;
    assert_eq!(corp.get_unit(&eiam, &dev_id).await.parent_id, Some(shop_id));

    // The name of the root and what is longer than eds-user takes.
    corp.done(
        &eiam,
        "UpdateOrganizationalUnit",
        &[("OrganizationalUnitId", &corp.root), ("OrganizationalUnitName", "ACME")],
    )
    .await;
    let wide = "宽".repeat(128);
    corp.make_unit(&eiam, &wide, &corp.root).await;
    assert!(paths(&eds).await.contains(&format!("ACME/{wide}")));
    let wide_org = org(&eds, &wide).await;
    eds.send(&ModifyOrg { org_id: wide_org.clone(), org_name: wide.clone() }).await.expect("it is shown so");
    let longer = "宽".repeat(127);
    let refusal = eds.send(&ModifyOrg { org_id: wide_org, org_name: longer }).await;
    assert_eq!(refusal.expect_err("it was never shown").code, "InvalidOrgName");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_against_a_unit_stands_against_it_at_both_doors() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let dev = make_org(&eds, "dev", ROOT).await;
    let dev_id = id_of(&server, "ou", "units", "dev").await;
    corp.make_unit(&eiam, "web", &corp.root).await;

    let brief = |fault: Fault| fault.brief();
    let taken = [("OrganizationalUnitName", "DEV"), ("ParentId", corp.root.as_str())];
    let refusal = "403 ResourceDuplicated.OrganizationalUnitName";
    corp.refuses(&eiam, "CreateOrganizationalUnit", &[(&taken, refusal)]).await;
    let made = eds.call("CreateOrg", &[("OrgName", "Web"), ("ParentOrgId", ROOT)]).await;
    assert_eq!(made.refusal(), "400 ExistedOrgName");

    // Members of either door's making, primary or further, keep a unit.
    let alice = corp.make_user(&eiam, "alice").await;
    corp.place_in(&eiam, &alice, &[&dev_id]).await;
    let removing = RemoveOrg { org_id: dev.clone() };
    assert_eq!(eds.send(&removing).await.map_err(brief).err().as_deref(), Some("400 OrgNotEmpty"));
    let left = [("UserId", alice.as_str()), ("OrganizationalUnitIds.1", &dev_id)];
    corp.done(&eiam, "RemoveUserFromOrganizationalUnits", &left).await;
    create(&eds, &["bob"]).await;
    eds.send(&move_users(&dev, &["bob"])).await.expect("it is there");
    let parameters = [("OrganizationalUnitId", dev_id.as_str())];
    let refusal = "403 OperationDenied.OrganizationalUnitNotEmpty";
    corp.refuses(&eiam, "DeleteOrganizationalUnit", &[(&parameters, refusal)]).await;
    remove(&eds, &["bob"]).await;
    eds.send(&removing).await.expect("nobody is in it");
    let unknown = format!("404 ResourceNotFound.OrganizationalUnit {dev_id}");
    corp.refuses(&eiam, "GetOrganizationalUnit", &[(&parameters, &unknown)]).await;

    let web_id = id_of(&server, "ou", "units", "web").await;
    corp.done(&eiam, "DeleteOrganizationalUnit", &[("OrganizationalUnitId", &web_id)]).await;
    assert_eq!(find_orgs(&eds, &api::eds::DescribeOrgs::default()).await, ["root"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_one_primary_unit_and_further_ones_at_both_doors() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let dev = make_org(&eds, "dev", ROOT).await;
    let ops = make_org(&eds, "ops", ROOT).await;
    make_org(&eds, "net", ROOT).await;
    let [dev_id, ops_id, net_id] = [
        id_of(&server, "ou", "units", "dev").await,
        id_of(&server, "ou", "units", "ops").await,
        id_of(&server, "ou", "units", "net").await,
    ];
    let alice = corp.make_user_in(&eiam, &dev_id, "alice").await;
    for unit in [&net_id, &ops_id] {
        server.pass(1);
        corp.place_in(&eiam, &alice, &[unit]).await;
    }
    let both = async || {
        let described = user(&eds, "alice").await;
        let by_eds: Vec<String> = described.orgs.into_iter().map(|org| org.org_name).collect();
        assert_eq!(corp.units_of(&eiam, &alice).await, by_eds, "the primary one first, then by joining");
        by_eds
    };

    assert_eq!(both().await, ["dev", "net", "ops"]);
    eds.send(&move_users(&ops, &["alice"])).await.expect("both are there");
    assert_eq!(both().await, ["ops", "net"], "eds-user replaces the primary unit alone");
    eds.send(&move_users(ROOT, &["alice"])).await.expect("both are there");
    assert_eq!(both().await, ["root", "net"]);
    let primary = [("UserId", alice.as_str()), ("OrganizationalUnitId", &dev_id)];
    corp.done(&eiam, "SetUserPrimaryOrganizationalUnit", &primary).await;
    assert_eq!(both().await, ["dev", "net"]);
    for (unit, name) in [(&dev_id, "dev"), (&net_id, "net")] {
        assert_eq!(corp.unit_members(&eiam, unit).await, ["alice"], "{name}");
        let members = eds.call("DescribeUsers", &[("OrgId", &org(&eds, name).await)]).await.json();
        assert_eq!(
            (&members["Count"], &members["Users"][0]["EndUserId"]),
            (&json!(1), &json!("alice")),
            "{name}"
        );
    }
    let members = eds.call("DescribeUsers", &[("OrgId", &dev)]).await.json();
    assert_eq!(members["Count"], 1);
    let root = eds.call("DescribeUsers", &[("OrgId", ROOT)]).await.json();
    assert_eq!((root["Count"].clone(), corp.unit_members(&eiam, &corp.root).await.len()), (json!(0), 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_who_is_in_them_are_the_same_at_both_doors() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let readers = make_group(&eds, "readers").await;
    let readers_id = id_of(&server, "group", "groups", "readers").await;
    let parameters = [("GroupName", "writers"), ("Description", "第一行"), ("GroupExternalId", "E1")];
    let writers_id = corp.ask(&eiam, "CreateGroup", &parameters).await;
    let writers_id = writers_id["GroupId"].as_str().expect("an id").to_owned();
    create(&eds, &["alice"]).await;
    let bob = corp.make_user(&eiam, "bob").await;

    join(&eds, &readers, &["bob", "alice"]).await;
    corp.join(&eiam, &writers_id, &[&bob]).await;

    let listed = eds.call("DescribeGroups", &[]).await.json();
    let group = |at: usize| {
        let group = &listed["Groups"][at];
        [&group["GroupName"], &group["Description"], &group["UserCount"]].map(Clone::clone)
    };
    assert_eq!(listed["Count"], 2);
    assert_eq!(group(0), [json!("writers"), json!("第一行"), json!(1)]);
    assert_eq!(group(1)[0], "readers");
    assert_eq!(group(1)[2], 2);
    let writers = listed["Groups"][0]["GroupId"].as_str().expect("an id").to_owned();
    assert_eq!(corp.groups_of(&eiam, &bob).await, ["readers", "writers"]);
    let names: Vec<String> =
        user(&eds, "bob").await.groups.into_iter().map(|group| group.group_name).collect();
    assert_eq!(names, ["readers", "writers"]);
    let members = list_members(&eds, &readers).await;
    let members: Vec<&str> = members.iter().map(|member| member.end_user_id.as_str()).collect();
    let by_eiam = corp.members(&eiam, &readers_id).await;
    let mut names = Vec::new();
    for member in &by_eiam {
        names.push(corp.get_user(&eiam, member).await.username);
    }
    assert_eq!(names, members, "in one order");

    // Changed, left and removed through either.
    let change = ModifyGroup {
        group_id: writers.clone(),
        new_group_name: "authors".into(),
        description: Some("all of them".into()),
    };
    eds.send(&change).await.expect("the name is free");
    let shown = corp.get_group(&eiam, &writers_id).await;
    assert_eq!((shown.group_name.as_str(), shown.description.as_deref()), ("authors", Some("all of them")));
    assert_eq!(shown.group_external_id, "E1", "eds-user does not know of it, and leaves it");
    corp.done(&eiam, "UpdateGroupDescription", &[("GroupId", &readers_id), ("Description", "read")]).await;
    let described = eds.call("DescribeGroups", &[("GroupId", &readers)]).await.json();
    assert_eq!(described["Groups"][0]["Description"], "read");
    eds.send(&UserBatchQuitGroup { group_id: readers.clone(), end_user_ids: texts(&["bob"]) })
        .await
        .expect("ok");
    assert_eq!(corp.groups_of(&eiam, &bob).await, ["authors"]);
    let alice = corp.members(&eiam, &readers_id).await.remove(0);
    corp.done(&eiam, "RemoveUsersFromGroup", &[("GroupId", &readers_id), ("UserIds.1", &alice)]).await;
    assert!(list_members(&eds, &readers).await.is_empty());
    eds.send(&RemoveGroup { group_id: Some(writers), group_ids: None })
        .await
        .expect("members do not keep it");
    assert_eq!(corp.groups_of(&eiam, &bob).await, Vec::<String>::new());
    corp.done(&eiam, "DeleteGroup", &[("GroupId", &readers_id)]).await;
    assert_eq!(eds.call("DescribeGroups", &[]).await.json()["Count"], 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_that_eds_makes_is_a_field_with_several_choices() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let (job, jobs) = make_property(&eds, "岗位 Job!", &["dev & ops", "研发"]).await;
    create(&eds, &["alice", "bob"]).await;
    let field = id_of(&server, "ufd", "properties", "岗位 Job!").await;

    let shown = corp.call(&eiam, "GetCustomField", &[("FieldId", &field)]).await;
    let now = NOW.to_string();
    insta::assert_json_snapshot!(told(&shown, &[(&field, "job"), (&corp.id, "corp"), (&now, "now")]), @r#"
    {
      "CustomField": {
        "CreateTime": "[now]",
        "Encrypted": false,
        "EntityType": "user",
        "FieldDataConfig": {
          "Items": [
            {
              "DisplayName": "dev & ops",
              "Status": "enabled",
              "Value": "dev & ops"
            },
            {
              "DisplayName": "研发",
              "Status": "enabled",
              "Value": "研发"
            }
          ]
        },
        "FieldDataType": "string",
        "FieldDisplayName": "岗位 Job!",
        "FieldDisplayType": "checkbox",
        "FieldId": "[job]",
        "FieldName": "岗位 Job!",
        "InstanceId": "[corp]",
        "Required": false,
        "Status": "enabled",
        "Unique": false,
        "UpdateTime": "[now]",
        "UserPermission": "hide"
      },
      "RequestId": "[id]"
    }
    "#);

    // Values, each way.
    bind(&eds, &person(&eds, "alice").await, job, jobs[1]).await;
    let alice = corp.ask(&eiam, "ListUsers", &[("UsernameStartsWith", "alice")]).await;
    let alice = alice["Users"][0]["UserId"].as_str().expect("an id").to_owned();
    assert_eq!(has(&eiam, &corp, &alice).await, [r#"岗位 Job!=["研发"]"#], "a list, also of one");
    change(&eiam, &corp, &alice, "岗位 JOB!", Some(r#"["研发","dev & ops"]"#))
        .await
        .expect("both are choices");
    let mut by_eds = properties_of(&person(&eds, "alice").await);
    by_eds.sort_unstable();
    assert_eq!(by_eds, ["岗位 Job!=dev & ops", "岗位 Job!=研发"], "one by one");
    // Texts are looked up by the value's id: a new text shows everywhere at once.
    let values = |values: &[(i64, &str)]| -> Vec<GivenPropertyValue> {
        let value = |(id, text): &(i64, &str)| GivenPropertyValue {
            property_value_id: Some(*id),
            property_value: Some((*text).to_owned()),
        };
        values.iter().map(value).collect()
    };
    let update = |key: &str, given: Vec<GivenPropertyValue>| UpdateProperty {
        property_id: job,
        property_key: key.to_owned(),
        property_values: Some(given.try_into().expect("few")),
    };
    eds.send(&update("job", values(&[(jobs[0], "both"), (jobs[1], "研发")])))
        .await
        .expect("the name is free");
    let shown = corp.get_field(&eiam, &field).await;
    assert_eq!((shown.field_name.as_str(), shown.field_display_name.as_str()), ("job", "job"));
    let value = corp.get_user(&eiam, &alice).await.custom_fields.remove(0);
    let mut texts: Vec<String> =
        serde_json::from_str(&value.field_value.expect("it has one")).expect("a list");
    texts.sort_unstable();
    assert_eq!((value.field_name.as_str(), texts), ("job", vec!["both".to_owned(), "研发".to_owned()]));
    // A value that goes is gone for its users.
    eds.send(&update("job", values(&[(jobs[1], "研发")]))).await.expect("it is there");
    assert_eq!(has(&eiam, &corp, &alice).await, [r#"job=["研发"]"#]);
    change(&eiam, &corp, &alice, "job", None).await.expect("it is not required");
    assert_eq!(properties_of(&person(&eds, "alice").await), Vec::<String>::new());
    eds.send(&RemoveProperty { property_id: job }).await.expect("it is there");
    let unknown = format!("404 ResourceNotFound.CustomField {field}");
    corp.refuses(&eiam, "GetCustomField", &[(&[("FieldId", &field)], &unknown)]).await;
    let fault = change(&eiam, &corp, &alice, "job", Some("研发")).await.expect_err("it is gone");
    refused(&fault, "404 ResourceNotFound.CustomField job", "job");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_eiam_are_properties_with_the_choices_that_are_open() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let fields = [
        corp.choice("grade", FieldDisplayType::Select, &["a", "b", "-off"]),
        corp.choice("skills", FieldDisplayType::Checkbox, &["go", "rust"]),
        corp.field("nick"),
        CreateCustomField { field_data_type: FieldDataType::Number, ..corp.field("count") },
        CreateCustomField {
            field_display_type: FieldDisplayType::Select,
            field_data_type: FieldDataType::Boolean,
            ..corp.field("remote")
        },
        CreateCustomField { encrypted: Some(true), ..corp.field("secret") },
        CreateCustomField {
            encrypted: Some(true),
            field_data_config: choices(&["x"]),
            ..corp.choice("hidden", FieldDisplayType::Checkbox, &["x"])
        },
    ];
    for field in &fields {
        make_field(&eiam, field).await;
    }
    let values = [
        ("grade", "a"),
        ("skills", r#"["go","rust"]"#),
        ("nick", "al"),
        ("count", "1.50"),
        ("remote", "true"),
        ("secret", "s"),
        ("hidden", "x"),
    ];
    let request = api::eiam::CreateUser { custom_fields: field_values(&values), ..corp.user("alice") };
    let alice = make_eiam_user(&eiam, &request).await;

    let listed: Vec<(String, Vec<String>)> = values_by_key(&eds).await;
    let listed: Vec<(&str, Vec<&str>)> = listed
        .iter()
        .map(|(key, values)| (key.as_str(), values.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        listed,
        [
            ("grade", vec!["a", "b"]),
            ("skills", vec!["go", "rust"]),
            ("nick", vec![]),
            ("count", vec![]),
            ("remote", vec![]),
        ]
    );
    let mut shown = properties_of(&person(&eds, "alice").await);
    shown.sort_unstable();
    assert_eq!(shown, ["count=1.50", "grade=a", "nick=al", "remote=true", "skills=go", "skills=rust"]);
    for key in ["grade", "skills", "nick", "count", "remote"] {
        let (id, _) = property(&eds, key).await;
        let used = eds.send(&CheckUsedProperty { property_id: id }).await.expect("it is there").use_count;
        assert_eq!(used, 1, "{key}: people, not values");
    }
    // Lists of eds-user show what has ids of values.
    let filtered = eds.call("FilterUsers", &[]).await.json();
    let models = filtered["Users"][0]["UserSetPropertiesModels"].as_array().expect("a list").clone();
    let mut keys: Vec<&str> = models.iter().filter_map(|model| model["PropertyKey"].as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["grade", "skills"]);
    assert!(models.iter().all(|model| model["PropertyType"] == 2));

    // A choice that was shut later is shown to who has it, and offered to nobody.
    let shut = "update property_items set enabled = 0 where item = 'a' or item = 'go';";
    execute(&server.home, shut).await;
    let server = server.restart().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let mut shown = properties_of(&person(&eds, "alice").await);
    shown.sort_unstable();
    assert_eq!(shown, ["count=1.50", "grade=a", "nick=al", "remote=true", "skills=go", "skills=rust"]);
    assert_eq!(property(&eds, "grade").await.1.len(), 1);
    assert_eq!(property(&eds, "skills").await.1.len(), 1);
    let fault = change(&eiam, &corp, &alice, "grade", Some("a")).await;
    if let Err(fault) = fault {
        refused(&fault, "400 InvalidParameter.CustomFields", "it is hers and shut");
    }
    let bob = api::eiam::CreateUser { custom_fields: field_values(&[("grade", "a")]), ..corp.user("bob") };
    let fault = eiam.send(&bob).await.expect_err("it is offered to nobody");
    refused(&fault, "400 InvalidParameter.CustomFields", "it is shut");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eds_binds_choices_of_fields_and_nothing_that_is_typed() {
    let server = Server::start().await;
    let (eds, eiam) = (server.administrator(), server.administrator().eiam());
    let corp = Instance::default_of(&eiam).await;
    let choice = |name: &str, kind| corp.choice(name, kind, &["a", "b"]);
    let required = CreateCustomField { required: Some(true), ..choice("skills", FieldDisplayType::Checkbox) };
    let unique = CreateCustomField { unique: Some(true), ..choice("seat", FieldDisplayType::Select) };
    for field in [choice("grade", FieldDisplayType::Select), required, unique, corp.field("nick")] {
        make_field(&eiam, &field).await;
    }
    create(&eds, &["alice", "bob"]).await;
    let (alice, bob) = (person(&eds, "alice").await, person(&eds, "bob").await);
    let by_name = async |name: &str| {
        let listed = corp.ask(&eiam, "ListUsers", &[("UsernameStartsWith", name)]).await;
        listed["Users"][0]["UserId"].as_str().expect("an id").to_owned()
    };
    let (alice_id, bob_id) = (by_name("alice").await, by_name("bob").await);
    assert_eq!(has(&eiam, &corp, &alice_id).await, Vec::<String>::new(), "eds-user demands nothing");

    let (grade, grades) = property(&eds, "grade").await;
    bind(&eds, &alice, grade, grades[0].0).await;
    bind(&eds, &alice, grade, grades[1].0).await;
    assert_eq!(has(&eiam, &corp, &alice_id).await, ["grade=b"], "one choice: the next replaces it");
    let (skills, skill) = property(&eds, "skills").await;
    bind(&eds, &alice, skills, skill[0].0).await;
    bind(&eds, &alice, skills, skill[1].0).await;
    let value = has(&eiam, &corp, &alice_id).await.into_iter().find(|value| value.starts_with("skills="));
    let value = value.expect("she has some");
    let both: Value = serde_json::from_str(value.strip_prefix("skills=").expect("its name")).expect("a list");
    assert_eq!(both.as_array().map(Vec::len), Some(2), "several choices: the next is added");

    let unbind = async |user: i64, property: i64, value: i64| {
        let request =
            DeleteUserPropertyValue { user_id: user, property_id: property, property_value_id: value };
        eds.send(&request).await.map(|_| ()).map_err(|fault| fault.brief())
    };
    unbind(alice.id, skills, skill[0].0).await.expect("another one is left");
    let last = unbind(alice.id, skills, skill[1].0).await;
    assert_eq!(last, Err("400 OperationDenied.RequiredProperty".to_owned()));
    let fault = change(&eiam, &corp, &alice_id, "skills", None).await.expect_err("it is required");
    refused(&fault, "400 MissingParameter.CustomFields", "skills");

    let (seat, seats) = property(&eds, "seat").await;
    bind(&eds, &alice, seat, seats[0].0).await;
    let taking = SetUserPropertyValue {
        user_id: bob.id,
        user_name: "bob".into(),
        property_id: seat,
        property_value_id: seats[0].0,
    };
    assert_eq!(
        eds.send(&taking).await.map(|_| ()).map_err(|fault| fault.brief()),
        Err("400 ExistedPropertyValue".into())
    );
    let fault = change(&eiam, &corp, &bob_id, "seat", Some("a")).await.expect_err("it is hers");
    refused(&fault, "403 ResourceDuplicated.CustomFieldValue", "seat");

    let (nick, none) = property(&eds, "nick").await;
    assert!(none.is_empty());
    let typed = SetUserPropertyValue { property_id: nick, property_value_id: grades[0].0, ..taking };
    let refusal = eds.send(&typed).await.map(|_| ()).map_err(|fault| fault.brief());
    assert_eq!(refusal, Err("400 InvalidPropertyValueId.NotFound".to_owned()));
    server.stop().await;
}
