//! Passwords that are easy to guess: a list of those that are tried first, and a person's own names.
//!
//! Source: `SOURCE.md` beside this file says where the list comes from, and under which licence.

use std::sync::LazyLock;

use crate::fold::Folded;
use crate::policy::Owner;

/// The list, sorted by bytes, in small letters.
static LIST: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("passwords.txt").lines().collect());

/// What is left of a password without the digits and signs around it is looked up where it has so many characters.
const SHORTEST_CORE: usize = 4;

/// Signs that stand for letters.
const STAND_INS: [(char, char); 9] = [
    ('@', 'a'),
    ('4', 'a'),
    ('3', 'e'),
    ('1', 'i'),
    ('!', 'i'),
    ('0', 'o'),
    ('$', 's'),
    ('5', 's'),
    ('7', 't'),
];

/// Whether a password is easy to guess for who knows the list and whose it is: it is in the list, or one of the owner's
/// names, whatever its case, whatever digits and signs stand before and after it, and also with signs for letters.
pub fn is_easy(password: &str, owner: &Owner<'_>) -> bool {
    let whole = Folded::of(password);
    let core = whole.as_str().trim_matches(|c: char| !c.is_alphabetic());
    let core = (core.chars().count() >= SHORTEST_CORE).then_some(core);
    let is_known = |text: &str| LIST.binary_search(&text).is_ok() || is_name(text, owner);
    std::iter::once(whole.as_str()).chain(core).any(|form| is_known(form) || is_known(&spelled_out(form)))
}

/// The text with letters in place of the signs that stand for them.
fn spelled_out(text: &str) -> String {
    let letter = |c: char| STAND_INS.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, letter)| *letter);
    text.chars().map(letter).collect()
}

/// Whether a folded text is what the owner is called or reached by.
fn is_name(text: &str, owner: &Owner<'_>) -> bool {
    let local = owner.email.rsplit_once('@').map_or("", |(local, _)| local);
    let names = [owner.username, owner.email, local, owner.phone, owner.display_name];
    names.into_iter().map(Folded::of).any(|name| !name.is_empty() && name.as_str() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Owner<'static> = Owner {
        username: "alice.liddell",
        email: "Wonder.Land@example.com",
        phone: "13800000000",
        display_name: "Alice Pleasance",
    };

    #[test]
    fn the_list_is_sorted_and_of_small_letters() {
        assert_eq!(LIST.len(), 30_000);
        assert!(LIST.is_sorted() && LIST.iter().all(|line| *line == line.to_ascii_lowercase()));
    }

    #[test]
    fn what_is_tried_first_is_easy() {
        for (password, expected) in [
            ("123456", true),
            ("password", true),
            ("PassWord", true),
            ("P@ssw0rd", true),
            ("P@ssw0rd2026!", true),
            ("!!Dragon99", true),
            ("ＰＡＳＳＷＯＲＤ", true),
            ("Alice.Liddell", true),
            ("alice.liddell1", true),
            ("wonder.land", true),
            ("wonder.land@example.com", true),
            ("Alice Pleasance", true),
            ("13800000000", true),
            ("correct horse battery staple", false),
            ("Rain-on-the-tin-roof", false),
            ("Uo7!kq#Zp2", false),
            ("密码密码密码密码", false),
            ("Xy1!", false),
            ("", false),
        ] {
            assert_eq!(is_easy(password, &ALICE), expected, "{password}");
        }
    }

    #[test]
    fn who_has_no_names_has_none_that_are_easy() {
        let nobody = Owner { username: "", email: "", phone: "", display_name: "" };
        assert!(!is_easy("", &nobody) && !is_easy("  ", &nobody) && is_easy("letmein", &nobody));
    }
}
