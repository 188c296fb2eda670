//! Instants, in milliseconds UTC, as everything stored carries them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Millis(pub i64);

/// One minute.
pub const MINUTE: i64 = 60_000;
/// One day.
pub const DAY: i64 = 86_400_000;

impl Millis {
    /// The instant `millis` later; earlier where negative.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative where it is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole minutes since 1970, rounded down.
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }

    /// Reads `2026-01-15T08:30:00Z`: UTC, no fraction, exactly this shape.
    ///
    /// Source: `reference/protocol.md` §1.2, Timestamp.
    pub fn from_utc_seconds(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
        if bytes.len() != 20 || separators.iter().any(|&(at, byte)| bytes[at] != byte) {
            return None;
        }
        let number = |from: usize, to: usize| {
            let digits = &bytes[from..to];
            digits
                .iter()
                .all(u8::is_ascii_digit)
                .then(|| digits.iter().fold(0i16, |n, d| n * 10 + i16::from(d - b'0')))
        };
        let two = |from: usize| number(from, from + 2).and_then(|n| i8::try_from(n).ok());
        let date_time =
            jiff::civil::DateTime::new(number(0, 4)?, two(5)?, two(8)?, two(11)?, two(14)?, two(17)?, 0)
                .ok()?;
        let zoned = date_time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp().as_millisecond()))
    }

    /// Reads `Thu, 15 Jan 2026 08:30:00 GMT`, as the header `Date` has it: exactly this shape.
    ///
    /// Source: `reference/pds.md` §4.2.
    pub fn from_http_date(text: &str) -> Option<Self> {
        const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
        let [weekday, day, month, year, clock, "GMT"] = *text.split(' ').collect::<Vec<_>>() else {
            return None;
        };
        let is_weekday = matches!(weekday, "Mon," | "Tue," | "Wed," | "Thu," | "Fri," | "Sat," | "Sun,");
        let is_month = month.len() == 3 && month.starts_with(|c: char| c.is_ascii_uppercase());
        let month = MONTHS.find(month).filter(|_| is_weekday && is_month)? / 3 + 1;
        Self::from_utc_seconds(&format!("{year}-{month:02}-{day}T{clock}Z"))
    }
}

impl fmt::Display for Millis {
    /// RFC 3339 in UTC with milliseconds, for logs and the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_seconds_are_read_in_one_shape_only() {
        let cases = [
            ("2026-01-15T08:30:00Z", Some(1_768_465_800_000)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-01-15T08:30:00", None),
            ("2026-01-15T08:30:00.000Z", None),
            ("2026-01-15 08:30:00Z", None),
            ("2026-13-15T08:30:00Z", None),
            ("2026-02-30T08:30:00Z", None),
            ("2026-01-15T24:30:00Z", None),
            ("+026-01-15T08:30:00Z", None),
            ("２026-01-15T08:30Z", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Millis::from_utc_seconds(text), expected.map(Millis), "{text}");
        }
    }

    #[test]
    fn http_dates_are_read_in_one_shape_only() {
        let cases = [
            ("Thu, 15 Jan 2026 08:30:00 GMT", Some(1_768_465_800_000)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Wed, 31 Dec 2025 23:59:59 GMT", Some(1_767_225_599_000)),
            ("Thu, 15 Jan 2026 08:30:00 UTC", None),
            ("Thu, 15 Jan 2026 08:30:00", None),
            ("Thu, 5 Jan 2026 08:30:00 GMT", None),
            ("Thu, 15 anF 2026 08:30:00 GMT", None),
            ("Thu, 15 Ja 2026 08:30:00 GMT", None),
            ("Thu, 31 Feb 2026 08:30:00 GMT", None),
            ("xxx, 15 Jan 2026 08:30:00 GMT", None),
            ("Thu,  15 Jan 2026 08:30:00 GMT", None),
            ("2026-01-15T08:30:00Z", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Millis::from_http_date(text), expected.map(Millis), "{text}");
        }
    }
}
