//! A node's memory of the requests it has accepted, of a size that is fixed when it starts.

use std::sync::Mutex;

use model::Millis;
use siphasher::sip128::SipHasher13;

/// How far a request's clock may be from ours, either way, in minutes. Source: `reference/protocol.md`, `InvalidTimeStamp.Expired`.
const WINDOW: i64 = 15;
/// A shard is swept at the first request after this many minutes: see [`Shard`] for why not later than 34.
const SWEEP: i64 = 30;
/// Enough that threads seldom meet in one, few enough that one busy key has a good part of the memory.
const SHARDS: usize = 16;
/// The entries that a request may lie in: 64 bytes, which is a cache line.
const WAYS: usize = 8;
/// An entry's lowest bits hold its minute, the others its tag.
const MINUTE_BITS: u32 = 6;
/// The minutes that an entry can tell apart.
const MINUTES: i64 = 1 << MINUTE_BITS;

/// The requests that this node has accepted, so that each is accepted once.
///
/// A request signed at *s* passes the door's clock check from *s* − 15 min to *s* + 15 min. It is remembered
/// up to that end at least: at most 30 minutes where its clock is 15 minutes ahead of ours, not at all
/// longer where it is 15 minutes behind. Minutes are whole, so it may be up to a minute more.
///
/// Memory is taken once, and by the system only as it is first touched. Where it does not suffice, the
/// request that was signed first is forgotten first: no request is refused for want of room. The AccessKey
/// chooses the part of the memory, so that the flood of one key costs few other keys their memory, and one
/// key alone has a sixteenth of it.
///
/// Two requests of one key are taken for the same where they have the same nonce and were signed in the
/// same minute; two others with a chance of less than 2⁻⁵⁰.
pub struct Seen {
    seed: [u8; 16],
    shards: Vec<Mutex<Shard>>,
}

impl Seen {
    /// An empty memory of at most `bytes` bytes, 8 for each request, and no less than one cache line a shard.
    ///
    /// `seed` keeps callers from choosing which requests share a place; it is drawn when the node starts.
    pub fn new(bytes: usize, seed: [u8; 16]) -> Self {
        let buckets = (bytes / SHARDS / (WAYS * size_of::<u64>())).max(1);
        Self { seed, shards: (0..SHARDS).map(|_| Mutex::new(Shard::new(buckets))).collect() }
    }

    /// Remembers a request that passed the clock check; true where it was not remembered already.
    ///
    /// `hash` is [`crate::keyring::Keyring::replay_hash`]'s. Of calls at once with the same request, exactly
    /// one is answered true.
    pub fn first(&self, access_key: &str, signed_at: Millis, hash: u64, now: Millis) -> bool {
        let hasher = SipHasher13::new_with_key(&self.seed);
        let key = hasher.hash(access_key.as_bytes()).as_u64().0;
        // The whole minute is in the tag: a nonce that comes again in another minute is another request.
        let request = [key, hash, signed_at.minute().cast_unsigned()].map(u64::to_le_bytes);
        let (place, tag) = hasher.hash(request.as_flattened()).as_u64();

        let mut shard =
            self.shards[scale(key, SHARDS)].lock().expect("no thread panics while it holds a shard");
        shard.sweep_if_due(now.minute());
        // No entry is 0, which means that there is none.
        shard.remember(place, (tag >> MINUTE_BITS).max(1), signed_at.minute())
    }
}

/// A table in buckets of eight entries, each a tag over the minute in which the request was signed.
///
/// A minute is kept modulo 64 and read relative to the last sweep. After a sweep in minute *m* no entry is
/// older than *m* − 15, and up to the last one before the next sweep is due, *m* + 29, none is newer than
/// *m* + 29 + 15: 60 minutes, which 64 tell apart, however long the shard has been idle.
struct Shard {
    /// Buckets from `start` on. Zeroed by the allocator, so that what is never used is never mapped.
    entries: Vec<u64>,
    /// Where the first cache line begins.
    start: usize,
    buckets: usize,
    /// The minute of the last sweep; `None` before the first request.
    swept: Option<i64>,
}

impl Shard {
    fn new(buckets: usize) -> Self {
        let entries = vec![0; buckets * WAYS + WAYS - 1];
        let start = entries.as_ptr().align_offset(WAYS * size_of::<u64>()).min(WAYS - 1);
        Self { entries, start, buckets, swept: None }
    }

    /// Puts the request into its bucket; false where it is there.
    fn remember(&mut self, place: u64, tag: u64, signed: i64) -> bool {
        let oldest = self.oldest();
        let at = self.start + scale(place, self.buckets) * WAYS;
        let bucket = &mut self.entries[at..at + WAYS];
        if bucket.iter().any(|entry| entry >> MINUTE_BITS == tag) {
            return false;
        }
        // An empty entry comes before the oldest; what has expired is older than what has not.
        let given_up = bucket
            .iter_mut()
            .min_by_key(|entry| if **entry == 0 { i64::MIN } else { minute(**entry, oldest) })
            .expect("a bucket has eight entries");
        // A clock that went back a little must not make old entries look new.
        let signed = signed.clamp(oldest, oldest + MINUTES - 1);
        *given_up = tag << MINUTE_BITS | signed.rem_euclid(MINUTES).cast_unsigned();
        true
    }

    /// Clears what cannot be accepted again, every half hour, or where the clock was set back.
    fn sweep_if_due(&mut self, now: i64) {
        let Some(swept) = self.swept else {
            self.swept = Some(now);
            return;
        };
        // A request that read the clock before another one swept may be a little behind: that is no reason.
        if (swept - 2 * WINDOW..swept + SWEEP).contains(&now) {
            return;
        }
        self.sweep(now);
    }

    fn sweep(&mut self, now: i64) {
        let oldest = self.oldest();
        for entry in &mut self.entries {
            // Signed in the last millisecond of its minute, it would be accepted up to that of `now` - 15.
            let acceptable = now - WINDOW..=now + WINDOW;
            if *entry != 0 && !acceptable.contains(&minute(*entry, oldest)) {
                *entry = 0;
            }
        }
        self.swept = Some(now);
    }

    /// The oldest minute that an entry can have.
    fn oldest(&self) -> i64 {
        self.swept.unwrap_or(0) - WINDOW
    }
}

/// The minute in which an entry was signed: the one of 64 from `oldest` on that has its low bits.
fn minute(entry: u64, oldest: i64) -> i64 {
    oldest + (entry.cast_signed() - oldest).rem_euclid(MINUTES)
}

/// Maps a hash evenly to `0..count`.
fn scale(hash: u64, count: usize) -> usize {
    let scaled = (u128::from(hash) * count as u128) >> 64;
    usize::try_from(scaled).expect("less than the count, which is a usize")
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use model::time::MINUTE;

    use super::*;

    const KEY: &str = "LTAI5t";
    const NOW: Millis = Millis(1_768_465_812_345);
    const WINDOW_MILLIS: i64 = WINDOW * MINUTE;

    fn seen(bytes: usize) -> Seen {
        Seen::new(bytes, [7; 16])
    }

    /// How many requests are remembered.
    fn held(seen: &Seen) -> usize {
        let held = |shard: &Mutex<Shard>| {
            shard.lock().expect("free").entries.iter().filter(|entry| **entry != 0).count()
        };
        seen.shards.iter().map(held).sum()
    }

    /// Makes the shard of `KEY` sweep if it is due, by a request that is seen for the first time.
    fn touch(seen: &Seen, now: Millis) {
        assert!(seen.first(KEY, now, now.0.cast_unsigned(), now));
    }

    /// Sweeps every shard that was used, due or not.
    fn sweep(seen: &Seen, now: Millis) {
        for shard in &seen.shards {
            let mut shard = shard.lock().expect("free");
            if shard.swept.is_some() {
                shard.sweep(now.minute());
            }
        }
    }

    #[test]
    fn a_request_is_first_once() {
        let seen = seen(1 << 16);
        let cases = [
            (KEY, NOW, 1, true),
            (KEY, NOW, 1, false),
            (KEY, NOW, 2, true),
            ("LTAI5u", NOW, 1, true),
            (KEY, NOW.plus(MINUTE), 1, true),
            (KEY, NOW.plus(-MINUTE), 1, true),
            (KEY, NOW.plus(1), 1, false),
            (KEY, NOW, 0, true),
            (KEY, NOW, u64::MAX, true),
            (KEY, NOW, 1, false),
        ];
        for (at, (key, signed_at, hash, expected)) in cases.into_iter().enumerate() {
            assert_eq!(seen.first(key, signed_at, hash, NOW), expected, "{at}");
        }
    }

    #[test]
    fn a_request_is_remembered_while_it_is_acceptable_and_little_longer() {
        // Clock differences at acceptance, from 15 minutes ahead to 15 behind, at odd milliseconds too.
        for ahead in (-WINDOW_MILLIS..=WINDOW_MILLIS).step_by(7_001).chain([WINDOW_MILLIS]) {
            let signed_at = NOW.plus(ahead);
            let last = signed_at.plus(WINDOW_MILLIS);
            for sweep_from in [NOW, NOW.plus(-29 * MINUTE), NOW.plus(-14 * MINUTE), NOW.plus(-5_000 * MINUTE)]
            {
                let seen = seen(1 << 14);
                touch(&seen, sweep_from);
                assert!(seen.first(KEY, signed_at, 1, NOW));

                sweep(&seen, last);
                assert!(!seen.first(KEY, signed_at, 1, last), "{ahead}: forgotten too early");

                sweep(&seen, last.plus(MINUTE));
                assert!(seen.first(KEY, signed_at, 1, last.plus(MINUTE)), "{ahead}: remembered too long");
            }
        }
    }

    #[test]
    fn every_half_hour_what_has_expired_is_cleared() {
        let seen = seen(1 << 16);
        for hash in 0..100 {
            assert!(seen.first(KEY, NOW, hash, NOW));
        }

        touch(&seen, NOW.plus((SWEEP - 1) * MINUTE));
        assert_eq!(held(&seen), 101);
        touch(&seen, NOW.plus(SWEEP * MINUTE));
        assert_eq!(held(&seen), 2);
    }

    #[test]
    fn however_long_a_shard_was_idle_its_old_entries_go_and_do_not_look_new() {
        for idle in 16..300 {
            let (seen, later) = (seen(1 << 14), NOW.plus(idle * MINUTE));
            for hash in 0..20_u64 {
                let signed_at = NOW.plus((hash.cast_signed() % 31 - 15) * MINUTE);
                assert!(seen.first(KEY, signed_at, hash, NOW));
            }
            touch(&seen, later);

            if idle > 30 {
                assert_eq!(held(&seen), 1, "after {idle} minutes");
            }
            assert!(seen.first(KEY, later, 1, later), "the same nonce, {idle} minutes later");
        }
    }

    #[test]
    fn where_there_is_no_room_the_oldest_is_forgotten_first() {
        let seen = seen(0);
        let signed_at = |at: u64| NOW.plus((at.cast_signed() - 8) * MINUTE);
        // One bucket a shard: eight fill it, signed from eight minutes ago up to a minute ago.
        for at in [3, 0, 7, 1, 6, 2, 5, 4] {
            assert!(seen.first(KEY, signed_at(at), at, NOW));
        }

        assert!(seen.first(KEY, signed_at(8), 8, NOW), "no request is refused for want of room");
        assert!(seen.first(KEY, signed_at(9), 9, NOW));

        for at in 2..=9 {
            assert!(!seen.first(KEY, signed_at(at), at, NOW), "{at} is younger than what had to go");
        }
        assert!(seen.first(KEY, signed_at(0), 0, NOW), "the oldest was forgotten");
    }

    #[test]
    fn one_keys_flood_leaves_other_shards_alone() {
        let seen = seen(1 << 14);
        let others: Vec<String> = (0..64).map(|at| format!("other {at}")).collect();
        for other in &others {
            assert!(seen.first(other, NOW, 1, NOW));
        }
        for hash in 0..100_000 {
            seen.first(KEY, NOW, hash, NOW);
        }

        let remembered = others.iter().filter(|other| !seen.first(other, NOW, 1, NOW)).count();
        assert!(remembered > 48, "{remembered} of 64");
    }

    #[test]
    fn a_clock_that_is_set_back_loses_no_room() {
        for back in [1, 14, 31, 60, 1_000_000] {
            let (seen, earlier) = (seen(0), NOW.plus(-back * MINUTE));
            for hash in 0..8 {
                seen.first(KEY, NOW.plus(WINDOW_MILLIS), hash, NOW);
            }
            for hash in 10..18 {
                seen.first(KEY, earlier, hash, earlier);
            }

            // From the last one on: what is asked for and not found is remembered in the place of another.
            let remembered = (10..18).rev().filter(|hash| !seen.first(KEY, earlier, *hash, earlier)).count();
            let expected = if back > 2 * WINDOW { 8 } else { 1 };
            assert!(remembered >= expected, "{remembered} after {back} minutes back");
        }
    }

    #[test]
    fn memory_stays_within_what_was_asked_for() {
        for bytes in [0, 1, 1 << 14, 1_000_000] {
            let entries: usize =
                seen(bytes).shards.iter().map(|shard| shard.lock().expect("free").entries.len()).sum();
            assert!(entries * 8 <= bytes.max(SHARDS * 64) + SHARDS * 56, "{bytes}: {entries}");
        }
    }

    #[test]
    fn of_eight_threads_with_one_request_one_is_first() {
        let seen = &seen(1 << 21);
        let (start, firsts) = (&Barrier::new(8), &AtomicUsize::new(0));

        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(move || {
                    start.wait();
                    for hash in 0..2_000 {
                        firsts.fetch_add(seen.first(KEY, NOW, hash, NOW).into(), Ordering::Relaxed);
                    }
                });
            }
        });

        assert_eq!(firsts.load(Ordering::Relaxed), 2_000);
    }
}
