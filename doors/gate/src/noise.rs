//! How many lines the log gets of requests by nobody who is known, and of those that came too soon: a flood of them fills
//! no disk. What the server failed to answer has lines of its own, which no such flood takes.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use access::guesses::network;
use model::Millis;

use crate::limits::{Buckets, Rate};

/// Lines that one address gets: one each second, and a minute's at once.
const PER_ADDRESS: (u32, u32) = (1, 60);
/// Lines that all addresses get in a minute together, and as many again for the server's own failures.
const PER_MINUTE: u32 = 600;

/// What the log was told of strangers.
pub(crate) struct Noise {
    addresses: Buckets,
    refused: Mutex<Minute>,
    failed: Mutex<Minute>,
}

/// One minute of it.
#[derive(Debug, Clone, Copy, Default)]
struct Minute {
    minute: i64,
    named: u32,
    /// Requests that were not named and not told of yet, of this minute and of earlier ones.
    left_out: u64,
}

impl Default for Noise {
    fn default() -> Self {
        let (per_second, burst) = PER_ADDRESS;
        let rate = Rate::new(per_second, burst).expect("both are small and more than nothing");
        Self { addresses: Buckets::new(rate), refused: Mutex::default(), failed: Mutex::default() }
    }
}

impl Noise {
    /// Whether the log is to name one more such request; if not it is counted.
    pub(crate) fn is_named(&self, address: Option<IpAddr>, at: Millis) -> bool {
        let fits = self.addresses.take(&network(address), 1, at).is_ok();
        lock(&self.refused).names(fits, at)
    }

    /// The same of one that the server failed to answer.
    pub(crate) fn is_failure_named(&self, at: Millis) -> bool {
        lock(&self.failed).names(true, at)
    }

    /// How many were not named since this was asked last.
    pub(crate) fn left_out(&self) -> u64 {
        let all = [&self.refused, &self.failed].map(|minute| std::mem::take(&mut lock(minute).left_out));
        all.iter().sum()
    }
}

impl Minute {
    /// Whether one more is to be named, where its address has lines left.
    fn names(&mut self, fits: bool, at: Millis) -> bool {
        if self.minute != at.minute() {
            *self = Self { minute: at.minute(), named: 0, left_out: self.left_out };
        }
        let is_named = fits && self.named < PER_MINUTE;
        self.named += u32::from(is_named);
        self.left_out += u64::from(!is_named);
        is_named
    }
}

fn lock(minute: &Mutex<Minute>) -> MutexGuard<'_, Minute> {
    minute.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use model::time::MINUTE;

    use super::*;

    #[test]
    fn an_address_gets_a_line_each_second_and_the_others_are_counted() {
        let noise = Noise::default();
        let named = |address: &str, at: i64| {
            (0..100).filter(|_| noise.is_named(address.parse().ok(), Millis(at))).count()
        };

        assert_eq!((named("192.0.2.1", 0), named("192.0.2.2", 0)), (60, 60));
        assert_eq!(noise.left_out(), 80);
        assert_eq!(noise.left_out(), 0);
        assert_eq!(named("192.0.2.1", 3_000), 3);
        assert_eq!(noise.left_out(), 97);
    }

    #[test]
    fn all_addresses_together_get_so_many_lines_a_minute() {
        let noise = Noise::default();
        let named = |minute: i64| {
            let of = |n: &u32| Some(IpAddr::V4(std::net::Ipv4Addr::from_bits(*n)));
            (0..5_000_u32).filter(|n| noise.is_named(of(n), Millis(minute * MINUTE))).count()
        };

        assert_eq!((named(1), noise.left_out()), (600, 4_400));
        assert_eq!(named(1), 0);
        assert_eq!((named(2), noise.left_out()), (600, 9_400));
    }
    #[test]
    fn a_flood_of_strangers_hides_no_failure() {
        let noise = Noise::default();
        for n in 0..1_000_u32 {
            noise.is_named(Some(IpAddr::V4(std::net::Ipv4Addr::from_bits(n))), Millis(0));
        }
        assert_eq!(noise.left_out(), 400);

        assert_eq!((0..1_000).filter(|_| noise.is_failure_named(Millis(0))).count(), 600);
        assert_eq!(noise.left_out(), 400);
        assert!(noise.is_failure_named(Millis(MINUTE)));
    }
}
