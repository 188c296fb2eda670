//! The audit trail's rows.

use model::event::Event;
use model::{AccountUid, Id, Millis, Number};

use crate::error::Error;
use crate::session::Tx;
use crate::value::params;

/// One event as it is kept.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Its own id, in the order of time.
    pub id: Id,
    /// The account it belongs to.
    pub account: AccountUid,
    /// The directory, where it is about one.
    pub directory: Option<Number>,
    /// When.
    pub at: Millis,
    /// Through which door.
    pub door: &'a str,
    /// Who.
    pub principal: &'a str,
    /// From which address.
    pub source: &'a str,
    /// In which request.
    pub request: &'a str,
    /// What, and on what.
    pub event: &'a Event,
    /// A digest of the salt and of what was before and after.
    pub digest: &'a str,
    /// The salt.
    pub salt: &'a str,
}

/// Adds an event, and apart from it what it was about.
pub async fn insert(tx: &mut Tx, record: &Record<'_>) -> Result<(), Error> {
    tx.write_unseen(
        "insert into events
         (id, account, directory, at, what, subject, name, door, principal, source, request, digest)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &params![
            record.id,
            record.account,
            record.directory,
            record.at,
            record.event.what,
            &record.event.subject,
            &record.event.name,
            record.door,
            record.principal,
            record.source,
            record.request,
            record.digest,
        ],
    )
    .await?;
    tx.write_unseen(
        "insert into event_facts (event, salt, before, after) values ($1, $2, $3, $4)",
        &params![record.id, record.salt, record.event.before.as_deref(), record.event.after.as_deref()],
    )
    .await
}
