//! Writing events down, in the transactions of the changes that they tell of.

use std::borrow::Cow;
use std::fmt::Write as _;

use model::Id;
use model::event::Event;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::{Tx, events};

use super::chain::{self, Covered};
use crate::caller::Denied;
use crate::change::{Change, Failure, Tools};
use crate::guesses::denied_key;
use crate::keyring::Keyring;
use crate::permit::{Permit, Scope};

/// Bytes of a text in an event's facts; of longer ones the digest is kept.
const LONGEST: usize = 4_096;

/// Adds an event to the audit trail. Its id is to be queued.
pub(crate) async fn keep(
    tx: &mut Tx,
    (tools, keyring): (&Tools, &Keyring),
    permit: &Permit,
    (id, event): (Id, &Event),
) -> Result<(), store::Error> {
    let [before, after] = [&event.before, &event.after].map(|facts| facts.as_deref().map(shortened));
    let salt = format!("{:032x}", tools.ids.salt());
    let digest = digest(&salt, Some(&event.name), before.as_deref(), after.as_deref());
    let circumstances = permit.circumstances();
    let directory = match permit.scope() {
        Scope::Directory(directory) => Some(directory.key.number),
        Scope::Account(_) => None,
    };
    let principal = permit.acts_as();
    let mac = chain::event(
        keyring,
        &Covered {
            id: &id.digits(),
            account: permit.account().0,
            directory: directory.map(|number| number.0),
            at: permit.at().0,
            what: event.what,
            subject: &event.subject,
            door: circumstances.door,
            principal: &principal,
            access_key: &circumstances.access_key,
            source: &circumstances.source,
            request: &circumstances.request,
            digest: &digest,
        },
    );
    let record = events::Record {
        id,
        account: permit.account(),
        directory,
        at: permit.at(),
        door: circumstances.door,
        principal: &principal,
        access_key: &circumstances.access_key,
        source: &circumstances.source,
        request: &circumstances.request,
        what: event.what,
        subject: &event.subject,
        name: &event.name,
        before: before.as_deref(),
        after: after.as_deref(),
        digest: &digest,
        salt: &salt,
        mac: &mac,
    };
    events::insert(tx, &record).await
}

/// Lets events that were added wait for their seal.
pub(crate) async fn queue(tx: &mut Tx, events: &[Id]) -> Result<(), store::Error> {
    events::queue(tx, events).await
}

/// SHA-256 over the salt and what an event was about, each with its length and with whether there is any, as hexadecimal
/// digits.
pub(super) fn digest(salt: &str, name: Option<&str>, before: Option<&str>, after: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [Some(salt), name, before, after] {
        let bytes = part.unwrap_or_default().as_bytes();
        hash.update([u8::from(part.is_some())]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    digits(&hash.finalize())
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Facts in which each text of more than 4 KiB is replaced by its length and digest.
fn shortened(facts: &str) -> Cow<'_, str> {
    if facts.len() <= LONGEST {
        return Cow::Borrowed(facts);
    }
    match serde_json::from_str(facts) {
        Ok(mut value) => {
            shorten(&mut value);
            Cow::Owned(value.to_string())
        }
        Err(_) => Cow::Owned(Value::from(brief(facts)).to_string()),
    }
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST => *text = brief(text),
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn brief(text: &str) -> String {
    format!("{} bytes, sha256:{}", text.len(), digits(&Sha256::digest(text.as_bytes())))
}

/// Records that somebody with an AccessKey was refused, in a change of its own; unless there were too many of these in
/// this minute, which are counted and told of by the sweep.
///
/// # Errors
/// Of the store. The call is refused in any case.
pub async fn refused(mut change: Change, permit: &Permit, denied: &Denied) -> Result<(), Failure> {
    if !change.tools().guesses.is_refusal_named(permit.account(), &denied.principal, permit.at()) {
        return Ok(());
    }
    change.record(Event::access_refused(&denied.principal.to_string(), denied.action));
    let committed = change.commit(permit).await;
    if committed.is_err() {
        // Not by name any more, then; but counted.
        let key = denied_key(permit.account(), &denied.principal);
        change.tools().guesses.keep_refusals([(key, 1)]);
    }
    committed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_enter_as_digests() {
        let long = "长".repeat(1_366);
        let facts = serde_json::json!({ "a": &long, "b": [{ "c": &long }, "short"], "d": 1 }).to_string();

        let kept: Value = serde_json::from_str(&shortened(&facts)).expect("it stays JSON");
        let expected = format!("4098 bytes, sha256:{}", digits(&Sha256::digest(long.as_bytes())));
        assert_eq!(kept, serde_json::json!({ "a": expected, "b": [{ "c": expected }, "short"], "d": 1 }));

        let just = serde_json::json!({ "a": "x".repeat(LONGEST), "b": "y".repeat(LONGEST) }).to_string();
        assert_eq!(serde_json::from_str::<Value>(&shortened(&just)).expect("JSON").to_string(), just);
        assert!(shortened(&"x".repeat(5_000)).starts_with("\"5000 bytes"));
    }

    #[test]
    fn a_digest_covers_each_fact_and_its_absence() {
        let all = [
            digest("s", Some("n"), Some("b"), Some("a")),
            digest("t", Some("n"), Some("b"), Some("a")),
            digest("s", Some("nb"), Some(""), Some("a")),
            digest("s", Some("n"), None, Some("ba")),
            digest("s", Some("n"), Some(""), Some("ba")),
            digest("s", Some("n"), Some("a"), Some("b")),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{at}");
        }
    }
}
