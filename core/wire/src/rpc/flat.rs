//! Flattened parameters as a tree, without copying them.

use std::cmp::Ordering;

use super::MAX_DEPTH;

/// A parameter's name and value.
pub(super) type Pair<'a> = (&'a str, &'a str);

/// One place in the tree: `Users`, `Users.1`, `Users.1.Email`; or the root, above all names.
#[derive(Clone, Copy)]
pub(super) struct Flat<'a> {
    /// The name so far, from the outermost segment on; empty at the root.
    pub(super) name: &'a str,
    /// The value given under exactly this name.
    pub(super) text: Option<&'a str>,
    /// The parameters below it, in the order of [`by_segment`].
    below: &'a [Pair<'a>],
    /// How many segments the name has.
    pub(super) depth: usize,
}

impl<'a> Flat<'a> {
    /// The root over `pairs`, which are in the order of [`by_segment`].
    pub(super) fn root(pairs: &'a [Pair<'a>]) -> Self {
        Self { name: "", text: None, below: pairs, depth: 0 }
    }

    /// Whether nothing lies below it.
    pub(super) fn is_leaf(&self) -> bool {
        self.below.is_empty()
    }

    /// Whether what lies below it is too deep to be looked at.
    pub(super) fn is_too_deep(&self) -> bool {
        self.depth >= MAX_DEPTH && !self.is_leaf()
    }

    /// What lies below it: the keys and their places.
    pub(super) fn children(self) -> impl Iterator<Item = (&'a str, Flat<'a>)> {
        let mut rest = self.below;
        std::iter::from_fn(move || {
            let (first, value) = *rest.first()?;
            let (key, end) = self.key(first);
            let name = &first[..end];
            let count = rest.iter().take_while(|(other, _)| is_within(other, name)).count();
            let (own, others) = rest.split_at(count);
            rest = others;
            let exact = first.len() == end;
            let child = Flat {
                name,
                text: exact.then_some(value),
                below: if exact { &own[1..] } else { own },
                depth: self.depth + 1,
            };
            Some((key, child))
        })
    }

    /// The key of a name below this place, and where that key's segment ends in the name.
    fn key(self, name: &'a str) -> (&'a str, usize) {
        let start = if self.depth == 0 { 0 } else { self.name.len() + 1 };
        let rest = &name[start..];
        if self.depth > 0
            && let Some((key, length)) = counted(rest)
        {
            return (key, start + length);
        }
        let length = rest.find('.').unwrap_or(rest.len());
        (&rest[..length], start + length)
    }
}

/// The order in which a place stands before what lies below it, and that before anything else:
/// byte by byte, a dot before all other bytes.
pub(super) fn by_segment(a: &Pair<'_>, b: &Pair<'_>) -> Ordering {
    let rank = |byte: u8| {
        if byte == b'.' { 0 } else { u16::from(byte) + 1 }
    };
    a.0.bytes().map(rank).cmp(b.0.bytes().map(rank))
}

fn is_within(other: &str, name: &str) -> bool {
    other.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Reads `#8#getPhone`: how many characters the key has, then the key, which may hold dots.
/// The second part of the answer is the length of it all.
fn counted(rest: &str) -> Option<(&str, usize)> {
    let (digits, after) = rest.strip_prefix('#')?.split_once('#')?;
    let characters: usize = digits.parse().ok()?;
    let end = after.char_indices().map(|(start, _)| start).chain([after.len()]).nth(characters)?;
    let (key, beyond) = after.split_at(end);
    let complete = beyond.is_empty() || beyond.starts_with('.');
    complete.then_some((key, rest.len() - beyond.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each place below the root, as `name=text`, in the order of the tree.
    fn places(mut pairs: Vec<Pair<'_>>) -> Vec<String> {
        fn walk(place: Flat<'_>, found: &mut Vec<String>) {
            for (key, child) in place.children() {
                found.push(format!("{key}={}", child.text.unwrap_or("-")));
                walk(child, found);
            }
        }
        pairs.sort_by(by_segment);
        let mut found = Vec::new();
        walk(Flat::root(&pairs), &mut found);
        found
    }

    #[test]
    fn a_place_holds_what_is_below_it_and_nothing_else() {
        let pairs = vec![
            ("Users", "text"),
            ("Users-x", "other"),
            ("Users.1.Name", "a"),
            ("Users.1", "one"),
            ("Users.10", "ten"),
            ("Users2", "two"),
        ];

        assert_eq!(places(pairs), ["Users=text", "1=one", "Name=a", "10=ten", "Users-x=other", "Users2=two"]);
    }

    #[test]
    fn a_counted_key_may_hold_dots() {
        let table = [
            ("M.#8#getPhone", vec!["M=-", "getPhone=v"]),
            ("M.#3#a.b", vec!["M=-", "a.b=v"]),
            ("M.#3#a.b.c", vec!["M=-", "a.b=-", "c=v"]),
            ("M.#2#张三", vec!["M=-", "张三=v"]),
            ("M.#0#", vec!["M=-", "=v"]),
            ("M.#9#a.b", vec!["M=-", "#9#a=-", "b=v"]),
            ("M.#2#abc", vec!["M=-", "#2#abc=v"]),
            ("M.##abc", vec!["M=-", "##abc=v"]),
            ("#1#a", vec!["#1#a=v"]),
        ];
        for (name, expected) in table {
            assert_eq!(places(vec![(name, "v")]), expected, "{name}");
        }
    }
}
