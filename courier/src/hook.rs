//! Text messages go to an HTTP endpoint of the installation's own, which hands them to whoever sends such messages.

use std::fmt::Write;
use std::time::Duration;

use directory::messages::Letter;
use hmac::{Hmac, KeyInit, Mac};
use model::{Millis, Secret};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Serialize;
use sha2::Sha256;

use crate::{Carried, Found, Unfit};

/// How long the endpoint may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(60);
/// The shortest secret, in bytes.
const SHORTEST_SECRET: usize = 16;
/// Answers that say that a message can never be sent.
const UNDELIVERABLE: [u16; 4] = [400, 410, 413, 422];

/// An endpoint, and the secret by which it knows who calls.
#[derive(Clone)]
pub struct Hook {
    client: Client,
    url: Url,
    secret: Secret,
}

/// What the endpoint gets.
#[derive(Serialize)]
struct Body<'a> {
    /// The same on each try.
    id: &'a str,
    /// `+8613800000000`.
    to: &'a str,
    text: &'a str,
    /// Which text it is, `password_reset`.
    template: &'a str,
}

impl Hook {
    /// An endpoint at an `https://` or `http://` address, and a secret of 16 bytes or more.
    ///
    /// # Errors
    /// `Unfit`.
    pub fn new(url: &str, secret: Secret) -> Result<Self, Unfit> {
        let unfit = |what: String| Unfit(what);
        let parsed =
            Url::parse(url).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        let url = parsed.ok_or_else(|| unfit("--text-hook: it reads https://host/path".to_owned()))?;
        if secret.reveal().len() < SHORTEST_SECRET {
            return Err(unfit(format!(
                "--text-hook-secret-file: the secret has {SHORTEST_SECRET} bytes or more"
            )));
        }
        // Redirects are not followed: only the configured host may learn what is in a message.
        let client = Client::builder().timeout(LONGEST).redirect(Policy::none()).user_agent("roster").build();
        let client = client.map_err(|error| unfit(format!("--text-hook: {error}")))?;
        Ok(Self { client, url, secret })
    }

    pub(crate) async fn carry(&self, letter: &Letter, at: Millis) -> Carried {
        let body = Body {
            id: &letter.message_id,
            to: &letter.to,
            text: &letter.text,
            template: letter.template.word(),
        };
        let body = serde_json::to_string(&body).expect("a plain struct of texts");
        let timestamp = at.0.div_euclid(1_000).to_string();
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("roster-timestamp", &timestamp)
            .header("roster-signature", format!("v1={}", signature(&self.secret, &timestamp, &body)))
            .header("idempotency-key", &letter.message_id)
            .body(body);
        match request.send().await {
            Ok(answer) => judge(answer.status().as_u16()),
            // The address is the operator's own, and may hold what others should not read.
            Err(error) => Carried::later(letter.fit_to_keep(&describe(&error.without_url())), Found::Down),
        }
    }
}

fn describe(error: &reqwest::Error) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("the hook cannot be reached: {error}{source}")
}

fn judge(status: u16) -> Carried {
    let trouble = format!("the hook answered {status}");
    match status {
        200..300 => Carried::sent(),
        status if UNDELIVERABLE.contains(&status) => Carried::never(trouble),
        // A number that gets too many messages is not the way's fault.
        429 => Carried::later(trouble, Found::Up),
        _ => Carried::later(trouble, Found::Down),
    }
}

/// HMAC-SHA256 over the time stamp, a dot and the body, as hexadecimal digits.
fn signature(secret: &Secret, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal()).expect("HMAC takes keys of any length");
    for part in [timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use directory::messages::Outcome;

    use super::*;

    #[test]
    fn a_signature_is_over_time_and_body() {
        // printf '1700000000.{"id":"1"}' | openssl dgst -sha256 -hmac 0123456789abcdef
        assert_eq!(
            signature(&Secret::new("0123456789abcdef"), "1700000000", "{\"id\":\"1\"}"),
            "d5f5834972cbc6cf5590800c46ccaa0cd6c16f19c0c73dbdf9b4c56390cbc2a3"
        );
    }

    #[test]
    fn what_an_answer_means() {
        for (status, sent, never, is_down) in [
            (200, true, false, false),
            (204, true, false, false),
            (302, false, false, true),
            (400, false, true, false),
            (401, false, false, true),
            (422, false, true, false),
            (429, false, false, false),
            (503, false, false, true),
        ] {
            let carried = judge(status);
            let outcome = (carried.outcome == Outcome::Sent, matches!(carried.outcome, Outcome::Never(_)));
            let found = if is_down { Found::Down } else { Found::Up };
            assert_eq!((outcome, carried.found), ((sent, never), found), "{status}");
        }
    }

    #[test]
    fn endpoints_and_secrets() {
        let long = "0123456789abcdef";
        for (url, secret, fits) in [
            ("https://sms.example.com/send", long, true),
            ("http://127.0.0.1:9000", long, true),
            ("ftp://sms.example.com", long, false),
            ("sms.example.com", long, false),
            ("https://sms.example.com", "short", false),
        ] {
            assert_eq!(Hook::new(url, Secret::new(secret)).is_ok(), fits, "{url}");
        }
    }
}
