//! Reading the audit trail: by time, by subject, and in the order of the chain.

use model::time::DAY;
use model::{AccountUid, Id, Millis, Number};
use rand::CryptoRng;
use serde::Serialize;
use serde_json::value::RawValue;
use store::events::{self, Entry};
use store::seals;

use crate::change::Tools;
use crate::keyring::Place;

/// Events that are read together.
const WINDOW: i64 = 500;

/// How far an id is behind its event at most, in milliseconds.
const SET_BACK: i64 = DAY;

/// What an event must be to be shown. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not before.
    pub from: Option<Millis>,
    /// Before.
    pub until: Option<Millis>,
    /// What happened, `user.created`; `user.*` is all that begins so.
    pub what: Option<String>,
    /// On what.
    pub subject: Option<String>,
    /// Who.
    pub principal: Option<String>,
    /// By which AccessKey.
    pub access_key: Option<String>,
    /// In which request.
    pub request: Option<String>,
    /// In which account.
    pub account: Option<AccountUid>,
    /// In which directory.
    pub directory: Option<Number>,
}

/// Some events, of which those that do not fit were left out, and where to go on; `None` at the end.
#[derive(Debug)]
pub struct Window<P> {
    /// Those that fit, each with its number in the chain where it is sealed.
    pub events: Vec<(Entry, Option<i64>)>,
    /// Where to go on.
    pub next: Option<P>,
}

impl Filter {
    /// Whether an event fits.
    pub fn fits(&self, entry: &Entry) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        let happened = self.what.as_ref().is_none_or(|what| match what.strip_suffix('*') {
            Some(beginning) => entry.what.starts_with(beginning),
            None => entry.what == *what,
        });
        happened
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at < until)
            && is(&self.subject, &entry.subject)
            && is(&self.principal, &entry.principal)
            && is(&self.access_key, &entry.access_key)
            && is(&self.request, &entry.request)
            && self.account.is_none_or(|account| account == entry.account)
            && self.directory.is_none_or(|directory| Some(directory) == entry.directory)
    }
}

/// Events before `before`, the newest first, in the order of their ids; also those that are not sealed yet.
///
/// An id tells a time that is no earlier than its event's, so the walk ends where ids come to `from`; and no later than a
/// day after it, unless a clock was set back by more, so it begins a day behind `until`.
///
/// # Errors
/// Of the store.
pub async fn newest(
    reader: &mut store::Reader,
    filter: &Filter,
    before: Option<Id>,
) -> Result<Window<Id>, store::Error> {
    let before = before.or_else(|| filter.until.map(|until| Id::first_of(until.plus(SET_BACK))));
    let mut found = events::newest(reader, filter.subject.as_deref(), before, WINDOW).await?;
    let last = found.last().and_then(|(entry, _)| Id::from_digits(&entry.id));
    let is_past = |id: &Id| filter.from.is_some_and(|from| id.instant() < from);
    let next = last.filter(|id| found.len() as i64 == WINDOW && !is_past(id));
    found.retain(|(entry, _)| filter.fits(entry));
    Ok(Window { events: found, next })
}

/// Sealed events after the number `after`, in the order of the chain.
///
/// # Errors
/// Of the store.
pub async fn sealed_after(
    reader: &mut store::Reader,
    filter: &Filter,
    after: i64,
) -> Result<Window<i64>, store::Error> {
    let page = seals::page(reader, filter.account, after, WINDOW).await?;
    let next = page.last().map(|(seal, _)| seal.n);
    let there = page.into_iter().filter_map(|(seal, entry)| Some((entry?, Some(seal.n))));
    Ok(Window { events: there.filter(|(entry, _)| filter.fits(entry)).collect(), next })
}

/// The number behind which all sealed events lie that are not before `from`: what was sealed a day before it and
/// earlier is left out, by whole segments.
///
/// # Errors
/// Of the store.
pub async fn beginning(reader: &mut store::Reader, from: Millis) -> Result<i64, store::Error> {
    let first = seals::first_since(reader, from.plus(-SET_BACK)).await?;
    Ok(first.map_or(0, |first| first.saturating_sub(1)))
}

/// One event, and its number in the chain where it is sealed.
///
/// # Errors
/// Of the store.
pub async fn find(reader: &mut store::Reader, id: Id) -> Result<Option<(Entry, Option<i64>)>, store::Error> {
    events::find(reader, id).await
}

/// An event as one line of JSON.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    id: &'a str,
    at: String,
    account: String,
    domain: Option<String>,
    what: &'a str,
    subject: &'a str,
    name: Option<&'a str>,
    door: &'a str,
    principal: &'a str,
    access_key: Option<&'a str>,
    source: &'a str,
    request: &'a str,
    before: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
    /// The event that has erased name, before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<&'a str>,
    /// Its number in the chain: for who sees the whole of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    /// Where to go on behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

impl<'a> Line<'a> {
    /// The line of an event.
    pub fn of(entry: &'a Entry) -> Self {
        let facts = entry.facts.as_ref();
        // A text that was put in by hand may be laid out over several lines, of which one could pass for an event.
        let json = |text: Option<&'a String>| {
            let text = text.filter(|text| !text.contains(['\n', '\r']))?;
            serde_json::from_str(text).ok()
        };
        Self {
            id: &entry.id,
            at: entry.at.to_string(),
            account: format!("{:016}", entry.account.0),
            domain: entry.directory.map(Number::domain),
            what: &entry.what,
            subject: &entry.subject,
            name: facts.and_then(|facts| facts.name.as_deref()),
            door: &entry.door,
            principal: &entry.principal,
            access_key: Some(entry.access_key.as_str()).filter(|key| !key.is_empty()),
            source: &entry.source,
            request: &entry.request,
            before: json(facts.and_then(|facts| facts.before.as_ref())),
            after: json(facts.and_then(|facts| facts.after.as_ref())),
            erased: facts.and_then(|facts| facts.erased.as_deref()),
            number: None,
            cursor: None,
        }
    }

    /// The same with its number in the chain.
    #[must_use]
    pub fn numbered(self, n: Option<i64>) -> Self {
        Self { number: n, ..self }
    }

    /// The same with where to go on.
    #[must_use]
    pub fn followed(self, cursor: String) -> Self {
        Self { cursor: Some(cursor), ..self }
    }

    /// The text, without an end of line.
    pub fn text(&self) -> String {
        plain(serde_json::to_string(self).expect("a line is a plain struct with text keys"))
    }

    /// The text, laid out over several lines for a person.
    pub fn laid_out(&self) -> String {
        plain(serde_json::to_string_pretty(self).expect("a line is a plain struct with text keys"))
    }
}

/// JSON in which no character acts on a terminal: those that JSON leaves as they are get its escapes. They stand in texts
/// alone.
fn plain(json: String) -> String {
    let acts = |c: char| c != '\n' && c.is_control();
    if !json.contains(acts) {
        return json;
    }
    let escaped = |c: char| if acts(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    json.chars().map(escaped).collect()
}

/// A text out of the database for a terminal: nothing in it acts there, or begins another line.
pub fn shown(text: &str) -> String {
    text.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"")
}

/// Where an account goes on behind the event with this number. It is sealed, whatever the number in as many letters: it
/// would tell how much others do.
pub fn cursor(tools: &Tools, account: AccountUid, n: i64, chance: &mut dyn CryptoRng) -> String {
    let row = account.0.to_string();
    tools.keys.now().seal(cursors(&row), &n.to_be_bytes(), chance)
}

/// The number behind which a cursor leads on; `None` where it is none of this account's.
pub fn place(tools: &Tools, account: AccountUid, cursor: &str) -> Option<i64> {
    let row = account.0.to_string();
    let opened = tools.keys.now().unseal(cursors(&row), cursor).ok()?;
    opened.reveal().try_into().ok().map(i64::from_be_bytes)
}

fn cursors(row: &str) -> Place<'_> {
    Place { table: "seals", row, column: "n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_out_of_the_database_acts_on_a_terminal() {
        for (text, expected) in [
            ("Zoë O'Brien \"z\"", "Zoë O'Brien \"z\""),
            ("x\u{1b}[2J\nthe audit trail is whole", "x\\u{1b}[2J\\nthe audit trail is whole"),
            ("a\u{9b}b\u{202e}c", "a\\u{9b}b\\u{202e}c"),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(plain("{\"a\":\"\u{9b}é\"}".to_owned()), "{\"a\":\"\\u009bé\"}");
    }
}
