//! The sealer: what was committed gets its place in the chain within a second, behind the changes and never on their way.
//!
//! One process at a time seals, by a lease of a few seconds that is renewed with each step; so that of several processes
//! only one reads what waits. What keeps the chain one is not the lease, which is taken by clocks that may differ, but its
//! row, which every step locks first, and the last segment, which must still be what the step was prepared from.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::time::{DAY, MINUTE};
use model::{Id, Millis};
use store::seals::{self, Seal, Segment, Unsealed};
use store::{Store, Tx, leases};

use super::LEASE;
use super::chain::{self, Checked, Head};
use crate::change::Tools;
use crate::keyring::{Keyring, KeyringError};

/// Events of one step.
const STEP: i64 = 500;
/// How long a process keeps the work beyond its last step.
const KEPT: i64 = 5_000;
/// So many steps are made as a process ends.
const LAST_STEPS: usize = 100;
/// How far behind the clock the ids of those lie that are looked for in each step.
const LATE: i64 = 60 * MINUTE;
/// Every so many steps all that waits is looked at, the oldest ids too: about every ten seconds.
const WHOLE_EVERY: u64 = 25;

/// Why events were not sealed, or the chain not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A change could not be committed.
    #[error(transparent)]
    Change(#[from] crate::change::Failure),
    /// The file of keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyringError),
    /// A segment is not what was written, so it is not written anew.
    #[error("segment {0} of the audit trail was altered, or its key is gone: it is not cut")]
    Altered(i64),
}

/// What seals, in one process.
pub struct Sealer {
    store: Store,
    tools: Arc<Tools>,
    holder: String,
    /// How many steps were made.
    steps: AtomicU64,
    /// The last step that looked at all that waits has left some of it.
    is_behind: AtomicBool,
    /// Where this process has brought the chain to itself.
    reached: Mutex<Option<Head>>,
}

/// A step that is ready to be written.
pub(super) struct Step {
    /// The last segment as it was read.
    from: Option<Segment>,
    /// Segments to be written.
    segments: Vec<Segment>,
    seals: Vec<Seal>,
    /// Why another segment is begun though the last one could not be closed.
    pub(super) left: Option<Left>,
}

/// What a step leaves as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The last segment is not what was written.
    Altered(i64),
    /// The last segment's key, if it is one, is not in the file of keys.
    NoKey(i64, u32),
}

impl Sealer {
    /// One that has not begun.
    pub fn new(store: &Store, tools: &Arc<Tools>) -> Self {
        let holder = format!("{:032x}", tools.ids.salt());
        let (store, tools) = (store.clone(), Arc::clone(tools));
        Self {
            store,
            tools,
            holder,
            steps: AtomicU64::new(0),
            is_behind: AtomicBool::new(false),
            reached: Mutex::default(),
        }
    }

    /// Seals up to some hundred events that wait, where no other process does; true where more may wait. A segment of an
    /// earlier day is closed.
    ///
    /// # Errors
    /// Nothing is sealed then, and the next call may do better.
    pub async fn step(&self, at: Millis) -> Result<bool, Error> {
        // What was sealed lately may still lie in front of what waits, where somebody reads an old state for long.
        let is_due = self.steps.fetch_add(1, Ordering::Relaxed).is_multiple_of(WHOLE_EVERY);
        // Where sealing has stood still, the old ones are taken without a pause until none is left.
        if is_due || self.is_behind.load(Ordering::Relaxed) {
            let more = self.step_from(Id::first_of(Millis(0)), at).await?;
            self.is_behind.store(more, Ordering::Relaxed);
            return Ok(more);
        }
        self.step_from(Id::first_of(at.plus(-LATE)), at).await
    }

    async fn step_from(&self, from: Id, at: Millis) -> Result<bool, Error> {
        let mut reader = self.store.reader();
        if leases::is_others(&mut reader, LEASE, &self.holder, at).await? {
            return Ok(false);
        }
        // First, so that whatever another process does after it makes this step void.
        let newest = seals::newest(&mut reader).await?;
        self.compare(newest.as_ref());
        let waiting = seals::waiting(&mut reader, from, STEP).await?;
        let end = seals::end(&mut reader).await?;
        let is_full = waiting.len() as i64 == STEP;
        let step = match newest {
            None if waiting.is_empty() => return Ok(false),
            Some(open) if waiting.is_empty() && (open.closed.is_some() || is_same_day(&open, at)) => {
                return Ok(false);
            }
            newest => self.prepare(newest, waiting, (end, at))?,
        };
        drop(reader);
        Ok(self.make(step, at).await? && is_full)
    }

    /// Writes a step down; false where another process has the work, or has done some meanwhile: nothing of the step is
    /// so, then, not even what it has found.
    pub(super) async fn make(&self, step: Step, at: Millis) -> Result<bool, Error> {
        let mut tx = self.store.change();
        if !leases::hold(&mut tx, LEASE, &self.holder, at, at.plus(KEPT)).await?
            || seals::newest(&mut tx).await? != step.from
        {
            return Ok(false);
        }
        write(&mut tx, &step).await?;
        tx.commit().await?;
        match step.left {
            None => {}
            Some(Left::Altered(segment)) => {
                tracing::error!(target: "audit", segment, "a segment of the audit trail was altered; another one is begun");
            }
            Some(Left::NoKey(segment, key)) => {
                tracing::error!(target: "audit", segment, key, "a segment of the audit trail is left open: its key is not here");
            }
        }
        if let Some(last) = step.segments.last() {
            *self.reached() = Some(Head { n: last.last, link: last.link.clone() });
        }
        Ok(true)
    }

    fn reached(&self) -> MutexGuard<'_, Option<Head>> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the chain is not what this process has made of it.
    fn compare(&self, newest: Option<&Segment>) {
        let (n, link) = newest.map_or((0, ""), |newest| (newest.last, newest.link.as_str()));
        let mut reached = self.reached();
        if let Some(was) = reached.take_if(|was| was.n > n || (was.n == n && was.link != link)) {
            tracing::error!(target: "audit", %was, now = n, "the audit trail is not what it was: an old copy was put back");
        }
    }

    /// Seals what waits, and gives the work back: the process ends. Of very much the rest is left to the next one.
    ///
    /// # Errors
    /// Of the store.
    pub async fn finish(&self, at: Millis) -> Result<(), Error> {
        for _ in 0..LAST_STEPS {
            if !self.step_from(Id::first_of(Millis(0)), at).await? {
                break;
            }
        }
        let mut tx = self.store.change();
        leases::release(&mut tx, LEASE, &self.holder).await?;
        Ok(tx.commit().await?)
    }

    /// Puts what waits behind the last segment, of which `end` is the last seal that is there.
    pub(super) fn prepare(
        &self,
        from: Option<Segment>,
        waiting: Vec<Unsealed>,
        (end, at): (i64, Millis),
    ) -> Result<Step, Error> {
        let keyring = self.keyring(from.as_ref())?;
        let seals = Vec::with_capacity(waiting.len());
        let mut step = Step { from, segments: Vec::new(), seals, left: None };
        let last = step.from.clone();
        let mut open = None;
        if let Some(last) = last.clone().filter(|last| last.closed.is_none()) {
            match chain::check_segment(&keyring, &last) {
                // What was altered stays as it is: no code makes it good. One whose key is not here stays as well, since
                // it may be right; the next one follows it. A number that is too high for any key here may be an honest
                // one, or put there to keep everything from being sealed.
                Checked::NoKey(key) => step.left = Some(Left::NoKey(last.number, key)),
                Checked::Wrong => step.left = Some(Left::Altered(last.number)),
                Checked::Right if end > last.last => step.left = Some(Left::Altered(last.number)),
                Checked::Right if last.key == i64::from(keyring.current()) && is_same_day(&last, at) => {
                    open = Some(last);
                }
                Checked::Right => step.segments.push(stamped(&keyring, Segment { closed: Some(at), ..last })),
            }
        }
        if waiting.is_empty() {
            // No other one is begun, so nothing is told yet.
            step.left = None;
            return Ok(step);
        }
        let mut segment = open.unwrap_or_else(|| begin(&keyring, last.as_ref(), (end, at)));
        for Unsealed { event, account, mac } in waiting {
            let n = segment.last.saturating_add(1);
            let link = chain::link(&keyring, &segment, (n, &segment.link), (&event, &mac));
            segment.link = link.expect("the segment's key is the one in use");
            segment.last = n;
            step.seals.push(Seal { n, account, event, link: segment.link.clone() });
        }
        step.segments.push(stamped(&keyring, segment));
        Ok(step)
    }

    /// The keys, read again where the last segment was sealed with one that is not known here, or is said to be.
    fn keyring(&self, last: Option<&Segment>) -> Result<Arc<Keyring>, Error> {
        let known = self.tools.keys.now();
        let is_unknown = |last: &Segment| {
            last.key > i64::from(known.current())
                || matches!(chain::check_segment(&known, last), Checked::NoKey(_))
        };
        if last.is_some_and(is_unknown) {
            return Ok(self.tools.keys.read_again()?);
        }
        Ok(known)
    }
}

async fn write(tx: &mut Tx, step: &Step) -> Result<(), store::Error> {
    for segment in &step.segments {
        seals::put(tx, segment).await?;
    }
    seals::insert(tx, &step.seals).await
}

fn begin(keyring: &Keyring, last: Option<&Segment>, (end, at): (i64, Millis)) -> Segment {
    // The row tells, unless somebody has altered it; then the seals that are there.
    let is_sound = |last: &&Segment| end == 0 || chain::check_segment(keyring, last) == Checked::Right;
    let end = last.filter(is_sound).map_or(end, |last| last.last.max(end));
    let previous = last.map(|last| last.link.clone()).unwrap_or_default();
    Segment {
        number: last.map_or(1, |last| last.number.saturating_add(1)),
        key: i64::from(keyring.current()),
        first: end.saturating_add(1),
        last: end,
        link: previous.clone(),
        previous,
        begun: at,
        closed: None,
        cut: None,
        mac: String::new(),
    }
}

pub(super) fn stamped(keyring: &Keyring, segment: Segment) -> Segment {
    Segment { mac: chain::segment(keyring, &segment), ..segment }
}

fn is_same_day(segment: &Segment, at: Millis) -> bool {
    segment.begun.0.div_euclid(DAY) == at.0.div_euclid(DAY)
}

/// Whether the chain still has come by here, as far as that is known: of what was cut off only the last link is.
///
/// # Errors
/// Of the store.
pub async fn comes_by(store: &Store, tools: &Tools, head: &Head) -> Result<bool, store::Error> {
    let mut reader = store.reader();
    if let Some(link) = seals::link(&mut reader, head.n).await? {
        return Ok(link == head.link);
    }
    let Some(segment) = seals::segment_of(&mut reader, head.n).await? else { return Ok(false) };
    let is_cut = segment.cut.is_some()
        && chain::check_segment(&tools.keys.now(), &segment) != Checked::Wrong
        && (head.n < segment.last || head.link == segment.link);
    Ok(is_cut)
}

/// The event with the lowest id of those that wait for their seal.
///
/// # Errors
/// Of the store.
pub async fn longest_waiting(store: &Store) -> Result<Option<String>, store::Error> {
    let waiting = seals::waiting(&mut store.reader(), Id::first_of(Millis(0)), 1).await?;
    Ok(waiting.into_iter().next().map(|one| one.event))
}

/// Where the chain has come to; `None` before its first event.
///
/// # Errors
/// Of the store.
pub async fn head(store: &Store) -> Result<Option<Head>, store::Error> {
    let newest = seals::newest(&mut store.reader()).await?;
    Ok(newest.map(|segment| Head { n: segment.last, link: segment.link }))
}
