//! What every call has, of whatever kind, and what may become of any.

use std::panic::AssertUnwindSafe;

use access::{Caller, Circumstances, Denied, Entrance, KeyFault, Permit, Replay, access_keys, audit};
use futures_util::FutureExt;
use model::AccountUid;
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

    /// Where it says that the caller may not do what was asked: that, which is recorded as the gate's own refusals are.
    fn denied(&self, _permit: &Permit) -> Option<Denied> {
        None
    }

    /// What the caller is told, in the door's words.
    fn into_fault(self) -> Fault;
}

/// What a handler that only reads has answered, or the fault for the caller.
pub(crate) async fn answered<T, E: Refusal>(
    answering: impl Future<Output = Result<T, E>>,
    way: &Way<'_>,
    permit: &Permit,
) -> Result<T, Fault> {
    let refusal = match whole(answering).await? {
        Ok(reply) => return Ok(reply),
        Err(refusal) => refusal,
    };
    let denied = refusal.denied(permit);
    if let Some(denied) = denied {
        note_refusal(way, permit.account(), &denied).await;
    }
    Err(told(refusal, way))
}

/// The fault for the caller; a cause that is not the caller's doing goes to the log, here and only here.
pub(crate) fn told(refusal: impl Refusal, way: &Way<'_>) -> Fault {
    if let Some(cause) = refusal.cause() {
        tracing::error!(request_id = way.circumstances.request, cause, "a call failed");
    }
    refusal.into_fault()
}

/// Records that an AccessKey's call was refused. Whether that can be written down changes nothing for the caller.
pub(crate) async fn note_refusal(way: &Way<'_>, account: AccountUid, denied: &Denied) {
    let permit = Permit::refused(denied, account, way.circumstances.clone());
    if let Err(error) = audit::refused(way.entrance.change(None), &permit, denied).await {
        tracing::warn!(%error, request_id = way.circumstances.request, "a refusal could not be recorded");
    }
}

/// The caller as of now, for whom a change is decided anew; `shut` says what one is told whose key lets nobody in now.
pub(crate) async fn renewed(
    way: &Way<'_>,
    caller: &Caller,
    shut: fn(KeyFault) -> Fault,
) -> Result<Caller, Fault> {
    let renewed = way.entrance.renew(caller).await;
    renewed.map_err(|error| unseen(&error, &way.circumstances.request))?.map_err(shut)
}

/// The fault for a caller whose directory, key or token could not be looked up.
pub(crate) fn unseen(error: &impl std::fmt::Display, request_id: &str) -> Fault {
    tracing::error!(%error, request_id, "who calls, or where, could not be looked up");
    busy()
}

/// The fault for a caller whose AccessKey could not be looked up. Of a policy that is not understood the log was told as
/// it was read.
pub(crate) fn unmet(error: &access_keys::Error) -> Fault {
    if !matches!(error, access_keys::Error::Policy { .. }) {
        tracing::error!(%error, "an AccessKey could not be looked up");
    }
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

#[cfg(test)]
mod tests {
    use access::audit::Filter;
    use access::{Asked, Scope};
    use model::time::MINUTE;
    use model::{Millis, Right};

    use super::*;
    use crate::authenticate::replayed;
    use crate::testing::{ACCOUNT, AT, Furnished};

    #[tokio::test(flavor = "multi_thread")]
    async fn ten_refusals_a_minute_are_recorded_and_the_others_counted() {
        let furnished = Furnished::new().await;
        let entrance = Entrance::new(&furnished.store, &furnished.tools);
        let caller = furnished.root().await;
        let (source, request) = ("192.0.2.1".to_owned(), "request".to_owned());
        let circumstances = Circumstances {
            door: "test",
            source,
            request,
            access_key: caller.access_key.clone(),
            ..Circumstances::inside(Millis(AT))
        };
        let scope = Scope::Account(AccountUid(2));
        let asked = Asked { right: Right::list("test:List"), resources: &[], region: "*" };
        let denied = Permit::by_policy(&caller, &asked, scope, circumstances.clone()).expect_err("another's");
        let way = Way { entrance: &entrance, circumstances, replay: None, replayed };

        for _ in 0..12 {
            note_refusal(&way, ACCOUNT, &denied).await;
        }

        let filter = Filter { what: Some("access.refused".to_owned()), ..Filter::default() };
        let found = audit::newest(&mut furnished.store.reader(), &filter, None).await.expect("they are read");
        let (entry, _) = found.events.first().expect("there are some");
        assert_eq!(found.events.len(), 10);
        assert_eq!(
            (entry.account, entry.source.as_str(), entry.door.as_str(), &entry.access_key),
            (ACCOUNT, "192.0.2.1", "test", &caller.access_key)
        );
        let after = entry.facts.as_ref().and_then(|facts| facts.after.as_deref());
        assert_eq!(after, Some("{\"action\":\"test:List\"}"));
        let more = furnished.tools.guesses.unnamed_refusals(Millis(AT + MINUTE));
        assert_eq!(more, [((ACCOUNT, denied.principal.to_string()), 2)]);
    }
}
