//! Values of custom fields that users are made with.
//!
//! Source: `reference/eiam.md`, 4.4 and 10.2; `reference/doors.md` §1.3.

use api::eiam::{CreateCustomField, CreateUser, DisableCustomField, FieldDataType, FieldDisplayType};

use crate::eiam_users_create::{fails, refuses};
use crate::support::{
    Instance, Server, choices, field_values, make_eiam_user, make_field, make_property, person,
    properties_of, rows, values_of,
};

/// A field of a kind, and values that it takes, each with how it is shown then, and does not take.
type Taken<'a> = (CreateCustomField, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_field_takes_the_values_of_its_kind() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let (digits, longer) = ("1".repeat(32), "1".repeat(33));
    let text = "字".repeat(1_024);
    let longer_text = "字".repeat(1_025);
    let chosen = |name: &str, display, data, values: &[&str]| CreateCustomField {
        field_display_type: display,
        field_data_type: data,
        field_data_config: choices(values),
        ..instance.field(name)
    };
    let cases: [Taken<'_>; 5] = [
        (
            instance.field("motto"),
            &[(" a b ", " a b "), (&text, &text), (r#"["a"]"#, r#"["a"]"#)],
            &[&longer_text, "a\nb", "a\u{0}"],
        ),
        (
            CreateCustomField { field_data_type: FieldDataType::Number, ..instance.field("age") },
            &[("10", "10"), ("0", "0"), ("007", "007"), ("0.50", "0.50"), (&digits, &digits)],
            &["-1", "+1", "1.", ".5", "1e5", "ten", "1,5", " 1", "１", &longer],
        ),
        (
            CreateCustomField {
                field_display_type: FieldDisplayType::Select,
                field_data_type: FieldDataType::Boolean,
                ..instance.field("remote")
            },
            &[("true", "true"), ("false", "false")],
            &["yes", "1", "truth"],
        ),
        (
            chosen("grade", FieldDisplayType::Select, FieldDataType::String, &["one", "-old", "two"]),
            &[("one", "one"), ("two", "two")],
            &["One", "three", "old", r#"["one"]"#, "one,two"],
        ),
        (
            chosen("skills", FieldDisplayType::Checkbox, FieldDataType::String, &["go", "-c", "rust", "sql"]),
            &[
                ("rust", r#"["rust"]"#),
                (r#"["sql"]"#, r#"["sql"]"#),
                (r#"["rust","go","rust"]"#, r#"["go","rust"]"#),
                (r#" [ "go", "rust", "sql" ] "#, r#"["go","rust","sql"]"#),
            ],
            &["Rust", "c", r#"["rust","c"]"#, r#"["rust",1]"#, r#"["rust""#, "rust,go"],
        ),
    ];
    let mut made = 0;
    for encrypted in [false, true] {
        for (field, takes, refuses_all) in &cases {
            let name = format!("{}{}", field.field_name, if encrypted { "_s" } else { "" });
            let field =
                CreateCustomField { field_name: name.clone(), encrypted: Some(encrypted), ..field.clone() };
            make_field(&admin, &field).await;
            for (value, shown) in *takes {
                made += 1;
                let request = CreateUser {
                    custom_fields: field_values(&[(&name, value)]),
                    ..instance.user(&format!("user-{made}"))
                };
                let id = make_eiam_user(&admin, &request).await;
                let user = instance.get_user(&admin, &id).await;
                assert_eq!(values_of(&user), [format!("{name}={shown}")], "{value:?}");
            }
            let request = |value: &str| CreateUser {
                custom_fields: field_values(&[(&name, value)]),
                ..instance.user("refused")
            };
            for value in *refuses_all {
                fails(&admin, &request(value), "400 InvalidParameter.CustomFields").await;
            }
        }
    }
    assert_eq!(instance.everybody(&admin).await.len(), made);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_of_eds_is_a_custom_field() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    make_property(&admin, "城市 (City)", &["北京", "上海"]).await;

    let request =
        CreateUser { custom_fields: field_values(&[("城市 (City)", "上海")]), ..instance.user("alice") };
    let id = make_eiam_user(&admin, &request).await;

    assert_eq!(values_of(&instance.get_user(&admin, &id).await), [r#"城市 (City)=["上海"]"#]);
    assert_eq!(properties_of(&person(&admin, "alice").await), ["城市 (City)=上海"]);
    let other = [("CustomFields.1.FieldName", "城市 (City)"), ("CustomFields.1.FieldValue", "深圳")];
    refuses(&admin, &instance, &[(&other, "400 InvalidParameter.CustomFields")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_without_a_value_has_its_default_and_one_that_must_have_one_is_missed() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let required = CreateCustomField { required: Some(true), ..instance.field("badge") };
    make_field(&admin, &required).await;
    let with_default = CreateCustomField {
        required: Some(true),
        default_value: Some("none".to_owned()),
        ..instance.field("desk")
    };
    make_field(&admin, &with_default).await;
    let chosen = CreateCustomField {
        field_display_type: FieldDisplayType::Checkbox,
        field_data_config: choices(&["go", "rust"]),
        default_value: Some(r#"["go","rust"]"#.to_owned()),
        encrypted: Some(true),
        ..instance.field("skills")
    };
    make_field(&admin, &chosen).await;
    make_field(&admin, &instance.field("motto")).await;

    let missing = "400 MissingParameter.CustomFields";
    let (badge, motto) = (("CustomFields.1.FieldName", "badge"), ("CustomFields.2.FieldName", "motto"));
    refuses(
        &admin,
        &instance,
        &[
            (&[], missing),
            (&[badge], missing),
            (&[badge, ("CustomFields.1.FieldValue", "")], missing),
            (&[motto, ("CustomFields.2.FieldValue", "x")], missing),
        ],
    )
    .await;

    let shown = async |name: &str, values: &[(&str, &str)]| {
        let request = CreateUser { custom_fields: field_values(values), ..instance.user(name) };
        let mut found = values_of(&instance.get_user(&admin, &make_eiam_user(&admin, &request).await).await);
        found.sort_unstable();
        found
    };
    let defaults = ["badge=7", "desk=none", r#"skills=["go","rust"]"#];
    assert_eq!(shown("few", &[("badge", "7")]).await, defaults);
    assert_eq!(shown("empty", &[("badge", "7"), ("desk", ""), ("skills", "")]).await, defaults);
    assert_eq!(
        shown("all", &[("skills", "rust"), ("motto", "m"), ("desk", "9"), ("badge", "8")]).await,
        ["badge=8", "desk=9", "motto=m", r#"skills=["rust"]"#]
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_known_by_its_name_while_it_is_in_use() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let other = Instance::make(&admin).await;
    make_field(&admin, &instance.field("age")).await;
    make_field(&admin, &other.field("elsewhere")).await;
    let old = make_field(
        &admin,
        &CreateCustomField {
            required: Some(true),
            default_value: Some("x".to_owned()),
            ..instance.field("old")
        },
    )
    .await;
    let disabled = DisableCustomField { instance_id: instance.id.clone(), field_id: old.clone() };
    admin.send(&disabled).await.expect("it is there");
    let gone = make_field(&admin, &instance.field("gone")).await;
    instance.ask(&admin, "DeleteCustomField", &[("FieldId", &gone)]).await;

    let long = "a".repeat(64);
    for name in ["ages", "elsewhere", "old", "gone", "username", &old, &long] {
        let value = [("CustomFields.1.FieldName", name), ("CustomFields.1.FieldValue", "1")];
        let expected = format!("404 ResourceNotFound.CustomField {name}");
        refuses(&admin, &instance, &[(&value, &expected)]).await;
    }
    let longer = "a".repeat(65);
    let invalid = "400 InvalidParameter.CustomFields";
    let twice = |one, other| {
        [
            ("CustomFields.1.FieldName", one),
            ("CustomFields.1.FieldValue", "1"),
            ("CustomFields.2.FieldName", other),
            ("CustomFields.2.FieldValue", "1"),
        ]
    };
    refuses(
        &admin,
        &instance,
        &[
            (&[("CustomFields.1.FieldName", &longer)], invalid),
            (&twice("age", "age"), invalid),
            (&twice("age", "AGE"), invalid),
        ],
    )
    .await;

    // One that is not in use is not demanded, and its default is nobody's.
    let id = instance.make_user(&admin, "alice").await;
    instance.ask(&admin, "EnableCustomField", &[("FieldId", &old)]).await;
    assert_eq!(values_of(&instance.get_user(&admin, &id).await), Vec::<String>::new());
    let request = CreateUser { custom_fields: field_values(&[("Age", "1")]), ..instance.user("bob") };
    let bob = instance.get_user(&admin, &make_eiam_user(&admin, &request).await).await;
    assert_eq!(values_of(&bob).len(), 2, "{bob:?}");
    assert!(values_of(&bob).contains(&"age=1".to_owned()), "the field's own name: {bob:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_must_be_unique_is_one_user_s_letter_by_letter() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::make(&admin).await;
    let unique = |name: &str| CreateCustomField { unique: Some(true), ..instance.field(name) };
    let chosen = CreateCustomField {
        field_display_type: FieldDisplayType::Checkbox,
        field_data_config: choices(&["one", "two", "three"]),
        ..unique("desks")
    };
    let fields = [
        unique("badge"),
        CreateCustomField { encrypted: Some(true), ..unique("secret") },
        CreateCustomField { field_data_type: FieldDataType::Number, ..unique("number") },
        chosen,
        CreateCustomField { default_value: Some("first".to_owned()), ..unique("rank") },
    ];
    for field in &fields {
        make_field(&admin, field).await;
    }
    let with_values = |name: &str, values: &[(&str, &str)]| CreateUser {
        custom_fields: field_values(values),
        ..instance.user(name)
    };
    let values = [("badge", "A-1"), ("secret", "s"), ("number", "1.0"), ("desks", r#"["one","two"]"#)];
    let alice = make_eiam_user(&admin, &with_values("alice", &values)).await;

    let taken = "403 ResourceDuplicated.CustomFieldValue";
    for values in [
        &[("rank", "second"), ("badge", "A-1")][..],
        &[("rank", "second"), ("secret", "s")],
        &[("rank", "second"), ("number", "1.0")],
        &[("rank", "second"), ("desks", "two")],
        &[("rank", "second"), ("desks", r#"["three","one"]"#)],
        // The default is hers.
        &[("badge", "A-2")],
    ] {
        let before = rows(&server.home).await;
        fails(&admin, &with_values("bob", values), taken).await;
        assert_eq!(rows(&server.home).await, before, "{values:?}");
    }
    let others = [("rank", "second"), ("badge", "a-1"), ("secret", "S"), ("number", "1"), ("desks", "three")];
    make_eiam_user(&admin, &with_values("bob", &others)).await;
    instance.ask(&admin, "DeleteUser", &[("UserId", &alice)]).await;
    make_eiam_user(&admin, &with_values("carol", &values)).await;
    server.stop().await;
}
