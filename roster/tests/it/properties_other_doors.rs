//! Properties of kinds that this door does not make, as other doors will: made by the rule, seen through the door.
//!
//! Source: `reference/doors.md` §1.3.

use access::{Change, Permit, Scope};
use api::eds::{
    DeleteUserPropertyValue, DescribedUser, RemoveProperty, SetUserPropertyValue, UpdateProperty,
};
use directory::properties::{self, Limits, NewItem, NewProperty};
use model::property::{Kind, Property};
use model::text::PropertyName;
use roster::house;

use crate::support::{
    Client, Fault, Server, bind, create, make_property, person, picture, properties_of, refuses,
    values_by_key,
};

/// More than any test makes.
const NO_LIMITS: Limits = Limits { properties: 1_000, values: 1_000, reserved: &[] };

/// A property as other doors may make it, of this kind.
fn new_property(name: &str, kind: Kind, values: &[&str]) -> NewProperty {
    let name = PropertyName::new(name).expect("a short line");
    NewProperty {
        items: values.iter().map(|value| NewItem::of(*value)).collect(),
        ..NewProperty::named(name, kind)
    }
}

/// Makes a property beside the server, as another door would: its id and those of its values. Later than what was
/// made before and earlier than what follows, since two who make ids in one millisecond may make the same.
async fn made(server: &Server, new: &NewProperty) -> (i64, Vec<i64>) {
    server.pass(1);
    let open = house::open(&server.home.serve.house, false).await.expect("the house opens");
    let directory = open.default_directory().await.expect("there is one");
    let permit = Permit::operator("test", Scope::Directory(directory), server.home.clock.now());
    let mut change = Change::new(&open.store, &open.tools, None);
    let (property, _) =
        properties::create(&mut change, &permit, new, NO_LIMITS).await.expect("it can be made");
    change.commit(&permit).await.expect("it is written");
    open.store.close().await;
    server.pass(1);
    (property.id.number().0, property.items.iter().map(|item| item.number.0).collect())
}

/// All properties, also those that this door does not show.
async fn stored(server: &Server) -> Vec<Property> {
    let open = house::open(&server.home.serve.house, false).await.expect("the house opens");
    let directory = open.default_directory().await.expect("there is one");
    let found = store::properties::all(&mut open.store.reader(), directory.key).await;
    open.store.close().await;
    found.expect("they are read")
}

async fn try_bind(admin: &Client, user: &DescribedUser, property: i64, value: i64) -> Result<(), Fault> {
    let request = SetUserPropertyValue {
        user_id: user.id,
        user_name: user.end_user_id.clone(),
        property_id: property,
        property_value_id: value,
    };
    admin.send(&request).await.map(|_| ())
}

async fn unbind(admin: &Client, user: &DescribedUser, property: i64, value: i64) -> Result<(), Fault> {
    let request =
        DeleteUserPropertyValue { user_id: user.id, property_id: property, property_value_id: value };
    admin.send(&request).await.map(|_| ())
}

async fn has(admin: &Client, name: &str) -> Vec<String> {
    properties_of(&person(admin, name).await)
}

async fn used(admin: &Client, property: i64) -> i64 {
    let answer = admin.call("CheckUsedProperty", &[("PropertyId", &property.to_string())]).await.json();
    answer["UseCount"].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_holds_one_value_and_the_next_one_replaces_it() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (grade, grades) = made(&server, &new_property("grade", Kind::Select, &["one", "two"])).await;
    create(&admin, &["alice"]).await;
    let alice = person(&admin, "alice").await;

    bind(&admin, &alice, grade, grades[0]).await;
    bind(&admin, &alice, grade, grades[1]).await;
    assert_eq!((has(&admin, "alice").await, used(&admin, grade).await), (vec!["grade=two".to_owned()], 1));
    let before = picture(&admin).await;
    bind(&admin, &alice, grade, grades[1]).await;
    unbind(&admin, &alice, grade, grades[0]).await.expect("she does not have it");
    assert_eq!(picture(&admin).await, before);
    unbind(&admin, &alice, grade, grades[1]).await.expect("she has it");
    assert_eq!((has(&admin, "alice").await, used(&admin, grade).await), (vec![], 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_must_be_unique_is_one_user_s() {
    let server = Server::start().await;
    let admin = server.administrator();
    let new = NewProperty { unique: true, ..new_property("desk", Kind::Checkbox, &["one", "two"]) };
    let (desk, desks) = made(&server, &new).await;
    create(&admin, &["alice", "bob"]).await;
    let (alice, bob) = (person(&admin, "alice").await, person(&admin, "bob").await);
    bind(&admin, &alice, desk, desks[0]).await;

    let before = picture(&admin).await;
    let fault = try_bind(&admin, &bob, desk, desks[0]).await.expect_err("it is hers");
    assert_eq!(fault.brief(), "400 ExistedPropertyValue");
    assert_eq!(fault.message, "The property value is used by another property.");
    bind(&admin, &alice, desk, desks[0]).await;
    assert_eq!(picture(&admin).await, before);

    bind(&admin, &bob, desk, desks[1]).await;
    unbind(&admin, &alice, desk, desks[0]).await.expect("she has it");
    bind(&admin, &bob, desk, desks[0]).await;
    assert_eq!(has(&admin, "bob").await, ["desk=one", "desk=two"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_take_a_unique_value_at_once_one_does() {
    let server = Server::start().await;
    let admin = server.administrator();
    let other = server.administrator();
    let new = NewProperty { unique: true, ..new_property("desk", Kind::Checkbox, &["one"]) };
    let (desk, desks) = made(&server, &new).await;
    create(&admin, &["alice", "bob"]).await;
    let (alice, bob) = (person(&admin, "alice").await, person(&admin, "bob").await);
    for round in 0..20 {
        let (hers, his) =
            tokio::join!(try_bind(&admin, &alice, desk, desks[0]), try_bind(&other, &bob, desk, desks[0]));
        let (winner, loser) = if hers.is_ok() { (&alice, his) } else { (&bob, hers) };
        let fault = loser.expect_err("one of them has it");
        assert_eq!(fault.brief(), "400 ExistedPropertyValue", "round {round}");
        assert_eq!(used(&admin, desk).await, 1, "round {round}");
        unbind(&admin, winner, desk, desks[0]).await.expect("the winner has it");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_value_that_must_be_there_cannot_be_taken_away() {
    let server = Server::start().await;
    let admin = server.administrator();
    let new = NewProperty { required: true, ..new_property("job", Kind::Checkbox, &["dev", "ops"]) };
    let (job, jobs) = made(&server, &new).await;
    create(&admin, &["alice"]).await;
    let alice = person(&admin, "alice").await;
    assert_eq!(has(&admin, "alice").await, Vec::<String>::new(), "this door makes users without it");
    bind(&admin, &alice, job, jobs[0]).await;
    bind(&admin, &alice, job, jobs[1]).await;

    unbind(&admin, &alice, job, jobs[0]).await.expect("another one is left");
    let (user, property, value) = (alice.id.to_string(), job.to_string(), jobs[1].to_string());
    let last: &[(&str, &str)] = &[("UserId", &user), ("PropertyId", &property), ("PropertyValueId", &value)];
    refuses(&admin, "DeleteUserPropertyValue", &[(last, "OperationDenied.RequiredProperty")]).await;
    unbind(&admin, &alice, job, jobs[0]).await.expect("she does not have it");
    assert_eq!(has(&admin, "alice").await, ["job=ops"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_encrypted_or_disabled_is_hidden_but_its_name_is_taken() {
    let server = Server::start().await;
    let admin = server.administrator();
    let encrypted = NewProperty { encrypted: true, ..new_property("Secret", Kind::Checkbox, &["one"]) };
    let disabled = NewProperty { enabled: false, ..new_property("Old", Kind::Select, &["two"]) };
    let (encrypted, encrypted_values) = made(&server, &encrypted).await;
    let (disabled, disabled_values) = made(&server, &disabled).await;
    let (job, _) = make_property(&admin, "job", &["dev"]).await;
    create(&admin, &["alice"]).await;
    let (user, job) = (person(&admin, "alice").await.id.to_string(), job.to_string());

    assert_eq!(values_by_key(&admin).await, [("job".to_owned(), vec!["dev".to_owned()])]);
    for key in ["secret", "SECRET", "old", "ｏｌｄ"] {
        refuses(&admin, "CreateProperty", &[(&[("PropertyKey", key)], "ExistedPropertyKey")]).await;
        let renamed: &[(&str, &str)] = &[("PropertyId", &job), ("PropertyKey", key)];
        refuses(&admin, "UpdateProperty", &[(renamed, "ExistedPropertyKey")]).await;
    }
    let code = "InvalidPropertyId.NotFound";
    for (id, values) in [(encrypted, encrypted_values), (disabled, disabled_values)] {
        let (id, value) = (id.to_string(), values[0].to_string());
        let (property, value, user) =
            (("PropertyId", id.as_str()), ("PropertyValueId", value.as_str()), ("UserId", user.as_str()));
        refuses(&admin, "RemoveProperty", &[(&[property], code)]).await;
        refuses(&admin, "UpdateProperty", &[(&[property, ("PropertyKey", "x")], code)]).await;
        refuses(&admin, "ListPropertyValue", &[(&[property], code)]).await;
        refuses(&admin, "CheckUsedProperty", &[(&[property], code)]).await;
        refuses(&admin, "CheckUsedPropertyValue", &[(&[property, value], code)]).await;
        refuses(&admin, "SetUserPropertyValue", &[(&[user, ("UserName", "alice"), property, value], code)])
            .await;
        refuses(&admin, "DeleteUserPropertyValue", &[(&[user, property, value], code)]).await;
    }
    // They are none of the ten.
    for number in 1..10 {
        make_property(&admin, &format!("key {number}"), &[]).await;
    }
    refuses(&admin, "CreateProperty", &[(&[("PropertyKey", "x")], "QuotaExceeded.Property")]).await;
    assert_eq!(stored(&server).await.len(), 12);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_in_has_no_values_to_choose_from() {
    let server = Server::start().await;
    let admin = server.administrator();
    make_property(&admin, "job", &["dev"]).await;
    create(&admin, &["alice"]).await;
    let user = person(&admin, "alice").await.id.to_string();
    let jobs = values_of(&admin, "job").await;

    for (key, kind) in [("nick", Kind::Text), ("age", Kind::Number), ("remote", Kind::Truth)] {
        let (property, values) = made(&server, &new_property(key, kind, &[])).await;
        assert_eq!(values, Vec::<i64>::new());
        let listed = values_by_key(&admin).await.into_iter().find(|(listed, _)| listed == key);
        assert_eq!(listed, Some((key.to_owned(), Vec::new())));

        let id = property.to_string();
        let (property, key, user) =
            (("PropertyId", id.as_str()), ("PropertyKey", key), ("UserId", user.as_str()));
        let with_values = [property, key, ("PropertyValues.1.PropertyValue", "x")];
        refuses(&admin, "UpdateProperty", &[(&with_values, "InvalidPropertyValues")]).await;
        let code = "InvalidPropertyValueId.NotFound";
        for value in [jobs.as_str(), "1", &id] {
            let value = ("PropertyValueId", value);
            let bound = [user, ("UserName", "alice"), property, value];
            refuses(&admin, "SetUserPropertyValue", &[(&bound, code)]).await;
            refuses(&admin, "DeleteUserPropertyValue", &[(&[user, property, value], code)]).await;
            refuses(&admin, "CheckUsedPropertyValue", &[(&[property, value], code)]).await;
        }
        assert_eq!(used(&admin, id.parse().expect("digits")).await, 0);
        let renamed =
            admin.call("UpdateProperty", &[property, ("PropertyKey", &format!("my {}", key.1))]).await;
        assert_eq!(renamed.status, 200, "{}", renamed.text());
        let removed = admin.send(&RemoveProperty { property_id: id.parse().expect("digits") }).await;
        removed.expect("it is there");
    }
    assert_eq!(values_by_key(&admin).await.len(), 1);
    server.stop().await;
}

/// The id of a property's first value, as text.
async fn values_of(admin: &Client, key: &str) -> String {
    let listed = admin.call("ListProperty", &[]).await.json();
    let properties = listed["Properties"].as_array().expect("a list");
    let property = properties.iter().find(|property| property["PropertyKey"] == key).expect("it is listed");
    property["PropertyValues"][0]["PropertyValueId"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_the_new_display_name_where_they_were_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (one, _) = make_property(&admin, "one", &[]).await;
    let display_name = PropertyName::new("Shown").expect("a short line");
    let (two, _) =
        made(&server, &NewProperty { display_name, ..new_property("two", Kind::Select, &[]) }).await;

    for (property_id, key) in [(one, "first"), (two, "second")] {
        let request = UpdateProperty { property_id, property_key: key.into(), property_values: None };
        admin.send(&request).await.expect("the name is free");
    }

    let names: Vec<(String, String)> = stored(&server)
        .await
        .into_iter()
        .map(|property| (property.name.as_str().to_owned(), property.display_name.as_str().to_owned()))
        .collect();
    assert_eq!(names, [("first".into(), "first".into()), ("second".into(), "Shown".into())]);
    server.stop().await;
}
