//! What an operator sees and steers of the outbox.

use access::{Change, Permit};
use model::event::Event;
use model::{Millis, Number};
use store::outbox as rows;
pub use store::outbox::{Way, Which};

use crate::error::Error;

/// A message that waits, or was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub number: Number,
    /// The word of its text.
    pub template: String,
    /// The username of whom it is about.
    pub username: String,
    /// By which way.
    pub way: Way,
    /// When it was written.
    pub created: Millis,
    /// When it is to be sent, or tried again.
    pub due: Millis,
    /// How often it was tried.
    pub attempts: i64,
    /// Since when nobody tries any more.
    pub failed: Option<Millis>,
    /// What the last attempt failed with; empty for nothing.
    pub trouble: String,
}

/// The most messages that one change retries or removes.
pub const STEP: usize = 1_000;

/// Up to `most` messages of the directory, all or these, after the one with the number `after`, the oldest first.
///
/// # Errors
/// The store's.
pub async fn list(
    reader: &mut store::Reader,
    permit: &Permit,
    which: Option<Which>,
    after: Number,
    most: i64,
) -> Result<Vec<Waiting>, Error> {
    let found = rows::list(reader, permit.directory(), which, after, most).await?;
    let waiting = found.into_iter().map(|(stored, username)| Waiting {
        number: stored.number,
        template: stored.template,
        username,
        way: stored.way,
        created: stored.created,
        due: stored.due,
        attempts: stored.attempts,
        failed: stored.failed,
        trouble: stored.trouble,
    });
    Ok(waiting.collect())
}

/// Has messages tried again, now and as if for the first time; how many these are, up to [`STEP`].
///
/// # Errors
/// The store's.
pub async fn retry(change: &mut Change, permit: &Permit, which: Which) -> Result<usize, Error> {
    let revived = rows::revive(change.tx(), permit.directory(), which, permit.at(), STEP as i64).await?;
    record(change, "message.retried", &revived);
    Ok(revived.len())
}

/// Removes messages for good, sent or not; how many these are, up to [`STEP`].
///
/// # Errors
/// The store's.
pub async fn remove(change: &mut Change, permit: &Permit, which: Which) -> Result<usize, Error> {
    let removed = rows::remove(change.tx(), permit.directory(), which, STEP as i64).await?;
    record(change, "message.removed", &removed);
    Ok(removed.len())
}

fn record(change: &mut Change, what: &'static str, messages: &[rows::Stored]) {
    for message in messages {
        let facts = serde_json::json!({ "user": message.user.to_string() }).to_string();
        let (subject, name) = (message.number.to_string(), message.template.clone());
        change.record(Event { what, subject, name, before: None, after: Some(facts) });
    }
}
