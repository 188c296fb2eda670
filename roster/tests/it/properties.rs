//! Properties: made with their values, given to users, replaced and removed.
//!
//! Source: `reference/eds-user.md`, 11 to 19; `reference/doors.md` §1.3.

use api::eds::{
    CheckUsedProperty, CheckUsedPropertyValue, CreateProperty, DeleteUserPropertyValue, DescribedUser,
    FailedPropertyValue, FilterUsers, GivenPropertyValue, ListPropertyValue, PropertyFilter,
    PropertyKeyValueFilter, PropertyValue, RemoveProperty, SavePropertyValueModel, SetUserPropertyValue,
    UpdateProperty,
};
use model::time::DAY;
use wire::List;

use crate::support::{
    Client, Server, bind, create, list_properties, make_group, make_property, number, person, picture,
    properties_of, refuses, remove, texts, told, until, values_by_key,
};

/// What the vendor says of a value that is there twice.
const TAKEN: &str = "The property value is used by another property.";

/// A value as an update gives it: kept or renamed by its id.
fn by_id(id: i64, text: &str) -> GivenPropertyValue {
    GivenPropertyValue { property_value_id: Some(id), property_value: Some(text.to_owned()) }
}

/// A value as an update gives it: kept or made by its text.
fn by_text(text: &str) -> GivenPropertyValue {
    GivenPropertyValue { property_value_id: None, property_value: Some(text.to_owned()) }
}

/// Replaces a property's values.
async fn update(
    admin: &Client,
    property: i64,
    key: &str,
    values: Vec<GivenPropertyValue>,
) -> SavePropertyValueModel {
    let property_values: List<_, 0, 100> = values.try_into().expect("at most 100");
    let request = UpdateProperty {
        property_id: property,
        property_key: key.to_owned(),
        property_values: Some(property_values),
    };
    let result = admin.send(&request).await.expect("the call is right").update_result;
    assert_eq!((result.property_id, result.property_key.as_str()), (property, key));
    result.save_property_value_model
}

/// Saved values as id and text.
fn saved(model: &SavePropertyValueModel) -> Vec<(i64, &str)> {
    pairs(&model.save_property_values)
}

fn pairs(values: &[PropertyValue]) -> Vec<(i64, &str)> {
    values.iter().map(|value| (value.property_value_id, value.property_value.as_str())).collect()
}

/// The texts of the values that were not saved, with the codes, which have their messages.
fn failed(model: &SavePropertyValueModel, property: i64) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for value in &model.failed_property_values {
        let FailedPropertyValue { property_id, property_value, error_code, error_message } = value;
        assert_eq!(*property_id, property, "the property's id, not the value's");
        assert!(!error_message.is_empty());
        if error_code == "ExistedPropertyValue" {
            assert_eq!(error_message, TAKEN);
        }
        found.push((property_value.as_deref().unwrap_or_default(), error_code.as_str()));
    }
    found
}

/// A property's values as they are listed.
async fn values(admin: &Client, property: i64) -> Vec<PropertyValue> {
    let request = ListPropertyValue { property_id: property };
    let infos = admin.send(&request).await.expect("it is there").property_value_infos;
    let listed = list_properties(admin).await;
    let listed = listed.into_iter().find(|listed| listed.property_id == property).expect("it is listed");
    assert_eq!(listed.property_values, infos);
    assert!(infos.is_sorted_by_key(|value| value.property_value_id), "in the order of their ids: {infos:?}");
    infos
}

/// How many users have any value of a property, and each of its values.
async fn used(admin: &Client, property: i64, values: &[i64]) -> (i64, Vec<i64>) {
    let request = CheckUsedProperty { property_id: property };
    let any = admin.send(&request).await.expect("it is there").use_count;
    let mut each = Vec::new();
    for value in values {
        let request = CheckUsedPropertyValue { property_id: property, property_value_id: *value };
        each.push(admin.send(&request).await.expect("it is there").use_count);
    }
    (any, each)
}

/// What a user has, as `key=value`.
async fn has(admin: &Client, name: &str) -> Vec<String> {
    properties_of(&person(admin, name).await)
}

/// Who has any of these values of a property, separated by commas: by name, and by id, which agree.
async fn who_has(admin: &Client, property: i64, key: &str, texts: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for value in values(admin, property).await {
        if texts.split(',').any(|text| text == value.property_value) {
            ids.push(value.property_value_id.to_string());
        }
    }
    let by_id = PropertyFilter { property_id: Some(property), property_value_ids: Some(ids.join(",")) };
    let by_id = FilterUsers {
        property_filter_param: Some(vec![by_id].try_into().expect("one")),
        ..FilterUsers::default()
    };
    let found = filtered(admin, &by_id).await;
    assert_eq!(filtered(admin, &by_name(key, texts)).await, found);
    found
}

fn by_name(key: &str, texts: &str) -> FilterUsers {
    let filter = PropertyKeyValueFilter {
        property_key: Some(key.to_owned()),
        property_values: (!texts.is_empty()).then(|| texts.to_owned()),
    };
    FilterUsers {
        property_key_value_filter_param: Some(vec![filter].try_into().expect("one")),
        ..FilterUsers::default()
    }
}

async fn filtered(admin: &Client, request: &FilterUsers) -> Vec<String> {
    let mut users = admin.send(request).await.expect("the call is right").users;
    users.sort_by_key(|user| user.id);
    users.into_iter().map(|user| user.end_user_id).collect()
}

/// Takes a value from a user.
fn unbinding(user: &DescribedUser, property: i64, value: i64) -> DeleteUserPropertyValue {
    DeleteUserPropertyValue { user_id: user.id, property_id: property, property_value_id: value }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_is_shown_as_it_was_made() {
    let server = Server::start().await;
    let admin = server.administrator();

    let parameters = [
        ("PropertyKey", "岗位 job"),
        ("PropertyValues.1", "开发"),
        ("PropertyValues.2", "ops"),
        ("PropertyValues.3", "ops"),
        ("BusinessChannel", "ENTERPRISE"),
    ];
    let made = admin.call("CreateProperty", &parameters).await;
    let json = made.json();
    let result = &json["CreateResult"];
    let saved = result["SavePropertyValueModel"]["SavePropertyValues"].as_array().expect("a list");
    let id = result["PropertyId"].to_string();
    let [dev, ops] = [&saved[0], &saved[1]].map(|value| value["PropertyValueId"].to_string());
    let (empty, _) = make_property(&admin, "empty", &[]).await;
    let empty = empty.to_string();
    create(&admin, &["alice"]).await;
    let alice = person(&admin, "alice").await;
    let user = alice.id.to_string();
    for value in [&ops, &dev] {
        bind(&admin, &alice, id.parse().expect("digits"), value.parse().expect("digits")).await;
    }

    let ids = [
        (id.as_str(), "job"),
        (dev.as_str(), "job: dev"),
        (ops.as_str(), "job: ops"),
        (empty.as_str(), "empty"),
        (user.as_str(), "alice"),
    ];
    for (number, _) in ids {
        assert!((1..1 << 53).contains(&number.parse::<i64>().expect("a number")), "exact in every client");
    }
    insta::assert_json_snapshot!(told(&made, &ids), @r#"
    {
      "CreateResult": {
        "PropertyId": "[job]",
        "PropertyKey": "岗位 job",
        "SavePropertyValueModel": {
          "FailedPropertyValues": [
            {
              "ErrorCode": "ExistedPropertyValue",
              "ErrorMessage": "The property value is used by another property.",
              "PropertyId": "[job]",
              "PropertyValue": "ops"
            }
          ],
          "SavePropertyValues": [
            {
              "PropertyValue": "开发",
              "PropertyValueId": "[job: dev]"
            },
            {
              "PropertyValue": "ops",
              "PropertyValueId": "[job: ops]"
            }
          ]
        }
      },
      "RequestId": "[id]"
    }
    "#);
    insta::assert_json_snapshot!(told(&admin.call("ListProperty", &[]).await, &ids), @r#"
    {
      "NextToken": "",
      "Properties": [
        {
          "PropertyId": "[job]",
          "PropertyKey": "岗位 job",
          "PropertyValues": [
            {
              "PropertyValue": "开发",
              "PropertyValueId": "[job: dev]"
            },
            {
              "PropertyValue": "ops",
              "PropertyValueId": "[job: ops]"
            }
          ]
        },
        {
          "PropertyId": "[empty]",
          "PropertyKey": "empty",
          "PropertyValues": []
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    let listed = admin.call("ListPropertyValue", &[("PropertyId", &id)]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "PropertyValueInfos": [
        {
          "PropertyValue": "开发",
          "PropertyValueId": "[job: dev]"
        },
        {
          "PropertyValue": "ops",
          "PropertyValueId": "[job: ops]"
        }
      ],
      "RequestId": "[id]"
    }
    "#);
    let used = admin.call("CheckUsedProperty", &[("PropertyId", &id)]).await;
    let used_value =
        admin.call("CheckUsedPropertyValue", &[("PropertyId", &id), ("PropertyValueId", &dev)]).await;
    for answer in [used, used_value] {
        insta::allow_duplicates! {
            insta::assert_json_snapshot!(told(&answer, &ids), @r#"
            {
              "RequestId": "[id]",
              "UseCount": 1
            }
            "#);
        }
    }
    let described = admin.call("DescribeUsers", &[("ShowExtras", r#"{"Properties":true}"#)]).await;
    insta::assert_json_snapshot!(told(&described, &ids)["Users"][0]["Properties"], @r#"
    [
      {
        "Key": "岗位 job",
        "Value": "开发"
      },
      {
        "Key": "岗位 job",
        "Value": "ops"
      }
    ]
    "#);
    let filtered = admin.call("FilterUsers", &[]).await;
    insta::assert_json_snapshot!(told(&filtered, &ids)["Users"][0]["UserSetPropertiesModels"], @r#"
    [
      {
        "PropertyId": "[job]",
        "PropertyKey": "岗位 job",
        "PropertyType": 2,
        "PropertyValues": [
          {
            "PropertyValue": "开发",
            "PropertyValueId": "[job: dev]"
          },
          {
            "PropertyValue": "ops",
            "PropertyValueId": "[job: ops]"
          }
        ],
        "UserId": "[alice]",
        "UserName": "alice"
      }
    ]
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_answers_with_what_was_kept_made_and_refused() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    let (job, dev) = (job.to_string(), jobs[0].to_string());

    let parameters = [
        ("PropertyId", job.as_str()),
        ("PropertyKey", "work"),
        ("PropertyValues.1.PropertyValueId", &dev),
        ("PropertyValues.1.PropertyValue", "developer"),
        ("PropertyValues.2.PropertyValue", "new"),
        ("PropertyValues.3.PropertyValue", "new"),
        ("PropertyValues.4.PropertyValueId", "1"),
        ("BusinessChannel", "ENTERPRISE"),
    ];
    let answer = admin.call("UpdateProperty", &parameters).await;

    let model = &answer.json()["UpdateResult"]["SavePropertyValueModel"];
    let new = model["SavePropertyValues"][1]["PropertyValueId"].to_string();
    let ids = [(job.as_str(), "job"), (dev.as_str(), "job: dev"), (new.as_str(), "job: new")];
    insta::assert_json_snapshot!(told(&answer, &ids), @r#"
    {
      "RequestId": "[id]",
      "UpdateResult": {
        "PropertyId": "[job]",
        "PropertyKey": "work",
        "SavePropertyValueModel": {
          "FailedPropertyValues": [
            {
              "ErrorCode": "ExistedPropertyValue",
              "ErrorMessage": "The property value is used by another property.",
              "PropertyId": "[job]",
              "PropertyValue": "new"
            },
            {
              "ErrorCode": "InvalidPropertyValueId.NotFound",
              "ErrorMessage": "The property value 1 does not exist.",
              "PropertyId": "[job]"
            }
          ],
          "SavePropertyValues": [
            {
              "PropertyValue": "developer",
              "PropertyValueId": "[job: dev]"
            },
            {
              "PropertyValue": "new",
              "PropertyValueId": "[job: new]"
            }
          ]
        }
      }
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_answers_with_a_request_id_and_no_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev"]).await;
    create(&admin, &["alice"]).await;
    let [user, property, value] = [person(&admin, "alice").await.id, job, jobs[0]].map(|id| id.to_string());
    let of_value = [("PropertyId", property.as_str()), ("PropertyValueId", &value), ("UserId", &user)];
    let with_name = [&of_value[..], &[("UserName", "alice")]].concat();

    let changes: [(&str, &[(&str, &str)]); 3] = [
        ("SetUserPropertyValue", &with_name),
        ("DeleteUserPropertyValue", &of_value),
        ("RemoveProperty", &of_value[..1]),
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
async fn a_key_has_1_to_64_characters_of_any_script() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (property, _) = make_property(&admin, "key", &[]).await;
    let id = property.to_string();

    for key in ["a", "键", "é", "😀", "ß"].map(|letter| letter.repeat(64)) {
        let (made, _) = make_property(&admin, &key, &[]).await;
        assert_eq!(values_by_key(&admin).await[1].0, key);
        admin.send(&RemoveProperty { property_id: made }).await.expect("it is there");
        update(&admin, property, &key, Vec::new()).await;
        assert_eq!(values_by_key(&admin).await, [(key, Vec::new())]);
    }
    let (trimmed, _) = make_property(&admin, &format!(" {}\u{3000}", "键".repeat(64)), &[]).await;
    assert_eq!(values_by_key(&admin).await[1].0, "键".repeat(64));
    admin.send(&RemoveProperty { property_id: trimmed }).await.expect("it is there");

    let long = ["a", "键", "é", "😀"].map(|letter| letter.repeat(65));
    let huge = "a".repeat(100_000);
    let unfit = ["a\tb", "a\nb", "a\0b", "a\u{7f}b", "a\u{85}b", "   ", "\u{3000}", &huge];
    for key in long.iter().map(String::as_str).chain(unfit) {
        refuses(&admin, "CreateProperty", &[(&[("PropertyKey", key)], "InvalidPropertyKey")]).await;
        let renamed: &[(&str, &str)] = &[("PropertyId", &id), ("PropertyKey", key)];
        refuses(&admin, "UpdateProperty", &[(renamed, "InvalidPropertyKey")]).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_taken_in_any_case_and_width_and_free_again_at_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, _) = make_property(&admin, "Job", &["dev"]).await;
    let (place, _) = make_property(&admin, "place", &["here"]).await;
    let id = place.to_string();

    for key in ["Job", "JOB", "ｊｏｂ", " job "] {
        refuses(&admin, "CreateProperty", &[(&[("PropertyKey", key)], "ExistedPropertyKey")]).await;
        let renamed: &[(&str, &str)] =
            &[("PropertyId", &id), ("PropertyKey", key), ("PropertyValues.1.PropertyValue", "there")];
        refuses(&admin, "UpdateProperty", &[(renamed, "ExistedPropertyKey")]).await;
    }
    update(&admin, job, "jOB", vec![by_text("dev")]).await;
    update(&admin, job, "role", vec![by_text("dev")]).await;
    let (job_again, _) = make_property(&admin, "job", &[]).await;
    admin.send(&RemoveProperty { property_id: place }).await.expect("it is there");
    let (place_again, _) = make_property(&admin, "PLACE", &["here"]).await;

    assert!(job_again != job && place_again != place);
    let key = |key: &str, values: &[&str]| {
        (key.to_owned(), values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(
        values_by_key(&admin).await,
        [key("role", &["dev"]), key("job", &[]), key("PLACE", &["here"])],
        "in the order of their ids"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_value_is_saved_or_fails_for_itself() {
    let server = Server::start().await;
    let admin = server.administrator();
    make_property(&admin, "other", &["taken elsewhere"]).await;
    let (longest, longer) = ("值".repeat(64), "值".repeat(65));
    let given = [
        "dev",
        "Dev",
        "ｄｅｖ",
        "dev",
        " dev ",
        &longest,
        &longer,
        "a\tb",
        "a\0b",
        "taken elsewhere",
        "a,b",
        "dev",
    ];

    let request = CreateProperty { property_key: "job".into(), property_values: Some(texts(&given)) };
    let result = admin.send(&request).await.expect("the call is right").create_result;

    let model = &result.save_property_value_model;
    let kept: Vec<&str> = saved(model).into_iter().map(|(_, text)| text).collect();
    // Values are told apart by their characters, and have nothing to do with those of other properties.
    assert_eq!(kept, ["dev", "Dev", "ｄｅｖ", &longest, "taken elsewhere", "a,b"]);
    let twice = "ExistedPropertyValue";
    let wrong = "InvalidPropertyValue";
    let not_saved = failed(model, result.property_id);
    let codes: Vec<&str> = not_saved.iter().map(|(_, code)| *code).collect();
    assert_eq!(codes, [twice, twice, wrong, wrong, wrong, twice]);
    assert_eq!([not_saved[2].0, not_saved[3].0, not_saved[4].0], [&longer, "a\tb", "a\0b"], "as given");
    assert_eq!(pairs(&values(&admin, result.property_id).await), saved(model));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_ten_properties_of_fifty_values() {
    let server = Server::start().await;
    let admin = server.administrator();
    let fifty: Vec<String> = (0..50).map(|n| format!("value {n}")).collect();
    let fifty: Vec<&str> = fifty.iter().map(String::as_str).collect();
    let mut properties = Vec::new();
    for number in 0..10 {
        properties.push(make_property(&admin, &format!("key {number}"), &fifty).await);
    }
    let named = |name: &dyn Fn(usize) -> String, count: usize| -> Vec<(String, String)> {
        (1..=count).map(|at| (name(at), format!("new {at}"))).collect()
    };
    let id = properties[0].0.to_string();

    refuses(
        &admin,
        "CreateProperty",
        &[
            (&[("PropertyKey", "eleventh")], "QuotaExceeded.Property"),
            (&[("PropertyKey", "eleventh"), ("PropertyValues.1", "x")], "QuotaExceeded.Property"),
        ],
    )
    .await;
    admin.send(&RemoveProperty { property_id: properties[9].0 }).await.expect("it is there");
    for (count, code) in [
        (51, "QuotaExceeded.PropertyValue"),
        (100, "QuotaExceeded.PropertyValue"),
        (101, "InvalidPropertyValues"),
    ] {
        let of_new = named(&|at| format!("PropertyValues.{at}"), count);
        let of_old = named(&|at| format!("PropertyValues.{at}.PropertyValue"), count);
        let with = |first: &[(&'static str, &str)], values: &[(String, String)]| -> Vec<(String, String)> {
            let first = first.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            first.chain(values.iter().cloned()).collect()
        };
        for (action, parameters) in [
            ("CreateProperty", with(&[("PropertyKey", "new")], &of_new)),
            ("UpdateProperty", with(&[("PropertyId", &id), ("PropertyKey", "new")], &of_old)),
        ] {
            let parameters: Vec<(&str, &str)> =
                parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            refuses(&admin, action, &[(&parameters, code)]).await;
        }
    }
    make_property(&admin, "tenth", &fifty).await;
    refuses(&admin, "CreateProperty", &[(&[("PropertyKey", "x")], "QuotaExceeded.Property")]).await;

    // All fifty may be exchanged for others at once.
    let others: Vec<String> = (0..50).map(|n| format!("other {n}")).collect();
    let model =
        update(&admin, properties[0].0, "key 0", others.iter().map(|text| by_text(text)).collect()).await;
    assert_eq!((saved(&model).len(), model.failed_property_values.len()), (50, 0));
    let kept: Vec<&str> = saved(&model).into_iter().map(|(_, text)| text).collect();
    assert_eq!(kept, others);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_is_missed_by_name_and_numbers_are_digits() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev"]).await;
    create(&admin, &["alice"]).await;
    let [user, property, value] = [person(&admin, "alice").await.id, job, jobs[0]].map(|id| id.to_string());
    let (user, name) = (("UserId", user.as_str()), ("UserName", "alice"));
    let (property, value) = (("PropertyId", property.as_str()), ("PropertyValueId", value.as_str()));

    let calls: [(&str, &[(&str, &str)]); 8] = [
        ("CreateProperty", &[("PropertyKey", "new")]),
        ("RemoveProperty", &[property]),
        ("UpdateProperty", &[property, ("PropertyKey", "new")]),
        ("ListPropertyValue", &[property]),
        ("CheckUsedProperty", &[property]),
        ("CheckUsedPropertyValue", &[property, value]),
        ("SetUserPropertyValue", &[user, name, property, value]),
        ("DeleteUserPropertyValue", &[user, property, value]),
    ];
    for (action, parameters) in calls {
        for (needed, _) in parameters {
            let rest: Vec<(&str, &str)> =
                parameters.iter().copied().filter(|(name, _)| name != needed).collect();
            let code = format!("Missing{needed}");
            refuses(&admin, action, &[(&rest, &code)]).await;
            if !needed.ends_with("Id") {
                refuses(&admin, action, &[(&[&rest[..], &[(needed, "")]].concat(), &code)]).await;
                continue;
            }
            let code = format!("Invalid{needed}");
            for text in ["job", "1.5", "0x1", "99999999999999999999", "1e3"] {
                refuses(&admin, action, &[(&[&rest[..], &[(needed, text)]].concat(), &code)]).await;
            }
        }
    }
    let of_value = [property, ("PropertyKey", "job"), ("PropertyValues.1.PropertyValueId", "first")];
    refuses(&admin, "UpdateProperty", &[(&of_value, "InvalidPropertyValues")]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_nothing_is_not_found_and_nothing_changes() {
    let server = Server::start().await;
    let admin = server.administrator();
    let elsewhere = Server::start().await;
    elsewhere.pass(DAY);
    let (foreign, foreign_values) = make_property(&elsewhere.administrator(), "job", &["dev"]).await;
    let (job, jobs) = make_property(&admin, "job", &["dev"]).await;
    let (place, places) = make_property(&admin, "place", &["here"]).await;
    let (gone, gone_values) = make_property(&admin, "gone", &["away", "far"]).await;
    admin.send(&RemoveProperty { property_id: gone }).await.expect("it is there");
    let (short, short_values) = make_property(&admin, "short", &["old"]).await;
    update(&admin, short, "short", vec![by_text("new")]).await;
    make_group(&admin, "group").await;
    create(&admin, &["alice", "bob", "carol"]).await;
    let (alice, carol) = (person(&admin, "alice").await, person(&admin, "carol").await);
    bind(&admin, &alice, place, places[0]).await;
    remove(&admin, &["carol"]).await;

    let (user, of_alice, here) = (alice.id.to_string(), ("UserName", "alice"), places[0].to_string());
    let (user, here) = (("UserId", user.as_str()), ("PropertyValueId", here.as_str()));
    let code = "InvalidPropertyId.NotFound";
    for unknown in [gone, foreign, jobs[0], gone_values[0], alice.id, 1, 0, -1, i64::MAX, i64::MIN] {
        let unknown = unknown.to_string();
        let property = ("PropertyId", unknown.as_str());
        let with_values = [property, ("PropertyKey", "x"), ("PropertyValues.1.PropertyValue", "y")];
        refuses(&admin, "RemoveProperty", &[(&[property], code)]).await;
        refuses(&admin, "UpdateProperty", &[(&with_values[..2], code), (&with_values, code)]).await;
        refuses(&admin, "ListPropertyValue", &[(&[property], code)]).await;
        refuses(&admin, "CheckUsedProperty", &[(&[property], code)]).await;
        refuses(&admin, "CheckUsedPropertyValue", &[(&[property, here], code)]).await;
        refuses(&admin, "SetUserPropertyValue", &[(&[user, of_alice, property, here], code)]).await;
        refuses(&admin, "DeleteUserPropertyValue", &[(&[user, property, here], code)]).await;
    }

    let id = job.to_string();
    let property = ("PropertyId", id.as_str());
    let code = "InvalidPropertyValueId.NotFound";
    let of_others = [places[0], gone_values[1], foreign_values[0], short_values[0]];
    for unknown in of_others.into_iter().chain([job, alice.id, 1, 0, -1, i64::MAX]) {
        let unknown = unknown.to_string();
        let value = ("PropertyValueId", unknown.as_str());
        refuses(&admin, "CheckUsedPropertyValue", &[(&[property, value], code)]).await;
        refuses(&admin, "SetUserPropertyValue", &[(&[user, of_alice, property, value], code)]).await;
        refuses(&admin, "DeleteUserPropertyValue", &[(&[user, property, value], code)]).await;
    }
    let (short, old) = (short.to_string(), short_values[0].to_string());
    let removed = [("PropertyId", short.as_str()), ("PropertyValueId", old.as_str())];
    refuses(&admin, "CheckUsedPropertyValue", &[(&removed, code)]).await;
    let bound = [user, of_alice, removed[0], removed[1]];
    refuses(&admin, "SetUserPropertyValue", &[(&bound, code)]).await;

    let value = jobs[0].to_string();
    let value = ("PropertyValueId", value.as_str());
    let code = "InvalidUserId.NotFound";
    for unknown in [carol.id, job, 1, 0, -1, i64::MAX] {
        let unknown = unknown.to_string();
        let user = ("UserId", unknown.as_str());
        for name in ["alice", "carol"] {
            let bound = [user, ("UserName", name), property, value];
            refuses(&admin, "SetUserPropertyValue", &[(&bound, code)]).await;
        }
        refuses(&admin, "DeleteUserPropertyValue", &[(&[user, property, value], code)]).await;
    }
    for name in ["bob", "carol", "nobody", "alice2", "'", "\0"] {
        let bound = [user, ("UserName", name), property, value];
        refuses(&admin, "SetUserPropertyValue", &[(&bound, code)]).await;
    }
    elsewhere.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_may_have_several_values_and_each_of_them_once() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops", "boss"]).await;
    let (place, places) = make_property(&admin, "place", &["here"]).await;
    create(&admin, &["alice", "bob", "carol"]).await;
    let (alice, bob) = (person(&admin, "alice").await, person(&admin, "bob").await);

    for (user, property, value) in [
        (&alice, place, places[0]),
        (&alice, job, jobs[1]),
        (&alice, job, jobs[0]),
        (&alice, job, jobs[1]),
        (&bob, job, jobs[1]),
    ] {
        bind(&admin, user, property, value).await;
    }
    let shouting = SetUserPropertyValue {
        user_id: bob.id,
        user_name: " BOB".to_owned(),
        property_id: job,
        property_value_id: jobs[1],
    };
    admin.send(&shouting).await.expect("it is the same user");

    assert_eq!(has(&admin, "alice").await, ["job=dev", "job=ops", "place=here"]);
    assert_eq!(has(&admin, "bob").await, ["job=ops"]);
    assert_eq!(has(&admin, "carol").await, Vec::<String>::new());
    assert_eq!(used(&admin, job, &jobs).await, (2, vec![1, 2, 0]), "people, each once");
    assert_eq!(used(&admin, place, &places).await, (1, vec![1]));
    assert_eq!(who_has(&admin, job, "job", "dev").await, ["alice"]);
    assert_eq!(who_has(&admin, job, "job", "ops,dev").await, ["alice", "bob"]);
    assert_eq!(filtered(&admin, &by_name("JOB", "")).await, ["alice", "bob"], "any value of it");

    admin.send(&unbinding(&alice, job, jobs[1])).await.expect("she has it");
    assert_eq!(has(&admin, "alice").await, ["job=dev", "place=here"]);
    let before = picture(&admin).await;
    admin.send(&unbinding(&alice, job, jobs[1])).await.expect("she does not have it");
    admin.send(&unbinding(&bob, place, places[0])).await.expect("he does not have it");
    bind(&admin, &alice, job, jobs[0]).await;
    assert_eq!(picture(&admin).await, before);
    assert_eq!(used(&admin, job, &jobs).await, (2, vec![1, 1, 0]));
    admin.send(&unbinding(&alice, job, jobs[0])).await.expect("she has it");
    assert_eq!(used(&admin, job, &jobs).await, (1, vec![0, 1, 0]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_uses_nothing_and_superadmin_never_did() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    create(&admin, &["alice", "bob"]).await;
    for name in ["alice", "bob", "superadmin"] {
        bind(&admin, &person(&admin, name).await, job, jobs[0]).await;
    }
    bind(&admin, &person(&admin, "alice").await, job, jobs[1]).await;

    assert_eq!(has(&admin, "superadmin").await, ["job=dev"]);
    assert_eq!(used(&admin, job, &jobs).await, (2, vec![2, 1]));
    remove(&admin, &["alice"]).await;
    assert_eq!(used(&admin, job, &jobs).await, (1, vec![1, 0]));
    assert_eq!(who_has(&admin, job, "job", "dev,ops").await, ["bob"]);
    let superadmin = person(&admin, "superadmin").await;
    admin.send(&unbinding(&superadmin, job, jobs[0])).await.expect("it has it");
    assert_eq!(used(&admin, job, &jobs).await, (1, vec![1, 0]));
    create(&admin, &["alice"]).await;
    assert_eq!(has(&admin, "alice").await, Vec::<String>::new(), "that is another one");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_keeps_what_it_names_and_replaces_the_rest() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops", "boss", "guest"]).await;
    create(&admin, &["alice", "bob", "carol", "dave"]).await;
    for (name, value) in [("alice", 0), ("bob", 1), ("bob", 2), ("carol", 2), ("dave", 3)] {
        bind(&admin, &person(&admin, name).await, job, jobs[value]).await;
    }

    let given = vec![by_text("new"), by_id(jobs[0], "developer"), by_text("boss")];
    let model = update(&admin, job, "work", given).await;

    let new = model.save_property_values[0].property_value_id;
    assert!(!jobs.contains(&new));
    assert_eq!(saved(&model), [(new, "new"), (jobs[0], "developer"), (jobs[2], "boss")]);
    assert_eq!(failed(&model, job), []);
    assert_eq!(pairs(&values(&admin, job).await), [(jobs[0], "developer"), (jobs[2], "boss"), (new, "new")]);
    assert_eq!(has(&admin, "alice").await, ["work=developer"]);
    assert_eq!(has(&admin, "bob").await, ["work=boss"]);
    assert_eq!(has(&admin, "carol").await, ["work=boss"]);
    assert_eq!(has(&admin, "dave").await, Vec::<String>::new());
    assert_eq!(who_has(&admin, job, "work", "developer,new").await, ["alice"]);
    assert_eq!(filtered(&admin, &by_name("work", "")).await, ["alice", "bob", "carol"]);
    assert_eq!(filtered(&admin, &by_name("work", "guest,ops,dev")).await, Vec::<String>::new());
    assert_eq!(filtered(&admin, &by_name("job", "boss")).await, Vec::<String>::new());
    assert_eq!(used(&admin, job, &[jobs[0], jobs[2], new]).await, (3, vec![1, 2, 0]));

    // A value of the old text is a new one, which nobody has.
    let given = vec![by_text("guest"), by_id(jobs[0], "developer"), by_id(jobs[2], "boss")];
    let model = update(&admin, job, "work", given).await;
    let guest = model.save_property_values[0].property_value_id;
    assert!(guest != jobs[3] && guest != new);
    assert_eq!(used(&admin, job, &[guest]).await, (3, vec![0]));
    until("what was replaced is gone from its users", async || {
        number(&server.home, "select count(*) from user_values").await == 3
    })
    .await;
    assert_eq!(used(&admin, job, &[guest, jobs[0], jobs[2]]).await, (3, vec![0, 1, 2]));
    assert_eq!(has(&admin, "dave").await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_without_values_leaves_them() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    create(&admin, &["alice"]).await;
    bind(&admin, &person(&admin, "alice").await, job, jobs[0]).await;

    let request = UpdateProperty { property_id: job, property_key: "work".into(), property_values: None };
    let result = admin.send(&request).await.expect("the call is right").update_result;

    let model = &result.save_property_value_model;
    assert_eq!((result.property_id, result.property_key.as_str()), (job, "work"));
    assert_eq!((saved(model), failed(model, job)), (vec![(jobs[0], "dev"), (jobs[1], "ops")], vec![]));
    for list in ["", "[]"] {
        let id = job.to_string();
        let parameters = [("PropertyId", id.as_str()), ("PropertyKey", "work"), ("PropertyValues", list)];
        assert_eq!(admin.call("UpdateProperty", &parameters).await.status, 200, "PropertyValues={list}");
    }
    assert_eq!(pairs(&values(&admin, job).await), [(jobs[0], "dev"), (jobs[1], "ops")]);
    assert_eq!(has(&admin, "alice").await, ["work=dev"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_may_exchange_their_texts() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["one", "two", "three"]).await;
    create(&admin, &["alice", "bob"]).await;
    bind(&admin, &person(&admin, "alice").await, job, jobs[0]).await;
    bind(&admin, &person(&admin, "bob").await, job, jobs[1]).await;

    let given = vec![by_id(jobs[1], "one"), by_id(jobs[0], "two"), by_id(jobs[2], "three")];
    let model = update(&admin, job, "job", given).await;
    assert_eq!(failed(&model, job), []);
    assert_eq!(pairs(&values(&admin, job).await), [(jobs[0], "two"), (jobs[1], "one"), (jobs[2], "three")]);
    assert_eq!(
        (has(&admin, "alice").await, has(&admin, "bob").await),
        (vec!["job=two".into()], vec!["job=one".into()])
    );

    // Around three corners, and into the text of one that goes.
    let given = vec![by_id(jobs[0], "one"), by_id(jobs[1], "three"), by_id(jobs[2], "two")];
    assert_eq!(failed(&update(&admin, job, "job", given).await, job), []);
    let given = vec![by_id(jobs[0], "three"), by_id(jobs[2], "two")];
    let model = update(&admin, job, "job", given).await;
    assert_eq!((saved(&model), failed(&model, job)), (vec![(jobs[0], "three"), (jobs[2], "two")], vec![]));
    assert_eq!((has(&admin, "alice").await, has(&admin, "bob").await), (vec!["job=three".into()], vec![]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_of_an_update_fails_alone() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    let (place, places) = make_property(&admin, "place", &["here"]).await;
    let longer = "值".repeat(65);

    let given = vec![
        by_id(jobs[0], "dev"),
        by_text("new"),
        by_text("new"),
        by_text(" new "),
        by_text("dev"),
        by_id(places[0], "there"),
        by_id(1, "nowhere"),
        by_id(-1, "nowhere"),
        by_text(&longer),
        by_text("a\nb"),
        by_text("last"),
    ];
    let model = update(&admin, job, "job", given).await;

    let kept: Vec<&str> = saved(&model).into_iter().map(|(_, text)| text).collect();
    assert_eq!((kept, saved(&model)[0].0), (vec!["dev", "new", "last"], jobs[0]));
    let not_saved = failed(&model, job);
    let codes: Vec<&str> = not_saved.iter().map(|(_, code)| *code).collect();
    let (twice, unknown, wrong) =
        ("ExistedPropertyValue", "InvalidPropertyValueId.NotFound", "InvalidPropertyValue");
    assert_eq!(codes, [twice, twice, twice, unknown, unknown, unknown, wrong, wrong]);
    assert_eq!([not_saved[0].0, not_saved[3].0, not_saved[4].0], ["new", "there", "nowhere"]);
    let texts: Vec<String> =
        values(&admin, job).await.into_iter().map(|value| value.property_value).collect();
    assert_eq!(texts, ["dev", "new", "last"]);
    assert_eq!(pairs(&values(&admin, place).await), [(places[0], "here")]);

    // Where two want one text, the first has it, and the other one keeps its own.
    let (job, jobs) = make_property(&admin, "role", &["one", "two", "three"]).await;
    let given = vec![by_id(jobs[1], "new"), by_id(jobs[0], "new"), by_text("new"), by_id(jobs[2], "three")];
    let model = update(&admin, job, "role", given).await;
    let kept = [(jobs[1], "new"), (jobs[2], "three"), (jobs[0], "one")];
    assert_eq!(saved(&model), kept, "all that the property has, the ones that fail to change last");
    assert_eq!(failed(&model, job), [("new", twice), ("new", twice)]);
    assert_eq!(pairs(&values(&admin, job).await), [(jobs[0], "one"), (jobs[1], "new"), (jobs[2], "three")]);

    // What keeps its own text keeps it from others.
    let given = vec![by_id(jobs[0], "one"), by_id(jobs[1], "one"), by_id(jobs[2], "three")];
    let model = update(&admin, job, "role", given).await;
    assert_eq!(saved(&model), [(jobs[0], "one"), (jobs[2], "three"), (jobs[1], "new")]);
    assert_eq!(failed(&model, job), [("one", twice)]);
    assert_eq!(pairs(&values(&admin, job).await), [(jobs[0], "one"), (jobs[1], "new"), (jobs[2], "three")]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_property_goes_with_its_values_from_all_users() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    let (place, places) = make_property(&admin, "place", &["here"]).await;
    create(&admin, &["alice", "bob"]).await;
    let (alice, bob) = (person(&admin, "alice").await, person(&admin, "bob").await);
    for (user, value) in [(&alice, 0), (&alice, 1), (&bob, 0)] {
        bind(&admin, user, job, jobs[value]).await;
    }
    bind(&admin, &alice, place, places[0]).await;

    admin.send(&RemoveProperty { property_id: job }).await.expect("it is there");

    assert_eq!(values_by_key(&admin).await, [("place".to_owned(), vec!["here".to_owned()])]);
    assert_eq!((has(&admin, "alice").await, has(&admin, "bob").await), (vec!["place=here".into()], vec![]));
    assert!(filtered(&admin, &by_name("job", "dev,ops")).await.is_empty());
    assert!(filtered(&admin, &by_name("job", "")).await.is_empty());
    for value in [None, Some(jobs[0].to_string())] {
        let filter = PropertyFilter { property_id: Some(job), property_value_ids: value };
        let param = Some(vec![filter].try_into().expect("one"));
        let request = FilterUsers { property_filter_param: param, ..FilterUsers::default() };
        assert!(filtered(&admin, &request).await.is_empty());
    }
    let shown = admin.send(&FilterUsers::default()).await.expect("the call is right").users;
    let keys: Vec<&str> = shown
        .iter()
        .flat_map(|user| &user.user_set_properties_models)
        .map(|property| property.property_key.as_str())
        .collect();
    assert_eq!(keys, ["place"]);
    let id = job.to_string();
    refuses(&admin, "CheckUsedProperty", &[(&[("PropertyId", &id)], "InvalidPropertyId.NotFound")]).await;

    let (again, values_again) = make_property(&admin, "Job", &["dev"]).await;
    assert_eq!(used(&admin, again, &values_again).await, (0, vec![0]));
    bind(&admin, &bob, again, values_again[0]).await;
    assert_eq!(has(&admin, "bob").await, ["Job=dev"]);
    assert_eq!(filtered(&admin, &by_name("job", "dev,ops")).await, ["bob"]);
    until("the old values are gone from their users", async || {
        number(&server.home, "select count(*) from user_values").await == 2
    })
    .await;
    until("the old property is gone", async || {
        number(&server.home, "select count(*) from properties").await == 2
            && number(&server.home, "select count(*) from property_items").await == 2
    })
    .await;
    assert_eq!(used(&admin, again, &values_again).await, (1, vec![1]));
    assert_eq!(used(&admin, place, &places).await, (1, vec![1]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_outlive_the_server() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (job, jobs) = make_property(&admin, "job", &["dev", "ops"]).await;
    let (gone, gone_values) = make_property(&admin, "gone", &["away"]).await;
    create(&admin, &["alice"]).await;
    let alice = person(&admin, "alice").await;
    bind(&admin, &alice, job, jobs[0]).await;
    bind(&admin, &alice, job, jobs[1]).await;
    bind(&admin, &alice, gone, gone_values[0]).await;
    admin.send(&RemoveProperty { property_id: gone }).await.expect("it is there");
    update(&admin, job, "job", vec![by_text("dev")]).await;
    let before = picture(&admin).await;

    let server = server.restart().await;

    let admin = server.administrator();
    assert_eq!(picture(&admin).await, before);
    assert_eq!(has(&admin, "alice").await, ["job=dev"]);
    assert_eq!(used(&admin, job, &jobs[..1]).await, (1, vec![1]));
    server.stop().await;
}
