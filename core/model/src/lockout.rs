//! Failures that add up to a lock: wrong passwords for a name, or from an address.

use crate::time::{DAY, MINUTE, Millis};

/// How many failures lock, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So many failures lock.
    pub after: i64,
    /// If they come within so many milliseconds of the first one.
    pub within: i64,
    /// For how many milliseconds the first time; each further lock is twice as long as the one before.
    pub first_lock: i64,
    /// The longest lock, in milliseconds.
    pub longest_lock: i64,
}

impl Limit {
    /// What holds for the names of users: `after` failures within 15 minutes, `minutes` at first, a day at most.
    pub const fn of_names(after: i64, minutes: i64) -> Self {
        Self { after, within: 15 * MINUTE, first_lock: minutes * MINUTE, longest_lock: DAY }
    }

    /// What holds for addresses: 20 failures within 15 minutes, a minute at first, an hour at most.
    pub const fn of_addresses() -> Self {
        Self { after: 20, within: 15 * MINUTE, first_lock: MINUTE, longest_lock: 60 * MINUTE }
    }

    /// How long the lock is that follows so many others.
    fn lock(&self, locks: i64) -> i64 {
        let doubled = (0..locks.min(40)).fold(self.first_lock, |lock, _| lock.saturating_mul(2));
        doubled.min(self.longest_lock)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::of_names(5, 30)
    }
}

/// What is known of the failures of a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many there were since `first`.
    pub count: i64,
    /// When the first of them was, or from when on they are counted.
    pub first: Millis,
    /// How often they have led to a lock.
    pub locks: i64,
    /// Until when the last lock is or was.
    pub until: Option<Millis>,
}

impl Failures {
    /// The failures with one more at `at`; the first one where there were none.
    #[must_use]
    pub fn and_one(known: Option<Self>, at: Millis, limit: &Limit) -> Self {
        let mut now = match known.filter(|known| known.forgotten(limit) > at) {
            Some(known) => known,
            None => Self { count: 0, first: at, locks: 0, until: None },
        };
        let is_lifted = now.until.is_some_and(|until| until > at);
        if is_lifted {
            // By somebody: of who is locked nothing is counted.
            now.until = None;
        }
        if is_lifted || at.since(now.first) >= limit.within {
            (now.count, now.first) = (0, at);
        }
        // Of two that overtake each other the earlier one may come last.
        now.first = now.first.min(at);
        now.count += 1;
        if now.count >= limit.after {
            let until = at.plus(limit.lock(now.locks));
            now = Self { count: 0, first: until, locks: now.locks + 1, until: Some(until) };
        }
        now
    }

    /// Until when nothing is taken, where that lies after `at`.
    pub fn locked_at(&self, at: Millis) -> Option<Millis> {
        self.until.filter(|until| *until > at)
    }

    /// From when on nothing needs to be known of them: when those that were counted count no more, and of a lock as long
    /// after its end as the longest one is.
    pub fn forgotten(&self, limit: &Limit) -> Millis {
        let counted = self.first.plus(limit.within);
        self.until.map_or(counted, |until| counted.max(until.plus(limit.longest_lock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit::of_names(3, 10);

    /// What comes of failures at these minutes.
    fn after(minutes: &[i64]) -> Failures {
        let add = |known, minute: &i64| Some(Failures::and_one(known, Millis(minute * MINUTE), &LIMIT));
        minutes.iter().fold(None, add).expect("there is one")
    }

    #[test]
    fn so_many_within_the_time_lock_and_each_lock_is_twice_as_long() {
        for (minutes, count, locks, until) in [
            (&[0][..], 1, 0, None),
            (&[0, 1], 2, 0, None),
            (&[0, 1, 2], 0, 1, Some(12)),
            (&[0, 14, 15], 1, 0, None),
            (&[0, 14, 15, 16, 17], 0, 1, Some(27)),
            (&[0, 0, 0, 10, 10, 10], 0, 2, Some(30)),
            (&[0, 0, 0, 12, 12, 30], 1, 1, Some(10)),
            (&[2, 1], 2, 0, None),
            (&[2, 1, 0], 0, 1, Some(10)),
            (&[2, 1, 15], 0, 1, Some(25)),
            (&[2, 1, 16], 1, 0, None),
            (&[0, 0, 0, 10, 10, 10, 30, 30, 30], 0, 3, Some(70)),
        ] {
            let failures = after(minutes);
            let found = (failures.count, failures.locks, failures.until);
            assert_eq!(
                found,
                (count, locks, until.map(|minute: i64| Millis(minute * MINUTE))),
                "{minutes:?}"
            );
        }
    }

    #[test]
    fn a_lock_has_an_end_and_a_longest_one() {
        let failures = after(&[0, 0, 0]);
        assert_eq!(failures.locked_at(Millis(10 * MINUTE - 1)), Some(Millis(10 * MINUTE)));
        assert_eq!(failures.locked_at(Millis(10 * MINUTE)), None);
        assert_eq!(LIMIT.lock(7), 1_280 * MINUTE);
        assert_eq!((LIMIT.lock(8), LIMIT.lock(i64::MAX)), (DAY, DAY));
    }

    #[test]
    fn after_a_lock_that_was_lifted_failures_count_from_the_beginning() {
        let failures = after(&[0, 0, 0, 5]);
        assert_eq!((failures.count, failures.first, failures.locks), (1, Millis(5 * MINUTE), 1));
        assert_eq!(failures.until, None);
    }

    #[test]
    fn failures_and_locks_are_forgotten() {
        assert_eq!(after(&[0]).forgotten(&LIMIT), Millis(15 * MINUTE));
        assert_eq!(after(&[0, 0, 0]).forgotten(&LIMIT), Millis(10 * MINUTE + DAY));
        let later = Failures::and_one(Some(after(&[0, 0, 0])), Millis(10 * MINUTE + DAY), &LIMIT);
        assert_eq!((later.count, later.locks), (1, 0));
    }
}
