//! How this door spells ids. It reads its own spelling only, exactly.
//!
//! Source: `reference/doors.md` §3.

use directory::{Named, Thing};
use gate::Permit;
use model::account::Directory;
use model::{Handle, Id, Number};

/// A group: a unit, by the 32 digits of its id. The root unit has no spelling here, its own digits name nothing.
pub(crate) fn group(permit: &Permit, text: &str) -> Named {
    below(permit.root_unit(), text)
}

/// Several of them.
pub(crate) fn groups<'a>(permit: &Permit, texts: impl IntoIterator<Item = &'a String>) -> Vec<Named> {
    texts.into_iter().map(|text| group(permit, text)).collect()
}

/// The unit above all groups.
pub(crate) fn root() -> Named {
    Named { thing: Some(Thing::Root), text: String::new() }
}

fn below(root: Number, text: &str) -> Named {
    let id = Id::from_digits(text).filter(|id| id.number() != root);
    Named { thing: id.map(|id| Thing::Handle(Handle::Whole(id))), text: text.to_owned() }
}

/// A drive, by its number.
pub(crate) fn drive(text: &str) -> Option<Number> {
    Number::exact(text)
}

/// The number that a marker holds.
pub(crate) fn key(text: &str) -> Option<Number> {
    Number::exact(text)
}

/// A drive's id.
pub(crate) fn spell_drive(number: Number) -> String {
    number.to_string()
}

/// The number of the domain that is named so.
pub(crate) fn domain(text: &str) -> Option<Number> {
    Number::of_domain(text)
}

/// Whether a text, as a host has it at its beginning, is meant to name a domain.
pub(crate) fn is_domain(text: &str) -> bool {
    Number::is_domain(text)
}

/// A domain's id.
pub(crate) fn spell_domain(directory: &Directory) -> String {
    directory.key.number.domain()
}

/// The id of the permit's domain.
pub(crate) fn spell_own_domain(permit: &Permit) -> String {
    permit.directory().number.domain()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_told_from_other_labels_of_hosts() {
        for (text, is_meant, expected) in [
            ("rs445412966400677", true, Some(445_412_966_400_677)),
            ("rs01", true, None),
            ("rs", false, None),
            ("rs1a", false, None),
            ("localhost", false, None),
            ("127", false, None),
        ] {
            assert_eq!((is_domain(text), domain(text)), (is_meant, expected.map(Number)), "{text}");
        }
    }

    #[test]
    fn a_group_is_named_by_its_digits_alone() {
        let digits = "19519c9a402a5c3f09a71be4d2086e57";
        let own = Id::from_digits(digits).expect("32 digits").number();
        assert!(below(Number(7), digits).thing.is_some());
        assert_eq!(below(own, digits).thing, None, "the root");
        for text in ["", "19519C9A402A5C3F09A71BE4D2086E57", "org-08nirkf56rh6k7jht"] {
            assert_eq!(below(Number(7), text).thing, None, "{text}");
        }
    }
}
