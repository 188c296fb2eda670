//! The languages of pages.

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// What is liked most of what there is, as a browser says it; English if nothing is.
    ///
    /// Source: RFC 9110 §12.5.4.
    pub(crate) fn liked(accept: &str) -> Self {
        let mut best = (Self::English, 0.0);
        for range in accept.split(',').take(20) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality =
                parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            let language = match tag.split('-').next().unwrap_or_default() {
                "en" => Self::English,
                "zh" => Self::Chinese,
                _ => continue,
            };
            if let Some(quality) = quality.filter(|quality| *quality > best.1) {
                best = (language, quality);
            }
        }
        best.0
    }

    /// The tag that a page is marked with.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_most_is_taken() {
        for (accept, expected) in [
            ("", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-US,en;q=0.9,zh;q=0.8", Language::English),
            ("de, zh-TW;q=0.5, en;q=0.4", Language::Chinese),
            ("zh;q=0, en;q=0.1", Language::English),
            ("fr", Language::English),
            ("ZH", Language::Chinese),
            ("zh;q=x, zh;q=NaN", Language::English),
        ] {
            assert_eq!(Language::liked(accept), expected, "{accept}");
        }
    }
}
