//! What a request is answered with.

use std::borrow::Cow;

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{Response, StatusCode};
use wire::pds::{self, Answer};
use wire::{Fault, Format, answer};

use crate::events::Stream;
use crate::operations::{NO_API, PREFIX};
use crate::pages::{PageAnswer, SetCookie};
use crate::way::busy;

/// Characters of the caller's `Host` that an error repeats.
const SHOWN_HOST: usize = 255;

/// What the log has in place of a caller who is not known.
const NOBODY: &str = "-";

/// The codes of calls that came too soon.
pub(crate) const TOO_SOON: [&str; 2] = ["Throttling.User", "TooManyRequests"];

/// The header that the id of every call is in.
pub(crate) const REQUEST_ID: &str = "x-acs-request-id";

/// What goes with every page beside its policy: it is shown in no other page, and tells nobody where it was.
const PAGE: [(HeaderName, &str); 4] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// What became of a request, for its log line and the figures.
pub(crate) struct Outcome {
    pub(crate) response: Response<Vec<u8>>,
    pub(crate) action: &'static str,
    pub(crate) caller: String,
    /// Of what went wrong; empty where nothing did.
    pub(crate) code: Cow<'static, str>,
    /// Whether a bucket was asked for it.
    pub(crate) is_counted: bool,
    /// What is answered in place of the response's body, as it comes.
    pub(crate) stream: Option<Stream>,
}

impl Outcome {
    pub(crate) fn plain(action: &'static str, content_type: &'static str, text: String) -> Self {
        let mut response = Response::new(text.into_bytes());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            response,
            action,
            caller: NOBODY.to_owned(),
            code: Cow::Borrowed(""),
            is_counted: false,
            stream: None,
        }
    }

    /// Whether anybody can have as many of these as they like: nobody known has asked, or it came too soon.
    pub(crate) fn is_noise(&self) -> bool {
        self.caller == NOBODY || TOO_SOON.contains(&self.code.as_ref())
    }

    pub(crate) fn fault(
        action: &'static str,
        fault: &Fault,
        parts: &Parts,
        request_id: &str,
        format: Format,
    ) -> Self {
        let mut outcome = Self::plain(action, format.content_type(), String::new());
        outcome.fail(fault, parts, request_id, format);
        outcome
    }

    pub(crate) fn fail(&mut self, fault: &Fault, parts: &Parts, request_id: &str, format: Format) {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let host = host.get(..SHOWN_HOST).unwrap_or(host);
        self.set(request_id, format, answer::error(format, request_id, host, fault));
        self.failed(fault);
    }

    /// The status of a failure, and what it says beside its body.
    pub(crate) fn failed(&mut self, fault: &Fault) {
        self.status(fault.status);
        self.code = fault.code.clone();
        let headers = self.response.headers_mut();
        if let Some(millis) = fault.retry_after_millis {
            headers.insert("x-acs-retry-after", HeaderValue::from(millis));
            if TOO_SOON.contains(&fault.code.as_ref()) {
                headers.insert(RETRY_AFTER, HeaderValue::from(millis.div_ceil(1_000)));
                // Older SDKs read this, and want one colon in each part. Source: `reference/protocol.md` §6.4.
                if let Ok(left) = HeaderValue::try_from(format!("Remain:0,TimeLeft:{millis}")) {
                    headers.insert("x-ratelimit-user", left);
                }
            }
        }
        if matches!(fault.status, 408 | 413) {
            // What is left of the body is not waited for.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    pub(crate) fn set(&mut self, request_id: &str, format: Format, body: Vec<u8>) {
        *self.response.body_mut() = body;
        let headers = self.response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            headers.insert(REQUEST_ID, request_id);
        }
    }

    /// A short answer in place of this one, for which there is no room. What the call has changed stays: it was committed
    /// before.
    pub(crate) fn give_up(&mut self, parts: &Parts, request_id: &str) {
        let short = if parts.uri.path().starts_with(PREFIX) {
            let mut short = Self::blank();
            short.refuse(&busy());
            short.identify(request_id);
            short
        } else {
            Self::fault(self.action, &busy(), parts, request_id, Format::Json)
        };
        self.shorten(short);
    }

    /// Answers with what `short` says, of the same call by the same caller.
    pub(crate) fn shorten(&mut self, short: Self) {
        self.response = short.response;
        self.code = short.code;
    }

    /// The same of a page. The browser keeps what it was to keep: a key whose session has begun is told nowhere else.
    pub(crate) fn shorten_page(&mut self, mut short: Self) {
        for cookie in self.response.headers().get_all(SET_COOKIE) {
            short.response.headers_mut().append(SET_COOKIE, cookie.clone());
        }
        self.shorten(short);
    }

    /// An answer to an operation that nothing is known of yet.
    pub(crate) fn blank() -> Self {
        let response = Response::new(Vec::new());
        Self {
            response,
            action: "-",
            caller: NOBODY.to_owned(),
            code: Cow::Borrowed(""),
            is_counted: false,
            stream: None,
        }
    }

    /// Answers an operation.
    pub(crate) fn answer(&mut self, answer: Answer) {
        self.status(answer.status);
        let Some(body) = answer.body else { return };
        *self.response.body_mut() = body;
        self.response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(pds::CONTENT_TYPE));
    }

    /// Tells an operation's caller what went wrong.
    ///
    /// Source: `reference/pds.md` §3.1.
    pub(crate) fn refuse(&mut self, fault: &Fault) {
        self.answer(pds::error(fault));
        self.failed(fault);
        if fault.code == NO_API {
            let headers = self.response.headers_mut();
            headers.insert("x-ca-error-code", HeaderValue::from_static(NO_API));
            if let Ok(message) = HeaderValue::from_str(&fault.message) {
                headers.insert("x-ca-error-message", message);
            }
        }
    }

    /// Shows a page, whose styles are marked with `nonce`. It loads nothing, and its forms lead here and where it says.
    pub(crate) fn show(&mut self, nonce: &str, page: PageAnswer) {
        self.status(page.status);
        self.code = page.code.into();
        if !page.caller.is_empty() {
            self.caller = page.caller;
        }
        *self.response.body_mut() = page.html.into_bytes();
        let headers = self.response.headers_mut();
        headers.extend(PAGE.map(|(name, value)| (name, HeaderValue::from_static(value))));
        headers.insert(CONTENT_SECURITY_POLICY, policy(nonce, &page.leads_to));
        let location = page.location.map(|location| {
            (LOCATION, HeaderValue::try_from(location).expect("addresses are ASCII, and escaped"))
        });
        let retry_after = page.retry_after.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds)));
        headers.extend([location, retry_after].into_iter().flatten());
        for cookie in page.cookies.iter().map(SetCookie::line) {
            if let Ok(mut value) = HeaderValue::try_from(cookie) {
                value.set_sensitive(true);
                headers.append(SET_COOKIE, value);
            }
        }
    }

    /// Says which request for a page it was, and that its answer, which may hold codes, is kept nowhere.
    pub(crate) fn number(&mut self, request_id: &str) {
        let Ok(request_id) = HeaderValue::from_str(request_id) else { return };
        let headers = self.response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(REQUEST_ID, request_id);
    }

    /// Says which call to an operation it was, and that its answer, which may be a token, is kept nowhere.
    pub(crate) fn identify(&mut self, request_id: &str) {
        let Ok(request_id) = HeaderValue::from_str(request_id) else { return };
        let headers = self.response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(pds::REQUEST_ID, request_id.clone());
        headers.insert(REQUEST_ID, request_id);
    }

    fn status(&mut self, status: u16) {
        *self.response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
}

/// What a page loads, and where its forms lead. Where they were to lead to something odd, they lead here alone.
fn policy(nonce: &str, leads_to: &str) -> HeaderValue {
    let policy = |leads_to: &str| {
        format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self' {leads_to}; frame-ancestors 'none'; base-uri 'none'"
        )
    };
    let own = HeaderValue::try_from(policy(leads_to));
    own.unwrap_or_else(|_| HeaderValue::try_from(policy("")).expect("a nonce is hexadecimal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_policy_wherever_its_forms_lead() {
        for (leads_to, form) in [
            ("https://a.example", "'self' https://a.example;"),
            ("https://a\r\n", "'self' ;"),
            ("\0", "'self' ;"),
        ] {
            let mut outcome = Outcome::blank();
            let leads_to = leads_to.to_owned();
            outcome.show("00ff", PageAnswer { leads_to, ..PageAnswer::page(200, String::new()) });
            let policy = &outcome.response.headers()[CONTENT_SECURITY_POLICY];
            let policy = policy.to_str().expect("it is text");
            assert!(
                policy.starts_with("default-src 'none'; style-src 'nonce-00ff'; form-action "),
                "{policy}"
            );
            assert!(policy.contains(&format!("form-action {form}")), "{policy}");
        }
    }
}
