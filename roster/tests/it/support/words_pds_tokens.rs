//! Apps and tokens of PDS: an app is registered by the command line, and signs what it says.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use api::pds::{AccountToken, Token, TokenReply};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::client::{Answer, Fault};
use super::program::{Done, roster};
use super::rsa::{KeyPair, OWN};
use super::server::{Home, Server};
use super::words_pds::{Pds, outcome, reply};

/// What the grant by a signed text is called.
pub(crate) const BY_ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// For how long what an app signs is good, in seconds.
const GOOD_FOR: i64 = 300;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// An app that has a public key with the server, in one domain.
pub(crate) struct App {
    /// Its id.
    pub(crate) id: String,
    /// The domain that its tokens are for.
    pub(crate) domain: String,
    /// Who calls without any proof.
    pub(crate) anybody: Pds,
}

/// Runs a command on a home, whatever comes of it.
pub(crate) fn command(home: &Home, words: &[&str]) -> Done {
    let flags = home.flags();
    let arguments: Vec<&str> = words.iter().copied().chain(flags.iter().map(String::as_str)).collect();
    roster(&arguments)
}

/// A file with a text in it.
pub(crate) fn file_of(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(text.as_bytes()).expect("it can be written");
    file
}

/// Registers an app, with more words for the command; its id.
pub(crate) fn register(home: &Home, name: &str, key: &str, more: &[&str]) -> String {
    let file = file_of(key);
    let path = file.path().display().to_string();
    let words = [&["oauth-app", "create", "--name", name, "--public-key", &path], more].concat();
    let done = command(home, &words);
    assert!(done.went_well, "{done:?}");
    done.out.trim_end().to_owned()
}

/// A text that nobody has made before, as short as the JavaScript SDK makes it.
pub(crate) fn once() -> String {
    format!("once{:07}", NEXT_ID.fetch_add(1, Ordering::Relaxed))
}

/// A JSON web token of these parts, not yet signed.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// A JSON web token that a key has signed, as the JavaScript SDK makes it.
pub(crate) fn signed(key: &KeyPair, claims: &Value) -> String {
    let text = unsigned(&json!({ "alg": "RS256", "typ": "JWT" }), claims);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// The claims in a token, whoever signed it.
pub(crate) fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_else(|| panic!("{token} has parts"));
    let json = URL_SAFE_NO_PAD.decode(part).expect("base64");
    serde_json::from_slice(&json).expect("JSON")
}

impl App {
    /// A new one, in the default domain.
    pub(crate) async fn of(server: &Server) -> Self {
        let id = register(&server.home, "tests", OWN.pem, &[]);
        Self::with_id(server, id).await
    }

    /// One that is registered, in the default domain.
    pub(crate) async fn with_id(server: &Server, id: String) -> Self {
        let owner = Pds::owner(server);
        Self { id, domain: owner.domain().await, anybody: owner.nobody() }
    }

    /// What it says of a user; with `more` in place of some of it.
    pub(crate) fn claims(&self, user: &str, more: &Value) -> Value {
        let now = self.anybody.now().0 / 1_000;
        let mut claims = json!({
            "iss": self.id,
            "sub": user,
            "sub_type": "user",
            "aud": self.domain,
            "jti": once(),
            "exp": now + GOOD_FOR,
            "iat": now - GOOD_FOR,
            "auto_create": false,
        });
        for (name, value) in more.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims
    }

    /// The same, signed.
    pub(crate) fn assertion(&self, user: &str, more: &Value) -> String {
        signed(&OWN, &self.claims(user, more))
    }

    /// Asks for a token in exchange for a signed text.
    pub(crate) async fn exchange(&self, assertion: &str) -> Answer {
        let fields = [("grant_type", BY_ASSERTION), ("client_id", &self.id), ("assertion", assertion)];
        self.anybody.form("/oauth/token", &fields).await
    }

    /// What becomes of a claim: `200`, or a refusal.
    pub(crate) async fn outcome(&self, user: &str, more: &Value) -> String {
        outcome(&self.exchange(&self.assertion(user, more)).await)
    }

    /// A token of a user, who may sign in.
    pub(crate) async fn token(&self, user: &str) -> TokenReply {
        let answer = self.exchange(&self.assertion(user, &json!({}))).await;
        reply::<Token>(&answer).unwrap_or_else(|fault| panic!("{user}: {fault:?}"))
    }

    /// A token of the domain itself.
    pub(crate) async fn service_token(&self) -> TokenReply {
        let claims = json!({ "sub_type": "service" });
        let answer = self.exchange(&self.assertion(&self.domain, &claims)).await;
        reply::<Token>(&answer).expect("an app may act for its domain")
    }

    /// A user with a token.
    pub(crate) async fn user(&self, user: &str) -> Pds {
        self.anybody.bearer(&access(&self.token(user).await))
    }

    /// The domain itself, with a token.
    pub(crate) async fn service(&self) -> Pds {
        self.anybody.bearer(&access(&self.service_token().await))
    }

    /// Asks for another token as the Python SDK does.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<TokenReply, Fault> {
        let fields =
            [("grant_type", "refresh_token"), ("client_id", &self.id), ("refresh_token", refresh_token)];
        reply::<Token>(&self.anybody.form("/oauth/token", &fields).await)
    }

    /// Asks for another token as the JavaScript SDK does.
    pub(crate) async fn refresh_account(&self, refresh_token: &str) -> Result<TokenReply, Fault> {
        let body =
            json!({ "app_id": self.id, "refresh_token": refresh_token, "grant_type": "refresh_token" });
        reply::<AccountToken>(&self.anybody.call("/account/token", &body).await)
    }
}

/// The token that goes with requests.
pub(crate) fn access(reply: &TokenReply) -> String {
    reply.access_token.secret().reveal_text().expect("text").to_owned()
}

/// The token for which there is another one.
pub(crate) fn renewal(reply: &TokenReply) -> String {
    reply.refresh_token.secret().reveal_text().expect("text").to_owned()
}
