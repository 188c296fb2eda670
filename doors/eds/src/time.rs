//! Times as this door reads them, without a zone in the server's, and as it writes them.
//!
//! Source: `reference/eds-user.md` X.8.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use model::Millis;
use model::user::LocksAt;

use crate::words::Refused;

/// `yyyy-MM-dd HH:mm:ss`, or `yyyy-MM-dd` for the day's beginning; the text is kept to be shown again.
fn locks_at(text: &str, zone: Offset) -> Option<LocksAt> {
    let date_time = match text.len() {
        // What is parsed takes a leap second for the one before it, which is another time than was given.
        19 if shape(text, "0000-00-00 00:00:00") && !text.ends_with("60") => {
            text.replace(' ', "T").parse::<DateTime>().ok()?
        }
        10 if shape(text, "0000-00-00") => {
            text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())
        }
        _ => return None,
    };
    // By hand, because a time stamp of jiff's ends a day before the year 9999, which stands for never, does.
    let since = date_time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_millis();
    let at = i64::try_from(since).ok()? - i64::from(zone.seconds()) * 1_000;
    Some(LocksAt { at: Millis(at), text: text.to_owned() })
}

/// The `AutoLockTime` that is given, which must lie ahead.
pub(crate) fn ahead(text: Option<&str>, zone: Offset, now: Millis) -> Result<Option<LocksAt>, Refused> {
    let Some(text) = text else { return Ok(None) };
    let locks_at = locks_at(text, zone).filter(|locks| locks.at > now);
    locks_at.map(Some).ok_or_else(|| Refused::invalid("AutoLockTime"))
}

/// When an account locks itself: as it was given, or `yyyy-MM-dd HH:mm:ss` where another door gave it.
pub(crate) fn shown_locks_at(locks_at: &LocksAt, zone: Offset) -> String {
    if locks_at.text.is_empty() {
        print(locks_at.at, zone, "%Y-%m-%d %H:%M:%S")
    } else {
        locks_at.text.clone()
    }
}

/// `2025-08-07T13:40:40+08:00`, in the server's zone.
pub(crate) fn with_offset(at: Millis, zone: Offset) -> String {
    print(at, zone, "%Y-%m-%dT%H:%M:%S%:z")
}

/// `2024-08-26T02:59:22.000+00:00`.
pub(crate) fn with_millis(at: Millis) -> String {
    print(at, Offset::UTC, "%Y-%m-%dT%H:%M:%S.%3f%:z")
}

/// `2022-11-29T17:25:40Z`.
pub(crate) fn in_seconds(at: Millis) -> String {
    print(at, Offset::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

/// `2022-11-29T17:25:40.000000000Z`.
pub(crate) fn with_nanos(at: Millis) -> String {
    print(at, Offset::UTC, "%Y-%m-%dT%H:%M:%S.%9fZ")
}

fn print(at: Millis, zone: Offset, format: &str) -> String {
    // An instant beyond what can be printed was given by no door: the last one that can stands for it.
    let stamp = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::MAX);
    stamp.to_zoned(TimeZone::fixed(zone)).strftime(format).to_string()
}

/// Whether each character is a digit where the pattern has one, and the pattern's own otherwise.
fn shape(text: &str, pattern: &str) -> bool {
    text.bytes().zip(pattern.bytes()).all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { b == p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_shapes_are_read_in_the_server_s_zone() {
        let zone = Offset::from_hours(8).expect("within a day");
        let cases = [
            ("2026-01-15 08:30:00", Some(1_768_437_000_000)),
            ("2026-01-15", Some(1_768_406_400_000)),
            ("9999-12-31 23:59:59", Some(253_402_271_999_000)),
            ("2026-1-15", None),
            ("2026-01-15T08:30:00", None),
            ("2026-01-15 08:30", None),
            ("2026-02-30", None),
            ("2026-01-15 23:59:60", None),
            ("2026-01-15 24:00:00", None),
            ("２026-01-1", None),
            ("", None),
        ];
        for (text, at) in cases {
            assert_eq!(locks_at(text, zone).map(|locks| locks.at.0), at, "{text}");
        }
    }

    #[test]
    fn each_shape_is_written_as_the_vendor_does() {
        let (at, zone) = (Millis(1_768_465_800_120), Offset::from_hours(8).expect("within a day"));

        assert_eq!(with_offset(at, zone), "2026-01-15T16:30:00+08:00");
        assert_eq!(with_millis(at), "2026-01-15T08:30:00.120+00:00");
        assert_eq!(in_seconds(at), "2026-01-15T08:30:00Z");
        assert_eq!(with_nanos(at), "2026-01-15T08:30:00.120000000Z");
        let text = |text: &str| shown_locks_at(&LocksAt { at, text: text.to_owned() }, zone);
        assert_eq!(text(""), "2026-01-15 16:30:00");
        assert_eq!(text("2026-01-15"), "2026-01-15");
    }
}
