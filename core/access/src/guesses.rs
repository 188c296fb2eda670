//! What a process remembers of wrong passwords: who has made too many of them from one address, and how many more there
//! were than the audit trail names.
//!
//! Its memory is bounded, and nobody else's is asked: each node counts what it has seen itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::lockout::{Failures, Limit};
use model::{AccountUid, Millis, Number};

use crate::permit::Principal;

/// Addresses of one generation. There are two, so that at most twice as many are remembered.
const GENERATION: usize = 50_000;
/// Refused sign-ins that the audit trail names in one minute, for each directory; refused calls, for each principal.
const NAMED: i64 = 10;
/// Principals whose refused calls are counted each by itself.
const PRINCIPALS: usize = 10_000;
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
    /// By account and principal; the others of an account together once there are too many.
    denied: Mutex<HashMap<(AccountUid, String), Refused>>,
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

/// Refused sign-ins of a directory, or calls of a principal.
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
    /// Whether one more is to be named.
    fn names(&mut self, at: Millis) -> bool {
        if self.is_over(at.minute()) {
            *self = Self { minute: at.minute(), count: 0, more: self.unnamed(at.minute()) };
        }
        self.count += 1;
        self.count <= NAMED
    }

    /// How many were neither named nor told of, in minutes that are over; one that lies ahead is, of a clock that was put
    /// back.
    fn unnamed(&self, minute: i64) -> i64 {
        self.more + if self.is_over(minute) { (self.count - NAMED).max(0) } else { 0 }
    }

    /// Whether its minute is over. Calls meet in another order than they came; a clock that was put back is no such one.
    fn is_over(&self, minute: i64) -> bool {
        minute > self.minute || minute < self.minute - 1
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
        let key = key(address);
        let addresses = lock(&self.addresses);
        let failures = addresses.young.get(&key).or_else(|| addresses.old.get(&key))?;
        let until = failures.locked_at(at)?;
        Some((until.since(at) + 999) / 1_000)
    }

    /// Notes a wrong password that came from an address.
    pub fn note(&self, address: &str, at: Millis) {
        let key = key(address);
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

    /// Whether the audit trail is to name one more refused call of a principal with an AccessKey; if not it is counted.
    /// Sessions of a role count as the role.
    pub fn is_refusal_named(&self, account: AccountUid, principal: &Principal, at: Millis) -> bool {
        let key = denied_key(account, principal);
        let mut denied = lock(&self.denied);
        let key = if denied.len() < PRINCIPALS || denied.contains_key(&key) {
            key
        } else {
            (account, String::new())
        };
        denied.entry(key).or_default().names(at)
    }

    /// How many refused calls of each principal the audit trail has not named in minutes that are over by `at`. It is told
    /// once.
    pub fn unnamed_refusals(&self, at: Millis) -> Vec<((AccountUid, String), i64)> {
        unnamed(&mut lock(&self.denied), at)
    }

    /// Takes back refused calls that could not be told of.
    pub fn keep_refusals(&self, untold: impl IntoIterator<Item = ((AccountUid, String), i64)>) {
        keep(&mut lock(&self.denied), untold);
    }

    /// A place in the line of an address for who wants a password hashed; `None` where the line is full.
    pub fn line_up(&self, address: &str) -> Option<Turn> {
        let address = key(address);
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
        lock(&self.refused).entry(directory).or_default().names(at)
    }

    /// How many refused sign-ins of each directory the audit trail has not named in minutes that are over by `at`. It is
    /// told once.
    pub fn unnamed(&self, at: Millis) -> Vec<(Number, i64)> {
        unnamed(&mut lock(&self.refused), at)
    }

    /// Takes back refused sign-ins that could not be told of.
    pub fn keep_unnamed(&self, untold: impl IntoIterator<Item = (Number, i64)>) {
        keep(&mut lock(&self.refused), untold);
    }
}

/// As whom the refused calls of a principal are counted.
pub(crate) fn denied_key(account: AccountUid, principal: &Principal) -> (AccountUid, String) {
    let name = principal.to_string();
    (account, name.split('/').next().unwrap_or_default().to_owned())
}

/// Takes back what could not be told of, to be told again.
fn keep<K: Eq + Hash>(refused: &mut HashMap<K, Refused>, untold: impl IntoIterator<Item = (K, i64)>) {
    for (key, more) in untold {
        refused.entry(key).or_default().more += more;
    }
}

/// How many of each were not named in minutes that are over; they are forgotten.
fn unnamed<K: Clone + Eq + Hash>(refused: &mut HashMap<K, Refused>, at: Millis) -> Vec<(K, i64)> {
    let more = |known: &Refused| known.unnamed(at.minute());
    let told = refused.iter().map(|(key, known)| (key.clone(), more(known)));
    let told = told.filter(|(_, more)| *more > 0).collect();
    refused.retain(|_, known| !known.is_over(at.minute()));
    refused.values_mut().for_each(|known| known.more = 0);
    told
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

/// What an address counts as that is said in circumstances.
fn key(address: &str) -> u128 {
    network(address.parse().ok())
}

/// What an address counts as: an IPv6 one as the network of its subscriber, who has all of it. All callers whose address
/// is not known count as one, so that nobody gains by being hidden.
pub fn network(address: Option<IpAddr>) -> u128 {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_ipv6_mapped().to_bits(),
        Some(IpAddr::V6(address)) => Ipv6Addr::to_bits(address) >> (128 - NETWORK) << (128 - NETWORK),
        None => u128::MAX,
    }
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
        for (address, waits) in
            [("2001:db8:0:1:ffff::", true), ("2001:db8:0:2::", false), ("::1", false), ("", false)]
        {
            assert_eq!(guesses.wait(address, Millis(0)).is_some(), waits, "{address}");
        }
    }

    #[test]
    fn who_comes_from_nowhere_known_waits_with_all_who_do() {
        let guesses = Guesses::default();
        for n in 0..20 {
            assert_eq!(guesses.wait("", Millis(n)), None, "{n}");
            guesses.note("", Millis(n));
        }
        assert_eq!(guesses.wait("", Millis(19)), Some(60));
        assert_eq!(guesses.wait("192.0.2.1", Millis(19)), None);
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
        let key = key("2001:db8::1");
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

        // What could not be written down is told again.
        guesses.keep_unnamed([(one, 15)]);
        assert_eq!(guesses.unnamed(minute(3)), vec![(one, 15)]);
        // A clock that was ahead and is put back names again.
        assert_eq!((named(one, minute(90)), named(one, minute(89)), named(one, minute(4))), (10, 0, 10));
        assert_eq!(guesses.unnamed(minute(5)), vec![(one, 15 + 25 + 15)]);
    }

    #[test]
    fn a_clock_that_is_put_back_hides_no_refusal() {
        let guesses = Guesses::default();
        let (one, other) = (Number(1), Number(2));
        let named = |directory, at| (0..25).filter(|_| guesses.is_named(directory, at)).count();

        assert_eq!((named(one, minute(60)), named(other, minute(60))), (10, 10));
        assert_eq!(named(one, minute(1)), 10);
        let mut told = guesses.unnamed(minute(1));
        told.sort_unstable();
        assert_eq!(told, [(one, 15), (other, 15)]);
        assert_eq!(named(other, minute(1)), 10);
        let mut told = guesses.unnamed(minute(2));
        told.sort_unstable();
        assert_eq!(told, [(one, 15), (other, 15)]);
        assert_eq!(guesses.unnamed(minute(60)), []);
    }

    #[test]
    fn refused_calls_are_counted_by_principal_in_bounded_memory() {
        let guesses = Guesses::default();
        let root = |account| Principal::Root(AccountUid(account));
        let named = |account: i64, at| {
            (0..12).filter(|_| guesses.is_refusal_named(AccountUid(account), &root(account), at)).count()
        };

        assert_eq!((named(1, minute(0)), named(2, minute(0))), (10, 10));
        let told = guesses.unnamed_refusals(minute(1));
        let each = |account: i64| ((AccountUid(account), root(account).to_string()), 2);
        assert!(told.len() == 2 && told.contains(&each(1)) && told.contains(&each(2)), "{told:?}");

        for n in 0..PRINCIPALS as i64 + 100 {
            guesses.is_refusal_named(AccountUid(3), &root(n), minute(2));
        }
        assert!(lock(&guesses.denied).len() <= PRINCIPALS + 1);
        assert_eq!(guesses.unnamed_refusals(minute(3)), [((AccountUid(3), String::new()), 90)]);
    }
}
