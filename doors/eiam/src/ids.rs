//! How this door spells ids: a prefix for the kind, and the 128 bits in base 32. It reads its own spelling only,
//! exactly.
//!
//! Source: `reference/doors.md` §3; `reference/eiam.md` 2.1.

use directory::{Named, Thing};
use model::{Handle, Id};

/// An instance: a directory.
pub(crate) const INSTANCE: &str = "idaas_";
/// An organizational unit.
pub(crate) const UNIT: &str = "ou_";
/// A user.
pub(crate) const USER: &str = "user_";
/// A group.
pub(crate) const GROUP: &str = "group_";
/// A custom field: a property.
pub(crate) const FIELD: &str = "ufd_";
/// An instance's licence, which has the instance's id.
pub(crate) const LICENSE: &str = "license_";

/// The digits of RFC 4648, in lower case.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Bits of a digit.
const BITS: u32 = 5;
/// Digits of an id.
const WIDTH: usize = 26;
/// Bits of the last digit that no bit of the id is left for: they are 0.
const SPARE: u32 = 2;

/// An id behind its kind's prefix.
pub(crate) fn spell(prefix: &str, id: Id) -> String {
    let digit = |at: usize| {
        let from_top = BITS * (at as u32 + 1);
        let bits = if at + 1 < WIDTH { id.bits() >> (128 - from_top) } else { id.bits() << SPARE };
        char::from(DIGITS[(bits & 31) as usize])
    };
    prefix.chars().chain((0..WIDTH).map(digit)).collect()
}

/// The id that is spelled so, behind this prefix.
pub(crate) fn read(prefix: &str, text: &str) -> Option<Handle> {
    let digits = text.strip_prefix(prefix)?.as_bytes();
    let (last, others) = digits.split_last().filter(|_| digits.len() == WIDTH)?;
    let value = |digit: u8| DIGITS.iter().position(|known| *known == digit).map(|value| value as u128);
    let high = others.iter().try_fold(0, |bits, digit| Some(bits << BITS | value(*digit)?))?;
    let last = value(*last).filter(|last| last & ((1 << SPARE) - 1) == 0)?;
    Some(Handle::Whole(Id::from_bits(high << (BITS - SPARE) | last >> SPARE)))
}

/// A thing of this prefix's kind as the caller names it.
pub(crate) fn named(prefix: &str, text: &str) -> Named {
    Named { thing: read(prefix, text).map(Thing::Handle), text: text.to_owned() }
}

/// Several of them.
pub(crate) fn all_named<'a>(prefix: &str, texts: impl IntoIterator<Item = &'a String>) -> Vec<Named> {
    texts.into_iter().map(|text| named(prefix, text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_reference_is_spelled_and_read() {
        let id = Id::from_digits("19519c9a402a5c3f09a71be4d2086e57").expect("32 digits");

        for (prefix, spelled) in [
            (INSTANCE, "idaas_dfizzgsafjod6cnhdpsnecdok4"),
            (UNIT, "ou_dfizzgsafjod6cnhdpsnecdok4"),
            (USER, "user_dfizzgsafjod6cnhdpsnecdok4"),
            (GROUP, "group_dfizzgsafjod6cnhdpsnecdok4"),
            (FIELD, "ufd_dfizzgsafjod6cnhdpsnecdok4"),
        ] {
            assert_eq!(spell(prefix, id), spelled);
            assert_eq!(read(prefix, spelled), Some(Handle::Whole(id)), "{spelled}");
        }
    }

    #[test]
    fn every_id_is_spelled_so_that_it_is_read_again() {
        let bits = (0..128).map(|at| 1 << at).chain([0, u128::MAX, u128::MAX / 3]);
        for id in bits.map(Id::from_bits) {
            let spelled = spell(USER, id);
            assert_eq!(spelled.len(), USER.len() + WIDTH);
            assert_eq!(read(USER, &spelled), Some(Handle::Whole(id)), "{spelled}");
        }
        assert_eq!(spell(USER, Id::from_bits(0)), "user_aaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert_eq!(spell(USER, Id::from_bits(u128::MAX)), "user_77777777777777777777777774");
    }

    #[test]
    fn the_vendor_s_own_ids_are_read() {
        for (prefix, text) in [
            (INSTANCE, "idaas_ue2jvisn35ea5lmthk2676rypm"),
            (UNIT, "ou_4lag76zc2km5ssg5vsmm2lznvu"),
            (FIELD, "ufd_ncvy5trszg3zajaal5iofauy2q"),
        ] {
            let Some(Handle::Whole(id)) = read(prefix, text) else { panic!("{text} names a thing") };
            assert_eq!(spell(prefix, id), text);
        }
    }

    #[test]
    fn only_this_door_s_exact_spelling_names_a_thing() {
        assert!(read(USER, "user_dfizzgsafjod6cnhdpsnecdok4").is_some());
        for text in [
            "",
            "user_",
            "dfizzgsafjod6cnhdpsnecdok4",
            "user_dfizzgsafjod6cnhdpsnecdok",
            "user_dfizzgsafjod6cnhdpsnecdok4a",
            "user_adfizzgsafjod6cnhdpsnecdok4",
            "user_DFIZZGSAFJOD6CNHDPSNECDOK4",
            "User_dfizzgsafjod6cnhdpsnecdok4",
            "user_dfizzgsafjod6cnhdpsnecdok4 ",
            "user_dfizzgsafjod6cnhdpsnecdo14",
            // Bits that no id has are set in the last digit.
            "user_dfizzgsafjod6cnhdpsnecdok5",
            "user_dfizzgsafjod6cnhdpsnecdok6",
            "user_dfizzgsafjod6cnhdpsnecdokb",
            // Other kinds, and other doors' spellings.
            "group_dfizzgsafjod6cnhdpsnecdok4",
            "19519c9a402a5c3f09a71be4d2086e57",
            "ug-08nirkf56rh6k7jht",
            "user_é",
        ] {
            assert_eq!(read(USER, text), None, "{text:?}");
        }
        let unknown = named(UNIT, "ou_x");
        assert_eq!((unknown.thing, unknown.text.as_str()), (None, "ou_x"));
    }
}
