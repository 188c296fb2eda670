//! What the values of conditions mean: numbers, truth and addresses. Text that is none reads as `None`.
//!
//! Source: `reference/protocol.md` §7.3.

use std::cmp::Ordering;
use std::net::IpAddr;

/// A number as decimal digits, of any length, so that nothing is rounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    is_negative: bool,
    /// Before the point, without zeros in front.
    whole: String,
    /// After the point, without zeros behind.
    fraction: String,
}

impl Decimal {
    /// Reads `10`, `-3`, `10.50`: no exponent, no `+`, digits on both sides of a point.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let is_zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            is_negative: is_negative && !is_zero,
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
        })
    }

    /// What numbers of one sign are ordered by: of whole parts without zeros in front the longer one is larger.
    fn size(&self) -> (usize, &str, &str) {
        (self.whole.len(), &self.whole, &self.fraction)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.size().cmp(&other.size()),
            (true, true) => other.size().cmp(&self.size()),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads `true` or `false`, in any case.
pub(super) fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Reads an IPv4 or IPv6 address; an IPv4 one that is written as IPv6 (`::ffff:10.0.0.1`) is IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The addresses that begin with the same bits as one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    address: IpAddr,
    /// How many bits.
    prefix: u32,
}

impl Block {
    /// Reads an address or a block, `192.168.0.0/16`, of which bits behind the prefix do not count.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (written, prefix) = match text.split_once('/') {
            Some((written, prefix)) => (written, Some(prefix)),
            None => (text, None),
        };
        let written: IpAddr = written.parse().ok()?;
        let width = width(written);
        let prefix = match prefix {
            Some(digits) => prefix_length(digits).filter(|prefix| *prefix <= width)?,
            None => width,
        };
        let address = written.to_canonical();
        // IPv4 written as IPv6 stands behind 96 bits; a shorter prefix is of IPv6 as a whole.
        match prefix.checked_sub(width - self::width(address)) {
            Some(prefix) => Some(Self { address, prefix }),
            None => Some(Self { address: written, prefix }),
        }
    }

    /// Whether `address` is in it; one of the other family never is.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let width = width(self.address);
        width == self::width(address) && leading(self.address, self.prefix) == leading(address, self.prefix)
    }
}

/// Reads one to three digits.
fn prefix_length(digits: &str) -> Option<u32> {
    if digits.len() <= 3 && is_digits(digits) { digits.parse().ok() } else { None }
}

/// The bits of an address of this family.
fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The first `prefix` bits of an address, as a number.
fn leading(address: IpAddr, prefix: u32) -> u128 {
    let bits = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    // A shift by all 128 bits would be one too many.
    bits.checked_shr(width(address) - prefix).unwrap_or(0)
}

/// Whether text is one digit or more, 0 to 9.
fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ordered_exactly() {
        let ascending =
            ["-100", "-20", "-20.0", "-0.5", "-0", "0.00", "0.05", "0.5", "9", "10", "10.01", "10.1"];
        for pair in ascending.windows(2) {
            let [low, high] = [pair[0], pair[1]].map(|text| Decimal::read(text).expect("a number"));
            assert!(low <= high, "{pair:?}");
        }
        let [low, high] =
            ["9007199254740992", "9007199254740993"].map(|text| Decimal::read(text).expect("a number"));
        assert!(low < high);
        assert_eq!(Decimal::read("-20"), Decimal::read("-020.0"));
        assert_eq!(Decimal::read("-0"), Decimal::read("0"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", "+1", "1.", ".1", "1e3", "0x1", "1,000", " 1", "--1", "1.2.3", "١", "inf"] {
            assert_eq!(Decimal::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn blocks_hold_what_begins_alike() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::", false),
            ("::/0", "ffff::", true),
            ("::/0", "1.2.3.4", false),
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "::ffff:1.2.3.4", true),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::ffff:10.0.0.0/104", "11.9.9.9", false),
            ("::ffff:10.0.0.0/8", "::1", true),
            ("::ffff:10.0.0.0/8", "10.0.0.0", false),
            ("2001:db8::/32", "2001:db9::", false),
        ];
        for (block, one, expected) in cases {
            let block = Block::read(block).expect("a block");
            assert_eq!(block.contains(address(one).expect("an address")), expected, "{block:?} and {one}");
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in [
            "",
            "10",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "01.2.3.4",
            "/8",
            "a.b",
        ] {
            assert_eq!(Block::read(text), None, "{text:?}");
        }
    }
}
