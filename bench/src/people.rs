//! People who do not exist: the same ones for the same number, every time.

use directory::users::NewUser;
use directory::{Called, Named, Thing};
use model::text::{DisplayName, Email, ExternalId, Line, Phone, Username};
use model::user::OwnerType;
use model::{Handle, Id};

use crate::company::{self, Company};
use crate::load::Places;

const FIRST: [&str; 24] = [
    "alice", "bob", "carol", "david", "emma", "frank", "grace", "henry", "irene", "jason", "karen", "liam",
    "maria", "nathan", "olivia", "peter", "quinn", "rachel", "samson", "teresa", "ulrich", "violet",
    "william", "yvonne",
];
const LAST: [&str; 16] = [
    "smith", "johnson", "brown", "taylor", "anderson", "wilson", "clark", "lewis", "walker", "young", "king",
    "wright", "baker", "mitchell", "turner", "cooper",
];
/// Surnames as often as they are met: a few stand for many people.
const SURNAMES: [(&str, u64); 12] = [
    ("王", 71),
    ("李", 70),
    ("张", 65),
    ("刘", 52),
    ("陈", 44),
    ("杨", 30),
    ("黄", 22),
    ("赵", 21),
    ("周", 20),
    ("吴", 19),
    ("欧阳", 3),
    ("龘", 1),
];
const GIVEN: [&str; 20] = [
    "伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "霞", "平",
];
/// The most characters that eds-user takes for a username.
const LONGEST: usize = 24;
const DOMAINS: [(&str, u64); 3] = [("example.com", 70), ("mail.example.org", 20), ("corp.example.net", 10)];

/// A number that looks random and is the same for the same input.
pub(crate) fn mix(mut n: u64) -> u64 {
    n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

fn pick<'a>(list: &[&'a str], n: u64) -> &'a str {
    list[usize::try_from(n % list.len() as u64).expect("below the length")]
}

fn weighted(list: &[(&'static str, u64)], n: u64) -> &'static str {
    let all: u64 = list.iter().map(|(_, weight)| weight).sum();
    let mut left = n % all;
    for (name, weight) in list {
        if left < *weight {
            return name;
        }
        left -= weight;
    }
    unreachable!("the rest is below the sum of all weights")
}

/// The username of person `n`, at most 24 characters.
pub(crate) fn username(n: u64) -> String {
    let (site, number) = (company::site(n).of_usernames(), n.to_string());
    let mut name = name(n);
    name.truncate(LONGEST.saturating_sub(site.len() + number.len()));
    format!("{site}{name}{number}")
}

fn name(n: u64) -> String {
    let r = mix(n);
    let mut name = format!("{}_{}", pick(&FIRST, r), pick(&LAST, r >> 8));
    name.truncate(16);
    name
}

/// The e-mail address of person `n`: three in ten have a Chinese local part.
pub(crate) fn email(n: u64) -> String {
    let r = mix(n);
    let domain = weighted(&DOMAINS, r >> 24);
    let local = if is_chinese(n) { chinese(r) } else { name(n) };
    format!("{local}{n}@{domain}")
}

/// The telephone number of person `n`, without its region; nobody else's below a thousand million people.
pub(crate) fn phone(n: u64) -> String {
    const ALL: u64 = 1_000_000_000;
    format!("13{:09}", n % ALL * 618_033_989 % ALL)
}

/// What another system calls person `n`, if one does.
pub(crate) fn external_id(n: u64) -> Option<String> {
    company::is_called_elsewhere(n).then(|| format!("E{n:07}"))
}

fn is_chinese(n: u64) -> bool {
    mix(n) >> 40 & 0xFF < 77
}

fn chinese(r: u64) -> String {
    format!("{}{}", weighted(&SURNAMES, r >> 12), pick(&GIVEN, r >> 20))
}

/// Person `n` of a company, whose units and groups have these ids.
pub(crate) fn person(n: u64, company: Company, places: &Places) -> NewUser {
    let r = mix(n);
    let name =
        if is_chinese(n) { chinese(r) } else { format!("{} {}", pick(&FIRST, r), pick(&LAST, r >> 8)) };
    let display = format!("{}{name}", company::site(n).of_display_names());
    NewUser {
        display_name: DisplayName::new(display).expect("a short line"),
        email: Email::new(email(n)).expect("a short line"),
        phone: Some(Phone {
            region: Line::new(company::region(n)).expect("few digits"),
            number: Line::new(phone(n)).expect("eleven digits"),
        }),
        claims_contact: company::claims_contact(n),
        external_id: external_id(n).map(called),
        owner_type: if company::is_managed(n) { OwnerType::CreateFromManager } else { OwnerType::Normal },
        unit: Some(named(places.units[company.unit(n).index()])),
        groups: company::groups(n).into_iter().map(|group| named(places.groups[group])).collect(),
        ..NewUser::named(Username::new(username(n)).expect("letters and digits"))
    }
}

fn called(text: String) -> Called {
    Called { text: ExternalId::new(text).expect("a short line"), means: None }
}

fn named(id: Id) -> Named {
    Named { thing: Some(Thing::Handle(Handle::Whole(id))), text: String::new() }
}
