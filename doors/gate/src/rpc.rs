//! The walk of an RPC call, from its body to its answer.

use access::{Circumstances, Scope};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method};
use hyper::body::Incoming;
use wire::signature::acs3::Received;
use wire::signature::{self, Scheme};
use wire::{Body, Fault, Format, Parameters, Unreadable};

use crate::authenticate::{authenticate, missing, replayed};
use crate::door::{Call, Door, Served};
use crate::outcome::Outcome;
use crate::request::LONGEST;
use crate::server::Server;
use crate::way::{Way, unseen};

impl Server {
    /// One call of an RPC action.
    pub(crate) async fn call(
        &self,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
        source: String,
    ) -> Outcome {
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
        let held = self.room.read(body, LONGEST, self.limits.body_time).await?;
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

        let directory = self.entrance.default_directory(caller.account).await;
        let directory = directory.map_err(|error| unseen(&error, request_id))?;
        let circumstances =
            Circumstances { at: now, door: door.name, source, request: request_id.to_owned() };
        (served.run)(Call {
            way: Way { entrance: &self.entrance, circumstances, replay: Some(replay), replayed },
            parameters: &parameters,
            caller: &caller,
            scope: Scope::Directory(directory),
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
