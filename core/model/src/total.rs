//! What is counted with each change, so that a total is read and not made.

use crate::id::Number;

/// One kept total of a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Total {
    /// The people; system users are no people.
    People,
    /// The people whose account is shut by what is stored, as of the last look at the clock.
    Shut,
    /// Users with the role superadmin who can act: enabled, not locked, without a time at which they lock.
    Superadmins,
    /// The people of one unit, primary or further.
    Unit(Number),
    /// The people of one group.
    Group(Number),
    /// The units below the root.
    Units,
    /// The groups.
    Groups,
    /// The people whom the administrator activates.
    Managed,
    /// The people who have any value of a property.
    Property(Number),
    /// The people whom an administrator has disabled.
    Disabled,
    /// The people with a number of this region: its digits behind a 1.
    Region(i64),
    /// The people who have one value of a property.
    Item(Number),
    /// The bytes that drives are known to hold.
    UsedBytes,
}

impl Total {
    /// Of the people with a number of this region; `None` where the region is not 1 to 6 digits.
    pub fn of_region(region: &str) -> Option<Self> {
        let is_region = (1..=6).contains(&region.len()) && region.bytes().all(|b| b.is_ascii_digit());
        is_region.then(|| format!("1{region}").parse().ok().map(Self::Region)).flatten()
    }

    /// The two columns that it is stored under.
    pub const fn columns(self) -> (i64, i64) {
        match self {
            Self::People => (1, 0),
            Self::Shut => (2, 0),
            Self::Superadmins => (3, 0),
            Self::Unit(number) => (4, number.0),
            Self::Group(number) => (5, number.0),
            Self::Units => (6, 0),
            Self::Groups => (7, 0),
            Self::Managed => (10, 0),
            Self::Disabled => (11, 0),
            Self::Region(code) => (12, code),
            Self::UsedBytes => (13, 0),
            Self::Property(number) => (8, number.0),
            Self::Item(number) => (9, number.0),
        }
    }
}
