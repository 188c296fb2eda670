//! Verifying the audit trail: every code is made again, in one state of the data, so that others may go on writing.

use std::collections::HashMap;

use model::Id;
use store::events::{self, Entry, Facts};
use store::seals::{self, Seal, Sealed, Segment};
use store::{Reader, Store};

use super::chain::{self, Checked, Head};
use super::erase::covers;
use super::record::digest;
use super::trail::shown;
use crate::keyring::Keyring;

/// Seals that are read together.
const PAGE: i64 = 1_000;
/// What is told of at most; the rest is counted.
const TOLD: usize = 1_000;

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// The sealed events that were looked at.
    pub events: i64,
    /// The events that wait for their seal.
    pub waiting: i64,
    /// The segments whose events are there.
    pub segments: usize,
    /// The segments that were cut off.
    pub cut: usize,
    /// Where the chain has come to.
    pub head: Option<Head>,
    /// What is wrong, each in a line for a person; the first thousand.
    pub wrong: Vec<String>,
    /// How much is wrong.
    pub count: usize,
}

struct Look<'a> {
    reader: Reader,
    keyring: &'a Keyring,
    found: Findings,
    erasures: HashMap<String, Option<Entry>>,
    /// Heads that are still to be met.
    heads: Vec<Head>,
}

/// Looks at the whole trail, and for each of `heads`, which were written down before, whether it still has come by there.
///
/// # Errors
/// Of the store; also where a row holds what cannot be read at all.
pub async fn verify(store: &Store, keyring: &Keyring, heads: &[Head]) -> Result<Findings, store::Error> {
    let reader = store.snapshot().await?;
    let (found, erasures) = (Findings::default(), HashMap::new());
    let mut look = Look { reader, keyring, found, erasures, heads: heads.to_vec() };
    let segments = seals::segments(&mut look.reader).await?;
    look.rows(&segments);
    look.before(&segments).await?;
    for (at, segment) in segments.iter().enumerate() {
        // What a cut left is still to be cleared away.
        if segment.cut.is_none() {
            look.segment(segment, at + 1 == segments.len()).await?;
        }
    }
    look.behind(&segments).await?;
    look.waiting().await?;
    look.heads(&segments);
    for (what, count) in seals::stray(&mut look.reader).await? {
        look.found.tell(format!("{count} {what}"));
    }
    for line in look.reader.triggers().await? {
        look.found.tell(line);
    }
    Ok(look.found)
}

impl Findings {
    /// Notes a line, which may hold texts that somebody has written into the database: none acts on a terminal, or
    /// passes for a line of its own.
    fn tell(&mut self, line: String) {
        self.count += 1;
        if self.wrong.len() < TOLD {
            self.wrong.push(shown(&line));
        }
    }
}

impl Look<'_> {
    fn tell(&mut self, line: String) {
        self.found.tell(line);
    }

    /// Tells where a code is not right.
    fn judge(&mut self, checked: Checked, what: &str) {
        match checked {
            Checked::Right => {}
            Checked::Wrong => self.tell(format!("{what} was altered")),
            Checked::NoKey(key) => {
                self.tell(format!("{what} cannot be verified: key {key} is not in the file of keys"));
            }
        }
    }

    /// The segments by themselves: none is missing, none was altered, each begins where the one before it ended.
    fn rows(&mut self, segments: &[Segment]) {
        let (mut number, mut end, mut link, mut was_there) = (0, 0, String::new(), false);
        for segment in segments {
            let name = format!("segment {}", segment.number);
            self.judge(chain::check_segment(self.keyring, segment), &name);
            if segment.number != after(number) {
                self.tell(format!("the segments before {name} were removed"));
            } else if segment.first != after(end) || segment.previous != link {
                self.tell(format!("{name} does not go on where the one before it ends"));
            }
            if segment.cut.is_some() && was_there {
                self.tell(format!("{name} was cut, and an earlier one was not"));
            }
            (number, end, link) = (segment.number, segment.last, segment.link.clone());
            was_there |= segment.cut.is_none();
            *(if segment.cut.is_some() { &mut self.found.cut } else { &mut self.found.segments }) += 1;
        }
        self.found.head = segments.last().map(|last| Head { n: last.last, link: last.link.clone() });
    }

    /// What lies before the first segment that is there: what a cut has left, which is still to be cleared away. Nothing
    /// else may hide there.
    async fn before(&mut self, segments: &[Segment]) -> Result<(), store::Error> {
        let first =
            segments.iter().find(|segment| segment.cut.is_none()).map_or(i64::MAX, |there| there.first);
        let cut = segments.iter().filter(|segment| segment.cut.is_some()).map(|gone| gone.last).max();
        let mut n = i64::MIN;
        loop {
            let page = seals::page(&mut self.reader, None, n, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            n = last.n;
            for (seal, entry) in page.into_iter().filter(|(seal, _)| seal.n < first) {
                if seal.n <= 0 || cut.is_none_or(|cut| seal.n > cut) {
                    self.tell(format!("event number {} ({}) is in no segment", seal.n, seal.event));
                } else if let Some(entry) = entry {
                    let name =
                        format!("event number {} ({}), of a segment that was cut,", seal.n, seal.event);
                    self.judge(chain::check_event(self.keyring, &entry), &name);
                }
            }
            if n >= first {
                return Ok(());
            }
        }
    }

    /// All events of a segment.
    async fn segment(&mut self, segment: &Segment, is_last: bool) -> Result<(), store::Error> {
        let (mut n, mut previous) = (segment.first.saturating_sub(1), segment.previous.clone());
        while n < segment.last {
            let page =
                seals::page(&mut self.reader, None, n, PAGE.min(segment.last.saturating_sub(n))).await?;
            let page: Vec<Sealed> = page.into_iter().filter(|(seal, _)| seal.n <= segment.last).collect();
            if page.is_empty() {
                self.missing(after(n), segment.last);
                break;
            }
            for (seal, entry) in page {
                if seal.n != after(n) {
                    self.missing(after(n), seal.n.saturating_sub(1));
                }
                self.sealed(segment, &previous, &seal, entry).await?;
                (n, previous) = (seal.n, seal.link);
            }
        }
        if previous != segment.link {
            let which = if is_last { "the trail's end" } else { "its end" };
            self.tell(format!("segment {} does not come to {which}", segment.number));
        }
        Ok(())
    }

    fn missing(&mut self, from: i64, to: i64) {
        self.tell(match to.saturating_sub(from) {
            0 => format!("the seal of event number {from} was removed"),
            _ => format!("the seals of events number {from} to {to} were removed"),
        });
    }

    /// One event at its place.
    async fn sealed(
        &mut self,
        segment: &Segment,
        previous: &str,
        seal: &Seal,
        entry: Option<Entry>,
    ) -> Result<(), store::Error> {
        self.found.events += 1;
        self.pass(seal);
        let name = format!("event number {} ({})", seal.n, seal.event);
        let Some(entry) = entry else {
            self.tell(format!("{name} was removed"));
            return Ok(());
        };
        self.judge(chain::check_event(self.keyring, &entry), &name);
        let made = chain::link(self.keyring, segment, (seal.n, previous), (&entry.id, &entry.mac));
        match made {
            Some(link) if link == seal.link => {}
            Some(_) => self.tell(format!("{name} is not what was sealed there")),
            None => {
                self.tell(format!("{name} cannot be verified: its segment's key is not in the file of keys"))
            }
        }
        if seal.account != entry.account {
            self.tell(format!("{name} is filed under another account"));
        }
        self.facts(&entry, &name).await
    }

    /// What an event was about, or the trace of its erasure.
    async fn facts(&mut self, entry: &Entry, name: &str) -> Result<(), store::Error> {
        let is_right = match &entry.facts {
            None => false,
            Some(Facts { salt: Some(salt), name, before, after, erased: None }) => {
                digest(salt, name.as_deref(), before.as_deref(), after.as_deref()) == entry.digest
            }
            Some(Facts { salt: None, name: None, before: None, after: None, erased: Some(by) }) => {
                self.is_erased(entry, by).await?
            }
            Some(_) => false,
        };
        if !is_right {
            self.tell(format!("what {name} was about was altered, or removed by hand"));
        }
        Ok(())
    }

    async fn is_erased(&mut self, entry: &Entry, by: &str) -> Result<bool, store::Error> {
        if !self.erasures.contains_key(by) {
            let found = match Id::from_digits(by) {
                Some(id) => events::find(&mut self.reader, id).await?.map(|(entry, _)| entry),
                None => None,
            };
            let good = found.filter(|found| chain::check_event(self.keyring, found) == Checked::Right);
            self.erasures.insert(by.to_owned(), good);
        }
        let erasure = self.erasures.get(by).and_then(Option::as_ref);
        Ok(erasure.is_some_and(|erasure| covers(erasure, entry)))
    }

    /// Notes that the chain has come by here.
    fn pass(&mut self, seal: &Seal) {
        let found = &mut self.found;
        self.heads.retain(|head| {
            if head.n == seal.n && head.link != seal.link {
                found.tell(other_then(head));
            }
            head.n != seal.n
        });
    }

    /// Seals behind the last segment, or between two.
    async fn behind(&mut self, segments: &[Segment]) -> Result<(), store::Error> {
        let end = segments.last().map_or(0, |last| last.last);
        let behind = seals::page(&mut self.reader, None, end, 1).await?;
        if let Some((seal, _)) = behind.first() {
            self.tell(format!("seals follow the last segment, from number {} on", seal.n));
        }
        Ok(())
    }

    /// The events that wait for their seal.
    async fn waiting(&mut self) -> Result<(), store::Error> {
        let mut after = String::new();
        loop {
            let page = seals::waiting_page(&mut self.reader, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.clone();
            for entry in &page {
                self.found.waiting += 1;
                let name = format!("event {}, which waits for its seal,", entry.id);
                self.judge(chain::check_event(self.keyring, entry), &name);
                self.facts(entry, &name).await?;
            }
        }
    }

    /// The heads that the chain has not come by.
    fn heads(&mut self, segments: &[Segment]) {
        let end = segments.last().map_or(0, |last| last.last);
        for head in std::mem::take(&mut self.heads) {
            let cut = segments.iter().find(|segment| segment.first <= head.n && head.n <= segment.last);
            match cut.filter(|segment| segment.cut.is_some()) {
                // Of a segment that was cut only its last link is known.
                Some(segment) if head.n == segment.last && head.link != segment.link => {
                    self.tell(other_then(&head));
                }
                Some(_) => {}
                None if head.n > end => {
                    self.tell(format!(
                        "the trail ends at number {end}, and it had come to {}: it was cut off",
                        head.n
                    ));
                }
                // Its seal is missing, which is told of already.
                None => {}
            }
        }
    }
}

/// The number that follows. What somebody has put into a row may be the last one there is.
fn after(n: i64) -> i64 {
    n.saturating_add(1)
}

fn other_then(head: &Head) -> String {
    format!("the trail is another one than it was at {head}: it was begun anew from an old copy, or made up")
}
