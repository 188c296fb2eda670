//! Several operations in one request.
//!
//! Source: `reference/pds.md` §16.

use api::pds::{Batch, BatchReply, BatchRequest, BatchResource, BatchResponse};
use gate::Relay;
use serde_json::value::RawValue;
use wire::Fault;
use wire::pds::{Answer, error};

use crate::Settings;
use crate::words::Refused;

/// Bytes of all answers together: operations that would be answered after as many are not made.
const MOST_ANSWERED: usize = 32 << 20;

/// Makes the operations one after the other, each one for itself.
pub(crate) async fn batch(_: &Settings, relay: &Relay<'_>, request: &Batch) -> Result<BatchReply, Refused> {
    let mut responses = Vec::new();
    let mut answered = 0;
    for (place, child) in (0..).zip(request.requests.iter()) {
        let answer = if answered > MOST_ANSWERED {
            error(&too_much())
        } else {
            one(relay, request.resource, place, child).await
        };
        answered += answer.body.as_ref().map_or(0, Vec::len);
        responses.push(response(child.id.clone(), answer));
    }
    Ok(BatchReply { responses })
}

/// Makes one operation of the batch, where it may be part of it.
async fn one(relay: &Relay<'_>, resource: BatchResource, place: u64, child: &BatchRequest) -> Answer {
    let path = format!("/v2{}", child.url);
    if child.method != "POST" || !relay.has(&path) {
        return relay.missing(&child.method, &path);
    }
    if child.url.split('/').nth(1) != Some(family(resource)) {
        let message = "The input parameter resource doesn't match.";
        return error(&Fault::new(400, "InvalidParameterNotMatch.Resource", message));
    }
    relay.call(place, &path, child.body.clone()).await
}

/// What the paths of a family's operations begin with.
fn family(resource: BatchResource) -> &'static str {
    match resource {
        BatchResource::User => "user",
        BatchResource::Group => "group",
        BatchResource::Membership => "membership",
        BatchResource::Drive => "drive",
        BatchResource::File => "file",
        BatchResource::ShareLink => "share_link",
        BatchResource::AsyncTask => "async_task",
    }
}

/// An answer as an entry of the batch's; one without a body has an empty object there.
fn response(id: String, answer: Answer) -> BatchResponse {
    let body = answer.body.unwrap_or_else(|| b"{}".to_vec());
    // Taken over as it is: what users keep may lie as deep in one another as JSON is read, and here lies deeper.
    let body = String::from_utf8(body).expect("JSON is text");
    BatchResponse { id, status: answer.status, body: RawValue::from_string(body).expect("answers are JSON") }
}

fn too_much() -> Fault {
    Fault::new(413, "InvalidParameter.Requests", "The answers to the requests before are too long.")
}
