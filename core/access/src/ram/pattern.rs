//! Patterns: `*` is any run of characters, the empty one and `/` and `:` included; `?` is exactly one character.
//! Everything else stands for itself; nothing can be escaped.
//!
//! Source: `reference/protocol.md` §7.2.

use super::document::{Malformed, Place};
use super::json::quoted;
use super::patience::Patience;

/// The characters that may stand between two `*` where `?` is among them: what is looked for in all places of a text is
/// short.
const LONGEST: usize = 64;

/// One pattern. To match takes at most the sum of both lengths, and with `?` between two `*` 64 times the text's.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What stands before the first `*`, or the whole pattern where there is none.
    first: String,
    /// What follows each `*`.
    others: Vec<String>,
}

/// None of these patterns may have `?` among more than 64 characters between two `*`.
///
/// # Errors
/// `Grammar`: one has.
pub(super) fn check(texts: &[(Place, String)]) -> Result<(), Malformed> {
    let is_slow = |text: &String| {
        let others = Pattern::new(text).others;
        let middle = others.split_last().map_or(&[][..], |(_, middle)| middle);
        middle.iter().any(|piece| piece.contains('?') && piece.chars().nth(LONGEST).is_some())
    };
    match texts.iter().find(|(_, text)| is_slow(text)) {
        Some((place, text)) => Err(place.wrong(format_args!(
            "{} has a ? among more than {LONGEST} characters between two *",
            quoted(text)
        ))),
        None => Ok(()),
    }
}

impl Pattern {
    /// The pattern that `text` says.
    pub(super) fn new(text: &str) -> Self {
        let mut pieces = text.split('*').map(str::to_owned);
        Self { first: pieces.next().unwrap_or_default(), others: pieces.collect() }
    }

    /// Whether it fits every text.
    pub(super) fn is_everything(&self) -> bool {
        self.first.is_empty() && !self.others.is_empty() && self.others.iter().all(String::is_empty)
    }

    /// Whether the whole of `text` fits, with case. Where the patience for it is not left it does not.
    pub(super) fn matches(&self, text: &str, patience: &Patience) -> bool {
        if !affords_end(&self.first, text, patience) {
            return false;
        }
        let Some(mut rest) = without_beginning(&self.first, text) else {
            return false;
        };
        let Some((last, middle)) = self.others.split_last() else {
            return rest.is_empty();
        };
        // To take each piece where it is found first leaves the most text to the others.
        for piece in middle.iter().filter(|piece| !piece.is_empty()) {
            let Some(behind) = behind_first(piece, rest, patience) else {
                return false;
            };
            rest = behind;
        }
        affords_end(last, rest, patience) && ends_with(last, rest)
    }
}

/// Takes the steps of comparing a piece with the beginning or the end of a text.
fn affords_end(piece: &str, text: &str, patience: &Patience) -> bool {
    let length = piece.len().min(text.len());
    if piece.contains('?') { patience.affords(1 + length) } else { patience.affords_text(length) }
}

/// What follows `piece` in a text that begins with it.
fn without_beginning<'a>(piece: &str, text: &'a str) -> Option<&'a str> {
    if !piece.contains('?') {
        return text.strip_prefix(piece);
    }
    let mut rest = text.chars();
    let begins = piece.chars().all(|wanted| rest.next().is_some_and(|found| fits(wanted, found)));
    begins.then_some(rest.as_str())
}

/// What follows `piece` where it first stands in `text`, if the patience to look for it is left.
fn behind_first<'a>(piece: &str, text: &'a str, patience: &Patience) -> Option<&'a str> {
    if !piece.contains('?') {
        let found = text.find(piece);
        let looked_at = piece.len() + found.unwrap_or(text.len());
        return if patience.affords(looked_at) { found.map(|at| &text[at + piece.len()..]) } else { None };
    }
    if !patience.affords(piece.len().saturating_mul(text.len())) {
        return None;
    }
    text.char_indices().find_map(|(at, _)| without_beginning(piece, &text[at..]))
}

/// Whether `text` ends with `piece`.
fn ends_with(piece: &str, text: &str) -> bool {
    if !piece.contains('?') {
        return text.ends_with(piece);
    }
    let mut rest = text.chars().rev();
    piece.chars().rev().all(|wanted| rest.next().is_some_and(|found| fits(wanted, found)))
}

/// Whether one character of a pattern stands for one of a text.
fn fits(wanted: char, found: char) -> bool {
    wanted == '?' || wanted == found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_the_whole_text() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b:c", true),
            ("**", "", true),
            ("a", "a", true),
            ("a", "A", false),
            ("a", "ab", false),
            ("a*", "a", true),
            ("a*b", "ab", true),
            ("a*b", "a", false),
            ("ab*ba", "aba", false),
            ("ab*ba", "abba", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*aab", "aaaab", true),
            ("*a?b*", "aaab", true),
            ("?", "", false),
            ("?", "*", true),
            ("?", "名", true),
            ("??", "名", false),
            ("*?", "", false),
            ("*?*", "é", true),
            ("*名?", "用户名单", true),
            ("a.b", "axb", false),
            ("a\\*", "a*", false),
            ("*?*?", "a", false),
            ("a?c*a?c", "abcabc", true),
            ("a?c*a?c", "abc", false),
        ];
        for (pattern, text, expected) in cases {
            let matches = Pattern::new(pattern).matches(text, &Patience::new());
            assert_eq!(matches, expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn stars_alone_fit_everything() {
        for (pattern, expected) in
            [("*", true), ("**", true), ("", false), ("*?", false), ("a*", false), ("*a", false)]
        {
            assert_eq!(Pattern::new(pattern).is_everything(), expected, "{pattern:?}");
        }
    }

    /// The steps of comparing the two, which do not fit.
    fn steps(pattern: &str, text: &str) -> usize {
        let patience = Patience::new();
        assert!(!Pattern::new(pattern).matches(text, &patience), "{pattern:?}");
        patience.taken()
    }

    #[test]
    fn a_pattern_takes_few_steps() {
        let text = "a".repeat(2_048);
        assert!(steps(&"*a".repeat(3_000), &format!("{text}b")) < 10_000);
        assert!(steps(&"*aaaaaaa?b".repeat(300), &text) < 20_000);
        assert!(steps(&format!("*{}?b*", "a".repeat(62)), &text) < 64 * 2_048 + 10);
        assert!(steps(&format!("*{}b*", "a".repeat(1_020)), &text) < 4_000);
        assert!(steps(&format!("{}?b", "a".repeat(1_020)), &text) < 2_000);
        assert!(steps(&format!("*{}?b", "a".repeat(1_020)), &text) < 2_000);
        assert!(steps(&format!("b{text}*{text}*"), &text) < 200);
    }

    #[test]
    fn nothing_fits_where_the_patience_is_spent() {
        let patience = Patience::new();
        let (pattern, text) = (Pattern::new(&format!("*{}?b*", "a".repeat(62))), "a".repeat(2_048));
        while !patience.is_spent() {
            assert!(!pattern.matches(&text, &patience));
        }
        for pattern in ["a*", "*", "*a*", "*a", "?*", "*?*"] {
            assert!(!Pattern::new(pattern).matches("a", &patience), "{pattern:?}");
        }
    }
}
