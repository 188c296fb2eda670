//! The company that does not exist: its tree of units, and which person is where and has what.
//!
//! Half of the departments were imported one after the other, so that their people have consecutive numbers; the
//! people of the other half came mixed. Real directories look like both, and the two do not cost the same.

use crate::people::mix;

/// Units of the first level.
const DEPARTMENTS: usize = 10;
/// The first ones of these were imported.
const IMPORTED: usize = 5;
/// Units below each department.
const SECTIONS: usize = 20;
/// All units but the root; those that are neither department nor section are teams below sections.
pub(crate) const UNITS: usize = 2_000;
const TEAMS: usize = UNITS - DEPARTMENTS - DEPARTMENTS * SECTIONS;

/// Groups, of which everybody is in three.
pub(crate) const GROUPS: usize = 50;

/// Properties with the number of users of whom one has a value.
pub(crate) const PROPERTIES: [(&str, u64); 3] = [("City", 1), ("Skill", 10), ("Badge", 1_000)];
/// Values of each property.
pub(crate) const VALUES: usize = 5;

/// Regions of numbers abroad.
const ABROAD: [&str; 4] = ["852", "1", "65", "44"];

/// Where people work: their names begin with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// One in ten: at a supplier.
    Outside,
    /// Every second one.
    Headquarters,
    /// The others, whose names begin with nothing.
    Elsewhere,
}

impl Site {
    /// What usernames begin with.
    pub(crate) const fn of_usernames(self) -> &'static str {
        match self {
            Self::Outside => "x_",
            Self::Headquarters => "hq_",
            Self::Elsewhere => "",
        }
    }

    /// What display names begin with.
    pub(crate) const fn of_display_names(self) -> &'static str {
        match self {
            Self::Outside => "外部 ",
            Self::Headquarters => "总部 ",
            Self::Elsewhere => "",
        }
    }
}

/// A company by the number of its people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Company {
    users: u64,
}

/// A unit of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// By its number.
    Department(usize),
    /// By its number among all sections.
    Section(usize),
    /// By its number among all teams.
    Team(usize),
}

impl Unit {
    /// Every unit, those above before those below.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let departments = (0..DEPARTMENTS).map(Self::Department);
        let sections = (0..DEPARTMENTS * SECTIONS).map(Self::Section);
        departments.chain(sections).chain((0..TEAMS).map(Self::Team))
    }

    /// Its number among all units.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Department(n) => n,
            Self::Section(n) => DEPARTMENTS + n,
            Self::Team(n) => DEPARTMENTS + DEPARTMENTS * SECTIONS + n,
        }
    }

    /// The unit above it; none for departments, which are below the root.
    pub(crate) fn parent(self) -> Option<Self> {
        match self {
            Self::Department(_) => None,
            Self::Section(n) => Some(Self::Department(n / SECTIONS)),
            Self::Team(n) => Some(Self::Section(n % (DEPARTMENTS * SECTIONS))),
        }
    }

    /// What it is called, otherwise than its siblings.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Department(n) => format!("部门 {n}"),
            Self::Section(n) => format!("Section {n}"),
            Self::Team(n) => format!("组 {}", n / (DEPARTMENTS * SECTIONS)),
        }
    }

    /// The department whose people came in one import.
    pub(crate) const fn imported() -> Self {
        Self::Department(IMPORTED - 2)
    }

    /// A department whose people came mixed.
    pub(crate) const fn mixed() -> Self {
        Self::Department(DEPARTMENTS - 2)
    }

    /// A section of the mixed department: one person in 240 is in it or below.
    pub(crate) const fn section() -> Self {
        Self::Section((DEPARTMENTS - 2) * SECTIONS + 1)
    }

    /// The first section of the imported department: one person in 93 is in it or below.
    pub(crate) const fn large_section() -> Self {
        Self::Section((IMPORTED - 2) * SECTIONS)
    }

    /// A team of the section.
    pub(crate) const fn team() -> Self {
        Self::Team((DEPARTMENTS - 2) * SECTIONS + 1)
    }
}

impl Company {
    /// The company of so many people.
    pub(crate) fn of(users: u64) -> Self {
        Self { users }
    }

    /// The unit of person `n`: the department itself for one in ten, and else a section or, mostly, a team below it.
    pub(crate) fn unit(self, n: u64) -> Unit {
        let department = if n < self.users / 2 {
            below(IMPORTED, n * DEPARTMENTS as u64 / self.users)
        } else {
            IMPORTED + below(DEPARTMENTS - IMPORTED, roll(n, 1))
        };
        within(department, n)
    }

    /// The further unit of person `n`, which one in 200 has.
    pub(crate) fn further_unit(self, n: u64) -> Option<Unit> {
        let unit = within(below(DEPARTMENTS, roll(n, 5)), n + 1);
        (roll(n, 6).is_multiple_of(200) && unit != self.unit(n)).then_some(unit)
    }
}

fn within(department: usize, n: u64) -> Unit {
    if roll(n, 2).is_multiple_of(10) {
        return Unit::Department(department);
    }
    // The first section of each department is larger than the others.
    let section = match below(100, roll(n, 3)) {
        0..12 => 0,
        place => 1 + place % (SECTIONS - 1),
    };
    let section = department * SECTIONS + section;
    let teams = (TEAMS - section).div_ceil(DEPARTMENTS * SECTIONS);
    match below(4 * teams / 3, roll(n, 4)) {
        team if team < teams => Unit::Team(section + team * DEPARTMENTS * SECTIONS),
        _ => Unit::Section(section),
    }
}

/// The three groups of person `n`.
pub(crate) fn groups(n: u64) -> [usize; 3] {
    let third = GROUPS / 3;
    let first = below(GROUPS, roll(n, 7));
    let second = first + 1 + below(third, roll(n, 8));
    let last = second + 1 + below(third - 1, roll(n, 9));
    [first, second % GROUPS, last % GROUPS]
}

/// The values of person `n`: property and value.
pub(crate) fn values(n: u64) -> impl Iterator<Item = (usize, usize)> {
    PROPERTIES.iter().enumerate().filter_map(move |(property, (_, one_in))| {
        let chance = roll(n, 10 + property as u64);
        chance.is_multiple_of(*one_in).then(|| (property, below(VALUES, chance / one_in)))
    })
}

/// Whether the administrator activates person `n`.
pub(crate) fn is_managed(n: u64) -> bool {
    roll(n, 13).is_multiple_of(50)
}

/// Whether the account of person `n` is locked.
pub(crate) fn is_locked(n: u64) -> bool {
    roll(n, 14).is_multiple_of(100)
}

/// Whether the account of person `n` is disabled.
pub(crate) fn is_disabled(n: u64) -> bool {
    roll(n, 15).is_multiple_of(50)
}

/// Whether the address and the number of person `n` are claimed for this person alone.
pub(crate) fn claims_contact(n: u64) -> bool {
    roll(n, 16).is_multiple_of(2)
}

/// Whether another system has its own name for person `n`.
pub(crate) fn is_called_elsewhere(n: u64) -> bool {
    roll(n, 17).is_multiple_of(10)
}

/// The region of the number of person `n`: abroad for one in 20.
pub(crate) fn region(n: u64) -> &'static str {
    let chance = roll(n, 18);
    if chance.is_multiple_of(20) { ABROAD[below(ABROAD.len(), chance / 20)] } else { "86" }
}

/// Where person `n` works.
pub(crate) fn site(n: u64) -> Site {
    match below(10, roll(n, 19)) {
        0 => Site::Outside,
        1..=5 => Site::Headquarters,
        _ => Site::Elsewhere,
    }
}

/// A number by chance for each question about a person.
fn roll(n: u64, what: u64) -> u64 {
    mix(mix(n) ^ what)
}

fn below(bound: usize, n: u64) -> usize {
    usize::try_from(n % bound as u64).expect("below a bound that is one")
}
