//! What browsers are told to keep.
//!
//! Source: RFC 6265 §4.1; its revision (draft-ietf-httpbis-rfc6265bis) §4.1.3, the prefix `__Host-`.

use model::Secret;

/// Seconds that a browser keeps which language somebody likes.
const YEAR: i64 = 365 * 86_400;

/// What cookies of this server are called. Where people reach it by https, browsers send them by https alone, to this
/// very host, and no other host can set them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cookies {
    is_secure: bool,
}

/// A cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The key of a session.
    Session,
    /// A browser that has no session, known by a text of chance.
    Visit,
    /// The language that somebody has chosen.
    Language,
}

/// A line that has a browser keep or forget a cookie. It does not print what is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie(String);

impl Cookies {
    /// Cookies of a server that people reach by https, or by http.
    pub const fn new(is_secure: bool) -> Self {
        Self { is_secure }
    }

    /// The cookie's name.
    pub const fn name(self, cookie: Cookie) -> &'static str {
        match (cookie, self.is_secure) {
            (Cookie::Session, true) => "__Host-roster-session",
            (Cookie::Session, false) => "roster-session",
            (Cookie::Visit, true) => "__Host-roster-visit",
            (Cookie::Visit, false) => "roster-visit",
            (Cookie::Language, true) => "__Host-roster-language",
            (Cookie::Language, false) => "roster-language",
        }
    }

    /// Has a browser keep a secret until it is closed.
    pub fn keep(self, cookie: Cookie, value: &Secret) -> SetCookie {
        self.line(cookie, value.reveal_text().unwrap_or_default(), None)
    }

    /// Has a browser keep a word for a year.
    pub fn remember(self, cookie: Cookie, word: &str) -> SetCookie {
        self.line(cookie, word, Some(YEAR))
    }

    /// Has a browser forget.
    pub fn forget(self, cookie: Cookie) -> SetCookie {
        self.line(cookie, "", Some(0))
    }

    fn line(self, cookie: Cookie, value: &str, seconds: Option<i64>) -> SetCookie {
        let name = self.name(cookie);
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.is_secure { "; Secure" } else { "" };
        SetCookie(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"))
    }
}

impl SetCookie {
    /// The line.
    pub(crate) fn line(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, _) = self.0.split_once('=').unwrap_or_default();
        write!(f, "SetCookie({name})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_of_https_are_this_hosts_alone() {
        let key = Secret::new("k");
        for (is_secure, expected) in [
            (true, "__Host-roster-session=k; Path=/; HttpOnly; SameSite=Lax; Secure"),
            (false, "roster-session=k; Path=/; HttpOnly; SameSite=Lax"),
        ] {
            assert_eq!(Cookies::new(is_secure).keep(Cookie::Session, &key).line(), expected);
        }
        let forgotten = Cookies::new(true).forget(Cookie::Visit);
        assert!(
            forgotten.line().starts_with("__Host-roster-visit=;") && forgotten.line().ends_with("Max-Age=0")
        );
        assert_eq!(
            format!("{:?}", Cookies::new(true).keep(Cookie::Session, &key)),
            "SetCookie(__Host-roster-session)"
        );
    }
}
