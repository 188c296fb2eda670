//! What a page is asked with, and what it shows.

use std::fmt;

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, COOKIE, HOST, HeaderName, ORIGIN, USER_AGENT};
use model::globalization::Language;
use wire::pds::Body;

use super::cookies::SetCookie;
use super::language::liked;

/// What browsers say of where a request comes from.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request for a page. It does not print what it holds: cookies, passwords, links that are good once.
#[derive(Clone)]
pub struct PageRequest {
    /// Path and query, as they were sent.
    pub target: String,
    /// What the query says, all of it text.
    pub query: Body,
    /// What the form says that was sent, where one was.
    pub form: Option<Body>,
    /// The headers.
    pub headers: HeaderMap,
    /// What the styles that stand in the page are marked with: no others are used.
    pub nonce: String,
}

impl fmt::Debug for PageRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageRequest({})", self.target.split('?').next().unwrap_or_default())
    }
}

/// A page, or where to go instead. It does not print: a page may hold codes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PageAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, for the log and the figures; empty where nothing is.
    pub code: &'static str,
    /// Where the browser is to go.
    pub location: Option<String>,
    /// Where a form of the page may lead beside this server: a source as a Content-Security-Policy has it; empty for
    /// nowhere.
    pub leads_to: String,
    /// What the browser is to keep.
    pub cookies: Vec<SetCookie>,
    /// After how many seconds the browser may come again, where it came too often.
    pub retry_after: Option<i64>,
    /// The page, without scripts and without anything from elsewhere; its styles stand in it.
    pub html: String,
    /// Who asked, as the log names callers; empty for nobody who is known.
    pub caller: String,
}

impl PageRequest {
    /// A field of the form; empty where it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.form.as_ref().and_then(|form| form.text(name)).unwrap_or_default()
    }

    /// What the query says under a name; `None` where that is nothing.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.text(name).filter(|text| !text.is_empty())
    }

    /// The cookie of this name; `None` where there is none, or it is empty.
    ///
    /// Source: RFC 6265 §4.2.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(other, value)| *other == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// What the browser calls itself.
    pub fn agent(&self) -> &str {
        self.header(&USER_AGENT).unwrap_or_default()
    }

    /// The language that the browser likes most of those that there are, if any.
    pub fn liked_language(&self) -> Option<Language> {
        liked(self.header(&ACCEPT_LANGUAGE).unwrap_or_default())
    }

    /// The host that the browser asks, as it says, with the port where it says one; empty where it says none.
    pub fn host(&self) -> &str {
        self.header(&HOST).unwrap_or_default()
    }

    /// The first label of the host, in small letters.
    pub fn host_label(&self) -> String {
        self.host().split(['.', ':']).next().unwrap_or_default().to_ascii_lowercase()
    }

    /// Whether a form comes from a page of ours, as browsers say: in so many words, or by the origin, which a proxy may
    /// hide from us by another host.
    ///
    /// Source: Fetch Metadata Request Headers, `Sec-Fetch-Site`; RFC 6454 §7.
    pub fn is_from_here(&self) -> bool {
        let text = |name: &HeaderName| self.headers.get(name).map(|value| value.to_str().unwrap_or_default());
        if let Some(site) = text(&SITE) {
            return site == "same-origin";
        }
        let Some(origin) = text(&ORIGIN) else { return true };
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let host = text(&HOST).filter(|host| !host.is_empty());
        authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl PageAnswer {
    /// A page.
    pub fn page(status: u16, html: String) -> Self {
        Self { status, html, ..Self::default() }
    }

    /// That the browser is to go elsewhere, by GET.
    pub fn go(location: impl Into<String>) -> Self {
        Self { status: 303, location: Some(location.into()), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> PageRequest {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        let (target, nonce) = (String::new(), String::new());
        PageRequest { target, query: Body::default(), form: None, headers: map, nonce }
    }

    #[test]
    fn a_form_comes_from_our_own_page() {
        let host = ("host", "rs1.example.com:8080");
        for (origin, expected) in [
            (None, true),
            (Some("https://rs1.example.com:8080"), true),
            (Some("http://RS1.example.com:8080"), true),
            (Some("https://rs1.example.com"), false),
            (Some("https://evil.example"), false),
            (Some("https://rs1.example.com:8080.evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            let headers: Vec<_> = [host].into_iter().chain(origin.map(|origin| ("origin", origin))).collect();
            assert_eq!(request(&headers).is_from_here(), expected, "{origin:?}");
        }
        for (site, expected) in
            [("same-origin", true), ("none", false), ("same-site", false), ("cross-site", false)]
        {
            let headers = [host, ("origin", "https://public.example.com"), ("sec-fetch-site", site)];
            assert_eq!(request(&headers).is_from_here(), expected, "{site}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let request = request(&[("cookie", "a=1; xb=2;b=3=4 ;c="), ("cookie", "d=5")]);
        for (name, expected) in
            [("a", Some("1")), ("b", Some("3=4")), ("c", None), ("d", Some("5")), ("x", None), ("", None)]
        {
            assert_eq!(request.cookie(name), expected, "{name}");
        }
    }
}
