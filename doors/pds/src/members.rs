//! What the lists of a group's members have in common: groups come first, then users.
//!
//! Source: `reference/pds.md` §8.9, §9 and §10.

use api::pds::Party;
use directory::memberships::{Behind, Wanted};
use gate::Permit;

use crate::ids;

/// A text that says something.
pub(crate) fn given(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.is_empty())
}

/// What is asked for: without a group what is in none.
pub(crate) fn wanted(
    permit: &Permit,
    group: Option<&String>,
    kind: Option<Party>,
    after: Option<Behind>,
    limit: usize,
) -> Wanted {
    Wanted {
        unit: given(group).map(|group| ids::group(permit, group)),
        units: kind != Some(Party::User),
        users: kind != Some(Party::Group),
        after,
        limit,
    }
}

/// Where a page begins, as its marker holds it.
pub(crate) fn spell(behind: Behind) -> String {
    match behind {
        Behind::Unit(number) => format!("g{number}"),
        Behind::Units => "g".to_owned(),
        Behind::User(number) => format!("u{number}"),
    }
}

/// The place that a marker holds.
pub(crate) fn read(text: &str) -> Option<Behind> {
    if text == "g" {
        return Some(Behind::Units);
    }
    let (kind, number) = text.split_at_checked(1)?;
    let number = ids::key(number)?;
    match kind {
        "g" => Some(Behind::Unit(number)),
        "u" => Some(Behind::User(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::Number;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_spelled() {
        for behind in [Behind::Unit(Number(7)), Behind::Units, Behind::User(Number(445_412_966_400_677))] {
            assert_eq!(read(&spell(behind)), Some(behind));
        }
        for text in ["", "u", "7", "x7", "u-7", "é7"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
