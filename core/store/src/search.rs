//! Substring search in any script: folded text cut into grams of one, two and three characters.
//!
//! A term of up to three characters is one gram; a longer one is all of its trigrams, and the row is
//! looked at again. Source: `reference/storage.md` §4.

use std::collections::BTreeSet;

use model::{DirectoryKey, Folded, Number};

use crate::sql::Sql;

/// Grams that a pattern is cut into at most; the row is looked at again in any case.
const CUT: usize = 24;

/// Stands before the first character of a text, so that what a text begins with is a gram of its own. No folded text
/// holds it.
const EDGE: char = '\u{2}';

/// Texts that are searched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Username and e-mail address.
    Login,
    /// The username alone.
    Username,
    /// The e-mail address alone.
    Email,
    /// Display name.
    DisplayName,
    /// The telephone number, which is as it was given and in no search index: only what it begins with is asked.
    Phone,
}

impl Field {
    const fn tag(self) -> char {
        // No hexadecimal digits, since the directory's slot stands before them.
        match self {
            Self::Login | Self::Username | Self::Email => 'u',
            Self::DisplayName => 'n',
            Self::Phone => 'p',
        }
    }

    /// The columns of `users` that hold the field, folded.
    pub(crate) const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Login => &["username_key", "email_key"],
            Self::Username => &["username_key"],
            Self::Email => &["email_key"],
            Self::DisplayName => &["display_key"],
            Self::Phone => &["phone"],
        }
    }
}

/// What texts look like: folded texts that must follow one another; between them anything may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like(Vec<String>);

impl Like {
    /// Texts that hold `text` anywhere; `None` where nothing is asked.
    pub fn containing(text: &str) -> Option<Self> {
        let folded = Folded::of(text);
        (!folded.is_empty()).then(|| Self(vec![String::new(), folded.as_str().to_owned(), String::new()]))
    }

    /// Texts that begin with `text`, which is folded.
    fn beginning(text: &Folded) -> Self {
        Self(vec![text.as_str().to_owned(), String::new()])
    }

    /// Texts that look like `text` from end to end, each `*` standing for any characters; `None` where
    /// every text does.
    pub fn whole(text: &str) -> Option<Self> {
        let folded = Folded::of(text);
        let mut segments: Vec<String> = folded.as_str().split('*').map(str::to_owned).collect();
        // Stars side by side are one star.
        let last = segments.len() - 1;
        let mut index = 0;
        segments.retain(|segment| {
            index += 1;
            !segment.is_empty() || index == 1 || index == last + 1
        });
        segments.iter().any(|segment| !segment.is_empty()).then_some(Self(segments))
    }

    /// As an operand of `like … escape '\'`. Texts and pattern are folded, so the engines' own ideas of case
    /// do not matter.
    pub(crate) fn operand(&self) -> String {
        let escaped: Vec<String> = self.0.iter().map(|segment| escape(segment)).collect();
        escaped.join("%")
    }
}

/// What is searched for among users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Where.
    pub field: Field,
    /// What the text looks like.
    pub like: Like,
}

impl Pattern {
    /// Adds the condition that the row `u` of a user matches.
    pub(crate) fn of_row(&self, sql: &mut Sql<'_>) {
        for (index, column) in self.field.columns().iter().enumerate() {
            sql.push(if index == 0 { " and (u." } else { " or u." }).push(column).push(" like ");
            sql.bind(self.like.operand()).push(" escape '\\'");
        }
        sql.push(")");
    }

    /// Whether the grams alone decide: one text of up to three characters, anywhere.
    pub(crate) fn is_one_gram(&self) -> bool {
        matches!(self.like.0.as_slice(), [before, text, after]
            if before.is_empty() && after.is_empty() && text.chars().count() <= 3)
    }

    /// The grams that every match has, as tokens.
    pub(crate) fn grams(&self, directory: DirectoryKey) -> Vec<String> {
        let tokens: BTreeSet<String> =
            self.cut().iter().map(|gram| token(directory, self.field, gram)).collect();
        tokens.into_iter().collect()
    }

    /// The grams that every match has, as characters; some may come more than once.
    pub(crate) fn cut(&self) -> Vec<Vec<char>> {
        let mut all = Vec::new();
        for (at, segment) in self.like.0.iter().enumerate().filter(|(_, segment)| !segment.is_empty()) {
            // The first one stands at the beginning, or it would be empty.
            let edge = (at == 0).then_some(EDGE);
            let characters: Vec<char> = edge.into_iter().chain(segment.chars()).collect();
            let length = characters.len().min(3);
            all.extend(characters.windows(length).map(<[char]>::to_vec));
        }
        let step = all.len().div_ceil(CUT).max(1);
        all.into_iter().step_by(step).collect()
    }
}

/// Texts that begin with something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begins {
    /// Where: any field but `Login`.
    pub field: Field,
    /// What they begin with, folded unless it is a number; not empty.
    pub text: Folded,
}

impl Begins {
    /// Whether the search index knows of them.
    pub(crate) fn is_indexed(&self) -> bool {
        self.field != Field::Phone
    }

    /// Adds the condition, as a question to each row.
    pub(crate) fn of_row<'a>(&self, sql: &mut Sql<'a>) {
        match self.field {
            // Numbers are compared as they are, which `like` does not do on SQLite.
            Field::Phone => {
                let length = self.text.as_str().chars().count();
                sql.push(" and substr(u.phone, 1, ").push(&length.to_string()).push(") = ");
                sql.bind(self.text.as_str().to_owned());
            }
            Field::Login | Field::Username | Field::Email | Field::DisplayName => {
                sql.push(" and u.").push(self.column()).push(" like ");
                sql.bind(self.pattern().like.operand()).push(" escape '\\'");
            }
        }
    }

    /// As a question to the search index.
    pub(crate) fn pattern(&self) -> Pattern {
        Pattern { field: self.field, like: Like::beginning(&self.text) }
    }

    /// The column of `users` that holds the text, in whose index those who match stand side by side.
    pub(crate) const fn column(&self) -> &'static str {
        self.field.columns()[0]
    }

    /// Adds the condition that only they stand in.
    pub(crate) fn within<'a>(&'a self, sql: &mut Sql<'a>) {
        let column = self.column();
        sql.push(column).push(" <> '' and ").push(column).push(" >= ").bind(&self.text);
        if let Some(end) = beyond(self.text.as_str()) {
            sql.push(" and ").push(column).push(" < ").bind(end);
        }
    }
}

/// The least text behind all that begin with `prefix`, by their bytes; `None` where there is none.
pub(crate) fn beyond(prefix: &str) -> Option<String> {
    let mut characters: Vec<char> = prefix.chars().collect();
    while let Some(last) = characters.pop() {
        // Behind the last character before the surrogates comes the first one after them.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect());
        }
    }
    None
}

/// A question to the search index.
pub(crate) struct Search<'q, 'a> {
    pub(crate) directory: DirectoryKey,
    pub(crate) pattern: &'q Pattern,
    /// Adds every condition that a row must meet, the pattern among them: each begins with ` and `, and `u`
    /// is the row.
    pub(crate) conditions: &'q (dyn Fn(&mut Sql<'a>) + Sync),
    /// Whether the pattern is all that is asked.
    pub(crate) alone: bool,
    /// Whether the highest numbers come first.
    pub(crate) descending: bool,
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// What SQLite's index holds of one user.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) directory: DirectoryKey,
    pub(crate) number: Number,
    /// Whether an entry of the same user stands there already.
    pub(crate) replaces: bool,
    /// The grams; empty for a user who is gone.
    pub(crate) grams: BTreeSet<String>,
}

impl Entry {
    /// The entry of a new user with these folded texts.
    pub(crate) fn new(directory: DirectoryKey, number: Number, texts: &[(Field, &Folded)]) -> Self {
        let mut grams = BTreeSet::new();
        for (field, text) in texts {
            each_gram(text.as_str(), |gram| {
                grams.insert(token(directory, *field, gram));
            });
        }
        Self { directory, number, replaces: false, grams }
    }

    /// The end of a user's entry.
    pub(crate) fn removed(directory: DirectoryKey, number: Number) -> Self {
        Self { directory, number, replaces: true, grams: BTreeSet::new() }
    }
}

/// Shows every gram of a folded text, some of them more than once.
pub(crate) fn each_gram(text: &str, mut visit: impl FnMut(&[char])) {
    let characters: Vec<char> = std::iter::once(EDGE).chain(text.chars()).collect();
    for length in 1..=3 {
        // The edge alone says nothing.
        characters.windows(length).skip(usize::from(length == 1)).for_each(&mut visit);
    }
}

/// A gram as SQLite's index holds it: the directory's slot, the field, the characters. Punctuation and blanks
/// take the place of a private character, since the index takes them for the ends of words.
fn token(directory: DirectoryKey, field: Field, gram: &[char]) -> String {
    let mut token = format!("{:x}{}", directory.slot, field.tag());
    token.extend(gram.iter().map(|&c| {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            char::from_u32(0xE000 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        } else {
            c
        }
    }));
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECTORY: DirectoryKey = DirectoryKey { number: Number(7), slot: 10 };

    fn containing(text: &str) -> Pattern {
        Pattern { field: Field::Login, like: Like::containing(text).expect("it asks something") }
    }

    fn like(text: &str) -> Pattern {
        Pattern { field: Field::Login, like: Like::whole(text).expect("it asks something") }
    }

    #[test]
    fn patterns_become_operands_and_grams() {
        let cases = [
            (containing("Ab"), "%ab%", vec!["auab"]),
            (containing("abcd"), "%abcd%", vec!["auabc", "aubcd"]),
            (
                containing("50%_\\"),
                "%50\\%\\_\\\\%",
                vec!["au0\u{e025}\u{e05f}", "au50\u{e025}", "au\u{e025}\u{e05f}\u{e05c}"],
            ),
            (containing("王"), "%王%", vec!["au王"]),
            (like("a*m"), "a%m", vec!["aum", "au\u{e002}a"]),
            (like("*m"), "%m", vec!["aum"]),
            (like("abc*"), "abc%", vec!["auabc", "au\u{e002}ab"]),
            (like("**a***b**"), "%a%b%", vec!["aua", "aub"]),
        ];
        for (pattern, operand, grams) in cases {
            assert_eq!(pattern.like.operand(), operand);
            assert_eq!(pattern.grams(DIRECTORY), grams);
        }
    }

    #[test]
    fn a_pattern_of_stars_or_nothing_asks_nothing() {
        for text in ["", "  ", "*", "***"] {
            assert_eq!(Like::whole(text), None, "{text:?}");
        }
        assert_eq!(Like::containing(" "), None);
    }

    #[test]
    fn only_short_unanchored_terms_need_no_second_look() {
        assert!(containing("abc").is_one_gram());
        assert!(!containing("abcd").is_one_gram());
        assert!(!like("a*").is_one_gram());
        assert!(like("*a*").is_one_gram());
    }

    #[test]
    fn what_begins_with_a_text_stands_before_what_is_beyond_it() {
        let cases =
            [("a", Some("b")), ("az", Some("a{")), ("王", Some("玌")), ("\u{d7ff}", Some("\u{e000}"))];
        for (prefix, end) in cases {
            assert_eq!(beyond(prefix).as_deref(), end, "{prefix:?}");
        }
        assert_eq!(beyond("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(beyond("\u{10ffff}"), None);
    }

    #[test]
    fn an_entry_holds_every_gram_once() {
        let entry = Entry::new(
            DIRECTORY,
            Number(1),
            &[(Field::Login, &Folded::of("aab")), (Field::Login, &Folded::of("ab"))],
        );

        let grams: Vec<&str> = entry.grams.iter().map(String::as_str).collect();
        let edges = ["au\u{e002}a", "au\u{e002}aa", "au\u{e002}ab"];
        assert_eq!(grams, [&["aua", "auaa", "auaab", "auab", "aub"], &edges[..]].concat());
    }
}
