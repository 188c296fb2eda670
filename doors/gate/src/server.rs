//! The server: connections with time-outs of their own, and the walk of one request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::{Circumstances, Entrance, Scope};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use model::Millis;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use wire::signature::acs3::Received;
use wire::signature::{self, Scheme};
use wire::{Body, Fault, Format, Parameters, Unreadable, answer};

use crate::authenticate::{authenticate, missing};
use crate::door::{Call, Door, Served, busy};
use crate::figures::Figures;
use crate::request::Room;

/// The time of day.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// How long things may take, and how many at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a whole request head, also on a connection that is kept alive.
    pub header_time: Duration,
    /// For a whole request body.
    pub body_time: Duration,
    /// For the peer to take any part of an answer.
    pub write_time: Duration,
    /// For requests that still run when the server stops.
    pub stop_time: Duration,
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_time: Duration::from_secs(20),
            body_time: Duration::from_secs(30),
            write_time: Duration::from_secs(20),
            stop_time: Duration::from_secs(30),
            connections: 4_096,
        }
    }
}

/// Who may say where a call came from, and who may see the figures.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether `/metrics` has an address of its own.
    pub metrics_apart: bool,
}

/// All that a server begins with.
pub struct Start {
    /// The way in.
    pub entrance: Arc<Entrance>,
    /// The doors.
    pub doors: Vec<Door>,
    /// The time of day.
    pub clock: Clock,
    /// Time-outs and bounds.
    pub limits: Limits,
    /// Proxies.
    pub network: Network,
}

/// A server; clones of its `Arc` serve each connection.
pub struct Server {
    entrance: Arc<Entrance>,
    doors: Vec<Door>,
    clock: Clock,
    limits: Limits,
    network: Network,
    figures: Figures,
    room: Room,
}

/// Bytes of a request's head, its query included.
const LONGEST_HEAD: usize = 64 << 10;
/// Characters of the caller's `Host` that an error repeats.
const SHOWN_HOST: usize = 255;

/// What a listener is for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Calls,
    Metrics,
}

/// What became of a request, for its log line and the figures.
struct Outcome {
    response: Response<Full<Bytes>>,
    action: &'static str,
    caller: String,
    code: String,
}

impl Server {
    /// A server that does not listen yet.
    pub fn new(start: Start) -> Arc<Self> {
        let Start { entrance, doors, clock, limits, network } = start;
        Arc::new(Self {
            entrance,
            doors,
            clock,
            limits,
            network,
            figures: Figures::default(),
            room: Room::default(),
        })
    }

    /// Serves `listener` until `stop` is over: then it accepts nothing more, finishes what runs, and returns.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: impl Future<Output = ()>) {
        self.accept(listener, stop, Part::Calls).await;
    }

    /// Serves `/metrics` alone, to whoever reaches `listener`, until `stop` is over.
    pub async fn serve_metrics(self: Arc<Self>, listener: TcpListener, stop: impl Future<Output = ()>) {
        self.accept(listener, stop, Part::Metrics).await;
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, stop: impl Future<Output = ()>, part: Part) {
        let connections = Arc::new(Semaphore::new(self.limits.connections));
        let graceful = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accept = async {
                let turn =
                    Arc::clone(&connections).acquire_owned().await.expect("the semaphore is never closed");
                (listener.accept().await, turn)
            };
            let (accepted, turn) = tokio::select! {
                accepted = accept => accepted,
                () = &mut stop => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or the peer went away first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let server = Arc::clone(&self);
            let connection = graceful.watch(Arc::clone(&self).connection(stream, peer, part));
            tokio::spawn(async move {
                server.figures.connections().inc();
                // Time-outs, resets and half-sent heads end a connection every day; each request has its own line.
                let _ = connection.await;
                server.figures.connections().dec();
                drop(turn);
            });
        }
        drop(listener);
        if tokio::time::timeout(self.limits.stop_time, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time and are given up");
        }
    }

    fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        part: Part,
    ) -> impl hyper_util::server::graceful::GracefulConnection {
        // Small answers must not wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let header_time = self.limits.header_time;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_time));
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_time)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(
                TokioIo::new(Box::pin(stream)),
                service_fn(move |request| {
                    let server = Arc::clone(&self);
                    async move {
                        Ok::<_, std::convert::Infallible>(match part {
                            Part::Calls => server.respond(request, peer).await,
                            Part::Metrics => server.metrics_only(&request),
                        })
                    }
                }),
            )
    }

    fn metrics_only(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let mut outcome = self.metrics();
        if request.uri().path() != "/metrics" {
            outcome = Outcome::plain("-", "text/plain", "only /metrics is here\n".into());
            *outcome.response.status_mut() = StatusCode::NOT_FOUND;
        }
        outcome.response
    }

    async fn respond(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        // IPv4 callers of an IPv6 socket are known by their own address.
        let peer = peer.ip().to_canonical();
        let source = self.source(&parts.headers, peer);
        let request_id = self.request_id();
        let outcome = match (&parts.method, parts.uri.path()) {
            (_, "/") => self.call(&parts, body, &request_id, source.clone()).await,
            (&Method::GET, "/healthz") => {
                Outcome::plain("healthz", "application/json", r#"{"status":"ok"}"#.into())
            }
            (&Method::GET, "/readyz") => self.readiness().await,
            (&Method::GET, "/metrics") if self.may_see_figures(&parts.headers, peer) => self.metrics(),
            _ => {
                let message = "Specified api is not found, please check your url and method.";
                Outcome::fault(
                    "-",
                    &Fault::new(404, "InvalidApi.NotFound", message),
                    &parts,
                    &request_id,
                    Format::Json,
                )
            }
        };
        let took = started.elapsed();
        tracing::info!(
            request_id,
            action = outcome.action,
            caller = outcome.caller,
            source,
            status = outcome.response.status().as_u16(),
            code = outcome.code,
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
        self.figures.answered(outcome.action, &outcome.code, took);
        outcome.response
    }

    /// One call of an RPC action.
    async fn call(&self, parts: &Parts, body: Incoming, request_id: &str, source: String) -> Outcome {
        let mut outcome = Outcome::plain("-", Format::Json.content_type(), String::new());
        let mut format = Format::Json;
        match self.answer(parts, body, request_id, source, &mut outcome, &mut format).await {
            Ok(body) => outcome.set(request_id, format, body),
            Err(fault) => outcome.fail(&fault, parts, request_id, format),
        }
        outcome
    }

    /// Walks a call from its body to its answer; `seen` takes what is learnt on the way, for the log line.
    async fn answer(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        source: String,
        seen: &mut Outcome,
        format: &mut Format,
    ) -> Result<Vec<u8>, Fault> {
        if parts.method != Method::GET && parts.method != Method::POST {
            return Err(Fault::new(405, "UnsupportedHTTPMethod", "This http method is not supported."));
        }
        let held = self.room.read(body, self.limits.body_time).await?;
        let query = parts.uri.query().unwrap_or_default();
        let parameters = Parameters::read(query, carried(&parts.headers, &held.bytes)).map_err(unreadable)?;
        let asked = signature::Call::read(&parts.headers, &parameters);
        *format = Format::read(asked.format)
            .map_err(|_| Fault::new(400, "InvalidParameter.Format", "The format is neither JSON nor XML."))?;
        let (door, served) = self.find(&asked)?;
        seen.action = served.name;

        let now = (self.clock)();
        let received =
            Received { method: parts.method.as_str(), path: parts.uri.path(), query, body: &held.bytes };
        let (caller, replay) =
            authenticate(&self.entrance, &parts.headers, &parameters, &received, now).await?;
        seen.caller.clone_from(&caller.access_key);

        let directory = self.entrance.default_directory(caller.account).await.map_err(|error| {
            tracing::error!(%error, request_id, "the caller's directory could not be looked up");
            busy()
        })?;
        (served.run)(Call {
            entrance: &self.entrance,
            parameters: &parameters,
            caller: &caller,
            scope: Scope::Directory(directory),
            circumstances: Circumstances { at: now, door: door.name, source, request: request_id.to_owned() },
            replay,
            format: *format,
        })
        .await
    }

    fn find(&self, asked: &signature::Call<'_>) -> Result<(&Door, &Served), Fault> {
        let version = asked.version.ok_or_else(|| missing("Version"))?;
        let door =
            self.doors.iter().find(|door| door.version == version).ok_or_else(|| {
                Fault::new(400, "InvalidVersion", "Specified parameter Version is not valid.")
            })?;
        let action = asked.action.ok_or_else(|| missing("Action"))?;
        let served = door.actions.get(action).ok_or_else(|| {
            let message = "Specified api is not found, please check your url and method.";
            Fault::new(404, "InvalidAction.NotFound", message)
        })?;
        Ok((door, served))
    }

    async fn readiness(&self) -> Outcome {
        match self.entrance.ping().await {
            Ok(()) => Outcome::plain("readyz", "application/json", r#"{"status":"ready"}"#.into()),
            Err(error) => {
                tracing::warn!(%error, "the store does not answer");
                let mut outcome =
                    Outcome::plain("readyz", "application/json", r#"{"status":"unavailable"}"#.into());
                *outcome.response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                outcome
            }
        }
    }

    fn metrics(&self) -> Outcome {
        let text = self.figures.text(&self.entrance.load());
        Outcome::plain("metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", text)
    }

    /// The caller's address: the peer's, or what a trusted proxy says of it.
    fn source(&self, headers: &HeaderMap, peer: IpAddr) -> String {
        if self.network.trusted_proxies.contains(&peer) {
            // Some proxies add a line of their own behind the caller's.
            let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
            let forwarded = forwarded.and_then(|value| value.to_str().ok());
            // The last one is what the proxy itself saw; those before it are the caller's own words.
            let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
            if let Some(address) = last {
                return address.to_string();
            }
        }
        peer.to_string()
    }

    /// Whether the caller is on this machine, and not behind a proxy that is.
    fn may_see_figures(&self, headers: &HeaderMap, peer: IpAddr) -> bool {
        let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        !self.network.metrics_apart && peer.is_loopback() && !is_forwarded
    }

    /// An upper-case UUID. Source: `reference/protocol.md` §6.1.
    fn request_id(&self) -> String {
        let id = uuid::Builder::from_random_bytes(self.entrance.ids().salt().to_be_bytes()).into_uuid();
        id.hyphenated().encode_upper(&mut uuid::Uuid::encode_buffer()).to_owned()
    }
}

/// The part of the body that carries parameters.
fn carried<'a>(headers: &HeaderMap, body: &'a [u8]) -> Body<'a> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "application/x-www-form-urlencoded" if !body.is_empty() => Body::Form(body),
        "application/json" if !body.is_empty() && Scheme::of(headers).signs_body() => Body::Json(body),
        _ => Body::None,
    }
}

fn unreadable(unreadable: Unreadable) -> Fault {
    Fault::new(400, "InvalidParameter", format!("The request cannot be read: {unreadable}."))
}

impl Outcome {
    fn plain(action: &'static str, content_type: &'static str, text: String) -> Self {
        let mut response = Response::new(Full::new(Bytes::from(text)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { response, action, caller: "-".to_owned(), code: String::new() }
    }

    fn fault(action: &'static str, fault: &Fault, parts: &Parts, request_id: &str, format: Format) -> Self {
        let mut outcome = Self::plain(action, format.content_type(), String::new());
        outcome.fail(fault, parts, request_id, format);
        outcome
    }

    fn fail(&mut self, fault: &Fault, parts: &Parts, request_id: &str, format: Format) {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let host = host.get(..SHOWN_HOST).unwrap_or(host);
        self.set(request_id, format, answer::error(format, request_id, host, fault));
        *self.response.status_mut() =
            StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        fault.code.as_ref().clone_into(&mut self.code);
        let headers = self.response.headers_mut();
        if let Some(millis) = fault.retry_after_millis {
            headers.insert("x-acs-retry-after", HeaderValue::from(millis));
        }
        if matches!(fault.status, 408 | 413) {
            // What is left of the body is not waited for.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    fn set(&mut self, request_id: &str, format: Format, body: Vec<u8>) {
        *self.response.body_mut() = Full::new(Bytes::from(body));
        let headers = self.response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            headers.insert("x-acs-request-id", request_id);
        }
    }
}
