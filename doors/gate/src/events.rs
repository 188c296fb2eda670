//! The audit trail over HTTP: `GET /audit/events`, one event a line, as they come.
//!
//! It is for programs with an AccessKey, and shows the events of its account that are sealed, in the order of the chain:
//! so whoever goes on behind a cursor misses none, also of those that were committed late.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use access::audit::{self, Filter, Line};
use access::{Asked, Caller, Circumstances, Denied, Entrance, Permit, Scope};
use api::coverage::Declared;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use model::ram::Holder;
use model::{AccountUid, Millis, Number, Resource, Right};
use tokio::sync::watch;
use wire::signature::Scheme;
use wire::signature::acs3::Received;
use wire::{Body, Fault, Format, Parameters};

use crate::authenticate::{authenticate, replayed};
use crate::door::access_denied;
use crate::limits::TooSoon;
use crate::network::Origin;
use crate::operations::{self, Proven};
use crate::outcome::{Outcome, REQUEST_ID};
use crate::server::{Clock, Server};
use crate::way::{Way, busy, note_refusal, unseen};

/// Where it is.
pub(crate) const PATH: &str = "/audit/events";
/// What the policy is asked.
const RIGHT: Right = Right::list("roster:ReadAudit");
/// What the log and the trail call this way in.
pub(crate) const DOOR: &str = "audit";
/// What a request may ask for.
const PARAMETERS: [&str; 11] = [
    "after",
    "from",
    "until",
    "what",
    "subject",
    "principal",
    "access_key",
    "request",
    "domain",
    "limit",
    "follow",
];

/// Letters of a parameter's name that a refusal repeats.
const SHOWN: usize = 64;
/// Bytes of a body, in which nothing is looked for.
const LONGEST: usize = 4 << 10;
/// Streams that somebody with an AccessKey has at once, whatever the key; and all of an account.
const MOST: (usize, usize) = (2, 16);
/// How long a stream that waits for new events goes on before its caller has to prove itself again.
const FOLLOWED: Duration = Duration::from_secs(60);
/// How long any other goes on.
const LONGEST_STREAM: Duration = Duration::from_secs(60 * 60);
/// How often a stream that waits looks.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How long it is silent at most; then it sends an empty line, so that neither end takes the other for gone.
const SILENT: Duration = Duration::from_secs(10);

/// Lines, as they come.
pub(crate) type Stream = StreamBody<Pin<Box<dyn stream::Stream<Item = io::Result<Frame<Bytes>>> + Send>>>;

/// The streams of all accounts: whose each is.
#[derive(Default)]
pub(crate) struct Streams(Arc<Mutex<Vec<Whose>>>);

/// Of which account a stream is, and of whom in it: of nobody for the root, of the role for its sessions.
type Whose = (AccountUid, Option<Holder>);

/// One of the streams.
struct Turn {
    streams: Arc<Mutex<Vec<Whose>>>,
    whose: Whose,
}

impl Streams {
    /// A stream for somebody; `None` where they, or their account, have as many as may be.
    fn take(&self, whose: Whose) -> Option<Turn> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = streams.iter().filter(|other| **other == whose).count();
        let all = streams.iter().filter(|other| other.0 == whose.0).count();
        if own >= MOST.0 || all >= MOST.1 {
            return None;
        }
        streams.push(whose);
        Some(Turn { streams: Arc::clone(&self.0), whose })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = streams.iter().position(|whose| *whose == self.whose) {
            streams.swap_remove(at);
        }
    }
}

/// What a request asks for.
struct Wanted {
    filter: Filter,
    /// The cursor, still closed.
    after: Option<String>,
    /// Lines at most.
    limit: Option<u64>,
    follow: bool,
}

/// A stream that is being sent.
struct Following {
    entrance: Arc<Entrance>,
    clock: Clock,
    stopping: watch::Receiver<bool>,
    /// Who reads, as of the last look.
    caller: Caller,
    circumstances: Circumstances,
    filter: Filter,
    /// The number of the last event that was looked at.
    after: i64,
    /// Lines that may still come.
    left: u64,
    /// Whether it waits for new ones.
    waits: bool,
    /// Until when it goes on.
    until: Instant,
    /// How long the last look has taken: before the next one as much time is left to others.
    rest: Duration,
    has_failed: bool,
    _turn: Turn,
}

/// What the way in is, as doors declare theirs.
pub(crate) fn declared() -> Declared {
    Declared::at_path(PATH, RIGHT, &PARAMETERS)
}

impl Server {
    /// One call for events.
    pub(crate) async fn events(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
    ) -> Outcome {
        let mut outcome = Outcome::plain(PATH, "application/x-ndjson", String::new());
        match self.stream(parts, body, request_id, origin, &mut outcome).await {
            Ok(stream) => outcome.stream = Some(stream),
            Err(fault) => {
                let counted = if outcome.is_counted { Ok(()) } else { self.count(origin.source, &fault) };
                let fault = counted.map_or_else(TooSoon::throttling, |()| fault);
                outcome.fail(&fault, parts, request_id, Format::Json);
                return outcome;
            }
        }
        let headers = outcome.response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Proxies that would hold lines back until there are many let them through.
        headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            headers.insert(REQUEST_ID, request_id);
        }
        outcome
    }

    async fn stream(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
        seen: &mut Outcome,
    ) -> Result<Stream, Fault> {
        let held = self.room.read(body, LONGEST, self.limits.body_time).await?;
        let query = parts.uri.query().unwrap_or_default();
        let parameters =
            Parameters::read(query, Body::None).map_err(|error| invalid("query", &error.to_string()))?;
        let received =
            Received { method: parts.method.as_str(), path: parts.uri.path(), query, body: &held.bytes };
        let now = (self.clock)();
        let mut circumstances = Circumstances {
            at: now,
            door: DOOR,
            source: origin.text(),
            is_secure: origin.is_secure,
            request: request_id.to_owned(),
            access_key: String::new(),
        };
        let (caller, replay) = prove(&self.entrance, parts, &parameters, &received, &circumstances).await?;
        circumstances.access_key.clone_from(&caller.access_key);
        seen.caller.clone_from(&caller.access_key);
        seen.is_counted = true;
        self.throttle.caller(&caller, 1, now).map_err(TooSoon::throttling)?;
        let way = Way { entrance: &self.entrance, circumstances, replay: Some(replay), replayed };
        permit(&way, &caller).await?;
        let wanted = read(&parameters)?;
        let tools = self.entrance.reader();
        let after = match &wanted.after {
            None => 0,
            Some(cursor) => audit::place(tools.tools(), caller.account, cursor)
                .ok_or_else(|| invalid("after", "it is no cursor of this account's"))?,
        };
        let turn = self.streams.take((caller.account, caller.who.holder())).ok_or_else(busy)?;
        let beginning = match wanted.filter.from {
            Some(from) => audit::beginning(self.entrance.reader().rows(), from).await,
            None => Ok(0),
        };
        let beginning = beginning.map_err(|error| unseen(&error, request_id))?;
        let following = Following {
            entrance: Arc::clone(&self.entrance),
            stopping: self.stopping.subscribe(),
            filter: Filter { account: Some(caller.account), ..wanted.filter },
            clock: Arc::clone(&self.clock),
            caller,
            circumstances: way.circumstances,
            after: after.max(beginning),
            left: wanted.limit.unwrap_or(u64::MAX),
            waits: wanted.follow,
            until: Instant::now() + if wanted.follow { FOLLOWED } else { LONGEST_STREAM },
            rest: Duration::ZERO,
            has_failed: false,
            _turn: turn,
        };
        let lines = stream::unfold(following, |mut following| async {
            let next = following.next().await?;
            Some((next.map(Frame::data), following))
        });
        Ok(StreamBody::new(Box::pin(lines)))
    }
}

/// Who calls: by V3, or as calls of PDS are signed. Both cover path and query, which V1 of RPC does not.
async fn prove(
    entrance: &Entrance,
    parts: &Parts,
    parameters: &Parameters,
    received: &Received<'_>,
    circumstances: &Circumstances,
) -> Result<(Caller, access::Replay), Fault> {
    if matches!(Scheme::of(&parts.headers), Scheme::Acs3) {
        return authenticate(entrance, &parts.headers, parameters, received, circumstances.at, DOOR).await;
    }
    match operations::authenticate(entrance, &parts.headers, received, circumstances).await? {
        (Proven::AccessKey(caller), Some(replay)) => Ok((caller, replay)),
        (Proven::AccessKey(_) | Proven::Bearer(..), _) => {
            Err(Fault::new(403, "NoPermission", "The audit trail is for AccessKeys."))
        }
    }
}

/// Whether policies let somebody read the trail, under these circumstances.
fn may(caller: &Caller, circumstances: Circumstances) -> Result<Permit, Denied> {
    let asked = Asked { right: RIGHT, resources: &[Resource::Any], region: "*" };
    Permit::by_policy(caller, &asked, Scope::Account(caller.account), circumstances)
}

async fn permit(way: &Way<'_>, caller: &Caller) -> Result<Permit, Fault> {
    match may(caller, way.circumstances.clone()) {
        Ok(permit) => Ok(permit),
        Err(denied) => {
            note_refusal(way, caller.account, &denied).await;
            let message = "You are not authorized to do this operation. Action: roster:ReadAudit.";
            let fault = Fault::new(403, "NoPermission", message);
            Err(Fault { access_denied: Some(access_denied(&denied)), ..fault })
        }
    }
}

/// Reads what is asked for. A filter that is not known is refused: without it other events would come.
fn read(parameters: &Parameters) -> Result<Wanted, Fault> {
    let mut wanted = Wanted { filter: Filter::default(), after: None, limit: None, follow: false };
    for (name, value) in parameters.iter() {
        let text = || Some(value.to_owned());
        let filter = &mut wanted.filter;
        match name {
            "after" => wanted.after = text(),
            "from" => filter.from = Some(time(name, value)?),
            "until" => filter.until = Some(time(name, value)?),
            "what" => filter.what = text(),
            "subject" => filter.subject = text(),
            "principal" => filter.principal = text(),
            "access_key" => filter.access_key = text(),
            "request" => filter.request = text(),
            "domain" => {
                let number = Number::of_domain(value);
                filter.directory = Some(number.ok_or_else(|| invalid(name, "it is no domain's id"))?);
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| *limit > 0);
                wanted.limit = Some(limit.ok_or_else(|| invalid(name, "it is no number from 1 on"))?);
            }
            "follow" => {
                wanted.follow = match value {
                    "1" | "true" => true,
                    "0" | "false" => false,
                    _ => return Err(invalid(name, "it is neither 1 nor 0")),
                }
            }
            _ => {
                // The name is the caller's: it stands in no code, which the log and the figures keep.
                let name: String = name.chars().take(SHOWN).collect();
                let message = format!("The parameter {name} is not supported.");
                return Err(Fault::new(400, "UnsupportedParameter", message));
            }
        }
    }
    Ok(wanted)
}

fn time(name: &str, value: &str) -> Result<Millis, Fault> {
    let read = Millis::from_utc_seconds(value);
    read.ok_or_else(|| invalid(name, "write a time as 2026-01-15T08:30:00Z"))
}

fn invalid(name: &str, why: &str) -> Fault {
    Fault::new(400, format!("InvalidParameter.{name}"), format!("The parameter {name} is not valid: {why}."))
}

impl Following {
    /// The next lines; `None` at the end. A failure ends the connection, so that nobody takes it for the end.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let silent_until = Instant::now() + SILENT;
        while self.left > 0 && !self.has_failed {
            if self.waits && self.until <= Instant::now() {
                return None;
            }
            tokio::time::sleep(std::mem::take(&mut self.rest)).await;
            match self.look().await {
                Err(error) => {
                    let request_id = &self.circumstances.request;
                    tracing::warn!(request_id, %error, "a stream of events broke off");
                    self.has_failed = true;
                    return Some(Err(error));
                }
                Ok(Some(lines)) if !lines.is_empty() => return Some(Ok(lines.into())),
                // None of these fits; there may be more.
                Ok(Some(_)) => {}
                Ok(None) => {
                    if *self.stopping.borrow() || !self.waits {
                        return None;
                    }
                    let _ = tokio::time::timeout(LOOK_EVERY, self.stopping.changed()).await;
                }
            }
            if silent_until <= Instant::now() {
                return Some(Ok(Bytes::from_static(b"\n")));
            }
        }
        None
    }

    /// The next lines, where the caller may still read them.
    async fn look(&mut self) -> io::Result<Option<String>> {
        if self.until <= Instant::now() {
            return Err(io::Error::other("it has gone on for too long"));
        }
        let now = (self.clock)();
        let caller = self.entrance.still(&self.caller, now).await.map_err(io::Error::other)?;
        self.caller = caller.map_err(io::Error::other)?;
        self.circumstances.at = now;
        may(&self.caller, self.circumstances.clone()).map_err(io::Error::other)?;
        let began = Instant::now();
        let lines = self.lines().await.map_err(io::Error::other);
        self.rest = began.elapsed();
        lines
    }

    /// The lines of the next events that were looked at; `None` where there are no more events.
    async fn lines(&mut self) -> Result<Option<String>, access::audit::Error> {
        let mut reader = self.entrance.reader();
        let window = audit::sealed_after(reader.rows(), &self.filter, self.after).await?;
        let Some(next) = window.next else { return Ok(None) };
        let (mut text, mut chance) = (String::new(), (reader.tools().chance)());
        for (entry, n) in window.events {
            if self.left == 0 {
                break;
            }
            let (tools, account) = (reader.tools(), self.caller.account);
            let cursor = audit::cursor(tools, account, n.unwrap_or(next), chance.as_mut());
            text.push_str(&Line::of(&entry).followed(cursor).text());
            text.push('\n');
            self.left -= 1;
        }
        self.after = next;
        Ok(Some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_the_streams_of_others() {
        let streams = Streams::default();
        let user = |number| Some(Holder::User(Number(number)));
        let (one, other) = (AccountUid(1), AccountUid(2));
        let first = streams.take((one, user(1)));
        let _second = streams.take((one, user(1)));
        assert!(first.is_some() && streams.take((one, user(1))).is_none());
        let _all: Vec<_> = (2..9).flat_map(|n| [n, n]).map(|n| streams.take((one, user(n)))).collect();
        assert!(streams.take((one, None)).is_none(), "the account has sixteen");
        assert!(streams.take((other, None)).is_some());
        drop(first);
        assert!(streams.take((one, user(1))).is_some());
    }
}
