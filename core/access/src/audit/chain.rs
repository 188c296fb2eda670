//! The codes of the chain: over an event, over an event's place behind all others, over a segment.
//!
//! Each is half of an HMAC-SHA256 under a key that the database does not hold. Those over events and segments name their
//! key by its number; links are made with their segment's.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use store::events::Entry;
use store::seals::Segment;
use wire::signature::same;

use crate::keyring::{Keyring, Purpose};

/// Hexadecimal digits of a code.
const DIGITS: usize = 32;

/// Where the chain has come to: the number of its last event and its link. It is what proves later that nothing up to
/// there was cut off, so it is written where whoever has the database cannot reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number.
    pub n: i64,
    /// The link.
    pub link: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever has the database may have written anything there.
        write!(f, "{}:{}", self.n, self.link.escape_debug())
    }
}

/// A text is no head of a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no head of the audit trail: write it as the log has it, a number, a colon, and 32 digits")]
pub struct NoHead(String);

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let parts = text.split_once(':').filter(|(_, link)| is_code(link));
        let head = parts.and_then(|(n, link)| Some(Self { n: n.parse().ok()?, link: link.to_owned() }));
        head.filter(|head| head.n > 0).ok_or_else(|| NoHead(text.to_owned()))
    }
}

fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// What became of a code that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// It is the one that the rest makes.
    Right,
    /// It is not.
    Wrong,
    /// The key of this number is not in the file of keys.
    NoKey(u32),
}

/// What the code over an event covers: all columns of its row but the code.
pub(super) struct Covered<'a> {
    pub(super) id: &'a str,
    pub(super) account: i64,
    pub(super) directory: Option<i64>,
    pub(super) at: i64,
    pub(super) what: &'a str,
    pub(super) subject: &'a str,
    pub(super) door: &'a str,
    pub(super) principal: &'a str,
    pub(super) access_key: &'a str,
    pub(super) source: &'a str,
    pub(super) request: &'a str,
    pub(super) digest: &'a str,
}

impl<'a> Covered<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            id: &entry.id,
            account: entry.account.0,
            directory: entry.directory.map(|number| number.0),
            at: entry.at.0,
            what: &entry.what,
            subject: &entry.subject,
            door: &entry.door,
            principal: &entry.principal,
            access_key: &entry.access_key,
            source: &entry.source,
            request: &entry.request,
            digest: &entry.digest,
        }
    }

    /// Its parts, as `look` wants them.
    fn parts<T>(&self, look: impl FnOnce(&[&[u8]]) -> T) -> T {
        let directory = self.directory.map(i64::to_be_bytes);
        look(&[
            b"event",
            self.id.as_bytes(),
            &self.account.to_be_bytes(),
            directory.as_ref().map_or(&[], <[u8; 8]>::as_slice),
            &self.at.to_be_bytes(),
            self.what.as_bytes(),
            self.subject.as_bytes(),
            self.door.as_bytes(),
            self.principal.as_bytes(),
            self.access_key.as_bytes(),
            self.source.as_bytes(),
            self.request.as_bytes(),
            self.digest.as_bytes(),
        ])
    }
}

/// The code over an event, under the key in use.
pub(super) fn event(keyring: &Keyring, covered: &Covered<'_>) -> String {
    covered.parts(|parts| stamp(keyring, parts))
}

/// Looks at the code over an event.
pub(super) fn check_event(keyring: &Keyring, entry: &Entry) -> Checked {
    Covered::of(entry).parts(|parts| check(keyring, &entry.mac, parts))
}

/// The link of the event at `n` in a segment, behind the link `previous`; `None` where the segment's key is not here.
pub(super) fn link(
    keyring: &Keyring,
    segment: &Segment,
    (n, previous): (i64, &str),
    (id, mac): (&str, &str),
) -> Option<String> {
    let key = u32::try_from(segment.key).ok()?;
    let parts: [&[u8]; 6] = [
        b"link",
        &segment.number.to_be_bytes(),
        &n.to_be_bytes(),
        previous.as_bytes(),
        id.as_bytes(),
        mac.as_bytes(),
    ];
    keyring.mac_with(key, Purpose::Audit, &parts).map(|code| digits(&code))
}

/// The code over a segment, under the key in use.
pub(super) fn segment(keyring: &Keyring, segment: &Segment) -> String {
    segment_parts(segment, |parts| stamp(keyring, parts))
}

/// Looks at the code over a segment.
pub(super) fn check_segment(keyring: &Keyring, segment: &Segment) -> Checked {
    segment_parts(segment, |parts| check(keyring, &segment.mac, parts))
}

fn segment_parts<T>(segment: &Segment, look: impl FnOnce(&[&[u8]]) -> T) -> T {
    let [closed, cut] = [segment.closed, segment.cut].map(|at| at.map(|at| at.0.to_be_bytes()));
    look(&[
        b"segment",
        &segment.number.to_be_bytes(),
        &segment.key.to_be_bytes(),
        &segment.first.to_be_bytes(),
        &segment.last.to_be_bytes(),
        segment.previous.as_bytes(),
        segment.link.as_bytes(),
        &segment.begun.0.to_be_bytes(),
        closed.as_ref().map_or(&[], <[u8; 8]>::as_slice),
        cut.as_ref().map_or(&[], <[u8; 8]>::as_slice),
    ])
}

/// A code under the key in use, with its number before it.
fn stamp(keyring: &Keyring, parts: &[&[u8]]) -> String {
    format!("{}:{}", keyring.current(), digits(&keyring.mac(Purpose::Audit, parts)))
}

fn check(keyring: &Keyring, stamped: &str, parts: &[&[u8]]) -> Checked {
    let Some((key, code)) = stamped.split_once(':') else { return Checked::Wrong };
    let Some(key) = key.parse().ok().filter(|n: &u32| n.to_string() == key) else { return Checked::Wrong };
    match keyring.mac_with(key, Purpose::Audit, parts) {
        None => Checked::NoKey(key),
        Some(expected) if same(digits(&expected).as_bytes(), code.as_bytes()) => Checked::Right,
        Some(_) => Checked::Wrong,
    }
}

fn digits(code: &[u8; 32]) -> String {
    code[..DIGITS / 2].iter().fold(String::with_capacity(DIGITS), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use model::{AccountUid, Millis, Number};

    use super::*;

    fn keyring(keys: &[u32]) -> Keyring {
        let line =
            |key: &u32| format!("{key} {}=\n", char::from(b'A' + *key as u8).to_string().repeat(42) + "A");
        Keyring::from_text(&keys.iter().map(line).collect::<String>()).expect("keys of 32 bytes")
    }

    fn entry() -> Entry {
        let mut entry = Entry {
            id: "0".repeat(32),
            account: AccountUid(1),
            directory: Some(Number(2)),
            at: Millis(3),
            what: "user.created".into(),
            subject: "4".into(),
            door: "eds-user".into(),
            principal: "acs:ram::1:root".into(),
            access_key: "LTAI7".into(),
            source: "192.0.2.1".into(),
            request: "5".into(),
            digest: "6".into(),
            mac: String::new(),
            facts: None,
        };
        entry.mac = event(&keyring(&[1]), &Covered::of(&entry));
        entry
    }

    #[test]
    fn a_code_covers_each_column_of_an_event() {
        let (ring, whole) = (keyring(&[1, 2]), entry());
        assert_eq!(check_event(&ring, &whole), Checked::Right);
        assert_eq!(check_event(&keyring(&[2]), &whole), Checked::NoKey(1));

        let altered: [fn(&mut Entry); 17] = [
            |e| e.id.replace_range(..1, "1"),
            |e| e.account.0 += 1,
            |e| e.directory = None,
            |e| e.directory = Some(Number(3)),
            |e| e.at.0 += 1,
            |e| e.what.push('x'),
            |e| e.subject.push('x'),
            |e| e.door.clear(),
            |e| e.principal.push('x'),
            |e| e.access_key.push('x'),
            |e| std::mem::swap(&mut e.principal, &mut e.access_key),
            |e| e.source.push('x'),
            |e| e.request.push('x'),
            |e| e.digest.push('x'),
            |e| std::mem::swap(&mut e.source, &mut e.request),
            |e| e.mac.push('0'),
            |e| e.mac = e.mac.replacen('1', "2", 1),
        ];
        for (at, alter) in altered.iter().enumerate() {
            let mut other = whole.clone();
            alter(&mut other);
            assert_eq!(check_event(&ring, &other), Checked::Wrong, "{at}");
        }
        for mac in ["", ":", "1:", "01:0", "+1:0", "x"] {
            let other = Entry { mac: mac.into(), ..whole.clone() };
            assert_eq!(check_event(&ring, &other), Checked::Wrong, "{mac}");
        }
    }

    #[test]
    fn a_link_is_of_its_place() {
        let ring = keyring(&[1]);
        let segment = Segment {
            number: 1,
            key: 1,
            first: 1,
            last: 1,
            previous: String::new(),
            link: String::new(),
            begun: Millis(0),
            closed: None,
            cut: None,
            mac: String::new(),
        };
        let made = link(&ring, &segment, (1, ""), ("a", "b"));
        let other = Segment { number: 2, ..segment.clone() };
        assert!(made.is_some());
        for another in [
            link(&ring, &segment, (2, ""), ("a", "b")),
            link(&ring, &segment, (1, "0"), ("a", "b")),
            link(&ring, &segment, (1, ""), ("ab", "")),
            link(&ring, &other, (1, ""), ("a", "b")),
        ] {
            assert_ne!(made, another);
        }
        assert_eq!(link(&ring, &Segment { key: 2, ..segment }, (1, ""), ("a", "b")), None);
    }

    #[test]
    fn a_head_has_one_spelling() {
        let text = format!("48213:{}", "9f".repeat(16));
        assert_eq!(text.parse::<Head>().expect("a head").to_string(), text);
        for text in ["", "1", "1:", "0:9f", ":9f", &format!("0:{}", "9f".repeat(16)), &text.to_uppercase()] {
            assert!(text.parse::<Head>().is_err(), "{text}");
        }
    }
}
