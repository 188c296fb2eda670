//! Signature V3, ACS3-HMAC-SHA256: over method, path, query, headers and body.
//!
//! Source: `reference/protocol.md` §3.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::{Caller, Incomplete, Mismatch, same, single};
use crate::percent;

/// The only algorithm of the family that is served.
pub(super) const ALGORITHM: &str = "ACS3-HMAC-SHA256";

const HASH: &str = "x-acs-content-sha256";

/// A request signed by V3.
pub struct Claim<'a> {
    /// Who is said to have signed.
    pub caller: Caller<'a>,
    /// The signature as sent: what to remember a request by that has no nonce.
    pub signature: &'a str,
    /// The names listed as signed, and those that ought to be.
    signed_headers: Vec<String>,
    /// Whether all that ought to be are listed.
    lists_all: bool,
    content_hash: &'a str,
    headers: &'a HeaderMap,
}

/// What a signature covers besides the headers, as it was received.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path, raw.
    pub path: &'a str,
    /// The query, raw, without `?`.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// More signed headers than this are no request of an SDK.
const MAX_SIGNED_HEADERS: usize = 128;

impl<'a> Claim<'a> {
    /// Reads what V3 places in the headers.
    ///
    /// Those that are read may stand only once: repeated ones are signed as if they were one, joined
    /// by commas, so that a nonce with a comma could be taken apart and sent again.
    pub(super) fn read(headers: &'a HeaderMap) -> Result<Self, Incomplete> {
        let required = |name| single(headers, name)?.ok_or(Incomplete::Missing(name));
        let proof = Proof::read(required("authorization")?).ok_or(Incomplete::Malformed("authorization"))?;
        single(headers, "x-acs-action")?;
        single(headers, "x-acs-version")?;
        if proof.signed_headers.split(';').count() > MAX_SIGNED_HEADERS {
            return Err(Incomplete::Malformed("authorization"));
        }
        let mut signed_headers: Vec<String> =
            proof.signed_headers.split(';').map(|name| name.trim().to_ascii_lowercase()).collect();
        let listed = signed_headers.len();
        for name in headers_to_sign(headers) {
            if !signed_headers.iter().any(|signed| signed == name) {
                signed_headers.push(name.to_owned());
            }
        }
        let lists_all = signed_headers.len() == listed;
        signed_headers.sort_unstable();
        Ok(Self {
            caller: Caller {
                access_key_id: proof.credential,
                timestamp: required("x-acs-date")?,
                nonce: single(headers, "x-acs-signature-nonce")?,
                security_token: single(headers, "x-acs-security-token")?,
            },
            signature: proof.signature,
            signed_headers,
            lists_all,
            content_hash: required(HASH)?,
            headers,
        })
    }

    /// Checks the signature.
    ///
    /// Clients differ in how they write names and path, so up to four variants are tried.
    ///
    /// # Errors
    /// `secret` does not make this signature, the body is not the one it was made for, or a header
    /// that has to be signed is not; the mismatch shows the request with that header signed.
    pub fn verify(&self, secret: &[u8], received: &Received<'_>) -> Result<(), Mismatch> {
        let payload = hash(received.body);
        let is_whole = self.lists_all && self.content_hash == payload;
        let names = self.signed_headers.join(";");
        let headers = self.header_lines();
        let mut first = None;
        for uri in uris(received.path) {
            for query in queries(received.query) {
                let canonical = Canonical {
                    method: received.method,
                    uri: &uri,
                    query: &query,
                    headers: &headers,
                    names: &names,
                    payload: &payload,
                };
                let request = canonical.request();
                let string_to_sign = string_to_sign(&request);
                let expected = signature(secret, &string_to_sign);
                if same(expected.as_bytes(), self.signature.as_bytes()) && is_whole {
                    return Ok(());
                }
                first.get_or_insert((string_to_sign, request));
            }
        }
        let (string_to_sign, request) = first.unwrap_or_default();
        Err(Mismatch {
            string_to_sign,
            canonical_request: Some(String::from_utf8_lossy(&request).into_owned()),
        })
    }

    /// One line for each signed header; the values of a repeated one are sorted and joined.
    fn header_lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for name in &self.signed_headers {
            let values = self.headers.get_all(name.as_str());
            let mut values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes().trim_ascii()).collect();
            values.sort_unstable();
            lines.extend(name.as_bytes());
            lines.push(b':');
            lines.extend(values.join(&b','));
            lines.push(b'\n');
        }
        lines
    }
}

/// What is signed on the client's side.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What is sent, apart from the headers.
    pub content: Received<'a>,
    /// The value of `Host`, exactly as it will be sent.
    pub host: &'a str,
    /// The action.
    pub action: &'a str,
    /// The API's version.
    pub version: &'a str,
    /// The body's type, where there is a body.
    pub content_type: Option<&'a str>,
}

/// Signs a request: all headers it has to be sent with, `host` and `authorization` among them.
pub fn sign(caller: &Caller<'_>, secret: &[u8], request: &Request<'_>) -> Vec<(&'static str, String)> {
    let content = &request.content;
    let payload = hash(content.body);
    let temporary = caller.security_token.map(|_| caller.access_key_id);
    let mut headers: Vec<(&'static str, String)> = [
        ("content-type", request.content_type),
        ("host", Some(request.host)),
        ("x-acs-accesskey-id", temporary),
        ("x-acs-action", Some(request.action)),
        (HASH, Some(&payload)),
        ("x-acs-date", Some(caller.timestamp)),
        ("x-acs-security-token", caller.security_token),
        ("x-acs-signature-nonce", caller.nonce),
        ("x-acs-version", Some(request.version)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?.to_owned())))
    .collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let canonical = Canonical {
        method: content.method,
        uri: content.path,
        query: &queries(content.query)[0],
        headers: lines.as_bytes(),
        names: &names,
        payload: &payload,
    };
    let signature = signature(secret, &string_to_sign(&canonical.request()));
    let key = caller.access_key_id;
    headers.push((
        "authorization",
        format!("{ALGORITHM} Credential={key},SignedHeaders={names},Signature={signature}"),
    ));
    headers
}

/// The parts of `Authorization`.
struct Proof<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Proof<'a> {
    /// Reads `<algorithm> Credential=…,SignedHeaders=…,Signature=…`, in any order, blanks after the
    /// commas tolerated.
    fn read(authorization: &'a str) -> Option<Self> {
        let (_, parts) = authorization.split_once(|c: char| c.is_ascii_whitespace())?;
        let parts: Vec<(&str, &str)> =
            parts.split(',').map(|part| part.trim().split_once('=')).collect::<Option<_>>()?;
        let part = |name| {
            let found = parts.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| *value).filter(|value| !value.is_empty())
        };
        let proof = Self {
            credential: part("Credential")?,
            signed_headers: part("SignedHeaders")?,
            signature: part("Signature")?,
        };
        (parts.len() == 3).then_some(proof)
    }
}

/// The headers present that a signature has to cover: else they could be put in on the way.
fn headers_to_sign(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| matches!(*name, "host" | "content-type") || name.starts_with("x-acs-"))
}

/// The path as sent; and as some clients rewrite it, where that differs.
fn uris(path: &str) -> Vec<Cow<'_, str>> {
    let rewritten = path.replace('+', "%20").replace('*', "%2A").replace("%7E", "~");
    if rewritten == path { vec![path.into()] } else { vec![path.into(), rewritten.into()] }
}

/// The query with names as they are, where they hold nothing that could be taken for something
/// else; and with names encoded, where that differs.
fn queries(query: &str) -> Vec<String> {
    let mut pairs: Vec<_> = percent::pairs(query.as_bytes()).collect();
    pairs.sort();
    let write = |raw: bool| {
        let mut text = String::new();
        for (name, value) in &pairs {
            if !text.is_empty() {
                text.push('&');
            }
            match str::from_utf8(name) {
                Ok(name) if raw => text.push_str(name),
                Ok(_) | Err(_) => text.extend(percent::encode(name)),
            }
            text.push('=');
            text.extend(percent::encode(value));
        }
        text
    };
    let plain = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._#-".contains(byte));
    let encoded = write(false);
    if !pairs.iter().all(|(name, _)| plain(name)) {
        return vec![encoded];
    }
    let raw = write(true);
    if raw == encoded { vec![encoded] } else { vec![raw, encoded] }
}

/// The parts of the canonical request, each already in its form.
struct Canonical<'a> {
    method: &'a str,
    uri: &'a str,
    query: &'a str,
    headers: &'a [u8],
    names: &'a str,
    payload: &'a str,
}

impl Canonical<'_> {
    fn request(&self) -> Vec<u8> {
        [
            self.method.as_bytes(),
            self.uri.as_bytes(),
            self.query.as_bytes(),
            self.headers,
            self.names.as_bytes(),
            self.payload.as_bytes(),
        ]
        .join(&b'\n')
    }
}

fn string_to_sign(canonical_request: &[u8]) -> String {
    format!("{ALGORITHM}\n{}", hash(canonical_request))
}

fn signature(secret: &[u8], string_to_sign: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(string_to_sign.as_bytes());
    hex(&mac.finalize().into_bytes())
}

pub(super) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
