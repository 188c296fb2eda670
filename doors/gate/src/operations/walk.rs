//! The walk of a call to an operation, from its path to its answer.

use access::{Circumstances, Replay};
use http::Method;
use http::request::Parts;
use hyper::body::Incoming;
use wire::Fault;
use wire::pds::{Answer, Body, Unfit};
use wire::signature::acs3::Received;

use super::authenticate::{authenticate, stranger};
use super::domain::Said;
use super::{Call, LONGEST, Run, faults};
use crate::outcome::Outcome;
use crate::pages::{PageAnswer, PageRequest};
use crate::request::is_form;
use crate::server::Server;
use crate::way::Way;

/// What the paths of all operations begin with.
pub(crate) const PREFIX: &str = "/v2/";

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
        source: String,
    ) -> Outcome {
        let mut outcome = Outcome::blank();
        match self.operate(parts, body, request_id, source, &mut outcome).await {
            Ok(Answered::Json(answer)) => outcome.answer(answer),
            Ok(Answered::Page(nonce, page)) => outcome.show(&nonce, page),
            Err(fault) => outcome.refuse(&fault),
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
        source: String,
        seen: &mut Outcome,
    ) -> Result<Answered, Fault> {
        let operations = &self.operations;
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let query = parts.uri.query().unwrap_or_default();
        let served = operations.find(path, &parts.method).ok_or_else(|| faults::no_api(method, path))?;
        seen.action = served.path;
        // Nobody from outside takes the room of ten calls by one.
        let stranger = match served.longest {
            ..=LONGEST => None,
            _ => stranger(&self.entrance, &parts.headers, (self.clock)(), request_id).await,
        };
        let longest = if stranger.is_some() { LONGEST } else { served.longest };
        let held = self.room.read(body, longest, self.limits.body_time).await;
        let held = held.map_err(|fault| stranger.filter(|_| fault.status == 413).unwrap_or(fault))?;

        let now = (self.clock)();
        let way = |replay: Option<Replay>| Way {
            entrance: &self.entrance,
            circumstances: Circumstances {
                at: now,
                door: operations.name,
                source,
                request: request_id.to_owned(),
            },
            replay,
            replayed: faults::replayed,
        };
        let said = || Said::read(&operations.words.domains, &parts.headers, query);
        let unfit = |unfit: Unfit| (operations.words.unfit)(&unfit);
        match &served.run {
            Run::Known(run) => {
                let received = Received { method, path, query, body: &held.bytes };
                let proven = authenticate(&self.entrance, &parts.headers, &received, now, request_id);
                let (caller, replay) = proven.await?;
                seen.caller = caller.name();
                let said = said().map_err(unfit)?;
                let body = Body::json(&held.bytes);
                let call = Call { operations, way: way(replay), caller, said, body };
                run(call).await.map(Answered::Json)
            }
            Run::Open(run) => {
                let is_form = is_form(&parts.headers);
                let body = if is_form { Body::form(&held.bytes) } else { Body::json(&held.bytes) };
                run(way(None), said().map_err(unfit)?, body).await.map(Answered::Json)
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
                run(way(None), request).await.map(|page| Answered::Page(nonce, page))
            }
        }
    }
}
