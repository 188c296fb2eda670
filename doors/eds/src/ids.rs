//! How this door spells ids. It reads its own spelling only, exactly.
//!
//! Source: `reference/doors.md` §3.

use directory::{Named, Thing};
use model::unit::UnitRef;
use model::{Handle, Id};

const ROOT_ORG: &str = "org-aliyun-wy-org-id";
const ORG: &str = "org-";
const GROUP: &str = "ug-";
const RESOURCE_GROUP: &str = "rg-";

/// Digits of the part behind the prefix.
const WIDTH: usize = 17;
/// The last of these digits that fit into 64 bits together, and what they count to.
const LOW_DIGITS: u32 = 12;
const LOW: u128 = 36_u128.pow(LOW_DIGITS);
/// Bits that these digits hold.
const BITS: u32 = 84;

/// An organization that the caller names.
pub(crate) fn named_org(text: &str) -> Named {
    let thing = if text == ROOT_ORG { Some(Thing::Root) } else { handle(ORG, text).map(Thing::Handle) };
    Named { thing, text: text.to_owned() }
}

/// A group that the caller names.
pub(crate) fn named_group(text: &str) -> Named {
    Named { thing: handle(GROUP, text).map(Thing::Handle), text: text.to_owned() }
}

/// A resource group that the caller names.
pub(crate) fn named_resource_group(text: &str) -> Named {
    Named { thing: handle(RESOURCE_GROUP, text).map(Thing::Handle), text: text.to_owned() }
}

/// A device that the caller names by its serial number.
pub(crate) fn named_device(text: &str) -> Named {
    let digits = text.replace('-', "");
    let id = Id::from_digits(&digits).filter(|id| serial(*id) == text);
    Named { thing: id.map(|id| Thing::Handle(Handle::Whole(id))), text: text.to_owned() }
}

/// A device's serial number: its digits as a UUID is written.
pub(crate) fn serial(id: Id) -> String {
    let digits = id.digits();
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

/// An organization's id.
pub(crate) fn org(unit: UnitRef) -> String {
    if unit.is_root { ROOT_ORG.to_owned() } else { spell(ORG, unit.id) }
}

/// A group's id.
pub(crate) fn group(id: Id) -> String {
    spell(GROUP, id)
}

/// A resource group's id.
pub(crate) fn resource_group(id: Id) -> String {
    spell(RESOURCE_GROUP, id)
}

/// The 16 digits of `WyId`.
pub(crate) fn wy(id: Id) -> String {
    format!("{:016x}", id.tail())
}

fn spell(prefix: &str, id: Id) -> String {
    let mut digits = [b'0'; WIDTH];
    let (front, back) = digits.split_at_mut(WIDTH - LOW_DIGITS as usize);
    // Two halves of 64 bits: to divide 128 bits digit by digit cost a twentieth of a page.
    write_base_36(front, (id.head() / LOW) as u64);
    write_base_36(back, (id.head() % LOW) as u64);
    prefix.chars().chain(digits.iter().map(|&digit| char::from(digit))).collect()
}

fn write_base_36(digits: &mut [u8], mut rest: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % 36) as usize];
        rest /= 36;
    }
}

fn handle(prefix: &str, text: &str) -> Option<Handle> {
    let digits = text.strip_prefix(prefix)?;
    let exact = digits.len() == WIDTH && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    let head = exact.then(|| u128::from_str_radix(digits, 36).ok()).flatten()?;
    (head < 1 << BITS).then_some(Handle::Head(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_reference_is_spelled_and_read() {
        let id = Id::from_digits("19519c9a402a5c3f09a71be4d2086e57").expect("32 digits");

        assert_eq!(group(id), "ug-08nirkf56rh6k7jht");
        assert_eq!(wy(id), "09a71be4d2086e57");
        let Named { thing: Some(Thing::Handle(handle)), .. } = named_group("ug-08nirkf56rh6k7jht") else {
            panic!("it names a group");
        };
        assert!(handle.means(id));
        assert_eq!(handle.number(), id.number());
    }

    #[test]
    fn a_serial_number_is_the_digits_as_a_uuid() {
        let id = Id::from_digits("19519c9a402a5c3f09a71be4d2086e57").expect("32 digits");

        assert_eq!(serial(id), "19519c9a-402a-5c3f-09a7-1be4d2086e57");
        assert_eq!(named_device(&serial(id)).thing, Some(Thing::Handle(Handle::Whole(id))));
        for text in [
            "",
            "19519c9a402a5c3f09a71be4d2086e57",
            "19519C9A-402A-5C3F-09A7-1BE4D2086E57",
            "19519c9-a402a-5c3f-09a7-1be4d2086e57",
            "{19519c9a-402a-5c3f-09a7-1be4d2086e57}",
            "19519c9a-402a-5c3f-09a7-1be4d2086e5张",
            "user_dfizzgsafjod6cnhdpsnecdok4",
        ] {
            assert_eq!(named_device(text).thing, None, "{text:?}");
        }
    }

    #[test]
    fn every_id_is_spelled_so_that_it_is_read_again() {
        for bits in [0, 1, LOW - 1, LOW, LOW + 1, (1 << BITS) - 1] {
            let spelled = group(Id::from_bits(bits << 44));
            assert_eq!(named_group(&spelled).thing, Some(Thing::Handle(Handle::Head(bits))), "{spelled}");
        }
    }

    #[test]
    fn only_this_door_s_exact_spelling_names_a_thing() {
        assert_eq!(named_org("org-aliyun-wy-org-id").thing, Some(Thing::Root));
        assert!(named_org("org-08nirkf56rh6k7jht").thing.is_some());
        for text in [
            "",
            "org-",
            "org-08nirkf56rh6k7jh",
            "org-008nirkf56rh6k7jht",
            "org-08NIRKF56RH6K7JHT",
            "ug-08nirkf56rh6k7jht",
            "org-zzzzzzzzzzzzzzzzz",
            "org-08nirkf56rh6k7jh ",
            "org-+8nirkf56rh6k7jht",
            "ou_dfizzgsafjod6cnhdpsnecdok4",
        ] {
            assert_eq!(named_org(text).thing, None, "{text:?}");
        }
    }
}
