//! A message leaves the outbox: it is taken, written, carried by somebody else, and settled.
//!
//! Any number of senders may work at once. What one has taken is its own for five minutes, longer than it may take to
//! carry it; after that it is taken by another one. So a message arrives at least once, and twice only where a sender
//! did not come to settle what it had carried.

use std::sync::Arc;

use access::{Change, Permit, Scope, Task, Tools};
use model::event::Event;
use model::time::MINUTE;
use model::user::User;
use model::{Millis, Number};
use store::outbox::{self as rows, Stored, Way};
use store::{Store, directories, users as people};

use super::{Facts, Template};
use crate::error::Error;
use crate::sweep::Trouble;

/// How long a message that was taken is one sender's alone, and once more from when it was begun to be written, in
/// milliseconds.
pub const CLAIM: i64 = 5 * MINUTE;
/// How long it takes until the first try is made again; each further one takes twice as long.
const FIRST_DELAY: i64 = 5_000;
/// The longest that it takes.
const LONGEST_DELAY: i64 = 60 * MINUTE;
/// How often a message is tried before it is given up: about two days.
const MOST_ATTEMPTS: i64 = 58;

/// A message that was taken to be sent.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub(super) stored: Stored,
}

impl Claimed {
    /// The word of its text.
    pub fn template(&self) -> &str {
        &self.stored.template
    }

    /// Its number in its directory.
    pub fn number(&self) -> Number {
        self.stored.number
    }

    /// Where it lies: the number of its directory, and its own.
    pub fn place(&self) -> (Number, Number) {
        (self.stored.directory, self.stored.number)
    }

    /// How often it was tried, this time among them.
    pub fn attempts(&self) -> i64 {
        self.stored.attempts
    }
}

/// What came of carrying a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody has taken it over.
    Sent,
    /// It could not be carried now; why, in a short line without secrets.
    Later(String),
    /// It can never be carried as it is; why, in a short line without secrets.
    Never(String),
}

/// Whether a message may be due that goes by this way.
///
/// # Errors
/// The store's.
pub async fn any_due(store: &Store, way: Way, at: Millis) -> Result<bool, Error> {
    Ok(rows::any_due(&mut store.reader(), way, at).await?)
}

/// By which ways messages go.
#[derive(Debug, Clone, Copy)]
pub struct Ways<'a> {
    /// The one that messages are wanted for.
    pub wanted: Way,
    /// Those by which there is a carrier at all.
    pub served: &'a [Way],
}

/// Takes up to `most` messages that are due, of all directories.
///
/// # Errors
/// The store's.
pub async fn claim(
    store: &Store,
    tools: &Arc<Tools>,
    ways: Ways<'_>,
    most: usize,
    at: Millis,
) -> Result<Vec<Claimed>, Trouble> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let ways =
        rows::Ways { wanted: ways.wanted, alone: Template::InitialPassword.word(), served: ways.served };
    let due = rows::due(&mut store.reader(), at, ways, most).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let Some(account) = directories::first_account(&mut store.reader()).await? else { return Ok(Vec::new()) };
    let mut change = Change::new(store, tools, None);
    let mut claimed = Vec::new();
    for message in &due {
        claimed.extend(rows::claim(change.tx(), message, at, at.plus(CLAIM)).await?);
    }
    change.commit(&Permit::system(Task::SendMessages, Scope::Account(account), at)).await?;
    Ok(claimed.into_iter().map(|stored| Claimed { stored }).collect())
}

/// Says what came of a message that was taken.
///
/// # Errors
/// Of the store: as long as the message was not settled it will be sent again.
pub async fn settle(
    store: &Store,
    tools: &Arc<Tools>,
    claimed: &Claimed,
    outcome: &Outcome,
    at: Millis,
) -> Result<(), Trouble> {
    let message = &claimed.stored;
    let Some(directory) = directories::of_number(&mut store.reader(), message.directory).await? else {
        return Ok(());
    };
    let permit = Permit::system(Task::SendMessages, Scope::Directory(directory), at);
    let mut change = Change::new(store, tools, None);
    let user = people::find(change.tx(), permit.directory(), message.user).await?;
    let Some(user) = user else { return Ok(()) };
    let gives_up = match outcome {
        Outcome::Sent => {
            if rows::done(change.tx(), message).await? {
                change.record(event("message.sent", message, &user, &[]));
                drop_others(&mut change, message, &user).await?;
            }
            None
        }
        Outcome::Later(trouble) if message.attempts < MOST_ATTEMPTS => {
            let due = at.plus(delay(message));
            rows::put_back(change.tx(), message, due, trouble).await?;
            None
        }
        Outcome::Later(trouble) | Outcome::Never(trouble) => Some(trouble),
    };
    if let Some(trouble) = gives_up
        && rows::give_up(change.tx(), message, at, trouble).await?
    {
        change.record(event("message.failed", message, &user, &[("trouble", trouble.clone())]));
    }
    Ok(change.commit(&permit).await?)
}

/// An initial password has arrived: the messages that would bring the user another one are needless.
async fn drop_others(change: &mut Change, message: &Stored, user: &User) -> Result<(), Error> {
    let template = Template::InitialPassword.word();
    if message.template == template {
        for other in rows::done_beside(change.tx(), message).await? {
            change.record(event("message.dropped", &other, user, &[]));
        }
    }
    Ok(())
}

/// How long it takes until a message is tried again: from five seconds to an hour.
fn delay(message: &Stored) -> i64 {
    let doublings = message.attempts.clamp(1, 20) - 1;
    // Messages of one moment do not all come back in one moment.
    (FIRST_DELAY << doublings).min(LONGEST_DELAY) + message.number.0 % 1_000
}

pub(super) fn event(what: &'static str, message: &Stored, user: &User, more: &[(&str, String)]) -> Event {
    let mut facts = vec![("template", message.template.clone()), ("way", message.way.word().to_owned())];
    facts.extend(message.recipient.map(|recipient| ("recipient", recipient.to_string())));
    facts.extend(more.iter().cloned());
    Event::joined(what, user, None, Some(&facts))
}

/// What a row says.
pub(super) fn read(message: &Stored) -> Result<(Template, Facts), Error> {
    let corrupt = || store::Error::Corrupt(format!("the message {} cannot be read", message.number));
    let template = Template::of_word(&message.template).ok_or_else(corrupt)?;
    let facts = serde_json::from_str(&message.facts).map_err(|_| corrupt())?;
    Ok((template, facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(attempts: i64) -> Stored {
        Stored {
            directory: Number(1),
            number: Number(7),
            template: "invitation".to_owned(),
            user: Number(2),
            recipient: None,
            way: Way::Mail,
            created: Millis(0),
            due: Millis(0),
            attempts,
            claims: attempts,
            claimed_until: None,
            failed: None,
            trouble: String::new(),
            facts: "{}".to_owned(),
        }
    }

    #[test]
    fn tries_come_ever_later_and_last_two_days() {
        let delays =
            [(1, 5_007), (2, 10_007), (5, 80_007), (10, 2_560_007), (11, 3_600_007), (500, 3_600_007)];
        for (attempts, expected) in delays {
            assert_eq!(delay(&tried(attempts)), expected, "{attempts}");
        }
        let all: i64 = (1..MOST_ATTEMPTS).map(|attempts| delay(&tried(attempts))).sum();
        assert_eq!(all / (60 * MINUTE), 48);
    }
}
