//! What a form has shown of what people may change, so that it is known later who has changed what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes that are kept of a digest. It tells apart what one form shows and what is there later.
const KEPT: usize = 8;

/// What a form has shown: a digest of the texts of each field, by its name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Seen(BTreeMap<String, String>);

/// A field of a form.
#[derive(Debug)]
pub(crate) struct Field {
    /// What it is called in the form.
    pub(crate) name: String,
    /// What the form says, where one was sent.
    pub(crate) typed: Vec<String>,
    /// What is there now.
    pub(crate) now: Vec<String>,
}

/// What has become of a field since the form was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The person has left it as it was, or was not shown it.
    Left,
    /// The person has changed it.
    Changed,
    /// So has somebody else meanwhile.
    Overtaken,
}

impl Seen {
    /// What a form carries; nothing where it is none of ours.
    pub(crate) fn read(carried: Option<&str>) -> Self {
        carried.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// That a form shows these fields as they are now.
    pub(crate) fn of(fields: &[Field]) -> Self {
        Self(fields.iter().map(|field| (field.name.clone(), digest(&field.now))).collect())
    }

    /// What its form carries.
    pub(crate) fn carried(&self) -> String {
        serde_json::to_string(self).expect("texts by texts")
    }

    /// What has become of a field.
    pub(crate) fn fate(&self, field: &Field) -> Fate {
        let Some(seen) = self.0.get(&field.name) else { return Fate::Left };
        if *seen == digest(&field.typed) || field.typed == field.now {
            Fate::Left
        } else if *seen == digest(&field.now) {
            Fate::Changed
        } else {
            Fate::Overtaken
        }
    }

    /// Whether somebody else has changed what the person has changed, or has taken a field away that was shown.
    pub(crate) fn is_overtaken(&self, fields: &[Field]) -> bool {
        let is_gone = |name: &String| fields.iter().all(|field| field.name != *name);
        self.0.keys().any(is_gone) || fields.iter().any(|field| self.fate(field) == Fate::Overtaken)
    }
}

impl Field {
    /// What the form shows that comes back: what the person has changed, and all else as it is now.
    pub(crate) fn shown(&self, seen: &Seen) -> &[String] {
        if seen.fate(self) == Fate::Changed { &self.typed } else { &self.now }
    }
}

fn digest(texts: &[String]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().iter().take(KEPT).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(typed: &[&str], now: &[&str]) -> Field {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Field { name: "f".to_owned(), typed: texts(typed), now: texts(now) }
    }

    #[test]
    fn a_field_is_left_changed_or_overtaken() {
        let seen = Seen::of(&[field(&[], &["a"])]);
        let seen = Seen::read(Some(&seen.carried()));
        for (typed, now, fate, shown) in [
            (["a"].as_slice(), ["a"].as_slice(), Fate::Left, ["a"].as_slice()),
            (&["a"], &["b"], Fate::Left, &["b"]),
            (&["b"], &["b"], Fate::Left, &["b"]),
            (&["b"], &["a"], Fate::Changed, &["b"]),
            (&[], &["a"], Fate::Changed, &[]),
            (&["b"], &["c"], Fate::Overtaken, &["c"]),
            (&["b"], &[], Fate::Overtaken, &[]),
        ] {
            let field = field(typed, now);
            assert_eq!(seen.fate(&field), fate, "{typed:?} {now:?}");
            assert_eq!(field.shown(&seen), shown, "{typed:?} {now:?}");
            assert_eq!(seen.is_overtaken(&[field]), fate == Fate::Overtaken, "{typed:?} {now:?}");
        }
        assert!(seen.is_overtaken(&[]), "it is gone");
        // What was not shown is not changed either.
        assert_eq!(Seen::read(Some("x")).fate(&field(&["b"], &["a"])), Fate::Left);
        assert_eq!(Seen::read(None).fate(&field(&["b"], &["a"])), Fate::Left);
    }

    #[test]
    fn texts_are_not_taken_for_others_that_join_alike() {
        let all = [&[][..], &[""], &["ab"], &["a", "b"], &["", "ab"], &["ab", ""]];
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                assert_ne!(
                    digest(&field(one, &[]).typed),
                    digest(&field(other, &[]).typed),
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
