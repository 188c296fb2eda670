//! A client that signs and sends over a real connection.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use model::Millis;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use wire::signature::{Caller, acs3, roa, roa_v1, rpc_v1};
use wire::{Action, rpc};

use super::server::Clock;

/// What the content type of a form is.
const FORM: &str = "application/x-www-form-urlencoded";

static NEXT_NONCE: AtomicU64 = AtomicU64::new(1);

/// How requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// In the parameters.
    V1,
    /// In the headers.
    V3,
}

/// Somebody with an AccessKey.
pub(crate) struct Client {
    address: SocketAddr,
    clock: Clock,
    key: String,
    secret: String,
    token: Option<String>,
    scheme: Scheme,
    version: &'static str,
    connection: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

/// What a request asks for, and by which method.
struct Asked<'a> {
    method: &'static str,
    action: &'a str,
    version: &'static str,
}

/// When a request was signed, and what makes it the only one of its kind.
#[derive(Debug, Clone)]
pub(crate) struct SignedAt {
    /// `2026-01-15T08:30:00Z`.
    pub(crate) timestamp: String,
    /// Any text.
    pub(crate) nonce: String,
}

/// A request as it is sent: it may be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The method.
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) target: String,
    /// All headers but `Content-Length`.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

/// A call that was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The HTTP status.
    pub(crate) status: u16,
    /// For programs.
    pub(crate) code: String,
    /// For people.
    pub(crate) message: String,
    /// The request's id.
    pub(crate) request_id: String,
}

impl SignedAt {
    /// At an instant, with a nonce of its own.
    pub(crate) fn at(now: Millis) -> Self {
        let timestamp =
            jiff::Timestamp::from_second(now.0.div_euclid(1_000)).expect("an instant of our times");
        let number = NEXT_NONCE.fetch_add(1, Ordering::Relaxed);
        Self { timestamp: timestamp.to_string(), nonce: format!("nonce-{}-{number}", std::process::id()) }
    }
}

impl Client {
    /// Somebody with this key, who signs by V3 with the time of `clock` and names actions of eds-user.
    pub(crate) fn new(address: SocketAddr, clock: Clock, key: &str, secret: &str) -> Self {
        let (key, secret) = (key.to_owned(), secret.to_owned());
        let (scheme, version) = (Scheme::V3, api::eds::VERSION);
        Self { address, clock, key, secret, token: None, scheme, version, connection: Mutex::default() }
    }

    /// The same, whose actions that go by their names are those of EIAM. An action that is sent as a request of
    /// its own type goes to its own API, whoever sends it.
    pub(crate) fn eiam(mut self) -> Self {
        self.version = api::eiam::VERSION;
        self
    }

    /// The same, whose actions that go by their names are those of this version.
    pub(crate) fn versioned(&self, version: &'static str) -> Self {
        let other = self.with_key(&self.key, &self.secret);
        Self { version, token: self.token.clone(), ..other }
    }

    /// The same of the actions of RAM.
    pub(crate) fn ram(mut self) -> Self {
        self.version = api::ram::VERSION;
        self
    }

    /// The same of the actions of STS.
    pub(crate) fn sts(mut self) -> Self {
        self.version = api::sts::VERSION;
        self
    }

    /// The same with another way to sign.
    pub(crate) fn signing(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// The same with another AccessKey.
    pub(crate) fn with_key(&self, key: &str, secret: &str) -> Self {
        let other = Self::new(self.address, self.clock.clone(), key, secret).signing(self.scheme);
        Self { version: self.version, ..other }
    }

    /// The same, of another server.
    pub(crate) fn moved_to(&self, address: SocketAddr) -> Self {
        let other = Self::new(address, self.clock.clone(), &self.key, &self.secret).signing(self.scheme);
        Self { version: self.version, token: self.token.clone(), ..other }
    }

    /// The same, whose AccessKey is a temporary one that comes with this token.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Sends a request and reads its reply.
    pub(crate) async fn send<A: Action>(&self, request: &A) -> Result<A::Reply, Fault> {
        let parameters = rpc::encode(request).expect("requests can be sent");
        let asked = Asked { method: "POST", action: A::NAME, version: version_of::<A>() };
        let answer = self.exchange(&self.posted(&asked, &parameters, &self.now())).await;
        if answer.status == 200 {
            Ok(serde_json::from_value(answer.json()).expect("the reply has its declared form"))
        } else {
            Err(answer.fault())
        }
    }

    /// Calls an action with parameters that need not fit it.
    pub(crate) async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        self.exchange(&self.post(action, &owned(parameters))).await
    }

    /// A signed POST with its parameters in a form.
    pub(crate) fn post(&self, action: &str, parameters: &[(String, String)]) -> Message {
        self.post_at(action, parameters, &self.now())
    }

    /// The same, signed when and with the nonce that the test says.
    pub(crate) fn post_at(&self, action: &str, parameters: &[(String, String)], at: &SignedAt) -> Message {
        self.posted(&Asked { method: "POST", action, version: self.version }, parameters, at)
    }

    fn posted(&self, asked: &Asked<'_>, parameters: &[(String, String)], at: &SignedAt) -> Message {
        match self.scheme {
            Scheme::V1 => self.signed_v1(asked, &[], parameters, at),
            Scheme::V3 => self.signed_v3(asked, "", Some(FORM), rpc::form(parameters).as_bytes(), at),
        }
    }

    /// A signed GET with its parameters in the query.
    pub(crate) fn get(&self, action: &str, parameters: &[(String, String)]) -> Message {
        match self.scheme {
            Scheme::V1 => self.v1("GET", action, parameters, &[], &self.now()),
            Scheme::V3 => self.v3("GET", action, &rpc::form(parameters), None, b"", &self.now()),
        }
    }

    /// A request signed by V1, with the scheme's own parameters in the query.
    pub(crate) fn v1(
        &self,
        method: &'static str,
        action: &str,
        query: &[(String, String)],
        form: &[(String, String)],
        at: &SignedAt,
    ) -> Message {
        self.signed_v1(&Asked { method, action, version: self.version }, query, form, at)
    }

    fn signed_v1(
        &self,
        asked: &Asked<'_>,
        query: &[(String, String)],
        form: &[(String, String)],
        at: &SignedAt,
    ) -> Message {
        let mut in_query = owned(&[("Action", asked.action), ("Version", asked.version)]);
        in_query.extend_from_slice(query);
        let mut merged = in_query.clone();
        merged.extend_from_slice(form);
        let signed = rpc_v1::sign(&self.caller(at), self.secret.as_bytes(), asked.method, merged);
        let own = &signed[in_query.len() + form.len()..];
        in_query.extend_from_slice(own);
        let mut headers = vec![("host".to_owned(), self.address.to_string())];
        if !form.is_empty() {
            headers.push(("content-type".to_owned(), FORM.to_owned()));
        }
        let target = format!("/?{}", rpc::form(&in_query));
        Message { method: asked.method, target, headers, body: rpc::form(form).into_bytes() }
    }

    /// A request signed by V3; `query` is raw, without `?`.
    pub(crate) fn v3(
        &self,
        method: &'static str,
        action: &str,
        query: &str,
        content_type: Option<&str>,
        body: &[u8],
        at: &SignedAt,
    ) -> Message {
        self.signed_v3(&Asked { method, action, version: self.version }, query, content_type, body, at)
    }

    /// A GET of a path, signed by V3.
    pub(crate) fn get_path(&self, path: &str, query: &str) -> Message {
        let host = self.address.to_string();
        let at = self.now();
        let request = acs3::Request {
            content: acs3::Received { method: "GET", path, query, body: b"" },
            host: &host,
            action: "Any",
            version: self.version,
            content_type: None,
        };
        let headers = acs3::sign(&self.caller(&at), self.secret.as_bytes(), &request);
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Message { method: "GET", target: format!("{path}?{query}"), headers, body: Vec::new() }
    }

    fn signed_v3(
        &self,
        asked: &Asked<'_>,
        query: &str,
        content_type: Option<&str>,
        body: &[u8],
        at: &SignedAt,
    ) -> Message {
        let host = self.address.to_string();
        let request = acs3::Request {
            content: acs3::Received { method: asked.method, path: "/", query, body },
            host: &host,
            action: asked.action,
            version: asked.version,
            content_type,
        };
        let headers = acs3::sign(&self.caller(at), self.secret.as_bytes(), &request);
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let target = if query.is_empty() { "/".to_owned() } else { format!("/?{query}") };
        Message { method: asked.method, target, headers, body: body.to_vec() }
    }

    /// A POST to PDS as its Python SDK signs it, with a JSON body; to another host where one is named.
    pub(crate) fn roa_v1(&self, path: &str, host: Option<&str>, body: &[u8]) -> Message {
        let SignedAt { nonce, .. } = self.now();
        let at = SignedAt { timestamp: http_date(self.clock.now()), nonce };
        let request = roa::Request {
            content: acs3::Received { method: "POST", path, query: "", body },
            action: "Any",
            version: api::pds::VERSION,
            content_type: Some("application/json; charset=utf-8"),
        };
        let signed = roa_v1::sign(&self.caller(&at), self.secret.as_bytes(), &request);
        let mut headers = vec![("host".to_owned(), self.host(host))];
        headers.extend(signed.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Message { method: "POST", target: path.to_owned(), headers, body: body.to_vec() }
    }

    /// What requests name as their host: the server's address, unless another one is given.
    pub(crate) fn host(&self, other: Option<&str>) -> String {
        other.map_or_else(|| self.address.to_string(), str::to_owned)
    }

    /// This moment, by the clock of the test.
    pub(crate) fn instant(&self) -> Millis {
        self.clock.now()
    }

    /// This moment, with a new nonce.
    pub(crate) fn now(&self) -> SignedAt {
        SignedAt::at(self.clock.now())
    }

    fn caller<'a>(&'a self, at: &'a SignedAt) -> Caller<'a> {
        Caller {
            access_key_id: &self.key,
            timestamp: &at.timestamp,
            nonce: Some(&at.nonce),
            security_token: self.token.as_deref(),
        }
    }

    /// Sends a message as it is.
    pub(crate) async fn exchange(&self, message: &Message) -> Answer {
        self.try_exchange(message).await.expect("the server answers")
    }

    /// Sends a message as it is, to a server that may end meanwhile.
    pub(crate) async fn try_exchange(
        &self,
        message: &Message,
    ) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let mut connection = self.connection.lock().await;
        let mut kept = connection.take();
        if let Some(sender) = &mut kept
            && sender.ready().await.is_err()
        {
            // The server has closed it: an answer may say so.
            kept = None;
        }
        let mut sender = match kept {
            Some(kept) => kept,
            None => connect(self.address).await?,
        };
        let mut request = Request::builder().method(message.method).uri(&message.target);
        for (name, value) in &message.headers {
            request = request.header(name, value);
        }
        let answer = sender.send_request(request.body(Full::from(message.body.clone()))?).await?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        *connection = Some(sender);
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Sends a whole request that asks for the connection to be closed, and reads until the server does so.
    pub(crate) async fn whole(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.expect("the server accepts");
        stream.write_all(request).await.expect("the server reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the server answers");
        answer
    }

    /// Sends bytes that need not be HTTP, says that no more follow, and reads until the server closes.
    pub(crate) async fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.expect("the server accepts");
        let mut answer = Vec::new();
        // A server that has heard enough may close while this is still being sent.
        if stream.write_all(bytes).await.is_ok() && stream.shutdown().await.is_ok() {
            let _ = stream.read_to_end(&mut answer).await;
        }
        answer
    }
}

impl Message {
    /// The same with one more header, which is not signed.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a header.
    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    /// The same with `from` in the target replaced by `to`.
    pub(crate) fn with_target(mut self, from: &str, to: &str) -> Self {
        assert!(self.target.contains(from), "{from} is in {}", self.target);
        self.target = self.target.replace(from, to);
        self
    }

    /// The same with another method, which the signature does not know of.
    pub(crate) fn with_method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("answers are text")
    }

    /// A header's text; empty where it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("headers are text")).unwrap_or_default()
    }

    /// The refusal that it is.
    pub(crate) fn fault(&self) -> Fault {
        let json = self.json();
        let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{name} in {json}")).to_owned();
        let fault = Fault {
            status: self.status,
            code: text("Code"),
            message: text("Message"),
            request_id: text("RequestId"),
        };
        assert_eq!(fault.request_id, self.header("x-acs-request-id"));
        assert!(self.status >= 400, "{json}");
        fault
    }

    /// Status and code of the refusal that it is.
    pub(crate) fn refusal(&self) -> String {
        self.fault().brief()
    }
}

impl Fault {
    /// Status and code.
    pub(crate) fn brief(&self) -> String {
        format!("{} {}", self.status, self.code)
    }
}

async fn connect(
    address: SocketAddr,
) -> Result<SendRequest<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(driver);
    Ok(sender)
}

/// The version of the API that an action belongs to: the one whose rights it asks for.
fn version_of<A: Action>() -> &'static str {
    match A::RIGHT.action().split_once(':') {
        Some(("eiam", _)) => api::eiam::VERSION,
        Some(("ram", _)) => api::ram::VERSION,
        Some(("sts", _)) => api::sts::VERSION,
        _ => api::eds::VERSION,
    }
}

/// An instant as headers write it, `Thu, 15 Jan 2026 08:30:00 GMT`.
pub(crate) fn http_date(at: Millis) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).expect("an instant of our times");
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn owned(parameters: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
