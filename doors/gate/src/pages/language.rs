//! The language that a browser likes.

use model::globalization::Language;

/// What is liked most of what there is, as a browser says it; `None` where nothing of that is liked.
///
/// Source: RFC 9110 §12.5.4.
pub(crate) fn liked(accept: &str) -> Option<Language> {
    let mut best = (None, 0.0);
    for range in accept.split(',').take(20) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let quality =
            parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        let Some(language) = Language::of_tag(tag.split('-').next().unwrap_or_default()) else { continue };
        if let Some(quality) = quality.filter(|quality| *quality > best.1) {
            best = (Some(language), quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_most_is_taken() {
        for (accept, expected) in [
            ("", None),
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Language::Chinese)),
            ("en-US,en;q=0.9,zh;q=0.8", Some(Language::English)),
            ("de, zh-TW;q=0.5, en;q=0.4", Some(Language::Chinese)),
            ("zh;q=0, en;q=0.1", Some(Language::English)),
            ("fr", None),
            ("ZH", Some(Language::Chinese)),
            ("zh;q=x, zh;q=NaN", None),
        ] {
            assert_eq!(liked(accept), expected, "{accept}");
        }
    }
}
