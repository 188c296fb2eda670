//! Signed tokens in their compact form (RFC 7515): a header, claims and a signature, each in base64url. Only RS256.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, PublicEncryptingKey, PublicKey};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The one way of signing that there is.
const RS256: &str = "RS256";
/// Longer texts are no tokens: what anybody sends is not decoded without end.
const LONGEST: usize = 16 * 1024;
/// The fewest bits of a key.
const FEWEST_BITS: usize = 2048;

/// What is said of how a token is signed.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// A token that was taken apart, and that nothing is believed of yet.
pub(crate) struct Unproved<'a> {
    /// Header and claims, as they are signed.
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
    /// Which key it names, if any.
    pub(crate) key: Option<String>,
}

/// The claims of a token that somebody has signed whose key is known.
pub(crate) struct Proved<'a>(&'a str);

/// A public key that tokens are checked with.
pub(crate) struct Checker(ParsedPublicKey);

/// Why a text is no public key to check tokens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// It is a private key, which stays with its owner.
    #[error("this is a private key: give the public one (openssl pkey -in FILE -pubout)")]
    Private,
    /// It is no public key in PEM.
    #[error("a public key in PEM was expected: -----BEGIN PUBLIC KEY-----")]
    NotPem,
    /// It is no RSA key.
    #[error("the key is not an RSA key")]
    NotRsa,
    /// It is shorter than 2,048 bits, or longer than 8,192.
    #[error("an RSA key of 2048 to 8192 bits was expected")]
    Size,
}

impl<'a> Unproved<'a> {
    /// Takes a token apart; `None` where it is none, or signed in another way than by RS256.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes).ok()?;
        let is_ours = header.get("alg").and_then(|alg| alg.as_str()) == Some(RS256);
        // Extensions that must be understood, of which none is.
        let is_plain = !header.contains_key("crit");
        let key = match header.get("kid") {
            None => None,
            Some(key) => Some(key.as_str()?.to_owned()),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        (is_ours && is_plain).then_some(Self { signed, claims, signature, key })
    }

    /// The token as one to believe, if the signature is that key's.
    pub(crate) fn proved(&self, checker: &Checker) -> Option<Proved<'a>> {
        checker.0.verify_sig(self.signed.as_bytes(), &self.signature).ok()?;
        Some(Proved(self.claims))
    }
}

impl Proved<'_> {
    /// What it claims; `None` where that is something else.
    pub(crate) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(self.0).ok()?).ok()
    }
}

impl Checker {
    /// Reads a public key in DER.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).ok().map(Self)
    }

    /// Reads a public key in PEM.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        public_key(pem).ok().and_then(|der| Self::from_der(&der))
    }
}

impl fmt::Debug for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checker")
    }
}

/// The text of a token with these claims, signed with `pair`, which verifiers know by `key`.
pub(crate) fn sign(pair: &KeyPair, key: &str, claims: &impl Serialize) -> String {
    let header = Header { alg: RS256, typ: "JWT", kid: key };
    let [header, claims] = [json(&header), json(claims)].map(|part| URL_SAFE_NO_PAD.encode(part));
    let mut token = format!("{header}.{claims}");
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
        .expect("a key of 2048 bits or more has room for the digest");
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

fn json(part: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(part).expect("claims are plain structs with text keys")
}

/// The DER (`SubjectPublicKeyInfo`) of an RSA public key in PEM, written either way.
///
/// # Errors
/// Says what else it is.
pub(crate) fn public_key(pem: &str) -> Result<Vec<u8>, NotAKey> {
    let begins = |kind: &str| pem.contains(&format!("-----BEGIN {kind}-----"));
    if pem.contains("PRIVATE KEY-----") {
        return Err(NotAKey::Private);
    }
    let kinds = ["PUBLIC KEY", "RSA PUBLIC KEY"];
    let kind = kinds.into_iter().find(|kind| begins(kind)).ok_or(NotAKey::NotPem)?;
    let der = body(pem, kind).ok_or(NotAKey::NotPem)?;
    let key = PublicKey::from_der(&der).map_err(|_| NotAKey::NotRsa)?;
    let der = key.as_der().map_err(|_| NotAKey::NotRsa)?;
    // This refuses keys of other sizes.
    let is_long =
        PublicEncryptingKey::from_der(der.as_ref()).is_ok_and(|key| key.key_size_bits() >= FEWEST_BITS);
    if is_long { Ok(der.as_ref().to_vec()) } else { Err(NotAKey::Size) }
}

/// The bytes between the lines that begin and end a PEM of this kind.
fn body(pem: &str, kind: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(&format!("-----BEGIN {kind}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {kind}-----"))?;
    let body: String = body.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(body).ok()
}

/// A public key in DER as PEM.
pub(crate) fn to_pem(der: &[u8]) -> String {
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64 is ASCII"));
    let lines: Vec<&str> = lines.collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
