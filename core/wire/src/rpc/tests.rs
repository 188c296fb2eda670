//! What is decoded from what, and that encoding is the way back.

use std::collections::BTreeMap;

use model::right::{Resource, Right};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::action::{Action, require};
use crate::list::List;
use crate::parameters::{Body, Parameters};

/// One parameter of each shape that actions have.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Sample {
    text: Option<String>,
    number: Option<i64>,
    small: Option<u8>,
    ratio: Option<f64>,
    flag: Option<bool>,
    name: Option<Name>,
    color: Option<Color>,
    texts: Option<Vec<String>>,
    numbers: Option<Vec<i32>>,
    few: Option<List<String, 1, 3>>,
    person: Option<Person>,
    people: Option<Vec<Person>>,
    flags: Option<BTreeMap<String, bool>>,
    words: Option<BTreeMap<String, String>>,
    people_by: Option<BTreeMap<String, Person>>,
    anything: Option<Value>,
    anythings: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    offset: u32,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Person {
    name: String,
    age: Option<u32>,
    groups: Option<Vec<String>>,
    friend: Option<Box<Person>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Err("a name is not empty");
        }
        Ok(Self(text))
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Color {
    Red,
    #[serde(rename = "light-blue")]
    LightBlue,
}

impl Action for Sample {
    const NAME: &'static str = "Sample";
    const RIGHT: Right = Right::get("test:Sample");
    type Reply = ();

    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    fn check(&self) -> Result<(), Undecodable> {
        require(self.offset == 0 || self.number.is_some(), "Number")
    }
}

/// An action with required parameters.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Strict {
    text: String,
    number: i64,
    people: List<Person, 1, 2>,
}

impl Action for Strict {
    const NAME: &'static str = "Strict";
    const RIGHT: Right = Right::get("test:Strict");
    type Reply = ();

    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }
}

fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Parameters::from_pairs(pairs.collect())
}

/// What `pairs` decode to, as JSON without what is absent.
fn sample(pairs: &[(&str, &str)]) -> Result<Value, Undecodable> {
    decode::<Sample>(&parameters(pairs)).map(|sample| given(serde_json::to_value(sample).unwrap()))
}

fn given(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, member)| !member.is_null() && name != "Offset")
            .map(|(name, member)| (name, given(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(given).collect(),
        other => other,
    }
}

fn check(table: &[(&[(&str, &str)], Value)]) {
    for (pairs, expected) in table {
        assert_eq!(sample(pairs).as_ref(), Ok(expected), "{pairs:?}");
    }
}

#[test]
fn scalars_come_as_text() {
    check(&[
        (&[], json!({})),
        (&[("Text", " x "), ("Unknown.1.x", "y")], json!({"Text": " x "})),
        (&[("Text", "{\"a\":1}")], json!({"Text": "{\"a\":1}"})),
        (&[("Number", "-9223372036854775808")], json!({"Number": i64::MIN})),
        (&[("Small", "255")], json!({"Small": 255})),
        (&[("Ratio", "0.5")], json!({"Ratio": 0.5})),
        (&[("Flag", "True")], json!({"Flag": true})),
        (&[("Flag", "FALSE")], json!({"Flag": false})),
        (&[("Name", "n")], json!({"Name": "n"})),
        (&[("Color", "light-blue")], json!({"Color": "light-blue"})),
    ]);
}

#[test]
fn an_empty_text_is_a_value_for_texts_only() {
    check(&[
        (&[("Text", "")], json!({"Text": ""})),
        (&[("Texts.1", "")], json!({"Texts": [""]})),
        (&[("Words.a", "")], json!({"Words": {"a": ""}})),
        (&[("Number", ""), ("Ratio", ""), ("Flag", ""), ("Color", ""), ("Offset", "")], json!({})),
        (&[("Texts", ""), ("Person", ""), ("Flags", ""), ("Anything", ""), ("Few", "")], json!({})),
        (&[("Texts", "[]"), ("Few", "[]"), ("Flags", "null")], json!({})),
        (&[("Numbers.1", ""), ("Numbers.2", "7")], json!({"Numbers": [7]})),
        (&[("Numbers.1", ""), ("Numbers.2", "")], json!({})),
        (&[("Flags.a", ""), ("Flags.b", "true")], json!({"Flags": {"b": true}})),
        (
            &[("People.1.Name", ""), ("People.1.Age", ""), ("People.2.Name", "b"), ("People.2.Age", "3")],
            json!({"People": [{"Name": ""}, {"Name": "b", "Age": 3}]}),
        ),
        (&[("Person", "{\"Name\":\"\",\"Age\":\"\"}")], json!({"Person": {"Name": ""}})),
    ]);
}

#[test]
fn lists_count_from_one() {
    check(&[
        (
            &[("Texts.10", "ten"), ("Texts.2", "two"), ("Texts.1", "one")],
            json!({"Texts": ["one", "two", "ten"]}),
        ),
        (&[("Texts.0", "no"), ("Texts.10000", "yes")], json!({"Texts": ["yes"]})),
        (&[("Texts.0", "no")], json!({})),
        (&[("People.1.Name", "a"), ("People.1.Groups.0", "x")], json!({"People": [{"Name": "a"}]})),
        (
            &[("People.2.Name", "b"), ("People.1.Name", "a"), ("People.1.Groups.2", "g")],
            json!({"People": [{"Name": "a", "Groups": ["g"]}, {"Name": "b"}]}),
        ),
        (
            &[("People.1.Friend.Friend.Name", "c"), ("People.1.Friend.Name", "b"), ("People.1.Name", "a")],
            json!({"People": [{"Name": "a", "Friend": {"Name": "b", "Friend": {"Name": "c"}}}]}),
        ),
    ]);
}

#[test]
fn json_text_will_do_for_lists_objects_and_maps() {
    check(&[
        (&[("Texts", "[\"a\", null, \"b\"]")], json!({"Texts": ["a", "b"]})),
        (&[("Texts", "[1, true]")], json!({"Texts": ["1", "true"]})),
        (&[("Texts", "null")], json!({})),
        (&[("Numbers", "[1,\"2\"]")], json!({"Numbers": [1, 2]})),
        (
            &[("Person", "{\"Name\":\"\\u5f20\",\"Age\":\"5\",\"Groups\":[\"g\"],\"Else\":{}}")],
            json!({"Person": {"Name": "张", "Age": 5, "Groups": ["g"]}}),
        ),
        (&[("People.1", "{\"Name\":\"a\",\"Age\":null}")], json!({"People": [{"Name": "a"}]})),
        (
            &[("People", "[{\"Name\":\"a\",\"Friend\":\"{\\\"Name\\\":\\\"b\\\"}\"}]")],
            json!({"People": [{"Name": "a", "Friend": {"Name": "b"}}]}),
        ),
        (&[("Flags", "{\"a.b\":\"True\",\"c\":false}")], json!({"Flags": {"a.b": true, "c": false}})),
        (&[("Texts", "nonsense"), ("Texts.1", "a")], json!({"Texts": ["a"]})),
    ]);
}

#[test]
fn maps_have_counted_keys_or_plain_ones() {
    check(&[
        (&[("Flags.#8#getPhone", "true")], json!({"Flags": {"getPhone": true}})),
        (&[("Flags.getPhone", "True")], json!({"Flags": {"getPhone": true}})),
        (&[("Words.#3#a.b", "x"), ("Words.c", "y")], json!({"Words": {"a.b": "x", "c": "y"}})),
        (&[("PeopleBy.#3#a.b.Name", "x")], json!({"PeopleBy": {"a.b": {"Name": "x"}}})),
    ]);
}

#[test]
fn a_value_of_any_type_is_json_or_flattened_texts() {
    check(&[
        (&[("Anything", "{\"a\":[1,\"x\"]}")], json!({"Anything": {"a": [1, "x"]}})),
        (&[("Anything", "\"x\"")], json!({"Anything": "x"})),
        (&[("Anything", "5")], json!({"Anything": 5})),
        (&[("Anything", "null")], json!({})),
        (&[("Anything.a.1", "5"), ("Anything.b", "x")], json!({"Anything": {"a": ["5"], "b": "x"}})),
        (&[("Anythings", "{\"a\":1}")], json!({"Anythings": {"a": 1}})),
        (&[("Anythings.a", "1"), ("Anythings.b", "")], json!({"Anythings": {"a": "1", "b": ""}})),
    ]);
}

#[test]
fn what_does_not_fit_is_blamed_on_the_outermost_name() {
    let deep_names = format!("Anything{}", ".a".repeat(16));
    let deep_people = format!("Person{}.Name", ".Friend".repeat(15));
    let deep_json = format!("{}{}", "[".repeat(17), "]".repeat(17));
    let abyss = "[".repeat(100_000);
    for (name, value) in [
        ("Number", "x"),
        ("Number", "5.0"),
        ("Number", "9223372036854775808"),
        ("Small", "256"),
        ("Small", "-1"),
        ("Ratio", "NaN"),
        ("Flag", "1"),
        ("Name", ""),
        ("Color", "Green"),
        ("Color", "LightBlue"),
        ("Texts", "plain"),
        ("Texts", "{}"),
        ("Texts.01", "a"),
        ("Texts.-1", "a"),
        ("Texts.+1", "a"),
        ("Texts.", "a"),
        ("Texts.x", "a"),
        ("Texts.10001", "a"),
        ("Texts.99999999999999999999", "a"),
        ("Texts", "[[]]"),
        ("Text.1", "a"),
        ("Few", "[1,2,3,4]"),
        ("Person", "[object Object]"),
        ("Person", "[1]"),
        ("Person", "{\"Name\":{}}"),
        ("People.1.Age", "x"),
        ("Anything", "plain"),
        ("Anything", &deep_json),
        ("Anything", &abyss),
        (&deep_names, "x"),
        (&deep_people, "x"),
    ] {
        let outermost = name.split('.').next().unwrap().to_owned();
        let found = sample(&[(name, value), ("People.1.Name", "a")]);
        assert_eq!(found, Err(Undecodable::Invalid(outermost)), "{name}={value:.40}");
    }
}

#[test]
fn sixteen_levels_are_not_too_deep() {
    let names = format!("Anything{}", ".a".repeat(15));
    let json = format!("{}{}", "[".repeat(16), "]".repeat(16));

    assert!(sample(&[(&names, "x")]).is_ok());
    assert!(sample(&[("Anything", &json)]).is_ok());
    assert!(sample(&[(&format!("Unknown{}", ".a".repeat(99)), "x")]).is_ok());
}

#[test]
fn what_is_missing_is_named() {
    let whole = [("Text", ""), ("Number", "1"), ("People.1.Name", "a")];
    let missing = |name: &str| Err(Undecodable::Missing(name.to_owned()));

    assert!(decode::<Strict>(&parameters(&whole)).is_ok());
    for (index, name) in ["Text", "Number", "People"].into_iter().enumerate() {
        let mut pairs = whole.to_vec();
        pairs.remove(index);
        assert_eq!(decode::<Strict>(&parameters(&pairs)), missing(name));
    }
    for pairs in [
        [whole[0], ("Number", ""), whole[2]],
        [whole[0], whole[1], ("People", "")],
        [whole[0], whole[1], ("People.0.Name", "a")],
        [whole[0], whole[1], ("People.1.Age", "1")],
        [whole[0], whole[1], ("People", "[{}]")],
    ] {
        let name = if pairs[1].1.is_empty() { "Number" } else { "People" };
        assert_eq!(decode::<Strict>(&parameters(&pairs)), missing(name), "{pairs:?}");
    }
}

#[test]
fn conditions_between_parameters_come_last() {
    let missing = Err(Undecodable::Missing("Number".to_owned()));

    assert_eq!(sample(&[("Offset", "1")]), missing);
    assert!(sample(&[("Offset", "1"), ("Number", "1")]).is_ok());
}

#[test]
fn a_flood_of_empty_members_is_soon_given_up() {
    let pairs: Vec<(String, String)> = (1..5_000)
        .flat_map(|n| {
            let name = (format!("People.{n}.Name"), "a".to_owned());
            [name, (format!("People.{n}.Groups.0"), String::new())]
        })
        .collect();

    let found = decode::<Sample>(&Parameters::from_pairs(pairs));

    assert_eq!(found, Err(Undecodable::Invalid("Sample".to_owned())));
}

#[test]
fn encoding_flattens() {
    let sample = Sample {
        text: Some(String::new()),
        flag: Some(true),
        color: Some(Color::LightBlue),
        texts: Some(vec!["a".to_owned(), "b c".to_owned()]),
        numbers: Some(Vec::new()),
        people: Some(vec![Person {
            name: "张".to_owned(),
            groups: Some(vec!["g".to_owned()]),
            ..Person::default()
        }]),
        flags: Some(BTreeMap::from([("a.b".to_owned(), true), ("#".to_owned(), false)])),
        ..Sample::default()
    };

    let pairs = encode(&sample).unwrap();

    assert_eq!(
        form(&pairs),
        "Text=&Flag=true&Color=light-blue&Texts.1=a&Texts.2=b%20c&People.1.Name=%E5%BC%A0\
         &People.1.Groups.1=g&Flags.%231%23%23=false&Flags.%233%23a.b=true&Offset=0"
    );
}

#[test]
fn only_objects_are_encoded() {
    assert!(encode(&5).is_err());
    assert!(encode(&["a"]).is_err());
    assert!(encode(&BTreeMap::from([("a", Err::<(), _>("b"))])).is_err());
    assert_eq!(encode(&None::<i32>), Ok(Vec::new()));
}

/// Any text; the key of a map among them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[.#0-9a-c]{0,6}", "张.{0,3}"]
}

fn person() -> impl Strategy<Value = Person> {
    let alone = (text(), any::<Option<u32>>(), list(text())).prop_map(|(name, age, groups)| Person {
        name,
        age,
        groups,
        friend: None,
    });
    alone.prop_recursive(3, 6, 1, |friend| {
        (text(), friend).prop_map(|(name, friend)| Person {
            name,
            age: None,
            groups: None,
            friend: Some(Box::new(friend)),
        })
    })
}

/// None, or a list with members: an empty one is not sent.
fn list<T: std::fmt::Debug>(member: impl Strategy<Value = T>) -> impl Strategy<Value = Option<Vec<T>>> {
    prop::option::of(prop::collection::vec(member, 1..12))
}

fn map<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<BTreeMap<String, T>>> {
    prop::option::of(prop::collection::btree_map(text(), value, 1..4))
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let scalars = (
        prop::option::of(text()),
        any::<Option<i64>>(),
        any::<Option<u8>>(),
        prop::option::of(-1e9..1e9),
        any::<Option<bool>>(),
        prop::option::of(".{1,5}".prop_map(Name)),
        prop::option::of(prop_oneof![Just(Color::Red), Just(Color::LightBlue)]),
    );
    let lists = (list(text()), list(any::<i32>()), list(person()));
    let objects = (prop::option::of(person()), map(any::<bool>()), map(text()), map(person()));
    (scalars, lists, objects).prop_map(|(scalars, lists, objects)| {
        let (text, number, small, ratio, flag, name, color) = scalars;
        let (texts, numbers, people) = lists;
        let (person, flags, words, people_by) = objects;
        Sample {
            text,
            number,
            small,
            ratio,
            flag,
            name,
            color,
            texts,
            numbers,
            people,
            person,
            flags,
            words,
            people_by,
            ..Sample::default()
        }
    })
}

/// Names and values near enough to real ones to get past the first look.
fn nearly() -> impl Strategy<Value = Vec<(String, String)>> {
    let segment = prop_oneof![
        "(Text|Number|Flag|Color|Texts|Numbers|Few|Person|People|Flags|Words|PeopleBy|Anything|Anythings|Offset)",
        "(Name|Age|Groups|Friend|[0-9]{1,5}|#[0-9]{0,20}#.{0,5})",
        any::<String>(),
    ];
    let name = prop::collection::vec(segment, 0..6).prop_map(|segments| segments.join("."));
    let value = prop_oneof![
        any::<String>(),
        Just(String::new()),
        "(true|[0-9]{1,20}|null|\\[.{0,5}\\]|\\{\"Name\":.{0,5}\\}|\\[\"\",null,[0-9]\\])",
    ];
    prop::collection::vec((name, value), 0..20)
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(sample in any_sample()) {
        let parameters = Parameters::from_pairs(encode(&sample).unwrap());
        prop_assert_eq!(decode::<Sample>(&parameters), Ok(sample));
    }

    #[test]
    fn a_form_undoes_as_well(sample in any_sample()) {
        let form = form(&encode(&sample).unwrap());
        let parameters = Parameters::read("", Body::Form(form.as_bytes())).unwrap();
        prop_assert_eq!(decode::<Sample>(&parameters), Ok(sample));
    }

    #[test]
    fn json_in_one_parameter_says_the_same(person in person()) {
        let text = serde_json::to_string(&person).unwrap();
        let found = decode::<Sample>(&parameters(&[("Person", &text)]));
        prop_assert_eq!(found, Ok(Sample { person: Some(person), ..Sample::default() }));
    }

    #[test]
    fn no_parameters_make_it_panic(pairs in nearly()) {
        let parameters = Parameters::from_pairs(pairs);
        let _outcomes = (decode::<Sample>(&parameters), decode::<Strict>(&parameters));
    }

    #[test]
    fn no_request_makes_it_panic(query in any::<String>(), body in prop::collection::vec(any::<u8>(), 0..64)) {
        for body in [Body::Form(&body), Body::Json(&body)] {
            let _outcome = Parameters::read(&query, body).map(|found| decode::<Sample>(&found));
        }
    }
}
