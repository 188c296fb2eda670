//! Settings of the pages.

use std::sync::Arc;

use access::apps::is_redirect_uri;
use directory::messages::Mailbox;
use model::time::MINUTE;
use pages::Settings;

use super::{File, ServeArgs};
use crate::trouble::Trouble;

const SESSION_HOURS: i64 = 12;
/// A month.
const MOST_SESSION_HOURS: i64 = 744;

/// What was said of pages.
pub(super) struct Pages {
    session_hours: Option<i64>,
    manager_return: Vec<String>,
}

impl Pages {
    /// What flags and file say; a flag is over the file.
    pub(super) fn of(args: &ServeArgs, file: &File) -> Self {
        let given = if args.manager_return.is_empty() { &file.manager_return } else { &args.manager_return };
        Self { session_hours: args.session_hours.or(file.session_hours), manager_return: given.clone() }
    }

    /// What the pages are told: whether people reach them by TLS alone, and under which host; a server in development shows
    /// what is in `mailbox`.
    pub(super) fn decide(
        self,
        is_secure: bool,
        host: Option<&str>,
        mailbox: Option<Arc<Mailbox>>,
    ) -> Result<Settings, Trouble> {
        let hours = self.session_hours.unwrap_or(SESSION_HOURS);
        if !(1..=MOST_SESSION_HOURS).contains(&hours) {
            let message = format!("--session-hours is a number from 1 to {MOST_SESSION_HOURS}");
            return Err(Trouble::Settings(message));
        }
        if let Some(address) = self.manager_return.iter().find(|address| !is_redirect_uri(address)) {
            let wanted = "an address with a scheme, and on the web with a host, without #, quotes and blanks";
            return Err(Trouble::Settings(format!("--manager-return {address} is not {wanted}")));
        }
        Ok(Settings {
            cookies: gate::Cookies::new(is_secure),
            session_life: hours * 60 * MINUTE,
            manager_returns: self.manager_return,
            site: host.map(str::to_owned),
            mailbox,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_addresses_for_managers_keep_their_bounds() {
        let decide = |session_hours, address: &str| {
            let manager_return = vec![address.to_owned()];
            ServeArgs { session_hours: Some(session_hours), manager_return, ..ServeArgs::default() }.decide()
        };

        for (hours, address, fits) in [
            (1, "https://app.example.com/back?a=b", true),
            (744, "com.example.app:/back", true),
            (0, "https://app.example.com", false),
            (745, "https://app.example.com", false),
            (12, "javascript:alert(1)", false),
            (12, "https://app.example.com/#x", false),
            (12, "https://app.example.com/ x", false),
            (12, "app.example.com", false),
            (12, "", false),
            (12, "https:x", false),
            (12, "https:///back", false),
            (12, "https://user:password@app.example.com/", false),
            (12, "https://app.example.com/\"x", false),
            (12, "https://app.example.com/a,b", true),
        ] {
            assert_eq!(decide(hours, address).is_ok(), fits, "{hours} {address}");
        }
    }

    #[test]
    fn pages_go_by_the_address_for_people() {
        for (url, is_secure, site) in [
            (Some("https://id.example.com/"), true, Some("id.example.com")),
            (Some("http://id.example.com:8080"), false, Some("id.example.com:8080")),
            (None, false, None),
        ] {
            let public_url = url.map(str::to_owned);
            let pages = ServeArgs { public_url, ..ServeArgs::default() }.decide().expect("it fits").pages;
            assert_eq!(pages.cookies, gate::Cookies::new(is_secure), "{url:?}");
            assert_eq!(pages.site.as_deref(), site, "{url:?}");
        }
        // Pages are at the root of their host.
        for url in ["https://id.example.com/people", "https://id.example.com/?a", "https://id.example.com#x"]
        {
            let given = ServeArgs { public_url: Some(url.to_owned()), ..ServeArgs::default() };
            assert!(given.decide().is_err(), "{url}");
        }
    }
}
