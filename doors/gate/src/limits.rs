//! How often anybody may call: a bucket for each of those who have proved who they are, and one for each address, for
//! what comes from it unproved.
//!
//! A signed call draws on its own bucket alone, so nobody else can use that up, and no flood from somebody's address
//! shuts that somebody out. A bucket is one number: the instant at which it is full again, which each call puts off by
//! the time in which one comes in. So whoever comes back after a while has a full one, known or forgotten, and what is
//! remembered is bounded.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use access::guesses::network;
use access::{Bearer, Caller, Who};
use model::Millis;
use wire::Fault;

use crate::outcome::TOO_SOON;

/// Parts of the memory of buckets, each with a lock of its own.
const SHARDS: usize = 64;
/// Buckets of one generation in a part; there are two generations. A map of this many has no slot to spare.
const GENERATION: usize = 1_792;
/// Calls that one request may hold, which its bucket may owe.
const MOST_AT_ONCE: usize = 100;
/// Nanoseconds of a millisecond and of a second.
const MILLI: i64 = 1_000_000;
const SECOND: i64 = 1_000_000_000;

/// How many calls are taken in a second, and how many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

/// What is taken of whom; `None` is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Of each one who has proved who they are.
    pub principal: Option<Rate>,
    /// Of each address, unproved.
    pub address: Option<Rate>,
}

/// A call came too soon: so many milliseconds later the next one is taken, and some more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooSoon {
    pub(crate) millis: u64,
}

/// Who has called, and how often.
pub(crate) struct Throttle {
    principals: Option<Buckets>,
    addresses: Option<Buckets>,
}

/// Buckets of one rate, by a keyed hash of whose they are.
pub(crate) struct Buckets {
    rate: Rate,
    hashing: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

/// When the buckets of a part are full again, in nanoseconds. Where the young generation is full it becomes the old one,
/// which is forgotten then.
#[derive(Default)]
struct Shard {
    young: HashMap<u64, i64>,
    old: HashMap<u64, i64>,
}

impl Rate {
    /// The most that can be said, of either.
    pub const MOST: u32 = 1_000_000;

    /// So many calls in a second, and so many at once: each from 1 to [`Rate::MOST`].
    pub fn new(per_second: u32, burst: u32) -> Option<Self> {
        let fits = |n: u32| NonZeroU32::new(n).filter(|n| n.get() <= Self::MOST);
        Some(Self { per_second: fits(per_second)?, burst: fits(burst)? })
    }

    /// The time in which one more call comes into the bucket.
    fn each(self) -> i64 {
        SECOND / i64::from(self.per_second.get())
    }

    /// The time in which an empty bucket is full.
    fn whole(self) -> i64 {
        self.each() * i64::from(self.burst.get())
    }

    /// How long somebody who came too soon had better wait for: a tenth of what comes in a second, so that of several who
    /// wait the same time more than one gets what it waits for.
    fn share(self) -> i64 {
        self.each() * i64::from((self.per_second.get() / 10).clamp(1, self.burst.get()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.per_second, self.burst)
    }
}

impl TooSoon {
    /// As actions say it.
    ///
    /// Source: `reference/protocol.md` §6.3, §6.4.
    pub(crate) fn throttling(self) -> Fault {
        self.fault(400, TOO_SOON[0], "Request was denied due to user flow control.")
    }

    /// As operations say it.
    ///
    /// Source: `reference/pds.md` §3.1.
    pub(crate) fn too_many(self) -> Fault {
        self.fault(429, TOO_SOON[1], "Too many requests")
    }

    fn fault(self, status: u16, code: &'static str, message: &'static str) -> Fault {
        Fault { retry_after_millis: Some(self.millis), ..Fault::new(status, code, message) }
    }
}

impl Throttle {
    /// Nobody has called yet.
    pub(crate) fn new(rates: Rates) -> Self {
        Self { principals: rates.principal.map(Buckets::new), addresses: rates.address.map(Buckets::new) }
    }

    /// Counts the calls that a request holds, of whoever an AccessKey stands for: all keys of one holder, and all sessions
    /// of one role, have one bucket.
    pub(crate) fn caller(&self, caller: &Caller, calls: usize, at: Millis) -> Result<(), TooSoon> {
        let (kind, number) = match &caller.who {
            Who::Root => (0_u8, 0),
            Who::User { number, .. } => (1, number.0),
            Who::Role { number, .. } => (2, number.0),
        };
        self.principal(&(kind, caller.account.0, number), calls, at)
    }

    /// Counts the calls that a request holds, of whoever a token stands for.
    pub(crate) fn bearer(&self, bearer: &Bearer, calls: usize, at: Millis) -> Result<(), TooSoon> {
        match bearer {
            Bearer::Person { person, .. } => {
                self.principal(&(3_u8, person.directory, person.user), calls, at)
            }
            Bearer::Service(service) => self.principal(&(4_u8, service.directory, &service.app), calls, at),
        }
    }

    fn principal(&self, who: &impl Hash, calls: usize, at: Millis) -> Result<(), TooSoon> {
        self.principals.as_ref().map_or(Ok(()), |buckets| buckets.take(who, calls, at))
    }

    /// Counts a request of which it is not known who it is from.
    pub(crate) fn stranger(&self, address: Option<IpAddr>, at: Millis) -> Result<(), TooSoon> {
        self.addresses.as_ref().map_or(Ok(()), |buckets| buckets.take(&network(address), 1, at))
    }

    /// Whether more of these are taken from an address now; nothing is counted.
    pub(crate) fn is_open(&self, address: Option<IpAddr>, at: Millis) -> Result<(), TooSoon> {
        self.addresses.as_ref().map_or(Ok(()), |buckets| buckets.look(&network(address), at))
    }
}

impl Buckets {
    /// All of them full.
    pub(crate) fn new(rate: Rate) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { rate, hashing: RandomState::new(), shards }
    }

    /// Takes so many calls out of a bucket that holds one; it owes what it does not hold.
    pub(crate) fn take(&self, whose: &impl Hash, calls: usize, at: Millis) -> Result<(), TooSoon> {
        let (hash, now) = (self.hashing.hash_one(whose), nanos(at));
        let mut shard = self.shard(hash);
        let full_at = self.full_at(&shard, hash, now);
        let held = self.holds_one(full_at, now);
        // Whoever goes on in vain is remembered too.
        let calls = if held.is_ok() { i64::try_from(calls.min(MOST_AT_ONCE)).unwrap_or(1) } else { 0 };
        shard.put(hash, full_at.saturating_add(self.rate.each() * calls));
        held
    }

    /// Whether a bucket holds a call.
    fn look(&self, whose: &impl Hash, at: Millis) -> Result<(), TooSoon> {
        let (hash, now) = (self.hashing.hash_one(whose), nanos(at));
        self.holds_one(self.full_at(&self.shard(hash), hash, now), now)
    }

    fn holds_one(&self, full_at: i64, now: i64) -> Result<(), TooSoon> {
        let empty_from = now.saturating_add(self.rate.whole());
        if full_at.saturating_add(self.rate.each()) <= empty_from {
            return Ok(());
        }
        let wait = full_at.saturating_add(self.rate.share()).saturating_sub(empty_from);
        let millis = wait.saturating_add(MILLI - 1) / MILLI;
        Err(TooSoon { millis: u64::try_from(millis).unwrap_or(1).max(1) })
    }

    /// When a bucket is full again. A clock that was put back makes nobody wait longer than a bucket takes that owes all
    /// it can.
    fn full_at(&self, shard: &Shard, hash: u64, now: i64) -> i64 {
        let known = shard.young.get(&hash).or_else(|| shard.old.get(&hash));
        let owed = self.rate.each() * MOST_AT_ONCE as i64;
        let latest = now.saturating_add(self.rate.whole() + owed);
        known.map_or(now, |full_at| (*full_at).clamp(now, latest))
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        let at = usize::try_from(hash >> 32).unwrap_or_default() % SHARDS;
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn put(&mut self, hash: u64, full_at: i64) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&hash) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, full_at);
    }
}

fn nanos(at: Millis) -> i64 {
    at.0.saturating_mul(MILLI)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15T08:30:00Z.
    const NOW: i64 = 1_768_465_800_000;

    fn buckets(per_second: u32, burst: u32) -> Buckets {
        Buckets::new(Rate::new(per_second, burst).expect("it is one"))
    }

    /// How many of `tries` are taken at an instant.
    fn taken(buckets: &Buckets, whose: &str, tries: u32, after: i64) -> u32 {
        let takes = |_: &u32| buckets.take(&whose, 1, Millis(NOW + after)).is_ok();
        u32::try_from((0..tries).filter(takes).count()).expect("few")
    }

    #[test]
    fn a_bucket_holds_its_burst_and_fills_at_its_rate() {
        let buckets = buckets(2, 5);

        assert_eq!(taken(&buckets, "a", 9, 0), 5);
        assert_eq!(buckets.take(&"a", 1, Millis(NOW)), Err(TooSoon { millis: 500 }));
        assert_eq!(taken(&buckets, "a", 9, 499), 0);
        assert_eq!(buckets.take(&"a", 1, Millis(NOW + 499)), Err(TooSoon { millis: 1 }));
        assert_eq!(taken(&buckets, "a", 9, 500), 1);
        assert_eq!(taken(&buckets, "a", 9, 1_600), 2);
        assert_eq!(taken(&buckets, "a", 9, 2_000), 1);
        assert_eq!(taken(&buckets, "a", 9, 60_000), 5);
    }

    #[test]
    fn a_refused_call_and_a_look_cost_nothing() {
        let buckets = buckets(1, 1);
        assert_eq!(buckets.look(&"a", Millis(NOW)), Ok(()));
        assert_eq!(taken(&buckets, "a", 1, 0), 1);

        for after in 0..1_000 {
            assert!(buckets.look(&"a", Millis(NOW + after)).is_err());
            assert_eq!(taken(&buckets, "a", 1, after), 0, "{after}");
        }
        assert_eq!(buckets.look(&"a", Millis(NOW + 1_000)), Ok(()));
        assert_eq!(taken(&buckets, "a", 2, 1_000), 1);
    }

    #[test]
    fn nobody_draws_on_anothers_bucket() {
        let buckets = buckets(1, 3);
        assert_eq!(taken(&buckets, "a", 100, 0), 3);
        assert_eq!(taken(&buckets, "b", 100, 0), 3);
    }

    #[test]
    fn who_waits_as_long_as_told_is_taken_also_beside_others() {
        for (per_second, burst, together) in [(1, 1, 1), (3, 7, 1), (100, 10, 10), (1_000, 5_000, 100)] {
            let buckets = buckets(per_second, burst);
            assert_eq!(taken(&buckets, "a", burst + 1, 0), burst, "{per_second}/{burst}");
            let TooSoon { millis } = buckets.look(&"a", Millis(NOW)).expect_err("it is empty");
            let after = i64::try_from(millis).expect("a short time");
            assert!(taken(&buckets, "a", together, after) == together, "{per_second}/{burst}: {millis}");
        }
    }

    #[test]
    fn over_a_long_time_no_more_is_taken_than_the_rate_and_one_burst() {
        let buckets = buckets(30, 50);
        let total: u32 = (0..60_000).step_by(7).map(|after| taken(&buckets, "a", 3, after)).sum();
        assert!((30 * 60 + 49..=30 * 60 + 50).contains(&total), "{total}");
    }

    #[test]
    fn a_request_that_holds_many_calls_is_taken_once_and_paid_for() {
        let buckets = buckets(10, 10);
        assert_eq!(buckets.take(&"a", 100, Millis(NOW)), Ok(()));
        assert_eq!(taken(&buckets, "a", 1, 9_099), 0);
        assert_eq!(taken(&buckets, "a", 1, 9_100), 1);
    }

    #[test]
    fn a_clock_that_is_put_back_or_on_makes_nobody_wait_long() {
        let buckets = buckets(10, 20);
        assert_eq!(taken(&buckets, "a", 99, 3_600_000), 20);

        let TooSoon { millis } = buckets.look(&"a", Millis(NOW)).expect_err("it was empty an hour from now");
        assert!(millis <= 10_100, "{millis}");
        assert_eq!(taken(&buckets, "b", 99, -1_000), 20);
    }

    #[test]
    fn millions_of_addresses_take_bounded_memory_and_who_goes_on_is_remembered() {
        let buckets = buckets(1, 3);
        assert_eq!(taken(&buckets, "a", 9, 0), 3);
        for n in 0..600_000_u32 {
            buckets.take(&n, 1, Millis(NOW)).expect("its first one");
            if n % 50_000 == 0 {
                // One each second, of which it has less than it asks for.
                let after = i64::from(n / 50_000) * 500;
                taken(&buckets, "a", 2, after);
                assert!(buckets.look(&"a", Millis(NOW + after)).is_err(), "{n}");
            }
        }

        let sizes = buckets.shards.iter().map(|shard| {
            let shard = shard.lock().expect("nobody panicked");
            shard.young.capacity().max(shard.young.len()) + shard.old.capacity()
        });
        let most = sizes.max().expect("there are some");
        assert!(most <= 2 * GENERATION + 2, "{most}");
    }

    #[test]
    fn of_many_at_once_no_more_are_taken_than_there_are() {
        let buckets = buckets(1, 1_000);
        let taken: u32 = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| taken(&buckets, "a", 500, 0))).collect();
            all.into_iter().map(|one| one.join().expect("it ends")).sum()
        });
        assert_eq!(taken, 1_000);
    }

    #[test]
    fn an_ipv6_network_has_one_bucket() {
        let rate = Rate::new(1, 2);
        let throttle = Throttle::new(Rates { principal: None, address: rate });
        let takes = |address: &str| throttle.stranger(address.parse().ok(), Millis(NOW)).is_ok();

        assert!(takes("2001:db8:0:1::1") && takes("2001:db8:0:1:ffff::2"));
        assert!(!takes("2001:db8:0:1::3"));
        assert!(throttle.is_open("2001:db8:0:1::4".parse().ok(), Millis(NOW)).is_err());
        assert!(takes("2001:db8:0:2::1") && takes("192.0.2.1") && takes("::ffff:192.0.2.1"));
        assert!(!takes("192.0.2.1"));
        // Who is hidden by a proxy has one with all others who are.
        assert_eq!((0..9).filter(|_| takes("")).count(), 2);
    }

    #[test]
    fn without_a_rate_all_is_taken() {
        let throttle = Throttle::new(Rates::default());
        assert!((0..10_000).all(|_| throttle.stranger(None, Millis(NOW)).is_ok()));
    }

    #[test]
    fn rates_keep_their_bounds() {
        assert_eq!(Rate::new(1, Rate::MOST).map(|rate| rate.to_string()).as_deref(), Some("1/1000000"));
        for (per_second, burst) in [(0, 1), (1, 0), (Rate::MOST + 1, 1), (1, Rate::MOST + 1)] {
            assert_eq!(Rate::new(per_second, burst), None, "{per_second}/{burst}");
        }
    }
}
