//! What every call has, of whatever kind, and what may become of any.

use std::panic::AssertUnwindSafe;

use access::{Circumstances, Entrance, Replay};
use futures_util::FutureExt;
use wire::Fault;

/// What a call is made with.
pub(crate) struct Way<'a> {
    pub(crate) entrance: &'a Entrance,
    pub(crate) circumstances: Circumstances,
    /// By what the call is remembered; `None` where it proves itself otherwise than by a signature.
    pub(crate) replay: Option<Replay>,
    /// What a call is told that was accepted before.
    pub(crate) replayed: fn() -> Fault,
}

/// Why a handler did not answer.
pub trait Refusal: Send + 'static {
    /// Whether making the same change again may succeed.
    fn is_transient(&self) -> bool;

    /// What the log is told where it is not the caller's doing.
    fn cause(&self) -> Option<String>;

    /// What the caller is told, in the door's words.
    fn into_fault(self) -> Fault;
}

/// The fault for the caller; a cause that is not the caller's doing goes to the log, here and only here.
pub(crate) fn told(refusal: impl Refusal, way: &Way<'_>) -> Fault {
    if let Some(cause) = refusal.cause() {
        tracing::error!(request_id = way.circumstances.request, cause, "a call failed");
    }
    refusal.into_fault()
}

/// The fault for a caller whose directory, key or token could not be looked up.
pub(crate) fn unseen(error: &impl std::fmt::Display, request_id: &str) -> Fault {
    tracing::error!(%error, request_id, "who calls, or where, could not be looked up");
    busy()
}

/// Waits for a handler; a panic in it ends its call and nothing else.
pub(crate) async fn whole<T>(answering: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(answering).catch_unwind().await.map_err(|_| Fault::internal())
}

/// The server cannot do it now; the same call may succeed a second later.
pub fn busy() -> Fault {
    let message = "The request has failed due to a temporary failure of the server.";
    Fault { retry_after_millis: Some(1_000), ..Fault::new(503, "ServiceUnavailable", message) }
}
