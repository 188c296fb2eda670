//! Random documents and requests. The words are few, so that much of what is asked is also spoken of.

use access::ram::Keys;
use model::Millis;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde_json::{Map, Value, json};

const ACTIONS: [&str; 6] = [
    "ecd:DescribeUsers",
    "ecd:CreateUsers",
    "eiam:GetUser",
    "eiam:ListUsers",
    "pds:LinkAccount",
    "sts:AssumeRole",
];
const RESOURCES: [&str; 5] = [
    "*",
    "acs:eiam:cn-hangzhou:1234:instance/a/user/b",
    "acs:eiam:*:1234:instance/a/user/*",
    "acs:ram:*:1234:role/reader",
    "acs:ram::1234:user/名",
];
const PRINCIPALS: [&str; 5] = [
    "acs:ram::1234:root",
    "acs:ram::1234:user/alice",
    "acs:ram::1234:role/reader",
    "acs:ram::12345:user/alice",
    "acs:ram::1234:user/Alice",
];
const STRINGS: [&str; 8] = ["dev", "Dev", "DEV", "ops", "", "d*v", "straße", "d?v"];
const NUMBERS: [&str; 9] = ["0", "-0.0", "10", "10.0", "9", "-9", "-10", "9007199254740993", "0.10"];
const DATES: [&str; 6] = [
    "2026-01-15T08:30:00Z",
    "2026-01-15T16:30:00+08:00",
    "2026-01-15T08:30:00.5Z",
    "2026-01-15T08:29:59-00:00",
    "2024-02-29T23:59:59Z",
    "9999-12-31T23:59:59Z",
];
const TRUTHS: [&str; 3] = ["true", "false", "True"];
const ADDRESSES: [&str; 9] = [
    "10.0.0.1",
    "10.0.0.0/8",
    "10.1.2.3/31",
    "0.0.0.0/0",
    "2001:db8::1",
    "2001:db8::/32",
    "::/0",
    "::ffff:10.0.0.1",
    "::ffff:10.0.0.0/104",
];
const SOURCES: [&str; 5] = ["10.0.0.1", "10.1.2.2", "2001:db8::1", "::ffff:10.0.0.1", "::1"];
const KEYS: [&str; 10] = [
    "acs:CurrentTime",
    "acs:SecureTransport",
    "acs:SourceIp",
    "acs:SourceIP",
    "acs:MFAPresent",
    "acs:PrincipalARN",
    "acs:ResourceTag/team",
    "acs:resourcetag/TEAM",
    "ecd:MaxResults",
    "acs:SourceVpc",
];
const OPERATORS: [(&str, &[&str], &[&str]); 21] = [
    ("StringEquals", &STRINGS, &KEYS),
    ("StringNotEquals", &STRINGS, &KEYS),
    ("StringEqualsIgnoreCase", &STRINGS, &KEYS),
    ("StringNotEqualsIgnoreCase", &STRINGS, &KEYS),
    ("StringLike", &["d*", "?ev", "acs:ram:*alice", "2026-*", "*", "10.*"], &KEYS),
    ("StringNotLike", &["d*", "?ev", "acs:ram:*alice", "2026-*", "*", "10.*"], &KEYS),
    ("NumericEquals", &NUMBERS, &["ecd:MaxResults"]),
    ("NumericNotEquals", &NUMBERS, &["ecd:MaxResults", "acs:SourceIp"]),
    ("NumericLessThan", &NUMBERS, &["ecd:MaxResults"]),
    ("NumericLessThanEquals", &NUMBERS, &["ecd:MaxResults"]),
    ("NumericGreaterThan", &NUMBERS, &["ecd:MaxResults"]),
    ("NumericGreaterThanEquals", &NUMBERS, &["ecd:MaxResults"]),
    ("DateEquals", &DATES, &["acs:CurrentTime"]),
    ("DateNotEquals", &DATES, &["acs:CurrentTime", "ecd:MaxResults"]),
    ("DateLessThan", &DATES, &["acs:CurrentTime", "ecd:MaxResults"]),
    ("DateLessThanEquals", &DATES, &["acs:CurrentTime"]),
    ("DateGreaterThan", &DATES, &["acs:CurrentTime"]),
    ("DateGreaterThanEquals", &DATES, &["acs:CurrentTime"]),
    ("Bool", &TRUTHS, &["acs:SecureTransport", "acs:MFAPresent", "ecd:MaxResults"]),
    ("IpAddress", &ADDRESSES, &["acs:SourceIp", "ecd:MaxResults"]),
    ("NotIpAddress", &ADDRESSES, &["acs:SourceIP", "ecd:MaxResults"]),
];
/// What mutations put into a text.
const PIECES: [&str; 34] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "*",
    "?",
    " ",
    "\\u0000",
    "\\",
    "é",
    "null",
    "true",
    "1",
    "1e9",
    "[]",
    "{}",
    "\"\"",
    "\"*\"",
    "Not",
    "IfExists",
    "Sid",
    "acs:",
    "acs::",
    "ram",
    "root",
    "-",
    ".",
    "/",
    "+",
    "0",
    "\"Effect\":\"Allow\",",
];

fn one<'a>(chance: &mut StdRng, of: &[&'a str]) -> &'a str {
    of.choose(chance).expect("there is one")
}

/// One time in `times`.
fn once_in(chance: &mut StdRng, times: u32) -> bool {
    chance.random_ratio(1, times)
}

/// One value, or an array of up to three.
fn values(chance: &mut StdRng, mut value: impl FnMut(&mut StdRng) -> String) -> Value {
    if once_in(chance, 2) {
        return value(chance).into();
    }
    let most = chance.random_range(1..=3);
    (0..most).map(|_| value(chance)).collect()
}

/// A word of which characters may have become `?`, and a part `*`; now and then one with `?` among about as many
/// characters as may stand between two `*`.
fn pattern(chance: &mut StdRng, of: &[&str]) -> String {
    let mut letters: Vec<char> = one(chance, of).chars().collect();
    if once_in(chance, 2) {
        let from = chance.random_range(4.min(letters.len())..=letters.len());
        let to = chance.random_range(from..=letters.len());
        letters.splice(from..to, ['*']);
    }
    for letter in letters.iter_mut().skip(4) {
        if once_in(chance, 24) {
            *letter = '?';
        }
    }
    let mut pattern: String = letters.into_iter().collect();
    if once_in(chance, 48) {
        let length = chance.random_range(60..=66);
        pattern.push_str(&format!("*?{}", "e".repeat(length)));
        pattern.push_str(one(chance, &["*", "*s", ""]));
    }
    pattern
}

fn condition(chance: &mut StdRng) -> Value {
    let mut operators = Map::new();
    for _ in 0..chance.random_range(0..=2) {
        let (operator, possible, possible_keys) = OPERATORS.choose(chance).expect("there is one");
        let mut keys = Map::new();
        for _ in 0..chance.random_range(1..=2) {
            let key = one(chance, possible_keys);
            let value = |chance: &mut StdRng| match *operator {
                "StringLike" | "StringNotLike" if once_in(chance, 4) => pattern(chance, possible),
                _ => one(chance, possible).to_owned(),
            };
            keys.insert(key.to_owned(), values(chance, value));
        }
        operators.insert((*operator).to_owned(), keys.into());
    }
    operators.into()
}

fn statement(chance: &mut StdRng) -> Map<String, Value> {
    let mut statement = Map::new();
    statement.insert("Effect".into(), one(chance, &["Allow", "Allow", "Deny"]).into());
    let action = if once_in(chance, 6) { "NotAction" } else { "Action" };
    let actions =
        |chance: &mut StdRng| if once_in(chance, 4) { "*".into() } else { pattern(chance, &ACTIONS) };
    statement.insert(action.into(), values(chance, actions));
    if once_in(chance, 2) {
        statement.insert("Condition".into(), condition(chance));
    }
    statement
}

/// A document whose statements each got something more.
fn document(chance: &mut StdRng, mut more: impl FnMut(&mut StdRng, &mut Map<String, Value>)) -> String {
    let mut statements = Vec::new();
    for _ in 0..chance.random_range(0..=4) {
        let mut statement = statement(chance);
        more(chance, &mut statement);
        statements.push(Value::from(statement));
    }
    let text = json!({"Version": "1", "Statement": statements}).to_string();
    if once_in(chance, 2) { text } else { mutated(chance, text) }
}

/// A policy, of which every second one is spoiled or at least changed.
pub(crate) fn policy(chance: &mut StdRng) -> String {
    document(chance, |chance, statement| {
        let resource = if once_in(chance, 6) { "NotResource" } else { "Resource" };
        let resources =
            |chance: &mut StdRng| if once_in(chance, 2) { "*".into() } else { pattern(chance, &RESOURCES) };
        statement.insert(resource.into(), values(chance, resources));
    })
}

/// A trust policy, likewise.
pub(crate) fn trust(chance: &mut StdRng) -> String {
    document(chance, |chance, statement| {
        let mut kinds = Map::new();
        for (kind, names) in [("RAM", &PRINCIPALS[..]), ("Service", &["ecs.aliyuncs.com"])] {
            if !once_in(chance, 4) {
                kinds.insert(kind.into(), values(chance, |chance| one(chance, names).to_owned()));
            }
        }
        statement.insert("Principal".into(), kinds.into());
    })
}

/// The text with one to three pieces taken out, put in, or brought from elsewhere in it.
fn mutated(chance: &mut StdRng, mut text: String) -> String {
    for _ in 0..chance.random_range(1..=3) {
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let from = chance.random_range(0..cuts.len());
        let to = (from + chance.random_range(0..=12)).min(cuts.len() - 1);
        let piece = match chance.random_range(0..4) {
            0 => String::new(),
            1 => text[cuts[from]..cuts[to]].repeat(2),
            2 => one(chance, &PIECES).to_owned(),
            _ => {
                let other = chance.random_range(0..cuts.len());
                text[cuts[other]..cuts[(other + 30).min(cuts.len() - 1)]].to_owned()
            }
        };
        let to = if once_in(chance, 2) { from } else { to };
        text.replace_range(cuts[from]..cuts[to], &piece);
    }
    text
}

/// An action in any case.
pub(crate) fn action(chance: &mut StdRng) -> String {
    let action = one(chance, &ACTIONS);
    if once_in(chance, 4) { action.to_ascii_uppercase() } else { action.to_owned() }
}

/// None to three resources.
pub(crate) fn resources(chance: &mut StdRng) -> Vec<String> {
    (0..chance.random_range(0..=3)).map(|_| one(chance, &RESOURCES).to_owned()).collect()
}

/// What the request says of itself.
pub(crate) fn keys(chance: &mut StdRng) -> Keys {
    const INSTANT: i64 = 1_768_465_800_000;
    let values = [&STRINGS[..], &NUMBERS, &DATES, &TRUTHS, &ADDRESSES, &["many", "+1", "10.0.0.256"]];
    let mut more = Vec::new();
    for key in
        ["acs:ResourceTag/team", "ACS:resourcetag/TEAM", "ecd:maxresults", "acs:SourceVpc", "acs:SourceIp"]
    {
        if once_in(chance, 2) {
            let kind = values.choose(chance).expect("there is one");
            let value = one(chance, kind);
            more.push((key.to_owned(), value.to_owned()));
        }
    }
    Keys {
        now: Millis(INSTANT + i64::from(chance.next_u32() % 4) * 500 - 1_000),
        source: (!once_in(chance, 4)).then(|| one(chance, &SOURCES).parse().expect("an address")),
        secure: once_in(chance, 2),
        mfa: (!once_in(chance, 2)).then(|| once_in(chance, 2)),
        principal: one(chance, &PRINCIPALS).to_owned(),
        more,
    }
}
