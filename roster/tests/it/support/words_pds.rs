//! Short words for PDS: who calls, and what is answered.

use api::pds::{CreateUser, GetUser, Page, UpdateUser, User};
use model::Millis;
use serde_json::{Value, json};
use wire::Operation;

use super::client::{Answer, Client, Fault, Message};
use super::server::{KEY, SECRET, Server};

/// Somebody who calls PDS.
pub(crate) struct Pds {
    client: Client,
    way: Way,
    host: Option<String>,
}

/// How a caller says who it is.
#[derive(Debug, Clone)]
enum Way {
    /// By the account's AccessKey.
    Key,
    /// By a token.
    Token(String),
    /// Not at all.
    Nobody,
}

impl Pds {
    /// The account's root, by AccessKey, as the Python SDK calls.
    pub(crate) fn owner(server: &Server) -> Self {
        Self { client: server.administrator(), way: Way::Key, host: None }
    }

    /// The same, with the AccessKey of a client.
    pub(crate) fn of(client: &Client) -> Self {
        Self { client: client.with_key(KEY, SECRET), way: Way::Key, host: None }
    }

    /// Nobody in particular.
    pub(crate) fn nobody(&self) -> Self {
        Self { way: Way::Nobody, ..self.again() }
    }

    /// Who has this token, and calls as the JavaScript SDK does.
    pub(crate) fn bearer(&self, token: &str) -> Self {
        Self { way: Way::Token(token.to_owned()), ..self.again() }
    }

    /// The same caller at the host of a domain.
    pub(crate) fn at(&self, domain: &str) -> Self {
        Self { host: Some(format!("{domain}.api.aliyunpds.com")), ..self.again() }
    }

    fn again(&self) -> Self {
        Self { client: self.client.with_key(KEY, SECRET), way: self.way.clone(), host: self.host.clone() }
    }

    /// Sends a request and reads its reply.
    pub(crate) async fn send<O: Operation>(&self, operation: &O) -> Result<O::Reply, Fault> {
        let body = serde_json::to_value(operation).expect("requests can be sent");
        reply::<O>(&self.call(O::PATH, &body).await)
    }

    /// The same, where the call is right.
    pub(crate) async fn done<O: Operation>(&self, operation: &O) -> O::Reply {
        self.send(operation).await.unwrap_or_else(|fault| panic!("{}: {fault:?}", O::PATH))
    }

    /// Posts a body that need not fit, with or without `/v2` in front of the path.
    pub(crate) async fn call(&self, path: &str, body: &Value) -> Answer {
        self.client.exchange(&self.message(path, body)).await
    }

    /// The same; what it is refused with (see [`outcome`]).
    pub(crate) async fn outcome(&self, path: &str, body: &Value) -> String {
        outcome(&self.call(path, body).await)
    }

    /// The same, where the call is right; what it answers.
    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = self.call(path, body).await;
        assert!((200..300).contains(&answer.status), "{path} {body}: {}", answer.text());
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// Posts a form, as token requests are sent.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = wire::rpc::form(&fields).into_bytes();
        let headers = self.headers("application/x-www-form-urlencoded");
        let message = Message { method: "POST", target: path_of(path), headers, body };
        self.client.exchange(&message).await
    }

    /// Fetches a page, with headers of one's own.
    pub(crate) async fn fetch(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut message =
            Message { method: "GET", target: path_of(target), headers: self.host_alone(), body: Vec::new() };
        for (name, value) in headers {
            message = message.with_header(name, value);
        }
        self.client.exchange(&message).await
    }

    /// What [`Self::call`] sends.
    pub(crate) fn message(&self, path: &str, body: &Value) -> Message {
        let (target, body) = (path_of(path), body.to_string().into_bytes());
        match &self.way {
            Way::Key => self.client.roa_v1(&target, self.host.as_deref(), &body),
            Way::Token(token) => {
                Message { method: "POST", target, headers: self.headers("application/json"), body }
                    .with_header("authorization", &format!("Bearer {token}"))
            }
            Way::Nobody => {
                Message { method: "POST", target, headers: self.headers("application/json"), body }
            }
        }
    }

    fn headers(&self, kind: &str) -> Vec<(String, String)> {
        let mut headers = self.host_alone();
        headers.extend([
            ("content-type".to_owned(), kind.to_owned()),
            ("accept".to_owned(), "application/json, text/plain, */*".to_owned()),
            ("pds-js-sdk".to_owned(), "1.4.0".to_owned()),
        ]);
        headers
    }

    fn host_alone(&self) -> Vec<(String, String)> {
        vec![("host".to_owned(), self.client.host(self.host.as_deref()))]
    }

    /// This moment, as the server sees it.
    pub(crate) fn now(&self) -> Millis {
        self.client.instant()
    }

    /// The id of the caller's domain.
    pub(crate) async fn domain(&self) -> String {
        self.done(&api::pds::GetDomain::default()).await.domain_id
    }

    /// Makes a user who can be made.
    pub(crate) async fn make(&self, id: &str, more: Value) -> User {
        let mut body = more;
        body["user_id"] = id.into();
        let user: CreateUser = serde_json::from_value(body).expect("it fits");
        self.done(&user).await
    }

    /// One user, who is there.
    pub(crate) async fn user(&self, id: &str) -> User {
        self.done(&GetUser { user_id: Some(id.to_owned()) }).await
    }

    /// Changes a user, who can be changed so.
    pub(crate) async fn change(&self, id: &str, change: Value) -> User {
        let mut body = change;
        body["user_id"] = id.into();
        let update: UpdateUser = serde_json::from_value(body).expect("it fits");
        self.done(&update).await
    }

    /// Removes a user, who can be removed.
    pub(crate) async fn remove(&self, id: &str) {
        self.ask("/user/delete", &json!({ "user_id": id })).await;
    }

    /// Makes a group; the id.
    pub(crate) async fn group(&self, name: &str, parent: Option<&str>) -> String {
        let body = json!({ "group_name": name, "parent_group_id": parent });
        text_of(&self.ask("/group/create", &body).await["group_id"])
    }

    /// All members of a list, page by page; every page but the last is full.
    pub(crate) async fn pages(&self, path: &str, body: &Value, size: usize) -> Vec<Value> {
        let mut body = body.clone();
        body["limit"] = size.into();
        let mut all = Vec::new();
        loop {
            let page: Page<Value> =
                serde_json::from_value(self.ask(path, &body).await).expect("a page of a list");
            let is_last = page.next_marker.is_empty();
            assert!(page.items.len() == size || is_last && page.items.len() <= size, "{path} {body}");
            all.extend(page.items);
            if is_last {
                return all;
            }
            body["marker"] = page.next_marker.into();
        }
    }

    /// The ids of all users of a list, read in pages of two and in one page: which is the same.
    pub(crate) async fn ids(&self, path: &str, body: &Value) -> Vec<String> {
        let ids = |users: Vec<Value>| -> Vec<String> {
            users.iter().map(|user| text_of(&user["user_id"])).collect()
        };
        let whole = ids(self.pages(path, body, 100).await);
        assert_eq!(ids(self.pages(path, body, 2).await), whole, "{path} {body}, page by page");
        whole
    }

    /// Each of these calls is refused with its status and code, and none of them changes what the caller sees.
    pub(crate) async fn refuses(&self, path: &str, cases: &[(Value, &str)]) {
        let before = self.picture().await;
        for (body, expected) in cases {
            let shown = format!("{path} {:.200}", body.to_string());
            assert_eq!(self.outcome(path, body).await, *expected, "{shown}");
            assert_eq!(self.picture().await, before, "{shown} changed something");
        }
    }

    /// The same, each case being what is put in place of, or with null left out of, a body that is right.
    pub(crate) async fn refuses_with(&self, path: &str, right: &Value, cases: &[(Value, &str)]) {
        let cases: Vec<(Value, &str)> =
            cases.iter().map(|(wrong, expected)| (merged(right, wrong), *expected)).collect();
        self.refuses(path, &cases).await;
    }

    /// All users and groups that the caller sees.
    pub(crate) async fn picture(&self) -> Value {
        let users = json!({ "extra_return_info": ["drive", "group", "account"] });
        json!({
            "users": self.pages("/user/general_search", &users, 30).await,
            "groups": self.pages("/group/list", &json!({}), 100).await,
        })
    }
}

/// The reply that an answer is, or the refusal. A success has the one status that it may have.
pub(crate) fn reply<O: Operation>(answer: &Answer) -> Result<O::Reply, Fault> {
    if answer.status >= 400 {
        return Err(pds_fault(answer));
    }
    assert_eq!(answer.status, O::SUCCESS.status(), "{}: {}", O::PATH, answer.text());
    assert_request_id(answer);
    let value = if answer.status == 204 {
        assert!(answer.body.is_empty(), "{}: {}", O::PATH, answer.text());
        Value::Null
    } else {
        answer.json()
    };
    Ok(serde_json::from_value(value)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", O::PATH, answer.text())))
}

/// The refusal that an answer is: JSON of a code and a message, as both SDKs read it.
pub(crate) fn pds_fault(answer: &Answer) -> Fault {
    assert!(answer.status >= 400, "{answer:?}");
    assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
    let json = answer.json();
    let names: Vec<&String> = json.as_object().unwrap_or_else(|| panic!("{json}")).keys().collect();
    assert_eq!(names, ["code", "message"], "{json}");
    Fault {
        status: answer.status,
        code: text_of(&json["code"]),
        message: text_of(&json["message"]),
        request_id: assert_request_id(answer),
    }
}

/// What an answer says: the status of a success, status and code of a refusal.
pub(crate) fn outcome(answer: &Answer) -> String {
    if answer.status < 400 { answer.status.to_string() } else { pds_fault(answer).brief() }
}

/// The id that every answer carries.
fn assert_request_id(answer: &Answer) -> String {
    let id = answer.header("x-ca-request-id");
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte),
    };
    assert!(id.len() == 36 && id.bytes().enumerate().all(fits), "{id:?} in {answer:?}");
    id.to_owned()
}

/// A text in JSON.
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is a text")).to_owned()
}

/// An object with the members of another one in place of its own; those that are null go.
pub(crate) fn merged(right: &Value, wrong: &Value) -> Value {
    let mut body = right.clone();
    for (name, value) in wrong.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

fn path_of(path: &str) -> String {
    if path.starts_with("/v2/") { path.to_owned() } else { format!("/v2{path}") }
}
