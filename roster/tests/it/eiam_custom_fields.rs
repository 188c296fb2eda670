//! Custom fields: made, shown, filled in, kept secret, taken out of use and removed.
//!
//! Source: `reference/eiam.md`, 10; `reference/doors.md` §1.3 and §2.1.

use api::eiam::{
    CreateCustomField, CreateUser, CustomFieldChange, FieldDataType, FieldDisplayType, FieldOperation,
    Status, UpdateUser,
};
use serde_json::{Value, json};

use crate::support::{
    Client, Fault, Home, Instance, NOW, Server, choices, field_values, is_refused, make, make_eiam_user,
    make_field, make_property, new_user, number, refused, remove, text, told, until, values_of,
};

/// A well-formed id that is no field's.
const NOTHING: &str = "ufd_dfizzgsafjod6cnhdpsnecdok4";

/// Makes a user with these values.
async fn create_with(
    admin: &Client,
    corp: &Instance,
    name: &str,
    values: &[(&str, &str)],
) -> Result<String, Fault> {
    let request = CreateUser { custom_fields: field_values(values), ..corp.user(name) };
    admin.send(&request).await.map(|made| made.user_id)
}

/// Gives a user a value, or another one.
async fn fill(admin: &Client, corp: &Instance, user: &str, name: &str, value: &str) -> Result<(), Fault> {
    change(admin, corp, user, name, Some(value), FieldOperation::Replace).await
}

/// Takes a user's value away.
async fn clear(admin: &Client, corp: &Instance, user: &str, name: &str) -> Result<(), Fault> {
    change(admin, corp, user, name, None, FieldOperation::Remove).await
}

async fn change(
    admin: &Client,
    corp: &Instance,
    user: &str,
    name: &str,
    value: Option<&str>,
    operation: FieldOperation,
) -> Result<(), Fault> {
    let field_value = value.map(str::to_owned);
    let change = CustomFieldChange { field_name: name.to_owned(), field_value, operation };
    let request = UpdateUser {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        custom_fields: Some(vec![change].try_into().expect("one")),
        ..UpdateUser::default()
    };
    admin.send(&request).await.map(|_| ())
}

/// What a user has, as `name=value`.
async fn has(admin: &Client, corp: &Instance, user: &str) -> Vec<String> {
    values_of(&corp.get_user(admin, user).await)
}

/// The one value that a user has, as a list of texts in the order of the alphabet.
async fn several(admin: &Client, corp: &Instance, user: &str) -> Vec<String> {
    let fields = corp.get_user(admin, user).await.custom_fields;
    let value = fields[0].field_value.as_deref().expect("an answer has it");
    let mut values: Vec<String> = serde_json::from_str(value).expect("several values are a JSON list");
    values.sort_unstable();
    values
}

/// A number field.
fn number_field(corp: &Instance, name: &str) -> CreateCustomField {
    CreateCustomField { field_data_type: FieldDataType::Number, ..corp.field(name) }
}

/// A field that is true or false.
fn truth_field(corp: &Instance, name: &str) -> CreateCustomField {
    CreateCustomField {
        field_display_type: FieldDisplayType::Select,
        field_data_type: FieldDataType::Boolean,
        ..corp.field(name)
    }
}

/// Whether the test's own database holds a text anywhere: in its files, or in the rows of any table.
async fn holds(home: &Home, sought: &str) -> bool {
    match &home.serve.house.place {
        store::Place::File(path) => {
            let folder = path.parent().expect("it lies in a folder");
            let mut found = false;
            for file in std::fs::read_dir(folder).expect("the folder is there") {
                let path = file.expect("it is listed").path();
                let bytes =
                    if path.is_file() { std::fs::read(&path).expect("it can be read") } else { Vec::new() };
                found |= bytes.windows(sought.len()).any(|window| window == sought.as_bytes());
            }
            found
        }
        store::Place::Url(_) => {
            let tables = "select string_agg(quote_ident(table_name), ',') from information_schema.tables
                 where table_schema = 'public'";
            for table in text(home, tables).await.split(',') {
                let rows = format!("select count(*) from {table} as t where t::text like '%{sought}%'");
                if number(home, &rows).await > 0 {
                    return true;
                }
            }
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;

    let made = corp
        .call(
            &admin,
            "CreateCustomField",
            &[
                ("EntityType", "user"),
                ("FieldName", "field_001"),
                ("FieldDisplayName", "等级 & grade"),
                ("FieldDisplayType", "select"),
                ("FieldDataType", "string"),
                ("DefaultValue", "b"),
                ("FieldDataConfig.Items.1.DisplayName", "甲"),
                ("FieldDataConfig.Items.1.Value", "a"),
                ("FieldDataConfig.Items.2.Value", "b"),
                ("FieldDataConfig.Items.2.Status", "enabled"),
                ("FieldDataConfig.Items.3.DisplayName", "丙"),
                ("FieldDataConfig.Items.3.Value", "c"),
                ("FieldDataConfig.Items.3.Status", "disabled"),
                ("Required", "True"),
                ("Unique", "False"),
                ("Encrypted", "True"),
                ("UserPermission", "read_write"),
                ("Description", "第一行\n\t& <second>"),
            ],
        )
        .await;
    let grade = made.json()["FieldId"].as_str().expect("an id").to_owned();
    server.pass(1_000);
    let plain = make_field(&admin, &corp.field("plain")).await;

    for id in [&grade, &plain] {
        let digits = id.strip_prefix("ufd_").expect("its prefix");
        assert!(digits.len() == 26 && digits.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')), "{id}");
    }
    let (now, later) = (NOW.to_string(), (NOW + 1_000).to_string());
    let ids = [
        (grade.as_str(), "grade"),
        (plain.as_str(), "plain"),
        (&corp.id, "corp"),
        (&now, "now"),
        (&later, "later"),
    ];
    insta::assert_json_snapshot!(told(&made, &ids), @r#"
    {
      "FieldId": "[grade]",
      "RequestId": "[id]"
    }
    "#);
    let shown = corp.call(&admin, "GetCustomField", &[("FieldId", &grade)]).await;
    insta::assert_json_snapshot!(told(&shown, &ids), @r#"
    {
      "CustomField": {
        "CreateTime": "[now]",
        "DefaultValue": "b",
        "Description": "第一行\n\t& <second>",
        "Encrypted": true,
        "EntityType": "user",
        "FieldDataConfig": {
          "Items": [
            {
              "DisplayName": "甲",
              "Status": "enabled",
              "Value": "a"
            },
            {
              "DisplayName": "b",
              "Status": "enabled",
              "Value": "b"
            },
            {
              "DisplayName": "丙",
              "Status": "disabled",
              "Value": "c"
            }
          ]
        },
        "FieldDataType": "string",
        "FieldDisplayName": "等级 & grade",
        "FieldDisplayType": "select",
        "FieldId": "[grade]",
        "FieldName": "field_001",
        "InstanceId": "[corp]",
        "Required": true,
        "Status": "enabled",
        "Unique": false,
        "UpdateTime": "[now]",
        "UserPermission": "read_write"
      },
      "RequestId": "[id]"
    }
    "#);
    let shown = corp.call(&admin, "GetCustomField", &[("FieldId", &plain)]).await;
    insta::assert_json_snapshot!(told(&shown, &ids), @r#"
    {
      "CustomField": {
        "CreateTime": "[later]",
        "Encrypted": false,
        "EntityType": "user",
        "FieldDataType": "string",
        "FieldDisplayName": "The plain",
        "FieldDisplayType": "input",
        "FieldId": "[plain]",
        "FieldName": "plain",
        "InstanceId": "[corp]",
        "Required": false,
        "Status": "enabled",
        "Unique": false,
        "UpdateTime": "[later]",
        "UserPermission": "hide"
      },
      "RequestId": "[id]"
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_typed_or_chosen_a_number_typed_and_a_truth_chosen() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let allowed = [
        ("input", "string"),
        ("input", "number"),
        ("select", "string"),
        ("select", "boolean"),
        ("checkbox", "string"),
    ];
    for display in ["input", "select", "checkbox"] {
        for data in ["string", "number", "boolean"] {
            let name = format!("{display}_{data}");
            let mut parameters = vec![
                ("EntityType", "user"),
                ("FieldName", &name),
                ("FieldDisplayName", &name),
                ("FieldDisplayType", display),
                ("FieldDataType", data),
            ];
            if data == "string" && display != "input" {
                parameters.push(("FieldDataConfig.Items.1.Value", "a"));
            }
            let answer = corp.call(&admin, "CreateCustomField", &parameters).await;
            if allowed.contains(&(display, data)) {
                assert_eq!(answer.status, 200, "{name}: {}", answer.text());
                let field = answer.json()["FieldId"].as_str().expect("an id").to_owned();
                let shown = corp.ask(&admin, "GetCustomField", &[("FieldId", &field)]).await;
                let shown = &shown["CustomField"];
                assert_eq!(
                    (&shown["FieldDisplayType"], &shown["FieldDataType"]),
                    (&json!(display), &json!(data))
                );
            } else {
                refused(&answer.fault(), "400 InvalidParameter.FieldDataType", &name);
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_field_must_have_is_checked_and_nothing_is_made() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let good = [
        ("EntityType", "user"),
        ("FieldName", "good"),
        ("FieldDisplayName", "Good"),
        ("FieldDisplayType", "input"),
        ("FieldDataType", "string"),
    ];
    // The good parameters with others in their place, or without those that are `None`.
    let with = |changes: &[(&'static str, Option<&str>)]| -> Vec<(String, String)> {
        let kept = good.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let changed = changes.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
        kept.copied().chain(changed).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let is = |changes: &[(&'static str, Option<&str>)], refusal: &'static str| (with(changes), refusal);
    let (name41, text65, text129, text513, text1025) =
        ("a".repeat(41), "名".repeat(65), "名".repeat(129), "述".repeat(513), "值".repeat(1_025));
    let choose = [("FieldDisplayType", Some("select")), ("FieldDataConfig.Items.1.Value", Some("a"))];
    let also = |more: &[(&'static str, Option<&'static str>)]| [&choose[..], more].concat();

    let mut cases = vec![
        is(&[("EntityType", None)], "400 MissingParameter.EntityType"),
        is(&[("EntityType", Some("group"))], "400 InvalidParameter.EntityType"),
        is(&[("FieldName", None)], "400 MissingParameter.FieldName"),
        is(&[("FieldName", Some(""))], "400 MissingParameter.FieldName"),
        is(&[("FieldDisplayName", None)], "400 MissingParameter.FieldDisplayName"),
        is(&[("FieldDisplayName", Some(""))], "400 MissingParameter.FieldDisplayName"),
        is(&[("FieldDisplayName", Some(&text65))], "400 InvalidParameter.FieldDisplayName"),
        is(&[("FieldDisplayName", Some("a\nb"))], "400 InvalidParameter.FieldDisplayName"),
        is(&[("FieldDisplayType", None)], "400 MissingParameter.FieldDisplayType"),
        is(&[("FieldDisplayType", Some("number"))], "400 InvalidParameter.FieldDisplayType"),
        is(&[("FieldDataType", None)], "400 MissingParameter.FieldDataType"),
        is(&[("FieldDataType", Some("date"))], "400 InvalidParameter.FieldDataType"),
        is(&[("FieldDataType", Some("boolean"))], "400 InvalidParameter.FieldDataType"),
        is(&[("DefaultValue", Some(&text1025))], "400 InvalidParameter.DefaultValue"),
        is(&[("DefaultValue", Some("a\u{0}"))], "400 InvalidParameter.DefaultValue"),
        is(
            &[("FieldDataType", Some("number")), ("DefaultValue", Some("-1"))],
            "400 InvalidParameter.DefaultValue",
        ),
        is(&also(&[("DefaultValue", Some("b"))]), "400 InvalidParameter.DefaultValue"),
        is(
            &also(&[("FieldDataConfig.Items.1.Status", Some("disabled")), ("DefaultValue", Some("a"))]),
            "400 InvalidParameter.DefaultValue",
        ),
        is(&[("Required", Some("yes"))], "400 InvalidParameter.Required"),
        is(&[("Unique", Some("1"))], "400 InvalidParameter.Unique"),
        is(&[("Encrypted", Some("on"))], "400 InvalidParameter.Encrypted"),
        is(&[("UserPermission", Some("false"))], "400 InvalidParameter.UserPermission"),
        is(&[("Description", Some(&text513))], "400 InvalidParameter.Description"),
        is(&[("FieldDisplayType", Some("select"))], "400 MissingParameter.FieldDataConfig"),
        is(&[("FieldDisplayType", Some("checkbox"))], "400 MissingParameter.FieldDataConfig"),
        is(&[("FieldDataConfig.Items.1.Value", Some("a"))], "400 InvalidParameter.FieldDataConfig"),
        is(&also(&[("FieldDataConfig.Items.2.Value", Some("a"))]), "400 InvalidParameter.FieldDataConfig"),
        is(&also(&[("FieldDataConfig.Items.2.Value", Some(""))]), "400 MissingParameter.FieldDataConfig"),
        is(&also(&[("FieldDataConfig.Items.1.Status", Some("off"))]), "400 InvalidParameter.FieldDataConfig"),
        is(
            &[choose[0], ("FieldDataConfig.Items.1.Value", Some(&text65))],
            "400 InvalidParameter.FieldDataConfig",
        ),
        is(
            &[choose[0], choose[1], ("FieldDataConfig.Items.1.DisplayName", Some(&text129))],
            "400 InvalidParameter.FieldDataConfig",
        ),
        is(
            &[
                choose[0],
                ("FieldDataType", Some("boolean")),
                ("FieldDataConfig.Items.1.Value", Some("maybe")),
            ],
            "400 InvalidParameter.FieldDataConfig",
        ),
        is(
            &[("FieldName", Some("Bad")), ("FieldDisplayName", Some(&text65))],
            "400 InvalidParameter.FieldName",
        ),
        is(
            &[("FieldName", Some("Bad")), ("FieldDisplayName", None)],
            "400 MissingParameter.FieldDisplayName",
        ),
    ];
    for name in ["_a", "1a", "aB", "a-b", "a b", "a.b", "é", "岗位", &name41] {
        cases.push(is(&[("FieldName", Some(name))], "400 InvalidParameter.FieldName"));
    }
    let hundred_and_one: Vec<(String, String)> =
        (1..=101).map(|n| (format!("FieldDataConfig.Items.{n}.Value"), format!("v{n}"))).collect();
    let mut too_many = with(&[("FieldDisplayType", Some("checkbox"))]);
    too_many.extend(hundred_and_one.clone());
    cases.push((too_many, "400 InvalidParameter.FieldDataConfig"));

    for (parameters, refusal) in &cases {
        let mut all = vec![("InstanceId", corp.id.as_str())];
        all.extend(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        is_refused(&admin, "CreateCustomField", &all, refusal).await;
    }
    is_refused(&admin, "CreateCustomField", &good, "400 MissingParameter.InstanceId").await;
    assert_eq!(number(&server.home, "select count(*) from properties").await, 0);
    assert_eq!(number(&server.home, "select count(*) from property_items").await, 0);

    // The longest of everything.
    let (name40, text64, text128, text512) =
        ("a".repeat(40), "名".repeat(64), "名".repeat(128), "述".repeat(512));
    let mut widest = with(&[
        ("FieldName", Some(&name40)),
        ("FieldDisplayName", Some(&text64)),
        ("FieldDisplayType", Some("checkbox")),
        ("Description", Some(&text512)),
        ("DefaultValue", Some(r#"["v1","v99"]"#)),
        ("FieldDataConfig.Items.100.Value", Some(&text64)),
        ("FieldDataConfig.Items.100.DisplayName", Some(&text128)),
    ]);
    widest.extend(hundred_and_one[..99].to_vec());
    let widest: Vec<(&str, &str)> =
        widest.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let made = corp.ask(&admin, "CreateCustomField", &widest).await;
    let made = corp.get_field(&admin, made["FieldId"].as_str().expect("an id")).await;
    let items = made.field_data_config.expect("it has some").items;
    assert_eq!((items.len(), &items[99].value, &items[99].display_name), (100, &text64, &text128));
    assert_eq!((made.field_name, made.field_display_name), (name40, text64));
    assert_eq!((made.description, made.default_value.as_deref()), (Some(text512), Some(r#"["v1","v99"]"#)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_s_name_is_its_own_and_no_base_attribute_s() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    make_property(&eds, "Job", &["dev"]).await;
    let encrypted = CreateCustomField { encrypted: Some(true), ..corp.field("secret") };
    make_field(&admin, &encrypted).await;
    let old = make_field(&admin, &corp.field("old")).await;
    corp.done(&admin, "DisableCustomField", &[("FieldId", &old)]).await;

    for name in [
        "job",
        "secret",
        "old",
        "username",
        "email",
        "display_name",
        "phone_number",
        "phone_region",
        "description",
        "password",
    ] {
        let fault = admin.send(&corp.field(name)).await.expect_err("the name is taken");
        refused(&fault, "403 ResourceDuplicated.FieldName", name);
    }
    assert_eq!(number(&server.home, "select count(*) from properties").await, 3);
    make_field(&admin, &other.field("old")).await;
    corp.done(&admin, "DeleteCustomField", &[("FieldId", &old)]).await;
    make_field(&admin, &corp.field("old")).await;
    make_field(&admin, &corp.field("field_001")).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_takes_its_values_and_refuses_others() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let (longest, longer) = ("值".repeat(1_024), "值".repeat(1_025));
    let (digits, more_digits) = ("1".repeat(32), "1".repeat(33));
    make_field(&admin, &corp.field("text")).await;
    make_field(&admin, &number_field(&corp, "count")).await;
    make_field(&admin, &truth_field(&corp, "remote")).await;
    make_field(&admin, &corp.choice("grade", FieldDisplayType::Select, &["a", "b c", "-off"])).await;
    let alice = corp.make_user(&admin, "alice").await;

    for (name, fit, unfit) in [
        (
            "text",
            vec!["x", " 第一 & <b>\"\\ ", "[]", "true", longest.as_str()],
            vec!["a\nb", "a\u{0}", longer.as_str()],
        ),
        (
            "count",
            vec!["0", "1.0", "1", "007.50", digits.as_str()],
            vec!["-1", "+1", "1.", ".5", "1e3", "1,000", "١", "0x1", " 1", "1 ", "one", more_digits.as_str()],
        ),
        ("remote", vec!["true", "false"], vec!["True", "TRUE", "1", "yes", "true "]),
        ("grade", vec!["a", "b c"], vec!["A", "b", "off", "[\"a\"]", "a,b c", " a"]),
    ] {
        for value in fit {
            fill(&admin, &corp, &alice, name, value)
                .await
                .unwrap_or_else(|fault| panic!("{value}: {fault:?}"));
            assert!(has(&admin, &corp, &alice).await.contains(&format!("{name}={value}")), "{name}={value}");
        }
        let before = corp.picture(&admin).await;
        for value in unfit {
            let fault = fill(&admin, &corp, &alice, name, value).await.expect_err("it does not fit");
            refused(&fault, "400 InvalidParameter.CustomFields", &format!("{name}={value:.40}"));
            let made = create_with(&admin, &corp, "bob", &[(name, value)]).await;
            refused(&made.expect_err("it does not fit"), "400 InvalidParameter.CustomFields", value);
        }
        assert_eq!(corp.picture(&admin).await, before, "{name}");
    }
    assert_eq!(has(&admin, &corp, &alice).await.len(), 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_choices_are_a_json_list_also_of_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    make_field(
        &admin,
        &corp.choice("skills", FieldDisplayType::Checkbox, &["go", "rust", "c \"x\"", "-old"]),
    )
    .await;
    let alice = corp.make_user(&admin, "alice").await;

    for (given, expected) in [
        (r#"["rust","go"]"#, vec!["go", "rust"]),
        ("rust", vec!["rust"]),
        (r#"["go"]"#, vec!["go"]),
        (r#"["go","go","c \"x\""]"#, vec!["c \"x\"", "go"]),
        (r#" [ "go" , "rust" ] "#, vec!["go", "rust"]),
    ] {
        fill(&admin, &corp, &alice, "skills", given)
            .await
            .unwrap_or_else(|fault| panic!("{given}: {fault:?}"));
        assert_eq!(several(&admin, &corp, &alice).await, expected, "{given}");
    }
    let before = corp.picture(&admin).await;
    for given in
        [r#"["go","php"]"#, "php", r#"["old"]"#, "old", r#"["go",1]"#, r#"{"a":"go"}"#, "go,rust", "GO"]
    {
        let fault = fill(&admin, &corp, &alice, "skills", given).await.expect_err("it does not fit");
        refused(&fault, "400 InvalidParameter.CustomFields", given);
    }
    assert_eq!(corp.picture(&admin).await, before);
    fill(&admin, &corp, &alice, "skills", "[]").await.expect("none is a number of choices too");
    assert_eq!(has(&admin, &corp, &alice).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_fields_are_looked_up_and_each_is_given_once() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    make_field(&admin, &corp.field("nick")).await;
    make_field(&admin, &other.field("elsewhere")).await;
    let (value, named) = (("CustomFields.1.FieldValue", "x"), "CustomFields.1.FieldName");

    let fields: [(&[(&str, &str)], &str); 6] = [
        (&[(named, "nobody"), value], "404 ResourceNotFound.CustomField nobody"),
        (&[(named, "elsewhere"), value], "404 ResourceNotFound.CustomField elsewhere"),
        (&[value], "400 MissingParameter.CustomFields"),
        (&[(named, ""), value], "400 MissingParameter.CustomFields"),
        (
            &[
                (named, "nick"),
                value,
                ("CustomFields.2.FieldName", "nick"),
                ("CustomFields.2.FieldValue", "y"),
            ],
            "400 InvalidParameter.CustomFields",
        ),
        (
            &[(named, "nick"), value, ("CustomFields.2.FieldName", "no"), ("CustomFields.2.FieldValue", "y")],
            "404 ResourceNotFound.CustomField no",
        ),
    ];
    let alice = corp.make_user(&admin, "alice").await;
    for (fields, refusal) in fields {
        let made = [&[("Username", "bob"), ("PrimaryOrganizationalUnitId", &corp.root)], fields].concat();
        corp.refuses(&admin, "CreateUser", &[(&made, refusal)]).await;
        let changed = [&[("UserId", alice.as_str())], fields].concat();
        corp.refuses(&admin, "UpdateUser", &[(&changed, refusal)]).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_is_demanded_by_this_door_and_a_default_stands_in() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let early = corp.make_user(&admin, "early").await;
    let job = CreateCustomField { required: Some(true), ..corp.field("job") };
    let job = make_field(&admin, &job).await;
    let level = CreateCustomField {
        required: Some(true),
        default_value: Some("1.5".to_owned()),
        ..number_field(&corp, "level")
    };
    make_field(&admin, &level).await;
    let skills = CreateCustomField {
        default_value: Some(r#"["go","rust"]"#.to_owned()),
        ..corp.choice("skills", FieldDisplayType::Checkbox, &["go", "rust", "c"])
    };
    make_field(&admin, &skills).await;
    let remote = CreateCustomField { default_value: Some("true".to_owned()), ..truth_field(&corp, "remote") };
    make_field(&admin, &remote).await;

    assert_eq!(has(&admin, &corp, &early).await, Vec::<String>::new(), "who was there before has nothing");
    for values in [&[][..], &[("job", "")], &[("level", "2")]] {
        let fault = create_with(&admin, &corp, "bob", values).await.expect_err("the job is missing");
        refused(&fault, "400 MissingParameter.CustomFields", &format!("{values:?}"));
    }
    let alice =
        create_with(&admin, &corp, "alice", &[("job", "dev"), ("skills", "c")]).await.expect("all is there");
    let mut of_alice = has(&admin, &corp, &alice).await;
    of_alice.sort_unstable();
    assert_eq!(of_alice, ["job=dev", "level=1.5", "remote=true", r#"skills=["c"]"#]);

    // eds demands nothing, and stores the defaults as well.
    make(&eds, vec![new_user("carol")]).await;
    let listed = corp.ask(&admin, "ListUsers", &[("UsernameStartsWith", "carol")]).await;
    let carol = listed["Users"][0]["UserId"].as_str().expect("an id").to_owned();
    let mut of_carol = has(&admin, &corp, &carol).await;
    of_carol.sort_unstable();
    assert_eq!(of_carol, ["level=1.5", "remote=true", r#"skills=["go","rust"]"#]);

    // What is required is not taken away, but who never had it may go without.
    let fault = clear(&admin, &corp, &alice, "job").await.expect_err("she must have one");
    refused(&fault, "400 MissingParameter.CustomFields", "job");
    clear(&admin, &corp, &alice, "remote").await.expect("it is not required");
    clear(&admin, &corp, &carol, "remote").await.expect("it is not required");
    fill(&admin, &corp, &alice, "job", "ops").await.expect("it may change");
    // A field that is out of use demands nothing.
    corp.done(&admin, "DisableCustomField", &[("FieldId", &job)]).await;
    create_with(&admin, &corp, "dave", &[]).await.expect("nothing is missing");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_value_is_one_user_s() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let unique = |request: CreateCustomField, encrypted: bool| CreateCustomField {
        unique: Some(true),
        encrypted: Some(encrypted),
        ..request
    };
    let choice = |name: &str, kind| corp.choice(name, kind, &["one", "two"]);
    make_field(&admin, &unique(corp.field("badge"), false)).await;
    make_field(&admin, &unique(corp.field("secret"), true)).await;
    make_field(&admin, &unique(number_field(&corp, "desk"), false)).await;
    make_field(&admin, &unique(choice("seat", FieldDisplayType::Select), false)).await;
    make_field(&admin, &unique(choice("keys", FieldDisplayType::Checkbox), true)).await;
    make_field(&admin, &unique(other.field("badge"), false)).await;
    let alice = corp.make_user(&admin, "alice").await;
    let bob = corp.make_user(&admin, "bob").await;

    for (name, hers, free) in [
        ("badge", "B-1", "b-1"),
        ("secret", "S-1", "s-1"),
        ("desk", "1", "1.0"),
        ("seat", "one", "two"),
        ("keys", r#"["two","one"]"#, r#"["one"]"#),
    ] {
        fill(&admin, &corp, &alice, name, hers).await.expect("nobody has it");
        fill(&admin, &corp, &alice, name, hers).await.expect("it is her own");
        let taken = "403 ResourceDuplicated.CustomFieldValue";
        let mut spellings = vec![hers];
        if name == "keys" {
            spellings.push(r#"["one","two","one"]"#);
        }
        for spelling in spellings {
            let fault = fill(&admin, &corp, &bob, name, spelling).await.expect_err("it is hers");
            refused(&fault, taken, name);
            let fault =
                create_with(&admin, &corp, "carol", &[(name, spelling)]).await.expect_err("it is hers");
            refused(&fault, taken, name);
        }
        fill(&admin, &corp, &bob, name, free).await.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));

        // What is left is free: by another value, by taking it away, by leaving altogether.
        clear(&admin, &corp, &alice, name).await.expect("she has it");
        fill(&admin, &corp, &bob, name, hers).await.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        fill(&admin, &corp, &alice, name, free).await.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        let gone = format!("gone_{name}");
        clear(&admin, &corp, &alice, name).await.expect("she has it");
        create_with(&admin, &corp, &gone, &[(name, free)]).await.expect("it is free");
        remove(&eds, &[&gone]).await;
        fill(&admin, &corp, &alice, name, free).await.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        clear(&admin, &corp, &bob, name).await.expect("he has it");
        clear(&admin, &corp, &alice, name).await.expect("she has it");
    }
    create_with(&admin, &corp, "dave", &[("badge", "B-1")]).await.expect("it is free");
    create_with(&admin, &other, "dave", &[("badge", "B-1")]).await.expect("it is free there");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_take_a_unique_value_at_once_one_does() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let other = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    for (name, encrypted) in [("badge", false), ("secret", true)] {
        let field = CreateCustomField { unique: Some(true), encrypted: Some(encrypted), ..corp.field(name) };
        make_field(&admin, &field).await;
    }
    let alice = corp.make_user(&admin, "alice").await;
    for round in 0..10 {
        let value = format!("value {round}");
        let name = if round % 2 == 0 { "badge" } else { "secret" };
        let bob = format!("bob_{round}");
        let bob = create_with(&other, &corp, &bob, &[]);
        let bob = bob.await.expect("nothing is in the way");
        let (hers, his) =
            tokio::join!(fill(&admin, &corp, &alice, name, &value), fill(&other, &corp, &bob, name, &value));
        let fault = match (hers, his) {
            (Ok(()), Err(fault)) | (Err(fault), Ok(())) => fault,
            both => panic!("round {round}: {both:?}"),
        };
        refused(&fault, "403 ResourceDuplicated.CustomFieldValue", &value);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_values_lie_nowhere_as_they_are() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let encrypted = |request| CreateCustomField { encrypted: Some(true), ..request };
    make_field(&admin, &corp.field("open")).await;
    make_field(&admin, &encrypted(corp.field("secret"))).await;
    make_field(&admin, &encrypted(CreateCustomField { unique: Some(true), ..corp.field("passport") })).await;
    make_field(&admin, &encrypted(number_field(&corp, "salary"))).await;
    make_field(&admin, &encrypted(truth_field(&corp, "veteran"))).await;
    let checkbox = corp.choice("ailments", FieldDisplayType::Checkbox, &["hayfever", "gout"]);
    make_field(&admin, &encrypted(checkbox)).await;
    let alice = [
        ("open", "openly-written"),
        ("secret", "gorse-thicket"),
        ("passport", "E-73951846"),
        ("salary", "98765432.125"),
        ("veteran", "true"),
        ("ailments", r#"["gout","hayfever"]"#),
    ];
    let request = CreateUser {
        custom_fields: field_values(&alice),
        client_token: Some("token".to_owned()),
        ..corp.user("alice")
    };
    let alice = make_eiam_user(&admin, &request).await;
    let bob = create_with(&admin, &corp, "bob", &[("secret", "gorse-thicket")]).await.expect("not unique");
    fill(&admin, &corp, &bob, "secret", "second-thicket").await.expect("it may change");
    fill(&admin, &corp, &bob, "secret", "gorse-thicket").await.expect("it may change");

    let mut shown = has(&admin, &corp, &alice).await;
    shown.sort_unstable();
    let mut several = several_of(&shown, "ailments");
    several.sort_unstable();
    assert_eq!(several, ["gout", "hayfever"]);
    shown.retain(|value| !value.starts_with("ailments="));
    assert_eq!(
        shown,
        [
            "open=openly-written",
            "passport=E-73951846",
            "salary=98765432.125",
            "secret=gorse-thicket",
            "veteran=true"
        ]
    );
    let home = &server.home;
    assert!(holds(home, "openly-written").await, "what is not encrypted is found");
    for secret in ["gorse-thicket", "second-thicket", "E-73951846", "98765432.125"] {
        assert!(!holds(home, secret).await, "{secret} is found");
    }
    assert_eq!(number(home, "select count(*) from user_values").await, 0, "choices would tell them");
    let told = "select count(*) from user_texts where value like '%gout%' or value = 'true'";
    assert_eq!(number(home, told).await, 0);
    let same = "select count(distinct value) from user_texts where property =
         (select number from properties where name = 'secret')";
    assert_eq!(number(home, same).await, 2, "the same value of two users lies there twice, differently");

    // They survive the process, and the file of keys is what opens them.
    let server = server.restart().await;
    let admin = server.administrator().eiam();
    assert_eq!(has(&admin, &corp, &bob).await, ["secret=gorse-thicket"]);
    let fault = fill(&admin, &corp, &bob, "passport", "E-73951846").await.expect_err("it is hers");
    refused(&fault, "403 ResourceDuplicated.CustomFieldValue", "passport");
    server.stop().await;
}

/// The values of the field in `name=["a","b"]`.
fn several_of(values: &[String], name: &str) -> Vec<String> {
    let value = values.iter().find_map(|value| value.strip_prefix(&format!("{name}=")));
    serde_json::from_str(value.expect("it has one")).expect("several values are a JSON list")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_out_of_use_is_unseen_and_its_values_come_back_with_it() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let nick = make_field(&admin, &corp.field("nick")).await;
    let secret = CreateCustomField { encrypted: Some(true), ..corp.field("secret") };
    let secret = make_field(&admin, &secret).await;
    let grade = make_field(&admin, &corp.choice("grade", FieldDisplayType::Select, &["a", "b"])).await;
    let values = [("nick", "al"), ("secret", "s"), ("grade", "b")];
    let alice = create_with(&admin, &corp, "alice", &values).await.expect("they fit");
    let before = corp.picture(&admin).await;

    for (field, name, value) in [(&nick, "nick", "x"), (&secret, "secret", "x"), (&grade, "grade", "a")] {
        let id = [("FieldId", field.as_str())];
        let status = async || {
            let shown = corp.ask(&admin, "GetCustomField", &id).await;
            (shown["CustomField"]["Status"].clone(), shown["CustomField"]["UpdateTime"].clone())
        };
        corp.done(&admin, "EnableCustomField", &id).await;
        assert_eq!(status().await, (json!("enabled"), json!(NOW)), "it was in use already");
        server.pass(1_000);
        let at = json!(server.home.clock.now().0);
        corp.done(&admin, "DisableCustomField", &id).await;
        assert_eq!(status().await, (json!("disabled"), at.clone()));
        server.pass(1_000);
        corp.done(&admin, "DisableCustomField", &id).await;
        assert_eq!(status().await, (json!("disabled"), at), "it was out of use already");

        assert_eq!(has(&admin, &corp, &alice).await.len(), 2);
        assert!(!has(&admin, &corp, &alice).await.iter().any(|value| value.starts_with(name)));
        let unknown = format!("404 ResourceNotFound.CustomField {name}");
        let fault = fill(&admin, &corp, &alice, name, value).await.expect_err("it is out of use");
        refused(&fault, &unknown, name);
        let fault = create_with(&admin, &corp, "bob", &[(name, value)]).await.expect_err("it is out of use");
        refused(&fault, &unknown, name);

        corp.done(&admin, "EnableCustomField", &id).await;
        assert_eq!(status().await.0, json!("enabled"));
        assert_eq!(corp.picture(&admin).await, before, "all values are back");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_goes_with_everybody_s_values() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let kinds = [
        corp.field("nick"),
        CreateCustomField { encrypted: Some(true), ..corp.field("secret") },
        corp.choice("grade", FieldDisplayType::Select, &["a", "b"]),
        corp.choice("skills", FieldDisplayType::Checkbox, &["a", "b"]),
        CreateCustomField { unique: Some(true), ..corp.field("badge") },
    ];
    let mut fields = Vec::new();
    for kind in &kinds {
        fields.push(make_field(&admin, kind).await);
    }
    let values =
        [("nick", "al"), ("secret", "s"), ("grade", "b"), ("skills", r#"["a","b"]"#), ("badge", "1")];
    let alice = create_with(&admin, &corp, "alice", &values).await.expect("they fit");
    create_with(&admin, &corp, "bob", &values[..4]).await.expect("they fit");
    corp.done(&admin, "DisableCustomField", &[("FieldId", &fields[0])]).await;

    for field in &fields {
        let id = [("FieldId", field.as_str())];
        corp.done(&admin, "DeleteCustomField", &id).await;
        let unknown = format!("404 ResourceNotFound.CustomField {field}");
        for action in ["DeleteCustomField", "GetCustomField", "EnableCustomField", "DisableCustomField"] {
            corp.refuses(&admin, action, &[(&id, &unknown)]).await;
        }
    }
    assert_eq!(has(&admin, &corp, &alice).await, Vec::<String>::new());
    let listed = eds.call("ListProperty", &[]).await.json();
    assert_eq!(listed["Properties"], json!([]));

    // The same names again: nobody has values, and what was unique is free.
    for kind in &kinds {
        make_field(&admin, kind).await;
    }
    assert_eq!(has(&admin, &corp, &alice).await, Vec::<String>::new());
    create_with(&admin, &corp, "carol", &values).await.expect("they fit");
    // What was left of the values goes a little later.
    let left = "select (select count(*) from user_values) + (select count(*) from user_texts)";
    until("the values of fields that are gone go", async || number(&server.home, left).await == 6).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_field_s_own_id_in_its_instance_names_it() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let nick = make_field(&admin, &corp.field("nick")).await;
    let elsewhere = make_field(&admin, &other.field("nick")).await;
    let (property, _) = make_property(&eds, "job", &["dev"]).await;
    let digits = nick.strip_prefix("ufd_").expect("its prefix");
    let strangers = [
        NOTHING.to_owned(),
        elsewhere,
        property.to_string(),
        corp.make_group(&admin, "group").await,
        format!("group_{digits}"),
        digits.to_owned(),
        nick.to_uppercase(),
        format!("{nick}a"),
        nick[..nick.len() - 1].to_owned(),
        format!("{}b", &nick[..nick.len() - 1]),
        "nick".to_owned(),
        "job".to_owned(),
    ];
    for action in ["GetCustomField", "EnableCustomField", "DisableCustomField", "DeleteCustomField"] {
        for id in &strangers {
            let parameters = [("InstanceId", corp.id.as_str()), ("FieldId", id.as_str())];
            is_refused(&admin, action, &parameters, &format!("404 ResourceNotFound.CustomField {id}")).await;
        }
        let missing = "400 MissingParameter.FieldId";
        corp.refuses(&admin, action, &[(&[], missing), (&[("FieldId", "")], missing)]).await;
        is_refused(&admin, action, &[("FieldId", &nick)], "400 MissingParameter.InstanceId").await;
        let nowhere = "idaas_dfizzgsafjod6cnhdpsnecdok4";
        let parameters = [("InstanceId", nowhere), ("FieldId", nick.as_str())];
        is_refused(&admin, action, &parameters, &format!("404 ResourceNotFound.Instance {nowhere}")).await;
    }
    assert_eq!(corp.get_field(&admin, &nick).await.status, Status::Enabled);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_may_be_more_fields_than_eds_may_make() {
    let server = Server::start().await;
    let eds = server.administrator();
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    for number in 0..12 {
        make_field(&admin, &corp.field(&format!("field_{number}"))).await;
    }
    let listed: Value = eds.call("ListProperty", &[]).await.json();
    assert_eq!(listed["Properties"].as_array().expect("a list").len(), 12);
    assert_eq!(
        eds.call("CreateProperty", &[("PropertyKey", "x")]).await.refusal(),
        "400 QuotaExceeded.Property"
    );
    let values: Vec<(String, String)> = (0..12).map(|n| (format!("field_{n}"), format!("v{n}"))).collect();
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let alice = create_with(&admin, &corp, "alice", &values).await.expect("they fit");
    assert_eq!(has(&admin, &corp, &alice).await.len(), 12);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truth_may_offer_its_two_values_by_other_words() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let request =
        CreateCustomField { field_data_config: choices(&["true", "false"]), ..truth_field(&corp, "remote") };
    let remote = make_field(&admin, &request).await;
    let items = corp.get_field(&admin, &remote).await.field_data_config.map(|config| config.items.len());
    assert_eq!(items, Some(2));
    let alice = create_with(&admin, &corp, "alice", &[("remote", "false")]).await.expect("it fits");
    assert_eq!(has(&admin, &corp, &alice).await, ["remote=false"]);
    server.stop().await;
}
