//! What browsers call themselves, in words that people know.

/// A browser and what it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) browser: &'static str,
    pub(crate) system: &'static str,
}

/// Browsers by what they alone say, those first that say as well what a later one says.
///
/// Source: RFC 9110 §10.1.5; the browsers themselves.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", SAFARI),
];
/// What many others say as well that are based on the same program; it is there on systems of Apple alone.
const SAFARI: &str = "Safari";

/// Systems likewise.
const SYSTEMS: [(&str, &str); 6] = [
    ("Windows NT", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Macintosh", "macOS"),
    ("Android", "Android"),
    ("Linux", "Linux"),
];

/// The browser that calls itself so; `None` where it is none of those that are known here.
pub(crate) fn read(agent: &str) -> Option<Agent> {
    let called = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let (browser, system) = (called(&BROWSERS)?, called(&SYSTEMS)?);
    (browser != SAFARI || matches!(system, "iOS" | "macOS")).then_some(Agent { browser, system })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_they_call_themselves() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let iphone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        for (agent, expected) in [
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} Chrome/126.0.0.0 Safari/537.36"),
                "Chrome Linux",
            ),
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} HeadlessChrome/126.0.0.0 Safari/537.36"),
                "Chrome Linux",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 10; K) {webkit} Chrome/126.0.0.0 Mobile Safari/537.36"),
                "Chrome Android",
            ),
            (format!("{iphone} CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1"), "Chrome iOS"),
            (format!("{iphone} Version/17.5 Mobile/15E148 Safari/604.1"), "Safari iOS"),
            (format!("{iphone} FxiOS/127.0 Mobile/15E148 Safari/605.1.15"), "Firefox iOS"),
            (
                format!("{mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"),
                "Safari macOS",
            ),
            (format!("{windows} {webkit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"), "Edge Windows"),
            (format!("{windows} {webkit} Chrome/126.0.0.0 Safari/537.36 OPR/112.0.0.0"), "Opera Windows"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0".to_owned(),
                "Firefox Linux",
            ),
            // Another browser of the same make.
            (format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} Version/17.0 Safari/605.1.15"), ""),
            (format!("Mozilla/5.0 (Phone; OpenHarmony 5.0) {webkit} Chrome/114.0.0.0 Safari/537.36"), ""),
            ("curl/8.5.0".to_owned(), ""),
            ("Linux".to_owned(), ""),
            (String::new(), ""),
        ] {
            let read = read(&agent).map(|Agent { browser, system }| format!("{browser} {system}"));
            assert_eq!(read.unwrap_or_default(), expected, "{agent}");
        }
    }
}
