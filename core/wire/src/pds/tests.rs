//! What is read from bodies, and what answers look like.

use model::Millis;
use model::right::Right;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::fault::Fault;
use crate::operation::{Operation, Success};

/// One field of each kind that operations have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Sample {
    user_id: Name,
    nick_name: Option<String>,
    role: Option<Role>,
    #[serde(default, deserialize_with = "blank")]
    status: Option<Role>,
    #[serde(default, deserialize_with = "number")]
    limit: Option<u8>,
    total_size: Option<i64>,
    force: Option<bool>,
    group_info_list: Option<Vec<GroupInfo>>,
    user_data: Option<Value>,
    #[serde(default)]
    marker: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct GroupInfo {
    group_id: String,
    member_role: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Role {
    User,
    Admin,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() || text.contains('#') { Err("not a name") } else { Ok(Self(text)) }
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Found {
    items: Vec<String>,
    next_marker: String,
    total_size: i64,
    permission: Option<Value>,
}

impl Operation for Sample {
    const PATH: &'static str = "/v2/user/create";
    const RIGHT: Right = Right::create("pds:CreateUser");
    const SUCCESS: Success = Success::Created;
    type Reply = Found;

    fn check(&self) -> Result<(), Unfit> {
        refuse(self.role == Some(Role::Admin) && self.force == Some(true), "force")?;
        require(self.total_size.is_none() || self.force.is_some(), "force")
    }
}

/// An operation that answers without a body, and one that takes nothing.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Nothing {}

impl Operation for Nothing {
    const PATH: &'static str = "/v2/user/delete";
    const RIGHT: Right = Right::delete("pds:DeleteUser");
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();
}

fn plain() -> Sample {
    Sample {
        user_id: Name("u1".to_owned()),
        nick_name: None,
        role: None,
        status: None,
        limit: None,
        total_size: None,
        force: None,
        group_info_list: None,
        user_data: None,
        marker: String::new(),
    }
}

fn read(body: &Value) -> Result<Sample, Unfit> {
    decode(&Body::json(body.to_string().as_bytes())?)
}

#[test]
fn a_body_is_read_by_its_types() {
    let found = read(&json!({
        "user_id": "u1", "nick_name": "", "role": "admin", "limit": 7, "total_size": -1, "force": false,
        "group_info_list": [{"group_id": "g", "member_role": null}], "user_data": {"a": null, "b": [1]},
        "marker": "m",
    }));

    let expected = Sample {
        nick_name: Some(String::new()),
        role: Some(Role::Admin),
        limit: Some(7),
        total_size: Some(-1),
        force: Some(false),
        group_info_list: Some(vec![GroupInfo { group_id: "g".to_owned(), member_role: None }]),
        user_data: Some(json!({"a": null, "b": [1]})),
        marker: "m".to_owned(),
        ..plain()
    };
    assert_eq!(found, Ok(expected));
}

#[test]
fn unknown_members_are_ignored_and_null_is_absent() {
    for body in [
        json!({"user_id": "u1", "donot_emit_error": true, "more": {"deep": [[null]]}}),
        json!({"user_id": "u1", "nick_name": null, "limit": null, "marker": null, "group_info_list": null}),
        json!({"user_id": "u1", "status": "", "limit": ""}),
    ] {
        assert_eq!(read(&body), Ok(plain()), "{body}");
    }
}

#[test]
fn digits_do_for_a_limit() {
    let limit = |limit: Value| read(&json!({"user_id": "u1", "limit": limit})).map(|found| found.limit);
    let invalid = Err(Unfit::Invalid("limit".to_owned()));

    assert_eq!(limit(json!("100")), Ok(Some(100)));
    assert_eq!(limit(json!(100)), Ok(Some(100)));
    for other in [json!(1.5), json!(-1), json!(256), json!("x"), json!(" 1"), json!(true), json!([1])] {
        assert_eq!(limit(other.clone()), invalid, "{other}");
    }
}

#[test]
fn who_is_to_blame_is_named() {
    let missing = |name: &str| Unfit::Missing(name.to_owned());
    let invalid = |name: &str| Unfit::Invalid(name.to_owned());
    let empty = |name: &str| Unfit::Empty(name.to_owned());
    for (body, expected) in [
        (json!({}), missing("user_id")),
        (json!({"user_id": null}), missing("user_id")),
        (json!({"user_id": ""}), empty("user_id")),
        (json!({"user_id": 1}), invalid("user_id")),
        (json!({"user_id": "a#b"}), invalid("user_id")),
        (json!({"user_id": "u", "nick_name": 5}), invalid("nick_name")),
        (json!({"user_id": "u", "role": ""}), empty("role")),
        (json!({"user_id": "u", "role": "king"}), invalid("role")),
        (json!({"user_id": "u", "status": "king"}), invalid("status")),
        (json!({"user_id": "u", "total_size": "5"}), invalid("total_size")),
        (json!({"user_id": "u", "total_size": 1e30}), invalid("total_size")),
        (json!({"user_id": "u", "force": "true"}), invalid("force")),
        (json!({"user_id": "u", "group_info_list": {}}), invalid("group_info_list")),
        (json!({"user_id": "u", "group_info_list": [{}]}), invalid("group_info_list")),
        (json!({"user_id": "u", "group_info_list": [{"group_id": 1}]}), invalid("group_info_list")),
        (json!({"user_id": "u", "role": "admin", "force": true}), Unfit::Unsupported("force".to_owned())),
        (json!({"user_id": "u", "total_size": 5}), missing("force")),
    ] {
        assert_eq!(read(&body), Err(expected), "{body}");
    }
}

#[test]
fn no_body_is_an_object_without_members() {
    for body in ["", "  \r\n", "{}", "null", " {} "] {
        assert_eq!(decode(&Body::json(body.as_bytes()).unwrap()), Ok(Nothing {}), "{body:?}");
    }
    for body in ["[]", "1", "\"x\"", "{", "{} {}", "{\"a\":}", "a=b", "\u{FEFF}{}"] {
        assert_eq!(Body::json(body.as_bytes()), Err(Unfit::NotJson), "{body:?}");
    }
    assert_eq!(Body::json(b"{\"a\":\"\xFF\"}"), Err(Unfit::NotJson));
    assert_eq!(Body::json("[".repeat(100_000).as_bytes()), Err(Unfit::NotJson));
}

#[test]
fn a_body_holds_no_more_values_than_can_be_read() {
    let list = |values: usize| format!("{{\"x\":[{}0]}}", "0,".repeat(values - 1));
    assert!(Body::json(list(49_998).as_bytes()).is_ok());
    for body in [list(50_000), "{\"x\":".repeat(50_001), format!("{{\"x\":[{}[]]}}", "[],".repeat(30_000))] {
        assert_eq!(Body::json(body.as_bytes()), Err(Unfit::NotJson));
        assert_eq!(Body::try_from(Value::String(body)), Err(Unfit::NotJson));
    }
    // What stands in a text is no value.
    let text = json!({ "x": "\\\",[{".repeat(60_000) });
    assert!(Body::json(text.to_string().as_bytes()).is_ok());
}

#[test]
fn a_body_inside_another_one_may_be_text() {
    let object = Body::json(br#"{"user_id":"u1"}"#).unwrap();

    assert_eq!(Body::try_from(json!({"user_id": "u1", "x": null})), Ok(object.clone()));
    assert_eq!(Body::try_from(json!(r#"{"user_id":"u1","x":null}"#)), Ok(object));
    assert_eq!(Body::try_from(json!("")), Ok(Body::default()));
    assert_eq!(Body::try_from(Value::Null), Ok(Body::default()));
    for other in [json!("\"{}\""), json!("x"), json!("[]"), json!([]), json!(1), json!(true)] {
        assert_eq!(Body::try_from(other.clone()), Err(Unfit::NotJson), "{other}");
    }
}

#[test]
fn a_form_is_texts() {
    let found =
        Body::form(b"user_id=a+b&nick_name=%E5%BC%A0%2B&limit=5&marker=").and_then(|body| decode(&body));

    let expected = Sample {
        user_id: Name("a b".to_owned()),
        nick_name: Some("张+".to_owned()),
        limit: Some(5),
        ..plain()
    };
    assert_eq!(found, Ok(expected));
    assert_eq!(Body::form(b"a=1&b=2&a=1"), Err(Unfit::Twice));
    assert_eq!(Body::form(b"a=%FF"), Err(Unfit::NotJson));
    assert_eq!(Body::form(b""), Ok(Body::default()));
}

#[test]
fn a_domain_is_named_by_text() {
    let domain = |value: Value| {
        let body = Body::json(json!({"domain_id": value}).to_string().as_bytes()).unwrap();
        body.domain().map(|domain| domain.map(str::to_owned))
    };

    assert_eq!(domain(json!("rs1")), Ok(Some("rs1".to_owned())));
    assert_eq!(domain(json!("")), Ok(None));
    assert_eq!(domain(json!(null)), Ok(None));
    assert_eq!(Body::default().domain(), Ok(None));
    assert_eq!(domain(json!(1)), Err(Unfit::Invalid("domain_id".to_owned())));
}

#[test]
fn a_body_prints_its_names_only() {
    let body = Body::json(br#"{"plain_password":"hunter2","user_id":"u1"}"#).unwrap();

    assert_eq!(format!("{body:?}"), r#"{"plain_password", "user_id"}"#);
}

#[test]
fn a_success_has_its_own_status() {
    let found = Found {
        items: Vec::new(),
        next_marker: String::new(),
        total_size: 9_007_199_254_740_993,
        permission: None,
    };

    let created = success::<Sample>(&found);
    let deleted = success::<Nothing>(&());

    let body = br#"{"items":[],"next_marker":"","total_size":9007199254740993,"permission":null}"#;
    assert_eq!(created, Answer { status: 201, body: Some(body.to_vec()) });
    assert_eq!(deleted, Answer { status: 204, body: None });
    assert_eq!(Success::Ok.status(), 200);
}

#[test]
fn an_error_is_in_small_letters() {
    let fault = Fault::new(404, "NotFound.User", "The resource user cannot be found. \"x\"\n");

    let found = error(&fault);

    let body = br#"{"code":"NotFound.User","message":"The resource user cannot be found. \"x\"\n"}"#;
    assert_eq!(found, Answer { status: 404, body: Some(body.to_vec()) });
    assert!(CONTENT_TYPE.starts_with("application/json"));
}

#[test]
fn codes_spell_parameters_in_capitals() {
    for (parameter, expected) in
        [("user_id", "UserId"), ("name", "Name"), ("nick_name_for_fuzzy", "NickNameForFuzzy"), ("", "")]
    {
        assert_eq!(subject(parameter), expected);
    }
}

#[test]
fn times_have_two_shapes() {
    let at = Millis(1_768_465_800_120);

    assert_eq!(iso(at), "2026-01-15T08:30:00.120Z");
    assert_eq!(iso_seconds(at), "2026-01-15T08:30:00Z");
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..64), text in "[\\[\\]{}\":,a-e0-9 \\\\]{0,40}") {
        for bytes in [body.as_slice(), text.as_bytes()] {
            let _ = Body::json(bytes).map(|body| decode::<Sample>(&body));
            let _ = Body::form(bytes).map(|body| decode::<Sample>(&body));
        }
    }

    #[test]
    fn what_is_written_is_read(nick_name in prop::option::of(".{0,8}"), limit in prop::option::of(any::<u8>()), marker in ".{0,8}", force in any::<bool>()) {
        let sample = Sample { nick_name, limit, marker, force: Some(force), ..plain() };
        let body = Body::json(&serde_json::to_vec(&sample).unwrap()).unwrap();
        prop_assert_eq!(decode(&body), Ok(sample));
    }
}
