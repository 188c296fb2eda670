//! The server: connections with time-outs of their own, and the walk of one request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::Entrance;
use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use model::Millis;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use wire::{Fault, Format};

use crate::answers::{Answers, Share};
use crate::door::Door;
use crate::figures::Figures;
use crate::operations::{self, Operations};
use crate::outcome::Outcome;
use crate::pages::Pages;
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
    /// The doors whose actions are told by name.
    pub doors: Vec<Door>,
    /// The operations, which are told by path.
    pub operations: Operations,
    /// The pages, which are told by path.
    pub pages: Pages,
    /// The time of day.
    pub clock: Clock,
    /// Time-outs and bounds.
    pub limits: Limits,
    /// Proxies.
    pub network: Network,
}

/// A server; clones of its `Arc` serve each connection.
pub struct Server {
    pub(crate) entrance: Arc<Entrance>,
    pub(crate) doors: Vec<Door>,
    pub(crate) operations: Operations,
    pub(crate) pages: Pages,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) room: Room,
    pub(crate) answers: Answers,
    network: Network,
    figures: Figures,
}

/// Bytes of a request's head, its query included.
const LONGEST_HEAD: usize = 64 << 10;

/// What a listener is for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Calls,
    Metrics,
}

impl Server {
    /// A server that does not listen yet.
    pub fn new(start: Start) -> Arc<Self> {
        let Start { entrance, doors, operations, pages, clock, limits, network } = start;
        Arc::new(Self {
            entrance,
            doors,
            operations,
            pages,
            clock,
            limits,
            room: Room::default(),
            answers: Answers::default(),
            network,
            figures: Figures::default(),
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
                            Part::Metrics => server.metrics_only(&request).await,
                        })
                    }
                }),
            )
    }

    async fn metrics_only(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let outcome = if request.uri().path() == "/metrics" {
            self.metrics().await
        } else {
            let mut outcome = Outcome::plain("-", "text/plain", "only /metrics is here\n".into());
            *outcome.response.status_mut() = StatusCode::NOT_FOUND;
            outcome
        };
        outcome.response.map(|body| Full::new(body.into()))
    }

    async fn respond(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Full<Bytes>> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        // IPv4 callers of an IPv6 socket are known by their own address.
        let peer = peer.ip().to_canonical();
        let source = self.source(&parts.headers, peer);
        let request_id = self.request_id();
        let mut outcome = match (&parts.method, parts.uri.path()) {
            _ if !names_one_host(&parts) => {
                let mut outcome = Outcome::plain("-", "text/plain", "one Host was expected\n".into());
                *outcome.response.status_mut() = StatusCode::BAD_REQUEST;
                outcome.code = "InvalidHost".to_owned();
                outcome
            }
            (&Method::GET | &Method::HEAD, "/") if self.pages.are_wanted(&parts) => self.home(&request_id),
            (_, "/") => self.call(&parts, body, &request_id, source.clone()).await,
            (_, path) if path.starts_with(operations::PREFIX) => {
                self.operation(&parts, body, &request_id, source.clone()).await
            }
            (_, path) if self.pages.is_meant(path) => {
                self.page(&parts, body, &request_id, source.clone()).await
            }
            (&Method::GET, "/healthz") => {
                Outcome::plain("healthz", "application/json", r#"{"status":"ok"}"#.into())
            }
            (&Method::GET, "/readyz") => self.readiness().await,
            (&Method::GET, "/metrics") if self.may_see_figures(&parts.headers, peer) => self.metrics().await,
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
        let share = self.answers.share(outcome.response.body().len()).unwrap_or_else(|| {
            if self.pages.is_meant(parts.uri.path()) {
                outcome.shorten_page(self.page_without_room(&parts, &request_id));
            } else {
                outcome.give_up(&parts, &request_id);
            }
            Share::none()
        });
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
        outcome.response.map(|body| Full::new(share.hold(body)))
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

    async fn metrics(&self) -> Outcome {
        let queues = self.entrance.queues().await;
        if let Err(error) = &queues {
            tracing::warn!(%error, "the outbox cannot be counted");
        }
        self.figures.set_messages(queues.as_ref().ok().map(|queues| &queues[..]), (self.clock)());
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

/// Whether a request says to which host it goes, and says it once; a proxy in front would else choose another one of
/// several.
///
/// Source: RFC 9112 §3.2.
fn names_one_host(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    match (first, parts.uri.authority()) {
        (None, _) => parts.version < Version::HTTP_11,
        (Some(host), Some(target)) => {
            second.is_none() && host.as_bytes().eq_ignore_ascii_case(target.as_str().as_bytes())
        }
        (Some(_), None) => second.is_none(),
    }
}
