//! Signature V4 of the PDS API, ACS4-HMAC-SHA256: over method, path, query, headers and body, by a key derived from day
//! and region.
//!
//! Source: `reference/pds.md` §4.3.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use super::acs3::{Received, hash, hex};
use super::roa::{Bare, Covered, Request, Unproven, resource};
use super::{Caller, Incomplete, Mismatch, same, single};

/// The only algorithm of the family that is served.
pub(super) const ALGORITHM: &str = "ACS4-HMAC-SHA256";

const HASH: &str = "x-acs-content-sha256";

/// What every scope ends in.
const PRODUCT: &str = "pds";
const REQUEST: &str = "aliyun_v4_request";

/// A request signed by V4.
pub struct Claim<'a> {
    /// Who is said to have signed; the time stamp is the header `Date`.
    pub caller: Caller<'a>,
    /// The signature as sent: what to remember a request by that has no nonce.
    pub signature: &'a str,
    scope: Scope<'a>,
    signed_headers: &'a str,
    content_hash: &'a str,
    covered: Covered,
}

/// What the key is derived for.
#[derive(Clone, Copy)]
struct Scope<'a> {
    /// The first ten characters of the header `Date`, whatever they are: `Thu, 01 Ja`.
    day: &'a str,
    region: &'a str,
}

impl<'a> Claim<'a> {
    /// Reads `Credential=…,SignedHeaders=…,Signature=…`, in this order, and what V4 places in the headers.
    pub(super) fn read(headers: &'a HeaderMap, proof: &'a str) -> Result<Self, Incomplete> {
        let required = |name| single(headers, name)?.ok_or(Incomplete::Missing(name));
        let proof = Proof::read(proof).ok_or(Incomplete::Malformed("authorization"))?;
        Ok(Self {
            caller: Caller {
                access_key_id: proof.access_key_id,
                timestamp: required("date")?,
                nonce: single(headers, "x-acs-signature-nonce")?,
                security_token: single(headers, "x-acs-security-token")?,
            },
            signature: proof.signature,
            scope: proof.scope,
            signed_headers: proof.signed_headers,
            content_hash: required(HASH)?,
            covered: Covered::of(headers)?,
        })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// `secret` does not make this signature, the scope's day is not the date's, the body is not the one it was made
    /// for, or a header is there that has to be signed and is not.
    pub fn verify(&self, secret: &[u8], received: &Received<'_>) -> Result<(), Unproven> {
        let payload = hash(received.body);
        let is_whole = self.signed_headers == self.covered.names()
            && self.content_hash == payload
            && self.scope.day == day(self.caller.timestamp);
        let canonical = canonical(received, &self.covered, &payload);
        let string_to_sign = canonical.as_ref().map(|request| string_to_sign(request)).unwrap_or_default();
        let expected = signature(&key(secret, self.scope), &string_to_sign);
        if same(expected.as_bytes(), self.signature.as_bytes()) && is_whole && canonical.is_some() {
            return self.covered.check(received.body);
        }
        Err(Unproven::Signature(Mismatch {
            string_to_sign,
            canonical_request: Some(String::from_utf8_lossy(&canonical.unwrap_or_default()).into_owned()),
        }))
    }
}

/// Signs a request: all headers it has to be sent with, but for `host`.
pub fn sign(caller: &Caller<'_>, secret: &[u8], request: &Request<'_>) -> Vec<(&'static str, String)> {
    let payload = hash(request.content.body);
    let mut headers = request.headers(caller, &[(HASH, &payload)]);
    let covered = Covered::from_pairs(&headers);
    let scope = Scope { day: day(caller.timestamp), region: "center" };
    let canonical = canonical(&request.content, &covered, &payload).unwrap_or_default();
    let signature = signature(&key(secret, scope), &string_to_sign(&canonical));
    let (id, Scope { day, region }, names) = (caller.access_key_id, scope, covered.names());
    headers.push((
        "authorization",
        format!(
            "{ALGORITHM} Credential={id}/{day}/{region}/{PRODUCT}/{REQUEST},SignedHeaders={names},Signature={signature}"
        ),
    ));
    headers
}

/// The parts of `Authorization`.
struct Proof<'a> {
    access_key_id: &'a str,
    scope: Scope<'a>,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Proof<'a> {
    /// The day holds a comma and blanks, so the parts are found by their names.
    fn read(proof: &'a str) -> Option<Self> {
        let (rest, signature) = proof.rsplit_once(",Signature=")?;
        let (credential, signed_headers) = rest.rsplit_once(",SignedHeaders=")?;
        let (access_key_id, scope) = credential.strip_prefix("Credential=")?.split_once('/')?;
        let scope =
            scope.strip_suffix(REQUEST)?.strip_suffix('/')?.strip_suffix(PRODUCT)?.strip_suffix('/')?;
        let (day, region) = scope.split_once('/')?;
        let is_filled = !access_key_id.is_empty() && !signature.is_empty();
        is_filled.then_some(Self { access_key_id, scope: Scope { day, region }, signed_headers, signature })
    }
}

/// The part of a date that keys are derived for.
fn day(date: &str) -> &str {
    date.get(..10).unwrap_or(date)
}

fn key(secret: &[u8], scope: Scope<'_>) -> Vec<u8> {
    [scope.day, scope.region, PRODUCT, REQUEST]
        .iter()
        .fold([b"aliyun_v4", secret].concat(), |key, part| hmac(&key, part.as_bytes()))
}

/// `None` where the query could be read in two ways.
fn canonical(received: &Received<'_>, covered: &Covered, payload: &str) -> Option<Vec<u8>> {
    let resource = resource(received, Bare::Name)?;
    let Covered { accept, content_md5, content_type, date, .. } = covered;
    let (lines, names) = (covered.lines(<[u8]>::to_vec), covered.names());
    let parts = [
        received.method.as_bytes(),
        &resource,
        accept,
        content_md5,
        content_type,
        date,
        &lines,
        names.as_bytes(),
        payload.as_bytes(),
    ];
    Some(parts.join(&b'\n'))
}

fn string_to_sign(canonical_request: &[u8]) -> String {
    format!("{ALGORITHM}\n{}", hash(canonical_request))
}

fn signature(key: &[u8], string_to_sign: &str) -> String {
    hex(&hmac(key, string_to_sign.as_bytes()))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
