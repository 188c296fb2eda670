//! Callers of the PDS door, who send what its SDKs send: signed by an AccessKey, with a bearer token, or without proof.
//!
//! Source: `reference/pds.md` §2, §4.2 and §4.3.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::pds::{AuthenticationType, LinkAccount};
use model::Millis;
use serde_json::{Value, json};
use wire::Operation;
use wire::signature::{Caller, acs3, acs4, roa, roa_v1};

use super::client::{Answer, Client, Fault, Message, http_date};
use super::server::{Clock, KEY, SECRET, Server};

/// The body's type as the Python SDK has it.
const JSON: &str = "application/json; charset=utf-8";

static NEXT_NONCE: AtomicU64 = AtomicU64::new(1);

/// How a caller shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// An AccessKey and its secret, signing by V1.
    V1(String, String),
    /// The same by V4.
    V4(String, String),
    /// A token.
    Bearer(String),
    /// Nothing.
    Nothing,
}

/// Somebody who calls the PDS door.
#[derive(Clone)]
pub(crate) struct PdsCaller {
    address: SocketAddr,
    clock: Clock,
    host: String,
    proof: Proof,
    /// What comes with each call of a temporary key.
    security_token: Option<String>,
    connection: Arc<Client>,
}

impl PdsCaller {
    /// The account's root, who signs by V1; no host names a domain.
    pub(crate) fn of(server: &Server) -> Self {
        let address = server.address();
        Self {
            address,
            clock: server.home.clock.clone(),
            host: address.to_string(),
            proof: Proof::V1(KEY.to_owned(), SECRET.to_owned()),
            security_token: None,
            connection: Arc::new(server.home.client(address)),
        }
    }

    /// The same with another proof, over a connection of its own.
    pub(crate) fn proving(&self, proof: Proof) -> Self {
        let connection = Arc::new(Client::new(self.address, self.clock.clone(), KEY, SECRET));
        Self { proof, connection, ..self.clone() }
    }

    /// The same, whose AccessKey is a temporary one that comes with this token.
    pub(crate) fn with_security_token(&self, token: &str) -> Self {
        Self { security_token: Some(token.to_owned()), ..self.proving(self.proof.clone()) }
    }

    /// The same, signing by V4.
    pub(crate) fn by_v4(&self) -> Self {
        self.proving(Proof::V4(KEY.to_owned(), SECRET.to_owned()))
    }

    /// Somebody with a token.
    pub(crate) fn bearer(&self, token: &str) -> Self {
        self.proving(Proof::Bearer(token.to_owned()))
    }

    /// Somebody without proof.
    pub(crate) fn nobody(&self) -> Self {
        self.proving(Proof::Nothing)
    }

    /// The same, calling this host: `rs1.api.example.com`.
    pub(crate) fn at(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.proving(self.proof.clone()) }
    }

    /// The same in this domain, as its host says.
    pub(crate) fn within(&self, domain: &str) -> Self {
        self.at(&format!("{domain}.api.example.com"))
    }

    /// A user, with a token that linking an account has brought.
    pub(crate) async fn token_of(&self, user: &str) -> Self {
        self.bearer(&self.link_for_token(user).await)
    }

    /// The token that comes with a new account of a user, one that no other call here uses.
    pub(crate) async fn link_for_token(&self, user: &str) -> String {
        let request = LinkAccount {
            user_id: user.to_owned(),
            kind: AuthenticationType::Custom,
            identity: format!("for a token of {user} {}", next()),
            extra: None,
        };
        let reply = self.send(&request).await.unwrap_or_else(|fault| panic!("{user}: {fault:?}"));
        reply.access_token.secret().reveal_text().expect("a token is text").to_owned()
    }

    /// Sends an operation; its answer has the status, the headers and the form that it declares.
    pub(crate) async fn send<O: Operation>(&self, operation: &O) -> Result<O::Reply, Fault> {
        let body = serde_json::to_vec(operation).expect("operations can be sent");
        let answer = self.exchange(&self.post(O::PATH, &body)).await;
        if answer.status >= 400 {
            return Err(answer.pds_fault());
        }
        assert_eq!(answer.status, O::SUCCESS.status(), "{} {answer:?}", O::PATH);
        is_identified(&answer);
        if answer.status == 204 {
            assert!(answer.body.is_empty(), "{} {answer:?}", O::PATH);
            return Ok(serde_json::from_value(Value::Null).expect("nothing is a reply"));
        }
        assert!(answer.header("content-type").starts_with("application/json"), "{answer:?}");
        Ok(serde_json::from_slice(&answer.body)
            .unwrap_or_else(|error| panic!("{}: {error} in {}", O::PATH, answer.text())))
    }

    /// Sends an operation that has to succeed.
    pub(crate) async fn get<O: Operation>(&self, operation: &O) -> O::Reply {
        self.send(operation).await.unwrap_or_else(|fault| panic!("{}: {fault:?}", O::PATH))
    }

    /// Sends an operation that has to be refused: status and code.
    pub(crate) async fn brief<O: Operation>(&self, operation: &O) -> String {
        match self.send(operation).await {
            Ok(_) => panic!("{} has to be refused: {}", O::PATH, json!(operation)),
            Err(fault) => fault.brief(),
        }
    }

    /// Posts JSON that need not fit any operation; `path` is below `/v2/`.
    pub(crate) async fn call(&self, path: &str, body: Value) -> Answer {
        self.exchange(&self.post(&format!("/v2/{path}"), body.to_string().as_bytes())).await
    }

    /// What such a call is answered with: the status, and the code of a refusal.
    pub(crate) async fn outcome(&self, path: &str, body: Value) -> String {
        self.call(path, body).await.outcome()
    }

    /// Such a call, which succeeds with 200; what it answers.
    pub(crate) async fn ask(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, body.clone()).await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        is_identified(&answer);
        answer.json()
    }

    /// A POST of this body to this path and query.
    pub(crate) fn post(&self, target: &str, body: &[u8]) -> Message {
        let content_type = (!body.is_empty()).then_some(JSON);
        self.message("POST", target, content_type, body, self.clock.now())
    }

    /// A request with all that the caller's SDK sends, signed at an instant.
    pub(crate) fn message(
        &self,
        method: &'static str,
        target: &str,
        content_type: Option<&str>,
        body: &[u8],
        at: Millis,
    ) -> Message {
        let headers = match &self.proof {
            Proof::V1(key, secret) => self.signed(
                roa_v1::sign,
                (key.as_str(), secret.as_str()),
                &Sent { method, target, content_type, body, at },
            ),
            Proof::V4(key, secret) => self.signed(
                acs4::sign,
                (key.as_str(), secret.as_str()),
                &Sent { method, target, content_type, body, at },
            ),
            Proof::Bearer(token) => by_javascript(content_type, Some(token)),
            Proof::Nothing => by_javascript(content_type, None),
        };
        let headers = [("host".to_owned(), self.host.clone())].into_iter().chain(headers).collect();
        Message { method, target: target.to_owned(), headers, body: body.to_vec() }
    }

    fn signed(&self, sign: Sign, (key, secret): (&str, &str), sent: &Sent<'_>) -> Vec<(String, String)> {
        let (path, query) = sent.target.split_once('?').unwrap_or((sent.target, ""));
        let nonce = format!("{:032x}", next());
        let date = http_date(sent.at);
        let caller = Caller {
            access_key_id: key,
            timestamp: &date,
            nonce: Some(&nonce),
            security_token: self.security_token.as_deref(),
        };
        let request = roa::Request {
            content: acs3::Received { method: sent.method, path, query, body: sent.body },
            action: "Any",
            version: api::pds::VERSION,
            content_type: sent.content_type,
        };
        let headers = sign(&caller, secret.as_bytes(), &request);
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Sends a message as it is.
    pub(crate) async fn exchange(&self, message: &Message) -> Answer {
        self.connection.exchange(message).await
    }

    /// What the test's clock shows.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }
}

type Sign = fn(&Caller<'_>, &[u8], &roa::Request<'_>) -> Vec<(&'static str, String)>;

struct Sent<'a> {
    method: &'static str,
    target: &'a str,
    content_type: Option<&'a str>,
    body: &'a [u8],
    at: Millis,
}

fn next() -> u64 {
    NEXT_NONCE.fetch_add(1, Ordering::Relaxed)
}

/// The headers of the JavaScript SDK.
fn by_javascript(content_type: Option<&str>, token: Option<&str>) -> Vec<(String, String)> {
    let mut headers = vec![
        ("accept".to_owned(), "application/json, text/plain, */*".to_owned()),
        ("pds-js-sdk".to_owned(), "1.4.0".to_owned()),
    ];
    if let Some(content_type) = content_type {
        let plain = content_type.split(';').next().expect("a type");
        headers.push(("content-type".to_owned(), plain.to_owned()));
    }
    if let Some(token) = token {
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    }
    headers
}

/// Every answer carries the request's id: a UUID in capitals.
pub(crate) fn is_identified(answer: &Answer) {
    let id = answer.header("x-ca-request-id");
    let is_capital = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    assert!(id.bytes().all(|b| b == b'-' || is_capital(b)), "{id:?} in {answer:?}");
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id:?} in {answer:?}");
}

impl Answer {
    /// The refusal that it is, in the form that both SDKs read: JSON of `code` and `message`.
    pub(crate) fn pds_fault(&self) -> Fault {
        assert!(self.status >= 400, "{self:?}");
        assert!(self.header("content-type").starts_with("application/json"), "{self:?}");
        is_identified(self);
        let json = self.json();
        let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["code", "message"], "{json}");
        let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{name} in {json}")).to_owned();
        let fault = Fault {
            status: self.status,
            code: text("code"),
            message: text("message"),
            request_id: self.header("x-ca-request-id").to_owned(),
        };
        assert!(fault.message.len() > 5, "{fault:?}");
        fault
    }

    /// The status, and the code of a refusal.
    pub(crate) fn outcome(&self) -> String {
        if self.status < 400 { self.status.to_string() } else { self.pds_fault().brief() }
    }
}

#[test]
fn dates_are_written_as_http_has_them() {
    assert_eq!(http_date(Millis(1_768_465_800_000)), "Thu, 15 Jan 2026 08:30:00 GMT");
}
