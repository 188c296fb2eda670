//! Calls inside another one, each for itself.

use access::{Permit, Replay, Scope};
use http::Method;
use serde_json::Value;
use wire::pds::{self, Answer, Body};

use super::{Call, Run, Served, faults};
use crate::way::Way;

/// Makes calls in the name of the one that they came in: each is decoded, permitted and committed as if it had come
/// alone.
pub struct Relay<'a> {
    call: &'a Call<'a>,
    permit: &'a Permit,
}

impl<'a> Relay<'a> {
    pub(super) fn new(call: &'a Call<'a>, permit: &'a Permit) -> Self {
        Self { call, permit }
    }

    /// Whether there is an operation with this path, `/v2/user/get`.
    pub fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// Calls the operation with this path and body. `place` tells the call apart from others in the same one, so that
    /// none that has changed something is made twice.
    pub async fn call(&self, place: u64, path: &str, body: Option<Value>) -> Answer {
        let Some(Served { run: Run::Known(run), .. }) = self.find(path) else {
            return self.missing("POST", path);
        };
        let way = &self.call.way;
        let said = match self.permit.scope() {
            Scope::Directory(directory) => self.call.said.inside(directory),
            Scope::Account(_) => self.call.said.clone(),
        };
        let call = Call {
            operations: self.call.operations,
            way: Way {
                entrance: way.entrance,
                circumstances: way.circumstances.clone(),
                replay: way.replay.as_ref().map(|replay| part(replay, place)),
                replayed: way.replayed,
            },
            caller: self.call.caller.clone(),
            said,
            body: Body::try_from(body.unwrap_or_default()),
        };
        run(call).await.unwrap_or_else(|fault| pds::error(&fault))
    }

    /// What a call is answered with for which there is no operation.
    pub fn missing(&self, method: &str, path: &str) -> Answer {
        pds::error(&faults::no_api(method, path))
    }

    fn find(&self, path: &str) -> Option<&Served> {
        self.call.operations.find(path, &Method::POST)
    }
}

/// By what one of several calls in a request is remembered.
fn part(replay: &Replay, place: u64) -> Replay {
    Replay { hash: replay.hash.wrapping_add(place.cast_signed()).wrapping_add(1), ..replay.clone() }
}
