//! What forms carry so that only a page of ours, shown to the same browser, can have sent them; and where a person goes
//! on to who signs in. Both are texts that this server alone can write.

use access::keyring::Keyring;
use access::page_token::{self, Place};
use model::time::MINUTE;
use model::{Millis, Secret};
use serde::{Deserialize, Serialize};

/// The longest text that an app may want back with a code.
pub const LONGEST_STATE: usize = 2_048;
/// How long a form may be open.
const LIFE: i64 = 60 * MINUTE;

/// A form: which one, and the browser that it is shown to.
#[derive(Debug, Clone, Copy)]
pub struct FormOf<'a> {
    /// The form's own name.
    pub name: &'static str,
    /// What only this browser knows: the key of its session, else what it was given when it came.
    pub browser: &'a str,
}

impl FormOf<'_> {
    /// The mark of the form; `carries` comes back with it as it was. Who sees the page can read it.
    pub fn mark(&self, keyring: &Keyring, carries: &str, at: Millis) -> String {
        let place = Place { after: carries.to_owned(), total: None, issued: at };
        page_token::issue(keyring, &self.bound(), self.browser.as_bytes(), &place)
    }

    /// What the form carries; `None` where the mark is not its own, is another browser's, or is too old.
    pub fn read(&self, keyring: &Keyring, mark: &str, at: Millis) -> Option<String> {
        self.place(keyring, mark).filter(|place| is_young(place, at)).map(|place| place.after)
    }

    /// The same, however old the mark is: what the form has shown, and no leave to do anything.
    pub fn read_late(&self, keyring: &Keyring, mark: &str) -> Option<String> {
        self.place(keyring, mark).map(|place| place.after)
    }

    fn place(&self, keyring: &Keyring, mark: &str) -> Option<Place> {
        if self.browser.is_empty() {
            return None;
        }
        page_token::read(keyring, &self.bound(), self.browser.as_bytes(), mark)
    }

    fn bound(&self) -> String {
        format!("form {}", self.name)
    }
}

/// Where a person goes on to once signed in, because an app or a page of ours has sent the person to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onward {
    /// Path and query, on this server.
    pub target: String,
    /// What is called so to the person; empty for a page of ours.
    pub name: String,
    /// Where the target may lead on to, as a Content-Security-Policy has it; empty for nowhere.
    pub leads_to: String,
    /// The number of the directory to sign in to.
    pub directory: i64,
    /// Whether a session that is there is not enough. That is so for an hour: later the target decides anew.
    pub again: bool,
}

/// The name under which it is bound.
const ONWARD: &str = "onward";

impl Onward {
    /// The text that stands for it in addresses and forms.
    pub fn bind(&self, keyring: &Keyring, at: Millis) -> String {
        let after = serde_json::to_string(self).expect("a plain struct with text keys");
        page_token::issue(keyring, ONWARD, b"", &Place { after, total: None, issued: at })
    }

    /// What a text stands for; `None` where this server has not written it. Where a person goes on to does not change
    /// while a page is open.
    pub fn read(keyring: &Keyring, text: &str, at: Millis) -> Option<Self> {
        let place = page_token::read(keyring, ONWARD, b"", text)?;
        let onward: Self = serde_json::from_str(&place.after).ok()?;
        Some(Self { again: onward.again && is_young(&place, at), ..onward })
    }
}

fn is_young(place: &Place, at: Millis) -> bool {
    (0..LIFE).contains(&at.since(place.issued))
}

/// An address, whole as it is registered, with a code and what is wanted back with it.
pub fn with_code(address: &str, code: &Secret, state: Option<&str>) -> String {
    let mut said = form_urlencoded::Serializer::new(String::new());
    said.append_pair("code", code.reveal_text().unwrap_or_default());
    if let Some(state) = state.filter(|state| !state.is_empty()) {
        said.append_pair("state", state);
    }
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{}", said.finish())
}

/// The origin of an address on the web, else its scheme, as a Content-Security-Policy has it. Browsers hold a form's
/// policy against where its answer leads.
pub fn origin_of(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else {
        let end = address.find(':').map_or(address.len(), |colon| colon + 1);
        return &address[..end];
    };
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    // What would end the list of targets, or name a user, is no host.
    let is_host = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    let length = scheme.len() + if is_web && is_host { 3 + end } else { 1 };
    &address[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        Keyring::from_text(&format!("1 {}=\n", "A".repeat(43))).expect("one key of 32 bytes")
    }

    #[test]
    fn a_mark_is_good_for_its_form_and_browser_for_an_hour() {
        let (form, at) = (FormOf { name: "a", browser: "b" }, Millis(1_000));
        let mark = form.mark(&keyring(), "carried", at);

        assert_eq!(form.read(&keyring(), &mark, at.plus(LIFE - 1)).as_deref(), Some("carried"));
        for (name, browser, at) in [
            ("a", "b", at.plus(LIFE)),
            ("a", "b", at.plus(-1)),
            ("x", "b", at),
            ("a", "x", at),
            ("a", "", at),
        ] {
            assert_eq!(FormOf { name, browser }.read(&keyring(), &mark, at), None, "{name} {browser}");
        }
        let nobody = FormOf { name: "a", browser: "" };
        assert_eq!(nobody.read(&keyring(), &nobody.mark(&keyring(), "", at), at), None);
    }

    #[test]
    fn who_goes_on_goes_where_we_wrote() {
        let onward = Onward {
            target: "/v2/x?a=b".into(),
            name: "App".into(),
            leads_to: "https://a.example".into(),
            directory: 7,
            again: true,
        };
        let text = onward.bind(&keyring(), Millis(5));

        assert_eq!(Onward::read(&keyring(), &text, Millis(6)), Some(onward.clone()));
        let late = Onward { again: false, ..onward };
        assert_eq!(Onward::read(&keyring(), &text, Millis(5 + LIFE)), Some(late));
        assert_eq!(Onward::read(&keyring(), &text[1..], Millis(6)), None);
    }

    #[test]
    fn a_form_that_was_open_for_long_says_what_it_has_shown() {
        let (form, at) = (FormOf { name: "a", browser: "b" }, Millis(1_000));
        let mark = form.mark(&keyring(), "carried", at);

        assert_eq!(form.read(&keyring(), &mark, at.plus(LIFE)), None);
        assert_eq!(form.read_late(&keyring(), &mark).as_deref(), Some("carried"));
        assert_eq!(FormOf { browser: "c", ..form }.read_late(&keyring(), &mark), None);
        assert_eq!(FormOf { browser: "", ..form }.read_late(&keyring(), &mark), None);
    }

    #[test]
    fn a_code_goes_back_with_what_the_app_wants_back() {
        for (address, state, expected) in [
            ("https://a.b/c", None, "https://a.b/c?code=c-_1"),
            ("https://a.b/c", Some(""), "https://a.b/c?code=c-_1"),
            (
                "https://a.b/c?d=e",
                Some("x&y=1\r\n#é"),
                "https://a.b/c?d=e&code=c-_1&state=x%26y%3D1%0D%0A%23%C3%A9",
            ),
        ] {
            assert_eq!(with_code(address, &Secret::new("c-_1"), state), expected);
        }
    }

    #[test]
    fn a_form_may_lead_to_its_app_alone() {
        for (uri, expected) in [
            ("https://example.com/back?x=1", "https://example.com"),
            ("https://example.com", "https://example.com"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080?x", "http://[::1]:8080"),
            ("com.example.app:/oauth", "com.example.app:"),
            ("example://back", "example:"),
            ("https://example.com;script-src/", "https:"),
        ] {
            assert_eq!(origin_of(uri), expected, "{uri}");
        }
    }
}
