//! A set of places of one segment.

use super::SEGMENT;
use crate::error::Error;

const WORDS: usize = SEGMENT / 64;
/// Below this many places a list of 16-bit numbers is shorter than a bit for each place.
const LISTED: usize = 256;

/// Places, from 0 to 4,095.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places([u64; WORDS]);

impl Places {
    pub(super) const NONE: Self = Self([0; WORDS]);

    /// Reads stored places: 512 bytes hold a bit for each place, the lowest first; fewer hold a list,
    /// ascending and big-endian.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut places = Self::NONE;
        if bytes.len() == SEGMENT / 8 {
            for (word, bytes) in places.0.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *word = u64::from_le_bytes(*bytes);
            }
            return Ok(places);
        }
        let (list, []) = bytes.as_chunks::<2>() else {
            return Err(Error::corrupt("a list of places has half a place"));
        };
        for place in list.iter().map(|bytes| u16::from_be_bytes(*bytes)) {
            if usize::from(place) >= SEGMENT {
                return Err(Error::corrupt(format!("{place} is no place of a segment")));
            }
            places.insert(place);
        }
        Ok(places)
    }

    /// The places as they are stored.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        if self.len() < LISTED {
            self.iter().flat_map(u16::to_be_bytes).collect()
        } else {
            self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
        }
    }

    pub(super) fn insert(&mut self, place: u16) {
        self.0[usize::from(place) / 64] |= 1 << (place % 64);
    }

    /// Adds the places of `other`; false if all were there.
    pub(super) fn extend(&mut self, other: &Self) -> bool {
        let mut is_new = false;
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            is_new |= other & !*word != 0;
            *word |= other;
        }
        is_new
    }

    pub(super) fn contains(&self, place: u16) -> bool {
        self.0[usize::from(place) / 64] & (1 << (place % 64)) != 0
    }

    /// Keeps only the places that `other` has too.
    pub(super) fn retain(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The places, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u16> {
        self.0.iter().zip((0..).step_by(64)).flat_map(|(&word, base)| {
            std::iter::successors((word != 0).then_some(word), |word| {
                let rest = word & (word - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| base + rest.trailing_zeros() as u16)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_as_they_were_stored() {
        for (step, bytes) in [(4_096, 2), (17, 482), (16, 512), (3, 512), (1, 512)] {
            let mut places = Places::NONE;
            let all: Vec<u16> = (0..4_096).step_by(step).collect();
            all.iter().for_each(|&place| places.insert(place));

            let stored = places.to_bytes();

            assert_eq!(stored.len(), bytes);
            assert_eq!(Places::from_bytes(&stored).expect("they are places"), places);
            assert_eq!(places.iter().collect::<Vec<_>>(), all);
            assert_eq!(places.len(), all.len());
            assert!(all.iter().all(|&place| places.contains(place)));
        }
        assert_eq!(Places::from_bytes(&[]).expect("no places"), Places::NONE);
    }

    #[test]
    fn places_are_added_and_taken_away_as_sets() {
        let places = |bytes: &[u8]| Places::from_bytes(bytes).expect("they are places");
        let mut set = places(&[0, 1, 0, 2]);

        assert!(!set.extend(&places(&[0, 2])));
        assert!(set.extend(&places(&[0, 2, 0x0f, 0xff])));
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2, 4_095]);

        set.retain(&places(&[0, 2, 0, 3, 0x0f, 0xff]));
        assert_eq!(set.iter().collect::<Vec<_>>(), [2, 4_095]);
    }

    #[test]
    fn what_is_no_list_of_places_is_refused() {
        assert!(Places::from_bytes(&[1]).is_err());
        assert!(Places::from_bytes(&[0x10, 0]).is_err());
    }
}
