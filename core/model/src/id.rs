//! Stored ids: 128 bits that sort by time, and the short number in them.
//!
//! Source: `reference/doors.md` §3.1.

use std::fmt;
use std::sync::Mutex;

use serde::{Serialize, Serializer};

use crate::time::Millis;

/// 2020-01-01T00:00:00Z, from which numbers count their milliseconds.
const EPOCH: i64 = 1_577_836_800_000;
/// Bits of a number that count within one millisecond.
const COUNTER_BITS: u32 = 11;
/// Bits of an id below its first 21 digits.
const TAIL_BITS: u32 = 44;
/// Bits of an id below its number.
const RANDOM_BITS: u32 = 76;

/// The first 52 bits of an id, below 2^53; unique per directory and kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct Number(pub i64);

/// What a directory is called by programs of PDS begins with this; its number follows.
const DOMAIN: &str = "rs";

impl Number {
    /// Reads decimal digits, without a sign and without zeros before them.
    pub fn exact(text: &str) -> Option<Self> {
        let number = Self(text.parse().ok()?);
        (number.0 >= 0 && number.to_string() == text).then_some(number)
    }

    /// What programs of PDS call the directory of this number: `rs445412966400677`.
    ///
    /// Source: `reference/doors.md` §3.1.
    pub fn domain(self) -> String {
        format!("{DOMAIN}{self}")
    }

    /// Whether a text, as a host has it at its beginning, is meant to name a directory.
    pub fn is_domain(text: &str) -> bool {
        let digits = text.strip_prefix(DOMAIN).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// The number of the directory that programs of PDS call so, exactly.
    pub fn of_domain(text: &str) -> Option<Self> {
        Self::exact(text.strip_prefix(DOMAIN)?)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A stored id: 128 bits, written as 32 lower-case hexadecimal digits; never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u128);

impl Id {
    /// The id of these bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// All 128 bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Reads 32 lower-case hexadecimal digits, and nothing else.
    pub fn from_digits(digits: &str) -> Option<Self> {
        let exact = digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        exact.then(|| u128::from_str_radix(digits, 16).ok().map(Self)).flatten()
    }

    /// The 32 digits.
    pub fn digits(self) -> String {
        format!("{:032x}", self.0)
    }

    /// The short number that rows refer to each other by.
    pub const fn number(self) -> Number {
        Number((self.0 >> RANDOM_BITS) as i64)
    }

    /// The instant that the id was drawn for, or a later one where the clock had gone back.
    pub const fn instant(self) -> Millis {
        Millis(EPOCH + (self.number().0 >> COUNTER_BITS))
    }

    /// An id that is below all of this instant and those after it.
    pub const fn first_of(at: Millis) -> Self {
        let millis = at.0 - EPOCH;
        Self(((if millis > 0 { millis } else { 0 }) as u128) << (COUNTER_BITS + RANDOM_BITS))
    }

    /// The 84 bits of the first 21 digits: a number and 32 random bits.
    pub const fn head(self) -> u128 {
        self.0 >> TAIL_BITS
    }

    /// The 64 bits of the last 16 digits.
    pub const fn tail(self) -> u64 {
        self.0 as u64
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An id as a door spells it: the whole of it, or its first 21 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Handle {
    /// All 128 bits.
    Whole(Id),
    /// The first 84 bits.
    Head(u128),
}

impl Handle {
    /// The number of the thing that is meant, if there is one.
    pub const fn number(self) -> Number {
        match self {
            Self::Whole(id) => id.number(),
            Self::Head(head) => Number((head >> (RANDOM_BITS - TAIL_BITS)) as i64),
        }
    }

    /// Whether the thing with this id is meant.
    pub fn means(self, id: Id) -> bool {
        match self {
            Self::Whole(whole) => whole == id,
            Self::Head(head) => head == id.head(),
        }
    }
}

/// Where random bits come from: the operating system in the server, a fixed sequence in a test.
pub type Random = Box<dyn FnMut() -> u128 + Send>;

/// The source of new ids. It never repeats a number or goes back, also when the clock does.
pub struct Ids {
    state: Mutex<State>,
}

struct State {
    random: Random,
    last: i64,
}

impl Ids {
    /// A source that draws from `random`.
    pub fn new(random: Random) -> Self {
        Self { state: Mutex::new(State { random, last: 0 }) }
    }

    /// A new id of the instant `now`, or just after the last one where the clock stands or goes back.
    pub fn next(&self, now: Millis) -> Id {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let random = (state.random)();
        let millis = now.since(Millis(EPOCH)).clamp(0, (1 << 41) - 1);
        // Each millisecond begins in the lower half of its counter, so that 1,024 more fit.
        let begin =
            (millis << COUNTER_BITS) | ((random >> RANDOM_BITS) as i64 & ((1 << (COUNTER_BITS - 1)) - 1));
        let number = begin.max(state.last + 1);
        state.last = number;
        Id(((number as u128) << RANDOM_BITS) | (random & ((1 << RANDOM_BITS) - 1)))
    }

    /// Random bits that are no id: a salt, a nonce.
    pub fn salt(&self) -> u128 {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (state.random)()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_its_number_and_its_parts() {
        let id = Id::from_digits("19519c9a402a5c3f09a71be4d2086e57").expect("32 digits");

        assert_eq!(id.number(), Number(445_412_966_400_677));
        assert_eq!(format!("{:016x}", id.tail()), "09a71be4d2086e57");
        assert_eq!(format!("{:021x}", id.head()), "19519c9a402a5c3f09a71");
        assert_eq!(id.digits(), "19519c9a402a5c3f09a71be4d2086e57");
    }

    #[test]
    fn a_number_and_a_domain_have_one_spelling() {
        for (text, expected) in [
            ("1", Some(1)),
            ("0", Some(0)),
            ("445412966400677", Some(445_412_966_400_677)),
            ("01", None),
            ("+1", None),
            ("-1", None),
            (" 1", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(Number::exact(text), expected.map(Number), "{text:?}");
            assert_eq!(Number::of_domain(&format!("rs{text}")), expected.map(Number), "rs{text}");
            assert_eq!(Number::of_domain(text), None, "{text:?}");
        }
        assert_eq!(Number(7).domain(), "rs7");
    }

    #[test]
    fn a_handle_means_one_id() {
        let id = Id::from_digits("19519c9a402a5c3f09a71be4d2086e57").expect("32 digits");
        let other = Id::from_bits(id.bits() ^ 1 << 44);

        for handle in [Handle::Whole(id), Handle::Head(id.head())] {
            assert_eq!(handle.number(), id.number());
            assert!(handle.means(id) && !handle.means(other));
        }
    }

    #[test]
    fn only_32_lower_case_digits_are_an_id() {
        for text in [
            "",
            "19519C9A402A5C3F09A71BE4D2086E57",
            "19519c9a402a5c3f09a71be4d2086e5",
            "+9519c9a402a5c3f09a71be4d2086e57",
        ] {
            assert_eq!(Id::from_digits(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_grow_also_when_the_clock_goes_back() {
        let ids = Ids::new(Box::new(|| u128::MAX));
        let start = Millis(1_800_000_000_000);

        let mut last = ids.next(start).number();
        for step in 0..5_000 {
            let number = ids.next(start.plus(-step)).number();
            assert!(number > last, "step {step}");
            last = number;
        }
        assert!(last.0 < 1 << 52);
    }

    #[test]
    fn a_number_tells_its_time() {
        let ids = Ids::new(Box::new(|| 0));

        let number = ids.next(Millis(EPOCH + 1_000)).number();

        assert_eq!(number.0 >> COUNTER_BITS, 1_000);
    }
}
