//! Proofs of who sent a request: which one it carries, and whether that is right.
//!
//! A [`Claim`] is read first, so that the caller's secret can be looked up by its key id; it is
//! checked afterwards, by the scheme's own `verify`. The PDS API has schemes of its own, and so a
//! [`roa::Claim`].
//!
//! Source: `reference/protocol.md` §1.2, §2 and §3.

pub mod acs3;
pub mod acs4;
pub mod roa;
pub mod roa_v1;
pub mod rpc_v1;

#[cfg(test)]
mod roa_tests;
#[cfg(test)]
mod tests;

use std::fmt;

use http::HeaderMap;
use subtle::ConstantTimeEq;

use crate::parameters::Parameters;

/// Whether two secrets are the same: the one comparison of signatures and tokens, whose time does
/// not depend on where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The scheme of a request, as far as its headers tell it: before the body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme<'a> {
    /// Signature V3.
    Acs3,
    /// A bearer token.
    Bearer,
    /// A scheme that is not served, by the first word of `Authorization`.
    Unsupported(&'a str),
    /// None in the headers: the parameters tell.
    Parameters,
}

impl<'a> Scheme<'a> {
    /// Reads the scheme off the headers.
    pub fn of(headers: &'a HeaderMap) -> Self {
        if let Some(authorization) = headers.get("authorization") {
            let text = authorization.to_str().unwrap_or_default();
            return match text.split_ascii_whitespace().next().unwrap_or_default() {
                acs3::ALGORITHM => Self::Acs3,
                "Bearer" => Self::Bearer,
                word => Self::Unsupported(word),
            };
        }
        if headers.contains_key("x-acs-bearer-token") {
            return Self::Bearer;
        }
        Self::Parameters
    }

    /// Whether the signature covers the body whatever its type: only then may a JSON body carry
    /// parameters. (V1 covers forms only.)
    pub fn signs_body(self) -> bool {
        self == Self::Acs3
    }
}

/// What the caller asks for, read where its scheme places it.
///
/// A request that names its action in a parameter, or is signed by V1, is asked for by parameters
/// alone: V1 signs no header, so a header must not have a say there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The action, `CreateUsers`.
    pub action: Option<&'a str>,
    /// The API's version, `2021-03-08`.
    pub version: Option<&'a str>,
    /// The answer's format, for [`crate::answer::Format::read`].
    pub format: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Reads it, also from a request whose signature cannot be read.
    pub fn read(headers: &'a HeaderMap, parameters: &'a Parameters) -> Self {
        // A bearer token signs nothing, and is refused once it is known what was asked for.
        let by_parameters = matches!(Scheme::of(headers), Scheme::Parameters | Scheme::Bearer)
            && (parameters.get("Action").is_some() || parameters.get("Signature").is_some());
        let format = parameters.get("Format");
        if by_parameters {
            return Self { action: parameters.get("Action"), version: parameters.get("Version"), format };
        }
        Self {
            action: single(headers, "x-acs-action").ok().flatten(),
            version: single(headers, "x-acs-version").ok().flatten(),
            format,
        }
    }
}

/// Who is said to have sent a request, and when.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// Which key signed.
    pub access_key_id: &'a str,
    /// When it signed, as written: `2026-01-15T08:30:00Z`.
    pub timestamp: &'a str,
    /// What makes the request the only one of its kind.
    pub nonce: Option<&'a str>,
    /// Of a temporary key.
    pub security_token: Option<&'a str>,
}

/// Which proof of the caller a request carries: read, not yet checked.
///
/// Source: `reference/protocol.md` §1.2, the eight cases.
pub enum Claim<'a> {
    /// Signature V1, in the parameters.
    Rpc(rpc_v1::Claim<'a>),
    /// Signature V3, in the headers.
    Acs3(acs3::Claim<'a>),
    /// A bearer token.
    Bearer,
    /// No proof at all.
    Anonymous,
    /// A scheme or a method that is not served, by its name: `InvalidSignatureMethod`.
    Unsupported(String),
}

impl<'a> Claim<'a> {
    /// Finds the proof. `parameters` are the query and the form; under V3 they may be a JSON body.
    ///
    /// # Errors
    /// Something is signed, but not as its scheme demands. A request without `Authorization` that
    /// carries V3's nonce or hash counts as one that lost its signature.
    pub fn read(headers: &'a HeaderMap, parameters: &'a Parameters) -> Result<Self, Incomplete> {
        match Scheme::of(headers) {
            Scheme::Acs3 => acs3::Claim::read(headers).map(Self::Acs3),
            Scheme::Bearer => Ok(Self::Bearer),
            Scheme::Unsupported(name) => Ok(Self::Unsupported(name.to_owned())),
            Scheme::Parameters => Self::read_parameters(headers, parameters),
        }
    }

    /// The caller, where the request is signed.
    pub fn caller(&self) -> Option<Caller<'a>> {
        match self {
            Self::Rpc(claim) => Some(claim.caller),
            Self::Acs3(claim) => Some(claim.caller),
            Self::Bearer | Self::Anonymous | Self::Unsupported(_) => None,
        }
    }

    fn read_parameters(headers: &'a HeaderMap, parameters: &'a Parameters) -> Result<Self, Incomplete> {
        let given = |name: &&str| parameters.get(name).is_some();
        if given(&"Signature") {
            if let Some(method) = rpc_v1::unsupported(parameters) {
                return Ok(Self::Unsupported(method.to_owned()));
            }
            return rpc_v1::Claim::read(parameters).map(Self::Rpc);
        }
        if parameters.get("SignatureType") == Some("BEARERTOKEN") {
            return Ok(Self::Bearer);
        }
        if ["AccessKeyId", "SignatureNonce", "SignatureMethod"].iter().any(given) {
            return Err(Incomplete::Missing("Signature"));
        }
        if ["x-acs-signature-nonce", "x-acs-content-sha256"].iter().any(|name| headers.contains_key(*name)) {
            return Err(Incomplete::Missing("Authorization"));
        }
        Ok(Self::Anonymous)
    }
}

/// Why a signature cannot even be checked, by the parameter or header at fault:
/// `IncompleteSignature`, or `MissingAccessKeyId` where it is that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// It is absent or empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// It is given more than once, and one cannot tell which was meant.
    #[error("{0} is given more than once")]
    Repeated(&'static str),
    /// It is not written as it should be.
    #[error("{0} is malformed")]
    Malformed(&'static str),
}

/// A signature that is not what it should be, with what the server would have signed.
///
/// This holds every parameter, passwords included: it is for the caller alone, so neither `Debug`
/// nor `Display` shows it.
#[derive(thiserror::Error)]
#[error("the signature does not match")]
pub struct Mismatch {
    string_to_sign: String,
    canonical_request: Option<String>,
}

/// Longer texts are not sent back: whoever knows a key's id could make answers larger than the requests.
const MAX_SHOWN: usize = 64 << 10;

impl Mismatch {
    /// What the server would have signed.
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }

    /// The text for the caller. SDKs parse V1's: they take what follows its only colon.
    ///
    /// Source: `reference/protocol.md` §6.3.
    pub fn message(&self) -> String {
        let string_to_sign = &self.string_to_sign;
        let canonical = self.canonical_request.as_ref();
        if string_to_sign.len() + canonical.map_or(0, String::len) > MAX_SHOWN {
            return "Specified signature is not matched with our calculation. server string to sign is:"
                .into();
        }
        match canonical {
            None => format!(
                "Specified signature is not matched with our calculation. \
                 server string to sign is:{string_to_sign}"
            ),
            Some(canonical_request) => format!(
                "Specified signature does not match our calculation. \
                 server StringToSign is [{string_to_sign}] \
                 server CanonicalRequest is [{canonical_request}]"
            ),
        }
    }
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Mismatch(…)")
    }
}

/// The text of a header that may stand only once; an empty one counts as absent.
fn single<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Incomplete> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Incomplete::Repeated(name));
    }
    let text = value.to_str().map_err(|_| Incomplete::Malformed(name))?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty()))
}
