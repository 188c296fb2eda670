//! What a process remembers of wrong passwords: who has made too many of them from one address, and how many more there
//! were than the audit trail names.
//!
//! Its memory is bounded, and nobody else's is asked: each node counts what it has seen itself.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::lockout::{Failures, Limit};
use model::{Millis, Number};

/// Addresses of one generation. There are two, so that at most twice as many are remembered.
const GENERATION: usize = 50_000;
/// Refused sign-ins that the audit trail names in one minute, for each directory.
const NAMED: i64 = 10;
/// Passwords that may wait for a hash of one address, right ones among them, so that nobody takes all places.
const LINE: usize = 64;
/// The bits of an IPv6 address that one subscriber has.
const NETWORK: u32 = 64;

/// What a process knows of those who guess.
#[derive(Debug, Default)]
pub struct Guesses {
    /// What locks a name.
    limit: Limit,
    addresses: Mutex<Addresses>,
    refused: Mutex<HashMap<Number, Refused>>,
    /// How many of each address wait for a hash.
    lines: Arc<Mutex<HashMap<u128, usize>>>,
}

/// A place in the line of an address, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    lines: Arc<Mutex<HashMap<u128, usize>>>,
    address: u128,
}

/// Failures by address, in two generations: where the young one is full it becomes the old one.
#[derive(Debug, Default)]
struct Addresses {
    young: HashMap<u128, Failures>,
    old: HashMap<u128, Failures>,
}

/// Refused sign-ins of a directory.
#[derive(Debug, Clone, Copy, Default)]
struct Refused {
    /// The last minute that had any.
    minute: i64,
    /// How many it had.
    count: i64,
    /// How many of earlier minutes were not named and not told of yet.
    more: i64,
}

impl Refused {
    /// How many were neither named nor told of, in minutes that are over.
    fn unnamed(&self, minute: i64) -> i64 {
        self.more + if self.minute < minute { (self.count - NAMED).max(0) } else { 0 }
    }
}

impl Guesses {
    /// Nothing is known yet; names are locked by this limit.
    pub fn new(limit: Limit) -> Self {
        Self { limit, ..Self::default() }
    }

    /// What locks a name.
    pub fn limit(&self) -> &Limit {
        &self.limit
    }

    /// For how many more seconds nothing is taken from an address; `None` where something is.
    pub fn wait(&self, address: &str, at: Millis) -> Option<i64> {
        let key = key(address)?;
        let addresses = lock(&self.addresses);
        let failures = addresses.young.get(&key).or_else(|| addresses.old.get(&key))?;
        let until = failures.locked_at(at)?;
        Some((until.since(at) + 999) / 1_000)
    }

    /// Notes a wrong password that came from an address.
    pub fn note(&self, address: &str, at: Millis) {
        let Some(key) = key(address) else { return };
        let mut addresses = lock(&self.addresses);
        let known = addresses.young.get(&key).or_else(|| addresses.old.get(&key)).copied();
        // Two that came at once: the first of them has locked the address.
        if known.is_some_and(|known| known.locked_at(at).is_some()) {
            return;
        }
        if addresses.young.len() >= GENERATION && !addresses.young.contains_key(&key) {
            addresses.old = std::mem::take(&mut addresses.young);
        }
        addresses.young.insert(key, Failures::and_one(known, at, &Limit::of_addresses()));
    }

    /// A place in the line of an address for who wants a password hashed; `None` where the line is full.
    pub fn line_up(&self, address: &str) -> Option<Turn> {
        let address = key(address).unwrap_or_default();
        let mut lines = lock(&self.lines);
        let waiting = lines.entry(address).or_default();
        if *waiting >= LINE {
            return None;
        }
        *waiting += 1;
        Some(Turn { lines: Arc::clone(&self.lines), address })
    }

    /// Whether the audit trail is to name one more refused sign-in of a directory; if not it is counted.
    pub fn is_named(&self, directory: Number, at: Millis) -> bool {
        let mut refused = lock(&self.refused);
        let known = refused.entry(directory).or_default();
        if known.minute < at.minute() {
            *known = Refused { minute: at.minute(), count: 0, more: known.unnamed(at.minute()) };
        }
        known.count += 1;
        known.count <= NAMED
    }

    /// How many refused sign-ins of each directory the audit trail has not named in minutes that are over by `at`. It is
    /// told once.
    pub fn unnamed(&self, at: Millis) -> Vec<(Number, i64)> {
        let mut refused = lock(&self.refused);
        let more = |known: &Refused| known.unnamed(at.minute());
        let told = refused.iter().map(|(directory, known)| (*directory, more(known)));
        let told = told.filter(|(_, more)| *more > 0).collect();
        refused.retain(|_, known| known.minute >= at.minute());
        refused.values_mut().for_each(|known| known.more = 0);
        told
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = lock(&self.lines);
        if let Some(waiting) = lines.get_mut(&self.address) {
            *waiting -= 1;
            if *waiting == 0 {
                lines.remove(&self.address);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an address counts as: an IPv6 one as the network of its subscriber, who has all of it. A text that is no address
/// is not counted.
fn key(address: &str) -> Option<u128> {
    let address: IpAddr = address.parse().ok()?;
    Some(match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address) >> (128 - NETWORK) << (128 - NETWORK),
    })
}

#[cfg(test)]
mod tests {
    use model::time::MINUTE;

    use super::*;

    fn minute(minute: i64) -> Millis {
        Millis(minute * MINUTE)
    }

    #[test]
    fn twenty_wrong_passwords_make_an_address_wait() {
        let guesses = Guesses::default();
        for n in 0..20 {
            assert_eq!(guesses.wait("192.0.2.1", Millis(n)), None, "{n}");
            guesses.note("192.0.2.1", Millis(n));
        }

        assert_eq!(guesses.wait("192.0.2.1", Millis(19)), Some(60));
        assert_eq!(guesses.wait("::ffff:192.0.2.1", Millis(19)), Some(60));
        assert_eq!(guesses.wait("192.0.2.1", Millis(19 + MINUTE - 1)), Some(1));
        assert_eq!(guesses.wait("192.0.2.1", Millis(19 + MINUTE)), None);
        assert_eq!(guesses.wait("192.0.2.2", Millis(19)), None);
    }

    #[test]
    fn an_address_has_a_line_of_its_own() {
        let guesses = Guesses::default();
        let mut turns: Vec<_> = (0..LINE).map(|_| guesses.line_up("192.0.2.1").expect("a place")).collect();
        assert!(guesses.line_up("192.0.2.1").is_none());
        assert!(guesses.line_up("192.0.2.2").is_some() && guesses.line_up("").is_some());
        turns.pop();
        assert!(guesses.line_up("192.0.2.1").is_some());
        drop(turns);
        assert!(lock(&guesses.lines).is_empty(), "nothing is left of who waits no more");
    }

    #[test]
    fn an_ipv6_address_counts_with_its_network() {
        let guesses = Guesses::default();
        for n in 0..20 {
            guesses.note(&format!("2001:db8:0:1::{n:x}"), Millis(0));
        }
        for (address, waits) in [
            ("2001:db8:0:1:ffff::", true),
            ("2001:db8:0:2::", false),
            ("::1", false),
            ("", false),
            ("unix socket", false),
        ] {
            assert_eq!(guesses.wait(address, Millis(0)).is_some(), waits, "{address}");
        }
    }

    #[test]
    fn the_memory_of_addresses_is_bounded_and_keeps_who_goes_on() {
        let guesses = Guesses::default();
        for n in 0..3 * GENERATION as u32 {
            guesses.note(&std::net::Ipv4Addr::from_bits(n).to_string(), Millis(0));
            if n % 10_000 == 0 {
                guesses.note("2001:db8::1", Millis(0));
            }
        }
        let addresses = lock(&guesses.addresses);
        assert!(addresses.young.len() <= GENERATION && addresses.old.len() <= GENERATION);
        let key = key("2001:db8::1").expect("an address");
        let known = addresses.young.get(&key).or_else(|| addresses.old.get(&key));
        assert_eq!(known.map(|known| known.count), Some(15));
    }

    #[test]
    fn ten_refusals_a_minute_are_named_and_the_others_counted() {
        let guesses = Guesses::default();
        let (one, other) = (Number(1), Number(2));
        let named = |directory, at| (0..25).filter(|_| guesses.is_named(directory, at)).count();

        assert_eq!((named(one, minute(0)), guesses.is_named(other, minute(0))), (10, true));
        assert_eq!(guesses.unnamed(minute(0)), Vec::new());
        assert_eq!(guesses.unnamed(minute(1)), vec![(one, 15)]);
        assert_eq!(guesses.unnamed(minute(1)), Vec::new());
        assert_eq!(named(one, minute(1)), 10);
        assert_eq!(named(one, minute(2)), 10);
        assert_eq!(guesses.unnamed(minute(2)), vec![(one, 15)]);
        assert_eq!(guesses.unnamed(minute(3)), vec![(one, 15)]);
    }
}
