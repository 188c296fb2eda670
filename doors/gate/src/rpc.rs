//! The walk of an RPC call, from its body to its answer.

use std::net::IpAddr;

use access::{Circumstances, Scope};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method};
use hyper::body::Incoming;
use wire::signature::acs3::Received;
use wire::signature::{self, Claim, Scheme};
use wire::{Body, Fault, Format, Parameters, Unreadable};

use crate::authenticate::{authenticate, missing, replayed};
use crate::door::{Call, Door, Served};
use crate::limits::TooSoon;
use crate::network::Origin;
use crate::outcome::Outcome;
use crate::request::{LONGEST, is_form};
use crate::server::Server;
use crate::way::{Way, unmet, unseen};

/// What is read of a form whose head names nobody, where its address has used up what strangers have.
const LONGEST_OF_STRANGERS: usize = 64 << 10;

impl Server {
    /// One call of an RPC action.
    pub(crate) async fn call(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
    ) -> Outcome {
        let mut outcome = Outcome::plain("-", Format::Json.content_type(), String::new());
        let mut format = Format::Json;
        match self.answer(parts, body, request_id, origin, &mut outcome, &mut format).await {
            Ok(body) => outcome.set(request_id, format, body),
            Err(fault) => {
                let counted = if outcome.is_counted { Ok(()) } else { self.count(origin.source, &fault) };
                let fault = counted.map_or_else(TooSoon::throttling, |()| fault);
                outcome.fail(&fault, parts, request_id, format);
            }
        }
        outcome
    }

    /// Counts a call that was refused before it was known who makes it; not where that is the server's doing.
    pub(crate) fn count(&self, source: Option<IpAddr>, fault: &Fault) -> Result<(), TooSoon> {
        if fault.status >= 500 { Ok(()) } else { self.throttle.stranger(source, (self.clock)()) }
    }

    /// Walks a call from its body to its answer; `seen` takes what is learnt on the way, for the log line.
    async fn answer(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        origin: Origin,
        seen: &mut Outcome,
        format: &mut Format,
    ) -> Result<Vec<u8>, Fault> {
        if parts.method != Method::GET && parts.method != Method::POST {
            return Err(Fault::new(405, "UnsupportedHTTPMethod", "This http method is not supported."));
        }
        let longest = self.longest(parts, origin.source).await?;
        let held = self.room.read(body, longest, self.limits.body_time).await?;
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
            authenticate(&self.entrance, &parts.headers, &parameters, &received, now, door.name).await?;
        seen.caller.clone_from(&caller.access_key);
        seen.is_counted = true;
        self.throttle.caller(&caller, 1, now).map_err(TooSoon::throttling)?;

        let directory = self.entrance.default_directory(caller.account).await;
        let directory = directory.map_err(|error| unseen(&error, request_id))?;
        let circumstances = Circumstances {
            at: now,
            door: door.name,
            source: origin.text(),
            is_secure: origin.is_secure,
            request: request_id.to_owned(),
            access_key: caller.access_key.clone(),
        };
        (served.run)(Call {
            way: Way { entrance: &self.entrance, circumstances, replay: Some(replay), replayed },
            parameters: &parameters,
            caller: &caller,
            scope: Scope::Directory(directory),
            region: &door.region,
            format: *format,
        })
        .await
    }

    /// How many bytes of a body are read. Where nothing more is taken from an address unproved, a call has to name somebody
    /// who is known before its body is read; of a form, in which the oldest SDK does that, the first bytes are.
    async fn longest(&self, parts: &Parts, source: Option<IpAddr>) -> Result<usize, Fault> {
        let now = (self.clock)();
        let Err(soon) = self.throttle.is_open(source, now) else { return Ok(LONGEST) };
        let query = parts.uri.query().unwrap_or_default();
        let parameters = Parameters::read(query, Body::None).map_err(|_| soon.throttling())?;
        let caller = match Claim::read(&parts.headers, &parameters) {
            Ok(Claim::Rpc(claim)) => claim.caller,
            Ok(Claim::Acs3(claim)) => claim.caller,
            Ok(Claim::Anonymous) | Err(_) if is_form(&parts.headers) => return Ok(LONGEST_OF_STRANGERS),
            Ok(Claim::Bearer | Claim::Anonymous | Claim::Unsupported(_)) | Err(_) => {
                return Err(soon.throttling());
            }
        };
        let found = self.entrance.claimant(caller.access_key_id, caller.security_token, now).await;
        match found {
            Ok(Ok(_)) => Ok(LONGEST),
            Ok(Err(_)) => Err(soon.throttling()),
            Err(error) => Err(unmet(&error)),
        }
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
