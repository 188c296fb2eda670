//! Brings the messages of the outbox to people: by SMTP, by a hook for text messages, or to a page for developers.
//!
//! Each process of an installation may run one. A message is one courier's alone for five minutes, is written within one
//! and carried for three at most, and leaves the outbox once it was taken over. The ways know nothing of one another.
//! One that is down is looked at now and then, by one message, which costs that one a try.

mod hook;
mod mail;
mod road;
mod smtp;

use std::sync::Arc;
use std::time::Duration;

use access::Tools;
use directory::messages::{self, Claimed, Letter, Mailbox, Outcome, Way, Ways};
use directory::sweep::Trouble;
use model::Millis;
use store::Store;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use hook::Hook;
pub use mail::Mail;

use road::Road;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long one message may take to be written; one that took longer is not carried, since it may soon be another
/// sender's.
const WRITING: Duration = Duration::from_secs(60);
/// How long one message may take to be carried.
const CARRYING: Duration = Duration::from_secs(190);
/// How long messages that are being carried are waited for as the server stops.
const ENDING: Duration = Duration::from_secs(30);
/// For how long it is tried to note what came of a message, from when it was begun to be written: nearly as long as it
/// is this sender's, since what was not noted by then is sent again.
const NOTING: Duration = Duration::from_secs(290);
/// How long it takes until that is tried again; each further time takes twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest that it takes.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is noted of a message is noted while it is still its sender's own.
const _: () = assert!(
    WRITING.as_secs() + CARRYING.as_secs() + 30 <= NOTING.as_secs()
        && NOTING.as_secs() as i64 * 1_000 < messages::CLAIM
        && smtp::LONGEST.as_secs() < CARRYING.as_secs()
        && hook::LONGEST.as_secs() < CARRYING.as_secs()
);

/// The time of day.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Settings that do not fit, in a sentence for a person. It holds no password.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// What carries messages, by way; messages by a way that nothing carries wait.
#[derive(Clone, Default)]
pub struct Carriers {
    /// Mails.
    pub mail: Option<Carrier>,
    /// Text messages.
    pub text: Option<Carrier>,
}

/// What carries messages of one way.
#[derive(Clone)]
pub enum Carrier {
    /// A mail server.
    Mail(Mail),
    /// An HTTP endpoint that sends text messages.
    Hook(Hook),
    /// A page of a server in development.
    Shown(Arc<Mailbox>),
}

/// How a try has found a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It works.
    Up,
    /// It does not.
    Down,
    /// It works, and refuses a message for what may be the message's fault or its own.
    Refusing,
    /// It was not asked.
    Unasked,
}

/// What came of a try, and how it has found the way.
struct Carried {
    outcome: Outcome,
    found: Found,
}

impl Carried {
    fn sent() -> Self {
        Self { outcome: Outcome::Sent, found: Found::Up }
    }

    fn later(trouble: String, found: Found) -> Self {
        Self { outcome: Outcome::Later(trouble), found }
    }

    fn never(trouble: String) -> Self {
        Self { outcome: Outcome::Never(trouble), found: Found::Up }
    }

    /// Nobody was asked to carry what can never be carried.
    fn unasked(trouble: String) -> Self {
        Self { outcome: Outcome::Never(trouble), found: Found::Unasked }
    }
}

/// What a courier works with.
#[derive(Clone)]
pub struct Courier {
    /// The store.
    pub store: Store,
    /// The tools.
    pub tools: Arc<Tools>,
    /// The time of day.
    pub clock: Clock,
    /// The address under which people reach the server, without a slash at its end.
    pub site: Arc<str>,
    /// What carries messages.
    pub carriers: Carriers,
}

impl Courier {
    /// Works until it is stopped; what it is carrying then is carried to its end, if that comes soon.
    pub async fn run(self, stopped: impl Future<Output = ()>) {
        let roads = [
            Road::new(Way::Mail, self.carriers.mail.clone()),
            Road::new(Way::Text, self.carriers.text.clone()),
        ];
        let roads: Vec<Road> = roads.into_iter().flatten().collect();
        let served: Arc<[Way]> = roads.iter().map(|road| road.way).collect();
        let (end, ended) = watch::channel(());
        let mut work = JoinSet::new();
        for road in roads {
            work.spawn(self.clone().keep(road, Arc::clone(&served), ended.clone()));
        }
        stopped.await;
        end.send_replace(());
        while let Some(done) = work.join_next().await {
            if let Err(error) = done {
                tracing::error!(%error, "a courier ended by a panic");
            }
        }
    }

    /// Carries what goes by one way.
    async fn keep(self, mut road: Road, served: Arc<[Way]>, mut ended: watch::Receiver<()>) {
        let mut more = false;
        loop {
            tokio::select! {
                biased;
                _ = ended.changed() => return,
                () = tokio::time::sleep(if more { Duration::ZERO } else { LOOK_EVERY }) => {}
            }
            let mut round = std::pin::pin!(self.round(&mut road, &served));
            more = tokio::select! {
                more = &mut round => more,
                _ = ended.changed() => {
                    let _ = tokio::time::timeout(ENDING, round).await;
                    return;
                }
            };
        }
    }

    /// Carries what is due; whether more may be.
    async fn round(&self, road: &mut Road, served: &[Way]) -> bool {
        let at = (self.clock)();
        if !road.is_open(at) {
            return false;
        }
        let claimed = self.claim(road, served, at).await;
        road.note_outbox(claimed.as_ref().err());
        let claimed = claimed.unwrap_or_default();
        let mut carrying = JoinSet::new();
        for message in claimed {
            let (courier, carrier) = (self.clone(), road.carrier.clone());
            carrying.spawn(async move {
                let found = courier.deliver(&carrier, &message).await;
                (message.place(), found)
            });
        }
        let any = !carrying.is_empty();
        while let Some(carried) = carrying.join_next().await {
            match carried {
                Ok((message, found)) => road.note(message, found, (self.clock)()),
                Err(error) => tracing::error!(%error, "carrying a message ended by a panic"),
            }
        }
        any
    }

    /// Takes what is due by one way; nothing where another courier has just done so.
    async fn claim(&self, road: &Road, served: &[Way], at: Millis) -> Result<Vec<Claimed>, Trouble> {
        if !messages::any_due(&self.store, road.way, at).await? {
            return Ok(Vec::new());
        }
        let ways = Ways { wanted: road.way, served };
        match messages::claim(&self.store, &self.tools, ways, road.width(), at).await {
            Err(error) if error.is_transient() => Ok(Vec::new()),
            claimed => claimed,
        }
    }

    /// Has a message written, carries it and notes what came of it.
    async fn deliver(&self, carrier: &Carrier, message: &Claimed) -> Found {
        let (began, at) = (Instant::now(), (self.clock)());
        let written = messages::compose(&self.store, &self.tools, message, &self.site, at).await;
        let carried = match written {
            Ok(Some(letter)) if began.elapsed() <= WRITING => {
                let carried = tokio::time::timeout(CARRYING, carrier.carry(letter, at)).await;
                carried.unwrap_or_else(|_| Carried::later("it took too long".to_owned(), Found::Down))
            }
            Ok(None) => return Found::Unasked,
            Ok(Some(_)) => Carried::later("it took too long to write it".to_owned(), Found::Unasked),
            Err(error) => {
                tracing::warn!(%error, number = %message.number(), "a message could not be written");
                Carried::later("it could not be written".to_owned(), Found::Unasked)
            }
        };
        self.settle(message, &carried.outcome, began + NOTING).await;
        carried.found
    }

    async fn settle(&self, message: &Claimed, outcome: &Outcome, until: Instant) {
        let (number, template) = (message.number(), message.template());
        match outcome {
            Outcome::Sent => tracing::debug!(number = %number, template, "a message was sent"),
            Outcome::Later(trouble) => {
                tracing::info!(number = %number, template, tries = message.attempts(), trouble, "a message could not be sent now");
            }
            Outcome::Never(trouble) => {
                tracing::warn!(number = %number, template, trouble, "a message was given up: `roster outbox list --failed` shows it");
            }
        }
        let note = || messages::settle(&self.store, &self.tools, message, outcome, (self.clock)());
        if let Err(error) = persist(until, note).await {
            tracing::warn!(%error, number = %number, "what came of a message could not be noted; it may be sent again");
        }
    }
}

/// Tries something until it works, or until then.
async fn persist<E, F: Future<Output = Result<(), E>>>(
    until: Instant,
    mut attempt: impl FnMut() -> F,
) -> Result<(), E> {
    let mut pause = PAUSE;
    loop {
        match attempt().await {
            Err(_) if Instant::now() + pause < until => tokio::time::sleep(pause).await,
            done => return done,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Carrier {
    async fn carry(&self, letter: Letter, at: Millis) -> Carried {
        match self {
            Self::Mail(mail) => mail.carry(&letter).await,
            Self::Hook(hook) => hook.carry(&letter, at).await,
            Self::Shown(mailbox) => {
                mailbox.put(at, letter);
                Carried::sent()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_came_of_a_message_is_noted_as_long_as_it_counts() {
        for (fails, patience, expected) in
            [(0, 0, (Ok(()), 1)), (2, 60_000, (Ok(()), 3)), (9, 300, (Err(2), 2))]
        {
            let mut tries = 0;
            let attempt = || {
                tries += 1;
                std::future::ready(if tries > fails { Ok(()) } else { Err(tries) })
            };
            let done = persist(Instant::now() + Duration::from_millis(patience), attempt).await;
            assert_eq!((done, tries), expected, "{fails} {patience}");
        }
    }
}
