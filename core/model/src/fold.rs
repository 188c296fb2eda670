//! One fold for everything that is compared or searched: NFKC, case folding, trim.
//!
//! Source: `reference/doors.md` §0.4.

use std::fmt;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;

/// Text as it is compared and searched.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Folded(String);

impl Folded {
    /// Folds `text`.
    pub fn of(text: &str) -> Self {
        if text.contains('\0') {
            // No stored text holds NUL, and not every engine can be asked for one.
            return Self::of(&text.replace('\0', "\u{fffd}"));
        }
        if text.is_ascii() {
            return Self(text.trim().to_ascii_lowercase());
        }
        // Folding case may leave a text that is not normal any more, and the other way about: twice is enough.
        let once = pass(text);
        let twice = pass(&once);
        Self(twice.trim().to_owned())
    }

    /// What lies folded in a row.
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing was left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn pass(text: &str) -> String {
    let normalizer = ComposingNormalizer::new_nfkc();
    let normal = normalizer.normalize(text);
    normalizer.normalize(&CaseMapper::new().fold_string(&normal)).into_owned()
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_people_take_for_one_fold_alike() {
        let cases = [
            ("Alice", "alice"),
            ("  Alice ", "alice"),
            ("ＡＬＩＣＥ", "alice"),
            ("STRASSE", "straße"),
            ("Ἀλέξης", "ἀλέξησ"),
            ("ﬁle", "FILE"),
            ("e\u{301}cole", "\u{c9}COLE"),
            ("张三", "张三"),
            ("\u{3000}张三", "张三 "),
        ];
        for (left, right) in cases {
            assert_eq!(Folded::of(left), Folded::of(right), "{left} and {right}");
        }
    }

    #[test]
    fn folding_again_changes_nothing() {
        for text in ["Alice", "İstanbul", "ǅ", "ŉ", "\u{345}\u{3b1}", "ﬃ", "ẞ", "王", "🙂", "\u{1e9b}\u{323}"]
        {
            let folded = Folded::of(text);
            assert_eq!(Folded::of(folded.as_str()), folded, "{text}");
        }
    }
}
