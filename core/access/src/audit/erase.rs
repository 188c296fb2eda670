//! Erasing what events were about. The events stay, with the digests of what is gone; so the chain stays whole, and
//! nobody can tell from a digest what it was of, since its salt is gone as well.
//!
//! An erasure is an event itself, and each row that it has emptied names it. It covers what is older than itself and has
//! its subject: so whoever verifies can tell what was erased from what somebody has emptied by hand.

use std::sync::Arc;

use model::event::Event;
use model::{Id, Millis};
use store::events::Entry;
use store::{Store, events};

use super::sealer::Error;
use crate::change::{Change, Tools};
use crate::permit::{Permit, Scope};

/// Events that are emptied in one change.
const STEP: i64 = 500;

/// Facts that are looked through together.
const LOOK: i64 = 1_000;

/// The erasure of all events about a subject.
const OF_SUBJECT: &str = "audit.subject_erased";
/// The erasure of one event.
const OF_EVENT: &str = "audit.event_erased";

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Events that were emptied.
    pub events: usize,
}

/// Erases the facts of all events about a subject up to now, in every account that has some; where it is a stored id, also
/// of those whose facts hold it.
///
/// # Errors
/// Of the store. What was erased until then stays erased; the next call goes on.
pub async fn erase_subject(
    store: &Store,
    tools: &Arc<Tools>,
    (command, at): (&'static str, Millis),
    subject: &str,
) -> Result<Erased, Error> {
    let mut erased = Erased::default();
    for account in events::accounts_of(&mut store.reader(), subject).await? {
        let permit = Permit::operator(command, Scope::Account(account), at);
        loop {
            // Each part is an erasure of its own, which is sealed behind what it has emptied and cut off with it, or later.
            let mut change = Change::new(store, tools, None);
            let by = change.new_id(&permit);
            let some = events::erasable(change.tx(), (account, subject), by, STEP).await?;
            if some.is_empty() {
                break;
            }
            events::erase(change.tx(), &some, by).await?;
            erased.events += some.len();
            change.record_as(by, Event::erased(OF_SUBJECT, subject));
            change.commit(&permit).await?;
        }
    }
    // Of a stored id, also what others' facts say of it: events of groups, for example.
    if Id::from_digits(subject).is_some() {
        let mut after = String::new();
        loop {
            let some = events::mentions(&mut store.reader(), subject, &after, LOOK).await?;
            let Some((last, _)) = some.last() else { break };
            after.clone_from(last);
            for id in some.iter().filter(|(_, is_named)| *is_named).filter_map(|(id, _)| Id::from_digits(id))
            {
                erased.events += erase_event(store, tools, (command, at), id).await?.events;
            }
        }
    }
    Ok(erased)
}

/// Erases the facts of one event.
///
/// # Errors
/// Of the store.
pub async fn erase_event(
    store: &Store,
    tools: &Arc<Tools>,
    (command, at): (&'static str, Millis),
    id: Id,
) -> Result<Erased, Error> {
    let Some((entry, _)) = events::find(&mut store.reader(), id).await? else { return Ok(Erased::default()) };
    if entry.facts.is_none_or(|facts| facts.erased.is_some()) {
        return Ok(Erased::default());
    }
    let permit = Permit::operator(command, Scope::Account(entry.account), at);
    let mut change = Change::new(store, tools, None);
    let by = change.new_id(&permit);
    events::erase(change.tx(), &[entry.id], by).await?;
    change.record_as(by, Event::erased(OF_EVENT, &id.digits()));
    change.commit(&permit).await?;
    Ok(Erased { events: 1 })
}

/// Whether an erasure covers an event.
pub(super) fn covers(erasure: &Entry, entry: &Entry) -> bool {
    let names = match erasure.what.as_str() {
        OF_SUBJECT => erasure.subject == entry.subject,
        OF_EVENT => erasure.subject == entry.id,
        _ => false,
    };
    names && erasure.account == entry.account && entry.id < erasure.id
}

#[cfg(test)]
mod tests {
    use model::{AccountUid, Number};

    use super::*;

    fn entry(id: &str, what: &str, subject: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            account: AccountUid(1),
            directory: Some(Number(1)),
            at: Millis(0),
            what: what.to_owned(),
            subject: subject.to_owned(),
            door: String::new(),
            principal: String::new(),
            access_key: String::new(),
            source: String::new(),
            request: String::new(),
            digest: String::new(),
            mac: String::new(),
            facts: None,
        }
    }

    #[test]
    fn an_erasure_covers_what_is_older_and_of_its_subject() {
        let event = entry("2", "user.created", "alice");
        let of = |id: &str, what: &str, subject: &str| covers(&entry(id, what, subject), &event);

        assert!(of("3", OF_SUBJECT, "alice") && of("3", OF_EVENT, "2"));
        assert!(!of("1", OF_SUBJECT, "alice") && !of("3", OF_SUBJECT, "bob") && !of("3", OF_EVENT, "alice"));
        assert!(!of("3", "user.updated", "alice"));
        let other = Entry { account: AccountUid(2), ..entry("3", OF_SUBJECT, "alice") };
        assert!(!covers(&other, &event));
    }
}
