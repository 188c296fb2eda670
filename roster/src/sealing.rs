//! Looking after the audit trail while the server runs: sealing what comes, logging where the chain has come to, cutting
//! it off where it is old.

use std::sync::Arc;
use std::time::{Duration, Instant};

use access::audit::{self, Head, INSTALLATION, Round, Sealer};
use access::{Permit, Scope, Task, Tools};
use gate::Clock;
use model::Millis;
use model::time::MINUTE;
use store::Store;

/// How often what was committed is looked for: it is sealed within a second.
const SEAL_EVERY: Duration = Duration::from_millis(400);
/// How often the head of the chain is logged, where it has moved.
const LOG_EVERY: Duration = Duration::from_secs(60);
/// How often segments that are too old are looked for.
const CUT_EVERY: Duration = Duration::from_secs(60 * 60);

/// How far the clock may have gone another way than time in such an hour, in milliseconds.
const LENIENT: i64 = 5 * MINUTE;

/// The work, and what is remembered of it.
pub(crate) struct Sealing {
    store: Store,
    tools: Arc<Tools>,
    clock: Clock,
    sealer: Arc<Sealer>,
    logged: Option<Head>,
    /// What had waited longest for its seal when the head was logged.
    waited: Option<String>,
    /// Until when nothing more is said of failures; `None` where the last step was none.
    silent_until: Option<Instant>,
}

/// Cutting the trail off where it is old.
pub(crate) struct Cutting {
    store: Store,
    tools: Arc<Tools>,
    clock: Clock,
    /// For how many days events are kept.
    days: i64,
}

impl Sealing {
    pub(crate) fn new(store: &Store, tools: &Arc<Tools>, clock: &Clock, sealer: &Arc<Sealer>) -> Self {
        Self {
            store: store.clone(),
            tools: Arc::clone(tools),
            clock: Arc::clone(clock),
            sealer: Arc::clone(sealer),
            logged: None,
            waited: None,
            silent_until: None,
        }
    }

    /// Works until `stopped`.
    pub(crate) async fn keep(mut self, stopped: impl Future<Output = ()> + Send) {
        let mut stopped = std::pin::pin!(stopped);
        let (mut more, mut log_at) = (false, Instant::now());
        loop {
            tokio::select! {
                biased;
                () = &mut stopped => return,
                () = tokio::time::sleep(if more { Duration::ZERO } else { SEAL_EVERY }) => {}
            }
            more = self.seal().await;
            if log_at <= Instant::now() {
                log_at = Instant::now() + LOG_EVERY;
                self.log().await;
            }
        }
    }

    async fn seal(&mut self) -> bool {
        match self.sealer.step((self.clock)()).await {
            Ok(more) => {
                self.silent_until = None;
                more
            }
            Err(error) => {
                // Once a minute, and not twice a second while the database is away.
                if self.silent_until.is_none_or(|until| until <= Instant::now()) {
                    self.silent_until = Some(Instant::now() + LOG_EVERY);
                    tracing::error!(target: "audit", %error, "events could not be sealed and are later");
                }
                false
            }
        }
    }

    /// Writes down where whoever has the database cannot reach how far the chain has come.
    async fn log(&mut self) {
        self.look_at_waiting().await;
        let head = match audit::head(&self.store).await {
            Ok(Some(head)) => head,
            Ok(None) if self.logged.is_none() => return,
            Ok(None) => Head { n: 0, link: String::new() },
            Err(error) => {
                tracing::warn!(%error, "the head of the audit trail cannot be read");
                return;
            }
        };
        if let Some(logged) = &self.logged {
            match audit::comes_by(&self.store, &self.tools, logged).await {
                Ok(true) => {}
                Ok(false) if logged.n > head.n => {
                    tracing::error!(target: "audit", was = %logged, %head, "the audit trail was cut off at its new end");
                }
                Ok(false) => {
                    tracing::error!(target: "audit", was = %logged, %head, "the audit trail is another one than it was");
                }
                Err(error) => {
                    // It is looked for again with the next head.
                    tracing::warn!(%error, "the audit trail cannot be looked at");
                    return;
                }
            }
        }
        if self.logged.as_ref() != Some(&head) {
            tracing::info!(target: "audit", %head, "the audit trail has come to");
            self.logged = Some(head);
        }
    }

    /// Says where an event has waited for its seal for a minute: nobody seals, or somebody keeps it from being sealed.
    async fn look_at_waiting(&mut self) {
        let Ok(waiting) = audit::longest_waiting(&self.store).await else { return };
        if let Some(event) = waiting.as_ref().filter(|event| self.waited.as_ref() == Some(event)) {
            let event = event.escape_debug();
            tracing::error!(target: "audit", %event, "events have waited for their seal for a minute");
        }
        self.waited = waiting;
    }
}

impl Cutting {
    pub(crate) fn new(store: &Store, tools: &Arc<Tools>, clock: &Clock, days: i64) -> Self {
        Self { store: store.clone(), tools: Arc::clone(tools), clock: Arc::clone(clock), days }
    }

    /// Works until `stopped`: each hour, in rounds that are short, beside the sealing. It begins with an hour in which the
    /// clock may be put right.
    pub(crate) async fn keep(self, stopped: impl Future<Output = ()> + Send) {
        let mut stopped = std::pin::pin!(stopped);
        let (mut more, mut looked) = (false, (self.clock)());
        loop {
            tokio::select! {
                biased;
                () = &mut stopped => return,
                () = tokio::time::sleep(if more { Duration::ZERO } else { CUT_EVERY }) => {}
            }
            let now = (self.clock)();
            if !more && !went_on(looked, now) {
                tracing::warn!(target: "audit", "the clock was put forward or back: nothing is cut off for an hour");
            } else {
                more = self.cut(now).await;
            }
            looked = now;
        }
    }

    /// One round; whether there may be another one.
    async fn cut(&self, now: Millis) -> bool {
        let permit = Permit::system(Task::KeepAudit, Scope::Account(INSTALLATION), now);
        match audit::cut(&self.store, &self.tools, self.days, &permit).await {
            Ok(Round::Cut) => {
                tracing::info!(target: "audit", "an old segment of the audit trail was cut off");
                true
            }
            Ok(Round::Cleared) => true,
            Ok(Round::Idle) => false,
            Err(error) => {
                tracing::warn!(%error, "the audit trail could not be cut off at its old end");
                false
            }
        }
    }
}

/// Whether the clock has gone on as time has in the hour between two looks.
fn went_on(before: Millis, now: Millis) -> bool {
    let hour = i64::try_from(CUT_EVERY.as_millis()).unwrap_or(i64::MAX);
    now.since(before).abs_diff(hour) <= LENIENT.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_put_right_waits_another_hour() {
        let at = Millis(1_768_465_800_000);
        for (minutes, expected) in [(60, true), (64, true), (56, true), (0, false), (66, false), (-60, false)]
        {
            assert_eq!(went_on(at, at.plus(minutes * MINUTE)), expected, "{minutes}");
        }
    }
}
