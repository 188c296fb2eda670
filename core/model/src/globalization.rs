//! In which language a directory writes to its people, and by which clock.
//!
//! Source: `reference/eiam.md` §13, GetInstanceGlobalizationConfig.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// What an administrator configured. It lies as JSON in one row; one that nobody has set is its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Globalization {
    /// A tag of a language as BCP 47 has it, `zh-Hans-CN`, as it was given.
    pub language: String,
    /// A zone as the IANA database calls it, `Asia/Shanghai`, as it was given.
    pub time_zone: String,
}

impl Default for Globalization {
    /// English, by the clock of Shanghai, which is the default of times without a zone as well.
    fn default() -> Self {
        Self { language: "en-US".to_owned(), time_zone: "Asia/Shanghai".to_owned() }
    }
}

/// The languages that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The tag that texts are marked with, `en` or `zh`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language that is marked so.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// The most characters of a tag.
const LONGEST_TAG: usize = 35;

/// Whether a text may be the tag of a language: letters, then parts of letters and digits behind hyphens, 35 characters
/// at most.
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_primary =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_other =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= LONGEST_TAG && parts.next().is_some_and(is_primary) && parts.all(is_other)
}

/// Whether there is a zone of this name.
pub fn is_zone(text: &str) -> bool {
    TimeZone::get(text).is_ok()
}

impl Globalization {
    /// In which language texts are: Chinese where that is configured in any script, else English.
    pub fn language(&self) -> Language {
        let primary = self.language.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Language::Chinese } else { Language::English }
    }

    /// An instant by the directory's clock, to the minute, with the zone's difference from UTC: `2026-01-15 16:30 +08:00`.
    pub fn clock(&self, at: Millis) -> String {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        match jiff::Timestamp::from_millisecond(at.0) {
            Ok(timestamp) => timestamp.to_zoned(zone).strftime("%Y-%m-%d %H:%M %:z").to_string(),
            Err(_) => at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(language: &str, time_zone: &str) -> Globalization {
        Globalization { language: language.to_owned(), time_zone: time_zone.to_owned() }
    }

    #[test]
    fn chinese_is_written_where_it_is_configured() {
        for (tag, language) in [
            ("zh-Hans-CN", Language::Chinese),
            ("ZH", Language::Chinese),
            ("zh-Hant-TW", Language::Chinese),
            ("en-US", Language::English),
            ("zha", Language::English),
            ("fr", Language::English),
        ] {
            assert_eq!(of(tag, "UTC").language(), language, "{tag}");
        }
    }

    #[test]
    fn tags_and_zones() {
        for (tag, fits) in [
            ("zh-Hans-CN", true),
            ("en", true),
            ("de-1996", true),
            ("", false),
            ("z", false),
            ("zh-", false),
            ("zh_CN", false),
            ("12", false),
            ("abcdefghi", false),
            ("zh\r\nX", false),
            ("aa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa", false),
        ] {
            assert_eq!(is_tag(tag), fits, "{tag}");
        }
        for (zone, fits) in [("Asia/Shanghai", true), ("UTC", true), ("Mars/Olympus", false), ("", false)] {
            assert_eq!(is_zone(zone), fits, "{zone}");
        }
    }

    #[test]
    fn instants_are_told_by_the_directorys_clock() {
        let at = Millis(1_768_465_800_000);
        assert_eq!(of("en", "Asia/Shanghai").clock(at), "2026-01-15 16:30 +08:00");
        assert_eq!(of("en", "America/New_York").clock(at), "2026-01-15 03:30 -05:00");
    }
}
