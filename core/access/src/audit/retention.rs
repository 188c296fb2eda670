//! Cutting the audit trail off at its old end: whole segments go, and their rows stay, with the links that the rest of the
//! chain hangs on.
//!
//! What is cut is gone, and clocks may be wrong. So how old a segment is, is told by the segments behind it: from the
//! beginning of one to that of the next, and from the newest one to now, no more than a week counts, in either direction.
//! A clock that is ahead by years makes events go a week too early, and one that was ahead keeps none for ever.

use std::sync::Arc;

use model::Millis;
use model::event::Event;
use model::time::DAY;
use store::seals::{self, Segment};
use store::{Store, leases};

use super::chain::{self, Checked};
use super::sealer::{Error, stamped};
use super::{INSTALLATION, LEASE};
use crate::change::{Change, Tools};
use crate::permit::{Permit, Scope};

/// Events that are cleared away in one change.
const STEP: i64 = 500;
/// What counts at most of the time from one segment to the next.
const MOST: i64 = 7 * DAY;

/// What one round of cutting did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// It has marked a segment as cut off; its events are still to be cleared away.
    Cut,
    /// It has cleared some events away; more may remain.
    Cleared,
    /// There was nothing to do.
    Idle,
}

/// One round: clears away some events of a segment that was cut, or marks the oldest segment as cut where it was closed
/// more than `days` days ago. To be called until it is idle. `permit` says who cuts, and when.
///
/// # Errors
/// `Altered` where a segment is not what was written, which is for `verify` to look at first; of the store. What was cut
/// until then stays cut, and the next call goes on.
///
/// # Panics
/// Where the permit is for another scope than the installation.
pub async fn cut(store: &Store, tools: &Arc<Tools>, days: i64, permit: &Permit) -> Result<Round, Error> {
    assert_eq!(permit.scope(), &Scope::Account(INSTALLATION), "the chain belongs to no account");
    if seals::any_to_clear(&mut store.reader()).await? {
        let mut tx = store.change();
        leases::interrupt(&mut tx, LEASE).await?;
        seals::clear(&mut tx, STEP).await?;
        tx.commit().await?;
        return Ok(Round::Cleared);
    }
    let segments = seals::uncut(&mut store.reader()).await?;
    let Some(oldest) = segments.first() else { return Ok(Round::Idle) };
    if age(&segments, permit.at()).is_none_or(|age| age <= days.saturating_mul(DAY)) {
        return Ok(Round::Idle);
    }
    let mut change = Change::new(store, tools, None);
    if !mark(&mut change, oldest, permit).await? {
        return Ok(Round::Idle);
    }
    change.commit(permit).await?;
    Ok(Round::Cut)
}

/// For how long the first of these segments has been closed; `None` where it grows.
fn age(segments: &[Segment], now: Millis) -> Option<i64> {
    let (first, later) = segments.split_first()?;
    // One whose key was not there when the next one was begun is closed by that.
    let closed = first.closed.or_else(|| later.first().map(|next| next.begun))?;
    let times = later.iter().map(|segment| segment.begun).chain([now]);
    let (age, _) = times
        .fold((0, closed), |(age, before), at| (age + at.0.saturating_sub(before.0).clamp(-MOST, MOST), at));
    Some(age)
}

/// Marks a segment as cut; false where another process was faster.
async fn mark(change: &mut Change, segment: &Segment, permit: &Permit) -> Result<bool, Error> {
    let keyring = change.tools().keys.now();
    if chain::check_segment(&keyring, segment) != Checked::Right {
        return Err(Error::Altered(segment.number));
    }
    leases::interrupt(change.tx(), LEASE).await?;
    if seals::oldest(change.tx()).await?.as_ref() != Some(segment) {
        return Ok(false);
    }
    let gone = stamped(&keyring, Segment { cut: Some(permit.at()), ..segment.clone() });
    seals::put(change.tx(), &gone).await?;
    change.record(Event::trail_cut(segment.number, (segment.first, segment.last), &segment.link));
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: i64, begun: i64, closed: Option<i64>) -> Segment {
        Segment {
            number,
            key: 1,
            first: number,
            last: number,
            previous: String::new(),
            link: String::new(),
            begun: Millis(begun),
            closed: closed.map(Millis),
            cut: None,
            mac: String::new(),
        }
    }

    #[test]
    fn age_is_told_by_the_segments_behind() {
        let each_day: Vec<_> = (0..30).map(|n| segment(n, n * DAY, Some((n + 1) * DAY))).collect();
        assert_eq!(age(&each_day, Millis(30 * DAY)), Some(29 * DAY));
        assert_eq!(age(&each_day[29..], Millis(30 * DAY + 5)), Some(5));
        assert_eq!(age(&[segment(1, 0, None)], Millis(30 * DAY)), None, "it grows");
        assert_eq!(age(&[], Millis(0)), None);

        // A clock that is ten years ahead, before it has sealed anything and after.
        let wrong = 3_650 * DAY;
        assert_eq!(age(&each_day, Millis(wrong)), Some(29 * DAY + 6 * DAY));
        let mut ahead = each_day.clone();
        ahead.push(segment(30, wrong, None));
        assert_eq!(age(&ahead, Millis(wrong)), Some(29 * DAY + 6 * DAY));
        // Put right again, and what was closed by it ages like the others.
        ahead[30].closed = Some(Millis(wrong));
        ahead.extend((31..41).map(|n| segment(n, n * DAY, Some((n + 1) * DAY))));
        assert_eq!(age(&ahead, Millis(41 * DAY)), Some((35 - 7 + 10) * DAY));
        assert_eq!(age(&ahead[30..], Millis(41 * DAY)), Some((10 - 7) * DAY));
        // One that was left open is closed by the next one.
        let open = [segment(1, 0, None), segment(2, DAY, None)];
        assert_eq!(age(&open, Millis(2 * DAY)), Some(DAY));
    }
}
