//! The walk of a call to an operation, from its path to its answer.

use std::net::IpAddr;

use access::{Circumstances, Replay};
use http::Method;
use http::request::Parts;
use hyper::body::Incoming;
use wire::Fault;
use wire::pds::{Answer, Body, Unfit};
use wire::signature::acs3::Received;

use super::authenticate::{Proven, authenticate, stranger};
use super::domain::Said;
use super::{Call, LONGEST, Run, faults};
use crate::limits::TooSoon;
use crate::network::Origin;
use crate::outcome::Outcome;
use crate::pages::{PageAnswer, PageRequest};
use crate::request::is_form;
use crate::server::Server;
use crate::way::Way;

/// What the paths of all operations begin with.
pub(crate) const PREFIX: &str = "/v2/";

/// Where the body of an operation that holds others has them.
const INSIDE: &str = "requests";

/// What an operation answers with.
enum Answered {
    Json(Answer),
    Page(String, PageAnswer),
}

impl Server {
    /// One call of an operation.
    pub(crate) async fn operation(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
    ) -> Outcome {
        let mut outcome = Outcome::blank();
        match self.operate(parts, body, request_id, origin, &mut outcome).await {
            Ok(Answered::Json(answer)) => outcome.answer(answer),
            Ok(Answered::Page(nonce, page)) => outcome.show(&nonce, page),
            Err(fault) => {
                let counted = if outcome.is_counted { Ok(()) } else { self.count(origin.source, &fault) };
                outcome.refuse(&counted.map_or_else(TooSoon::too_many, |()| fault));
            }
        }
        outcome.identify(request_id);
        outcome
    }

    /// Walks a call to its answer; `seen` takes what is learnt on the way, for the log line.
    async fn operate(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
        seen: &mut Outcome,
    ) -> Result<Answered, Fault> {
        let operations = &self.operations;
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let query = parts.uri.query().unwrap_or_default();
        let served = operations.find(path, &parts.method).ok_or_else(|| faults::no_api(method, path))?;
        seen.action = served.path;
        let closed = self.may_begin(&served.run, origin.source, seen).map_err(TooSoon::too_many)?;
        // Nobody from outside takes the room of ten calls by one.
        let stranger = match (served.longest, closed) {
            (..=LONGEST, None) => None,
            _ => stranger(&self.entrance, &parts.headers, (self.clock)(), request_id).await,
        };
        if let (Some(soon), Some(fault)) = (closed, &stranger) {
            return Err(if fault.status < 500 { soon.too_many() } else { fault.clone() });
        }
        let longest = if stranger.is_some() { LONGEST } else { served.longest };
        let held = self.room.read(body, longest, self.limits.body_time).await;
        let held = held.map_err(|fault| stranger.filter(|_| fault.status == 413).unwrap_or(fault))?;

        let now = (self.clock)();
        let mut circumstances = Circumstances {
            at: now,
            door: operations.name,
            source: origin.text(),
            is_secure: origin.is_secure,
            request: request_id.to_owned(),
            access_key: String::new(),
        };
        let way = |circumstances: Circumstances, replay: Option<Replay>| Way {
            entrance: &self.entrance,
            circumstances,
            replay,
            replayed: faults::replayed,
        };
        let said = || Said::read(&operations.words.domains, &parts.headers, query);
        let unfit = |unfit: Unfit| (operations.words.unfit)(&unfit);
        match &served.run {
            Run::Known(run) => {
                let received = Received { method, path, query, body: &held.bytes };
                let proven = authenticate(&self.entrance, &parts.headers, &received, &circumstances);
                let (caller, replay) = proven.await?;
                if let Proven::AccessKey(caller) = &caller {
                    circumstances.access_key.clone_from(&caller.access_key);
                }
                seen.caller = caller.name();
                seen.is_counted = true;
                let body = Body::json(&held.bytes);
                let calls = match served.longest {
                    ..=LONGEST => 1,
                    _ => body.as_ref().map_or(1, |body| body.count(INSIDE)),
                };
                let counted = match &caller {
                    Proven::AccessKey(caller) => self.throttle.caller(caller, calls, now),
                    Proven::Bearer(bearer, _) => self.throttle.bearer(bearer, calls, now),
                };
                counted.map_err(TooSoon::too_many)?;
                let said = said().map_err(unfit)?;
                let call = Call { operations, way: way(circumstances, replay), caller, said, body };
                run(call).await.map(Answered::Json)
            }
            Run::Open(run) => {
                let is_form = is_form(&parts.headers);
                let body = if is_form { Body::form(&held.bytes) } else { Body::json(&held.bytes) };
                let (answer, caller) = run(way(circumstances, None), said().map_err(unfit)?, body).await?;
                if !caller.is_empty() {
                    seen.caller = caller;
                }
                Ok(Answered::Json(answer))
            }
            Run::Page(run) => {
                let is_sent = parts.method == Method::POST && is_form(&parts.headers);
                let form = is_sent.then(|| Body::form(&held.bytes));
                let nonce = self.nonce();
                let request = PageRequest {
                    target: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                    query: Body::form(query.as_bytes()).map_err(unfit)?,
                    form: form.transpose().map_err(unfit)?,
                    headers: parts.headers.clone(),
                    nonce: nonce.clone(),
                };
                run(way(circumstances, None), request).await.map(|page| Answered::Page(nonce, page))
            }
        }
    }

    /// Counts a call that anybody may make, before its body is read. Of one that somebody has to prove it is said whether
    /// its address has used up what strangers have: then a head that names nobody is enough to refuse it.
    fn may_begin(
        &self,
        run: &Run,
        source: Option<IpAddr>,
        seen: &mut Outcome,
    ) -> Result<Option<TooSoon>, TooSoon> {
        let now = (self.clock)();
        match run {
            Run::Known(_) => Ok(self.throttle.is_open(source, now).err()),
            Run::Open(_) | Run::Page(_) => {
                seen.is_counted = true;
                self.throttle.stranger(source, now).map(|()| None)
            }
        }
    }
}
