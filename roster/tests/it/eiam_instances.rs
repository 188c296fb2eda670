//! Instances: made, shown, listed, described and removed with all that is in them.
//!
//! Source: `reference/eiam.md`, 11.1 to 11.5 and 14.3; `reference/doors.md` §3.2, §4.5 and §5.

use api::eiam::{
    CreateCustomField, CreateInstance, CreateUser, CustomFieldValue, Edition, FieldDataType,
    FieldDisplayType, GetInstance, InstanceStatus, ListInstances, Status,
};

use crate::support::{
    Client, Fault, Home, Instance, NOW, Server, create, everybody, execute, field_values, is_refused,
    make_eiam_user, make_field, number, refused, roster, text, texts, told, until,
};

/// A well-formed id that is no instance's.
const NOWHERE: &str = "idaas_dfizzgsafjod6cnhdpsnecdok4";
/// How many instances there may be beside the default one.
const MOST: usize = 3;
const DAY: i64 = 86_400_000;

/// Every action that acts in an instance, with what it needs beside it.
const IN_AN_INSTANCE: [(&str, &[(&str, &str)]); 61] = [
    ("AddUserToOrganizationalUnits", &[("UserId", "user_x"), ("OrganizationalUnitIds.1", "ou_x")]),
    ("AddUsersToGroup", &[("GroupId", "group_x"), ("UserIds.1", "user_x")]),
    (
        "BindUserAuthnSourceMapping",
        &[("UserId", "user_x"), ("IdentityProviderId", "idp_x"), ("UserExternalId", "x")],
    ),
    ("CheckInstanceForDelete", &[]),
    (
        "CreateCustomField",
        &[
            ("EntityType", "user"),
            ("FieldName", "x"),
            ("FieldDisplayName", "x"),
            ("FieldDisplayType", "input"),
            ("FieldDataType", "string"),
        ],
    ),
    ("CreateGroup", &[("GroupName", "x")]),
    ("CreateOrganizationalUnit", &[("OrganizationalUnitName", "x"), ("ParentId", "ou_x")]),
    ("CreateUser", &[("Username", "x"), ("PrimaryOrganizationalUnitId", "ou_x")]),
    ("DeleteCustomField", &[("FieldId", "ufd_x")]),
    ("DeleteGroup", &[("GroupId", "group_x")]),
    ("DeleteInstance", &[]),
    ("DeleteOrganizationalUnit", &[("OrganizationalUnitId", "ou_x")]),
    ("DeleteOrganizationalUnitChildren", &[("OrganizationalUnitId", "ou_x")]),
    ("DeleteUser", &[("UserId", "user_x")]),
    ("DeleteUsers", &[("UserIds.1", "user_x")]),
    ("DisableCustomField", &[("FieldId", "ufd_x")]),
    ("DisableUser", &[("UserId", "user_x")]),
    ("EnableCustomField", &[("FieldId", "ufd_x")]),
    ("EnableUser", &[("UserId", "user_x")]),
    ("GetCustomField", &[("FieldId", "ufd_x")]),
    ("GetForgetPasswordConfiguration", &[]),
    ("GetGroup", &[("GroupId", "group_x")]),
    ("GetInstance", &[]),
    ("GetInstanceGlobalizationConfig", &[]),
    ("GetInstanceLicense", &[]),
    ("GetInstanceQuota", &[("QuotaKey", "userMaxNumber")]),
    ("GetOrganizationalUnit", &[("OrganizationalUnitId", "ou_x")]),
    ("GetPasswordComplexityConfiguration", &[]),
    ("GetPasswordExpirationConfiguration", &[]),
    ("GetPasswordHistoryConfiguration", &[]),
    ("GetPasswordInitializationConfiguration", &[]),
    ("GetRootOrganizationalUnit", &[]),
    ("GetUser", &[("UserId", "user_x")]),
    ("ListGroups", &[]),
    ("ListGroupsForUser", &[("UserId", "user_x")]),
    ("ListOrganizationalUnitParents", &[("OrganizationalUnitId", "ou_x")]),
    ("ListOrganizationalUnits", &[]),
    ("ListUserAuthnSourceMappings", &[("UserId", "user_x")]),
    ("ListUsers", &[]),
    ("ListUsersForGroup", &[("GroupId", "group_x")]),
    ("RemoveUserFromOrganizationalUnits", &[("UserId", "user_x"), ("OrganizationalUnitIds.1", "ou_x")]),
    ("RemoveUsersFromGroup", &[("GroupId", "group_x"), ("UserIds.1", "user_x")]),
    ("SetForgetPasswordConfiguration", &[("ForgetPasswordStatus", "disabled")]),
    ("SetInstanceGlobalizationConfig", &[("Language", "en"), ("TimeZone", "UTC")]),
    ("SetPasswordComplexityConfiguration", &[("PasswordMinLength", "8")]),
    ("SetPasswordExpirationConfiguration", &[("PasswordExpirationStatus", "disabled")]),
    ("SetPasswordHistoryConfiguration", &[("PasswordHistoryStatus", "disabled")]),
    ("SetPasswordInitializationConfiguration", &[("PasswordInitializationStatus", "disabled")]),
    ("SetUserPrimaryOrganizationalUnit", &[("UserId", "user_x"), ("OrganizationalUnitId", "ou_x")]),
    ("UnbindTotpAuthenticator", &[("UserId", "user_x")]),
    (
        "UnbindUserAuthnSourceMapping",
        &[("UserId", "user_x"), ("IdentityProviderId", "idp_x"), ("UserExternalId", "x")],
    ),
    ("UnlockUser", &[("UserId", "user_x")]),
    ("UpdateGroup", &[("GroupId", "group_x")]),
    ("UpdateGroupDescription", &[("GroupId", "group_x")]),
    ("UpdateInstanceDescription", &[]),
    ("UpdateOrganizationalUnit", &[("OrganizationalUnitId", "ou_x")]),
    ("UpdateOrganizationalUnitDescription", &[("OrganizationalUnitId", "ou_x")]),
    ("UpdateOrganizationalUnitParentId", &[("OrganizationalUnitId", "ou_x"), ("ParentId", "ou_x")]),
    ("UpdateUser", &[("UserId", "user_x")]),
    ("UpdateUserDescription", &[("UserId", "user_x")]),
    ("UpdateUserPassword", &[("UserId", "user_x"), ("Password", "Correct-horse-1")]),
];

/// Makes an instance.
async fn make(admin: &Client, description: &str, token: Option<&str>) -> Result<String, Fault> {
    let request =
        CreateInstance { description: Some(description.to_owned()), client_token: token.map(str::to_owned) };
    admin.send(&request).await.map(|made| made.instance_id)
}

/// The ids of the instances that match, on one page.
async fn found(admin: &Client, request: &ListInstances) -> Vec<String> {
    let page = admin.send(request).await.expect("the call is right");
    assert_eq!(usize::try_from(page.total_count), Ok(page.instances.len()), "one page");
    page.instances.into_iter().map(|instance| instance.instance_id).collect()
}

/// Removes an instance that can be removed.
async fn delete(admin: &Client, instance: &str) {
    let answer = admin.call("DeleteInstance", &[("InstanceId", instance)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What is said of an instance, if anything.
async fn description(admin: &Client, instance: &str) -> Option<String> {
    let request = GetInstance { instance_id: instance.to_owned() };
    admin.send(&request).await.expect("it is there").instance.description
}

/// The tables whose rows belong to a directory, all but the audit trail.
async fn tables(home: &Home) -> Vec<String> {
    let question = match &home.serve.house.place {
        store::Place::File(_) => {
            "select group_concat(name, ',') from sqlite_master where type = 'table' and exists
                 (select 1 from pragma_table_info(sqlite_master.name) as c where c.name = 'directory')"
        }
        store::Place::Url(_) => {
            "select string_agg(table_name, ',') from information_schema.columns
                 where table_schema = 'public' and column_name = 'directory'"
        }
    };
    let tables = text(home, question).await;
    let tables: Vec<String> = tables.split(',').filter(|name| *name != "events").map(str::to_owned).collect();
    assert!(tables.len() > 15, "{tables:?}");
    tables
}

/// The tables in which something refers to a directory other than the default one.
async fn leftovers(home: &Home) -> Vec<String> {
    let mut found = Vec::new();
    let defaults = "(select number from directories where default_of is not null)";
    for table in tables(home).await {
        // What belongs to the account and to no directory says 0.
        let rows =
            format!("select count(*) from {table} where directory <> 0 and directory not in {defaults}");
        if number(home, &rows).await > 0 {
            found.push(table);
        }
    }
    found
}

/// How many entries the index of texts has, where it is not among the tables of directories.
async fn searched(home: &Home) -> i64 {
    let question = match &home.serve.house.place {
        store::Place::File(_) => "select count(*) from search_terms",
        store::Place::Url(_) => "select 0::bigint",
    };
    number(home, question).await
}

/// Something of everything in an instance.
async fn fill(admin: &Client, corp: &Instance, users: usize) {
    let dev = corp.make_unit(admin, "dev", &corp.root).await;
    let web = corp.make_unit(admin, "web", &dev).await;
    let readers = corp.make_group(admin, "readers").await;
    let choice = |name: &str, kind| corp.choice(name, kind, &["a", "b"]);
    for field in [
        corp.field("nick"),
        CreateCustomField { unique: Some(true), encrypted: Some(true), ..corp.field("secret") },
        CreateCustomField { field_data_type: FieldDataType::Number, ..corp.field("count") },
        choice("grade", FieldDisplayType::Select),
        choice("skills", FieldDisplayType::Checkbox),
    ] {
        make_field(admin, &field).await;
    }
    let old = make_field(admin, &choice("old", FieldDisplayType::Checkbox)).await;
    let values = field_values(&[
        ("nick", "al"),
        ("count", "1"),
        ("grade", "a"),
        ("skills", r#"["a","b"]"#),
        ("old", "b"),
    ]);
    for policy in [
        ("SetPasswordComplexityConfiguration", &[("PasswordMinLength", "4")][..]),
        ("SetPasswordHistoryConfiguration", &[("PasswordHistoryStatus", "disabled")]),
        (
            "SetPasswordInitializationConfiguration",
            &[("PasswordInitializationStatus", "enabled"), ("PasswordInitializationType", "random")],
        ),
    ] {
        corp.done(admin, policy.0, policy.1).await;
    }
    for number in 0..users {
        let name = format!("user_{number}");
        let mut fields: Vec<CustomFieldValue> = values.clone().expect("some").into_iter().collect();
        fields.push(CustomFieldValue { field_name: "secret".into(), field_value: Some(name.clone()) });
        let request = CreateUser {
            email: Some(format!("{name}@example.com")),
            email_verified: Some(number % 2 == 0),
            phone_region: Some("86".to_owned()),
            phone_number: Some(format!("{}", 13_800_000_000_u64 + number as u64)),
            phone_number_verified: Some(false),
            display_name: Some(format!("Somebody {number}")),
            user_external_id: (number % 3 == 0).then(|| format!("E{number}")),
            organizational_unit_ids: Some(texts(&[&corp.root, &dev])),
            primary_organizational_unit_id: web.clone(),
            custom_fields: Some(fields.try_into().expect("few")),
            client_token: (number < 3).then(|| format!("token {number}")),
            // Only the first has a password: to hash one takes its time.
            password: (number == 0).then(|| api::Password::new("Correct-horse-1")),
            password_initialization_config: (number > 0).then(|| {
                let priority = api::eiam::Word::Known(api::eiam::PolicyPriority::Custom);
                api::eiam::PasswordInitializationConfig {
                    password_initialization_policy_priority: Some(priority),
                    ..api::eiam::PasswordInitializationConfig::default()
                }
            }),
            ..corp.user(&name)
        };
        let user = make_eiam_user(admin, &request).await;
        if number < 50 {
            corp.join(admin, &readers, &[&user]).await;
            let bound =
                [("UserId", user.as_str()), ("IdentityProviderId", "idp_x"), ("UserExternalId", &name)];
            corp.done(admin, "BindUserAuthnSourceMapping", &bound).await;
        }
    }
    corp.done(admin, "DeleteCustomField", &[("FieldId", &old)]).await;
    let told = [("PasswordInitializationConfig.PasswordInitializationPolicyPriority", "global")];
    let told = [
        &told[..],
        &[
            ("Username", "told"),
            ("PrimaryOrganizationalUnitId", &web),
            ("Email", "told@example.com"),
            ("EmailVerified", "true"),
        ],
    ];
    let channels = [
        ("PasswordInitializationStatus", "enabled"),
        ("PasswordInitializationType", "random"),
        ("PasswordInitializationNotificationChannels.1", "email"),
    ];
    corp.done(admin, "SetPasswordInitializationConfiguration", &channels).await;
    corp.ask(admin, "CreateUser", &told.concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let default = Instance::default_of(&admin).await;

    server.pass(1_000);
    let made = admin.call("CreateInstance", &[("Description", "第一行\n\t& <second>")]).await;
    let corp = made.json()["InstanceId"].as_str().expect("an id").to_owned();

    for id in [&default.id, &corp] {
        let digits = id.strip_prefix("idaas_").expect("its prefix");
        assert!(digits.len() == 26 && digits.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')), "{id}");
    }
    let (now, later) = (NOW.to_string(), (NOW + 1_000).to_string());
    let address = server.address().to_string();
    let ids = [
        (default.id.as_str(), "default"),
        (corp.as_str(), "corp"),
        (&now, "now"),
        (&later, "later"),
        (&address, "address"),
    ];
    insta::assert_json_snapshot!(told(&made, &ids), @r#"
    {
      "InstanceId": "[corp]",
      "RequestId": "[id]"
    }
    "#);
    let shown = admin.call("GetInstance", &[("InstanceId", &corp)]).await;
    insta::assert_json_snapshot!(told(&shown, &ids), @r#"
    {
      "Instance": {
        "CreateTime": "[later]",
        "CrossRegionReplication": "disabled",
        "Description": "第一行\n\t& <second>",
        "InstanceId": "[corp]",
        "ServiceManaged": false,
        "Status": "running"
      },
      "RequestId": "[id]"
    }
    "#);
    let listed = admin.call("ListInstances", &[]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "Instances": [
        {
          "CreateTime": "[now]",
          "CrossRegionReplication": "disabled",
          "InstanceId": "[default]",
          "ServiceManaged": false,
          "Status": "running"
        },
        {
          "CreateTime": "[later]",
          "CrossRegionReplication": "disabled",
          "Description": "第一行\n\t& <second>",
          "InstanceId": "[corp]",
          "ServiceManaged": false,
          "Status": "running"
        }
      ],
      "RequestId": "[id]",
      "TotalCount": 2
    }
    "#);
    let listed = admin.call("ListEiamInstances", &[]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "Instances": [
        {
          "InstanceId": "[default]",
          "InstanceStatus": "RUNNING",
          "InstanceVersion": "EIAM 2.0",
          "OpenAPIPublicDomain": "[address]",
          "StartTime": "[now]"
        },
        {
          "Description": "第一行\n\t& <second>",
          "InstanceId": "[corp]",
          "InstanceStatus": "RUNNING",
          "InstanceVersion": "EIAM 2.0",
          "OpenAPIPublicDomain": "[address]",
          "StartTime": "[later]"
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_instance_is_empty_and_has_its_own_of_everything() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::described(&admin, "corp").await;
    let default = Instance::default_of(&admin).await;
    create(&eds, &["alice"]).await;

    assert_eq!(corp.everybody(&admin).await, Vec::<String>::new());
    assert_eq!(corp.find_units(&admin, &corp.units()).await, ["corp"]);
    assert_eq!(corp.list_groups(&admin).await, []);
    let fault = admin.send(&corp.user("superadmin")).await.expect_err("each instance has its own");
    refused(&fault, "403 ResourceDuplicated.Username", "CreateUser");
    let request = |corp: &Instance| CreateUser {
        email: Some("Alice@example.com".to_owned()),
        email_verified: Some(true),
        phone_region: Some("86".to_owned()),
        phone_number: Some("13800000000".to_owned()),
        phone_number_verified: Some(true),
        user_external_id: Some("E1".to_owned()),
        ..corp.user("alice")
    };
    make_eiam_user(&admin, &request(&corp)).await;
    let third = Instance::make(&admin).await;
    make_eiam_user(&admin, &request(&third)).await;
    assert_eq!(everybody(&eds).await, ["alice"], "eds lives in the default one");
    assert_eq!(default.everybody(&admin).await, ["alice"]);
    assert_eq!(corp.everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_instances_there_may_be_beside_the_default_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let (longest, longer) = ("述".repeat(128), "述".repeat(129));
    let token = "t".repeat(65);
    for (parameters, refusal) in [
        (
            &[("Description", longer.as_str()), ("ClientToken", &token)][..],
            "400 InvalidParameter.Description",
        ),
        (&[("Description", "a\u{0}")], "400 InvalidParameter.Description"),
        (&[("ClientToken", token.as_str())], "400 InvalidParameter.ClientToken"),
        (&[("ClientToken", "é")], "400 InvalidParameter.ClientToken"),
    ] {
        is_refused(&admin, "CreateInstance", parameters, refusal).await;
    }
    assert_eq!(found(&admin, &ListInstances::default()).await.len(), 1, "nothing was made");

    let first = make(&admin, &longest, None).await.expect("there may be one");
    assert_eq!(description(&admin, &first).await, Some(longest.clone()));
    let plain = make(&admin, "", None).await.expect("there may be two");
    assert_eq!(description(&admin, &plain).await, None);
    make(&admin, "third", None).await.expect("there may be three");
    let fault = make(&admin, "fourth", None).await.expect_err("there may be no more");
    assert_eq!(fault.brief(), "403 LimitExceeded.Instance");
    assert!(fault.message.ends_with('.'), "{}", fault.message);
    assert_eq!(found(&admin, &ListInstances::default()).await.len(), 1 + MOST);

    delete(&admin, &plain).await;
    make(&admin, "fourth", None).await.expect("one has gone");
    assert_eq!(make(&admin, "fifth", None).await.map_err(|fault| fault.status), Err(403));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_a_setting_and_holds_for_calls_at_once() {
    let mut home = Home::new().await;
    home.serve.most_instances = 5;
    let server = Server::within(home).await;
    let clients: Vec<Client> = (0..8).map(|_| server.administrator().eiam()).collect();
    let made = futures_util::future::join_all(clients.iter().map(|client| make(client, "corp", None))).await;
    let refused: Vec<String> = made.iter().filter_map(|made| made.as_ref().err().map(Fault::brief)).collect();
    assert_eq!(refused, vec!["403 LimitExceeded.Instance"; 3]);
    assert_eq!(found(&clients[0], &ListInstances::default()).await.len(), 6);
    assert_eq!(number(&server.home, "select count(distinct slot) from directories").await, 6);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_with_the_same_token_makes_one_instance() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();

    let corp = make(&admin, "corp", Some("token")).await.expect("it can be made");
    assert_eq!(make(&admin, "corp", Some("token")).await, Ok(corp.clone()));
    let other = make(&admin, "corp", Some("Token")).await.expect("another token");
    assert_ne!(other, corp);
    let fault = make(&admin, "other", Some("token")).await.expect_err("another body");
    assert_eq!(fault.brief(), "400 IdempotentParameterMismatch");
    let third = make(&admin, "corp", None).await.expect("no token");
    assert_ne!(third, corp);

    // What was refused is not remembered; what was answered is, whatever has become of it.
    let fault = make(&admin, "corp", Some("fourth")).await.expect_err("there may be no more");
    assert_eq!(fault.brief(), "403 LimitExceeded.Instance");
    delete(&admin, &corp).await;
    assert_eq!(make(&admin, "corp", Some("token")).await, Ok(corp.clone()));
    let fourth = make(&admin, "corp", Some("fourth")).await.expect("there may be one more");
    assert_ne!(fourth, corp);

    server.pass(DAY + 1);
    delete(&admin, &other).await;
    let again = make(&admin, "corp", Some("token")).await.expect("it has been forgotten");
    assert_ne!(again, corp);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_instances_holds_what_every_filter_lets_through() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let mut all = vec![Instance::default_of(&admin).await.id];
    for name in ["one", "two", "three"] {
        all.push(make(&admin, name, None).await.expect("it can be made"));
    }
    let [_, one, two, _] = &all[..] else { panic!("four") };
    let only = |ids: &[&str]| ListInstances { instance_ids: Some(texts(ids)), ..ListInstances::default() };
    let plain = ListInstances::default;

    assert_eq!(found(&admin, &plain()).await, all);
    assert_eq!(found(&admin, &only(&[])).await, all);
    assert_eq!(found(&admin, &only(&[two, NOWHERE, one, two, "", &one.to_uppercase()])).await, all[1..3]);
    assert_eq!(found(&admin, &only(&[NOWHERE])).await, Vec::<String>::new());
    for (request, is_everything) in [
        (ListInstances { status: Some(InstanceStatus::Running), ..plain() }, true),
        (ListInstances { status: Some(InstanceStatus::Creating), ..plain() }, false),
        (ListInstances { edition: Some(Edition::Enterprise), ..plain() }, true),
        (ListInstances { edition: Some(Edition::Free), ..plain() }, false),
        (ListInstances { edition: Some(Edition::Trial), ..plain() }, false),
        (ListInstances { edition: Some(Edition::Scalability), ..plain() }, false),
        (ListInstances { edition: Some(Edition::Standard), ..plain() }, false),
        (ListInstances { cross_region_replication: Some(Status::Disabled), ..plain() }, true),
        (ListInstances { cross_region_replication: Some(Status::Enabled), ..plain() }, false),
        (ListInstances { service_managed: Some(false), ..plain() }, true),
        (ListInstances { service_managed: Some(true), ..plain() }, false),
        (ListInstances { managed_service_code: Some(String::new()), ..plain() }, true),
        (ListInstances { managed_service_code: Some("sase".to_owned()), ..plain() }, false),
    ] {
        let expected = if is_everything { &all[..] } else { &[] };
        assert_eq!(found(&admin, &request).await, expected, "{request:?}");
        let both = ListInstances { instance_ids: only(&[one]).instance_ids, ..request };
        let expected: &[String] = if is_everything { std::slice::from_ref(one) } else { &[] };
        assert_eq!(found(&admin, &both).await, expected, "{both:?}");
    }

    for (number, size, expected) in
        [(1, 3, &all[..3]), (2, 3, &all[3..]), (3, 3, &[]), (4, 1, &all[3..]), (1, 100, &all[..])]
    {
        let request = ListInstances {
            page_number: Some(number.try_into().expect("in range")),
            page_size: Some(size.try_into().expect("in range")),
            ..plain()
        };
        let page = admin.send(&request).await.expect("the call is right");
        let ids: Vec<String> = page.instances.into_iter().map(|instance| instance.instance_id).collect();
        assert_eq!((&ids[..], page.total_count), (expected, 4), "page {number} of {size}");
    }

    for (name, wrong) in [
        ("PageNumber", "0"),
        ("PageNumber", "x"),
        ("PageSize", "0"),
        ("PageSize", "101"),
        ("Status", "Running"),
        ("Status", "stopped"),
        ("Edition", "ultimate"),
        ("CrossRegionReplication", "yes"),
        ("ServiceManaged", "2"),
        ("ManagedServiceCode", "a\n"),
    ] {
        is_refused(&admin, "ListInstances", &[(name, wrong)], &format!("400 InvalidParameter.{name}")).await;
    }
    let ids: Vec<(String, String)> =
        (1..=101).map(|n| (format!("InstanceIds.{n}"), format!("idaas_{n}"))).collect();
    let ids: Vec<(&str, &str)> = ids.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    is_refused(&admin, "ListInstances", &ids, "400 InvalidParameter.InstanceIds").await;
    is_refused(&admin, "ListEiamInstances", &ids, "400 InvalidParameter.InstanceIds").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_list_knows_the_region_and_the_host() {
    let mut home = Home::new().await;
    home.serve.region = "eu-central-9".to_owned();
    home.serve.public_host = Some("id.example.com".to_owned());
    let server = Server::within(home).await;
    let admin = server.administrator().eiam();
    let corp = make(&admin, "corp", None).await.expect("it can be made");
    let default = Instance::default_of(&admin).await.id;
    let listed = async |parameters: &[(&str, &str)]| {
        let answer = admin.call("ListEiamInstances", parameters).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        let instances = json["Instances"].as_array().expect("a list").clone();
        assert!(instances.iter().all(|instance| instance["OpenAPIPublicDomain"] == "id.example.com"));
        let id = |instance: &serde_json::Value| instance["InstanceId"].as_str().expect("an id").to_owned();
        instances.iter().map(id).collect::<Vec<_>>()
    };

    let region = ("InstanceRegionId", "eu-central-9");
    assert_eq!(listed(&[]).await, [default.as_str(), &corp]);
    assert_eq!(listed(&[region]).await, [default.as_str(), &corp]);
    assert_eq!(listed(&[("InstanceRegionId", "")]).await, [default.as_str(), &corp]);
    assert_eq!(listed(&[("InstanceRegionId", "cn-hangzhou")]).await, Vec::<String>::new());
    assert_eq!(listed(&[("InstanceIds.1", &corp)]).await, [corp.as_str()]);
    assert_eq!(listed(&[("InstanceIds.1", &corp), region]).await, [corp.as_str()]);
    assert_eq!(listed(&[("InstanceIds.1", NOWHERE)]).await, Vec::<String>::new());
    let long = "r".repeat(33);
    let invalid = "400 InvalidParameter.InstanceRegionId";
    is_refused(&admin, "ListEiamInstances", &[("InstanceRegionId", &long)], invalid).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_s_description_is_replaced_or_cleared() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::described(&admin, "before").await;
    let (longest, longer) = ("述".repeat(128), "述".repeat(129));
    let describe = async |text: Option<&str>| {
        let parameters: Vec<(&str, &str)> = text.map(|text| ("Description", text)).into_iter().collect();
        corp.done(&admin, "UpdateInstanceDescription", &parameters).await;
        description(&admin, &corp.id).await
    };

    assert_eq!(describe(Some("after")).await.as_deref(), Some("after"));
    assert_eq!(describe(Some("")).await, None);
    assert_eq!(describe(Some(&longest)).await, Some(longest.clone()));
    for wrong in [longer.as_str(), "a\u{1}"] {
        let parameters = [("InstanceId", corp.id.as_str()), ("Description", wrong)];
        let invalid = "400 InvalidParameter.Description";
        is_refused(&admin, "UpdateInstanceDescription", &parameters, invalid).await;
    }
    assert_eq!(description(&admin, &corp.id).await, Some(longest));
    assert_eq!(describe(None).await, None);
    let root = corp.get_unit(&admin, &corp.root).await;
    assert_eq!(root.organizational_unit_name, "before", "the root keeps its name");

    // What another API has stored is taken back as it is, and nothing else of that length.
    let wide = "w".repeat(1_000);
    execute(
        &server.home,
        &format!("update directories set description = '{wide}' where default_of is null;"),
    )
    .await;
    let server = server.restart().await;
    let admin = server.administrator().eiam();
    corp.done(&admin, "UpdateInstanceDescription", &[("Description", &wide)]).await;
    let narrower = [("InstanceId", corp.id.as_str()), ("Description", &wide[1..])];
    is_refused(&admin, "UpdateInstanceDescription", &narrower, "400 InvalidParameter.Description").await;
    assert_eq!(description(&admin, &corp.id).await, Some(wide));
    // The default one is described like others.
    let default = Instance::default_of(&admin).await;
    default.done(&admin, "UpdateInstanceDescription", &[("Description", "of all")]).await;
    assert_eq!(description(&admin, &default.id).await.as_deref(), Some("of all"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_in_an_instance_asks_which_one_and_whether_it_is_there() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::make(&admin).await;
    let digits = corp.id.strip_prefix("idaas_").expect("its prefix").to_owned();
    let gone = Instance::make(&admin).await.id;
    delete(&admin, &gone).await;

    for (action, parameters) in IN_AN_INSTANCE {
        is_refused(&admin, action, parameters, "400 MissingParameter.InstanceId").await;
        for id in [NOWHERE, &gone] {
            let all = [&[("InstanceId", id)], parameters].concat();
            is_refused(&admin, action, &all, &format!("404 ResourceNotFound.Instance {id}")).await;
        }
    }
    let strangers = [
        digits.clone(),
        format!("ou_{digits}"),
        corp.id.to_uppercase(),
        format!("{}a", corp.id),
        corp.id[..corp.id.len() - 1].to_owned(),
        format!("{}b", &corp.id[..corp.id.len() - 1]),
        format!("{} ", corp.id),
        corp.root.clone(),
        "default".to_owned(),
        "rs1".to_owned(),
    ];
    for id in strangers {
        let parameters = [("InstanceId", id.as_str())];
        let unknown = format!("404 ResourceNotFound.Instance {id}");
        for action in ["GetInstance", "ListUsers", "DeleteInstance", "UpdateInstanceDescription"] {
            is_refused(&admin, action, &parameters, &unknown).await;
        }
    }
    assert!(corp.everybody(&admin).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_instance_stays_and_says_why() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let default = Instance::default_of(&admin).await;
    let corp = Instance::make(&admin).await;
    create(&eds, &["alice"]).await;
    corp.make_user(&admin, "bob").await;

    let check = default.call(&admin, "CheckInstanceForDelete", &[]).await;
    insta::assert_json_snapshot!(told(&check, &[(&default.id, "default")]), @r#"
    {
      "CheckInstanceResult": {
        "Deletable": false,
        "RestrictScenarios": [
          {
            "ResourceId": "[default]",
            "RestrictReason": "cloud_product_dependency"
          }
        ]
      },
      "RequestId": "[id]"
    }
    "#);
    default.refuses(&admin, "DeleteInstance", &[(&[], "403 OperationDenied.InstanceNotDeletable")]).await;
    assert_eq!(everybody(&eds).await, ["alice"]);

    let check = corp.call(&admin, "CheckInstanceForDelete", &[]).await;
    insta::assert_json_snapshot!(told(&check, &[]), @r#"
    {
      "CheckInstanceResult": {
        "Deletable": true,
        "RestrictScenarios": []
      },
      "RequestId": "[id]"
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_goes_at_once_and_with_it_later_every_row() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let default = Instance::default_of(&admin).await;
    create(&eds, &["alice"]).await;
    let indexed = searched(&server.home).await;
    let corp = Instance::described(&admin, "corp").await;
    let slot = number(&server.home, "select slot from directories where description = 'corp'").await;
    let kept = Instance::described(&admin, "kept").await;
    // More than one step of the sweep.
    fill(&admin, &corp, 1_100).await;
    let before = leftovers(&server.home).await;
    let events = number(&server.home, "select count(*) from events").await;
    let picture = default.picture(&admin).await;
    for table in [
        "users",
        "units",
        "identities",
        "user_texts",
        "user_values",
        "configurations",
        "outbox",
        "client_tokens",
    ] {
        assert!(before.contains(&table.to_owned()), "{table} is filled: {before:?}");
    }

    corp.done(&admin, "DeleteInstance", &[]).await;

    let unknown = format!("404 ResourceNotFound.Instance {}", corp.id);
    for action in ["GetInstance", "ListUsers", "DeleteInstance", "GetPasswordComplexityConfiguration"] {
        is_refused(&admin, action, &[("InstanceId", &corp.id)], &unknown).await;
    }
    let user = corp.user("late");
    refused(&admin.send(&user).await.expect_err("it is gone"), &unknown, "CreateUser");
    assert_eq!(found(&admin, &ListInstances::default()).await, [&default.id, &kept.id].map(String::as_str));
    delete(&admin, &kept.id).await;
    until("the sweep clears it", async || leftovers(&server.home).await.is_empty()).await;
    until("its row goes last", async || number(&server.home, "select count(*) from directories").await == 1)
        .await;
    assert_eq!(leftovers(&server.home).await, Vec::<String>::new());
    assert_eq!(searched(&server.home).await, indexed, "nothing of it is searched any more");
    let audit = number(&server.home, "select count(*) from events").await;
    assert!(audit > events, "the audit trail stays: {events} and {audit}");
    assert_eq!(default.picture(&admin).await, picture, "other instances are as they were");

    let again = Instance::described(&admin, "again").await;
    assert_ne!(again.id, corp.id);
    let reused = number(&server.home, "select slot from directories where description = 'again'").await;
    assert_eq!(reused, slot, "the smallest free one");
    again.make_user(&admin, "user_0").await;
    assert_eq!(again.everybody(&admin).await, ["user_0"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stop_leaves_of_a_removed_instance_goes_after_the_next_start() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::make(&admin).await;
    fill(&admin, &corp, 60).await;
    corp.done(&admin, "DeleteInstance", &[]).await;

    let server = server.restart().await;

    let admin = server.administrator().eiam();
    is_refused(
        &admin,
        "GetInstance",
        &[("InstanceId", &corp.id)],
        &format!("404 ResourceNotFound.Instance {}", corp.id),
    )
    .await;
    until("the sweep clears it", async || {
        leftovers(&server.home).await.is_empty()
            && number(&server.home, "select count(*) from directories").await == 1
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_made_while_an_instance_goes_goes_with_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let other = server.administrator().eiam();
    for round in 0..5 {
        let corp = Instance::make(&admin).await;
        let making = async {
            let mut refusals = Vec::new();
            for number in 0..20 {
                if let Err(fault) = other.send(&corp.user(&format!("user_{number}"))).await {
                    refusals.push(fault.brief());
                }
            }
            refusals
        };
        let going = async {
            corp.make_user(&admin, "early").await;
            delete(&admin, &corp.id).await;
        };
        let (refusals, ()) = tokio::join!(making, going);
        assert!(
            refusals.iter().all(|code| code == "404 ResourceNotFound.Instance"),
            "round {round}: {refusals:?}"
        );
    }
    until("the sweep clears them", async || {
        leftovers(&server.home).await.is_empty()
            && number(&server.home, "select count(*) from directories").await == 1
    })
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_s_instance_is_not_there() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let default = Instance::default_of(&admin).await;
    let theirs = Instance::described(&admin, "theirs").await;
    let alice = theirs.make_user(&admin, "alice").await;
    let bob = default.make_user(&admin, "bob").await;
    let flags = server.home.flags();
    let arguments: Vec<&str> =
        ["access-key", "create"].into_iter().chain(flags.iter().map(String::as_str)).collect();
    let done = roster(&arguments);
    let word = |name: &str| {
        let line = done.out.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last()).expect("it is printed").to_owned()
    };
    let (key, secret) = (word("AccessKeyId:"), word("AccessKeySecret:"));
    let second = "1000000000000002";
    execute(
        &server.home,
        &format!(
            "insert into accounts (uid, name, created) values ({second}, 'second', 0);
             update directories set account = {second}, default_of = {second} where description = 'theirs';
             update access_keys set account = {second} where id = '{key}';"
        ),
    )
    .await;
    let server = server.restart().await;
    let admin = server.administrator().eiam();
    let they = admin.with_key(&key, &secret);

    for (action, parameters) in IN_AN_INSTANCE {
        for (client, id) in [(&admin, &theirs.id), (&they, &default.id)] {
            let all = [&[("InstanceId", id.as_str())], parameters].concat();
            is_refused(client, action, &all, &format!("404 ResourceNotFound.Instance {id}")).await;
        }
    }
    assert_eq!(found(&admin, &ListInstances::default()).await, [default.id.as_str()]);
    assert_eq!(found(&they, &ListInstances::default()).await, [theirs.id.as_str()]);
    let both =
        ListInstances { instance_ids: Some(texts(&[&default.id, &theirs.id])), ..ListInstances::default() };
    assert_eq!(found(&admin, &both).await, [default.id.as_str()]);
    assert_eq!(theirs.everybody(&they).await, ["alice"]);
    // Whoever has an id of the other account's still finds nobody by it.
    for (client, corp, user) in [(&admin, &default, &alice), (&they, &theirs, &bob)] {
        assert!(!corp.has_user(client, user).await);
    }
    for number in 0..MOST {
        make(&admin, &format!("ours {number}"), None).await.expect("theirs are not counted");
    }
    assert_eq!(make(&admin, "", None).await.map_err(|fault| fault.status), Err(403));
    make(&they, "theirs too", None).await.expect("ours are not counted");
    server.stop().await;
}
