//! Signature V1 of RPC requests: HMAC-SHA1 over method and parameters.
//!
//! No header is signed, so none may say anything that matters.
//!
//! Source: `reference/protocol.md` §2.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{Caller, Incomplete, Mismatch, same};
use crate::parameters::Parameters;
use crate::percent;

const METHOD: &str = "HMAC-SHA1";

/// A request signed by V1.
pub struct Claim<'a> {
    /// Who is said to have signed.
    pub caller: Caller<'a>,
    /// The signature as sent: what to remember a request by that has no nonce.
    pub signature: &'a str,
    parameters: &'a Parameters,
}

impl<'a> Claim<'a> {
    /// Reads what V1 places in the parameters.
    pub(super) fn read(parameters: &'a Parameters) -> Result<Self, Incomplete> {
        let given = |name| parameters.get(name).filter(|text| !text.is_empty());
        let required = |name| given(name).ok_or(Incomplete::Missing(name));
        required("SignatureMethod")?;
        Ok(Self {
            signature: required("Signature")?,
            caller: Caller {
                access_key_id: required("AccessKeyId")?,
                timestamp: required("Timestamp")?,
                nonce: given("SignatureNonce"),
                security_token: given("SecurityToken"),
            },
            parameters,
        })
    }

    /// Checks the signature of a request with this HTTP method.
    ///
    /// # Errors
    /// `secret` does not make this signature.
    pub fn verify(&self, secret: &[u8], method: &str) -> Result<(), Mismatch> {
        let string_to_sign = string_to_sign(method, self.parameters);
        if same(signature(secret, &string_to_sign).as_bytes(), self.signature.as_bytes()) {
            return Ok(());
        }
        Err(Mismatch { string_to_sign, canonical_request: None })
    }
}

/// Signs parameters: adds the scheme's own and `Signature`.
///
/// All may travel in the query or in a form, or some here and some there.
pub fn sign(
    caller: &Caller<'_>,
    secret: &[u8],
    method: &str,
    mut pairs: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let own = [
        ("AccessKeyId", Some(caller.access_key_id)),
        ("Timestamp", Some(caller.timestamp)),
        ("SignatureNonce", caller.nonce),
        ("SecurityToken", caller.security_token),
        ("SignatureMethod", Some(METHOD)),
        ("SignatureVersion", Some("1.0")),
    ];
    for (name, value) in own {
        pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    let parameters = Parameters::from_pairs(pairs.clone());
    let signature = signature(secret, &string_to_sign(method, &parameters));
    pairs.push(("Signature".to_owned(), signature));
    pairs
}

/// The method or type of a signature that is not the one served.
pub(super) fn unsupported(parameters: &Parameters) -> Option<&str> {
    let kind = parameters.get("SignatureType").filter(|kind| !kind.is_empty());
    let method = parameters
        .get("SignatureMethod")
        .filter(|method| !method.is_empty() && !method.eq_ignore_ascii_case(METHOD));
    kind.or(method)
}

fn string_to_sign(method: &str, parameters: &Parameters) -> String {
    let mut canonical = String::new();
    for (name, value) in parameters.iter().filter(|(name, _)| *name != "Signature") {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        canonical.extend(percent::encode(name.as_bytes()));
        canonical.push('=');
        canonical.extend(percent::encode(value.as_bytes()));
    }
    let mut text = format!("{method}&%2F&");
    text.extend(percent::encode(canonical.as_bytes()));
    text
}

fn signature(secret: &[u8], string_to_sign: &str) -> String {
    let key = [secret, b"&"].concat();
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(string_to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
