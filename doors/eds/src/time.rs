//! Times as this door reads them: without a zone, in the server's.
//!
//! Source: `reference/eds-user.md` X.8.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use model::Millis;
use model::user::LocksAt;

/// `yyyy-MM-dd HH:mm:ss`, or `yyyy-MM-dd` for the day's beginning; the text is kept to be shown again.
pub(crate) fn locks_at(text: &str, zone: Offset) -> Option<LocksAt> {
    let date_time = match text.len() {
        19 if shape(text, "0000-00-00 00:00:00") => text.replace(' ', "T").parse::<DateTime>().ok()?,
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
            ("2026-01-15 24:00:00", None),
            ("２026-01-1", None),
            ("", None),
        ];
        for (text, at) in cases {
            assert_eq!(locks_at(text, zone).map(|locks| locks.at.0), at, "{text}");
        }
    }
}
