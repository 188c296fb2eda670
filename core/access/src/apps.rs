//! Apps that may ask for tokens: made, listed, deleted, found, with what proves that one of them asks.
//!
//! Source: `reference/pds.md` §13.

use std::fmt::Write;

use model::event::Event;
use model::text::Line;
use model::{AccountUid, Millis, Secret};
use rand::{CryptoRng, Rng, RngExt};
use store::apps::{self as rows, Stored};
use store::{oauth_codes, refresh_tokens};
use wire::signature::same;

use crate::change::{Change, Failure};
use crate::jwt::{self, NotAKey};
use crate::keyring::Keyring;
use crate::permit::Permit;

/// Letters of client ids.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// How many of them a client id has.
const ID_LETTERS: usize = 16;
/// The longest client id that is looked up.
const LONGEST_ID: usize = 128;

/// One app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The client id.
    pub id: String,
    /// The account whose directories it may ask for.
    pub account: AccountUid,
    /// What people call it.
    pub name: String,
    /// Where people are sent back to; empty for an app that signs nobody in.
    pub redirect_uri: String,
    /// When it was made.
    pub created: Millis,
    /// The key that its assertions are signed with, as PEM.
    pub(crate) public_key: String,
    /// Keyed digest of its secret; empty for an app without one.
    pub(crate) secret: String,
}

/// A new app.
#[derive(Debug)]
pub struct NewApp<'a> {
    /// What people call it: 1 to 128 characters.
    pub name: &'a Line<128>,
    /// The key that its assertions are signed with: RSA, 2048 bits or more, as PEM.
    pub public_key: &'a str,
    /// Where people are sent back to: an absolute URI without a fragment.
    pub redirect_uri: Option<&'a str>,
    /// What it proves itself with, 8 bytes or more.
    pub secret: Option<&'a Secret>,
}

/// Why an app could not be made or deleted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No app of the account has this id.
    #[error("there is no app {0}")]
    Missing(String),
    /// The name is empty.
    #[error("the name is empty")]
    Nameless,
    /// The key is none to check assertions with.
    #[error(transparent)]
    Key(#[from] NotAKey),
    /// People cannot be sent there.
    #[error("the redirect URI must be absolute, of at most 2048 printable characters, and have no fragment")]
    RedirectUri,
    /// The secret is too short.
    #[error("the secret must have 8 bytes or more")]
    Secret,
    /// The change was not committed.
    #[error(transparent)]
    Change(#[from] Failure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Adds an app to the account that `permit` reaches; its client id.
///
/// # Errors
/// `Nameless`, `Key`, `RedirectUri`, `Secret`.
pub async fn add(change: &mut Change, permit: &Permit, new: &NewApp<'_>) -> Result<String, Error> {
    let public_key = jwt::to_pem(&jwt::public_key(new.public_key)?);
    if new.name.as_str().trim().is_empty() {
        return Err(Error::Nameless);
    }
    if new.redirect_uri.is_some_and(|uri| !is_redirect_uri(uri)) {
        return Err(Error::RedirectUri);
    }
    if new.secret.is_some_and(|secret| secret.reveal().len() < 8) {
        return Err(Error::Secret);
    }
    let tools = change.tools();
    let id = letters((tools.chance)().as_mut());
    let digest = |secret: &Secret| digest(&tools.keys.now(), &id, secret);
    let row = Stored {
        secret: new.secret.map(digest).unwrap_or_default(),
        account: permit.account(),
        name: new.name.as_str().to_owned(),
        public_key,
        redirect_uri: new.redirect_uri.unwrap_or_default().to_owned(),
        created: permit.at(),
        id,
    };
    rows::insert(change.tx(), &row).await?;
    change.record(Event::app("app.created", &row.id, &row.name));
    Ok(row.id)
}

/// Deletes an app. Every token that was given to it ends at once.
///
/// # Errors
/// `Missing` where the account has no such app.
pub async fn delete(change: &mut Change, permit: &Permit, id: &str) -> Result<(), Error> {
    let found = rows::find(change.tx(), id).await?.filter(|app| app.account == permit.account());
    let app = found.ok_or_else(|| Error::Missing(id.to_owned()))?;
    rows::delete(change.tx(), id).await?;
    refresh_tokens::end_app(change.tx(), id).await?;
    oauth_codes::end_app(change.tx(), id).await?;
    change.record(Event::app("app.deleted", id, &app.name));
    Ok(())
}

/// The account's apps, the oldest first.
///
/// # Errors
/// Of the store.
pub async fn list(reader: &mut store::Reader, account: AccountUid) -> Result<Vec<App>, Error> {
    Ok(rows::all(reader, account).await?.into_iter().map(App::from).collect())
}

/// The app with this client id. It is asked for each time, so that one is there as soon as it was made.
///
/// # Errors
/// Of the store.
pub async fn find(reader: &mut store::Reader, id: &str) -> Result<Option<App>, store::Error> {
    let is_id = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_id {
        return Ok(None);
    }
    Ok(rows::find(reader, id).await?.map(App::from))
}

impl App {
    /// Whether the app has to prove itself by its secret where it signs nothing.
    pub fn has_secret(&self) -> bool {
        !self.secret.is_empty()
    }

    /// Whether this is the app's secret, compared in constant time.
    pub fn is_secret(&self, keyring: &Keyring, given: &Secret) -> bool {
        self.has_secret() && same(digest(keyring, &self.id, given).as_bytes(), self.secret.as_bytes())
    }
}

impl From<Stored> for App {
    fn from(row: Stored) -> Self {
        Self {
            id: row.id,
            account: row.account,
            name: row.name,
            redirect_uri: row.redirect_uri,
            created: row.created,
            public_key: row.public_key,
            secret: row.secret,
        }
    }
}

fn digest(keyring: &Keyring, id: &str, secret: &Secret) -> String {
    let digest = keyring.lasting_digest(&[b"app secret", id.as_bytes(), secret.reveal()]);
    digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

fn letters(mut rng: &mut dyn CryptoRng) -> String {
    let rng: &mut dyn Rng = &mut rng;
    (0..ID_LETTERS).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

/// Whether people can be sent there: a scheme that runs no script, and something behind it, all of it printable ASCII. On
/// the web that is a host, without a user, which is what a form's policy names.
///
/// Source: RFC 6749 §3.1.2; native apps have schemes of their own, RFC 8252 §7.1.
pub fn is_redirect_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let runs = ["javascript", "data", "vbscript", "file", "about", "blob"];
    let is_harmless = !runs.iter().any(|bad| scheme.eq_ignore_ascii_case(bad));
    let is_printable = uri.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&b));
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    let has_host =
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    uri.len() <= 2048 && is_scheme && is_harmless && is_printable && !rest.is_empty() && (!is_web || has_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_to_absolute_addresses_that_run_nothing() {
        let long = format!("https://example.com/{}", "a".repeat(2048));
        let cases = [
            ("https://example.com/back?x=1", true),
            ("http://127.0.0.1:8080/callback", true),
            ("com.example.app:/oauth", true),
            ("example://back", true),
            ("/back", false),
            ("example.com/back", false),
            ("https:", false),
            ("https://", false),
            ("https:///back", false),
            ("https://?back", false),
            ("https://user:password@example.com/back", false),
            ("https://example.com;x/back", false),
            ("http://[::1]:8080/back", true),
            ("https://example.com/#part", false),
            ("https://example.com/a b", false),
            ("https://example.com/\r\nSet-Cookie: a", false),
            ("https://example.com/\"><script>", false),
            ("JavaScript:alert(1)", false),
            ("data:text/html,x", false),
            (long.as_str(), false),
        ];
        for (uri, expected) in cases {
            assert_eq!(is_redirect_uri(uri), expected, "{uri:?}");
        }
    }

    #[test]
    fn a_secret_is_compared_under_its_own_app() {
        let keyring = Keyring::from_text(&format!("1 {}=\n", "A".repeat(43))).expect("one key of 32 bytes");
        let secret = Secret::new("a long secret");
        let app = |id: &str, secret: &str| App {
            id: id.to_owned(),
            account: AccountUid(1),
            name: String::new(),
            redirect_uri: String::new(),
            created: Millis(0),
            public_key: String::new(),
            secret: secret.to_owned(),
        };
        let stored = digest(&keyring, "one", &secret);

        assert!(app("one", &stored).is_secret(&keyring, &secret));
        assert!(!app("two", &stored).is_secret(&keyring, &secret));
        assert!(!app("one", &stored).is_secret(&keyring, &Secret::new("another secret")));
        assert!(!app("one", "").is_secret(&keyring, &Secret::new("")));
    }
}
