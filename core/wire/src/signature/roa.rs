//! Proofs of who sent a request to the PDS API: which one it carries, and what the two signatures have in common.
//!
//! All of them are in the headers, so that a claim can be read before the body is.
//!
//! Source: `reference/protocol.md` §4; `reference/pds.md` §4.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::{Digest, Md5};

use super::acs3::Received;
use super::{Caller, Incomplete, Mismatch, acs4, roa_v1, single};
use crate::percent;

/// Which proof of the caller a request carries: read, not yet checked.
pub enum Claim<'a> {
    /// Signature V1.
    V1(roa_v1::Claim<'a>),
    /// Signature V4.
    V4(acs4::Claim<'a>),
    /// A bearer token; it may be empty.
    Bearer(&'a str),
    /// A scheme or method that is not served, by its name.
    Unsupported(&'a str),
    /// None.
    Anonymous,
}

impl<'a> Claim<'a> {
    /// Reads the claim off the headers.
    ///
    /// Clients that send a bearer token may send it twice, and anonymous calls carry a nonce and a signature method
    /// like all others: only `Authorization` tells what is claimed, and where there is none, `x-acs-bearer-token`.
    ///
    /// # Errors
    /// A signature is claimed and a part of it is missing.
    pub fn read(headers: &'a HeaderMap) -> Result<Self, Incomplete> {
        let Some(authorization) = single(headers, "authorization")? else {
            let token = single(headers, "x-acs-bearer-token")?;
            return Ok(token.map_or(Self::Anonymous, Self::Bearer));
        };
        let (scheme, proof) =
            authorization.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((authorization, ""));
        let proof = proof.trim();
        match scheme {
            roa_v1::SCHEME => match single(headers, "x-acs-signature-method")? {
                Some(method) if !method.eq_ignore_ascii_case(roa_v1::METHOD) => Ok(Self::Unsupported(method)),
                Some(_) | None => roa_v1::Claim::read(headers, proof).map(Self::V1),
            },
            acs4::ALGORITHM => acs4::Claim::read(headers, proof).map(Self::V4),
            scheme if scheme.eq_ignore_ascii_case("bearer") => Ok(Self::Bearer(proof)),
            scheme => Ok(Self::Unsupported(scheme)),
        }
    }

    /// Who is said to have signed; `None` unless by an AccessKey.
    pub fn caller(&self) -> Option<Caller<'a>> {
        match self {
            Self::V1(claim) => Some(claim.caller),
            Self::V4(claim) => Some(claim.caller),
            Self::Bearer(_) | Self::Unsupported(_) | Self::Anonymous => None,
        }
    }
}

/// A signature that does not prove the request.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// The secret does not make this signature.
    #[error(transparent)]
    Signature(Mismatch),
    /// The signature is right, and the body is not the one of the signed `Content-MD5`.
    #[error("the body does not match Content-MD5")]
    Digest,
}

/// Why these headers may stand only once: which of two is signed, one cannot tell.
const ACS: &str = "a header x-acs-";

/// The headers that a signature covers.
#[derive(Default)]
pub(super) struct Covered {
    pub(super) accept: Vec<u8>,
    pub(super) content_md5: Vec<u8>,
    pub(super) content_type: Vec<u8>,
    pub(super) date: Vec<u8>,
    /// Those whose names begin `x-acs-`, by name.
    acs: Vec<(String, Vec<u8>)>,
}

impl Covered {
    /// Takes them out of a request's headers.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Incomplete> {
        let mut acs = Vec::new();
        for name in headers.keys().filter(|name| name.as_str().starts_with("x-acs-")) {
            acs.push((name.as_str().to_owned(), alone(headers, name.as_str(), ACS)?));
        }
        acs.sort_unstable();
        let named = |name| alone(headers, name, name);
        Ok(Self {
            accept: named("accept")?,
            content_md5: named("content-md5")?,
            content_type: named("content-type")?,
            date: named("date")?,
            acs,
        })
    }

    /// Those of a request that is about to be signed.
    pub(super) fn from_pairs(pairs: &[(&'static str, String)]) -> Self {
        let mut covered = Self::default();
        for (name, value) in pairs {
            let value = value.trim().as_bytes().to_vec();
            match *name {
                "accept" => covered.accept = value,
                "content-md5" => covered.content_md5 = value,
                "content-type" => covered.content_type = value,
                "date" => covered.date = value,
                name if name.starts_with("x-acs-") => covered.acs.push((name.to_owned(), value)),
                _ => {}
            }
        }
        covered.acs.sort_unstable();
        covered
    }

    /// The names of those that begin `x-acs-`, joined by `;`.
    pub(super) fn names(&self) -> String {
        self.acs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }

    /// A line for each of those, their values as `write` has them.
    pub(super) fn lines(&self, write: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut lines = Vec::new();
        for (name, value) in &self.acs {
            lines.extend(name.as_bytes());
            lines.push(b':');
            lines.extend(write(value));
            lines.push(b'\n');
        }
        lines
    }

    /// Checks the body where `Content-MD5` is given.
    pub(super) fn check(&self, body: &[u8]) -> Result<(), Unproven> {
        let fits =
            self.content_md5.is_empty() || self.content_md5 == STANDARD.encode(Md5::digest(body)).as_bytes();
        if fits { Ok(()) } else { Err(Unproven::Digest) }
    }
}

/// The value of a header that may stand only once, trimmed; empty where there is none.
fn alone(headers: &HeaderMap, name: &str, shown: &'static str) -> Result<Vec<u8>, Incomplete> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.as_bytes().trim_ascii().to_vec()).unwrap_or_default();
    if values.next().is_some() {
        return Err(Incomplete::Repeated(shown));
    }
    Ok(value)
}

/// How an empty value is written in [`resource`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// `name`.
    Name,
    /// `name=`.
    Equals,
}

/// The path as it is, and the query decoded and ordered by name.
///
/// `None` where what is signed could be read as another query: decoded, `a=1%26b%3D2` and `a=1&b=2` are the same text.
pub(super) fn resource(received: &Received<'_>, bare: Bare) -> Option<Vec<u8>> {
    let mut pairs: Vec<_> = percent::pairs(received.query.as_bytes()).collect();
    let is_plain = pairs
        .iter()
        .all(|(name, value)| !value.contains(&b'&') && !name.iter().any(|byte| matches!(byte, b'&' | b'=')));
    if !is_plain {
        return None;
    }
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut text = received.path.as_bytes().to_vec();
    for (at, (name, value)) in pairs.iter().enumerate() {
        text.push(if at == 0 { b'?' } else { b'&' });
        text.extend(&**name);
        if bare == Bare::Equals || !value.is_empty() {
            text.push(b'=');
            text.extend(&**value);
        }
    }
    Some(text)
}

/// What is signed on the client's side.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What is sent, apart from the headers.
    pub content: Received<'a>,
    /// The operation, `CreateUser`.
    pub action: &'a str,
    /// The API's version.
    pub version: &'a str,
    /// The body's type, where there is a body.
    pub content_type: Option<&'a str>,
}

impl Request<'_> {
    /// The headers that every signed request has, with `more`; the caller's time stamp is the date as headers write it.
    pub(super) fn headers(
        &self,
        caller: &Caller<'_>,
        more: &[(&'static str, &str)],
    ) -> Vec<(&'static str, String)> {
        [
            ("accept", Some("application/json")),
            ("content-type", self.content_type),
            ("date", Some(caller.timestamp)),
            ("x-acs-action", Some(self.action)),
            ("x-acs-security-token", caller.security_token),
            ("x-acs-signature-nonce", caller.nonce),
            ("x-acs-version", Some(self.version)),
        ]
        .into_iter()
        .chain(more.iter().map(|(name, value)| (*name, Some(*value))))
        .filter_map(|(name, value)| Some((name, value?.to_owned())))
        .collect()
    }
}
