//! Signature V1 of ROA requests: HMAC-SHA1 over method, path, query and headers.
//!
//! It covers the body only where a `Content-MD5` is sent, which most clients leave out.
//!
//! Source: `reference/protocol.md` §4.1; `reference/pds.md` §4.2.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha1::Sha1;

use super::acs3::Received;
use super::roa::{Bare, Covered, Request, Unproven, resource};
use super::{Caller, Incomplete, Mismatch, same, single};

/// The first word of `Authorization`.
pub(super) const SCHEME: &str = "acs";

/// The only method of the scheme.
pub(super) const METHOD: &str = "HMAC-SHA1";

/// A request signed by V1.
pub struct Claim<'a> {
    /// Who is said to have signed; the time stamp is the header `Date`, or `x-acs-date` of who cannot set that one.
    pub caller: Caller<'a>,
    /// The signature as sent: what to remember a request by that has no nonce.
    pub signature: &'a str,
    covered: Covered,
}

impl<'a> Claim<'a> {
    /// Reads `<AccessKeyId>:<signature>`, and what V1 places in the headers.
    pub(super) fn read(headers: &'a HeaderMap, proof: &'a str) -> Result<Self, Incomplete> {
        let (access_key_id, signature) = proof
            .split_once(':')
            .filter(|(id, signature)| !id.is_empty() && !signature.is_empty())
            .ok_or(Incomplete::Malformed("authorization"))?;
        Ok(Self {
            caller: Caller {
                access_key_id,
                timestamp: timestamp(headers)?.ok_or(Incomplete::Missing("date"))?,
                nonce: single(headers, "x-acs-signature-nonce")?,
                security_token: single(headers, "x-acs-security-token")?,
            },
            signature,
            covered: Covered::of(headers)?,
        })
    }

    /// Checks the signature.
    ///
    /// Clients differ in how they write empty values and blanks, so up to four variants are tried.
    ///
    /// # Errors
    /// `secret` does not make this signature, or the body is not the one whose digest is signed.
    pub fn verify(&self, secret: &[u8], received: &Received<'_>) -> Result<(), Unproven> {
        let raw = self.covered.lines(<[u8]>::to_vec);
        let blank = self.covered.lines(blanks);
        let mut lines = vec![&blank];
        lines.extend((raw != blank).then_some(&raw));
        let mut first = None;
        for bare in [Bare::Name, Bare::Equals] {
            let resource = resource(received, bare);
            for lines in &lines {
                let text =
                    resource.as_ref().map(|it| string_to_sign(received.method, &self.covered, lines, it));
                let Some(text) = text else { continue };
                if same(signature(secret, &text).as_bytes(), self.signature.as_bytes()) {
                    return self.covered.check(received.body);
                }
                first.get_or_insert(text);
            }
        }
        Err(Unproven::Signature(Mismatch {
            string_to_sign: String::from_utf8_lossy(&first.unwrap_or_default()).into_owned(),
            canonical_request: None,
        }))
    }
}

/// Signs a request: all headers it has to be sent with, but for `host`.
pub fn sign(caller: &Caller<'_>, secret: &[u8], request: &Request<'_>) -> Vec<(&'static str, String)> {
    let own = [("x-acs-signature-method", METHOD), ("x-acs-signature-version", "1.0")];
    let mut headers = request.headers(caller, &own);
    let covered = Covered::from_pairs(&headers);
    let resource = resource(&request.content, Bare::Name).unwrap_or_default();
    let text = string_to_sign(request.content.method, &covered, &covered.lines(blanks), &resource);
    let signature = signature(secret, &text);
    headers.push(("authorization", format!("{SCHEME} {}:{signature}", caller.access_key_id)));
    headers
}

/// The time stamp: both headers are signed.
fn timestamp(headers: &HeaderMap) -> Result<Option<&str>, Incomplete> {
    let date = single(headers, "date")?;
    if date.is_some() { Ok(date) } else { single(headers, "x-acs-date") }
}

/// Tabs as some clients sign them.
fn blanks(value: &[u8]) -> Vec<u8> {
    value.iter().map(|byte| if matches!(byte, b'\t' | b'\x0C') { b' ' } else { *byte }).collect()
}

fn string_to_sign(method: &str, covered: &Covered, lines: &[u8], resource: &[u8]) -> Vec<u8> {
    let Covered { accept, content_md5, content_type, date, .. } = covered;
    let mut text =
        [method.as_bytes(), accept, content_md5, content_type, date, lines].map(<[u8]>::to_vec).join(&b'\n');
    text.extend(resource);
    text
}

fn signature(secret: &[u8], string_to_sign: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(string_to_sign);
    STANDARD.encode(mac.finalize().into_bytes())
}
