//! Where the places of a segment begin, as stored and as kept in memory.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::places::Places;
use super::{SEGMENT, array};
use crate::engine::postgres::PostgresSession;
use crate::error::Error;
use crate::value::params;

/// Segments that are kept in memory, 32 KiB each.
const KEPT: usize = 2_048;
/// How long a directory without new users is not looked at.
const QUIET_FOR: Duration = Duration::from_secs(60);
/// Places side by side that are looked at as one range.
const TOGETHER: usize = 64;

/// A sealed segment: its last number, and the number with which each place begins; a place ends where the
/// next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) last: i64,
    starts: Arc<[i64]>,
}

impl Segment {
    /// The segment from `first` to `last` in which users with these numbers, ascending, have their places.
    pub(super) fn new(first: i64, last: i64, numbers: &[i64]) -> Self {
        // Where more users than announced are there, neighbours share a place.
        let mut starts: Vec<i64> =
            numbers.iter().copied().step_by(numbers.len().div_ceil(SEGMENT).max(1)).collect();
        match starts.first_mut() {
            Some(start) => *start = first,
            None => starts.push(first),
        }
        Self { last, starts: starts.into() }
    }

    /// The place of a user whose number lies in the segment.
    pub(super) fn place(&self, number: i64) -> u16 {
        let following = self.starts.partition_point(|start| *start <= number);
        u16::try_from(following.saturating_sub(1)).expect("a segment has 4,096 places")
    }

    /// Adds the numbers that lie in `places`, as ranges, ascending.
    pub(super) fn ranges(&self, places: &Places, ranges: &mut Vec<Range<i64>>) {
        let mut found: Vec<Range<usize>> = Vec::new();
        for place in places.iter().map(usize::from).filter(|place| *place < self.starts.len()) {
            match found.last_mut() {
                Some(range) if range.end == place && range.len() < TOGETHER => range.end += 1,
                _ => found.push(place..place + 1),
            }
        }
        ranges.extend(found.into_iter().map(|range| {
            self.starts[range.start]..self.starts.get(range.end).copied().unwrap_or(self.last + 1)
        }));
    }

    /// The starts as they are stored: the distance of each from the one before it, in groups of seven bits,
    /// the lowest first, the last without the eighth bit.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for start in self.starts.iter() {
            let mut distance = start - before;
            before = *start;
            while distance > 0x7f {
                bytes.push(0x80 | (distance & 0x7f) as u8);
                distance >>= 7;
            }
            bytes.push(distance as u8);
        }
        bytes
    }

    fn from_bytes(last: i64, bytes: &[u8]) -> Result<Self, Error> {
        let mut starts = Vec::with_capacity(SEGMENT);
        let (mut start, mut distance, mut shift) = (0, 0, 0);
        for byte in bytes {
            distance |= i64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                start += distance;
                starts.push(start);
                (distance, shift) = (0, 0);
            } else if shift > 56 {
                return Err(Error::corrupt("a segment has a place beyond all numbers"));
            }
        }
        if starts.is_empty() || starts.len() > SEGMENT || shift > 0 {
            return Err(Error::corrupt(format!("a segment has {} places", starts.len())));
        }
        Ok(Self { last, starts: starts.into() })
    }
}

/// What this process remembers of the search index. Sealed segments never change.
#[derive(Default)]
pub(crate) struct Segments {
    /// By directory and last number, each with the time of its last use.
    kept: Mutex<Kept>,
    /// The newest user of each directory that had no users to announce, and when that was seen.
    quiet: Mutex<HashMap<i64, (i64, Instant)>>,
}

#[derive(Default)]
struct Kept {
    segments: HashMap<(i64, i64), (u64, Segment)>,
    uses: u64,
}

impl Segments {
    /// Whether a directory has had no new users since it had none to announce.
    pub(super) fn is_quiet(&self, directory: i64, newest: i64) -> bool {
        let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        // Users may come before the newest one, where clocks differ: so it is looked again each minute.
        quiet.get(&directory).is_some_and(|(seen, at)| *seen == newest && at.elapsed() < QUIET_FOR)
    }

    pub(super) fn set_quiet(&self, directory: i64, newest: i64) {
        self.quiet.lock().unwrap_or_else(PoisonError::into_inner).insert(directory, (newest, Instant::now()));
    }

    fn find(&self, directory: i64, last: i64) -> Option<Segment> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        kept.segments.get_mut(&(directory, last)).map(|(used, segment)| {
            *used = uses;
            segment.clone()
        })
    }

    fn keep(&self, directory: i64, segment: &Segment) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.segments.len() >= KEPT {
            // A quarter at once, so that few uses pay for the search of the oldest.
            let mut uses: Vec<u64> = kept.segments.values().map(|(used, _)| *used).collect();
            let (_, oldest, _) = uses.select_nth_unstable(KEPT / 4);
            let oldest = *oldest;
            kept.segments.retain(|_, (used, _)| *used > oldest);
        }
        let uses = kept.uses;
        kept.segments.insert((directory, segment.last), (uses, segment.clone()));
    }
}

/// The sealed segments with these last numbers, in the same order.
pub(super) async fn sealed(
    session: &mut PostgresSession,
    directory: i64,
    lasts: &[i64],
) -> Result<Vec<Segment>, Error> {
    let mut known: HashMap<i64, Segment> = lasts
        .iter()
        .filter_map(|&last| session.segments().find(directory, last).map(|segment| (last, segment)))
        .collect();
    let unknown: Vec<i64> = lasts.iter().copied().filter(|last| !known.contains_key(last)).collect();
    if !unknown.is_empty() {
        let rows = session
            .query(
                "select last, starts from search_segment
                 where directory = $1 and last = any(cast(cast($2 as text) as bigint[])) and starts is not null",
                &params![directory, array(unknown)],
            )
            .await?;
        for row in rows {
            let segment = Segment::from_bytes(row.try_get(0)?, row.try_get(1)?)?;
            session.segments().keep(directory, &segment);
            known.insert(segment.last, segment);
        }
    }
    lasts
        .iter()
        .map(|last| known.remove(last).ok_or_else(|| Error::corrupt("a sealed segment is gone")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(list: &[u16]) -> Places {
        let mut places = Places::NONE;
        for &place in list {
            places.insert(place);
        }
        places
    }

    #[test]
    fn a_segment_comes_back_as_it_was_stored() {
        let every_thousandth: Vec<i64> = (1..=4_096).map(|n| n * 1_000).collect();
        for numbers in [vec![], vec![70], vec![70, 71, (1 << 52) - 1], every_thousandth] {
            let segment = Segment::new(50, (1 << 52) - 1, &numbers);

            assert_eq!(Segment::from_bytes(segment.last, &segment.to_bytes()).expect("a segment"), segment);
        }
        for bytes in [&[][..], &[0x80], &[0xff; 12]] {
            assert!(Segment::from_bytes(9, bytes).is_err());
        }
    }

    #[test]
    fn every_number_of_a_segment_lies_in_the_range_of_its_place() {
        let numbers: Vec<i64> = (0..10_000).map(|n| 100 + n * 7).collect();
        for numbers in [&numbers[..0], &numbers[..1], &numbers[..4_096], &numbers] {
            let segment = Segment::new(90, 80_000, numbers);
            for number in (90..=80_000).step_by(3).chain([80_000]) {
                let mut ranges = Vec::new();
                segment.ranges(&places(&[segment.place(number)]), &mut ranges);
                assert!(matches!(&ranges[..], [range] if range.contains(&number)), "{number}");
            }
        }
    }

    #[test]
    fn places_side_by_side_make_one_range() {
        let numbers: Vec<i64> = (1..=100).map(|n| n * 10).collect();
        let segment = Segment::new(1, 1_000, &numbers);
        let mut ranges = Vec::new();

        segment.ranges(&places(&[0, 1, 3, 98, 99]), &mut ranges);

        assert_eq!(ranges, [1..30, 40..50, 990..1_001]);
    }

    #[test]
    fn the_segments_in_memory_are_bounded() {
        let segments = Segments::default();
        for last in 0..5_000 {
            segments.keep(1, &Segment::new(last, last, &[]));
            assert!(segments.find(1, 0).is_some(), "what is used stays");
        }

        assert!(segments.kept.lock().expect("not poisoned").segments.len() <= KEPT);
    }
}
