//! What a request is answered with.

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{Response, StatusCode};
use wire::pds::{self, Answer};
use wire::{Fault, Format, answer};

use crate::operations::{NO_API, PREFIX, PageAnswer};
use crate::way::busy;

/// Characters of the caller's `Host` that an error repeats.
const SHOWN_HOST: usize = 255;

/// The header that the id of every call is in.
const REQUEST_ID: &str = "x-acs-request-id";

/// What goes with every page: it is shown in no other page, and loads nothing.
const PAGE: [(HeaderName, &str); 5] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// What became of a request, for its log line and the figures.
pub(crate) struct Outcome {
    pub(crate) response: Response<Vec<u8>>,
    pub(crate) action: &'static str,
    pub(crate) caller: String,
    pub(crate) code: String,
}

impl Outcome {
    pub(crate) fn plain(action: &'static str, content_type: &'static str, text: String) -> Self {
        let mut response = Response::new(text.into_bytes());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { response, action, caller: "-".to_owned(), code: String::new() }
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
    fn failed(&mut self, fault: &Fault) {
        self.status(fault.status);
        fault.code.as_ref().clone_into(&mut self.code);
        let headers = self.response.headers_mut();
        if let Some(millis) = fault.retry_after_millis {
            headers.insert("x-acs-retry-after", HeaderValue::from(millis));
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

    /// Gives up an answer for which there is no room. What the call has changed stays: it was committed before.
    pub(crate) fn give_up(&mut self, parts: &Parts, request_id: &str) {
        let mut short = if parts.uri.path().starts_with(PREFIX) {
            let mut short = Self::blank();
            short.refuse(&busy());
            short.identify(request_id);
            short
        } else {
            Self::fault(self.action, &busy(), parts, request_id, Format::Json)
        };
        std::mem::swap(&mut self.response, &mut short.response);
        self.code = short.code;
    }

    /// An answer to an operation that nothing is known of yet.
    pub(crate) fn blank() -> Self {
        let response = Response::new(Vec::new());
        Self { response, action: "-", caller: "-".to_owned(), code: String::new() }
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

    /// Shows a page.
    pub(crate) fn show(&mut self, page: PageAnswer) {
        self.status(page.status);
        page.code.clone_into(&mut self.code);
        *self.response.body_mut() = page.html.into_bytes();
        let headers = self.response.headers_mut();
        headers.extend(PAGE.map(|(name, value)| (name, HeaderValue::from_static(value))));
        let location = page.location.map(|location| (LOCATION.as_str(), location));
        for (name, value) in page.headers.into_iter().chain(location) {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
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
