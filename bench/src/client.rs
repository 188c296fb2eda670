//! Connections that each send a signed request, wait for the whole answer, and send the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use api::eds::VERSION;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::signature::{Caller, rpc_v1};
use wire::{Action, Operation, rpc};

use crate::server::{KEY, SECRET};
use crate::{Trouble, load};

/// Nonces of this process, each used once.
static NONCE: AtomicU64 = AtomicU64::new(0);

/// What a measurement found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    /// Requests answered.
    pub(crate) count: usize,
    /// Over so many seconds.
    pub(crate) seconds: f64,
    /// How long each took, in microseconds, in order.
    pub(crate) micros: Vec<u32>,
    /// How many were turned away because they would take too long (503).
    pub(crate) refused: usize,
}

impl Measured {
    /// The latency below which this part of the requests lies.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        let index = ((self.micros.len() as f64 * part) as usize).min(self.micros.len().saturating_sub(1));
        self.micros.get(index).copied().map_or(f64::NAN, f64::from)
    }
}

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    /// Sends a request and reads the body of its answer, which must be a success.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<&[u8], Trouble> {
        let (status, body) = self.exchange(request).await?;
        if is_success(status) { Ok(body) } else { Err(String::from_utf8_lossy(body).into_owned().into()) }
    }

    /// Sends a request of eds-user and reads its answer.
    pub(crate) async fn ask<A: Action>(&mut self, request: &A) -> Result<A::Reply, Trouble> {
        self.ask_of(VERSION, request).await
    }

    /// Sends a request of another API version and reads its answer.
    pub(crate) async fn ask_of<A: Action>(
        &mut self,
        version: &str,
        request: &A,
    ) -> Result<A::Reply, Trouble> {
        let request = signed(A::NAME, version, request);
        Ok(serde_json::from_slice(self.send(&request).await?)?)
    }

    /// Sends a request of PDS, with an access token, and reads its answer.
    pub(crate) async fn post<O: Operation>(
        &mut self,
        token: &str,
        operation: &O,
    ) -> Result<O::Reply, Trouble> {
        let body = self.send(&posted(token, operation)).await?;
        Ok(serde_json::from_slice(if body.is_empty() { b"null" } else { body })?)
    }

    /// Sends a request and reads the status and the body of its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<(u16, &[u8]), Trouble> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some((status, head, length)) = self.head()
                && self.buffer.len() >= head + length
            {
                return Ok((status, &self.buffer[head..head + length]));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }

    /// Sends a request and reads the head and the body of its answer, as text.
    pub(crate) async fn page(&mut self, request: &[u8]) -> Result<(String, String), Trouble> {
        let body = self.exchange(request).await?.1.len();
        let (head, body) = self.buffer.split_at(self.buffer.len() - body);
        Ok((String::from_utf8(head.to_vec())?, String::from_utf8(body.to_vec())?))
    }

    /// The status, where the head ends, and how long the body is.
    fn head(&self) -> Option<(u16, usize, usize)> {
        let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = std::str::from_utf8(&self.buffer[..end]).ok()?;
        let status = head.get(9..12)?.parse().ok()?;
        if status == NO_CONTENT {
            return Some((status, end, 0));
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        Some((status, end, length.trim().parse().ok()?))
    }
}

/// The status of a success without a body, whose length is not said.
const NO_CONTENT: u16 = 204;

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// A plain GET.
pub(crate) fn plain(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A request of PDS with an access token.
pub(crate) fn posted<O: Operation>(token: &str, operation: &O) -> Vec<u8> {
    let body = serde_json::to_string(operation).expect("declared requests can be encoded");
    let authorization = format!("authorization: Bearer {token}\r\n");
    post(O::PATH, "application/json", &authorization, &body)
}

/// A form of PDS, which needs no token.
pub(crate) fn form(path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    post(path, "application/x-www-form-urlencoded", "", &rpc::form(&fields))
}

fn post(path: &str, kind: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {kind}\r\n{headers}\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A signed GET (signature V1) of an action with these parameters.
pub(crate) fn signed(action: &str, version: &str, request: &impl Serialize) -> Vec<u8> {
    let mut pairs = rpc::encode(request).expect("declared requests can be encoded");
    pairs.extend([
        ("Action".into(), action.into()),
        ("Version".into(), version.into()),
        ("Format".into(), "JSON".into()),
    ]);
    let now = jiff::Timestamp::from_millisecond(load::now().0).expect("the clock is in range");
    let timestamp = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let nonce = format!("{:x}-{:x}", std::process::id(), NONCE.fetch_add(1, Ordering::Relaxed));
    let caller =
        Caller { access_key_id: KEY, timestamp: &timestamp, nonce: Some(&nonce), security_token: None };
    plain(&format!("/?{}", rpc::form(&rpc_v1::sign(&caller, SECRET.as_bytes(), "GET", pairs))))
}

/// Makes the next request; its argument counts up over all connections.
pub(crate) type Next = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// Sends requests over `connections` for about `seconds`.
pub(crate) async fn closed_loop(
    address: SocketAddr,
    connections: usize,
    seconds: f64,
    next: &Next,
) -> Result<Measured, Trouble> {
    let counter = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let until = started + Duration::from_secs_f64(seconds);
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (next, counter) = (Arc::clone(next), Arc::clone(&counter));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let (mut micros, mut refused) = (Vec::new(), 0);
            while Instant::now() < until {
                let request = next(counter.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                let (status, body) = connection.exchange(&request).await?;
                match status {
                    status if is_success(status) => {
                        micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX))
                    }
                    503 => refused += 1,
                    _ => return Err(String::from_utf8_lossy(body).into_owned().into()),
                }
            }
            Ok::<_, Trouble>((micros, refused))
        }));
    }
    let (mut micros, mut refused) = (Vec::new(), 0);
    for task in tasks {
        let (answered, turned_away) = task.await??;
        micros.extend(answered);
        refused += turned_away;
    }
    let seconds = started.elapsed().as_secs_f64();
    micros.sort_unstable();
    Ok(Measured { count: micros.len(), seconds, micros, refused })
}

/// Connections of [`each`].
const CONNECTIONS: usize = 32;

/// Sends so many requests, each once. What is there already, or is gone already, is well.
pub(crate) async fn each(address: SocketAddr, count: usize, next: Next) -> Result<(), Trouble> {
    let counter = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS.min(count) {
        let (next, counter) = (Arc::clone(&next), Arc::clone(&counter));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            loop {
                let n = counter.fetch_add(1, Ordering::Relaxed);
                if n >= count as u64 {
                    return Ok::<_, Trouble>(());
                }
                let (status, body) = connection.exchange(&next(n)).await?;
                if !is_success(status) && ![404, 409].contains(&status) {
                    return Err(String::from_utf8_lossy(body).into_owned().into());
                }
            }
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}
