//! Calls to operations, over HTTP and against a store of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use access::access_keys::{self, NewKey};
use access::{Bearer, Change, Circumstances, Entrance, Permit, Reader, Scope, Service};
use http::{HeaderMap, HeaderValue, Method};
use model::account::{Directory, ListedDirectory};
use model::text::{Description, DirectoryName};
use model::{Audience, DirectoryKey, Id, Millis, Number, Right, Secret};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::directories;
use tempfile::TempDir;
use tokio::net::TcpListener;
use wire::pds::{Unfit, subject};
use wire::signature::acs3::Received;
use wire::signature::{Caller, acs4, roa, roa_v1};
use wire::{Fault, Operation, Success};

use super::authenticate::Proven;
use super::domain::Said;
use super::{Domains, Operations, OperationsWords, Relay};
use crate::limits::Rates;
use crate::network::Network;
use crate::pages::{PageAnswer, PageRequest, Pages};
use crate::server::{Limits, Server, Start};
use crate::testing::{ACCOUNT, AT, Answered, Furnished, permit, send};
use crate::way::Refusal;

const DATE: &str = "Thu, 15 Jan 2026 08:30:00 GMT";

/// The account's default directory, and another one of it.
const HOME: u128 = 0x19519c9a402a5c3f_09a71be4d2086e57;
const OTHER: u128 = 0x29519c9a402a5c3f_09a71be4d2086e57;

/// Tells where it is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Look {
    word: Option<String>,
}

/// Tells where it is, by what it names.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Visit {
    domain_id: Option<String>,
}

/// Makes an AccessKey.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Make {
    id: String,
}

/// Looks, and makes, as often as is said.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Many {
    calls: Vec<(String, Value)>,
}

/// Greets.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Hello {
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Seen {
    directory: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Answers {
    answers: Vec<(u16, Value)>,
}

impl Operation for Look {
    const PATH: &'static str = "/v2/place/look";
    const RIGHT: Right = Right::get("pds:Look");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Seen;
}

impl Operation for Visit {
    const PATH: &'static str = "/v2/place/visit";
    const RIGHT: Right = Right::get("pds:Visit");
    const NAMES_DOMAIN: bool = true;
    type Reply = Seen;
}

impl Operation for Make {
    const PATH: &'static str = "/v2/key/make";
    const RIGHT: Right = Right::create("pds:Make");
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();
}

impl Operation for Many {
    const PATH: &'static str = "/v2/many";
    const RIGHT: Right = Right::get("pds:Many");
    type Reply = Answers;
}

impl Operation for Hello {
    const PATH: &'static str = "/v2/open/hello";
    const RIGHT: Right = Right::get("pds:Hello");
    const AUDIENCE: Audience = Audience::Anybody;
    const SUCCESS: Success = Success::Created;
    type Reply = Hello;
}

#[derive(Debug)]
struct Refused(Fault);

impl Refusal for Refused {
    fn is_transient(&self) -> bool {
        false
    }

    fn cause(&self) -> Option<String> {
        None
    }

    fn into_fault(self) -> Fault {
        self.0
    }
}

async fn look(_: &(), _: &mut Reader, permit: &Permit, _: &Look) -> Result<Seen, Refused> {
    Ok(Seen { directory: permit.directory().number.0 })
}

async fn visit(_: &(), _: &mut Reader, permit: &Permit, _: &Visit) -> Result<Seen, Refused> {
    Ok(Seen { directory: permit.directory().number.0 })
}

async fn make(_: &(), change: &mut Change, permit: &Permit, request: &Make) -> Result<(), Refused> {
    change.take_access(permit).await.expect("the key may still do it");
    let key = NewKey { id: request.id.clone(), secret: Secret::new("secret") };
    access_keys::add(change, permit, &key, None).await.expect("it is written");
    Ok(())
}

async fn many(_: &(), relay: &Relay<'_>, request: &Many) -> Result<Answers, Refused> {
    let mut answers = Vec::new();
    for (place, (path, body)) in (0..).zip(&request.calls) {
        let answer = relay.call(place, path, Some(body.clone())).await;
        let body = answer.body.map(|body| serde_json::from_slice(&body).expect("answers are JSON"));
        answers.push((answer.status, body.unwrap_or_default()));
    }
    Ok(Answers { answers })
}

async fn hello(
    _: &(),
    _: &mut Change,
    circumstances: &Circumstances,
    request: &Hello,
) -> Result<(Hello, Permit), Refused> {
    let scope = Scope::Directory(directory(HOME, 0));
    Ok((request.clone(), Permit::nobody(scope, circumstances.clone())))
}

async fn page(
    _: &(),
    _: &mut Change,
    _: &Circumstances,
    request: &PageRequest,
) -> Result<(PageAnswer, Option<Permit>), Refused> {
    let name = request.form.as_ref().or(Some(&request.query)).and_then(|body| body.text("name"));
    let html = format!("<p>{}</p>", name.unwrap_or_default());
    let location = Some("https://app/".into());
    Ok((PageAnswer { location, ..PageAnswer::page(302, html) }, None))
}

const WORDS: OperationsWords = OperationsWords {
    unfit: |unfit| match unfit {
        Unfit::Missing(name) => Fault::new(400, format!("InvalidParameterMissing.{}", subject(name)), ""),
        unfit => Fault::new(400, "Unfit", unfit.to_string()),
    },
    denied: |denied, path| Fault::new(403, "Forbidden", format!("{denied} at {path}")),
    domains: Domains {
        is_meant: |label| label.starts_with("rs"),
        read: |text| text.strip_prefix("rs")?.parse().ok().map(Number),
        missing: |text| Fault::new(404, "NotFound.Domain", text.to_owned()),
    },
};

/// A server of the operations, for one AccessKey.
struct House {
    address: String,
    nonce: AtomicU32,
    _folder: TempDir,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of a failure, whose headers are as they should be.
    fn refusal(&self) -> String {
        assert!(self.headers.contains("content-type: application/json"), "{self:?}");
        assert!(self.headers.contains("x-ca-request-id: "), "{self:?}");
        format!("{} {}", self.status, self.json()["code"].as_str().unwrap_or_default())
    }
}

fn directory(id: u128, slot: u16) -> Directory {
    let id = Id::from_bits(id);
    let key = DirectoryKey { number: id.number(), slot };
    Directory { id, key, account: ACCOUNT, root: Number(1), is_default: slot == 0 }
}

fn domain(id: u128) -> String {
    format!("rs{}", Id::from_bits(id).number())
}

impl House {
    async fn new() -> Self {
        let furnished = Furnished::new().await;
        furnish(&furnished).await;
        let server = Server::new(Start {
            entrance: Arc::new(Entrance::new(&furnished.store, &furnished.tools)),
            doors: Vec::new(),
            operations: Operations::build("test", WORDS, ())
                .reads(look)
                .reads(visit)
                .changes(make)
                .relays(many)
                .opens(hello)
                .page(Method::GET, "/v2/open/page", page)
                .page(Method::POST, "/v2/open/page", page)
                .refuses(&["/v2/place/burn"])
                .done(),
            pages: Pages::build("pages", &[], |(), _, _| String::new(), ()).done(),
            clock: Arc::new(|| Millis(AT)),
            limits: Limits::default(),
            network: Network::default(),
            rates: Rates::default(),
            tls: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens").to_string();
        tokio::spawn(server.serve(listener, std::future::pending()));
        Self { address, nonce: AtomicU32::new(0), _folder: furnished.folder }
    }

    /// Sends what it is given, and reads what comes back.
    async fn send(&self, method: &str, target: &str, headers: &[(&str, String)], body: &[u8]) -> Answered {
        send(&self.address, method, target, (headers, body)).await
    }

    /// The headers of a call signed by the AccessKey, with a nonce of its own.
    fn signed(&self, target: &str, body: &[u8], v4: bool) -> Vec<(&'static str, String)> {
        let nonce = self.nonce.fetch_add(1, Ordering::SeqCst).to_string();
        let caller =
            Caller { access_key_id: "AKID", timestamp: DATE, nonce: Some(&nonce), security_token: None };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = roa::Request {
            content: Received { method: "POST", path, query, body },
            action: "Look",
            version: "2022-03-01",
            content_type: Some("application/json; charset=utf-8"),
        };
        if v4 { acs4::sign(&caller, b"SECRET", &request) } else { roa_v1::sign(&caller, b"SECRET", &request) }
    }

    async fn call(&self, target: &str, body: &Value) -> Answered {
        self.call_at(None, target, body).await
    }

    async fn call_at(&self, host: Option<&str>, target: &str, body: &Value) -> Answered {
        let body = body.to_string();
        let mut headers = self.signed(target, body.as_bytes(), false);
        headers.extend(host.map(|host| ("host", host.to_owned())));
        self.send("POST", target, &headers, body.as_bytes()).await
    }
}

/// Two directories and an AccessKey.
async fn furnish(furnished: &Furnished) {
    let mut change = furnished.change();
    for (slot, id) in (0..).zip([HOME, OTHER]) {
        let listed = ListedDirectory {
            directory: directory(id, slot),
            name: DirectoryName::new("default").expect("it fits"),
            description: Description::default(),
            most_users: 0,
            created: Millis(AT),
            updated: Millis(AT),
        };
        directories::insert(change.tx(), &listed).await.expect("it is written");
    }
    let key = NewKey { id: "AKID".into(), secret: Secret::new("SECRET") };
    access_keys::add(&mut change, &permit(), &key, None).await.expect("it is written");
    change.commit(&permit()).await.expect("it is written");
}

fn home() -> Value {
    json!({ "directory": Id::from_bits(HOME).number().0 })
}

fn other() -> Value {
    json!({ "directory": Id::from_bits(OTHER).number().0 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_or_a_verb_that_is_not_there_is_404_with_the_gateways_headers() {
    let house = House::new().await;
    for (method, path) in [
        ("GET", "/v2/place/look"),
        ("POST", "/v2/place/none"),
        ("DELETE", "/v2/place/look"),
        ("POST", "/v2/"),
    ] {
        let answer = house.send(method, path, &[], b"").await;
        let message = format!("API not found with `{method} {path}`");
        assert_eq!(answer.refusal(), "404 I404NF", "{method} {path}");
        assert_eq!(answer.json()["message"], message);
        assert!(answer.headers.contains("x-ca-error-code: i404nf"), "{answer:?}");
        assert!(answer.headers.contains(&format!("x-ca-error-message: {}", message.to_ascii_lowercase())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proves_nothing_is_asked_for_a_token() {
    let house = House::new().await;
    for headers in [vec![], vec![("authorization", "Bearer ".to_owned())]] {
        let answer = house.send("POST", "/v2/place/look", &headers, b"{}").await;
        assert_eq!(answer.refusal(), "401 AccessTokenInvalid");
    }
    let basic = [("authorization", "Basic eDp5".to_owned())];
    assert_eq!(house.send("POST", "/v2/place/look", &basic, b"{}").await.refusal(), "403 Forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_signatures_are_accepted_once() {
    let house = House::new().await;
    for v4 in [false, true] {
        let headers = house.signed("/v2/place/look", b"{}", v4);
        let answer = house.send("POST", "/v2/place/look", &headers, b"{}").await;
        assert_eq!((answer.status, answer.json()), (200, home()), "{v4}");
        assert!(
            answer.headers.contains("x-ca-request-id: ") && answer.headers.contains("x-acs-request-id: ")
        );

        let again = house.send("POST", "/v2/place/look", &headers, b"{}").await;
        assert_eq!(again.refusal(), "403 Forbidden");
        assert!(again.body.contains("SignatureNonceUsed"), "{}", again.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_is_wrong_is_403_and_says_why() {
    let house = House::new().await;
    let cases = [
        ("authorization", "acs AKID:AAAA", "SignatureDoesNotMatch"),
        ("authorization", "acs NOBODY:AAAA", "InvalidAccessKeyId.NotFound"),
        ("authorization", "acs AKID", "IncompleteSignature"),
        ("date", "Thu, 15 Jan 2026 08:46:00 GMT", "InvalidTimeStamp.Expired"),
        ("date", "today", "InvalidTimeStamp.Format"),
    ];
    for (name, value, expected) in cases {
        let mut headers = house.signed("/v2/place/look", b"{}", false);
        headers.retain(|(other, _)| *other != name);
        headers.push((name, value.to_owned()));
        let answer = house.send("POST", "/v2/place/look", &headers, b"{}").await;
        assert_eq!(answer.refusal(), "403 Forbidden", "{value}");
        assert!(answer.body.contains(expected), "{}", answer.body);
    }
    let headers = house.signed("/v2/place/look", b"{}", true);
    let answer = house.send("POST", "/v2/place/look", &headers, b"{ }").await;
    assert_eq!(answer.refusal(), "403 Forbidden", "V4 covers the body");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_acts_in_the_domain_that_it_names_and_in_no_other() {
    let house = House::new().await;
    let (own, other_domain) = (domain(HOME), domain(OTHER));
    let host = |label: &str| format!("{label}.example.org:8080");
    let ok = |answer: Answered| (answer.status, answer.json());
    // The host's label, the query, the body: where it acts, or what is wrong.
    let cases = [
        (None, None, None, Ok(home())),
        (Some("localhost"), None, Some(""), Ok(home())),
        (Some("127"), None, None, Ok(home())),
        (Some(other_domain.as_str()), None, None, Ok(other())),
        (None, Some(other_domain.as_str()), None, Ok(other())),
        (None, None, Some(other_domain.as_str()), Ok(other())),
        (Some(other_domain.as_str()), Some(other_domain.as_str()), Some(other_domain.as_str()), Ok(other())),
        (Some(other_domain.as_str()), None, Some(own.as_str()), Err("403 Forbidden")),
        (None, Some(other_domain.as_str()), Some(own.as_str()), Err("403 Forbidden")),
        (Some("rs1"), None, None, Err("404 NotFound.Domain")),
        (None, None, Some("rs1"), Err("404 NotFound.Domain")),
        (None, None, Some("hz999"), Err("404 NotFound.Domain")),
    ];
    for (label, query, body, expected) in cases {
        let target = match query {
            Some(domain) => format!("/v2/place/look?domain_id={domain}"),
            None => "/v2/place/look".to_owned(),
        };
        let host = label.map(host);
        let answer = house.call_at(host.as_deref(), &target, &json!({ "domain_id": body })).await;
        match expected {
            Ok(place) => assert_eq!(ok(answer), (200, place), "{label:?} {query:?} {body:?}"),
            Err(refusal) => assert_eq!(answer.refusal(), refusal, "{label:?} {query:?} {body:?}"),
        }
    }
    let object = json!({ "domain_id": own });
    let answer = house.call_at(Some(&host(&other_domain)), "/v2/place/visit", &object).await;
    assert_eq!(ok(answer), (200, home()), "what the operation is about");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_and_not_too_long() {
    let house = House::new().await;
    for body in [json!([]), json!("{}")] {
        assert_eq!(house.call("/v2/key/make", &body).await.refusal(), "400 Unfit", "{body}");
    }
    let elsewhere = house.call("/v2/key/make", &json!({ "domain_id": "rs1" })).await;
    assert_eq!(elsewhere.refusal(), "400 InvalidParameterMissing.Id", "the request by itself comes first");
    let answer = house.call("/v2/key/make", &json!({})).await;
    assert_eq!(answer.refusal(), "400 InvalidParameterMissing.Id");

    let long = json!({ "word": "x".repeat(1 << 20) });
    assert_eq!(house.call("/v2/place/look", &long).await.refusal(), "413 InvalidParameter");
    let calls = json!({ "calls": [["/v2/place/look", long]] });
    assert_eq!(house.call("/v2/many", &calls).await.status, 200, "others are in it");
    let empty = house.signed("/v2/place/look", b"", false);
    assert_eq!(house.send("POST", "/v2/place/look", &empty, b"").await.status, 200, "none at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_without_a_result_has_no_body() {
    let house = House::new().await;
    let answer = house.call("/v2/key/make", &json!({ "id": "second" })).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert!(answer.headers.contains("x-ca-request-id: ") && !answer.headers.contains("content-type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_and_not_served_says_so_to_who_is_known() {
    let house = House::new().await;
    assert_eq!(house.call("/v2/place/burn", &json!({})).await.refusal(), "400 OperationNotSupport");
    let nobody = house.send("POST", "/v2/place/burn", &[], b"{}").await;
    assert_eq!(nobody.refusal(), "401 AccessTokenInvalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_inside_another_one_are_each_for_themselves() {
    let house = House::new().await;
    let calls = json!({ "calls": [
        ["/v2/key/make", { "id": "a" }],
        ["/v2/key/make", {}],
        ["/v2/key/make", "{\"id\": \"b\"}"],
        ["/v2/place/look", { "domain_id": domain(OTHER) }],
        ["/v2/place/look", null],
        ["/v2/place/none", {}],
        ["/v2/open/hello", { "name": "you" }],
    ] });
    let answer = house.call("/v2/many", &calls).await.json();
    let statuses: Vec<_> = answer["answers"].as_array().expect("a list").iter().map(|one| &one[0]).collect();
    assert_eq!(statuses, [204, 400, 204, 200, 200, 404, 404]);
    assert_eq!((&answer["answers"][3][1], &answer["answers"][4][1]), (&other(), &home()));
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_call_what_is_open_by_json_and_by_form() {
    let house = House::new().await;
    let stale = ("authorization", "Bearer stale".to_owned());
    let answer = house.send("POST", "/v2/open/hello", &[stale], br#"{"name":"you"}"#).await;
    assert_eq!((answer.status, answer.json()), (201, json!({ "name": "you" })));
    let form = ("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned());
    let answer = house.send("POST", "/v2/open/hello", std::slice::from_ref(&form), b"name=y+o%20u").await;
    assert_eq!(answer.json(), json!({ "name": "y o u" }));

    for (label, status) in [(domain(HOME), 201), (domain(OTHER), 403)] {
        let host = ("host", format!("{label}.api.aliyunpds.com"));
        let answer = house.send("POST", "/v2/open/hello", &[host], br#"{"name":"you"}"#).await;
        assert_eq!(answer.status, status, "{label}: {answer:?}");
    }

    let shown = house.send("GET", "/v2/open/page?name=x", &[], b"").await;
    assert_eq!((shown.status, shown.body.as_str()), (302, "<p>x</p>"));
    for header in ["content-type: text/html", "location: https://app/", "x-frame-options: deny", "no-store"] {
        assert!(shown.headers.contains(header), "{header}: {shown:?}");
    }
    assert_eq!(house.send("POST", "/v2/open/page", &[form], b"name=z").await.body, "<p>z</p>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_domain_and_says_which_that_is() {
    let furnished = Furnished::new().await;
    furnish(&furnished).await;
    let entrance = Entrance::new(&furnished.store, &furnished.tools);
    let place = directory(OTHER, 1);
    let service = Service { directory: place.key.number, app: "app".into() };
    let holder = Proven::Bearer(Bearer::Service(service), place.clone());
    let own = domain(OTHER);
    let cases = [
        (None, None, None, true),
        (Some("localhost"), None, None, true),
        (Some(own.as_str()), Some(own.as_str()), Some(own.as_str()), true),
        (Some("rs1"), None, None, false),
        (None, Some("rs1"), None, false),
        (None, None, Some("hz999"), false),
    ];
    for (label, query, body, is_good) in cases {
        let mut headers = HeaderMap::new();
        if let Some(label) = label {
            let host = format!("{label}.api.aliyunpds.com");
            headers.insert("host", HeaderValue::try_from(host).expect("it is text"));
        }
        let query = query.map(|domain| format!("domain_id={domain}")).unwrap_or_default();
        let said = Said::read(&WORDS.domains, &headers, &query).expect("it can be read");
        for the_object in [false, true] {
            let found = said.directory(&WORDS.domains, &entrance, &holder, body, the_object, "").await;
            match found {
                Ok(found) => assert!(is_good && found == place, "{label:?} {query} {body:?}"),
                Err(fault) => assert!(!is_good && fault.code == "Forbidden", "{label:?} {query} {body:?}"),
            }
        }
    }
    assert!(holder.name().starts_with("service:rs"), "{}", holder.name());
}
