//! The server: connections with time-outs of their own, and the walk of one request.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::Entrance;
use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use model::Millis;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use wire::{Fault, Format};

use crate::answers::{Answers, Share};
use crate::door::Door;
use crate::events::{self, Stream, Streams};
use crate::figures::Figures;
use crate::limits::{Rates, Throttle};
use crate::network::{Network, Origin};
use crate::noise::Noise;
use crate::operations::{self, Operations};
use crate::outcome::Outcome;
use crate::pages::Pages;
use crate::peers::{Connection, Peers};
use crate::request::Room;
use crate::tls::Tls;

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
    /// Connections at once; more wait to be accepted. One address has a quarter of them; more of it are closed.
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
    /// How often anybody may call.
    pub rates: Rates,
    /// What shakes hands with callers; `None` where they speak plain HTTP.
    pub tls: Option<Arc<Tls>>,
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
    pub(crate) throttle: Throttle,
    noise: Noise,
    tls: Option<Arc<Tls>>,
    pub(crate) streams: Streams,
    /// True from the moment on at which nothing more is accepted.
    pub(crate) stopping: watch::Sender<bool>,
    network: Network,
    figures: Figures,
}

/// The body of an answer: all at once, or as it comes.
type Answered = Either<Full<Bytes>, Stream>;

/// Bytes of a request's head, its query included.
const LONGEST_HEAD: usize = 64 << 10;

/// How often the log is told how much it was not told.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// What a listener is for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Calls,
    Metrics,
}

impl Server {
    /// A server that does not listen yet.
    pub fn new(start: Start) -> Arc<Self> {
        let Start { entrance, doors, operations, pages, clock, limits, network, rates, tls } = start;
        Arc::new(Self {
            entrance,
            doors,
            operations,
            pages,
            clock,
            limits,
            room: Room::default(),
            answers: Answers::default(),
            throttle: Throttle::new(rates),
            noise: Noise::default(),
            tls,
            streams: Streams::default(),
            stopping: watch::Sender::new(false),
            network,
            figures: Figures::default(),
        })
    }

    /// Serves `listener` until `stop` is over: then it accepts nothing more, finishes what runs, and returns.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: impl Future<Output = ()>) {
        let telling = tokio::spawn(Arc::clone(&self).keep_telling());
        Arc::clone(&self).accept(listener, stop, Part::Calls).await;
        telling.abort();
        self.tell_left_out();
    }

    /// Serves `/metrics` alone, to whoever reaches `listener`, until `stop` is over.
    pub async fn serve_metrics(self: Arc<Self>, listener: TcpListener, stop: impl Future<Output = ()>) {
        self.accept(listener, stop, Part::Metrics).await;
    }

    async fn accept(self: Arc<Self>, listener: TcpListener, stop: impl Future<Output = ()>, part: Part) {
        let connections = Arc::new(Semaphore::new(self.limits.connections));
        let peers = Peers::new(self.limits.connections.div_ceil(4));
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
            let address = peer.ip().to_canonical();
            let Some(connection) = peers.connect(address, self.network.trusts(address)) else {
                self.figures.connections_refused().inc();
                continue;
            };
            let (server, watcher) = (Arc::clone(&self), graceful.watcher());
            tokio::spawn(async move {
                server.figures.connections().inc();
                Arc::clone(&server).connect(stream, (peer, part), &connection, watcher).await;
                server.figures.connections().dec();
                drop((connection, turn));
            });
        }
        drop(listener);
        self.stopping.send_replace(true);
        if tokio::time::timeout(self.limits.stop_time, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time and are given up");
        }
    }

    /// Serves one connection to its end.
    async fn connect(
        self: Arc<Self>,
        stream: TcpStream,
        (peer, part): (SocketAddr, Part),
        connection: &Connection,
        watcher: Watcher,
    ) {
        // Small answers must not wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_time));
        let stream = Box::pin(stream);
        let Some(tls) = self.tls.clone().filter(|_| matches!(part, Part::Calls)) else {
            return self.serve_on(stream, (peer, false), part, watcher).await;
        };
        let mut stopping = self.stopping.subscribe();
        let shaken = tokio::select! {
            shaken = tls.accept(stream, &connection.handshakes) => shaken,
            // Nobody has asked for anything yet.
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        match shaken {
            Some(stream) => self.serve_on(Box::pin(stream), (peer, true), part, watcher).await,
            None => {
                self.figures.handshakes_failed().inc();
            }
        }
    }

    /// Serves the requests that come over a stream; `by_tls` says whether nobody between could read them.
    async fn serve_on<S>(
        self: Arc<Self>,
        stream: Pin<Box<S>>,
        (peer, by_tls): (SocketAddr, bool),
        part: Part,
        watcher: Watcher,
    ) where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_time)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(
                TokioIo::new(stream),
                service_fn(move |request| {
                    let server = Arc::clone(&self);
                    async move {
                        Ok::<_, std::convert::Infallible>(match part {
                            Part::Calls => server.respond(request, peer, by_tls).await,
                            Part::Metrics => server.metrics_only(&request).await,
                        })
                    }
                }),
            );
        // Time-outs, resets and half-sent heads end a connection every day; each request has its own line.
        let _ = watcher.watch(connection).await;
    }

    /// Tells each minute how many requests the log does not name.
    async fn keep_telling(self: Arc<Self>) {
        loop {
            tokio::time::sleep(TELL_EVERY).await;
            self.tell_left_out();
        }
    }

    fn tell_left_out(&self) {
        let requests = self.noise.left_out();
        if requests > 0 {
            tracing::warn!(requests, "so many requests of nobody known, or too soon, are not named here");
        }
    }

    async fn metrics_only(&self, request: &Request<Incoming>) -> Response<Answered> {
        let outcome = if request.uri().path() == "/metrics" {
            self.metrics().await
        } else {
            let mut outcome = Outcome::plain("-", "text/plain", "only /metrics is here\n".into());
            *outcome.response.status_mut() = StatusCode::NOT_FOUND;
            outcome
        };
        outcome.response.map(|body| Either::Left(Full::new(body.into())))
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        by_tls: bool,
    ) -> Response<Answered> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        // IPv4 callers of an IPv6 socket are known by their own address.
        let peer = peer.ip().to_canonical();
        let origin = self.network.origin(&parts.headers, peer, by_tls);
        let request_id = self.request_id();
        let mut outcome = match (&parts.method, parts.uri.path()) {
            _ if !names_one_host(&parts) => {
                let mut outcome = Outcome::plain("-", "text/plain", "one Host was expected\n".into());
                *outcome.response.status_mut() = StatusCode::BAD_REQUEST;
                outcome.code = "InvalidHost".into();
                self.nowhere(outcome, &parts, origin, &request_id)
            }
            (&Method::GET | &Method::HEAD, "/") if self.pages.are_wanted(&parts) => self.home(&request_id),
            (_, "/") => self.call(&parts, body, &request_id, origin).await,
            (_, path) if path.starts_with(operations::PREFIX) => {
                self.operation(&parts, body, &request_id, origin).await
            }
            (_, path) if self.pages.is_meant(path) => self.page(&parts, body, &request_id, origin).await,
            (&Method::GET, events::PATH) => self.events(&parts, body, &request_id, origin).await,
            (&Method::GET, "/healthz") => {
                Outcome::plain("healthz", "application/json", r#"{"status":"ok"}"#.into())
            }
            (&Method::GET, "/readyz") => self.readiness().await,
            (&Method::GET, "/metrics") if self.network.may_see_figures(&parts.headers, peer) => {
                self.metrics().await
            }
            _ => {
                let message = "Specified api is not found, please check your url and method.";
                let fault = Fault::new(404, "InvalidApi.NotFound", message);
                let outcome = Outcome::fault("-", &fault, &parts, &request_id, Format::Json);
                self.nowhere(outcome, &parts, origin, &request_id)
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
        if self.is_named(&outcome, origin) {
            tracing::info!(
                request_id,
                action = outcome.action,
                caller = outcome.caller,
                source = origin.text(),
                status = outcome.response.status().as_u16(),
                code = outcome.code.as_ref(),
                micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                "request"
            );
        }
        self.figures.answered(outcome.action, outcome.code, took);
        let (response, stream) = (outcome.response, outcome.stream);
        response.map(|body| match stream {
            Some(stream) => Either::Right(stream),
            None => Either::Left(Full::new(share.hold(body))),
        })
    }

    /// Whether a request gets a line in the log.
    fn is_named(&self, outcome: &Outcome, origin: Origin) -> bool {
        let now = (self.clock)();
        match outcome.is_noise() {
            true if outcome.response.status().is_server_error() => self.noise.is_failure_named(now),
            true => self.noise.is_named(origin.source, now),
            false => true,
        }
    }

    /// What a request is told that leads nowhere.
    fn nowhere(&self, told: Outcome, parts: &Parts, origin: Origin, request_id: &str) -> Outcome {
        match self.throttle.stranger(origin.source, (self.clock)()) {
            Ok(()) => told,
            Err(soon) => Outcome::fault("-", &soon.throttling(), parts, request_id, Format::Json),
        }
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
