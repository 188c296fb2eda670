//! A request's body, read within bounds of size, time and memory.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::sync::{Semaphore, SemaphorePermit};
use wire::Fault;

use crate::way::busy;

/// How long bodies may be, save those that hold others.
pub(crate) const LONGEST: usize = 1 << 20;
/// Bodies grow by steps of this size, each of which must find room.
const STEP: usize = 64 << 10;
/// What bodies of all connections may take together.
const ROOM: usize = 64 << 20;

/// What of a body that is too long is read and thrown away at most, beyond what it may have.
const THROWN_AWAY: usize = 3 << 20;

/// How long a body may stand still.
const STALL: Duration = Duration::from_secs(10);
/// How long a body waits for room.
const WAIT: Duration = Duration::from_secs(1);

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether the body is a form.
///
/// Source: `reference/pds.md` §2.1.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM)
}

/// Room for the bodies that are being read.
pub(crate) struct Room(Semaphore);

/// A body, and the room that it takes until it is dropped.
pub(crate) struct Held<'a> {
    pub(crate) bytes: Bytes,
    _room: Vec<SemaphorePermit<'a>>,
}

impl Default for Room {
    fn default() -> Self {
        Self(Semaphore::new(ROOM / STEP))
    }
}

impl Room {
    /// Reads the whole body, of up to `longest` bytes.
    pub(crate) async fn read(
        &self,
        body: Incoming,
        longest: usize,
        time: Duration,
    ) -> Result<Held<'_>, Fault> {
        let announced = body.size_hint().lower();
        if announced > longest as u64 {
            if announced <= (longest + THROWN_AWAY) as u64 {
                let_finish(body, longest + THROWN_AWAY).await;
            }
            return Err(too_long(longest));
        }
        match tokio::time::timeout(time, self.collect(body, longest)).await {
            Ok(read) => read,
            Err(_) => Err(too_slow()),
        }
    }

    async fn collect(&self, mut body: Incoming, longest: usize) -> Result<Held<'_>, Fault> {
        let mut room = Vec::new();
        let mut whole = BytesMut::new();
        loop {
            // A peer that stands still gives back the room that it takes.
            let next = tokio::time::timeout(STALL, body.frame()).await.map_err(|_| too_slow())?;
            let Some(frame) = next else { break };
            let frame =
                frame.map_err(|_| Fault::new(400, "InvalidParameter", "The request body broke off."))?;
            let Ok(data) = frame.into_data() else { continue };
            if whole.len() + data.len() > longest {
                let_finish(body, THROWN_AWAY).await;
                return Err(too_long(longest));
            }
            // The first step is free: small requests never wait for large ones.
            while whole.len() + data.len() > (room.len() + 1) * STEP {
                let step = tokio::time::timeout(WAIT, self.0.acquire()).await.map_err(|_| busy())?;
                room.push(step.expect("the semaphore is never closed"));
            }
            whole.extend_from_slice(&data);
        }
        Ok(Held { bytes: whole.freeze(), _room: room })
    }
}

/// Reads on for a moment, up to `left` bytes, and keeps nothing: who is still writing would else meet a closed
/// connection, and not the answer.
async fn let_finish(mut body: Incoming, mut left: usize) {
    let reading = async {
        while left > 0
            && let Some(Ok(frame)) = body.frame().await
        {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    // Whoever does not finish in time is answered all the same.
    let _ = tokio::time::timeout(WAIT, reading).await;
}

fn too_slow() -> Fault {
    Fault::new(408, "RequestTimeout", "The request body did not arrive in time.")
}

fn too_long(longest: usize) -> Fault {
    let message = format!("The request body is longer than {} MiB.", longest >> 20);
    Fault::new(413, "InvalidParameter", message)
}
