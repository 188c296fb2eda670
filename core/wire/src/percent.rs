//! Percent-encoding: forms are read by the WHATWG rules and written as signatures want them.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode, percent_encode};

/// What is written as `%XX`: all but letters, digits and `- _ . ~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes as both signatures do, `pe` of the reference.
///
/// Source: `reference/protocol.md` §2.
pub(crate) fn encode(bytes: &[u8]) -> PercentEncode<'_> {
    percent_encode(bytes, ENCODED)
}

/// The names and values of a query or a form, in the order they were sent.
///
/// They are bytes: whether they are text is for the caller to judge.
pub(crate) fn pairs(form: &[u8]) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let end = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match end {
            Some(end) => (&pair[..end], &pair[end + 1..]),
            None => (pair, &[][..]),
        };
        (decode(name), decode(value))
    })
}

fn decode(part: &[u8]) -> Cow<'_, [u8]> {
    if !part.contains(&b'+') {
        return percent_decode(part).into();
    }
    let blanks: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    Cow::Owned(percent_decode(&blanks).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_split_and_decoded() {
        let found: Vec<_> = pairs(b"a=1+2&&b&=c&d=%2B%zz=%E5%BC%A0")
            .map(|(name, value)| {
                let text = |part: Cow<'_, [u8]>| String::from_utf8(part.into_owned()).unwrap();
                (text(name), text(value))
            })
            .collect();

        let expected = [("a", "1 2"), ("b", ""), ("", "c"), ("d", "+%zz=张")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn everything_but_the_unreserved_is_encoded() {
        assert_eq!(encode("aZ9-_.~ *+/张".as_bytes()).to_string(), "aZ9-_.~%20%2A%2B%2F%E5%BC%A0");
    }
}
