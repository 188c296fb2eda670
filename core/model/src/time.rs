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
        let date_time = civil(text.strip_suffix('Z')?)?;
        let zoned = date_time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(zoned.timestamp().as_millisecond()))
    }

    /// `2026-01-15T08:30:00Z`, in UTC and whole seconds, as answers say instants. What is beyond all calendars is their
    /// last second.
    pub fn utc_seconds(self) -> String {
        let seconds = jiff::Timestamp::from_second(self.0.div_euclid(1_000));
        format!("{}", seconds.unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%SZ"))
    }

    /// Reads `2026-01-15T17:00:00+08:00`: with seconds, of which up to three decimals, and with `Z` or an offset. All
    /// years up to 9999 are read, also the last days, which cannot be shown.
    ///
    /// Source: `reference/protocol.md` §7.3, acs:CurrentTime.
    pub fn from_iso_8601(text: &str) -> Option<Self> {
        let (clock, rest) = text.split_at_checked("2026-01-15T17:00:00".len())?;
        let (fraction, offset) = rest.split_at(rest.find(['Z', '+', '-'])?);
        let seconds = civil(clock)?.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_secs();
        let local = Self(seconds * 1_000).plus(fraction_millis(fraction)?);
        Some(local.plus(-offset_minutes(offset)? * MINUTE))
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

/// Reads `2026-01-15T08:30:00`, exactly this shape.
fn civil(text: &str) -> Option<jiff::civil::DateTime> {
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if bytes.len() != 19 || separators.iter().any(|&(at, byte)| bytes[at] != byte) {
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
    jiff::civil::DateTime::new(number(0, 4)?, two(5)?, two(8)?, two(11)?, two(14)?, two(17)?, 0).ok()
}

/// Reads the decimals of a second, `.25`, as 250 milliseconds; nothing as 0.
fn fraction_millis(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.strip_prefix('.')?;
    let is_short = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_short { format!("{digits:0<3}").parse().ok() } else { None }
}

/// Reads `+08:00`, less than a day, as 480 minutes; `Z` as 0.
fn offset_minutes(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, clock) = match text.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = clock.split_once(':')?;
    let two_digits = |text: &str| {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_two { text.parse::<i64>().ok() } else { None }
    };
    let hours = two_digits(hours).filter(|hours| *hours < 24)?;
    let minutes = two_digits(minutes).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 60 + minutes))
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
    fn whole_seconds_are_written_as_they_are_read() {
        for (millis, expected) in [
            (1_768_465_800_000, "2026-01-15T08:30:00Z"),
            (1_768_465_800_999, "2026-01-15T08:30:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (i64::MAX, "9999-12-30T22:00:00Z"),
        ] {
            assert_eq!(Millis(millis).utc_seconds(), expected);
        }
        assert_eq!(Millis::from_utc_seconds("2026-01-15T08:30:00Z"), Some(Millis(1_768_465_800_000)));
    }

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
    fn instants_have_seconds_and_an_offset() {
        let at = |text| Millis::from_iso_8601(text).map(|at| at.0);
        let expected = Some(1_768_465_800_000);
        assert_eq!(at("2026-01-15T08:30:00Z"), expected);
        assert_eq!(at("2026-01-15T16:30:00+08:00"), expected);
        assert_eq!(at("2026-01-14T22:00:00-10:30"), expected);
        assert_eq!(at("2026-01-15T08:30:00.25Z"), expected.map(|at| at + 250));
        // The last second that has four digits of a year, which is past what can be shown.
        assert_eq!(at("9999-12-31T23:59:59Z"), Some(253_402_300_799_000));
        for text in [
            "",
            "2026-01-15",
            "2026-01-15T08:30Z",
            "2026-01-15T08:30:00",
            "2026-01-15T08:30:00z",
            "2026-01-15T08:30:00.Z",
            "2026-01-15T08:30:00.0001Z",
            "2026-01-15T08:30:00+0800",
            "2026-01-15T08:30:00+08",
            "2026-01-15T08:30:00+24:00",
            "2026-01-15T08:30:00+08:60",
            "2026-01-15T08:30:60Z",
            "2026-02-29T08:30:00Z",
            "2026-01-15T08:30:00Z ",
            "2026-01-15T08:30:0０Z",
        ] {
            assert_eq!(at(text), None, "{text:?}");
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
